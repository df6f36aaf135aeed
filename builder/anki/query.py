r"""A search in Anki's language, the part that speaks of tags → a test of a note's tags.

`tag:x`, `-tag:x`, `and`, `or`, brackets, quotes, the wildcards `*` and `_`, escapes with `\`,
`tag:none`. What a text selects here is what the same text selects in Anki's browser, and what Anki
does not take is not taken here. The other way round, a text becomes a search for a tag.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from functools import cache
from typing import NamedTuple

from builder.problems import Wrong

Test = Callable[[Collection[str]], bool]

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
_KEYED = re.compile(r"((?:[^:\\]|\\.)+):(.*)", re.DOTALL)
_ESCAPE = re.compile(r'\\([\\":*_()-])?')
_PARSER_ESCAPE = re.compile(r'(\\[\\*_])|\\([":()-])')
_CHARACTER = re.compile(r"\\?.", re.DOTALL)
_SPECIAL = re.compile(r'[\\*_"]')


def test_of(query: str) -> Test:
    """Whether a search selects a note with some tags.

    An empty search selects everything, one that is not valid nothing.
    """
    test = _compiled(query)
    return _nothing if isinstance(test, Wrong) else test


def selects(query: str, tags: Collection[str]) -> bool:
    """Whether a search selects a note with these tags."""
    return test_of(query)(tags)


def wrong_with(query: str) -> Wrong | None:
    """Why a search is not one of tags; None if it is."""
    test = _compiled(query)
    return test if isinstance(test, Wrong) else None


def terms_of(query: str) -> list[tuple[str, int]]:
    """The terms of a valid search without their minus, each with its index in the search."""
    return [(token.text, token.at) for token in _tokens(query) if token.kind == "term"]


def search_for_tag(tag: str) -> str:
    """The search that finds the notes with a tag or with one under it."""
    if tag == "none":  # in small letters it means notes without tags
        return "tag:NONE"
    value = _SPECIAL.sub(r"\\\g<0>", tag)
    if value.startswith(("re:", "nc:")):
        value = value.replace(":", "\\:", 1)
    return f'tag:"{value}"' if re.search("[()]", value) else f"tag:{value}"


class _QueryError(Exception):
    """The text is not a search of tags; its arguments are those of `Wrong`."""


@cache
def _compiled(query: str) -> Test | Wrong:
    """The test of a note's tags that a search is, or what is wrong with it."""
    try:
        tokens = _tokens(query)
        return _Parser(tokens).search() if tokens else _everything
    except _QueryError as error:
        return Wrong(*error.args)


def _everything(_tags: Collection[str]) -> bool:
    return True


def _nothing(_tags: Collection[str]) -> bool:
    return False


class _Token(NamedTuple):
    """A bracket, `and`, `or`, or a "term", which has a test; "end" is the last one."""

    kind: str
    at: int
    negated: bool = False
    text: str = ""
    test: Test = _everything


@cache
def _tokens(query: str) -> list[_Token]:
    """What a search is made of, from left to right."""
    text = _SPACES.sub(" ", query)
    if len(text) > _MAX_CHARACTERS:
        raise _QueryError(f"more than {_MAX_CHARACTERS:,} characters", _MAX_CHARACTERS)
    wildcards = [found.start() for found in _CHARACTER.finditer(text) if found[0] in "*_"]
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
        return "expected a character after the backslash; write \\\\ for a backslash"
    return "nothing between the quotes" if rest[1:2] == '"' else "this quote is never closed"


def _token(match: re.Match[str]) -> _Token:
    at = match.start()
    if match["close"]:
        return _Token(")", at)
    negated = bool(match["minus"])
    if match["open"]:
        return _Token("(", at, negated)
    key, value, word = match["key"], match["value"], match["word"]
    if word and word.lower() in ("and", "or"):
        if negated:
            raise _QueryError("expected a term after “-”", at)
        return _Token(word.lower(), at)
    if not key and (named := _KEYED.fullmatch(word or match["quoted"])):
        key, value = named.groups()
    if not key or key.lower() != "tag":
        raise _QueryError(f"“{match[0]}” is not about tags; only tag: is supported here", at)
    # A quote may stand behind the value.
    test = _tag_test(value, at + match[0].rindex(value))
    return _Token("term", at, negated, match[0].removeprefix("-"), test)


class _Parser:
    """Reads the tokens of a search; each method gives the test of what it reads."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = [*tokens, _Token("end", 0)]
        self.at = 0

    def search(self) -> Test:
        test = self.any_of(depth=0)
        if self.next_is(")"):
            raise _QueryError("unmatched “)”", self.tokens[self.at].at)
        return test

    def any_of(self, depth: int) -> Test:
        """Terms joined by `or`."""
        tests = [self.all_of(depth)]
        while self.skip("or"):
            tests.append(self.all_of(depth))
        return tests[0] if len(tests) == 1 else _any(tests)

    def all_of(self, depth: int) -> Test:
        """Terms joined by `and`, which may be left out."""
        tests = [self.one(depth)]
        while self.skip("and") or self.next_is("(", "term"):
            tests.append(self.one(depth))
        return tests[0] if len(tests) == 1 else _all(tests)

    def one(self, depth: int) -> Test:
        """A term, or a group in brackets."""
        before, token = self.tokens[self.at - 1], self.tokens[self.at]
        if token.kind in ("and", "or"):
            raise _QueryError(f"expected a term before “{token.kind}”", token.at)
        if self.next_is(")") and self.at == 0:
            raise _QueryError("unmatched “)”", token.at)
        if self.next_is(")", "end"):
            raise _QueryError(f"expected a term after “{before.kind}”", before.at)
        self.at += 1
        test = self.group(token, depth) if token.kind == "(" else token.test
        return (lambda tags: not test(tags)) if token.negated else test

    def group(self, opening: _Token, depth: int) -> Test:
        """What stands between brackets, after the first of them."""
        if depth == _MAX_DEPTH:
            raise _QueryError(f"brackets more than {_MAX_DEPTH} deep", opening.at)
        if self.next_is(")"):
            raise _QueryError("nothing between the brackets", opening.at)
        test = _everything if self.next_is("end") else self.any_of(depth + 1)
        if not self.skip(")"):
            raise _QueryError("“(” is never closed", opening.at)
        return test

    def next_is(self, *kinds: str) -> bool:
        return self.tokens[self.at].kind in kinds

    def skip(self, kind: str) -> bool:
        """Whether the next token is of this kind, which then is read."""
        skipped = self.next_is(kind)
        self.at += skipped
        return skipped


def _any(tests: list[Test]) -> Test:
    def test_any(tags: Collection[str]) -> bool:
        for test in tests:  # any() takes twice as long  # noqa: SIM110
            if test(tags):
                return True
        return False

    return test_any


def _all(tests: list[Test]) -> Test:
    def test_all(tags: Collection[str]) -> bool:
        for test in tests:  # noqa: SIM110
            if not test(tags):
                return False
        return True

    return test_all


def _tag_test(value: str, at: int) -> Test:
    """The test of `tag:value`; the value stands at `at`."""
    if value.startswith(("re:", "nc:")):
        message = f"“tag:{value[:3]}” is not supported here; use the wildcards * and _"
        raise _QueryError(message, at)
    for escape in _ESCAPE.finditer(value):
        if not escape[1]:
            written = value[escape.start() : escape.start() + 2]
            message = f"“{written}” is not a valid escape; write \\\\ for a backslash"
            raise _QueryError(message, at + escape.start())
    value = _PARSER_ESCAPE.sub(lambda escape: escape[1] or escape[2], value)
    value = unicodedata.normalize("NFC", value)
    if value == "none":
        return lambda tags: not tags
    if value == "*":
        return _everything
    if " " in value:
        return _nothing
    matches = cache(_matcher(_fold(value)))  # notes share tags
    return lambda tags: any(map(matches, tags))


def _matcher(glob: str) -> Callable[[str], bool]:
    """Whether a tag, or one that it lies under, matches."""
    if any(wildcard in glob for wildcard in r"*_"):
        pattern = re.compile(_pattern(glob), re.DOTALL)
        return lambda tag: pattern.fullmatch(_fold(tag)) is not None
    name = _CHARACTER.sub(lambda found: found[0][-1], glob)
    return lambda tag: _fold(tag) == name or _fold(tag).startswith(f"{name}::")


def _pattern(glob: str) -> str:
    r"""Anki's wildcards as a regular expression: `*` any text, `_` one character, `\` escapes.

    A tag under one that matches does too.
    """
    parts = [""]
    for found in _CHARACTER.finditer(glob):
        if found[0] == "*":
            parts.append("")
        else:
            parts[-1] += f"[^{_SPACE}]" if found[0] == "_" else re.escape(found[0][-1])
    first, *rest = parts
    # The first place where a part fits is as good as any other, but for the last part.
    middle = "".join(f"(?>[^{_SPACE}]*?{part})" for part in rest[:-1])
    last = f"[^{_SPACE}]*{rest[-1]}" if rest else ""
    return f"{first}{middle}{last}(?:::.*)?"


@cache
def _fold(text: str) -> str:
    """Unicode's simple case folding: character by character, as regular expressions in Anki do."""
    return "".join(map(_fold_character, text))


@cache
def _fold_character(char: str) -> str:
    if char == "\ufb05":  # folds to its twin since Unicode 15.1, which Anki has and Python may not
        return "\ufb06"
    folded = (char.casefold(), char.lower())  # the full folding of “ß” is two characters
    return next((one for one in folded if len(one) == 1), char)
