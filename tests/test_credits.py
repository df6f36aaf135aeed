"""Where pictures and sounds come from, and under which licence: what learners are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import cards
from tests.engine import cards_of, collection, double_click
from tests.public import guide
from tests.recordings import MP3
from tests.sources import HEAD, Files, notes_of, project_of, write_sources

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
CITED = "<i>A Handbook</i>"


def listed(**entries: dict[str, str]) -> Files:
    """Files of `media/`, `name_svg={…}`, each with what `sources.yaml` says of it."""
    named = {name.replace("_", "."): entry for name, entry in entries.items()}
    return {
        "media/sources.yaml": json.dumps(named),
        **{f"media/{name}": MP3 if name.endswith("3") else SVG for name in named},
    }


def fact(more: str = "picture: m.svg") -> str:
    return HEAD + f"  - {{id: a, kind: event, event: was a, date: 1994, {more}}}\n"


def credit(root: Path, **entry: str) -> str:
    """What the note of a picture says of it, after the citation."""
    files = listed(m_svg={"origin": "Jane Doe", "licence": "CC0", "alt": "A map"} | entry)
    source = notes_of(root, files, a=fact())["a/when"].fields[6]
    before, _, after = source.partition(", p. 1</div>")
    assert before.endswith("<div>A. Writer, " + CITED + " (2020)")
    return after.removesuffix("</details>")


@pytest.mark.parametrize(
    "licence",
    [
        *("CC BY 4.0", "CC BY-SA 3.0", "CC-BY-NC-ND-4.0", "cc by", "Creative Commons Attribution"),
        *("https://creativecommons.org/licenses/by/4.0/", "GFDL 1.2", "GNU FDL", "OGL v3.0"),
        *("GNU Free Documentation Licence", "Open Government Licence", "dl-de/by-2-0", "ODbL"),
        *("Free Art License", "Namensnennung 4.0", "Licence Ouverte 2.0"),
    ],
)
def test_a_licence_that_asks_for_credit_gets_it_on_the_card(tmp_path: Path, licence: str) -> None:
    shown = credit(tmp_path, licence=licence)
    assert shown.startswith('<div class="credit">m.svg: Jane Doe, ')
    assert shown.endswith("</div>")


@pytest.mark.parametrize(
    ("origin", "licence"),
    [
        *(
            ("Jane Doe", licence)
            for licence in ("CC0", "CC0 1.0", "public domain", "Public Domain")
        ),
        *(("Jane Doe", licence) for licence in ("CC BY 4.0 or CC0", "Public Domain Mark (PDM)")),
        *((origin, "CC BY 4.0") for origin in ("drawn", "own work", "drawn for this deck")),
        ("self-made", "CC BY-SA 4.0"),
    ],
)
def test_a_licence_that_asks_for_none_and_own_work_change_no_card(
    tmp_path: Path, origin: str, licence: str
) -> None:
    assert credit(tmp_path, origin=origin, licence=licence) == ""


@pytest.mark.parametrize("end", ["", ", by Joe", ")", "_(b)", ".", " (her own)"])
def test_an_address_in_a_credit_may_have_brackets(tmp_path: Path, end: str) -> None:
    address = "https://commons.wikimedia.org/wiki/File:A_(3-2).svg"
    linked = address + end * end.startswith("_")
    shown = credit(tmp_path, licence="CC BY 4.0", origin=f"Jane, {address}{end}")
    assert f'<a href="{linked}">{linked}</a>' in shown


def test_a_file_may_say_what_its_credit_is_or_that_there_is_none(tmp_path: Path) -> None:
    said = {"licence": "CC BY 4.0", "credit": "Photo: J. Doe, https://example.org/a_b?c=1&d=2."}
    assert credit(tmp_path, **said) == (
        '<div class="credit">m.svg: Photo: J. Doe, <a href="https://example.org/a_b?c=1&amp;d=2">'
        "https://example.org/a_b?c=1&amp;d=2</a>.</div>"
    )
    assert credit(tmp_path, licence="public domain", credit="J. Doe").endswith(
        "m.svg: J. Doe</div>"
    )
    assert credit(tmp_path, licence="CC BY 4.0", credit="none") == ""


def test_only_the_files_that_a_note_shows_are_credited_each_once(tmp_path: Path) -> None:
    by = {"origin": "Jane Doe", "licence": "CC BY 4.0", "alt": "A"}
    files = {
        **listed(m_svg=by, n_svg=by, s_mp3=by | {"origin": "Ann Poe"}),
        "kinds/event.yaml": "about: x\nfields: {event: {type: text}, date: {type: date},"
        " maps: {type: picture}, say: {type: audio}}\nprompts:\n"
        "  when: {front: '{{ event }}? {{ maps }}', back: '{{ maps }} {{ say }}'}\n"
        "  then: {front: '{{ event }}?', back: '{{ date }}'}\n",
    }
    notes = notes_of(tmp_path, files, a=fact("maps: [n.svg, m.svg], say: s.mp3"))
    assert (
        notes["a/when"]
        .fields[6]
        .endswith(
            '<div class="credit">n.svg: Jane Doe, CC BY 4.0<br>m.svg: Jane Doe, CC BY 4.0'
            "<br>s.mp3: Ann Poe, CC BY 4.0</div></details>"
        )
    )
    assert "credit" not in notes["a/then"].fields[6]


@pytest.mark.parametrize("evil", ["[sound:x.mp3]", "{{c1::x}}", "<script>x</script>", '" onload="'])
def test_nothing_in_a_credit_acts(tmp_path: Path, evil: str) -> None:
    shown = credit(tmp_path, origin=f"{evil} https://example.org/{evil}", licence="CC BY 4.0")
    assert not any(mark in shown for mark in ("[sound", "{{", "<script", ' onload="x'))
    assert shown.count('"') in (4, 2)


def test_a_credit_arrives_on_the_card(tmp_path: Path) -> None:
    entry = {"origin": "Jane Doe", "licence": "CC BY 4.0", "alt": "A map"}
    write_sources(tmp_path, listed(m_svg=entry), a=fact())
    assert cards(tmp_path, "build").exit_code == 0
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        (card,) = cards_of(col)
        assert '<div class="credit">m.svg: Jane Doe, CC BY 4.0</div>' in card.answer()
        assert "Jane Doe" not in card.question()


def test_the_study_guide_credits_every_file_that_is_used(tmp_path: Path) -> None:
    files = listed(
        m_svg={"origin": "Jane | *Doe*", "licence": "CC BY 4.0", "alt": "A\nmap"},
        unused_svg={"origin": "x", "licence": "CC0", "alt": "x"},
        ground_svg={"origin": "drawn", "licence": "CC0"},
    )
    files = {**files, "card/style.css": ".card { background: url(ground.svg) }"}
    shown = guide(project_of(tmp_path, files, a=fact()))
    assert shown.partition("\n## Credits\n")[2] == (
        "\n| file | what it is | from | licence |\n| --- | --- | --- | --- |\n"
        "| `ground.svg` |  | drawn | CC0 |\n"
        "| `m.svg` | A map | Jane \\| \\*Doe\\* | CC BY 4.0 |\n"
    )


def test_a_study_guide_without_media_has_no_credits(tmp_path: Path) -> None:
    assert "Credits" not in guide(project_of(tmp_path))
