"""`ledger.jsonl` ↔ what has been built before: an entry for each note and note type, by key.

The file has a line for each entry, sorted by key, so that a diff reads well and branches merge line
by line.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from builder.anki.ids import ID_STEP, MAX_PART_ID
from builder.files import MAX_BUILT_BYTES, read_file, unread
from builder.ledger.merging import lines_of_both, united
from builder.model import Entry
from builder.notes.cloze import MAX_CARDS
from builder.problems import Error, Place, Problem, any_error, error

FILE_NAME = "ledger.jsonl"
# What to do about one that does not belong to the packages.
RESTORE = (
    f"restore {FILE_NAME} from version control, as it was when these packages were built, or"
    " rebuild it from all packages that you have: `cards ledger recover PACKAGE…`"
)
_NO_ENTRY = (
    "this line is not as `cards build` writes it; restore it from version control, or delete it if"
    " a merge left it over"
)

# Entries that are read or written at once, which takes half the time of one by one.
_AT_ONCE = 1000
_JSON = json.JSONEncoder(ensure_ascii=False)


def _list_of(form: str) -> str:
    return rf"\[(?:{form}(?:, *{form})*)?\]"


_CHARS = r'[^"\\\x00-\x1f]*+'
_ESCAPE = r'\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})'
_TEXT = f'"{_CHARS}(?>(?:{_ESCAPE}{_CHARS})*)"'
_WORDS = f'(?!""){_TEXT}'
_NUMBER = r"[1-9]\d{0,15}"
# How the values of an entry are written, in their order.
_FORMS = {
    **dict.fromkeys(("key", "guid"), _WORDS),
    **dict.fromkeys(("id", "mod"), _NUMBER),
    **dict.fromkeys(("fields", "tags"), _WORDS),
    "cards": _list_of(_NUMBER),
    "gaps": _list_of(_TEXT),
    "new": _list_of(_NUMBER),
    "formerly": _list_of(_WORDS),
    "retired": r'"\d{4}-\d\d-\d\d"',
    **dict.fromkeys(("field_ids", "template_ids"), _list_of(r"-?\d{1,19}")),
    "adopted": "(?:true|false)",
    **dict.fromkeys(("field_names", "template_names"), _list_of(_WORDS)),
    "note_type": _WORDS,
    "card_ids": _list_of(f"(?:0|{_NUMBER})"),
}
_PAIRS = [f'"{name}": *{form}' for name, form in _FORMS.items()]
_NEEDED = len(Entry._fields) - len(Entry._field_defaults)
_OTHERS = "".join(f"(?:, *{pair})?" for pair in _PAIRS[_NEEDED:])
_LINE = re.compile(rf"\{{{', *'.join(_PAIRS[:_NEEDED])}{_OTHERS}\}}", re.ASCII)


def load_ledger(
    path: Path, renamed: Mapping[str, str] = MappingProxyType({})
) -> tuple[dict[str, Entry], list[Problem]]:
    """Key → entry of a ledger file; empty if there is none yet.

    What a merge of two branches left is settled where that is certain, and warned of. `renamed` are
    fields of kinds, former name → present name.
    """
    try:
        return entries_of(path, read_file(path, MAX_BUILT_BYTES), renamed)
    except FileNotFoundError:
        return {}, []
    except OSError as failure:
        return {}, [unread(path, failure)]


def entries_of(
    path: Path, data: bytes, renamed: Mapping[str, str] = MappingProxyType({})
) -> tuple[dict[str, Entry], list[Problem]]:
    """The same of the content of a ledger."""
    data = data.removeprefix(BOM_UTF8)
    if not data:  # a build would take every learner's history for new
        return {}, [error(Place(str(path)), f"the ledger is empty; {RESTORE}", Error.LEDGER)]
    # What is not UTF-8 becomes an escape that no text has.
    lines = [line.decode("utf-8", "backslashreplace") for line in data.splitlines()]
    del data  # it is large
    numbers, lines, problems = lines_of_both(str(path), lines)
    found = list(_parsed(lines))
    entries = {entry.key: entry for entry in found if entry}
    if len(entries) == len({entry.guid for entry in found if entry}) == len(lines):
        return entries, problems
    problems += [
        error(Place(str(path), number), _NO_ENTRY, Error.LEDGER)
        for number, entry in zip(numbers, found, strict=True)
        if not entry
    ]
    known = [(number, entry) for number, entry in zip(numbers, found, strict=True) if entry]
    entries, settled = united(str(path), known, renamed)
    problems = sorted(problems + settled)
    return entries, [problem for problem in problems if any_error([problem])] or problems


def _parsed(lines: list[str]) -> Iterator[Entry | None]:
    """The entry on each line, or None where there is none."""
    for start in range(0, len(lines), _AT_ONCE):
        some = lines[start : start + _AT_ONCE]
        if not all(map(_LINE.fullmatch, some)):
            some = list(map(_as_written, some))
        yield from map(_entry, json.loads(f"[{','.join(some)}]"))


def _as_written(line: str) -> str:
    """A line as the builder writes it, whose values may stand in another order; or null."""
    try:
        given = json.loads(line)
        known = {name: given[name] for name in Entry._fields if name in given}
        line = _JSON.encode(known if len(known) == len(given) else None)
        line.encode()  # no half of a pair
    except (ValueError, TypeError, RecursionError):
        return "null"
    return line if _LINE.fullmatch(line) else "null"


def _entry(given: dict[str, Any] | None) -> Entry | None:
    """The entry of which these are the values, unless one of them cannot be."""
    if given is None:
        return None
    if len(given) == _NEEDED:
        entry = Entry(*given.values())
    else:
        values: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in given.items()
        }
        entry = Entry(**values)
        parts = entry.field_ids + entry.template_ids
        highest = len(entry.gaps) or MAX_CARDS
        if (
            max(entry.cards + entry.new, default=0) > highest
            or max(map(abs, parts), default=0) > MAX_PART_ID
            or not (entry.field_names or all(id_ > 0 for id_ in parts))
        ):
            return None
    return entry if entry.card_ids or not entry.of_note or not entry.id % ID_STEP else None


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
