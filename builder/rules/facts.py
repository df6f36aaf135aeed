"""Rules about a fact."""

from __future__ import annotations

from builder.model import Fact, Item
from builder.rules import Found
from builder.sources.tables import ENDINGS

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
        if isinstance(value, tuple) and len(value) > _LONG_LIST and not _names_files(value):
            yield fact.places[key], f"the list has {len(value)} items; keep it to {_LONG_LIST}"


def short_list(fact: Fact) -> Found:
    """A list has more than one item."""
    for key, value in fact.values.items():
        if isinstance(value, tuple) and len(value) == 1 and not _names_files(value):
            yield fact.places[key], "a list of one item; ask for it as a question"


def _names_files(items: tuple[Item, ...]) -> bool:
    """Whether a list is one of media files, which nobody has to keep in mind."""
    endings = {ending for some in ENDINGS.values() for ending in some}
    return all(item.text.rpartition(".")[2] in endings for item in items)


FACT_RULES = (no_locator, long_list, short_list)
