"""Notes with their ledger entries → the bytes of an `.apkg`, the same bytes for the same notes.

The only place that knows genanki. genanki stamps notes and note types with the time of the build,
so that every import would overwrite a learner's edits; here each has the `mod` of its entry.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from builder.model import Entry, Media, Medium, Note, NoteType

if TYPE_CHECKING:
    from concurrent.futures import Future

# genanki imports this name from a package that imports asyncio, a fifth of all import time.
sys.modules.setdefault("cached_property", functools)

# As genanki writes them: a new note, to be sent to AnkiWeb (-1), and a new card.
_INSERT_NOTE = "insert into notes values (?, ?, ?, ?, -1, ?, ?, ?, 0, 0, ?)"
_INSERT_CARD = "insert into cards values (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')"

# Anki's number of its own note type for image occlusion.
_OCCLUSION = 6

# zlib's levels, for small and large collections: 4 makes them a twentieth larger than 6, the usual
# one, in half the time, and 1 a sixth larger, in a quarter.
_LEVEL, _FAST = 4, 1
_LARGE = 4 << 20
_BLOCK = 1 << 17


class Contents(NamedTuple):
    """All that goes into one `.apkg`, ready to be written.

    `deck_ids` are those of the deck itself, under an empty name, and of its subdecks. `notes` are
    with their entries and their `due`, by which Anki introduces new cards.
    """

    deck_ids: Mapping[str, int]
    deck_name: str
    description: str
    note_types: tuple[tuple[NoteType, Entry], ...]
    media: tuple[Medium, ...]
    notes: tuple[tuple[Note, Entry, int], ...]

    def mark(self) -> bytes:
        """A digest of all of it.

        Entries have digests of fields, tags and designs; a media file's name has one of its bytes.
        """
        known: list[object] = [self.deck_ids, self.deck_name, self.description]
        known += [[entry for _, entry in self.note_types], [medium.name for medium in self.media]]
        made = hashlib.sha256(repr(known).encode())
        for note, e, due in self.notes:
            row = f"\n{e.key}\n{e.guid} {e.id} {e.mod} {e.fields} {e.tags} {due} {note.fact.deck}"
            made.update(row.encode())
        return made.digest()


def media_of(things: Iterable[Note | NoteType], media: Media) -> set[Medium]:
    """The media files of notes and note types, under their names in Anki.

    Anki imports a file that no field names only if its name begins with `_`, and leaves it alone
    then when it looks for unused ones.
    """
    shown = set()
    for name in {name for thing in things for name in thing.media}:
        medium = media[name.removeprefix("_")]
        assert medium  # noqa: S101 - what shows a broken file is not built
        in_template = name.startswith("_")
        shown.add(medium._replace(name=medium.name_in_templates) if in_template else medium)
    return shown


def package_of(contents: Contents) -> bytes:
    """The `.apkg` of these contents."""
    with writing_packages({Path("one"): contents}) as packages:
        return packages[Path("one")].result().read_bytes()


@contextmanager
def writing_packages(wanted: Mapping[Path, Contents]) -> Iterator[dict[Path, Future[Path]]]:
    """The `.apkg` for each path as a temporary file, finished while the caller does something else.

    Writing rows keeps Python busy; SQLite's indexes and zlib leave it free.
    """
    from concurrent.futures import ThreadPoolExecutor  # takes long

    others = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(others) as threads:
        written = {}
        for path, contents in wanted.items():
            collection = Path(name) / f"{path.stem}.anki2"
            connection, indexes = _write_rows(contents, collection)
            written[path] = threads.submit(_finish, connection, indexes, contents, collection)
        yield written


def _model(note_type: NoteType, entry: Entry) -> Any:  # noqa: ANN401 - it has no types
    """A note type as genanki knows it, but with the `mod` of its entry."""
    import genanki

    fields = zip(note_type.fields, entry.field_ids, strict=True)
    templates = zip(note_type.templates, entry.template_ids, strict=True)
    model = genanki.Model(
        model_id=entry.id,
        name=note_type.name,
        fields=[{"name": name, "id": id_ or None} for name, id_ in fields],
        templates=[
            {"name": each.name, "qfmt": each.front, "afmt": each.back, "id": id_ or None}
            for each, id_ in templates
        ],
        css=note_type.css,
        model_type=genanki.Model.CLOZE if note_type.cloze else genanki.Model.FRONT_BACK,
    )
    if note_type.occlusion:  # by these Anki's editor knows it
        for number, field in enumerate(model.fields):
            field |= {"tag": number, "preventDeletion": number < len(model.fields) - 1}
    try:
        _ = model._req  # noqa: SLF001 - which fields a card needs, for Anki before 2.1.28
    except Exception:  # noqa: BLE001 - it raises any; imported templates may be broken
        model.__dict__["_req"] = []
    stock = {"originalStockKind": _OCCLUSION} if note_type.occlusion else {}
    to_json = model.to_json
    model.to_json = lambda _timestamp, deck_id: to_json(entry.mod, deck_id) | stock
    return model


def _write_rows(contents: Contents, path: Path) -> tuple[sqlite3.Connection, list[str]]:
    """Writes the SQLite file of a package without its indexes, and returns their statements.

    Made at the end, an index takes half the time and room.
    """
    from builder import libyaml  # noqa: F401 - genanki imports YAML

    # isort: split
    import genanki  # takes long, and not every build writes a package

    decks = [
        genanki.Deck(id_, f"{contents.deck_name}::{name}" if name else contents.deck_name)
        for name, id_ in contents.deck_ids.items()
    ]
    decks[0].description = contents.description
    for note_type, entry in contents.note_types:
        decks[0].add_model(_model(note_type, entry))
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        # Nobody else sees the file, and if we die nobody ever will.
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        genanki.Package(decks).write_to_db(connection.cursor(), 0, iter(()))
        indexes = connection.execute(
            "select name, sql from sqlite_schema where type = 'index' and sql is not null"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"drop index {name}")
        connection.executemany(_INSERT_NOTE, _note_rows(contents))
        connection.executemany(_INSERT_CARD, _card_rows(contents))
    except BaseException:
        connection.close()  # Windows removes no folder with an open file
        raise
    return connection, [statement for _, statement in indexes]


def _note_rows(contents: Contents) -> Iterator[tuple[object, ...]]:
    types = {note_type.use: entry.id for note_type, entry in contents.note_types}
    for note, entry, _ in contents.notes:
        tags, fields = f" {' '.join(note.tags)} ", "\x1f".join(note.fields)
        # Anki has no use for the last; a note that does not show its key has it there.
        key = note.key if note.own_type else ""
        first = note.fields[0]
        yield entry.id, entry.guid, types[note.use], entry.mod, tags, fields, first, key


def _card_rows(contents: Contents) -> Iterator[tuple[object, ...]]:
    for note, entry, due in contents.notes:
        for number in note.cards:
            # Not by place: a card that is gone leaves its reviews behind, under its id.
            deck_id = contents.deck_ids[note.fact.deck]
            yield entry.card_id(number), entry.id, deck_id, number - 1, entry.mod, due


def _finish(
    connection: sqlite3.Connection, indexes: Iterable[str], contents: Contents, collection: Path
) -> Path:
    """Makes the indexes, and the package beside the SQLite file."""
    with closing(connection):
        for statement in indexes:
            connection.execute(statement)
        connection.commit()
    media = {str(number): medium for number, medium in enumerate(contents.media)}
    paths = {"collection.anki2": collection} | {n: medium.path for n, medium in media.items()}
    names = {number: medium.name for number, medium in media.items()}
    level = _FAST if collection.stat().st_size > _LARGE else _LEVEL
    package = collection.with_suffix(".apkg")
    # A member that is opened by its name has the date 1 January 1980.
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, path in paths.items():
            large = path.stat().st_size > zipfile.ZIP64_LIMIT // 2
            with path.open("rb") as file, archive.open(name, "w", force_zip64=large) as member:
                shutil.copyfileobj(file, member, _BLOCK)
        with archive.open("media", "w") as member:
            member.write(json.dumps(names).encode())
    return package
