"""The benchmark is fair: both sides make the same notes, and the checks have nothing to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.generate import generate
from tests.command import cards
from tests.public import Edition, read_package


@pytest.mark.parametrize("plain", [False, True])
def test_the_script_makes_the_notes_that_a_build_makes(tmp_path: Path, *, plain: bool) -> None:
    src, decks, package = tmp_path / "src", tmp_path / "decks", tmp_path / "by-hand.apkg"
    generate(400, src, plain=plain)
    for command in (["check", "--strict"], ["build"]):
        done = cards(tmp_path, *command)
        assert done.exit_code == 0, done.output
    subprocess.run([sys.executable, "benchmarks/by_hand.py", src, package], check=True)
    ours, _ = read_package(decks / "benchmark.apkg")
    theirs, _ = read_package(package)
    assert ours
    assert theirs
    assert _notes(ours) == _notes(theirs)


def _notes(edition: Edition) -> dict[str, tuple[object, ...]]:
    return {seen.key: (seen.fields, seen.tags, seen.cards) for seen in edition.notes.values()}
