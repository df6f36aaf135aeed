"""A file of the sources while it is read: its mapping, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Self

from builder.anki.query import wrong_with
from builder.model import Map, Node, Sequence, Text
from builder.problems import Error, Place, Problem, error, nearest
from builder.sources.forms import FORMS
from builder.sources.keys import Keys
from builder.sources.parse import parse, place_in, read_text


class Reader(NamedTuple):
    """A YAML file: its path, the mapping in it, None if there is none, and `problems`.

    Its methods take what a value should be, add to `problems` if it is not, and go on with an empty
    value. They say nothing of a missing value, which is for `entry` to report.
    """

    path: str
    root: Map | None
    problems: list[Problem]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads and parses a file."""
        text = read_text(path)
        if isinstance(text, Problem):
            return cls(path=str(path), root=None, problems=[text])
        return cls.of(path, text)

    @classmethod
    def of(cls, path: Path, text: str) -> Self:
        """Parses a text, which stands in a file."""
        root, problems = parse(str(path), text)
        return cls(path=str(path), root=root, problems=problems)

    def error(self, at: Node | Place, message: str, rule: Error) -> None:
        """Adds an error at a value or place."""
        self.problems.append(error(at if isinstance(at, Place) else at.place, message, rule))

    def unknown(self, node: Text, what: str, known: Iterable[str], rule: Error) -> None:
        """Adds that there is no such thing as a text names."""
        self.error(node, f"unknown {what} “{node}”{nearest(node, known)}", rule)

    def mapping(self, node: Node | None, what: str) -> Map:
        """A mapping."""
        if isinstance(node, Map):
            return node
        empty = Map()
        empty.place = node.place if node is not None else Place(self.path)
        if node is not None:
            self.error(node, f"{what} must be a mapping (key: value)", Error.TYPE)
        return empty

    def entry(self, node: Node | None, what: str, keys: Keys) -> Map:
        """A mapping that has no keys but these, and all that are required."""
        if not isinstance(node, Map):
            return self.mapping(node, what)
        for key in node:
            if key not in keys:
                hint = nearest(key, keys)
                self.error(key, f"{what} has no key “{key}”{hint}", Error.UNKNOWN_KEY)
        for name, key_of in keys.items():
            if key_of.required and name not in node:
                self.error(node, f"{what} needs “{name}”", Error.MISSING_KEY)
        return node

    def text(self, node: Node | None, what: str, form: str = "text") -> str:
        """A text that is not empty, in one of the `FORMS`, or a `query`."""
        if node is None:
            return ""
        if not isinstance(node, Text):
            has = "list" if isinstance(node, Sequence) else "mapping"
            self.error(node, f"{what} must be a text, not a {has}", Error.TYPE)
            return ""
        if not node.strip():
            self.error(node, f"{what} is empty", Error.EMPTY)
        elif form != "query":
            self.check(node, node, form)
        elif wrong := wrong_with(node):
            self.error(place_in(node, wrong.index), wrong.message, Error.QUERY)
        return node

    def check(self, at: Node | Place, text: str, form: str) -> None:
        """Adds what is wrong with a text of that form."""
        if message := FORMS[form].wrong(text):
            self.error(at, message, FORMS[form].rule)

    def texts(self, entry: Map, keys: Keys) -> Mapping[str, str]:
        """The text under each of the keys whose form is one of text; empty where there is none."""
        return {
            name: self.text(entry.named(name), name, key.form)
            for name, key in keys.items()
            if key.form in FORMS or key.form == "query"
        }

    def listed(self, node: Node | None) -> list[Node]:
        """The values of a key that has one or a list of them."""
        if node is None:
            return []
        return node if isinstance(node, Sequence) else [node]
