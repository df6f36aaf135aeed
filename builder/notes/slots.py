"""The HTML of a field before and after → which texts of its fact have changed, and into what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from builder.problems import Place


class Slot(NamedTuple):
    """A text of a fact: under which key, where, of which type; its HTML on a card.

    `lower` says that a card shows it with a capital letter that is not in the text.
    """

    key: str
    place: Place
    type: str
    html: str
    lower: bool = False


# Slots that have other HTML.
Way = list[tuple[Slot, str]]


def single(html: str, wanted: str, slots: Iterable[Slot]) -> Iterator[Way]:
    """How one slot can have made `wanted` of a field's HTML."""
    for slot in slots:
        at = html.find(slot.html)
        while at >= 0:
            before, after = html[:at], html[at + len(slot.html) :]
            new = wanted[at : len(wanted) - len(after)]
            if new and before + new + after == wanted:
                yield [(slot, new)]
            at = html.find(slot.html, at + 1)


def several(html: str, wanted: str, slots: Iterable[Slot]) -> Iterator[Way]:
    """How several slots have made `wanted` of a field's HTML, if that is certain."""
    spans: list[tuple[int, int, Slot]] = []
    for slot in sorted(slots, key=lambda slot: -len(slot.html)):
        at = html.find(slot.html)
        end = at + len(slot.html)
        alone = at >= 0 and html.count(slot.html) == 1
        if alone and all(end <= start or at >= stop for start, stop, _ in spans):
            spans.append((at, end, slot))
    if not spans:
        return
    spans.sort()
    edges = [0, *(edge for start, end, _ in spans for edge in (start, end)), len(html)]
    fixed = [html[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    first = _between(wanted, fixed)
    last = _between(wanted[::-1], [text[::-1] for text in fixed[::-1]])
    if first and first == tuple(text[::-1] for text in last[::-1]):
        found = zip(spans, first, strict=True)
        yield [(slot, new) for (start, end, slot), new in found if new != html[start:end]]


def _between(text: str, fixed: Sequence[str]) -> tuple[str, ...]:
    """What stands between fixed texts, each of which is taken where it first occurs."""
    first, *middle, last = map(re.escape, fixed)
    pattern = first + "".join(f"(?>(.+?){each})" for each in middle) + f"(.+){last}"
    found = re.fullmatch(pattern, text, re.DOTALL)
    return found.groups() if found else ()
