"""A project → of each fact, where it stands, how it is written and what it cites."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from builder.files import read_file
from builder.model import Fact
from builder.project import Project

_DASH = re.compile(r"^ *(?:- +)*")  # before the first key of a fact in a list


def facts_of(project: Project) -> dict[str, dict[str, Any]]:
    """By the id of each fact: where it stands in the sources, how it is written, what it cites."""
    documents = project.vocabulary.sources
    shown = {}
    by_path: dict[str, list[Fact]] = {}
    for fact in project.facts:
        by_path.setdefault(fact.place.path, []).append(fact)
    for path, facts in by_path.items():
        try:
            text = read_file(Path(path))
        except OSError:  # gone since it was read
            text = b""
        written = _written(text, tuple(sorted(fact.place.line for fact in facts)))
        for fact in facts:
            cited = [(documents[one.source], one.at) for one in fact.citations]
            shown[fact.id] = {
                "path": path,
                "line": fact.place.line,
                "written": written[fact.place.line],
                "sources": [(document.title, at, document.url) for document, at in cited],
            }
    return shown


@lru_cache(maxsize=1000)  # few files change at a time
def _written(text: bytes, starts: tuple[int, ...]) -> dict[int, str]:
    """How each of the facts of a file is written that start on these lines, sorted."""
    lines = text.decode(errors="replace").splitlines()
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    return {
        start: "\n".join(_without_rest(lines[start - 1 : max(start, end)]))
        for start, end in zip(starts, ends, strict=True)
    }


def _without_rest(lines: list[str]) -> list[str]:
    """A fact's lines, of those from its first to the next fact, without what is after it."""
    first, *more = lines or [""]
    indent = len(first) - len(_DASH.sub("", first))
    told = [first[indent:]]
    for line in more:
        text = line.lstrip(" ")
        spaces = len(line) - len(text)
        if text and spaces < indent and text[0] not in "]}":
            break
        told.append(line[min(indent, spaces) :])
    while len(told) > 1 and not told[-1].partition("#")[0].strip():
        told.pop()
    return told
