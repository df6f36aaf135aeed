"""Notes with their stamps → the bytes of an `.apkg`, the same bytes for the same notes.

The only place that knows genanki. genanki stamps notes and note types with the time of the build,
which makes Anki overwrite a learner's edits with every import; the subclasses here take theirs from
the ledger.
"""

from __future__ import annotations

import hashlib
import html
import json
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import genanki

from builder.ledger import deck_id
from builder.model import SEPARATOR, Deck, Medium, Note, NoteType, Package, Stamp, Track, untracked
from builder.render import finished
from builder.tags import Tally

# As genanki writes them: a new note, to be sent to AnkiWeb (-1), and a new card.
_INSERT_NOTE = "insert into notes values (?, ?, ?, ?, -1, ?, ?, ?, 0, 0, '')"
_INSERT_CARD = "insert into cards values (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')"

# zlib's levels: the usual one, and one that makes a large collection a tenth larger in a quarter of
# the time.
_LEVEL, _FAST = 6, 1
_LARGE = 4 << 20
_BLOCK = 2 << 20


class _Model(genanki.Model):  # type: ignore[misc]
    """A note type whose `mod` is its own, and whose fields and templates have ids."""

    def __init__(self, note_type: NoteType, stamp: Stamp) -> None:
        super().__init__(
            stamp.id,
            note_type.name,
            fields=[
                {"name": name, "id": id_}
                for name, id_ in zip(note_type.fields, stamp.field_ids, strict=True)
            ],
            templates=[
                {"name": name, "qfmt": front, "afmt": back, "id": id_}
                for (name, front, back), id_ in zip(
                    note_type.templates, stamp.template_ids, strict=True
                )
            ],
            css=note_type.css,
            model_type=self.CLOZE if note_type.cloze else self.FRONT_BACK,
        )
        self.mod = stamp.mod

    def to_json(self, _timestamp: float, deck_id: int) -> dict[str, Any]:
        return super().to_json(self.mod, deck_id)  # type: ignore[no-any-return]


class _Deck(genanki.Deck):  # type: ignore[misc]
    """A deck whose notes are written all at once; ids and `mod` are their stamps'."""

    def __init__(self, contents: Contents) -> None:
        super().__init__(contents.deck_id, contents.deck_name, contents.description)
        self.contents = contents
        self.indexes: list[str] = []
        for note_type, stamp in contents.note_types:
            self.add_model(_Model(note_type, stamp))

    def write_to_db(self, cursor: sqlite3.Cursor, timestamp: float, ids: Iterator[int]) -> None:
        super().write_to_db(cursor, timestamp, ids)  # the deck and its note types
        # Filled at the end, an index takes half the time and room.
        indexes = cursor.execute(
            "select name, sql from sqlite_schema where type = 'index' and sql is not null"
        ).fetchall()
        for name, statement in indexes:
            cursor.execute(f"drop index {name}")
            self.indexes.append(statement)
        cursor.executemany(_INSERT_NOTE, self._note_rows())
        cursor.executemany(_INSERT_CARD, self._card_rows())

    def _note_rows(self) -> Iterator[tuple[object, ...]]:
        types = {note_type.cloze: stamp.id for note_type, stamp in self.contents.note_types}
        join = cache(lambda tags: f" {' '.join(tags)} ")  # many notes have the same
        for note, stamp, _ in self.contents.rows():
            text = note.text
            first = text[: text.index(SEPARATOR)]
            yield stamp.id, stamp.guid, types[note.cloze], stamp.mod, join(note.tags), text, first

    def _card_rows(self) -> Iterator[tuple[object, ...]]:
        for note, stamp, due in self.contents.rows():
            for number in note.cards:
                # Not by place: a card that is gone leaves its reviews behind, under its id.
                id_ = stamp.id + number - 1
                yield id_, stamp.id, self.deck_id, number - 1, stamp.mod, due


class Contents(NamedTuple):
    """All that goes into one `.apkg`, ready to be written.

    Anki introduces new cards by their `due`, which is one for each note. `mark` stands for all the
    rest.
    """

    deck_id: int
    deck_name: str
    description: str
    note_types: tuple[tuple[NoteType, Stamp], ...]
    media: tuple[Medium, ...]
    notes: Sequence[Note]
    dues: Sequence[int]
    stamps: Sequence[Stamp]
    mark: bytes

    def rows(self) -> Iterator[tuple[Note, Stamp, int]]:
        """Each note with its stamp and its `due`."""
        return zip(self.notes, self.stamps, self.dues, strict=True)


def contents_of(
    package: Package,
    deck: Deck,
    notes: Sequence[Note],
    dues: Sequence[int],
    tally: Tally,
    note_types: Iterable[NoteType],
    stamps: Mapping[str, Stamp],
) -> Contents:
    """What a package of these notes holds; `tally` is theirs.

    Their `dues` are places in the learning order of the whole deck, so that packages imported one
    after another fall into one order.
    """
    media = {medium for note in notes for medium in note.media}
    contents = Contents(
        deck_id(deck),
        deck.name,
        _description(package, deck, tally),
        tuple((note_type, stamps[note_type.key]) for note_type in note_types),
        tuple(sorted(media, key=_name)),
        *(notes, dues, [stamps[note.key] for note in notes]),
        b"",
    )
    return contents._replace(mark=_mark(contents))


def _mark(contents: Contents) -> bytes:
    # A stamp has the digests of fields and tags, a picture's name that of its bytes.
    mark = hashlib.sha256(repr(contents[:3]).encode())
    for _, stamp in contents.note_types:
        mark.update(repr(stamp).encode())
    for _, stamp, due in contents.rows():
        mark.update(repr((*stamp[:6], due)).encode())
    for medium in contents.media:
        mark.update(repr(medium.name).encode())
    return mark.hexdigest().encode()


def write_packages(wanted: Mapping[Path, Contents], track: Track = untracked) -> dict[Path, bytes]:
    """The `.apkg` for each path."""
    with writing_packages(wanted) as packages:
        tracked = track(list(wanted), "writing packages")
        return {path: packages[path].result().read_bytes() for path in tracked}


@contextmanager
def writing_packages(wanted: Mapping[Path, Contents]) -> Iterator[dict[Path, Future[Path]]]:
    """The same as files, the end of it while the caller does something else.

    The rows need Python; SQLite's indexes and zlib let others work.
    """
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor() as threads:
        written = {}
        for path, contents in wanted.items():
            collection = Path(name) / f"{path.stem}.anki2"
            connection, indexes = _write_rows(contents, collection)
            written[path] = threads.submit(_finish, connection, indexes, contents, collection)
        yield written


def _write_rows(contents: Contents, path: Path) -> tuple[sqlite3.Connection, list[str]]:
    """Writes the SQLite file of a package, but for its indexes, whose statements it gives."""
    connection = sqlite3.connect(path, check_same_thread=False)
    deck = _Deck(contents)
    try:
        # Nobody else sees the file, and if we die nobody ever will.
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        genanki.Package(deck).write_to_db(connection.cursor(), 0, iter(()))
    except BaseException:
        connection.close()  # Windows removes no folder with an open file
        raise
    return connection, deck.indexes


def _finish(
    connection: sqlite3.Connection, indexes: Iterable[str], contents: Contents, collection: Path
) -> Path:
    with closing(connection):
        for statement in indexes:
            connection.execute(statement)
        connection.commit()
    return _zip(contents, collection)


def _zip(contents: Contents, collection: Path) -> Path:
    names = {str(number): medium.name for number, medium in enumerate(contents.media)}
    members = {
        "collection.anki2": collection,
        **{str(number): medium.path for number, medium in enumerate(contents.media)},
    }
    level = _FAST if collection.stat().st_size > _LARGE else _LEVEL
    package = collection.with_suffix(".apkg")
    # A member that is opened by its name has the date 1 January 1980.
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, path in members.items():
            large = path.stat().st_size > zipfile.ZIP64_LIMIT // 2
            with path.open("rb") as file, archive.open(name, "w", force_zip64=large) as member:
                shutil.copyfileobj(file, member, _BLOCK)
        with archive.open("media", "w") as member:
            member.write(json.dumps(names).encode())
    return package


def _name(medium: Medium) -> str:
    return medium.name


def _description(package: Package, deck: Deck, tally: Tally) -> str:
    """What Anki shows of the deck before study, as HTML: with the searches for a part of it."""
    text = f"<b>{html.escape(package.title)}</b><br>{html.escape(package.about)}"
    searches = [
        search for search in deck.searches if 0 < len(tally.found_by(search.selects)) < len(tally)
    ]
    if searches:
        text += "<br>To study a part, make a filtered deck of what one of these searches finds:<ul>"
        for search in searches:
            query, title = html.escape(search.query), html.escape(search.title)
            text += f"<li>{title}: <code>{query}</code></li>"
        text += "</ul>"
    if deck.licence:
        text += f"<br>{html.escape(deck.licence)}"
    return finished(text)
