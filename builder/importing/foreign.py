"""A deck from elsewhere, as it was found: what all formats that are imported become first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


def amount(count: int, word: str) -> str:
    """A number of things: `1 card`, `2,000 cards`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def json_of(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """What JSON says; raises ValueError if it is none, or says half a character of UTF-16."""
    said = json.loads(text)
    json.dumps(said, ensure_ascii=False).encode()
    return said


class ForeignType(NamedTuple):
    """A note type; `ids` of fields and templates are 0 where Anki knows them by their names.

    `templates` are (name, front, back). One of a table has neither ids nor a style, and templates
    only for cloze deletions. `extra` says what it has that this builder cannot say.
    """

    name: str
    fields: tuple[str, ...]
    cloze: bool
    sort_field: int
    templates: tuple[tuple[str, str, str], ...] = ()
    css: str = ""
    id: int = 0
    mod: int = 0
    field_ids: tuple[int, ...] = ()
    template_ids: tuple[int, ...] = ()
    occlusion: bool = False
    extra: tuple[str, ...] = ()


class ForeignCard(NamedTuple):
    """A card: its number from 1, its id, its deck."""

    number: int
    id: int
    deck: str


class ForeignNote(NamedTuple):
    """A note; `note_type` is the key of its note type. It has no GUID if none is known."""

    guid: str
    note_type: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    cards: tuple[ForeignCard, ...]
    id: int = 0
    mod: int = 0


class ForeignDeck(NamedTuple):
    """A deck; `html` says whether its fields are HTML, `identified` whether Anki's ids are known.

    `lost` are sentences of what could not even be read.
    """

    name: str
    about: str
    note_types: Mapping[str, ForeignType]
    notes: tuple[ForeignNote, ...]
    media: Mapping[str, bytes]
    lost: tuple[str, ...]
    html: bool = True
    identified: bool = True
