"""Anki's real engine, as a learner uses it: a collection, imports with default options, cards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anki.collection import Collection
from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.scheduler.v3 import Scheduler
from anki.sound import AVTag, SoundOrVideoTag

if TYPE_CHECKING:
    from anki.cards import Card


@dataclass(frozen=True)
class Imported:
    """What Anki says of an import: numbers of notes."""

    new: int
    updated: int
    unchanged: int
    conflicting: int


@contextmanager
def collection(path: Path) -> Iterator[Collection]:
    """A learner's collection, new if there is none at `path`."""
    opened = Collection(str(path))
    try:
        yield opened
    finally:
        opened.close()


def double_click(col: Collection, package: Path, *, merge_note_types: bool = False) -> Imported:
    """Imports a package as a double click does, perhaps with *Merge note types* ticked."""
    options = ImportAnkiPackageOptions(merge_notetypes=merge_note_types)
    request = ImportAnkiPackageRequest(package_path=str(package.resolve()), options=options)
    log = col.import_anki_package(request).log
    # Python's copies of the note types are old now; Anki's window drops them after an import.
    col.models._clear_cache()  # noqa: SLF001
    assert not log.missing_notetype
    assert not log.missing_deck
    assert not log.empty_first_field
    return Imported(len(log.new), len(log.updated), len(log.duplicate), len(log.conflicting))


def cards_of(col: Collection, search: str = "") -> list[Card]:
    """The cards that a search finds in Anki's browser."""
    return [col.get_card(card_id) for card_id in col.find_cards(search)]


def question_of(card: Card) -> str:
    """The text of a card's front, as Anki renders it."""
    return text_of(card.render_output().question_text)


def answer_of(card: Card) -> str:
    """The text of a card's back, as Anki renders it."""
    return text_of(card.render_output().answer_text)


def played_by(tags: Iterable[AVTag]) -> list[str]:
    """The names of the files that Anki plays when it shows a side with these tags."""
    return [tag.filename for tag in tags if isinstance(tag, SoundOrVideoTag)]


def text_of(html: str) -> str:
    """What is left of HTML without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def new_cards_in_order(col: Collection, deck: str) -> list[str]:
    """The keys of the notes whose new cards Anki introduces, as gathered, siblings not buried."""
    deck_id = col.decks.id_for_name(deck)
    assert deck_id is not None
    col.decks.set_current(deck_id)
    config = col.decks.config_dict_for_deck_id(deck_id)
    config["new"]["perDay"] = config["rev"]["perDay"] = 9999
    config["new"]["bury"] = False
    config["newSortOrder"] = 1  # as gathered; by default the first cards of all notes come first
    col.decks.update_config(config)
    assert isinstance(col.sched, Scheduler)
    queued = col.sched.get_queued_cards(fetch_limit=9999)
    return [col.get_card(entry.card.id).note()["Key"] for entry in queued.cards]
