from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command import cards
from tests.public import coverage
from tests.sources import problems_of, project_of

SOURCES = {
    "sources.yaml": "handbook: {title: A Handbook, sections: [Start, Middle, End]}\n"
    "website: {title: A Website}\n",
    "left-out.yaml": "handbook:\n  - {at: 'End, para 2', claim: The end is near, why: trivial}\n",
}
FACTS = """\
topic: basics
level: core
facts:
  - {id: a, kind: event, event: was a, date: 1994, place: X,
     source: {doc: handbook, at: "Start, 1"}}
  - {id: b, kind: event, event: was b, date: 1995, source: [{doc: handbook, at: Start},
     {doc: handbook, at: "Middle, note"}, {doc: website, at: anywhere}]}
"""


def test_coverage_counts_facts_notes_and_claims_left_out_by_section(tmp_path: Path) -> None:
    project = project_of(tmp_path, SOURCES, a=FACTS)
    assert coverage(project) == {
        "handbook": [("Start", 2, 3, 0), ("Middle", 1, 1, 0), ("End", 0, 0, 1)]
    }


def test_the_command_prints_it(tmp_path: Path) -> None:
    project_of(tmp_path, SOURCES, a=FACTS)
    done = cards(tmp_path, "coverage")
    assert done.exit_code == 0
    assert (
        done.stdout
        == """\
handbook: A Handbook
          facts  notes  left out
  Start       2      3         0
  Middle      1      1         0
  End         0      0         1
"""
    )


def test_on_a_narrow_terminal_a_long_title_goes_on_indented(tmp_path: Path) -> None:
    sources = SOURCES["sources.yaml"].replace("A Handbook", "A Handbook of All Islands")
    project_of(tmp_path, {"sources.yaml": sources}, a=FACTS)
    shown = cards(tmp_path, "coverage", COLUMNS="30").stdout
    assert shown.startswith("handbook: A Handbook of All\n  Islands\n")


def test_without_sections_the_command_says_how_to_get_them(tmp_path: Path) -> None:
    project_of(tmp_path)
    assert cards(tmp_path, "coverage").stdout == (
        "No document lists its sections; name them under “sections:” in sources.yaml.\n"
    )


def test_a_locator_begins_with_a_section_of_its_document(tmp_path: Path) -> None:
    files = SOURCES | {
        "left-out.yaml": "handbook: [{at: Stop, claim: x, why: y}]\nhandbok: []\nwebsite: x\n"
    }
    assert problems_of(tmp_path, files, a=FACTS.replace("Middle, note", "Midle, note")) == [
        "facts/a.yaml:7:26: error: “Midle, note” does not begin with a section of “handbook”;"
        " did you mean “Middle”? [locator]",
        "left-out.yaml:1:12: error: “Stop” does not begin with a section of “handbook” [locator]",
        "left-out.yaml:2:1: error: unknown source “handbok”; did you mean"
        " “handbook”? [unknown-source]",
        "left-out.yaml:3:10: error: what is left out must be a list (- …) [type]",
    ]


@pytest.mark.parametrize(
    ("why", "unknown"),
    [
        ("duplicate of first-act", ""),
        ("trivial, and a Duplicate of first-act, b and second-act; see c", ""),
        ("duplicate of first-act, which has the date of it, and a second-hand one", ""),
        ("duplicate of b (its note, and note of c)", ""),
        ("duplicate of b, and island names", ""),
        ("no duplicate", ""),
        ("duplicate of fist-act", "fist-act first-act"),
        ("duplicate of c", "c"),
        ("duplicate of first-act and c", "c"),
        ("duplicate of first-act, second-acts, and b", "second-acts second-act"),
        ("duplicate of b, c and first-act", "c"),
        ("duplicate of b (its note), first-act (asked both ways) and c", "c"),
        ("duplicate of first_act in part", "first_act first-act"),
        ("duplicate of b. duplicate of secnd-act, b", "secnd-act second-act"),
    ],
)
def test_a_fact_that_a_reason_names_is_there(tmp_path: Path, why: str, unknown: str) -> None:
    facts = FACTS.replace("id: a,", "id: first-act,") + (
        "  - {id: second-act, kind: event, event: was c, date: 1996}\n"
    )
    line = f'  - {{at: Start, claim: x, why: "{why}"}}'
    files = SOURCES | {"left-out.yaml": f"handbook:\n{line}\n"}
    name, _, meant = unknown.partition(" ")
    hint = f"; did you mean “{meant}”?" if meant else ""
    column = line.find(name, line.find("duplicate of") + 12) + 1
    if name == "c":
        column = re.search(r"\bc\b(?!laim)", line[30:]).start() + 31  # type: ignore[union-attr]
    message = f"left-out.yaml:2:{column}: error: unknown fact “{name}”{hint} [unknown-fact]"
    assert problems_of(tmp_path, files, a=facts) == ([message] if unknown else [])


def test_of_facts_that_are_as_near_as_one_another_the_first_is_named(tmp_path: Path) -> None:
    more = [f"  - {{id: act-{n}, kind: event, event: was {n}, date: 1996}}\n" for n in range(1, 9)]
    left_out = "handbook: [{at: Start, claim: x, why: duplicate of act-9}]\n"
    found = problems_of(tmp_path, SOURCES | {"left-out.yaml": left_out}, a=FACTS + "".join(more))
    assert found == [
        "left-out.yaml:1:52: error: unknown fact “act-9”; did you mean “act-1”? [unknown-fact]"
    ]


def test_no_fact_is_missed_while_a_file_of_facts_cannot_be_read(tmp_path: Path) -> None:
    left_out = "handbook: [{at: Start, claim: x, why: duplicate of a}]\n"
    found = problems_of(tmp_path, SOURCES | {"left-out.yaml": left_out}, a=FACTS + "]")
    assert len(found) == 1
    assert "[yaml]" in found[0]


def test_a_claim_left_out_has_a_reason(tmp_path: Path) -> None:
    files = SOURCES | {"left-out.yaml": "handbook: [{at: Start, claim: x, wy: y}]\n"}
    assert problems_of(tmp_path, files, a=FACTS) == [
        "left-out.yaml:1:12: error: a claim left out needs “why” [missing-key]",
        "left-out.yaml:1:34: error: a claim left out has no key “wy”; did you mean “why”?"
        " [unknown-key]",
    ]
