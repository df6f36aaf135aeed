"""Notes that exchanged their backs → a notice, since often an id was moved by mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.command import cards
from tests.sources import HEAD, write_sources

CARDS = {
    "kinds/event.yaml": """
        about: Something that happened.
        fields: {event: {type: text}, date: {type: text}, place: {type: text}, text: {type: cloze}}
        prompts:
          when:
            front: "When {{ event }}?"
            back: "{{ date }}"
            reverse: {front: "What of {{ date }}?", back: "{{ event }}"}
          where: {front: "Where {{ event }}?", back: "{{ place }}"}
          gaps: {cloze: "{{ text }}"}
        """,
}


def rebuilt(root: Path, before: list[str], after: list[str], *, keep: bool = True) -> list[str]:
    """What a build says beside what is reworded or gone, after a build of other facts."""
    for edition in (before, after):
        facts = "".join(f"  - {{id: {fact}, kind: event}}\n" for fact in edition)
        write_sources(root, CARDS, a=HEAD + facts)
        if not keep and edition is after:
            for package in (root / "decks").glob("*.apkg"):
                package.unlink()
        done = cards(root, "build")
        assert done.exit_code == 0, done.output
        if edition is before:
            shutil.copy(root / "decks" / "mini.apkg", root / "mini.apkg")
    lines = [
        line for line in done.stdout.splitlines() if "Key:" in line and "reworded:" not in line
    ]
    assert all("gone" not in line for line in lines)
    return [line.strip() for line in lines]


NOTICE = " notes exchanged their backs; often an id was moved by mistake: "


@pytest.mark.parametrize(
    ("before", "after", "keys"),
    [
        (
            ["a, event: was a, date: 1994", "b, event: was b, date: 1995"],
            ["a, event: was a, date: 1995", "b, event: was b, date: 1994"],
            ["a/when", "b/when"],
        ),
        (
            ["a, event: was a, place: Bonn, note: X", "b, event: was b, place: Rome"],
            ["b, event: was a, place: Bonn, note: Y", "a, event: was b, place: Rome, note: Z"],
            ["a/where", "b/where"],
        ),
        (
            ["a, event: was a, date: 1994, place: Bonn"],
            ["a, event: was a, date: Bonn, place: 1994"],
            ["a/when", "a/where"],
        ),
        (
            ["a, text: '{{c1::Bonn}} is one'", "b, text: '{{c1::Rome}} of {{c2::Italy}}'"],
            ["a, text: '{{c1::Rome}} is one'", "b, text: '{{c1::Bonn}} of {{c2::Italy}}'"],
            ["a/gaps", "b/gaps"],
        ),
        (
            [f"{name}, event: was {name}, place: {name * 2}" for name in "abc"],
            [f"{a}, event: was {a}, place: {b * 2}" for a, b in ("ab", "bc", "ca")],
            ["a/where", "b/where", "c/where"],
        ),
        (
            [f"{name}, event: was {name}, place: {place}" for name, place in ("a1", "b2", "c1")],
            [f"{name}, event: was {name}, place: {place}" for name, place in ("a2", "b1", "c3")],
            ["a/where", "b/where"],
        ),
        (  # the backs of b, c and d went round, too
            [f"{name}, event: was {name}, place: {at}" for name, at in ("a1", "b2", "c1", "d3")],
            [f"{name}, event: was {name}, place: {at}" for name, at in ("a2", "b1", "c3", "d2")],
            ["a/where", "b/where"],
        ),
    ],
)
def test_a_build_says_which_notes_exchanged_their_backs(
    tmp_path: Path, before: list[str], after: list[str], keys: list[str]
) -> None:
    found = " or ".join(f'"Key:{key}"' for key in keys)
    assert rebuilt(tmp_path, before, after) == [f"{len(keys)}{NOTICE}{found}"]
    assert NOTICE not in cards(tmp_path, "build").stdout
    report = cards(tmp_path, "changes", "mini.apkg", "--format", "markdown").stdout
    named = " and ".join(f"`{key}`" for key in keys)
    assert f"## Exchanged backs (1)\n\n- {named}: often an id was moved by mistake\n" in report


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            ["a, event: was a, place: Bonn", "b, event: was b, place: Rome"],
            ["a, event: was a, place: Rome", "b, event: was b, place: Oslo"],
        ),
        (
            ["a, event: was a, place: Bonn", "b, event: was b, place: Bonn"],
            ["a, event: was a, place: Rome", "b, event: was b, place: Rome"],
        ),
        (["a, event: was a, place: Bonn"], ["a, event: was a, place: Rome"]),
    ],
)
def test_answers_that_did_not_go_round_are_not_spoken_of(
    tmp_path: Path, before: list[str], after: list[str]
) -> None:
    assert not rebuilt(tmp_path, before, after)
    assert "Exchanged" not in cards(tmp_path, "changes", "mini.apkg").stdout


def test_without_the_packages_built_before_nothing_is_known_of_answers(tmp_path: Path) -> None:
    before = ["a, event: was a, place: Bonn", "b, event: was b, place: Rome"]
    after = ["a, event: was a, place: Rome", "b, event: was b, place: Bonn"]
    assert not rebuilt(tmp_path, before, after, keep=False)


def test_a_prompt_that_takes_another_field_in_many_facts_is_one_line(tmp_path: Path) -> None:
    facts = [f"f{at}, event: was {at}, date: d{at}, place: p{at}" for at in range(9)]
    swapped = [f"f{at}, event: was {at}, date: p{at}, place: d{at}" for at in range(9)]
    (line,) = rebuilt(tmp_path, facts, swapped)
    assert line.endswith(" and 10 more: see `cards changes`")
