"""Promises about Anki, kept in front of the real one."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import sample
from tests.engine import (
    Imported,
    answer_of,
    cards_of,
    collection,
    double_click,
    new_cards_in_order,
    question_of,
)
from tests.sources import HEAD, package_of, project_of

FACTS = (
    HEAD
    + "  - {id: a, kind: event, event: was it, date: 1994-07-25, place: Bangkok}\n"
    + "  - {id: b, kind: term, term: ARF, meaning: A forum, clue: Which forum?}\n"
    + "  - {id: c, kind: list, list: Some, items: [x, y, z], level: detail, caution: Mind.}\n"
)

if TYPE_CHECKING:
    from anki.cards import Card


def built(root: Path, now: int = 1_700_000_000, **facts: str) -> Path:
    """The folder of packages built from such facts."""
    return package_of(project_of(root, None, **facts), root, now).parent


def test_a_package_imports_as_it_was_built(tmp_path: Path) -> None:
    decks = built(tmp_path, a=FACTS)
    with collection(tmp_path / "anki.anki2") as col:
        assert double_click(col, decks / "mini.apkg") == Imported(4, 0, 0, 0)
        assert col.card_count() == 7
        assert col.decks.id_for_name("Mini")
        assert sorted(col.get_note(col.find_notes("Key:c/items")[0]).tags) == [
            "Mini::caution",
            "Mini::kind::list",
            "Mini::level::detail",
            "Mini::source::handbook",
            "Mini::topic::forums::arf",
        ]
        report, fine = col.fix_integrity()
        assert fine, report


def test_each_kind_of_card_shows_question_and_answer(tmp_path: Path) -> None:
    decks = built(tmp_path, a=FACTS)
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, decks / "mini.apkg")
        (when,) = cards_of(col, "Key:a/when")
        assert question_of(when) == "Forums › Arf When was it?"
        source = "Source A. Writer, A Handbook (2020), p. 1"
        assert answer_of(when) == f"Forums › Arf When was it? 25 July 1994 {source} a/when"
        there, back = cards_of(col, "Key:b/meaning")
        assert question_of(there) == "Forums › Arf What is ARF?"
        assert question_of(back) == "Forums › Arf Which forum?"
        assert answer_of(back) == f"Forums › Arf Which forum? ARF {source} b/meaning"
        second = cards_of(col, "Key:c/items")[1]
        assert question_of(second) == "Forums › Arf Some: x [...] z"
        assert answer_of(second) == f"Forums › Arf Some: x y z Mind. {source} c/items"


def test_two_packages_of_a_deck_make_no_duplicates(tmp_path: Path) -> None:
    decks = built(tmp_path, a=FACTS)
    with collection(tmp_path / "anki.anki2") as col:
        assert double_click(col, decks / "mini-core.apkg") == Imported(3, 0, 0, 0)
        assert double_click(col, decks / "mini.apkg") == Imported(1, 0, 3, 0)
        assert double_click(col, decks / "mini-core.apkg") == Imported(0, 0, 3, 0)
        assert col.note_count() == 4


def test_a_rebuild_leaves_a_learners_edit_alone(tmp_path: Path) -> None:
    decks = built(tmp_path, a=FACTS)
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, decks / "mini.apkg")
        note = col.get_note(col.find_notes("Key:a/when")[0])
        note["Back"] = "my own words"
        note.tags.append("marked")
        col.update_note(note)
        built(tmp_path, now=1_800_000_000, a=FACTS)
        assert double_click(col, decks / "mini.apkg") == Imported(0, 0, 4, 0)
        note.load()
        assert note["Back"] == "my own words"
        assert "marked" in note.tags


def test_a_reworded_answer_reaches_the_learner_and_keeps_her_progress(tmp_path: Path) -> None:
    decks = built(tmp_path, a=FACTS)
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, decks / "mini.apkg")
        before = cards_of(col, "Key:a/when")[0]
        col.sched.set_due_date([before.id], "5")
        built(tmp_path, now=2_000_000_000, a=FACTS.replace("1994-07-25", "1994"))
        assert double_click(col, decks / "mini.apkg") == Imported(0, 1, 3, 0)
        (after,) = cards_of(col, "Key:a/when")
        assert after.id == before.id
        assert "1994" in answer_of(after)
        assert "July" not in answer_of(after)
        assert after.ivl == 5


def test_new_cards_come_in_learning_order(tmp_path: Path) -> None:
    facts = HEAD + "".join(
        f"  - {{id: {name}, kind: event, event: was {name}, date: 1994, place: Here, {more}}}\n"
        for name, more in [
            ("late", "level: detail"),
            ("arf-1", "level: core"),
            ("arf-2", "level: core"),
            ("start", "level: core, topic: basics"),
        ]
    )
    decks = built(tmp_path, a=facts)
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, decks / "mini.apkg")
        assert new_cards_in_order(col, "Mini") == [
            "start/when",
            "arf-1/when",
            "arf-2/when",
            "late/when",
            "start/where",
            "arf-1/where",
            "arf-2/where",
            "late/where",
        ]


ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1)
WITHOUT_MARKUP = ANY_TEXT.filter(lambda text: not set(text) & set("\\`*_&<[]\"'"))


@settings(max_examples=sample(20))
@given(texts=st.lists(WITHOUT_MARKUP, min_size=1, max_size=20))
def test_a_card_shows_exactly_what_the_fact_says(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """Braces, colons, brackets: nothing that a fact says is a command to Anki."""
    root = tmp_path_factory.mktemp("any")
    texts = [
        text for text in dict.fromkeys(normalize("NFC", text).strip() for text in texts) if text
    ]
    if not texts:
        return
    quoted = [text.replace("'", "''") for text in texts]
    facts = HEAD + "".join(
        f"  - {{id: t-{n}, kind: term, term: '{text}', meaning: m}}\n"
        for n, text in enumerate(quoted)
    )
    items = ", ".join(f"'{text}'" for text in quoted)
    facts += f"  - {{id: all, kind: list, list: L, items: [{items}]}}\n"
    decks = built(root, a=facts)
    with collection(root / "anki.anki2") as col:
        double_click(col, decks / "mini.apkg")
        for n, text in enumerate(texts):
            (card,) = cards_of(col, f"Key:t-{n}/meaning")
            assert shown(card) == f"What is {text}?"
        clozes = cards_of(col, "Key:all/items")
        assert len(clozes) == len(texts)
        for text, card in zip(texts, clozes, strict=True):
            assert f'class="cloze" data-ordinal="{card.ord + 1}">' in card.answer()
            assert text in html.unescape(card.answer())


def shown(card: Card) -> str:
    """The question as a browser shows it."""
    question = card.render_output().question_text
    return html.unescape(question.partition("<div>")[2].partition("</div>")[0])
