"""Notes in any order → notes in the order in which a learner meets them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from builder.model import Note

# How many notes of other facts a learner meets between two notes of one fact, where there are some.
_APART = 4


def in_learning_order(notes: Iterable[Note], tags: Iterable[str]) -> tuple[Note, ...]:
    """By level, then by topic, both in the order of `tags.yaml`; notes of one fact apart.

    A fact without a topic stands at the first of its tags. Within a topic every fact's first
    question comes before any fact's second.
    """
    rank = {tag: number for number, tag in enumerate(tags)}
    unknown = len(rank)
    asked: dict[str, int] = {}

    def place(note: Note) -> tuple[int, int, int]:
        fact = note.fact
        asked[fact.id] = asked.get(fact.id, 0) + 1
        tags = (fact.topic,) if fact.topic else fact.tags
        topic = min((rank[tag] for tag in tags), default=unknown)
        return rank.get(fact.level, unknown), topic, asked[fact.id]

    return tuple(_spread(sorted(notes, key=place)))


def _spread(notes: Iterable[Note]) -> Iterator[Note]:
    """The same notes; one that would come right after another of its fact waits a little."""
    waiting: deque[Note] = deque()
    recent: deque[str] = deque(maxlen=_APART)
    for note in notes:
        while waiting and waiting[0].fact.id not in recent:
            recent.append(waiting[0].fact.id)
            yield waiting.popleft()
        if note.fact.id in recent:
            waiting.append(note)
        else:
            recent.append(note.fact.id)
            yield note
    yield from waiting
