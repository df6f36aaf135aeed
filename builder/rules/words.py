"""The words of `languages/` → patterns of what rules look for in a text."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from builder.notes.language import language_of

_FOLDER = Path(__file__).with_name("languages")

# Between words stand spaces and punctuation; but these signs are part of them, as in C# and 10%.
_SIGNS = "#%&*@\\§†‡‰‱′″‴"
_PUNCTUATION = "".join(
    char
    for char in map(chr, (*range(0x3100), *range(0xFE10, 0xFF70)))
    if unicodedata.category(char)[0] == "P" and char not in _SIGNS
)
_PART = rf"[^\s{re.escape(_PUNCTUATION)}]+"
WORD = re.compile(rf"(?:(?<!\w)-(?=\d))?{_PART}(?:[-’']{_PART})*")

# How a question begins that asks for a date.
ASKS_WHEN = r"^[¿¡]?<when|on-what-day>\b"


@cache
def _said_in(language: str) -> Mapping[str, Any]:
    path = _FOLDER / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


@cache
def pattern(form: str, language: str) -> re.Pattern[str]:
    """A regular expression in which `<name>` is any of the words of that name in a language.

    In a language whose words we do not have, that is nothing.
    """

    def any_of(names: re.Match[str]) -> str:
        tables = _said_in("any"), _said_in(language_of(language))
        words = [w for name in names[1].split("|") for table in tables for w in table.get(name, ())]
        # Where no word can begin, none is tried, which takes half the time.
        first = "".join(sorted({word[0] for word in words}))
        return f"(?:{f'(?=[{first}])' * first.isalpha()}(?:{'|'.join(words) or '(?!)'}))"

    return re.compile(re.sub(r"<([a-z|-]+)>", any_of, form), re.IGNORECASE)


def spaced_in(language: str) -> tuple[str, ...]:
    """The punctuation that has a space before it in a language."""
    return tuple(_said_in(language_of(language)).get("spaced", ()))


def instead_of(command: str) -> str:
    """What to write instead of a command that formulas cannot have, or nothing."""
    known = _said_in("any")["instead"].items()
    return next((instead for names, instead in known if re.fullmatch(names, command)), "")


def number_of_words(text: str) -> int:
    """How many words a text has, where a word may have punctuation in it."""
    return sum(bool(WORD.search(word)) for word in text.split())


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return WORD.findall(text.casefold())
