r"""A search in Anki's language, the part that speaks of tags → a test of a note's tags.

`tag:x`, `-tag:x`, `and`, `or`, brackets, quotes, the wildcards `*` and `_`, escapes with `\`,
`tag:none`. What a text selects here is what the same text selects in Anki's browser, and what Anki
does not take is not taken here. The other way round, a text becomes a search for a tag.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from builder.load import place_in, text_of
from builder.model import Node, Problem, Text

Test = Callable[[tuple[str, ...]], bool]

# What nobody writes; Anki gives up on more than some 900 terms. A pattern of many wildcards takes
# long to compile.
_MAX_TERMS = 500
_MAX_CHARACTERS = 10_000
_MAX_WILDCARDS = 500
_MAX_DEPTH = 50

# Unicode's White_Space, which Anki takes for spaces and for which no wildcard stands; Python's own
# notion of it has four control characters more.
_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SPACES = re.compile(f"[{_SPACE}]")

_QUOTED = r'"(?P<{}>(?:[^"\\]|\\.)+)"'
_TOKEN = re.compile(
    r"(?P<close>\))|(?P<minus>-?)(?:(?P<open>\()|"
    + _QUOTED.format("quoted")
    + r'|(?P<key>(?:[^"(): \\]|\\[^ ])+):'
    + _QUOTED.format("value")
    + r'|(?P<word>(?:[^"() \\]|\\[^ ])+))',
    re.DOTALL,
)
_KEY = re.compile(r"((?:[^:\\]|\\.)+):", re.DOTALL)
_ESCAPE = re.compile(r'\\([\\":*_()-])?')
_PARSER_ESCAPE = re.compile(r'(\\[\\*_])|\\([":()-])')
_GLOB = re.compile(r"\\?.", re.DOTALL)
_SPECIAL = re.compile(r'[\\*_"]')
_WILDCARD = re.compile(r"\\.|[*_]", re.DOTALL)


class Wrong(NamedTuple):
    """What is wrong with a search, and at which of its characters, from 0."""

    message: str
    at: int


def _everything(_tags: tuple[str, ...]) -> bool:
    return True


def _nothing(_tags: tuple[str, ...]) -> bool:
    return False


class _Token(NamedTuple):
    """A bracket, `and`, `or` (`kind` is what is written) or a "term", with its text and test."""

    kind: str
    at: int
    negated: bool = False
    text: str = ""
    test: Test = _everything


class _QueryError(Exception):
    """The text is no search that we understand; caught by `compile_query`."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.wrong = Wrong(message, at)


def compile_query(text: str) -> Test | Wrong:
    """The test that a search stands for, or, if it is none of ours, what is wrong with it.

    An empty search selects everything.
    """
    try:
        tokens = _tokens(text)
        if not tokens:
            return _everything
        test, rest = _any_of(tokens, 0, 0)
        if rest < len(tokens):
            return Wrong("a closing bracket without an opening one", tokens[rest].at)
    except _QueryError as error:
        return error.wrong
    return test


def read_search(
    path: str, node: Node | None, what: str, problems: list[Problem]
) -> tuple[str, Test]:
    """A search that stands in a file, and its test; adds to `problems`.

    Where there is none, everything is found; where it is wrong, nothing.
    """
    text = text_of(path, node, what, problems)
    test = compile_query(text)
    if isinstance(test, Wrong) and isinstance(node, Text):
        place = place_in(path, node, test.at)
        problems.append(Problem(path, *place, "error", test.message, "query"))
    return text, _nothing if isinstance(test, Wrong) else test


def terms_of(text: str) -> Iterator[tuple[str, int, Test]]:
    """Each term of a right search without its minus: as written, where it stands, its test."""
    for token in _tokens(text):
        if token.kind == "term":
            yield token.text, token.at, token.test


def search_for_tag(tag: str) -> str:
    """The search that finds the notes with a tag or with one under it."""
    if tag == "none":  # in small letters it means notes without tags
        return "tag:NONE"
    value = _SPECIAL.sub(r"\\\g<0>", tag)
    if value.startswith(("re:", "nc:")):
        value = value.replace(":", "\\:", 1)
    return f'tag:"{value}"' if re.search("[()]", value) else f"tag:{value}"


def _tokens(text: str) -> list[_Token]:
    """What a search is made of, from left to right."""
    text = _SPACES.sub(" ", text)
    if len(text) > _MAX_CHARACTERS:
        raise _QueryError(f"more than {_MAX_CHARACTERS:,} characters", _MAX_CHARACTERS)
    wildcards = [found.start() for found in _WILDCARD.finditer(text) if found[0] in "*_"]
    if len(wildcards) > _MAX_WILDCARDS:
        raise _QueryError(f"more than {_MAX_WILDCARDS} wildcards", wildcards[_MAX_WILDCARDS])
    tokens: list[_Token] = []
    at = 0
    while rest := text[at:].lstrip(" "):
        at = len(text) - len(rest)
        match = _TOKEN.match(text, at)
        if match is None:
            raise _QueryError(_unreadable(rest), at)
        tokens.append(_token(match))
        if len(tokens) > _MAX_TERMS:
            raise _QueryError(f"more than {_MAX_TERMS} terms", at)
        at = match.end()
    return tokens


def _unreadable(rest: str) -> str:
    """Why no term begins here."""
    if rest.startswith("\\"):
        return "a backslash stands before nothing; write \\\\ for one that is meant"
    return "there is nothing between the quotes" if rest[1:2] == '"' else "a quote is not closed"


def _token(match: re.Match[str]) -> _Token:
    at = match.start()
    if match["close"]:
        return _Token(")", at)
    negated = bool(match["minus"])
    if match["open"]:
        return _Token("(", at, negated)
    word = match["word"]
    if word and word.lower() in ("and", "or"):
        if negated:
            raise _QueryError(f"“-{word}” negates nothing", at)
        return _Token(word.lower(), at)
    if match["key"]:
        key, value, start = match["key"], match["value"], match.start("value")
    else:
        whole = word or match["quoted"]
        named = _KEY.match(whole)
        key = named[1] if named else ""
        value = whole[named.end() :] if named else whole
        start = match.start("word" if word else "quoted") + len(whole) - len(value)
    if key.lower() != "tag":
        message = f"“{match[0]}” is not about tags; only tag: is understood here"
        raise _QueryError(message, at)
    return _Token("term", at, negated, match[0].removeprefix("-"), _tag_test(value, start))


def _any_of(tokens: list[_Token], at: int, depth: int) -> tuple[Test, int]:
    """The test of terms joined by `or`, and where they end."""
    tests = []
    while True:
        test, at = _all_of(tokens, at, depth)
        tests.append(test)
        if at >= len(tokens) or tokens[at].kind != "or":
            break
        at += 1
    return (tests[0] if len(tests) == 1 else lambda tags: any(test(tags) for test in tests)), at


def _all_of(tokens: list[_Token], at: int, depth: int) -> tuple[Test, int]:
    """The test of terms joined by `and`, which may be left out, and where they end."""
    tests = []
    while True:
        test, at = _one(tokens, at, depth)
        tests.append(test)
        if at < len(tokens) and tokens[at].kind == "and":
            at += 1
        elif at >= len(tokens) or tokens[at].kind in (")", "or"):
            break
    return (tests[0] if len(tests) == 1 else lambda tags: all(test(tags) for test in tests)), at


def _one(tokens: list[_Token], at: int, depth: int) -> tuple[Test, int]:
    """The test of a term or of a group in brackets, and where it ends."""
    if at >= len(tokens):
        raise _QueryError(f"“{tokens[-1].kind}” joins nothing", tokens[-1].at)
    token = tokens[at]
    test = token.test
    if token.kind == "(":
        if depth == _MAX_DEPTH:
            raise _QueryError(f"brackets more than {_MAX_DEPTH} deep", token.at)
        if at + 1 >= len(tokens):
            raise _QueryError("a bracket is not closed", token.at)
        if tokens[at + 1].kind == ")":
            raise _QueryError("there is nothing between the brackets", token.at)
        test, at = _any_of(tokens, at + 1, depth + 1)
        if at >= len(tokens):
            raise _QueryError("a bracket is not closed", token.at)
    elif token.kind == ")" and at:
        raise _QueryError(f"“{tokens[at - 1].kind}” joins nothing", tokens[at - 1].at)
    elif token.kind == ")":
        raise _QueryError("a closing bracket without an opening one", token.at)
    elif token.kind != "term":
        raise _QueryError(f"“{token.kind}” stands where a search term should", token.at)
    return (lambda tags: not test(tags)) if token.negated else test, at + 1


def _tag_test(value: str, at: int) -> Test:
    """The test of `tag:value`; the value stands at `at`."""
    if value.startswith(("re:", "nc:")):
        what = "a regular expression" if value.startswith("re:") else "to search without accents"
        message = f"“tag:{value[:3]}”, {what}, is not understood here; the wildcards * and _ are"
        raise _QueryError(message, at)
    for escape in _ESCAPE.finditer(value):
        if not escape[1]:
            written = value[escape.start() : escape.start() + 2]
            message = f"“{written}” is no escape; write \\\\ for a backslash that is meant"
            raise _QueryError(message, at + escape.start())
    value = _PARSER_ESCAPE.sub(lambda escape: escape[1] or escape[2], value)
    value = unicodedata.normalize("NFC", value)
    if value == "none":
        return lambda tags: not tags
    if value == "*":
        return _everything
    if " " in value:
        return _nothing
    pattern = re.compile(_pattern(_fold(value)), re.DOTALL)
    matches = cache(lambda tag: pattern.fullmatch(_fold(tag)) is not None)  # the same, note by note
    return lambda tags: any(map(matches, tags))


def _pattern(glob: str) -> str:
    r"""Anki's wildcards as a regular expression: `*` any text, `_` one character, `\` escapes.

    A tag under one that matches does too.
    """
    parts = [""]
    for found in _GLOB.finditer(glob):
        if found[0] == "*":
            parts.append("")
        else:
            parts[-1] += f"[^{_SPACE}]" if found[0] == "_" else re.escape(found[0][-1])
    first, *rest = parts
    # The first place where a part fits is as good as any other, but for the last part.
    middle = "".join(f"(?>[^{_SPACE}]*?{part})" for part in rest[:-1])
    last = f"[^{_SPACE}]*{rest[-1]}" if rest else ""
    return f"{first}{middle}{last}(?:::.*)?"


def _fold(text: str) -> str:
    """Unicode's simple case folding: character by character, as regular expressions in Anki do."""
    if text.isascii():
        return text.lower()
    return "".join(map(_fold_character, text))


def _fold_character(char: str) -> str:
    if char == "\ufb05":  # folds to its twin since Unicode 15.1, which Anki has and Python may not
        return "\ufb06"
    folded = (char.casefold(), char.lower())  # the full folding of “ß” is two characters
    return next((one for one in folded if len(one) == 1), char)
