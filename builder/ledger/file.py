"""`ledger.jsonl` ↔ what has been built before: an entry for each note and note type, by key.

The file has a line for each entry, sorted by key, so that a diff reads well and branches merge line
by line.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
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

# Entries that are read or written at once, which takes half the time of one by one.
_AT_ONCE = 1000

_NOTHING = dict.fromkeys(name for name in Entry._fields if name not in Entry._field_defaults)
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
    parsed = _parsed([line for _, line in numbered])
    for (number, _), found in zip(numbered, parsed, strict=True):
        entry = found
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


def _parsed(lines: list[bytes]) -> Iterator[Entry | str]:
    """The entry on each line, or what is wrong with it."""
    for start in range(0, len(lines), _AT_ONCE):
        some = lines[start : start + _AT_ONCE]
        entries = _parsed_at_once(some)
        yield from entries or (_entry(_object(line)) for line in some)


def _parsed_at_once(lines: list[bytes]) -> list[Entry]:
    """The same, if nothing is wrong with any line; else nothing.

    An entry has no object in it, so that none can begin on one line and end on another.
    """
    if not all(line[:1] == b"{" and line[-1:] == b"}" for line in lines):
        return []
    try:
        found = [_entry(given) for given in json.loads(b"[%s]" % b",\n".join(lines))]
    except (ValueError, RecursionError):
        return []
    entries = [entry for entry in found if isinstance(entry, Entry)]
    return entries if len(entries) == len(found) == len(lines) else []


def _object(line: bytes) -> object:
    """What a line holds, or the failure to read it."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as failure:
        return failure


def _entry(given: object) -> Entry | str:
    """The entry that the object on a line is, or what is wrong with it."""
    if isinstance(given, Exception):
        return "this line is not JSON; is it left over from a merge?"
    if not isinstance(given, dict):
        return "this line is not a JSON object"
    if not given.keys() <= _FITS.keys():
        return f"unknown key “{min(given.keys() - _FITS.keys())}”"
    values: dict[str, Any] = _NOTHING | given
    for name, value in values.items():
        if not _FITS[name](value):
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


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_date(value: object) -> bool:
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_number(value: object, highest: int = _MAX_ID, lowest: int = 1) -> bool:
    return type(value) is int and lowest <= value <= highest


def _are_cards(value: object) -> bool:
    return isinstance(value, list) and all(_is_number(number, MAX_CARDS) for number in value)


def _are_ids(value: object) -> bool:
    """Those of fields or templates; 0 is none."""
    return isinstance(value, list) and all(_is_number(n, MAX_PART_ID, ~MAX_PART_ID) for n in value)


def _are_card_ids(value: object) -> bool:
    return isinstance(value, list) and all(_is_number(n, lowest=0) for n in value)


# Whether an entry can have a value under a name.
_FITS: Mapping[str, Callable[[object], bool]] = {
    **dict.fromkeys(("key", "guid", "fields", "tags", "note_type"), _is_text),
    **dict.fromkeys(("id", "mod"), _is_number),
    **dict.fromkeys(("cards", "new"), _are_cards),
    **dict.fromkeys(("gaps", "formerly"), _are_texts),
    **dict.fromkeys(("field_ids", "template_ids"), _are_ids),
    **dict.fromkeys(("field_names", "template_names"), _are_names),
    "card_ids": _are_card_ids,
    "retired": _is_date,
    "adopted": lambda value: isinstance(value, bool),
}


def format_ledger(entries: Mapping[str, Entry]) -> Iterator[bytes]:
    """The lines of a ledger file, sorted by key, without values that are as usual."""
    keys = sorted(entries)
    usual = [Entry._field_defaults.get(name) for name in Entry._fields]
    for start in range(0, len(keys), _AT_ONCE):
        objects = [
            {
                name: value
                for name, value, default in zip(Entry._fields, entries[key], usual, strict=True)
                if value != default
            }
            for key in keys[start : start + _AT_ONCE]
        ]
        # In a text the quotes would be written with backslashes.
        lines = _JSON.encode(objects)[1:-1].replace('}, {"key": ', '}\n{"key": ')
        yield f"{lines}\n".encode()
