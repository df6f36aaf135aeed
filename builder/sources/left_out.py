"""`left-out.yaml` → the claims of documents that no card teaches, and why.

A document whose entry in `sources.yaml` lists its `sections` is covered section by section: every
claim in it is taught by a fact that cites it, or is left out for a reason that is written down.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from builder.model import LeftOut, Sequence, Source
from builder.problems import Error, Problem, error, nearest
from builder.sources.documents import check_locator
from builder.sources.reader import Reader
from builder.sources.text import place_in

_DUPLICATE_OF = re.compile(r"\bduplicate of\s+(\w[\w-]*)", re.IGNORECASE)
# A further id has a hyphen, or nothing but another id or a remark after it; else it is a word.
_FURTHER_ID = re.compile(
    r"(?:\s*\([^()]*\))?(?:,\s+|,?\s+and\s+)(\w+(?:-\w+)+|\w+\b(?=\s*(?:[,;:.(]|and\b|$)))"
)


def load_left_out(src: Path, sources: Mapping[str, Source]) -> tuple[list[LeftOut], list[Problem]]:
    """What `left-out.yaml` says, slug → list of `{at, claim, why}`; nothing if there is no file."""
    reader = Reader.read_optional(src / "left-out.yaml")
    left_out = []
    for slug, entries in (reader.root or {}).items():
        source = sources.get(reader.known(slug, "source", sources, Error.UNKNOWN_SOURCE))
        if not source:
            continue
        if not isinstance(entries, Sequence):
            reader.error(entries, "what is left out must be a list (- …)", Error.TYPE)
            continue
        for node in entries:
            entry = reader.entry(node, "a claim left out")
            claim = LeftOut(source=source, **reader.texts(entry, "a claim left out"))
            check_locator(reader, source, claim.at, entry)
            left_out.append(claim)
    return left_out, reader.problems


def unknown_reasons(left_out: Iterable[LeftOut], known: Collection[str]) -> list[Problem]:
    """The facts that reasons name after “duplicate of”, and that are not `known`."""
    return [
        error(
            place_in(claim.why, name.start(1)),
            f"unknown fact “{name[1]}”{nearest(name[1], known)}",
            Error.UNKNOWN_FACT,
        )
        for claim in left_out
        for name in _named_facts(claim.why)
        if name[1] not in known
    ]


def _named_facts(why: str) -> Iterator[re.Match[str]]:
    """The ids after “duplicate of”: `a`, `a and b`, `a, b and c`."""
    for first in _DUPLICATE_OF.finditer(why):
        name: re.Match[str] | None = first
        while name:
            yield name
            name = _FURTHER_ID.match(why, name.end())
