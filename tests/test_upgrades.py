"""What a learner must never lose: one test for each thing that Anki does on an import."""

from __future__ import annotations

import json
import re
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unicodedata import normalize

import pytest
from anki.collection import Collection
from anki.models import NotetypeDict
from anki.scheduler.v3 import Scheduler
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.command import cards
from tests.engine import (
    Imported,
    answer_of,
    cards_of,
    collection,
    double_click,
    new_cards_in_order,
    played_by,
    question_of,
)
from tests.public import build, compare, folded, read_package, search_for
from tests.recordings import chunk, wav
from tests.sources import HEAD, Files, problems_of, project_of, write_sources

A = "  - {id: a, kind: event, event: was a, date: 1994, place: Bangkok}\n"
B = "  - {id: b, kind: term, term: ARF, meaning: A forum}\n"
LIST = "  - {id: l, kind: list, list: Some, items: [x, y, z]}\n"


class Curator:
    """Builds editions, a day apart, into one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = 1_600_000_000
        self.files: Files = {}

    def build(self, *facts: str, **files: str) -> Path:
        """The complete package of such facts."""
        texts = files or {"a": HEAD + "".join(facts)}
        project = project_of(self.root, self.files, **texts)
        self.now += 86_400
        done, _, problems = build(
            project, project.deck.packages.values(), self.root / "decks", self.now
        )
        assert done, "\n".join(map(str, problems))
        return self.root / "decks" / "mini.apkg"

    def refused(self, *facts: str) -> list[str]:
        """Why such facts cannot be built."""
        project = project_of(self.root, self.files, a=HEAD + "".join(facts))
        _, _, problems = build(
            project, project.deck.packages.values(), self.root / "decks", self.now
        )
        return [str(problem).replace(f"{self.root}/src/", "") for problem in problems]


@pytest.fixture
def curator(tmp_path: Path) -> Curator:
    return Curator(tmp_path)


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Collection]:
    with collection(tmp_path / "anki.anki2") as col:
        yield col


def study(col: Collection, search: str) -> dict[int, int]:
    """Gives each card found an interval of its own; card id → interval."""
    days: dict[int, int] = {}
    for number, card_id in enumerate(col.find_cards(search), 3):
        col.sched.set_due_date([card_id], f"{number}!")
        days[card_id] = number
    return days


def intervals(col: Collection) -> dict[int, int]:
    return {card.id: card.ivl for card in cards_of(col, "-is:new")}


def edit(col: Collection, key: str, field: str, text: str) -> None:
    note = col.get_note(col.find_notes(f'"Key:{key}"')[0])
    note[field] = text
    note.tags.append("marked")
    col.update_note(note)
    # As of long ago, so that every later edition is newer.
    col.db.execute("update notes set mod = 1 where id = ?", note.id)  # type: ignore[union-attr]


def test_a_newer_note_overwrites_so_only_what_changed_is_newer(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(A, B))
    for key in ("a/when", "b/meaning"):
        note = learner.get_note(learner.find_notes(f'"Key:{key}"')[0])
        note["Back"] = "mine"
        note.tags.append("marked")
        learner.update_note(note, skip_undo_entry=True)
        learner.db.execute(  # type: ignore[union-attr]
            "update notes set mod = ? where id = ?", curator.now + 1, note.id
        )
    package = curator.build(A.replace("1994", "1995"), B)
    assert double_click(learner, package) == Imported(0, 1, 2, 0)
    assert "1995" in answer_of(cards_of(learner, "Key:a/when")[0])
    kept = learner.get_note(learner.find_notes("Key:b/meaning")[0])
    assert kept["Back"] == "mine"
    assert "marked" in kept.tags


def test_importing_the_same_edition_again_updates_nothing(
    curator: Curator, learner: Collection
) -> None:
    package = curator.build(A, B, LIST)
    double_click(learner, package)
    assert double_click(learner, package) == Imported(0, 0, 4, 0)


def test_a_note_is_the_same_whatever_its_text_order_and_file(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(A, B))
    days = study(learner, "")
    package = curator.build(
        x=HEAD + B.replace("A forum", "Another"), y=HEAD.replace("forums::arf", "basics") + A
    )
    assert double_click(learner, package) == Imported(0, 3, 0, 0)
    assert intervals(learner) == days


def test_note_types_keep_their_fields_so_nothing_ever_conflicts(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(A, B, LIST))
    curator.files = {
        "card/front.html": "<b>{{Topic}}</b> [[ question ]]",
        "card/style.css": ".card { color: red; }",
    }
    package = curator.build(A.replace("1994", "1995"), B, LIST)
    assert double_click(learner, package) == Imported(0, 1, 3, 0)
    (card,) = cards_of(learner, "Key:a/when")
    assert card.render_output().question_text == "<b>Forums › Arf</b> When was a?"
    assert "color: red" in card.render_output().css


ALL = (A, B, LIST)
ALL_REWORDED = (
    A.replace("1994", "1995").replace("Bangkok", "Jakarta"),
    B.replace("A forum", "Another"),
    LIST.replace("Some", "All"),
)


def rename_field(note_type: NotetypeDict) -> None:
    note_type["flds"][1]["name"] = "My own name"


def rename_template(note_type: NotetypeDict) -> None:
    note_type["tmpls"][0]["name"] = "My own name"


def edit_template(note_type: NotetypeDict) -> None:
    note_type["tmpls"][0]["afmt"] += "<p>mine</p>"


def edit_css(note_type: NotetypeDict) -> None:
    note_type["css"] += ".card { color: green; }"


CHANGES = (rename_field, rename_template, edit_template, edit_css)
NOTE_TYPES = ("Mini", "Mini Cloze")


def change_note_types(col: Collection, change: Callable[[NotetypeDict], None], now: int) -> None:
    """What a learner does to both note types at a time."""
    for name in NOTE_TYPES:
        note_type = col.models.by_name(name)
        assert note_type
        change(note_type)
        col.models.update_dict(note_type)
    col.db.execute("update notetypes set mtime_secs = ?", now)  # type: ignore[union-attr]
    col.models._clear_cache()  # noqa: SLF001


def names_of_note_types(col: Collection) -> set[str]:
    """The note types of a collection that have notes."""
    return {entry.name for entry in col.models.all_use_counts() if entry.use_count}


def ids_of_note_types(col: Collection) -> list[int | None]:
    """The ids of all fields, then of all templates, of each of our note types."""
    found = [col.models.by_name(name) for name in NOTE_TYPES]
    return [
        part["id"]
        for note_type in found
        if note_type
        for part in (*note_type["flds"], *note_type["tmpls"])
    ]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("design", ["", ".card { color: blue; }"])
def test_a_learner_who_changes_a_note_type_gets_the_next_edition(
    curator: Curator,
    learner: Collection,
    change: Callable[[NotetypeDict], None],
    design: str,
) -> None:
    double_click(learner, curator.build(*ALL))
    days = study(learner, "")
    for edition in (ALL_REWORDED, ALL):
        change_note_types(learner, change, curator.now)
        if design:  # the note type is newer than the learner's
            design += "\n"
            curator.files = {"card/style.css": design}
        assert double_click(learner, curator.build(*edition)) == Imported(0, 4, 0, 0)
        assert names_of_note_types(learner) == set(NOTE_TYPES)
        assert intervals(learner) == days
        note_type = learner.models.by_name("Mini")
        assert note_type
        names = (note_type["flds"][1]["name"], note_type["tmpls"][0]["name"])
        assert (names == ("Back", "Card")) == (bool(design) or change in (edit_template, edit_css))
    assert "1994" in answer_of(cards_of(learner, "Key:a/when")[0])
    assert ("color: blue" in cards_of(learner, "Key:a/when")[0].render_output().css) == bool(design)


@pytest.mark.parametrize("change", CHANGES)
def test_note_types_without_ids_gain_them_with_the_next_edition(
    curator: Curator, learner: Collection, change: Callable[[NotetypeDict], None]
) -> None:
    old = curator.build(*ALL)
    strip_ids(old)
    double_click(learner, old)
    assert set(ids_of_note_types(learner)) == {None}
    days = study(learner, "")
    assert double_click(learner, curator.build(*ALL)) == Imported(0, 0, 4, 0)
    ids = ids_of_note_types(learner)
    assert len(set(ids)) == 16
    assert None not in ids
    change_note_types(learner, change, curator.now)
    assert double_click(learner, curator.build(*ALL_REWORDED)) == Imported(0, 4, 0, 0)
    assert names_of_note_types(learner) == set(NOTE_TYPES)
    assert ids_of_note_types(learner) == ids
    assert intervals(learner) == days


def add_field(note_type: NotetypeDict) -> None:
    note_type["flds"].append(note_type["flds"][0] | {"name": "Mine", "ord": None, "id": None})


def remove_field(note_type: NotetypeDict) -> None:
    note_type["flds"] = [field for field in note_type["flds"] if field["name"] != "Note"]
    for template in note_type["tmpls"]:
        template["afmt"] = template["afmt"].replace("{{Note}}", "")


def move_field(note_type: NotetypeDict) -> None:
    note_type["flds"].reverse()


@pytest.mark.parametrize("change", [add_field, remove_field, move_field])
def test_who_adds_removes_or_moves_a_field_merges_note_types(
    curator: Curator, learner: Collection, change: Callable[[NotetypeDict], None]
) -> None:
    double_click(learner, curator.build(*ALL))
    days = study(learner, "")
    change_note_types(learner, change, curator.now)
    curator.now = int(time.time()) + 1  # Anki has just written all the notes anew
    package = curator.build(*ALL_REWORDED)
    assert double_click(learner, package) == Imported(0, 0, 0, 4)
    assert double_click(learner, package, merge_note_types=True) == Imported(0, 4, 0, 0)
    assert learner._backend.get_import_anki_package_presets().merge_notetypes  # noqa: SLF001
    assert names_of_note_types(learner) == set(NOTE_TYPES)
    assert intervals(learner) == days
    again = curator.build(*ALL)
    assert double_click(learner, again, merge_note_types=True) == Imported(0, 4, 0, 0)


def test_a_deleted_note_comes_back_and_a_suspended_one_stays_so(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(A, B))
    learner.remove_notes(learner.find_notes("Key:a/when"))
    learner.sched.suspend_cards(learner.find_cards("Key:b/meaning"))
    assert double_click(learner, curator.build(*ALL_REWORDED[:2])) == Imported(1, 2, 0, 0)
    assert learner.find_cards("Key:a/when is:new")
    assert learner.find_cards("Key:b/meaning is:suspended")


def test_an_item_added_to_an_edited_note_is_a_blank_card_until_the_next_correction(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(LIST))
    edit(learner, "l/items", "Note", "mine")
    learner.db.execute("update notes set mod = ?", curator.now + 100_000)  # type: ignore[union-attr]
    longer = LIST.replace("z", "z, w")
    assert double_click(learner, curator.build(longer)) == Imported(0, 0, 1, 0)
    blank = cards_of(learner, "Key:l/items")[3]
    assert list(learner.get_empty_cards().notes[0].card_ids) == [blank.id]
    assert double_click(learner, curator.build(longer.replace("Some", "All"))).updated == 1
    assert question_of(learner.get_card(blank.id)) == "Forums › Arf All: x y z [...]"


def strip_ids(path: Path) -> None:
    """Makes of a package and its ledger what they were when fields and templates had no ids."""
    ledger = path.parent / "ledger.jsonl"
    ledger.write_text(re.sub(r', "(field|template)_ids": \[[^]]*\]', "", ledger.read_text("utf-8")))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    connection = sqlite3.connect(":memory:")
    connection.deserialize(members["collection.anki2"])
    models = json.loads(connection.execute("select models from col").fetchone()[0])
    for model in models.values():
        for part in (*model["flds"], *model["tmpls"]):
            del part["id"]
    connection.execute("update col set models = ?", [json.dumps(models)])
    connection.commit()
    members["collection.anki2"] = connection.serialize()
    connection.close()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_a_card_never_takes_the_id_of_another(curator: Curator, learner: Collection) -> None:
    double_click(learner, curator.build(LIST))
    (_, _, third) = cards_of(learner, "Key:l/items")
    study(learner, "card:3")
    third.start_timer()
    assert isinstance(learner.sched, Scheduler)
    learner.sched.answerCard(third, 3)
    assert learner.card_stats_data(third.id).revlog
    double_click(learner, curator.build(LIST.replace(", z", "")))
    learner.remove_cards_and_orphaned_notes(learner.get_empty_cards().notes[0].card_ids)
    double_click(learner, curator.build(LIST.replace("z", "new")))
    *_, new = cards_of(learner, "Key:l/items")
    assert new.ord == 3
    assert new.id == third.id + 1
    assert not learner.card_stats_data(new.id).revlog
    assert new.memory_state is None


def test_the_id_of_a_card_is_the_notes_and_its_number(curator: Curator) -> None:
    gaps = '  - {id: g, kind: cloze, text: "{{c99::last}} and {{c2::first}}"}\n'
    curator.build(gaps, LIST)
    package = curator.build(gaps, LIST.replace("x, ", ""))
    with zipfile.ZipFile(package) as archive:
        connection = sqlite3.connect(":memory:")
        connection.deserialize(archive.read("collection.anki2"))
    rows = connection.execute("select id - nid, ord from cards order by id").fetchall()
    connection.close()
    assert rows == [(1, 1), (98, 98), (1, 1), (2, 2)]


def test_a_note_has_at_most_as_many_cards_as_anki_numbers(curator: Curator) -> None:
    many = [f"item {number}" for number in range(1, 502)]
    listed = LIST.replace("x, y, z", ", ".join(many))
    assert problems_of(curator.root, a=HEAD + listed) == [
        "facts/a.yaml:5:5: error: prompt “items” of fact “l” has a cloze deletion that is"
        " not numbered from 1 to 500 [prompt]"
    ]
    curator.build(listed.replace("item 1, ", ""))
    assert curator.refused(listed.replace("item 2, ", "")) == [
        "facts/a.yaml:5:45: error: “item 1” is new here and “item 2” is gone: is it the same item,"
        " reworded? Then write {item: …, formerly: …}, so that its card keeps its history;"
        " otherwise write {item: …, new: true} [reworded-item]",
        "facts/a.yaml:5:5: error: “l/items” has had more than 500 items, and Anki makes no more"
        " cards of a note; put the new ones into another fact [cloze]",
    ]


@pytest.mark.parametrize("number", ["0", "501", "9" * 5000, "\u0661"])
def test_a_gap_has_a_number_that_anki_knows(tmp_path: Path, number: str) -> None:
    text = HEAD + '  - {id: g, kind: cloze, text: "{{c1::One}}"}\n'.replace("c1", f"c{number}")
    (problem,) = problems_of(tmp_path, a=text)
    assert problem.startswith("facts/a.yaml:5:")


def test_a_learners_styling_stays_unless_the_decks_own_changes(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(A))
    note_type = learner.models.by_name("Mini")
    assert note_type
    note_type["css"] = ".card { color: green; }"
    learner.models.update_dict(note_type)
    learner.db.execute("update notetypes set mtime_secs = ?", curator.now)  # type: ignore[union-attr]
    double_click(learner, curator.build(A.replace("1994", "1995"), B))
    (card,) = cards_of(learner, "Key:b/meaning")
    assert "green" in card.render_output().css


def test_a_deck_is_never_renamed(curator: Curator) -> None:
    curator.build(A)
    curator.files = {
        "decks.yaml": "namespace: mini\ndeck: Maxi\ntag_root: Mini\n"
        "packages: {mini: {title: M, about: M}}\n"
    }
    (problem,) = set(curator.refused(A))
    assert problem == (
        "decks.yaml:1:1: error: the deck was called “Mini”; Anki matches decks by name, so keep"
        " that one [deck-name]"
    )


def test_cards_stay_in_the_deck_where_the_learner_put_them(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(A, B))
    mine = learner.decks.id("Mine")
    assert mine
    moved = learner.find_cards("Key:a/when")
    learner.set_deck(moved, mine)
    double_click(learner, curator.build(A.replace("1994", "1995"), B))
    assert [learner.get_card(card).did for card in moved] == [mine]
    assert {deck.name for deck in learner.decks.all_names_and_ids()} == {"Default", "Mine", "Mini"}


def test_an_item_put_in_the_middle_takes_a_new_number(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(LIST))
    days = study(learner, "")
    double_click(learner, curator.build(LIST.replace("x, y, z", "x, new, z, y")))
    assert intervals(learner) == days
    assert [question_of(card) for card in cards_of(learner, "Key:l/items")] == [
        "Forums › Arf Some: [...] new z y",
        "Forums › Arf Some: x new z [...]",
        "Forums › Arf Some: x new [...] y",
        "Forums › Arf Some: x [...] z y",
    ]


def test_a_reworded_item_keeps_its_number(curator: Curator, learner: Collection) -> None:
    double_click(learner, curator.build(LIST))
    days = study(learner, "")
    reworded = LIST.replace("y", "{item: why, formerly: y}")
    package = curator.build(reworded.replace("z", "Z!"))
    assert double_click(learner, package) == Imported(0, 1, 0, 0)
    assert learner.card_count() == 3
    assert intervals(learner) == days
    assert question_of(cards_of(learner, "Key:l/items")[1]) == "Forums › Arf Some: x [...] Z!"
    assert double_click(learner, curator.build(LIST.replace("y, z", "why, Z!"))) == Imported(
        0, 0, 1, 0
    )


def test_whether_an_item_was_reworded_is_never_guessed(curator: Curator) -> None:
    curator.build(LIST)
    other = LIST.replace("y", "why")
    assert curator.refused(other) == [
        "facts/a.yaml:5:48: error: “why” is new here and “y” is gone: is it the same item,"
        " reworded? Then write {item: …, formerly: …}, so that its card keeps its history;"
        " otherwise write {item: …, new: true} [reworded-item]"
    ]
    curator.build(LIST.replace("y", "{item: why, new: true}"))
    curator.build(other)


def test_a_rewording_that_was_declared_late_is_mended(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(LIST))
    days = study(learner, "")
    curator.build(LIST.replace("y", "{item: why, new: true}"))  # a mistake, not imported
    mended = LIST.replace("y", "{item: why, formerly: y}")
    for facts in (mended, mended.replace("{item: why, formerly: y}", "why")):
        double_click(learner, curator.build(facts))
        assert learner.card_count() == 3
        assert intervals(learner) == days
        assert question_of(cards_of(learner, "Key:l/items")[1]) == "Forums › Arf Some: x [...] z"


def test_an_item_that_comes_back_has_its_card_again(curator: Curator, learner: Collection) -> None:
    double_click(learner, curator.build(LIST))
    days = study(learner, "")
    double_click(learner, curator.build(LIST.replace("y, ", "")))
    double_click(learner, curator.build(LIST.replace("x, y", "w, x, y")))
    assert {card: ivl for card, ivl in intervals(learner).items() if card in days} == days
    assert question_of(cards_of(learner, "Key:l/items")[1]) == "Forums › Arf Some: w x [...] z"


def test_a_gap_numbered_by_hand_keeps_its_number(curator: Curator) -> None:
    fact = '  - {id: g, kind: cloze, text: "{{c1::One}} and {{c2::two}}"}\n'
    curator.build(fact)
    swapped = fact.replace("c1", "c0").replace("c2", "c1").replace("c0", "c2")
    assert curator.refused(swapped) == [
        f"facts/a.yaml:5:5: error: “{text}” is deletion {number} in learners' collections; keep its"
        " number [cloze]"
        for number, text in ((1, "One"), (2, "two"))
    ]
    curator.build('  - {id: g, kind: cloze, text: "{{c1::One}} and more"}\n')
    assert curator.refused(fact.replace("two", "three")) == [
        "facts/a.yaml:5:5: error: deletion 2 once hid “two”; give “three” a number that was never"
        " used [cloze]"
    ]
    curator.build(fact.replace("One", "*One*"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("C, C++, Java", "C, 'C#', Java"),
        ("कल, दिन", "कला, दिन"),
        ("มา, กิน", "ม้า, กิน"),
        ("'+1', '0'", "'-1', '0'"),
        ("'3.10', '0'", "'310', '0'"),
        ("'1:2', '0'", "'12', '0'"),
        ("résumé, y", "resume, y"),
        ("re-sign, y", "resign, y"),
        ("we're, y", "were, y"),
        ("'.NET', y", "NET, y"),
        ("Ca²⁺, y", "Ca, y"),
        ("Maße, y", "Masse, y"),
        ("ذَهَبَ, y", "ذَهَب, y"),
        ("が, y", "か, y"),
        ("'f(x)', y", "'f (x)', y"),
        ("'10%', y", "'10', y"),
    ],
)
def test_an_item_with_other_letters_marks_digits_or_signs_is_another(
    curator: Curator, before: str, after: str
) -> None:
    fact = "  - {id: l, kind: list, list: Some, items: [%s]}\n"
    curator.build(fact % before)
    (problem,) = curator.refused(fact % after)
    assert problem.endswith("[reworded-item]")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("viet nam, y", "Viet Nam, y"),
        ("'South-East Asia', y", "South East Asia, y"),
        ("'it is, however, so', y", "it is however so, y"),
        ("'“so”', y", "so, y"),
        ("'8 August 1967.', y", "8 August 1967, y"),
        ("we’re, y", '"we\'re", y'),
        ("नमस्ते।, y", "नमस्ते, y"),
        ("'(really)', y", "really?, y"),
        ("'this – or that', y", "this or that, y"),
    ],
)
def test_an_item_with_other_case_or_punctuation_is_the_same(
    curator: Curator, learner: Collection, before: str, after: str
) -> None:
    fact = "  - {id: l, kind: list, list: Some, items: [%s]}\n"
    double_click(learner, curator.build(fact % before))
    days = study(learner, "")
    assert double_click(learner, curator.build(fact % after)) == Imported(0, 1, 0, 0)
    assert intervals(learner) == days
    assert learner.card_count() == 2


LETTERS = st.characters(categories=["L"])


@given(st.text(LETTERS, min_size=1), st.characters(categories=["M", "N", "S"]), st.text(LETTERS))
def test_marks_digits_and_symbols_count_in_every_script(
    before: str, counts: str, after: str
) -> None:
    text, without = f"{before}{counts}{after}", f"{before}{after}"
    assume(normalize("NFC", text) != normalize("NFC", without))
    assert folded(text) != folded(without)
    assert folded(f"“{before}”, so") == folded(f"{before} so")


def test_numbers_given_by_hand_do_not_move_to_other_texts(curator: Curator) -> None:
    fact = '  - {id: g, kind: cloze, text: "A {{c1::one}} and {{c2::two}}"}\n'
    curator.build(fact)
    (problem,) = curator.refused('  - {id: g, kind: cloze, text: "A {{c1::twain}} and two"}\n')
    assert "if the numbers have moved, give each text its number back" in problem
    (problem,) = curator.refused(fact.replace("c1::one", "c3::ONE"))
    assert "“ONE” is deletion 1 in learners' collections; keep its number" in problem
    curator.build(fact.replace("one", "unity"))


SHARED = "First {{c1::alpha}} then {{c2::beta}} and {{c2::gamma}}."


def gaps(text: str) -> str:
    return f'  - {{id: g, kind: cloze, text: "{text}"}}\n'


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (SHARED, "{{c1::new}} {{c2::Alpha}} {{c2::beta}} {{c2::gamma}} end", ["Alpha 1"]),
        (SHARED, "{{c1::beta}} {{c2::alpha}} {{c2::gamma}} end", ["alpha 1"]),
        (SHARED, "{{c1::beta}} {{c1::gamma}} {{c2::alpha}} end", ["beta / gamma 2", "alpha 1"]),
        (SHARED, "{{c1::new}} {{c2::beta}} {{c2::gamma}} {{c3::alpha}} end", ["alpha 1"]),
        (SHARED, "{{c2::beta}} {{c2::gamma}} {{c3::alpha}} {{c3::new}} end", ["alpha 1"]),
        (
            "{{c1::a}} {{c2::b}} {{c3::c}} end",
            "{{c1::a}} {{c2::d}} {{c3::b}} {{c3::c}} end",
            ["b 2"],
        ),
        (
            "{{c1::he / she}} {{c2::they}} end",
            "{{c1::they}} {{c2::he / she}} end",
            ["they 2", "he / she 1"],
        ),
    ],
)
def test_a_text_does_not_leave_its_number_for_one_that_several_share(
    curator: Curator, before: str, after: str, moved: list[str]
) -> None:
    curator.build(gaps(before))
    expected = [text.rpartition(" ") for text in moved]
    assert curator.refused(gaps(after)) == [
        f"facts/a.yaml:5:5: error: “{text}” is deletion {number} in learners' collections; keep its"
        " number [cloze]"
        for text, _, number in expected
    ]


@pytest.mark.parametrize(
    "after",
    [
        "{{c1::alpha}} {{c2::gamma}} {{c2::beta}} end",
        "{{c1::alpha}} {{c1::new}} {{c2::beta}} {{c2::gamma}} end",
        "{{c1::alpha}} {{c2::beta}} {{c2::gamma}} {{c2::alpha}} end",
        "{{c1::alpha}} {{c2::beta}} end",
        "{{c1::alpha}} {{c2::beta}} {{c3::gamma}} end",
        "{{c1::alpha}} {{c1::gamma}} {{c2::beta}} end",
        "{{c1::new}} {{c2::newer}} {{c2::gamma}} end",
        "{{c1::new}} {{c2::newer}} {{c2::newest}} end",
    ],
)
def test_texts_that_share_a_number_may_become_more_fewer_or_others(
    curator: Curator, after: str
) -> None:
    curator.build(gaps(SHARED))
    curator.build(gaps(after))


def test_a_text_may_join_those_of_another_number_after_its_own_is_gone(curator: Curator) -> None:
    curator.build(gaps(SHARED))
    curator.build(gaps("{{c2::beta}} {{c2::gamma}} end"))
    curator.build(gaps("{{c2::beta}} {{c2::gamma}} {{c2::alpha}} end"))


def test_a_removed_facts_id_never_goes_to_another_fact(curator: Curator) -> None:
    a = "  - {id: a, kind: term, term: ARF, meaning: A forum}\n"
    b = "  - {id: b, kind: term, term: EAS, meaning: A summit}\n"
    c = "  - {id: c, kind: term, term: APT, meaning: A process}\n"
    curator.build(a, b, c)
    curator.build(b, c)
    (problem,) = curator.refused(b.replace("id: b", "id: a, formerly: b"), c)
    assert problem == (
        "facts/a.yaml:5:5: error: “b” cannot be renamed to “a”, since “a/meaning” is another note"
        " in learners' collections; choose an id that was never used, or remove formerly [formerly]"
    )
    (problem,) = curator.refused(a.replace("ARF", "TAC").replace("forum", "treaty"), b, c)
    assert problem == (
        "facts/a.yaml:5:5: error: “a” was the id of a fact that was removed on 2020-09-15, and"
        " shows something else now; if it is the same fact, write formerly: a; otherwise choose an"
        " id that was never used [reused-id]"
    )
    curator.build(a.replace("ARF", "TAC").replace("id: a", "id: a, formerly: a"), b, c)
    curator.build(a.replace("ARF", "TAC"), b, c)


def test_ids_that_move_between_facts_are_refused(curator: Curator) -> None:
    facts = [
        f"  - {{id: q-{n}, kind: term, term: {term}, meaning: It is {term}}}\n"
        for n, term in enumerate(["ARF", "EAS", "APT"], 1)
    ]
    curator.build(*facts)
    exchanged = [facts[1].replace("q-2", "q-1"), facts[0].replace("q-1", "q-2"), facts[2]]
    assert curator.refused(*exchanged) == [
        f"facts/a.yaml:{line}:5: error: “{key}/meaning” shows what “{other}/meaning” showed in the"
        " last build, and would take over the history of other cards; give"
        f" “{other}” its id back, and a new fact a new one [moved-id]"
        for line, key, other in ((5, "q-1", "q-2"), (6, "q-2", "q-1"))
    ]
    new = "  - {id: q-2, kind: term, term: TAC, meaning: It is TAC}\n"
    renumbered = [facts[0], new, facts[1].replace("q-2", "q-3"), facts[2].replace("q-3", "q-4")]
    assert len(curator.refused(*renumbered)) == 2
    assert len(curator.refused(facts[1].replace("q-2", "q-1"), facts[2].replace("q-3", "q-2"))) == 2


def test_prompts_that_exchange_their_names_are_refused(curator: Curator) -> None:
    event = "  - {id: a, kind: event, event: was a, date: 1994, place: Bangkok}\n"
    curator.build(event)
    curator.files = {
        "kinds/event.yaml": "about: x\nfields: {event: {type: text}, date: {type: date}, place:"
        " {type: text}}\nprompts:\n  where: {front: 'When {{ event }}?', back: '{{ date }}'}\n"
        "  when: {front: 'Where {{ event }}?', back: '{{ place }}'}\n"
    }
    assert len(curator.refused(event)) == 2


def test_two_facts_may_come_to_say_the_same(curator: Curator) -> None:
    a = "  - {id: a, kind: term, term: ARF, meaning: A forum}\n"
    curator.build(a, a.replace("id: a", "id: b").replace("ARF", "EAS"))
    curator.build(a, a.replace("id: a", "id: b"))


def test_new_left_in_place_never_costs_an_items_history(
    curator: Curator, learner: Collection
) -> None:
    new = LIST.replace("z]", "z, {item: gamma, new: true}]")
    double_click(learner, curator.build(LIST))
    double_click(learner, curator.build(new))
    double_click(learner, curator.build(new))
    days = study(learner, "")
    (problem,) = curator.refused(new.replace("gamma", "delta"))
    assert problem.split("error: ")[1] == (
        "“delta” is new here and “gamma” is gone: is it the same item, reworded? Then write {item:"
        " …, formerly: …}, so that its card keeps its history; “new: true” may be left over from"
        " “gamma”. If it is another item, take the old one out, build, and add the new one after"
        " that [reworded-item]"
    )
    curator.build(LIST.replace("z]", "z, gamma]"))
    double_click(learner, curator.build(new.replace("gamma, new: true", "delta, formerly: gamma")))
    assert intervals(learner) == days


def test_a_formerly_left_in_place_leads_from_any_former_id(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(B))
    days = study(learner, "")
    double_click(learner, curator.build(B.replace("id: b", "id: c, formerly: b")))
    other = B.replace("id: b", "id: d, formerly: b").replace("A forum", "One of the forums")
    assert double_click(learner, curator.build(other)) == Imported(0, 1, 0, 0)
    assert intervals(learner) == days


def test_a_renamed_field_keeps_the_cards_of_its_deletions(
    curator: Curator, learner: Collection
) -> None:
    kind = (
        "about: A list.\nfields:\n  list: {type: text}\n  %s\n"
        "prompts: {items: {cloze: '{{ list | cloze }}: {{ %s | cloze }}'}}\n"
    )
    curator.files = {"kinds/list.yaml": kind % ("items: {type: list}", "items")}
    double_click(learner, curator.build(LIST))
    days = study(learner, "")
    renamed = LIST.replace("items", "things")
    curator.files = {"kinds/list.yaml": kind % ("things: {type: list}", "things")}
    assert set(curator.refused(renamed)) == {
        "kinds/list.yaml:4:3: error: prompt “items” hides the field “things” and no longer “items”;"
        " if it was renamed, write formerly: items beside its type, so that its cards keep their"
        " history; otherwise give the prompt another name [renamed-field]"
    }
    curator.files = {"kinds/list.yaml": kind % ("things: {type: list, formerly: items}", "things")}
    assert double_click(learner, curator.build(renamed)) == Imported(0, 0, 1, 0)
    reworded = renamed.replace("y", "{item: why, formerly: y}")
    assert double_click(learner, curator.build(reworded)) == Imported(0, 1, 0, 0)
    assert intervals(learner) == days
    curator.files = {"kinds/list.yaml": kind % ("things: {type: list}", "things")}
    assert double_click(learner, curator.build(reworded)) == Imported(0, 0, 1, 0)


PICTURES = {
    "kinds/map.yaml": "about: A map.\nfields: {map: {type: picture, required: true}, of: {type:"
    " text}}\nprompts: {what: {front: 'What is it? {{ map }}', back: '{{ of }}'}}\n",
    "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A map}\n",
    "media/m.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}


def test_a_changed_picture_has_a_new_name(curator: Curator, learner: Collection) -> None:
    curator.files = PICTURES
    facts = "  - {id: m, kind: map, map: m.svg, of: it}\n" + A.replace("}", ", picture: m.svg}")
    double_click(learner, curator.build(facts))
    media = Path(learner.media.dir())
    (old,) = [path.name for path in media.iterdir()]
    assert (
        f'What is it? <img src="{old}" alt="A map">'
        in cards_of(learner, "Key:m/what")[0].question()
    )
    curator.files = PICTURES | {"media/m.svg": "<svg xmlns='http://www.w3.org/2000/svg'> </svg>"}
    assert double_click(learner, curator.build(facts)) == Imported(0, 3, 0, 0)
    (new,) = [path.name for path in media.iterdir() if path.name != old]
    for key in ("m/what", "a/when", "a/where"):
        html = cards_of(learner, f"Key:{key}")[0].answer()
        assert new in html
        assert old not in html
    assert (media / new).read_text("utf-8") == curator.files["media/m.svg"]


def test_a_new_recording_under_the_same_name_reaches_the_learner(
    curator: Curator, learner: Collection
) -> None:
    kind = (
        "about: A word.\nfields: {word: {type: text}, say: {type: audio}}\n"
        "prompts: {say: {front: 'Say {{ word }}?', back: '{{ say }}'}}\n"
    )
    curator.files = {
        "kinds/word.yaml": kind,
        "media/sources.yaml": "hola.wav: {origin: recorded, licence: CC0}\n",
        "media/hola.wav": wav(),
    }
    facts = "  - {id: w, kind: word, word: hola, say: hola.wav}\n"
    double_click(learner, curator.build(facts))
    days = study(learner, "")
    (card,) = cards_of(learner, "Key:w/say")
    (old,) = played_by(card.render_output().answer_av_tags)
    again = wav() + chunk(b"note", b"better")
    curator.files = {**curator.files, "media/hola.wav": again}
    assert double_click(learner, curator.build(facts)) == Imported(0, 1, 0, 0)
    assert intervals(learner) == days
    (new,) = played_by(cards_of(learner, "Key:w/say")[0].render_output().answer_av_tags)
    assert new != old
    assert (Path(learner.media.dir()) / new).read_bytes() == again
    assert double_click(learner, curator.build(facts)) == Imported(0, 0, 1, 0)


def test_a_removed_facts_cards_stay_and_can_be_found(curator: Curator, learner: Collection) -> None:
    first = curator.build(A, B, LIST).rename(curator.root / "first.apkg")
    double_click(learner, first)
    days = study(learner, "")
    package = curator.build(LIST.replace(", y", ""), B)
    double_click(learner, package)
    assert intervals(learner) == days
    (old, _), (new, _) = read_package(first), read_package(package)
    assert old
    assert new
    changes = compare(old, new)
    gone = [(seen.key, card) for seen, card in changes.gone]
    assert gone == [("a/when", None), ("a/where", None), ("l/items", 2)]
    found = [
        (card.note()["Key"], card.ord + 1) for card in cards_of(learner, search_for(changes.gone))
    ]
    assert sorted(found) == [("a/when", 1), ("a/where", 1), ("l/items", 2)]


RENAMED_PROMPT = {
    "kinds/term.yaml": "about: A term.\nfields: {term: {type: text}, meaning: {type: text}}\n"
    "prompts: {ask: {front: 'What is {{ term }}?', back: '{{ meaning }}'}}\n"
}


@pytest.mark.parametrize(
    ("renamed", "files"),
    [(B.replace("id: b", "id: c, formerly: b"), {}), (B, RENAMED_PROMPT)],
    ids=["fact", "prompt"],
)
@pytest.mark.parametrize("named_in", ["build", "changes"])
def test_what_is_gone_is_found_under_a_former_key_too(
    curator: Curator, learner: Collection, renamed: str, files: Files, named_in: str
) -> None:
    double_click(learner, curator.build(LIST, B))
    curator.files = files
    double_click(learner, curator.build(LIST, renamed).rename(curator.root / "old.apkg"))
    write_sources(curator.root, curator.files, a=HEAD + LIST)
    said = cards(curator.root, "build").stdout
    if named_in == "changes":
        said = cards(curator.root, "changes", "old.apkg").stdout
    (search,) = re.findall("(?:gone, but kept by Anki|Anki's browser): (.*)", said)
    assert [card.note()["Key"] for card in cards_of(learner, search)] == ["b/meaning"]


def test_what_changes_is_found_under_a_former_key_until_the_import_and_after_it(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(LIST))
    curator.build(LIST.replace("id: l", "id: m, formerly: l"))
    write_sources(curator.root, a=HEAD + LIST.replace("id: l", "id: m").replace(", y", ""))
    said = cards(curator.root, "build").stdout
    reworded, removed = re.findall("(?:reworded|by Anki): (.*)", said)
    for edition in ("before", "after"):
        assert len(cards_of(learner, reworded)) == 3, edition
        assert [card.ord for card in cards_of(learner, removed)] == [1], edition
        double_click(learner, curator.root / "decks" / "mini.apkg")


def test_new_cards_are_told_also_of_notes_that_anki_does_not_update(
    curator: Curator, learner: Collection
) -> None:
    old = curator.build(LIST).rename(curator.root / "old.apkg")
    double_click(learner, old)
    new = curator.build(LIST.replace("z]", "z, w]"))
    edit(learner, "l/items", "Note", "mine")
    learner.db.execute("update notes set mod = ?", curator.now + 1)  # type: ignore[union-attr]
    assert double_click(learner, new) == Imported(0, 0, 1, 0)
    assert learner.card_count() == 4
    (before, _), (after, _) = read_package(old), read_package(new)
    assert before
    assert after
    hers = {guid: seen._replace(mod=curator.now + 1) for guid, seen in before.notes.items()}
    for edition in (before, before._replace(notes=hers)):
        assert [(seen.key, card) for seen, card in compare(edition, after).new_cards] == [
            ("l/items", 4)
        ]


def test_a_note_that_gains_a_reverse_keeps_its_history(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(B))
    days = study(learner, "")
    double_click(learner, curator.build(B.replace("}", ", clue: Which?}")))
    assert intervals(learner) == days
    assert [question_of(card) for card in cards_of(learner, "Key:b/meaning")] == [
        "Forums › Arf What is ARF?",
        "Forums › Arf Which?",
    ]


def test_new_cards_of_a_later_edition_take_their_place_in_the_learning_order(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(LIST))
    double_click(learner, curator.build(LIST, B, A))
    keys = new_cards_in_order(learner, "Mini")
    assert list(dict.fromkeys(keys)) == ["l/items", "b/meaning", "a/when", "a/where"]


def test_a_renamed_fact_keeps_its_history_and_the_learners_words(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(A, B))
    days = study(learner, "")
    edit(learner, "b/meaning", "Back", "mine")
    learner.db.execute("update notes set mod = ?", curator.now)  # type: ignore[union-attr]
    renamed = (
        (A + B)
        .replace("id: a", "id: first, formerly: a")
        .replace("id: b", "id: second, formerly: [b]")
    )
    assert double_click(learner, curator.build(renamed)) == Imported(0, 0, 3, 0)
    again = renamed.replace("id: first, formerly: a", "id: third, formerly: [first, a]")
    package = curator.build(again.replace("1994", "1995"))
    assert double_click(learner, package) == Imported(0, 1, 2, 0)
    assert intervals(learner) == days
    assert learner.note_count() == 3
    assert "1995" in answer_of(cards_of(learner, "Key:third/when")[0])
    assert learner.get_note(learner.find_notes("Key:b/meaning")[0])["Back"] == "mine"


def test_a_fact_renamed_without_saying_so_is_refused(curator: Curator) -> None:
    curator.build(A, B)
    assert curator.refused(A, B.replace("id: b", "id: c")) == [
        "facts/a.yaml:6:5: error: this is “b” under another id; write formerly: b [formerly]"
    ]


def test_a_former_id_is_never_given_to_another_fact(curator: Curator) -> None:
    curator.build(B)
    curator.build(B.replace("id: b", "id: c, formerly: b"))
    new = B.replace("ARF", "EAS")
    assert curator.refused(B.replace("id: b", "id: c"), new) == [
        "facts/a.yaml:6:5: error: “b/meaning” is the former key of “c/meaning”, which is still"
        " there; choose another [formerly]"
    ]


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        (
            "id: b, formerly: x",
            "id: c, formerly: x",
            "6:5: error: the former id “x” is already taken at facts/a.yaml:5 [formerly]",
        ),
        (
            "id: b, formerly: c",
            "id: c",
            "5:5: error: the former id “c” is already taken at facts/a.yaml:6 [formerly]",
        ),
    ],
)
def test_a_former_id_belongs_to_one_fact(
    tmp_path: Path, first: str, second: str, problem: str
) -> None:
    facts = HEAD + B.replace("id: b", first) + B.replace("id: b", second).replace("ARF", "EAS")
    assert problems_of(tmp_path, a=facts) == [f"facts/a.yaml:{problem}"]


def test_a_renamed_prompt_of_the_same_content_is_the_same_note(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(B))
    days = study(learner, "")
    curator.files = RENAMED_PROMPT
    assert double_click(learner, curator.build(B)) == Imported(0, 0, 1, 0)
    assert intervals(learner) == days


def test_a_prompt_never_becomes_a_cloze(curator: Curator) -> None:
    curator.build(B)
    curator.files = {
        "kinds/term.yaml": "about: A term.\nfields: {term: {type: text}, meaning: {type: text}}\n"
        "prompts: {meaning: {cloze: '{{ term | cloze }} is {{ meaning }}'}}\n"
    }
    assert curator.refused(B) == [
        "kinds/term.yaml:1:1: error: the note of “b” is a front and back in learners' collections,"
        " and Anki moves no note to another note type; go back to that, or give the prompt"
        " “meaning” another name, or the facts new ids [note-type]"
    ]
