"""An `.apkg` → what it contains: an edition, as a learner has it."""

import io
import json
import os
import re
import sqlite3
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from builder.anki.newer import as_older
from builder.files import MAX_BUILT_BYTES, open_file, reason_of
from builder.problems import Error, Place, Problem, error

# A package can come from anywhere. Ours deflate to a fifth or so; what grows far more is a bomb.
_MAX_GROWTH = 200
_SMALL = 64 << 20

# How many steps SQLite may take for each byte that it reads, before a query is taken to be endless.
_STEPS_PER_BYTE = 20
_STEPS_AT_ONCE = 100_000

# What a package contains: the collection, the list of media files, and these under their numbers.
# What Anki exports says its format in `meta`; beside a newer collection it has an empty older one.
_MEMBER = re.compile(r"collection\.anki2(?:1b?)?|meta|media|\d{1,9}")
NEWEST, *OLDER = "collection.anki21b", "collection.anki21", "collection.anki2"


# What ends a note that shows its key, also where a learner has renamed the field.
_KEY = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")


class Seen(NamedTuple):
    """A note as a learner has it.

    `fields` are (name, HTML), without the key, which is no content, unless it is of an author's
    `own_type`, which is then its name; `cards` are card numbers, `card_ids` their ids; `deck` is
    where they lie. `other_keys` are those that other learners may have it under.
    """

    key: str
    id: int
    mod: int
    fields: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    cards: tuple[int, ...]
    deck: str = ""
    own_type: str = ""
    card_ids: tuple[int, ...] = ()
    other_keys: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        """Its fields as Anki stores them."""
        return "\x1f".join(html for _, html in self.fields)

    def under(self, names: Sequence[str], *, own: bool) -> tuple[str | None, ...]:
        """The HTML of its fields of these names, None where it has no such field.

        Fields may have been renamed since, and a learner may have more of them. If the names are of
        an author's `own` note type, the last field may be what was taken for the key.
        """
        had = self.fields
        if own and not self.own_type:
            had = *had, (names[-1], self.key)
        fields = dict(had)
        if len(had) == len(names) and fields.keys() != {*names}:
            return tuple(html for _, html in had)
        return tuple(map(fields.get, names))


class Edition(NamedTuple):
    """What a package contains.

    `notes` are by GUID, `models` are the note types as Anki has them, by name, `decks` are names.
    `rest` is all else, to tell two editions apart; `exported` says that the package comes out of a
    collection.
    """

    notes: Mapping[str, Seen]
    models: Mapping[str, Mapping[str, Any]]
    decks: tuple[str, ...] = ()
    rest: tuple[object, ...] = ()
    exported: bool = False


def read_package(
    path: Path, guids: Collection[str] | None = None
) -> tuple[Edition | None, list[Problem]]:
    """What a package contains, of ours or exported from a collection, or why it cannot be read.

    If `guids` are given, it has no other notes.
    """
    try:
        with open_file(path.resolve()) as file:
            return _parse_package(file, guids), []
    except UNREAD as failure:
        return None, [unread(path, failure, "not a package made by `cards build`")]


def read_packages(path: Path) -> tuple[Edition | None, list[Problem]]:
    """What a package contains, or those in a folder together, or why one cannot be read."""
    if not path.is_dir():
        return read_package(path)
    read = [read_package(package) for package in sorted(path.glob("*.apkg"))]
    problems = [problem for _, found in read for problem in found]
    if not read:
        problems.append(error(Place(str(path)), "no packages here", Error.PACKAGE))
    editions = [edition for edition, _ in read if edition]
    notes = {guid: seen for edition in editions for guid, seen in edition.notes.items()}
    models = {name: model for edition in editions for name, model in edition.models.items()}
    return (None if problems else Edition(notes, models)), problems


def parse_package(data: bytes) -> Edition:
    """What the bytes of a package contain; raises one of many errors if they are none of ours."""
    return _parse_package(io.BytesIO(data))


def _parse_package(file: BinaryIO, guids: Collection[str] | None = None) -> Edition:
    with zipfile.ZipFile(file) as archive:
        sizes = sizes_of(archive, limit := limit_of(file.seek(0, os.SEEK_END)))
        # SQLite takes an empty file for a lack of memory.
        collections = [name for name in (NEWEST, *OLDER) if sizes.get(name)]
        if not all(map(_MEMBER.fullmatch, sizes)) or not collections:
            raise ValueError
        exported = "meta" in sizes
        # Only whole editions are compared by their media.
        wanted = {"meta"} & {*sizes} if exported or guids is not None else {*sizes} - {*collections}
        members = {name: archive.read(name) for name in wanted}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(archive.extract(collections[0], folder))
            if collections[0] == NEWEST:
                older, _ = as_older(path.read_bytes(), members.get("meta", b""), limit)
                path.write_bytes(older)
            with closing(sqlite3.connect(path)) as connection:
                _guard(connection, path.stat().st_size)
                return _parse_collection(connection, members, guids)._replace(exported=exported)


# What reading something damaged may raise.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError)
_OTHERS = (
    sqlite3.Error, ValueError, LookupError, TypeError, AttributeError, RuntimeError, OverflowError
)  # fmt: skip
UNREAD = (*_DAMAGED, *_OTHERS, OSError, ModuleNotFoundError, MemoryError)


def engine_install() -> str:
    """The command that installs Anki's engine for the Python that runs this."""
    if find_spec("pip"):
        return f'"{sys.executable}" -m pip install anki'
    return f'uv pip install --python "{sys.executable}" anki'  # uv's environments have no pip


def unread(path: Path, failure: Exception, otherwise: str) -> Problem:
    """Why a package, or another deck, cannot be read; `otherwise` if it contains something else."""
    reason = otherwise
    if isinstance(failure, OSError):
        reason = reason_of(failure)
    elif isinstance(failure, _DAMAGED):
        reason = "not a package, or a damaged one"
    elif isinstance(failure, UnicodeDecodeError):
        reason = f"byte 0x{failure.object[failure.start]:02x} is not UTF-8"
    elif isinstance(failure, ModuleNotFoundError):
        reason = f"its format needs Anki's engine: {engine_install()}"
    elif isinstance(failure, MemoryError):
        reason = "not enough memory"
    return error(Place(str(path)), f"cannot be read: {reason}", Error.PACKAGE)


def limit_of(size: int) -> int:
    """How many bytes a package of so many bytes may hold."""
    return min(MAX_BUILT_BYTES, max(_SMALL, _MAX_GROWTH * size))


def sizes_of(archive: zipfile.ZipFile, limit: int) -> dict[str, int]:
    """Name → size of each member; raises ValueError if they are too large, or not as Anki packs."""
    # A member is never larger than it says: zipfile stops there and finds the checksum wrong.
    infos = archive.infolist()
    sizes = {info.filename: info.file_size for info in infos}
    known = {info.compress_type for info in infos} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    if not known or sum(sizes.values()) > limit or len(sizes) != len(infos):
        raise ValueError
    return sizes


@contextmanager
def guarded(collection: bytes) -> Iterator[sqlite3.Connection]:
    """A stranger's database, safe to read (sqlite.org/security.html)."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(collection)
        _guard(connection, len(collection))
        yield connection


def _guard(connection: sqlite3.Connection, size: int) -> None:
    connection.execute("pragma trusted_schema = off")
    connection.execute("pragma cell_size_check = on")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(size, _STEPS_AT_ONCE))
    steps = iter(range(size * _STEPS_PER_BYTE // _STEPS_AT_ONCE + 10))
    connection.set_progress_handler(lambda: next(steps, None) is None, _STEPS_AT_ONCE)
    # A view could return rows without end, a virtual table could do anything.
    found = connection.execute(
        "select name from sqlite_schema where type = 'table' and rootpage > 0"
        " and name in ('col', 'notes', 'cards')"
    ).fetchall()
    if len(found) != 3:  # noqa: PLR2004 - the three just named
        raise ValueError


def _is_note_type(model: dict[str, Any]) -> bool:
    """Whether a note type has what others than its notes need; or raises one of many errors."""
    int(model["id"])
    parts = [*model["flds"], *model["tmpls"]]
    return isinstance(model["mod"], int) and all(
        isinstance(one["name"], str) for one in (model, *parts)
    )


def _parse_collection(
    connection: sqlite3.Connection, members: dict[str, bytes], guids: Collection[str] | None
) -> Edition:
    models_json, decks_json = connection.execute("select models, decks from col").fetchone()
    models: dict[str, dict[str, Any]] = json.loads(models_json)
    decks = json.loads(decks_json)
    names = {
        int(number): [field["name"] for field in model["flds"]] for number, model in models.items()
    }
    wanted = [] if guids is None else [json.dumps([*guids])]
    among = "where guid in (select value from json_each(?))" if wanted else ""
    of_these = f"where nid in (select id from notes {among})" if among else ""  # noqa: S608
    query = f"select id, nid, did, ord, due from cards {of_these} order by id"  # noqa: S608
    placed = connection.execute(query, wanted).fetchall()
    cards: dict[int, dict[int, int]] = {}
    homes: dict[int, str] = {}
    for card_id, note_id, deck_id, ord_, _ in placed:
        cards.setdefault(note_id, {})[ord_ + 1] = card_id
        homes[note_id] = str(decks.get(str(deck_id), {}).get("name", ""))
    notes: dict[str, Seen] = {}
    types = []
    columns = [name for _, name, *_ in connection.execute("pragma table_info(notes)")]
    data_column = "data" if "data" in columns else "''"
    query = f"select id, guid, mid, mod, tags, flds, {data_column} from notes {among} order by id"  # noqa: S608
    for id_, guid, type_, mod, tags, fields, data in connection.execute(query, wanted):
        shown = list(zip(names[type_], fields.split("\x1f"), strict=True))
        name, last = shown[-1]
        own = bool(data) or not (name == "Key" or _KEY.fullmatch(last))
        if not isinstance(guid, str) or not isinstance(mod, int) or guid in notes:
            raise ValueError
        numbers = dict(sorted(cards.get(id_, {}).items()))
        notes[guid] = Seen(
            key=data if own else shown.pop()[1],
            id=id_,
            mod=mod,
            fields=tuple(shown),
            tags=tuple(sorted(tags.split())),
            cards=tuple(numbers),
            card_ids=tuple(numbers.values()),
            deck=homes.get(id_, ""),
            own_type=models[str(type_)]["name"] if own else "",
        )
        types.append(type_)
    if not all(map(_is_note_type, models.values())):
        raise ValueError
    listed = json.loads(members.get("media", b"{}"))
    media = {name: members.get(number) for number, name in listed.items()}
    return Edition(
        notes=notes,
        models={model["name"]: model for model in models.values()},
        decks=tuple(deck["name"] for deck in decks.values()),
        rest=(types, placed, decks, media),
    )
