"""Notes in any order → notes in the order in which a learner meets them."""

from __future__ import annotations

from collections import defaultdict, deque
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
    places: dict[tuple[str, str | tuple[str, ...]], tuple[int, int]] = {}
    asked: dict[str, int] = defaultdict(int)
    groups: dict[tuple[tuple[int, int], int], list[Note]] = defaultdict(list)
    for note in notes:
        fact = note.fact
        said = fact.level, fact.topic or fact.tags
        if said not in places:
            topics = (fact.topic,) if fact.topic else fact.tags
            topic = min((rank[tag] for tag in topics), default=unknown)
            places[said] = rank.get(fact.level, unknown), topic
        asked[fact.id] += 1
        groups[places[said], asked[fact.id]].append(note)
    return tuple(_spread(note for place in sorted(groups) for note in groups[place]))


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
