"""`ledger.jsonl` ↔ what has been built before: an entry for each note and note type, by key.

The file has a line for each entry, sorted by key, so that a diff reads well and branches merge line
by line. After a merge, two lines of one note become one again where that is certain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import TextIOWrapper
from itertools import zip_longest
from pathlib import Path

from builder.anki.ids import ID_STEP
from builder.files import open_file, reason_of
from builder.ledger.items import same_but_for_punctuation
from builder.model import Entry
from builder.notes.cloze import MAX_CARDS
from builder.problems import Error, Place, Problem, error

FILE_NAME = "ledger.jsonl"

_STRINGS = ("key", "guid", "fields", "tags")
_INTEGERS = ("id", "mod")
_LISTS = {
    "cards": int,
    "gaps": str,
    "new": int,
    "formerly": str,
    "field_ids": int,
    "template_ids": int,
}
_JSON = json.JSONEncoder(ensure_ascii=False)


def load_ledger(path: Path) -> tuple[dict[str, Entry], list[Problem]]:
    """Key → entry of a ledger file; empty if there is none yet."""
    try:
        # Other line separators of Unicode may stand in a text.
        with TextIOWrapper(open_file(path), encoding="utf-8", newline="\n") as file:
            return _load(str(path), file)
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as failure:
        reason = reason_of(failure) if isinstance(failure, OSError) else failure
        return {}, [error(Place(str(path)), f"the ledger cannot be read: {reason}", Error.LEDGER)]


def _load(path: str, file: Iterable[str]) -> tuple[dict[str, Entry], list[Problem]]:
    entries: dict[str, Entry] = {}
    lines: dict[str, int] = {}
    keys: dict[str, str] = {}  # by GUID
    problems = []
    for number, line in enumerate(file, 1):
        entry = _parsed(line)
        if isinstance(entry, Entry) and entry.guid in keys:
            first = entries[keys[entry.guid]]
            entry = _merged(first, entry, lines[first.key])
            if isinstance(entry, Entry):
                del entries[first.key]
        if isinstance(entry, Entry) and entry.key in entries:
            entry = (
                f"“{entry.key}” is also on line {lines[entry.key]}, with another GUID; keep the"
                " line whose GUID the packages have, and delete the other"
            )
        if isinstance(entry, str):
            problems.append(error(Place(path, number), entry, Error.LEDGER))
            continue
        entries[entry.key] = entry
        lines[entry.key] = number
        keys[entry.guid] = entry.key
    if not entries and not problems:  # a build would take every learner's history for new
        problems.append(error(Place(path), "the ledger is empty", Error.LEDGER))
    return entries, problems


def _merged(first: Entry, second: Entry, line: int) -> Entry | str:
    """One entry of two of one note, as two branches built it; or why a person must choose.

    `line` is that of the first.
    """
    names = {first.key, second.key}
    keys = {entry.key for entry in (first, second) if names <= {entry.key, *entry.formerly}}
    if len(keys) != 1:
        return (
            f"“{second.key}” has the GUID of “{first.key}” on line {line}; keep the line with the"
            " later “mod”, and delete the other"
        )
    key = keys.pop()
    older, newer = sorted((first, second), key=lambda entry: entry.mod)
    gaps = []
    for number, (was, now) in enumerate(zip_longest(older.gaps, newer.gaps, fillvalue=""), 1):
        if was and now and not same_but_for_punctuation(was, now):
            return (
                f"two branches have built “{key}” (here and on line {line}), and deletion {number}"
                f" is “{was}” in one and “{now}” in the other. If that is one item, reworded, keep"
                ' the line with the later “mod”, and delete the other. If they are two, put ""'
                ' in place of both in "gaps": then neither gets the card of the other'
            )
        gaps.append(now or was)
    former = dict.fromkeys((*newer.formerly, *older.formerly, *sorted(names)))
    del former[key]
    return newer._replace(
        key=key,
        gaps=tuple(gaps),
        new=tuple(sorted({*first.new, *second.new})),
        formerly=tuple(former),
        retired=newer.retired if older.retired else "",
    )


def _parsed(line: str) -> Entry | str:
    """The entry on a line, or what is wrong with it."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return "this line is not JSON; is it left over from a merge?"
    if not isinstance(values, dict):
        return "not a JSON object"
    if unknown := sorted(values.keys() - set(Entry._fields)):
        return f"unknown key “{unknown[0]}”"
    for name in _STRINGS:
        if type(values.get(name)) is not str or not values[name]:
            return f"“{name}” must be a string that is not empty"
    for name in _INTEGERS:
        if type(values.get(name)) is not int or not 0 < values[name] < 2**53:
            return f"“{name}” must be a positive integer"
    for name, type_ in _LISTS.items():
        if name not in values:
            continue
        listed = values[name]
        if not isinstance(listed, list) or any(type(value) is not type_ for value in listed):
            return f"“{name}” must be a list of {'integers' if type_ is int else 'strings'}"
        values[name] = tuple(listed)
    entry = Entry(**values)
    return _wrong_with(entry) or entry


def _wrong_with(entry: Entry) -> str:
    """What is wrong with an entry whose values have the right types, or nothing."""
    if entry.of_note and entry.id % ID_STEP:
        return f"“id” must be a multiple of {ID_STEP}"
    for name, numbers in (("cards", entry.cards), ("new", entry.new)):
        if not all(1 <= number <= MAX_CARDS for number in numbers):
            return f"the numbers of “{name}” must be from 1 to {MAX_CARDS}"
    count = len(entry.gaps)
    if count > MAX_CARDS or (count and any(number > count for number in entry.cards + entry.new)):
        return "“cards” and “new” must be numbers of “gaps”"
    try:
        if entry.retired:
            date.fromisoformat(entry.retired)
    except (TypeError, ValueError):
        return "“retired” is not a date"
    return ""


def format_ledger(entries: Mapping[str, Entry]) -> Iterator[bytes]:
    """The lines of a ledger file, sorted by key, without values that are as usual."""
    usual = Entry._field_defaults
    for key in sorted(entries):
        values = entries[key]._asdict()
        given = {name: value for name, value in values.items() if value != usual.get(name)}
        yield f"{_JSON.encode(given)}\n".encode()
