"""Builds that are killed, builds at the same time, disks that are full."""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.command import cards
from tests.effort import sample, sampled
from tests.engine import collection, double_click
from tests.forked import Running, start
from tests.public import load_ledger, read_package
from tests.sources import HEAD, write_sources


def facts(version: int) -> str:
    """Sources of which each version has reworded, new and retired facts, and another item."""
    events = "".join(
        f"  - {{id: f-{n}, kind: event, event: was {n}, date: {1900 + version}}}\n"
        for n in range(version, version + 20)
    )
    item = f"{{item: i-{version}, formerly: i-{version - 1}}}"
    return f"{HEAD}{events}  - {{id: l, kind: list, list: L, items: [a, b, {item}]}}\n"


def build(root: Path, *words: str) -> tuple[int, str]:
    """The exit code of a build, and what it says of errors; the small deck has warnings."""
    done = cards(root, "build", *words)
    return done.exit_code, without_warnings(done.stderr)


def finish(running: Running) -> tuple[int, str]:
    """The same of a build that was started."""
    code, said = running.finish()
    return code, without_warnings(said)


def without_warnings(said: str) -> str:
    return re.sub(r"\A\d+ warnings?: see cards check\n\Z", "", said)


def assert_usable(root: Path) -> None:
    """Whatever stands in decks/ is whole, and no package knows more than the ledger."""
    rows, problems = load_ledger(root / "decks" / "ledger.jsonl")
    assert not problems
    mods = {row.guid: row.mod for row in rows.values()}
    for path in (root / "decks").glob("*.apkg"):
        edition, problems = read_package(path)
        assert edition, problems
        for guid, note in edition.notes.items():
            assert note.mod <= mods[guid]


def assert_recovers(root: Path) -> None:
    """The next build succeeds, is complete, leaves nothing behind, and imports."""
    assert build(root) == (0, "")
    assert build(root, "--check") == (0, "")
    names = {path.name for path in (root / "decks").iterdir()}
    assert names == {".lock", "ledger.jsonl", "mini.apkg", "mini-core.apkg", "STUDY.md"}
    with collection(root / "anki.anki2") as col:
        assert double_click(col, root / "decks" / "mini.apkg").conflicting == 0


def test_a_build_killed_at_any_file_operation_is_made_good_by_the_next(tmp_path: Path) -> None:
    write_sources(tmp_path, a=facts(0))
    assert_recovers(tmp_path)
    tried = [operation for operation in range(1000) if sampled(operation, each=3)]
    for version, operation in enumerate(tried, 1):
        write_sources(tmp_path, a=facts(version))
        code, errors = finish(start(tmp_path, "build", operations=operation))
        if code == 0:
            break
        assert (code, errors) == (-signal.SIGKILL, "")
        assert_usable(tmp_path)
        if sampled(version):
            assert_recovers(tmp_path)
        else:
            assert build(tmp_path) == (0, "")
    assert operation > 10


def test_a_build_killed_at_any_moment_is_made_good_by_the_next(tmp_path: Path) -> None:
    write_sources(tmp_path, a=facts(0))
    began = time.monotonic()
    assert_recovers(tmp_path)
    takes = (time.monotonic() - began) / 2
    moments = random.Random(1)  # noqa: S311
    killed = 0
    versions = sample(100)
    for version in range(1, versions + 1):
        write_sources(tmp_path, a=facts(version))
        running = start(tmp_path, "build")
        time.sleep(moments.uniform(0, takes))
        running.process.kill()
        killed += finish(running)[0] == -signal.SIGKILL
        assert_usable(tmp_path)
        if version % 10 == 0:
            assert_recovers(tmp_path)
        else:
            assert build(tmp_path) == (0, "")
    assert killed > versions // 10


def test_builds_at_the_same_time_do_not_disturb_one_another(tmp_path: Path) -> None:
    for version in range(sample(5) + 1):
        write_sources(tmp_path, a=facts(version))
        running = [start(tmp_path, "build") for _ in range(3)]
        assert [finish(one) for one in running] == [(0, "")] * 3
        assert_recovers(tmp_path)


def test_a_full_disk_is_an_error_and_leaves_the_old_packages(tmp_path: Path) -> None:
    write_sources(tmp_path, a=facts(0))
    assert_recovers(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "decks").iterdir()}
    write_sources(tmp_path, a=facts(1))
    # Files of more than 4,000 bytes cannot be written, as on a full disk.
    done = subprocess.run(
        [sys.executable, "-m", "builder", "build", "--src", "src"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000)),
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        "error[file]: cannot be written: disk i/o error\n --> decks:1:1\n"
    )
    assert {path: path.read_bytes() for path in (tmp_path / "decks").iterdir()} == before


@pytest.mark.parametrize("damage", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_a_damaged_package_is_written_anew(tmp_path: Path, damage: bytes) -> None:
    write_sources(tmp_path, a=facts(0))
    assert_recovers(tmp_path)
    package = tmp_path / "decks" / "mini.apkg"
    whole = package.read_bytes()
    package.write_bytes(damage)
    assert build(tmp_path, "--check") == (
        1,
        "error[stale]: is out of date; run `cards build`\n --> decks/mini.apkg:1:1\n\n1 error\n",
    )
    assert build(tmp_path) == (0, "")
    assert package.read_bytes() == whole


@pytest.mark.parametrize(
    "script", ["update col set models = replace(models, '.card', '.cart')", ""]
)
def test_a_package_that_another_builder_wrote_is_never_stuck_between_build_and_check(
    tmp_path: Path, script: str
) -> None:
    write_sources(tmp_path, {"card/style.css": ".card { color: red }"}, a=facts(0))
    assert_recovers(tmp_path)
    package = tmp_path / "decks" / "mini.apkg"
    whole = package.read_bytes()
    rewrite(package, script)
    assert build(tmp_path, "--check")[0] == bool(script)
    assert build(tmp_path) == (0, "")
    assert package.read_bytes() == whole
    assert build(tmp_path, "--check") == (0, "")


def rewrite(package: Path, script: str) -> None:
    """The package as another zlib and another format write it; its comment stays."""
    with zipfile.ZipFile(package) as archive:
        comment = archive.comment
        members = {name: archive.read(name) for name in archive.namelist()}
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(members["collection.anki2"])
        connection.executescript(script)
        members["collection.anki2"] = connection.serialize()
    with zipfile.ZipFile(package, "w") as archive:
        archive.comment = comment
        for name, data in members.items():
            archive.writestr(name, data)
