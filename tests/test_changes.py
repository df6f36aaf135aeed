"""Packages come from anywhere: whatever they hold, they are compared or refused."""

from __future__ import annotations

import io
import random
import sqlite3
import zipfile
from pathlib import Path

import pytest

from builder.changes import Edition, read_package
from builder.model import Problem

ROOT = Path(__file__).parent.parent
MODEL = '{"5": {"flds": [{"name": "A"}], "name": "x", "mod": 1, "css": "", "tmpls": []}}'


def package(collection: bytes, media: bytes = b"{}") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("collection.anki2", collection)
        archive.writestr("media", media)
    return buffer.getvalue()


def collection(models: str, *notes: tuple[object, ...]) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "create table col(models, decks); create table notes(id, guid, mid, mod, tags, flds);"
        "create table cards(id, nid, did, ord, due);"
    )
    connection.execute("insert into col values (?, '{}')", [models])
    connection.executemany("insert into notes values (?, ?, ?, ?, ?, ?)", notes)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zip",
        package(b""),
        package(b"x" * 5000),
        package(collection("[]")),
        package(collection("[" * 100_000)),
        package(collection("{}", (1, "g", 5, 1, "", "a"))),
        package(collection(MODEL, (1, None, 5, None, None, None))),
        package(collection(MODEL, (1, "g", 5, 1, "", "a\x1fb"))),
        package(collection(MODEL), b"[1"),
        package(collection(MODEL))[:-30],
    ],
)
def test_what_is_no_package_of_ours_is_refused_in_words(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.apkg"
    path.write_bytes(data)
    problem = read_package(path)
    assert isinstance(problem, Problem)
    assert problem.message.startswith("cannot be read: it is no package")


def test_a_damaged_package_is_read_or_refused(tmp_path: Path) -> None:
    whole = (ROOT / "decks" / "asean-pakistan.apkg").read_bytes()
    path = tmp_path / "x.apkg"
    chance = random.Random(1)  # noqa: S311
    refused = 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        found = read_package(path)
        assert isinstance(found, Edition | Problem)
        refused += isinstance(found, Problem)
    assert refused > 100
