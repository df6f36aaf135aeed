"""Facts → the texts that they say; rules about such a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from builder.model import Fact, Kind, Text
from builder.notes.cloze_text import deletions_of
from builder.notes.formulas import COMMANDS, formulas, not_mathematics
from builder.problems import Place, nearest
from builder.rules import Found
from builder.rules.words import INSTEAD, english
from builder.sources.parse import place_in

_LONG_NOTE = 70  # words
_REMARKS = ("note", "caution", "source_note")

_TIME_WORD = re.compile(rf"\b{english('today')}\b", re.IGNORECASE)
# A tag or a reference, which a card shows as it is written.
_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>|&(?:[a-z]+|#\d+);")
# Zero-width and direction characters, the soft hyphen.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe00]"
)
# What has `::` in programs and in addresses: names that are no words, calls, hexadecimal numbers.
_CODE = re.compile(
    r"(?:^|\W)(?:std|boost|crate|self|super|core|alloc|this|parent|static|tcl|base)::\w"
    r"|:::|::[^:]*[<(]\S*|[\w$]*_\w*::\w|::\w*_|[a-z][A-Z]\w*::\w|::\w*[a-z][A-Z]"
    r"|^\W*(?:[0-9A-Fa-f]{1,4}:)*[0-9A-Fa-f]{1,4}::(?:[0-9A-Fa-f]{1,4}:)*[0-9A-Fa-f]{1,4}\W*$"
    r"|^\W*[A-Za-z]::[A-Za-z]\W*$"
)
_SPACING = re.compile(r"  |\s(?:[,;:?!.](?:\s|$)|\))|\(\s")


class Said(NamedTuple):
    """A text that a fact says, under which key, and where."""

    fact: Fact
    key: str
    text: str
    place: Place
    cloze: bool = False


def texts_of(fact: Fact, kind: Kind) -> Iterator[Said]:
    """The texts of a fact: its fields, list items, notes and cautions."""
    for key, value in fact.values.items():
        if isinstance(value, tuple):
            for item in value:
                yield Said(fact, key, item.text, item.place)
        elif kind.fields[key].type != "picture":
            cloze = kind.fields[key].type == "cloze"
            yield Said(fact, key, value, fact.places[key], cloze=cloze)
    for key, remarks in zip(_REMARKS, (fact.note, fact.caution, fact.source_note), strict=True):
        for place, text in {text.place: text for text in remarks.values()}.items():
            yield Said(fact, key, text, place)


def locators_of(fact: Fact) -> Iterator[Said]:
    """The locators of a fact's citations."""
    for citation in fact.citations:
        yield Said(fact, "at", citation.at, citation.place)


def time_word(said: Said) -> Found:
    """A text that speaks of today says which day that is, in as_of."""
    if not said.fact.as_of and (found := _TIME_WORD.search(said.text)):
        yield said.place, f"“{found[0]}” will go out of date; give as_of, or leave it out"


def long_note(said: Said) -> Found:
    """A note or a caution has at most 70 words; learners skip more."""
    count = len(said.text.split())
    if count > _LONG_NOTE and said.key in _REMARKS:
        yield said.place, f"the {said.key} has {count} words; keep it to {_LONG_NOTE}"


def html_in_text(said: Said) -> Found:
    """A text has no HTML, which a card would show as it is written."""
    if found := _HTML.search(said.text):
        yield said.place, f"“{found[0]}” is shown as it is written; for *emphasis*, use Markdown"


def invisible_character(said: Said) -> Found:
    """A text has no invisible characters, since no search would find its words."""
    if found := _INVISIBLE.search(said.text):
        yield said.place, f"invisible character U+{ord(found[0]):04X}"


def spacing(said: Said) -> Found:
    """A text has one space between words and none before punctuation."""
    if found := _SPACING.search(said.text):
        around = said.text[max(0, found.start() - 10) : found.end() + 10]
        yield said.place, f"extra space: “{around.strip()}”"


def hint_meant(said: Said) -> Found:
    """A “::” in a cloze deletion begins a hint, and is no part of a name or an address."""
    found = deletions_of(said.text) if said.cloze else []
    for one in found if isinstance(found, list) else []:
        before, after = one.answer.split()[-1:], one.hint.split(maxsplit=1)[:1]
        if before and after and _CODE.search(f"{before[0]}::{after[0]}"):
            text = Text(said.text)
            text.place = said.place
            at = one.end - len(one.hint) - len("::}}")
            message = rf"“::” begins a hint, “{one.hint}”; if it is to be shown, write \:\: instead"
            yield place_in(text, at), message


def formula_command(said: Said) -> Found:
    """A formula has only commands that are mathematics; with others it is shown as written."""
    if message := wrong_formula(said.text):
        yield said.place, message


def wrong_formula(text: str) -> str:
    """What keeps the first formula of a text from being typeset, or nothing."""
    command = next(filter(None, map(not_mathematics, formulas(text))), "")
    if not command:
        return ""
    hint = nearest(command, (f"\\{name}" for name in COMMANDS))
    advice = [f"; {instead}" for names, instead in INSTEAD.items() if re.fullmatch(names, command)]
    return f"“{command}” is not supported in formulas{(*advice, hint)[0]}"


TEXT_RULES = (
    *(time_word, long_note, html_in_text, invisible_character, spacing, hint_meant),
    formula_command,
)
LOCATOR_RULES = (formula_command,)
