"""A project → of each fact, where it stands, how it is written and what it cites."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import Any

from builder.files import read_file
from builder.project import Project

_DASH = re.compile(r" *(?:- +)*")  # before the first key of a fact in a list


def facts_of(project: Project) -> dict[str, dict[str, Any]]:
    """By the id of each fact: where it stands in the sources, how it is written, what it cites."""
    documents = project.vocabulary.sources
    shown = {}
    placed = sorted(project.facts, key=lambda fact: fact.place)
    for path, group in groupby(placed, key=lambda fact: fact.place.path):
        facts = list(group)
        try:
            text = read_file(Path(path)).decode("utf-8-sig", "replace")
        except OSError:  # gone since it was read
            text = ""
        lines = text.replace("\r\n", "\n").split("\n")
        ends = [*(fact.place.line - 1 for fact in facts[1:]), len(lines)]
        for fact, end in zip(facts, ends, strict=True):
            line = fact.place.line
            cited = [(documents[one.source], one.at) for one in fact.citations]
            shown[fact.id] = {
                "path": path,
                "line": line,
                "written": _written("\n".join(lines[line - 1 : max(line, end)])),
                "sources": [(document.title, at, document.url) for document, at in cited],
            }
    return shown


def _written(text: str) -> str:
    """A fact, of the text from its first line to the next fact, without what is after it."""
    start = _DASH.match(text)
    indent = start.end() if start else 0
    told, *_ = re.split(rf"\n(?! {{{indent}}}| *[]}}]| *(?:\n|\Z))", text[indent:], maxsplit=1)
    lines = told.replace("\n" + " " * indent, "\n").split("\n")
    while len(lines) > 1 and not lines[-1].partition("#")[0].strip():
        lines.pop()
    return "\n".join(lines)
