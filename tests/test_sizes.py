"""What takes the builder's time linear with the sources, and not with their square."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from tests.effort import linear
from tests.public import check_cards, finished, load_project, wrong_with
from tests.sources import HEAD, MINI, problems_of, write_sources

TAGS = textwrap.dedent(MINI["tags.yaml"]).lstrip("\n")

Sources = tuple[dict[str, str], str]


def event(name: int, rest: str) -> str:
    return f"  - {{id: a-{name}, kind: event, event: was a{name}, date: 1994, {rest}}}\n"


def tags(line: str, count: int) -> dict[str, str]:
    return {"tags.yaml": f"{TAGS}m:\n" + "".join(f"  t{n}: {line}\n" for n in range(count))}


def listed(line: str, count: int) -> str:
    return ", ".join(line.replace("N", str(n)) for n in range(count))


CASES: dict[str, Callable[[int], Sources]] = {
    "waivers": lambda n: ({}, HEAD + event(1, f"waive: {{{listed('rule-N: x', n)}}}")),
    "wrong tags": lambda n: ({}, HEAD + event(1, f"tags: [{listed('tagg-N', n)}]")),
    "tags": lambda n: (tags("x", n), HEAD + event(1, f"tags: [{listed('m::tN', n)}]")),
    "wrong searches": lambda n: (tags("{_: x, _when: 'tag:a is:due'}", n), HEAD + event(1, "")),
    "searches for nothing": lambda n: (
        tags("{_: x, _when: tag:a or tag:b}", n),
        HEAD + event(1, ""),
    ),
    "searches for all": lambda n: (tags("{_: x, _when: 'tag:*'}", n), HEAD + event(1, "")),
    "items": lambda n: (
        {},
        f"{HEAD}  - {{id: l, kind: list, list: x, items: [{listed('item N', n)}]}}\n",
    ),
    "words of a question": lambda n: (
        {},
        HEAD
        + f"  - {{id: a, kind: event, date: 1994, event: {' '.join(map(str, range(n // 2)))}}}\n",
    ),
    "questions alike": lambda n: ({}, HEAD + "".join(event(number, "") for number in range(n))),
    "long words": lambda n: (
        {"sources.yaml": f"handbook: {{title: x}}\nb{'a' * n}: {{title: x}}\n"},
        HEAD + "".join(event(number, f"source: c{'a' * n}{number}") for number in range(50)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_four_times_as_much_takes_no_ten_times_as_long(tmp_path: Path, name: str) -> None:
    def check(size: int) -> None:
        files, facts = CASES[name](size)
        project, problems = load_project(write_sources(tmp_path, files, a=facts))
        if project and not any(one.severity == "error" for one in problems):
            check_cards(project)

    assert linear(check, 500, 2000, below=10)


@pytest.mark.parametrize(
    "unit", ["*a", "_", "a", "é*", "\\*", "tag:a or ", '"', "(", "x:", "\u0301"]
)
def test_a_search_of_any_size_is_refused_in_no_time(unit: str) -> None:
    start = process_time()
    assert wrong_with("tag:" + unit * (94_000 // len(unit)))
    assert process_time() - start < 1


def test_a_search_that_is_too_long_is_a_problem_at_its_place(tmp_path: Path) -> None:
    line = "exam: {_: x, a: {_: x, _when: 'tag:%s'}}\n"
    long = problems_of(tmp_path, {"tags.yaml": TAGS + line % ("a" * 94_000)})
    assert "tags.yaml:7:31: error: this text has more than 10,000 characters [size]" in long
    assert "tags.yaml:7:10032: error: more than 10,000 characters [query]" in long


def test_marks_without_end_are_refused_at_their_place(tmp_path: Path) -> None:
    for marks in ("\u0301" * 100_000, "\u0327\u0338" * 50_000):
        start = process_time()
        found = problems_of(tmp_path, a=f"facts:\n  - {{id: é{marks}}}\n")
        assert found == [
            "facts/a.yaml:2:11: error: more than 60 combining marks in a row [encoding]"
        ]
        assert process_time() - start < 2


@pytest.mark.parametrize("unit", ["\\(", "\\(a", "\\", "{{c1::\\", "<", "<code>\\", "\u0327\u0338"])
def test_a_field_of_any_kind_is_finished_in_no_time(unit: str) -> None:
    start = process_time()
    finished(unit * (100_000 // len(unit)))
    assert process_time() - start < 2
