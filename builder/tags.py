"""`tags.yaml` → the tags a fact may carry, each with its meaning, in learning order.

A tag may have a name for the cards, `_name`, and a search, `_when`: the facts that it finds carry
the tag without naming it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from itertools import chain
from pathlib import Path

from builder.load import problem, read, text_of
from builder.model import Map, Note, Problem, Tag
from builder.query import Wrong, compile_query, read_search

# Tags the builder gives by itself, from kinds/ and sources.yaml, and to facts with a caution.
AUTOMATIC = ("kind", "source", "caution")

# What a tag may say beside the tags below it: its meaning, how cards name it, and which facts carry
# it by themselves.
KEYS = ("_", "_name", "_when")

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
        shown = text_of(path, below.named("_name"), "_name", problems).strip() or _in_words(key)
        search, _ = read_search(path, below.named("_when"), "_when", problems)
        tags[name] = Tag(meaning, shown, search, path, key.line, key.column)
        _walk(path, below, f"{name}::", tags, problems)


def _in_words(key: str) -> str:
    """How cards name a tag that says no name: `security-motives` → `Security motives`."""
    words = key[:1].title() + key[1:].replace("-", " ")
    return unicodedata.normalize("NFC", words)  # a capital letter may be made of several


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


class Tally(dict[tuple[str, ...], tuple[int, int]]):
    """The tags that notes have together → how many notes have just these, and how many cards.

    Once made, it stays as it is.
    """

    @classmethod
    def of(cls, notes: Iterable[Note]) -> Tally:
        """Of some notes."""
        tally = cls()
        for (tags, cards), count in Counter((note.tags, len(note.cards)) for note in notes).items():
            notes_so_far, cards_so_far = tally.get(tags, (0, 0))
            tally[tags] = notes_so_far + count, cards_so_far + count * cards
        return tally

    def found_by(self, selects: Callable[[tuple[str, ...]], bool]) -> Tally:
        """The part of it whose tags a search accepts."""
        return Tally((tags, counts) for tags, counts in self.items() if selects(tags))

    @cached_property
    def notes(self) -> int:
        """The number of all notes."""
        return sum(notes for notes, _ in self.values())

    @cached_property
    def cards(self) -> int:
        """The number of all cards."""
        return sum(cards for _, cards in self.values())

    @cached_property
    def by_tag(self) -> Mapping[str, tuple[int, int]]:
        """On how many notes and cards each tag is, or one under it, as Anki counts."""
        notes: dict[str, int] = defaultdict(int)
        cards: dict[str, int] = defaultdict(int)
        for tags, (some, their_cards) in self.items():
            for tag in set(chain.from_iterable(map(with_parents, tags))):
                notes[tag] += some
                cards[tag] += their_cards
        return {tag: (count, cards[tag]) for tag, count in notes.items()}
