"""A deck is imported, and whoever has it already loses nothing and gets nothing twice."""

from __future__ import annotations

import json
import re
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import genanki
import pytest
from anki.collection import Collection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.command import cards
from tests.effort import sample
from tests.engine import Imported, collection, double_click
from tests.foreign import (
    MP3,
    PNG,
    SVG,
    Outcome,
    altered,
    countries,
    exported,
    rebuilt,
    reworded,
    state,
    studied,
    taken_over,
)
from tests.sources import HEAD, notes_of

# What the import says that it leaves out.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def with_media(col: Collection, **files: bytes) -> None:
    for name, data in files.items():
        col.media.write_data(name.replace("__", "."), data)


def add(col: Collection, note_type: str, deck: str, tags: str, *fields: str) -> None:
    model = col.models.by_name(note_type)
    assert model is not None
    note = col.new_note(model)
    note.fields[: len(fields)] = fields
    note.tags = tags.split()
    deck_id = col.decks.id(deck)
    assert deck_id is not None
    col.add_note(note, deck_id)


def languages(col: Collection) -> None:
    """Basic notes, reversed ones and clozes in subdecks, with HTML as the editor leaves it."""
    add(col, "Basic", "Law::Treaties", "law::treaty A&B", "Rome", "<div>1957</div><div>EEC</div>")
    add(col, "Basic", "Law::Treaties", "law::treaty", "Lisbon", "2007&nbsp;")
    add(col, "Basic (and reversed card)", "Law", "", "jus cogens", "<b>peremptory</b> norm")
    add(
        col,
        "Cloze",
        "Law::Courts",
        "Court kind::x",
        "The {{c1::ICJ::court}} sits at {{c3::The Hague}}.",
    )
    add(col, "Cloze", "Law::Courts", "Court", "<b>{{c2::ITLOS}}</b> and {{c2::PCA}}<br>x", "extra")
    add(col, "Basic (type in the answer)", "Law", "x", "2 < 3 & 4", r"\(x^2\) {{not a cloze}}")


def pictures(col: Collection) -> None:
    """Image occlusion, by Anki's own editor."""
    path = Path(col.path).with_name("cell diagram.png")
    path.write_bytes(PNG)
    col.add_image_occlusion_notetype()
    model = col.models.by_name("Image Occlusion")
    assert model is not None
    for header, shapes in {
        "Cell": "{{c1::image-occlusion:rect:left=.1:top=.2:width=.3:height=.1:oi=1}}<br>"
        "{{c2::image-occlusion:ellipse:left=.5:top=.2:rx=.1:ry=.1:oi=1}}",
        "Nucleus": "{{c1::image-occlusion:rect:left=.2:top=.2:width=.3:height=.1}}",
        "Wall": "{{c1::image-occlusion:rect:left=.3:top=.2:width=.3:height=.1}}",
    }.items():
        col.add_image_occlusion_note(
            notetype_id=model["id"],
            image_path=str(path),
            occlusions=shapes,
            header=header,
            back_extra="<i>Biology</i>",
            tags=["bio"],
        )


def japanese(col: Collection) -> None:
    """A note type with readings and sound, as decks of vocabulary have it."""
    model = col.models.new("Japanese")
    for name in ("単語", "Reading", "Meaning", "Audio"):
        col.models.add_field(model, col.models.new_field(name))
    recognition = col.models.new_template("Recognition")
    recognition["qfmt"] = '<span class="jp">{{furigana:Reading}}</span>{{Audio}}'
    recognition["afmt"] = "{{FrontSide}}<hr id=answer>{{Meaning}}"
    recall = col.models.new_template("Recall")
    recall["qfmt"] = "{{#Meaning}}{{Meaning}}{{/Meaning}}"
    recall["afmt"] = "{{FrontSide}}{{kana:Reading}}{{Audio}}"
    for template in (recognition, recall):
        col.models.add_template(model, template)
    model["css"] = '@font-face { font-family: "J"; src: url("_jp.svg"); } .jp { font-size: 2em; }'
    model["sortf"] = 1
    col.models.add(model)
    with_media(col, neko__mp3=MP3, inu__mp3=MP3 + b"1", _jp__svg=SVG)
    for word, reading, meaning, sound in (
        ("猫", "猫[ねこ]", "cat", "neko.mp3"),
        ("犬", " 犬[いぬ]", "dog", "inu.mp3"),
        ("食べる", "食[た]べる", "to eat", "gone.mp3"),
        ("飲む", "飲[の]む", "", ""),
    ):
        add(
            col,
            "Japanese",
            "日本語",
            "N5 動詞",
            word,
            reading,
            meaning,
            sound and f"[sound:{sound}]",
        )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "theirs").mkdir()
    return tmp_path


def test_a_deck_by_genanki_with_four_templates(root: Path) -> None:
    package = countries(root / "theirs" / "UG.apkg")
    assert taken_over(root, package, ("Mariehamn", "Maarianhamina")) == Outcome(
        Imported(0, 0, 4, 0), Imported(0, 1, 3, 0), notes=4, cards=13
    )


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    ("fill", "reword", "notes", "number"),
    [
        (languages, ("1957", "1958"), 6, 8),
        (pictures, ("Nucleus", "Core"), 3, 4),
        (japanese, (": to eat", ": to devour"), 4, 7),
    ],
)
def test_a_deck_that_anki_exported(
    root: Path,
    fill: Callable[[Collection], None],
    reword: tuple[str, str],
    notes: int,
    number: int,
    *,
    legacy: bool,
) -> None:
    package = exported(root / "theirs" / "deck.apkg", fill, legacy=legacy)
    assert taken_over(root, package, reword) == Outcome(
        Imported(0, 0, notes, 0), Imported(0, 1, notes - 1, 0), notes=notes, cards=number
    )


def imported(root: Path, package: Path, *words: str) -> str:
    """The report of an import, whose deck can be built at once."""
    done = cards(root, "import", package, "--into", "deck", *words)
    assert done.exit_code == 0, done.output
    done = cards(root / "deck", "build", "--src", "cards_src")
    assert done.exit_code == 0, done.output
    return (root / "deck" / "IMPORT.md").read_text("utf-8")


def facts(root: Path) -> str:
    paths = sorted((root / "deck" / "cards_src" / "facts").rglob("*.yaml"))
    return "\n".join(path.read_text("utf-8") for path in paths)


def test_what_cannot_be_carried_over_is_said(root: Path) -> None:
    package = altered(
        countries(root / "theirs" / "UG.apkg"),
        "update notes set guid = 'ug]Fra' where guid = 'ug]Nau'",
        "update notes set tags = ' UG::Europe ug::europe leech a::::b ok ' where guid = 'ug]Åla'",
        "update notes set flds = flds || char(31) || 'too much' where guid = 'ug]Côt'",
        "update notes set flds = replace(flds, 'Paris', 'Par' || char(8) || 'is') where id ="
        " (select min(id) from notes where guid = 'ug]Fra')",
        "update notes set flds = cast(x'ff41' as text) || flds where guid = 'ug]Åla'",
        "insert into notes select id + 900, 'gone', 7, mod, usn, tags, flds, sfld, csum, flags,"
        " data from notes limit 1",
        "insert into cards select id + 900, 99, did, ord, mod, usn, type, queue, due, ivl, factor,"
        " reps, lapses, left, odue, odid, flags, data from cards limit 1",
        "update cards set ord = 9 where id = (select max(id) from cards where ord = 3)",
        media=b'{"0": "../../evil.svg", "1": "a/b.png", "2": "unused.bmp", "77": "lost.mp3"}',
    )
    report = imported(root, package)
    for said in (
        "GUID 'ug]Fra' of “nauru” is another note's too",
        "tag 'ug::europe' of 1 note is written “UG::Europe”",
        "tag 'leech' of 1 note is left out",
        "tag 'a::::b' of 1 note is left out",
        "“Côte d'Ivoire” (GUID 'ug]Côt') has 6 fields, and its note type 5; left out: 'too much'",
        "“France” (GUID 'ug]Fra') has characters of control",
        "texts not in UTF-8",
        "is of no note type in the package",
        "1 card of no note",
        "'../../evil.svg' has a name that is no file's",
        "'a/b.png' has a name that is no file's",
        "'lost.mp3' is listed, but is not in the package",
        "no field or template names the media file “unused.bmp”",
        "“ug-flag-åland_islands.svg” is named in a field, but not there",
        "1 note with other cards than Anki makes of the fields",
    ):
        assert said in report.replace("\\", ""), said
    assert not list(root.rglob("evil*"))
    assert [path.name for path in (root / "deck" / "cards_src" / "media").iterdir()] == [
        "unused.bmp",
        "sources.yaml",
    ]


def test_a_note_that_makes_no_card_is_left_out_and_told_in_full(root: Path) -> None:
    def fill(col: Collection) -> None:
        add(col, "Cloze", "Default", "", "{{c1::a}} b", "")
        add(col, "Basic", "Default", "", "x", "y")

    package = exported(root / "theirs" / "deck.apkg", fill, legacy=True)
    with zipfile.ZipFile(package) as archive:
        assert "collection.anki21" in archive.namelist()
        data = archive.read("collection.anki21")
    altered(
        package,
        **{"collection.anki21": data.replace(b"{{c1::a}} b", b"{{cX::a}} b")},
    )
    report = imported(root, package).replace("\\", "")
    assert "the fields '{{cX::a}} b | ' is left out: " in report
    assert "id: x" in facts(root)


def test_a_folder_without_a_deck_of_crowdanki_is_said_to_be_that(root: Path) -> None:
    (root / "folder").mkdir()
    done = cards(root, "import", "folder", "--into", "new")
    assert done.exit_code == 1
    assert "cannot be read: no deck.json in this folder" in done.stderr
    assert not (root / "new").exists()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.apkg", b"no package", "cannot be read: not a package, or a damaged one"),
        ("x.colpkg", b"PK\x05\x06" + bytes(18), "it holds no deck, or one that is damaged"),
        ("deck.json", b"[]", "cannot be read: it holds no deck, or one that is damaged"),
        ("deck.json", rb'{"name": "\ud800"}', "it holds no deck, or one that is damaged"),
        (
            "deck.json",
            b'{"name": "x", "note_models": [{"crowdanki_uuid": "u", "name": "n", "mod": 1e400,'
            b' "flds": [], "tmpls": []}]}',
            "it holds no deck, or one that is damaged",
        ),
        ("deck.json", b"[" * 100_000, "cannot be read: it holds no deck"),
        ("x.csv", b"", "cannot be read: it holds no deck, or one that is damaged"),
        ("x.csv", b"a,b\n\xff,c\n", "cannot be read: byte 0xff is not UTF-8"),
        ("x.xlsx", b"x", "an import takes .apkg, .colpkg, CrowdAnki's deck.json or its folder"),
        ("x.apkg", None, "cannot be read: no such file or directory"),
    ],
)  # fmt: skip
def test_what_is_no_deck_is_refused_and_nothing_is_written(
    root: Path, name: str, data: bytes | None, message: str
) -> None:
    if data is not None:
        (root / name).write_bytes(data)
    done = cards(root, "import", name, "--into", "deck")
    assert done.exit_code == 1
    assert message in done.output
    assert not (root / "deck").exists()


def test_nothing_is_written_into_a_folder_that_has_something(root: Path) -> None:
    package = countries(root / "theirs" / "UG.apkg")
    done = cards(root, "import", package, "--into", "theirs")
    assert (done.exit_code, "is not empty" in done.output) == (2, True)
    done = cards(root, "import", package, "--into", "deck", "--id", "Contry")
    assert done.exit_code == 2
    assert "unknown field “Contry”; did you mean “Country”?" in done.output


def test_ids_are_made_of_the_field_that_the_author_chooses(root: Path) -> None:
    imported(root, countries(root / "theirs" / "UG.apkg"), "--id", "Capital")
    assert "id: mariehamn\n" in facts(root)
    assert "id: nauru\n" in facts(root)  # which has no capital


def test_scripts_of_a_foreign_deck_do_not_run_in_the_preview(root: Path) -> None:
    def fill(col: Collection) -> None:
        add(col, "Basic", "Default", "", "<script>evil()</script>x<img src=x onerror=evil()>", "y")

    imported(root, exported(root / "theirs" / "deck.apkg", fill, legacy=True))
    done = cards(root / "deck", "preview", "--src", "cards_src", "-o", "page.html")
    assert done.exit_code == 0, done.output
    page = (root / "deck" / "page.html").read_text("utf-8")
    assert "evil()" in page
    assert "<script>evil" not in page
    assert "script-src 'sha256-" in page


def test_a_note_type_that_another_learner_styled_stays_as_she_has_it(root: Path) -> None:
    package = countries(root / "theirs" / "UG.apkg")
    with collection(root / "learner.anki2") as col:
        double_click(col, package)
        model = col.models.by_name("Ultimate Geography")
        assert model is not None
        model["css"] += "/* hers */"
        col.models.update_dict(model)
        imported(root, package)
        before = state(col)
        built = next((root / "deck" / "decks").glob("*.apkg"))
        assert double_click(col, built) == Imported(0, 0, 4, 0)
        assert state(col) == before
        names = [one.name for one in col.models.all_names_and_ids()]
        assert names.count("Ultimate Geography") == 1
        assert not any(name.startswith("Ultimate Geography ") for name in names)
        now = col.models.by_name("Ultimate Geography")
        assert now is not None
        assert now["css"] == model["css"]


def test_who_begins_with_the_imported_deck_sees_what_she_would_have_seen(root: Path) -> None:
    package = countries(root / "theirs" / "UG.apkg")
    imported(root, package)
    built = next((root / "deck" / "decks").glob("*.apkg"))
    seen = []
    for name, file in (("old", package), ("new", built)):
        with collection(root / f"{name}.anki2") as col:
            double_click(col, file)
            seen.append(
                sorted(
                    (card.question(), card.answer(), card.note().tags, card.id, card.nid)
                    for card in map(col.get_card, col.find_cards(""))
                )
            )
            assert sorted(path.name for path in Path(col.media.dir()).iterdir()) == [
                "_paper.png",
                "_ug.js",
                "ug flag France.svg",
                "ug-flag-cote.PNG",
                "ug-flag-åland_islands.svg",
                "ug-map-europe.png",
            ]
    assert seen[0] == seen[1]


def test_a_picture_that_was_changed_gets_a_name_of_its_own(root: Path) -> None:
    imported(root, countries(root / "theirs" / "UG.apkg"))
    src = root / "deck" / "cards_src"
    (src / "media" / "ug-flag-aland-islands.svg").write_bytes(SVG.replace(b"9", b"8"))
    done = cards(root / "deck", "build", "--src", "cards_src")
    assert done.exit_code == 0, done.output
    assert "1 reworded" in done.output
    with zipfile.ZipFile(next((root / "deck" / "decks").glob("*.apkg"))) as archive:
        listed = archive.read("media").decode()
    assert "ug-flag-aland-islands-" in listed
    assert "ug flag France.svg" in listed


GEO = {
    "name": "Geo",
    "desc": "",
    "media_files": ["fl ag.svg", "gone.png"],
    "note_models": [
        {
            "crowdanki_uuid": "m1",
            "name": "Geo",
            "css": ".card {}",
            "type": 0,
            "flds": [{"name": "Country", "ord": 0}, {"name": "Flag", "ord": 1}],
            "tmpls": [{"name": "C", "ord": 0, "qfmt": "{{Country}}", "afmt": "{{Flag}}"}],
        }
    ],
    "notes": [
        {
            "guid": "g1",
            "fields": ["France", '<img src="fl ag.svg">'],
            "note_model_uuid": "m1",
            "tags": ["a"],
        }
    ],
    "children": [
        {
            "name": "Sub",
            "notes": [{"guid": "g2", "fields": ["Spain", ""], "note_model_uuid": "m1", "tags": []}],
        }
    ],
}


def test_a_deck_of_crowdanki(root: Path) -> None:
    """Who has it through CrowdAnki has other ids of note types, and merges them once."""
    folder = root / "theirs" / "Geo"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "fl ag.svg").write_bytes(SVG)
    (folder / "deck.json").write_text(json.dumps(GEO), "utf-8")
    with collection(root / "learner.anki2") as col:
        model = col.models.new("Geo")
        for name in ("Country", "Flag"):
            col.models.add_field(model, col.models.new_field(name))
        template = col.models.new_template("C")
        template["qfmt"], template["afmt"] = "{{Country}}", "{{Flag}}"
        col.models.add_template(model, template)
        model["css"] = ".card {}"
        col.models.add(model)
        for guid, country, flag in (("g1", "France", '<img src="fl ag.svg">'), ("g2", "Spain", "")):
            add(col, "Geo", "Geo", "a my::tag", country, flag)
            note = col.get_note(col.find_notes(country)[0])
            note.guid = guid
            col.update_note(note)
        studied(col, 1)
        before = state(col)
        report = imported(root, folder)
        assert "“gone.png” is listed, but not there" in report
        assert "Merge note types" in report
        assert "deck: Sub\n" in facts(root)
        built = root / "deck" / "decks" / "geo.apkg"
        assert double_click(col, built, merge_note_types=True) == Imported(0, 0, 2, 0)
        assert {key: value for key, value in state(col).items() if key != "cards"} == {
            key: value for key, value in before.items() if key != "cards"
        }
        reworded(root / "deck", "Spain", "España")
        assert rebuilt(root / "deck").exit_code == 0
        assert double_click(col, built) == Imported(0, 1, 1, 0)
        assert state(col)["revlog"] == before["revlog"]
        assert {id_: card[6:] for id_, card in state(col)["cards"].items()} == {
            id_: card[6:] for id_, card in before["cards"].items()
        }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "words.csv",
            'English,Español,"Notes, if any",Tags\ndog,perro,"2*3*4 a\nb",animal basic\n'
            "cat,gato,,\n",
            ["id: dog\n", "tags: [animal, basic]", "notes_if_any: |-\n      2*3*4 a\n      b\n"],
        ),
        ("words.tsv", "\ufeffFront\tBack\r\nça va\tok\r\n", ["id: ca-va\n", "front: ça va\n"]),
        (
            "deck.txt",
            "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n"
            "#tags column:6\nabc%\tBasic\tLang::A\t<b>dog</b>\tperro\tx y\n"
            'de\tBasic\tLang::A\tcat\t"g""o"\t\n',
            ["deck: A\n", 'field_1: "<b>dog</b>"\n', "field_2: 'g\"o'\n", "tags: [x, y]\n"],
        ),
        ("semi.csv", "a;b\n1,5;2\n", ["a: 1,5\n"]),
        ("ids.csv", "ID,word\nx-7,seven\n", ["id: x-7\n", "word: seven\n"]),
        (
            "gaps.csv",
            'Satz,Extra: mehr\n"{{c1::Donau::Fluss}} {{x}} {{c2::Meer}}",oh\nso,ja\n{{c1::a,b\n',
            [
                "kind: notes-cloze\n",
                'satz: "{{c1::Donau::Fluss}} \\\\{\\\\{x\\\\}\\\\} {{c2::Meer}}"\n',
                "kind: notes\n",
                "satz: so\n",
                'satz: "{{c1::a"\n',
            ],
        ),
    ],
)  # fmt: skip
def test_a_table_becomes_facts(root: Path, name: str, text: str, said: list[str]) -> None:
    path = root / "theirs" / name
    path.write_text(text, "utf-8", newline="")
    imported(root, path)
    for one in said:
        assert one in facts(root)


def test_cloze_deletions_of_a_table_are_cards(root: Path) -> None:
    path = root / "theirs" / "deck.txt"
    path.write_text(
        "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n"
        "a~\tCloze\t{{c1::서울}}은 {{c2::한국::country}}의 <b>수도</b>\t\n"
        "b~\tCloze\t{{c3::x}}\tmore\n",
        "utf-8",
    )
    imported(root, path)
    with collection(root / "anki.anki2") as col:
        double_click(col, next((root / "deck" / "decks").glob("*.apkg")))
        shown = {
            (card.note().guid, card.ord + 1): card.render_output().answer_text
            for card in map(col.get_card, col.find_cards(""))
        }
        assert shown.keys() == {("a~", 1), ("a~", 2), ("b~", 3)}
        assert shown["b~", 3].endswith("<br>more")
        assert not col.get_empty_cards().notes


def test_guids_of_exported_notes_are_kept(root: Path) -> None:
    path = root / "theirs" / "deck.txt"
    path.write_text("#separator:Comma\n#guid column:1\nabc%,dog,perro\n", "utf-8")
    report = imported(root, path)
    assert "but not the ids of their note types" in report
    with collection(root / "anki.anki2") as col:
        double_click(col, next((root / "deck" / "decks").glob("*.apkg")))
        assert col.get_note(col.find_notes("")[0]).guid == "abc%"


@given(st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=2), min_size=1, max_size=4))
@settings(max_examples=sample(100))
def test_whatever_fields_say_comes_out_of_the_build_as_it_was(values: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        model = genanki.Model(
            1_500_000_001,
            "M",
            fields=[{"name": "A"}, {"name": "B"}],
            templates=[{"name": "t", "qfmt": "x {{A}}", "afmt": "{{B}}"}],
        )
        deck = genanki.Deck(1_500_000_002, "D")
        wanted = {}
        for number, (front, back) in enumerate(values):
            fields = [_CONTROL.sub("", f"f{front}"), _CONTROL.sub("", back)]
            wanted[f"g{number}"] = [
                normalize("NFC", text if text.strip() else "") for text in fields
            ]
            deck.add_note(genanki.Note(model=model, fields=fields, guid=f"g{number}"))
        genanki.Package(deck).write_to_file(root / "x.apkg", timestamp=1_600_000_000.0)
        imported(root, root / "x.apkg")
        with collection(root / "anki.anki2") as col:
            double_click(col, next((root / "deck" / "decks").glob("*.apkg")))
            notes = [col.get_note(id_) for id_ in col.find_notes("")]
            assert {note.guid: note.fields for note in notes} == wanted


def test_a_whole_collection_is_imported_with_what_lies_in_other_decks(root: Path) -> None:
    def fill(col: Collection) -> None:
        add(col, "Basic", "Main::A", "", "one", "x")
        add(col, "Basic", "Main", "", "two", "y")
        add(col, "Basic", "Other", "", "three", "z")

    path = root / "theirs" / "all.colpkg"
    with collection(root / "theirs" / "them.anki2") as col:
        fill(col)
        with_media(col, a__png=PNG)
        col.export_collection_package(str(path), include_media=True, legacy=False)
        col.reopen()
    report = imported(root, path)
    assert "the existing cards of 1 note stay in the deck “Other”, and new ones go to" in report
    assert "deck: Main\n" in (root / "deck" / "cards_src" / "decks.yaml").read_text("utf-8")
    assert (root / "deck" / "cards_src" / "media" / "a.png").read_bytes() == PNG
    assert "note type “Cloze” has no notes" in report


def test_a_package_that_grows_beyond_measure_is_refused(root: Path) -> None:
    path = root / "theirs" / "bomb.apkg"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("collection.anki2", b"x")
        archive.writestr("0", bytes(80 << 20))
    done = cards(root, "import", path, "--into", "deck")
    assert done.exit_code == 1
    assert not (root / "deck").exists()


@pytest.mark.parametrize(
    "text", ["[" * 45_000, "<script>" * 5_000, "{{c1::" * 10_000, "src=" * 15_000]
)
def test_no_field_takes_time_without_end(root: Path, text: str) -> None:
    def fill(col: Collection) -> None:
        add(col, "Basic", "Default", "", "x" + text, text)

    package = exported(root / "theirs" / "deck.apkg", fill, legacy=True)
    began = time.monotonic()
    assert cards(root, "import", package, "--into", "deck").exit_code == 0
    assert time.monotonic() - began < 10


def test_what_anki_would_refuse_in_a_note_type_is_imported_nevertheless(root: Path) -> None:
    """Programs write what Anki's editor would not."""
    fields = ("Note", "Source", "Front: x", "Überschrift", "c1")
    sides = [
        ("A", "{{Note}}{{Gone}}", '{{FrontSide}}<script src="https://example.org/a.js"></script>'),
        ("B", "{{Note}}{{Gone}}", "{{Source}}{{#Note}}unclosed<img src=missing.png>"),
        ('C "q"', "{{#Source}}{{Source}}{{/Source}}{{/oops}}", "{{odd:Note}}"),
    ]
    model = genanki.Model(
        1_500_000_009,
        'My "odd" type',
        fields=[{"name": name} for name in fields],
        templates=[{"name": name, "qfmt": front, "afmt": back} for name, front, back in sides],
        css="@import url('https://example.org/a.css');\r\n.card{}",
    )
    model.__dict__["_req"] = [[0, "any", [0]], [1, "any", [0]], [2, "any", [1]]]
    deck = genanki.Deck(1_600_000_007, 'Odd "deck"::  Sub: ')
    deck.add_note(
        genanki.Note(model, ["n\ty\r\nz", "s", "", "ü", " {% if x %}{{ y }}{# "], guid="a")
    )
    deck.add_note(genanki.Note(model, ["", "s ", "", "\u202eabc", ""], guid="b"))
    package = root / "theirs" / "odd.apkg"
    genanki.Package(deck).write_to_file(package, timestamp=1_600_000_000.0)
    with collection(root / "learner.anki2") as col:
        double_click(col, package)
        before = state(col)
        report = imported(root, package).replace("\\", "")
        assert "note type “My \"odd\" type”: 'Front: x' is called “Front x” here" in report
        assert "the deck 'Odd \"deck\"::  Sub: '" in report
        built = next((root / "deck" / "decks").glob("*.apkg"))
        assert double_click(col, built) == Imported(0, 0, 2, 0)
        assert state(col) == before
    done = cards(root / "deck", "check", "--src", "cards_src")
    assert done.exit_code == 0
    for message in ("unknown field “Gone”", "is never closed", "closes nothing", "missing.png"):
        assert message in done.output


def test_a_lost_ledger_of_an_imported_deck_is_made_anew(root: Path) -> None:
    imported(root, countries(root / "theirs" / "UG.apkg"))
    path = root / "deck" / "decks" / "ledger.jsonl"
    before = path.read_text("utf-8").splitlines()
    path.unlink()
    package = "decks/ultimate-geography.apkg"
    done = cards(root / "deck", "ledger", "recover", package, "--src", "cards_src")
    assert done.exit_code == 0, done.output
    unpacked = [line for line in before if "note type Ultimate Geography Cloze" in line]
    assert path.read_text("utf-8").splitlines() == [line for line in before if line not in unpacked]
    done = cards(root / "deck", "build", "--src", "cards_src")
    assert "learners will notice: nothing" in done.output


def test_html_goes_into_a_note_as_it_is_written(tmp_path: Path) -> None:
    kind = """
        about: Raw.
        fields: {front: {type: html}, back: {type: text}}
        prompts: {p: {front: "{{ front }}", back: "{{ back }}"}}
        """
    files: dict[str, str | bytes] = {
        "kinds/raw.yaml": kind,
        "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A map}\n",
        "media/m.svg": SVG,
    }
    fact = (
        """  - {id: a, kind: raw, front: '<b x="1">a</b>&nbsp;<img src="m.svg"/>', back: <b>}\n"""
    )
    note = notes_of(tmp_path, files, a=HEAD + fact)["a/p"]
    assert re.fullmatch(r'<b x="1">a</b>&nbsp;<img src="m-[0-9a-f]{12}\.svg"/>', note.fields[0]), (
        note.fields
    )
    assert note.fields[1] == "&lt;b&gt;"
    assert note.media == ("m.svg",)


def test_signs_beside_a_formula_are_text_and_those_in_it_stay(tmp_path: Path) -> None:
    """With all of them left or all written with backslashes, only `html` would say the same."""
    (tmp_path / "deck.txt").write_text(
        "#separator:tab\n#html:true\n*a* is \\(x_1*y*\\)\t\\(x_2\\) `b`\n", "utf-8"
    )
    done = cards(tmp_path, "import", "deck.txt", "--into", "new")
    assert done.exit_code == 0, done.output
    assert "Fields that are kept as HTML" not in (tmp_path / "new" / "IMPORT.md").read_text("utf-8")
    (facts,) = (tmp_path / "new" / "cards_src" / "facts").glob("*.yaml")
    assert r"\\*a\\* is \\(x_1*y*\\)" in facts.read_text("utf-8")
