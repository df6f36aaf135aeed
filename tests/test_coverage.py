from __future__ import annotations

from pathlib import Path

from builder.coverage import coverage
from tests.sources import problems_of, project_of
from tests.test_cli import cards

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
    assert coverage(project.sources.values(), project.notes, project.left_out) == {
        "handbook": [("Start", 2, 3, 0), ("Middle", 1, 1, 0), ("End", 0, 0, 1)]
    }


def test_the_command_prints_it(tmp_path: Path) -> None:
    project_of(tmp_path, SOURCES, a=FACTS)
    done = cards(tmp_path, "coverage")
    assert done.returncode == 0
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


def test_a_locator_begins_with_a_section_of_its_document(tmp_path: Path) -> None:
    files = SOURCES | {
        "left-out.yaml": "handbook: [{at: Stop, claim: x, why: y}]\nhandbok: []\nwebsite: x\n"
    }
    assert problems_of(tmp_path, files, a=FACTS.replace("Middle, note", "Midle, note")) == [
        "facts/a.yaml:7:26: error: “Midle, note” does not begin with a section of “handbook”;"
        " did you mean “Middle”? [locator]",
        "left-out.yaml:1:12: error: “Stop” does not begin with a section of “handbook” [locator]",
        "left-out.yaml:2:1: error: there is no source “handbok” in sources.yaml; did you mean"
        " “handbook”? [unknown-source]",
        "left-out.yaml:3:10: error: what is left out is a list (- …) [type]",
    ]


def test_a_claim_left_out_has_a_reason(tmp_path: Path) -> None:
    files = SOURCES | {"left-out.yaml": "handbook: [{at: Start, claim: x, wy: y}]\n"}
    assert problems_of(tmp_path, files, a=FACTS) == [
        "left-out.yaml:1:12: error: a claim left out needs “why” [missing-key]",
        "left-out.yaml:1:34: error: a claim left out has no key “wy”; did you mean “why”?"
        " [unknown-key]",
    ]
