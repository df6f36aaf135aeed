from __future__ import annotations

import time
from pathlib import Path

import pytest

from builder.pipeline import load_project
from tests.sources import notes_of, problems_of, write_sources

HEAD = "topic: basics\nlevel: core\nsource: {doc: handbook, at: p. 1}\nfacts:\n"
A = "  - {id: a, kind: event, event: was a, date: 1994, picture: m.svg}\n"
FILES = {
    "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A <map>}\n",
    "media/m.svg": "<svg/>",
}


def test_a_picture_is_shown_under_a_name_made_of_its_content(tmp_path: Path) -> None:
    note = notes_of(tmp_path, FILES, a=HEAD + A)["a/when"]
    (medium,) = note.media
    assert medium.name == "m-d4dc56669143.svg"
    assert note.fields[4] == f'<div><img src="{medium.name}" alt="A &lt;map&gt;"></div>'


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (
            {"media/sources.yaml": "n.svg: {origin: drawn, licence: CC0}\n"},
            "facts/a.yaml:5:61: error: there is no picture “m.svg” in media/sources.yaml"
            "; did you mean “n.svg”? [unknown-picture]",
        ),
        (
            {"media/sources.yaml": "m.svg: {origin: drawn}\n"},
            "media/sources.yaml:1:8: error: a picture needs “licence” [missing-key]",
        ),
        (
            {"media/sources.yaml": "../m.svg: {origin: drawn, licence: CC0}\n"},
            "media/sources.yaml:1:1: error: “../m.svg” is no name for a picture: small letters,"
            " digits, hyphens, .svg .png … [media]",
        ),
        (
            {"media/stray.png": "x"},
            "media/stray.png:1:1: error: this file is not listed in media/sources.yaml [media]",
        ),
    ],
)
def test_a_picture_has_an_entry_with_origin_and_licence(
    tmp_path: Path, files: dict[str, str], problem: str
) -> None:
    assert problem in problems_of(tmp_path, FILES | files, a=HEAD + A)


def test_a_link_out_of_the_folder_is_no_picture(tmp_path: Path) -> None:
    src = write_sources(tmp_path, FILES, a=HEAD + A)
    (tmp_path / "secret").write_text("secret", "utf-8")
    (src / "media" / "m.svg").unlink()
    (src / "media" / "m.svg").symlink_to(tmp_path / "secret")
    _, problems = load_project(src)
    assert [problem.message for problem in problems] == [
        "media/m.svg cannot be read: it is a symbolic link, which could lead out of the sources"
    ]


@pytest.mark.parametrize("unit", ["href=", "url("])
def test_a_picture_of_blanks_is_read_in_linear_time(tmp_path: Path, unit: str) -> None:
    def seconds(blanks: int) -> float:
        svg = "<svg>" + unit + " " * blanks
        start = time.process_time()
        assert not problems_of(tmp_path, FILES | {"media/m.svg": svg}, a=HEAD + A)
        return time.process_time() - start

    assert seconds(64_000) < 32 * max(seconds(8_000), 0.005)  # 8 if linear, 64 if quadratic
