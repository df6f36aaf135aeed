"""Cloze deletions in fields, `{{c1::answer}}` or `{{c1::answer::hint}}`, as Anki reads them.

Anki makes a card of each number in a field's HTML. An author writes the numbers in a text, which
`cloze_text` reads, or the filter `cloze` of a template gives them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from builder.model import Deletion, Fact, Item, Kind

# Anki makes no card of a higher number. A card's id is its note's and this number, so it must also
# stay below the distance of two notes' ids.
MAX_CARDS = 500

# How a cloze deletion in a text of a fact begins, for JSON Schemas; so it means the same in Python
# and in ECMAScript.
WRITTEN = re.compile(r"\{\{c[1-9][0-9]?::(?!::|\}\})[\s\S]*?\}\}")

# A cloze deletion in a field's HTML: its number, what it hides, its hint.
DELETION = re.compile(
    r"\{\{c([0-9]+)::([^{}:]*+(?>(?:(?!\{\{|\}\}|::).[^{}:]*+)*))"
    r"(?:::([^{}]*+(?>(?:(?!\{\{|\}\}).[^{}]*+)*)))?\}\}",
    re.DOTALL,
)
NO_DELETION = "has no cloze deletion"
_START = re.compile(r"\{\{c([0-9]+)::")
# A colon that would be part of `::`, or make a part of a picture of a text.
_COLON = re.compile(r":(?=:)|^:|:$|(?<=^image-occlusion):")
# Anki shows what begins so as a part of a picture.
OCCLUSION = "image-occlusion:"


def wrong_with_html(html: str, numbered: int) -> str:
    """What is wrong with the cloze deletions of a field, or nothing.

    `numbered` says how many of them the filter `cloze` has numbered.
    """
    found = len(_START.findall(html))
    if not found:
        return NO_DELETION
    numbers = card_numbers(html)
    if numbers[0] < 1 or numbers[-1] > MAX_CARDS:
        return f"has a cloze deletion that is not numbered from 1 to {MAX_CARDS}"
    if numbered not in (0, found):
        return "has cloze deletions numbered by hand and by the filter “cloze”"
    if not numbered and len(DELETION.findall(html)) != found:
        return "has a malformed cloze deletion"
    return ""


def card_numbers(html: str) -> tuple[int, ...]:
    """The numbers of the deletions in a field, sorted, each once: Anki makes a card of each."""
    return tuple(sorted(set(map(_number, _START.findall(html)))))


def renumbered(html: str, numbers: Sequence[int]) -> str:
    """The field with its deletions 1, 2, 3 … numbered `numbers` instead."""
    return _START.sub(lambda start: f"{{{{c{numbers[_number(start[1]) - 1]}::", html)


def hidden_texts(html: str) -> dict[int, list[str]]:
    """The number of each card of a field → the HTML of what its deletions hide."""
    hidden: dict[int, list[str]] = {}
    for number, text, _hint in DELETION.findall(html):
        hidden.setdefault(_number(number), []).append(text)
    return hidden


def revealed(html: str) -> str:
    """The field with all its deletions opened."""
    return DELETION.sub(r"\2", html)


def as_deletion(number: int, html: str, hint: str = "") -> str:
    """A deletion of that number, which nothing in its HTML ends early or makes something else."""
    return "{{c" + "::".join(filter(None, (str(number), _held(html), _held(hint)))) + "}}"


def _held(html: str) -> str:
    """HTML in a deletion, where `::` would start a hint, and `}}` would end it."""
    held = html.replace("}", "&#125;")
    return _COLON.sub("&#58;", held) if ":" in held else held


def _number(digits: str) -> int:
    """A deletion's number, or one that is too high; Python refuses to read very long ones."""
    return int(digits.lstrip("0")[:4] or "0")


class Numbering:
    """Numbers the deletions of one note from 1, in the order in which its template hides them."""

    def __init__(self, fact: Fact, kind: Kind, labels: Mapping[str, str]) -> None:
        self.fact = fact
        self.kind = kind
        self.labels = labels  # in the kind's language
        self.numbers: dict[Deletion, int] = {}
        self.hidden = 0  # how often something was hidden

    def hide_shapes(self, field: str, items: Sequence[Item]) -> str:
        """The shapes that cover parts of a picture, as Anki writes them."""
        hides_all = ":oi=1" if self.kind.fields[field].hide == "all" else ""
        written = []
        for item in items:
            number = self.number(field, item)
            self.hidden += len(item.shapes) - 1
            written += [
                f"{{{{c{number}::{OCCLUSION}{shape}{hides_all}}}}}" for shape in item.shapes
            ]
        return "<br>".join(written)

    def number(self, field: str, item: Item | None = None) -> int:
        """The number of a field's value, or an item of it, which is hidden once more."""
        self.hidden += item.context.count("{item}") or 1 if item else 1
        deletion = Deletion(
            field=self.kind.fields[field],
            name=f"{field}: {item.text}" if item else field,
            former_name=f"{field}: {item.formerly}" if item and item.formerly else "",
            new=item.new if item else False,
            place=item.place if item else None,
        )
        return self.numbers.setdefault(deletion, len(self.numbers) + 1)
