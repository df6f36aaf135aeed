"""Decks that others made, and learners who have them."""

from __future__ import annotations

import random
import re
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import genanki
from anki.collection import Collection
from anki.import_export_pb2 import ExportAnkiPackageOptions
from click.testing import Result

from tests.command import cards
from tests.engine import Imported, collection, double_click

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000b49444154789c6360000200000500017a5eab3f0000000049454e44ae426082"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>'
SCRIPTED = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
MP3 = b"\xff\xfb\x90\x00" + bytes(600)


class Outcome(NamedTuple):
    """What a learner of the original deck finds: after the first build, and after one rewording."""

    first: Imported
    second: Imported
    notes: int
    cards: int


def countries(path: Path) -> Path:
    """A deck by genanki: four templates with conditional sections, odd names of media."""
    sections = ("Capital", "Flag", "Map")
    model = genanki.Model(
        1_607_392_319,
        "Ultimate Geography",
        fields=[{"name": name} for name in ("Country", "Country info", "Capital", "Flag", "Map")],
        templates=[
            {
                "name": f"Country - {name}",
                "qfmt": f"{{{{#{name}}}}}\n<div class=value>{{{{Country}}}}</div>\n{{{{/{name}}}}}",
                "afmt": f"{{{{FrontSide}}}}<hr id=answer>{{{{{name}}}}}<i>{{{{Country info}}}}</i>",
            }
            for name in sections
        ]
        + [
            {
                "name": "Flag - Country",
                "qfmt": "{{#Flag}}{{Flag}}{{/Flag}}",
                "afmt": '{{Flag}}<script src="_ug.js"></script>{{Country}}',
            }
        ],
        css='.card { font-family: arial; background: url("_paper.png"); }\n',
    )
    deck = genanki.Deck(2_059_400_110, "Ultimate Geography", "Geography &amp; <b>more</b>")
    facts = [
        ("Åland Islands", "Part of <b>Finland</b>.", "Mariehamn", "ug-flag-åland_islands.svg"),
        ("France", "R&eacute;publique&nbsp;fran&ccedil;aise", "Paris", "ug flag France.svg"),
        ("Côte d'Ivoire", "", "Yamoussoukro<br>(Abidjan)", "ug-flag-cote.PNG"),
        ("Nauru", 'No &lt;capital&gt; & no "quotes"', "", ""),
    ]
    for country, info, capital, flag in facts:
        shown = f'<img src="{flag}" />' if flag else ""
        located = '<img src="ug-map-europe.png">'
        deck.add_note(
            genanki.Note(
                model=model,
                fields=[country, info, capital, shown, located],
                tags=["UG::Europe", "UG::Sovereign_State"] if flag else ["UG::Oceania"],
                guid=f"ug]{country[:3]}",
            )
        )
    files = {
        "ug-flag-åland_islands.svg": SVG,
        "ug flag France.svg": SCRIPTED,
        "ug-flag-cote.PNG": PNG,
        "ug-map-europe.png": PNG,
        "_ug.js": b"document",
        "_paper.png": PNG,
    }
    media = []
    for name, data in files.items():
        (path.parent / name).write_bytes(data)
        media.append(str(path.parent / name))
    genanki.Package(deck, media_files=media).write_to_file(path, timestamp=1_600_000_000.0)
    return path


def exported(path: Path, fill: Callable[[Collection], None], *, legacy: bool) -> Path:
    """A deck that somebody made in Anki, and exported."""
    with collection(path.with_suffix(".anki2")) as col:
        fill(col)
        options = ExportAnkiPackageOptions(with_media=True, with_scheduling=False, legacy=legacy)
        col.export_anki_package(out_path=str(path), options=options, limit=None)
    return path


def taken_over(root: Path, package: Path, reword: tuple[str, str], *words: str) -> Outcome:
    """What a learner of a deck finds who has studied, edited and tagged it, after an import."""
    with collection(root / "learner.anki2") as col:
        had = double_click(col, package)
        assert had.new
        studied(col)
        mine = col.get_note(max(col.find_notes("")))
        mine.fields[-1] += " my own words"
        mine.tags.append("my::tag")
        col.update_note(mine)
        before = state(col)
        done = cards(root, "import", package, "--into", "deck", *words)
        assert done.exit_code == 0, done.output
        assert cards(root / "deck", "build", "--src", "cards_src").exit_code == 0
        built = next((root / "deck" / "decks").glob("*.apkg"))
        first = double_click(col, built)
        assert state(col) == before
        assert first.new == first.updated == first.conflicting == 0, first
        changed = reworded(root / "deck", *reword)
        done = rebuilt(root / "deck")
        assert done.exit_code == 0, done.output
        second = double_click(col, built)
        after = state(col)
        assert after["revlog"] == before["revlog"]
        assert after["cards"] == before["cards"]
        differing = [id_ for id_, note in after["notes"].items() if note != before["notes"][id_]]
        assert len(differing) == 1, changed
        assert after["notes"][mine.id] == before["notes"][mine.id]
        assert {tags for _, tags in after["notes"].values()} == {
            tags for _, tags in before["notes"].values()
        }
        assert not col.get_empty_cards().notes
        return Outcome(first, second, len(before["notes"]), len(before["cards"]))


def rebuilt(deck: Path) -> Result:
    """A build of the deck, when a second has passed."""
    return cards(deck, "build", "--src", "cards_src", SOURCE_DATE_EPOCH=str(int(time.time()) + 1))


def studied(col: Collection, number: int = 3) -> None:
    """Answers some cards and flags one."""
    some = random.Random(1).sample(sorted(col.find_cards("")), number)  # noqa: S311 - of no secret
    for card_id in some:
        card = col.get_card(card_id)
        card.start_timer()
        col.sched.answerCard(card, 3)
    col.set_user_flag_for_cards(2, some[:1])


def state(col: Collection) -> dict[str, dict[int, tuple[object, ...]]]:
    """All that a learner must not lose."""
    assert col.db is not None
    return {
        "revlog": {row[0]: tuple(row) for row in col.db.all("select * from revlog")},
        "cards": {
            row[0]: tuple(row[1:])
            for row in col.db.all(
                "select id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, flags, data"
                " from cards"
            )
        },
        "notes": {
            row[0]: (row[1], row[2]) for row in col.db.all("select id, flds, tags from notes")
        },
    }


def reworded(deck: Path, old: str, new: str) -> Path:
    """Changes one text in the facts of a deck."""
    for path in sorted((deck / "cards_src" / "facts").rglob("*.yaml")):
        text = path.read_text("utf-8")
        if old in text:
            assert text.count(old) == 1
            path.write_text(re.sub(re.escape(old), new, text), "utf-8")
            return path
    raise AssertionError(f"{old} is not in the facts")


def altered(package: Path, *statements: str, **members: bytes | None) -> Path:
    """A package with other rows in its collection, and other members (`media`, `0` …)."""
    with zipfile.ZipFile(package) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(files["collection.anki2"])
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        files["collection.anki2"] = connection.serialize()
    with zipfile.ZipFile(package, "w") as archive:
        for name, data in {**files, **members}.items():
            if data is not None:
                archive.writestr(name, data)
    return package
