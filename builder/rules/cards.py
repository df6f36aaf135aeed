"""Notes → their cards as plain text; rules about a question, a cloze and an answer."""

from __future__ import annotations

import re
from typing import NamedTuple

from builder.model import Fact, Note, Prompt, Template
from builder.notes.cloze import DELETION, asked, hidden_texts
from builder.notes.markdown import plain_text
from builder.problems import Place
from builder.rules import Found

_LONG_ANSWER = 25  # words
# Every card of a cloze shows the whole text, so that many cards of a long one would take too long.
_MANY_CARDS = 100

WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
# How a question asks for a date, which the filter `when` does as precisely as it is known.
_ON_WHAT_DAY = r"(?:on|in) (?:what|which) (?:day|date|month|years?)\b"
ASKS_WHEN = re.compile(rf"^(?:when\b|{_ON_WHAT_DAY})", re.IGNORECASE)

_PICTURE = re.compile(r'<img src="([^"]*)"[^<>]*>')
_HINT = re.compile(r"\[[^\[\]]*\]")
_CHOICE = re.compile(r"\bor\b|\bwhich of\b|\bbetween\b", re.IGNORECASE)
_YES_NO = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)\b"
    r"(?!.*\bor\b)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    rf"(?:(?:{_ON_WHAT_DAY}|in|on|at|by|for|from|to|under|of|with)\s+)?(?:\w+\s+){{0,2}}?"
    r"(it|its|he|she|his|her|they|their|them|these|those|this)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_FIGURE = re.compile(
    r"\d ?%|\bper cent\b|\b(?:USD|US\$|EUR|INR|Rs\.?|PKR) ?\d|[$€£¥₹]\s?\d"
    r"|\d[\d.,]{0,20} ?(?:hundred|thousand|million|billion|trillion|lakh|crore)\b"
    r"|\d[\d.,]{0,20} ?(?:km|miles|tonnes|[kMGT]W)\b",
    re.IGNORECASE,
)


class Card(NamedTuple):
    """A card as plain text: its front and back, and where the fact says what they show first.

    `whole` tells notes apart: the front with the names of its pictures, or the text of a cloze
    without what its deletions hide.
    """

    note: Note
    front: str
    back: str
    whole: str
    front_place: Place
    back_place: Place


def cards_of(note: Note, prompt: Prompt) -> list[Card]:
    """The cards of a note of that prompt; of a cloze with very many, only the first."""
    if note.cloze:
        return _cloze_cards(note, _place_of(note.fact, prompt.sides[0]))
    sides = (*prompt.sides, *prompt.reverse)
    return [
        Card(
            note=note,
            front=plain_text(note.fields[at]),
            back=plain_text(note.fields[at + 1]),
            whole=plain_text(_PICTURE.sub(r" \1 ", note.fields[at])),
            front_place=_place_of(note.fact, sides[at]),
            back_place=_place_of(note.fact, sides[at + 1]),
        )
        for at in range(0, 2 * len(note.cards), 2)
    ]


def _cloze_cards(note: Note, place: Place) -> list[Card]:
    html = note.fields[0]
    whole = plain_text(DELETION.sub(" / ", html))
    hidden = hidden_texts(html)
    return [
        Card(
            note=note,
            front=plain_text(asked(html, number)),
            back=" / ".join(dict.fromkeys(map(plain_text, hidden[number]))),
            whole=whole,
            front_place=place,
            back_place=place,
        )
        for number in note.cards[:_MANY_CARDS]
    ]


def _place_of(fact: Fact, side: Template) -> Place:
    """Where a fact says what a side of a card shows first."""
    return min((fact.places[key] for key in side.uses if key in fact.places), default=fact.place)


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return WORD.findall(text.casefold())


def long_answer(card: Card) -> Found:
    """An answer has at most 25 words."""
    count = len(card.back.split())
    if count > _LONG_ANSWER:
        yield card.back_place, f"the answer has {count} words; keep it to {_LONG_ANSWER}"


def answer_in_question(card: Card) -> Found:
    """A question does not contain its answer, unless it offers a choice."""
    answer, question = (f" {' '.join(words_of(side))} " for side in (card.back, card.front))
    if answer.strip() and answer in question and not _CHOICE.search(card.front):
        yield card.front_place, f"the question gives its answer away: {card.back}"


def yes_no_question(card: Card) -> Found:
    """A question asks for more than yes or no, which one guesses half the time."""
    if _YES_NO.match(card.front):
        yield card.front_place, f"a yes/no question: {card.front}"


def no_question_mark(card: Card) -> Found:
    """A front is a whole question and has a question mark."""
    if "?" not in card.front:
        yield card.front_place, f"no question mark: {card.front}"


def two_questions(card: Card) -> Found:
    """A front asks one thing."""
    if card.front.count("?") > 1:
        yield card.front_place, f"more than one question: {card.front}"


def lone_pronoun(card: Card) -> Found:
    """A question names what it asks about, rather than begin with a pronoun."""
    if found := _PRONOUN.match(card.front):
        message = f"what does “{found[1]}” refer to? Months later, nobody knows"
        yield card.front_place, message


def undated_figure(card: Card) -> Found:
    """A number with a unit has a date: as_of, or a year in the text."""
    text = f"{card.front} {card.back}"
    found = _FIGURE.search(text)
    if found and not card.note.fact.as_of and not _YEAR.search(text):
        message = f"“{found[0].strip()}” will go out of date; give as_of, or name the year"
        yield card.back_place, message


def hides_everything(card: Card) -> Found:
    """A cloze shows something besides its cloze deletion, or there is nothing to go by."""
    if not WORD.search(_HINT.sub("", card.front)):
        yield card.front_place, "this cloze deletion hides the whole text"


QUESTION_RULES = (
    answer_in_question,
    yes_no_question,
    no_question_mark,
    two_questions,
    lone_pronoun,
    long_answer,
    undated_figure,
)
CLOZE_RULES = (answer_in_question, hides_everything, long_answer, undated_figure)
