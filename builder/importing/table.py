"""A table, or notes that Anki exported as text → a deck.

Anki's own files begin with lines such as `#separator:tab`; all others with the names of columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from builder.anki.foreign import ForeignCard, ForeignDeck, ForeignNote, ForeignType
from builder.importing.types import cloze_text
from builder.notes.cloze import DELETION
from builder.notes.cloze_text import wrong_with_text

_SEPARATORS = {
    "tab": "\t",
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
    "colon": ":",
    "space": " ",
    **{sign: sign for sign in "\t,;|: "},
}
_HEADER = re.compile(r"#([a-z ]+):(.*)")
# What Anki's exports name by number, and what tables name so.
_SPECIAL = ("guid", "notetype", "deck", "tags")
_NO_PROMISE = (
    "the file tells the GUIDs of notes, but not the ids of their note types: whoever has these"
    " notes in Anki already gets no updates from a package of them"
)


class _Table(NamedTuple):
    """Rows, the names of the columns, and which column is special: its name → its place."""

    rows: Sequence[Sequence[str]]
    columns: Sequence[str]
    special: Mapping[str, int]
    said: Mapping[str, str]


def read_table(data: bytes, name: str) -> ForeignDeck:
    """The deck in a table; `name` is its name, unless the table says another."""
    table = _parsed(data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    special = table.special
    lost: list[str] = []
    fields = [at for at in range(len(table.columns)) if at not in special.values()]
    if not fields or not table.rows:
        raise ValueError
    html = table.said.get("html", "").lower() == "true"
    note_types: dict[str, ForeignType] = {}
    notes = []
    for row in table.rows:
        cells = [*row, *[""] * (len(table.columns) - len(row))]
        if len(row) > len(table.columns):
            lost.append(
                f"a row has more cells than there are columns; left out: {row[len(cells) :]}"
            )
        said = {key: cells[at].strip() for key, at in special.items()}
        type_ = said.get("notetype") or table.said.get("notetype") or "notes"
        # Only a note type for cloze deletions makes cards of them.
        cloze = _hides([cells[at] for at in fields], html=html)
        key = f"{type_}\n{cloze}"
        if key not in note_types:
            name_ = f"{type_} Cloze" if cloze and "cloze" not in type_.lower() else type_
            columns = [table.columns[at] for at in fields]
            note_types[key] = _note_type(name_, columns, cloze=cloze)
        deck = said.get("deck") or table.said.get("deck") or ""
        notes.append(
            ForeignNote(
                guid=said.get("guid", ""),
                id=0,
                mod=0,
                note_type=key,
                fields=tuple(cells[at] for at in fields),
                tags=(*said.get("tags", "").split(), *table.said.get("tags", "").split()),
                cards=(ForeignCard(0, 0, deck),) if deck else (),
            )
        )
    decks = [card.deck for note in notes for card in note.cards]
    lost += [_NO_PROMISE] if any(note.guid for note in notes) else []
    return ForeignDeck(
        name=decks[0].partition("::")[0] if decks else name,
        about="",
        note_types=note_types,
        notes=tuple(notes),
        media={},
        lost=tuple(lost),
        html=html,
        identified=False,
    )


def _hides(fields: list[str], *, html: bool) -> bool:
    """Whether a note has cloze deletions, and none that cannot be told."""
    hidden = [field for field in fields if DELETION.search(field)]
    return bool(hidden) and (html or not any(wrong_with_text(cloze_text(one)) for one in hidden))


def _note_type(name: str, fields: list[str], *, cloze: bool) -> ForeignType:
    return ForeignType(
        name=name,
        id=0,
        mod=0,
        fields=tuple(fields),
        field_ids=(),
        templates=(),
        template_ids=(),
        css="",
        cloze=cloze,
        occlusion=False,
        sort_field=next((at for at, one in enumerate(fields) if one.lower() == "id"), 0),
        extra=(),
    )


def _parsed(text: str) -> _Table:
    said: dict[str, str] = {}
    while found := _HEADER.match(text):
        said[found[1]] = found[2].strip("\n") if found[1] == "separator" else found[2].strip()
        text = text[found.end() :].removeprefix("\n")
    named = said.get("separator", "")
    separator = _SEPARATORS.get(named.strip().lower() or named) or _guessed(text)
    csv.field_size_limit(1 << 24)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(row)]
    except csv.Error:
        raise ValueError from None
    special = {
        name: int(number) - 1
        for name in _SPECIAL
        if (number := said.get(f"{name} column", "")).isdecimal() and int(number)
    }
    if "columns" in said:
        columns = next(csv.reader([said["columns"]], delimiter=separator))
    elif said:
        width = max(map(len, rows), default=0)
        fields = [at for at in range(width) if at not in special.values()]
        columns = [f"Field {fields.index(at) + 1}" if at in fields else "" for at in range(width)]
    else:
        columns, rows = (rows[0], rows[1:]) if rows else ([], [])
        lower = [column.strip().lower() for column in columns]
        special = {name: lower.index(name) for name in _SPECIAL if name in lower}
    chosen: list[str] = []
    for at, column in enumerate(columns, 1):
        called = " ".join(column.split()) or f"Column {at}"
        chosen.append(f"{called} {at}" if called in chosen else called)
    if any(at >= len(chosen) for at in special.values()):
        raise ValueError
    return _Table(rows, chosen, special, said)


def _guessed(text: str) -> str:
    """What separates the cells of the first row."""
    line = text.partition("\n")[0]
    return max("\t,;|", key=line.count)
