"""Facts and `left-out.yaml` → how much of each document is on cards.

A document whose entry in `sources.yaml` lists its `sections` is covered section by section: every
claim in it is taught by a fact that cites it, or is left out for a reason that is written down.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from builder.load import check_keys, mapping_of, nearest, problem, read, text_of
from builder.model import Note, Problem, Sequence, Source

CLAIM_KEYS = ("at", "claim", "why")


class LeftOut(NamedTuple):
    """A claim that no card teaches, and why."""

    source: Source
    at: str
    claim: str
    why: str


class Section(NamedTuple):
    """How many facts and notes cite a section of a document, and how many claims are left out."""

    name: str
    facts: int
    notes: int
    left_out: int


def load_left_out(src: Path, sources: Mapping[str, Source]) -> tuple[list[LeftOut], list[Problem]]:
    """What `left-out.yaml` says, slug → list of `{at, claim, why}`; nothing if there is no file."""
    path = src / "left-out.yaml"
    if not os.path.lexists(path):
        return [], []
    shown = str(path)
    root, problems = read(path)
    left_out = []
    for slug, entries in (root or {}).items():
        source = sources.get(slug)
        if source is None:
            message = f"there is no source “{slug}” in sources.yaml{nearest(slug, sources)}"
            problems.append(problem(shown, slug, message, "unknown-source"))
            continue
        if not isinstance(entries, Sequence):
            problems.append(problem(shown, entries, "what is left out is a list (- …)", "type"))
            continue
        for node in entries:
            entry = mapping_of(shown, node, "a claim left out", problems)
            problems += check_keys(shown, entry, "a claim left out", CLAIM_KEYS, CLAIM_KEYS)
            at, claim, why = (text_of(shown, entry.named(key), key, problems) for key in CLAIM_KEYS)
            if at and not section_of(source, at):
                problems.append(problem(shown, entry, wrong_locator(source, at), "locator"))
            left_out.append(LeftOut(source, at, claim, why))
    return left_out, problems


def section_of(source: Source, at: str) -> str:
    """The section in which a locator lies; empty if in none that the source lists."""
    return next((name for name in source.sections if at == name or at.startswith(f"{name},")), "")


def wrong_locator(source: Source, at: str) -> str:
    """What to say of a locator that names no section."""
    hint = nearest(at.partition(",")[0], source.sections)
    return f"“{at}” does not begin with a section of “{source.slug}”{hint}"


def coverage(
    sources: Iterable[Source], notes: Iterable[Note], left_out: Iterable[LeftOut]
) -> dict[str, list[Section]]:
    """Slug → its sections in order, for every source that lists them."""
    by_slug = {source.slug: source for source in sources}
    facts: dict[tuple[str, str], set[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    missing: dict[tuple[str, str], int] = {}
    for note in notes:
        for place in {(slug, section_of(by_slug[slug], at)) for slug, at in note.fact.cites}:
            facts.setdefault(place, set()).add(note.fact.id)
            counts[place] = counts.get(place, 0) + 1
    for claim in left_out:
        place = claim.source.slug, section_of(claim.source, claim.at)
        missing[place] = missing.get(place, 0) + 1
    return {
        source.slug: [
            Section(name, len(facts.get(place, ())), counts.get(place, 0), missing.get(place, 0))
            for name in source.sections
            for place in [(source.slug, name)]
        ]
        for source in by_slug.values()
        if source.sections
    }
