"""What a foreign deck calls its things → ids and names that the sources may have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from builder.notes.cloze import revealed
from builder.notes.markdown import unescaped
from builder.sources.note_types import OF_ALL_FACTS
from builder.sources.tables import KEYS, better_name, wrong_with

_LONGEST = 60
_NO_TEXT = re.compile(
    r"<(?:style|script)\b.*?(?:</(?:style|script)>|\Z)|<[^<>]*>|\[[^\[\]]*\]",
    re.IGNORECASE | re.DOTALL,
)
# Letters that Unicode takes for whole, though they are an ASCII letter with something.
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "æ": "ae"}
    | {"Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th", "ı": "i"}
)
_TAKEN = (
    *KEYS["a fact"],
    *OF_ALL_FACTS,
    *("loop", "labels", "and", "or", "not", "in", "is", "if", "else", "elif", "for", "true"),
    *("false", "none", "set", "import", "from", "with", "without", "context", "as", "facts"),
)


def plain(html: str) -> str:
    """The words of a field's HTML, on one line."""
    return " ".join(unescaped(_NO_TEXT.sub(" ", revealed(html))).split())


def slug(text: str, between: str = "-") -> str:
    """The ASCII letters and digits of a text, in words; empty if it has none."""
    composed = unicodedata.normalize("NFKD", text[: 5 * _LONGEST].translate(_LETTERS))
    words = re.findall("[a-z0-9]+", composed.encode("ascii", "ignore").decode().lower())
    while len(between.join(words)) > _LONGEST and len(words) > 1:
        words.pop()
    return between.join(words)[:_LONGEST]


def own(name: str, taken: dict[str, int], between: str = "-") -> str:
    """The name, or it with the first number that makes it one of its own, which it is from now on.

    `taken` are the names that others have, with the number that each has come to.
    """
    chosen = name
    while chosen in taken:
        taken[name] += 1
        chosen = f"{name}{between}{taken[name]}"
    taken[chosen] = 1
    return chosen


def field_names(names: Iterable[str]) -> list[str]:
    """The names that fields have in a kind, after those that they have in Anki."""
    chosen = []
    taken: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        word = slug(name, "_")
        if not word[:1].isalpha():
            word = f"field_{word or number}"
        chosen.append(own(f"{word}_field" if word in _TAKEN else word, taken, "_"))
    return chosen


def media_names(names: Iterable[str]) -> dict[str, str]:
    """The names that files get in `media/`, by those that they have in Anki."""
    chosen = {}
    taken: dict[str, dict[str, int]] = {"yaml": {"sources": 1}}
    for name in names:
        stem, dot, ending = name.rpartition(".")
        ending = better_name(f"x.{slug(ending, '') if dot else 'bin'}").removeprefix("x.") or "bin"
        stem = slug(stem if dot else name) or "file"
        if wrong_with(f"{stem}.png", "media-name"):  # a device of Windows
            stem = f"file-{stem}"
        chosen[name] = f"{own(stem, taken.setdefault(ending, {}))}.{ending}"
    return chosen


def id_of(texts: Iterable[str], fallback: str, taken: dict[str, int]) -> str:
    """An id for a fact, of the first of its texts that gives one."""
    return own(next(filter(None, (slug(plain(text)) for text in texts)), fallback), taken)
