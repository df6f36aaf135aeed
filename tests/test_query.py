from __future__ import annotations

import pytest

from builder.query import compile_query

TAGS = {
    "charter": ("A::level::core", "A::topic::charter"),
    "admm": ("A::level::detail", "A::partner::india", "A::topic::defence::admm"),
    "admm-plus": ("A::level::core", "A::topic::defence::admm-plus"),
    "bare": (),
}


def found(query: str) -> set[str]:
    test = compile_query(query)
    assert not isinstance(test, str), test
    return {name for name, tags in TAGS.items() if test(tags)}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"charter", "admm", "admm-plus", "bare"}),
        ("tag:A::topic::defence", {"admm", "admm-plus"}),
        ("tag:a::TOPIC::defence", {"admm", "admm-plus"}),
        ("tag:A::topic::defence::admm", {"admm"}),
        ("tag:A::topic::defence::admm*", {"admm", "admm-plus"}),
        ("tag:A::topic::defence::adm_", {"admm"}),
        ("-tag:A::level::core", {"admm", "bare"}),
        ("tag:A::topic::defence tag:A::level::core", {"admm-plus"}),
        ("tag:A::topic::defence and tag:A::level::core", {"admm-plus"}),
        ("tag:A::topic::charter OR tag:A::partner::india", {"charter", "admm"}),
        ("tag:A::level::core (tag:A::topic::charter or tag:A::partner)", {"charter"}),
        ("-(tag:A::topic::charter or tag:A::partner)", {"admm-plus", "bare"}),
        ('"tag:A::topic::charter"', {"charter"}),
        ('tag:"A::topic::charter"', {"charter"}),
        ("tag:none", {"bare"}),
        ("tag:A*", {"charter", "admm", "admm-plus"}),
    ],
)
def test_a_query_selects_by_tag(query: str, names: set[str]) -> None:
    assert found(query) == names


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("deck:A", "“deck:A” is not about tags; only tag: is understood here"),
        ("word", "“word” is not about tags; only tag: is understood here"),
        ("tag:", "“tag:” needs a tag"),
        ("(tag:x", "a bracket is not closed"),
        ("tag:x)", "a closing bracket without an opening one"),
        ("tag:x or", "the search ends too early"),
        ("or tag:x", "“or” stands where a search term should"),
        ('tag:"x', 'a quote is not closed: "x'),
    ],
)
def test_what_is_no_search_of_tags_is_refused_in_words(query: str, message: str) -> None:
    assert compile_query(query) == message
