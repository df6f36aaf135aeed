"""Anki's language of card templates → what it shows, which cards it makes, what Anki would refuse.

It must agree with Anki's own parser: tests compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from builder.problems import Wrong, nearest

# What Anki puts in by itself.
SPECIAL = ("FrontSide", "Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "CardID")
_FILTERS = (
    *("cloze", "cloze-only", "furigana", "hint", "kana", "kanji", "nc", "text", "type"),
    *("tts", "tts-voices"),
)
# Those that take readings, as in `漢字[かんじ]`.
READINGS = ("furigana", "kana", "kanji")
_OTHER_DELIMITERS = "{{=<% %>=}}"
# In a cloze, a section for the card of that number.
_OF_CARD = re.compile(r"c0*[0-9]{1,4}")
# White space as Anki has it.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# What Anki takes for nothing in a field.
_NOTHING = re.compile(r"(?:[\t-\r ]|</?(?:br|div) ?/?>)*", re.IGNORECASE)
# Fronts with the name of the card may be alike.
_CARD = re.compile(r"\{\{\s*Card\s*\}\}")


class Tag(NamedTuple):
    """What stands in braces: `#`, `^`, `/` or nothing, a field's name, filters, all of it, where.

    The filters are in the order in which they are applied.
    """

    mark: str
    name: str
    filters: tuple[str, ...]
    written: str
    at: int


@lru_cache(maxsize=1 << 10)
def tags_of(side: str) -> tuple[Tag, ...]:
    """The tags of a side of a card template; there are none in comments."""
    opening, closing, at = "{{", "}}", 0
    start = len(side) - len(side.lstrip(_SPACE))
    while side.startswith(_OTHER_DELIMITERS, start):
        opening, closing, at = "<%", "%>", start + len(_OTHER_DELIMITERS)
        start = at
    tags = []
    missing: set[str] = set()
    for found in re.finditer(f"{re.escape(opening)}|<!--", side):
        ending = closing if found[0] == opening else "-->"
        end = side.find(ending, found.end()) if ending not in missing else -1
        if end < 0:
            missing.add(ending)
        elif found.start() >= at:
            at = end + len(ending)
            if ending == closing:
                tags.append(_tag(side[found.end() : end], side[found.start() : at], found.start()))
    return tuple(tags)


def _tag(inner: str, written: str, at: int) -> Tag:
    text = inner.lstrip("{").strip(_SPACE)
    mark = text[0] if text[:1] in ("#", "^", "/") and len(text) > 1 else ""
    if mark:
        return Tag(mark=mark, name=text[1:].lstrip(_SPACE), filters=(), written=written, at=at)
    *filters, name = text.split(":")
    return Tag(mark="", name=name, filters=tuple(filters[::-1]), written=written, at=at)


def wrong_with_side(side: str, fields: Collection[str]) -> Iterator[Wrong]:
    """What Anki would not understand in a side of a card template."""
    opened: list[Tag] = []
    known = (*fields, *SPECIAL)
    for tag in tags_of(side):
        if tag.mark == "/":
            if not opened or opened[-1].name != tag.name:
                inside = f"; {opened[-1].written} is still open" if opened else ""
                yield Wrong(f"{tag.written} closes nothing{inside}", tag.at)
                return
            opened.pop()
        elif tag.name not in known and not (
            # Add-ons use tags without a name.
            _OF_CARD.fullmatch(tag.name) if tag.mark else not tag.name
        ):
            yield Wrong(f"unknown field “{tag.name}”{nearest(tag.name, known)}", tag.at)
        if tag.mark in ("#", "^"):
            opened.append(tag)
    if opened:
        yield Wrong(f"{opened[-1].written} is never closed", opened[-1].at)
    last = side.rfind("{{")
    if last >= 0 and not re.search("}}|-->|%>", side[last:]):
        yield Wrong("not a valid tag; write {{Field}}", last)


def wrong_with_template(
    side: str, fields: Collection[str], *, front: bool, cloze: bool
) -> Iterator[Wrong]:
    """The same of a note type's template, whose front shows a field, and hides one in a cloze."""
    yield from wrong_with_side(side, fields)
    tags = tags_of(side)
    if front and not any(not _OF_CARD.fullmatch(tag.name) for tag in tags):
        yield Wrong("a front without a field; write {{Field}} where its text belongs", 0)
    for tag in (tag for tag in tags if front and tag.name == "FrontSide"):
        yield Wrong(f"{tag.written} is for the back only", tag.at)
    hiding = [tag for tag in tags if "cloze" in tag.filters]
    if cloze and not hiding:
        name = next(iter(fields), "Text")
        yield Wrong(f"both sides of a cloze need the filter “cloze”: {{{{cloze:{name}}}}}", 0)
    elif hiding and not cloze:
        yield Wrong(f"{hiding[0].written} needs a note type with cloze: true", hiding[0].at)


def unknown_filters(side: str) -> Iterator[Wrong]:
    """The filters of a side that Anki does not know; it skips them, unless an add-on does."""
    for tag in tags_of(side):
        for name in tag.filters:
            if name == "tts":
                yield Wrong(f"{tag.written} names no language; write {{{{tts en_US:…}}}}", tag.at)
            elif name and name not in _FILTERS and not name.startswith(("tts ", "tts-voices")):
                yield Wrong(f"unknown filter “{name}”{nearest(name, _FILTERS)}", tag.at)


def same_fronts(fronts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The names of two templates whose fronts, given by name, are the same to Anki."""
    seen: dict[str, str] = {}
    for name, front in fronts.items():
        first = seen.setdefault(front, name)
        if front and first != name and not _CARD.search(front):
            yield first, name


def filtered(sides: Iterable[str], filters: Collection[str]) -> frozenset[str]:
    """The fields to which these sides apply one of these filters."""
    tags = (tag for side in sides for tag in tags_of(side))
    return frozenset(tag.name for tag in tags if not {*filters}.isdisjoint(tag.filters))


def card_numbers(fronts: Iterable[str], fields: Mapping[str, str], *, tagged: bool) -> list[int]:
    """The numbers of the cards that Anki makes of a note that is not a cloze.

    `fronts` are those of its note type, without mistakes; `fields` are the note's, in HTML.
    `tagged` says whether it has tags.
    """
    filled = {name for name, html in fields.items() if not _NOTHING.fullmatch(html)}
    filled |= {*SPECIAL} - {"FrontSide", *["Tags"] * (not tagged)}
    return [number for number, front in enumerate(fronts, 1) if _shows_any(front, filled)]


def _shows_any(front: str, filled: Collection[str]) -> bool:
    """Whether a front shows one of these fields."""
    hidden: list[bool] = []  # for each section that is open
    for tag in tags_of(front):
        if tag.mark == "/":
            hidden = hidden[:-1]  # an imported one may close what it has not opened
        elif tag.mark:
            hidden.append((tag.name in filled) == (tag.mark == "^"))
        elif tag.name in filled and not any(hidden):
            return True
    return False
