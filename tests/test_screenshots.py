from __future__ import annotations

import re
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from scripts.screenshots import make

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "scripts" / "screenshots"


def looks(folder: Path) -> dict[str, tuple[tuple[int, int], bool]]:
    """Picture → its size, and whether there is more on it than plain ground."""
    found = {}
    for path in folder.iterdir():
        with Image.open(path) as picture:
            found[path.name] = (picture.size, len(picture.getcolors() or []) > 10)
    return found


def test_the_pictures_are_taken_of_the_current_deck(tmp_path: Path, browser: Browser) -> None:
    with chdir(ROOT):
        make(browser, tmp_path)
    assert looks(tmp_path) == looks(PICTURES)
    assert all(drawn for _, drawn in looks(tmp_path).values())


def test_a_readme_shows_each_picture_and_none_is_large() -> None:
    readmes = [ROOT / "README.md", *(ROOT / "examples").glob("*/README.md")]
    shown = [
        (readme.parent / path).resolve()
        for readme in readmes
        for path in re.findall(r'<img src="([^"]+)"', readme.read_text("utf-8"))
    ]
    assert set(shown) == set(PICTURES.iterdir())
    assert all(path.stat().st_size < 150_000 for path in PICTURES.iterdir())
