"""The bytes of a YAML file → values that know where they stand, every scalar as text."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

from builder.model import Map
from builder.problems import Error, Problem, error
from builder.sources.simple import parse_simple
from builder.sources.text import conflicts, place_at

# YAML 1.1, section 5.1: the characters that may stand in a file. Without those that end a line in
# YAML but in no editor, which would count other lines from there on, and the byte order mark.
_UNPRINTABLE = (
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    "|\r(?!\n)"
)

# No language has so many marks on one letter; Python takes ever longer to bring more into order.
_MAX_MARKS = 60
_MANY_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{_MAX_MARKS + 1},}}")


def parse(path: str, text: str) -> tuple[Map | None, list[Problem]]:
    """The mapping in a YAML text, and what is wrong with it; `path` is for the places.

    Values are in Unicode's composed form (NFC), the one in which Anki stores fields and tags.
    """
    if wrong := wrong_with_text(path, text, "YAML"):
        return None, wrong
    if (simple := parse_simple(path, text)) is not None:
        return simple, []
    from builder.sources.events import parse_events  # takes long, and few files need it

    return parse_events(path, text)


def wrong_with_text(path: str, text: str, what: str) -> list[Problem]:
    """Conflicts of a merge, or the first character that may not be in a file's text.

    `what` is what it is in.
    """
    if found := list(conflicts(path, text)):
        return found
    # To ask Python first is fast, and spares most texts the compiling of a large pattern.
    plain = text.replace("\n", "").isprintable()
    if not plain and (bad := re.search(_UNPRINTABLE, text)):
        message = f"character U+{ord(bad[0]):04X} is not allowed in {what}"
        return [error(place_at(path, text, bad.start()), message, Error.ENCODING)]
    if (at := _many_marks(text)) >= 0:
        message = f"more than {_MAX_MARKS} combining marks in a row"
        return [error(place_at(path, text, at), message, Error.ENCODING)]
    return []


def _many_marks(text: str) -> int:
    """Where too many combining marks in a row begin, or -1."""
    if not any(map(unicodedata.combining, text[::_MAX_MARKS])):
        return -1  # one of too many would be among these
    for found in _MANY_MARKS.finditer(text):
        at = found.start()
        for combining, run in groupby(found[0], lambda char: unicodedata.combining(char) > 0):
            length = len(list(run))
            if combining and length > _MAX_MARKS:
                return at
            at += length
    return -1
