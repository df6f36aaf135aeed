"""A ledger that was lost comes back out of the packages that were built with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from anki.import_export_pb2 import ExportAnkiPackageOptions

from tests.command import cards, files_of
from tests.engine import collection, double_click
from tests.public import Entry, load_ledger
from tests.sources import HEAD, write_sources

A = "  - {id: a, kind: event, event: was a, date: 1994, place: Rome}\n"
B = "  - {id: b, kind: event, event: was b, date: 1995, level: detail}\n"
LIST = "  - {id: l, kind: list, list: Some, items: [%s]}\n"
HAND = '  - {id: g, kind: cloze, text: "A {{c1::*one* & all}} and {{c2::two}}."}\n'


def built(root: Path, facts: str, now: int, style: str = "") -> None:
    """Builds such facts, and keeps the packages as an edition."""
    write_sources(root, {"card/style.css": style} if style else None, a=HEAD + facts)
    done = cards(root, "build", SOURCE_DATE_EPOCH=str(1_700_000_000 + now))
    assert done.exit_code == 0, done.output
    shutil.copytree(root / "decks", root / f"edition-{now}")


def lost(root: Path) -> dict[str, Entry]:
    """The ledger, which is gone afterwards."""
    path = root / "decks" / "ledger.jsonl"
    rows, problems = load_ledger(path)
    assert not problems
    path.unlink()
    return rows


def recovered(root: Path, *packages: str) -> dict[str, Entry]:
    """The ledger that comes out of packages."""
    done = cards(root, "ledger", "recover", *packages)
    assert done.exit_code == 0, done.output
    rows, problems = load_ledger(root / "decks" / "ledger.jsonl")
    assert not problems
    return rows


def packages_of(root: Path, *editions: int) -> list[str]:
    return [
        str(path.relative_to(root))
        for edition in editions
        for path in sorted((root / f"edition-{edition}").glob("*.apkg"))
    ]


def test_a_lost_ledger_is_rebuilt_and_the_next_build_changes_nothing(tmp_path: Path) -> None:
    built(tmp_path, A + B + LIST % "x, {item: '*y* & <z>', new: true}" + HAND, 0)
    before = files_of(tmp_path / "decks")
    lost(tmp_path)
    refused = cards(tmp_path, "build")
    assert "`cards ledger recover PACKAGE…`" in refused.stderr
    done = cards(tmp_path, "ledger", "recover")
    assert done.stdout == "decks/ledger.jsonl  5 notes, 0 of them not in the sources any more\n"
    assert files_of(tmp_path / "decks") == before
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700009999").exit_code == 0
    assert files_of(tmp_path / "decks") == before
    with collection(tmp_path / "learner.anki2") as col:
        double_click(col, tmp_path / "edition-0" / "mini.apkg")
        again = double_click(col, tmp_path / "decks" / "mini.apkg")
        assert (again.new, again.updated, again.conflicting) == (0, 0, 0)


def test_older_editions_tell_what_is_gone(tmp_path: Path) -> None:
    built(tmp_path, A + B + LIST % "x, C++, z" + HAND, 0)
    built(tmp_path, A + LIST % "x, z" + HAND.replace("{{c2::two}}", "two"), 1_000)
    before = lost(tmp_path)
    rows = recovered(tmp_path, *packages_of(tmp_path, 1_000, 0))
    assert rows == before
    assert (rows["l/items"].gaps, rows["l/items"].cards) == (
        ("items: x", "items: C++", "items: z"),
        (1, 3),
    )
    assert rows["b/when"].retired == "2023-11-14"
    (tmp_path / "decks" / "ledger.jsonl").unlink()
    newest = recovered(tmp_path)  # what no package tells is nobody's
    assert newest["l/items"].gaps == ("items: x", "", "items: z")
    assert "b/when" not in newest
    built(tmp_path, A + LIST % "x, z, q" + HAND.replace("{{c2::two}}", "two"), 2_000)
    after, _ = load_ledger(tmp_path / "decks" / "ledger.jsonl")
    assert after["l/items"].cards == (1, 3, 4)


def test_a_renamed_fact_keeps_its_guid_even_if_nothing_says_what_it_was(tmp_path: Path) -> None:
    built(tmp_path, A + B, 0)
    built(tmp_path, A.replace("id: a", "id: c, formerly: a") + B, 1_000)
    built(tmp_path, A.replace("id: a", "id: c") + B, 2_000)
    before = lost(tmp_path)
    assert recovered(tmp_path, *packages_of(tmp_path, 2_000, 0)) == before
    (tmp_path / "decks" / "ledger.jsonl").unlink()
    rows = recovered(tmp_path)
    assert rows["c/when"] == before["c/when"]._replace(formerly=(), adopted=True)
    packages = {name: data for name, data in files_of(tmp_path / "decks").items() if "apkg" in name}
    done = cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700003000")
    assert done.exit_code == 0, done.output
    assert packages.items() <= files_of(tmp_path / "decks").items()


def test_a_fact_that_was_renamed_after_the_last_build_is_known(tmp_path: Path) -> None:
    built(tmp_path, A + B, 0)
    before = lost(tmp_path)
    write_sources(tmp_path, a=HEAD + A.replace("id: a", "id: c, formerly: a") + B)
    assert recovered(tmp_path) == before
    built(tmp_path, A.replace("id: a", "id: c, formerly: a") + B, 1_000)
    after, _ = load_ledger(tmp_path / "decks" / "ledger.jsonl")
    assert after["c/when"].guid == before["a/when"].guid


def test_an_empty_ledger_is_a_lost_one(tmp_path: Path) -> None:
    built(tmp_path, A, 0)
    before = lost(tmp_path)
    (tmp_path / "decks" / "ledger.jsonl").touch()
    assert "the ledger is empty; restore" in cards(tmp_path, "build").stderr
    assert recovered(tmp_path) == before


def test_notes_in_no_package_are_named(tmp_path: Path) -> None:
    built(tmp_path, A + B, 0)
    lost(tmp_path)
    done = cards(tmp_path, "ledger", "recover", "edition-0/mini-core.apkg")
    assert done.stdout.splitlines()[1].startswith(
        "1 note of the sources in none of these packages: b/when. The next build takes them for new"
    )


def test_a_ledger_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    built(tmp_path, A, 0)
    before = files_of(tmp_path / "decks")
    done = cards(tmp_path, "ledger", "recover")
    assert done.exit_code == 2
    assert "decks/ledger.jsonl is there, and only a lost ledger is rebuilt; if it" in done.stderr
    assert files_of(tmp_path / "decks") == before


@pytest.mark.parametrize("kind", ["exported", "other", "damaged", "none"])
def test_other_packages_are_refused(tmp_path: Path, kind: str) -> None:
    built(tmp_path, A, 0)
    lost(tmp_path)
    path = tmp_path / "x.apkg"
    if kind == "exported":
        with collection(tmp_path / "learner.anki2") as col:
            double_click(col, tmp_path / "decks" / "mini.apkg")
            options = ExportAnkiPackageOptions(with_scheduling=True, legacy=True)
            col.export_anki_package(out_path=str(path), options=options, limit=None)
    elif kind == "other":
        write_sources(tmp_path / "o", {"decks.yaml": "namespace: o\ndeck: O\ntag_root: Mini\n"
                                       "packages: {o: {title: O, about: O}}\n"})  # fmt: skip
        assert cards(tmp_path / "o", "build").exit_code == 0
        path.write_bytes((tmp_path / "o" / "decks" / "o.apkg").read_bytes())
    elif kind == "damaged":
        path.write_bytes((tmp_path / "decks" / "mini.apkg").read_bytes()[:-9])
    words = [] if kind == "none" else [path.name]
    if kind == "none":
        for package in (tmp_path / "decks").glob("*.apkg"):
            package.unlink()
    done = cards(tmp_path, "ledger", "recover", *words)
    assert done.exit_code == (2 if kind == "none" else 1)
    said = {
        "exported": "exported by Anki, so a learner may have changed it",
        "other": "not of the deck “Mini”",
        "damaged": "cannot be read: not a package",
        "none": "there are no packages in decks/",
    }
    assert said[kind] in done.stderr
    assert not (tmp_path / "decks" / "ledger.jsonl").exists()


def test_card_ids_that_are_not_as_usual_come_back(tmp_path: Path) -> None:
    built(tmp_path, A + LIST % "x, y", 0)
    package = tmp_path / "decks" / "mini.apkg"
    ledger = tmp_path / "decks" / "ledger.jsonl"
    # As an adopted deck has them: other ids of notes and cards than any build gives.
    rows = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    for row in rows:
        if row["key"] == "l/items":
            row |= {"id": 1_500_000_000_123, "card_ids": [1_400_000_000_007, 1_400_000_000_001]}
    for file in (tmp_path / "decks").glob("*.apkg"):
        file.unlink()
    ledger.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    assert package.exists()
    before = lost(tmp_path)
    assert before["l/items"].card_ids == (1_400_000_000_007, 1_400_000_000_001)
    assert recovered(tmp_path) == before


def test_what_two_branches_built_alike_keeps_the_earlier_time(tmp_path: Path) -> None:
    """As a merge does; with the later one, the next edition would overwrite a learner's edits."""
    first = A + B
    second = first.replace("Rome", "Lima") + B.replace("b", "c")
    for now, facts, style in ((0, first, "p {}"), (1000, second, "i {}"), (2000, second, "i {}")):
        shutil.rmtree(tmp_path / "decks", ignore_errors=True)
        if now:  # each branch begins with the first edition
            shutil.copytree(tmp_path / "edition-0", tmp_path / "decks")
        built(tmp_path, facts, now, style)
    shutil.rmtree(tmp_path / "decks")
    rows = recovered(tmp_path, *packages_of(tmp_path, 0, 1000, 2000))
    assert rows["a/where"].mod == 1_700_001_000
    assert rows["a/when"].mod == rows["b/when"].mod == 1_700_000_000
    assert rows["note type Mini"].mod == 1_700_001_000
    assert rows["c/when"].mod * 1000 - 1_000_000 < rows["c/when"].id < 1_700_001_000_000
    assert rows["c/when"].card_ids == ()
