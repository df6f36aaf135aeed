r"""What a formula on a card may say: mathematics, and nothing that acts.

Anki gives what stands between `\( … \)` or `\[ … \]` to MathJax, with its packages base, ams,
mathtools and mhchem, and those that load themselves. Beside mathematics they have links, styles,
attributes, definitions and boxes of any size. So a formula is typeset only if every command in it
is listed here; whatever else has a backslash is shown as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from builder.notes.cloze import revealed

_HERE = Path(__file__).parent
# The names in MathJax's tables of symbols, macros and environments.
COMMANDS = frozenset((_HERE / "mathjax-commands.txt").read_text("utf-8").split())
ENVIRONMENTS = frozenset((_HERE / "mathjax-environments.txt").read_text("utf-8").split())
# What stands after a backslash and is no letter.
SIGNS = frozenset(" \n\xa0!#$%&,./:;<>\\_{|}")

# A formula, in a text or in HTML, where `[` may be a reference; none begins within another. What
# stands after a backslash belongs to it, as in MathJax: `\\)` ends no formula.
FORMULA = re.compile(
    r"\\(?:\(|(?P<display>\[|&#91;))"
    r"(?>(?:[^\\]|\\(?![()\[\]]|&#91;|\{\{c\d).)*)"
    r"\\(?(display)\]|\))",
    re.DOTALL,
)
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)|&[#\w]+;|.)", re.DOTALL)
_ENVIRONMENT = re.compile(r"\s*\{([A-Za-z]+\*?)(?:\}|&#125;)")
# What may keep its backslash outside of a formula: it may be that a card template has a formula
# around a field. Two backslashes before a bracket would begin one.
_HARMLESS = r"\\(?:(?P<name>[A-Za-z]++)(?!\{\{c\d)|[,:;>!|%$#_ )\]]|\\(?![(\[\\]|&#91;|\{\{c\d))"
_BACKSLASH = re.compile(rf"(?P<formula>{FORMULA.pattern})|{_HARMLESS}|\\", re.DOTALL)
# Keeps a backslash from what stands after it: MathJax takes no tag for a part of a formula.
SHIELDED = "\\<span></span>"
# Where MathJax looks for no formula: tags, and code from its first tag to its last.
_NO_FORMULA = re.compile(
    r"(<(?:code|pre)\b[^<>]*>.*?(?:</(?:code|pre)\b[^<>]*>|\Z)|<[^<>]*>)", re.DOTALL
)


def not_mathematics(formula: str) -> str:
    """The first command of a formula, in a text or in HTML, that is not listed; else nothing."""
    for command in _COMMAND.finditer(formula, 2, len(formula) - 2):
        written, name = unescape(command[0]), command[1]
        if name in ("begin", "end"):
            environment = _ENVIRONMENT.match(formula, command.end())
            if environment is None or environment[1] not in ENVIRONMENTS:
                return f"{written}{{{environment[1]}}}" if environment else written
        elif not (name in COMMANDS if name else written[1] in SIGNS):
            return written
    return ""


def formulas(text: str) -> Iterator[str]:
    """The formulas in a text."""
    return (found[0] for found in FORMULA.finditer(text))


def shield_backslashes(html: str) -> str:
    """The HTML of a field in which MathJax finds only formulas that are mathematics.

    Anki puts a command together whose parts stand in and beside a cloze deletion; if one acts, no
    backslash of the field stays.
    """
    opened = revealed(html)
    texts = _NO_FORMULA.split(opened)[::2] if opened != html else []
    acts = any(not_mathematics(formula) for text in texts for formula in formulas(text))
    pieces = _NO_FORMULA.split(html)
    pieces[::2] = [
        text.replace("\\", SHIELDED) if acts else _BACKSLASH.sub(_shielded, text)
        for text in pieces[::2]
    ]
    return "".join(pieces)


def _shielded(found: re.Match[str]) -> str:
    """A formula, or a backslash with what belongs to it, shielded if need be."""
    text, name = found[0], found["name"]
    if found["formula"]:
        fine = not not_mathematics(text)
    elif name:
        fine = name in COMMANDS or name in ("begin", "end")
    else:
        fine = len(text) > 1 or found.end() == len(found.string)  # nothing follows but a tag
    return text if fine else text.replace("\\", SHIELDED)
