"""Which files of a folder of sources are read, and which names are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.public import load_project
from tests.sources import write_sources

NO_SOURCES = [
    *(".DS_Store", "Thumbs.db", "desktop.ini", "Desktop.ini", "._f.yaml", ".#f.yaml", "f.yaml~"),
    *("#f.yaml#", ".f.yaml.swp", ".f.yaml.swo", "f.yaml.bak", "f.yaml.orig", ".gitkeep", "Icon\r"),
    *("__MACOSX/f.yaml", ".git/f.yaml", ".~lock.f.yaml#", "~$f.yaml", "4913", "ehthumbs.db"),
    *("f.yaml___jb_tmp___", ".f.yaml.un~", ".Trash/f.yaml", "@eaDir/f.yaml", "f.yaml.tmp"),
]


@pytest.mark.parametrize("folder", ["", "facts", "facts/deeper", "kinds", "card", "media"])
def test_what_systems_and_editors_leave_is_no_source(tmp_path: Path, folder: str) -> None:
    src = write_sources(tmp_path, {"media/sources.yaml": "{}\n"})
    for name in NO_SOURCES:
        path = src / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x00\xff no: [yaml")
    (src / folder / ".#lock.yaml").symlink_to("somebody@host.1:2")  # as Emacs does
    project, problems = load_project(src)
    assert not problems
    assert project is not None
    assert len(project.facts) == 1


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("facts/cities.yml", "cities.yaml"),
        ("facts/UP.YAML", "UP.yaml"),
        ("facts/deeper/x.Yml", "x.yaml"),
        ("facts/hidden-ending.yaml.txt", "hidden-ending.yaml"),
        ("kinds/x.yml", "x.yaml"),
        ("kinds/x.YAML", "x.yaml"),
        ("media/sources.yml", "sources.yaml"),
        ("left-out.yml", "left-out.yaml"),
    ],
)
def test_yaml_by_another_name_is_an_error(tmp_path: Path, name: str, better: str) -> None:
    src = write_sources(tmp_path, {name: "no: [yaml"})
    _, problems = load_project(src)
    assert [str(problem).replace(f"{src}/", "") for problem in problems] == [
        f"{name}:1:1: error: not read; name it {better} [file]"
    ]


def test_a_kind_in_a_folder_below_kinds_is_an_error(tmp_path: Path) -> None:
    src = write_sources(tmp_path, {"kinds/more/x.yaml": "no: [yaml"})
    _, problems = load_project(src)
    assert [str(problem).replace(f"{src}/", "") for problem in problems] == [
        "kinds/more/x.yaml:1:1: error: not read; a kind is a file in kinds/ itself [file]"
    ]
