from __future__ import annotations

import codecs
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import collection, double_click
from tests.public import Entry, build, load_ledger
from tests.sources import HEAD, project_of

A = "  - {id: a, kind: event, event: was a, date: 1994}\n"
B = "  - {id: b, kind: event, event: was b, date: 1995}\n"


def ledger(
    root: Path, facts: str, now: int, files: dict[str, str] | None = None
) -> dict[str, Entry]:
    """The ledger after a build of such facts at `now`."""
    project = project_of(root, files, a=HEAD + facts)
    built, _, problems = build(project, project.deck.packages.values(), root / "decks", now)
    assert built, problems
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
    again = B.replace("5", "6").replace("}", ", formerly: b}")
    changed = ledger(tmp_path, A, 110_000) | ledger(tmp_path, A + again, 120_000)
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
    without_packages(tmp_path)
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
    done, _, problems = build(project, project.deck.packages.values(), tmp_path / "decks", 2_000)
    assert done is None
    assert "from version control" in problems[-1].message


NOT_VALID = (
    "1:1: error: this line is not as `cards build` writes it; restore it from version control, or"
    " delete it if a merge left it over [ledger]"
)
ROW = {"key": "a/when", "guid": "g", "id": 5000, "mod": 6, "fields": "f", "tags": "t"}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            ["<<<<<<< HEAD"],
            "1:1: error: unresolved merge conflict; keep all lines of both"
            " sides, and delete those with <<<<<<<, ======= and >>>>>>> [ledger]",
        ),
        (
            [ROW, ROW | {"guid": "h", "id": 7000}],
            "2:1: error: “a/when” contradicts “a/when” on line 1, which has its key or GUID; keep"
            " the line that agrees with the packages, and delete the other [ledger]",
        ),
        (
            [
                ROW,
                ROW | {"key": "b/when", "guid": "h", "id": 7000},
                ROW | {"key": "b/when", "formerly": ["a/when"]},
            ],
            "3:1: error: “b/when” contradicts “b/when” on line 2, which has its key or GUID; keep"
            " the line that agrees with the packages, and delete the other [ledger]",
        ),
        (
            [ROW, ROW | {"key": "b/when"}],
            "2:1: error: “b/when” contradicts “a/when” on line 1, which has its key or GUID; keep"
            " the line that agrees with the packages, and delete the other [ledger]",
        ),
        (
            [ROW | {"gaps": ["x: a"]}, ROW | {"gaps": ["x: b"], "mod": 7}],
            "2:1: error: two branches have built “a/when” (here and on line 1), and deletion 1 is"
            " “x: a” in one and “x: b” in the other. If that is one item, reworded, write"
            ' its present text into "gaps" of both lines. If they are two, put "" in place of both:'
            " then neither gets the card of the other [ledger]",
        ),
        ([ROW | {"id": "5"}], NOT_VALID),
        ([ROW | {"mod": -1}], NOT_VALID),
        ([ROW | {"guid": ""}], NOT_VALID),
        ([ROW | {"id": 5001}], NOT_VALID),
        ([ROW | {"more": 1}], NOT_VALID),
        ([ROW | {"retired": 1}], NOT_VALID),
        ([ROW | {"cards": ["1"]}], NOT_VALID),
        ([ROW | {"gaps": "x"}], NOT_VALID),
        ([ROW | {"cards": [-5]}], NOT_VALID),
        ([ROW | {"cards": [501]}], NOT_VALID),
        ([ROW | {"tags": []}], NOT_VALID),
        ([{"key": "a/when"}], NOT_VALID),
        ([ROW | {"cards": [2], "gaps": ["x"]}], NOT_VALID),
        ([ROW | {"gaps": ["\ud800"]}], NOT_VALID),
        (["\udcff"], NOT_VALID),
        ([[1]], NOT_VALID),
    ],
)
def test_a_damaged_ledger_is_a_problem_with_its_line(
    tmp_path: Path, lines: list[object], problem: str
) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(
        "".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines),
        "utf-8",
        "surrogateescape",
    )
    assert [str(p) for p in load_ledger(path)[1]] == [f"{path}:{problem}"]


def test_nothing_is_built_on_a_damaged_ledger(tmp_path: Path) -> None:
    ledger(tmp_path, A, 1_000)
    path = tmp_path / "decks" / "ledger.jsonl"
    path.write_text(path.read_text("utf-8") + "=======\n", "utf-8")
    before = {path: path.read_bytes() for path in (tmp_path / "decks").glob("[!.]*")}
    project = project_of(tmp_path, a=HEAD + B)
    done, _, problems = build(project, project.deck.packages.values(), tmp_path / "decks", 2_000)
    assert done is None
    assert len(problems) == 1
    assert {path: path.read_bytes() for path in (tmp_path / "decks").glob("[!.]*")} == before


def test_a_line_separator_in_an_item_does_not_break_the_ledger(tmp_path: Path) -> None:
    facts = '  - {id: a, kind: list, list: L, items: ["x\\u2028y", z]}\n'
    first = ledger(tmp_path, facts, 1_000)
    assert first["a/items"].gaps == ("items: x\u2028y", "items: z")
    assert ledger(tmp_path, facts, 2_000) == first


def test_an_item_that_looks_like_the_end_of_a_line_does_not_break_the_ledger(
    tmp_path: Path,
) -> None:
    item = '}, {"key": "b/items"'
    facts = f"  - {{id: a, kind: list, list: L, items: ['{item}', z]}}\n"
    first = ledger(tmp_path, facts, 1_000)
    assert first["a/items"].gaps == (f"items: {item}", "items: z")
    lines = (tmp_path / "decks" / "ledger.jsonl").read_text("utf-8").splitlines()
    assert sorted(first) == [json.loads(line)["key"] for line in lines]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (['{"key": "a', 'b"}, {"key": "c"}'], ["1:1", "2:1"]),
        (['{"key": "a"', '"guid": "b"}', "{}, {}"], ["1:1", "2:1", "3:1"]),
        (["{}, {}", "", "{"], ["1:1", "2:1", "3:1"]),
        (['{"gaps": [{}', "{}]}", "{}, {}"], ["1:1", "2:1", "3:1"]),
    ],
)
def test_lines_that_are_entries_only_together_are_none(
    tmp_path: Path, lines: list[str], wrong: list[str]
) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    found, problems = load_ledger(path)
    assert not found
    assert [f"{problem.place.line}:{problem.place.column}" for problem in problems] == wrong
    assert all("not as `cards build` writes it" in problem.message for problem in problems)


def refused(root: Path, facts: str, now: int = 5_000) -> list[str]:
    """Why such facts cannot be built at `now`."""
    project = project_of(root, a=HEAD + facts)
    done, _, problems = build(project, project.deck.packages.values(), root / "decks", now)
    assert done is None
    return [str(problem).replace(f"{root}/", "") for problem in problems]


def change(root: Path, change_lines: Callable[[list[str]], list[str]]) -> None:
    path = root / "decks" / "ledger.jsonl"
    path.write_text("".join(change_lines(path.read_text("utf-8").splitlines(keepends=True))))


def without_packages(root: Path) -> None:
    """Leaves only the ledger, whose packages are then not known."""
    for package in (root / "decks").glob("*.apkg"):
        package.unlink()


def test_nothing_is_built_where_packages_are_and_the_ledger_is_not(tmp_path: Path) -> None:
    ledger(tmp_path, A, 1_000)
    (tmp_path / "decks" / "ledger.jsonl").unlink()
    expected = (
        "decks/ledger.jsonl:1:1: error: the ledger is missing, but {} is here: without the ledger,"
        " learners would get duplicates and lose their edits; restore ledger.jsonl from version"
        " control, as it was when these packages were built, or rebuild it from all packages that"
        " you have: `cards ledger recover PACKAGE…` [ledger]"
    )
    assert refused(tmp_path, A + B) == [expected.format("mini.apkg")]
    for package in (tmp_path / "decks").glob("*.apkg"):
        package.unlink()
    assert refused(tmp_path, A + B) == [expected.format("STUDY.md")]


def test_nothing_is_built_on_a_ledger_that_is_older_than_the_packages(tmp_path: Path) -> None:
    ledger(tmp_path, A, 1_000)
    path = tmp_path / "decks" / "ledger.jsonl"
    older = path.read_bytes()
    ledger(tmp_path, A.replace("1994", "1995") + B, 2_000)
    path.write_bytes(older)
    problems = refused(tmp_path, A + B)
    assert len(problems) == 4  # two notes, in two packages
    assert (
        "decks/ledger.jsonl:1:1: error: mini.apkg contains “a/when”, but the ledger is older than"
        " the package; restore ledger.jsonl from version control, as it was when these packages"
        " were built, or rebuild it from all packages that you have: `cards ledger recover"
        " PACKAGE…`; or, if another branch built these packages and no learner has them, delete"
        " decks/*.apkg [ledger]" in problems
    )
    assert any("contains “b/when”, but the ledger does not know it;" in p for p in problems)


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (
            lambda lines: lines[:1] + lines[2:],
            "contains “b/when”, but the ledger does not know it",
        ),
        (
            lambda lines: [line.replace('"id": 9', '"id": 8') for line in lines],
            "the ledger has another id for it",
        ),
        (
            lambda lines: (
                [re.sub('"guid": "..', '"guid": "xx', line) for line in lines[:2]] + lines[2:]
            ),
            "“a/when” has a GUID that does not belong to its key; restore",
        ),
        (
            lambda lines: [line.replace('"fields": "', '"fields": "x') for line in lines],
            "the ledger has other content for it",
        ),
        (
            lambda lines: [
                line.replace('"mod": 1000', '"mod": 9007199254740991') for line in lines
            ],
            "“a/when” was last changed on 9999-12-31, and today is 1970-01-01:",
        ),
    ],
)
def test_a_ledger_that_was_changed_by_hand_is_noticed(
    tmp_path: Path, edit: Callable[[list[str]], list[str]], problem: str
) -> None:
    ledger(tmp_path, A + B, 1_000)
    change(tmp_path, edit)
    assert any(problem in found for found in refused(tmp_path, A + B))


def test_nothing_is_built_after_a_build_of_a_time_to_come(tmp_path: Path) -> None:
    ledger(tmp_path, A, 2_000_000_000)
    assert refused(tmp_path, A + B, 1_795_000_000) == [
        "decks/ledger.jsonl:1:1: error: “a/when” was last changed on 2033-05-18, and today is"
        " 2026-11-18: one of the two clocks is wrong. Set this machine's clock right; or, if it was"
        " wrong at the last build, restore decks/ from version control as it was before [ledger]"
    ]


def test_another_namespace_is_refused(tmp_path: Path) -> None:
    ledger(tmp_path, A, 1_000)
    other = {"decks.yaml": "namespace: other\ndeck: Mini\ntag_root: Mini\n"
             "packages: {mini: {title: M, about: M}}\n"}  # fmt: skip
    project = project_of(tmp_path, other, a=HEAD + A)
    _, _, problems = build(project, project.deck.packages.values(), tmp_path / "decks", 2_000)
    assert problems[-1].message.startswith(
        "the ledger was built with a namespace other than “other”"
    )


def test_a_ledger_that_is_written_otherwise_is_put_right(tmp_path: Path) -> None:
    first = ledger(tmp_path, A + B, 1_000)
    path = tmp_path / "decks" / "ledger.jsonl"
    right = path.read_bytes()
    change(tmp_path, lambda lines: lines[::-1])
    assert ledger(tmp_path, A + B, 2_000) == first
    assert path.read_bytes() == right
    path.write_bytes(codecs.BOM_UTF8 + right.replace(b"\n", b"\r\n"))  # as an editor may
    assert ledger(tmp_path, A + B, 3_000) == first
    assert path.read_bytes() == right


def test_a_package_of_another_deck_is_written_over(tmp_path: Path) -> None:
    ledger(tmp_path / "one", A, 1_000)
    other = {"decks.yaml": "namespace: other\ndeck: Other\ntag_root: Mini\n"
             "packages: {mini: {title: M, about: M}}\n"}  # fmt: skip
    ledger(tmp_path / "two", A, 1_000, other)
    target = tmp_path / "one" / "decks" / "mini.apkg"
    right = target.read_bytes()
    target.write_bytes((tmp_path / "two" / "decks" / "mini.apkg").read_bytes())
    ledger(tmp_path / "one", A, 2_000)
    assert target.read_bytes() == right


LIST = "  - {id: l, kind: list, list: Some, items: [%s]}\n"


def branches(root: Path, base: str, *edits: tuple[str, int]) -> Path:
    """Builds two branches from one state, and puts the lines of both ledgers into one."""
    ledger(root, base, 1_000)
    lines = set()
    for number, (facts, now) in enumerate(edits):
        shutil.copytree(root / "decks", root / f"branch-{number}" / "decks")
        ledger(root / f"branch-{number}", facts, now)
        text = (root / f"branch-{number}" / "decks" / "ledger.jsonl").read_text("utf-8")
        lines.update(text.splitlines(keepends=True))
    shutil.rmtree(root / "decks")
    shutil.copytree(root / "branch-1" / "decks", root / "decks")
    path = root / "decks" / "ledger.jsonl"
    path.write_text("".join(sorted(lines)), "utf-8")
    return path


def test_two_branches_that_both_built_become_one(tmp_path: Path) -> None:
    one = (A.replace("1994", "1996") + LIST % "x, y, z", 2_000)
    two = (A + B + LIST % "x, Y", 3_000)
    branches(tmp_path, A + LIST % "x, y", one, two)
    merged = ledger(tmp_path, A.replace("1994", "1996") + B + LIST % "x, Y, z", 4_000)
    assert merged["l/items"].gaps == ("items: x", "items: Y", "items: z")
    assert (merged["a/when"].mod, merged["l/items"].mod) == (2_000, 4_000)


def test_two_branches_that_gave_one_number_to_two_items_need_a_person(tmp_path: Path) -> None:
    one, two = (LIST % "x, y, p", 2_000), (LIST % "x, y, q", 3_000)
    path = branches(tmp_path, LIST % "x, y", one, two)
    (problem,) = refused(tmp_path, LIST % "x, y, p, q")
    assert "deletion 3 is “items: p” in one and “items: q” in the other" in problem
    text = path.read_text("utf-8").replace('"items: p"', '""').replace('"items: q"', '""')
    path.write_text(text, "utf-8")
    merged = ledger(tmp_path, LIST % "x, y, p, q", 4_000)
    assert merged["l/items"].gaps == ("items: x", "items: y", "", "items: p", "items: q")
    assert merged["l/items"].cards == (1, 2, 4, 5)


def test_two_branches_that_gave_one_id_to_two_notes_become_one(tmp_path: Path) -> None:
    path = branches(tmp_path, A, (A + B, 2_000), (A + LIST % "x, y", 2_000))
    assert len({json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()}) == 4
    merged = ledger(tmp_path, A + B + LIST % "x, y", 3_000)
    assert len({row.id for row in merged.values()}) == len(merged) == 5
    learner = tmp_path / "learner.anki2"
    with collection(learner) as col:
        double_click(col, tmp_path / "branch-0" / "decks" / "mini.apkg")
        assert double_click(col, tmp_path / "decks" / "mini.apkg").new == 1


def test_deletions_that_change_places_in_the_ledger_are_noticed(tmp_path: Path) -> None:
    hand = '  - {id: g, kind: cloze, text: "A {{c1::*one*}} and {{c2::two & 2}}."}\n'
    ledger(tmp_path, hand + LIST % "x *y*, z", 1_000)
    for one, other in (("items: x *y*", "items: z"), ("<em>one</em>", "two &amp; 2")):
        path = tmp_path / "decks" / "ledger.jsonl"
        right = path.read_text("utf-8")
        swapped = right.replace(one, "\0").replace(other, one).replace("\0", other)
        path.write_text(swapped, "utf-8")
        problems = refused(tmp_path, hand + LIST % "x *y*, z")
        assert any("has other cloze deletions for it" in problem for problem in problems)
        path.write_text(right, "utf-8")


def test_what_two_branches_built_alike_overwrites_no_edits(tmp_path: Path) -> None:
    branches(tmp_path, A, (A + B, 2_000), (A + B + LIST % "x, y", 3_000))
    merged = ledger(tmp_path, A + B + LIST % "x, y", 4_000)
    assert (merged["b/when"].mod, merged["l/items"].mod) == (2_000, 3_000)
    with collection(tmp_path / "learner.anki2") as col:
        for number in (0, 1):
            double_click(col, tmp_path / f"branch-{number}" / "decks" / "mini.apkg")
        col.db.execute("update notes set mod = 2500")  # type: ignore[union-attr]
        assert double_click(col, tmp_path / "decks" / "mini.apkg").updated == 1  # the list
    assert ledger(tmp_path, A + B + LIST % "x, y", 5_000) == merged


def said(root: Path, facts: str, now: int, files: dict[str, str] | None = None) -> list[str]:
    """What a build of such facts at `now` warns of, or why there is none."""
    project = project_of(root, files, a=HEAD + facts)
    _, _, problems = build(project, project.deck.packages.values(), root / "decks", now)
    return [str(problem).replace(f"{root}/", "") for problem in problems]


def test_a_build_says_what_it_settled_after_a_merge_and_says_it_once(tmp_path: Path) -> None:
    branches(tmp_path, A, (A + B, 2_000), (A + B + LIST % "x, y", 3_000))
    assert said(tmp_path, A + B + LIST % "x, y", 4_000) == [
        "decks/ledger.jsonl:3:1: warning: two branches have built “b/when”: one line is made of two"
        " [ledger]"
    ]
    assert said(tmp_path, A + B + LIST % "x, y", 5_000) == []


@pytest.mark.parametrize("base", ["", "||||||| 12345\n{}"])
def test_a_conflict_in_the_ledger_keeps_the_lines_of_both_sides(tmp_path: Path, base: str) -> None:
    before = ledger(tmp_path, A, 1_000)
    path = branches(tmp_path / "b", A, (A.replace("1994", "1996"), 2_000), (A + B, 3_000))
    (one, two), rest = (
        [line for line in path.read_text("utf-8").splitlines(keepends=True) if ("a/w" in line) == a]
        for a in (True, False)
    )
    old = f'{{"key": "a/when", "guid": "{before["a/when"].guid}"}}\n'  # not read
    conflict = f"<<<<<<< HEAD\n{one}{base.format(old)}=======\n{two}>>>>>>> a-branch\n"
    path.write_text(conflict + "".join(rest), "utf-8")
    facts = A.replace("1994", "1996") + B
    assert said(tmp_path / "b", facts, 4_000) == [
        "decks/ledger.jsonl:1:1: warning: merge conflict: the lines of both sides are kept"
        " [ledger]",
        f"decks/ledger.jsonl:{6 if base else 4}:1: warning: two branches have built “a/when”: one"
        " line is made of two [ledger]",
    ]
    assert said(tmp_path / "b", facts, 5_000) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["<<<<<<< a", "", "======="],
        ["=======", "", ">>>>>>> b"],
        ["<<<<<<< a", "<<<<<<< a", "=======", ">>>>>>> b"],
        ["<<<<<<< a", ">>>>>>> b"],
    ],
)
def test_half_a_conflict_in_the_ledger_needs_a_person(tmp_path: Path, lines: list[str]) -> None:
    ledger(tmp_path, A, 1_000)
    change(tmp_path, lambda kept: [*kept, *(f"{line}\n" for line in lines if line)])
    (problem,) = refused(tmp_path, A)
    assert "unresolved merge conflict" in problem


def test_of_two_notes_with_one_id_the_one_in_a_package_keeps_it(tmp_path: Path) -> None:
    branches(tmp_path, A, (A + LIST % "x, y", 2_000), (A + B, 2_001))
    path = tmp_path / "decks" / "ledger.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    id_ = next(row["id"] for row in rows if row["key"] == "b/when")
    for row in rows:
        row["id"] = id_ if row["key"] == "l/items" else row["id"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert any("“b/when” and “l/items” the same id" in line for line in said(
        tmp_path, A + B + LIST % "x, y", 3_000
    ))  # fmt: skip
    after = ledger(tmp_path, A + B + LIST % "x, y", 4_000)
    assert (after["b/when"].id, after["l/items"].id != id_) == (id_, True)


RENAMED = {
    "kinds/list.yaml": "about: A list.\nfields:\n  list: {type: text, required: true}\n"
    "  parts: {type: list, required: true, formerly: items}\n"
    "prompts: {items: {cloze: '{{ list }}: {{ parts | cloze }}'}}\n"
}


def test_a_field_that_one_branch_renamed_is_the_same_in_the_other(tmp_path: Path) -> None:
    before = ledger(tmp_path, LIST % "x, y", 1_000)
    for name in ("one", "two"):
        shutil.copytree(tmp_path / "decks", tmp_path / name / "decks")
    parts = (LIST % "x, y").replace("items:", "parts:").replace("Some", "All")
    ledger(tmp_path / "one", parts, 2_000, RENAMED)
    ledger(tmp_path / "two", LIST % "x, y, z", 3_000)
    lines = {
        line
        for name in ("one", "two")
        for line in (tmp_path / name / "decks" / "ledger.jsonl").read_text("utf-8").splitlines()
    }
    (tmp_path / "decks" / "ledger.jsonl").write_text("\n".join(sorted(lines)) + "\n", "utf-8")
    without = {"kinds/list.yaml": RENAMED["kinds/list.yaml"].replace(", formerly: items", "")}
    both = parts.replace("x, y", "x, y, z")
    (problem,) = said(tmp_path, both, 4_000, without)
    assert re.search("If a field was renamed, write formerly: \\w+ beside the type of “", problem)
    after = ledger(tmp_path, both, 4_000, RENAMED)
    assert after["l/items"].guid == before["l/items"].guid
    assert after["l/items"].gaps == ("parts: x", "parts: y", "parts: z")


def test_ids_that_change_places_in_the_ledger_are_noticed(tmp_path: Path) -> None:
    rows = ledger(tmp_path, A + B, 1_000)
    one, other = str(rows["a/when"].id), str(rows["b/when"].id)
    change(tmp_path, lambda lines: [
        line.replace(one, "\0").replace(other, one).replace("\0", other) for line in lines
    ])  # fmt: skip
    assert any("the ledger has another id" in line for line in refused(tmp_path, A + B))


@pytest.mark.parametrize("time", ["999", "1001"])
def test_a_time_that_was_edited_by_hand_is_noticed(tmp_path: Path, time: str) -> None:
    ledger(tmp_path, A + B, 1_000)
    change(tmp_path, lambda lines: [lines[0].replace('"mod": 1000', f'"mod": {time}'), *lines[1:]])
    problems = said(tmp_path, A + B, 2_000)
    assert problems[1].startswith(
        "decks/ledger.jsonl:1:1: warning: mini.apkg contains “a/when” with the same content, last"
        f" changed at 1000, and the ledger says {time}; if that was edited by hand, restore"
    )


def test_designs_that_two_branches_changed_become_one(tmp_path: Path) -> None:
    ledger(tmp_path, A, 1_000)
    lines = set()
    for number, colour in enumerate(("red", "blue")):
        root = tmp_path / colour
        shutil.copytree(tmp_path / "decks", root / "decks")
        ledger(root, A, 2_000 + number, {"card/style.css": f".card {{ color: {colour}; }}"})
        lines |= {*(root / "decks" / "ledger.jsonl").read_text("utf-8").splitlines()}
    assert len(lines) == 5
    (tmp_path / "decks" / "ledger.jsonl").write_text("\n".join(sorted(lines)), "utf-8")
    merged = ledger(tmp_path, A, 3_000, {"card/style.css": ".card { color: blue; }"})
    assert {row.mod for row in merged.values() if not row.of_note} == {2_001}


def test_git_merges_the_ledgers_of_two_branches_without_a_conflict(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        who = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
        return subprocess.run(
            [*who, *words], cwd=tmp_path, check=False, capture_output=True
        ).stdout.decode()

    def commit(facts: str, now: int) -> None:
        ledger(tmp_path, facts, now)
        git("add", ".gitattributes", "decks")
        git("commit", "-m", "x")

    git("init", "-b", "main")
    shutil.copy(Path(__file__).parent.parent / ".gitattributes", tmp_path)
    commit(A + LIST % "x, y", 1_000)
    git("checkout", "-b", "other")
    commit(A.replace("1994", "1996") + LIST % "x, y, z", 2_000)
    git("checkout", "main")
    commit(A + B + LIST % "x, y, Z", 3_000)
    said = git("merge", "other")
    assert "decks/mini.apkg" in said  # either side's will do
    assert "CONFLICT" not in "".join(line for line in said.splitlines() if "ledger" in line)
    merged = ledger(tmp_path, A.replace("1994", "1996") + B + LIST % "x, y, z", 4_000)
    assert merged["l/items"].cards == (1, 2, 3)
    assert len(merged) == 5


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("note type Mini", "id", 5),
        ("note type Mini", "field_ids", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("note type Mini Cloze", "template_ids", [9]),
        ("a/when", "tags", "edited"),
        ("a/when", "card_ids", [77]),
        ("l/items", "gaps", []),
        ("l/items", "gaps", ["items: x"]),
        ("l/items", "cards", [1]),
    ],
)
def test_whatever_was_edited_by_hand_is_noticed(
    tmp_path: Path, key: str, name: str, value: object
) -> None:
    facts = A + "  - {id: l, kind: list, list: Some, items: [x, y]}\n"
    ledger(tmp_path, facts, 1_000)

    def edited(lines: list[str]) -> list[str]:
        rows = [json.loads(line) for line in lines]
        return [
            json.dumps(row | {name: value} if row["key"] == key else row) + "\n" for row in rows
        ]

    change(tmp_path, edited)
    problems = refused(tmp_path, facts)
    assert problems
    assert all("[ledger]" in problem for problem in problems)
