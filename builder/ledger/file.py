"""`ledger.jsonl` ↔ what has been built before: an entry for each note and note type, by key.

The file has a line for each entry, sorted by key, so that a diff reads well and branches merge line
by line.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from builder.anki.ids import ID_STEP, MAX_PART_ID
from builder.files import MAX_BUILT_BYTES, read_file, unread
from builder.ledger.merging import lines_of_both, merged, what_was_settled
from builder.model import Entry
from builder.notes.cloze import MAX_CARDS
from builder.problems import Error, Place, Problem, any_error, error

FILE_NAME = "ledger.jsonl"
# What to do about one that does not belong to the packages.
RESTORE = (
    f"restore {FILE_NAME} from version control, as it was when these packages were built, or"
    " rebuild it from all packages that you have: `cards ledger recover PACKAGE…`"
)

_REQUIRED = [name for name in Entry._fields if name not in Entry._field_defaults]
_MAX_ID = 1 << 53
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_JSON = json.JSONEncoder(ensure_ascii=False)


def load_ledger(
    path: Path, renamed: Mapping[str, str] = MappingProxyType({})
) -> tuple[dict[str, Entry], list[Problem]]:
    """Key → entry of a ledger file; empty if there is none yet.

    What a merge of two branches left is settled where that is certain, and warned of. `renamed` are
    fields of kinds, former name → present name.
    """
    try:
        return entries_of(path, read_file(path, MAX_BUILT_BYTES).splitlines(), renamed)
    except FileNotFoundError:
        return {}, []
    except OSError as failure:
        return {}, [unread(path, failure)]


def entries_of(
    path: Path, lines: list[bytes], renamed: Mapping[str, str] = MappingProxyType({})
) -> tuple[dict[str, Entry], list[Problem]]:
    """The same of the lines of a ledger."""
    entries: dict[str, Entry] = {}
    numbers: dict[str, int] = {}
    keys: dict[str, str] = {}  # by GUID
    # A build would take every learner's history for new.
    problems = (
        [] if lines else [error(Place(str(path)), f"the ledger is empty; {RESTORE}", Error.LEDGER)]
    )
    numbered, united = lines_of_both(str(path), lines)
    problems += [problem for problem in united if any_error([problem])]
    settled: dict[str, int] = {}
    for number, line in numbered:
        entry = _parsed(line)
        if isinstance(entry, Entry) and entry.guid in keys:
            first = entries[keys[entry.guid]]
            entry = merged(first, entry, numbers[first.key], renamed)
            if isinstance(entry, Entry):
                del entries[first.key]
                settled[entry.key] = number
        if isinstance(entry, Entry) and entry.key in entries:
            entry = (
                f"“{entry.key}” is also on line {numbers[entry.key]}, with another GUID; keep the"
                " line whose GUID the packages have, and delete the other"
            )
        if isinstance(entry, str):
            problems.append(error(Place(str(path), number), entry, Error.LEDGER))
            continue
        entries[entry.key] = entry
        numbers[entry.key] = number
        keys[entry.guid] = entry.key
    return entries, problems or [*united, *what_was_settled(str(path), settled)]


def _parsed(line: bytes) -> Entry | str:
    """The entry on a line, or what is wrong with it."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return "this line is not JSON; is it left over from a merge?"
    if not isinstance(given, dict):
        return "this line is not a JSON object"
    if unknown := sorted(given.keys() - set(Entry._fields)):
        return f"unknown key “{unknown[0]}”"
    values: dict[str, Any] = dict.fromkeys(_REQUIRED) | given
    for name, value in values.items():
        if not _fits(name, value):
            return f"this line needs a valid “{name}”; restore it from version control"
        if isinstance(value, list):
            values[name] = tuple(value)
    entry = Entry(**values)
    if entry.of_note and entry.id % ID_STEP and not entry.card_ids:
        return f"“id” must be a multiple of {ID_STEP}"
    if not entry.field_names and not all(id_ > 0 for id_ in entry.field_ids + entry.template_ids):
        return "this line needs a valid “field_ids”; restore it from version control"
    if entry.gaps and not all(number <= len(entry.gaps) for number in entry.cards + entry.new):
        return "“cards” and “new” must be numbers of “gaps”"
    return entry


def _fits(name: str, value: object) -> bool:
    """Whether an entry can have this value under this name."""
    match name:
        case "key" | "guid" | "fields" | "tags" | "note_type":
            return _is_text(value)
        case "id" | "mod":
            return _is_number(value, _MAX_ID)
        case "retired":
            return isinstance(value, str) and _DATE.fullmatch(value) is not None
        case "adopted":
            return isinstance(value, bool)
        case "gaps" | "formerly":
            return isinstance(value, list) and all(isinstance(text, str) for text in value)
        case "field_names" | "template_names":
            return isinstance(value, list) and all(map(_is_text, value))
        case "cards" | "new":
            return isinstance(value, list) and all(_is_number(n, MAX_CARDS) for n in value)
        case _:
            # Of fields, templates or cards; 0 is none.
            lowest, highest = (0, _MAX_ID) if name == "card_ids" else (~MAX_PART_ID, MAX_PART_ID)
            return isinstance(value, list) and all(_is_number(n, highest, lowest) for n in value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_number(value: object, highest: int, lowest: int = 1) -> bool:
    return type(value) is int and lowest <= value <= highest


def format_ledger(entries: Mapping[str, Entry]) -> Iterator[bytes]:
    """The lines of a ledger file, sorted by key, without values that are as usual."""
    usual = Entry._field_defaults
    for key in sorted(entries):
        values = entries[key]._asdict()
        given = {name: value for name, value in values.items() if value != usual.get(name)}
        yield f"{_JSON.encode(given)}\n".encode()
