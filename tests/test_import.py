"""A deck is imported, and whoever has it already loses nothing and gets nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from anki.collection import Collection

from tests.engine import Imported
from tests.foreign import MP3, PNG, SVG, Outcome, countries, exported, taken_over


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
