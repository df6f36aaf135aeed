"""Notes → their cards as plain text; rules about a question, a cloze and an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from builder.model import Kind, Note, Prompt, Template
from builder.notes.cloze import DELETION
from builder.notes.formulas import FORMULA
from builder.notes.language import language_of
from builder.notes.markdown import plain_text
from builder.problems import Place
from builder.rules import Found
from builder.rules.words import WORD, number_of_words, pattern, words_of

_LONG_ANSWER = 25  # words
# Every card of a cloze shows the whole text, so that many cards of a long one would take too long.
_MANY_CARDS = 100

# A picture, a sound or a video, which Anki plays without showing its name.
_FILE = re.compile(r'<img src="([^"]*)"[^<>]*>|\[sound:([^\]]*)\]')
# What is shown just as it is written, so that each sign of it counts, and whether it is a capital.
_EXACT = re.compile(
    rf'<(?:span class="plain"|code)>(.*?)</(?:span|code)>|{FORMULA.pattern}', re.DOTALL
)
_CHOICE = r"\b<choice>\b"
_YES_NO = r"[¿¡]?<yes-no>(?!\w)(?!.*\b<or>\b)"
_PRONOUN = r"[¿¡]?(?:<on-what-day|preposition>\s+)?(?:\w+\s+){0,2}?(<pronoun>)\b"
_FIGURE = "<figure>"
# Those of all scripts; several with nothing but signs between them are one, as in “Quo vadis?”?
_MARK = "[?؟՞፧᥅‽⁇⁈⁉❓❔⳺⳻⸮⹔꘏꛷︖﹖？𑅃🙹🙺🙻]"
_QUESTION = re.compile(rf"{_MARK}(?:[^\w\s]*{_MARK})*")
# Languages whose questions need none.
_WITHOUT_MARK = ("ja", "km", "lo", "my", "th", "zh")
# Thai to Burmese, Khmer, Japanese, and Chinese, which may.
_NO_MARK = "[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


class Card(NamedTuple):
    """A card as plain text: its front and back, and the templates of both.

    `whole` tells cards apart: the front with the names of its pictures; of a cloze what it shows
    besides its own deletion; of a list with a heading, whose items tell nothing, that heading.
    """

    note: Note
    front: str
    back: str
    whole: str
    language: str
    sides: Sequence[Template]

    @property
    def front_place(self) -> Place:
        """Where the fact says what the front shows first."""
        return self._place(self.sides[0])

    @property
    def back_place(self) -> Place:
        """Where the fact says what the back shows first."""
        return self._place(self.sides[1])

    def place_of(self, said: str) -> Place:
        """Where the fact says this, or else what the back shows first."""
        fact = self.note.fact
        for key in (key for side in self.sides[1::-1] for key in side.uses):
            if isinstance(value := fact.values.get(key), str) and said in value:
                return fact.places[key]
        return self.back_place

    def _place(self, side: Template) -> Place:
        fact = self.note.fact
        shown = (fact.places[key] for key in side.uses if key in fact.places)
        return min(shown, default=fact.place)


def cards_of(note: Note, prompt: Prompt, kind: Kind) -> Iterator[Card]:
    """The cards of a note of that prompt; of a cloze with very many, only the first."""
    if not note.cloze:
        sides = (*prompt.sides, *prompt.reverse)
        for at in range(0, 2 * len(note.cards), 2):
            front, back = map(_shown, note.fields[at : at + 2])
            yield Card(
                note=note,
                front=front,
                back=back,
                whole=_told_apart(note.fields[at], front),
                language=_language(sides[at], kind),
                sides=sides[at:],
            )
        return
    first, *rest = DELETION.split(note.fields[0])
    deletions = list(zip(rest[::4], rest[1::4], rest[2::4], rest[3::4], strict=True))
    lists = {deletion.field.name for deletion in note.deletions}
    has_heading = len(lists) == 1 and set(note.uses) > lists
    heading = _told_apart(" / ".join((first, *rest[3::4]))) if has_heading else ""
    language = _language(prompt.sides[0], kind)
    for number in note.cards[:_MANY_CARDS]:
        front = besides = first
        hidden: dict[str, None] = {}
        for digits, answer, hint, text in deletions:
            if int(digits[-3:]) == number:
                front += f"[{hint or '…'}]{text}"
                besides += text
                hidden[answer] = None
            else:
                shown = f"{'[…]' if prompt.rest_hidden else answer}{text}"
                front += shown
                besides += shown
        yield Card(
            note=note,
            front=_shown(front),
            back=_shown(" / ".join(hidden)),
            whole=heading if WORD.search(heading) else _told_apart(besides),
            language=language,
            sides=prompt.sides * 2,
        )


def _shown(html: str) -> str:
    return plain_text(_FILE.sub(" ", html) if "<" in html or "[" in html else html)


def _told_apart(html: str, shown: str = "") -> str:
    """HTML as plain text in which each sign counts of what is shown just as it is written.

    That is as it is `shown`, if it has neither markup nor formulas.
    """
    if shown and not ("<" in html or "[" in html or "\\" in html):
        return shown
    named = _FILE.sub(r" \1\2 ", html)
    return plain_text(_EXACT.sub(lambda found: f" {found[0].encode().hex()} ", named))


def _language(side: Template, kind: Kind) -> str:
    """The language of a side: that of its field, if it shows nothing else, or else the kind's."""
    languages = {kind.fields[name].language for name in side.uses if name in kind.fields}
    if len(languages) != 1 or languages == {kind.language}:
        return kind.language
    alone = not WORD.search(plain_text(re.sub(r"(?s)\{\{.*?\}\}|\{%.*?%\}", " ", side.text)))
    return languages.pop() if alone else kind.language


def long_answer(card: Card) -> Found:
    """An answer has at most 25 words."""
    if (count := number_of_words(card.back)) > _LONG_ANSWER:
        yield card.back_place, f"the answer has {count} words; keep it to {_LONG_ANSWER}"


def answer_in_question(card: Card) -> Found:
    """A question does not contain its answer, unless it offers a choice."""
    words = words_of(card.back)
    if not words or words[0] not in card.front.casefold():
        return
    answer, question = (f" {' '.join(each)} " for each in (words, words_of(card.front)))
    if answer in question and not pattern(_CHOICE, card.language).search(card.front):
        yield card.front_place, f"the question gives its answer away: {card.back}"


def yes_no_question(card: Card) -> Found:
    """A question asks for more than yes or no, which one guesses half the time."""
    if pattern(_YES_NO, card.language).match(card.front):
        yield card.front_place, f"begins like a yes/no question: {card.front}"


def no_question_mark(card: Card) -> Found:
    """A front is a whole question and has a question mark, unless it is a sound or a picture."""
    unmarked = card.front and not _questions(card.front)
    if unmarked and language_of(card.language) not in _WITHOUT_MARK:
        may = "; if its language needs none, say which it is: language: th, ja, zh …"
        hint = may if re.search(_NO_MARK, card.front) else ""
        yield card.front_place, f"no question mark: {card.front}{hint}"


def two_questions(card: Card) -> Found:
    """A front asks one thing."""
    if _questions(card.front) > 1:
        yield card.front_place, f"more than one question: {card.front}"


def _questions(text: str) -> int:
    """How often a question ends in a text."""
    if text.isascii() and text.count("?") <= 1:
        return text.count("?")
    # Greek has a semicolon, into which Unicode's NFC turns its question mark.
    count = len(_QUESTION.findall(text))
    greek = not count and re.search("[\u0370-\u03ff\u1f00-\u1fff]", text)
    return text.count(";") if greek else count


def lone_pronoun(card: Card) -> Found:
    """A question names what it asks about, rather than begin with a pronoun."""
    if found := pattern(_PRONOUN, card.language).match(card.front):
        message = f"months later, nobody knows what “{found[1]}” refers to; name it"
        yield card.front_place, message


def undated_figure(card: Card) -> Found:
    """A number with a unit has a date: as_of, or a year in the text."""
    text = f"{card.front} {card.back}"
    dated = card.note.fact.as_of or not _DIGIT.search(text) or _YEAR.search(text)
    if not dated and (found := pattern(_FIGURE, card.language).search(text)):
        figure = found[0].strip()
        message = f"“{figure}” may go out of date; add as_of, or name the year"
        yield card.place_of(figure), message


def hides_everything(card: Card) -> Found:
    """A cloze shows something besides its deletion, so that there is something to go by."""
    if not WORD.search(card.whole):
        yield card.front_place, "this cloze deletion hides the whole text"


QUESTION_RULES = (yes_no_question, no_question_mark, two_questions, lone_pronoun)
CLOZE_RULES = (hides_everything,)
CARD_RULES = (answer_in_question, long_answer, undated_figure)  # of questions and clozes
