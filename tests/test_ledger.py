from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from builder.ledger import load_ledger
from builder.model import Stamp
from builder.pipeline import build
from tests.sources import project_of

HEAD = "topic: basics\nlevel: core\nsource: {doc: handbook, at: p. 1}\nfacts:\n"
A = "  - {id: a, kind: event, event: was a, date: 1994}\n"
B = "  - {id: b, kind: event, event: was b, date: 1995}\n"


def ledger(
    root: Path, facts: str, now: int, files: dict[str, str] | None = None
) -> dict[str, Stamp]:
    """The ledger after a build of such facts at `now`."""
    project = project_of(root, files, a=HEAD + facts)
    _, problems = build(project, project.deck.packages.values(), root / "decks", now)
    assert not problems
    rows, problems = load_ledger(root / "decks" / "ledger.jsonl")
    assert not problems
    return rows


def test_nothing_moves_when_nothing_changes(tmp_path: Path) -> None:
    first = ledger(tmp_path, A + B, 1_000)
    files = {path: path.read_bytes() for path in (tmp_path / "decks").glob("[!.]*")}
    assert ledger(tmp_path, A + B, 2_000) == first
    assert {path: path.read_bytes() for path in (tmp_path / "decks").glob("[!.]*")} == files


def test_a_reworded_note_keeps_its_guid_and_id_and_gets_a_later_mod(tmp_path: Path) -> None:
    first = ledger(tmp_path, A + B, 1_000)
    second = ledger(tmp_path, A.replace("1994", "1996") + B, 2_000)
    assert second["b/when"] == first["b/when"]
    assert (second["a/when"].guid, second["a/when"].id) == (
        first["a/when"].guid,
        first["a/when"].id,
    )
    assert (first["a/when"].mod, second["a/when"].mod) == (1_000, 2_000)


def test_a_mod_is_later_than_the_last_even_if_the_clock_stands_or_goes_back(tmp_path: Path) -> None:
    ledger(tmp_path, A, 1_000)
    assert ledger(tmp_path, A.replace("1994", "1996"), 1_000)["a/when"].mod == 1_001
    assert ledger(tmp_path, A.replace("1994", "1997"), 500)["a/when"].mod == 1_002


def test_order_and_files_of_facts_do_not_matter_to_a_note(tmp_path: Path) -> None:
    first = ledger(tmp_path, A + B, 1_000)
    assert ledger(tmp_path, B + A, 2_000) == first


def test_a_removed_note_stays_as_retired_and_returns_as_it_was(tmp_path: Path) -> None:
    first = ledger(tmp_path, A + B, 1_000)
    without = ledger(tmp_path, A, 90_000)
    assert without["b/when"].retired == "1970-01-02"
    assert without["b/when"].guid == first["b/when"].guid
    assert ledger(tmp_path, A + B, 100_000) == first
    changed = ledger(tmp_path, A, 110_000) | ledger(tmp_path, A + B.replace("5", "6"), 120_000)
    assert (changed["b/when"].guid, changed["b/when"].mod) == (first["b/when"].guid, 120_000)


def test_a_change_of_style_moves_the_note_types_and_no_note(tmp_path: Path) -> None:
    first = ledger(tmp_path, A, 1_000)
    second = ledger(tmp_path, A, 2_000, {"card/style.css": ".card { color: red; }"})
    assert [key for key in first if first[key] != second[key]] == [
        "note type Mini",
        "note type Mini Cloze",
    ]
    assert {second[key].mod for key in ("note type Mini", "note type Mini Cloze")} == {2_000}


def test_guids_hang_on_namespace_and_key_alone(tmp_path: Path) -> None:
    first = ledger(tmp_path / "one", A, 1_000)
    reworded = A.replace("was a", "was that").replace("1994", "1999")
    second = ledger(tmp_path / "two", B + reworded, 9_000)
    assert first["a/when"].guid == second["a/when"].guid
    other = {"decks.yaml": "namespace: other\ndeck: Mini\ntag_root: Mini\n"
             "packages: {m: {title: M, about: M}}\n"}  # fmt: skip
    assert ledger(tmp_path / "three", A, 1_000, other)["a/when"].guid != first["a/when"].guid


def test_fields_and_templates_have_ids_for_ever(tmp_path: Path) -> None:
    first = ledger(tmp_path, A, 1_000)
    types = [row for row in first.values() if not row.of_note]
    ids = [id_ for row in types for id_ in (*row.field_ids, *row.template_ids)]
    assert [(len(row.field_ids), len(row.template_ids)) for row in types] == [(8, 2), (5, 1)]
    assert len(set(ids)) == 16
    assert all(0 < id_ < 2**63 for id_ in ids)
    path = tmp_path / "decks" / "ledger.jsonl"
    path.write_text(path.read_text("utf-8").replace(str(ids[0]), "7"), "utf-8")  # built elsewhere
    second = ledger(tmp_path, A, 2_000, {"card/style.css": ".card { color: red; }"})
    assert second["note type Mini"].field_ids == (7, *types[0].field_ids[1:])
    assert second["note type Mini"].template_ids == types[0].template_ids


def test_a_ledger_without_ids_gains_them_with_a_later_mod_once(tmp_path: Path) -> None:
    first = ledger(tmp_path, A, 1_000)
    path = tmp_path / "decks" / "ledger.jsonl"
    path.write_text(re.sub(r', "[a-z]*_ids": \[.*?\]', "", path.read_text("utf-8")), "utf-8")
    second = ledger(tmp_path, A, 2_000)
    assert second == {
        key: row if row.of_note else row._replace(mod=2_000) for key, row in first.items()
    }
    assert ledger(tmp_path, A, 3_000) == second


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r'("field_ids": \[)\d+, ', r"\1"),
        (r'("field_ids": \[)\d+', r"\g<1>0"),
        (r'("field_ids": \[)\d+', rf"\g<1>{2**63}"),
        (r'("field_ids": \[)\d+', r"\g<1>5"),  # in both note types
        (r', "template_ids": \[.*?\]', ""),
    ],
)
def test_ids_of_fields_and_templates_that_were_edited_are_refused(
    tmp_path: Path, old: str, new: str
) -> None:
    ledger(tmp_path, A, 1_000)
    path = tmp_path / "decks" / "ledger.jsonl"
    path.write_text(re.sub(old, new, path.read_text("utf-8")), "utf-8")
    project = project_of(tmp_path, a=HEAD + A)
    done, problems = build(project, project.deck.packages.values(), tmp_path / "decks", 2_000)
    assert done is None
    assert "restore its line of ledger.jsonl from version control" in problems[-1].message


ROW = {"key": "a/when", "guid": "g", "id": 5000, "mod": 6, "fields": "f", "tags": "t"}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["<<<<<<< HEAD"], "1:1: error: this line is no JSON; is it left from a merge? [ledger]"),
        (
            [ROW, ROW | {"id": 7000}],
            "2:1: error: “a/when” stands here a second time; keep one of the two lines [ledger]",
        ),
        (
            [ROW, ROW | {"key": "b/when"}],
            "2:1: error: id 5000 is that of line 1 too; add 1000 to one of them [ledger]",
        ),
        ([ROW | {"id": "5"}], "1:1: error: the row needs the number “id” [ledger]"),
        ([ROW | {"mod": -1}], "1:1: error: the row needs the number “mod” [ledger]"),
        ([ROW | {"guid": ""}], "1:1: error: the row needs the text “guid” [ledger]"),
        ([ROW | {"id": 5001}], "1:1: error: “id” must be a multiple of 1000 [ledger]"),
        ([ROW | {"more": 1}], "1:1: error: the row has a strange “more” [ledger]"),
        ([ROW | {"retired": 1}], "1:1: error: the row has a strange “retired” [ledger]"),
        ([ROW | {"cards": ["1"]}], "1:1: error: “cards” is not a list of the right sort [ledger]"),
        ([ROW | {"gaps": "x"}], "1:1: error: “gaps” is not a list of the right sort [ledger]"),
        ([[1]], "1:1: error: a row must be a JSON object [ledger]"),
    ],
)
def test_a_damaged_ledger_is_a_problem_with_its_line(
    tmp_path: Path, lines: list[object], problem: str
) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(
        "".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines), "utf-8"
    )
    assert [str(p) for p in load_ledger(path)[1]] == [f"{path}:{problem}"]


def test_nothing_is_built_on_a_damaged_ledger(tmp_path: Path) -> None:
    ledger(tmp_path, A, 1_000)
    path = tmp_path / "decks" / "ledger.jsonl"
    path.write_text(path.read_text("utf-8") + "=======\n", "utf-8")
    before = {path: path.read_bytes() for path in (tmp_path / "decks").glob("[!.]*")}
    project = project_of(tmp_path, a=HEAD + B)
    done, problems = build(project, project.deck.packages.values(), tmp_path / "decks", 2_000)
    assert done is None
    assert len(problems) == 1
    assert {path: path.read_bytes() for path in (tmp_path / "decks").glob("[!.]*")} == before


def test_a_line_separator_in_an_item_does_not_break_the_ledger(tmp_path: Path) -> None:
    facts = '  - {id: a, kind: list, list: L, items: ["x\\u2028y", z]}\n'
    first = ledger(tmp_path, facts, 1_000)
    assert first["a/items"].gaps == ("items: x\u2028y", "items: z")
    assert ledger(tmp_path, facts, 2_000) == first
