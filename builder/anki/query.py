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

_MAX_CHARACTERS = 10_000
# Terms, of which Anki gives up on some 1,000 and may count brackets too; and wildcards in one, of
# which it gives up on some 5,000, and the preview on fewer.
_MAX_PARTS = 900
_MAX_DEPTH = 50

# Unicode's White_Space, which Anki takes for spaces and for which no wildcard stands; Python's own
# notion of it has four control characters more.
_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

_TOKEN = re.compile(
    r' +|(?P<close>\))|(?P<minus>-?)(?:(?P<open>\()|"(?P<quoted>(?:[^"\\]|\\.)+)"'
    r'|(?P<key>(?:[^"(): \\]|\\[^ ])+):"(?P<value>(?:[^"\\]|\\.)+)"'
    r'|(?P<word>(?:[^"() \\]|\\[^ ])+))|(?P<wrong>.)',
    re.DOTALL,
)
_KEYED = re.compile(r"((?:[^:\\]|\\.)+):(.*)", re.DOTALL)
_CHARACTER = re.compile(r"\\?.", re.DOTALL)


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
    value = re.sub(r'[\\*_"]', r"\\\g<0>", tag)
    if value.startswith(("re:", "nc:")):
        value = value.replace(":", "\\:", 1)
    return f'tag:"{value}"' if re.search("[()]", value) else f"tag:{value}"


class _QueryError(Exception):
    """The text is not a search of tags; its arguments are those of `Wrong`."""


@cache
def _compiled(query: str) -> Test | Wrong:
    """The test of a note's tags that a search is, or what is wrong with it."""
    try:
        return _parsed(_tokens(query))
    except _QueryError as error:
        return Wrong(*error.args)


def _everything(_tags: Collection[str]) -> bool:
    return True


def _nothing(_tags: Collection[str]) -> bool:
    return False


class _Token(NamedTuple):
    """A bracket, `and`, `or`, or a "term", which has a test; "end" is the last one."""

    kind: str
    at: int = 0
    negated: bool = False
    text: str = ""
    test: Test = _everything


@cache
def _tokens(query: str) -> list[_Token]:
    """What a search is made of, from left to right."""
    text = re.sub(f"[{_SPACE}]", " ", query)
    if len(text) > _MAX_CHARACTERS:
        raise _QueryError(f"more than {_MAX_CHARACTERS:,} characters", _MAX_CHARACTERS)
    tokens = [_token(match) for match in _TOKEN.finditer(text) if match[0][0] != " "]
    for token in [token for token in tokens if token.kind == "term"][_MAX_PARTS:]:
        raise _QueryError(f"more than {_MAX_PARTS} terms", token.at)
    return tokens


def _token(match: re.Match[str]) -> _Token:
    at = match.start()
    key, value, word = match["key"], match["value"], match["word"]
    if match["wrong"] == "\\":
        message = "expected a character after the backslash; write \\\\ for a backslash"
        raise _QueryError(message, at)
    if match["wrong"]:
        empty = match.string[at + 1 : at + 2] == '"'
        message = "nothing between the quotes" if empty else "this quote is never closed"
        raise _QueryError(message, at)
    negated = bool(match["minus"])
    if match["open"] or match["close"]:
        return _Token(match[0][-1], at, negated)
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


def _parsed(tokens: list[_Token]) -> Test:
    """The test of a note's tags that tokens make: all of them are a group, as if in brackets."""
    before = _Token("(")
    choices: list[list[Test]] = [[]]  # of the group: what `or` joins, and each of that joins `and`
    around: list[tuple[_Token, list[list[Test]]]] = []
    for token in (*tokens, _Token("end")):
        if token.kind == "term":
            choices[-1].append(_signed(token, token.test))
        elif token.kind == "(":
            if len(around) == _MAX_DEPTH:
                raise _QueryError(f"brackets more than {_MAX_DEPTH} deep", token.at)
            around.append((token, choices))
            choices = [[]]
        elif token.kind in ("and", "or"):
            if before.kind in ("(", "and", "or"):
                raise _QueryError(f"expected a term before “{token.kind}”", token.at)
            choices += [[]] * (token.kind == "or")
        elif before.kind in ("and", "or"):
            raise _QueryError(f"expected a term after “{before.kind}”", before.at)
        elif token.kind == ")":
            if not around:
                raise _QueryError("unmatched “)”", token.at)
            if before.kind == "(":
                raise _QueryError("nothing between the brackets", before.at)
            test = _any_of(choices)
            opening, choices = around.pop()
            choices[-1].append(_signed(opening, test))
        elif around:
            raise _QueryError("“(” is never closed", around[-1][0].at)
        before = token
    return _any_of(choices)


def _signed(token: _Token, test: Test) -> Test:
    return (lambda tags: not test(tags)) if token.negated else test


def _any_of(choices: list[list[Test]]) -> Test:
    if [len(tests) for tests in choices] == [1]:
        return choices[0][0]

    def test_any(tags: Collection[str]) -> bool:
        for tests in choices:  # any() and all() take twice as long
            for test in tests:
                if not test(tags):
                    break
            else:
                return True
        return False

    return test_any


def _tag_test(value: str, at: int) -> Test:
    """The test of `tag:value`; the value stands at `at`."""
    if value.startswith(("re:", "nc:")):
        message = f"“tag:{value[:3]}” is not supported here; use the wildcards * and _"
        raise _QueryError(message, at)
    if len(re.findall("[*_]", value)) > _MAX_PARTS:
        raise _QueryError(f"more than {_MAX_PARTS} wildcards", at)
    for escape in re.finditer(r'\\(?:[\\":*_()-]|(.?))', value, re.DOTALL):
        if escape[1] is not None:
            message = f"“{escape[0]}” is not a valid escape; write \\\\ for a backslash"
            raise _QueryError(message, at + escape.start())
    value = re.sub(r'\\([":()-])|(\\.)', lambda escape: escape[1] or escape[2], value)
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
    r"""Whether a tag, or one that it lies under, matches: `*` any text, `_` one character."""
    characters = _CHARACTER.findall(glob)
    if not {"*", "_"} & set(characters):
        name = "".join(character[-1] for character in characters)
        return lambda tag: (one := _fold(tag)) == name or one.startswith(f"{name}::")
    parts = [""]  # what stands between the `*`, as regular expressions
    for character in characters:
        if character == "*":
            parts.append("")
        else:
            parts[-1] += f"[^{_SPACE}]" if character == "_" else re.escape(character[-1])
    first, *rest = parts
    # The first place where a part fits is as good as any other, but for the last part.
    middle = "".join(f"(?>[^{_SPACE}]*?{part})" for part in rest[:-1])
    last = f"[^{_SPACE}]*{rest[-1]}" if rest else ""
    pattern = re.compile(f"{first}{middle}{last}(?:::.*)?", re.DOTALL)
    return lambda tag: pattern.fullmatch(_fold(tag)) is not None


@cache
def _fold(text: str) -> str:
    """Unicode's simple case folding: character by character, as regular expressions in Anki do."""
    if text.isascii():
        return text.lower()
    # The full folding of “ß” is two characters.
    forms = ((char.casefold(), char.lower(), char) for char in text)
    folded = "".join(next(form for form in three if len(form) == 1) for three in forms)
    return folded.replace("\ufb05", "\ufb06")  # twins since Unicode 15.1, which Python may not know
