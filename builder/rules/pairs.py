"""Cards → pairs of them that ask nearly the same; rules about such a pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from builder.rules import Found
from builder.rules.cards import ASKS_WHEN, WORD, Card, words_of

# Two words of at least so many letters are spellings of one if they are alike to so many per cent.
_SHORT = 5
_ALIKE = 90
# Leaving out each word of a front in turn takes the square of their number.
_MANY_WORDS = 100

# Words that make no other question of it.
_SMALL = frozenset(
    (
        *("a", "an", "the", "of", "in", "on", "at", "to", "for", "by", "with", "as", "and"),
        *("is", "are", "was", "were", "did", "does", "do", "its"),
    )
)


class Pair(NamedTuple):
    """A card, and an earlier one of another note, whose fronts have the same words or nearly so.

    `same` says that they stand in the same order, `certain` that small words alone can differ.
    """

    card: Card
    first: Card
    same: bool
    certain: bool


def same_question(pair: Pair) -> Found:
    """No two notes ask the same, in the same words or nearly so."""
    if not pair.certain or _same_answer(pair):
        how = "the same" if pair.same else "nearly the same"
        message = f"asks {how} as {pair.first.note.key}: {pair.first.front}"
        yield pair.card.front_place, message


def two_answers(pair: Pair) -> Found:
    """No two notes have one front and different backs."""
    if pair.same and not _same_answer(pair):
        message = f"has the front of {pair.first.note.key}, but another answer: {pair.first.back}"
        yield pair.card.front_place, message


PAIR_RULES = (same_question, two_answers)


def _same_answer(pair: Pair) -> bool:
    return pair.card.note.cloze or words_of(pair.card.back) == words_of(pair.first.back)


def alike(cards: Iterable[Card]) -> Iterator[Pair]:
    """Pairs of cards of different notes whose fronts have the same words, or all but one.

    A card is paired with the first one like it, or with its neighbours in sorted order, so that the
    time stays linear in their number.
    """
    firsts: dict[tuple[str, ...], Card] = {}
    without_one: dict[tuple[str, ...], list[tuple[str, Card]]] = {}
    for card in cards:
        words = sorted(_telling_words(card), key=str.casefold)
        folded = tuple(map(str.casefold, words))
        first = firsts.setdefault(folded, card)
        if first is not card:
            if first.note.key != card.note.key:
                yield _pair(card, first)
        elif len(words) <= _MANY_WORDS:
            for at, word in enumerate(words):
                rest = folded[:at] + folded[at + 1 :]
                without_one.setdefault(rest, []).append((word, card))
    for group in (group for group in without_one.values() if len(group) > 1):
        yield from _alike_but_one(group)


def _pair(card: Card, first: Card) -> Pair:
    """Two cards whose fronts have the same telling words."""
    one, other = (ASKS_WHEN.match(each.whole) for each in (card, first))
    return Pair(
        card=card,
        first=first,
        same=words_of(card.whole) == words_of(first.whole),
        certain=not (one and other) or one[0].casefold() == other[0].casefold(),
    )


def _alike_but_one(group: list[tuple[str, Card]]) -> Iterator[Pair]:
    """Of cards whose fronts differ in this one word, those that ask the same nevertheless."""
    by_word = sorted(group, key=lambda one: one[0].casefold())
    for (word, card), (other_word, other) in pairwise(by_word):
        if _are_variants(word, other_word):
            yield from _nearly(card, other)
    by_answer = sorted(group, key=lambda one: one[1].back)
    for (word, card), (other_word, other) in pairwise(by_answer):
        named = _is_name(word) or _is_name(other_word)
        if card.back == other.back and not named and not card.note.cloze:
            yield from _nearly(card, other)


def _nearly(one: Card, other: Card) -> Iterator[Pair]:
    if one.note is not other.note:
        first, card = sorted((one, other), key=lambda card: card.front_place)
        yield Pair(card=card, first=first, same=False, certain=False)


def _are_variants(word: str, other: str) -> bool:
    """Whether two words are one word spelt in two ways."""
    from rapidfuzz.fuzz import ratio  # only a deck with fronts that are nearly alike needs it

    return min(len(word), len(other)) >= _SHORT and ratio(word, other) >= _ALIKE


def _is_name(word: str) -> bool:
    """Whether a word is a name, a number, an abbreviation: with another it is another question."""
    return word[0].isupper() or not word.isalpha()


def _telling_words(card: Card) -> list[str]:
    """The words of what a card asks, without small ones, with one way to ask for a date."""
    asked = ASKS_WHEN.sub("When", card.whole)
    return [word for word in WORD.findall(asked) if word.casefold() not in _SMALL]
