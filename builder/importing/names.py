"""What a foreign deck calls its things → ids and names that the sources may have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable

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


def own(name: str, taken: Container[str], between: str = "-") -> str:
    """The name, or it with the first number that makes it one that is not taken."""
    number = 1
    chosen = name
    while chosen in taken:
        number += 1
        chosen = f"{name}{between}{number}"
    return chosen


def field_names(names: Iterable[str]) -> list[str]:
    """The names that fields have in a kind, after those that they have in Anki."""
    chosen: list[str] = []
    for number, name in enumerate(names, 1):
        word = slug(name, "_")
        if not word or not word[0].isalpha():
            word = f"field_{word or number}"
        if word in _TAKEN:
            word += "_field"
        chosen.append(own(word, chosen, "_"))
    return chosen


def media_name(name: str, taken: Container[str]) -> str:
    """The name that a file gets in `media/`."""
    better = better_name(name)
    if not better or wrong_with(better, "any-media-name"):
        ending = slug(name.rpartition(".")[2], "") if "." in name else ""
        better = f"{slug(name.rpartition('.')[0]) or 'file'}.{ending or 'bin'}"
    stem, _, ending = better.rpartition(".")
    stem = stem[:_LONGEST].strip("-")
    if wrong_with(f"{stem}.png", "media-name"):  # a device of Windows
        stem = f"file-{stem}"
    number = 1
    chosen = f"{stem}.{ending}"
    while chosen in taken or chosen == "sources.yaml":
        number += 1
        chosen = f"{stem}-{number}.{ending}"
    return chosen


def ids(texts: Iterable[tuple[str, ...]], fallback: str, taken: set[str]) -> list[str]:
    """An id for each fact, of the first of its texts that gives one; they are added to `taken`."""
    chosen = []
    for candidates in texts:
        name = next(filter(None, (slug(plain(text)) for text in candidates)), fallback)
        chosen.append(own(name, taken))
        taken.add(chosen[-1])
    return chosen
