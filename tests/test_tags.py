from __future__ import annotations

import json
import random
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from jsonschema_rs import Draft7Validator

from tests.browser import DESKTOP, quiet_page
from tests.command import cards
from tests.effort import sample
from tests.engine import collection, double_click
from tests.public import FORMS, check_cards, parts, search_for_tag, wrong_with_text
from tests.sources import notes_of, problems_of, project_of, write_sources

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
    facts = "topic: basics\nlevel: core\ntags: [partner::india, partner::india]\nfacts:\n"
    facts += event("a") + event("b", "tags: [partner::japan, partner::india]")
    project = project_of(tmp_path, {"tags.yaml": TAGS}, a=facts)
    assert project.facts[0].tags == ("partner::india",)
    assert tags_of(tmp_path, "", facts) == {
        "a": {"topic::basics", "partner::india"},
        "b": {"topic::basics", "partner::india", "partner::japan"},
    }


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("level: level::core", "unknown level “level::core”; did you mean “core”?"),
        ("tags: core", "unknown tag “core”; did you mean “level::core”?"),
        ("tags: [India]", "unknown tag “India”; did you mean “partner::india”?"),
        ("tags: [Mini::partner::india]", "did you mean “partner::india”?"),
        ("topic: arf", "unknown topic “arf”; did you mean “forums::arf”?"),
        ("tags: [economy]", "unknown tag “economy”; list it in tags.yaml"),
    ],
)
def test_an_unknown_tag_is_answered_with_the_one_that_ends_alike(
    tmp_path: Path, said: str, hint: str
) -> None:
    head = "topic: basics\nfacts:\n"
    fact = f"  - {{id: a, kind: event, event: b, date: 2020, {said}}}\n"
    (problem,) = problems_of(tmp_path, a=head + fact)
    assert hint in problem


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
        "tags.yaml:2:39: error: _when must be a text, not a list; quote one that begins with “[” or"
        " “- ” [type]",
        "tags.yaml:2:57: error: “_wen” is not a valid name for a tag; use no spaces, quotes, “<” or"
        " “::”, and no “_” or “:” at its start; did you mean “_when”? [tag]",
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


SCRIPTS = (
    *("हिन्दी", "தமிழ்", "ភាសាខ្មែរ", "العَرَبِيَّة", "עִבְרִית", "မြန်မာ", "ไทย", "ລາວ", "ትግርኛ", "ẹ́kọ́"),
    *("می\u200cخواهم", "ශ්\u200dරී", "র\u200d্যাব", "क्\u200dष", "അവന്\u200d", "𑄌𑄋𑄴𑄟𑄳𑄦", "ᠮᠣᠩᠭᠣᠯ"),
    *("བོད་ཡིག", "צה״ל", "col·legi", "マルコ・ポーロ", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", "Việt-Nam", "한국어"),
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_tag_has_letters_of_any_script_with_their_marks(tmp_path: Path, name: str) -> None:
    files = {
        "decks.yaml": f"namespace: m\ndeck: M\ntag_root: {name}\npackages:\n"
        f"  m: {{title: M, about: A., only: tag:{name}::topic::{name}}}\n"
        f"searches: {{All: tag:{name}::source::{name}}}\n",
        "tags.yaml": f"topic: {{_: What, {name}: It}}\nlevel: {{core: First}}\n",
        "sources.yaml": f"{name}: {{title: A Handbook}}\n",
    }
    facts = f"topic: {name}\nlevel: core\nsource: {{doc: {name}, at: p. 1}}\nfacts:\n" + event("a")
    src = write_sources(tmp_path, files, a=facts)
    assert cards(tmp_path, "schema").exit_code == 0
    for file in ("tags", "sources", "decks"):
        schema = json.loads((src / "schema" / f"{file}.schema.json").read_text("utf-8"))
        written = yaml.load((src / f"{file}.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - plain values
        assert not list(Draft7Validator(schema).iter_errors(written))
    built = cards(tmp_path, "build")
    assert built.exit_code == 0, built.output
    composed = unicodedata.normalize("NFC", name)
    assert f"`tag:{composed}::topic::{composed}`" in (tmp_path / "decks/STUDY.md").read_text(
        "utf-8"
    )
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "m.apkg")
        (note,) = col.find_notes("")
        tags = [tag for tag in col.get_note(note).tags if tag.count(composed) > 1]
        assert tags == [f"{composed}::source::{composed}", f"{composed}::topic::{composed}"]
        for tag in tags:
            assert [*col.find_notes(search_for_tag(tag))] == [note]


@pytest.mark.parametrize(
    "name",
    [
        "\u0301a",
        "a\u200db",
        "ẹ\u200da",
        "هند\u200c",
        "\u200cهند",
        "ه\u200c\u200cن",
        "a\u200bb",
        "a b",
    ],
)
def test_a_tag_has_no_mark_without_a_letter_and_nothing_invisible_where_no_script_needs_it(
    tmp_path: Path, name: str
) -> None:
    files = {
        "decks.yaml": f'namespace: m\ndeck: M\ntag_root: "{name}"\npackages: {{m: {{title: M}}}}\n',
        "tags.yaml": f'topic: {{basics: x}}\nlevel: {{core: x}}\n"{name}": x\n',
        "sources.yaml": f'"{name}": {{title: A}}\n',
    }
    found = problems_of(tmp_path, files, a="topic: basics\nlevel: core\nfacts:\n" + event("a"))
    for message in (
        f"decks.yaml:3:11: error: “{name}” is not a valid tag root; use no spaces, quotes",
        f"sources.yaml:1:1: error: “{name}” is not a valid slug; use letters, digits and hyphens",
        f"tags.yaml:3:1: error: “{name}” is not a valid name for a tag; use no spaces, quotes",
    ):
        assert sum(one.startswith(message) for one in found) == 1, found
    validator = Draft7Validator({"pattern": pattern_of(tmp_path / "src")})
    assert not validator.is_valid(name)


def pattern_of(src: Path) -> str:
    """What the schema of sources says of a slug."""
    write_sources(src.parent)
    assert cards(src.parent, "schema").exit_code == 0
    schema = json.loads((src / "schema" / "sources.schema.json").read_text("utf-8"))
    pattern: str = schema["propertyNames"]["pattern"]
    return pattern


NAMES = (
    *(
        "Sovereign_State",
        "Oceans+Seas",
        "C#",
        "v1.2",
        "R&D",
        "it's",
        "a*b",
        "*",
        "a\\b",
        "\\",
        "(x)",
    ),
    *(
        ")",
        "a:b",
        "-x",
        "--",
        "#1",
        "50%",
        "a|b",
        "`x`",
        "[[x]]",
        "{{Front}}",
        "{{c1::a}}",
        "$x$",
        "=1",
    ),
    *(
        "a;b",
        "a,b",
        "1",
        "no",
        "none",
        "re",
        "nc",
        "and",
        "or",
        "😀",
        "❤️",
        "👩\u200d🚀",
        "🏃\u200d♂️",
        "日本",
    ),
    *(
        "[sound:x.mp3]",
        "\\(x\\)",
        "&lt;b&gt;",
        "a/b",
        "@x",
        "~",
        "!",
        "?",
        "བོད་",
        "a__b",
        "x-",
        "ⅷ",
        "²",
    ),
)


def test_a_name_that_anki_allows_is_taken_and_every_printed_search_finds_its_notes(
    tmp_path: Path,
) -> None:
    names = [name for name in NAMES if "::" not in name]
    tags = "topic: {basics: x}\nlevel: {core: x}\nother:\n  _: x\n"
    tags += "".join(
        f"  {json.dumps(name, ensure_ascii=False)}: {{_: x, below: x}}\n" for name in names
    )
    facts = "level: core\nfacts:\n"
    for number, name in enumerate(names):
        tag = json.dumps(
            f"other::{name}" + ("::below" if number % 3 == 0 else ""), ensure_ascii=False
        )
        facts += event(f"f-{number}", f"tags: [{tag}], topic: basics")
    project = project_of(tmp_path, {"tags.yaml": tags}, a=facts)
    assert cards(tmp_path, "build").exit_code == 0
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        for part in parts(project, project.tally):
            assert len(col.find_notes(part.search)) == part.notes, part.search
        kept = {tag for note in map(col.get_note, col.find_notes("")) for tag in note.tags}
    assert kept == {tag for note in project.notes for tag in note.tags}
    guide = (tmp_path / "decks/STUDY.md").read_text("utf-8")
    assert r"`tag:Mini::other::Sovereign\_State`" in guide
    shown = cards(tmp_path, "tags", search_for_tag("Mini::other::a*b"))
    assert shown.exit_code == 0
    assert r"tag:Mini::other::a\*b (" not in shown.stdout
    assert r"tag:Mini::other::a\*b" in shown.stdout


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        "a\u3000b",
        'a"b',
        "a\u00a0b",
        "a\x7fb",
        "a::b",
        ":a",
        "a:",
        "_a",
        "<b>",
        "a\u2028b",
        "",
    ],
)
def test_a_name_that_anki_would_change_is_refused(tmp_path: Path, name: str) -> None:
    tags = f"topic: {{basics: x}}\nlevel: {{core: x}}\nother: {{{json.dumps(name)}: x}}\n"
    found = problems_of(tmp_path, {"tags.yaml": tags}, a="topic: basics\nfacts:\n" + event("a"))
    assert [one for one in found if one.startswith("tags.yaml:3:9: error:")]


def test_a_topic_in_small_letters_and_underscores_is_shown_in_words(tmp_path: Path) -> None:
    tags = "topic: {Sovereign_State: x, C#: x, कख-गघ: x, a-_b: x}\nlevel: {core: x}\n"
    facts = "level: core\nfacts:\n" + "".join(
        event(f"f-{n}", f"topic: {topic}")
        for n, topic in enumerate(["Sovereign_State", "C#", "कख-गघ"])
    )
    project = project_of(tmp_path, {"tags.yaml": tags}, a=facts)
    assert [note.fields[5] for note in project.notes] == ["Sovereign State", "C#", "कख गघ"]


ASCII = "aZ2-.: _&#+*\\<'\"/\x7f\t"
LETTERS = "aÉß1²-·་: _&#+*\\.<\u200b\u0301\u0902\u094d\u200c\u200d\u20e3ക്한中𑄌𑄴🙂هẹİ."


def test_a_name_means_the_same_to_an_editor(browser: Browser) -> None:
    chance = random.Random(1)  # noqa: S311
    names = [
        "".join(chance.choices(letters, k=chance.randrange(1, 7)))
        for letters, count in ((LETTERS, 20_000), (ASCII, 5_000))
        for _ in range(sample(count))
    ]
    editor = "([pattern, names]) => names.filter(name => new RegExp(pattern, 'u').test(name))"
    with quiet_page(browser, DESKTOP) as page:
        for form in ("source-name", "tag-name", "tag-root", "deck-name", "table-name"):
            pattern = f"^(?:{FORMS[form].pattern})$"
            fit = page.evaluate(editor, [pattern, [f"{name}.csv" for name in names]])
            assert fit == [f"{n}.csv" for n in names if not wrong_with_text(f"{n}.csv", form)]
            fit = page.evaluate(editor, [pattern, names])
            assert fit == [name for name in names if not wrong_with_text(name, form)]
            assert len(fit) > sample(1_000) or form == "table-name"


ALIKE = (
    *("EU eu", "Straße STRASSE", "ΣΟΦΟΣ σοφος", "É é", "ſ S", "ﬁ FI", "և ԵՒ", "ა Ა", "𐐀 𐐨", "Ⅷ ⅷ"),
    *("İ i̇", "ŉ ʼN", "ǆ ǅ"),
)
UNLIKE = ("ı i", "ａ a", "é e", "क क़", "ه\u200cن هن")


def spellings_in_anki(root: Path, names: list[str]) -> set[str]:
    """What Anki has of these tags when a note comes with each."""
    with collection(root / "anki.anki2") as col:
        for name in names:
            note = col.new_note(col.models.by_name("Basic"))  # type: ignore[arg-type]
            note["Front"], note.tags = name, [f"M::{name}"]
            col.add_note(note, col.decks.get_current_id())
        return {tag for tag in col.tags.all() if tag != "M"}


@pytest.mark.parametrize("pair", ALIKE)
def test_two_tags_that_are_one_to_anki_are_an_error_at_the_second(
    tmp_path: Path, pair: str
) -> None:
    first, second = unicodedata.normalize("NFC", pair).split()
    assert len(spellings_in_anki(tmp_path, [first, second])) == 1
    files = {
        "tags.yaml": "topic: {basics: x}\nlevel: {core: x}\n"
        f"place:\n  {first}: x\n  {second}: x\n",
        "sources.yaml": f"{first}: {{title: A}}\n{second}: {{title: B}}\n",
    }
    facts = "topic: basics\nlevel: core\nfacts:\n" + event("a")
    both = f"error: to Anki “{second}” and “{first}”, which is on line"
    assert problems_of(tmp_path, files, a=facts) == [
        f"sources.yaml:2:1: {both} 1, are one tag; rename one [source]",
        f"tags.yaml:5:3: {both} 4, are one tag; rename one [tag]",
    ]


@pytest.mark.parametrize("pair", UNLIKE)
def test_two_tags_that_are_two_to_anki_are_taken(tmp_path: Path, pair: str) -> None:
    first, second = unicodedata.normalize("NFC", pair).split()
    assert len(spellings_in_anki(tmp_path, [first, second])) == 2
    tags = "topic: {basics: x}\nlevel: {core: x}\n"
    tags += f"place:\n  {first}: x\n  {second}: {{{first}: x}}\n"
    facts = "topic: basics\nlevel: core\nfacts:\n" + event("a")
    assert not problems_of(
        tmp_path, {"tags.yaml": tags, "sources.yaml": "a: {title: A}\n"}, a=facts
    )


@pytest.mark.parametrize("name", ["Kind", "SOURCE", "Caution"])
def test_a_tag_is_not_one_with_those_that_come_by_themselves(tmp_path: Path, name: str) -> None:
    tags = f"topic: {{basics: x}}\nlevel: {{core: x}}\n{name}: {{_: x, y: x}}\n"
    facts = "topic: basics\nlevel: core\nfacts:\n" + event("a")
    assert problems_of(tmp_path, {"tags.yaml": tags}, a=facts) == [
        f"tags.yaml:3:1: error: to Anki “{name}” and “{name.lower()}”, which is added"
        " automatically, are one tag; rename one [tag]"
    ]
