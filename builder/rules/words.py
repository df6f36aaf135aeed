"""`words.toml` → patterns of what rules look for in a text."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
# A pattern of commands in formulas → what to write instead.
INSTEAD: dict[str, str] = _WORDS["instead"]

# Between words stand spaces and punctuation; but these signs are part of them, as in C# and 10%.
_SIGNS = "#%&*@\\§†‡‰‱′″‴"
_PUNCTUATION = "".join(
    char
    for char in map(chr, (*range(0x3100), *range(0xFE10, 0xFF70)))
    if unicodedata.category(char)[0] == "P" and char not in _SIGNS
)
_PART = rf"[^\s{re.escape(_PUNCTUATION)}]+"
WORD = re.compile(rf"(?:(?<!\w)-(?=\d))?{_PART}(?:[-’']{_PART})*")


def english(*names: str) -> str:
    """A regular expression for any of the words that have one of these names in `words.toml`."""
    return f"(?:{'|'.join(word for name in names for word in _WORDS[name])})"


# How a question begins that asks for a date.
ASKS_WHEN = re.compile(rf"^{english('when', 'on-what-day')}\b", re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return WORD.findall(text.casefold())
