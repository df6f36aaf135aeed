"""A table beside a file of facts → a mapping for each row, as if the file had listed it.

A table is a `.csv` or `.tsv` file, whose first row names keys of facts. Python's own reader of CSV
tells no places, and takes an unclosed quote for the rest of the file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from builder.model import Map, Node, Sequence, Text, Vocabulary
from builder.problems import Error, Place, Problem, nearest
from builder.sources.parse import wrong_with_text
from builder.sources.reader import Reader
from builder.sources.tables import ENDINGS, KEYS, Keys, keys_of, wrong_with
from builder.sources.text import place_behind, read_text

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_QUOTED = re.compile('"[^"]*"?')
# The forms of values that may be lists.
_LISTS = ("list", "texts", "tags", "citations")
# What people write between several tags, or several files, and no name of one has.
_BETWEEN = {"tags": re.compile(r"\s"), **dict.fromkeys(ENDINGS, re.compile(r"[\s,;|]"))}


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
    before = len(reader.problems)
    separator = _separator(reader, root)
    header, *rows = list(_rows(reader, path, text, delimiter)) or [[]]
    names = [cell.part(0, len(cell.text)) for cell in header]
    kinds = {name: keys_of(kind) for name, kind in vocabulary.kinds.items() if kind is not None}
    of_all = "" if "kind" in names else str(root.named("kind") or "")
    # Of a kind that cannot be read, nobody knows its fields.
    those = [of_all] if of_all or None in vocabulary.kinds.values() else kinds
    known = {name for kind in those for name in kinds.get(kind, ())}
    _check_columns(reader, names, known)
    if len(reader.problems) == before and not rows:
        at = header[0].place if header else Place(path)
        reader.error(at, "the table has no rows after the first", Error.EMPTY)
    if len(reader.problems) > before:
        return []
    table = _Table(reader, root, kinds, separator, names)
    return [node for row in rows if (node := table.fact(row))]


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
    if said:
        found = [sign for name, sign in _DELIMITERS.items() if said in (name, sign)]
        return found[0] if found else ""
    first = _QUOTED.sub("", text.lstrip("\n").partition("\n")[0])
    seen = [name for name, sign in _DELIMITERS.items() if sign in first]
    if len(seen) > 1:
        message = f"the first row has a {' and a '.join(seen)}; write delimiter: … beside “table”"
        reader.error(Place(path), message, Error.TABLE)
        return ""
    return _DELIMITERS[seen[0]] if seen else ","


def _separator(reader: Reader, root: Map) -> str:
    """What stands between the values in a cell, if there may be several."""
    node = root.named("separator")
    return str(node if isinstance(node, Text) and node else reader.text(node, "separator"))


def _rows(reader: Reader, path: str, text: str, delimiter: str) -> Iterator[list[_Cell]]:
    """The rows of a text in which there is anything, up to what cannot be read."""
    cell = re.compile(
        rf' *(?:"(?P<quoted>(?>(?:[^"]|"")*))(?P<closed>"?) *|(?P<bare>[^{delimiter}\n]*))'
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
            return reader.error(place, "this quote is never closed", Error.TABLE)
        if found["end"] is None:
            message = "text after a closing quote; double the quotes within a quoted cell"
            return reader.error(place, message, Error.TABLE)
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
    return None


def _check_columns(reader: Reader, names: list[Text], known: Collection[str]) -> None:
    """The columns have keys of facts as names; these are not known if the kind is not."""
    before = len(reader.problems)
    for number, name in enumerate(names):
        if not name:
            reader.error(name, "a column without a name", Error.TABLE)
        elif name in names[:number]:
            reader.error(name, f"duplicate column “{name}”", Error.DUPLICATE_KEY)
        elif known and name not in known and name != "at":
            message = f"unknown column “{name}”{nearest(name.lower(), known)}"
            if len(names) == 1:
                message = "only one column; write commas between columns, or what “delimiter” says"
            reader.error(name, message, Error.UNKNOWN_KEY)
    if names and "id" not in names and len(reader.problems) == before:
        reader.error(names[0], "the table needs a column “id”", Error.MISSING_KEY)


class _Table(NamedTuple):
    """Makes mappings of rows, by the keys of the kinds and the names of the columns."""

    reader: Reader
    root: Map
    kinds: Mapping[str, Keys]
    separator: str
    names: list[Text]

    def fact(self, row: list[_Cell]) -> Map | None:
        """A row as the mapping of a fact; None if it has too few or too many cells."""
        if len(row) != len(self.names):
            cells = f"{len(row)} cell{'s' if len(row) > 1 else ''}"
            message = f"this row has {cells}, but the first has {len(self.names)}"
            message += "; quote a cell that contains the delimiter" * (len(row) > len(self.names))
            at = row[len(self.names) if len(row) > len(self.names) else 0].place
            self.reader.error(at, message, Error.TABLE)
            return None
        said = dict(zip(self.names, row, strict=True))
        fact = Map()
        fact.place = row[0].place
        fact.blank = {name: cell.place for name, cell in said.items() if not cell.text.strip()}
        kind = next((cell.text.strip() for name, cell in said.items() if name == "kind"), "")
        keys = self.kinds.get(kind or str(self.root.named("kind")), KEYS["a fact"])
        for name, cell in said.items():
            form = keys[name].form if name in keys else ""
            if name not in fact.blank and self.may_hold(cell, name, form):
                key = Text(name)
                key.place = cell.place
                fact[key] = self.value(cell, form)
        return fact if "at" in keys else self.located(fact)

    def may_hold(self, cell: _Cell, name: str, form: str) -> bool:
        """Whether a cell may hold a value of that form, or several with the separator between."""
        at, message, rule = cell.place, "", Error.TABLE
        parts = cell.text.split(self.separator) if self.separator else [cell.text]
        if form == "shapes":
            message = f"{name} cannot stand in a table; write out this fact under “facts”"
        elif form in _BETWEEN and any(_BETWEEN[form].search(part.strip()) for part in parts):
            message = "several values in a cell need the separator that the file of facts names"
            missing = "; write separator: … beside “table”"
            message += f", “{self.separator}”" if self.separator else missing
        elif (tab := cell.text.find("\t")) >= 0:
            message = "a tab in a cell; write a space"
            at, rule = cell.part(tab, tab).place, Error.TAB
        if message:
            self.reader.error(at, message, rule)
        return not message or rule is Error.TAB

    def value(self, cell: _Cell, form: str) -> Node:
        """The text of a cell, or the list of those in it."""
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

    def located(self, fact: Map) -> Map:
        """The same with the cell `at` as the locator in its source, or in the file's."""
        at = fact.pop(Text("at"), None)
        source = fact.named("source") or self.root.named("source")
        if isinstance(source, Sequence) and len(source) == 1:
            source = source[0]
        doc = source.named("doc") if isinstance(source, Map) else source
        if at is not None and isinstance(doc, Text):
            key = Text("source")
            key.place = at.place
            fact[key] = Map({Text("doc"): doc, Text("at"): at})
            fact[key].place = doc.place
        elif at is not None:
            self.reader.error(at, "“at” needs one source, here or in the file", Error.MISSING_KEY)
        return fact
