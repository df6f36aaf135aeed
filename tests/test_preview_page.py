"""The preview in a browser: both sides, formulas, answers to type, paper, and who cannot see."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import DESKTOP, PHONE, empty_page, quiet_page
from tests.command import cards
from tests.public import check, make_page, make_preview
from tests.sources import HEAD, write_sources
from tests.test_image_occlusion import FILES as SHAPES
from tests.test_image_occlusion import LAOS, THAI, VIET
from tests.test_image_occlusion import facts as shapes
from tests.test_preview import FACTS, FILES, NOW, card, current, data_of, opened, watched, written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
FORMULAS = HEAD + (
    "  - id: e\n    kind: term\n    term: Water, \\(\\ce{2H2 + O2 -> 2H2O}\\)\n"
    "    meaning: \\(\\frac{1}{2}\\)\n"
)


def other(page: Page) -> str:
    """What the second frame says."""
    return page.frame_locator("#other").locator("body").inner_text()


# Both sides


def test_front_and_back_stand_side_by_side(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as page:
        page.keyboard.press("b")
        assert card(page).inner_text().strip() == "When was it?"
        assert "25 July 1994" in other(page)
        boxes = [page.locator(name).bounding_box() for name in ("#frame", "#other")]
        assert boxes[0]
        assert boxes[1]
        assert boxes[0]["y"] == boxes[1]["y"]
        assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
        page.keyboard.press("n")
        assert "A forum" in other(page)
        assert "side=both" in page.url
        page.get_by_role("button", name="Both sides").click()
        assert page.locator("#other").is_hidden()
        assert page.locator("#where").inner_text().startswith("Card 2 of 8, front")


@pytest.mark.parametrize("side", ["front", "back", "both"])
def test_file_place_and_tags_are_seen_without_scrolling(
    browser: Browser, tmp_path: Path, side: str
) -> None:
    with opened(browser, tmp_path, f"#card=b/meaning~1&side={side}") as page:
        page.locator("#where").wait_for()
        for name in ("#where", "#edit", "#tags", "#next"):
            box = page.locator(name).bounding_box()
            assert box
            assert box["y"] + box["height"] <= DESKTOP[1], name


def test_the_header_is_one_row_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    data = data_of(tmp_path) | {"deck": "A deck with rather a long name, indeed"}
    with opened(browser, tmp_path, size=PHONE, data=data) as page:
        tall = page.locator("header").evaluate("header => header.offsetHeight")
        assert tall < 60
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]


# Finding cards


def test_a_search_that_is_not_valid_says_so_and_keeps_the_cards(
    browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, tmp_path) as page:
        page.locator("#query").fill("tag:Mini::kind::term")
        assert page.locator("#count").inner_text() == "3 of 8 cards"
        page.locator("#query").fill("tag:Mini::kind::term or")
        wrong = page.locator("#wrong")
        assert wrong.inner_text() == "This search is not valid: expected a term after “or”."
        assert page.locator("#count").inner_text() == "3 of 8 cards"
        page.locator("#query").fill("-tag:*::term (mind or bangkok)")
        assert page.locator("#count").inner_text() == "4 of 8 cards"
        assert wrong.is_hidden()


def test_after_escape_the_keys_lead_through_the_list(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as page:
        page.keyboard.press("/")
        page.keyboard.type("tag:mini")
        page.keyboard.press("Escape")
        assert page.locator("#query").input_value() == "tag:mini"
        for key in ("ArrowRight", "ArrowDown", "j", "k", "ArrowUp", "ArrowRight"):
            page.keyboard.press(key)
        assert page.locator("#where").inner_text().startswith("Card 3 of 8")


def test_what_a_link_names_and_is_not_there_is_said(browser: Browser, tmp_path: Path) -> None:
    address = "#card=gone/when~1&tag=Mini::gone&side=top"
    with opened(browser, tmp_path, address) as page:
        notice = page.locator("#notice")
        assert notice.inner_text() == (
            "Not here: side “top”, tag “Mini::gone”, card “gone/when~1”; renamed or removed?"
        )
        page.keyboard.press("n")
        assert notice.is_hidden()
    with opened(browser, tmp_path, "#card=c&query=bangkok") as page:
        assert page.locator("#notice").inner_text() == (
            "“c/items~1” is not among the cards that match."
        )
    with opened(browser, tmp_path, "#card=c/items") as page:
        assert page.locator("#notice").is_hidden()
        assert "c/items" in current(page)


def test_what_changed_since_the_last_build_can_be_chosen(browser: Browser, tmp_path: Path) -> None:
    src = write_sources(tmp_path, FILES, a=FACTS)
    assert cards(tmp_path, "build").exit_code == 0
    facts = (
        FACTS.replace("A forum", "The forum") + "  - {id: e, kind: list, list: L, items: [u, v]}\n"
    )
    src = write_sources(tmp_path, FILES, a=facts)
    made = make_preview(check(src, tmp_path / "decks", int(time.time())))
    assert not made.broken, made.problems
    with opened(browser, tmp_path, data=made.data) as page:
        page.get_by_label("only changed since the last build (4)").check()
        assert page.locator("#count").inner_text() == "4 of 10 cards"
        assert page.locator("#where").inner_text().endswith("changed since the last build")
        page.keyboard.press("End")
        assert page.locator("#where").inner_text().endswith("new since the last build")
        page.keyboard.press("m")
        assert page.locator("#count").inner_text() == "10 cards"


# What is said of a fact


def test_a_card_shows_its_fact_as_written_and_its_sources(browser: Browser, tmp_path: Path) -> None:
    fact = (
        "  - id: e\n    kind: term\n    term: ASEAN # of ten\n"
        "    meaning: >-\n      An\n\n      <association>\n"
        "    source: [{doc: website, at: p. 2}, {doc: handbook}]\n\n  # the next one\n"
    )
    facts = HEAD + fact + "  - {id: f, kind: term, term: UN, meaning: A union}\n"
    with opened(browser, tmp_path, "#card=e", data=data_of(tmp_path, facts)) as page:
        assert page.locator("#written").inner_text() == (
            "id: e\nkind: term\nterm: ASEAN # of ten\nmeaning: >-\n  An\n\n  <association>\n"
            "source: [{doc: website, at: p. 2}, {doc: handbook}]"
        )
        assert page.locator("#sources li").all_inner_texts() == [
            "A Website, p. 2 https://example.org/a?b=1&c=2",
            "A Handbook",
        ]
        page.keyboard.press("End")
        assert (
            page.locator("#written").inner_text()
            == "{id: f, kind: term, term: UN, meaning: A union}"
        )


def test_a_row_of_a_table_is_shown_as_it_is_written(tmp_path: Path) -> None:
    files = FILES | {
        "facts/t.csv": 'id,term,meaning\ne,ASEAN,"An\nassociation"\nf,UN,A union\n',
        "facts/t.yaml": HEAD.replace("facts:\n", "kind: term\ntable: t.csv\n"),
    }
    src = write_sources(tmp_path, files)
    made = make_preview(check(src, tmp_path / "decks", NOW))
    assert not made.broken, made.problems
    facts = made.data["facts"]
    assert facts["e"]["written"] == 'e,ASEAN,"An\nassociation"'
    assert facts["f"]["written"] == "f,UN,A union"


# Formulas


def test_formulas_are_set_as_in_anki(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, data=data_of(tmp_path, FORMULAS)) as page:
        front = page.frame_locator("#frame").locator("mjx-container")
        assert front.count() == 1
        assert front.locator("svg").is_visible()
        assert front.locator("[data-mml-node=merror]").count() == 0
        assert "ce" not in card(page).inner_text()
        page.keyboard.press("b")
        both = page.frame_locator("#other").locator("mjx-container")
        assert both.count() == 2
        assert both.last.locator("[data-mml-node=mfrac]").count() == 1


def test_a_page_without_formulas_has_nothing_to_set_them(tmp_path: Path) -> None:
    assert len(make_page(data_of(tmp_path))) < 200_000
    assert len(make_page(data_of(tmp_path, FORMULAS))) > 2_000_000


# Fields to type into, hints


def test_answers_are_typed_and_hints_open(browser: Browser, tmp_path: Path) -> None:
    files = FILES | {
        "card/front.html": "<p>[[ question ]]</p>{{type:Key}}{{hint:Source}}",
        "card/back.html": "<p>[[ answer ]]</p>{{type:Key}}{{Note}}{{Source}}{{Key}}",
    }
    data = data_of(tmp_path, files=files)
    with empty_page(browser) as page:  # which says that it does not run the hint's script
        page.goto(written(tmp_path, data))
        frame = page.frame_locator("#frame")
        hint = frame.locator("summary")
        assert hint.is_hidden()
        frame.get_by_role("link", name="Source").click()
        assert hint.is_visible()
        frame.get_by_role("textbox", name="Type the answer").click()
        page.keyboard.type("n b ")
        assert page.locator("#where").inner_text().startswith("Card 1 of 8, front")
        page.keyboard.press("Enter")
        assert page.locator("#where").inner_text().startswith("Card 1 of 8, back")
        assert frame.locator("#typeans").inner_text() == "a/when"
        assert "[[type" not in str(data)


def test_shapes_hide_parts_of_a_picture(browser: Browser, tmp_path: Path) -> None:
    data = data_of(tmp_path, shapes(LAOS, THAI, VIET), SHAPES)
    with empty_page(
        browser
    ) as page:  # which says that it does not run the script of Anki's note type
        page.goto(f"{written(tmp_path, data)}#side=both")
        drawn = "all => all.map(one => [one.tagName, getComputedStyle(one).fill])"
        hidden, others, bare = "rgb(255, 142, 142)", "rgb(255, 235, 162)", "rgba(255, 142, 142, 0)"
        for frame, first in (("#frame", hidden), ("#other", bare)):
            drawing = page.frame_locator(frame).locator("svg")
            assert drawing.locator("*").evaluate_all(drawn) == [
                ["rect", first], ["polygon", others], ["ellipse", others]
            ]  # fmt: skip
            image = page.frame_locator(frame).locator("img")
            assert drawing.bounding_box() == image.bounding_box()
        page.frame_locator("#other").get_by_role("button", name="Toggle Masks").click()
        assert page.frame_locator("#other").locator("svg").is_hidden()
        assert page.locator(".row .text").first.inner_text() == "A map"


# Paper


def test_the_cards_of_the_list_are_printed_front_and_back(browser: Browser, tmp_path: Path) -> None:
    data = data_of(tmp_path, FACTS + FORMULAS.removeprefix(HEAD))
    with opened(browser, tmp_path, "#query=a/ or e/&mode=dark", data=data) as page:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.locator("#print h2:not(.unseen)").all_inner_texts() == [
            "a/when, card 1", "e/meaning, card 1", "a/where, card 1"
        ]  # fmt: skip
        texts = page.locator("#print section").first.locator(".card").all_inner_texts()
        assert texts[0].strip() == "When was it?"
        assert "25 July 1994" in texts[1]
        assert page.locator("#print mjx-container svg").count() == 3
        assert (
            page.locator("#print img").evaluate_all("all => all.map(one => one.width)") == [200] * 2
        )
        assert page.locator("main").is_hidden()
        assert (
            page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        )
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("#print h2").count() == 0
        assert len(re.findall(rb"/Type /Page\b", page.pdf())) == 1


# For everybody


def _dark(page: Page) -> None:
    page.keyboard.press("d")


def _both(page: Page) -> None:
    page.keyboard.press("b")


def _keys(page: Page) -> None:
    page.keyboard.press("?")


def _problems(page: Page) -> None:
    page.keyboard.press("w")
    page.locator("#all summary").click()


def _wrong(page: Page) -> None:
    page.locator("#query").fill("(x")


def _none(page: Page) -> None:
    page.locator("#query").fill("absent")


def _list(page: Page) -> None:
    page.get_by_role("button", name="List and filters").click()


STATES: list[tuple[tuple[int, int], str, list[Callable[[Page], None]]]] = [
    (DESKTOP, "#card=b/meaning~1", [_dark, _both, _keys]),
    (DESKTOP, "#card=gone&view=desktop&side=back", [_dark, _problems]),
    (DESKTOP, "", [_wrong, _none, _dark]),
    (PHONE, "#card=gone", [_list, _dark, _both, _keys]),
]


@pytest.mark.parametrize(("size", "address", "steps"), STATES)
def test_axe_finds_no_violations(
    browser: Browser,
    tmp_path: Path,
    size: tuple[int, int],
    address: str,
    steps: list[Callable[[Page], None]],
) -> None:
    waived = "  - {id: e, kind: term, term: UN, meaning: A union, waive: {long-list: why}}\n"
    src = write_sources(tmp_path, FILES, a=FACTS + waived)
    data = make_preview(check(src, tmp_path / "decks", NOW)).data | {"broken": True}
    with opened(browser, tmp_path, address, size, data) as page:
        page.evaluate(AXE)
        for step in [lambda _: None, *steps]:
            step(page)
            found = page.evaluate(
                "axe.run({iframes: false}).then(({violations}) =>"
                " violations.map(one => [one.id, ...one.nodes.map(node => node.html)]))"
            )
            assert found == []


# Watching


def test_a_page_hears_of_formulas_that_came_later(browser: Browser, tmp_path: Path) -> None:
    src = write_sources(tmp_path, FILES, a=FACTS)
    with watched(tmp_path) as running, quiet_page(browser, DESKTOP, running.address) as page:
        page.goto(f"{running.address}#card=b/meaning~1")
        card(page).get_by_text("What is ARF?").wait_for()
        formula = FACTS.replace("term: ARF", "term: '\\(x^2\\)'")
        (src / "facts" / "a.yaml").write_text(formula, "utf-8")
        page.frame_locator("#frame").locator("mjx-container").wait_for(timeout=10_000)
        assert "b/meaning" in current(page)


def test_cards_are_renewed_before_the_rules_are_asked_and_the_rules_after(
    browser: Browser, tmp_path: Path
) -> None:
    src = write_sources(tmp_path, FILES, a=FACTS)
    with watched(tmp_path) as running, quiet_page(browser, DESKTOP, running.address) as page:
        page.goto(f"{running.address}#card=b/meaning~1")
        card(page).get_by_text("What is ARF?").wait_for()
        for n in range(3):
            facts = FACTS.replace("ARF", f"it{n}").replace("  - {id: b", "\n\n  - {id: b")
            facts = facts.replace("Which forum?", "Which was it?")
            start = time.perf_counter()
            (src / "facts" / "a.yaml").write_text(facts, "utf-8")
            card(page).get_by_text(f"What is it{n}?").wait_for()
            assert time.perf_counter() - start < 5
            assert page.locator("#edit").inner_text().endswith("a.yaml:8")
        page.locator("#card-problems").get_by_text("lone-pronoun").wait_for()
