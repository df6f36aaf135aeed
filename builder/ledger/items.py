"""A wording of a list item or cloze deletion → what all wordings of the same item have in common.

An item has a card of its own, and a learner's history with it. So two wordings are one item only if
nothing but case or ordinary punctuation differs: letters, marks, digits, signs and symbols count.
"""

import unicodedata
from functools import cache
from itertools import pairwise

# What may stand around a word without being part of it, in any script.
_OPENING = "\"'“”„‘’‚«»‹›「『（(¿¡"
_CLOSING = "\"'“”‘’«»‹›」』）).,;:?!…。、，；：？！،؛؟۔।॥"
_AFTER_DIGITS = ".,;:"
_HYPHENS = str.maketrans("‐‑–—", "----")
_DASHES = ("–", "—")
_QUOTES = str.maketrans("’‘“”„", '\'\'"""')


@cache
def folded(text: str) -> str:
    """A text without case, and without the punctuation between its words.

    A hyphen between letters counts as a space, and so does a dash between words; a sign before a
    digit (−1), a point within a number (3.10) and punctuation within a word (we're) stay.
    """
    text = unicodedata.normalize("NFC", text).lower()
    words = [_bare(word) for word in text.split() if word not in _DASHES]
    return " ".join(filter(None, " ".join(map(_apart, words)).split())) or text


def _bare(word: str) -> str:
    """A word without the punctuation around it."""
    inner = word.lstrip(_OPENING)
    bare = inner if _is_letter(inner[:1]) else word
    rest = bare.rstrip(_CLOSING)
    if _is_letter(rest[-1:]):
        return rest
    return bare.rstrip(_AFTER_DIGITS) if rest[-1:].isdigit() else bare


def _apart(word: str) -> str:
    """A word with its hyphens between letters as spaces."""
    parts = word.translate(_QUOTES).translate(_HYPHENS).split("-")
    if all(_is_letter(a[-1:]) and _is_letter(b[:1]) for a, b in pairwise(parts)):
        return " ".join(parts)
    return word.translate(_QUOTES)


def _is_letter(char: str) -> bool:
    """Whether this is a letter, or a mark, which is part of one."""
    return bool(char) and unicodedata.category(char)[0] in "LM"
