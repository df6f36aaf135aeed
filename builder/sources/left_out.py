"""Facts and `left-out.yaml` → how much of each document is on cards.

A document whose entry in `sources.yaml` lists its `sections` is covered section by section: every
claim in it is taught by a fact that cites it, or is left out for a reason that is written down.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from builder.model import Note, Problem, Sequence, Source, Text
from builder.sources.reader import check_keys, mapping_of, nearest, place_in, problem, read, text_of

CLAIM_KEYS = ("at", "claim", "why")

_DUPLICATE_OF = re.compile(r"\bduplicate of\s+(?=\w)", re.IGNORECASE)
_ID = re.compile(r"\w[\w-]*")
# A further id has a hyphen, or nothing but another id or a remark after it; else it is a word.
_FURTHER_ID = re.compile(
    r"(?:\s*\([^()]*\))?(?:,\s+|,?\s+and\s+)(\w+(?:-\w+)+|\w+\b(?=\s*(?:[,;:.(]|and\b|$)))"
)


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


def unknown_facts(src: Path, left_out: Iterable[LeftOut], known: Collection[str]) -> list[Problem]:
    """What a reason names after “duplicate of” are ids of facts, which are `known`."""
    path = str(src / "left-out.yaml")
    problems = []
    for claim in left_out:
        for name, index in _named_facts(claim.why):
            if name not in known and isinstance(claim.why, Text):
                message = f"there is no fact “{name}”{nearest(name, known)}"
                place = place_in(path, claim.why, index)
                problems.append(Problem(path, *place, "error", message, "unknown-fact"))
    return problems


def _named_facts(why: str) -> Iterator[tuple[str, int]]:
    """The ids after “duplicate of” (`a`, `a and b`, `a, b and c`), and where each begins."""
    for words in _DUPLICATE_OF.finditer(why):
        name = _ID.match(why, words.end())
        if name:
            yield name[0], name.start()
        while name:
            name = _FURTHER_ID.match(why, name.end())
            if name:
                yield name[1], name.start(1)


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
