"""A YAML file → values that know where they stand, every scalar as text.

One pass over the parser's events gives values and positions together. Only mappings, sequences
and scalars are taken, and every scalar is text: `NO` stays a country code, `3.10` keeps its zero.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

import yaml

from builder.model import Map, Node, Problem, Sequence, Text

try:
    from yaml.cyaml import CParser as _Parser
except ImportError:  # PyYAML built without libyaml

    class _Parser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):  # type: ignore[no-redef, misc]
        def __init__(self, stream: str) -> None:
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)


# YAML 1.1, section 5.1: the characters that may stand in a file.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What an escape in double quotes can smuggle in; \x1f would split a field in Anki's database.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# Ids, and the names of kinds, prompts and packages: parts of keys and of file names.
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def problem(path: str, node: Node, message: str, rule: str) -> Problem:
    """An error at the place of `node`."""
    return Problem(path, node.line, node.column, "error", message, rule)


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint at the name that was probably meant, or nothing; to be appended to a message."""
    import difflib  # slow to import, and only needed when something is wrong

    close = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean “{close[0]}”?" if close else ""


def read(path: Path) -> tuple[Map | None, list[Problem]]:
    """The mapping in a YAML file, and what is wrong with it; None if it cannot be read at all."""
    shown = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        return None, [Problem(shown, 1, 1, "error", f"cannot be read: {reason}", "file")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return None, [_at_index(shown, before, len(before), message, "encoding")]
    return parse(text, shown)


def parse(text: str, path: str) -> tuple[Map | None, list[Problem]]:
    """The mapping in a YAML text, and what is wrong with it; `path` is for the problems.

    The text is read in Unicode's composed form (NFC), the one in which Anki stores fields and tags.
    """
    text = unicodedata.normalize("NFC", text)
    bad = _UNPRINTABLE.search(text)
    if bad:
        message = f"character U+{ord(bad.group()):04X} may not stand in YAML"
        return None, [_at_index(path, text, bad.start(), message, "encoding")]
    problems = [
        _at_index(path, text, tab.start(), "a tab; indent and separate with spaces", "tab")
        for tab in re.finditer("\t+", text)
    ]
    parser = _Parser(text)
    try:
        root = _compose(parser, path, problems)
    except yaml.MarkedYAMLError as error:
        if not problems:  # a tab is what the parser trips over
            problems.append(_syntax_problem(path, text, error))
        return None, problems
    except yaml.YAMLError as error:
        return None, [*problems, Problem(path, 1, 1, "error", str(error), "yaml")]
    finally:
        parser.dispose()
    if root is None:
        problems.append(Problem(path, 1, 1, "error", "the file is empty", "empty"))
    elif not isinstance(root, Map):
        problems.append(problem(path, root, "expected a mapping (key: value)", "type"))
        root = None
    return root, problems


_STARTS = {yaml.MappingStartEvent: Map, yaml.SequenceStartEvent: Sequence}
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def _compose(parser: _Parser, path: str, problems: list[Problem]) -> Node | None:
    """The root value that the events of `parser` describe; adds to `problems`."""
    root: Node | None = None
    # The open collections, each with the key that waits for its value (always None in sequences).
    open_nodes: list[Map | Sequence] = []
    keys: list[Text | None] = []
    while True:
        event = parser.get_event()
        kind = type(event)
        node: Node
        if kind is yaml.ScalarEvent:
            node = Text(event.value)
        elif kind in _STARTS:
            node = _STARTS[kind]()
        elif kind is yaml.AliasEvent:
            node = Text()
        elif kind in _ENDS:
            open_nodes.pop()
            keys.pop()
            continue
        elif kind is yaml.StreamEndEvent:
            return root
        elif kind is yaml.DocumentStartEvent and root is not None:
            place = event.start_mark.line + 1, event.start_mark.column + 1
            message = "a second document; one file holds one"
            problems.append(Problem(path, *place, "error", message, "yaml"))
            return root
        else:
            continue

        mark = event.start_mark
        node.line = mark.line + 1
        node.column = mark.column + 1
        if event.anchor is not None or kind is not yaml.ScalarEvent or event.style or event.tag:
            problems += _refused(path, node, event)
        if not open_nodes:
            root = node
        elif _attach(path, node, open_nodes[-1], keys, problems):
            continue
        if kind in _STARTS:
            open_nodes.append(node)  # type: ignore[arg-type]
            keys.append(None)


def _refused(path: str, node: Node, event: yaml.Event) -> list[Problem]:
    """Anchors, aliases, tags, and control characters, which only double quotes can bring in."""
    if event.anchor is not None:
        what = "an alias" if type(event) is yaml.AliasEvent else "an anchor"
        return [problem(path, node, f"{what}; write the value out", "anchor")]
    if event.tag is not None:
        return [problem(path, node, "a YAML tag; all values are text", "yaml-tag")]
    if isinstance(node, Text) and event.style == '"' and (control := _CONTROL.search(node)):
        message = f"text may not contain the character U+{ord(control.group()):04X}"
        return [problem(path, node, message, "encoding")]
    return []


def _attach(
    path: str,
    node: Node,
    parent: Map | Sequence,
    keys: list[Text | None],
    problems: list[Problem],
) -> bool:
    """Puts a value where it belongs in its parent; true if it is a key, which waits for its own."""
    if isinstance(parent, Sequence):
        parent.append(node)
        return False
    key = keys[-1]
    if key is not None:
        keys[-1] = None
        if key in parent:
            message = f"“{key}” stands twice in this mapping"
            problems.append(problem(path, key, message, "duplicate-key"))
        else:
            parent[key] = node
        return False
    if isinstance(node, Text):
        keys[-1] = node
        return True
    problems.append(problem(path, node, "a key must be a word", "type"))
    placeholder = Text()
    placeholder.line, placeholder.column = node.line, node.column
    keys[-1] = placeholder
    return False


def _syntax_problem(path: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    message = ", ".join(part for part in (error.context, error.problem) if part)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.split("\n")
    if line > len(lines):  # libyaml counts a line after the last one, even if that has no end
        line, column = len(lines), len(lines[-1]) + 1
    return Problem(path, line, column, "error", f"not valid YAML: {message}", "yaml")


def _at_index(path: str, text: str, index: int, message: str, rule: str) -> Problem:
    """An error at a character index of `text`."""
    line = text.count("\n", 0, index) + 1
    column = index - text.rfind("\n", 0, index)
    return Problem(path, line, column, "error", message, rule)


def check_keys(
    path: str, node: Map, what: str, allowed: Collection[str], required: Collection[str] = ()
) -> list[Problem]:
    """A mapping has no key but the allowed ones, and all required ones."""
    problems = []
    for key in node:
        if key not in allowed:
            message = f"{what} has no key “{key}”{nearest(key, allowed)}"
            problems.append(problem(path, key, message, "unknown-key"))
    return problems + [
        problem(path, node, f"{what} needs “{name}”", "missing-key")
        for name in required
        if name not in node
    ]


def text_of(path: str, node: Node | None, what: str, problems: list[Problem]) -> str:
    """The text of a value that must be a single, non-empty one; adds to `problems`.

    A missing value gives an empty text and no problem: `check_keys` has spoken of it.
    """
    if node is None:
        return ""
    if not isinstance(node, Text):
        problems.append(problem(path, node, f"{what} must be a single text", "type"))
        return ""
    if not node.strip():
        problems.append(problem(path, node, f"{what} is empty", "empty"))
    return node


def mapping_of(path: str, node: Node | None, what: str, problems: list[Problem]) -> Map:
    """A value that must be a mapping, or an empty one where it is not; adds to `problems`."""
    if isinstance(node, Map):
        return node
    empty = Map()
    empty.line = empty.column = 1
    if node is not None:
        problems.append(problem(path, node, f"{what} must be a mapping (key: value)", "type"))
    return empty
