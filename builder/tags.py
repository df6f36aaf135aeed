"""`tags.yaml` → the tags a fact may carry, each with its meaning, in learning order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from builder.load import problem, read, text_of
from builder.model import Map, Problem

# Tags the builder gives by itself, from kinds/ and sources.yaml, and to facts with a caution.
AUTOMATIC = ("kind", "source", "caution")

# Anki separates tags by spaces and their levels by `::`; quotes and wildcards would break searches.
NAME = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def load_tags(src: Path) -> tuple[dict[str, str], list[Problem]]:
    """Tag path (`topic::defence::admm`) → meaning, parents before children, in file order."""
    path = src / "tags.yaml"
    root, problems = read(path)
    tags: dict[str, str] = {}
    for key in root or ():
        if key in AUTOMATIC:
            message = f"“{key}” tags come by themselves; name this tag otherwise"
            problems.append(problem(str(path), key, message, "tag"))
    if root:
        _walk(str(path), root, "", tags, problems)
    return tags, problems


def _walk(path: str, node: Map, prefix: str, tags: dict[str, str], problems: list[Problem]) -> None:
    for key, child in node.items():
        if key == "_":
            continue
        if not NAME.fullmatch(key):
            message = f"“{key}” is no tag name; use letters, digits and hyphens"
            problems.append(problem(path, key, message, "tag"))
            continue
        name = f"{prefix}{key}"
        if isinstance(child, Map):
            tags[name] = text_of(path, child.named("_"), "a tag's meaning", problems)
            _walk(path, child, f"{name}::", tags, problems)
        else:
            tags[name] = text_of(path, child, "a tag's meaning", problems)


def with_parents(tag: str) -> list[str]:
    """A tag and all the tags it lies under: `a::b::c` → `a`, `a::b`, `a::b::c`."""
    parts = tag.split("::")
    return ["::".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def count_tags(tagged: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """How many notes (key → tags) each tag or one of its children is on, as Anki counts."""
    counts: dict[str, int] = {}
    for tags in tagged.values():
        for parent in {parent for tag in tags for parent in with_parents(tag)}:
            counts[parent] = counts.get(parent, 0) + 1
    return counts
