"""CrowdAnki's `deck.json` → the deck in it.

CrowdAnki keeps GUIDs, and gives note types and notes ids of its own in every collection.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from builder.importing.collection import note_type_of
from builder.importing.foreign import ForeignCard, ForeignDeck, ForeignNote, ForeignType
from builder.notes.markdown import plain_text

_NO_PROMISE = (
    "CrowdAnki gives note types other ids in every collection: who has this deck through CrowdAnki"
    " imports the package with “Merge note types” ticked the first time, or Anki updates nothing"
)


def read_crowdanki(
    said: Mapping[str, Any], media: Mapping[str, bytes], lost: list[str]
) -> ForeignDeck:
    """The deck that CrowdAnki wrote; raises one of many errors if it is none of its own."""
    note_types: dict[str, ForeignType] = {}
    notes: list[ForeignNote] = []
    listed: set[str] = set()
    for name, deck in _decks(str(said["name"]), said):
        for model in deck.get("note_models", ()):
            note_types[str(model["crowdanki_uuid"])] = note_type_of({"id": 1, **model})
        for note in deck.get("notes", ()):
            foreign = ForeignNote(
                guid=str(note["guid"]),
                note_type=str(note["note_model_uuid"]),
                fields=tuple(map(str, note["fields"])) or ("",),
                tags=tuple(map(str, note.get("tags", ()))),
                cards=(ForeignCard(0, 0, name),),
            )
            notes.append(foreign)
        listed |= {unicodedata.normalize("NFC", str(file)) for file in deck.get("media_files", ())}
    missing = sorted(listed - {unicodedata.normalize("NFC", name) for name in media})
    lost += [f"the media file “{file}” is listed, but not there" for file in missing]
    return ForeignDeck(
        name=str(said["name"]),
        about=plain_text(str(said.get("desc", ""))),
        note_types=note_types,
        notes=tuple(notes),
        media=media,
        lost=(*lost, _NO_PROMISE),
        identified=False,
    )


def _decks(name: str, deck: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A deck and those below it, by their names."""
    yield name, deck
    for child in deck.get("children", ()):
        yield from _decks(f"{name}::{child['name']}", child)
