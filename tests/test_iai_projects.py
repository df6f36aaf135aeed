"""The list of IAI projects as data, and the cards that count it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.public import Project

ROOT = Path(__file__).parent.parent
AREAS = {
    "food-and-agriculture",
    "trade-facilitation",
    "msmes",
    "education",
    "health-and-well-being",
    "enabling-action",
}
STATUSES = {"completed", "implemented", "on-going"}


@pytest.fixture(scope="module")
def projects() -> list[dict[str, str]]:
    text = (ROOT / "cards_src" / "data" / "iai-projects.yaml").read_text("utf-8")
    loaded: list[dict[str, str]] = yaml.load(text, yaml.BaseLoader)["projects"]  # noqa: S506
    return loaded


@pytest.fixture(scope="module")
def answers(asean: Project) -> dict[str, str]:
    """Key → the back, or the text with the gaps, of every note on the projects."""
    return {
        note.key: note.fields[0 if note.cloze else 1]
        for note in asean.notes
        if note.fact.id.startswith(("iai-projects-", "iai-work-plan-4-projects"))
    }


def test_every_record_has_an_area_a_status_and_a_line_of_its_own(
    projects: list[dict[str, str]],
) -> None:
    lines = [int(project["line"]) for project in projects]
    assert lines == sorted(set(lines))
    for project in projects:
        assert project["area"] in AREAS
        assert project["status"] in STATUSES
        assert re.fullmatch(r"202\d-202\d", project.get("fiscal_year", "2021-2022"))


def test_the_cards_count_what_the_data_hold(
    projects: list[dict[str, str]], answers: dict[str, str]
) -> None:
    areas = Counter(project["area"] for project in projects)
    statuses = Counter(project["status"] for project in projects)
    assert answers["iai-work-plan-4-projects/value"] == str(len(projects))
    assert answers["iai-projects-count-education/value"] == str(areas["education"])
    assert answers["iai-projects-count-enabling-action/value"] == str(areas["enabling-action"])
    assert answers["iai-projects-count-completed/value"] == str(statuses["completed"])
    assert answers["iai-projects-count-implemented/value"] == str(statuses["implemented"])
    assert answers["iai-projects-count-on-going/value"] == str(statuses["on-going"])
    gaps = re.findall(r"\{\{c\d::(\d+)\}\}", answers["iai-projects-count-small-areas/gaps"])
    small = ("food-and-agriculture", "health-and-well-being", "trade-facilitation", "msmes")
    assert gaps == [str(areas[area]) for area in small]
    del areas["enabling-action"]
    assert areas.most_common(1)[0][0] == "education"
    assert answers["iai-projects-largest-area/ask"] == "Education"


def test_series_said_to_run_every_year_do(projects: list[dict[str, str]]) -> None:
    every = {f"{year}-{year + 1}" for year in range(2021, 2026)}
    years: dict[str, set[str]] = {}
    for project in projects:
        if "fiscal_year" in project:
            years.setdefault(project["title"], set()).add(project["fiscal_year"])
    running = [title for title, found in years.items() if found == every]
    assert len([title for title in running if "English" in title]) == 2
    assert any(title.startswith("Basic English") for title in running)
    assert any(title.startswith("Advanced English") for title in running)
    assert any("Intellectual Property Rights" in title for title in running)
