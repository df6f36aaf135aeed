"""CrowdAnki's `deck.json` → the deck in it.

CrowdAnki keeps GUIDs, and gives note types and notes ids of its own in every collection.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from builder.anki.collection import note_type_of
from builder.anki.foreign import ForeignCard, ForeignDeck, ForeignNote, ForeignType

_NO_PROMISE = (
    "CrowdAnki gives note types other ids in every collection: who has this deck through CrowdAnki"
    " imports the package with “Merge note types” ticked the first time, or Anki updates nothing"
)


def read_crowdanki(
    said: Mapping[str, Any], media: Mapping[str, bytes], lost: list[str]
) -> ForeignDeck:
    """The deck that CrowdAnki wrote; raises one of many errors if it is none of its own."""
    note_types = {str(model["crowdanki_uuid"]): _note_type(model) for model in _models(said)}
    notes = list(_notes(said, str(said["name"])))
    used = {note.note_type for note in notes}
    lost += [f"“{each.name}” has no notes" for key, each in note_types.items() if key not in used]
    found = {unicodedata.normalize("NFC", name): data for name, data in media.items()}
    listed = {unicodedata.normalize("NFC", str(name)) for name in _media_files(said)}
    lost += [f"the media file “{name}” is listed, but not there" for name in listed - found.keys()]
    return ForeignDeck(
        name=str(said["name"]),
        about=" ".join(str(said.get("desc", "")).split()),
        note_types={key: each for key, each in note_types.items() if key in used},
        notes=tuple(notes),
        media=found,
        lost=(*sorted(lost), _NO_PROMISE),
        identified=False,
    )


def _models(said: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from said.get("note_models", ())
    for child in said.get("children", ()):
        yield from _models(child)


def _media_files(said: Mapping[str, Any]) -> Iterator[str]:
    yield from said.get("media_files", ())
    for child in said.get("children", ()):
        yield from _media_files(child)


def _note_type(model: Mapping[str, Any]) -> ForeignType:
    return note_type_of({"id": 1, **model})


def _notes(said: Mapping[str, Any], deck: str) -> Iterator[ForeignNote]:
    """The notes of a deck and of those below it."""
    for note in said.get("notes", ()):
        yield ForeignNote(
            guid=str(note["guid"]),
            id=0,
            mod=0,
            note_type=str(note["note_model_uuid"]),
            fields=tuple(map(str, note["fields"])),
            tags=tuple(map(str, note.get("tags", ()))),
            cards=(ForeignCard(0, 0, deck),),
        )
    for child in said.get("children", ()):
        yield from _notes(child, f"{deck}::{child['name']}")
