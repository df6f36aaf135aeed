from __future__ import annotations

from pathlib import Path

from tests.sources import HEAD, project_of


def event(name: str, more: str = "") -> str:
    return f"  - {{id: {name}, kind: event, event: was {name}, date: 1994, place: X{more}}}\n"


def keys(root: Path, facts: str) -> list[str]:
    return [note.key for note in project_of(root, a=HEAD + facts).notes]


def test_level_comes_before_topic_and_topic_before_file_order(tmp_path: Path) -> None:
    facts = "".join(
        f"  - {{id: {name}, kind: event, event: was {name}, date: 1994{more}}}\n"
        for name, more in [
            ("a", ", level: detail, topic: basics"),
            ("b", ""),
            ("c", ", topic: basics"),
            ("d", ", topic: forums"),
        ]
    )
    assert keys(tmp_path, facts) == ["c/when", "d/when", "b/when", "a/when"]


def test_every_facts_first_question_comes_before_any_second(tmp_path: Path) -> None:
    facts = "".join(event(name) for name in "abcdef")
    assert keys(tmp_path, facts) == [
        *(f"{name}/when" for name in "abcdef"),
        *(f"{name}/where" for name in "abcdef"),
    ]


def test_questions_of_one_fact_are_kept_apart_where_others_can_stand_between(
    tmp_path: Path,
) -> None:
    facts = event("a", ", topic: basics") + "".join(event(name) for name in "bcdef")
    assert keys(tmp_path, facts)[:6] == [
        "a/when",
        "b/when",
        "c/when",
        "d/when",
        "e/when",
        "a/where",
    ]


def test_a_lone_fact_keeps_all_its_questions(tmp_path: Path) -> None:
    assert keys(tmp_path, event("a")) == ["a/when", "a/where"]
