"""Two editions → what a learner who upgrades from one to the other will notice.

An edition is a package, read from its file, or what the ledger knows of one. Anki updates a note
when its new `mod` is later, so that alone counts as a change.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from builder.load import CONTROL
from builder.model import Problem, Stamp
from builder.render import plain_text

# A package can come from anywhere. Ours deflate to a fifth or so; what grows far more is a bomb.
_MAX_BYTES = 2 << 30
_MAX_GROWTH = 200
_SMALL = 64 << 20

# How many steps SQLite may take for each byte that it reads, before a query is taken to be endless.
_STEPS_PER_BYTE = 20
_STEPS_AT_ONCE = 100_000

# What a package has inside: the collection, the list of media, and media under their numbers.
_MEMBER = re.compile(r"collection\.anki2|media|\d{1,9}")


class Seen(NamedTuple):
    """A note as a learner has it. `fields` are without the key, which is no content."""

    key: str
    mod: int
    fields: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    cards: tuple[int, ...]

    @property
    def front(self) -> str:
        """What it asks, as plain text."""
        return plain_text(self.fields[0][1])


class Edition(NamedTuple):
    """GUID → note, and note type → its `mod` and design; GUID → the note's id; names of decks.

    `rest` is what else the package holds.
    """

    notes: Mapping[str, Seen]
    designs: Mapping[str, tuple[int, str]]
    ids: Mapping[str, int] = {}
    decks: tuple[str, ...] = ()
    rest: tuple[object, ...] = ()


class Changes(NamedTuple):
    """What a learner notices, by key. `emptied` are cards whose note goes on without them."""

    added: list[Seen]
    reworded: list[tuple[Seen, Seen]]
    retagged: list[tuple[Seen, Seen]]
    emptied: list[tuple[str, int]]
    retired: list[Seen]
    redesigned: list[str]


def compare(old: Edition, new: Edition) -> Changes:
    """What a learner with `old` notices on importing `new`."""
    changes = Changes([], [], [], [], [], [])
    for guid, after in sorted(new.notes.items(), key=lambda pair: pair[1].key):
        before = old.notes.get(guid)
        if before is None:
            changes.added.append(after)
        elif after.mod > before.mod:
            if after.fields != before.fields:
                changes.reworded.append((before, after))
            if after.tags != before.tags:
                changes.retagged.append((before, after))
            lost = sorted(set(before.cards) - set(after.cards))
            changes.emptied.extend((after.key, card) for card in lost)
    gone = [before for guid, before in old.notes.items() if guid not in new.notes]
    changes.retired.extend(sorted(gone))
    for name, (mod, _) in sorted(new.designs.items()):
        if name in old.designs and mod > old.designs[name][0]:
            changes.redesigned.append(name)
    return changes


def compare_ledgers(before: Mapping[str, Stamp], after: Mapping[str, Stamp]) -> tuple[Changes, int]:
    """What a learner notices who goes from one ledger to the other, and how many notes are added.

    The notes that the first ledger never had, which can be all, are only counted.
    """
    old = [row for key, row in before.items() if after.get(key) != row]
    new = [row for key, row in after.items() if before.get(key) != row]
    known = {row.guid for row in old}
    changes = compare(_edition_of(old), _edition_of(row for row in new if row.guid in known))
    fresh = sum(row.of_note for row in new if row.guid not in known)
    return changes, fresh + len(changes.added)


def _edition_of(rows: Iterable[Stamp]) -> Edition:
    """What the ledger knows of an edition: digests in place of texts."""
    notes = {}
    designs = {}
    for row in rows:
        if not row.of_note:
            designs[row.key] = (row.mod, row.fields)
        elif not row.retired:
            fields = (("", row.fields),)
            notes[row.guid] = Seen(row.key, row.mod, fields, (row.tags,), row.cards)
    return Edition(notes, designs)


def read_package(path: Path) -> Edition | Problem:
    """What a package of ours holds, or why it cannot be read."""
    try:
        if not path.is_file():
            reason = "it is no file" if path.exists() else "no such file or directory"
        elif path.stat().st_size > _MAX_BYTES:
            reason = "it is too large"
        else:
            return parse_package(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
    except RecursionError:
        reason = "it is no package that cards built"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        reason = "it is no package: not a zip file, or a damaged one"
    except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError):
        reason = "it is no package that cards built"
    except MemoryError:
        reason = "it needs more memory than there is"
    return Problem(str(path), 1, 1, "error", f"cannot be read: {reason}", "package")


def parse_package(data: bytes) -> Edition:
    """What the bytes of a package hold; raises one of many errors if they are none of ours."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        # SQLite takes an empty file for a lack of memory.
        if not all(map(_MEMBER.fullmatch, sizes)) or not sizes.get("collection.anki2"):
            raise ValueError
        # A member never gives more than it says: zipfile stops there and finds the checksum wrong.
        limit = min(_MAX_BYTES, max(_SMALL, _MAX_GROWTH * len(data)))
        if sum(sizes.values()) > limit or len(sizes) != len(archive.infolist()):
            raise ValueError
        members = {name: archive.read(name) for name in sizes}
    connection = sqlite3.connect(":memory:")
    try:
        collection = members.pop("collection.anki2")
        connection.deserialize(collection)
        _guard(connection, len(collection))
        return _parse_collection(connection, members)
    finally:
        connection.close()


def _guard(connection: sqlite3.Connection, size: int) -> None:
    """Makes a stranger's database of `size` bytes safe to read (sqlite.org/security.html)."""
    connection.execute("pragma trusted_schema = off")
    connection.execute("pragma cell_size_check = on")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(size, _STEPS_AT_ONCE))
    left = size * _STEPS_PER_BYTE // _STEPS_AT_ONCE + 10

    def is_endless() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    connection.set_progress_handler(is_endless, _STEPS_AT_ONCE)
    # A view could give rows without end, a virtual table could do anything.
    found = connection.execute(
        "select name from sqlite_schema where type = 'table' and rootpage > 0"
        " and name in ('col', 'notes', 'cards')"
    ).fetchall()
    if len(found) != 3:  # noqa: PLR2004 - the three just named
        raise ValueError


def _parse_collection(connection: sqlite3.Connection, members: dict[str, bytes]) -> Edition:
    models_json, decks_json = connection.execute("select models, decks from col").fetchone()
    models: dict[str, dict[str, Any]] = json.loads(models_json)
    names = {
        int(number): [field["name"] for field in model["flds"]] for number, model in models.items()
    }
    cards: dict[int, list[int]] = {}
    placed = connection.execute("select id, nid, did, ord, due from cards order by id").fetchall()
    for _, note_id, _, ord_, _ in placed:
        cards.setdefault(note_id, []).append(ord_ + 1)
    notes = {}
    ids: dict[str, int] = {}
    types = []
    for id_, guid, model, mod, tags, fields in connection.execute(
        "select id, guid, mid, mod, tags, flds from notes order by id"
    ):
        *shown, key = zip(names[model], fields.split("\x1f"), strict=True)
        if not isinstance(guid, str) or not isinstance(mod, int) or guid in notes:
            raise ValueError
        notes[guid] = Seen(
            key[1], mod, tuple(shown), tuple(sorted(tags.split())), tuple(sorted(cards[id_]))
        )
        ids[guid] = id_
        types.append(model)
    if not all(isinstance(model["mod"], int) for model in models.values()):
        raise ValueError
    designs = {
        model["name"]: (model["mod"], json.dumps([model["css"], model["tmpls"]], sort_keys=True))
        for model in models.values()
    }
    media = {name: members.get(number) for number, name in json.loads(members["media"]).items()}
    decks = json.loads(decks_json)
    titles = tuple(deck["name"] for deck in decks.values())
    return Edition(notes, designs, ids, titles, (types, placed, decks, media))


def search_for(keys: Iterable[tuple[str, int | None]]) -> str:
    """A search for Anki's browser that finds the notes of these keys, or single cards of them."""
    return " or ".join(
        f'"Key:{key}"' if card is None else f'("Key:{key}" card:{card})' for key, card in keys
    )


def describe(changes: Changes, *, markdown: bool) -> str:
    """A report of changes for learners, as plain text or as Markdown."""
    code, bold, head = ("`", "**", "## ") if markdown else ("", "", "")
    gone = [(seen.key, None) for seen in changes.retired] + changes.emptied
    reworded = []
    for before, after in changes.reworded:
        reworded.append(f"- {code}{after.key}{code}")
        for name, was, now in _different(before, after):
            reworded += [f"  - {name}, before: {was}", f"    {name}, after: {bold}{now}{bold}"]
    sections = {
        f"Added ({len(changes.added)})": [
            f"- {code}{seen.key}{code}: {seen.front}" for seen in changes.added
        ],
        f"Reworded ({len(changes.reworded)})": reworded,
        f"Retagged ({len(changes.retagged)})": [
            f"- {code}{after.key}{code}: {_moved_tags(before, after)}"
            for before, after in changes.retagged
        ],
        f"No longer in the deck ({len(gone)}); Anki keeps the cards": [
            *(f"- {code}{seen.key}{code}: {seen.front}" for seen in changes.retired),
            *(f"- {code}{key}{code}: card {card}" for key, card in changes.emptied),
            *(["", f"To find them in Anki's browser: {code}{search_for(gone)}{code}"] * bool(gone)),
        ],
        f"New design ({len(changes.redesigned)})": [
            f"- {name}: Anki replaces your own changes to its styling"
            for name in changes.redesigned
        ],
    }
    reports = [
        "\n".join([f"{head}{title}", "", *lines]) for title, lines in sections.items() if lines
    ]
    # A stranger's package must not give orders to the terminal.
    return CONTROL.sub("\ufffd", "\n\n".join(reports)) or "Nothing changes for learners."


def _moved_tags(before: Seen, after: Seen) -> str:
    gained = [f"+{tag}" for tag in after.tags if tag not in before.tags]
    lost = [f"-{tag}" for tag in before.tags if tag not in after.tags]
    return " ".join(gained + lost)


def _different(before: Seen, after: Seen) -> list[tuple[str, str, str]]:
    """The fields that differ, as plain text: name, before, after."""
    was = dict(before.fields)
    return [
        (name, plain_text(was.get(name, "")) or "(empty)", plain_text(now) or "(empty)")
        for name, now in after.fields
        if was.get(name, "") != now
    ]
