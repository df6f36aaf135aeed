"""What a learner changed in Anki comes back into the sources, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from anki.collection import Collection
from anki.import_export_pb2 import ExportAnkiPackageOptions
from anki.notes import Note as AnkiNote
from hypothesis import given
from hypothesis import strategies as st

from tests.command import cards
from tests.effort import linear
from tests.engine import collection, double_click
from tests.public import canonical, markdown, written_as
from tests.sources import HEAD, write_sources

A = "  - {id: a, kind: event, event: was *a* founded, date: 1994-07-25, place: Rome}  # a comment\n"
LIST = "  - id: l\n    kind: list\n    list: Some\n    items: [x, 'y', {item: z, new: true}]\n"
CLOZE = '  - {id: g, kind: cloze, text: "A {{c1::one::number}} and {{c2::two}}."}\n'
TERM = (
    "  - id: t\n    kind: term\n    term: the Charter\n    meaning: |\n      A treaty\n"
    "      of 2007\n    clue: >-\n      Which treaty\n      gave ASEAN\n      its organs?\n"
    "    note: It is short.  # see below\n"
)
Edit = Callable[[AnkiNote], None]


def with_edits(root: Path, facts: str, **edits: Edit) -> Path:
    """The export of a learner who has such facts and edits notes, by their keys `id_prompt`."""
    write_sources(root, a=HEAD + facts)
    assert cards(root, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    return export(root, lambda col: edit_notes(col, edits))


def edit_notes(col: Collection, edits: dict[str, Edit]) -> None:
    for key, edit in edits.items():
        (note_id,) = col.find_notes(f"Key:{key.replace('_', '/')}")
        note = col.get_note(note_id)
        edit(note)
        col.update_note(note)


def export(root: Path, use: Callable[[Collection], object], name: str = "hers.apkg") -> Path:
    with collection(root / "learner.anki2") as col:
        double_click(col, root / "decks" / "mini.apkg")
        use(col)
        options = ExportAnkiPackageOptions(with_scheduling=True, legacy=True)
        col.export_anki_package(out_path=str(root / name), options=options, limit=None)
    return root / name


def put(field: str, old: str, new: str) -> Edit:
    """An edit of a field, in which `old` must stand."""

    def edit(note: AnkiNote) -> None:
        assert old in note[field], note[field]
        note[field] = note[field].replace(old, new)

    return edit


def facts_of(root: Path) -> str:
    return (root / "src" / "facts" / "a.yaml").read_text("utf-8").removeprefix(HEAD)


def applied(root: Path, facts: str, **edits: Edit) -> tuple[str, str]:
    """What such edits make of such facts, and what the command says; the build then shows them."""
    hers = with_edits(root, facts, **edits)
    done = cards(root, "suggestions", hers.name, "--apply")
    assert done.exit_code == 0, done.output
    return facts_of(root), done.stdout


def test_a_field_is_shown_before_and_after_with_the_place_of_its_text(tmp_path: Path) -> None:
    hers = with_edits(tmp_path, A, a_when=put("Back", "25 July", "24 July"))
    done = cards(tmp_path, "suggestions", hers.name)
    assert done.stdout == (
        "Changed (1)\n\n- a/when (src/facts/a.yaml:5)\n  - Back, before: 25 July 1994\n"
        "    Back, after: 24 July 1994\n    can be written as date at src/facts/a.yaml:5\n"
    )
    assert done.stderr == "\n1 change can be written with --apply, 0 left.\n"
    assert facts_of(tmp_path) == A
    report = json.loads(cards(tmp_path, "suggestions", hers.name, "--format", "json").stdout)
    (change,) = report["changed"]
    assert change["texts"] == [{"key": "date", "path": "src/facts/a.yaml", "line": 5, "column": 56}]
    assert (change["before"], change["after"], change["written"]) == (
        "25 July 1994",
        "24 July 1994",
        False,
    )


@pytest.mark.parametrize(
    ("key", "field", "old", "new", "before", "after"),
    [
        ("a_when", "Back", "25 July 1994", "1994", "date: 1994-07-25", "date: 1994"),
        ("a_when", "Front", "founded", "<b>founded</b>", "*a* founded", "*a* **founded**"),
        ("a_when", "Front", "founded", "founded: so", "was *a* founded", '"was *a* founded: so"'),
        ("a_where", "Back", "Rome", "Rome&nbsp;&amp; Ostia", "Rome", "Rome & Ostia"),
        ("a_where", "Back", "Rome", "Rome, Ostia", "Rome", '"Rome, Ostia"'),
        ("a_where", "Back", "Rome", "5 * 3 *", "Rome", "5 * 3 *"),
        ("a_where", "Back", "Rome", "a<div>b</div>", "Rome", '"a\\nb"'),
        ("l_items", "Text", "Some", "All", "list: Some", "list: All"),
        ("l_items", "Text", "c1::x", "c1::X", "[x,", "[X,"),
        ("l_items", "Text", "c1::x", "c1::w", "[x,", "[{item: w, formerly: x},"),
        ("l_items", "Text", "c2::y", "c2::it's", "'y'", "{item: 'it''s', formerly: 'y'}"),
        ("g_gaps", "Text", "::number", "::count", "one::number", "one::count"),
        ("g_gaps", "Text", "two", "<i>two</i>", "::two", "::*two*"),
        ("t_meaning", "Back", "of 2007", "of 2008", "of 2007", "of 2008"),
        ("t_meaning", "Back", "<br>of", " of", "      A treaty\n      of", "      A treaty of"),
        (
            *("t_meaning", "Reverse Front", "treaty", "text"),
            "      Which treaty\n      gave ASEAN\n      its organs?",
            "      Which text\n      gave ASEAN\n      its organs?",
        ),
        ("t_meaning", "Note", "It is short.", "Short.", "It is short.", "Short."),
    ],
)
def test_what_she_wrote_goes_to_the_one_text_that_says_it_and_every_other_byte_stays(
    tmp_path: Path, key: str, field: str, old: str, new: str, before: str, after: str
) -> None:
    facts = A + LIST + CLOZE + TERM
    text, said = applied(tmp_path, facts, **{key: put(field, old, new)})
    assert facts.count(before) == 1
    assert text == facts.replace(before, after), said
    assert "left" not in said
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000500").exit_code == 0
    assert cards(tmp_path, "suggestions", "hers.apkg").stdout == "No suggestions.\n"


def test_a_text_in_another_language_is_written_as_any_other(tmp_path: Path) -> None:
    word = """
        about: A word.
        fields:
          es: {type: text, required: true, language: es}
          forms: {type: list, required: true, language: ar}
        """
    own = word + (
        "language: de\nnote_type:\n  name: Words\n  fields: {A: '{{ es }}', B: '{{ forms }}'}\n"
        "  templates: {C: {front: '{{A}}', back: '{{B}}'}}\n"
    ).replace("\n", "\n        ")
    files = {
        "kinds/word.yaml": word + "prompts: {p: {front: '{{ es }}?', back: '{{ forms }}'}}\n",
        "kinds/own.yaml": own,
    }
    facts = "  - {id: a, kind: word, es: gato, forms: [x, y]}\n"
    facts += "  - {id: b, kind: own, es: perro, forms: [v, w]}\n"
    write_sources(tmp_path, files, a=HEAD + facts)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0

    wishes = {"gato": "gata", "perro": "<b>perra</b>", ">x": ">X", ">w": ">W"}

    def edit(col: Collection) -> None:
        for note_id in col.find_notes(""):
            note = col.get_note(note_id)
            for old, new in wishes.items():
                note.fields = [html.replace(old, new) for html in note.fields]
            col.update_note(note)

    done = cards(tmp_path, "suggestions", export(tmp_path, edit).name, "--apply")
    assert "0 left" in done.stderr, done.stdout
    for old, new in {"gato": "gata", "perro": "'**perra**'", "[x": "[X", "w]": "W]"}.items():
        facts = facts.replace(old, new)
    assert facts_of(tmp_path) == facts.replace("'**", '"**').replace("**'", '**"')


def test_several_texts_of_one_field_and_several_fields_are_written(tmp_path: Path) -> None:
    def edit(note: AnkiNote) -> None:
        put("Text", "Some", "All")(note)
        put("Text", "c2::y", "c2::v")(note)

    text, _ = applied(tmp_path, A + LIST, l_items=edit, a_where=put("Back", "Rome", "Ostia"))
    changed = LIST.replace("Some", "All").replace("'y'", "{item: 'v', formerly: 'y'}")
    assert text == A.replace("Rome", "Ostia") + changed


def test_layout_of_windows_and_a_byte_order_mark_stay(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A)
    path = tmp_path / "src" / "facts" / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + A + TERM).replace("\n", "\r\n").encode())
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    before = path.read_bytes()
    edits = {"t_meaning": put("Back", "2007", "2008"), "a_where": put("Back", "Rome", "Ostia")}
    hers = export(tmp_path, lambda col: edit_notes(col, edits))
    assert cards(tmp_path, "suggestions", hers.name, "--apply").exit_code == 0
    assert path.read_bytes() == before.replace(b"2007", b"2008").replace(b"Rome", b"Ostia")


@pytest.mark.parametrize(
    "html",
    [
        "was <em>a</em> founded?",
        "When&nbsp;was <EM>a</EM> founded?<br>",
        "<div>When was <i>a</i>  founded?</div>",
        "<span>When was <i style>a</i></span> founded&#63;<b></b>",
    ],
)
def test_html_that_means_the_same_is_no_change(tmp_path: Path, html: str) -> None:
    def edit(note: AnkiNote) -> None:
        note["Front"] = html if html.startswith("<") or "When" in html else f"When {html}"

    hers = with_edits(tmp_path, A, a_when=edit)
    expected = "i style" in html
    assert ("Changed" in cards(tmp_path, "suggestions", hers.name).stdout) == expected


@pytest.mark.parametrize(
    ("key", "field", "old", "new", "why"),
    [
        (
            "a_when",
            "Front",
            "When",
            "At what time",
            "no single text of the fact makes up this field",
        ),
        ("a_when", "Source", "Handbook", "Book", "no single text of the fact makes up this field"),
        (
            "a_where",
            "Back",
            "Rome",
            "<u>Rome</u>",
            "no single text of the fact makes up this field",
        ),
        (
            "a_where",
            "Back",
            "Rome",
            "<script>x</script>",
            "no single text of the fact makes up this field",
        ),
        (
            "a_when",
            "Back",
            "25 July 1994",
            "long ago",
            "no single text of the fact makes up this field",
        ),
        ("a_where", "Back", "Rome", "Rome [sound:x.mp3]", "it has a sound or LaTeX that no text"),
        ("a_where", "Back", "Rome", "[latex]x[/latex]", "it has a sound or LaTeX that no text"),
        ("a_where", "Back", "Rome", "[$]x[/$]", "it has a sound or LaTeX that no text"),
    ],
)
def test_what_no_single_text_says_is_left_with_the_reason(
    tmp_path: Path, key: str, field: str, old: str, new: str, why: str
) -> None:
    text, said = applied(tmp_path, A + CLOZE, **{key: put(field, old, new)})
    assert text == A + CLOZE
    assert f"    left: {why}" in said
    assert "by hand\n" in said


def test_two_wishes_for_one_text_are_left(tmp_path: Path) -> None:
    facts = A.replace("was *a* founded", "was it")
    edits = {
        "a_when": put("Front", "was it", "was that"),
        "a_where": put("Front", "was it", "is it"),
    }
    text, said = applied(tmp_path, facts, **edits)
    assert text == facts
    assert said.count("left: “Front” of “a/w") == 2


def test_a_text_that_stands_in_another_field_too_is_left(tmp_path: Path) -> None:
    edit = put("Reverse Back", "Charter", "Treaty")
    text, said = applied(tmp_path, TERM, t_meaning=edit)
    assert text == TERM
    assert "left: “Front” of “t/meaning” would show something else; change it by hand" in said


def test_a_text_on_two_notes_that_she_changed_alike_is_written_once(tmp_path: Path) -> None:
    edits = {key: put("Front", "founded", "made") for key in ("a_when", "a_where")}
    text, said = applied(tmp_path, A, **edits)
    assert text == A.replace("founded", "made")
    assert said.count("written as event at") == 2


def test_tags_new_notes_and_leeches(tmp_path: Path) -> None:
    def use(col: Collection) -> None:
        edit_notes(
            col, {"a_when": lambda note: note.tags.extend(["leech", "Mini::partner::india"])}
        )
        edit_notes(col, {"a_where": lambda note: note.tags.remove("Mini::level::core")})
        note = col.new_note(col.models.by_name("Basic"))  # type: ignore[arg-type]
        note["Front"] = "a \x1b[31mcard of mine"
        deck = col.decks.id_for_name("Mini")
        assert deck
        col.add_note(note, deck)

    write_sources(tmp_path, a=HEAD + A)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    hers = export(tmp_path, use)
    assert cards(tmp_path, "suggestions", hers.name).stdout == (
        "Retagged (2)\n\n- a/when (src/facts/a.yaml:5): +Mini::partner::india\n"
        "- a/where (src/facts/a.yaml:5): -Mini::level::core\n\n"
        "Not in the deck (1)\n\n- a [31mcard of mine\n"
    )


def test_an_older_edition_suggests_nothing_back(tmp_path: Path) -> None:
    def use(col: Collection) -> None:
        edit_notes(col, {"a_where": put("Back", "Rome", "Ostia")})
        col.db.execute("update notes set mod = 1700000100 where mod > 1700000000")  # type: ignore[union-attr]

    write_sources(tmp_path, a=HEAD + A)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    (tmp_path / "older.apkg").write_bytes((tmp_path / "decks" / "mini.apkg").read_bytes())
    hers = export(tmp_path, use)
    corrected = A.replace("founded", "begun").replace("1994-07-25", "1994-07-26")
    write_sources(tmp_path, a=HEAD + corrected)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000200").exit_code == 0
    done = cards(tmp_path, "suggestions", hers.name)
    assert done.stdout == (
        "Of an older edition (1)\n\nThese may be changed, or just old; name the package that was"
        " imported, with --older:\n\n- a/where\n"
    )
    done = cards(tmp_path, "suggestions", hers.name, "--older", "older.apkg", "--apply")
    assert done.stdout.splitlines()[2:6] == [
        "- a/where (src/facts/a.yaml:5)",
        "  - Back, before: Rome",
        "    Back, after: Ostia",
        "    written as place at src/facts/a.yaml:5",
    ]
    assert facts_of(tmp_path) == corrected.replace("Rome", "Ostia")


def test_tags_that_were_corrected_since_her_edition_are_not_suggested_back(tmp_path: Path) -> None:
    def use(col: Collection) -> None:
        edit_notes(col, {"a_where": lambda note: note.tags.append("marked")})
        col.db.execute("update notes set mod = 1700000100 where mod > 1700000000")  # type: ignore[union-attr]

    write_sources(tmp_path, a=HEAD + A)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    hers = export(tmp_path, use)
    write_sources(
        tmp_path,
        a=HEAD.replace("core", "detail") + A + LIST.replace("l\n", "l\n    level: core\n", 1),
    )
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000200").exit_code == 0
    said = cards(tmp_path, "suggestions", hers.name).stdout
    assert said.startswith("Of an older edition (1)")
    assert "Retagged" not in said


def test_what_was_corrected_since_her_edition_is_left(tmp_path: Path) -> None:
    def use(col: Collection) -> None:
        edit_notes(col, {"a_where": put("Back", "Rome", "Ostia")})
        col.db.execute("update notes set mod = 1700000100 where mod > 1700000000")  # type: ignore[union-attr]

    write_sources(tmp_path, a=HEAD + A)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    (tmp_path / "older.apkg").write_bytes((tmp_path / "decks" / "mini.apkg").read_bytes())
    hers = export(tmp_path, use)
    corrected = A.replace("Rome", "Roma")
    write_sources(tmp_path, a=HEAD + corrected)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000200").exit_code == 0
    done = cards(tmp_path, "suggestions", hers.name, "--older", "older.apkg", "--apply")
    assert "left: it was changed here too since her edition; change it by hand" in done.stdout
    assert facts_of(tmp_path) == corrected


def test_a_package_without_changes_has_no_suggestions(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + LIST)
    assert cards(tmp_path, "build").exit_code == 0
    hers = export(tmp_path, lambda col: col.remove_notes(col.find_notes("Key:a/when")))
    assert cards(tmp_path, "suggestions", hers.name).stdout == "No suggestions.\n"
    assert cards(tmp_path, "suggestions", "decks/mini.apkg").stdout == "No suggestions.\n"


def test_an_export_that_lies_among_the_packages_is_none_of_them(tmp_path: Path) -> None:
    hers = with_edits(tmp_path, A, a_where=put("Back", "Rome", "Ostia"))
    hers.rename(tmp_path / "decks" / "hers.apkg")
    write_sources(tmp_path, a=HEAD + A + CLOZE)
    assert cards(tmp_path, "build").exit_code == 0
    assert "after: Ostia" in cards(tmp_path, "suggestions", "decks/hers.apkg").stdout
    said = cards(tmp_path, "changes", "decks/hers.apkg")
    assert said.stderr.startswith("Compared with decks/mini")


@pytest.mark.parametrize("name", ["new.apkg", "new.colpkg", "old.colpkg"])
def test_every_format_that_anki_exports_is_read(tmp_path: Path, name: str) -> None:
    with_edits(tmp_path, A)
    with collection(tmp_path / "learner.anki2") as col:
        edit_notes(col, {"a_where": put("Back", "Rome", "Ostia")})
        if name.endswith("colpkg"):
            path = str(tmp_path / name)
            col.export_collection_package(path, include_media=True, legacy=name.startswith("old"))
            col.reopen()
        else:
            options = ExportAnkiPackageOptions(with_scheduling=True)
            col.export_anki_package(out_path=str(tmp_path / name), options=options, limit=None)
    assert cards(tmp_path, "suggestions", name, "--apply").exit_code == 0
    assert facts_of(tmp_path) == A.replace("Rome", "Ostia")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 300_000,
        "<b>x</b>" * 100_000,
        "Rome" * 100_000,
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "{{c1::a}} [sound:x.mp3] \x1b]0;x\x07 \u202e [latex]\\input{x}[/latex]",
        "../../../../etc/passwd\n---\n- x: &a *a",
        "&#" + "1" * 5000 + ";",
    ],
)
def test_a_hostile_package_does_nothing(tmp_path: Path, html: str) -> None:
    hers = with_edits(tmp_path, A, a_where=lambda note: note.fields.__setitem__(1, html))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = cards(tmp_path, "suggestions", hers.name, "--apply")
    assert done.exit_code == 0
    assert not {"\x1b", "\u202e", "\x07"} & {*done.output}
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    facts = tmp_path / "src" / "facts" / "a.yaml"
    assert [path for path in after if after[path] != before.get(path)] in ([], [facts])
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000500").exit_code == 0
    assert "<script>" not in facts.read_text("utf-8") or "&lt;script" in html


PIECES = (
    *("a", "b c", "*", "**", "`", "_", "<", ">", "&", "&lt;", "[", "](https://a.b)", "\\", "\n"),
    *(" ", "{", "1."),
)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_what_any_text_shows_can_be_written(text: str) -> None:
    html = canonical(markdown(text))
    again = [canonical(markdown(each)) for each in written_as(html, "text")]
    assert html in again or not html


@given(st.lists(st.sampled_from([*PIECES, "<b>", "</b>", "<br>", "<div>", "</div>", "<p x='1'>"])))
def test_one_form_of_html_is_its_own(pieces: list[str]) -> None:
    html = canonical("".join(pieces)).replace("\n", "<br>")
    assert canonical(html).replace("\n", "<br>") == html


def test_hostile_html_takes_linear_time() -> None:
    for unit in (
        "<b>",
        "<br>",
        "<",
        "<a b",
        "<div>",
        "<div><br></div>",
        " ",
        "&#",
        "&nbsp;",
        "<!--",
        "<pre> \n",
    ):
        for closing in ("", unit.replace("<", "</")):
            nested = partial(_nested, unit, closing)
            assert linear(nested, 500, 4_000, below=32), (unit, closing)


def _nested(unit: str, closing: str, count: int) -> str:
    return canonical(unit * count + closing * count)


def test_a_change_beside_a_table_is_written_and_one_in_it_is_left(tmp_path: Path) -> None:
    head = HEAD.replace("facts:\n", "table: a.csv\nfacts:\n")
    table = "id,kind,event,place\nb,event,was b founded,Bonn\n"
    write_sources(tmp_path, {"facts/a.csv": table}, a=head + A)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    edits = {"a_where": put("Back", "Rome", "Ostia"), "b_where": put("Back", "Bonn", "Köln")}
    hers = export(tmp_path, lambda col: edit_notes(col, edits))
    done = cards(tmp_path, "suggestions", hers.name, "--apply")
    assert "(src/facts/a.csv:2)" in done.stdout
    assert "it is not in a file of YAML; change it by hand" in done.stdout
    assert (tmp_path / "src/facts/a.yaml").read_text("utf-8") == head + A.replace("Rome", "Ostia")
    assert (tmp_path / "src/facts/a.csv").read_text("utf-8") == table


def test_fields_that_she_moved_are_known_by_their_names(tmp_path: Path) -> None:
    def use(col: Collection) -> None:
        note_type = col.models.by_name("Mini")
        assert note_type
        col.models.reposition_field(note_type, note_type["flds"][1], 0)
        col.models.update_dict(note_type)
        edit_notes(col, {"a_where": put("Back", "Rome", "Ostia")})

    write_sources(tmp_path, a=HEAD + A)
    assert cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000").exit_code == 0
    hers = export(tmp_path, use)
    done = cards(tmp_path, "suggestions", hers.name, "--apply")
    assert done.stdout.startswith("Changed (1)\n")
    assert facts_of(tmp_path) == A.replace("Rome", "Ostia")


def test_a_folded_text_stays_folded_where_it_was(tmp_path: Path) -> None:
    facts = (
        "  - id: a\n    kind: event\n    event: was a\n    place: >\n      the hall\n"
        "      of ADMM-Plus\n      in Rome\n    # next\n    date: 1994\n"
    )
    text, _ = applied(tmp_path, facts, a_where=put("Back", "hall", "new ADMM-Plus-hall"))
    assert text == facts.replace("the hall\n", "the new ADMM-Plus-hall\n")


def test_a_warning_that_was_there_before_hinders_nothing(tmp_path: Path) -> None:
    facts = "  - id: a\n    kind: event\n    event: was a # so\n    place: Rome\n"
    text, _ = applied(tmp_path, facts, a_where=put("Back", "Rome", "Ostia"))
    assert text == facts.replace("Rome", "Ostia")
