"""The values of a field in HTML → the simplest type in which all of them can be written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from builder.notes.cloze import WRITTEN, card_numbers
from builder.notes.cloze_text import wrong_with_text
from builder.notes.from_html import written_as
from builder.notes.markdown import finished
from builder.notes.written import shown_as

# Markdown takes ever longer for what is hardly ever written by hand.
_LONG = 5_000


_DELETIONS = re.compile(f"({WRITTEN.pattern})")
_BRACE = re.compile("[{}]")


class Typed(NamedTuple):
    """A type, and how each value is written in it; of `html`, the values that need it."""

    type: str
    written: tuple[str, ...]
    odd: tuple[str, ...] = ()


def types_of(columns: Sequence[Sequence[str]], *, html: bool, cloze: bool) -> list[Typed]:
    """The type of each field; `html` says whether it is HTML, `cloze` whether it may hide."""
    return [_type_of(values, html=html, cloze=cloze) for values in columns]


def _type_of(values: Sequence[str], *, html: bool, cloze: bool) -> Typed:
    hides = any("{{c" in value for value in values)
    if not html and hides and cloze:
        return Typed("cloze", tuple(map(cloze_text, values)))
    if not html:
        same = all(shown_as(text, "text") == shown_as(text, "plain")[20:-7] for text in values)
        return Typed("text" if same else "plain", tuple(values))
    types = ("cloze",) if hides and cloze else () if hides else ("text", "markdown")
    for type_ in types:
        written = list(_all_written(values, type_))
        if len(written) == len(values):
            return Typed(type_, tuple(written))
    simple = {text for text in {*values} if types and [*_all_written([text], types[0])]}
    return Typed("html", tuple(values), tuple(text for text in values if text not in simple))


def cloze_text(value: str) -> str:
    """A text with cloze deletions as the sources write it: other braces are only braces."""
    if not value or not wrong_with_text(value):
        return value
    pieces = _DELETIONS.split(value)
    return "".join(
        piece if at % 2 else _BRACE.sub(r"\\\g<0>", piece) for at, piece in enumerate(pieces)
    )


def _all_written(values: Iterable[str], type_: str) -> Iterator[str]:
    """How the values are written in a type, up to the first that cannot be."""
    for value in values:
        found = next((text for text in _ways(value, type_) if _gives(text, type_, value)), None)
        if found is None:
            return
        yield found


def _ways(html: str, type_: str) -> list[str]:
    if len(html) > _LONG:
        return []
    return written_as(html.replace("<br>", "\n"), type_) if html else [""]


def _gives(text: str, type_: str, html: str) -> bool:
    """Whether a text of a type becomes exactly this HTML."""
    if not text:
        return not html
    if "![" in text or (type_ == "cloze" and wrong_with_text(text)):
        return False
    shown = finished(shown_as(text, type_))
    return shown == html and (type_ != "cloze" or bool(card_numbers(shown)) == ("{{c" in html))
