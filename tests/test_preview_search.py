"""The preview's search: it takes Anki's searches of tags, and words as people type them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.browser import DESKTOP, quiet_page
from tests.effort import sample
from tests.public import selects, wrong_with
from tests.test_query import EIGHT, QUERY, mutated

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SEARCH = Path(__file__).parent.parent / "builder" / "preview" / "search.js"
MANY = settings(
    max_examples=sample(150),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
FIND = """([queries, cards]) => queries.map((query) => {
    const { wrong, test } = search.read(query);
    return wrong ?? cards.map(({ text, tags }) => test({ text: search.fold(text), tags }));
})"""


@pytest.fixture(scope="module")
def searching(browser: Browser) -> Iterator[Page]:
    with quiet_page(browser, DESKTOP) as page:
        page.add_script_tag(content=SEARCH.read_text("utf-8"))
        yield page


def found(page: Page, queries: list[str], *cards: tuple[str, tuple[str, ...]]) -> list[Any]:
    """For each query, whether it finds each card, or why it is not valid."""
    given = json.dumps([queries, [{"text": text, "tags": tags} for text, tags in cards]])
    answer: list[Any] = page.evaluate(f"(given) => ({FIND})(JSON.parse(given))", given)
    return answer


@MANY
@example([("a",)] * 8, [r"tag:a\b", "tag:a\\", 'tag:"x', "tag:x()", "(tag:x", "tag:x) )", "x or"])
@example([("a",)] * 8, ["", " ", "(", "tag:re:x", "tag:x -and", "or tag:x", "tag:x " * 901])
@example([("a",)] * 8, ["tag:" + "*a" * 3000])
@example([("ﬅ",), ("ẞ",), ("ΟΔΟΣ",), ("İ",), ("x::y",)] * 2, ["tag:ﬆ", "tag:ß", "tag:οδος"])
@given(EIGHT, st.lists(st.one_of(QUERY, mutated()), min_size=60, max_size=60))
def test_tags_are_searched_as_packages_search_them(
    searching: Page, tagged: list[tuple[str, ...]], queries: list[str]
) -> None:
    answers = found(searching, queries, *(("", tags) for tags in tagged))
    for query, answer in zip(queries, answers, strict=True):
        wrong = wrong_with(query)
        if wrong is None:
            assert answer == [selects(query, tags) for tags in tagged], query
        elif "is not about tags" not in wrong.message:
            assert answer == wrong.message, query


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("sao", "São Paulo"),
        ("SÃO", "sao paulo"),
        ("Sa\u0303o", "S\u00e3o"),
        ("da nang", "Đà Nẵng"),
        ("2009-2015", "2009–2015"),
        ("2009—2015", "2009-2015"),
        ("admm-plus", "ADMM‑Plus"),
        ("−3", "-3"),
        ("–", "a - b"),
        ("“asean way”", 'the "ASEAN Way"'),
        ("'asean", "‘ASEAN’s’"),
        ("asean's", "ASEAN’s"),
        ('"asean way"', "the ASEAN\u00a0Way"),
        ("москва", "МОСКВА"),
        ("οδοσ", "ΟΔΌΣ"),
        ("STRASSE", "Straße"),
        ("ışık", "IŞIK"),
        ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
        ("كتب", "كَتَبَ"),
        ("co-operation", "co\u00ad-operation"),
        ("FORUM which", "Which forum?"),
        ("c/items~2", "x c/items~2"),
        ("a*c", "abbc"),
        ("a_c", "abc"),
        ("_", "x"),
        (r"\*", "2 * 3"),
        ("10:30", "at 10:30"),
        ("-absent", "here"),
        ("absent or here", "here"),
        ("(absent or here) -gone", "here"),
        ("tag:x and here", "here"),
        ('"tag:x" -tag:y', ""),
        ("here tag:X*", "here"),
        ("and", "x"),
    ],
)
def test_words_are_found_however_they_are_typed(searching: Page, query: str, text: str) -> None:
    answers = found(searching, [query], (text, ("x",)))
    assert answers == [[True]] if query != "and" else answers == ["expected a term before “and”"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("कि", "क"),
        ("が", "か"),
        ("가", "각"),
        ('"way asean"', "ASEAN way"),
        ("a.c", "abc"),
        ("-here", "here"),
        ("here tag:y", "here"),
        (r"\_", "x"),
    ],
)
def test_words_that_are_others_are_not_found(searching: Page, query: str, text: str) -> None:
    assert found(searching, [query], (text, ("x",))) == [[False]]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("is:due", "“is:due” is not supported here; only words and tag: are"),
        ('x -deck:"a b"', '“-deck:"a b"” is not supported here; only words and tag: are'),
        ("word or", "expected a term after “or”"),
        ("(word", "“(” is never closed"),
        ('"word', "this quote is never closed"),
        ("*a" * 3000, "more than 900 wildcards"),
        (r"wo\rd", r"“\r” is not a valid escape; write \\ for a backslash"),
    ],
)
def test_what_is_no_search_is_answered_with_why(searching: Page, query: str, message: str) -> None:
    assert found(searching, [query], ("word", ())) == [message]


def test_wildcards_take_no_time(searching: Page) -> None:
    texts = ("a" * 5000, ("a" * 5000,))
    queries = ["tag:" + "*a" * 400 + "b", "*a" * 400 + "b"]
    assert found(searching, queries, texts) == [[False], [False]]
