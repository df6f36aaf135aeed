"""A table beside a file of facts → a mapping for each row, as if the file had listed it.

A table is a `.csv` or `.tsv` file, whose first row names keys of facts. Python's own reader of CSV
tells no places, and takes an unclosed quote for the rest of the file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from builder.model import Map, Node, Sequence, Text, Vocabulary
from builder.problems import Error, Place, Problem, nearest
from builder.sources.parse import wrong_with_text
from builder.sources.reader import Reader
from builder.sources.tables import ENDINGS, KEYS, Keys, keys_of, wrong_with
from builder.sources.text import MAX_CHARACTERS, place_behind, read_text

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_QUOTED = re.compile('"[^"]*"?')
# The forms of values that may be lists.
_LISTS = ("list", "texts", "tags", "citations")
# What people write between several tags, or several files, and no name of one has.
_BETWEEN = {"tags": re.compile(r"\s*[,;|]?\s+")}
_BETWEEN |= dict.fromkeys(ENDINGS, re.compile(r"\s*[,;|]\s*|\s+"))


class _Cell(NamedTuple):
    """A cell: its text, and where it is written, perhaps `quoted`."""

    text: str
    place: Place
    quoted: bool

    def part(self, start: int, end: int) -> Text:
        """A part of the text, without spaces around it, which knows its place."""
        part = self.text[start:end]
        before = self.text[: start + len(part) - len(part.lstrip())]
        text = Text(unicodedata.normalize("NFC", part.strip()))
        text.place = self.place
        if before:
            text.place = place_behind(
                self.place, '"' + before.replace('"', '""') if self.quoted else before
            )
        return text


class _CellError(Exception):
    """What cannot be read as a cell; its arguments are a place and a message."""


def table_of(reader: Reader) -> Text | None:
    """The path of the table that a file of facts names, if it may name it."""
    named = reader.root and reader.root.named("table")
    if not isinstance(named, Text) or wrong_with(named, "table-name"):
        return None
    path = Text(Path(reader.path).parent / named)
    path.place = named.place
    return path


def rows_of(reader: Reader, root: Map, vocabulary: Vocabulary) -> list[Node]:
    """The rows of the table of a file of facts, each as the mapping of a fact."""
    if "table" not in root:
        for key in (key for key in root if key in ("separator", "delimiter")):
            reader.error(key, f"“{key}” needs “table”", Error.MISSING_KEY)
        if "facts" not in root:
            reader.error(root, "a file of facts needs “facts” or “table”", Error.MISSING_KEY)
        return []
    reader.text(root.named("table"), "table", "table-name")
    path = table_of(reader)
    text = _text_of(reader, path) if path else ""
    delimiter = _delimiter(reader, root, path, text) if path and text else ""
    if not path or not delimiter:
        return []
    rows, before = _rows(path, text, delimiter), len(reader.problems)
    try:
        header = next(rows, None)
        if header is None:
            reader.error(Place(path), "the table is empty", Error.EMPTY)
            return []
        table = _Table(reader, root, vocabulary, header)
        if len(reader.problems) > before:
            return []
        nodes: list[Node] = [node for row in rows if (node := table.fact(row))]
    except _CellError as wrong:
        reader.error(wrong.args[0], wrong.args[1], Error.TABLE)
        return []
    if not nodes and len(reader.problems) == before:
        reader.error(header[0].place, "the table has no rows after the first", Error.EMPTY)
    return nodes


def _text_of(reader: Reader, path: Text) -> str:
    """The text of a table, its lines as Unix ends them; empty if there is none that can be read."""
    text = read_text(Path(path))
    if isinstance(text, Problem) and text.rule == Error.FILE:
        reader.error(path, f"the table {text.message}", Error.FILE)
    elif isinstance(text, Problem):
        reader.problems.append(text)
    elif wrong := wrong_with_text(path, text, "a table"):
        reader.problems.extend(wrong)
    else:
        return text.replace("\r\n", "\n") or "\n"
    return ""


def _delimiter(reader: Reader, root: Map, path: Text, text: str) -> str:
    """What stands between the cells: what the file says, or else what the first row has."""
    node = root.named("delimiter")
    said = node if node == "\t" else reader.text(node, "delimiter", "delimiter")
    if said and wrong_with(said, "delimiter"):
        return ""
    said = next((Text(sign) for sign, name in _DELIMITERS.items() if said in (sign, name)), said)
    names = _QUOTED.sub("", text.lstrip("\n").partition("\n")[0])
    seen = [sign for sign in _DELIMITERS if sign in names]
    words = " and a ".join(_DELIMITERS[sign] for sign in seen)
    if said and seen and said not in seen:
        message = f"the first row of the table has no {_DELIMITERS[said]}, but a {words}"
        reader.error(root["delimiter"], message, Error.TABLE)  # type: ignore[index]
    elif not said and len(seen) > 1:
        message = f"the first row has a {words}; write delimiter: … beside “table”"
        reader.error(Place(path), message, Error.TABLE)
    else:
        return said or (seen or [","])[0]
    return ""


def _rows(path: str, text: str, delimiter: str) -> Iterator[list[_Cell]]:
    """The rows of a text in which there is anything; raises `_CellError`."""
    cell = re.compile(
        rf' *(?:"(?P<quoted>(?:[^"]|"")*+)(?P<closed>"?) *|(?P<bare>[^{delimiter}\n]*))'
        rf"(?P<end>{delimiter}|\n|\Z)?"
    )
    at = begins = 0  # the latter is where the line begins
    line = 1
    row: list[_Cell] = []
    while at < len(text) or row:
        found = cell.match(text, at)
        assert found  # noqa: S101 - a bare cell may be empty
        quoted = found["quoted"] is not None
        bare = found["bare"] or ""
        start = found.start("quoted") - 1 if quoted else found.end("bare") - len(bare.lstrip())
        place = Place(path, line, start - begins + 1)
        if quoted and not found["closed"]:
            raise _CellError(place, "this quote is never closed")
        if found["end"] is None:
            message = "text after a closing quote; double the quotes within a quoted cell"
            raise _CellError(place, message)
        inside = found["quoted"].replace('""', '"') if quoted else bare.strip()
        row.append(_Cell(inside, place, quoted))
        at = found.end()
        if below := found[0].count("\n"):
            line += below
            begins = text.rindex("\n", 0, at) + 1
        if found["end"] != delimiter:
            if any(one.text.strip() for one in row):
                yield row
            row = []


class _Table:
    """Makes mappings of rows; `columns` are the numbers of those that have a valid name."""

    def __init__(
        self, reader: Reader, root: Map, vocabulary: Vocabulary, header: list[_Cell]
    ) -> None:
        self.reader = reader
        self.root = root
        self.kinds = {
            name: keys_of(kind) for name, kind in vocabulary.kinds.items() if kind is not None
        }
        self.separator = self._separator()
        self.width = len(header)
        self.columns: dict[Text, int] = {}
        names = [cell.part(0, len(cell.text)) for cell in header]
        known = self._known("" if "kind" in names else str(root.named("kind")))
        before = len(reader.problems)
        for number, name in enumerate(names):
            if not name:
                reader.error(name, "a column without a name", Error.TABLE)
            elif name in self.columns:
                reader.error(name, f"duplicate column “{name}”", Error.DUPLICATE_KEY)
            elif known and name not in known:
                message = f"unknown column “{name}”{nearest(name.lower(), known)}"
                if len(names) == 1:
                    message = "only one column; write commas, semicolons or tabs between columns"
                reader.error(name, message, Error.UNKNOWN_KEY)
            else:
                self.columns[name] = number
        if "id" not in self.columns and len(reader.problems) == before:
            reader.error(header[0].place, "the table needs a column “id”", Error.MISSING_KEY)

    def _separator(self) -> str:
        node = self.root.named("separator")
        if isinstance(node, Text) and node and not node.strip():
            return str(node)
        return str(self.reader.text(node, "separator"))

    def _known(self, kind: str) -> set[str]:
        """The names that columns may have; none if the kind is not known."""
        kinds = [kind] if kind else [*self.kinds]
        names = {name for kind in kinds for name in self.kinds.get(kind, ())}
        return names | {"at"} if names else names

    def fact(self, row: list[_Cell]) -> Map | None:
        """A row as the mapping of a fact; None if it has too few or too many cells."""
        if len(row) != self.width:
            many = len(row) > self.width
            message = f"this row has {len(row)} cell{'s' if len(row) > 1 else ''}, but the first"
            message += f" has {self.width}"
            if len(row) == 1 and (others := [s for s in _DELIMITERS if s in row[0].text]):
                message += f"; is a {_DELIMITERS[others[0]]} meant as the delimiter?"
            elif many:
                message += "; quote a cell that contains the delimiter"
            self.reader.error(row[self.width if many else 0].place, message, Error.TABLE)
            return None
        fact = Map()
        fact.place = row[0].place
        said = {name: row[number] for name, number in self.columns.items()}
        fact.blank = {name: cell.place for name, cell in said.items() if not cell.text.strip()}
        named = [cell.text for name, cell in said.items() if name == "kind" and cell.text.strip()]
        kind = named[0] if named else str(self.root.named("kind"))
        keys = self.kinds.get(kind, KEYS["a fact"])
        for name, cell in said.items():
            if name not in fact.blank and self._check_form(cell, name, keys):
                self._check(cell)
                key = Text(name)
                key.place = cell.place
                fact[key] = self._value(cell, name, keys)
        return fact if "at" in keys else self._located(fact)

    def _check_form(self, cell: _Cell, name: str, keys: Keys) -> bool:
        """Whether a cell may hold a value of that form, or several with the separator between."""
        form = keys[name].form if name in keys else ""
        between = _BETWEEN.get(form)
        parts = cell.text.split(self.separator) if self.separator else [cell.text]
        found = between and next(
            filter(None, (between.search(part.strip()) for part in parts)), None
        )
        message = ""
        if form == "shapes":
            message = f"{name} cannot stand in a table; write out this fact under “facts”"
        elif found and self.separator:
            message = f"between several values stands “{self.separator}”, says the file of facts"
        elif found:
            message = "several values in a cell need a separator; name it beside “table”:"
            message += f' separator: "{found[0]}"'
        if message:
            self.reader.error(cell.place, message, Error.TABLE)
        return not message

    def _check(self, cell: _Cell) -> None:
        """A cell may be a text."""
        if (tab := cell.text.find("\t")) >= 0:
            message = "a tab in a cell; write a space"
            self.reader.error(cell.part(tab, tab), message, Error.TAB)
        if len(cell.text) > MAX_CHARACTERS:
            message = f"this text has more than {MAX_CHARACTERS:,} characters"
            self.reader.error(cell.place, message, Error.SIZE)

    def _value(self, cell: _Cell, name: str, keys: Keys) -> Node:
        """The text of a cell, or the list of those in it."""
        form = keys[name].form if name in keys else ""
        several = bool(self.separator) and self.separator in cell.text
        if form not in _LISTS and not (form in ENDINGS and several):
            value = Text(unicodedata.normalize("NFC", cell.text))
            value.place = cell.place
            return value
        values = Sequence()
        values.place = cell.place
        start, text, end = 0, cell.text, self.separator.rstrip()
        if end and text.endswith(end):
            # Whether spaces follow at the end of a cell makes no difference.
            text += self.separator.removeprefix(end)
        for part in text.split(self.separator) if self.separator else [text]:
            values.append(cell.part(start, start + len(part)))
            start += len(part) + len(self.separator)
        return values

    def _located(self, fact: Map) -> Map:
        """The same with the cell `at` as the locator in its source, or in the file's."""
        at = fact.pop(Text("at"), None)
        if at is None:
            return fact
        source = fact.named("source") or self.root.named("source")
        if isinstance(source, Sequence) and len(source) == 1:
            source = source[0]
        doc = source.named("doc") if isinstance(source, Map) else source
        if isinstance(doc, Text):
            key = Text("source")
            key.place = at.place
            fact[key] = Map({Text("doc"): doc, Text("at"): at})
            fact[key].place = doc.place
        else:
            self.reader.error(at, "“at” needs one source, here or in the file", Error.MISSING_KEY)
        return fact
