"""The card of a deck: the builder's own, unless `card/` has another; and what its author adds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import cards, said_of
from tests.engine import cards_of, collection, double_click
from tests.sources import DEFAULT_CARD, MINI, Files, problems_of, project_of, write_sources

DEFAULT = Path(__file__).parent.parent / "builder" / "sources" / "default_card"
OWN: Files = {
    "card/front.html": "<p class=mine>[[ question ]]</p>",
    "card/back.html": "<p class=mine>[[ answer ]]</p>",
    "card/style.css": ".mine { color: black; }",
}


def decks(said: str) -> Files:
    return {"decks.yaml": f"{said}\n" + str(MINI["decks.yaml"]).replace("\n        ", "\n")}


def test_a_deck_without_a_card_has_that_of_the_builder(tmp_path: Path) -> None:
    write_sources(tmp_path, DEFAULT_CARD)
    assert not (tmp_path / "src" / "card").exists()
    assert cards(tmp_path, "build").exit_code == 0
    with collection(tmp_path / "learner.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        (card,) = cards_of(col)
        assert '<article class="start" lang="en" dir="ltr">' in card.question()
        assert '<h2 class="unseen">Answer</h2>' in card.answer()
        assert "nightMode" in card.note_type()["css"]


@pytest.mark.parametrize("own", OWN)
def test_each_file_of_the_card_stands_in_place_of_the_builders(tmp_path: Path, own: str) -> None:
    basic, cloze = project_of(tmp_path, {**DEFAULT_CARD, own: OWN[own]}).note_types
    for note_type in (basic, cloze):
        template = note_type.templates[0]
        parts = (template.front, template.back, note_type.css)
        assert ["mine" in part for part in parts] == [name == own for name in OWN]


def test_an_extra_style_comes_after_the_style_whosever_it_is(tmp_path: Path) -> None:
    extra: Files = {"card/extra.css": '.a::after { content: "[[ labels.answer ]]"; }'}
    for files in (DEFAULT_CARD, OWN):
        css = project_of(tmp_path, {**files, **extra}).note_types[0].css
        assert css.endswith('.a::after { content: "Answer"; }')
        assert len(css) > 50


def test_a_file_of_the_card_that_nothing_reads_is_told_of(tmp_path: Path) -> None:
    files: Files = {"card/styles.css": "", "card/fonts/a.txt": ""}
    assert problems_of(tmp_path, {**DEFAULT_CARD, **files}) == [
        "card/fonts:1:1: warning: not read; card/ has front.html, back.html, style.css, extra.css "
        "[file]",
        "card/styles.css:1:1: warning: not read; did you mean “style.css”? [file]",
    ]


def test_a_mistake_in_an_extra_style_has_its_place(tmp_path: Path) -> None:
    files: Files = {"card/extra.css": ".a {}\n.b { content: '[[ labels.cauton ]]'; }"}
    (problem,) = problems_of(tmp_path, {**DEFAULT_CARD, **files})
    assert problem.startswith("card/extra.css:2:")
    assert "did you mean “caution”?" in problem


@pytest.mark.parametrize("align", ["start", "center"])
def test_a_deck_says_whether_its_cards_are_centred(tmp_path: Path, align: str) -> None:
    basic, cloze = project_of(tmp_path, {**DEFAULT_CARD, **decks(f"align: {align}")}).note_types
    for template in (*basic.templates, *cloze.templates):
        assert f'<article class="{align}"' in template.front
        assert f'<article class="{align}"' in template.back


@pytest.mark.parametrize("align", ["left", "centre", "Center", "justify", '"start x"'])
def test_cards_have_no_other_alignment(tmp_path: Path, align: str) -> None:
    (problem,) = problems_of(tmp_path, {**DEFAULT_CARD, **decks(f"align: {align}")})
    assert "is not valid here; write start or center" in problem


def test_a_new_deck_has_a_copy_of_the_card_only_if_it_is_asked_for(tmp_path: Path) -> None:
    assert cards(tmp_path, "new", "plain").exit_code == 0
    assert not (tmp_path / "plain" / "cards_src" / "card").exists()
    assert cards(tmp_path, "new", "own", "--card").exit_code == 0
    folder = tmp_path / "own" / "cards_src" / "card"
    copied = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert copied == {path.name: path.read_bytes() for path in DEFAULT.iterdir()}
    # The copy is the same card, until somebody changes it.
    built = []
    for name in ("plain", "own"):
        folders = ("--src", tmp_path / name / "cards_src", "--decks", tmp_path / name / "decks")
        assert said_of(cards(tmp_path, "check", "--strict", *folders).stdout) == []
        assert cards(tmp_path, "build", *folders).exit_code == 0
        with collection(tmp_path / f"{name}.anki2") as col:
            double_click(col, tmp_path / name / "decks" / f"{name}.apkg")
            built.append(cards_of(col)[0].note_type()["css"])
    assert built[0] == built[1]
