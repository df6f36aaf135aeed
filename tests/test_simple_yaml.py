"""YAML that is written simply is read by patterns as libyaml reads it, with the same places."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.effort import linear
from tests.public import (
    Map,
    Sequence,
    Text,
    parse_events,
    parse_simple,
    wrong_with_characters,
)

ROOT = Path(__file__).parent.parent
SOURCES = sorted(ROOT.glob("cards_src/**/*.yaml")) + sorted(ROOT.glob("examples/**/*.yaml"))

_PIECES = (
    *("a", "b", "x y", "é", "“", "\xa0", "1", "~", "null", "<<", "=", "?", "!", "%", "&a", "*a"),
    *("a: ", "b: ", "c:", "d:\n", " e: ", ": ", ":", "::", " #", "#", "\n# c", "- ", "-", "- - "),
    *("'q'", '"q"', "'", '"', "\\", "|", ">", "@", "`", "[", "]", "{", "}", ", ", ",", " ", "  "),
    *(
        "\r\n",
        "\r\n  ",
        "\r",
        "\n",
        "\n  ",
        "\n    ",
        "\n      ",
        "\n- ",
        "\n  - ",
        "\n\n",
        "---",
        "...",
        "[]",
        "{a: b}",
    ),
)
_BEGIN = st.sampled_from(("", "a: ", "a:\n", "a:\n- ", "a:\n  - b: ", "a: [", "a: {b: "))
_ANY = st.builds(str.__add__, _BEGIN, st.lists(st.sampled_from(_PIECES), max_size=15).map("".join))


@st.composite
def _mutants(draw: st.DrawFn) -> str:
    """Some lines of our own sources, with a few changes."""
    lines = draw(st.sampled_from(SOURCES)).read_text("utf-8").split("\n")
    first = draw(st.integers(0, len(lines) - 1))
    text = dedent("\n".join(lines[first : first + draw(st.integers(1, 12))]))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = (
            text[:at] + draw(st.sampled_from(("", *_PIECES))) + text[at + draw(st.integers(0, 3)) :]
        )
    return text


def with_places(node: Any) -> Any:  # noqa: ANN401 - any value
    if isinstance(node, Map):
        items = [(with_places(key), with_places(value)) for key, value in node.items()]
        return ("map", node.place, items)
    if isinstance(node, Sequence):
        return ("sequence", node.place, [with_places(value) for value in node])
    assert isinstance(node, Text)
    return str(node), node.place


def assert_alike(text: str) -> None:
    if wrong_with_characters("a.yaml", text, "YAML"):
        return
    simple = parse_simple("a.yaml", text)
    if simple is not None:
        root, problems = parse_events("a.yaml", text)
        assert problems == []
        assert with_places(simple) == with_places(root)


@given(_ANY)
@example("a:\n- b\n-  c\nd: e")
@example("a: b\n  c\n   d\n")
@example("x:\n- a: b\n  c")
@example("x:\n- a: b\n   c\n- d\n e")
@example("a: [b, {c: d, e: [f]}, g::h]")
@example("a: b\n# c\n  d")
@example("a:\n  - b\n    c\n  - d: e\n    f: g\n      h\n")
@example("a:\r\n  - b\r\n    c # d\r\n")
@example("a:\r\n  - b\r\n    c\r\n\r\n  # d\r\n  - e: [f, 'g']\r\nh: i")
def test_what_is_read_by_patterns_is_what_libyaml_reads(text: str) -> None:
    assert_alike(text)


@given(_mutants())
def test_so_it_is_with_lines_of_real_sources(text: str) -> None:
    assert_alike(text)


@pytest.mark.parametrize("path", sorted(ROOT.glob("cards_src/facts/*.yaml")), ids=lambda p: p.stem)
def test_the_facts_of_the_deck_are_written_simply(path: Path) -> None:
    text = path.read_text("utf-8")
    for written in (text, text.replace("\n", "\r\n")):
        assert parse_simple(str(path), written)
        assert_alike(written)


@pytest.mark.parametrize(
    "text", ["a: b{}c \n", "a: b\n? {} \n", "a: b\n{}? x\n", "a: b\n  {}# c\n"]
)
def test_a_long_line_takes_time_in_its_length_alone(text: str) -> None:
    def read(length: int) -> object:
        return parse_simple("a.yaml", text.format(" " * length))

    # 8 if linear, 64 if quadratic
    assert linear(read, 20_000, 160_000, below=32)


def test_what_is_nested_too_deeply_is_left_to_libyaml() -> None:
    keys = "".join(f"{' ' * depth}a:\n" for depth in range(9_000))
    assert parse_simple("a.yaml", keys) is None
    assert parse_simple("a.yaml", f"a: {'[' * 9_000}") is None
    assert parse_simple("a.yaml", f"a: {'[' * 9_000}{']' * 9_000}") is None
