from __future__ import annotations

from pathlib import Path

import pytest

from builder.pipeline import load_project
from tests.sources import notes_of, problems_of, write_sources

HEAD = "topic: basics\nlevel: core\nsource: {doc: handbook, at: p. 1}\nfacts:\n"
A = "  - {id: a, kind: event, event: was a, date: 1994, picture: m.svg}\n"
FILES = {
    "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A <map>}\n",
    "media/m.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
}


def test_a_picture_is_shown_under_a_name_made_of_its_content(tmp_path: Path) -> None:
    note = notes_of(tmp_path, FILES, a=HEAD + A)["a/when"]
    (medium,) = note.media
    assert medium.name == "m-900fbe934249.svg"
    assert note.fields[4] == f'<div><img src="{medium.name}" alt="A &lt;map&gt;"></div>'


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (
            {"media/sources.yaml": "n.svg: {origin: drawn, licence: CC0}\n"},
            "facts/a.yaml:5:61: error: there is no picture “m.svg” in media/sources.yaml"
            "; did you mean “n.svg”? [unknown-picture]",
        ),
        (
            {"media/sources.yaml": "m.svg: {origin: drawn}\n"},
            "media/sources.yaml:1:8: error: a picture needs “licence” [missing-key]",
        ),
        (
            {"media/sources.yaml": "../m.svg: {origin: drawn, licence: CC0}\n"},
            "media/sources.yaml:1:1: error: “../m.svg” is no name for a picture: small letters,"
            " digits, hyphens, .svg .png … [media]",
        ),
        (
            {"media/stray.png": "x"},
            "media/stray.png:1:1: error: this file is not listed in media/sources.yaml [media]",
        ),
    ],
)
def test_a_picture_has_an_entry_with_origin_and_licence(
    tmp_path: Path, files: dict[str, str], problem: str
) -> None:
    assert problem in problems_of(tmp_path, FILES | files, a=HEAD + A)


def test_a_link_out_of_the_folder_is_no_picture(tmp_path: Path) -> None:
    src = write_sources(tmp_path, FILES, a=HEAD + A)
    (tmp_path / "secret").write_text("secret", "utf-8")
    (src / "media" / "m.svg").unlink()
    (src / "media" / "m.svg").symlink_to(tmp_path / "secret")
    _, problems = load_project(src)
    assert [problem.message for problem in problems] == [
        "media/m.svg cannot be read: it is a symbolic link, which could lead out of the project"
    ]


SVG = 'xmlns="http://www.w3.org/2000/svg"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    ("svg", "reason"),
    [
        (f"<svg {SVG}><script>alert(1)</script></svg>", "it has <script>"),
        (f"<s:svg {SVG.replace('=', ':s=', 1)}><s:script/></s:svg>", "it has <script>"),
        (f'<svg {SVG}><script xmlns="http://www.w3.org/1999/xhtml"/></svg>', "it has <script>"),
        (f"<svg {SVG}><foreignObject/></svg>", "it has <foreignObject>"),
        (f'<svg {SVG} onload="alert(1)"/>', "it has onload="),
        (f'<svg {SVG}\nONLOAD="alert(1)"/>', "it has ONLOAD="),
        (f'<svg {SVG} id="b"onload="alert(1)"/>', "is no SVG: not well-formed"),
        (f"<svg {SVG} onload=alert(1) />", "is no SVG: not well-formed"),
        (f"<!DOCTYPE svg [<!ENTITY a 'x'>]><svg {SVG}>&a;</svg>", "it has <!DOCTYPE"),
        (f"<?xml-stylesheet href='x.css'?><svg {SVG}/>", "it has <?xml-stylesheet"),
        (f'<svg {SVG} {XLINK}><a xlink:href="javascript:x"/></svg>', "it has <a>"),
        (f'<svg {SVG} {XLINK}><use xlink:href="&#100;ata:x#y"/></svg>', "it has href=data:x#y"),
        (f'<svg {SVG}><use href="//example.org/x.svg#y"/></svg>', "it has href=//example"),
        (f'<svg {SVG}><image href="x.png"/></svg>', "it has <image>"),
        (f'<svg {SVG}><set attributeName="href" to="javascript:x"/></svg>', "it has <set>"),
        (f"<svg {SVG}><animate/></svg>", "it has <animate>"),
        (f'<svg {SVG} xml:base="https://example.org"/>', "it has xml:base="),
        (f"<svg {SVG}><style>@im<!-- -->port 'x.css'</style></svg>", "it has @import in <style>"),
        (f"<svg {SVG}><style><![CDATA[a{{b:u\\72l(x)}}]]></style></svg>", "it has \\ in <style>"),
        (f"<svg {SVG}><style>a{{b:image-set('x' 1x)}}</style></svg>", "it has image-set( in"),
        (f'<svg {SVG} fill="url(https://example.org/x)"/>', "it has url( in fill="),
        (f'<svg {SVG} style="cursor: URL(x)"/>', "it has URL( in style="),
        (f'<?xml version="1.0" encoding="utf-7"?><svg {SVG}/>', "is in the encoding utf-7"),
        ("<svg/>", "is no SVG: its root must be"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "is no SVG: its root must be"),
        ("GIF89a", "is no SVG: syntax error"),
        ("", "is no SVG: no element found"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_svg_that_is_more_than_a_picture_is_refused(
    tmp_path: Path, svg: str, reason: str, encoding: str
) -> None:
    src = write_sources(tmp_path, FILES, a=HEAD + A)
    (src / "media" / "m.svg").write_bytes(svg.encode(encoding))
    _, problems = load_project(src)
    (message,) = (problem.message for problem in problems)
    assert message.startswith("media/m.svg is ")
    assert reason.partition(":")[0] in message if encoding == "utf-16" else reason in message


@pytest.mark.parametrize(
    "svg",
    [
        f"<svg {SVG}><text>Condition one = two, onload = &lt;script&gt;</text></svg>",
        f"<svg {SVG}><title>javascript: why @import is url(x)</title></svg>",
        f'<svg {SVG} aria-label="f(x) = url(y)" role="img" xml:lang="en"/>',
        f'<svg {SVG} {XLINK}><g id="a"/><use xlink:href="#a" transform="scale(2)"/></svg>',
        f"<svg {SVG}><style>.a {{ fill: url( '#b' ) }} @media print {{ .a {{ r: calc(1px) }} }}"
        "</style></svg>",
        f'<svg {SVG} xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:version="1"><i:x/>'
        "</svg>",
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn -->\n<svg {SVG}/>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_svg_that_only_draws_is_taken(tmp_path: Path, svg: str, encoding: str) -> None:
    src = write_sources(tmp_path, FILES, a=HEAD + A)
    said = svg.replace("UTF-8", encoding)
    (src / "media" / "m.svg").write_bytes(said.encode(encoding))
    _, problems = load_project(src)
    assert not problems
