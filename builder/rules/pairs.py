"""Cards → pairs of them that ask nearly the same; rules about such a pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from builder.rules import Found
from builder.rules.cards import Card
from builder.rules.words import ASKS_WHEN, WORD, pattern, words_of

# Two words of at least so many letters are spellings of one if they are alike to so many per cent.
_SHORT = 5
_ALIKE = 90
_TERM = 3  # words at most
# Leaving out each word of a front in turn takes the square of their number.
_MANY_WORDS = 100

_SMALL = "<small>"


class Pair(NamedTuple):
    """A card, and an earlier one of another note, whose fronts have nearly the same words."""

    card: Card
    first: Card


def same_question(pair: Pair) -> Found:
    """No two notes ask the same, in the same words or nearly so."""
    words, first_words = (
        sorted(_telling_words(card.whole.casefold(), card.language)) for card in pair
    )
    if words != first_words or _same_answer(pair):
        how = "the same" if _same_front(pair) else "nearly the same"
        message = f"asks {how} as {pair.first.note.key}: {pair.first.front}"
        yield pair.card.front_place, message


def two_answers(pair: Pair) -> Found:
    """No two notes have one front and different backs."""
    if _same_front(pair) and not _same_answer(pair):
        message = f"same front as {pair.first.note.key}, but another answer: {pair.first.back}"
        yield pair.card.front_place, message


PAIR_RULES = (same_question, two_answers)


def _same_front(pair: Pair) -> bool:
    return words_of(pair.card.whole) == words_of(pair.first.whole)


def _same_answer(pair: Pair) -> bool:
    return pair.card.note.cloze or words_of(pair.card.back) == words_of(pair.first.back)


def alike(cards: Iterable[Card]) -> Iterator[Pair]:
    """Pairs of cards of different notes whose fronts have the same words, or all but one.

    A card is paired with the first one like it, or with its neighbours in sorted order, so that the
    time stays linear in their number. To ask for a date in one way or another is the same.
    """
    firsts: dict[tuple[str, ...], Card] = {}
    without_one: dict[tuple[str, ...], list[tuple[str, Card]]] = defaultdict(list)
    clozes: set[tuple[str, str]] = set()  # of two alike, all cards may be
    for card in cards:
        whole = pattern(ASKS_WHEN, card.language).sub("When", card.whole)
        words = sorted(_telling_words(whole, card.language), key=str.casefold)
        folded = tuple(map(str.casefold, words))
        first = firsts.setdefault(folded, card)
        keys = (first.note.key, card.note.key)
        if first.note is not card.note and keys not in clozes:
            clozes |= {keys} if card.note.cloze else set()
            yield Pair(card, first)
        elif first is card and len(words) <= _MANY_WORDS:
            for at, word in enumerate(words):
                without_one[folded[:at] + folded[at + 1 :]].append((word, card))
    for group in (group for group in without_one.values() if len(group) > 1):
        by_word = sorted(group, key=lambda one: one[0].casefold())
        by_answer = sorted(group, key=lambda one: one[1].back) if group[2:] else ()
        for (word, card), (other_word, other) in (*pairwise(by_word), *pairwise(by_answer)):
            if card.note is not other.note and _are_one(word, card, other_word, other):
                first, later = sorted((card, other), key=lambda one: one.front_place)
                yield Pair(later, first)


def _are_one(word: str, card: Card, other_word: str, other: Card) -> bool:
    """Whether two cards whose fronts differ in this one word ask the same nevertheless.

    Names and terms may be alike without being the same, such as Dominica and Dominican, methanol
    and ethanol; names with the same answer are rather two spellings of one.
    """
    is_long = min(len(word), len(other_word)) >= _SHORT
    is_name = _is_name(word) or _is_name(other_word)
    if card.back != other.back:
        one = is_long and not is_name and _is_misspelt(word, other_word)
    else:
        one = not (is_name or card.note.cloze) or (is_long and _is_spelling(word, other_word))
    return one and not (_is_term(word, card) and _is_term(other_word, other))


def _is_spelling(word: str, other: str) -> bool:
    """Whether two words are so much alike that they may be spellings of one."""
    from rapidfuzz.fuzz import ratio  # takes long, and few decks need it

    return ratio(word, other) >= _ALIKE


def _is_misspelt(word: str, other: str) -> bool:
    """Whether one word is the other with a letter more, or with “s” for “z”."""
    short, long = sorted((word.casefold(), other.casefold()), key=len)
    shorter = (long[:at] + long[at + 1 :] for at in range(1, len(long)))
    return short in shorter or short.replace("z", "s") == long.replace("z", "s")


def _is_name(word: str) -> bool:
    """Whether a word may be a name, a number, an abbreviation: scripts without case do not tell."""
    return not (word.isalpha() and word.islower())


def _is_term(word: str, card: Card) -> bool:
    """Whether a word belongs to a field that is no sentence, but what a template asks about."""
    texts = (words_of(value) for value in card.note.fact.values.values() if isinstance(value, str))
    return any(
        word.casefold() in words and len(words) <= _TERM and words != words_of(card.front)
        for words in texts
    )


def _telling_words(text: str, language: str) -> list[str]:
    """The words of a text, without small ones."""
    return [word for word in WORD.findall(text) if not _is_small(word, language)]


@cache
def _is_small(word: str, language: str) -> bool:
    return bool(pattern(_SMALL, language).fullmatch(word))
