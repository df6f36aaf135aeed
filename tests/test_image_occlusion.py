"""Image occlusion from shapes in the sources, in front of the real Anki."""

# ruff: noqa: E501 - a mistake and what is said of it stand on one line

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from anki.collection import Collection
from anki.stdmodels import get_stock_notetypes
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.command import cards
from tests.effort import sample
from tests.engine import Imported, answer_of, cards_of, collection, double_click
from tests.public import build, check_cards, load_ledger, load_project
from tests.sources import HEAD, notes_of, problems_of, project_of, write_sources

KIND = """
about: Places on a map.
fields:
  title: {type: text}
  map: {type: picture, required: true}
  places: {type: shapes, required: true}
note_type:
  name: Mini Maps
  image_occlusion: true
  fields:
    Occlusion: "{{ places | cloze }}"
    Image: "{{ map }}"
    Header: "{{ title }}"
    Back Extra: "{{ places | join(', ') }} – {{ source }}"
"""
FILES = {
    "kinds/map.yaml": KIND,
    "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A map}\n",
    "media/m.svg": "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>",
}
LAOS = "{name: Laos, rect: [10, 20, 30, 40]}"
THAI = "{name: Thailand, polygon: [[0, 0], [12.5, 0], [100, 100]]}"
VIET = "{name: Viet Nam, ellipse: [50, 50, 20.5, 12]}"


def facts(*shapes: str) -> str:
    return HEAD + f"  - {{id: m, kind: map, map: m.svg, places: [{', '.join(shapes)}]}}\n"


def built(root: Path, *shapes: str, now: int = 1_700_000_000, kind: str = KIND) -> list[str]:
    """Builds such a fact; the messages of what is wrong."""
    src = write_sources(root, FILES | {"kinds/map.yaml": kind}, a=facts(*shapes))
    project, problems = load_project(src)
    if project and not problems:
        packages = project.deck.packages.values()
        _, _, problems = build(project, packages, root / "decks", now)
    return [problem.message for problem in problems]


def test_the_note_type_is_ankis_own(tmp_path: Path) -> None:
    mine = project_of(tmp_path, FILES, a=facts(LAOS)).note_types[-1]
    with collection(tmp_path / "anki.anki2") as col:
        stock = {name: make(col) for name, make in get_stock_notetypes(col)}["Image Occlusion"]
    (template,) = stock["tmpls"]
    assert mine.fields == tuple(field["name"] for field in stock["flds"])
    assert mine.templates[0][:3] == (template["name"], template["qfmt"], template["afmt"])
    assert mine.css == stock["css"]


def test_ankis_editor_knows_the_shapes(tmp_path: Path) -> None:
    assert built(tmp_path, LAOS, VIET, THAI, "{name: Laos, rect: [0, 0, 1%, 100%]}") == []
    with collection(tmp_path / "anki.anki2") as col:
        assert double_click(col, tmp_path / "decks" / "mini.apkg") == Imported(1, 0, 0, 0)
        model = col.models.by_name("Mini Maps")
        assert model
        assert model["originalStockKind"] == 6
        assert [field["tag"] for field in model["flds"]] == [0, 1, 2, 3, 4]
        assert not col.get_empty_cards().notes
        assert [card.ord for card in cards_of(col)] == [0, 1, 2]
        assert "Laos, Viet Nam, Thailand –" in answer_of(cards_of(col)[0])
        assert shapes_of(col) == [
            (1, "rect", {"left": ".1", "top": ".2", "width": ".3", "height": ".4"}),
            (1, "rect", {"left": "0", "top": "0", "width": ".01", "height": "1"}),
            (
                2,
                "ellipse",
                {"left": ".5", "top": ".5", "width": ".205", "height": ".12"}
                | {"rx": ".1025", "ry": ".06"},
            ),
            (3, "polygon", {"points": "0,0 .125,0 1,1"}),
        ]


def shapes_of(col: Collection, *, all_hidden: bool = True) -> list[tuple[int, str, dict[str, str]]]:
    """The card, form and numbers of the shapes of the only note, as Anki's editor reads them."""
    (note_id,) = col.find_notes("")
    note = col.get_image_occlusion_note(note_id).note
    assert note.image_file_name.startswith("m-")
    assert note.image_data
    assert note.occlude_inactive == all_hidden
    return [
        (
            occlusion.ordinal,
            shape.shape,
            {one.name: one.value for one in shape.properties if one.name != "oi"},
        )
        for occlusion in sorted(note.occlusions, key=lambda occlusion: occlusion.ordinal)
        for shape in occlusion.shapes
    ]


def test_a_kind_may_hide_one_shape_and_show_the_others(tmp_path: Path) -> None:
    kind = KIND.replace("{type: shapes,", "{type: shapes, hide: one,")
    assert built(tmp_path, LAOS, VIET, kind=kind) == []
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        assert len(shapes_of(col, all_hidden=False)) == 2


def test_each_part_keeps_its_card(tmp_path: Path) -> None:
    built(tmp_path, LAOS, VIET)
    package = tmp_path / "decks" / "mini.apkg"
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, package)
        laos, viet = cards_of(col)
        col.sched.set_due_date([laos.id], "7")
        col.sched.set_due_date([viet.id], "9")
        # In another order, with one more, and one renamed and moved.
        siam = THAI.replace("name: Thailand", "name: Siam, new: true")
        vietnam = "{name: Vietnam, formerly: Viet Nam, ellipse: [1, 1, 2, 2]}"
        assert built(tmp_path, siam, vietnam, LAOS, now=1_700_100_000) == []
        assert double_click(col, package) == Imported(0, 1, 0, 0)
        assert [col.get_card(card.id).ivl for card in (laos, viet)] == [7, 9]
        assert [(number, form) for number, form, _ in shapes_of(col)] == [
            (1, "rect"),
            (2, "ellipse"),
            (3, "polygon"),
        ]
        # One goes, and its card with it, but only where the learner lets Anki delete it.
        assert built(tmp_path, LAOS, siam, now=1_700_200_000) == []
        double_click(col, package)
        assert [list(report.card_ids) for report in col.get_empty_cards().notes] == [[viet.id]]
        # It comes back, and so does its card.
        assert built(tmp_path, LAOS, siam, vietnam, now=1_700_300_000) == []
        double_click(col, package)
        assert not col.get_empty_cards().notes
        assert col.get_card(viet.id).ivl == 9
    ledger, _ = load_ledger(tmp_path / "decks" / "ledger.jsonl")
    assert ledger["m/note"].gaps == ("places: Laos", "places: Vietnam", "places: Siam")


def test_a_part_that_may_be_renamed_is_asked_for(tmp_path: Path) -> None:
    built(tmp_path, LAOS, VIET)
    (message,) = built(tmp_path, LAOS, VIET.replace("Viet Nam", "Annam"), now=1_700_100_000)
    assert message.startswith("“Annam” is new here and “Viet Nam” is gone")


def test_a_ledger_is_compared_with_packages_that_have_shapes(tmp_path: Path) -> None:
    built(tmp_path, LAOS, VIET)
    ledger = tmp_path / "decks" / "ledger.jsonl"
    ledger.write_text(ledger.read_text("utf-8") + "\n", "utf-8")
    assert built(tmp_path, LAOS, VIET, now=1_700_100_000) == [
        "this line is not as `cards build` writes it; restore it from version control, or delete it"
        " if a merge left it over"
    ]


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ("{name: A, rect: [90, 10, 20, 5]}", "reaches out of the picture: to [110, 15]"),
        ("{name: A, ellipse: [-1, 10, 20, 5]}", "reaches out of the picture: to [-1, 10]"),
        ("{name: A, rect: [1, 99.5, 2, 1]}", "reaches out of the picture: to [3, 100.5]"),
        ("{name: A, rect: [10, 10, 20, 0]}", "the shape covers nothing, since it has no area"),
        ("{name: A, rect: [10, 10, -1, 1]}", "the shape covers nothing, since it has no area"),
        ("{name: A, rect: [10, 10, 20]}", "rect is [left, top, width, height], in per cent"),
        ("{name: A, rect: 10 10 20 20}", "rect is [left, top, width, height], in per cent"),
        ("{name: A, rect: [10, 10, 20px, 1]}", "rect is [left, top, width, height], in per cent"),
        ("{name: A, rect: [[1], 10, 20, 1]}", "rect is [left, top, width, height], in per cent"),
        ("{name: A, rect: {left: 1}}", "rect is [left, top, width, height], in per cent"),
        ("{name: A, polygon: [[1, 1], [2, 2]]}", "the shape covers nothing, since it has no area"),
        (
            "{name: A, polygon: [[1, 1], [2, 2], [3, 3]]}",
            "the shape covers nothing, since it has no area",
        ),
        ("{name: A, polygon: [[1, 1], [2, 200], [3, 3]]}", "out of the picture: to [2, 200]"),
        ("{name: A, polygon: [1, 2, 3]}", "polygon is [[left, top], [left, top], …], in per"),
        ("{name: A, polygon: []}", "polygon is [[left, top], [left, top], …], in per cent"),
        ("{name: A}", "a shape needs one of rect, ellipse, polygon"),
        ("{name: A, rect: [1, 1, 1, 1], ellipse: [1, 1, 1, 1]}", "a shape needs one of rect"),
        ("{rect: [1, 1, 1, 1]}", "a shape needs “name”"),
        ("{name: '', rect: [1, 1, 1, 1]}", "name is empty"),
        ("{name: A, rekt: [1, 1, 1, 1]}", "a shape has no key “rekt”; did you mean “rect”?"),
        ("A", "a shape must be a mapping (key: value)"),
        ("{name: A, formerly: Laos, rect: [1, 1, 1, 1]}", "“Laos” is still an item of places"),
    ],
)
def test_what_is_wrong_with_a_shape_is_said(tmp_path: Path, shape: str, problem: str) -> None:
    found = problems_of(tmp_path, FILES, a=facts(LAOS, shape))
    assert any(problem in message for message in found), found


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (KIND.replace("{{ places | cloze }}", "{{ places }}"), "has no cloze deletion"),
        (KIND.replace("{{ map }}", "{{ title }}"), "needs shapes in “Occlusion”, with the filter “cloze”, and a picture in “Image”"),
        (KIND.replace("type: shapes", "type: list"), "an item has no key “rect”"),
        (KIND.replace("type: shapes", "type: shape"), "unknown type “shape”"),
        (KIND.replace("{type: shapes,", "{type: shapes, hide: none,"), "is not all or one"),
        (KIND.replace("image_occlusion: true", "cloze: true\n  templates: {C: {front: '{{cloze:Occlusion}}', back: '{{cloze:Occlusion}}'}}"), "shapes are hidden in a note type with image_occlusion: true"),
        (KIND.split("note_type:", maxsplit=1)[0] + "prompts: {p: {cloze: 'Where? {{ places | cloze }}'}}\n", "shapes are hidden in a note type with image_occlusion: true"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_such_a_kind_is_said(tmp_path: Path, kind: str, problem: str) -> None:
    found = problems_of(tmp_path, FILES | {"kinds/map.yaml": kind}, a=facts(LAOS))
    assert any(problem in message for message in found), found


@pytest.mark.parametrize("number", [1, 12])
def test_shapes_are_no_list_to_keep_in_mind(tmp_path: Path, number: int) -> None:
    shapes = [f"{{name: P{at}, rect: [{at}, 1, 1, 1]}}" for at in range(number)]
    found = check_cards(project_of(tmp_path, FILES, a=facts(*shapes)))
    assert not [one for one in found if one.rule in ("long-list", "short-list")]


def test_a_name_acts_as_nothing_on_a_card(tmp_path: Path) -> None:
    bad = "{name: '<b>}}{{c2::x [sound:a.mp3]', rect: [1, 1, 1, 1]}"
    note = notes_of(tmp_path, FILES, a=facts(bad))["m/note"]
    assert note.cards == (1,)
    assert "<b>" not in note.fields[3]
    assert "[sound:" not in note.fields[3]


PERCENT = st.decimals(0, 100, places=3)


@settings(max_examples=sample(20))
@given(points=st.lists(st.tuples(PERCENT, PERCENT), min_size=4, max_size=30))
def test_any_shapes_are_read_by_anki_as_they_are_written(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[Decimal, Decimal]]
) -> None:
    root = tmp_path_factory.mktemp("shapes")
    polygon = ", ".join(f"[{left}, {top}]" for left, top in points)
    if built(root, f"{{name: A, polygon: [{polygon}]}}"):
        return  # all on one line
    with collection(root / "anki.anki2") as col:
        double_click(col, root / "decks" / "mini.apkg")
        ((_, _, numbers),) = shapes_of(col)
        read = [tuple(map(float, point.split(","))) for point in numbers["points"].split(" ")]
        assert read == [(float(left / 100), float(top / 100)) for left, top in points]


def test_a_lost_ledger_is_made_anew_of_packages_with_shapes(tmp_path: Path) -> None:
    built(tmp_path, VIET, LAOS)
    built(tmp_path, LAOS, "{name: Siam, new: true, rect: [1, 1, 2, 2]}", VIET, now=1_700_100_000)
    path = tmp_path / "decks" / "ledger.jsonl"
    before, _ = load_ledger(path)
    path.unlink()
    assert cards(tmp_path, "ledger", "recover", "decks/mini.apkg").exit_code == 0
    assert load_ledger(path)[0]["m/note"] == before["m/note"]
