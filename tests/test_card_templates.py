"""Anki's language of card templates, compared with Anki's own parser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anki.collection import Collection
from anki.errors import AnkiException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import sample
from tests.engine import collection
from tests.public import card_numbers, wrong_with_template

FIELDS = ("A", "B", "Längst c")
PIECES = (
    *("{{A}}", "{{B}}", "{{ A }}", "{{Längst c}}", "{{Langst c}}", "{{a}}", "{{#A}}", "{{/A}}"),
    *("{{^A}}", "{{#B}}", "{{/B}}", "{{^B}}", "{{# B}}", "{{/ A }}", "{{#c1}}", "{{/c1}}"),
    *("{{type:A}}", "{{type:nc:B}}", "{{hint:A}}", "{{tts en_US:B}}", "{{furigana:A}}", "{{:A}}"),
    *("{{Tags}}", "{{#Tags}}", "{{/Tags}}", "{{Card}}", "{{CardID}}", "{{Deck}}", "{{Subdeck}}"),
    *("{{text:}}", "{{}}", "{{#}}", "{{A:}}", "{{!A}}", "{{x:y:A}}", "{{A\n}}", "{{\xa0A}}"),
    *("<!--", "-->", "<!-- {{C}} -->", "{{=<% %>=}}", "<%A%>", "<%#A%>", "<%/A%>", "{{{A}}}"),
    *("{", "}", "}}", "<", "%>", "x", " ", "\n", "#", "{{FrontSide}}", "{{c1}}", "{{#c99999}}"),
)
TEMPLATES = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
# What a field may hold; much of it is nothing to Anki.
HTML = st.lists(
    st.sampled_from(
        (
            "",
            " ",
            "\n",
            "\x0b",
            "\xa0",
            "&nbsp;",
            "<br>",
            "<BR />",
            "<br  >",
            "</div>",
            "<div>",
            "x",
        )
    ),
    max_size=3,
).map("".join)


@pytest.fixture(scope="module")
def col(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    with collection(tmp_path_factory.mktemp("anki") / "anki.anki2") as opened:
        yield opened


def accepts(col: Collection, front: str, back: str, *, cloze: bool = False) -> bool:
    """Whether Anki takes a note type with this card template."""
    model = col.models.new("any")
    model["type"] = int(cloze)
    for name in FIELDS:
        col.models.add_field(model, col.models.new_field(name))
    template = col.models.new_template("Card")
    template |= {"qfmt": front, "afmt": back}
    col.models.add_template(model, template)
    try:
        added = col.models.add_dict(model)
    except AnkiException:
        return False
    col.models.remove(added.id)  # type: ignore[arg-type]
    return True


def refused(front: str, back: str, *, cloze: bool = False) -> bool:
    """Whether the builder does not."""
    wrong = [*wrong_with_template(front, FIELDS, front=True, cloze=cloze)]
    return bool(wrong or [*wrong_with_template(back, FIELDS, front=False, cloze=cloze)])


def is_stricter(side: str) -> bool:
    """Whether it has what Anki lets pass, though a card would show it or stay empty."""
    return "FrontSide" in side or "cloze:" in side or "{{" in side.rpartition("}}")[2]


@settings(max_examples=sample(400), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(front=TEMPLATES, back=TEMPLATES)
def test_what_anki_takes_is_taken_and_nothing_else(col: Collection, front: str, back: str) -> None:
    taken = not refused(front, back)
    if is_stricter(front) or is_stricter(back):
        assert accepts(col, front, back) or not taken
    else:
        assert accepts(col, front, back) == taken


@pytest.mark.parametrize(
    ("front", "back", "taken"),
    [
        ("{{cloze:A}}", "{{cloze:A}}", True),
        ("{{type:cloze:A}}{{#c1}}{{B}}{{/c1}}", "{{cloze:text:A}}", True),
        ("{{A}}", "{{cloze:A}}", False),
        ("{{cloze:A}}", "{{FrontSide}}", False),
        ("{{cloze-only:A}}", "{{cloze:A}}", False),
        ("{{cloze:Q}}", "{{cloze:A}}", False),
    ],
)
def test_a_cloze_hides_a_field_on_both_sides(
    col: Collection, front: str, back: str, *, taken: bool
) -> None:
    assert accepts(col, front, back, cloze=True) == taken
    assert refused(front, back, cloze=True) != taken


@settings(max_examples=sample(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(front=TEMPLATES, fields=st.lists(HTML, min_size=3, max_size=3), tagged=st.booleans())
def test_the_cards_of_a_note_are_those_that_anki_makes(
    col: Collection, front: str, fields: list[str], *, tagged: bool
) -> None:
    if refused(front, ""):
        return
    model = col.models.new("any")
    for name in FIELDS:
        col.models.add_field(model, col.models.new_field(name))
    fronts = [front, "{{A}}!"]  # of a note without a card, Anki makes the first one
    for number, side in enumerate(fronts):
        template = col.models.new_template(f"Card {number}")
        template["qfmt"] = side
        col.models.add_template(model, template)
    added = col.models.add_dict(model)
    model = col.models.get(added.id)  # type: ignore[arg-type, assignment]
    note = col.new_note(model)
    note.fields = fields
    note.tags = ["some"] if tagged else []
    col.add_note(note, col.decks.get_current_id())
    mine = card_numbers(fronts, dict(zip(FIELDS, fields, strict=True)), tagged=tagged)
    assert [card.ord + 1 for card in note.cards()] == (mine or [1])
    assert [list(report.card_ids) for report in col.get_empty_cards().notes] == (
        [] if mine else [note.card_ids()]
    )
    col.remove_notes([note.id])
    col.models.remove(added.id)  # type: ignore[arg-type]
