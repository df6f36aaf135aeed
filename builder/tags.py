"""`tags.yaml` → the tags a fact may carry, each with its meaning, in learning order.

A tag may have a search, `_when`: the facts that it finds carry the tag without naming it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

from builder.load import problem, read, text_of
from builder.model import Map, Note, Problem, Tag
from builder.query import Wrong, compile_query, read_search

# Tags the builder gives by itself, from kinds/ and sources.yaml, and to facts with a caution.
AUTOMATIC = ("kind", "source", "caution")

# What a tag may say beside the tags below it: its meaning, and which facts carry it by themselves.
KEYS = ("_", "_when")

# Anki separates tags by spaces and their levels by `::`; quotes and wildcards would break searches.
_MEANING = "a tag's meaning"
NAME = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def load_tags(src: Path) -> tuple[dict[str, Tag], list[Problem]]:
    """Tag path (`topic::defence::admm`) → tag, parents before children, in file order."""
    path = src / "tags.yaml"
    root, problems = read(path)
    tags: dict[str, Tag] = {}
    for key in root or ():
        if key in AUTOMATIC:
            message = f"“{key}” tags come by themselves; name this tag otherwise"
            problems.append(problem(str(path), key, message, "tag"))
    if root:
        _walk(str(path), root, "", tags, problems)
    return tags, problems


def _walk(path: str, node: Map, prefix: str, tags: dict[str, Tag], problems: list[Problem]) -> None:
    for key, child in node.items():
        if key == "_" or (prefix and key in KEYS):
            continue
        if not NAME.fullmatch(key):
            message = f"“{key}” is no tag name; use letters, digits and hyphens"
            problems.append(problem(path, key, message, "tag"))
            continue
        name = f"{prefix}{key}"
        below = child if isinstance(child, Map) else Map()
        meaning = text_of(path, below.named("_") if child is below else child, _MEANING, problems)
        search, _ = read_search(path, below.named("_when"), "_when", problems)
        tags[name] = Tag(meaning, search, path, key.line, key.column)
        _walk(path, below, f"{name}::", tags, problems)


def complete(carried: tuple[str, ...], root: str, tags: Mapping[str, Tag]) -> tuple[str, ...]:
    """Full Anki tags, sorted, with those that come by themselves; a tag sees those before it."""
    for name, tag in tags.items():
        if tag.search and _finds(tag.search, carried):
            carried = tuple(sorted({*carried, f"{root}::{name}"}))
    return carried


def _finds(search: str, tags: tuple[str, ...]) -> bool:
    test = _compile(search)
    return not isinstance(test, Wrong) and test(tags)


_compile = cache(compile_query)


@cache
def with_parents(tag: str) -> tuple[str, ...]:
    """A tag and all the tags it lies under: `a::b::c` → `a`, `a::b`, `a::b::c`."""
    parts = tag.split("::")
    return tuple("::".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def count_tags(notes: Iterable[Note]) -> dict[str, tuple[int, int]]:
    """On how many notes and cards each tag is, or one under it, as Anki counts."""
    listed = list(notes)
    all_of = cache(lambda tags: frozenset(chain.from_iterable(map(with_parents, tags))))
    found = Counter(chain.from_iterable(all_of(note.tags) for note in listed))
    cards = Counter(
        chain.from_iterable(
            chain.from_iterable([all_of(note.tags)] * len(note.cards) for note in listed)
        )
    )
    return {tag: (count, cards[tag]) for tag, count in found.items()}
