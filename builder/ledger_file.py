"""`ledger.jsonl` ↔ what has been built before: a row for each note and note type, by key.

The file has one line per row, sorted by key, so that a diff reads well and branches merge line by
line. After a merge, two lines of one note become one again where that is certain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import TextIOWrapper
from itertools import islice, zip_longest
from pathlib import Path
from sys import intern

from builder.files import open_file, reason_of
from builder.items import same_but_for_punctuation
from builder.model import Problem, Stamp
from builder.render import MAX_CARDS

FILE_NAME = "ledger.jsonl"

# Anki's ids are milliseconds; a note's cards are numbered from its own id.
ID_STEP = 1000

_NAMES = frozenset(Stamp._fields)
_USUAL = list(Stamp._field_defaults.values())
_LISTS = {
    "cards": int,
    "gaps": str,
    "new": int,
    "formerly": str,
    "field_ids": int,
    "template_ids": int,
}
_quoted = json.encoder.encode_basestring

_AT_ONCE = 1000  # lines


def load_ledger(path: Path) -> tuple[dict[str, Stamp], list[Problem]]:
    """Key → row of a ledger file; empty if there is none yet."""
    try:
        # Other line separators of Unicode may stand in a text.
        with TextIOWrapper(open_file(path), encoding="utf-8", newline="\n") as file:
            return _load(str(path), file)
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else error
        message = f"the ledger cannot be read: {reason}"
        return {}, [Problem(str(path), 1, 1, "error", message, "ledger")]


def _load(path: str, file: Iterable[str]) -> tuple[dict[str, Stamp], list[Problem]]:
    rows: dict[str, Stamp] = {}
    lines: dict[str, int] = {}
    keys: dict[str, str] = {}
    problems = []
    number = 0
    for number, values in enumerate(_objects(file), 1):
        row = _row(values)
        message = ""
        if isinstance(row, str):
            message = row
        elif row.guid in keys:
            first = keys[row.guid]
            merged = _merged(rows[first], row, lines[first])
            if isinstance(merged, str):
                message = merged
            else:
                del rows[first]
                row = merged
        elif row.key in rows:
            message = (
                f"“{row.key}” is also on line {lines[row.key]}, with another GUID; keep the line"
                " whose GUID the packages have, and delete the other"
            )
        if isinstance(row, str) or message:
            problems.append(Problem(path, number, 1, "error", message, "ledger"))
            continue
        rows[row.key] = row
        lines[row.key] = number
        keys[row.guid] = row.key
    if not number:  # a build would take every learner's history for new
        problems.append(Problem(path, 1, 1, "error", "the ledger is empty", "ledger"))
    return rows, problems


def _merged(first: Stamp, second: Stamp, line: int) -> Stamp | str:
    """One row of two of one note, as two branches built it; or why a person must choose.

    `line` is that of the first.
    """
    names = {first.key, second.key}
    if first.key != second.key:
        renamed = [row for row in (first, second) if names & {*row.formerly}]
        if len(renamed) != 1:
            return (
                f"“{second.key}” has the GUID of “{first.key}” on line {line}; keep the line with"
                " the later “mod”, and delete the other"
            )
        key = renamed[0].key
    else:
        key = first.key
    gaps = []
    older, newer = sorted((first, second), key=lambda row: row.mod)
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
    former.pop(key)
    return newer._replace(
        key=key,
        gaps=tuple(gaps),
        new=tuple(sorted({*first.new, *second.new})),
        formerly=tuple(former),
        retired=newer.retired if older.retired else "",
    )


def _objects(file: Iterable[str]) -> Iterator[object]:
    """What each line holds; None for one that is no JSON."""
    lines = iter(file)
    while some := list(islice(lines, _AT_ONCE)):
        try:
            objects = json.loads(f"[{','.join(some)}]")  # takes half as long as one by one
        except (ValueError, RecursionError):
            objects = []
        yield from objects if len(objects) == len(some) else map(_object, some)


def _object(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _row(values: object) -> Stamp | str:
    """The row that a line's content is, or what is wrong with it."""
    if values is None:
        return "this line is not JSON; is it left over from a merge?"
    if not isinstance(values, dict):
        return "a row must be a JSON object"
    for name in ("key", "guid", "fields", "tags"):
        if type(values.get(name)) is not str or not values[name]:
            return f"the row needs the text “{name}”"
    for name in ("id", "mod"):
        if type(values.get(name)) is not int or not 0 < values[name] < 2**53:
            return f"the row needs the number “{name}”"
    if " " not in values["key"] and values["id"] % ID_STEP:
        return f"“id” must be a multiple of {ID_STEP}"
    values["tags"] = intern(values["tags"])  # many rows have the same
    usual = len(values) == len(Stamp._fields) - len(Stamp._field_defaults)
    return Stamp(**values) if usual and _NAMES.issuperset(values) else _unusual_row(values)


def _unusual_row(values: dict[str, object]) -> Stamp | str:
    """The same of a row that has more than what each must have."""
    if unknown := sorted(values.keys() - _NAMES):
        return f"unknown key “{unknown[0]}”"
    for name, type_ in _LISTS.items():
        listed = values.get(name, [])
        if not isinstance(listed, list) or any(type(entry) is not type_ for entry in listed):
            return f"“{name}” is not a list of {'numbers' if type_ is int else 'texts'}"
        if name in ("cards", "new") and any(not 1 <= number <= MAX_CARDS for number in listed):
            return f"“{name}” has a number that is not from 1 to {MAX_CARDS}"
        if listed:
            values[name] = tuple(listed)
    row = Stamp(**values)  # type: ignore[arg-type]
    if len(row.gaps) > MAX_CARDS or (row.gaps and max((*row.cards, *row.new)) > len(row.gaps)):
        return "“cards” has a number that “gaps” has not"
    if row.retired:
        try:
            date.fromisoformat(row.retired)
        except (TypeError, ValueError):
            return "“retired” is not a date"
    return row


def format_ledger(rows: Mapping[str, Stamp]) -> Iterator[bytes]:
    """The content of a ledger file, sorted by key so that a diff reads well and branches merge."""
    keys = iter(sorted(rows))
    while some := list(islice(keys, _AT_ONCE)):
        yield "".join([_line(rows[key]) for key in some]).encode()


def _line(row: Stamp) -> str:
    """A row as `json.dumps` would write it, without what is as usual."""
    key, guid, id_, mod, fields, tags, *unusual = row
    line = (
        f'{{"key": {_quoted(key)}, "guid": {_quoted(guid)}, "id": {id_}, "mod": {mod},'
        f' "fields": {_quoted(fields)}, "tags": {_quoted(tags)}'
    )
    if unusual != _USUAL:
        for name, usual in Stamp._field_defaults.items():
            if (value := getattr(row, name)) != usual:
                line += f', "{name}": {json.dumps(value, ensure_ascii=False)}'
    return f"{line}}}\n"
