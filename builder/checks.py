"""Facts and notes → warnings about cards that would not teach well.

`check_facts` looks at one file of facts, `check_cards` at what only all of them together can show.
One rule is one function: its name is the rule's, its first docstring line states it. A fact may
`waive` a rule for a reason; a waiver that is not needed is an error.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from zlib import crc32

from builder.facts import REMARK_KEYS
from builder.formulas import COMMANDS, formulas, not_mathematics
from builder.load import nearest, place_in, read_bytes
from builder.model import SEPARATOR, Fact, Medium, Note, Origin, Problem, Template, Text
from builder.query import terms_of
from builder.render import GAP, plain_text

if TYPE_CHECKING:
    from builder.batch import Batch
    from builder.pipeline import Project

_LONG_ANSWER = 25  # words
_LONG_NOTE = 70  # words
_LONG_LIST = 7  # items; what one can hold in mind at once
# Two words of at least so many letters are spellings of one if they are alike to so many per cent.
_SHORT = 5
_ALIKE = 90

_PICTURE = re.compile(r'<img src="([^"]*)"[^>]*>')
_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_CHOICE = re.compile(r"\bor\b|\bwhich of\b|\bbetween\b", re.IGNORECASE)
_YES_NO = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)\b"
    r"(?!.*\bor\b)",
    re.IGNORECASE,
)
# How a question asks for a date as precisely as it is known.
_ON_WHAT_DAY = r"(?:on|in) (?:what|which) (?:day|date|month|years?)\b"
_WHEN = re.compile(rf"when\b|{_ON_WHAT_DAY}", re.IGNORECASE)
_PRONOUN = re.compile(
    rf"(?:(?:{_ON_WHAT_DAY}|in|on|at|by|for|from|to|under|of|with)\s+)?(?:\w+\s+){{0,2}}?"
    r"(?:it|its|he|she|his|her|they|their|them|these|those|this)\b",
    re.IGNORECASE,
)
_TIME_WORD = re.compile(
    r"\b(?:currently|nowadays|presently|recently|lately|today|at present|at the moment"
    r"|so far|as yet|to date|these days|(?:this|last|next) (?:year|month|decade)|up ?coming"
    r"|forthcoming|now(?! that))\b"
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\b(?<!\w....)")  # what begins with a digit is found soon
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(
    r"\d ?%|\bper cent\b|\b(?:USD|US\$|EUR|INR|Rs\.?|PKR) ?\d|[$€£¥₹]\s?\d"
    r"|\d[\d.,]{0,20} ?(?:hundred|thousand|million|billion|trillion|lakh|crore)\b"
    r"|\d[\d.,]{0,20} ?(?:km|miles|tonnes|[kMGT]W)\b",
    re.IGNORECASE,
)
# A tag or a reference, which a card shows as it is written.
_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>|&(?:[a-z]+|#\d+);")
# Zero-width and direction characters, the soft hyphen: searches for the word do not find it.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe00]"
)
_SPACING = re.compile(r"  |\s(?:[,;:?!.](?:\s|$)|\))|\(\s")
_HINT = re.compile(r"\[.*?\]")
# Alike cards are found by numbers of 32 bits, made of so many letters of long words.
_MASK = 0xFFFF_FFFF
_BITS = 64
_AT_ONCE = 500
_FEW = 3
# Words that make no other question of it.
_SMALL = frozenset(
    (
        *("a", "an", "the", "of", "in", "on", "at", "to", "for", "by", "with", "as", "and"),
        *("is", "are", "was", "were", "did", "does", "do", "its"),
    )
)

# What to write instead of what is no mathematics.
_INSTEAD = (
    (re.compile(r"\\(?:href|url)"), "for a link write [words](https://…) outside of the formula"),
    (
        re.compile(r"\\(?:style|class|cssId|data|bbox|colorbox|fcolorbox|enclose)"),
        "a formula has no styles; \\boxed, \\cancel and \\color{…} are understood",
    ),
    (
        re.compile(r"\\(?:[egx]?def|let|(?:re)?new(?:command|environment)|Declare\w+)"),
        "write out what it stands for",
    ),
    (re.compile(r"\\(?:begin|end).*", re.DOTALL), "MathJax's environments are understood"),
    (re.compile(r"\\require"), "leave it out: MathJax loads what it needs by itself"),
)

Place = tuple[int, int]


class Card(NamedTuple):
    """A card as plain text: what it asks, what it answers, and where both are written.

    `whole` is what tells two notes apart: the front with its pictures, and with all gaps open.
    """

    note: Note
    front: str
    back: str
    whole: str
    front_place: Place
    back_place: Place


class Pair(NamedTuple):
    """A card, and an earlier one of another note whose front has the same words.

    Or they stand in another order, or all words but one are the same.
    """

    card: Card
    first: Card
    words: Literal["same", "in another order", "all but one"]


class Said(NamedTuple):
    """A text that a fact says, and where it stands."""

    key: str
    text: str
    place: Place


# What a rule gives: where it is broken, and how.
Found = Iterator[tuple[Place, str]]
FoundInFile = Iterator[tuple[tuple[str, int, int], str]]


def cards_of(note: Note, places: Sequence[Place]) -> list[Card]:
    """The cards of a note as plain text; `places` are those of its sides."""
    if note.cloze:
        (place,) = places
        html, _, _ = note.text.partition(SEPARATOR)
        parts = GAP.split(html)  # a text, then again and again number, answer, hint, text
        whole = plain_text(" / ".join(parts[::4]))
        return [Card(note, *_shown(parts, number), whole, place, place) for number in note.cards]
    fields = note.text.split(SEPARATOR)[: 2 * len(note.cards)]
    texts = [plain_text(field) for field in fields]
    wholes = [
        plain_text(_PICTURE.sub(r" \1 ", field)) if "<img" in field else text
        for field, text in zip(fields, texts, strict=True)
    ]
    return [
        Card(note, texts[at], texts[at + 1], wholes[at], places[at], places[at + 1])
        for at in range(0, len(texts), 2)
    ]


def _place_of(fact: Fact, side: Template) -> Place:
    """Where a fact says what a side of a card shows first."""
    used = [fact.places[key] for key in side.uses if key in fact.places]
    return min(used) if used else (fact.line, fact.column)


def _shown(parts: Sequence[str], number: int) -> tuple[str, str]:
    """The front and the answer of one card of a text with gaps."""
    shown = [*parts]
    shown[1::4] = shown[3::4] = [""] * (len(parts) // 4)
    answers = []
    for at in range(1, len(parts), 4):
        if parts[at] == str(number):
            answers.append(plain_text(parts[at + 1]))
            shown[at + 1] = f"[{parts[at + 2] or '…'}]"
    return plain_text("".join(shown)), " / ".join(dict.fromkeys(answers))


def texts_of(fact: Fact) -> Iterator[Said]:
    """The texts that a fact says: its fields, list items, notes and cautions."""
    here = fact.line, fact.column
    for key, value in fact.values.items():
        if isinstance(value, str):
            yield Said(key, value, fact.places.get(key, here))
        elif isinstance(value, tuple):
            for item in value:
                yield Said(key, item.text, (item.line, item.column))
    for key, remarks in zip(REMARK_KEYS, (fact.note, fact.caution, fact.source_note), strict=True):
        for place, text in {(text.line, text.column): text for text in remarks.values()}.items():
            yield Said(key, text, place)


# Rules about a card


def long_answer(card: Card) -> str:
    """An answer has at most 25 words."""
    count = len(card.back.split())
    if count > _LONG_ANSWER:
        return f"the answer has {count} words; {_LONG_ANSWER} are enough"
    return ""


def answer_in_question(card: Card) -> str:
    """A question does not contain its answer, unless it offers a choice."""
    first = _WORD.search(card.back.casefold())
    if not first or first[0] not in card.front.casefold() or _CHOICE.search(card.front):
        return ""
    if f" {' '.join(_words(card.back))} " in f" {' '.join(_words(card.front))} ":
        return f"the question gives its answer away: {card.back}"
    return ""


def yes_no_question(card: Card) -> str:
    """A question asks for more than yes or no, which one guesses half the time."""
    return f"a yes/no question: {card.front}" if _YES_NO.match(card.front) else ""


def no_question_mark(card: Card) -> str:
    """A front is a whole question and has a question mark."""
    return "" if "?" in card.front else f"this front is no question: {card.front}"


def two_questions(card: Card) -> str:
    """A front asks one thing."""
    return f"more than one question: {card.front}" if card.front.count("?") > 1 else ""


def lone_pronoun(card: Card) -> str:
    """A question names what it asks about; no pronoun stands for it at the start."""
    if found := _PRONOUN.match(card.front):
        return f"what does “{found[0].split()[-1]}” stand for? Months later nobody knows"
    return ""


def undated_figure(card: Card) -> str:
    """A number with a unit says when it held: as_of, or a year in its text."""
    text = f"{card.front} {card.back}"
    if card.note.fact.as_of or _YEAR.search(text):
        return ""
    if not _DIGIT.search(text) and "per cent" not in text.lower():  # which is quick to see
        return ""
    if found := _FIGURE.search(text):
        return f"when did “{found[0].strip()}” hold? Give as_of, or name the year"
    return ""


def hides_everything(card: Card) -> str:
    """A cloze shows something beside its gap, or there is nothing to go by."""
    return "" if _WORD.search(_HINT.sub("", card.front)) else "this gap hides all there is"


# Rules about a fact


def no_source(fact: Fact) -> Found:
    """A fact says where it comes from."""
    if not fact.citations:
        yield (fact.line, fact.column), "no source: say where the fact comes from"


def no_locator(fact: Fact) -> Found:
    """A citation has a locator that leads to the place in the source."""
    for citation in fact.citations:
        if not citation.at:
            message = "no locator: write {doc: …, at: …}, so that the place can be found"
            yield (citation.line, citation.column), message


def long_list(fact: Fact) -> Found:
    """A list has at most seven items; a longer one is split into parts that make sense."""
    for key, value in fact.values.items():
        if isinstance(value, tuple) and len(value) > _LONG_LIST:
            yield fact.places[key], f"{len(value)} items in one list; {_LONG_LIST} are enough"


def short_list(fact: Fact) -> Found:
    """A list has more than one item."""
    for key, value in fact.values.items():
        if isinstance(value, tuple) and len(value) == 1:
            yield fact.places[key], "a list of one item; ask for it as a question"


def formula_command(fact: Fact) -> Found:
    """A formula has only commands that are mathematics; with others it is shown as written."""
    texts = [(said.text, said.place) for said in texts_of(fact)]
    texts += [(citation.at, (citation.line, citation.column)) for citation in fact.citations]
    for text, place in texts:
        if message := _wrong_formula(text):
            yield place, message


def _wrong_formula(text: str) -> str:
    """What is wrong with the first formula of a text that will be shown as it is written."""
    command = next(filter(None, map(not_mathematics, formulas(text))), "")
    if not command:
        return ""
    for names, instead in _INSTEAD:
        if names.fullmatch(command):
            return f"“{command}” in a formula, which will be shown as it is written; {instead}"
    hint = nearest(command, (f"\\{name}" for name in COMMANDS))
    return f"“{command}” in a formula, which will be shown as it is written{hint}"


# Rules about a text that a fact says


def time_word(fact: Fact, said: Said) -> str:
    """A text that speaks of today says which day that is, in as_of."""
    if not fact.as_of and (found := _TIME_WORD.search(said.text.lower())):
        word = said.text[found.start() : found.end()]
        return f"“{word}” of what day? Give as_of, or say it without"
    return ""


def long_note(_fact: Fact, said: Said) -> str:
    """A note or a caution has at most 70 words; learners skip more."""
    if said.key in REMARK_KEYS and (count := len(said.text.split())) > _LONG_NOTE:
        return f"the {said.key} has {count} words; {_LONG_NOTE} are enough"
    return ""


def html_in_text(_fact: Fact, said: Said) -> str:
    """A text has no HTML, which a card would show as it is written."""
    if found := _HTML.search(said.text):
        return f"“{found[0]}” will be shown as it is; for *emphasis* use Markdown"
    return ""


def invisible_character(_fact: Fact, said: Said) -> str:
    """A text has no characters that cannot be seen, since no search would find its words."""
    if not said.text.isascii() and (found := _INVISIBLE.search(said.text)):
        return f"the invisible character U+{ord(found[0]):04X}"
    return ""


def spacing(_fact: Fact, said: Said) -> str:
    """A text has one space between words and none before punctuation."""
    if found := _SPACING.search(said.text):
        around = said.text[max(0, found.start() - 10) : found.end() + 10]
        return f"a space too many: “{around.strip()}”"
    return ""


def _may_break_text_rules(texts: Iterable[Said]) -> bool:
    """False if none of them breaks a rule; to look at all at once is quicker."""
    text = "\n".join(said.text for said in texts)
    return (
        not text.isascii()
        or len(text.split()) > _LONG_NOTE
        or _SPACING.search(text) is not None
        or _HTML.search(text) is not None
        or _TIME_WORD.search(text.lower()) is not None
    )


# Rules about two cards of different notes


def same_question(pair: Pair) -> str:
    """No two notes ask the same, in the same words or nearly so."""
    if pair.words != "all but one" and not _same_answer(pair):
        return ""
    how_much = "" if pair.words == "same" else "nearly "
    return f"asks {how_much}the same as {pair.first.note.key}: {pair.first.front}"


def two_answers(pair: Pair) -> str:
    """No two notes have one front and different backs."""
    if pair.words != "same" or _same_answer(pair):
        return ""
    return f"has the front of {pair.first.note.key} and another answer: {pair.first.back}"


def _same_answer(pair: Pair) -> bool:
    return pair.card.note.cloze or _words(pair.card.back) == _words(pair.first.back)


def alike(cards: Iterable[Card]) -> Iterator[Pair]:
    """Pairs of cards of different notes whose fronts have the same words, or all but one.

    A card is paired with the first one like it, or with its neighbours in sorted order, so that the
    time stays linear in their number.
    """
    exact: dict[int, Card] = {}
    nearly: dict[int, list[tuple[str, Card]]] = {}
    for card in cards:
        words = _telling_words(card)
        numbers = [hash(word.casefold()) for word in words]
        total = sum(numbers)
        first = exact.setdefault(total, card)
        if first is card:
            for word, number in zip(words, numbers, strict=True):
                nearly.setdefault(total - number, []).append((word, card))
        elif first.note.key != card.note.key:
            yield Pair(card, first, _likeness(card, first))
    for group in nearly.values():
        if len(group) > 1:
            yield from _nearly(group)


def _likeness(card: Card, first: Card) -> Literal["same", "in another order", "all but one"]:
    """How like each other two fronts are that have the same words."""
    if _words(card.whole) == _words(first.whole):
        return "same"
    one, other = (_WHEN.match(each.whole) for each in (card, first))
    if one and other and one[0].lower() != other[0].lower():
        return "all but one"
    return "in another order"


def _nearly(group: list[tuple[str, Card]]) -> Iterator[Pair]:
    """Of cards whose fronts differ in this one word, those that ask the same all the same."""
    group.sort(key=lambda pair: pair[0].casefold())
    for (word, card), (other_word, other) in pairwise(group):
        if other.note is not card.note and _are_variants(word, other_word):
            yield Pair(other, card, "all but one")
    group.sort(key=lambda pair: pair[1].back)
    for (word, card), (other_word, other) in pairwise(group):
        same = card.back == other.back and other.note is not card.note and not card.note.cloze
        if same and not _tell_apart(word, other_word):
            yield Pair(other, card, "all but one")


def _are_variants(word: str, other: str) -> bool:
    """Whether two words are one word spelt in two ways."""
    from rapidfuzz.fuzz import ratio  # only a deck with fronts that are nearly alike needs it

    return min(len(word), len(other)) >= _SHORT and ratio(word, other) >= _ALIKE


def _tell_apart(word: str, other: str) -> bool:
    """Whether two words name different things."""
    return _is_name(word) or _is_name(other)


def _is_name(word: str) -> bool:
    """Whether a word is a name, a number, an abbreviation."""
    return word[0].isupper() or not word.isalpha()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _telling_words(card: Card) -> list[str]:
    return [word for word in _WORD.findall(_asked(card)) if word.lower() not in _SMALL]


def _asked(card: Card) -> str:
    """What a card asks, with one word for each way to ask for a date."""
    return _WHEN.sub("When", card.whole, count=1) if _WHEN.match(card.whole) else card.whole


class Asked(NamedTuple):
    """The cards of one file by numbers, to find those of all files that could be `alike`.

    Two cards that could be have one of their three numbers in common. `heads` stands for the words
    of the front, of long ones for the first three letters; `tails` for the same with the first and
    the last three, so that a word with another letter in one place leaves one of the two as it is
    (but for the very first place). `names` stands for the back and those words that tell two
    questions apart, and is 0 where that does not count. `cards` has four entries for each: place of
    its note in the file's notes, place of the card in its note, line and column of its front.
    """

    cards: array[int]
    heads: array[int]
    tails: array[int]
    names: array[int]

    @classmethod
    def nothing(cls) -> Asked:
        """Of no cards."""
        return cls(*(array("I") for _ in cls._fields))

    def add(self, cards: Sequence[tuple[int, int, Card]], numbers: _Numbers) -> None:
        """Adds some cards, each with the place of its note and its own place there."""
        lines = "\n".join(_asked(card) for _, _, card in cards).translate(_Spaced()).split("\n")
        for line, (note, at, card) in zip(lines, cards, strict=False):
            self.cards.extend((note, at, *card.front_place))
            number = sum(map(numbers.__getitem__, line.split()))
            self.heads.append(number & _MASK)
            self.tails.append(number >> _BITS & _MASK)
            name = number >> 2 * _BITS & _MASK
            self.names.append(0 if card.note.cloze else crc32(card.back.encode(), name))


class _Spaced(dict[int, str | None]):
    """How to leave only words and line breaks of a text: hyphens go, all else becomes a space."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        self[code] = char if char.isalnum() or char == "\n" else None if char in "-’'" else " "
        return self[code]


class _Numbers(dict[str, int]):
    """Word → its three numbers in one, `_BITS` apart, so that all three are added up at once."""

    def __missing__(self, word: str) -> int:
        folded = word.casefold()
        number = 0
        if folded not in _SMALL:
            long = len(folded) >= _SHORT
            head = crc32((folded[:_FEW] if long else folded).encode())
            tail = crc32((folded[0] + folded[-_FEW:] if long else folded).encode())
            name = head ^ tail if _is_name(word) else 0
            number = head + (tail << _BITS) + (name << 2 * _BITS)
        self[word] = number
        return number


def _could_be_alike(batches: Iterable[Batch]) -> Iterator[Card]:
    """The cards that have a number in common with another, in the order of the files."""
    listed = list(batches)
    found: set[tuple[int, int]] = set()
    for column in zip(*(batch.asked[1:] for batch in listed), strict=True):
        counted: Counter[int] = Counter()
        for numbers in column:
            counted.update(numbers)
        twice = {number for number, count in counted.items() if number and count > 1}
        for place, numbers in enumerate(column) if twice else ():
            owned = enumerate(numbers)
            found.update((place, owner) for owner, number in owned if number in twice)
    for place, owner in sorted(found):
        batch = listed[place]
        number, at, *front = batch.asked.cards[4 * owner : 4 * owner + 4]
        note = batch.notes[number]
        yield cards_of(note, [(front[0], front[1])] * (1 if note.cloze else 4))[at]


# Rules about the sources


def unused_kind(project: Project) -> FoundInFile:
    """Every kind has a fact."""
    for name, kind in project.kinds.items():
        if kind and not _is_used(project, f"kind::{name}"):
            yield (kind.path, 1, 1), f"no fact is of kind “{name}”"


def unused_prompt(project: Project) -> FoundInFile:
    """Every prompt is asked of a fact."""
    asked = {(note.fact.kind, note.prompt) for note in project.notes}
    kinds = {name for name, _ in asked}
    for name, kind in project.kinds.items():
        for prompt in kind.prompts if kind and name in kinds else ():
            if (name, prompt.name) not in asked:
                side = prompt.sides[0]
                message = f"no fact has all fields of prompt “{prompt.name}”"
                yield (side.path, side.line, side.column), message


def unused_source(project: Project) -> FoundInFile:
    """Every source is cited by a fact, or in errata.md."""
    left_out = {claim.source.slug for claim in project.left_out}
    errata = read_bytes(Path(project.deck.path).with_name("errata.md"))
    errata = b"" if isinstance(errata, Problem) else errata
    for slug, source in project.sources.items():
        used = slug in left_out or _is_used(project, f"source::{slug}")
        if not used and slug.encode() not in errata:
            yield (source.path, source.line, source.column), f"no fact cites “{slug}”"


def _is_used(project: Project, tag: str) -> bool:
    return f"{project.deck.tag_root}::{tag}" in project.tally.by_tag


def _index(medium: Medium) -> str:
    return str(medium.path.with_name("sources.yaml"))


def unused_tag(project: Project) -> FoundInFile:
    """Every tag is on a card."""
    parents = {name.rpartition("::")[0] for name in project.tags}
    for name, tag in project.tags.items():
        if name not in parents and not _is_used(project, name):
            yield (tag.path, tag.line, tag.column), f"no card has the tag “{name}”"


def empty_term(project: Project) -> FoundInFile:
    """Every term of a search finds a card, so that no tag in it is misspelt."""
    deck = project.deck
    searches = [(deck.path, package.only) for package in deck.packages.values()]
    searches += [(deck.path, search.query) for search in deck.searches]
    searches += [(tag.path, tag.search) for tag in project.tags.values()]
    for path, text in searches:
        for term, at, test in terms_of(text):
            if isinstance(text, Text) and not any(map(test, project.tally)):
                yield (path, *place_in(path, text, at)), f"no card has what this asks for: {term}"


def unused_picture(project: Project) -> FoundInFile:
    """Every picture is on a card."""
    used = {medium.path for note in project.notes for medium in note.media}
    for name, medium in project.media.items():
        if medium and medium.path not in used:
            yield (_index(medium), medium.line, medium.column), f"no card shows “{name}”"


def formula_in_source(project: Project) -> FoundInFile:
    """A formula in a template, or in what a card says of a document, is mathematics only."""
    for source in project.sources.values():
        for text in (source.title, source.author, source.year):
            if message := _wrong_formula(text):
                yield (source.path, source.line, source.column), message
    for kind in filter(None, project.kinds.values()):
        for side in (side for prompt in kind.prompts for side in (*prompt.sides, *prompt.reverse)):
            if message := _wrong_formula(side.source):
                yield (side.path, side.line, side.column), message


def picture_without_words(project: Project) -> FoundInFile:
    """Every picture has words for those who cannot see it, in `alt`."""
    for name, medium in project.media.items():
        if medium and not medium.alt:
            message = f"“{name}” has no alt: say in words what it shows"
            yield (_index(medium), medium.line, medium.column), message


# About a question, about the front of a cloze, and about an answer of any card.
_QUESTION_RULES: tuple[Callable[[Card], str], ...] = (
    answer_in_question,
    yes_no_question,
    no_question_mark,
    two_questions,
    lone_pronoun,
)
_CLOZE_RULES: tuple[Callable[[Card], str], ...] = (answer_in_question, hides_everything)
_ANSWER_RULES: tuple[Callable[[Card], str], ...] = (long_answer, undated_figure)
_FACT_RULES: tuple[Callable[[Fact], Found], ...] = (
    no_source,
    no_locator,
    long_list,
    short_list,
    formula_command,
)
_TEXT_RULES: tuple[Callable[[Fact, Said], str], ...] = (
    time_word,
    long_note,
    html_in_text,
    invisible_character,
    spacing,
)
_PAIR_RULES: tuple[Callable[[Pair], str], ...] = (same_question, two_answers)
_PROJECT_RULES: tuple[Callable[[Project], FoundInFile], ...] = (
    unused_kind,
    unused_prompt,
    unused_source,
    unused_tag,
    empty_term,
    unused_picture,
    formula_in_source,
    picture_without_words,
)


def _name(rule: Callable[..., object]) -> str:
    return rule.__name__.replace("_", "-")


# The rules of which a fact can be an exception.
_WAIVABLE: tuple[Callable[..., object], ...] = (
    *_QUESTION_RULES,
    hides_everything,
    *_ANSWER_RULES,
    *_FACT_RULES,
    *_TEXT_RULES,
    *_PAIR_RULES,
)
_NAMES = [_name(rule) for rule in _WAIVABLE]

# Every rule, with what it says.
RULES = {
    _name(rule): (rule.__doc__ or "").partition("\n")[0] for rule in (*_WAIVABLE, *_PROJECT_RULES)
}


class Waiver(NamedTuple):
    """A rule that a fact waives, where it says so, and whether the rules need it."""

    fact: str
    rule: str
    needed: bool
    path: str
    line: int
    column: int


class Findings(NamedTuple):
    """What is found in one file of facts."""

    warnings: list[Problem]
    waivers: list[Waiver]
    asked: Asked


class _Report:
    """The warnings so far, and the waivers that have been needed for there not to be more."""

    def __init__(self, waived: Iterable[tuple[str, str]]) -> None:
        self.waived = frozenset(waived)
        self.problems: list[Problem] = []
        self.needed: set[tuple[str, str]] = set()

    def add(
        self, rule: Callable[..., object], fact: Fact | Origin, place: Place, message: str
    ) -> None:
        if (fact.id, _name(rule)) in self.waived:
            self.needed.add((fact.id, _name(rule)))
        else:
            self.problems.append(Problem(fact.path, *place, "warning", message, _name(rule)))


def check_facts(facts: Iterable[Fact], notes: Iterable[Note]) -> Findings:
    """What the rules say of the facts of one file and their notes."""
    listed = list(facts)
    by_place = {(fact.line, fact.column): fact for fact in listed}  # two may have one id
    kinds = {fact.kind.name: fact.kind for fact in listed}
    sides = {
        (kind.name, prompt.name): [*prompt.sides, *prompt.reverse]
        for kind in kinds.values()
        for prompt in kind.prompts
    }
    report = _Report((fact.id, rule) for fact in listed for rule in fact.waive)
    asked, numbers = Asked.nothing(), _Numbers()
    cards_asked: list[tuple[int, int, Card]] = []
    for place, note in enumerate(notes):
        fact = by_place[note.fact.line, note.fact.column]
        places = [_place_of(fact, side) for side in sides[fact.kind.name, note.prompt]]
        cards = cards_of(note, places)
        for at, card in enumerate(cards):
            if not (note.cloze and at):  # all cards of a cloze have one `whole`
                cards_asked.append((place, at, card))
            _check_card(card, fact, report)
        if len(cards_asked) >= _AT_ONCE:  # many at once take less time, all at once much memory
            asked.add(cards_asked, numbers)
            cards_asked.clear()
    asked.add(cards_asked, numbers)
    for fact in listed:
        for of_fact in _FACT_RULES:
            for spot, message in of_fact(fact):
                report.add(of_fact, fact, spot, message)
        texts = list(texts_of(fact))
        for said in texts if _may_break_text_rules(texts) else ():
            for of_text in _TEXT_RULES:
                if message := of_text(fact, said):
                    report.add(of_text, fact, said.place, message)
    waivers = [
        Waiver(
            *(fact.id, str(rule), (fact.id, rule) in report.needed),
            *(fact.path, rule.line, rule.column),
        )
        for fact in listed
        for rule in fact.waive
    ]
    return Findings(report.problems, waivers, asked)


def _check_card(card: Card, fact: Fact, report: _Report) -> None:
    for of_front in _CLOZE_RULES if card.note.cloze else _QUESTION_RULES:
        if message := of_front(card):
            report.add(of_front, fact, card.front_place, message)
    for of_answer in _ANSWER_RULES:
        if message := of_answer(card):
            report.add(of_answer, fact, card.back_place, message)


def check_cards(project: Project) -> list[Problem]:
    """What the rules say of a project without errors, and the waivers that are not needed."""
    waivers = [waiver for batch in project.batches for waiver in batch.waivers]
    report = _Report((waiver.fact, waiver.rule) for waiver in waivers)
    for pair in alike(_could_be_alike(project.batches)):
        fact, first = pair.card.note.fact, pair.first.note.fact
        for of_pair in _PAIR_RULES:
            if message := of_pair(pair):
                waives = first if (first.id, _name(of_pair)) in report.waived else fact
                report.add(of_pair, waives, pair.card.front_place, message)
    problems = [problem for batch in project.batches for problem in batch.warnings]
    problems += report.problems
    for of_project in _PROJECT_RULES:
        for spot, message in of_project(project):
            problems.append(Problem(*spot, "warning", message, _name(of_project)))
    return problems + _waivers(waivers, report.needed)


def _waivers(waivers: Iterable[Waiver], needed: set[tuple[str, str]]) -> list[Problem]:
    """Every waiver names a rule, and the fact would break it."""
    problems = []
    for fact, rule, is_needed, path, line, column in waivers:
        if rule not in _NAMES:
            message = f"there is no rule “{rule}” to waive{nearest(rule, _NAMES)}"
        elif not is_needed and (fact, rule) not in needed:
            message = f"the fact keeps the rule “{rule}”; remove the waiver"
        else:
            continue
        problems.append(Problem(path, line, column, "error", message, "waiver"))
    return problems
