"""The learner: a real collection of Anki's, what she does with it, and what her reviews asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anki.collection import Collection
from anki.scheduler.v3 import CardAnswer, Scheduler

from tests.upgrading_model import DECK, NOTE_TYPES, Asked, World, composed

if TYPE_CHECKING:
    from anki.cards import CardId
    from anki.dbproxy import DBProxy
    from anki.models import NotetypeDict
    from anki.notes import Note


class Learner:
    """A collection, and what must be remembered of it.

    `has` is GUID → the edition that she has a note from, `mods` GUID or note type → when it was
    last changed, by her or by an edition; `touched` are those that she changed herself.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.col = Collection(str(world.root / "learner.anki2"))
        self.has: dict[str, int] = {}
        self.styled_by: dict[str, int] = {}  # note type → the edition that she has it from
        self.reviews: dict[int, Asked] = {}  # revlog id → what was asked

    @property
    def database(self) -> DBProxy:
        assert self.col.db
        return self.col.db

    def select(self, sql: str, *values: str | int) -> list[Any]:
        """The first column of what a query gives."""
        return self.database.list(sql, *values)

    def note(self, guid: str) -> Note:
        (note_id,) = self.select("select id from notes where guid = ?", guid)
        return self.col.get_note(note_id)

    def some_guid(self, choice: int) -> str:
        guids = sorted(self.has)
        return guids[choice % len(guids)]

    def some_card(self, choice: int) -> CardId:
        ids: list[CardId] = self.select("select id from cards order by id")
        return ids[choice % len(ids)]

    def note_types(self) -> dict[str, NotetypeDict]:
        """The deck's note types that she has, by name."""
        found = {name: self.col.models.by_name(name) for name in NOTE_TYPES}
        return {name: type_ for name, type_ in found.items() if type_}

    def touch(self, guid: str) -> None:
        """Her change is of now, by the clock of this world."""
        self.database.execute("update notes set mod = ? where guid = ?", self.world.tick(), guid)

    def update(self, note_type: NotetypeDict) -> None:
        self.col.models.update_dict(note_type)
        self.database.execute(
            "update notetypes set mtime_secs = ? where id = ?", self.world.tick(), note_type["id"]
        )
        self.col.models._clear_cache()  # noqa: SLF001

    # --- her steps ---------------------------------------------------------------------------

    def edit_a_field(self, a: int, b: int) -> None:
        """Also the text with the cloze deletions, which stay what they are."""
        guid = self.some_guid(a)
        note = self.note(guid)
        field = b % (len(note.fields) - 1)
        asked = self.world.asked.get((guid, composed(note.fields[0])))
        note.fields[field] = f"{note.fields[field] if not field else ''} mine {self.world.word()}"
        if asked is not None:
            self.world.asked[guid, composed(note.fields[0])] = asked
        self.col.update_note(note)
        self.touch(guid)

    def add_a_tag(self, a: int, _b: int) -> None:
        guid = self.some_guid(a)
        self.col.tags.bulk_add([self.note(guid).id], "marked")
        self.touch(guid)

    def review(self, a: int, b: int) -> None:
        card_id = self.some_card(a)
        before = set(self.select("select id from revlog"))
        card = self.col.get_card(card_id)
        if b % 2 or card.queue < 0:
            self.col.sched.set_due_date([card_id], f"{b % 9}!")
        else:
            scheduler = self.col.sched
            assert isinstance(scheduler, Scheduler)
            states = self.col._backend.get_scheduling_states(card_id)  # noqa: SLF001
            card.start_timer()
            rating = (CardAnswer.AGAIN, CardAnswer.HARD, CardAnswer.GOOD, CardAnswer.EASY)[a % 4]
            scheduler.answer_card(scheduler.build_answer(card=card, states=states, rating=rating))
        (entry,) = set(self.select("select id from revlog")) - before
        self.reviews[entry] = self.asked_by(card_id)

    def study(self) -> None:
        """Reviews every card that has no review yet."""
        reviewed = {card for _, card in self.reviewed()}
        for place, card in enumerate(self.select("select id from cards order by id")):
            if card not in reviewed:
                self.review(place, 1)

    def flag(self, a: int, b: int) -> None:
        self.col.set_user_flag_for_cards(1 + b % 4, [self.some_card(a)])

    def suspend(self, a: int, _b: int) -> None:
        self.col.sched.suspend_cards([self.some_card(a)])

    def bury(self, a: int, _b: int) -> None:
        self.col.sched.bury_cards([self.some_card(a)])

    def run_empty_cards(self, _a: int, _b: int) -> None:
        """Tools → Empty Cards → Delete, with “Keep notes” ticked, as it is at first."""
        for report in self.col.get_empty_cards().notes:
            ids = [*report.card_ids][1:] if report.will_delete_note else [*report.card_ids]
            self.col.remove_cards_and_orphaned_notes(ids)

    def delete_a_note(self, a: int, _b: int) -> None:
        guid = self.some_guid(a)
        self.col.remove_notes([self.note(guid).id])
        del self.has[guid]

    def delete_the_deck(self, _a: int, _b: int) -> None:
        deck_id = self.col.decks.id_for_name(DECK)
        self.col.decks.remove([deck_id] if deck_id else [])  # she may have deleted it before
        left = self.notes()
        self.has = {guid: number for guid, number in self.has.items() if guid in left}

    def move_a_card(self, a: int, _b: int) -> None:
        """To a deck of her own."""
        deck_id = self.col.decks.id("Mine")
        assert deck_id
        self.col.set_deck([self.some_card(a)], deck_id)

    def some_note_type(self, choice: int) -> NotetypeDict:
        types = list(self.note_types().values())
        return types[choice % len(types)]

    def change_the_styling(self, a: int, _b: int) -> None:
        note_type = self.some_note_type(a)
        note_type["css"] = f"/* mine {self.world.word()} */"
        self.update(note_type)

    def edit_a_template(self, a: int, b: int) -> None:
        note_type = self.some_note_type(a)
        template = note_type["tmpls"][b % len(note_type["tmpls"])]
        template["afmt"] += f"<p>mine {self.world.word()}</p>"
        self.update(note_type)

    def rename_a_field(self, a: int, b: int) -> None:
        note_type = self.some_note_type(a)
        field = note_type["flds"][b % len(note_type["flds"])]
        self.col.models.rename_field(note_type, field, f"Mine {self.world.number()}")
        self.update(note_type)

    def rename_a_template(self, a: int, b: int) -> None:
        note_type = self.some_note_type(a)
        template = note_type["tmpls"][b % len(note_type["tmpls"])]
        template["name"] = f"Mine {self.world.number()}"
        self.update(note_type)

    # --- what she has ------------------------------------------------------------------------

    def asked_by(self, card_id: CardId) -> Asked:
        """What a card asks, by her own collection."""
        card = self.col.get_card(card_id)
        note = card.note()
        asked = self.world.asked[note.guid, composed(note.fields[0])]
        return Asked(self.world.identities[note.guid], card.ord, asked.get(card.ord + 1))

    def asks_as_before(self) -> None:
        """Whatever card has a review asks what the review was a review of."""
        for entry, asked in self.reviews.items():
            cards = self.select(
                "select c.id from cards c, revlog r on r.cid = c.id and r.id = ?", entry
            )
            for card in cards:
                asks = self.asked_by(card)
                assert (asks.who, asks.card) == (asked.who, asked.card)
                # A card whose cloze deletion is gone asks for nothing.
                if asks.item and asked.item:
                    assert asks.item == asked.item, "a review of one item belongs to another"

    def cards(self) -> dict[int, tuple[object, ...]]:
        rows = self.database.all(
            "select id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, flags"
            " from cards"
        )
        return {row[0]: tuple(row[1:]) for row in rows}

    def reviewed(self) -> list[tuple[int, int]]:
        """Her log: when, and of which card."""
        return [tuple(row) for row in self.database.all("select id, cid from revlog order by id")]

    def notes(self) -> dict[str, tuple[int, list[str], list[str]]]:
        """GUID → time of change, fields and tags of every note."""
        rows = self.database.all("select guid, mod, flds, tags from notes")
        return {
            guid: (mod, fields.split("\x1f"), sorted(tags.split()))
            for guid, mod, fields, tags in rows
        }

    def designs(self) -> dict[str, tuple[int, str, str]]:
        """The note types by name: time of change, CSS, and the whole design."""
        return {
            name: (
                self.database.scalar("select mtime_secs from notetypes where id = ?", type_["id"]),
                type_["css"],
                repr(
                    [
                        (part["name"], part.get("qfmt"), part.get("afmt"))
                        for part in (*type_["flds"], *type_["tmpls"])
                    ]
                ),
            )
            for name, type_ in self.note_types().items()
        }
