"""A file of the sources → its text in UTF-8; a character of it, or of a value in it → its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from builder.files import MAX_BYTES, read_file, unread
from builder.model import Text
from builder.problems import Error, Place, Problem, error

# What no text that a person writes has, and what no HTML of a field has.
MAX_CHARACTERS, MAX_HTML = 10_000, 1_000_000

# What Git leaves at the beginning of a line, where two branches changed the same lines.
CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes | Problem:
    """The content of a file of the sources, or why it is not read."""
    try:
        return read_file(path, limit)
    except OSError as reason:
        return unread(path, reason)


def read_text(path: Path) -> str | Problem:
    """The text that a file of the sources holds in UTF-8, or why there is none."""
    data = read_bytes(path)
    if isinstance(data, Problem):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        before = data[: wrong.start].decode("utf-8-sig", "replace")
        message = f"byte 0x{data[wrong.start]:02x} is not UTF-8"
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            message = "the file is UTF-16; save it as UTF-8"
        return error(place_at(str(path), before, len(before)), message, Error.ENCODING)


def place_at(path: str, text: str, index: int) -> Place:
    """The place of a character of a file's text."""
    return Place(path, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def conflicts(path: str, text: str) -> Iterator[Problem]:
    """Where a merge was left that nobody has resolved: each `<<<<<<<`, or what is left of one."""
    if not any(mark in text for mark in ("<<<<<<<", ">>>>>>>", "|||||||")):
        return  # the pattern takes longer
    found = list(CONFLICT.finditer(text))
    opened = [mark for mark in found if mark[0].startswith("<")]
    message = (
        "unresolved merge conflict; keep what is right on each side, and delete the lines with"
        " <<<<<<<, ======= and >>>>>>>"
    )
    for mark in opened or found[:1]:
        yield error(place_at(path, text, mark.start()), message, Error.CONFLICT)


def place_in(node: Text, index: int) -> Place:
    """The place of a character of a value, or of its start where it is written otherwise."""
    path, line, column = node.place
    written_at = _in_cell if path.endswith((".csv", ".tsv")) else _written_at
    try:
        found = Path(path).lstat()
    except OSError:
        return node.place
    lines = _lines(path, (found.st_mtime_ns, found.st_size, found.st_ino))
    written = "\n".join(lines[line - 1 : line + 1 + len(node)])[column - 1 :]
    at = written_at(written, node, index)
    return node.place if at is None else place_behind(node.place, written[:at])


def place_behind(place: Place, written: str) -> Place:
    """The place right behind what is written at a place."""
    below = written.count("\n")
    column = len(written) - written.rfind("\n") if below else place.column + len(written)
    return Place(place.path, place.line + below, column)


def _in_cell(written: str, text: str, index: int) -> int | None:
    """The same as `_written_at` in a table."""
    before = text[:index]
    if written.startswith('"'):
        before = '"' + before.replace('"', '""')
    return len(before) if written.startswith(before) else None


def _written_at(written: str, text: str, index: int) -> int | None:
    """Where a character of a text is written, if the text itself is what is written there."""
    quote = written[:1] if written[:1] in ("'", '"') else ""
    at = len(quote)
    if written[:1] in ("|", ">"):
        at = written.find("\n")
    for char in text[:index] + text[index : index + 1]:
        while written[at : at + 1] != char and written[at : at + 1] in (" ", "\n", "\r"):
            at += 1  # a line is broken and indented
        here, escaped = written[at : at + 1], written[at : at + 2]
        if (quote == "'" and escaped == "''") or (quote == '"' and here == "\\"):
            at += 1
            if written[at : at + 1] not in ("'", '"', "\\", "/"):
                return None
        if written[at : at + 1] != char:
            return None
        at += 1
    return at - 1 if index < len(text) else at


@lru_cache(maxsize=1)  # many places are asked for in one file after another
def _lines(path: str, _version: tuple[int, ...]) -> list[str]:
    """The lines of a file of the sources; none if it cannot be read."""
    text = read_text(Path(path))
    return [] if isinstance(text, Problem) else text.replace("\r\n", "\n").split("\n")
