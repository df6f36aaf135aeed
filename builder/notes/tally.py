"""Notes → how many notes and cards have which tags, or are selected by a search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from builder.anki.query import selects
from builder.model import Note
from builder.notes.tags import with_parents


class Count(NamedTuple):
    """A number of notes, and of their cards."""

    notes: int = 0
    cards: int = 0

    def plus(self, other: Count) -> Count:
        """Both together."""
        return Count(self.notes + other.notes, self.cards + other.cards)


class Tally(dict[tuple[str, ...], Count]):
    """The tags that notes have together → how many notes have just these; made once."""

    @classmethod
    def of(cls, notes: Iterable[Note]) -> Tally:
        """Of some notes."""
        tally = cls()
        for note in notes:
            tally[note.tags] = tally.get(note.tags, Count()).plus(Count(1, len(note.cards)))
        return tally

    def selected(self, query: str) -> Tally:
        """The part of it whose tags a search selects."""
        return Tally((tags, count) for tags, count in self.items() if selects(query, tags))

    @property
    def notes(self) -> int:
        """The number of all notes."""
        return sum(count.notes for count in self.values())

    @property
    def cards(self) -> int:
        """The number of all cards."""
        return sum(count.cards for count in self.values())

    @cached_property
    def by_tag(self) -> Mapping[str, Count]:
        """How many notes and cards have each tag, or one under it, as Anki counts."""
        counts: dict[str, Count] = {}
        for tags, count in self.items():
            for tag in set().union(*map(with_parents, tags)):
                counts[tag] = counts.get(tag, Count()).plus(count)
        return counts
