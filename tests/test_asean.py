"""The real deck, as a learner gets it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from anki.collection import Collection

from tests.engine import (
    Imported,
    cards_of,
    collection,
    double_click,
    new_cards_in_order,
    text_of,
)
from tests.public import Build, Note, Project, plain_text, prepare, stale

ROOT = Path(__file__).parent.parent
DECKS = ROOT / "decks"


@pytest.fixture(scope="module")
def project(asean: Project) -> Project:
    return asean


@pytest.fixture(scope="module")
def made(project: Project) -> Build:
    """What a build gives now, its cloze deletions with the numbers that learners have."""
    made, problems = prepare(project, DECKS, now=2**32)
    assert made, problems
    return made


@pytest.fixture(scope="module")
def inside(made: Build) -> dict[str, list[Note]]:
    """Package → its notes."""
    packages = made.project.deck.packages
    return {
        name: [note for note, _, _ in made.contents_of(package).notes]
        for name, package in packages.items()
    }


@pytest.fixture(scope="module")
def learner(
    tmp_path_factory: pytest.TempPathFactory, inside: dict[str, list[Note]]
) -> Iterator[Collection]:
    """A new collection into which the deck and its reference part have been imported."""
    reference, rest = len(inside["asean-reference"]), len(inside["asean"])
    with collection(tmp_path_factory.mktemp("learner") / "anki.anki2") as col:
        assert double_click(col, DECKS / "asean.apkg") == Imported(rest, 0, 0, 0)
        assert double_click(col, DECKS / "asean-reference.apkg") == Imported(reference, 0, 0, 0)
        yield col


def test_the_packages_are_what_the_sources_give(made: Build) -> None:
    packages = made.project.deck.packages.values()
    assert not stale(made, packages, DECKS), "run `cards build` and commit decks/"


def test_anki_counts_what_the_builder_counts(learner: Collection, project: Project) -> None:
    assert learner.note_count() == len(project.notes)
    assert learner.card_count() == sum(len(note.cards) for note in project.notes)
    expected = Counter(tag for note in project.notes for tag in note.tags)
    found = {tag: len(learner.find_notes(f'"tag:{tag}" -"tag:{tag}::*"')) for tag in expected}
    assert found == expected
    assert set(learner.tags.all()) == set(expected)


def test_every_note_arrives_as_it_was_built(learner: Collection, made: Build) -> None:
    for note in made.notes:
        (note_id,) = learner.find_notes(f'"Key:{note.key}"')
        arrived = learner.get_note(note_id)
        assert tuple(arrived.fields) == note.fields
        assert tuple(sorted(arrived.tags)) == note.tags


def test_every_card_renders_with_a_question_and_an_answer(learner: Collection) -> None:
    for card in cards_of(learner):
        key = card.note()["Key"]
        question, answer = card.render_output().question_text, card.render_output().answer_text
        assert text_of(question), key
        assert text_of(answer).endswith(key), key
        answer = answer.partition("<footer>")[0]
        assert text_of(answer) != text_of(question), key
        for text in (question, answer):
            assert "{{" not in text, key
            assert "}}" not in text, key
            assert "has a problem" not in text, key


def test_ankis_own_check_finds_nothing(learner: Collection) -> None:
    report, fine = learner.fix_integrity()
    assert fine
    assert report.strip() == "Database rebuilt and optimized."


def test_anki_introduces_the_cards_in_learning_order(learner: Collection, project: Project) -> None:
    keys = new_cards_in_order(learner, project.deck.name)
    assert list(dict.fromkeys(keys)) == [note.key for note in project.notes]


def test_packages_imported_one_after_another_make_no_duplicates(
    tmp_path: Path, project: Project, inside: dict[str, list[Note]]
) -> None:
    had: set[str] = set()
    with collection(tmp_path / "anki.anki2") as col:
        for name in ("asean-india", "asean-core", "asean", "asean-defence", "asean-reference"):
            keys = {note.key for note in inside[name]}
            log = double_click(col, DECKS / f"{name}.apkg")
            assert log == Imported(len(keys - had), 0, len(keys & had), 0)
            had |= keys
    assert had == {note.key for note in project.notes}


def test_the_reference_tier_is_in_no_other_package(inside: dict[str, list[Note]]) -> None:
    for name, notes in inside.items():
        levels = {note.fact.level for note in notes}
        assert ("level::reference" in levels) == (name == "asean-reference")


def test_no_two_notes_ask_the_same(project: Project) -> None:
    fronts = Counter(side for note in project.notes for side in (note.fields[0],))
    fronts.update(note.fields[2] for note in project.notes if not note.cloze and note.fields[2])
    assert [front for front, count in fronts.items() if count > 1] == []


def test_every_fact_says_where_it_comes_from(project: Project) -> None:
    for note in project.notes:
        source = note.fields[-2]
        # Each line is a document and the place in it: “Title (year), place”.
        documents = re.findall("<div>(.*?)</div>", source)
        assert documents, note.key
        assert all(re.search(r"</i>(?:</a>)?(?: \([^)]+\))?, .", line) for line in documents), (
            note.key
        )


def test_every_topic_of_the_tag_tree_has_cards(project: Project) -> None:
    used = {note.fact.topic for note in project.notes}
    leaves = {
        tag
        for tag in project.vocabulary.tags
        if tag.startswith("topic::")
        and not any(other.startswith(f"{tag}::") for other in project.vocabulary.tags)
    }
    assert leaves - used == set()


def test_pictures_are_small_and_on_many_cards(project: Project) -> None:
    folder = ROOT / "cards_src" / "media"
    media = {name for note in project.notes for name in note.media}
    assert all((folder / name).stat().st_size < 60_000 for name in media)
    assert sum(bool(note.media) for note in project.notes) >= 20
    assert media == {path.name for path in folder.glob("*.svg")}


def test_fronts_stand_on_their_own_and_backs_are_short(project: Project) -> None:
    for note in project.notes:
        front = text_of(note.fields[0])
        words = set(re.findall(r"[a-z]+", front.lower()))
        assert not words & {"currently", "recently", "now"}, note.key
        assert not re.match(r"(Is|Are|Was|Were|Does|Do|Did|Has|Have|Can) ", front), note.key
        if not note.cloze:
            assert len(text_of(note.fields[1]).split()) <= 25, note.key


def test_whatever_counts_or_measures_says_for_when_it_holds(project: Project) -> None:
    for note in project.notes:
        text = text_of(" ".join(note.fields[: 1 if note.cloze else 2]))
        if re.search(r"\d ?%|USD|billion|million\b|How many", text):
            assert note.fact.as_of or re.search(r"(19|20)\d\d", text), note.key


# What a hint may say that something hidden is.
HINTS = {
    *("year", "years", "date", "month", "number", "share", "amount", "rank", "country", "city"),
    *("region", "sea", "body", "forum", "group", "partner", "person", "office", "document"),
    *("treaty", "agreement", "declaration", "plan", "term", "word", "area", "field", "sector"),
    *("aim", "norm", "principle", "reason", "measure", "means", "problem", "threat", "obstacle"),
    *("strength", "condition", "activity", "exercise", "event", "project", "step", "status"),
    *("policy", "pillar", "level", "technology", "language", "product"),
}
# A name has one form; these are the others.
OTHER_FORMS = re.compile(
    r"\b(?:Vietnam|Laos|Brunei(?! Darussalam)|East Timor|Timor Leste|Burma|South Korea"
    r"|Hanoi(?! Plan of Action)|Hong Kong(?!, China)|[Cc]yber-security|network security|ADMM Plus"
    r"|cybersecurity)\b|ADMM\+"
)
AUTHORS = re.compile(r"\b(?:Jiang|Trivedi|Rauf)\b")


def shown(note: Note) -> tuple[str, str]:
    """What a note asks and answers, and its Note field, as plain text."""
    *sides, context, _topic, _source, _key = note.fields
    return plain_text(" ".join(sides)), plain_text(context)


def test_hints_say_what_kind_of_thing_is_hidden(project: Project) -> None:
    for note in project.notes:
        hints = set(re.findall(r"\{\{c\d+::[^{}]*?::([^{}]*)\}\}", note.fields[0]))
        assert hints <= HINTS, note.key


def test_each_name_has_one_form(project: Project) -> None:
    for note in project.notes:
        for text in shown(note):
            assert not OTHER_FORMS.search(text), note.key


def test_few_fronts_ask_what_an_author_said_and_none_of_the_core(project: Project) -> None:
    asked = [note for note in project.notes if AUTHORS.search(note.fields[0])]
    assert sum(len(note.cards) for note in asked) <= 60
    assert {note.fact.level for note in asked} <= {"level::detail", "level::reference"}


def test_no_note_or_caution_talks_of_an_author_whom_the_card_does_not_name(
    project: Project,
) -> None:
    for note in project.notes:
        sides, context = shown(note)
        assert AUTHORS.search(sides) or not AUTHORS.search(context), note.key


def test_the_core_is_what_can_be_learnt_in_two_weeks(project: Project) -> None:
    core = [note for note in project.notes if note.fact.level == "level::core"]
    assert 250 <= len(core) <= 300
