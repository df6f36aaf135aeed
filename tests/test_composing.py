"""Anki composes what it imports (NFC); nothing that a fact says may combine with markup by it."""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import Path

import pytest
from anki.collection import Collection
from hypothesis import given
from hypothesis import strategies as st

from tests.command import cards
from tests.effort import sampled
from tests.engine import collection, double_click
from tests.public import composed, finished, load_project, shield_backslashes
from tests.sources import write_sources
from tests.test_hostile import facts_that_say, shown

# Composes with < = >, alone and behind a mark before which Unicode puts it.
OVERLAY = "\u0338"
BELOW = "\u0327"


def fields_in_anki(col: Collection) -> dict[str, list[str]]:
    """The fields of all notes, by key."""
    assert col.db is not None
    notes = [text.split("\x1f") for text in col.db.list("select flds from notes")]
    return {fields[-1]: fields for fields in notes}


def imported(
    root: Path, files: dict[str, str]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The fields of all notes of a deck as they are built, and as they are after an import."""
    src = write_sources(root, files)
    project, problems = load_project(src)
    assert project is not None
    assert not problems, "\n".join(map(str, problems[:5]))
    done = cards(root, "build")
    assert done.exit_code == 0, done.output
    with collection(root / "anki.anki2") as col:
        double_click(col, root / "decks" / "mini.apkg")
        return {note.key: [*note.fields] for note in project.notes}, fields_in_anki(col)


def markup(fields: list[str]) -> list[list[str]]:
    return [re.findall(r"<[^>]*>|\{\{c\d::|\}\}", field) for field in fields]


def test_every_mark_of_unicode_arrives_as_it_was_built_and_leaves_the_markup_alone(
    tmp_path: Path,
) -> None:
    kind = """
        about: A kind.
        fields: {a: {type: text}, b: {type: list}, c: {type: cloze}}
        prompts:
          p: {front: "<b>{{ a }}</b><i title=x>{{ a }}</i>", back: "<p>{{ a | upper }}{{ a }}</p>"}
          q: {cloze: "{{ a }}<br>{{ b | cloze }}"}
          r: {cloze: "<u>{{ c }}</u>"}
        """
    marks = [
        char
        for char in map(chr, range(0x80, sys.maxunicode + 1))
        if unicodedata.category(char)[0] == "M"
    ]
    marks = [mark for at, mark in enumerate(marks) if sampled(at) or mark in BELOW + OVERLAY]
    head = "topic: basics\nlevel: core\nkind: k\nfacts:\n"
    facts = head + "".join(
        f"  - id: m-{n}\n    source: {{doc: handbook, at: '{mark}x'}}\n"
        f"    a: '{mark}x*y*{mark}z &#x{ord(mark[0]):x};=&#x{ord(mark[0]):x};'\n"
        f"    b: ['{mark}x', '*y*{mark}']\n"
        f"    c: '{mark}{{{{c1::{mark}::{mark}}}}}{mark}`z`{mark}'\n"
        f"    note: '{mark}x'\n    caution: '[x](https://example.org){mark}'\n"
        for n, mark in enumerate(["-", *marks, BELOW + OVERLAY])
    )
    built, arrived = imported(tmp_path, {"kinds/k.yaml": kind, "facts/a.yaml": facts})
    assert len(built) == 3 * (len(marks) + 2)
    assert arrived == built
    for key, fields in arrived.items():
        prompt = key.rpartition("/")[2]
        assert markup(fields) == markup(arrived[f"m-0/{prompt}"]), key


@pytest.mark.parametrize("start", [OVERLAY, BELOW + OVERLAY, "&#824;", "&#807;&#824;"])
def test_no_text_anywhere_combines_with_the_markup_before_it(tmp_path: Path, start: str) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "marked").mkdir()
    plain = shown(tmp_path / "plain", "x onclick=alert(1) y")
    marked = shown(tmp_path / "marked", f"{start} onclick=alert(1) y")
    assert marked == plain


def test_a_deck_that_says_marks_everywhere_arrives_as_it_was_built(tmp_path: Path) -> None:
    built, arrived = imported(tmp_path, facts_that_say(f"{OVERLAY}x"))
    assert arrived == built


def test_the_description_of_a_deck_is_not_composed_either(tmp_path: Path) -> None:
    decks = f"namespace: mini\ndeck: Mini\ntag_root: Mini\nlicence: '{OVERLAY}l'\n"
    decks += f"packages: {{mini: {{title: '{OVERLAY}t', about: '{OVERLAY}a'}}}}\n"
    imported(tmp_path, {"decks.yaml": decks})
    with collection(tmp_path / "anki.anki2") as col:
        deck = col.decks.by_name("Mini")
        assert deck is not None
        said = unicodedata.normalize("NFC", deck["desc"])
        assert re.findall("<[^>]*>", said) == ["<b>", "</b>", "<br>", "<br>"]


def test_only_one_mark_composes_with_markup() -> None:
    """`finished` looks for no other; Unicode makes no new compositions of what it has."""
    decompositions = map(unicodedata.decomposition, map(chr, range(0x10000)))
    pairs = [
        [chr(int(code, 16)) for code in one.split()] for one in decompositions if one[:1] != "<"
    ]
    ours = "<=>\"'{}:[]()&;/\\ "
    assert {pair[1] for pair in pairs if len(pair) == 2 and pair[0] in ours} == {OVERLAY}


@given(st.lists(st.sampled_from(["<b>", "</b>", "=", "x", OVERLAY, BELOW, "\u0344", "&gt;", "≯"])))
def test_a_finished_field_is_composed_and_has_its_tags(parts: list[str]) -> None:
    field = finished("".join(parts))
    assert unicodedata.normalize("NFC", field) == field
    assert re.findall("<[^>]*>", field) == [part for part in parts if part[0] == "<"]
    assert finished(field) == field


TEXT = st.text(st.sampled_from("<=>b/ \\()[]{c1:}x&;" + OVERLAY + BELOW + "é≯"))


@given(TEXT)
def test_a_field_is_finished_as_if_nobody_looked_whether_it_needs_it(text: str) -> None:
    assert finished(text) == composed(shield_backslashes(text))
