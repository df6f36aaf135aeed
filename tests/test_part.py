"""`cards build --only`: a package of what a search finds."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.command import cards, cards_alone, files_of, said_of
from tests.engine import Imported, collection, double_click
from tests.public import Edition, read_package
from tests.sources import HEAD, write_sources

A = "  - {id: a, kind: event, event: was a, date: 1994-07-25, place: Bangkok}\n"
B = "  - {id: b, kind: list, list: Some, items: [x, y, z], level: detail}\n"
ONLY = ("build", "--only", "tag:Mini::level::detail", "-o", "part.apkg")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder with sources and the packages built from them."""
    write_sources(tmp_path, a=HEAD + A + B)
    assert cards(tmp_path, "build").exit_code == 0
    return tmp_path


def edition(path: Path) -> Edition:
    found, problems = read_package(path)
    assert found, problems
    return found


def test_a_part_is_what_the_search_finds_as_the_packages_have_it(built: Path) -> None:
    before = files_of(built / "decks")
    done = cards(built, *ONLY)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "part.apkg  1 note, 3 cards, 4 kB\n"
    part, whole = edition(built / "part.apkg"), edition(built / "decks" / "mini.apkg")
    assert part.notes == {guid: note for guid, note in whole.notes.items() if note.key[0] == "b"}
    assert files_of(built / "decks") == before


def test_a_part_is_the_same_bytes_at_any_time(built: Path) -> None:
    cards_alone(built, *ONLY, SOURCE_DATE_EPOCH="1800000000", PYTHONHASHSEED="1")
    before = (built / "part.apkg").read_bytes()
    cards_alone(built, *ONLY, SOURCE_DATE_EPOCH="1900000000", PYTHONHASHSEED="2")
    assert (built / "part.apkg").read_bytes() == before


def test_a_learner_can_have_the_part_first_and_the_rest_later(built: Path) -> None:
    cards(built, *ONLY)
    with collection(built / "anki.anki2") as col:
        assert double_click(col, built / "part.apkg") == Imported(1, 0, 0, 0)
        assert double_click(col, built / "decks" / "mini.apkg") == Imported(2, 0, 1, 0)
        assert double_click(col, built / "part.apkg") == Imported(0, 0, 1, 0)
        assert {name.name for name in col.decks.all_names_and_ids()} == {"Default", "Mini"}


def test_a_part_of_changed_sources_asks_for_a_build(built: Path) -> None:
    write_sources(built, a=HEAD + A + B.replace("Some", "Others"))
    before = files_of(built / "decks")
    done = cards(built, *ONLY)
    assert done.exit_code == 1
    assert said_of(done.stderr) == [
        "decks/ledger.jsonl:1:1: error: the sources have changed since the last build;"
        " run `cards build` first [stale]"
    ]
    assert done.stderr.endswith("\n1 error\nNothing was written.\n")
    assert not (built / "part.apkg").exists()
    assert files_of(built / "decks") == before


def test_a_part_before_the_first_build_asks_for_one(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    done = cards(tmp_path, *ONLY)
    assert done.exit_code == 1
    assert "run `cards build` first" in done.stderr
    assert not (tmp_path / "part.apkg").exists()
    assert not (tmp_path / "decks").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--only", "tag:x"], "--only and -o must be given together"),
        (["-o", "part.apkg"], "--only and -o must be given together"),
        (["mini", "--only", "tag:x", "-o", "part.apkg"], "--only cannot be combined with"),
        (["--check", "--only", "tag:x", "-o", "part.apkg"], "--only cannot be combined with"),
        (["--only", "tag:x", "-o", "part.apkg"], "this search matches no notes: tag:x"),
        (["--only", "tag:Mini", "-o", "part.zip"], "must end in .apkg: part.zip"),
        (["--only", "tag:Mini", "-o", "decks/part.apkg"], "cannot be written into decks/"),
        (["--only", "tag:Mini", "-o", "src/facts/part.apkg"], "cannot be written into src/"),
        (
            ["--only", "tag:Mini (is:due)", "-o", "part.apkg"],
            "this search is not valid: “is:due” is not about tags; only tag: is supported here\n"
            "    tag:Mini (is:due)\n"
            "              ^\n",
        ),
    ],
)
def test_a_part_that_cannot_be_is_a_wrong_call(built: Path, words: list[str], message: str) -> None:
    before = files_of(built / "decks")
    done = cards(built, "build", *words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert files_of(built / "decks") == before
    assert sorted(path.name for path in built.iterdir()) == ["decks", "src"]


def test_a_place_that_cannot_be_written_is_said(built: Path) -> None:
    done = cards(built, *ONLY[:-1], "nowhere/part.apkg")
    assert (done.exit_code, done.stdout) == (1, "")
    assert said_of(done.stderr) == [
        "nowhere/part.apkg:1:1: error: cannot be written: no such file or directory [file]"
    ]


def test_a_part_brings_its_pictures(tmp_path: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>'
    files = {
        "media/m.svg": svg,
        "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: nothing}\n",
        "facts/a.yaml": HEAD + A + B.replace("level", "picture: m.svg, level"),
    }
    write_sources(tmp_path, files)
    assert cards(tmp_path, "build").exit_code == 0
    assert cards(tmp_path, *ONLY).exit_code == 0
    with zipfile.ZipFile(tmp_path / "part.apkg") as archive:
        assert svg.encode() in [archive.read(name) for name in archive.namelist()]
