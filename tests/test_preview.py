"""The page of all cards: what it holds, and, in a real browser, what it does."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, Any
from unicodedata import normalize

import pytest

from tests.browser import DESKTOP, PHONE, assert_soon, empty_page, quiet_page
from tests.command import cards, cards_alone, said_of
from tests.engine import cards_of, collection, double_click
from tests.public import MAIN, changes, check, make_page, make_preview
from tests.recordings import MP3, VIDEOS, wav
from tests.sources import DEFAULT_CARD, HEAD, Files, package_of, project_of, write_sources

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parent.parent
NOW = 1_700_000_000
FACTS = (
    HEAD
    + "  - {id: a, kind: event, event: was it, date: 1994-07-25, place: Bangkok, picture: m.svg}\n"
    + "  - {id: b, kind: term, term: ARF, meaning: A forum, clue: Which forum?}\n"
    + "  - {id: c, kind: list, list: Some, items: [x, y, z], level: detail, caution: Mind.}\n"
    + "  - {id: d, kind: term, term: '</script><!-- <b>x</b> & \"', meaning: 'the, <i>end</i>'}\n"
)
FILES = {
    **DEFAULT_CARD,
    "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A map}\n",
    "media/m.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="90"/>',
}


def data_of(root: Path, facts: str = FACTS, files: Files = FILES) -> dict[str, Any]:
    """The data of the page of such facts."""
    src = write_sources(root, files, a=facts)
    made = make_preview(check(src, root / "decks", NOW))
    assert not made.broken, made.problems
    return made.data


def data_in(page: str) -> dict[str, Any]:
    """The data that a page carries."""
    (blob,) = re.findall(r'<script type="application/json" id="data">(.*)</script>', page)
    assert "<" not in blob
    found: dict[str, Any] = json.loads(blob)
    return found


# What the page holds


def test_cards_are_what_a_learner_sees_in_anki(tmp_path: Path) -> None:
    data = data_of(tmp_path)
    project = project_of(tmp_path, FILES, a=FACTS)
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, package_of(project, tmp_path))
        learned = {}
        for card in cards_of(col):
            shown = card.render_output()
            learned[card.note()["Key"], card.ord + 1] = (shown.question_text, shown.answer_text)
            assert shown.css.strip() == data["css"].strip()
    shown_here = {(c["key"], c["number"]): (c["front"], c["back"]) for c in data["cards"]}
    assert shown_here == learned
    assert len(learned) == 8


def test_a_letter_in_two_code_points_has_its_card_too(tmp_path: Path) -> None:
    facts = HEAD + "  - {id: e, kind: term, term: Que\u0301bec, meaning: A place}\n"
    (one,) = data_of(tmp_path, facts)["cards"]
    assert "Québec" in normalize("NFC", one["front"])


def test_cards_come_in_learning_order_siblings_together(tmp_path: Path) -> None:
    order = [(card["key"], card["number"]) for card in data_of(tmp_path)["cards"]]
    assert order == [
        ("a/when", 1),
        ("b/meaning", 1),
        ("b/meaning", 2),
        ("d/meaning", 1),
        ("c/items", 1),
        ("c/items", 2),
        ("c/items", 3),
        ("a/where", 1),
    ]


def test_a_list_item_put_in_the_middle_has_the_number_of_its_card(tmp_path: Path) -> None:
    project = project_of(tmp_path, FILES, a=FACTS)
    package_of(project, tmp_path)
    data = data_of(tmp_path, FACTS.replace("[x, y, z]", "[x, new, y, z]"))
    (fourth,) = (c for c in data["cards"] if (c["key"], c["number"]) == ("c/items", 4))
    assert "new" in fourth["back"]
    assert re.sub(r"<[^>]+>", " ", fourth["front"]).split() == ["Some:", "x", "[...]", "y", "z"]


def test_a_preview_writes_neither_ledger_nor_packages(tmp_path: Path) -> None:
    data_of(tmp_path)
    assert not (tmp_path / "decks").exists()


def test_the_page_says_what_the_check_says(tmp_path: Path) -> None:
    waived = "  - {id: e, kind: term, term: UN, meaning: A union, waive: {long-list: why}}\n"
    write_sources(tmp_path, FILES, a=FACTS + waived)
    checked = json.loads(cards(tmp_path, "check", "--format", "json").stdout)
    assert cards(tmp_path, "preview").exit_code == 0
    data = data_in((tmp_path / "preview.html").read_text("utf-8"))
    assert data["problems"] == checked
    assert {problem["rule"] for problem in checked} >= {"unused-tag", "unused-kind"}
    assert {
        (card["key"], checked[number]["rule"])
        for card in data["cards"]
        for number in card["problems"]
    } == {
        ("a/when", "lone-pronoun"),
        ("a/where", "lone-pronoun"),
        ("d/meaning", "html-in-text"),
        ("e/meaning", "waiver"),
    }


def test_only_what_changed_is_rendered_again(tmp_path: Path) -> None:
    src = write_sources(tmp_path, FILES, a=FACTS)
    before = make_preview(check(src, tmp_path / "decks", NOW))
    rendered: list[str] = []

    def count(things: list[Any], label: str) -> list[Any]:
        rendered.extend([label] * (len(things) if label == "rendering cards" else 0))
        return things

    src = write_sources(tmp_path, FILES, a=FACTS.replace("Which forum?", "Which one?"))
    after = make_preview(check(src, tmp_path / "decks", NOW), before, count)
    assert len(rendered) == 2
    assert "Which one?" in str(after.data)
    assert [c["key"] for c in after.data["cards"]] == [c["key"] for c in before.data["cards"]]

    rendered.clear()
    src = write_sources(tmp_path, FILES | {"card/front.html": "[[ question ]]!"}, a=FACTS)
    again = make_preview(check(src, tmp_path / "decks", NOW), before, count)
    assert len(rendered) == len(again.data["cards"])
    assert again.data["cards"][0]["front"] == "When was it?!"


def test_the_page_carries_any_text_whole(tmp_path: Path) -> None:
    page = make_page(data_of(tmp_path)).decode()
    assert page.count("</script>") == 5
    assert "<!--" not in page
    (card,) = (c for c in data_in(page)["cards"] if c["key"] == "d/meaning")
    assert "&lt;/script&gt;&lt;!-- &lt;b&gt;x" in card["front"]


def test_sounds_and_videos_have_players_and_the_style_has_its_files(tmp_path: Path) -> None:
    files: Files = {
        "kinds/word.yaml": "about: x\nfields: {say: {type: audio}, film: {type: video}}\n"
        "prompts: {p: {front: 'What? {{ say }}', back: '{{ film }}'}}\n",
        "card/style.css": ".card { background: url(m.svg) }",
        "media/sources.yaml": "".join(
            f"{name}: {{origin: drawn, licence: CC0, alt: x}}\n"
            for name in ("s.mp3", "f.mp4", "m.svg")
        ),
        "media/s.mp3": MP3,
        "media/f.mp4": VIDEOS["mp4"],
        "media/m.svg": FILES["media/m.svg"],
    }
    fact = "  - {id: a, kind: word, say: s.mp3, film: f.mp4}\n"
    src = write_sources(tmp_path, files, a=HEAD + fact)
    data = make_preview(check(src, tmp_path / "decks", NOW)).data
    (shown,) = data["cards"]
    (sound,) = re.findall(r'<audio controls src="(.*?)"></audio>', shown["front"])
    (film,) = re.findall(r'<video controls src="(.*?)"></video>', shown["back"])
    assert data["media"][sound].startswith("data:audio/mpeg;base64,")
    assert data["media"][film].startswith("data:video/mp4;base64,")
    (ground,) = re.findall(r"url\((_.*?)\)", data["css"])
    assert data["media"][ground].startswith("data:image/svg+xml;base64,")
    assert b"media-src data:; font-src data:;" in make_page(data)


def test_each_picture_is_in_the_page_once(tmp_path: Path) -> None:
    data = data_of(tmp_path)
    assert sum("<img" in card["back"] for card in data["cards"]) == 2
    assert make_page(data).count(b"data:image/svg+xml;base64,") == 1


# The command


def test_the_command_writes_a_page_and_says_where(tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    done = cards(tmp_path, "preview")
    assert done.exit_code == 0
    size = (tmp_path / "preview.html").stat().st_size
    assert done.stdout == f"preview.html  8 cards, {size / 1000:.0f} kB, 7 warnings\n"
    assert done.stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["preview.html", "src"]


def test_sources_with_errors_have_no_page(tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS + "  - {id: e, kind: evnt}\n")
    done = cards(tmp_path, "preview")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "--> src/facts/a.yaml:9:" in done.stderr
    assert done.stderr.endswith("1 error\n")
    assert not (tmp_path / "preview.html").exists()


@pytest.mark.parametrize("folder", ["src", "decks"])
def test_the_page_is_not_written_among_sources_or_packages(tmp_path: Path, folder: str) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    done = cards(tmp_path, "preview", "-o", f"{folder}/page.html")
    assert done.exit_code == 2
    assert done.stderr.endswith(
        f"Error: {folder}/page.html cannot be written into {folder}/; choose another folder\n"
    )


def test_a_page_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    done = cards(tmp_path, "preview", "-o", "nowhere/page.html")
    assert done.exit_code == 1
    assert said_of(done.stderr) == [
        "nowhere/page.html:1:1: error: cannot be written: no such file or directory [file]"
    ]


def test_without_ankis_engine_one_line_says_how_to_get_it(tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    hidden = f"import sys; sys.modules['anki'] = None; {MAIN}; main()"
    done = cards_alone(tmp_path, "preview", program=hidden)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "Error: the preview needs Anki's engine, the package “anki”:"
        f' "{sys.executable}" -m pip install anki\n'
    )


def test_where_there_is_no_pip_uv_is_named(tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    hidden = f"import sys; sys.modules |= {{'anki': None, 'pip': None}}; {MAIN}; main()"
    done = cards_alone(tmp_path, "preview", program=hidden)
    assert f': uv pip install --python "{sys.executable}" anki\n' in done.stderr


# The page in a browser


def written(root: Path, data: dict[str, Any]) -> str:
    """The address of a page with such data."""
    path = root / "page.html"
    path.write_bytes(make_page(data))
    return path.as_uri()


@contextmanager
def opened(
    browser: Browser,
    root: Path,
    address: str = "",
    size: tuple[int, int] = DESKTOP,
    data: dict[str, Any] | None = None,
) -> Iterator[Page]:
    """A page with such data, or of the small deck, opened from the disk."""
    with quiet_page(browser, size, "file:") as page:
        page.goto(f"{written(root, data or data_of(root))}{address}")
        page.frame_locator("#frame").locator("#qa > *").last.wait_for(state="attached")
        yield page


def card(page: Page) -> Locator:
    """What the frame shows."""
    return page.frame_locator("#frame").locator("body")


def current(page: Page) -> str:
    """The chosen row's key."""
    return page.locator(".row[aria-selected=true] .key").inner_text()


def test_a_click_or_the_space_bar_turns_the_card(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as page:
        assert card(page).inner_text().strip() == "When was it?"
        page.keyboard.press("Space")
        assert "25 July 1994" in card(page).inner_text()
        card(page).click()
        assert "25 July 1994" not in card(page).inner_text()
        page.keyboard.press("Space")  # with the focus in the card
        assert "25 July 1994" in card(page).inner_text()
        page.get_by_role("button", name="Show question").click()
        assert "25 July 1994" not in card(page).inner_text()


def test_keys_lead_from_card_to_card_and_keep_the_side(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as page:
        page.keyboard.press("Space")
        seen = []
        keys = ("ArrowRight", "n", "j", "ArrowLeft", "p", "k", "k", "End", "End", "Home")
        for key in keys:
            page.keyboard.press(key)
            seen.append((current(page), page.locator("#where").inner_text().split(";")[0]))
        assert [place for _, place in seen] == [
            f"Card {number} of 8, back" for number in (2, 3, 4, 3, 2, 1, 1, 8, 8, 1)
        ]
        assert [key.split()[-1] for key, _ in seen][:2] == ["b/meaning"] * 2
        page.keyboard.press("Space")
        page.locator("#list").focus()
        page.keyboard.press("ArrowDown")
        assert "b/meaning" in current(page)
        page.keyboard.press("?")
        assert page.get_by_role("dialog", name="Keys").is_visible()
        page.keyboard.press("Escape")
        assert page.get_by_role("dialog", name="Keys").is_hidden()


def test_search_tag_package_and_problems_choose_cards(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as page:
        count = page.locator("#count")
        assert count.inner_text() == "8 cards"
        page.keyboard.press("/")
        page.keyboard.type("FORUM which")
        assert count.inner_text() == "1 of 8 cards"
        assert "b/meaning" in current(page)
        page.keyboard.type(" absent")
        assert page.get_by_text("No cards match.").is_visible()
        assert page.locator("#device").is_hidden()
        page.locator("#query").fill("c/items~2")
        assert count.inner_text() == "1 of 8 cards"
        page.locator("#query").fill("")
        page.locator("#tag").select_option("Mini::kind")
        assert count.inner_text() == "8 cards"
        page.locator("#tag").select_option("Mini::kind::term")
        assert count.inner_text() == "3 of 8 cards"
        page.locator("#tag").select_option("")
        page.locator("#package").select_option("mini-core")
        assert count.inner_text() == "5 of 8 cards"
        page.locator("#package").select_option("")
        page.get_by_label("only cards with problems (3)").check()
        assert count.inner_text() == "3 of 8 cards"
        assert page.locator("#card-problems").inner_text().endswith("[lone-pronoun]")
        assert "warning" in page.locator(".row .mark").first.inner_text()
        page.locator("#all summary").click()
        assert "unused" in page.locator("#all").inner_text()
        page.get_by_role("button", name="Mini::kind::event").click()
        assert page.locator("#tag").input_value() == "Mini::kind::event"


def test_switches_change_size_and_mode_of_card_and_page(browser: Browser, tmp_path: Path) -> None:
    script = "element => [element.className, getComputedStyle(element).backgroundColor]"
    with opened(browser, tmp_path) as page:
        frame = page.locator("#frame")

        def shown() -> tuple[str, str, int]:
            box = frame.bounding_box()
            assert box
            classes, ground = card(page).evaluate(script)
            return classes, ground, round(box["width"])

        assert shown() == ("card card1", "rgb(252, 251, 248)", 360)
        page.get_by_role("button", name="Dark").click()
        assert shown() == ("card card1 nightMode night_mode", "rgb(23, 26, 29)", 360)
        assert page.evaluate("document.documentElement.className") == "dark"
        page.keyboard.press("v")
        assert shown()[0] == "card card1 isLin nightMode night_mode"
        assert shown()[2] > 700
        page.keyboard.press("d")
        page.get_by_role("button", name="Phone").click()
        assert shown() == ("card card1", "rgb(252, 251, 248)", 360)
        assert page.locator("[aria-pressed=true]").all_inner_texts() == ["Phone", "Light"]


def test_the_address_keeps_everything(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as page:
        page.locator("#query").fill("some")
        page.locator("#tag").select_option("Mini::level::detail")
        page.get_by_role("button", name="Dark").click()
        page.get_by_role("button", name="Desktop").click()
        page.get_by_role("button", name="Next").click()
        page.get_by_role("button", name="Show answer").click()
        address = page.url.partition("#")[2]
    with opened(browser, tmp_path, f"#{address}") as page:
        assert page.locator("#where").inner_text().startswith("Card 2 of 3, back; c/items")
        assert page.locator("#query").input_value() == "some"
        assert page.locator("#tag").input_value() == "Mini::level::detail"
        assert page.locator("[aria-pressed=true]").all_inner_texts() == ["Desktop", "Dark"]
        assert "Mind." in card(page).inner_text()


def test_a_card_leads_to_its_place_in_the_sources(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "#card=c/items~2") as page:
        link = page.locator("#edit")
        path = tmp_path / "src" / "facts" / "a.yaml"
        assert link.inner_text() == f"{path}:7"
        assert link.get_attribute("href") == f"vscode://file{path}:7"


def test_pictures_are_shown(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "#card=a/when~1&side=back") as page:
        picture = card(page).locator("img")
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 200


def test_pictures_of_the_style_are_shown(browser: Browser, tmp_path: Path) -> None:
    files = FILES | {"card/style.css": ".card { background: url(m.svg) }"}
    src = write_sources(tmp_path, files, a=FACTS)
    path = tmp_path / "page.html"
    path.write_bytes(make_page(make_preview(check(src, tmp_path / "decks", NOW)).data))
    with quiet_page(browser, DESKTOP, "file:") as page:
        page.goto(path.as_uri())
        ground = card(page).evaluate("body => getComputedStyle(body).backgroundImage")
        assert ground.startswith('url("data:image/svg+xml;base64,')


def test_sounds_can_be_played(browser: Browser, tmp_path: Path) -> None:
    files = FILES | {
        "kinds/event.yaml": "about: x\nfields: {event: {type: text}, say: {type: audio}}\n"
        "prompts: {when: {front: '{{ event }} {{ say }}?', back: '{{ event }}'}}\n",
        "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A map}\n"
        "s.wav: {origin: recorded, licence: CC0}\n",
    }
    fact = "  - {id: a, kind: event, event: What, say: s.wav}\n"
    data = data_of(tmp_path, HEAD + fact, {**files, "media/s.wav": wav()})
    with opened(browser, tmp_path, data=data) as page:
        sound = card(page).locator("audio")
        sound.wait_for()
        # No script runs in the frame, so nothing there can be waited for.
        assert_soon(page, lambda: sound.evaluate("sound => sound.readyState") == 4)
        assert sound.evaluate("sound => sound.duration") == 0.01


def test_nothing_on_a_card_runs_or_is_fetched(browser: Browser, tmp_path: Path) -> None:
    data = data_of(tmp_path)
    evil = (
        "<img src='http://127.0.0.1:9/x'><img src=x onerror='top.document.title=\"ran\"'>"
        "<script>top.document.title = 'ran'</script><article>shown</article>"
        "<style>body { background: url(http://127.0.0.1:9/y) }</style>"
    )
    for one in data["cards"]:
        one["front"] = evil
    answered: list[str] = []
    heard = {"requestfinished": lambda request: answered.append(request.url)}
    with empty_page(browser, listeners=heard) as page:
        page.goto(written(tmp_path, data))
        assert card(page).get_by_text("shown").is_visible()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.wait_for_timeout(300)
        assert page.locator("#print .card").first.get_by_text("shown").count() == 1
        assert page.title() == "Mini: cards"
        assert [url for url in answered if not url.startswith(("data:", "file:", "about:"))] == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_page_itself_fits_and_is_legible(
    browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    measure = (ROOT / "tests" / "measure.js").read_text("utf-8")
    script = f"""() => {{ {measure}
      const found = [];
      lookAt(document.body, (what) => found.push(what));
      return found.filter((what) => !/class|row|key|text/.test(what) || !/cut off/.test(what));
    }}"""
    with opened(browser, tmp_path, "#card=b/meaning~1", size) as page:
        if size == PHONE:
            assert page.locator("#list").is_hidden()
            page.get_by_role("button", name="List and filters").click()
            assert page.locator(".row[aria-selected=true]").is_visible()
        for mode in ("Light", "Dark"):
            page.get_by_role("button", name=mode).click()
            assert page.evaluate(script) == []
            unnamed = page.locator("button, input, select, iframe, [role=listbox]").evaluate_all(
                "all => all.filter(one => !(one.ariaLabel || one.title || one.innerText.trim()"
                " || one.labels?.length)).map(one => one.outerHTML)"
            )
            assert unnamed == []


def test_everything_can_be_reached_with_the_tab_key(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as page:
        reached = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate("document.activeElement.id || document.activeElement.innerText")
            )
        assert reached >= {
            "Phone", "Desktop", "Light", "Dark", "open-help", "query", "package", "tag",
            "troubled", "list", "flip", "next", "edit", "copy",
        }  # fmt: skip


def test_the_page_is_quick_with_5000_cards(browser: Browser, tmp_path: Path) -> None:
    data = data_of(tmp_path)
    small = data["cards"]
    data["cards"] = [
        one | {"key": f"{one['key']}-{n}"} for n in range(5000 // len(small)) for one in small
    ]
    assert len(data["cards"]) == 5000
    address = written(tmp_path, data)
    with quiet_page(browser, DESKTOP, "file:") as page:
        start = time.perf_counter()
        page.goto(address)
        page.frame_locator("#frame").locator("article").wait_for()
        assert time.perf_counter() - start < 5
        start = time.perf_counter()
        page.locator("#query").fill("c/items-77~3")
        assert page.locator("#count").inner_text() == "1 of 5,000 cards"
        page.locator("#query").fill("")
        page.keyboard.press("Escape")
        page.keyboard.press("End")
        assert "Card 5000 of 5000" in page.locator("#where").inner_text()
        assert current(page).endswith(" a/where-624")
        assert time.perf_counter() - start < 5
        assert page.locator(".row").count() < 60


# Watching


def test_a_port_without_a_server_is_wrong_usage(tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    done = cards(tmp_path, "preview", "--port", "8080")
    assert done.exit_code == 2
    assert done.stderr.endswith("Error: --port needs --watch\n")


class Watched:
    """A running `cards preview --watch` on the folder `root`."""

    def __init__(self, root: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "builder", "preview", "--watch", "--src", "src", *words],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.said: IO[str] = self.process.stdout
        self.address = self.process.stdout.readline().strip()

    def stop(self) -> tuple[int, str]:
        """Its exit code after Ctrl-C, and what it had said since it was last read."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=20)
        return self.process.returncode, said


@contextmanager
def watched(root: Path, *words: str) -> Iterator[Watched]:
    # Where tests run in the background, a shell lets them ignore Ctrl-C, and so would this.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        running = Watched(root, *words)
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        assert running.address.startswith("http://127.0.0.1:"), running.process.communicate()
        yield running
    finally:
        running.process.kill()
        running.process.communicate()


def test_a_saved_fact_is_seen_without_loss_of_place(browser: Browser, tmp_path: Path) -> None:
    src = write_sources(tmp_path, FILES, a=FACTS)
    fact = src / "facts" / "a.yaml"
    with watched(tmp_path) as running, quiet_page(browser, DESKTOP, running.address) as page:
        page.goto(f"{running.address}#card=b/meaning~2&side=back&tag=Mini::kind::term")
        card(page).get_by_text("Which forum?").wait_for()
        page.evaluate("window.same = true")
        fact.write_text(FACTS.replace("Which forum?", "Which forum of 1994?"), "utf-8")
        card(page).get_by_text("Which forum of 1994?").wait_for(timeout=10_000)
        assert page.locator("#where").inner_text().startswith("Card 2 of 3, back; b/meaning")
        assert page.locator("#tag").input_value() == "Mini::kind::term"
        assert page.evaluate("window.same") is True
        # The page is served before the file is written.
        written = tmp_path / "preview.html"
        assert_soon(page, lambda: b"Which forum of 1994?" in written.read_bytes())
        (src / "card").mkdir()
        (src / "card" / "style.css").write_text(".card { background: #123456 }", "utf-8")
        page.wait_for_function(
            "() => getComputedStyle(document.getElementById('frame').contentDocument.body)"
            ".backgroundColor === 'rgb(18, 52, 86)'"
        )


def test_problems_are_shown_beside_the_last_good_cards(browser: Browser, tmp_path: Path) -> None:
    src = write_sources(tmp_path, FILES, a=FACTS)
    fact = src / "facts" / "a.yaml"
    with watched(tmp_path) as running, quiet_page(browser, DESKTOP, running.address) as page:
        page.goto(f"{running.address}#card=d/meaning~1")
        card(page).get_by_text("What is").wait_for()
        fact.write_text(FACTS + "  - {id: e, kind: evnt}\n", "utf-8")
        banner = page.get_by_role("alert")
        banner.get_by_text("1 error in the sources: these are the last good cards.").wait_for()
        assert "unknown kind “evnt”" in page.locator("#card-problems").inner_text()
        assert "What is" in card(page).inner_text()
        fact.write_text("facts: [", "utf-8")
        page.get_by_text("facts/a.yaml:1").first.wait_for()
        (src / "decks.yaml").rename(src / "gone")
        page.get_by_text("decks.yaml:1").first.wait_for()
        (src / "gone").rename(src / "decks.yaml")
        fact.write_text(FACTS.replace("Which forum?", "Back again?"), "utf-8")
        banner.wait_for(state="hidden")
        page.keyboard.press("p")
        assert card(page).inner_text().strip() == "Back again?"


def test_it_may_begin_with_problems(browser: Browser, tmp_path: Path) -> None:
    src = write_sources(tmp_path, FILES, a="facts: [")
    with watched(tmp_path) as running, quiet_page(browser, DESKTOP, running.address) as page:
        page.goto(running.address)
        page.get_by_text("in the sources: no cards yet.").wait_for()
        (src / "facts" / "a.yaml").write_text(FACTS, "utf-8")
        card(page).get_by_text("When was it?").wait_for()


def test_ctrl_c_ends_it_with_0_and_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    with watched(tmp_path) as running, empty_page(browser) as page:
        assert running.said.readline().startswith("preview.html  8 cards, ")
        page.goto(running.address)
        page.get_by_text("watching", exact=True).wait_for()
        code, said = running.stop()
        assert code == 0
        assert said.strip() == ""
        page.get_by_text("not watching any more").wait_for()


def test_what_is_saved_while_the_first_page_is_made_is_not_missed(tmp_path: Path) -> None:
    changed = changes([tmp_path])
    next(changed)  # the first page
    (tmp_path / "a.yaml").write_text("facts:", "utf-8")
    seen: list[None] = []
    waiting = Thread(target=lambda: seen.append(next(changed)), daemon=True)
    waiting.start()
    waiting.join(10)
    assert seen == [None]


def test_other_files_beside_the_page_stay(tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    (tmp_path / ".mine.new").write_text("mine", "utf-8")
    assert cards(tmp_path, "preview").exit_code == 0
    assert (tmp_path / ".mine.new").read_text("utf-8") == "mine"


def test_a_taken_port_is_said_and_an_unnamed_one_is_replaced(tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    with watched(tmp_path) as first:
        port = first.address.split(":")[2].strip("/")
        done = cards(tmp_path, "preview", "--watch", "--port", port)
        assert done.exit_code == 1
        assert done.stderr == (
            f"Error: the page cannot be served on port {port}: address already in use\n"
        )
        with watched(tmp_path) as second:
            assert second.address != first.address


def test_only_this_machine_by_its_own_name_is_answered(tmp_path: Path) -> None:
    write_sources(tmp_path, FILES, a=FACTS)
    with watched(tmp_path) as running:
        host, port = running.address.removeprefix("http://").strip("/").split(":")
        for path, name, status in (
            ("/", f"{host}:{port}", 200),
            ("/", f"localhost:{port}", 200),
            ("/", "evil.example", 403),
            ("/data?have=", f"evil.example:{port}", 403),
            ("/../src/decks.yaml", f"{host}:{port}", 404),
        ):
            connection = HTTPConnection(host, int(port))
            connection.request("GET", path, headers={"Host": name})
            answer = connection.getresponse()
            assert answer.status == status
            assert (b"When was it?" in answer.read()) == (status == 200)
            connection.close()
