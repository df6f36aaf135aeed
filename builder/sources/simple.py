"""YAML that is written simply → the same values as libyaml's events give, in half the time.

Simple are lines of one key or one item each, with a text without escapes, which may go on on the
next lines, or with brackets that end on their line. Whatever else there is, is left to `parse`.
"""

from __future__ import annotations

import re
from unicodedata import is_normalized

from builder.model import Map, Node, Sequence, Text
from builder.problems import Place
from builder.sources.text import MAX_HTML

_MAX_DEPTH = 5  # of keys, and of brackets; `parse` allows 16 for all together

# YAML 1.1, section 9: without quotes, `: ` would end a key and ` #` begin a comment.
_KEY = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}+"
_QUOTED = r""""[^"\\\n]*+"|'[^'\n]*+'"""
_FIRST = r"""[^\s?:,\[\]{}#&*!|>'"%@`-]"""
_TEXT = rf"{_FIRST}[^:#\n]*+(?>(?:(?::(?![ \n])|(?<! )#)[^:#\n]*+)*)(?<! )"
_INSIDE = r"[^:#\n,?\[\]{}]*+"
_TEXT_INSIDE = rf"{_FIRST}{_INSIDE}(?>(?:(?::+(?=[\w/])|(?<! )#){_INSIDE})*)(?<! )"

# Indent, dash, key and value, or dash and item; each a text, in quotes, or in brackets. The next
# line of a text is deeper than its key or dash. Or the line is empty, or a comment.
_LINE = re.compile(
    rf"( *+)(- )?(?:({_KEY}):(?: (?:({_TEXT}(?:\n\1(?(2)  ) +{_TEXT})*)|({_QUOTED})|([\[{{].*)))?"
    rf"|(?(2)(?:({_TEXT}(?:\n\1 +{_TEXT})*)|({_QUOTED})|([\[{{].*))|(?:# .*)?))\n"
    r"|(?s:.+)"  # the rest, if it is not simple; a search in it would take the square of its length
)
_NOTHING, _KEY_ALONE, _QUOTES, _BRACKETS = 1, 3, (5, 8), (6, 9)  # the last group that matched
_ENTRY = re.compile(rf" *+(?:({_KEY}): )?(?:([\[{{])|(?:({_TEXT_INSIDE})|({_QUOTED})) *+([,\]}}]))")
_BEHIND = re.compile(r" *+([,\]}])")

_new = tuple.__new__


class _NotSimpleError(Exception):
    """Something that is not simple, or not right."""


def parse_simple(path: str, text: str) -> Map | None:
    """The mapping in a YAML text; None if it is not simple, or if `parse` has a problem with it."""
    text = text.replace("\r\n", "\n")  # as Windows ends lines
    if "\t" in text or "\r" in text or not is_normalized("NFC", text):
        return None
    try:
        return _Lines(path, text if text.endswith("\n") else f"{text}\n").root()
    except _NotSimpleError:
        return None


class _Lines:
    """The lines of a text, of which each method takes as many as belong to its value."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = _LINE.finditer(text)
        self.below = self.number = self.depth = 0
        self.advance()

    def advance(self) -> None:
        """Goes to the next line on which there is something; after the last, its column is -1."""
        self.number += self.below
        self.below = 0
        for line in self.lines:
            self.number += 1
            form = line.lastindex
            if form is None:
                raise _NotSimpleError
            if form != _NOTHING:
                indent, self.dash, self.key = line.group(1, 2, 3)
                self.line, self.form, self.column = line, form, len(indent)
                return
        self.column, self.dash = -1, None

    def place(self, column: int) -> Place:
        return _new(Place, (self.path, self.number, column + 1))

    def root(self) -> Map:
        """The mapping that the whole text is."""
        if self.column or self.dash:
            raise _NotSimpleError
        root = self.mapping(0)
        if self.column >= 0:
            raise _NotSimpleError
        return root

    def mapping(self, column: int) -> Map:
        """The mapping whose keys stand in a column."""
        node = Map()
        node.place = self.place(column)
        while self.column == column and not self.dash:
            key = Text(self.key)
            key.place = self.place(column)
            if key in node:
                raise _NotSimpleError
            node[key] = self.below_key(column) if self.form == _KEY_ALONE else self.value()
        return node

    def below_key(self, column: int) -> Map | Sequence:
        """The value that begins on the line after its key."""
        self.advance()
        self.depth += 1
        if self.depth == _MAX_DEPTH or self.column < column + (not self.dash):
            raise _NotSimpleError
        node = self.sequence(self.column) if self.dash else self.mapping(self.column)
        self.depth -= 1
        return node

    def sequence(self, column: int) -> Sequence:
        """The sequence whose dashes stand in a column."""
        node = Sequence()
        node.place = self.place(column)
        while self.column == column and self.dash:
            self.dash = None
            if self.key:
                self.column += 2
                node.append(self.mapping(column + 2))
            else:
                node.append(self.value())
        return node

    def value(self) -> Node:
        """The value on a line."""
        line, form = self.line, self.form
        written = line[form]
        node: Node
        place = self.place(line.start(form) - line.start())
        if len(written) > MAX_HTML:
            raise _NotSimpleError
        if form in _BRACKETS:
            node, end = _in_brackets(written, 0, place)
            if end != len(written):
                raise _NotSimpleError
        else:
            if form in _QUOTES:
                written = written[1:-1]
            elif "\n" in written:
                self.below = written.count("\n")
                written = re.sub("\n +", " ", written)
            node = Text(written)
            node.place = place
        self.advance()
        return node


def _in_brackets(text: str, at: int, place: Place, depth: int = 0) -> tuple[Map | Sequence, int]:
    """The value whose bracket opens at an index of a text at a place, and where it ends."""
    path, number, column = place
    closing = "}" if text[at] == "{" else "]"
    value: Node
    node = Map() if closing == "}" else Sequence()
    node.place = _new(Place, (path, number, column + at))
    at += 1
    after = closing if text.startswith(closing, at) else ","
    if after == closing:
        return node, at + 1
    while after == ",":
        entry = _ENTRY.match(text, at)
        if not entry or depth == _MAX_DEPTH:
            raise _NotSimpleError
        name, opening, said, quoted, after = entry.groups()
        at = entry.end()
        if opening:
            value, at = _in_brackets(text, at - 1, place, depth + 1)
            behind = _BEHIND.match(text, at)
            if not behind:
                raise _NotSimpleError
            after, at = behind[1], behind.end()
        else:
            value = Text(said or quoted[1:-1])
            value.place = _new(Place, (path, number, column + entry.start(3 if said else 4)))
        if name and isinstance(node, Map):
            key = Text(name)
            key.place = _new(Place, (path, number, column + entry.start(1)))
            if key in node:
                raise _NotSimpleError
            node[key] = value
        elif name or isinstance(node, Map):
            raise _NotSimpleError
        else:
            node.append(value)
    if after != closing:
        raise _NotSimpleError
    return node, at
