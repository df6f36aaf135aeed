"""The curator: every edit of the sources, builds, refusals that are mended, branches that merge."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from random import Random

from tests.command import cards
from tests.public import Cache, Problem, build, load_project
from tests.sources import write_sources
from tests.upgrading_model import (
    DECK,
    FAMILIES,
    LISTS,
    EditionState,
    FactState,
    ListItem,
    NoteState,
    Numbers,
    Sources,
    World,
    composed,
    is_plain,
    same,
    variant,
)

LEDGER = "ledger.jsonl"
FORMS = ("term", "list", "list", "gap", "cloze", "own", "map")


class Curator:
    """Somebody with the sources and `decks/`; a fork is another with a branch of both.

    `doubts` are ways to mend what the steps since the last build may have been refused for: a build
    may refuse only if there is one, and must succeed once the sources are mended.
    """

    refused = 0  # builds, over all runs

    def __init__(self, world: World) -> None:
        self.world = world
        self.sources = Sources()
        self.decks = world.root / "decks"
        self.history: frozenset[int] = frozenset()
        self.doubts: list[Callable[[], None]] = []
        self.mark = ""  # on a branch, at the end of each new item, which the other has not
        self.merges: tuple[Sources, Sources] | None = None  # the branches, until the next build

    # --- what the steps need -----------------------------------------------------------------

    @property
    def facts(self) -> list[FactState]:
        return self.sources.facts

    def fact(self, choice: int) -> FactState:
        return self.facts[choice % len(self.facts)]

    def fact_of(self, choice: int, form: str) -> FactState | None:
        """A fact of that form, if there is one."""
        forms = LISTS if form == "list" else (form,)
        facts = [fact for fact in self.facts if fact.form in forms]
        return facts[choice % len(facts)] if facts else None

    def doubt(self, mend: Callable[[], None]) -> None:
        if mend not in self.doubts:
            self.doubts.append(mend)

    def new_id(self) -> str:
        return f"f-{self.world.number()}"

    def is_free(self, name: str) -> bool:
        """Whether no fact has that id, or had it and still says so."""
        return all(name != fact.name and name not in fact.formerly for fact in self.facts)

    def new_text(self, fact: FactState, choice: int, known: list[ListItem], near: str = "") -> str:
        """A text for an item, unlike those of `known`, but perhaps much like `near`."""
        families = [family for family in FAMILIES if near in family] or FAMILIES
        family = families[(fact.uid + choice // 8) % len(families)]
        text = family[choice % len(family)] + self.mark
        if any(same(text, old) for one in known for old in (one.text, one.built, one.formerly)):
            text += f" w{self.world.number()}x"
        return text

    def new_item(self, fact: FactState, choice: int, near: str = "") -> ListItem:
        """An item that the fact has not; it may have had it before."""
        if fact.form == "cloze":
            number = 1 + max((item.number for item in (*fact.items, *fact.gone)), default=0)
            return ListItem(self.world.number(), self.world.word(), number=number)
        text = self.new_text(fact, choice, fact.items, near)
        for item in fact.gone:
            if same(item.text, text):
                fact.gone.remove(item)
                item.new, item.formerly = True, ""
                return item
        return ListItem(self.world.number(), text)

    def take_out(self, fact: FactState, items: list[ListItem]) -> None:
        """The items are gone, and known by what they were in the last build."""
        fact.items = [item for item in fact.items if item not in items]
        for item in items:
            if item.built and not any(same(item.built, known.text) for known in fact.items):
                item.text = item.built
                fact.gone.append(item)
            if item.built_new:
                self.doubt(self.leave_new_items_out)

    # --- steps that are always right ---------------------------------------------------------

    def add(self, a: int, b: int) -> None:
        """A new fact."""
        fact = FactState(self.world.number(), "", self.new_id(), {}, [])
        self.facts.append(fact)
        self.fill(fact, a, b)

    def fill(self, fact: FactState, a: int, b: int) -> None:
        """Content that the fact never had, of one of the forms."""
        names = {"term": ("term", "meaning"), "list": ("list",), "gap": ("word", "rest")}
        names["own"] = ("term",)
        # The notes of another form are still known by the names that fields and prompts had.
        if not fact.form or self.sources.names == Sources().names:
            fact.form = FORMS[a % len(FORMS)]
        fact.words = {name: self.world.word() for name in names.get(fact.form, ())}
        self.take_out(fact, list(fact.items))
        if fact.form in (*LISTS, "cloze"):
            for number in range(3):
                fact.items.append(self.new_item(fact, b + 8 * number))

    def remove(self, a: int, _b: int) -> None:
        if len(self.facts) > 1 and not self.doubts:  # a mistake would come back with the fact
            fact = self.facts.pop(a % len(self.facts))
            fact.removed_with = self.sources.built_names
            if fact.built:
                fact.name, fact.formerly = fact.built, []
                self.sources.removed.append(fact)

    def removed_fact(self, choice: int) -> FactState | None:
        """A removed fact, whose id is free and whose kind has not changed since."""
        facts = [
            fact
            for fact in self.sources.removed
            if self.is_free(fact.name) and fact.removed_with == self.sources.names
        ]
        return facts[choice % len(facts)] if facts else None

    def bring_back(self, a: int, b: int) -> None:
        """A removed fact; its words may have changed meanwhile, or its kind's."""
        if fact := self.removed_fact(a):
            self.sources.removed.remove(fact)
            self.facts.append(fact)
            fact.returns = True
            if b % 2:
                fact.formerly = [fact.name]
            else:
                self.doubt(self.declare_returns)

    def reuse_a_removed_id(self, a: int, b: int) -> None:
        """Another content under the id of a removed fact: that is the same fact, reworded."""
        self.bring_back(a, b)
        if self.facts[-1].returns:
            self.fill(self.facts[-1], a, b)

    def reword(self, a: int, b: int) -> None:
        fact = self.fact(a)
        if fact.words:
            names = sorted(fact.words)
            fact.words[names[b % len(names)]] = self.world.word()

    def gain_or_lose_a_reverse(self, a: int, _b: int) -> None:
        fact = self.fact_of(a, "term")
        if fact and fact.words.pop("clue", None) is None:
            fact.words["clue"] = self.world.word()

    def fill_or_empty_an_optional_field(self, a: int, _b: int) -> None:
        """Which hides something more in one note, and is the answer of another."""
        fact = self.fact_of(a, "gap")
        if fact and fact.words.pop("aside", None) is None:
            fact.words["aside"] = self.world.word()

    def retag(self, a: int, b: int) -> None:
        fact = self.fact(a)
        fact.level = "core" if b % 2 else "detail"
        fact.tags = ("partner::india",) if b % 3 else ()

    def move_to_a_topic(self, a: int, b: int) -> None:
        self.fact(a).topic = ("basics", "forums", "forums::arf")[b % 3]

    def move_to_a_file(self, a: int, b: int) -> None:
        """One of the files is a table."""
        self.fact(a).file = "abct"[b % 4]

    def move_to_a_deck(self, a: int, b: int) -> None:
        self.fact(a).deck = ("", "Unit 1", "Unit 1::Verbs", "Übung")[b % 4]

    def reorder(self, a: int, _b: int) -> None:
        Random(a).shuffle(self.facts)  # noqa: S311

    def rename(self, a: int, _b: int) -> None:
        fact = self.fact(a)
        fact.formerly.insert(0, fact.name)
        fact.name = self.new_id()

    def add_an_item(self, a: int, b: int) -> None:
        fact = self.fact(a)
        if fact.items:
            fact.items.insert(b % (len(fact.items) + 1), self.new_item(fact, b))

    def change_what_is_around_an_item(self, a: int, b: int) -> None:
        """Its hint and its context: what is hidden stays."""
        if fact := self.fact_of(a, "list"):
            item = fact.items[b % len(fact.items)]
            item.hint = (self.world.word(), "")[a % 2]
            item.context = ("", "so {item}!", r"`{item}`", "{item} *and {item}*")[b % 4]

    def remove_an_item(self, a: int, b: int) -> None:
        fact = self.fact(a)
        if len(fact.items) > 1:
            self.take_out(fact, [fact.items[b % len(fact.items)]])

    def replace_an_item(self, a: int, b: int) -> None:
        """One item goes, and another, which looks much like it, comes."""
        fact = self.fact_of(a, "list")
        if fact:
            item = fact.items[b % len(fact.items)]
            new = self.new_item(fact, b // 8, item.text)
            self.take_out(fact, [item])
            fact.items.append(new)

    def reword_an_item(self, a: int, b: int) -> None:
        fact = self.fact_of(a, "list")
        if fact:
            item = fact.items[b % len(fact.items)]
            item.text = self.new_text(fact, b // 8, [*fact.items, *fact.gone], item.text)
            item.formerly = item.built

    def reword_an_item_as_another_was(self, a: int, b: int) -> None:
        """An item gets the text of one that is gone, which is another item for ever."""
        fact = self.fact_of(a, "list")
        if fact and fact.gone:
            item, other = fact.items[b % len(fact.items)], fact.gone[b % len(fact.gone)]
            if item.built and not any(same(other.text, known.text) for known in fact.items):
                item.text, item.formerly = other.text, item.built
                fact.gone.remove(other)

    def respell_an_item(self, a: int, b: int) -> None:
        """Only case and ordinary punctuation change; by a sign or symbol a build may ask."""
        fact = self.fact_of(a, "list")
        if fact:
            item = fact.items[b % len(fact.items)]
            if not is_plain(item.text) or item.text != item.built:
                self.doubt(self.declare_items)
            item.text = variant(item.text, b)

    def reword_a_text_numbered_by_hand(self, a: int, b: int) -> None:
        """A build may refuse that if another is gone in the same edition."""
        fact = self.fact_of(a, "cloze")
        if fact:
            fact.items[b % len(fact.items)].text = self.world.word()
            self.doubt(self.restore_numbers)

    def reorder_items(self, a: int, b: int) -> None:
        Random(b).shuffle(self.fact(a).items)  # noqa: S311

    def show_or_hide_the_picture(self, a: int, _b: int) -> None:
        fact = self.fact(a)
        fact.picture = not fact.picture

    def change_the_picture(self, _a: int, _b: int) -> None:
        self.sources.picture += 1

    def say_or_be_silent(self, a: int, _b: int) -> None:
        """A term gains a note with its sound, or loses it."""
        if fact := self.fact_of(a, "term"):
            fact.sound = not fact.sound

    def change_the_sound(self, _a: int, _b: int) -> None:
        self.sources.sound += 1

    def change_the_ground(self, _a: int, _b: int) -> None:
        """The picture that the style of the cards shows."""
        self.sources.ground += 1

    def change_the_style(self, _a: int, _b: int) -> None:
        self.sources.style += 1

    def change_the_card_templates(self, _a: int, _b: int) -> None:
        """Those of the note type of one's own."""
        self.sources.own_wording += 1

    def fill_or_empty_a_field(self, a: int, _b: int) -> None:
        """One without which a note of one's own type has a card less."""
        fact = self.fact_of(a, "own")
        if fact and fact.words.pop("extra", None) is None:
            fact.words["extra"] = self.world.word()

    def change_the_wording_of_a_template(self, _a: int, _b: int) -> None:
        self.sources.wording += 1

    def add_or_drop_a_prompt(self, _a: int, _b: int) -> None:
        self.sources.extra_prompt = not self.sources.extra_prompt

    def rename_a_field(self, a: int, _b: int) -> None:
        """The field of a kind from which cloze deletions are made."""
        self.forget_that_a_field_is_renamed(a, 0)
        self.declare_fields()

    def tidy(self, _a: int, _b: int) -> None:
        """Drops `formerly` and `new` where they are built."""
        for fact in self.facts:
            if fact.built == fact.name:
                fact.formerly = []
            for item in fact.items:
                if item.built == item.text:
                    item.formerly, item.new = "", False
        for name in self.sources.fields.values():
            if name.built == name.now:
                name.formerly = ""

    # --- steps that a build may refuse -------------------------------------------------------

    def take_the_id_of_a_removed_fact(self, a: int, b: int) -> None:
        """A fact is renamed to an id that another had."""
        fact = self.fact(a)
        removed = self.removed_fact(b)
        if removed and removed.form == fact.form:
            fact.formerly.insert(0, fact.name)
            fact.name = removed.name
            self.doubt(self.restore_ids)

    def take_a_former_id(self, a: int, b: int) -> None:
        """A new fact takes the id that another had before it was renamed."""
        fact = self.fact(a)
        if fact.formerly and fact.formerly[-1] != fact.name:
            self.add(FORMS.index(fact.form), b)
            self.facts[-1].name = fact.formerly[-1]
            if b % 2:
                fact.formerly = []
            self.doubt(self.restore_ids)

    def forget_that_an_item_is_reworded(self, a: int, b: int) -> None:
        """The text changes; what it says of `formerly` and `new` stays."""
        fact = self.fact_of(a, "list")
        if fact:
            item = fact.items[b % len(fact.items)]
            item.text = self.new_text(fact, b // 8, [*fact.items, *fact.gone], item.text)
            self.doubt(self.declare_items)

    def add_an_item_with_a_former_text(self, a: int, b: int) -> None:
        """A new item has the text that another, which still says so, had."""
        fact = self.fact_of(a, "list")
        item = fact.items[b % len(fact.items)] if fact else None
        if fact and item and item.built == item.text and item.formerly:
            text = item.formerly
            if not any(same(text, other.text) for other in (*fact.items, *fact.gone)):
                fact.items.append(ListItem(self.world.number(), text))
                self.doubt(self.declare_items)

    def exchange_numbers_given_by_hand(self, a: int, b: int) -> None:
        fact = self.fact_of(a, "cloze")
        if fact and len(fact.items) > 1 and all(item.built == item.text for item in fact.items):
            one, other = fact.items[b % len(fact.items)], fact.items[b % len(fact.items) - 1]
            one.text, other.text = other.text, one.text
            one.uid, other.uid = other.uid, one.uid
            self.doubt(self.restore_numbers)

    def forget_that_a_field_is_renamed(self, a: int, _b: int) -> None:
        field = list(self.sources.fields.values())[a % 2]
        field.now = f"n{self.world.number()}"
        self.doubt(self.declare_fields)
        # Items that are gone are known by the name that the field had.
        for fact in self.facts:
            fact.gone.clear()

    # --- steps that leave all else as it is, since only then a build can tell ------------------

    def two_facts(self, a: int, b: int) -> tuple[FactState, FactState]:
        """Two facts, of one form if there is another of it."""
        one = self.fact(a)
        others = [fact for fact in self.facts if fact.form == one.form and fact is not one]
        return one, others[b % len(others)] if others else self.fact(b)

    def exchange_ids(self, a: int, b: int) -> None:
        """Two facts exchange their ids."""
        one, other = self.two_facts(a, b)
        if one is not other:
            one.name, other.name = other.name, one.name
            self.doubt(self.restore_ids)

    def exchange_ids_and_say_so(self, a: int, b: int) -> None:
        one, other = self.two_facts(a, b)
        if one is not other:
            one.formerly, other.formerly = [one.name], [other.name]
            self.exchange_ids(a, b)

    def renumber(self, a: int, b: int) -> None:
        """A new fact among others takes the id of the next one, that of the one after it …"""
        at = a % len(self.facts)
        names = [fact.name for fact in self.facts[at:]]
        self.add(b, b)
        self.facts.insert(at, self.facts.pop())
        for fact, name in zip(self.facts[at:], [*names, self.new_id()], strict=True):
            fact.name = name
        self.doubt(self.restore_ids)

    def rename_without_saying_so(self, a: int, _b: int) -> None:
        fact = self.fact(a)
        if self.is_numbered_as_it_stands(fact):
            fact.name = self.new_id()
            self.doubt(self.restore_ids)

    def is_numbered_as_it_stands(self, fact: FactState) -> bool:
        """Whether the items of a list have the numbers 1, 2, 3 …; only then its look is known."""
        who = fact.uid, LISTS.get(fact.form, "")
        numbers = [self.sources.numbers.get((who, item.uid)) for item in fact.items]
        return fact.form not in LISTS or numbers == list(range(1, len(numbers) + 1))

    def exchange_prompts(self, _a: int, _b: int) -> None:
        """Two prompts of a kind exchange their names."""
        if self.sources.extra_prompt:
            one, other = self.sources.prompts.values()
            one.now, other.now = other.now, one.now
            self.doubt(self.restore_prompts)

    def rename_a_prompt(self, _a: int, _b: int) -> None:
        """A prompt is known by what it asks."""
        self.sources.prompts["meaning"].now = f"p{self.world.number()}"

    def mix_up(self, step: str, a: int, b: int) -> None:
        """Such a step and a build, straight after a build."""
        getattr(self, step)(a, b)
        self.publish()

    # --- what problems tell a curator to do --------------------------------------------------

    def restore_ids(self) -> None:
        """Each fact has the id that it was built with, and a new one another."""
        for fact in self.facts:
            fact.name = fact.built or self.new_id()
            fact.formerly = [fact.name] if fact.returns else []

    def declare_returns(self) -> None:
        """A fact that returns with other words says that it had its id before."""
        for fact in self.facts:
            if fact.returns and fact.name not in fact.formerly:
                fact.formerly.append(fact.name)

    def declare_items(self) -> None:
        """Each item says what it was in the last build; what is built is dropped."""
        for fact in self.facts:
            for item in fact.items:
                item.new = not item.built
                item.formerly = "" if item.text == item.built else item.built

    def leave_new_items_out(self) -> None:
        """No new item comes in the edition in which others go."""
        for fact in self.facts:
            if fact.form in LISTS:
                built = [item for item in fact.items if item.built]
                fact.items = built or fact.gone[-1:] or fact.items
                fact.gone = [item for item in fact.gone if item not in fact.items]

    def restore_numbers(self) -> None:
        """Each cloze deletion numbered by hand has the text that it was built with."""
        for fact in self.facts:
            for item in fact.items if fact.form == "cloze" else ():
                item.text = item.built or item.text
                item.uid = next(
                    (
                        uid
                        for (who, uid), number in self.sources.numbers.items()
                        if who[0] == fact.uid and number == item.number and who[1] == "gaps"
                    ),
                    item.uid,
                )

    def declare_fields(self) -> None:
        for name in self.sources.fields.values():
            name.formerly = "" if name.now == name.built else name.built

    def restore_prompts(self) -> None:
        for name in self.sources.prompts.values():
            name.now = name.built

    # --- builds ------------------------------------------------------------------------------

    def publish(self) -> None:
        """Builds an edition and keeps its packages; mends what a build may refuse."""
        if all(fact.level != "core" for fact in self.facts):
            self.facts[0].level = "core"  # the smaller package needs a note
        problems = self.built()
        while problems and problems[0].rule == "ledger" and self.merges:
            self.mend_line(problems[0])
            problems = self.built()
        if problems:
            shown = "\n".join(map(str, problems))
            assert self.doubts, shown
            Curator.refused += 1
            for mend in self.doubts:
                mend()
            again = self.built()
            assert not again, f"{shown}\n\nmended:\n" + "\n".join(map(str, again))
        self.doubts.clear()
        self.merges = None

    def built(self) -> list[Problem]:
        """Why there is no new edition, or nothing."""
        files = self.sources.files() | self.sources.table()
        src = write_sources(self.world.root, files, **self.sources.fact_files())
        project, problems = load_project(src)
        if problems or not project:
            return problems
        packages, memory = project.deck.packages.values(), Cache(self.world.root / "cache")
        now = self.world.tick()
        built, _, problems = build(project, packages, self.decks, now, memory=memory)
        if not built:
            return [problem for problem in problems if problem.severity == "error"]
        number = len(self.world.editions)
        self.history |= {number}
        folder = self.world.root / f"edition-{number}"
        shutil.copytree(self.decks, folder)
        facts = {fact.name: fact for fact in self.facts}
        prompts = {name.now: first for first, name in self.sources.prompts.items()}
        notes = {}
        for note in built.notes:
            row = built.after[note.key]
            fact_id, _, prompt = note.key.partition("/")
            fact = facts[fact_id]
            asked = self.asked(fact, note.fields[0])
            who = (fact.uid, prompts.get(prompt, prompt))
            deck = f"{DECK}::{fact.deck}" if fact.deck else DECK
            notes[row.guid] = NoteState(
                who,
                row.mod,
                list(note.fields),
                list(note.tags),
                asked,
                deck,
                note.shown,
                note.own_type or f"{DECK}{' Cloze' * note.cloze}",
            )
            # One GUID, one question, for ever.
            assert self.world.identities.setdefault(row.guid, who) == who, note.key
            text = row.guid, composed(note.fields[0])
            assert self.world.asked.setdefault(text, asked) == asked, note.key
            # One number, one item.
            for gap, uid in asked.items():
                assert self.sources.numbers.setdefault((who, uid), gap) == gap, note.key
        identities = self.world.identities.values()
        assert len(set(identities)) == len(identities), "one question has two GUIDs"
        members = {
            f"{package.name}.apkg": {entry.guid for _, entry, _ in built.contents_of(package).notes}
            for package in project.deck.packages.values()
        }
        css = project.note_types[0].css
        mods = {row.key.removeprefix("note type "): row.mod for row in built.after.values()}
        designs = {name: (how, mods.get(name, 0)) for name, how in self.sources.designs.items()}
        self.world.editions.append(EditionState(folder, notes, members, css, designs, self.history))
        for fact in self.facts:
            fact.built, fact.returns = fact.name, False
            for item in fact.items:
                item.built, item.built_new = item.text, item.new and not item.formerly
        for name in (*self.sources.fields.values(), *self.sources.prompts.values()):
            name.built = name.now
        return []

    def asked(self, fact: FactState, text: str) -> dict[int, int]:
        """What the cloze deletions of a note hide: they stand as the items do."""
        numbers = dict.fromkeys(map(int, re.findall(r"\{\{c(\d+)::", text)))
        if not numbers:
            return {}
        uids = [item.uid for item in fact.items] or [-fact.uid, -fact.uid - 1_000_000]
        uids = uids[: 1 + ("aside" in fact.words)] if fact.form == "gap" else uids
        return dict(zip(numbers, uids, strict=True))

    # --- branches ----------------------------------------------------------------------------

    def fork(self) -> Curator:
        """Another curator with a branch of the sources and of `decks/`."""
        other = Curator(self.world)
        other.sources = deepcopy(self.sources)
        other.history = self.history
        other.mark = f" b{self.world.number()}"
        other.decks = self.world.root / f"decks-{self.world.number()}"
        shutil.copytree(self.decks, other.decks)
        return other

    def merge(self, other: Curator, base: Sources, ledger: str) -> None:
        """Takes in a branch that left this one at `base` and `ledger`, as git merges lines."""
        ours = deepcopy(self.sources)
        self.sources = merged(base, ours, other.sources)
        self.history |= other.history
        path = self.world.root / "base.jsonl"
        path.write_text(ledger, "utf-8")
        subprocess.run(
            ["git", "merge-file", "--union", self.decks / LEDGER, path, other.decks / LEDGER],  # noqa: S607
            check=True,
        )
        self.merges = ours, other.sources
        self.doubt(self.declare_by_ledger)
        self.doubt(self.declare_returns)
        self.doubt(self.leave_new_items_out)
        self.doubt(self.take_their_numbers)

    def lose_the_ledger(self) -> None:
        """It comes back out of all packages of the editions that led here.

        A deletion whose text is not known there is no item's any more.
        """
        path = self.decks / LEDGER
        path.unlink()
        files = self.sources.files() | self.sources.table()
        write_sources(self.world.root, files, **self.sources.fact_files())
        folders = [self.world.editions[number].folder for number in sorted(self.history)]
        packages = [package for folder in folders for package in sorted(folder.glob("*.apkg"))]
        done = cards(self.world.root, "ledger", "recover", "--decks", self.decks, *packages)
        assert done.exit_code == 0, done.output
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            who = self.world.identities.get(row["guid"])
            unknown = {at for at, name in enumerate(row.get("gaps", ()), 1) if not name}
            self.sources.numbers = {
                (owner, uid): number
                for (owner, uid), number in self.sources.numbers.items()
                if owner != who or number not in unknown
            }

    def take_their_numbers(self) -> None:
        """A text numbered by hand that both branches changed is as the other branch has it."""
        _, theirs = self.merges or (self.sources, self.sources)
        others = {fact.uid: fact for fact in theirs.facts if fact.form == "cloze"}
        for fact in self.facts:
            if fact.uid in others:
                fact.items = deepcopy(others[fact.uid].items)

    def mend_line(self, problem: Problem) -> None:
        """Does what a problem says of two lines of one note that are not one."""
        assert self.merges
        path = self.decks / LEDGER
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        found = re.search(r"on line (\d+)", problem.message)
        assert found, problem
        pair = [rows[problem.place.line - 1], rows[int(found[1]) - 1]]
        who = self.world.identities[pair[0]["guid"]]
        number = re.search(r"deletion (\d+) is", problem.message)
        uids = {
            uid
            for branch in self.merges
            for (note, uid), gap in branch.numbers.items()
            if number and note == who and gap == int(number[1])
        }
        if number and len(uids) > 1:
            for row in pair:
                row["gaps"][int(number[1]) - 1] = ""
        elif pair[0]["key"] == pair[1]["key"] or not number:
            rows.remove(min(pair, key=lambda row: row["mod"]))
        else:  # of a fact that was renamed both lines are needed
            newer = max(pair, key=lambda row: row["mod"])
            for row in pair:
                row["gaps"][int(number[1]) - 1] = newer["gaps"][int(number[1]) - 1]
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        path.write_text("".join(lines), "utf-8")

    def declare_by_ledger(self) -> None:
        """Items and fields that the merged ledger does not know say what they were in a branch."""
        ours, theirs = self.merges or (self.sources, self.sources)
        for first, name in self.sources.fields.items():
            names = {ours.fields[first].now, theirs.fields[first].now} - {name.now}
            name.formerly = names.pop() if names else name.formerly
        rows = map(json.loads, (self.decks / LEDGER).read_text("utf-8").splitlines())
        gaps = {row["key"]: row.get("gaps", ()) for row in rows}
        for fact in self.facts:
            known = {
                gap.partition(": ")[2]
                for id_ in (fact.name, *fact.formerly)
                for gap in gaps.get(f"{id_}/{LISTS.get(fact.form, '')}", ())
            }
            for item in fact.items:
                if item.formerly in known:
                    continue
                texts = [
                    twin.built
                    for branch in (ours, theirs)
                    for other in branch.facts
                    for twin in other.items
                    if other.uid == fact.uid and twin.uid == item.uid and twin.built in known
                ]
                item.built = item.text if item.text in known else "".join(texts[:1])
                item.formerly = "" if item.text in known else item.built
                item.new = not item.built


def merged(base: Sources, ours: Sources, theirs: Sources) -> Sources:
    """The sources with what changed in `theirs` since `base`; where both changed, ours."""
    result = deepcopy(ours)
    for name in (
        *("wording", "own_wording", "style", "picture", "sound", "ground"),
        *("extra_prompt", "fields", "prompts"),
    ):
        if getattr(ours, name) == getattr(base, name):
            setattr(result, name, deepcopy(getattr(theirs, name)))
    b, o, t = ({fact.uid: fact for fact in branch.facts} for branch in (base, ours, theirs))
    known = {
        fact.uid: fact
        for facts in (ours.facts, theirs.facts, theirs.removed, ours.removed)
        for fact in facts
    }
    result.numbers = merged_numbers(ours.numbers, theirs.numbers)
    result.facts = []
    for uid in dict.fromkeys((*o, *t)):
        one, other, before = o.get(uid), t.get(uid), b.get(uid)
        if one and other:
            result.facts.append(merged_fact(before, one, other))
        elif (one or other) != before:
            result.facts.append(deepcopy(one or other))  # type: ignore[arg-type]
    kept = {fact.uid for fact in result.facts}
    if not kept:
        result.facts = deepcopy(ours.facts)
        kept = set(o)
    result.removed = [deepcopy(fact) for uid, fact in known.items() if uid not in kept]
    for fact in result.removed:
        fact.name, fact.formerly = fact.built, []
        fact.removed_with = fact.removed_with or base.names
    result.removed = [fact for fact in result.removed if fact.built]
    for fact in result.facts:
        fact.returns = fact.uid not in o or fact.uid not in t
    return result


def merged_numbers(ours: Numbers, theirs: Numbers) -> Numbers:
    """The numbers of both, but for those that the branches gave to different items."""
    taken = [
        {(who, number): uid for (who, uid), number in numbers.items()} for numbers in (ours, theirs)
    ]
    return {
        (who, uid): number
        for (who, uid), number in (ours | theirs).items()
        if all(items.get((who, number), uid) == uid for items in taken)
        and all(numbers.get((who, uid), number) == number for numbers in (ours, theirs))
    }


def merged_fact(base: FactState | None, ours: FactState, theirs: FactState) -> FactState:
    """A fact that both branches have; where both changed it, ours, with the items of both."""
    if ours in (base, theirs):
        return deepcopy(theirs)
    fact = deepcopy(ours)
    if theirs == base or theirs.form != ours.form:
        return fact
    if theirs.name != fact.name:
        if base and fact.name == base.name:
            fact.name, fact.formerly = theirs.name, list(theirs.formerly)
        else:
            fact.formerly = [*fact.formerly, theirs.name]
    names = dict.fromkeys((*fact.formerly, *theirs.formerly))
    fact.formerly = [name for name in names if name != fact.name]
    before = {item.uid: item for item in base.items} if base else {}
    mine = {item.uid for item in ours.items}
    their = {item.uid: item for item in theirs.items}
    fact.items = [
        merged_item(before.get(item.uid), item, their.get(item.uid, item))
        for item in fact.items
        if item.uid in their or item.uid not in before
    ]
    for uid, item in their.items():
        if uid not in mine and uid not in before and fact.form in LISTS:
            fact.items.append(deepcopy(item))
    if not fact.items:
        fact.items = deepcopy(ours.items)
    kept = {item.uid for item in fact.items}
    gone = {item.uid: item for item in (*ours.items, *theirs.items, *ours.gone, *theirs.gone)}
    fact.gone = [
        deepcopy(item)
        for uid, item in gone.items()
        if uid not in kept and not any(same(item.text, known.text) for known in fact.items)
    ]
    return fact


def merged_item(base: ListItem | None, ours: ListItem, theirs: ListItem) -> ListItem:
    """An item that both branches have; where both changed it, ours, which is not new any more."""
    if ours in (base, theirs):
        return deepcopy(theirs)
    return deepcopy(ours) if theirs == base else replace(ours, new=False)
