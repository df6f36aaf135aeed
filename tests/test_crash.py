"""Builds that are killed, builds at the same time, disks that are full."""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builder.changes import read_package
from builder.ledger_file import load_ledger
from builder.model import Problem
from tests.engine import collection, double_click
from tests.sources import write_sources

HEAD = "topic: forums::arf\nlevel: core\nsource: {doc: handbook, at: p. 1}\nfacts:\n"

# A build that kills itself just before the Nth thing it does to a file of decks/.
DYING = """
import os, signal, sys
from builder.cli import main
left = int(sys.argv.pop(1))
def count(event, args):
    global left
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "sqlite3.connect"):
        if "decks" in str(args[0]):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
main()
"""


def facts(version: int) -> str:
    """Sources of which each version has reworded, new and retired facts, and another item."""
    events = "".join(
        f"  - {{id: f-{n}, kind: event, event: was {n}, date: {1900 + version}}}\n"
        for n in range(version, version + 20)
    )
    item = f"{{item: i-{version}, formerly: i-{version - 1}}}"
    return f"{HEAD}{events}  - {{id: l, kind: list, list: L, items: [a, b, {item}]}}\n"


def start(root: Path, *words: str, code: str | None = None) -> subprocess.Popen[str]:
    """`cards WORDS` in the folder `root`, running."""
    program = ["-m", "builder"] if code is None else ["-c", code]
    return subprocess.Popen(
        [sys.executable, *program, *words, "--src", "src"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code, and what is said of errors; the small deck has warnings."""
    _, said = process.communicate(timeout=60)
    return process.returncode, re.sub(r"\A\d+ warnings?: see cards check\n\Z", "", said)


def assert_usable(root: Path) -> None:
    """Whatever stands in decks/ is whole, and no package knows more than the ledger."""
    rows, problems = load_ledger(root / "decks" / "ledger.jsonl")
    assert not problems
    mods = {row.guid: row.mod for row in rows.values()}
    for path in (root / "decks").glob("*.apkg"):
        edition = read_package(path)
        assert not isinstance(edition, Problem), edition
        for guid, note in edition.notes.items():
            assert note.mod <= mods[guid]


def assert_recovers(root: Path) -> None:
    """The next build succeeds, is complete, leaves nothing behind, and imports."""
    assert finish(start(root, "build")) == (0, "")
    assert finish(start(root, "build", "--check")) == (0, "")
    names = {path.name for path in (root / "decks").iterdir()}
    assert names == {".lock", "ledger.jsonl", "mini.apkg", "mini-core.apkg", "STUDY.md"}
    with collection(root / "anki.anki2") as col:
        assert double_click(col, root / "decks" / "mini.apkg").conflicting == 0


def test_a_build_killed_at_any_file_operation_is_made_good_by_the_next(tmp_path: Path) -> None:
    write_sources(tmp_path, a=facts(0))
    assert_recovers(tmp_path)
    for operation in range(1000):
        write_sources(tmp_path, a=facts(operation + 1))
        code, errors = finish(start(tmp_path, str(operation), "build", code=DYING))
        if code == 0:
            break
        assert (code, errors) == (-signal.SIGKILL, "")
        assert_usable(tmp_path)
        assert_recovers(tmp_path)
    assert operation > 10


def test_a_build_killed_at_any_moment_is_made_good_by_the_next(tmp_path: Path) -> None:
    write_sources(tmp_path, a=facts(0))
    began = time.monotonic()
    assert_recovers(tmp_path)
    takes = (time.monotonic() - began) / 2
    moments = random.Random(1)  # noqa: S311
    killed = 0
    for version in range(1, 101):
        write_sources(tmp_path, a=facts(version))
        process = start(tmp_path, "build")
        time.sleep(moments.uniform(0, takes))
        process.kill()
        killed += finish(process)[0] == -signal.SIGKILL
        assert_usable(tmp_path)
        if version % 10 == 0:
            assert_recovers(tmp_path)
        else:
            assert finish(start(tmp_path, "build")) == (0, "")
    assert killed > 10


def test_builds_at_the_same_time_do_not_disturb_one_another(tmp_path: Path) -> None:
    for version in range(5):
        write_sources(tmp_path, a=facts(version))
        running = [start(tmp_path, "build") for _ in range(3)]
        assert [finish(process) for process in running] == [(0, "")] * 3
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
    assert done.stderr.startswith("decks:1:1: error: cannot be written: disk i/o error [file]")
    assert {path: path.read_bytes() for path in (tmp_path / "decks").iterdir()} == before


@pytest.mark.parametrize("damage", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_a_damaged_package_is_written_anew(tmp_path: Path, damage: bytes) -> None:
    write_sources(tmp_path, a=facts(0))
    assert_recovers(tmp_path)
    package = tmp_path / "decks" / "mini.apkg"
    whole = package.read_bytes()
    package.write_bytes(damage)
    assert finish(start(tmp_path, "build", "--check")) == (
        1,
        "decks/mini.apkg:1:1: error: is not what the sources give: run cards build [stale]\n"
        "1 error\n",
    )
    assert finish(start(tmp_path, "build")) == (0, "")
    assert package.read_bytes() == whole
