"""Debian's Chromium without a window, driven as a reader drives it; and what it shows, measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NO_CHROMIUM = "no Chromium; apt-get install chromium fonts-noto-core"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PHONE = (360, 740)
DESKTOP = (1280, 800)

# The body's classes beside `card card1`, by program.
ANKI_LIGHT = "isLin"
ANKI_DARK = "isWin nightMode night_mode fancy"
ANKIDROID_DARK = "night_mode"
ANKIMOBILE_DARK = "nightMode"

# The page in which Anki shows its cards: what it says of style, and the element it fills.
ANKI_PAGE = """<!doctype html>
<html class="mobile js"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width">
<style>
body { margin: 20px; overflow-wrap: break-word; }
body.nightMode { background-color: #2c2c2c; color: #fcfcfc; }
body.night_mode { background-color: black; color: white; }
img { max-width: 100%; max-height: 95vh; }
</style></head>
<body><div id="qa" dir="auto"></div></body></html>"""

Card = dict[str, Any]


def find_chromium() -> str | None:
    """The path of the browser, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """The browser at a path, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def quiet_page(browser: Browser, size: tuple[int, int], *allowed: str) -> Iterator[Page]:
    """A page that must neither complain nor ask for anything but addresses that begin `allowed`."""
    said: list[str] = []
    listeners = {
        "console": lambda message: said.append(f"console: {message.text}"),
        "pageerror": lambda error: said.append(f"error: {error}"),
        "request": lambda request: said.append(f"request: {request.url}"),
    }
    with empty_page(browser, size, listeners) as page:
        yield page
        harmless = tuple(f"request: {address}" for address in ("data:", "about:", *allowed))
        assert [line for line in said if not line.startswith(harmless)] == []


@contextmanager
def empty_page(
    browser: Browser,
    size: tuple[int, int] = DESKTOP,
    listeners: Mapping[Any, Callable[[Any], None]] = MappingProxyType({}),
) -> Iterator[Page]:
    """The browser's one page, with nothing in it; a new one would take the browser half a second.

    The listeners, by event, hear of it as long as it is used.
    """
    page = browser.contexts[0].pages[0] if browser.contexts else browser.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(media="screen", color_scheme="light")
    for event, listener in listeners.items():
        page.on(event, listener)
    try:
        yield page
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        page.goto("about:blank")


def assert_soon(page: Page, true: Callable[[], object]) -> None:
    """What no element of the page tells must become true within ten seconds."""
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(100)
    assert true()


def faults(
    page: Page,
    data: dict[str, Any],
    modes: Sequence[str],
    cards: Sequence[Card] | None = None,
    scale: str = "100%",
) -> list[str]:
    """What is wrong with how the cards look, both sides of each, in each of the modes.

    Nothing may stick out sideways or be cut off, and every text has a contrast of 4.5. The cards
    are put into the page as Anki puts them: one after another, into the same element.
    """
    more = {"modes": list(modes), "scale": scale}
    found: list[str] = _run("measure", page, data, data["cards"] if cards is None else cards, more)
    return found


def texts(page: Page, data: dict[str, Any]) -> list[dict[str, Any]]:
    """For each card, what its front says, pictures included, and what of its back is the answer."""
    read: list[dict[str, Any]] = _run("read", page, data, data["cards"], {})
    return read


def _run(
    function: str, page: Page, data: dict[str, Any], cards: Sequence[Card], more: dict[str, Any]
) -> Any:  # noqa: ANN401 - what a function of measure.js gives
    page.set_content(ANKI_PAGE)
    script = Path(__file__).with_name("measure.js").read_text("utf-8")
    given = {"cards": list(cards), **{name: data[name] for name in ("css", "styles", "media")}}
    given |= more
    return page.evaluate(f"(given) => {{ {script}\n return {function}(given); }}", given)
