"""Notes → how many notes and cards there are of each tag, and of each search."""

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

    def plus(self, notes: int, cards: int) -> Count:
        """So many more."""
        return Count(self.notes + notes, self.cards + cards)


class Tally(dict[tuple[str, ...], Count]):
    """The tags that notes have together → how many notes have just these; made once."""

    @classmethod
    def of(cls, notes: Iterable[Note]) -> Tally:
        """Of some notes."""
        tally = cls()
        for note in notes:
            tally[note.tags] = tally.get(note.tags, Count()).plus(1, len(note.cards))
        return tally

    def selected(self, query: str) -> Tally:
        """The part of it whose tags a search selects."""
        return Tally((tags, count) for tags, count in self.items() if selects(query, tags))

    @cached_property
    def notes(self) -> int:
        """The number of all notes."""
        return sum(count.notes for count in self.values())

    @cached_property
    def cards(self) -> int:
        """The number of all cards."""
        return sum(count.cards for count in self.values())

    @cached_property
    def by_tag(self) -> Mapping[str, Count]:
        """How many notes and cards have each tag, or one under it, as Anki counts."""
        counts: dict[str, Count] = {}
        for tags, count in self.items():
            for parent in {parent for tag in tags for parent in with_parents(tag)}:
                counts[parent] = counts.get(parent, Count()).plus(*count)
        return counts
