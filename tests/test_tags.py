from __future__ import annotations

from pathlib import Path

from tests.public import check_cards
from tests.sources import notes_of, problems_of, project_of

TAGS = """
    topic:
      _: What it is about
      basics: The start
      forums: {_: Forums, arf: The regional forum}
    level: {_: How deep, core: First, detail: Later}
    partner: {_: Partner, india: India, japan: Japan}
    """


def event(name: str, rest: str = "") -> str:
    return f"  - {{id: {name}, kind: event, event: was it, date: 1994, {rest}}}\n"


def tags_of(root: Path, extra: str, facts: str) -> dict[str, set[str]]:
    """The tags of each fact, without the root, its kind and its source."""
    notes = notes_of(root, {"tags.yaml": TAGS + extra}, a=facts)
    return {
        key.partition("/")[0]: {
            tag.removeprefix("Mini::")
            for tag in note.tags
            if "kind::" not in tag and "level::" not in tag
        }
        for key, note in notes.items()
    }


def test_a_facts_tags_add_to_those_of_its_file(tmp_path: Path) -> None:
    facts = "topic: basics\nlevel: core\ntags: [partner::india]\nfacts:\n"
    facts += event("a") + event("b", "tags: [partner::japan, partner::india]")
    assert tags_of(tmp_path, "", facts) == {
        "a": {"topic::basics", "partner::india"},
        "b": {"topic::basics", "partner::india", "partner::japan"},
    }


def test_a_tag_with_a_search_is_on_the_facts_that_it_finds(tmp_path: Path) -> None:
    extra = """
    exam:
      _: A paper
      one: {_: The first, _when: tag:Mini::topic::forums -tag:Mini::level::detail}
      two: {_: The second, _when: tag:Mini::exam::one or tag:Mini::caution}
    """
    facts = "topic: forums::arf\nlevel: core\nfacts:\n"
    facts += event("a") + event("b", "level: detail") + event("c", "topic: basics, caution: Oh.")
    facts += event("d", "level: detail, tags: [exam::one]")
    assert {
        name: tags & {"exam::one", "exam::two"}
        for name, tags in tags_of(tmp_path, extra, facts).items()
    } == {
        "a": {"exam::one", "exam::two"},
        "b": set(),
        "c": {"exam::two"},
        "d": {"exam::one", "exam::two"},
    }


def test_a_search_sees_the_tags_before_its_own_and_none_after(tmp_path: Path) -> None:
    extra = """
    exam:
      _: A paper
      two: {_: The second, _when: tag:Mini::exam::one}
      one: {_: The first, _when: tag:Mini::topic}
    """
    tags = tags_of(tmp_path, extra, "topic: basics\nlevel: core\nfacts:\n" + event("a"))
    assert tags == {"a": {"topic::basics", "exam::one"}}


def test_a_search_can_hide_no_mistake(tmp_path: Path) -> None:
    extra = "exam: {_: A paper, one: {_: x, _when: [a]}, two: {_: x, _wen: tag:a}}\n"
    found = problems_of(tmp_path, {"tags.yaml": "topic: {basics: x}\n" + extra}, a="facts: []\n")
    assert [one for one in found if one.startswith("tags.yaml")] == [
        "tags.yaml:2:39: error: _when must be a text, not a list [type]",
        "tags.yaml:2:57: error: “_wen” is not a valid name for a tag; use letters, digits and"
        " hyphens [tag]",
    ]


def test_a_tag_with_others_under_it_is_used_if_they_are(tmp_path: Path) -> None:
    facts = "topic: forums::arf\nlevel: core\nfacts:\n" + event("a", "tags: [partner::india]")
    project = project_of(tmp_path, {"tags.yaml": TAGS}, a=facts)
    found = [one.message for one in check_cards(project) if one.rule == "unused-tag"]
    assert found == [
        "no card has the tag “topic::basics”",
        "no card has the tag “level::detail”",
        "no card has the tag “partner::japan”",
    ]
