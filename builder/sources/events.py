"""YAML → values that know where they stand, every scalar as text; any YAML, by libyaml's events.

One pass over the parser's events gives values and places together. Only mappings, sequences and
scalars are taken, and every scalar is text: `NO` stays a country code, `3.10` keeps its zero.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import partial
from pathlib import Path

from builder.libyaml import yaml
from builder.model import Map, Node, Sequence, Text
from builder.problems import Error, Place, Problem, any_error, error, warning
from builder.sources.text import MAX_HTML, place_at

# PyYAML may have been built without libyaml.
_Events = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_Scalar, _MappingEnd = yaml.ScalarEvent, yaml.MappingEndEvent
_place = partial(tuple.__new__, Place)  # a named tuple in half the time

_MAX_DEPTH = 16  # libyaml takes ever longer for what lies deeper

# A comment behind a value, unless it is clearly one: two spaces, `#`, a space.
_COMMENT = re.compile(r" *(?<= )(?P<comment>#(?:(?<!  #)|(?! ))[^\r\n]*)")
# A comment in place of a text's next line.
_COMMENT_BELOW = re.compile(r" *\r?\n(?P<indent> +)(?P<comment>#(?! )[^\r\n]*)")
# What libyaml trips over where a text begins with a character that has a meaning in YAML.
_BEGINS = re.compile(
    "while scanning (?:an alias|an anchor|a tag|a block scalar|a directive)"
    "|found character that cannot start any token|did not find expected node content"
    "|(?:block sequence entries|mapping keys) are not allowed in this context"
)
# What libyaml finds far from where a quote opens, or below a key.
_FOUND_LATE = ("found unexpected end of stream", "could not find expected ':'")
# What stands in brackets or quotes at the beginning of a text that goes on behind them.
_IN_BRACKETS = re.compile(r"""(?:^|[:,\[{-]) *(\[[^\[\]]*\]|\{[^{}]*\}|"[^"]*"|'[^']*') *$""")
# A bracket of YAML; or a comment or what stands in quotes, where one is none.
_BRACKET = re.compile(
    r"""[\[\]{}]|(?<=\s)#[^\n]*|(?:(?<=[\[{])|[,:-])\s*(?:"(?:[^"\\]|\\.)*"|'[^']*')""", re.DOTALL
)
_CLOSING = {"[": "]", "{": "}"}
# What an escape in double quotes can smuggle in; \x1f would split a field in Anki's database.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def parse_events(path: str, text: str) -> tuple[Map | None, list[Problem]]:
    """The mapping in a YAML text whose characters are right, and what is wrong with it.

    `path` is for the places. Values are in Unicode's composed form (NFC).
    """
    problems = []
    for number, line in enumerate(text.split("\n") if "\t" in text else [], 1):
        for tab in re.finditer("\t+", line):
            message = "tab character; use spaces"
            problems.append(error(Place(path, number, tab.start() + 1), message, Error.TAB))
    composer = _Composer(path, text, problems)
    try:
        root = composer.root()
    except yaml.YAMLError as reason:
        if not any_error(problems):  # a tab, or how deep it is, is what the parser trips over
            problems.append(composer.syntax_error(reason))
        return None, problems
    finally:
        composer.parser.dispose()
    if isinstance(root, Map):
        return root, problems
    if root is None and not any_error(problems):
        problems.append(error(Place(path), "the file is empty", Error.EMPTY))
    elif root is not None:
        problems.append(error(root.place, "expected a mapping (key: value)", Error.TYPE))
    return None, problems


def _never_closed(text: str, at: int) -> bool:
    """Whether the bracket at that place in a YAML text has none that closes it."""
    opened: list[str] = []
    for token in _BRACKET.finditer(text, at):
        if token[0] in _CLOSING:
            opened.append(_CLOSING[token[0]])
        elif token[0] in _CLOSING.values() and opened.pop() != token[0]:
            return True
        if not opened:
            return False
    return True


def scalar_at(path: str, text: str, place: Place) -> tuple[int, int, str] | None:
    """From where to where in a YAML text the scalar is written that is at a place, and its value.

    At the place of an item with keys, it is the scalar under `item`.
    """
    parser = _Events(text)
    inside, key = False, ""
    try:
        while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
            here = Place(path, event.start_mark.line + 1, event.start_mark.column + 1) == place
            if isinstance(event, yaml.ScalarEvent) and (here or (inside and key == "item")):
                start, end = event.start_mark.index, event.end_mark.index
                return start, start + len(text[start:end].rstrip()), event.value
            if isinstance(event, yaml.ScalarEvent):
                key = event.value if key != "item" else ""
            if here and isinstance(event, yaml.MappingStartEvent):
                inside, key = True, ""
    finally:
        parser.dispose()
    return None


class _Composer:
    """Makes values of a parser's events, and adds what is wrong to `problems`."""

    def __init__(self, path: str, text: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self.parser = _Events(text)
        # libyaml counts one line more, even if the last has no end.
        self.end = place_at(path, text, len(text))
        self.last = self.end.line - 1
        self.text = text
        # The lines with what may be a comment, from 0.
        lines = enumerate(text.split("\n") if " #" in text else [])
        self.comments = {number for number, line in lines if " #" in line}
        # Whether only escapes can bring in what needs a second look.
        composed = unicodedata.is_normalized("NFC", text)
        self.plain = composed and len(text) <= MAX_HTML and not self.comments

    def error(self, place: Place, message: str, rule: Error) -> None:
        self.problems.append(error(place, message, rule))

    def place(self, mark: yaml.Mark) -> Place:
        place = Place(self.path, mark.line + 1, mark.column + 1)
        return place if mark.line < self.last else min(place, self.end)

    def root(self) -> Node | None:
        """The value of the first document; None if there is none."""
        root = None
        while not isinstance(event := self.parser.get_event(), yaml.StreamEndEvent):
            if isinstance(event, yaml.NodeEvent):
                root = self.node(event, depth=1)
            elif isinstance(event, yaml.DocumentStartEvent) and root is not None:
                message = "a second YAML document; a file can hold only one"
                self.error(self.place(event.start_mark), message, Error.YAML)
                break
        return root

    def node(self, event: yaml.NodeEvent, depth: int) -> Node:
        """The value that begins with an event."""
        if type(event) is _Scalar:
            return self.scalar(event)
        node = Map() if isinstance(event, yaml.MappingStartEvent) else Sequence()
        node.place = self.place(event.start_mark)
        if event.anchor or event.tag:
            self.refuse(node, event)
        if isinstance(event, yaml.AliasEvent):
            return Text.at(node.place)
        explicit = depth > 1 and self.text.startswith("? ", event.start_mark.index)
        if explicit and isinstance(node, Map):
            self.error(node.place, "quote a text that begins with “?”", Error.YAML)
            raise yaml.YAMLError
        if depth > _MAX_DEPTH:
            self.error(node.place, f"more than {_MAX_DEPTH} levels deep", Error.SIZE)
            raise yaml.YAMLError
        if isinstance(node, Map):
            self.fill(node, depth + 1)
        else:
            while not isinstance(event := self.parser.get_event(), yaml.SequenceEndEvent):
                node.append(self.node(event, depth + 1))
        return node

    def scalar(self, event: yaml.ScalarEvent) -> Text:
        """The text that an event is."""
        value, mark = event.value, event.start_mark
        plain = event.style != '"' and value and not (event.anchor or event.tag)
        if plain and self.plain:
            text = Text(value)
            text.place = _place((self.path, mark.line + 1, mark.column + 1))
            return text
        text = Text.at(self.place(mark), unicodedata.normalize("NFC", value))
        self.refuse(text, event)
        if event.end_mark.line in self.comments and event.style not in ("|", ">"):
            self.warn_of_comment(_COMMENT.match(self.text, event.end_mark.index))
        return text

    def warn_of_comment(self, found: re.Match[str] | None) -> None:
        """Warns of a comment, if there is one, that may have been meant as a part of a text."""
        if found:
            message = (
                f"YAML takes “{found['comment']}” for a comment; if it is text, quote the whole"
                " text, else write two spaces before “#” and one after it"
            )
            place = place_at(self.path, self.text, found.start("comment"))
            self.problems.append(warning(place, message, Error.COMMENT))

    def fill(self, node: Map, depth: int) -> None:
        """Puts its keys and values into a mapping that has begun."""
        get_event, scalar = self.parser.get_event, self.scalar
        while type(event := get_event()) is not _MappingEnd:
            if type(event) is not _Scalar:
                self.refuse_key(node, event, depth)
            key = scalar(event) if type(event) is _Scalar else None
            event = get_event()
            value = scalar(event) if type(event) is _Scalar else self.node(event, depth)
            if key is not None and node.setdefault(key, value) is not value:
                self.error(key.place, f"duplicate key “{key}”", Error.DUPLICATE_KEY)
            if key is not None and self.comments and not getattr(event, "style", " "):
                # One below a text may have been meant as its next line.
                below = _COMMENT_BELOW.match(self.text, event.end_mark.index)
                if below and len(below["indent"]) >= key.place.column:
                    self.warn_of_comment(below)

    def refuse_key(self, node: Map, event: yaml.NodeEvent, depth: int) -> None:
        """A key that is an alias, a mapping or a list, in none of which it can be used."""
        if isinstance(event, yaml.CollectionStartEvent):
            place = self.place(event.start_mark)
            twice = place._replace(column=place.column - 1) == node.place
            message = "a key must be text; quote a text that begins with “{” or “[”"
            self.error(node.place if twice else place, message, Error.TYPE)
            if twice:  # a text that begins with `{{`; what follows is wrong too
                raise yaml.YAMLError
        self.node(event, depth)

    def refuse(self, node: Node, event: yaml.NodeEvent) -> None:
        """Anchors, aliases, tags, texts too long, control characters, which only `"` brings in."""
        if event.anchor:
            what, sign = ("alias", "*") if isinstance(event, yaml.AliasEvent) else ("anchor", "&")
            message = f"YAML {what}; write the value out, or quote a text that begins with “{sign}”"
            self.error(node.place, message, Error.ANCHOR)
        elif event.tag:
            message = "YAML tag; leave it out, or quote a text that begins with “!”"
            self.error(node.place, message, Error.YAML_TAG)
        elif len(node) > MAX_HTML:
            message = f"this text has more than {MAX_HTML:,} characters"
            self.error(node.place, message, Error.SIZE)
        elif isinstance(node, Text) and (control := _CONTROL.search(node)):
            message = f"character U+{ord(control[0]):04X} is not allowed in a text"
            self.error(node.place, message, Error.ENCODING)

    def syntax_error(self, reason: yaml.YAMLError) -> Problem:
        """That the text is not YAML, in other words than the parser's where we have some."""
        if not isinstance(reason, yaml.MarkedYAMLError):
            return error(Place(self.path), str(reason), Error.YAML)
        mark = reason.problem_mark or reason.context_mark
        if reason.problem in _FOUND_LATE:
            mark = reason.context_mark or mark
        texts = tomllib.loads(Path(__file__).with_name("libyaml.toml").read_text("utf-8"))
        message = ", ".join(part for part in (reason.context, reason.problem) if part)
        message = texts.get(reason.problem, message)
        if mark and (unclosed := self.unclosed(mark, reason.problem or "")):
            mark, message = unclosed
        elif mark and _BEGINS.search(f"{reason.context} {reason.problem}"):
            mark = reason.context_mark if "scanning" in (reason.context or "") else mark
            mark = mark or reason.problem_mark
            if char := self.text[mark.index : mark.index + 1].strip():
                message = f"quote a text that begins with “{char}”"
        elif mark and "did not find expected" in (reason.problem or ""):
            line = self.text[self.text.rfind("\n", 0, mark.index) + 1 : mark.index]
            follows = self.text[mark.index : mark.index + 1].strip()
            if follows and (found := _IN_BRACKETS.search(line)):
                message = f"quote a text that begins with “{found[1][0]}”"
                if found[1][0] in ("'", '"'):
                    message = "text after a closing quote; put the whole text in the other quotes"
                place = self.place(mark)._replace(column=found.start(1) + 1)
                return error(place, f"not valid YAML: {message}", Error.YAML)
        elif mark and self.text.startswith(": : ", mark.index - 2):
            message = "quote a text that begins with “:”"
        place = self.place(mark) if mark else Place(self.path)
        return error(place, f"not valid YAML: {message}", Error.YAML)

    def unclosed(self, mark: yaml.Mark, reason: str) -> tuple[yaml.Mark, str] | None:
        """A quote that is closed too late, or a bracket never, before the parser gives up."""
        opened, last = self.until_wrong()
        if isinstance(last, _Scalar) and last.style in ("'", '"'):
            begins, ends = last.start_mark, last.end_mark
            follows = self.text[ends.index : mark.index + 1].strip(" ")
            if begins.line < ends.line == mark.line and len(follows) == 1:
                message = f"this quote is closed only on line {ends.line + 1}, where more follows"
                return begins, f"{message}; close it where its text ends"
        if "did not find expected" in reason and opened:
            at = opened[-1].index
            if _never_closed(self.text, at):
                message = f"this “{self.text[at]}” is never closed"
                return opened[-1], f"{message}; if it belongs to a text, quote the text"
        return None

    def until_wrong(self) -> tuple[list[yaml.Mark], yaml.Event]:
        """Where brackets begin that are open where the parser gives up, and its last event."""
        parser = _Events(self.text)
        opened: list[yaml.Event] = []
        event = parser.get_event()
        try:
            while not isinstance(event, yaml.StreamEndEvent):
                if isinstance(event, yaml.CollectionStartEvent):
                    opened.append(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    opened.pop()
                event = parser.get_event()
        except yaml.YAMLError:
            pass
        finally:
            parser.dispose()
        marks = [each.start_mark for each in opened if each.flow_style]
        return [mark for mark in marks if self.text[mark.index] in _CLOSING], event
