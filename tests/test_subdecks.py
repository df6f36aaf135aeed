"""New cards go into the subdecks that facts name; existing ones stay where learners have them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from anki.collection import Collection
from anki.decks import DeckId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.command import cards
from tests.effort import sample
from tests.engine import cards_of, collection, double_click
from tests.public import read_package, wrong_with_text
from tests.sources import HEAD, MINI, problems_of, write_sources


def facts(**decks: str) -> str:
    """A file of facts, each with a name and perhaps a subdeck."""
    lines = []
    for name, deck in decks.items():
        said = f", deck: {deck}" if deck else ""
        lines.append(f"  - {{id: {name}, kind: event, event: was {name}, date: 1994{said}}}\n")
    return HEAD + "".join(lines)


def build(root: Path, text: str, files: dict[str, str] | None = None) -> Path:
    """The package of such a deck."""
    write_sources(root, files, a=text)
    built = cards(root, "build")
    assert built.exit_code == 0, built.output
    return root / "decks" / "mini.apkg"


def decks_of(col: Collection) -> dict[str, str]:
    """Fact → the name of the deck in which its card is."""
    return {
        card.note()["Key"].partition("/")[0]: col.decks.name(card.did) for card in cards_of(col)
    }


def test_a_fact_or_a_file_puts_new_cards_into_a_subdeck(tmp_path: Path) -> None:
    text = "deck: Unit 1\n" + facts(a="", b="Unit 1::Verbs", c="Über::α::β")
    package = build(tmp_path, text)
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, package)
        assert decks_of(col) == {
            "a": "Mini::Unit 1",
            "b": "Mini::Unit 1::Verbs",
            "c": "Mini::Über::α::β",
        }
        names = {deck.name for deck in col.decks.all_names_and_ids()}
        assert names == {"Default", "Mini", *decks_of(col).values(), "Mini::Über", "Mini::Über::α"}
        described = col.decks.by_name("Mini")
        assert described is not None
        assert "A small deck." in described["desc"]
        again = double_click(col, package)
        assert (again.new, again.updated) == (0, 0)


def test_cards_stay_where_the_learner_has_them_and_only_new_ones_go_into_a_new_subdeck(
    tmp_path: Path,
) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, build(tmp_path, facts(a="", b="Unit 1", c="Unit 1")))
        mine = col.decks.id("Mine")
        assert mine
        col.set_deck(col.find_cards("Key:c/*"), mine)
        # Everything moves in the sources, and there are three new facts.
        text = "deck: Unit 2\n" + facts(a="", b="", c="", d="", e="Unit 1", f="Unit 1::Verbs")
        package = build(tmp_path, text)
        found = double_click(col, package)
        assert (found.new, found.updated, found.conflicting) == (3, 0, 0)
        assert decks_of(col) == {
            "a": "Mini",
            "b": "Mini::Unit 1",
            "c": "Mine",
            "d": "Mini::Unit 2",
            "e": "Mini::Unit 1",
            "f": "Mini::Unit 1::Verbs",
        }


def test_a_correction_leaves_a_card_in_the_deck_of_the_learner(tmp_path: Path) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, build(tmp_path, facts(a="Unit 1")))
        text = facts(a="Unit 2").replace("was a", "was the first A")
        assert double_click(col, build(tmp_path, text)).updated == 1
        assert decks_of(col) == {"a": "Mini::Unit 1"}


def test_a_learner_who_renamed_or_moved_the_decks_keeps_them(tmp_path: Path) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, build(tmp_path, facts(a="Unit 1", b="")))
        number = col.decks.id_for_name("Mini::Unit 1")
        assert number
        col.decks.rename(number, "Mini::Lesson 1")
        double_click(col, build(tmp_path, facts(a="Unit 1", b="", c="Unit 1")))
        found = decks_of(col)
        assert (found["a"], found["b"]) == ("Mini::Lesson 1", "Mini")
        assert found["c"] in ("Mini::Unit 1", "Mini::Lesson 1")


def test_another_subdeck_is_no_change_to_a_note(tmp_path: Path) -> None:
    build(tmp_path, facts(a="Unit 1", b=""))
    before = (tmp_path / "decks/ledger.jsonl").read_bytes()
    old = tmp_path / "old.apkg"
    old.write_bytes((tmp_path / "decks/mini.apkg").read_bytes())
    build(tmp_path, facts(a="Unit 2", b="Unit 2::x"))
    assert (tmp_path / "decks/ledger.jsonl").read_bytes() == before
    assert (tmp_path / "decks/mini.apkg").read_bytes() != old.read_bytes()
    assert cards(tmp_path, "build", "--check").exit_code == 0
    said = cards(tmp_path, "changes", old, tmp_path / "decks/mini.apkg", "--src", "src")
    assert said.stdout == "Nothing changes for learners.\n"


def test_decks_have_the_same_numbers_in_every_build_and_package(tmp_path: Path) -> None:
    rows = []
    for text in (facts(a="Unit 1", b="Unit 2"), facts(c="Unit 0", b="Unit 2", a="Unit 1")):
        edition, problems = read_package(build(tmp_path, text))
        assert edition
        assert not problems
        rows.append({deck["name"]: number for number, deck in edition.rest[2].items()})  # type: ignore[attr-defined]
        (tmp_path / "decks/ledger.jsonl").unlink()
        (tmp_path / "decks/mini.apkg").unlink()
        (tmp_path / "decks/mini-core.apkg").unlink()
        (tmp_path / "decks/STUDY.md").unlink()
    assert rows[0].items() <= rows[1].items()
    assert len(set(rows[1].values())) == 5


def test_show_names_the_subdeck(tmp_path: Path) -> None:
    write_sources(tmp_path, a=facts(a="Unit 1::Verbs", b=""))
    assert "Deck  Mini::Unit 1::Verbs\n" in cards(tmp_path, "show", "a").stdout
    assert "Deck" not in cards(tmp_path, "show", "b").stdout


@pytest.mark.parametrize(
    "name",
    [
        *("a::", "::a", "a::::b", "a:", ":a", "a :: b", "a::\u00a0b", 'say "a"', "a:::b", " "),
        *("a\\x07b", "a\\x7fb", "a\\tb", "a\\nb", "a\u200bb", "\u202ea", "\u0301a", "x" * 101),
        *("[a, b]", "{a: b}", "::".join("a" * 22)),
    ],
)
def test_a_name_that_anki_would_change_is_an_error(tmp_path: Path, name: str) -> None:
    said = name if name[:1] in "[{" else f"'{name}'" if '"' in name else f'"{name}"'
    found = problems_of(tmp_path, a=f"deck: {said}\n" + facts(a=""))
    assert found
    assert all(one.startswith("facts/a.yaml:1:7: error: ") for one in found)


def test_what_a_file_says_is_checked_though_every_fact_says_something_else(tmp_path: Path) -> None:
    found = problems_of(tmp_path, a="deck: 'a:: b'\nas_of: soon\n" + facts(a="A"))
    assert [one.rpartition(" [")[2] for one in found] == ["deck]", "date]"]


def test_a_subdeck_is_named_from_the_deck_on(tmp_path: Path) -> None:
    for name in ("Mini::Unit 1", "Mini", "mini::Unit 1"):
        assert problems_of(tmp_path, a=f"deck: {name}\n" + facts(a="", b="")) == [
            f"facts/a.yaml:1:7: error: “{name}” would be “Mini::{name}”; name only what comes after"
            " “Mini” [deck]"
        ]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Unit 1", "unit 1"), ("Unit 1::A", "UNIT 1::B"), ("Straße", "STRASSE"), ("É", "é")],
)
def test_two_names_that_are_one_to_anki_are_an_error(tmp_path: Path, one: str, other: str) -> None:
    found = problems_of(tmp_path, a=facts(a=one), b=facts(b=other))
    first, second = one.partition("::")[0], other.partition("::")[0]
    found = [one.replace(f"{tmp_path}/src/", "") for one in found]
    assert found == [
        f"facts/b.yaml:5:58: error: Anki takes “{second}” and “{first}” (facts/a.yaml:5) for one"
        " deck; write both alike [deck]"
    ]
    assert not problems_of(tmp_path, a=facts(a=one), b=facts(b=one))


@pytest.mark.parametrize("name", ["Mini::", 'My "deck"', "a::::b", "x" * 101])
def test_the_deck_itself_has_a_name_that_anki_keeps(tmp_path: Path, name: str) -> None:
    decks = MINI["decks.yaml"].replace("deck: Mini", f"deck: '{name}'")
    found = [one for one in problems_of(tmp_path, {"decks.yaml": decks}) if "[deck]" in one]
    assert [one.partition(": ")[0] for one in found] == ["decks.yaml:2:7"]


def test_a_deck_within_another_has_subdecks_too(tmp_path: Path) -> None:
    decks = MINI["decks.yaml"].replace("deck: Mini", "deck: Languages::Mini")
    package = build(tmp_path, facts(a="Unit 1"), {"decks.yaml": decks})
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, package)
        assert decks_of(col) == {"a": "Languages::Mini::Unit 1"}


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return Collection(str(tmp_path_factory.mktemp("decks") / "anki.anki2"))


@settings(max_examples=sample(1_000), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text("aÉß ::\u0301\u00a0\u3000\x07\u200b\"'*_\\<&.-😀ا\u200dهक्", min_size=1, max_size=7)
)
def test_anki_keeps_every_name_that_is_taken(learner: Collection, name: str) -> None:
    composed = unicodedata.normalize("NFC", name)
    if not wrong_with_text(composed, "deck-name"):
        number = learner.decks.id(f"Mini::{composed}")
        assert number
        kept = learner.decks.name(DeckId(number))
        assert kept.casefold() == f"Mini::{composed}".casefold()
