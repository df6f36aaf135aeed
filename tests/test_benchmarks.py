"""The benchmark is fair: both sides make the same notes, and the checks have nothing to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from benchmarks.generate import generate
from builder.changes import Edition, read_package
from builder.cli.main import main


def test_the_script_makes_the_notes_that_a_build_makes(tmp_path: Path) -> None:
    src, decks, package = tmp_path / "src", tmp_path / "decks", tmp_path / "by-hand.apkg"
    generate(400, src)
    for command in (["check", "--strict"], ["build"]):
        folders = ["--src", str(src), "--decks", str(decks)]
        done = CliRunner().invoke(main, [*command, *folders])
        assert done.exit_code == 0, done.output
    subprocess.run([sys.executable, "benchmarks/by_hand.py", src, package], check=True)
    ours, theirs = read_package(decks / "benchmark.apkg"), read_package(package)
    assert isinstance(ours, Edition)
    assert isinstance(theirs, Edition)
    assert _notes(ours) == _notes(theirs)


def _notes(edition: Edition) -> dict[str, tuple[object, ...]]:
    return {seen.key: (seen.fields, seen.tags, seen.cards) for seen in edition.notes.values()}
