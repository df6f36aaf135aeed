"""Notes with their stamps → the bytes of an `.apkg`, the same bytes for the same notes.

The only place that knows genanki. genanki stamps notes and note types with the time of the build,
which makes Anki overwrite a learner's edits with every import; the subclasses here take theirs from
the ledger.
"""

from __future__ import annotations

import html
import io
import itertools
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import genanki

from builder.ledger import deck_id
from builder.model import Deck, Medium, Note, NoteType, Package, Stamp

# The earliest date that a zip member can have; any fixed one does.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class _Model(genanki.Model):  # type: ignore[misc]
    """A note type whose `mod` is its own."""

    def __init__(self, note_type: NoteType, stamp: Stamp) -> None:
        super().__init__(
            stamp.id,
            note_type.name,
            fields=[{"name": name} for name in note_type.fields],
            templates=[
                {"name": name, "qfmt": front, "afmt": back}
                for name, front, back in note_type.templates
            ],
            css=note_type.css,
            model_type=self.CLOZE if note_type.cloze else self.FRONT_BACK,
        )
        self.mod = stamp.mod

    def to_json(self, _timestamp: float, deck_id: int) -> dict[str, Any]:
        return super().to_json(self.mod, deck_id)  # type: ignore[no-any-return]


class _Note(genanki.Note):  # type: ignore[misc]
    """A note whose id and `mod` are its own; its cards are numbered from its id."""

    def __init__(self, note: Note, stamp: Stamp, model: _Model, due: int) -> None:
        super().__init__(model, list(note.fields), tags=note.tags, guid=stamp.guid, due=due)
        self.stamp = stamp

    def _check_invalid_html_tags_in_fields(self) -> None:
        """Nothing: genanki guesses whether a field was escaped; ours are by construction."""

    def write_to_db(
        self, cursor: sqlite3.Cursor, _timestamp: float, deck_id: int, _ids: Iterator[int]
    ) -> None:
        ids = itertools.chain([self.stamp.id], itertools.count(self.stamp.id))
        super().write_to_db(cursor, self.stamp.mod, deck_id, ids)


def write_package(
    package: Package,
    deck: Deck,
    notes: Iterable[Note],
    note_types: Iterable[NoteType],
    stamps: Mapping[str, Stamp],
    places: Mapping[str, int],
) -> bytes:
    """The `.apkg` of the notes.

    Anki introduces new cards by their `due`. Here that is the note's place in the learning order of
    the whole deck (key → number), so that packages imported one after another fall into one order.
    """
    anki_deck = genanki.Deck(deck_id(deck), deck.name, _description(package, deck))
    models = {}
    for note_type in note_types:
        models[note_type.cloze] = _Model(note_type, stamps[note_type.key])
        anki_deck.add_model(models[note_type.cloze])
    listed = list(notes)
    for note in listed:
        anki_deck.add_note(_Note(note, stamps[note.key], models[note.cloze], places[note.key]))

    connection = sqlite3.connect(":memory:")
    try:
        genanki.Package(anki_deck).write_to_db(connection.cursor(), 0, iter(()))
        connection.commit()
        collection = connection.serialize()
    finally:
        connection.close()

    media = {
        medium.name: medium.path.read_bytes()
        for medium in sorted({medium for note in listed for medium in note.media}, key=_name)
    }
    members = [
        ("collection.anki2", collection),
        *((str(number), data) for number, data in enumerate(media.values())),
        ("media", json.dumps({str(number): name for number, name in enumerate(media)}).encode()),
    ]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            member = zipfile.ZipInfo(name, _ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return buffer.getvalue()


def _name(medium: Medium) -> str:
    return medium.name


def _description(package: Package, deck: Deck) -> str:
    """What Anki shows of the deck before study, as HTML."""
    text = f"<b>{html.escape(package.title)}</b><br>{html.escape(package.about)}"
    if deck.licence:
        text += f"<br>{html.escape(deck.licence)}"
    return text
