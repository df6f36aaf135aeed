"""Packages come from anywhere: whatever they hold, they are compared or refused."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import zipfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.effort import linear
from tests.engine import collection as collection_of
from tests.public import (
    Edition,
    Seen,
    code_span,
    compare,
    describe,
    escape_markdown,
    one_line,
    parse_package,
    plain_text,
    read_package,
    search_for,
)

ROOT = Path(__file__).parent.parent
MODELS = (
    '{"5": {"id": 5, "flds": [{"name": "%s"}, {"name": "Key"}], "name": "%s", "mod": %d, "css": "",'
    ' "tmpls": []}}'
)
MODEL = '{"5": {"id": 5, "flds": [{"name": "A"}], "name": "x", "mod": 1, "css": "", "tmpls": []}}'


def package(collection: bytes, media: bytes = b"{}", packed: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packed) as archive:
        archive.writestr("collection.anki2", collection)
        archive.writestr("media", media)
    return buffer.getvalue()


def collection(models: str, *notes: tuple[object, ...]) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "create table col(models, decks); create table notes(id, guid, mid, mod, tags, flds);"
        "create table cards(id, nid, did, ord, due);"
    )
    connection.executemany(
        "insert into cards values (?, ?, 1, 0, 0)", [(note[0], note[0]) for note in notes]
    )
    connection.execute("insert into col values (?, '{}')", [models])
    connection.executemany("insert into notes values (?, ?, ?, ?, ?, ?)", notes)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zip",
        package(b""),
        package(b"x" * 5000),
        package(collection("[]")),
        package(collection("[" * 100_000)),
        package(collection("{}", (1, "g", 5, 1, "", "a"))),
        package(collection(MODEL, (1, None, 5, None, None, None))),
        package(collection(MODEL, (1, "g", 5, 1, "", "a\x1fb"))),
        package(collection(MODEL), b"[1"),
        package(collection(MODEL.replace('"id": 5', '"id": []'))),
        package(collection(MODEL.replace('"id": 5', '"id": 1e400'))),
        package(collection(MODEL.replace('"x"', "5"))),
        package(collection(MODEL.replace('"tmpls": []', '"tmpls": null'))),
        package(collection(MODEL.replace('"tmpls": []', '"tmpls": [5]'))),
        package(collection(MODEL))[:-30],
        package(collection(MODEL), packed=zipfile.ZIP_LZMA).replace(b"\x00]\x00", b"\x00\xff\x00"),
    ],
)
def test_what_is_no_package_of_ours_is_refused_in_words(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.apkg"
    path.write_bytes(data)
    _, (problem,) = read_package(path)
    assert problem.message.startswith("cannot be read: not a package")


def test_a_damaged_package_is_read_or_refused(tmp_path: Path) -> None:
    whole = (ROOT / "decks" / "asean-pakistan.apkg").read_bytes()
    path = tmp_path / "x.apkg"
    chance = random.Random(1)  # noqa: S311
    refused = 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        edition, problems = read_package(path)
        assert (edition is None) == bool(problems)
        refused += edition is None
    assert refused > 100


def test_a_report_is_made_in_linear_time() -> None:
    def report(unit: str, count: int) -> object:
        old = parse_package(package(collection(TWO_FIELDS, (1, "g", 5, 1, "", "x\x1fk"))))
        tags = " ".join(map(str, range(count)))
        row = (1, "g", 5, 2, tags, f"{unit * count}\x1fk")
        new = parse_package(package(collection(TWO_FIELDS, row)))
        return describe(compare(old, new), markdown=True)

    for unit in ("<", "<br ", "<a b", "&#", "&#1", "`", "``a", "\\", "www.", "{{c1::", "[](", " "):
        # 8 if linear, 64 if quadratic
        assert linear(partial(report, unit), 5_000, 40_000, below=32), unit


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("&#" + "1" * 5000 + ";", "\ufffd"),
        ("&#" + "0" * 5000, "\ufffd"),
        ("a&#65;&#x42;&amp;#67;", "aAB&#67;"),
        ("1 < 2 <b>x</b><br class='y'>z", "1 < 2 x · z"),
    ],
)
def test_html_as_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


HOSTILE = (
    "# Forged",
    "x\n\n# Forged\n\n[click](javascript:1)",
    "x\r## Forged",
    "x\u2028# Forged",
    "` [click](https://evil.example) `",
    "``` [click](https://evil.example)",
    "<https://evil.example>",
    "https://evil.example www.evil.example",
    "![x](https://evil.example/x.png)",
    "[click]: https://evil.example",
    "<img src=x onerror=1>",
    "&lt;b&gt; &#35;",
    "| a | b |\n| --- | --- |",
    "- a\n- b",
    "1. a",
    "===",
    "~~a~~ **b** _c_ $d$",
    "\\",
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TWO_FIELDS = MODELS % ("A", "x", 1)


def test_a_note_that_differs_and_is_no_newer_is_said_to_stay() -> None:
    def edition(mod: int, text: str) -> Edition:
        row = (1, "g", 5, mod, "", f"{text}\x1fk")
        return parse_package(package(collection(TWO_FIELDS, row)))

    newer = edition(6, "new")
    expected = (
        "Not updated (1): what learners have is no older\n\n- k\n"
        "  - A, theirs: new\n    A, here: old"
    )
    for mod in (5, 6):
        assert describe(compare(newer, edition(mod, "old")), markdown=False) == expected
        same = describe(compare(newer, edition(mod, "new")), markdown=False)
        assert same == "Nothing changes for learners."


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_package_makes_markup_of_a_report(text: str) -> None:
    name = json.dumps(text)[1:-1]
    shown = text.replace("&", "&amp;").replace("<", "&lt;")
    old = collection(MODELS % (name, name, 1), (1, "g", 5, 1, "", f"{shown}\x1f{text}"))
    rows = (
        (1, "g", 5, 2, "".join(text.split()), f"2 {shown}\x1f{text}"),
        (2, "h", 5, 2, "", f"{shown}\x1f{text}"),
    )
    new = collection(MODELS % (name, name, 2), *rows)
    changes = compare(parse_package(package(old)), parse_package(package(new)))
    report = describe(changes, markdown=True)
    tokens = MARKDOWN.parse(report)
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h2"] * 4
    inline = {child.type for token in tokens for child in token.children or []}
    assert inline <= {
        "text",
        "text_special",
        "code_inline",
        "strong_open",
        "strong_close",
        "softbreak",
    }
    blocks = {token.type for token in tokens}
    assert blocks <= {
        *("heading_open", "heading_close", "inline", "bullet_list_open", "bullet_list_close"),
        *("list_item_open", "list_item_close", "paragraph_open", "paragraph_close"),
    }
    for bare in ("https://evil", "www.evil"):
        outside = "".join(part for part in report.split("`")[::2])
        assert bare not in outside or "`" in text
    plain = describe(changes, markdown=False)
    assert len(plain.splitlines()) == 17
    assert not any(line.startswith("# Forged") for line in plain.splitlines())


@given(st.text(alphabet=st.sampled_from("ab1 .)#+-=*_~`[]()<>|&$!\\\n:/w;x'\"")))
def test_any_text_is_shown_in_markdown_as_it_is(text: str) -> None:
    def shown(markdown: str) -> str:
        tokens = MARKDOWN.parse(markdown)
        assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
        return "".join(child.content for token in tokens for child in token.children or [])

    assert shown(escape_markdown(text.strip())) == one_line(text.strip())
    assert shown("x" + code_span(text)).removeprefix("x").strip() == one_line(text).strip()


@pytest.mark.parametrize("key", ['x" or "deck:*', "*", "re:.", "a_b", "\\"])
def test_a_key_finds_nothing_but_itself(tmp_path: Path, key: str) -> None:
    with collection_of(tmp_path / "anki.anki2") as col:
        for text in (key, "other", "aXb"):
            note = col.new_note(col.models.by_name("Basic"))  # type: ignore[arg-type]
            note["Front"] = text
            col.add_note(note, col.decks.get_current_id())
        seen = Seen(key=key, id=1, mod=1, fields=(), tags=(), cards=(1,))
        search = search_for([(seen, None)]).replace("Key:", "Front:")
        assert [col.get_note(found)["Front"] for found in col.find_notes(search)] == [key]
