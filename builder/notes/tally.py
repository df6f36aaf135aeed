"""Notes → how many notes and cards have which tags, or are selected by a search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from builder.anki.query import test_of
from builder.model import Note
from builder.notes.tags import with_parents

Count = tuple[int, int]  # of notes, and of their cards


class Tally(dict[tuple[str, ...], Count]):
    """The tags that notes have together → how many notes have just these, and how many cards."""

    @classmethod
    def of(cls, notes: Iterable[Note]) -> Tally:
        """Of some notes."""
        tally = cls()
        for note in notes:
            number, cards = tally.get(note.tags, (0, 0))
            tally[note.tags] = number + 1, cards + len(note.cards)
        return tally

    def selected(self, query: str) -> Tally:
        """The part of it whose tags a search selects."""
        if query not in self._selected:
            test = test_of(query)
            part = Tally({tags: self[tags] for tags in self if test(tags)})
            self._selected[query] = self if part == self else part
        return self._selected[query]

    @cached_property
    def _selected(self) -> dict[str, Tally]:
        """What was asked for before: packages and the study guide ask for the same."""
        return {}

    @cached_property
    def by_tag(self) -> Mapping[str, Count]:
        """How many have each tag, or one under it, as Anki counts."""
        counts: dict[str, list[Count]] = defaultdict(list)
        for tags, count in self.items():
            for tag in set().union(*map(with_parents, tags)):
                counts[tag].append(count)
        return {tag: _sum(some) for tag, some in counts.items()}

    @property
    def notes(self) -> int:
        """The number of all notes."""
        return _sum(self.values())[0]

    @property
    def cards(self) -> int:
        """The number of all cards."""
        return _sum(self.values())[1]


def _sum(counts: Iterable[Count]) -> Count:
    notes = cards = 0
    for some, of_them in counts:
        notes += some
        cards += of_them
    return notes, cards
