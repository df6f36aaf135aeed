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


def test_cards_on_the_list_say_what_the_data_hold(
    projects: list[dict[str, str]], answers: dict[str, str]
) -> None:
    assert answers["iai-work-plan-4-projects/value"] == str(len(projects))
    areas = Counter(project["area"] for project in projects)
    del areas["enabling-action"]  # which is not one of the strategic areas
    assert areas.most_common(1)[0][0] == "education"
    assert answers["iai-projects-largest-area/ask"] == "Education"


def test_most_education_projects_teach_english(projects: list[dict[str, str]]) -> None:
    titles = [project["title"] for project in projects if project["area"] == "education"]
    courses = ("English", "Note-taking and Report Writing", "Speechwriting and Public Presentation")
    english = [title for title in titles if any(course in title for course in courses)]
    assert len(english) > len(titles) * 3 / 4


def test_a_workshop_on_intellectual_property_is_held_every_year(
    projects: list[dict[str, str]],
) -> None:
    years = {
        project["fiscal_year"]
        for project in projects
        if "Intellectual Property Rights" in project["title"]
        and project["area"] == "enabling-action"
    }
    assert years == {f"{year}-{year + 1}" for year in range(2021, 2026)}
