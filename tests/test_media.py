from __future__ import annotations

import base64
import zlib
from hashlib import sha256
from pathlib import Path

import pytest

from tests.public import load_project
from tests.sources import HEAD, notes_of, problems_of, write_sources

A = "  - {id: a, kind: event, event: was a, date: 1994, picture: m.svg}\n"
FILES = {
    "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A <map>}\n",
    "media/m.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
}


def test_a_picture_is_shown_under_a_name_made_of_its_content(tmp_path: Path) -> None:
    note = notes_of(tmp_path, FILES, a=HEAD + A)["a/when"]
    assert note.media == ("m.svg",)
    assert note.fields[4] == '<div><img src="m-900fbe934249.svg" alt="A &lt;map&gt;"></div>'


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (
            {"media/sources.yaml": "n.svg: {origin: drawn, licence: CC0}\n"},
            "media/m.svg:1:1: error: not listed in media/sources.yaml;"
            " did you mean “n.svg”? [media]",
        ),
        (
            {"media/sources.yaml": "m.svg: {origin: drawn}\n"},
            "media/sources.yaml:1:8: error: a media file needs “licence” [missing-key]",
        ),
        (
            {"media/sources.yaml": "../m.svg: {origin: drawn, licence: CC0}\n"},
            "media/sources.yaml:1:1: error: “../m.svg” is not a valid name for a media file;"
            " use small letters, digits and hyphens, then the ending; rename it to “m.svg” [media]",
        ),
        (
            {"media/stray.png": "x"},
            "media/stray.png:1:1: error: not listed in media/sources.yaml; write its origin"
            " and licence there [media]",
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
        (f'<svg {SVG} id="b"onload="alert(1)"/>', "is not an SVG: not well-formed"),
        (f"<svg {SVG} onload=alert(1) />", "is not an SVG: not well-formed"),
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
        ("<svg/>", "is not an SVG: its root must be"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "is not an SVG: its root must be"),
        ("GIF", "is not an SVG: syntax error"),
        ("", "is not an SVG: no element found"),
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


def test_an_imported_file_of_another_kind_than_anki_shows_may_not_change(tmp_path: Path) -> None:
    index = "a.pdf: {origin: x, licence: CC0, name: A.pdf, sha256: %s}\n"
    files = {"media/a.pdf": "words", "media/sources.yaml": index % sha256(b"words").hexdigest()}
    assert not problems_of(tmp_path, files)
    (problem,) = problems_of(tmp_path, files | {"media/a.pdf": "other words"})
    assert problem.startswith("media/sources.yaml:1:1: error: “a.pdf” is not a valid name for a")


KNOWN = (
    "picture .svg .png .jpg .webp .gif .avif, audio .mp3 .ogg .oga .opus .wav .m4a .flac .aac .spx"
    " .3gp .webm .ogx, video .mp4 .webm .m4v .mkv .mov .avi .mpg .ogv .3gp .flv .ogx, font .woff2"
    " .woff .ttf .otf"
)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("map.jpeg", "; rename it to “map.jpg”"),
        ("Map.SVG", "; rename it to “map.svg”"),
        ("my map.png", "; rename it to “my-map.png”"),
        ("Été_d'or.JPG", "; rename it to “ete-d-or.jpg”"),
        ("map.tiff", f"; save it in a format that every Anki knows: {KNOWN}"),
        ("карта.png", ""),
    ],
)
@pytest.mark.parametrize("place", ["media/sources.yaml:2:1", "media/{}:1:1"])
def test_a_name_that_no_picture_has_is_refused_with_what_to_do(
    tmp_path: Path, name: str, advice: str, place: str
) -> None:
    index = FILES["media/sources.yaml"]
    index += f"{name}: {{origin: drawn, licence: CC0, alt: A}}\n" if "2" in place else ""
    found = problems_of(
        tmp_path, FILES | {"media/sources.yaml": index, f"media/{name}": "x"}, a=HEAD + A
    )
    assert found == [
        f"{place.format(name)}: error: “{name}” is not a valid name for a media file; use"
        f" small letters, digits and hyphens, then the ending{advice} [media]"
    ]


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)
        for name, data in chunks
    )


SIZE = (b"IHDR", bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]))
PIXELS = (b"IDAT", zlib.compress(b"\0\0"))
END = (b"IEND", b"")
# Pictures of one pixel, the JPEG without its tables.
PICTURES = {
    "png": png(SIZE, (b"tEXt", b"a\0b"), PIXELS, END),
    "gif": base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
    "jpg": bytes.fromhex(
        "ffd8 ffe00004abcd ffc0000b080001000101011100 ffda0008010100003f00 d2ff00ffd07f ffd9"
    ),
    "webp": base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="),
}


def picture_problems(root: Path, ending: str, *pictures: bytes) -> list[str]:
    """What is wrong with these pictures, each on a fact of its own."""
    names = [f"m{number}.{ending}" for number in range(len(pictures))]
    said = "".join(f"{name}: {{origin: drawn, licence: CC0, alt: A map}}\n" for name in names)
    facts = (A.replace("id: a", f"id: {n.split('.')[0]}").replace("m.svg", n) for n in names)
    src = write_sources(root, {"media/sources.yaml": said}, a=HEAD + "".join(facts))
    for name, data in zip(names, pictures, strict=True):
        (src / "media" / name).write_bytes(data)
    return [problem.message for problem in load_project(src)[1]]


@pytest.mark.parametrize("ending", PICTURES)
def test_a_picture_is_taken_whole_and_refused_wherever_it_is_cut(
    tmp_path: Path, ending: str
) -> None:
    whole = PICTURES[ending]
    assert not picture_problems(tmp_path, ending, whole, whole + b"more")
    cut = [whole[:length] for length in range(1, len(whole.rstrip(b"\0")))]
    messages = picture_problems(tmp_path, ending, *cut)
    assert len(messages) == len(cut)
    for number, message in enumerate(messages):
        assert message.startswith(f"media/m{number}.{ending} is ")
        assert "export it again as" in message


@pytest.mark.parametrize(
    ("ending", "data", "message"),
    [
        ("png", b"", "is empty; export it again as PNG"),
        ("png", b"words", "is not of the format PNG; export it again as PNG"),
        ("jpg", b"<html>", "is not of the format JPEG; export it again as JPEG"),
        ("png", PICTURES["jpg"], "is of the format JPEG; give its name the ending .jpg"),
        ("jpg", PICTURES["webp"], "is of the format WebP; give its name the ending .webp"),
        ("svg", PICTURES["png"], "is of the format PNG; give its name the ending .png"),
        ("gif", f"<svg {SVG}/>".encode(), "is of the format SVG; give its name the ending .svg"),
        (
            "png",
            b"version https://git-lfs.github.com/spec/v1\n",
            "is a pointer of Git LFS; fetch the file itself with `git lfs pull`",
        ),
        ("png", PICTURES["png"].replace(b"\r\n", b"\n"), "is not of the format PNG"),
        ("png", png(PIXELS, END), "is damaged: it has no pixels"),
        ("png", png(SIZE, END), "is damaged: it has no pixels"),
        ("png", PICTURES["png"].replace(b"x\x9c", b"x\x9d"), "is damaged: a checksum is wrong"),
        ("jpg", b"\xff\xd8\xffwords", "is cut short"),
        ("jpg", PICTURES["jpg"].replace(b"\xff\xda", b"\xff\xc4"), "is cut short"),
        ("gif", PICTURES["gif"][:19] + b"words;", "is damaged"),
        ("webp", b"RIFF\4\0\0\0WEBP", "is damaged: it has no content"),
        ("svg", b"<svg/>", f"is not an SVG: its root must be <svg {SVG}>"),
        (
            "svg",
            f"<svg {SVG}><path".encode(),
            "is not an SVG: unclosed token: line 1, column 40; export it again as SVG",
        ),
    ],
)
def test_what_no_program_shows_is_refused_with_the_remedy(
    tmp_path: Path, ending: str, data: bytes, message: str
) -> None:
    (found,) = picture_problems(tmp_path, ending, data)
    assert found.startswith(f"media/m0.{ending} {message}")
