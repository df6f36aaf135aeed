"""The tags that a fact names → the tags that its notes have in Anki."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from builder.anki.query import selects
from builder.model import Tag


def complete(named: Iterable[str], root: str, tags: Mapping[str, Tag]) -> tuple[str, ...]:
    """Full Anki tags under `root`, sorted, with those whose query in `tags.yaml` selects them.

    A query sees the tags that those before it have added.
    """
    full = {full_tag(root, name) for name in named}
    for name, tag in tags.items():
        if tag.query and selects(tag.query, full):
            full.add(full_tag(root, name))
    return tuple(sorted(full))


@cache
def full_tag(root: str, name: str) -> str:
    """A tag of `tags.yaml` as Anki has it; not every deck has a root for them."""
    return f"{root}::{name}" if root else name


@cache
def with_parents(tag: str) -> tuple[str, ...]:
    """A tag and all the tags it lies under: `a::b::c` → `a`, `a::b`, `a::b::c`."""
    parts = tag.split("::")
    return tuple("::".join(parts[:depth]) for depth in range(1, len(parts) + 1))
