"""What templates and the style of cards name: it is packed under its name in Anki, or an error."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.engine import Imported, cards_of, collection, double_click, played_by
from tests.public import build
from tests.recordings import FONTS, MP3
from tests.sources import HEAD, MINI, Files, package_of, problems_of, project_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
MEDIA: Files = {
    "media/sources.yaml": "".join(
        f"{name}: {{origin: drawn, licence: CC0, alt: A}}\n"
        for name in ("a.svg", "b.svg", "s.mp3", "f.woff2", "f.ttf")
    ),
    "media/a.svg": SVG,
    "media/b.svg": SVG,
    "media/s.mp3": MP3,
    "media/f.woff2": FONTS["woff2"],
    "media/f.ttf": FONTS["ttf"],
}
A = HEAD + "  - {id: a, kind: event, event: was a, date: 1994}\n"
FRONT = "<div>[[ question ]]</div>"


def named(text: str) -> str:
    """A text with its digests left out."""
    return re.sub(r"-[0-9a-f]{12}(?=\.)", "", text)


def card(front: str = "", css: str = "", when: str = "") -> Files:
    """The media and a card, or a prompt, that shows something besides."""
    kind = MINI["kinds/event.yaml"]
    kind = kind.replace('"When {{ event }}?"', f"'When {{{{ event }}}}? {when}'")
    return {
        **MEDIA,
        "card/front.html": front + FRONT,
        "card/style.css": css,
        "kinds/event.yaml": kind,
    }


HTML = [
    ('<img src="a.svg">', '<img src="_a.svg">', "a.svg"),
    ("<img alt=x src='a.svg' >", "<img alt=x src='_a.svg' >", "a.svg"),
    ("<img src=a.svg>", "<img src=_a.svg>", "a.svg"),
    ("<IMG\n  SRC = a.svg />", "<IMG\n  SRC = _a.svg />", "a.svg"),
    ('<img src=" a.svg#part">', '<img src="_a.svg#part">', "a.svg"),
    (
        '<img srcset="a.svg 1x, b.svg 2x" src="b.svg">',
        '<img srcset="_a.svg 1x, _b.svg 2x" src="_b.svg">',
        "a.svg b.svg",
    ),
    ("[sound:s.mp3]", "[sound:_s.mp3]", "s.mp3"),
    ('<audio src="s.mp3" controls></audio>', '<audio src="_s.mp3" controls></audio>', "s.mp3"),
    ('<video poster="a.svg"></video>', '<video poster="_a.svg"></video>', "a.svg"),
    (
        "<p style='background: url(\"a.svg\")'></p>",
        "<p style='background: url(\"_a.svg\")'></p>",
        "a.svg",
    ),
    (
        "<style>p { background: url(a.svg) }</style>",
        "<style>p { background: url(_a.svg) }</style>",
        "a.svg",
    ),
    ('<image href="a.svg"/><use href="#x"/>', '<image href="_a.svg"/><use href="#x"/>', "a.svg"),
    ("<!-- <img src=x.svg> -->", "<!-- <img src=x.svg> -->", ""),
    ('<a href="https://example.org/x.png">x</a>', '<a href="https://example.org/x.png">x</a>', ""),
    ('<img src="data:image/gif;base64,R0lG">', '<img src="data:image/gif;base64,R0lG">', ""),
    ('<p title="<img src=x.svg>">x</p>', '<p title="<img src=x.svg>">x</p>', ""),
]
CSS = [
    ("p { background: url(a.svg) }", "p { background: url(_a.svg) }", "a.svg"),
    ("p { background: URL( 'a.svg' ) }", "p { background: URL( '_a.svg' ) }", "a.svg"),
    (
        '@font-face { src: local("F"), url("f.woff2") format("woff2"), url(f.ttf) }',
        '@font-face { src: local("F"), url("_f.woff2") format("woff2"), url(_f.ttf) }',
        "f.ttf f.woff2",
    ),
    ("/* url(x.svg) @import */ p { fill: url(#x) }", None, ""),
    ("p { src: url(data:font/woff2;base64,AAAA) }", None, ""),
]


@pytest.mark.parametrize(("front", "shown", "files"), HTML)
def test_a_card_shows_the_files_that_it_names(
    tmp_path: Path, front: str, shown: str, files: str
) -> None:
    basic, cloze = project_of(tmp_path, card(front=front), a=A).note_types
    assert named(basic.templates[0].front) == f"{shown}<div>{{{{Front}}}}</div>"
    assert named(cloze.templates[0].front) == f"{shown}<div>{{{{cloze:Text}}}}</div>"
    assert basic.media == cloze.media == tuple(f"_{name}" for name in files.split())


@pytest.mark.parametrize(("css", "shown", "files"), CSS)
def test_the_style_has_the_files_that_it_names(
    tmp_path: Path, css: str, shown: str | None, files: str
) -> None:
    basic, _ = project_of(tmp_path, card(css=css), a=A).note_types
    assert named(basic.css) == (shown or css)
    assert basic.media == tuple(f"_{name}" for name in files.split())


@pytest.mark.parametrize(("html", "shown", "files"), HTML)
def test_a_prompt_shows_the_files_that_its_template_names(
    tmp_path: Path, html: str, shown: str, files: str
) -> None:
    when = html.replace("\n", " ").replace("'", "''")
    project = project_of(tmp_path, card(when=when), a=A)
    (note,) = project.notes
    assert named(note.fields[0]) == f"When was a? {shown}".replace("\n", " ")
    assert note.media == tuple(f"_{name}" for name in files.split())


@pytest.mark.parametrize(
    ("html", "column", "message"),
    [
        ('<img src="x.svg">', 11, "unknown file “x.svg”; did you mean “a.svg”?"),
        ('<img src="../media/a.svg">', 11, "unknown file “../media/a.svg”; write “a.svg”"),
        ('<img src="_a.svg">', 11, "unknown file “_a.svg”; write “a.svg”"),
        ('<img src="A.SVG">', 11, "unknown file “A.SVG”; write “a.svg”"),
        ('<img src="">', 11, "“” is not a valid name for a media file"),
        ("<p>\n<img src=https://example.org/a.svg>", 10, "only what its package holds"),
        ('<img src="//example.org/a.svg">', 11, "only what its package holds"),
        ('<img src="&#104;ttps://example.org/a.svg">', 11, "only what its package holds"),
        ('<img src="file:///etc/passwd">', 11, "only what its package holds"),
        ('<img src="javascript:alert(1)">', 11, "only what its package holds"),
        ('<img src="data:text/html,x">', 11, "only what its package holds"),
        ('<img srcset="a.svg 1x, x.svg 2x">', 24, "unknown file “x.svg”"),
        ('<link href="styles.css">', 13, "“styles.css” is not a valid name for a media file"),
        ('<base href="https://example.org/">', 13, "only what its package holds"),
        ('<script src="https://example.org/a.js"></script>', 14, "only what its package holds"),
        ("[sound:a.svg]", 8, "“a.svg” is a picture, not a sound or a video"),
        ("[sound:x.mp3]", 8, "unknown file “x.mp3”"),
        ("<style>@import 'a.css';</style>", 8, "@import does nothing on cards"),
        ("<p style='background: url(x.svg)'>", 27, "unknown file “x.svg”"),
        ("<style>p { background: image-set('a.svg' 1x) }</style>", 24, "image-set() is not packed"),
    ],
)
def test_what_a_card_cannot_show_is_an_error_at_its_place(
    tmp_path: Path, html: str, column: int, message: str
) -> None:
    (problem,) = problems_of(tmp_path, card(front=html), a=A)
    line = 1 + html.count("\n")
    assert problem.startswith(f"card/front.html:{line}:{column}: error: ")
    assert message in problem
    assert problem.endswith("[unknown-media]")
    (problem,) = problems_of(tmp_path, card(when=html.replace("\n", "").replace("'", "''")), a=A)
    assert problem.startswith("kinds/event.yaml:")
    assert message in problem


def test_a_file_named_by_a_field_of_the_note_is_left_to_anki(tmp_path: Path) -> None:
    front = '<img src="{{Key}}.png">[sound:{{Key}}]'
    basic, _ = project_of(tmp_path, card(front=front), a=A).note_types
    assert basic.templates[0].front.startswith(front)


def test_a_template_of_a_kind_puts_no_name_together(tmp_path: Path) -> None:
    found = problems_of(tmp_path, card(when="[sound:{{ place }}.mp3]"), a=A)
    assert "a template cannot build a file name" in found[0]


def test_a_file_that_a_broken_entry_lists_is_one_problem(tmp_path: Path) -> None:
    files = {**card(front='<img src="a.svg">'), "media/a.svg": b"words"}
    (problem,) = problems_of(tmp_path, files, a=A)
    assert problem.startswith("media/sources.yaml:1:1: ")


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a ", '<a "', "<a \"'", "<style>", "[sound:", "a", "a =", "url(", "/*", "@import"],
)
def test_a_long_text_takes_no_long_time(tmp_path: Path, piece: str) -> None:
    started = time.process_time()
    problems_of(tmp_path, card(front=piece * 20_000, css=piece * 20_000), a=A)
    assert time.process_time() - started < 5


# In Anki


def test_files_of_cards_arrive_and_a_new_one_reaches_the_learner(tmp_path: Path) -> None:
    files = card(
        front='<img src="a.svg">[sound:s.mp3]',
        css="@font-face { font-family: F; src: url(f.woff2) }",
        when='<img src="b.svg" srcset="b.svg 2x">',
    )

    def edition(files: Files, now: int) -> Path:
        return package_of(project_of(tmp_path, files, a=A), tmp_path, now)

    with collection(tmp_path / "anki.anki2") as col:
        folder = Path(col.media.dir())
        first = edition(files, 1_600_000_000)
        double_click(col, first)
        assert sorted(named(path.name) for path in folder.iterdir()) == [
            *("_a.svg", "_b.svg", "_f.woff2", "_s.mp3")
        ]
        (shown,) = cards_of(col)
        output = shown.render_output()
        names = re.findall(r'(?:src|srcset)="(\S+?)(?: 2x)?"', output.question_text)
        names += played_by(output.question_av_tags)
        names += re.findall(r"url\((.*?)\)", output.css)
        assert len(names) == 5
        assert all((folder / name).is_file() for name in names)
        checked = col.media.check()
        assert not checked.missing
        assert not checked.unused
        assert double_click(col, edition(files, 1_600_000_100)).updated == 0
        old = {path.name for path in folder.iterdir()}
        changed = {**files, "media/a.svg": f"{SVG} ", "media/f.woff2": FONTS["woff2"] + b" "}
        assert double_click(col, edition(changed, 1_600_000_200)) == Imported(0, 0, 1, 0)
        new = {named(path.name): path.name for path in folder.iterdir() if path.name not in old}
        assert sorted(new) == ["_a.svg", "_f.woff2"]
        (shown,) = cards_of(col)
        assert new["_a.svg"] in shown.render_output(reload=True).question_text
        assert new["_f.woff2"] in shown.render_output(reload=True).css
        changed["media/b.svg"] = f"{SVG}  "
        assert double_click(col, edition(changed, 1_600_000_300)) == Imported(0, 1, 0, 0)


def test_a_file_that_a_fact_and_a_card_show_has_a_name_for_each(tmp_path: Path) -> None:
    project = project_of(
        tmp_path, card(front='<img src="a.svg">'), a=A.replace("1994", "1994, picture: a.svg")
    )
    packages = project.deck.packages.values()
    made, _, _ = build(project, packages, tmp_path / "decks", 1_600_000_000)
    assert made
    contents = made.contents_of(next(iter(packages)))
    assert [named(medium.name) for medium in contents.media] == ["_a.svg", "a.svg"]
