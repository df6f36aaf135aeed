"""Problems → what a curator, an editor or a CI service reads of them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from builder.checks import RULES
from builder.load import read_bytes
from builder.model import Problem, printable

# The rules that come with the format; those about good cards are functions in `checks`.
FORMAT_RULES = {
    "anchor": "A value is written out; YAML's anchors and aliases are not used.",
    "cloze": "A gap is {{c1::answer}} or {{c1::answer::hint}}, and keeps its number.",
    "date": "A date is 2010-10-12, 2010-10, 2010 or, for a span of years, 2010/2011.",
    "deck-name": "A deck keeps its name, since Anki matches decks by name.",
    "duplicate-id": "No two facts have one id.",
    "duplicate-item": "No two items of a list are the same.",
    "duplicate-key": "No key stands twice in a mapping.",
    "empty": "What is written has a content.",
    "empty-package": "Every package has a note.",
    "empty-search": "Every search that learners are told of finds a note.",
    "encoding": "Files are UTF-8 and have no control characters.",
    "field": "A field of a kind has a fit name and a known type.",
    "file": "Every file of the sources is there, a plain file, and can be read.",
    "formerly": "A renamed fact names its former id, and no two facts claim one.",
    "id": "An id is made of small letters, digits and single hyphens.",
    "kind": "A kind's file name is made of small letters, digits and single hyphens.",
    "ledger": "The ledger is as the last build left it, or as two branches merge.",
    "locator": "A locator begins with a section of its source, if the source lists them.",
    "media": "Every picture is listed, safely named, and nothing but a picture.",
    "missing-key": "Nothing that is required is missing.",
    "no-prompt": "A fact has the fields of at least one prompt of its kind.",
    "note-type": "A prompt is a cloze, or is none, for ever.",
    "number": "A number is made of digits, and commas between thousands.",
    "package": "A package's name can be a file's name everywhere.",
    "prompt": "A prompt uses fields, and its sides are not empty.",
    "query": "A search is in Anki's language and speaks of tags.",
    "moved-id": "No id goes to another fact, nor a prompt's name to another prompt.",
    "namespace": "The namespace of a deck never changes, since every GUID is made from it.",
    "renamed-field": "A renamed field that cloze deletions hide names its former name.",
    "reused-id": "The id of a removed fact comes back only with that fact.",
    "reworded-item": "A list item that comes where another goes says whether it is the same.",
    "schema": "The JSON Schemas for editors are what the sources give.",
    "size": "No text, no side of a card and no nesting is beyond all use.",
    "source": "A source's slug is made of letters, digits and hyphens.",
    "stale": "The packages are what the sources give.",
    "tab": "Indentation and separation are spaces.",
    "tag": "A tag's name is made of letters, digits and hyphens.",
    "template": "A template shows values, and does it without mistakes.",
    "type": "A value has the form that its place asks for: text, list or mapping.",
    "unknown-field": "A template names fields that its kind has.",
    "unknown-key": "Every key is one that its place knows.",
    "unknown-kind": "A fact's kind is a file in kinds/.",
    "unknown-picture": "A picture is listed in media/sources.yaml.",
    "unknown-prompt": "A note or caution of one prompt names one that is asked of the fact.",
    "unknown-source": "A cited source is in sources.yaml.",
    "unknown-tag": "A tag is in tags.yaml.",
    "url": "A web address begins with http:// or https://.",
    "waiver": "A waiver names a rule that the fact breaks.",
    "yaml": "A file is one document of valid YAML.",
    "yaml-tag": "All values are text; YAML's tags are not used.",
}

# What people write, and the ledger, which they merge.
_SHOWN = (".yaml", ".html", ".css", ".jsonl")

# How much of a source line is shown, in columns of a terminal.
_WIDTH = 100


def all_rules() -> dict[str, str]:
    """Every rule's name, sorted, with what it says."""
    return dict(sorted((FORMAT_RULES | RULES).items()))


def as_text(problems: Iterable[Problem], style: Callable[[Problem], str] = str) -> Iterator[str]:
    """Each problem as a line, followed by the source line with a caret under the place.

    `style` gives the line of a problem, without anything in it that a terminal would obey.
    """
    lines: dict[str, list[str]] = {}
    for problem in problems:
        yield style(_safe(problem))
        if problem.path not in lines:
            lines[problem.path] = _lines_of(Path(problem.path))
        if problem.line <= len(lines[problem.path]):
            yield from pointed_at(lines[problem.path][problem.line - 1], problem.column)


def as_json(problems: Iterable[Problem]) -> Iterator[str]:
    """The problems as a JSON list of objects, one a line."""
    rows = [json.dumps(_safe(problem)._asdict(), ensure_ascii=False) for problem in problems]
    yield "[\n" + ",\n".join(rows) + "\n]" if rows else "[]"


def as_github(problems: Iterable[Problem]) -> Iterator[str]:
    """Each problem as an annotation, in the workflow commands of GitHub Actions."""
    for problem in map(_safe, problems):
        path, rule = (
            _escaped(part).replace(":", "%3A").replace(",", "%2C")
            for part in (problem.path, problem.rule)
        )
        place = f"file={path},line={problem.line},col={problem.column},title={rule}"
        yield f"::{problem.severity} {place}::{_escaped(problem.message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _safe(problem: Problem) -> Problem:
    """A problem that cannot give any either."""
    return problem._replace(path=printable(problem.path), message=printable(problem.message))


def _lines_of(path: Path) -> list[str]:
    """The lines of a file as editors count them; none of one that nobody reads or that is not."""
    data = read_bytes(path) if path.suffix in _SHOWN else b""
    text = "" if isinstance(data, Problem) else data.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").split("\n") if text else []


def pointed_at(line: str, column: int) -> Iterator[str]:
    """A line, or the part of a long one around `column`, and a caret under it."""
    before, after = (printable(part) for part in (line[: column - 1], line[column - 1 :]))
    if not (before + after).strip():
        return
    room = _WIDTH * 2 // 3 if len(line) > _WIDTH else _WIDTH
    if len(before) > room:
        before = "…" + before[len(before) - room + 1 :]
    if len(before + after) > _WIDTH:
        after = after[: _WIDTH - len(before) - 1] + "…"
    yield f"    {before}{after}".rstrip().replace("\t", "→")
    yield "    " + " " * sum(map(_columns, before)) + "^"


def _columns(char: str) -> int:
    """How wide a terminal shows a character."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
