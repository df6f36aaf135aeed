"""A table, or notes that Anki exported as text → a deck.

Anki's own files begin with lines such as `#separator:tab`; all others with the names of columns.
"""

from __future__ import annotations

import csv
import io
import re

from builder.importing.foreign import ForeignCard, ForeignDeck, ForeignNote, ForeignType
from builder.importing.names import own
from builder.importing.types import cloze_text
from builder.notes.cloze import DELETION
from builder.notes.cloze_text import wrong_with_text

_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
_HEADER = re.compile(r"#([a-z ]+):(.*)\n?")
# What Anki's exports name by number, and what tables name so.
_SPECIAL = ("guid", "notetype", "deck", "tags")
_MOST_IN_CELL = 1 << 24
_NO_PROMISE = (
    "the file tells the GUIDs of notes, but not the ids of their note types: whoever has these"
    " notes in Anki already gets no updates from a package of them"
)


def read_table(data: bytes, name: str) -> ForeignDeck:
    """The deck in a table; `name` is its name, unless the table says another."""
    text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    head: dict[str, str] = {}
    while found := _HEADER.match(text):
        head[found[1]] = found[2]
        text = text[found.end() :]
    rows, columns, special = _parsed(text, head)
    fields = [at for at in range(len(columns)) if at not in special.values()]
    if not fields or not rows or any(at >= len(columns) for at in special.values()):
        raise ValueError
    html = head.get("html", "").strip().lower() == "true"
    lost: list[str] = []
    note_types: dict[str, ForeignType] = {}
    notes = []
    for row in rows:
        cells = [*row, *[""] * (len(columns) - len(row))]
        if more := cells[len(columns) :]:
            lost.append(f"a row has more cells than there are columns; left out: {more}")
        said = {key: cells[at].strip() for key, at in special.items()}
        type_ = said.get("notetype") or head.get("notetype", "").strip() or "notes"
        deck = said.get("deck") or head.get("deck", "").strip()
        texts = [cells[at] for at in fields]
        # Only a note type for cloze deletions makes cards of them.
        cloze = _hides(texts, html=html)
        note_type = ForeignType(
            name=f"{type_} Cloze" if cloze and "cloze" not in type_.lower() else type_,
            fields=tuple(columns[at] for at in fields),
            cloze=cloze,
            sort_field=next((n for n, at in enumerate(fields) if columns[at].lower() == "id"), 0),
        )
        note = ForeignNote(
            guid=said.get("guid", ""),
            note_type=f"{type_}\n{cloze}",
            fields=tuple(texts),
            tags=(*said.get("tags", "").split(), *head.get("tags", "").split()),
            cards=(ForeignCard(0, 0, deck),) if deck else (),
        )
        note_types.setdefault(note.note_type, note_type)
        notes.append(note)
    decks = [card.deck for note in notes for card in note.cards]
    return ForeignDeck(
        name=decks[0].partition("::")[0] if decks else name,
        about="",
        note_types=note_types,
        notes=tuple(notes),
        media={},
        lost=(*lost, *[_NO_PROMISE] * any(note.guid for note in notes)),
        html=html,
        identified=False,
    )


def _hides(fields: list[str], *, html: bool) -> bool:
    """Whether a note has cloze deletions, and none that cannot be told."""
    hidden = [field for field in fields if DELETION.search(field)]
    return bool(hidden) and (html or not any(wrong_with_text(cloze_text(one)) for one in hidden))


def _parsed(text: str, head: dict[str, str]) -> tuple[list[list[str]], list[str], dict[str, int]]:
    """The rows below a head, the names of the columns, and the places of those that are special."""
    named = head.get("separator", "")
    separator = _SEPARATORS.get(named.strip().lower(), named if len(named) == 1 else "")
    if not separator:  # the one that the first row has
        separator = max("\t,;|", key=text.partition("\n")[0].count)
    csv.field_size_limit(_MOST_IN_CELL)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(row)]
        columns = next(csv.reader([head.get("columns", "")], delimiter=separator), [])
    except csv.Error:
        raise ValueError from None
    numbers = {name: head.get(f"{name} column", "").strip() for name in _SPECIAL}
    special = {
        name: int(number) - 1
        for name, number in numbers.items()
        if number.isdecimal() and int(number)
    }
    if not head:
        columns, rows = rows[0] if rows else [], rows[1:]
        lower = [column.strip().lower() for column in columns]
        special = {name: lower.index(name) for name in _SPECIAL if name in lower}
    elif not columns:
        width = max(map(len, rows), default=0)
        fields = [at for at in range(width) if at not in special.values()]
        columns = [f"Field {fields.index(at) + 1}" if at in fields else "" for at in range(width)]
    taken: dict[str, int] = {}
    names = (" ".join(one.split()) or f"Column {at}" for at, one in enumerate(columns, 1))
    return rows, [own(name, taken, " ") for name in names], special
