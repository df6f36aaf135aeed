"""Notes with their stamps → the bytes of an `.apkg`, the same bytes for the same notes.

The only place that knows genanki. genanki stamps notes and note types with the time of the build,
which makes Anki overwrite a learner's edits with every import; the subclasses here take theirs from
the ledger.
"""

from __future__ import annotations

import hashlib
import html
import io
import itertools
import json
import os
import sqlite3
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import genanki

from builder.ledger import deck_id
from builder.model import Deck, Medium, Note, NoteType, Package, Stamp, Track, untracked

# The earliest date that a zip member can have; any fixed one does.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)

# Changes when the same contents are to be written in another way.
_FORMAT = "1"


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


class Contents(NamedTuple):
    """All that goes into one `.apkg`, ready to be written."""

    deck_id: int
    deck_name: str
    description: str
    note_types: tuple[tuple[NoteType, Stamp], ...]
    notes: tuple[tuple[Note, Stamp, int], ...]  # each with its `due`
    media: tuple[Medium, ...]

    def make_mark(self) -> bytes:
        """Stands for all of it; a package carries it as its zip comment."""
        # A stamp has the digests of fields and tags, a picture's name that of its bytes.
        parts = [_FORMAT, self.deck_id, self.deck_name, self.description]
        parts += [stamp for _, stamp in self.note_types]
        parts += [(*stamp[:6], due) for _, stamp, due in self.notes]
        parts += [medium.name for medium in self.media]
        return hashlib.sha256(repr(parts).encode()).hexdigest().encode()


def contents_of(
    package: Package,
    deck: Deck,
    notes: Iterable[Note],
    note_types: Iterable[NoteType],
    stamps: Mapping[str, Stamp],
    places: Mapping[str, int],
) -> Contents:
    """What a package of these notes holds.

    Anki introduces new cards by their `due`. Here that is the note's place in the learning order of
    the whole deck (key → number), so that packages imported one after another fall into one order.
    """
    listed = list(notes)
    media = {medium for note in listed for medium in note.media}
    return Contents(
        deck_id(deck),
        deck.name,
        _description(package, deck, listed),
        tuple((note_type, stamps[note_type.key]) for note_type in note_types),
        tuple((note, stamps[note.key], places[note.key]) for note in listed),
        tuple(sorted(media, key=_name)),
    )


def write_packages(wanted: Mapping[Path, Contents], track: Track = untracked) -> dict[Path, bytes]:
    """The `.apkg` for each path; what several packages share is prepared once."""
    models: dict[str, _Model] = {}
    notes: dict[str, _Note] = {}
    # Deflating is half the work, and Python lets threads do it at the same time.
    with ThreadPoolExecutor() as threads:
        zipped = {
            path: threads.submit(_zip, contents, _collection(contents, models, notes))
            for path, contents in track(list(wanted.items()), "writing packages")
        }
        return {path: future.result() for path, future in zipped.items()}


def _collection(contents: Contents, models: dict[str, _Model], notes: dict[str, _Note]) -> bytes:
    """The SQLite file of a package; adds to the prepared `models` and `notes`, by GUID."""
    deck = genanki.Deck(contents.deck_id, contents.deck_name, contents.description)
    by_cloze = {}
    for note_type, stamp in contents.note_types:
        model = models.get(stamp.guid) or _Model(note_type, stamp)
        models[stamp.guid] = by_cloze[note_type.cloze] = model
        deck.add_model(model)
    for note, stamp, due in contents.notes:
        if stamp.guid not in notes:
            notes[stamp.guid] = _Note(note, stamp, by_cloze[note.cloze], due)
        deck.add_note(notes[stamp.guid])

    connection = sqlite3.connect(":memory:")
    try:
        genanki.Package(deck).write_to_db(connection.cursor(), 0, iter(()))
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def _zip(contents: Contents, collection: bytes) -> bytes:
    names = {str(number): medium.name for number, medium in enumerate(contents.media)}
    members = [
        ("collection.anki2", collection),
        *((str(n), medium.path.read_bytes()) for n, medium in enumerate(contents.media)),
        ("media", json.dumps(names).encode()),
    ]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            member = zipfile.ZipInfo(name, _ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
        archive.comment = contents.make_mark()
    return buffer.getvalue()


def is_marked(path: Path, contents: Contents) -> bool:
    """Whether the package at `path` was written from just these contents."""
    try:
        with path.open("rb") as file:
            mark = contents.make_mark()
            file.seek(-len(mark), os.SEEK_END)
            return file.read() == mark
    except OSError:  # no such file, or a shorter one
        return False


def _name(medium: Medium) -> str:
    return medium.name


def _description(package: Package, deck: Deck, notes: Collection[Note]) -> str:
    """What Anki shows of the deck before study, as HTML: with the searches for a part of it."""
    text = f"<b>{html.escape(package.title)}</b><br>{html.escape(package.about)}"
    searches = [
        search
        for search in deck.searches
        if 0 < sum(search.selects(note.tags) for note in notes) < len(notes)
    ]
    if searches:
        text += "<br>To study a part, make a filtered deck of what one of these searches finds:<ul>"
        for search in searches:
            query, title = html.escape(search.query), html.escape(search.title)
            text += f"<li>{title}: <code>{query}</code></li>"
        text += "</ul>"
    if deck.licence:
        text += f"<br>{html.escape(deck.licence)}"
    return text
