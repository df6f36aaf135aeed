r"""A text with cloze deletions as its author writes it → its deletions, and its HTML.

Braces in a deletion come in pairs, as those of `int a[] = {1, 2}`; one alone is `\{` or `\}`. `::`
begins a hint, `\:\:` does not. Formulas and code are whole: nothing in them ends a deletion or
begins a hint. A deletion is rendered by itself, so that no markup begins in it and ends elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from itertools import zip_longest
from typing import NamedTuple

from markupsafe import Markup

from builder.notes.cloze import as_deletion
from builder.notes.formulas import FORMULA
from builder.problems import Wrong

_START = re.compile(r"\{\{c([0-9]+)::")
_MAX_NUMBER = 99
_WRITE = "write {{c1::answer}} or {{c1::answer::hint}}"
_COLONS = r"and \:\: for a “::” within them"
_BRACE = r"with none in another, and \{ or \} for a brace alone"
# Where an item of a list stands in its context.
_ITEM = re.compile(r"\{item\}")
_ANY = r"(?:(?!\{\{c[0-9]+::)[^\\]|\\[^()\[\]])*"
_CODE = r"(?<!`)(?P<ticks>`++)(?:(?!\{\{c[0-9]+::).)+?(?<!`)(?P=ticks)(?!`)"
_BRACES = r"\\[^\w\s]|::|[{}]"
# What is looked at in a deletion, first with formulas and code as a whole.
_TOKENS = (
    re.compile(rf"\\\({_ANY}\\\)|\\\[{_ANY}\\\]|{_CODE}|{_BRACES}", re.DOTALL),
    re.compile(_BRACES),
)
# What has braces of its own beside the deletions.
_OUTSIDE = re.compile(
    rf"{FORMULA.pattern}|{_CODE}|\\.|\{{[cC][0-9]+::|\{{\{{|\}}\}}|[{{}}]", re.DOTALL
)
_LINK = re.compile(r"""\]\(<?https?://[^\s()\x02]*(?:\s+["'(][^"'()\x02]*)?\x02""")
# Stands for a deletion while the text around it is rendered. No text has \x02; to Markdown, `%` is
# punctuation, as a brace is.
_HOLE = "%\x02%"
# In a formula, a deletion in place of an argument, `x^{{c1::10}}`, takes the argument's braces.
_ARGUMENT = re.compile(
    rf"((?:[\^_}}]|&#125;|\\(?!left|right|middle|[bB]ig)[A-Za-z]+|(?<=\x02%)) *)?{_HOLE}"
)
_AROUND = re.compile(
    rf"(?P<code><code>.*?</code>)|(?P<tag><[^<>]*>)|(?P<formula>{FORMULA.pattern})|{_HOLE}",
    re.DOTALL,
)


class Marked(NamedTuple):
    """A deletion as it is written: from where to where, its number, what it hides, its hint."""

    start: int
    end: int
    number: int
    answer: str
    hint: str


def wrong_with_text(text: str) -> Wrong | None:
    """What is wrong with the cloze deletions of a fact's text."""
    found = deletions_of(text)
    if isinstance(found, Wrong):
        return found
    wrong = _wrong_braces(text, found) or _wrong_formula(text, found)
    if not found and not wrong:
        return Wrong("no cloze deletion; write {{c1::…}} around the answer", 0)
    return wrong or _wrong_link(text, found)


def wrong_with_context(text: str) -> Wrong | None:
    """What is wrong with the context of an item of a list."""
    deletions = _items_in(text, 1, "", "")
    return (
        _wrong_link(text, deletions)
        if deletions
        else Wrong("no “{item}” in this context; write it where the item stands", 0)
    )


def _items_in(context: str, number: int, answer: str, hint: str) -> list[Marked]:
    places = _ITEM.finditer(context)
    return [Marked(place.start(), place.end(), number, answer, hint) for place in places]


def deletions_of(text: str) -> list[Marked] | Wrong:
    """The deletions of a text, or why they cannot be told."""
    found: list[Marked] = []
    starts = list(_START.finditer(text))
    for start, following in zip_longest(starts, starts[1:]):
        limit = following.start() if following else len(text)
        at = start.start()
        if not 1 <= int(start[1][:9]) <= _MAX_NUMBER or start[1].startswith("0"):
            return Wrong(f"cloze deletions are numbered from 1 to {_MAX_NUMBER}", at)
        if (at - len(text[:at].rstrip("\\"))) % 2:
            message = r"a backslash before a cloze deletion; write \\ for one, \{\{ for two braces"
            return Wrong(message, at - 1)
        body = next(filter(None, (_body(text, start.end(), limit, t) for t in _TOKENS)), None)
        if body is None:
            message = rf"this cloze deletion is never closed; {_WRITE}, {_BRACE}"
            return Wrong(message, at)
        end, colons = body
        middle = colons[0] if colons else end
        answer, hint = text[start.end() : middle], text[middle + 2 : end]
        if len(colons) > 1:
            return Wrong(f"a second “::” in a cloze deletion; {_WRITE}, {_COLONS}", colons[1])
        if not answer.strip() or (colons and not hint.strip()):
            empty = middle if answer.strip() else start.end()
            return Wrong(f"nothing before or after “::”; {_WRITE}, {_COLONS}", empty)
        found.append(Marked(at, end + 2, int(start[1]), answer, hint))
    return found


def _body(
    text: str, start: int, limit: int, tokens: re.Pattern[str]
) -> tuple[int, list[int]] | None:
    """Where the `}}` stands that ends a deletion, and each `::` before it outside of braces."""
    depth = 0
    colons: list[int] = []
    for token in tokens.finditer(text, start, limit):
        if token[0] == "{":
            depth += 1
        elif token[0] == "}" and depth:
            depth -= 1
        elif token[0] == "}" and text.startswith("}}", token.start(), limit):
            return token.start(), colons
        elif token[0] == "::" and not depth:
            colons.append(token.start())
    return None


def _wrong_braces(text: str, deletions: list[Marked]) -> Wrong | None:
    """Braces beside the deletions that are those of one written wrongly."""
    outside = _holes(text, deletions, _of_its_length)
    depth = 0
    for token in _OUTSIDE.finditer(outside):
        at = token.start()
        if token[0] == "}}" and depth < len(token[0]):
            message = r"“}}” ends no cloze deletion; write {{c1::answer}}, or \}\} for two braces"
            return Wrong(message, at)
        if len(token[0]) > 1 and token[0][0] == "{":
            braces = r"\{\{ for two braces" if token[0] == "{{" else r"\{ for one brace"
            message = (
                f"“{token[0]}” begins no cloze deletion; write {{{{c1::answer}}}}, or {braces}"
            )
            return Wrong(message, at)
        depth = max(0, depth + {"{": 1, "}": -1, "}}": -2}.get(token[0], 0))
    return None


def _of_its_length(deletion: Marked) -> str:
    return "\x02" * (deletion.end - deletion.start)


def _wrong_formula(text: str, deletions: list[Marked]) -> Wrong | None:
    """A formula that begins in a deletion and ends outside of it, or the other way round."""

    def inside(at: int) -> Marked | None:
        return next((one for one in deletions if one.start < at < one.end), None)

    for formula in FORMULA.finditer(text):
        if inside(formula.start()) != inside(formula.end()):
            message = "a formula stands in one cloze deletion or around it, and does not cross it"
            return Wrong(message, formula.start())
    return None


def _wrong_link(text: str, deletions: list[Marked]) -> Wrong | None:
    """A deletion in a link's address or title."""
    found = _LINK.search(_holes(text, deletions, _of_its_length))
    message = "a cloze deletion cannot stand in the address or title of a link"
    return Wrong(message, found.end() - 1) if found else None


def with_deletions(text: str, render: Callable[[str], str]) -> str:
    """The HTML of a text with deletions, of which `render` makes that of a text without any.

    A text whose deletions cannot be told, since a filter of a template cut them, has none.
    """
    deletions = deletions_of(text)
    if isinstance(deletions, Wrong):
        return render(text)
    return _filled(text, deletions, render, escapes=True)


def in_context(
    context: str, number: int, answer: str, hint: str, render: Callable[[str], str]
) -> str:
    """The HTML of a context with an item of a list as a deletion; a `hint` may be HTML already."""
    return _filled(context, _items_in(context, number, answer, hint), render, escapes=False)


def _filled(
    text: str, deletions: list[Marked], render: Callable[[str], str], *, escapes: bool
) -> str:
    """The HTML of a text with deletions, in which code and formulas may have `escapes`."""
    left = iter(deletions)

    def literal(written: str) -> str:
        return escape(written, quote=False).replace("[", "&#91;").replace("{{", "{&#123;")

    def code(written: str) -> str:
        return literal(re.sub(r"\\([{}:])", r"\1", written) if escapes else written)

    def formula(written: str) -> str:
        return literal(written.replace(r"\:\:", "::") if escapes else written)

    def spaced(written: str) -> str:
        begin, end = len(written) - len(written.lstrip()), len(written.rstrip())
        before, after = (part.replace("\n", "<br>") for part in (written[:begin], written[end:]))
        return before + render(written[begin:end]) + after if end else ""

    def argument(hole: re.Match[str]) -> str:
        made = _made(next(left), formula)
        return made if hole[1] is None else f"{hole[1]}{{{made}}}"

    def filled(found: re.Match[str]) -> str:
        if found["tag"]:
            return found[0]
        if found["formula"]:
            return _ARGUMENT.sub(argument, found[0])
        shown = code if found["code"] else spaced
        return re.sub(_HOLE, lambda _: _made(next(left), shown), found[0])

    return _AROUND.sub(filled, render(_holes(text, deletions, lambda _: _HOLE)))


def _made(written: Marked, shown: Callable[[str], str]) -> str:
    hint = str(written.hint) if isinstance(written.hint, Markup) else shown(written.hint)
    return as_deletion(written.number, shown(written.answer), hint)


def _holes(text: str, deletions: list[Marked], hole: Callable[[Marked], str]) -> str:
    """The text with something else in place of each deletion."""
    pieces = []
    at = 0
    for found in deletions:
        pieces += [text[at : found.start], hole(found)]
        at = found.end
    return "".join([*pieces, text[at:]])
