"""The example decks: each is without a fault, arrives in Anki, and looks right on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import ANKI_LIGHT, ANKIDROID_DARK, PHONE, faults, quiet_page
from tests.command import cards
from tests.engine import answer_of, cards_of, collection, double_click, question_of
from tests.public import check, example_folders, make_preview

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOW = 1_700_000_000
EXAMPLES = example_folders()
TUTORIAL = {name: folder for name, folder in EXAMPLES.items() if name != "start"}
LINES = 150  # of sources that a beginner reads, but for tables


def test_the_examples_are_those_of_the_tutorial() -> None:
    assert TUTORIAL.keys() == {"arabic", "capitals", "chemistry", "elements", "spanish"}
    listed = (TUTORIAL["spanish"].parent / "README.md").read_text("utf-8")
    assert re.findall(r"^\| \[(\w+)\]\(\1\)", listed, re.MULTILINE) == [
        *("spanish", "chemistry", "arabic", "elements", "capitals"),
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_no_problem_and_arrives_in_anki(tmp_path: Path, name: str) -> None:
    folders = ("--src", EXAMPLES[name] / "cards_src", "--decks", tmp_path / "decks")
    checked = cards(tmp_path, "check", "--strict", *folders)
    assert (checked.exit_code, checked.stdout) == (0, ""), checked.output
    built = cards(tmp_path, "build", *folders)
    assert built.exit_code == 0, built.output
    package = tmp_path / "decks" / f"{name}.apkg"
    with collection(tmp_path / "learner.anki2") as col:
        imported = double_click(col, package)
        assert imported.new == int(re.findall(r"notice: (\d+) notes? added", built.output)[0])
        assert not col.get_empty_cards().notes
        arrived = cards_of(col)
        assert f"{len(arrived)} cards" in built.output
        for card in arrived:
            assert question_of(card)
            assert answer_of(card)
        assert not col.media.check().missing


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_card_of_an_example_fits_a_phone_by_day_and_by_night(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    made = make_preview(check(EXAMPLES[name] / "cards_src", tmp_path / "decks", NOW))
    assert not made.problems
    with quiet_page(browser, PHONE) as page:
        for scale in ("100%", "150%"):
            assert faults(page, made.data, [ANKI_LIGHT, ANKIDROID_DARK], scale=scale) == []


@pytest.mark.parametrize("name", TUTORIAL)
def test_an_example_is_short_and_explained(name: str) -> None:
    folder = TUTORIAL[name]
    assert {path.name for path in folder.iterdir()} == {"README.md", "cards_src"}
    sources = [path for path in (folder / "cards_src").rglob("*.*") if path.is_file()]
    texts = {
        path: path.read_text("utf-8")
        for path in sources
        if path.suffix in (".yaml", ".html", ".css") and path.parent.name != "schema"
    }
    assert sum(len(text.splitlines()) for text in texts.values()) <= LINES
    readme = (folder / "README.md").read_text("utf-8")
    assert f"--from {name}`" in readme
    for link in re.findall(r'(?:\]\(|src=")([^)":]+)', readme):
        assert (folder / link).exists(), link
    # What the page quotes stands in the sources.
    said = re.sub(r"\s*#.*", "", "".join(texts.values()))
    quoted = "".join(re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL))
    for line in re.sub(r"\s*#.*", "", quoted).splitlines():
        assert line.strip() in said


@pytest.mark.parametrize(
    ("name", "front", "back"),
    [
        ("spanish", "fish (alive)", ">peces</span>"),
        ("spanish", "Which vowel do you hear? [anki:play:q:0]", "as in <i>"),
        ("chemistry", "How is benzene written in SMILES?", ">c1ccccc1</span>"),
        ("chemistry", "How do alkanes, alkenes and alkynes differ?", "<td>one triple</td>"),
        ("arabic", 'lang="ar" dir="rtl"', "<summary>المرجع · حتى: مايو 2023</summary>"),
        ("elements", "What is the symbol of gold?", "From Latin <em>aurum</em>."),
        ("capitals", "Belize?</h1>[[type:Capital]]", "after a hurricane"),
        ("capitals", 'data-shape="rect"', "Toggle Masks"),
    ],
)
def test_a_learner_sees_what_the_tutorial_promises(
    tmp_path: Path, name: str, front: str, back: str
) -> None:
    folders = ("--src", TUTORIAL[name] / "cards_src", "--decks", tmp_path)
    assert cards(tmp_path, "build", *folders).exit_code == 0
    with collection(tmp_path / "learner.anki2") as col:
        double_click(col, tmp_path / f"{name}.apkg")
        sides = [(card.question(), card.answer()) for card in cards_of(col)]
    assert any(front in question and back in answer for question, answer in sides)


def test_new_cards_go_into_the_units_of_a_course(tmp_path: Path) -> None:
    folders = ("--src", TUTORIAL["spanish"] / "cards_src", "--decks", tmp_path)
    assert cards(tmp_path, "build", *folders).exit_code == 0
    with collection(tmp_path / "learner.anki2") as col:
        double_click(col, tmp_path / "spanish-understand.apkg")
        assert len(cards_of(col)) == 17
        double_click(col, tmp_path / "spanish.apkg")
        assert len(cards_of(col)) == 29
        assert len(cards_of(col, '"deck:Spanish::Unit 1"')) == 18
