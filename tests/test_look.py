"""How the cards look, in a real browser: every card of the deck, and cards that are hard to set."""

from __future__ import annotations

import json
import re
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import (
    ANKI_DARK,
    ANKI_LIGHT,
    ANKI_PAGE,
    ANKIDROID_DARK,
    ANKIMOBILE_DARK,
    DESKTOP,
    PHONE,
    faults,
    quiet_page,
    texts,
)
from tests.effort import sampled
from tests.public import Project, check, make_preview
from tests.recordings import MP3, VIDEOS
from tests.sources import DEFAULT_CARD, HEAD, MINI, Files, write_sources

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
TABLE = """
    about: A table.
    fields: {name: {type: text, required: true}}
    prompts:
      table:
        front: "What is in {{ name }}?"
        back: "<table><tr><th>One_long_heading_without_a_break</th><th>Another_of_that_kind</th>\
<th>A third</th></tr><tr><td>USD 52.9 million</td><td>1,234,567,890</td><td>x</td></tr></table>"
    """
TYPES = """
    about: A text of each type.
    fields:
      name: {type: text, required: true}
      path: {type: plain}
      code: {type: code}
      blocks: {type: markdown}
      word: {type: furigana}
      born: {type: date}
      count: {type: number}
      parts: {type: list}
      site: {type: url}
      map: {type: picture}
      say: {type: audio}
      film: {type: video}
    prompts:
      path: {front: "Where is {{ name }}?", back: "{{ path }}"}
      code: {front: "How is {{ name }} written?", back: "{{ code }}"}
      blocks: {front: "What is {{ name }}?", back: "{{ blocks }}"}
      word: {front: "How is {{ word }} read?", back: "{{ word }}"}
      rest:
        front: "{{ say }} {{ map }} What is {{ name }}?"
        back: "{{ born }} {{ count }} {{ parts }} {{ parts | numbered }} {{ site }} {{ film }}"
    """
HARD = """
    topic: forums::arf
    level: core
    source:
      - {doc: handbook, at: p. 1}
      - {doc: website, at: a_locator_without_any_place_to_break_it_that_is_longer_than_a_line}
    facts:
      - id: long
        kind: term
        term: Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft
        meaning: Pneumonoultramicroscopicsilicovolcanoconiosishippopotomonstrosesquippedaliophobia
        note: https://example.org/an/address/that/goes/on/and/on/without/a/place/to/break/it/at/all
        caution: Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz
        source_note: Grundstuecksverkehrsgenehmigungszustaendigkeitsuebertragungsverordnung_and_more
        picture: wide.svg
      - id: arabic
        kind: term
        term: رابطة دول جنوب شرق آسيا
        meaning: منظمة إقليمية تضم إحدى عشرة دولة
        note: العبارة بالعربية، ثم ASEAN 1967، ثم تتابع الكلام
        caution: المصدر قديم
        source_note: سقطت كلمة في الترجمة
        clue: ما اسم المنظمة؟
      - {id: hebrew, kind: list, list: רשימת המדינות, items: [אינדונזיה, מלזיה, סינגפור]}
      - id: maths
        kind: term
        term: '\\(a^2+b^2=c^2+\\frac{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}{b}\\)'
        meaning: "`code_without_a_place_to_break_it_code_without_a_place_to_break_it`"
      - {id: table, kind: table, name: it}
      - {id: inline, kind: types, name: it, code: print(1), path: "fe80::1"}
      - id: types
        kind: types
        name: it
        path: 'C:\\a_folder_with_a_long_name_and_no_place_to_break\\drivers\\another\\*.sys'
        code: |
          if long_name_of_a_function(with_an_argument, and_another_one, and_a_third_one):
              return None
        born: 1967-08-08
        count: 1,234,567,890,123,456,789,012,345,678,901,234,567,890.5
        parts: [one, Antidisestablishmentarianism_and_on_and_on_it_goes]
        site: https://example.org/an/address/that/goes/on/and/on/without/a/place/to/break/it/at/all
        map: wide.svg
        say: s.mp3
        film: f.mp4
        word: 国際連合[こくさいれんごう]の 東南[とうなん]アジア
        blocks: |
          A paragraph,
          and a line.

          1. One
             - two
             - three
          2. Four

          | One_long_heading_without_a_break | Another_of_that_kind |
          | --- | --- |
          | USD 52.9 million | 1,234,567,890 |

          ```
          code_without_a_place_to_break_it_code_without_a_place_to_break_it()
          ```

          ![a picture](wide.svg)
      - id: gaps
        kind: cloze
        text: "In {{c1::1967}}, {{c2::Antidisestablishmentarianism_and_on_and_on_it_goes}}."
    """
ALIGNED = "getComputedStyle(document.querySelector('{}')).textAlign"
HARD_FILES: Files = {
    "kinds/table.yaml": TABLE,
    "kinds/types.yaml": TYPES,
    "media/sources.yaml": "wide.svg: {origin: drawn, licence: CC0, alt: A wide picture}\n"
    "s.mp3: {origin: recorded_by_somebody_with_a_very_long_name_indeed, licence: CC BY 4.0}\n"
    "f.mp4: {origin: filmed, licence: CC0}\n",
    "media/s.mp3": MP3,
    "media/f.mp4": VIDEOS["mp4"],
    "media/wide.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="3000" height="900"/>',
}


@pytest.fixture(scope="module")
def deck() -> dict[str, Any]:
    """All cards of the deck."""
    return make_preview(check(ROOT / "cards_src", ROOT / "decks", int(time.time()))).data


@pytest.fixture
def hard(tmp_path: Path) -> dict[str, Any]:
    """Cards that are hard to set, in the builder's design."""
    return shown(tmp_path, HARD_FILES, HARD)


def shown(root: Path, files: Files, facts: str, **said: str) -> dict[str, Any]:
    """Cards in the builder's design, of a deck that says this besides in `decks.yaml`."""
    decks = textwrap.dedent(str(MINI["decks.yaml"]))
    decks += "".join(f"{key}: {text}\n" for key, text in said.items())
    src = write_sources(root, {**DEFAULT_CARD, "decks.yaml": decks, **files}, a=facts)
    made = make_preview(check(src, root / "decks", 1_700_000_000))
    assert not made.broken, made.problems
    return made.data


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_every_card_is_whole_and_legible_by_day_and_by_night(
    browser: Browser, deck: dict[str, Any], size: tuple[int, int]
) -> None:
    assert len(deck["cards"]) > 900
    some = [card for at, card in enumerate(deck["cards"]) if sampled(at)]
    with quiet_page(browser, size) as page:
        assert faults(page, deck, [ANKI_LIGHT, ANKI_DARK], some) == []
        assert size == DESKTOP or faults(page, deck, [ANKI_LIGHT]) == []


def test_no_front_shows_its_answer(browser: Browser, deck: dict[str, Any], asean: Project) -> None:
    excepted = {fact.id for fact in asean.facts if "answer-in-question" in fact.waive}
    with quiet_page(browser, PHONE) as page:
        read = texts(page, deck)
    assert len(read) == len(deck["cards"])
    shown = []
    for card in read:
        assert card["answers"], card["key"]
        front = words(card["front"])
        # Where one of several is asked for, all of them are named.
        if " which of " in front or card["key"].partition("/")[0] in excepted:
            continue
        shown += [
            f"{card['key']} {card['number']}: {answer}"
            for answer in card["answers"]
            if words(answer) in front
        ]
    assert shown == []


def words(text: str) -> str:
    """The words of a text, between spaces, whatever their case and whatever stands between."""
    return " ".join(["", *re.findall(r"\w+", text.casefold()), ""])


def test_a_topic_stands_on_the_back_only(browser: Browser, hard: dict[str, Any]) -> None:
    """It can be the answer."""
    with quiet_page(browser, PHONE) as page:
        for card in texts(page, hard):
            assert "forums › arf" not in card["front"].lower()
            assert card["back"].lower().startswith("forums › arf")


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("scale", ["100%", "200%"])
def test_long_words_tables_and_other_scripts_fit_at_every_size_of_type(
    browser: Browser, hard: dict[str, Any], size: tuple[int, int], scale: str
) -> None:
    modes = [ANKI_LIGHT, ANKI_DARK, ANKIDROID_DARK, ANKIMOBILE_DARK]
    with quiet_page(browser, size) as page:
        assert faults(page, hard, modes, scale=scale) == []


def test_cards_fit_without_what_older_web_views_do_not_know(
    browser: Browser, hard: dict[str, Any]
) -> None:
    newer = re.compile(r"[^;{}]*:[^;{}]*(?:clamp\(|min\(|anywhere|pretty)[^;{}]*;")
    assert len(newer.findall(hard["css"])) >= 4
    old = hard | {"css": newer.sub("", hard["css"])}
    with quiet_page(browser, PHONE) as page:
        assert faults(page, old, [ANKI_LIGHT, ANKIDROID_DARK]) == []


@pytest.mark.parametrize("align", ["start", "center"])
def test_a_card_shows_each_answer_just_as_it_is_written(
    browser: Browser, tmp_path: Path, align: str
) -> None:
    """No capital letters, ligatures, hyphens or quotation marks that are not the author's."""
    answers = {
        "plain": "c1ccccc1",
        "code": "fi -> ffl != x",
        "text": r"iPhone \(x\) ß \u01c6 <q>",
        "markdown": "\u0131stanbul",
        "number": "0.5",
        "url": "http://example.org/fi",
        "furigana": "漢字",
    }
    kind = "about: x\nfields: {{q: {{type: text}}, a: {{type: {0}{1}}}}}\n"
    kind += 'prompts: {{ask: {{front: "{{{{ q }}}}?", back: "{{{{ a }}}}"}}}}\n'
    files = {
        f"kinds/{name}.yaml": kind.format(name, ", language: tr" if name == "text" else "")
        for name in answers
    }
    facts = "".join(
        f"  - {{id: {name}, kind: {name}, q: {name}, a: {json.dumps(answer)}}}\n"
        for name, answer in answers.items()
    )
    data = shown(tmp_path, files, HEAD + facts, align=align)
    with quiet_page(browser, PHONE) as page:
        read = {card["key"].partition("/")[0]: card["answers"] for card in texts(page, data)}
        assert read == {name: [answer] for name, answer in answers.items()}
        faults(page, data, [ANKI_LIGHT], [c for c in data["cards"] if c["key"] == "code/ask"])
        code, answer = page.evaluate("""['.answer code', '.answer'].map((name) => {
            const at = getComputedStyle(document.querySelector(name));
            return [at.fontVariantLigatures, at.hyphens, at.textTransform];
        })""")
    assert code == ["none", "manual", "none"]
    assert answer == ["normal", "manual", "none"]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scale", ["100%", "200%"])
def test_centred_cards_fit_in_each_direction(
    browser: Browser, tmp_path: Path, language: str, scale: str
) -> None:
    data = shown(tmp_path, HARD_FILES, HARD, align="center", language=language)
    with quiet_page(browser, PHONE) as page:
        assert faults(page, data, [ANKI_LIGHT, ANKIDROID_DARK], scale=scale) == []
        assert page.evaluate(ALIGNED.format(".question")) == "center"


def test_a_number_alone_begins_where_the_deck_is_written_from(
    browser: Browser, tmp_path: Path
) -> None:
    fact = HEAD + "  - {id: a, kind: term, term: كم, meaning: '22'}\n"
    data = shown(tmp_path, {}, fact, language="ar")
    with quiet_page(browser, PHONE) as page:
        faults(page, data, [ANKI_LIGHT])
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.answer')).textAlign")
            == "right"
        )


def test_a_caution_leaves_room_for_large_type(browser: Browser, hard: dict[str, Any]) -> None:
    (card,) = (c for c in hard["cards"] if c["key"] == "long/meaning")
    script = """() => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector('.caution'));
        return range.getBoundingClientRect().width;
    }"""
    with quiet_page(browser, PHONE) as page:
        faults(page, hard, [ANKI_LIGHT], [card], scale="200%")
        assert page.evaluate(script) > 0.55 * PHONE[0]


def test_the_footer_is_folded_and_unfolds_by_a_tap(browser: Browser, hard: dict[str, Any]) -> None:
    (card,) = (c for c in hard["cards"] if c["key"] == "maths/meaning")
    with quiet_page(browser, PHONE) as page:
        (read,) = texts(page, {**hard, "cards": [card]})
        assert "A Handbook" not in read["back"]
        assert "Sources" in read["back"]
        page.locator("summary").click()
        assert page.locator("details").inner_text().splitlines()[-2:] == [
            "A. Writer, A Handbook (2020), p. 1",
            "A Website, a_locator_without_any_place_to_break_it_that_is_longer_than_a_line",
        ]


def test_only_the_back_has_a_mark_before_its_topic_and_a_heading_for_listeners(
    browser: Browser, hard: dict[str, Any]
) -> None:
    mark = "getComputedStyle(document.querySelector('header'), '::before').visibility"
    (card,) = (c for c in hard["cards"] if c["key"] == "maths/meaning")
    with quiet_page(browser, PHONE) as page:
        faults(page, hard, [ANKI_LIGHT], [card])
        assert page.evaluate(mark) == "visible"
        assert page.locator("h2 + #answer").count() == 1
        assert page.get_by_role("heading", name="Answer").count() == 1
        faults(page, hard, [ANKI_LIGHT], [{**card, "back": card["front"]}])
        assert page.evaluate(mark) == "hidden"
        assert page.locator("h2").count() == 0


def test_every_program_has_its_night(browser: Browser, hard: dict[str, Any]) -> None:
    with quiet_page(browser, PHONE) as page:
        grounds = []
        for mode in (ANKI_LIGHT, ANKI_DARK, ANKIDROID_DARK, ANKIMOBILE_DARK):
            faults(page, hard, [mode], hard["cards"][:1])
            grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(set(grounds)) == 2
    assert len(set(grounds[1:])) == 1


def test_text_from_right_to_left_begins_on_the_right(
    browser: Browser, hard: dict[str, Any]
) -> None:
    script = """() => [
        ...document.querySelectorAll('section, aside > div, .source-note')
    ].map((at) => {
        const range = document.createRange();
        range.selectNodeContents(at);
        const text = [...range.getClientRects()].pop();
        const box = at.getBoundingClientRect();
        return text.right - box.left > box.right - text.left;
    })"""
    (arabic,) = (c for c in hard["cards"] if c["key"] == "arabic/meaning" and c["number"] == 2)
    (english,) = (c for c in hard["cards"] if c["key"] == "maths/meaning")
    with quiet_page(browser, DESKTOP) as page:
        faults(page, hard, [ANKI_LIGHT], [arabic])
        assert page.evaluate(script) == [True] * 5
        faults(page, hard, [ANKI_LIGHT], [english])
        assert page.evaluate(script) == [False] * 2


def test_the_question_stays_where_it_is_when_the_card_is_turned(
    browser: Browser, deck: dict[str, Any]
) -> None:
    with quiet_page(browser, PHONE) as page:
        tops = []
        for side in ("front", "back"):
            page.set_content(ANKI_PAGE)
            page.evaluate(
                """([html, css]) => {
                  document.body.className = 'card card1';
                  document.getElementById('qa').innerHTML = `<style>${css}</style>${html}`;
                }""",
                [deck["cards"][0][side], deck["css"]],
            )
            tops.append(page.locator(".question").bounding_box())
        assert tops[0] == tops[1]


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        ("article .question { color: #bbb; }", "has a contrast of"),
        (".nightMode article .answer { background: #7fcab3; }", "has a contrast of 1.00"),
        ("article .caution::before { color: #e0a64a; }", "::before has a contrast of"),
        ("article .question { width: 500px; }", "sticks out"),
        ("article .question { white-space: nowrap; }", "the page is"),
        ("article .question { white-space: nowrap; overflow: hidden; }", "is cut off"),
        ("article aside { height: 10px; overflow: hidden; }", "is cut off"),
        ("article img { width: 20px; }", "is too small"),
        ("article footer { opacity: 0.5; }", "is not opaque"),
    ],
)
def test_the_measurements_see_a_fault(
    browser: Browser, hard: dict[str, Any], style: str, fault: str
) -> None:
    bad = hard | {"css": hard["css"] + style}
    with quiet_page(browser, PHONE) as page:
        found = faults(page, bad, [ANKI_LIGHT, ANKI_DARK], hard["cards"][:1])
    assert any(fault in line for line in found), found
