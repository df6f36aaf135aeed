"""Any curator, any learner, and what must hold between them after every import.

A state machine that edits a small deck in every way a curator may, builds editions of it, and
imports them into the real Anki of a learner who studies and makes changes of her own.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from copy import deepcopy
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.engine import double_click
from tests.upgrading_curator import LEDGER, Curator
from tests.upgrading_learner import Learner
from tests.upgrading_model import EditionState, World, composed

EDITS = (
    *("add", "remove", "bring_back", "reuse_a_removed_id", "reword", "gain_or_lose_a_reverse"),
    *("fill_or_empty_an_optional_field", "change_what_is_around_an_item"),
    *("retag", "move_to_a_topic", "move_to_a_file", "move_to_a_deck", "reorder", "rename"),
    "add_an_item",
    *("remove_an_item", "replace_an_item", "reword_an_item", "respell_an_item", "reorder_items"),
    "reword_a_text_numbered_by_hand",
    *("show_or_hide_the_picture", "change_the_picture", "change_the_style"),
    *("say_or_be_silent", "change_the_sound", "change_the_ground"),
    *("change_the_card_templates", "fill_or_empty_a_field"),
    *("change_the_wording_of_a_template", "add_or_drop_a_prompt", "tidy"),
    *("take_the_id_of_a_removed_fact", "take_a_former_id", "forget_that_an_item_is_reworded"),
    *("add_an_item_with_a_former_text", "exchange_numbers_given_by_hand"),
)
MIX_UPS = (
    *("exchange_ids", "exchange_ids_and_say_so", "renumber", "rename_without_saying_so"),
    *("exchange_prompts", "rename_a_prompt"),
    *("rename_a_field", "forget_that_a_field_is_renamed", "reword_an_item_as_another_was"),
)
BRANCH = (*EDITS, "rename_a_field")
USES = (
    *("edit_a_field", "add_a_tag", "review", "flag", "suspend", "bury"),
    *("run_empty_cards", "run_empty_cards", "delete_a_note", "delete_the_deck"),
    "move_a_card",
    *("change_the_styling", "edit_a_template", "rename_a_field", "rename_a_template"),
)
CHOICE = st.integers(0, 10_000)
SHOWN = re.compile(r'(?:src="|\[sound:)([^"\]]+)')
PACKAGE = st.sampled_from(["mini.apkg", "mini.apkg", "mini-core.apkg"])


def some(steps: tuple[str, ...]) -> st.SearchStrategy[list[tuple[str, int, int]]]:
    """A few of the steps, each with two numbers to choose with."""
    return st.lists(st.tuples(st.sampled_from(steps), CHOICE, CHOICE), min_size=1, max_size=4)


class Upgrading(RuleBasedStateMachine):
    """The rules are a curator's and a learner's steps; `check_import` has the promises."""

    imported = 0  # editions, over all runs
    edited = True  # since the ledger was lost the last time

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Path(tempfile.mkdtemp(prefix="upgrading-")))
        self.curator = Curator(self.world)
        self.learner = Learner(self.world)

    def teardown(self) -> None:
        self.learner.col.close()
        shutil.rmtree(self.world.root)

    @initialize(imports=st.booleans())
    def begin(self, *, imports: bool) -> None:
        """A fact of each form, and perhaps the first import."""
        for form in (0, 0, 1, 3, 4, 5, 6):
            self.curator.add(form, 0)
        self.curator.publish()
        if imports:
            self.check_import(0, "mini.apkg")
            self.learner.study()

    @rule(steps=some(EDITS))
    def curate(self, steps: list[tuple[str, int, int]]) -> None:
        """Some steps of the curator's, then a build."""
        self.edited = True
        for step, a, b in steps:
            getattr(self.curator, step)(a, b)
        self.curator.publish()

    @rule(step=st.sampled_from(MIX_UPS), a=CHOICE, b=CHOICE)
    def mix_up(self, step: str, a: int, b: int) -> None:
        """One thing of the curator's that a build may have to refuse."""
        self.edited = True
        self.curator.mix_up(step, a, b)

    @precondition(lambda self: self.edited)
    @rule()
    def lose_the_ledger(self) -> None:
        """It is rebuilt from the packages, and the next build goes on from there."""
        self.edited = False
        self.curator.lose_the_ledger()
        self.curator.publish()

    @rule(ours=some(BRANCH), theirs=some(BRANCH), at_once=st.booleans())
    def branch_and_merge(
        self,
        ours: list[tuple[str, int, int]],
        theirs: list[tuple[str, int, int]],
        *,
        at_once: bool,
    ) -> None:
        """Two curators build from the same state, and one takes in the other's branch.

        If both build in the same second, new notes of theirs have the same ids.
        """
        self.edited = True
        base = deepcopy(self.curator.sources)
        ledger = (self.curator.decks / LEDGER).read_text("utf-8")
        other = self.curator.fork()
        for curator, steps in ((self.curator, ours), (other, theirs)):
            for step, a, b in steps:
                getattr(curator, step)(a, b)
            if curator is self.curator or not at_once:
                self.world.tick(10_000)
                began = self.world.clock
            self.world.clock = began
            curator.publish()
        self.curator.merge(other, base, ledger)
        self.curator.publish()

    @rule(steps=some(USES))
    def use(self, steps: list[tuple[str, int, int]]) -> None:
        """Some steps of the learner's, while she has the deck."""
        for step, a, b in steps:
            if self.learner.has:
                getattr(self.learner, step)(a, b)

    @rule(back=st.integers(0, 3), package=PACKAGE, studies=st.booleans())
    def import_an_edition(self, back: int, package: str, *, studies: bool) -> None:
        """The newest edition or one before it, whatever she had until now."""
        number = max(0, len(self.world.editions) - 1 - back)
        edition = self.world.editions[number]
        if edition.members[package]:
            self.check_import(number, package)
            if studies:
                self.learner.study()

    # --- what must hold ----------------------------------------------------------------------

    def between(self, since: int, until: int) -> list[EditionState] | None:
        """The editions that led from one to the other; None if the other is none of its heirs."""
        history = self.world.editions[until].history
        if since not in history:
            return None
        known = self.world.editions[since].history - {since}
        return [self.world.editions[number] for number in sorted(history - known)]

    def check_import(self, number: int, package: str) -> None:
        """Imports an edition twice; progress, edits, tags and styling are what they must be."""
        Upgrading.imported += 1
        learner, edition = self.learner, self.world.editions[number]
        members = edition.members[package]
        cards, log, notes = learner.cards(), learner.reviewed(), learner.notes()
        designs = learner.designs()

        found = double_click(learner.col, edition.folder / package)

        assert found.conflicting == 0
        assert found.new == len(members - notes.keys())
        now = learner.notes()
        assert now.keys() == notes.keys() | members, "a note twice or lost"
        kept = learner.cards()
        assert {card: kept.get(card) for card in cards} == cards, "progress was touched"
        assert learner.reviewed() == log
        learner.asks_as_before()
        for guid in members - notes.keys():
            self.check_arrived(guid, edition)
            decks = {learner.col.decks.name(card.did) for card in learner.note(guid).cards()}
            assert decks == {edition.notes[guid].deck}, "a new card is not in its deck"
            learner.has[guid] = number
        for guid, note in notes.items():
            if guid in members and self.check_update(guid, number, note[0]):
                self.check_arrived(guid, edition)
                learner.has[guid] = number
            else:
                assert now[guid] == note, "an unchanged note was overwritten"
        self.check_designs(number, members, designs)

        again = double_click(learner.col, edition.folder / package)
        assert (again.new, again.updated, again.conflicting) == (0, 0, 0)

    def check_arrived(self, guid: str, edition: EditionState) -> None:
        """She has the note as the edition has it."""
        _, fields, tags = self.learner.notes()[guid]
        arriving = edition.notes[guid]
        assert fields == list(map(composed, arriving.fields)), "a change did not arrive"
        assert tags == sorted(arriving.tags)
        media = Path(self.learner.col.media.dir())
        assert all((media / name).is_file() for name in SHOWN.findall("".join(fields)))

    def check_update(self, guid: str, number: int, mod: int) -> bool:
        """Whether the edition is newer than her note of time `mod`; only if something changed."""
        arriving = self.world.editions[number].notes[guid]
        has = self.world.editions[self.learner.has[guid]].notes[guid]
        path = self.between(self.learner.has[guid], number)
        contents = [edition.notes[guid].content for edition in path or () if guid in edition.notes]
        if path and all(content == has.content for content in contents):
            assert arriving.mod <= has.mod, "an unchanged note is newer"
        elif path and arriving.content != has.content:
            assert arriving.mod > has.mod, "a changed note is not newer"
        return arriving.mod > mod

    def check_designs(
        self, number: int, members: set[str], before: dict[str, tuple[int, str, str]]
    ) -> None:
        """The styling of a note type is hers until the edition's own changes."""
        edition, learner = self.world.editions[number], self.learner
        # Anki imports the note types that a note of the package has.
        arriving = {edition.notes[guid].note_type for guid in members}
        for name, design in learner.designs().items():
            if name not in arriving:
                assert design == before[name]
                continue
            since = learner.styled_by.get(name)
            if since is not None:
                path = self.between(since, number)
                has = self.world.editions[since]
                was, mod = has.designs[name]
                if path and all(one.designs[name][0] == was for one in path):
                    assert edition.designs[name][1] <= mod, "an unchanged styling is newer"
                elif path and edition.designs[name][0] != was:
                    assert edition.designs[name][1] > mod, "a changed styling is not newer"
            if since is None or edition.designs[name][1] > before[name][0]:
                assert design[1] == edition.css
                (ground,) = re.findall(r"url\((.*)\)", edition.css)
                assert (Path(learner.col.media.dir()) / ground).is_file()
                learner.styled_by[name] = number
            else:
                assert design == before[name], "her styling was overwritten"
