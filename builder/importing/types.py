"""The values of a field in HTML → the simplest type in which all of them can be written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
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
    """A type, and how each value is written in it; of `html`, a value that needs it."""

    type: str
    written: tuple[str, ...]
    odd: str = ""


def type_of(values: Sequence[str], *, html: bool, cloze: bool) -> Typed:
    """The type of a field; `html` says whether it is HTML, `cloze` whether it may hide."""
    hides = any("{{c" in value for value in values)
    if not html and hides and cloze:
        return Typed("cloze", tuple(map(cloze_text, values)))
    if not html:
        same = all(shown_as(text, "text") == shown_as(text, "plain")[20:-7] for text in values)
        return Typed("text" if same else "plain", tuple(values))
    types = ("text", "markdown") if not hides else ("cloze",) if cloze else ()
    odd = ""
    for type_ in types:
        found = takewhile(lambda text: text is not None, (_written(v, type_) for v in values))
        written = tuple(text for text in found if text is not None)
        if len(written) == len(values):
            return Typed(type_, written)
        odd = odd or values[len(written)]
    return Typed("html", tuple(values), odd or next(text for text in values if "{{c" in text))


def cloze_text(value: str) -> str:
    """A text with cloze deletions as the sources write it: other braces are only braces."""
    if not value or not wrong_with_text(value):
        return value
    pieces = _DELETIONS.split(value)
    return "".join(
        piece if at % 2 else _BRACE.sub(r"\\\g<0>", piece) for at, piece in enumerate(pieces)
    )


def _written(html: str, type_: str) -> str | None:
    """How exactly this HTML is written in a type, if it can be."""
    ways = written_as(html.replace("<br>", "\n"), type_) if len(html) <= _LONG else ()
    return next((text for text in ways if _gives(text, type_, html)), None) if html else ""


def _gives(text: str, type_: str, html: str) -> bool:
    """Whether a text of a type becomes exactly this HTML."""
    if not text or "![" in text or (type_ == "cloze" and wrong_with_text(text)):
        return False
    shown = finished(shown_as(text, type_))
    return shown == html and (type_ != "cloze" or bool(card_numbers(shown)) == ("{{c" in html))
