"""What a list keeps for ever while ids, prompts, fields and items change around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anki.collection import Collection

from tests.engine import cards_of, collection, double_click, question_of
from tests.test_upgrades import LIST, Curator, intervals, study

KIND = """
about: A list.
fields: {list: {type: text, required: true}, %s: {type: list, required: true%s}}
prompts: {%s: {cloze: '{{ list }}: {{ %s | cloze }}'}}
"""


def kind(field: str = "items", formerly: str = "", prompt: str = "items") -> dict[str, str]:
    """The kind of lists, with other names."""
    more = f", formerly: {formerly}" if formerly else ""
    return {"kinds/list.yaml": KIND % (field, more, prompt, field)}


@pytest.fixture
def curator(tmp_path: Path) -> Curator:
    return Curator(tmp_path)


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Collection]:
    with collection(tmp_path / "anki.anki2") as col:
        yield col


def test_a_list_that_lost_an_item_is_not_renamed_without_saying_so(curator: Curator) -> None:
    curator.build(LIST)
    curator.build(LIST.replace("x, ", ""))
    assert curator.refused(LIST.replace("x, ", "").replace("id: l", "id: m")) == [
        "facts/a.yaml:5:5: error: this is “l” under another id; write formerly: l [formerly]"
    ]


def test_a_renamed_prompt_of_a_list_that_lost_an_item_is_the_same_note(
    curator: Curator, learner: Collection
) -> None:
    curator.build(LIST)
    fewer = LIST.replace("x, ", "")
    double_click(learner, curator.build(fewer))
    days = study(learner, "")
    curator.files = kind(prompt="each")
    assert double_click(learner, curator.build(fewer)).new == 0
    assert intervals(learner) == days


def test_an_item_comes_back_after_its_field_was_renamed(
    curator: Curator, learner: Collection
) -> None:
    double_click(learner, curator.build(LIST))
    days = study(learner, "")
    curator.build(LIST.replace("y, ", ""))
    curator.files = kind("things", "items")
    curator.build(LIST.replace("y, ", "").replace("items", "things"))
    curator.files = kind("things")
    double_click(learner, curator.build(LIST.replace("items", "things")))
    assert intervals(learner) == days
    assert "[...]" in question_of(cards_of(learner, "Key:l/items")[1])
    assert learner.card_count() == 3


def test_a_field_is_renamed_while_an_item_goes_and_another_comes(curator: Curator) -> None:
    curator.build(LIST)
    curator.files = kind("things", "items")
    curator.build(LIST.replace("items", "things").replace("y", "{item: w, new: true}"))


def test_what_the_merge_of_a_renamed_and_a_reworded_note_asks_for_can_be_done(
    curator: Curator,
) -> None:
    fact = '  - {id: g, kind: cloze, text: "{{c1::One}} and {{c2::two}}"}\n'
    curator.build(fact)
    ledger = curator.root / "decks" / "ledger.jsonl"
    base = ledger.read_text("utf-8")
    curator.build(fact.replace("id: g", "id: h, formerly: g"))
    ours = ledger.read_text("utf-8")
    packages = {path: path.read_bytes() for path in ledger.parent.glob("*.apkg")}
    ledger.write_text(base, "utf-8")
    for path in packages:
        path.unlink()
    reworded = fact.replace("One", "Once")
    curator.build(reworded)
    theirs = ledger.read_text("utf-8")
    for path, data in packages.items():
        path.write_bytes(data)
    lines = {*ours.splitlines(keepends=True), *theirs.splitlines(keepends=True)}
    ledger.write_text("".join(sorted(lines)), "utf-8")
    merged = reworded.replace("id: g", "id: h, formerly: g")
    (problem,) = curator.refused(merged)
    assert "write its present text into" in problem
    ledger.write_text(ledger.read_text("utf-8").replace('"One"', '"Once"'), "utf-8")
    curator.build(merged)
