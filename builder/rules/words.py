"""`words.toml` → patterns of what rules look for in a text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
# A pattern of commands in formulas → what to write instead.
INSTEAD: dict[str, str] = _WORDS["instead"]

WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")


def english(*names: str) -> str:
    """A regular expression for any of the words that have one of these names in `words.toml`."""
    return f"(?:{'|'.join(word for name in names for word in _WORDS[name])})"


# How a question begins that asks for a date.
ASKS_WHEN = re.compile(rf"^{english('when', 'on-what-day')}\b", re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return WORD.findall(text.casefold())
