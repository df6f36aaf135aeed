"""What a file of facts says ↔ bytes, for the cache and for other processes.

Packed are columns: the name of a field → its values in all facts, or in all notes. There are no
named tuples where there are many, which would take ten times as long.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from itertools import repeat
from operator import attrgetter
from typing import Any

from builder.model import Citation, Deletion, Fact, FactFile, Note, Text
from builder.problems import Place

# What only checks and reports need of a fact → what a build has in its place.
NOT_BUILT: dict[str, Any] = {"citations": (), "as_of": "", "picture": ()}
NOT_BUILT |= {name: {} for name in ("values", "note", "caution", "source_note", "places")}
NOT_BUILT |= {name: {} for name in ("waive", "waive_in_file")}


_Columns = dict[str, Any]


def pack(file: FactFile) -> tuple[bytes, bytes]:
    """What a build needs of a file, and what only checks and reports need."""
    return pickle.dumps(_built(file)), pickle.dumps(_rest(file.facts))


def unpack(*packed: bytes) -> FactFile:
    """What was packed; without the second part, facts have only what a build needs."""
    built, *more = map(pickle.loads, packed)
    facts = _facts_of(built["facts"], *more)
    columns = built["notes"]
    columns["fact"] = [facts[number] for number in columns["fact"]]
    columns["deletions"] = [
        tuple(Deletion._make((*said, place and Place._make(place))) for *said, place in some)
        for some in columns["deletions"]
    ]
    notes = tuple(map(Note._make, zip(*map(columns.get, Note._fields), strict=True)))
    ids = tuple(_text(*name) for name in built["ids"])
    return FactFile(**built | {"ids": ids, "facts": facts, "notes": notes})


def _columns(things: Iterable[Any], names: Iterable[str]) -> _Columns:
    return {name: [*map(attrgetter(name), things)] for name in names}


def _built(file: FactFile) -> dict[str, Any]:
    facts = _columns(file.facts, (name for name in Fact._fields if name not in NOT_BUILT))
    facts["deck"] = [deck and _flat(deck) for deck in facts["deck"]]
    facts["place"] = [*map(tuple, facts["place"])]
    notes = _columns(file.notes, Note._fields)
    numbers = {id(fact): number for number, fact in enumerate(file.facts)}
    notes["fact"] = [numbers[id(fact)] for fact in notes["fact"]]
    notes["deletions"] = [[_plain(one) for one in some] for some in notes["deletions"]]
    return {**file._asdict(), "ids": [*map(_flat, file.ids)], "facts": facts, "notes": notes}


def _plain(one: Deletion) -> tuple[Any, ...]:
    return one.field, one.name, one.former_name, one.new, one.place and tuple(one.place)


def _rest(facts: Iterable[Fact]) -> _Columns:
    rest = _columns(facts, NOT_BUILT)
    rest["citations"] = [
        [(one.source, one.at, tuple(one.place)) for one in some] for some in rest["citations"]
    ]
    rest["places"] = [{key: tuple(place) for key, place in some.items()} for some in rest["places"]]
    return rest


def _facts_of(columns: _Columns, rest: _Columns | None = None) -> tuple[Fact, ...]:
    columns["deck"] = [deck and _text(*deck) for deck in columns["deck"]]
    columns["place"] = [*map(Place._make, columns["place"])]
    columns |= {name: repeat(nothing) for name, nothing in NOT_BUILT.items()}
    if rest:
        columns |= rest
        columns["citations"] = [
            tuple(Citation(source, at, Place._make(place)) for source, at, place in some)
            for some in rest["citations"]
        ]
        columns["places"] = [
            {key: Place._make(place) for key, place in some.items()} for some in rest["places"]
        ]
    return tuple(map(Fact._make, zip(*map(columns.get, Fact._fields), strict=False)))


def _flat(text: Text) -> tuple[tuple[Any, ...], str]:
    return tuple(text.place), str(text)


def _text(place: tuple[Any, ...], said: str) -> Text:
    return Text.at(Place._make(place), said)
