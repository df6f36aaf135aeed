"""Notes → how many notes and cards have which tags, or are selected by a search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from builder.anki.query import test_of
from builder.model import Note
from builder.notes.tags import with_parents


class Tally(dict[tuple[str, ...], tuple[int, int]]):
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
            self._selected[query] = Tally({tags: self[tags] for tags in self if test(tags)})
        return self._selected[query]

    @cached_property
    def _selected(self) -> dict[str, Tally]:
        """What was asked for before: packages and the study guide ask for the same."""
        return {}

    @cached_property
    def by_tag(self) -> Mapping[str, Tally]:
        """The part of it that has each tag, or one under it, as Anki counts."""
        parts: dict[str, Tally] = defaultdict(Tally)
        for tags, counts in self.items():
            for tag in set().union(*map(with_parents, tags)):
                parts[tag][tags] = counts
        return dict(parts)

    @property
    def notes(self) -> int:
        """The number of all notes."""
        return sum(notes for notes, _ in self.values())

    @property
    def cards(self) -> int:
        """The number of all cards."""
        return sum(cards for _, cards in self.values())
