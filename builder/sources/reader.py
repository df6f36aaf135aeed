"""A file of the sources while it is read: its mapping, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

from builder.anki.query import wrong_with as wrong_with_query
from builder.model import Map, Node, Sequence, Text
from builder.notes.cloze_text import wrong_with_context, wrong_with_text
from builder.problems import Error, Place, Problem, error, nearest
from builder.sources.tables import FORMS, KEYS, TYPES, Keys, wrong_with
from builder.sources.text import MAX_CHARACTERS, place_in, read_text

# How `{at: p. 3, note 1}` is meant, in which YAML takes “note 1” for a key.
_COMMA = "; quote a text that has a comma in it"
# What is not there, has no place either.
_NOTHING = Text()
# What is unknown and like nothing that is known → what to do about it.
_LISTED = dict.fromkeys(("tag", "topic", "level"), "; list it in tags.yaml")
_LISTED |= {"source": "; list it in sources.yaml", "kind": "; each kinds/NAME.yaml defines one"}
_LISTED |= {"type": f"; the types are {', '.join(TYPES)}"}


class Reader(NamedTuple):
    """A YAML file: its path, the mapping in it (None if there is none) and its `problems`.

    Methods that take a value add to `problems` if it is not what it should be, and go on with an
    empty one. A missing value is a problem to `entry` alone.
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
    def read_optional(cls, path: Path) -> Self:
        """The same, or without a mapping or problems if there is no such file."""
        return cls.read(path) if os.path.lexists(path) else cls(str(path), None, [])

    @classmethod
    def of(cls, path: Path, text: str) -> Self:
        """Parses the text of a file."""
        from builder.sources.parse import parse  # YAML takes long, and a cache may spare it

        root, problems = parse(str(path), text)
        return cls(path=str(path), root=root, problems=problems)

    def error(self, at: Node | Place, message: str, rule: Error) -> None:
        """Adds an error at a value or place."""
        self.problems.append(error(at if isinstance(at, Place) else at.place, message, rule))

    def mapping(self, node: Node | None, what: str) -> Map:
        """A mapping."""
        if isinstance(node, Map):
            return node
        empty = Map()
        empty.place = node.place if node is not None else Place(self.path)
        if node is not None:
            self.error(node, f"{what} must be a mapping (key: value)", Error.TYPE)
        return empty

    def sequence(self, node: Node | None, what: str) -> list[Node]:
        """A list that is not empty."""
        if node is not None and not node:
            self.error(node, f"{what} is empty", Error.EMPTY)
        elif node is not None and not isinstance(node, Sequence):
            self.error(node, f"{what} must be a list (- …)", Error.TYPE)
        return node if isinstance(node, Sequence) else []

    def entry(self, node: Node, what: str) -> Map:
        """A mapping with the keys of `KEYS[what]`."""
        if isinstance(node, Map):
            self.keys(node, what, KEYS[what])
        return self.mapping(node, what)

    def keys(self, node: Map, what: str, keys: Keys) -> None:
        """A mapping has no keys but these, and all that are required."""
        for name in node:
            if name not in keys:
                hint = nearest(name, keys) or _COMMA * (node[name] == "" and " " in name)
                message = f"{what} has no key “{name}”{hint}"
                self.error(name, message, Error.UNKNOWN_KEY)
        self.missing_keys(node, what, keys)

    def missing_keys(self, node: Map, what: str, keys: Keys) -> None:
        """A mapping has all keys that are required."""
        for name, key in keys.items():
            if key.required and name not in node:
                at = node.blank.get(name, node.place)
                self.error(at, f"{what} needs “{name}”", Error.MISSING_KEY)

    def texts(self, entry: Map, what: str) -> Mapping[str, Text]:
        """The text under each of those keys that have one and no list; empty where none is."""
        return {
            name: self.text(entry.named(name), name, form)
            for name, form in _text_keys(what).items()
        }

    def text(self, node: Node | None, what: str, form: str = "text") -> Text:
        """A text that is not empty, in one of the `FORMS`, or a search (form `query`).

        It has no line breaks at its end, which YAML's `|` and `>` leave there.
        """
        text = self.verbatim(node, what, form)
        return Text.at(text.place, text.rstrip("\n")) if text.endswith("\n") else text

    def verbatim(self, node: Node | None, what: str, form: str = "text") -> Text:
        """The same as it is written, for what Anki gets as it is."""
        if node is None:
            return _NOTHING
        if not isinstance(node, Text):
            has = "list; quote one that begins with “[” or “- ”"
            if isinstance(node, Map):
                has = "mapping; quote one that begins with “{” or has “: ”"
            self.error(node, f"{what} must be a text, not a {has}", Error.TYPE)
            return Text()
        if len(node) > MAX_CHARACTERS and form != "html":
            message = f"this text has more than {MAX_CHARACTERS:,} characters"
            self.error(node, message, Error.SIZE)
            if form != "query":
                return Text()
        if not node.strip():
            self.error(node, f"{what} is empty", Error.EMPTY)
        elif form not in ("text", "query"):
            self.check(node, node.rstrip("\n"), form)
        elif form == "query" and (wrong := wrong_with_query(node)):
            self.error(place_in(node, wrong.at), wrong.message, Error.QUERY)
        return node

    def known(self, node: Node | None, what: str, known: Collection[str], rule: Error) -> str:
        """A text that is one of those that are known."""
        name = self.text(node, what)
        if node is not None and name and name not in known:
            hint = nearest(name, known) or _LISTED.get(what, "")
            self.error(node, f"unknown {what} “{name}”{hint}", rule)
        return name

    def common_keys(self, node: Node | None) -> tuple[str, ...]:
        """The keys of every fact that a list names."""
        known = KEYS["a fact"]
        return tuple(self.known(key, "key", known, Error.UNKNOWN_KEY) for key in self.listed(node))

    def check(self, at: Node, text: str, form: str) -> bool:
        """Whether a text has a form."""
        if form in ("cloze", "context"):
            return self.check_cloze(at, text, form)
        message = wrong_with(text, form)
        if message:
            self.error(at, message, Error[FORMS[form].rule.upper()])
        return not message

    def check_cloze(self, at: Node, text: str, form: str) -> bool:
        """Whether a text has sound cloze deletions, or the context of an item a place for it."""
        wrong = wrong_with_text(text) if form == "cloze" else wrong_with_context(text)
        if wrong:
            before = len(at) - len(at.lstrip()) if isinstance(at, Text) else 0
            place = place_in(at, before + wrong.at) if isinstance(at, Text) else at.place
            self.error(place, wrong.message, Error.CLOZE)
        return not wrong

    def some_texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """The texts of a key that has one or a list of them."""
        return tuple(str(self.text(text, what)) for text in self.listed(node))

    def waivers(self, node: Node | None) -> dict[Text, str]:
        """Each rule that is waived, and the reason."""
        waived = {} if node is None else self.mapping(node, "waive")
        return {
            rule: self.text(why, f"the reason to waive “{rule}”") for rule, why in waived.items()
        }

    def listed(self, node: Node | None) -> list[Node]:
        """The values of a key that has one or a list of them."""
        if node is None:
            return []
        return node if isinstance(node, Sequence) else [node]


@cache
def _text_keys(what: str) -> dict[str, str]:
    """The keys of `KEYS[what]` that have one text, each with its form."""
    return {
        name: key.form
        for name, key in KEYS[what].items()
        if key.form == "query" or (key.form in FORMS and not FORMS[key.form].endings)
    }
