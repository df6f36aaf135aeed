"""Kinds with an Anki note type of their own, in front of the real Anki."""

# ruff: noqa: E501 - a mistake and what is said of it stand on one line

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from anki.collection import Collection, DeckIdLimit, ExportAnkiPackageOptions
from anki.models import NotetypeDict
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.command import cards
from tests.effort import sample
from tests.engine import Imported, answer_of, cards_of, collection, double_click, question_of
from tests.public import Entry, build, check, load_ledger, load_project, make_preview
from tests.sources import HEAD, MINI, notes_of, problems_of, project_of, write_sources

KIND = """\
about: A country.
fields:
  country: {type: text, required: true}
  capital: {type: text}
  people: {type: number}
note_type:
  name: Capitals
  fields:
    Country: "{{ country }}"
    Capital: "{{ capital }}"
    Extra: "{{ source }}{% if note %}<p>{{ note }}</p>{% endif %}"
  templates:
    Country - Capital:
      front: "{{#Capital}}{{Country}} {{type:Capital}}{{/Capital}}"
      back: "{{FrontSide}}<hr id=answer>{{Capital}} {{Extra}}"
    Capital - Country:
      front: "{{#Capital}}{{Capital}}?{{/Capital}}"
      back: "{{Country}} {{hint:Extra}}"
    Country:
      front: "Where is {{Country}}?"
      back: "{{tts en_US:Country}}{{text:Country}} {{Tags}} {{Deck}} {{Card}} {{Type}}"
  css: ".card { color: teal; }"
"""
FACTS = HEAD + (
    "  - {id: at, kind: country, country: Austria, capital: Vienna, note: Alps.}\n"
    "  - {id: de, kind: country, country: Germany}\n"
)


class Deck:
    """A small deck whose kind `country` changes, and what is built of it, an hour apart."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = 1_700_000_000
        self.files = {"kinds/country.yaml": KIND}
        self.facts = FACTS

    def build(self, *edits: tuple[str, str]) -> list[str]:
        """Builds with these edits of the kind or the facts; the messages of what is wrong."""
        for old, new in edits:
            assert old in self.files["kinds/country.yaml"] + self.facts, old
            self.files = {name: text.replace(old, new) for name, text in self.files.items()}
            self.facts = self.facts.replace(old, new)
        self.now += 3600
        src = write_sources(self.root, self.files, a=self.facts)
        project, problems = load_project(src)
        if project and not problems:
            packages = project.deck.packages.values()
            _, _, problems = build(project, packages, self.root / "decks", self.now)
        return [problem.message for problem in problems]

    @property
    def package(self) -> Path:
        return self.root / "decks" / "mini.apkg"

    @property
    def ledger(self) -> dict[str, Entry]:
        entries, problems = load_ledger(self.root / "decks" / "ledger.jsonl")
        assert not problems
        return entries


@pytest.fixture
def deck(tmp_path: Path) -> Deck:
    made = Deck(tmp_path)
    assert made.build() == []
    return made


def one(col: Collection, search: str) -> tuple[str, str]:
    """Question and answer of the only card that a search finds."""
    (card,) = cards_of(col, search)
    return question_of(card), answer_of(card)


def test_a_fact_is_one_note_with_the_cards_that_anki_makes(deck: Deck, tmp_path: Path) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        assert double_click(col, deck.package) == Imported(2, 0, 0, 0)
        source = "Source A. Writer, A Handbook (2020), p. 1"
        question, answer = one(col, "Country:Austria card:1")
        assert question == "Austria [[type:Capital]]"
        assert answer == f"Austria [[type:Capital]] Vienna {source} Alps."
        assert one(col, "Country:Austria card:2")[0] == "Vienna?"
        question, answer = one(col, "Country:Germany")
        assert question == "Where is Germany?"
        assert "Mini::topic::forums::arf" in answer
        assert answer.endswith("Mini Country Capitals")
        assert col.card_count() == 4
        assert not col.get_empty_cards().notes
        assert col.fix_integrity()[1]


def test_building_again_changes_nothing(deck: Deck) -> None:
    before = deck.package.read_bytes(), deck.ledger
    assert deck.build() == []
    assert (deck.package.read_bytes(), deck.ledger) == before


def test_templates_and_style_change_freely(deck: Deck, tmp_path: Path) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, deck.package)
        ledger = deck.ledger
        assert deck.build(("Where is {{Country}}?", "Find {{Country}}!"), ("teal", "navy")) == []
        assert [key for key in ledger if ledger[key] != deck.ledger[key]] == ["note type Capitals"]
        assert double_click(col, deck.package) == Imported(0, 0, 2, 0)
        assert one(col, "Country:Germany")[0] == "Find Germany!"
        assert "navy" in cards_of(col)[0].note_type()["css"]


def test_a_field_filled_later_makes_its_cards_and_the_others_keep_theirs(
    deck: Deck, tmp_path: Path
) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, deck.package)
        (card,) = cards_of(col, "Country:Germany")
        col.sched.set_due_date([card.id], "7")
        assert deck.build(("country: Germany", "country: Germany, capital: Berlin")) == []
        assert double_click(col, deck.package) == Imported(0, 1, 1, 0)
        assert [c.ord for c in cards_of(col, "Country:Germany")] == [0, 1, 2]
        assert col.get_card(card.id).ivl == 7
        assert deck.build((", capital: Berlin", "")) == []
        double_click(col, deck.package)
        assert sum(len(report.card_ids) for report in col.get_empty_cards().notes) == 2
        assert col.get_card(card.id).ivl == 7


RENAMED = (
    ('    Capital: "{{ capital }}"', '    City: {value: "{{ capital }}", formerly: Capital}'),
    ("{{#Capital}}", "{{#City}}"),
    ("{{/Capital}}", "{{/City}}"),
    ("{{Capital}}", "{{City}}"),
    ("{{type:Capital}}", "{{type:City}}"),
    ("    Country:\n      front", "    Place:\n      formerly: Country\n      front"),
)


@pytest.mark.parametrize("renames", [False, True])
def test_fields_and_templates_may_be_renamed(deck: Deck, tmp_path: Path, *, renames: bool) -> None:
    """Also where the learner has renamed them to something else."""
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, deck.package)
        (card,) = cards_of(col, "Country:Germany")
        col.sched.set_due_date([card.id], "7")
        if renames:
            model = col.models.by_name("Capitals")
            assert model
            col.models.rename_field(model, model["flds"][1], "Mine")
            model["tmpls"][2]["name"] = "Mine"
            model["mod"] = 0
            col.models.update_dict(model)
        deck.now = 1_900_000_000  # later than what the learner did just now
        assert deck.build(*RENAMED, ("country: Germany", "country: Deutschland")) == []
        assert double_click(col, deck.package) == Imported(0, 1, 1, 0)
        assert col.get_card(card.id).ivl == 7
        model = col.models.by_name("Capitals")
        assert model
        assert [field["name"] for field in model["flds"]] == ["Country", "City", "Extra"]
        assert [template["name"] for template in model["tmpls"]][2] == "Place"
        assert deck.build((", formerly: Capital}", "}"), ("      formerly: Country\n", "")) == []
        assert double_click(col, deck.package) == Imported(0, 0, 2, 0)


GONE = ('    Capital: "{{ capital }}"\n', "")
FROZEN: dict[str, tuple[list[tuple[str, str]], str]] = {
    "field added": (
        [('    Capital: "', '    People: "{{ people }}"\n    Capital: "')],
        "the field “People” is new; leave it out, or give the note type another name",
    ),
    "field renamed": (
        [('    Extra: "', '    More: "'), ("{{Extra}}", "{{More}}"), ("hint:Extra", "hint:More")],
        "the field “Extra” is gone and “More” is new; if it was renamed, give “More” formerly:",
    ),
    "field removed": (
        [
            ('    Extra: "{{ source }}{% if note %}<p>{{ note }}</p>{% endif %}"\n', ""),
            (" {{Extra}}", ""),
            (" {{hint:Extra}}", ""),
        ],
        'the field “Extra” is gone; keep it, and leave it empty: Extra: ""',
    ),
    "fields moved": (
        [
            ('    Country: "{{ country }}"\n', ""),
            ("    Extra:", '    Country: "{{ country }}"\n    Extra:'),
        ],
        "the fields stand in another order; put them back: Country, Capital, Extra",
    ),
    "template added": (
        [("  css:", '    New: {front: "{{Capital}}", back: x}\n  css:')],
        "the template “New” is new; leave it out",
    ),
    "template renamed": (
        [("    Country:\n      front", "    Place:\n      front")],
        "the template “Country” is gone and “Place” is new; if it was renamed",
    ),
    "template removed": (
        [(KIND[KIND.index("    Capital - Country:") : KIND.index("    Country:\n")], "")],
        "the template “Capital - Country” is gone; keep it, since learners have its cards",
    ),
    "note type renamed": (
        [("name: Capitals", "name: Cities")],
        "the note of “at” is of the note type “Capitals” in learners' collections, and Anki moves"
        " no note to another note type; go back to that, or give the facts new ids",
    ),
    "prompts instead": (
        [
            (
                KIND[KIND.index("note_type:") :],
                "prompts: {note: {front: '{{ country }}?', back: x}}\n",
            )
        ],
        "the note of “at” is of the note type “Capitals” in learners' collections, and Anki moves"
        " no note to another note type; go back to that, or give the prompt “note” another name",
    ),
    "cloze": (
        [
            (
                KIND[KIND.index("  templates:") :],
                '  templates: {C: {front: "{{cloze:Country}}", back: "{{cloze:Country}}"}}\n  cloze: true\n',
            ),
            ("{{ country }}", "{{ country | cloze }}"),
        ],
        "the note of “at” is of the note type “Capitals” in learners' collections",
    ),
}


@pytest.mark.parametrize("change", FROZEN)
def test_what_anki_could_not_update_is_refused_with_a_remedy(deck: Deck, change: str) -> None:
    edits, message = FROZEN[change]
    before = deck.ledger
    assert [found[: len(message)] for found in deck.build(*edits)][:1] == [message]
    assert deck.ledger == before


def change_fields(model: NotetypeDict, col: Collection) -> None:
    col.models.add_field(model, col.models.new_field("People"))


def move_fields(model: NotetypeDict, col: Collection) -> None:
    col.models.reposition_field(model, model["flds"][0], 1)


def drop_template(model: NotetypeDict, col: Collection) -> None:
    col.models.remove_template(model, model["tmpls"][2])


@pytest.mark.parametrize("change", [change_fields, move_fields, drop_template])
def test_anki_updates_no_note_whose_note_type_has_other_parts(
    deck: Deck, tmp_path: Path, change: Callable[[NotetypeDict, Collection], None]
) -> None:
    """Which is why the builder refuses such changes."""
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, deck.package)
        model = col.models.by_name("Capitals")
        assert model
        change(model, col)
        col.models.update_dict(model)
        deck.build(("country: Germany", "country: Deutschland"))
        assert double_click(col, deck.package) == Imported(0, 0, 0, 2)


def test_an_unused_field_stays_and_is_left_empty(deck: Deck, tmp_path: Path) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, deck.package)
        extra = KIND[KIND.index('"{{ source }}') : KIND.index("  templates:")]
        assert deck.build((extra, '""\n')) == []
        assert double_click(col, deck.package) == Imported(0, 2, 0, 0)


def test_a_kind_without_facts_is_not_frozen(deck: Deck) -> None:
    other = KIND.replace("name: Capitals", "name: Other")
    deck.files["kinds/other.yaml"] = other
    assert deck.build() == []
    assert "note type Other" not in deck.ledger
    deck.files["kinds/other.yaml"] = other.replace("Extra", "More")
    assert deck.build() == []


def test_a_note_type_stays_in_the_ledger_when_its_facts_are_gone(deck: Deck) -> None:
    row = deck.ledger["note type Capitals"]
    deck.facts = HEAD + "  - {id: a, kind: event, event: was it, date: 1994}\n"
    assert deck.build() == []
    assert deck.ledger["note type Capitals"] == row
    assert deck.ledger["at/note"].retired


# --- One note type, several kinds ---------------------------------------------------------------

CITY = """\
about: A city.
fields: {city: {type: text, required: true}, river: {type: text}}
note_type: {name: Capitals, fields: {Capital: "{{ river }}", Country: "{{ city }}"}}
"""


def test_kinds_may_share_a_note_type_that_one_of_them_defines(tmp_path: Path) -> None:
    files = {"kinds/country.yaml": KIND, "kinds/city.yaml": CITY}
    facts = FACTS + "  - {id: ulm, kind: city, city: Ulm, river: Danube}\n"
    note = notes_of(tmp_path, files, a=facts)["ulm/note"]
    assert note.fields == ("Ulm", "Danube", "")
    assert note.cards == (1, 2, 3)


@pytest.mark.parametrize(
    ("city", "problem"),
    [
        (
            KIND.replace("teal", "red"),
            "7:3: error: the note type “Capitals” is not as “Capitals” in city.yaml; leave out all"
            " but its name and fields here, or give it another name [note-type]",
        ),
        (
            CITY.replace("Country:", "Contry:"),
            "3:12: error: the note type “Capitals” has no field “Contry”; did you mean “Country”?"
            " [note-type]",
        ),
        (
            CITY.replace("Capitals", "capitals"),
            "3:12: error: the note type “capitals” is not as “Capitals” in country.yaml; leave out"
            " all but its name and fields here, or give it another name [note-type]",
        ),
        (
            CITY.replace("Capitals", "Cities"),
            "3:12: error: no kind defines the templates of the note type “Cities” [note-type]",
        ),
        (
            CITY.replace("Capitals", "mini cloze"),
            "3:12: error: no kind defines the templates of the note type “mini cloze” [note-type]",
        ),
    ],
)
def test_kinds_that_do_not_agree_on_a_note_type_are_refused(
    tmp_path: Path, city: str, problem: str
) -> None:
    files = {"kinds/country.yaml": KIND, "kinds/city.yaml": city}
    (found,) = problems_of(tmp_path, files)
    assert found.partition(".yaml:")[2] == problem


def test_the_same_definition_twice_is_one_note_type(tmp_path: Path) -> None:
    files = {"kinds/country.yaml": KIND, "kinds/land.yaml": KIND}
    assert problems_of(tmp_path, files, a=FACTS) == []


# --- What is wrong with a note type --------------------------------------------------------------


def kind_with(note_type: str) -> dict[str, str]:
    text = f"about: A.\nfields: {{x: {{type: text, required: true}}}}\nnote_type:\n  {note_type}\n"
    return {"kinds/own.yaml": text}


def own(
    templates: str = "{C: {front: '{{X}}', back: y}}", more: str = "", fields: str = ""
) -> dict[str, str]:
    fields = fields or '{X: "{{ x }}"}'
    return kind_with(f"name: Own\n  fields: {fields}\n  templates: {templates}\n{more}")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (own("{C: {front: '{{X}} {{Y}}', back: y}}"), "6:33: error: unknown field “Y” [template]"),
        (own("{C: {front: '{{#X}}x', back: y}}"), "6:27: error: {{#X}} is never closed [template]"),
        (own("{C: {front: '{{X}}', back: 'y{{/X}}'}}"), "6:43: error: {{/X}} closes nothing [template]"),
        (own("{C: {front: '{{X', back: y}}"), "6:27: error: not a valid tag; write {{Field}} [template]"),
        (own("{C: {front: 'What?', back: y}}"), "6:27: error: a front without a field; write {{Field}} where its text belongs [template]"),
        (own("{C: {front: '{{X}}{{FrontSide}}', back: y}}"), "6:32: error: {{FrontSide}} is for the back only [template]"),
        (own("{C: {front: '{{cloze:X}}', back: y}}"), "6:27: error: {{cloze:X}} needs a note type with cloze: true [template]"),
        (own("{C: {front: '{{X}}', back: y}, D: {front: '{{X}}', back: z}}"), "6:57: error: the front of “C” is the same, which Anki does not take [template]"),
        (own("{C: {front: '{{X}}', back: y}, c: {front: '{{X}} ', back: z}}"), "6:45: error: “c” and “C” are one name to Anki; choose another [note-type]"),
        (own("{C: {front: '{{tpye:X}}', back: y}}"), "6:27: warning: unknown filter “tpye”; did you mean “type”? [template]"),
        (own("{C: {front: '{{tts:X}}', back: y}}"), "6:27: warning: {{tts:X}} names no language; write {{tts en_US:…}} [template]"),
        (own("{C: {front: no.html, back: y}}"), "6:26: error: “no.html”, beside this file, cannot be read: no such file or directory [file]"),
        (own("{C: {front: a/no.html, back: y}}"), "6:26: error: “a/no.html” is not a file beside this one [file]"),
        (own("{C: {front: '{{X}}'}}"), "6:18: error: a card template needs “back” [missing-key]"),
        (own("{}"), "4:3: error: a note type needs “templates” [missing-key]"),
        (own("[x]"), "6:14: error: templates must be a mapping (key: value) [type]"),
        (own("{'': {front: '{{X}}', back: y}}"), "6:15: error: a field or template of a note type needs a name [note-type]"),
        (own("{' ': {front: '{{X}}', back: y}}", "  adopted: true"), "6:15: error: a field or template of a note type needs a name [note-type]"),
        (own(fields="{X: '{{ x }}', '': ''}", more="  adopted: true"), "5:26: error: a field or template of a note type needs a name [note-type]"),
        (own("{'a\"b': {front: '{{X}}', back: y}, 'A\"b': {front: 'x {{X}}', back: y}}", "  adopted: true"), '6:49: error: “A"b” and “a"b” are one name to Anki; choose another [note-type]'),
        (own(fields="{'a:b': '{{ x }}', X: ''}"), "5:12: error: “a:b” is not a name that Anki allows for a field; use no quotes, braces, colons or line breaks, no space at either end, no “#”, “^” or “/” at its start, and no name of Anki's own, such as Tags or c1 [template]"),
        (own(fields="{Tags: '{{ x }}', X: ''}"), "5:12: error: “Tags” is not a name that Anki allows for a field; use no quotes, braces, colons or line breaks, no space at either end, no “#”, “^” or “/” at its start, and no name of Anki's own, such as Tags or c1 [template]"),
        (own(fields="{X: '{{ x }}', ' Y': ''}"), "5:26: error: “ Y” is not a name that Anki allows for a field; use no quotes, braces, colons or line breaks, no space at either end, no “#”, “^” or “/” at its start, and no name of Anki's own, such as Tags or c1 [template]"),
        (own(fields="{X: '{{ x }}', x: ''}"), "5:26: error: “x” and “X” are one name to Anki; choose another [note-type]"),
        (own(fields="{X: same}"), "5:11: error: the note type shows every fact the same: its fields use no field of the kind [note-type]"),
        (own(fields="{X: '{{ y }}{{ x }}'}"), "5:15: error: unknown field “y” [unknown-field]"),
        (own(fields="{X: {vale: '{{ x }}'}}"), "5:16: error: a field of a note type has no key “vale”; did you mean “value”? [unknown-key]"),
        (kind_with("name: Own\n  fields: {X: '{{ x }}'}\n  css: x"), "4:3: error: a note type needs “templates” [missing-key]"),
        (kind_with("fields: {X: '{{ x }}'}"), "4:3: error: a note type needs “name” [missing-key]"),
        (kind_with("name: ''\n  fields: {X: '{{ x }}'}"), "4:9: error: name is empty [empty]"),
        (own(more="  clozee: true"), "7:3: error: a note type has no key “clozee”; did you mean “cloze”? [unknown-key]"),
        (own(more="  cloze: yes"), "7:10: error: “yes” is not true or false [type]"),
        (own(more="  cloze: true"), "6:27: error: both sides of a cloze need the filter “cloze”: {{cloze:X}} [template]"),
        (own(more="prompts: {p: {front: '{{ x }}', back: y}}"), "4:3: error: a kind needs “prompts” or “note_type”, not both [missing-key]"),
        (own(more="  image_occlusion: true"), "5:12: error: image occlusion has no field “X”; it has Occlusion, Image, Header, Back Extra, Comments [note-type]"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_note_type_is_said(
    tmp_path: Path, files: dict[str, str], problem: str
) -> None:
    assert f"kinds/own.yaml:{problem}" in problems_of(tmp_path, files)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("templates: {C: {front: x.html, back: y}}", "missing-key"),
        ("fields: x\n  templates: {C: {front: '{{X}}', back: y}}", "type"),
    ],
)
def test_a_note_type_without_fields_is_one_mistake(tmp_path: Path, said: str, rule: str) -> None:
    found = problems_of(tmp_path, kind_with(f"name: Own\n  {said}") | {"kinds/x.html": "x"})
    assert [one.rpartition("[")[2] for one in found] == [f"{rule}]"]


def test_a_side_that_is_missing_is_not_also_the_same_as_another(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, own("{C: {front: '', back: y}, D: {front: no.html, back: y}}"))
    assert [problem.rpartition("[")[2] for problem in problems] == ["empty]", "file]"]


def test_a_note_for_one_prompt_is_answered_with_what_to_write(tmp_path: Path) -> None:
    facts = FACTS.replace("note: Alps.", "note: {Country: Alps.}")
    assert problems_of(tmp_path, {"kinds/country.yaml": KIND}, a=facts) == [
        "facts/a.yaml:5:71: error: a fact of kind “country” is one note; write the text alone"
        " [unknown-prompt]"
    ]


def test_a_deck_that_asks_no_prompts_may_have_a_note_type_of_its_name(tmp_path: Path) -> None:
    """As decks that are taken over often have."""
    deck = Deck(tmp_path)
    deck.files = {"kinds/country.yaml": KIND.replace("name: Capitals", "name: Mini")}
    deck.files |= {f"kinds/{name}.yaml": CITY.replace("Capitals", "Mini") for name in OTHER_KINDS}
    assert deck.build() == []
    assert deck.ledger["note type Mini"].field_names
    with collection(tmp_path / "anki.anki2") as col:
        assert double_click(col, deck.package) == Imported(2, 0, 0, 0)
    deck.files["decks.yaml"] = MINI["decks.yaml"].replace("deck: Mini", "deck: Maxi")
    assert "Anki matches decks by name" in deck.build()[0]


OTHER_KINDS = [name[6:-5] for name in MINI if name.startswith("kinds/")]


def test_the_name_of_the_decks_own_note_types_is_taken(tmp_path: Path) -> None:
    files = {"kinds/country.yaml": KIND.replace("name: Capitals", "name: mini cloze")}
    assert problems_of(tmp_path, files) == [
        "kinds/country.yaml:7:3: error: “mini cloze” is the name of the deck's own note type;"
        " choose another [note-type]"
    ]


@pytest.mark.parametrize(
    ("kind", "fact", "problem"),
    [
        (KIND.replace("Where is {{Country}}?", "{{#Extra}}{{Capital}}{{/Extra}}"),
         "country: A", "fact “a” makes no card: the front of every template stays empty"),
        (KIND.replace('"{{ country }}"', '"{{ country | cloze }}"'),
         "country: A", "fact “a” has cloze deletions in “Country”; its note type needs cloze: true"),
        (KIND.replace('"{{ country }}"', '"{{ country[7] }}"'),
         "country: A", "field “Country” fails on fact “a”:"),
    ],
)  # fmt: skip
def test_a_fact_that_makes_no_good_note_is_said(
    tmp_path: Path, kind: str, fact: str, problem: str
) -> None:
    facts = HEAD + f"  - {{id: a, kind: country, {fact}}}\n"
    (found,) = problems_of(tmp_path, {"kinds/country.yaml": kind}, a=facts)
    assert problem in found


# --- What may stand in it ------------------------------------------------------------------------


def test_sides_and_style_may_stand_in_files_beside_the_kind(tmp_path: Path) -> None:
    kind = kind_with(
        "name: Own\n  fields: {X: '{{ x }}'}\n"
        "  templates: {C: {front: front.html, back: own back.html}}\n  css: own.css"
    )
    files = kind | {
        "kinds/front.html": "<b>{{X}}</b>\n",
        "kinds/own back.html": "{{FrontSide}}\n<script>let a = {b: {c: 1}};</script>\n",
        "kinds/own.css": ".card{}\n",
    }
    facts = HEAD + "  - {id: a, kind: own, x: y}\n"
    (*_, note_type) = project_of(tmp_path, files, a=facts).note_types
    assert note_type.templates[0].front == "<b>{{X}}</b>\n"
    assert "<script>" in note_type.templates[0].back
    assert note_type.css == ".card{}\n"
    files["kinds/front.html"] = "<b>\n {{X}}{{Q}}</b>\n"
    assert problems_of(tmp_path, files, a=facts) == [
        "kinds/front.html:2:7: error: unknown field “Q” [template]"
    ]
    files["kinds/front.html"] = "<<<<<<< ours\n{{X}}\n=======\n<b>{{X}}</b>\n>>>>>>> theirs\n"
    (problem,) = problems_of(tmp_path, files, a=facts)
    assert problem.startswith("kinds/front.html:1:1: error: unresolved merge conflict")


def test_nothing_that_a_fact_says_acts_in_a_note_type_of_ones_own(tmp_path: Path) -> None:
    bad = r"{{#Capital}}<script>x</script>[sound:a.mp3]{{c1::y}}<!--\(\href{x}{y}\)"
    facts = HEAD + f"  - {{id: a, kind: country, country: '{bad}', capital: '{bad}'}}\n"
    project = project_of(tmp_path, {"kinds/country.yaml": KIND}, a=facts)
    build(project, project.deck.packages.values(), tmp_path / "decks", 1_700_000_000)
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        (card,) = cards_of(col, "card:2")
        html = card.render_output().question_text
        assert "&lt;script&gt;" in html
        assert "<script" not in html
        assert "<!--" not in html
        assert not card.question_av_tags()
        assert "{{#Capital}}" not in html


def test_readings_other_delimiters_and_comments_are_ankis(tmp_path: Path) -> None:
    files = own(
        r"{C: {front: '{{furigana:X}}', back: '{{kana:X}}{{kanji:X}}'}, "
        r"D: {front: '{{=<% %>=}}<!-- {{Q}} --><%X%>', back: y}}"
    )
    files = {name: text.replace("type: text", "type: text") for name, text in files.items()}
    facts = HEAD + "  - {id: a, kind: own, x: plain}\n"
    project = project_of(tmp_path, files, a=facts)
    build(project, project.deck.packages.values(), tmp_path / "decks", 1_700_000_000)
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        assert [question_of(card) for card in cards_of(col)] == ["plain", "plain"]


def test_filters_for_readings_read_fields_of_type_furigana(tmp_path: Path) -> None:
    kind = """
        about: A word.
        fields: {word: {type: furigana, required: true}}
        note_type:
          name: Words
          fields: {Word: "{{ word }}", Shown: "{{ word }}"}
          templates:
            Read: {front: "{{kanji:Word}}", back: "{{kana:Word}} {{furigana:Word}} {{Shown}}"}
        """
    facts = HEAD + "  - {id: a, kind: word, word: '話[はな]す と 言[い]う'}\n"
    facts += "  - {id: b, kind: word, word: 'a[sound:x.mp3] b[latex]c d[/latex]'}\n"
    project = project_of(tmp_path, {"kinds/word.yaml": kind}, a=facts)
    build(project, project.deck.packages.values(), tmp_path / "decks", 1_700_000_000)
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        card, evil = cards_of(col)
        assert question_of(card) == "話す と言う"
        ruby = "<ruby><rb>話</rb><rt>はな</rt></ruby>す と<ruby><rb>言</rb><rt>い</rt></ruby>う"
        shown = ruby.replace("<rb>", "").replace("</rb>", "")
        assert card.render_output().answer_text.endswith(f"はなす という {ruby} {shown}")
        assert not evil.answer_av_tags()
        assert "<img" not in evil.answer()


def test_a_field_says_that_its_kind_is_in_another_language(tmp_path: Path) -> None:
    kind = """
        about: A word.
        language: ar
        fields:
          word: {type: text, required: true}
          means: {type: text, language: en}
          more: {type: markdown}
          map: {type: picture}
          gaps: {type: list}
        note_type:
          name: Words
          cloze: true
          fields:
            Text: "{{ word }}: {{ gaps | cloze }}"
            Means: "{{ means }}"
            More: "{{ more }}"
            Map: "{{ map }}"
            Source: "{{ source }}"
            Key: "{{ key }}"
          templates:
            A: {front: "{{cloze:Text}}", back: "{{cloze:Text}}{{Means}}{{More}}{{Map}}{{Source}}"}
        """
    files = {
        "kinds/word.yaml": kind,
        "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A map}\n",
        "media/m.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    fact = "  - {id: a, kind: word, word: و, means: and, more: م, map: m.svg, gaps: [ا, ب]}\n"
    text, means, more, picture, source, key = notes_of(tmp_path, files, a=HEAD + fact)[
        "a/note"
    ].fields
    around = ' lang="ar" dir="rtl"'
    assert text == f"<div{around}>و: <ul><li>{{{{c1::ا}}}}</li><li>{{{{c2::ب}}}}</li></ul></div>"
    assert means == f'<span{around}><span lang="en" dir="ltr">and</span></span>'
    assert more == f"<div{around}><p>م</p></div>"
    assert picture.startswith("<img ")
    assert around not in source
    assert key == "a/note"
    images = {"kinds/word.yaml": kind.replace(": ar", ": en")}
    assert " lang=" not in notes_of(tmp_path, files | images, a=HEAD + fact)["a/note"].fields[0]


def test_a_cloze_of_ones_own_pins_its_numbers(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.files = {
        "kinds/country.yaml": "about: A.\nfields: {name: {type: text}, parts: {type: list}}\n"
        "note_type:\n  name: Parts\n  cloze: true\n"
        '  fields: {Name: "{{ name }}", Text: "{{ parts | cloze }}", More: "{{ source }}"}\n'
        '  templates: {Cloze: {front: "{{Name}}{{cloze:Text}}", back: "{{cloze:Text}}{{More}}"}}\n'
    }
    deck.facts = HEAD + "  - {id: a, kind: country, name: N, parts: [x, y, z]}\n"
    assert deck.build() == []
    assert deck.build(("[x, y, z]", "[z, y, {item: w, new: true}]")) == []
    assert deck.ledger["a/note"].gaps == ("parts: x", "parts: y", "parts: z", "parts: w")
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, deck.package)
        assert [card.ord for card in cards_of(col)] == [1, 2, 3]
        assert question_of(cards_of(col)[0]) == "N z [...] w"
    (message,) = deck.build(("[z, y, {item: w, new: true}]", "[z, y, v]"))
    assert "is it the same item, reworded?" in message


def test_commands_show_such_notes(deck: Deck) -> None:
    shown = cards(deck.root, "show", "at").output
    assert "Capital" in shown
    assert "Vienna" in shown
    assert cards(deck.root, "check").exit_code == 0
    assert cards(deck.root, "build", "--check").exit_code == 0
    first = deck.package.read_bytes()
    (deck.root / "old.apkg").write_bytes(first)
    deck.build(("Vienna", "Wien"), ("  - {id: de, kind: country, country: Germany}\n", ""))
    changed = cards(deck.root, "changes", "old.apkg", "decks/mini.apkg").output
    assert "- at/note" in changed
    assert "Capital, before: Vienna" in changed
    gone = deck.ledger["de/note"].id
    assert f"nid:{gone}" in changed


def test_a_renamed_field_is_compared_with_what_it_was(deck: Deck) -> None:
    deck.package.rename(deck.root / "old.apkg")
    renamed = ('Capital: "{{ capital }}"', 'City: {value: "{{ capital }}", formerly: Capital}')
    assert deck.build(renamed, ("Capital}}", "City}}"), ("Vienna, note", "Wien, note")) == []
    assert cards(deck.root, "changes", "old.apkg").stdout == (
        "Reworded (1)\n\n- at/note\n  - City, before: Vienna\n    City, after: Wien\n\n"
        "New design (1)\n\n- Capitals: Anki replaces your own changes to its styling\n"
    )
    deck.package.rename(deck.root / "old.apkg")
    again = ("City: {value", "Town: {value"), ("formerly: Capital", "formerly: City")
    tagged = ("Wien, note", "Wien, tags: [partner::india], note")
    assert deck.build(*again, ("City}}", "Town}}"), tagged) == []
    report = cards(deck.root, "changes", "old.apkg").stdout
    assert report.startswith("Retagged (1)\n\n- at/note: +Mini::partner::india\n\nNew design (1)\n")


def test_cards_that_come_and_go_with_a_template_are_told(deck: Deck, tmp_path: Path) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, deck.package)
        deck.package.rename(deck.root / "old.apkg")
        fronts = (
            ("{{#Capital}}{{Capital}}?{{/Capital}}", "{{Capital}} {{Extra}}?"),
            ('"Where is {{Country}}?"', '"{{#Capital}}Where is {{Country}}?{{/Capital}}"'),
        )
        kind = KIND
        for old, new in fronts:
            kind = kind.replace(old, new)
        write_sources(deck.root, {"kinds/country.yaml": kind}, a=FACTS)
        said = cards(deck.root, "build").stdout
        assert "notice: 1 card added, 1 card removed, a new design\n" in said
        assert double_click(col, deck.package) == Imported(0, 0, 2, 0)
        assert [card.ord + 1 for card in cards_of(col, "Country:Germany")] == [3, 2]
        (empty,) = col.get_empty_cards().notes
        (search,) = re.findall("by Anki: (.*)", said)
        assert list(col.find_cards(search)) == list(empty.card_ids)
    report = cards(deck.root, "changes", "old.apkg").stdout
    assert report.startswith("Cards added (1)\n\n- de/note: card 2\n\nNo longer in the deck (1);")


def test_show_says_which_fields_are_empty_and_which_cards_there_are_not(tmp_path: Path) -> None:
    kind = KIND.replace("  css:", "    Extra: {front: '{{Extra}}', back: '{{Country}}'}\n  css:")
    kind = kind.replace("{{ source }}{% if note %}<p>", "{% if note %}{{ people }}<p>")
    kind = kind.replace("<p>{{ note }}</p>", "<p>{{ note }}</p><p>end</p><hr>")
    facts = HEAD + "  - {id: at, kind: country, country: Austria, capital: Vienna, note: Alps.}\n"
    facts += "  - {id: de, kind: country, country: Germany, people: 84, note: Elbe.}\n"
    write_sources(tmp_path, {"kinds/country.yaml": kind}, a=facts)
    assert cards(tmp_path, "show", "at").output.endswith(
        "\n\nExtra: empty: no field “people”\nExtra: no card: the front comes out empty\n"
    )
    shown = cards(tmp_path, "show", "de").output
    assert "84\n               Elbe.\n               end\n" in shown
    assert shown.endswith(
        "\n\nCapital: empty: no field “capital”\n"
        "Country - Capital: no card: the front comes out empty\n"
        "Capital - Country: no card: the front comes out empty\n"
    )


# --- Rows of what was taken over from elsewhere ----------------------------------------------------


def rewritten(deck: Deck, change: Callable[[dict[str, dict[str, object]]], None]) -> None:
    """Changes rows of the ledger, and removes the packages, as an import would leave them."""
    path = deck.root / "decks" / "ledger.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    change({row["key"]: row for row in rows})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    for package in path.parent.glob("*.apkg"):
        package.unlink()


def take_over(rows: dict[str, dict[str, object]]) -> None:
    """As genanki might have made it: ids one after another, a GUID of its own, no ids of parts."""
    base = 1_500_000_000_001
    rows["at/note"] |= {
        "guid": "b&]<Ü",
        "adopted": True,
        "id": base,
        "card_ids": [base + 7, 0, base + 3],
    }
    rows["de/note"] |= {
        "guid": "x y",
        "adopted": True,
        "id": base + 1,
        "card_ids": [0, 0, base + 9],
    }
    rows["note type Capitals"] |= {"id": 1_234_567_890_123, "field_ids": [0, 0, 0]}
    rows["note type Capitals"]["template_ids"] = [-5, 7, 0]


def test_the_ledger_can_hold_ids_from_elsewhere(deck: Deck, tmp_path: Path) -> None:
    rewritten(deck, take_over)
    before = deck.ledger
    assert deck.build() == []
    after = deck.ledger
    assert {key for key in after if after[key] != before[key]} == {"at/note"}
    new = after["at/note"].card_ids[1]
    assert after["at/note"].card_ids == (1_500_000_000_008, new, 1_500_000_000_004)
    with collection(tmp_path / "anki.anki2") as col:
        assert double_click(col, deck.package) == Imported(2, 0, 0, 0)
        note = col.get_note(col.find_notes("Country:Austria")[0])
        assert (note.id, note.guid) == (1_500_000_000_001, "b&]<Ü")
        assert note.mid == 1_234_567_890_123
        assert note.card_ids() == [1_500_000_000_008, new, 1_500_000_000_004]
        assert [field["id"] for field in note.note_type()["flds"]] == [None] * 3  # type: ignore[index]
        assert deck.build(("Germany", "Germany, capital: Berlin")) == []
        assert double_click(col, deck.package) == Imported(0, 1, 1, 0)
    ids = [id_ for row in deck.ledger.values() for id_ in row.card_ids if id_]
    assert len(set(ids)) == len(ids) == 6
    assert cards(deck.root, "build", "--check").exit_code == 0


def test_a_part_without_an_id_keeps_its_name(deck: Deck) -> None:
    rewritten(deck, take_over)
    assert deck.build(*RENAMED) == [
        "the field “Capital” has no id, so that Anki knows it by its name; keep that",
        "the template “Country” has no id, so that Anki knows it by its name; keep that",
    ]


NO_ENTRY = "not as `cards build` writes it"


@pytest.mark.parametrize(
    ("key", "change", "problem"),
    [
        ("at/note", {"card_ids": [1, -2]}, NO_ENTRY),
        ("at/note", {"card_ids": "x"}, NO_ENTRY),
        ("at/note", {"id": 5}, NO_ENTRY),
        ("at/note", {"note_type": ""}, NO_ENTRY),
        ("note type Mini", {"field_ids": [-1] * 8}, NO_ENTRY),
        ("note type Capitals", {"field_names": ["a", ""]}, NO_ENTRY),
        ("note type Capitals", {"field_ids": [1, 2]}, "are not as they were built"),
        ("note type Capitals", {"field_names": ["Country", "Capital"]}, "is new; leave it out"),
    ],
)
def test_rows_that_cannot_be_are_refused(
    deck: Deck, key: str, change: dict[str, object], problem: str
) -> None:
    rewritten(deck, lambda rows: rows[key].update(change))
    messages = deck.build()
    assert any(problem in message for message in messages), messages


def test_the_preview_shows_such_cards_in_their_own_style(deck: Deck) -> None:
    checked = check(deck.root / "src", deck.root / "decks", deck.now)
    data = make_preview(checked).data
    assert data["styles"] == {"Capitals": ".card { color: teal; }"}
    shown = [(card["key"], card["number"], card["type"]) for card in data["cards"]]
    assert sorted(shown) == [
        ("at/note", 1, "Capitals"),
        ("at/note", 2, "Capitals"),
        ("at/note", 3, "Capitals"),
        ("de/note", 3, "Capitals"),
    ]


def test_a_field_that_no_card_shows_is_a_warning(tmp_path: Path) -> None:
    kind = KIND.replace("{{Extra}}", "").replace("{{hint:Extra}}", "")
    src = write_sources(tmp_path, {"kinds/country.yaml": kind}, a=FACTS)
    found = check(src, tmp_path / "decks", 1_700_000_000).problems
    assert [problem.message for problem in found if problem.rule == "unused-field"] == [
        "no field of the note type shows “people”",
        "no card template shows the field “Extra”",
    ]


def test_several_branches_may_fill_the_same_fact(deck: Deck) -> None:
    """Their lines of the ledger become one, as those of other notes do."""
    path = deck.root / "decks" / "ledger.jsonl"
    rewritten(deck, take_over)
    base = path.read_text("utf-8")
    assert deck.build() == []
    ours = path.read_text("utf-8")
    path.write_text(base, "utf-8")
    for package in path.parent.glob("*.apkg"):  # as they are not committed
        package.unlink()
    assert deck.build(("Vienna", "Wien")) == []
    path.write_text(
        "".join(
            sorted(
                {
                    *ours.splitlines(keepends=True),
                    *path.read_text("utf-8").splitlines(keepends=True),
                }
            )
        ),
        "utf-8",
    )
    assert deck.build() == ["two branches have built “at/note”: one line is made of two"]
    assert deck.ledger["at/note"].card_ids[0] == 1_500_000_000_008


def test_a_lost_ledger_is_made_anew_of_packages(deck: Deck) -> None:
    before = deck.ledger
    (deck.root / "decks" / "ledger.jsonl").unlink()
    done = cards(deck.root, "ledger", "recover", "decks/mini.apkg")
    assert done.exit_code == 0, done.output
    kept = {key: row for key, row in before.items() if key in deck.ledger}
    assert kept == deck.ledger
    assert before.keys() - kept.keys() == {"note type Mini", "note type Mini Cloze"}  # unpacked
    assert deck.build() == []
    assert {key: deck.ledger[key] for key in kept} == kept


def test_a_note_type_may_give_its_notes_tags(tmp_path: Path) -> None:
    kind = KIND.replace("  name: Capitals\n", "  name: Capitals\n  tags: [partner::india]\n")
    note = notes_of(tmp_path, {"kinds/country.yaml": kind}, a=FACTS)["at/note"]
    assert "Mini::partner::india" in note.tags
    kind = kind.replace("partner::india", "partner::indai")
    assert problems_of(tmp_path, {"kinds/country.yaml": kind}, a=FACTS)[0].endswith(
        "unknown tag “partner::indai”; did you mean “partner::india”? [unknown-tag]"
    )


def test_what_a_learner_changed_in_such_a_note_can_be_taken_over(
    deck: Deck, tmp_path: Path
) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, deck.package)
        note = col.get_note(col.find_notes("Country:Austria")[0])
        note["Capital"] = "Wien"
        col.update_note(note)
        deck_id = col.decks.id_for_name("Mini")
        assert deck_id
        limit = DeckIdLimit(deck_id=deck_id)
        options = ExportAnkiPackageOptions(with_media=True, legacy=True)
        col.export_anki_package(out_path=str(tmp_path / "hers.apkg"), options=options, limit=limit)
    done = cards(tmp_path, "suggestions", "hers.apkg", "--apply")
    assert "Wien" in done.output, done.output
    assert "capital: Wien" in (tmp_path / "src" / "facts" / "a.yaml").read_text("utf-8")


SECTIONS = st.lists(
    st.sampled_from(
        (
            "{{Country}}",
            "{{Capital}}",
            "{{type:Extra}}",
            "{{hint:Capital}}",
            "{{Tags}}",
            "x",
            "{{#Capital}}",
            "{{/Capital}}",
            "{{^Extra}}",
            "{{/Extra}}",
            "{{#Extra}}",
            "<!-- -->",
        )
    ),
    min_size=1,
    max_size=6,
).map("".join)


@settings(max_examples=sample(25))
@given(
    fronts=st.lists(SECTIONS, min_size=1, max_size=3), capitals=st.lists(st.booleans(), max_size=3)
)
def test_anki_finds_no_card_empty_and_makes_no_other(
    tmp_path_factory: pytest.TempPathFactory, fronts: list[str], capitals: list[bool]
) -> None:
    root = tmp_path_factory.mktemp("any")
    templates = "".join(
        f"    T{n}: {{front: {json.dumps(f'{front}{n}')}, back: x}}\n"
        for n, front in enumerate(["{{Country}}", *fronts])
    )
    start, end = KIND.index("    Country - Capital"), KIND.index("  css:")
    files = {"kinds/country.yaml": KIND[:start] + templates + KIND[end:]}
    facts = HEAD + "".join(
        f"  - {{id: f{n}, kind: country, country: C{n}{', capital: V' * has}}}\n"
        for n, has in enumerate([True, *capitals])
    )
    project, problems = load_project(write_sources(root, files, a=facts))
    if problems or not project:
        return  # Anki would not take these templates
    build(project, project.deck.packages.values(), root / "decks", 1_700_000_000)
    with collection(root / "anki.anki2") as col:
        double_click(col, root / "decks" / "mini.apkg")
        assert not col.get_empty_cards().notes
        count = col.card_count()
        for note_id in col.find_notes(""):
            col.update_note(col.get_note(note_id))  # makes the cards that are missing
        assert col.card_count() == count == sum(len(note.cards) for note in project.notes)
