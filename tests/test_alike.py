"""Cards that ask nearly the same are found, though only a few are compared word by word."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.effort import sample
from tests.public import check_cards, load_project
from tests.sources import HEAD, write_sources

WORD = st.text("abdegiklmnoprstuvz", min_size=5, max_size=12)
# Names and small words, so that the sentences differ in more than one way.
SENTENCE = st.lists(WORD.map(str.capitalize) | WORD, min_size=2, max_size=7, unique_by=str.lower)


def finds(root: Path, first: list[str], second: list[str], answers: tuple[str, str]) -> bool:
    """Whether two questions of these words count as one."""
    facts = "".join(
        f"  - {{id: f{number}, kind: event, event: did {' '.join(words)} meet, date: {answer}}}\n"
        for number, (words, answer) in enumerate(zip((first, second), answers, strict=True))
    )
    project, problems = load_project(write_sources(root, a=HEAD + facts))
    assert project, problems
    return any(problem.rule == "same-question" for problem in check_cards(project))


slowly = settings(
    max_examples=sample(100), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@slowly
@given(SENTENCE, st.data())
def test_the_same_words_in_another_order_are_found(
    tmp_path: Path, words: list[str], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(words))
    assert finds(tmp_path, words, other, ("1994", "1994"))


@slowly
@given(SENTENCE, st.data())
def test_a_word_with_one_letter_more_is_found(
    tmp_path: Path, words: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    word = words[place]
    at = data.draw(st.integers(1, len(word)))
    letter = data.draw(st.sampled_from("aeioust"))
    other = [*words]
    other[place] = word[:at] + letter + word[at:]
    assume(other[place].lower() not in map(str.lower, words))
    assert finds(tmp_path, words, other, ("1994", "1995"))


@slowly
@given(SENTENCE, WORD, WORD, st.data())
def test_another_small_word_is_found_if_the_answer_is_the_same(
    tmp_path: Path, words: list[str], one: str, another: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(words)))
    assume(one != another and {one, another}.isdisjoint(map(str.lower, words)))
    first, second = ([*words[:place], word, *words[place:]] for word in (one, another))
    assert finds(tmp_path, first, second, ("1994", "1994"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("the Lorem forum", "the Ipsum forum"), ("summit 9", "summit 10"), ("the AMM", "the ADMM")],
)
def test_other_names_and_numbers_make_another_question(
    tmp_path: Path, one: str, other: str
) -> None:
    assert not finds(tmp_path, one.split(), other.split(), ("1994", "1994"))
