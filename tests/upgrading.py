"""Any curator, any learner, and what must hold between them after every import.

A state machine that edits a small deck in every way a curator may, builds editions of it, and
imports them into the real Anki of a learner who studies and makes changes of her own.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from anki.collection import Collection
from anki.scheduler.v3 import CardAnswer, Scheduler
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.engine import double_click
from tests.public import build, continue_ledger, load_project
from tests.sources import MINI, write_sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from anki.cards import CardId
    from anki.dbproxy import DBProxy
    from anki.notes import Note

CHOICE = st.integers(0, 10_000)
# Which step, and two numbers to choose with.
STEPS = st.lists(st.tuples(st.integers(0, 39), CHOICE, CHOICE), min_size=1, max_size=4)
DECK = "Mini"


@dataclass
class ListItem:
    """An item of a list; `uid` is what it is, however it is worded."""

    uid: int
    text: str
    built: str = ""  # its text in the newest edition
    formerly: str = ""
    new: bool = True


@dataclass
class FactState:
    """A fact as the curator has it; `uid` is what it is, whatever its id."""

    uid: int
    name: str
    words: dict[str, str]
    items: list[ListItem]
    topic: str = "basics"
    level: str = "core"
    tags: tuple[str, ...] = ()
    file: str = "a"
    formerly: list[str] = field(default_factory=list)
    picture: bool = False


@dataclass
class NoteState:
    """A note as an edition has it; `who` is fact uid and prompt, `asked` gap number → item uid."""

    who: tuple[int, str]
    mod: int
    fields: list[str]
    tags: list[str]
    asked: dict[int, int]

    @property
    def content(self) -> tuple[list[str], list[str]]:
        """What a learner may see; the key is only for reference."""
        return self.fields[:-1], self.tags


@dataclass
class EditionState:
    """What a build gave: its packages' folder, GUID → note, the notes of each, the styling."""

    folder: Path
    notes: dict[str, NoteState]
    members: dict[str, set[str]]
    css: str
    css_mod: int


@dataclass(frozen=True)
class Asked:
    """What a review was a review of."""

    who: tuple[int, str]
    card: int
    item: int | None


class Upgrading(RuleBasedStateMachine):
    """The rules are a curator's and a learner's steps; `check_import` has the promises."""

    imported = 0  # editions, over all runs

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="upgrading-"))
        self.col = Collection(str(self.root / "learner.anki2"))
        self.clock = 1_600_000_000
        self.count = 0
        self.facts: list[FactState] = []
        self.removed: list[FactState] = []
        self.wording = self.style = self.picture = 0
        self.extra_prompt = False
        self.item_uids: dict[str, int] = {}
        self.editions: list[EditionState] = []
        self.identities: dict[str, tuple[int, str]] = {}
        self.numbers: dict[tuple[tuple[int, str], int], int] = {}
        self.newest = 0  # the newest edition that the learner has imported
        self.has: dict[str, int] = {}  # GUID → the edition that she has it from
        self.touched: dict[str, int] = {}  # GUID → when she last edited it
        self.styled_by: dict[str, int] = {}  # note type → the edition that she has it from
        self.styled = 0  # when she last changed the styling
        self.reviews: dict[int, Asked] = {}  # revlog id → what was asked

    def teardown(self) -> None:
        self.col.close()
        shutil.rmtree(self.root)

    # --- helpers -----------------------------------------------------------------------------

    def word(self) -> str:
        """A word never used before."""
        self.count += 1
        return f"w{self.count}x"

    def tick(self) -> int:
        self.clock += 10
        return self.clock

    def item(self) -> ListItem:
        self.count += 1
        item = ListItem(self.count, self.word())
        self.item_uids[item.text] = item.uid
        return item

    def fact(self, choice: int) -> FactState:
        return self.facts[choice % len(self.facts)]

    # --- the curator -------------------------------------------------------------------------

    @initialize(imports=st.booleans())
    def begin(self, *, imports: bool) -> None:
        self.add(0, 0)
        self.add(1, 0)
        self.publish()
        if imports:
            self.upgrade(0, "mini.apkg")

    @rule(steps=STEPS)
    def curate(self, steps: list[tuple[int, int, int]]) -> None:
        """Some steps of the curator's, then a build."""
        for step, a, b in steps:
            CURATOR[step % len(CURATOR)](self, a, b)
        self.publish()

    def add(self, a: int, _b: int) -> None:
        self.count += 1
        fact = FactState(self.count, f"f-{self.count}", {}, [])
        if a % 2:
            fact.words["list"] = self.word()
            fact.items = [self.item() for _ in range(3)]
        else:
            fact.words |= {"term": self.word(), "meaning": self.word()}
        self.facts.append(fact)

    def remove(self, a: int, _b: int) -> None:
        if len(self.facts) > 1:
            self.removed.append(self.facts.pop(a % len(self.facts)))

    def bring_back(self, a: int, _b: int) -> None:
        if self.removed:
            self.facts.append(self.removed.pop(a % len(self.removed)))

    def reword(self, a: int, b: int) -> None:
        fact = self.fact(a)
        names = sorted(fact.words)
        fact.words[names[b % len(names)]] = self.word()

    def gain_or_lose_a_reverse(self, a: int, _b: int) -> None:
        fact = self.fact(a)
        if not fact.items and fact.words.pop("clue", None) is None:
            fact.words["clue"] = self.word()

    def retag(self, a: int, b: int) -> None:
        fact = self.fact(a)
        fact.level = "core" if b % 2 else "detail"
        fact.tags = ("partner::india",) if b % 3 else ()

    def move_to_a_topic(self, a: int, b: int) -> None:
        self.fact(a).topic = ("basics", "forums", "forums::arf")[b % 3]

    def move_to_a_file(self, a: int, b: int) -> None:
        self.fact(a).file = "abc"[b % 3]

    def reorder(self, a: int, _b: int) -> None:
        Random(a).shuffle(self.facts)  # noqa: S311

    def rename(self, a: int, _b: int) -> None:
        fact = self.fact(a)
        self.count += 1
        fact.formerly.insert(0, fact.name)
        fact.name = f"f-{self.count}"

    def add_an_item(self, a: int, b: int) -> None:
        fact = self.fact(a)
        if fact.items:
            fact.items.insert(b % (len(fact.items) + 1), self.item())

    def remove_an_item(self, a: int, b: int) -> None:
        fact = self.fact(a)
        if len(fact.items) > 1:
            fact.items.pop(b % len(fact.items))

    def reword_an_item(self, a: int, b: int) -> None:
        fact = self.fact(a)
        if fact.items:
            item = fact.items[b % len(fact.items)]
            item.formerly = item.built
            item.text = self.word()
            self.item_uids[item.text] = item.uid

    def reorder_items(self, a: int, b: int) -> None:
        Random(b).shuffle(self.fact(a).items)  # noqa: S311

    def show_or_hide_the_picture(self, a: int, _b: int) -> None:
        fact = self.fact(a)
        fact.picture = not fact.picture

    def change_the_picture(self, _a: int, _b: int) -> None:
        self.picture += 1

    def change_the_style(self, _a: int, _b: int) -> None:
        self.style += 1

    def change_the_wording_of_a_template(self, _a: int, _b: int) -> None:
        self.wording += 1

    def add_or_drop_a_prompt(self, _a: int, _b: int) -> None:
        self.extra_prompt = not self.extra_prompt

    def tidy(self, _a: int, _b: int) -> None:
        """Drops the words `formerly` and `new`, which the ledger has taken in."""
        if self.facts_are_built():
            for fact in self.facts:
                fact.formerly = []
                for item in fact.items:
                    item.formerly, item.new = "", False

    def facts_are_built(self) -> bool:
        names = {note.fields[-1].partition("/")[0] for note in self.editions[-1].notes.values()}
        return all(
            fact.name in names and all(item.built == item.text for item in fact.items)
            for fact in self.facts
        )

    def publish(self) -> None:
        """Builds an edition and keeps its packages."""
        if all(fact.level != "core" for fact in self.facts):
            self.facts[0].level = "core"  # the smaller package needs a note
        src = write_sources(self.root, self.sources(), **self.fact_files())
        project, problems = load_project(src)
        assert project, problems
        assert not problems, "\n".join(map(str, problems))
        decks = self.root / "decks"
        built, problems = build(project, project.deck.packages.values(), decks, self.tick())
        assert built, "\n".join(map(str, problems))
        for fact in self.facts:
            for item in fact.items:
                item.built = item.text
        folder = self.root / f"edition-{len(self.editions)}"
        shutil.copytree(decks, folder)
        uids = {fact.name: fact.uid for fact in self.facts}
        notes = {}
        continued, _ = continue_ledger(project, decks, self.clock)
        assert continued, "a build leaves a ledger that the next can read"
        for note in continued.notes:
            row = built.after[note.key]
            fact_id, _, prompt = note.key.partition("/")
            asked = {
                int(number): self.item_uids[text]
                for number, text in re.findall(r"\{\{c(\d+)::(\w+)\}\}", note.fields[0])
            }
            who = (uids[fact_id], prompt)
            notes[row.guid] = NoteState(who, row.mod, list(note.fields), list(note.tags), asked)
            # One GUID, one question, and one number, one item, for ever.
            assert self.identities.setdefault(row.guid, who) == who
            for number, uid in asked.items():
                assert self.numbers.setdefault((who, uid), number) == number
        assert len(set(self.identities.values())) == len(self.identities)
        members = {
            f"{package.name}.apkg": {
                built.after[note.key].guid for note in project.notes_of(package)
            }
            for package in project.deck.packages.values()
        }
        css_mod = built.after[f"note type {DECK}"].mod
        self.editions.append(EditionState(folder, notes, members, self.css(), css_mod))

    def css(self) -> str:
        return f".card {{ color: black; }} /* {self.style} */"

    def sources(self) -> dict[str, str]:
        more = "\n  more: {front: 'More of {{ term }}?', back: '{{ meaning }}'}"
        mark = f"v{self.wording}"
        return {
            "card/style.css": self.css(),
            "kinds/term.yaml": MINI["kinds/term.yaml"]
            .replace("\n        ", "\n")
            .replace("What is", f"{mark} What is")
            .rstrip()
            + (more if self.extra_prompt else ""),
            "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0}\n",
            "media/m.svg": f"<svg><!-- {self.picture} --></svg>",
        }

    def fact_files(self) -> dict[str, str]:
        files: dict[str, str] = {}
        for fact in self.facts:
            lines = [
                f"id: {fact.name}",
                f"kind: {'list' if fact.items else 'term'}",
                f"topic: {fact.topic}",
                f"level: {fact.level}",
                "source: {doc: handbook, at: p. 1}",
                *(f"{name}: {text}" for name, text in fact.words.items()),
            ]
            if fact.tags:
                lines.append(f"tags: [{', '.join(fact.tags)}]")
            if fact.formerly:
                lines.append(f"formerly: [{', '.join(fact.formerly)}]")
            if fact.picture:
                lines.append("picture: m.svg")
            if fact.items:
                lines.append("items:")
                lines.extend(f"  - {self.item_source(item)}" for item in fact.items)
            entry = "\n    ".join(lines)
            files[fact.file] = files.get(fact.file, "facts:\n") + f"  - {entry}\n"
        return files

    def item_source(self, item: ListItem) -> str:
        if item.formerly:
            return f"{{item: {item.text}, formerly: {item.formerly}}}"
        return f"{{item: {item.text}, new: true}}" if item.new else item.text

    # --- the learner -------------------------------------------------------------------------

    @rule(choice=CHOICE, package=st.sampled_from(["mini.apkg", "mini.apkg", "mini-core.apkg"]))
    def import_an_edition(self, choice: int, package: str) -> None:
        self.upgrade(choice, package)

    def upgrade(self, choice: int, package: str) -> None:
        """Imports some edition, not older than the last one."""
        number = self.newest + choice % (len(self.editions) - self.newest)
        edition = self.editions[number]
        if not (edition.folder / package).exists() or not edition.members[package]:
            return
        self.check_import(number, edition, package)
        self.newest = number
        Upgrading.imported += 1

    @property
    def database(self) -> DBProxy:
        assert self.col.db
        return self.col.db

    def select(self, sql: str, *values: str | int) -> list[Any]:
        """The first column of what a query gives."""
        return self.database.list(sql, *values)

    def some_guid(self, choice: int) -> str:
        guids = self.select("select guid from notes order by guid")
        return str(guids[choice % len(guids)])

    def some_card(self, choice: int) -> CardId:
        ids: list[CardId] = self.select("select id from cards order by id")
        return ids[choice % len(ids)]

    def touch(self, guid: str) -> None:
        """Her change is of now, by the clock of this world."""
        self.touched[guid] = self.tick()
        self.database.execute("update notes set mod = ? where guid = ?", self.clock, guid)

    @rule(steps=STEPS)
    def use(self, steps: list[tuple[int, int, int]]) -> None:
        """Some steps of the learner's, once she has a deck."""
        if self.has:
            for step, a, b in steps:
                LEARNER[step % len(LEARNER)](self, a, b)

    def edit_a_field(self, a: int, b: int) -> None:
        guid = self.some_guid(a)
        note = self.note(guid)
        # Not the text with the gaps: by its gaps we know what is asked.
        first = 1 if len(note.fields) == 5 else 0
        note.fields[first + b % (len(note.fields) - 1 - first)] = f"mine {self.word()}"
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

    def flag(self, a: int, b: int) -> None:
        self.col.set_user_flag_for_cards(1 + b % 4, [self.some_card(a)])

    def suspend(self, a: int, _b: int) -> None:
        self.col.sched.suspend_cards([self.some_card(a)])

    def bury(self, a: int, _b: int) -> None:
        self.col.sched.bury_cards([self.some_card(a)])

    def change_the_styling(self, _a: int, _b: int) -> None:
        for name in (DECK, f"{DECK} Cloze"):
            note_type = self.col.models.by_name(name)
            if note_type:
                note_type["css"] = f"/* mine {self.word()} */"
                self.col.models.update_dict(note_type)
        self.styled = self.tick()
        self.database.execute("update notetypes set mtime_secs = ?", self.clock)

    # --- what must hold ----------------------------------------------------------------------

    def note(self, guid: str) -> Note:
        (note_id,) = self.select("select id from notes where guid = ?", guid)
        return self.col.get_note(note_id)

    def asked_by(self, card_id: CardId) -> Asked:
        """What a card asks, by the learner's own collection."""
        card = self.col.get_card(card_id)
        note = card.note()
        gaps = dict(re.findall(r"\{\{c(\d+)::(\w+)\}\}", note.fields[0]))
        text = gaps.get(str(card.ord + 1))
        item = self.item_uids[text] if text else None
        return Asked(self.identities[note.guid], card.ord, item)

    def cards(self) -> dict[int, tuple[object, ...]]:
        rows = self.database.all(
            "select id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, flags"
            " from cards"
        )
        return {row[0]: tuple(row[1:]) for row in rows}

    def styling(self) -> dict[str, str]:
        """The CSS of each of the deck's note types that the learner has."""
        found = {name: self.col.models.by_name(name) for name in (DECK, f"{DECK} Cloze")}
        return {name: str(type_["css"]) for name, type_ in found.items() if type_}

    def changed_since(self, guid: str, since: int, until: int) -> bool:
        """Whether a note's content changed in an edition after `since`, up to `until`."""
        contents = [
            edition.notes[guid].content
            for edition in self.editions[since : until + 1]
            if guid in edition.notes
        ]
        return any(a != b for a, b in pairwise(contents))

    def check_import(self, number: int, edition: EditionState, package: str) -> None:
        cards = self.cards()
        notes = {
            guid: (list(self.note(guid).fields), sorted(self.note(guid).tags)) for guid in self.has
        }
        styling = self.styling()
        members = edition.members[package]

        log = double_click(self.col, edition.folder / package)

        assert log.conflicting == 0
        assert log.new == len(members - self.has.keys())
        guids = self.select("select guid from notes")
        assert sorted(guids) == sorted(self.has.keys() | members), "a note twice or lost"

        now = self.cards()
        assert {card: now.get(card) for card in cards} == cards, "progress was touched"
        for entry, asked in self.reviews.items():
            (card,) = self.select("select cid from revlog where id = ?", entry)
            asks = self.asked_by(card)
            assert (asks.who, asks.card) == (asked.who, asked.card)
            # A gap may be gone; and a review of a card whose gap was gone asked for nothing.
            if asks.item and asked.item:
                assert asks.item == asked.item, "a review of one item belongs to another"

        for guid, (fields, tags) in notes.items():
            note = self.note(guid)
            found = (list(note.fields), sorted(note.tags))
            arriving = edition.notes.get(guid) if guid in members else None
            if (
                arriving is None
                or not self.changed_since(guid, self.has[guid], number)
                or self.touched.get(guid, 0) > arriving.mod
            ):
                assert found == (fields, tags), "an unchanged note was overwritten"
            else:
                assert found == (arriving.fields, sorted(arriving.tags)), "a change did not arrive"
        for guid in members - notes.keys():
            note = self.note(guid)
            arriving = edition.notes[guid]
            assert list(note.fields) == arriving.fields
            assert sorted(note.tags) == sorted(arriving.tags)

        # Anki imports the note types that a note of the package has.
        used = {len(edition.notes[guid].fields) for guid in members}
        for name, css in self.styling().items():
            note_type = self.col.models.by_name(name)
            assert note_type
            since = self.styled_by.get(name)
            if len(note_type["flds"]) not in used:
                assert css == styling[name]
            elif since is None or (
                len({e.css for e in self.editions[since : number + 1]}) > 1
                and edition.css_mod > self.styled
            ):
                assert css == edition.css
                self.styled_by[name] = number
            else:
                assert css == styling[name], "her styling was overwritten"

        again = double_click(self.col, edition.folder / package)
        assert (again.new, again.updated, again.conflicting) == (0, 0, 0)
        for guid in members:
            self.has[guid] = number


CURATOR: list[Callable[[Upgrading, int, int], None]] = [
    Upgrading.add,
    Upgrading.remove,
    Upgrading.bring_back,
    Upgrading.reword,
    Upgrading.gain_or_lose_a_reverse,
    Upgrading.retag,
    Upgrading.move_to_a_topic,
    Upgrading.move_to_a_file,
    Upgrading.reorder,
    Upgrading.rename,
    Upgrading.add_an_item,
    Upgrading.remove_an_item,
    Upgrading.reword_an_item,
    Upgrading.reorder_items,
    Upgrading.show_or_hide_the_picture,
    Upgrading.change_the_picture,
    Upgrading.change_the_style,
    Upgrading.change_the_wording_of_a_template,
    Upgrading.add_or_drop_a_prompt,
    Upgrading.tidy,
]
LEARNER: list[Callable[[Upgrading, int, int], None]] = [
    Upgrading.edit_a_field,
    Upgrading.add_a_tag,
    Upgrading.review,
    Upgrading.review,
    Upgrading.review,
    Upgrading.flag,
    Upgrading.suspend,
    Upgrading.bury,
    Upgrading.change_the_styling,
]
