"""A search in Anki's language, the part that speaks of tags → a test of a note's tags.

`tag:x`, `-tag:x`, `and`, `or`, brackets, quotes, the wildcards `*` and `_`, `tag:none`. What a text
selects here is what the same text selects in Anki's browser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

Test = Callable[[tuple[str, ...]], bool]

# Anki's tokens: a bracket, a leading minus, or a word in which quotes may enclose spaces.
_TOKEN = re.compile(r"""[ \u3000]*([()]|-|(?:"(?:\\.|[^"\\])*"|\\.|[^\s"()])+)""")


class _QueryError(Exception):
    """The text is no search that we understand; caught by `compile_query`."""


def compile_query(text: str) -> Test | str:
    """The test that a search stands for, or, if it is none of ours, what is wrong with it.

    An empty search selects everything.
    """
    try:
        tokens = _tokens(text)
        if not tokens:
            return _everything
        test, rest = _any_of(tokens, 0)
        if rest < len(tokens):
            return "a closing bracket without an opening one"
    except _QueryError as error:
        return str(error)
    return test


def _everything(_tags: tuple[str, ...]) -> bool:
    return True


def _tokens(text: str) -> list[str]:
    """Brackets and minus as themselves, words as they stand."""
    tokens = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if not match:
            raise _QueryError(f"a quote is not closed: {text[position:].strip()}")
        tokens.append(match.group(1))
        position = match.end()
    return tokens


def _any_of(tokens: list[str], at: int) -> tuple[Test, int]:
    tests = []
    while True:
        test, at = _all_of(tokens, at)
        tests.append(test)
        if at >= len(tokens) or tokens[at].lower() != "or":
            break
        at += 1
    return (lambda tags: any(test(tags) for test in tests)), at


def _all_of(tokens: list[str], at: int) -> tuple[Test, int]:
    tests = []
    while True:
        test, at = _one(tokens, at)
        tests.append(test)
        if at < len(tokens) and tokens[at].lower() == "and":
            at += 1
        elif at >= len(tokens) or tokens[at] == ")" or tokens[at].lower() == "or":
            break
    return (lambda tags: all(test(tags) for test in tests)), at


def _one(tokens: list[str], at: int) -> tuple[Test, int]:
    if at >= len(tokens):
        raise _QueryError("the search ends too early")
    word = tokens[at]
    if word == "-":
        test, at = _one(tokens, at + 1)
        return (lambda tags: not test(tags)), at
    if word == "(":
        test, at = _any_of(tokens, at + 1)
        if at >= len(tokens):
            raise _QueryError("a bracket is not closed")
        return test, at + 1
    if word == ")" or word.lower() in ("and", "or"):
        raise _QueryError(f"“{word}” stands where a search term should")
    return _tag_term(word), at + 1


def _tag_term(term: str) -> Test:
    word = term[1:-1] if term.startswith('"') and term.endswith('"') else term
    name, colon, value = word.partition(":")
    if not colon or name.lower() != "tag":
        raise _QueryError(f"“{term}” is not about tags; only tag: is understood here")
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        value = value[1:-1]
    if value.lower() == "none":
        return lambda tags: not tags
    if not value:
        raise _QueryError("“tag:” needs a tag")
    pattern = re.compile(_pattern(value) + "(?:::.*)?", re.IGNORECASE | re.DOTALL)
    matches = cache(lambda tag: pattern.fullmatch(tag) is not None)  # the same tags, note by note
    return lambda tags: any(matches(tag) for tag in tags)


def _pattern(glob: str) -> str:
    r"""Anki's wildcards as a regular expression: `*` any text, `_` one character, `\` escapes."""
    parts = []
    escaped = False
    for char in glob:
        if escaped:
            parts.append(re.escape(char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            parts.append({"*": r"\S*", "_": r"\S"}.get(char) or re.escape(char))
    return "".join(parts)
