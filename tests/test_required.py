"""Which keys a fact must have is for the deck to say; a deck may do without topics and sources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import cards
from tests.public import check_cards, load_project, plan_schemas
from tests.sources import MINI, problems_of, project_of

PLAIN = {
    "decks.yaml": """
        namespace: words
        deck: Words
        tag_root: Words
        packages: {words: {title: Words, about: Some words.}}
        """,
    "tags.yaml": "unit: {_: Where, one: x, two: x}\nhard: x\n",
}
FACTS = "kind: term\nfacts:\n  - {id: a, term: agua, meaning: water}\n"


def needing(keys: str) -> dict[str, str]:
    """The small deck with other keys that all facts must have."""
    return {"decks.yaml": MINI["decks.yaml"].replace("requires: topic", f"requires: {keys}")}


def test_a_deck_without_topics_levels_and_sources_builds(tmp_path: Path) -> None:
    project = project_of(tmp_path, PLAIN, a=FACTS)
    (note,) = project.notes
    assert note.fields[5:7] == ("", "")
    assert note.tags == ("Words::kind::term",)
    rules = {one.rule for one in check_cards(project)}
    assert rules == {"unused-tag", "unused-kind", "unused-source"}
    for words in (["build"], ["coverage"], ["tags"], ["tags", "--markdown"], ["show", "a"]):
        assert cards(tmp_path, *words).exit_code == 0
    assert "Words::topic" not in (tmp_path / "decks" / "STUDY.md").read_text("utf-8")


def test_a_deck_needs_neither_tags_nor_sources_of_its_own(tmp_path: Path) -> None:
    project_of(tmp_path, PLAIN, a=FACTS)
    for name in ("tags.yaml", "sources.yaml"):
        (tmp_path / "src" / name).unlink()
    project, problems = load_project(tmp_path / "src")
    assert project
    assert not problems
    assert cards(tmp_path, "build").exit_code == 0


def test_facts_without_a_topic_are_learnt_in_the_order_of_their_tags_then_of_the_file(
    tmp_path: Path,
) -> None:
    facts = "kind: term\nfacts:\n"
    tagged = (("a", ""), ("b", "hard"), ("c", "unit::two"), ("d", "hard, unit::one"), ("e", ""))
    for name, tags in tagged:
        facts += (
            f"  - {{id: {name}, term: '{name}', meaning: x{name}{tags and f', tags: [{tags}]'}}}\n"
        )
    project = project_of(tmp_path, PLAIN, a=facts)
    assert [note.fact.id for note in project.notes] == ["d", "c", "b", "a", "e"]


@pytest.mark.parametrize(
    ("keys", "missing"),
    [
        ("[topic, source]", ["source", "topic"]),
        ("[level]", ["level"]),
        ("level", ["level"]),
        ("[tags, as_of]", ["as_of", "tags"]),
        ("[deck]", ["deck"]),
    ],
)
def test_a_deck_says_which_keys_every_fact_must_have(
    tmp_path: Path, keys: str, missing: list[str]
) -> None:
    assert problems_of(tmp_path, needing(keys), a=FACTS)[: len(missing)] == [
        f"facts/a.yaml:3:5: error: a fact of kind “term” needs “{key}” [missing-key]"
        for key in missing
    ]


def test_what_a_file_says_for_all_its_facts_is_enough(tmp_path: Path) -> None:
    said = "topic: basics\nsource: handbook\nlevel: core\n"
    assert not problems_of(tmp_path, needing("[topic, source, level]"), a=said + FACTS)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("[topc]", "4:12: error: unknown key “topc”; did you mean “topic”? [unknown-key]"),
        ("[{topic: x}]", "4:12: error: key must be a text"),
        ("''", "4:11: error: key is empty [empty]"),
        ("[term]", "4:12: error: unknown key “term”"),
    ],
)
def test_only_keys_of_every_fact_can_be_required(tmp_path: Path, keys: str, problem: str) -> None:
    found = [one for one in problems_of(tmp_path, needing(keys)) if one.startswith("decks")]
    assert found[0].startswith(f"decks.yaml:{problem}")


def test_an_editor_asks_for_what_the_deck_requires(tmp_path: Path) -> None:
    src = tmp_path / "src"
    schemas = []
    for keys in ("topic", "[topic, source]"):
        problems_of(tmp_path, needing(keys))
        files, _ = plan_schemas(src)
        schemas.append(json.dumps(files[src / "schema" / "facts.schema.json"]))
    assert schemas[0].count('"source"]') + 2 == schemas[1].count('"source"]')


PROMPTS = {
    "kinds/word.yaml": """
        about: A word.
        fields: {es: {type: text}, en: {type: text}}
        prompts:
          to-en: {front: "{{ es }}?", back: "{{ en }}", tags: [direction::es-en, hard]}
          to-es: {front: "{{ en }} in Spanish?", back: "{{ es }}", tags: direction::en-es}
          gap: {cloze: "{{ es | cloze }} is {{ en }}", tags: hard}
        """,
    "tags.yaml": "direction: {_: Which way, es-en: x, en-es: x}\nhard: x\nall:\n  _: x\n"
    "  _when: tag:Words::direction::es-en\n",
    "decks.yaml": """
        namespace: words
        deck: Words
        tag_root: Words
        packages:
          words: {title: Words, about: All.}
          from: {title: From Spanish, about: One way., only: "tag:Words::direction::es-en"}
        """,
}


def test_a_prompt_has_tags_by_which_a_package_holds_its_notes_alone(tmp_path: Path) -> None:
    facts = "kind: word\nfacts: [{id: a, es: agua, en: water, tags: [hard]}]\n"
    project = project_of(tmp_path, PROMPTS, a=facts)
    tags = {
        note.prompt: [tag.removeprefix("Words::") for tag in note.tags if "kind" not in tag]
        for note in project.notes
    }
    assert tags == {
        "to-en": ["all", "direction::es-en", "hard"],
        "to-es": ["direction::en-es", "hard"],
        "gap": ["hard"],
    }
    assert project.tally_of(project.deck.packages["from"]).notes == 1


def test_the_tag_of_a_prompt_is_in_tags_yaml(tmp_path: Path) -> None:
    kind = PROMPTS["kinds/word.yaml"].replace("[direction::es-en, hard]", "[direction::es-em]")
    found = problems_of(tmp_path, PROMPTS | {"kinds/word.yaml": kind}, a="facts: []\n")
    assert found[-1] == (
        "kinds/word.yaml:4:56: error: unknown tag “direction::es-em”; did you mean"
        " “direction::es-en”? [unknown-tag]"
    )
