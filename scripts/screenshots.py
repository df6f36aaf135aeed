"""The decks → the pictures in the READMEs, taken of the preview in headless Chromium.

    make screenshots

The pictures are committed; they look a little different where other fonts are installed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from PIL import Image

from builder.check import check
from builder.preview.page import make_page, make_preview
from tests.browser import find_chromium, launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PICTURES = Path(__file__).with_name("screenshots")

# Name → the card that is shown, its side and the mode.
Cards = dict[str, tuple[str, str, str]]
CARDS: Cards = {
    "light-front": ("asean-member-count/value~1", "front", "light"),
    "light-back": ("asean-member-count/value~1", "back", "light"),
    "dark-front": ("tac-principles/items~3", "front", "dark"),
    "dark-back": ("tac-principles/items~3", "back", "dark"),
}
# Example deck → the same.
EXAMPLES: dict[str, Cards] = {
    "spanish": {"example-spanish": ("mano/speak~1", "back", "light")},
    "chemistry": {"example-chemistry": ("benzene/smiles~2", "back", "light")},
    "arabic": {"example-arabic": ("league-members/ask~1", "back", "dark")},
    "elements": {"example-elements": ("gold/symbol~1", "back", "light")},
    "capitals": {
        "example-capitals": ("belize/note~1", "front", "light"),
        "example-map": ("central-america/note~2", "front", "light"),
    },
}


def data_of(src: Path, decks: Path) -> dict[str, Any]:
    """The preview of a deck."""
    made = make_preview(check(src, decks, int(time.time())))
    if made.broken:
        sys.exit("\n".join(map(str, made.problems)))
    return made.data


def show(page: Page, file: Path, **chosen: str) -> None:
    """Opens the page in a file, and waits for its card and the pictures on it."""
    page.goto("about:blank")
    page.goto(f"{file.as_uri()}#{urlencode(chosen)}")
    frame = page.frame_locator("#frame")
    frame.locator("#qa > *").last.wait_for(state="attached")
    for image in frame.locator("img").all():
        image.evaluate("image => image.decode()")


def take(page: Page, file: Path, cards: Cards, folder: Path) -> None:
    """Pictures of cards, in the page in a file."""
    for name, (card, side, mode) in cards.items():
        show(page, file, card=card, side=side, mode=mode)
        page.locator("#frame").screenshot(path=folder / f"{name}.png")


def make(browser: Browser, folder: Path) -> None:
    """All pictures, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "preview.html"
        page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=2)
        for example, cards in EXAMPLES.items():
            data = data_of(Path("examples", example, "cards_src"), Path(temporary))
            file.write_bytes(make_page(data))
            take(page, file, cards, folder)

        # Paths as short as a curator sees them.
        file.write_bytes(make_page(data_of(Path("cards_src"), Path("decks"))))
        take(page, file, CARDS, folder)

        page.close()

        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        show(page, file, card="asean-charter/signed~1", side="back", query="charter")
        page.screenshot(path=folder / "preview.png")
        page.close()
    for picture in folder.glob("*.png"):
        # Text on plain ground has few colours; a palette halves the file.
        few = Image.open(picture).convert("RGB").quantize(96, dither=Image.Dither.NONE)
        few.save(picture, optimize=True)


def main(folder: Path) -> None:
    path = find_chromium()
    if path is None:
        sys.exit("no Chromium here: apt-get install chromium")
    with launched(path) as browser:
        make(browser, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
