"""What learners export from Anki, of any version's format, is read; what is hostile, refused."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest
from anki.import_export_pb2 import ExportAnkiPackageOptions

from tests.command import cards
from tests.engine import collection, double_click
from tests.public import read_package
from tests.sources import HEAD, write_sources

A = "  - {id: a, kind: event, event: was a, date: 1994}\n"
B = "  - {id: b, kind: event, event: was b, date: 1995, level: detail}\n"
EMPTY_FRAME = bytes.fromhex("28b52ffd2000010000")


def exported(root: Path, package: Path, name: str, *, legacy: bool) -> Path:
    """What a learner exports who has a package, and a note of her own beside it."""
    path = root / name
    with collection(root / "learner.anki2") as col:
        double_click(col, package)
        note = col.new_note(col.models.by_name("Basic"))  # type: ignore[arg-type]
        note["Front"] = "my own"
        col.add_note(note, col.decks.get_current_id())
        if path.suffix == ".colpkg":
            col.export_collection_package(str(path), include_media=True, legacy=legacy)
            col.reopen()
        else:
            options = ExportAnkiPackageOptions(with_scheduling=True, legacy=legacy)
            col.export_anki_package(out_path=str(path), options=options, limit=None)
    return path


@pytest.fixture
def built(tmp_path: Path) -> Path:
    write_sources(tmp_path, a=HEAD + A + B)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    return tmp_path


@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize("kind", ["apkg", "colpkg"])
def test_changes_reads_every_format_and_finds_the_package_by_its_notes(
    built: Path, kind: str, *, legacy: bool
) -> None:
    hers = exported(built, built / "decks" / "mini-core.apkg", f"mini.{kind}", legacy=legacy)
    write_sources(built, a=HEAD + A.replace("1994", "1996") + B)
    assert cards(built, "build").exit_code == 0
    done = cards(built, "changes", hers.name)
    assert done.stderr == "Compared with decks/mini-core.apkg.\n"
    assert done.stdout == (
        "Reworded (1)\n\n- a/when\n  - Back, before: 1994\n    Back, after: 1996\n"
    )


def test_a_package_that_has_no_note_of_the_deck_is_said_to_have_none(built: Path) -> None:
    write_sources(built / "other", {"decks.yaml": "namespace: o\ndeck: O\ntag_root: Mini\n"
                                    "packages: {o: {title: O, about: O}}\n"})  # fmt: skip
    assert cards(built / "other", "build").exit_code == 0
    done = cards(built, "changes", "other/decks/o.apkg")
    assert done.exit_code == 1
    assert "no package in decks/ has a note of it; name the one to compare it with" in done.stderr


def packed(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return path


def bomb(size: int) -> bytes:
    """A frame of Zstandard that unpacks to that many zero bytes: blocks of one repeated byte."""
    block = (1 << 17 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    return bytes.fromhex("28b52ffd") + b"\x00\x38" + block * (size >> 17) + b"\x03\0\0\0"


@pytest.mark.parametrize("data", [b"", b"x" * 5000, bomb(1 << 30)])
def test_a_newer_package_that_is_damaged_or_a_bomb_is_refused(tmp_path: Path, data: bytes) -> None:
    path = packed(tmp_path / "x.apkg", meta=b"\x08\x03", collection_anki21b=data, media=EMPTY_FRAME)
    _, (problem,) = read_package(path)
    assert problem.message.startswith("cannot be read: not a package")


def test_a_newer_package_is_unpacked_where_nothing_else_is(built: Path) -> None:
    hers = exported(built, built / "decks" / "mini.apkg", "new.apkg", legacy=False)
    with zipfile.ZipFile(hers) as archive:
        data = archive.read("collection.anki21b")
    evil = packed(built / "evil.apkg", meta=b"\x08\x03", collection_anki21b=data)
    with zipfile.ZipFile(evil, "a") as archive:
        archive.writestr("../evil.txt", b"x")
    assert read_package(evil)[1]
    assert not (built.parent / "evil.txt").exists()
    fine = packed(built / "fine.apkg", meta=b"\x08\x03", collection_anki21b=data)
    edition, problems = read_package(fine)
    assert edition, problems
    assert len(edition.notes) == 3


def test_a_newer_package_without_the_engine_says_what_to_install(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = exported(built, built / "decks" / "mini.apkg", "new.apkg", legacy=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    _, (problem,) = read_package(hers)
    assert problem.message.startswith("cannot be read: its format needs Anki's engine: ")
    assert problem.message.endswith(" anki")
    assert sys.executable in problem.message
