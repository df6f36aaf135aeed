"""Rules about a fact."""

from __future__ import annotations

from builder.model import Fact, Value
from builder.rules import Found
from builder.sources.tables import ENDINGS

_OF_MEDIA = frozenset(ending for endings in ENDINGS.values() for ending in endings)
_LONG_LIST = 7  # items; what one can hold in mind at once


def no_locator(fact: Fact) -> Found:
    """A citation has a locator that leads to the place in the source."""
    for citation in fact.citations:
        if not citation.at:
            message = "no locator; write {doc: …, at: …}, so that the place can be found"
            yield citation.place, message


def long_list(fact: Fact) -> Found:
    """A list has at most seven items; a longer one is split into parts that make sense."""
    for key, value in fact.values.items():
        if _is_list(value) and len(value) > _LONG_LIST:
            yield fact.places[key], f"the list has {len(value)} items; keep it to {_LONG_LIST}"


def short_list(fact: Fact) -> Found:
    """A list has more than one item."""
    for key, value in fact.values.items():
        if _is_list(value) and len(value) == 1:
            yield fact.places[key], "a list of one item; ask for it as a question"


def _is_list(value: Value) -> bool:
    """Whether a value is a list to keep in mind, as media files and parts of a picture are not."""
    return isinstance(value, tuple) and not all(
        item.shapes or item.text.rpartition(".")[2] in _OF_MEDIA for item in value
    )


FACT_RULES = (no_locator, long_list, short_list)
