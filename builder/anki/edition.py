"""An `.apkg` → what it contains: an edition, as a learner has it."""

import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Container, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from builder.files import MAX_BUILT_BYTES, read_file, reason_of
from builder.problems import Error, Place, Problem, error

# A package can come from anywhere. Ours deflate to a fifth or so; what grows far more is a bomb.
_MAX_GROWTH = 200
_SMALL = 64 << 20

# How many steps SQLite may take for each byte that it reads, before a query is taken to be endless.
_STEPS_PER_BYTE = 20
_STEPS_AT_ONCE = 100_000

# What a package contains: the collection, the list of media files, and these under their numbers.
_MEMBER = re.compile(r"collection\.anki2|media|\d{1,9}")


class Seen(NamedTuple):
    """A note as a learner has it.

    `fields` are (name, HTML), without the key, which is no content; `cards` are card numbers.
    """

    key: str
    id: int
    mod: int
    fields: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    cards: tuple[int, ...]


class Edition(NamedTuple):
    """What a package contains.

    `notes` are by GUID, `designs` are note type → its `mod` and its look, `decks` are names. `rest`
    is all else, to tell two editions apart.
    """

    notes: Mapping[str, Seen]
    designs: Mapping[str, tuple[int, str]]
    decks: tuple[str, ...] = ()
    rest: tuple[object, ...] = ()


def read_package(
    path: Path, guids: Container[str] | None = None
) -> tuple[Edition | None, list[Problem]]:
    """What a package of ours contains, or why it cannot be read; only notes of these GUIDs."""
    try:
        return parse_package(read_file(path.resolve(), MAX_BUILT_BYTES), guids), []
    except OSError as failure:
        reason = reason_of(failure)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        reason = "not a package, or a damaged one"
    except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError, RuntimeError):
        reason = "not a package made by `cards build`"
    except MemoryError:
        reason = "not enough memory"
    return None, [error(Place(str(path)), f"cannot be read: {reason}", Error.PACKAGE)]


def parse_package(data: bytes, guids: Container[str] | None = None) -> Edition:
    """What the bytes of a package contain; raises one of many errors if they are none of ours."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        # SQLite takes an empty file for a lack of memory.
        if not all(map(_MEMBER.fullmatch, sizes)) or not sizes.get("collection.anki2"):
            raise ValueError
        # A member is never larger than it says: zipfile stops there and finds the checksum wrong.
        limit = min(MAX_BUILT_BYTES, max(_SMALL, _MAX_GROWTH * len(data)))
        if sum(sizes.values()) > limit or len(sizes) != len(archive.infolist()):
            raise ValueError
        members = {name: archive.read(name) for name in sizes}
    collection = members.pop("collection.anki2")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(collection)
        _guard(connection, len(collection))
        return _parse_collection(connection, members, guids)


def _guard(connection: sqlite3.Connection, size: int) -> None:
    """Makes a stranger's database of `size` bytes safe to read (sqlite.org/security.html)."""
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


def _parse_collection(
    connection: sqlite3.Connection, members: dict[str, bytes], guids: Container[str] | None
) -> Edition:
    models_json, decks_json = connection.execute("select models, decks from col").fetchone()
    models: dict[str, dict[str, Any]] = json.loads(models_json)
    decks = json.loads(decks_json)
    names = {
        int(number): [field["name"] for field in model["flds"]] for number, model in models.items()
    }
    placed = connection.execute("select id, nid, did, ord, due from cards order by id").fetchall()
    cards: dict[int, list[int]] = {}
    for _, note_id, _, ord_, _ in placed:
        cards.setdefault(note_id, []).append(ord_ + 1)
    notes: dict[str, Seen] = {}
    types = []
    for id_, guid, type_, mod, tags, fields in connection.execute(
        "select id, guid, mid, mod, tags, flds from notes order by id"
    ):
        if guids is not None and guid not in guids:
            continue
        *shown, (_, key) = zip(names[type_], fields.split("\x1f"), strict=True)
        if not isinstance(guid, str) or not isinstance(mod, int) or guid in notes:
            raise ValueError
        notes[guid] = Seen(
            key=key,
            id=id_,
            mod=mod,
            fields=tuple(shown),
            tags=tuple(sorted(tags.split())),
            cards=tuple(sorted(cards[id_])),
        )
        types.append(type_)
    if not all(isinstance(model["mod"], int) for model in models.values()):
        raise ValueError
    designs = {
        model["name"]: (model["mod"], json.dumps([model["css"], model["tmpls"]], sort_keys=True))
        for model in models.values()
    }
    media = {name: members.get(number) for number, name in json.loads(members["media"]).items()}
    return Edition(
        notes=notes,
        designs=designs,
        decks=tuple(deck["name"] for deck in decks.values()),
        rest=(types, placed, decks, media),
    )
