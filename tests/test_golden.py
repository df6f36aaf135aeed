"""A small deck, and all that Anki gets of it, to the letter."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

from tests.command import cards_alone
from tests.public import build, load_project

GOLDEN = Path(__file__).parent / "golden"


def test_the_golden_deck_is_what_it_was(tmp_path: Path, *, bless: bool) -> None:
    project, problems = load_project(GOLDEN / "src")
    assert not problems
    assert project is not None
    build(project, project.deck.packages.values(), tmp_path, 1_700_000_000)
    given = {path.name: content_of(path) for path in sorted(tmp_path.glob("*.apkg"))}
    text = json.dumps(given, indent=1, ensure_ascii=False) + "\n"
    ledger = (tmp_path / "ledger.jsonl").read_text("utf-8")
    guide = (tmp_path / "STUDY.md").read_text("utf-8")
    if bless:
        (GOLDEN / "STUDY.md").write_text(guide, "utf-8")
        (GOLDEN / "packages.json").write_text(text, "utf-8")
        (GOLDEN / "ledger.jsonl").write_text(ledger, "utf-8")
    assert text == (GOLDEN / "packages.json").read_text("utf-8")
    assert ledger == (GOLDEN / "ledger.jsonl").read_text("utf-8")
    assert guide == (GOLDEN / "STUDY.md").read_text("utf-8")


def content_of(package: Path) -> dict[str, object]:
    """What stands in a package: deck, note types, notes, cards."""
    with zipfile.ZipFile(package) as archive:
        assert archive.namelist() == ["collection.anki2", "media"]
        assert archive.read("media") == b"{}"
        connection = sqlite3.connect(":memory:")
        connection.deserialize(archive.read("collection.anki2"))
    models, decks = connection.execute("select models, decks from col").fetchone()
    notes = connection.execute("select id, guid, mid, mod, tags, flds from notes order by id")
    cards = connection.execute("select id, nid, did, ord, due from cards order by id")
    content = {
        "decks": [(d["id"], d["name"], d["desc"]) for d in json.loads(decks).values()],
        "note types": [
            {
                "id": m["id"],
                "mod": m["mod"],
                "name": m["name"],
                "type": m["type"],
                "fields": [field["name"] for field in m["flds"]],
                "templates": [(t["name"], t["qfmt"], t["afmt"]) for t in m["tmpls"]],
                "css": m["css"],
                "required": m["req"],
            }
            for m in json.loads(models).values()
        ],
        "notes": [(*row[:-1], row[-1].split("\x1f")) for row in notes],
        "cards": cards.fetchall(),
    }
    connection.close()
    return content


def test_a_build_does_not_wait_for_modules_that_it_does_not_need(tmp_path: Path) -> None:
    names = "{'asyncio', 'markdown_it', 'rapidfuzz'}"
    program = f"import sys, builder.build; print({names} & sys.modules.keys())"
    assert cards_alone(tmp_path, program=program).stdout == "set()\n"
