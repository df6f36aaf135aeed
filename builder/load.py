"""A YAML file → values that know where they stand, every scalar as text.

One pass over the parser's events gives values and positions together. Only mappings, sequences
and scalars are taken, and every scalar is text: `NO` stays a country code, `3.10` keeps its zero.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path

import yaml

from builder.files import MAX_BYTES, read_file, unread
from builder.model import Map, Node, Problem, Sequence, Text

try:
    from yaml.cyaml import CParser as _Parser
except ImportError:  # PyYAML built without libyaml

    class _Parser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):  # type: ignore[no-redef, misc]
        def __init__(self, stream: str) -> None:
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)


# What no person's text needs, far above what one can read.
_MAX_CHARACTERS = 10_000
_MAX_DEPTH = 16

# YAML 1.1, section 5.1: the characters that may stand in a file. Without those that end a line in
# YAML but in no editor, which would count other lines from there on, and the byte order mark.
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    "|\r(?!\n)"
)
# What an escape in double quotes can smuggle in; \x1f would split a field in Anki's database.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# Ids, and the names of kinds, prompts and packages: parts of keys and of file names.
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

# A link that a card may have; nothing that runs, such as javascript:.
URL = re.compile(r"https?://[^\s<>\"]+")

# Windows takes these for devices, whatever stands after the dot; Anki cuts names of media at 120.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_MAX_NAME = 80

# Among more names than these nobody looks for the nearest.
_MANY_NAMES = 2_000

# No language has so many marks on one letter; Python takes ever longer to bring more into order.
_MAX_MARKS = 60
_MANY_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{_MAX_MARKS + 1},}}")


def problem(path: str, node: Node, message: str, rule: str) -> Problem:
    """An error at the place of `node`."""
    return Problem(path, node.line, node.column, "error", message, rule)


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint at the name that was probably meant, or nothing; to be appended to a message."""
    from rapidfuzz import fuzz, process  # only needed when something is wrong

    # Comparing takes as long as the one word times the other.
    short = [name for name in islice(words, _MANY_NAMES) if len(name) <= _MAX_NAME]
    if len(word) > _MAX_NAME:
        return ""
    close = process.extractOne(word, short, scorer=fuzz.ratio, score_cutoff=60)
    return f"; did you mean “{close[0]}”?" if close else ""


def read(path: Path) -> tuple[Map | None, list[Problem]]:
    """The mapping in a YAML file, and what is wrong with it; None if it cannot be read at all."""
    shown = str(path)
    data = read_bytes(path)
    if isinstance(data, Problem):
        return None, [data]
    text = decode(data, shown)
    return (None, [text]) if isinstance(text, Problem) else parse(text, shown)


def decode(data: bytes, path: str) -> str | Problem:
    """The text that a file of the sources holds in UTF-8, or where it does not."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            message = "the file is UTF-16; save it as UTF-8"
        return at_index(path, before, len(before), message, "encoding")


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes | Problem:
    """What a file of the sources holds, or why it is not read."""
    try:
        return read_file(path, limit)
    except OSError as error:
        return unread(path, error)


def parse(text: str, path: str) -> tuple[Map | None, list[Problem]]:
    """The mapping in a YAML text, and what is wrong with it; `path` is for the problems.

    Values are in Unicode's composed form (NFC), the one in which Anki stores fields and tags.
    """
    # What is printable to Python is so to YAML too, which is quick to see.
    bad = None if text.replace("\n", "").isprintable() else _UNPRINTABLE.search(text)
    if bad:
        message = f"character U+{ord(bad.group()):04X} may not stand in YAML"
        return None, [at_index(path, text, bad.start(), message, "encoding")]
    if (at := _many_marks(text)) >= 0:
        message = f"more than {_MAX_MARKS} combining marks in a row"
        return None, [at_index(path, text, at, message, "encoding")]
    problems = list(_tabs(path, text)) if "\t" in text else []
    parser = _Parser(text)
    try:
        root = _compose(parser, text, path, problems)
    except yaml.MarkedYAMLError as error:
        if not problems:  # a tab is what the parser trips over
            problems.append(_syntax_problem(path, text, error))
        return None, problems
    except yaml.YAMLError as error:
        return None, [*problems, Problem(path, 1, 1, "error", str(error), "yaml")]
    finally:
        parser.dispose()
    if root is None:
        if not problems:
            problems.append(Problem(path, 1, 1, "error", "the file is empty", "empty"))
    elif not isinstance(root, Map):
        problems.append(problem(path, root, "expected a mapping (key: value)", "type"))
        root = None
    return root, problems


def _many_marks(text: str) -> int:
    """Where too many combining marks in a row begin, or -1."""
    for found in _MANY_MARKS.finditer(text):
        at = found.start()
        for combining, run in groupby(found[0], lambda char: unicodedata.combining(char) > 0):
            length = len(list(run))
            if combining and length > _MAX_MARKS:
                return at
            at += length
    return -1


def _tabs(path: str, text: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        for tab in re.finditer("\t+", line):
            message = "a tab; indent and separate with spaces"
            yield Problem(path, number, tab.start() + 1, "error", message, "tab")


_MADE = {
    yaml.MappingStartEvent: Map,
    yaml.SequenceStartEvent: Sequence,
    yaml.AliasEvent: Text,  # which is refused
}
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def _compose(parser: _Parser, text: str, path: str, problems: list[Problem]) -> Node | None:
    """The root value that the events of `parser` describe; adds to `problems`."""
    composed = unicodedata.is_normalized("NFC", text)  # then only escapes can be in another form
    end = _end(text)
    # The innermost open collection and the key that waits for its value, and the same of those
    # around it, the first of which takes the root.
    parent: Map | Sequence = Sequence()
    key: Text | None = None
    around: list[tuple[Map | Sequence, Text | None]] = []
    next_event, scalar = parser.get_event, yaml.ScalarEvent
    while True:
        event = next_event()
        kind = type(event)
        node: Node
        if kind is scalar:
            value = event.value
            if not (composed or value.isascii()) or event.style == '"':
                value = unicodedata.normalize("NFC", value)
            node = Text(value)
        elif kind in _MADE:
            node = _MADE[kind]()
        elif kind in _ENDS:
            parent, key = around.pop()
            continue
        elif kind is yaml.StreamEndEvent or (kind is yaml.DocumentStartEvent and parent):
            break
        else:
            continue

        mark = event.start_mark
        node.line, node.column = mark.line + 1, mark.column + 1
        if (
            not node
            or event.style
            or event.anchor is not None
            or event.tag
            or len(node) > _MAX_CHARACTERS
        ):
            node.line, node.column = min((node.line, node.column), end)
            problems += _refused(path, node, event)
        if isinstance(parent, Sequence):
            parent.append(node)
        elif key is None:
            key = _key_of(path, node, problems)
        else:
            if parent.setdefault(key, node) is not node:
                message = f"“{key}” stands twice in this mapping"
                problems.append(problem(path, key, message, "duplicate-key"))
            key = None
        if not isinstance(node, Text):
            around.append((parent, key))
            parent, key = node, None
            if len(around) > _MAX_DEPTH:  # libyaml takes ever longer for what lies deeper
                message = f"more than {_MAX_DEPTH} levels deep"
                problems.append(problem(path, node, message, "size"))
                return None
    if kind is yaml.DocumentStartEvent:
        place = event.start_mark.line + 1, event.start_mark.column + 1
        message = "a second document; one file holds one"
        problems.append(Problem(path, *place, "error", message, "yaml"))
    (root,) = parent or (None,)
    return root


def _key_of(path: str, node: Node, problems: list[Problem]) -> Text:
    """The key that a node is, or what stands for one if it is no word."""
    if type(node) is Text:
        return node
    problems.append(problem(path, node, "a key must be a word", "type"))
    placeholder = Text()
    placeholder.line, placeholder.column = node.line, node.column
    return placeholder


def _refused(path: str, node: Node, event: yaml.Event) -> list[Problem]:
    """Anchors, aliases, tags, texts too long, control characters, which only `"` can bring in."""
    if event.anchor is not None:
        what = "an alias" if type(event) is yaml.AliasEvent else "an anchor"
        return [problem(path, node, f"{what}; write the value out", "anchor")]
    if event.tag is not None:
        return [problem(path, node, "a YAML tag; all values are text", "yaml-tag")]
    if len(node) > _MAX_CHARACTERS:
        message = f"this text has more than {_MAX_CHARACTERS:,} characters"
        return [problem(path, node, message, "size")]
    if isinstance(node, Text) and event.style == '"' and (control := CONTROL.search(node)):
        message = f"text may not contain the character U+{ord(control.group()):04X}"
        return [problem(path, node, message, "encoding")]
    return []


# What libyaml says, for those who do not know its grammar.
_IN_OTHER_WORDS = {
    "mapping values are not allowed in this context": "a second “: ” in one line, or a line"
    " indented too far; quote a text that contains “: ”",
    "could not find expected ':'": "a “key: value” is expected before this place",
    "did not find expected key": "a key is expected here; is the line indented like the one above,"
    " and does no text go on after a closing quote?",
    "did not find expected '-' indicator": "“- ” is expected here; is the line indented like the"
    " one above?",
    "did not find expected ',' or ']'": "“,” or “]” is expected here",
    "did not find expected ',' or '}'": "“,” or “}” is expected here",
    "found unexpected end of stream": "a quote is not closed",
    "found character that cannot start any token": "a text that begins with this character must be"
    " quoted",
    "found unknown escape character": "in double quotes a backslash is doubled (\\\\); or use"
    " single quotes",
}


def _syntax_problem(path: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    if error.problem == "found unexpected end of stream":  # which is far from where the quote opens
        mark = error.context_mark or mark
    message = _IN_OTHER_WORDS.get(error.problem or "") or ", ".join(
        part for part in (error.context, error.problem) if part
    )
    line, column = min((mark.line + 1, mark.column + 1), _end(text)) if mark else (1, 1)
    return Problem(path, line, column, "error", f"not valid YAML: {message}", "yaml")


def _end(text: str) -> tuple[int, int]:
    """The last place in a text; libyaml counts one line more, even if the last has no end."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def at_index(path: str, text: str, index: int, message: str, rule: str) -> Problem:
    """An error at a character index of `text`."""
    line = text.count("\n", 0, index) + 1
    column = index - text.rfind("\n", 0, index)
    return Problem(path, line, column, "error", message, rule)


def place_in(path: str, node: Text, index: int) -> tuple[int, int]:
    """The line and column of a character of a text, or of its start where it goes over lines."""
    start = node.line, node.column
    try:
        found = Path(path).lstat()
    except OSError:
        return start
    lines = _lines(path, (found.st_mtime_ns, found.st_size, found.st_ino))
    line = "".join(lines[node.line - 1 : node.line])[node.column - 1 :]
    written = {"'": r"''|[^']", '"': r'\\["\\/]|[^"\\]'}.get(line[:1])
    if written is None:
        return (node.line, node.column + index) if line.startswith(node) else start
    chars = re.findall(written, re.match(f"(?:{written})*", line[1:])[0])  # type: ignore[index]
    if "".join(char[-1] for char in chars) != node:
        return start
    return node.line, node.column + 1 + sum(map(len, chars[:index]))


@lru_cache(maxsize=1)  # many places are asked for in one file after another
def _lines(path: str, _version: tuple[int, ...]) -> list[str]:
    """The lines of a file of the sources; none if it cannot be read."""
    data = read_bytes(Path(path))
    return [] if isinstance(data, Problem) else data.decode("utf-8-sig", "replace").split("\n")


def unsafe_name(name: str) -> str:
    """Why a file of that name, of small letters, could not be had everywhere, or nothing."""
    if _DEVICES.fullmatch(name):
        return f"Windows can have no file called “{name}”"
    return f"a name has at most {_MAX_NAME} characters" if len(name) > _MAX_NAME else ""


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
