"""Sounds, videos and pictures of facts: what a learner's Anki gets, shows and plays."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.engine import cards_of, collection, double_click, played_by
from tests.public import build, check_cards, load_project
from tests.recordings import (
    AVI,
    AVIF,
    FLAC,
    FONTS,
    MP3,
    OPUS,
    SOUNDS,
    VIDEOS,
    VORBIS,
    matroska,
    mpeg4,
    wav,
)
from tests.sources import HEAD, Files, notes_of, problems_of, project_of, write_sources

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
WORD = """
    about: A word and how it sounds.
    fields:
      word: {type: text, required: true}
      say: {type: audio}
      film: {type: video}
      map: {type: picture}
      more: {type: markdown}
    prompts:
      say: {front: "How do you say {{ word }}?", back: "{{ say }}"}
      film: {front: "How is {{ word }} done?", back: "{{ film }}"}
      map: {front: "Where is {{ word }}?", back: "{{ map }}"}
      more: {front: "What is {{ word }}?", back: "{{ more }}"}
      hear: {cloze: "{{ word }} is {{ say | cloze }}"}
    """


def deck(**media: bytes) -> dict[str, str | bytes]:
    """A kind of words, and files of `media/`: `name_ending=bytes`."""
    files = {name[::-1].replace("_", ".", 1)[::-1]: data for name, data in media.items()}
    listed = "".join(f"{name}: {{origin: drawn, licence: CC0, alt: A}}\n" for name in files)
    return {
        "kinds/word.yaml": WORD,
        "media/sources.yaml": listed,
        **{f"media/{name}": data for name, data in files.items()},
    }


def fact(**values: object) -> str:
    return HEAD + f"  - {json.dumps({'id': 'a', 'kind': 'word', 'word': 'hola'} | values)}\n"


def without_digests(html: str) -> str:
    return re.sub(r"-[0-9a-f]{12}(?=\.)", "", html)


def test_a_sound_is_played_by_the_card_that_shows_it(tmp_path: Path) -> None:
    notes = notes_of(tmp_path, deck(hola_mp3=MP3), a=fact(say="hola.mp3"))
    assert without_digests(notes["a/say"].fields[1]) == "[sound:hola.mp3]"
    assert without_digests(notes["a/hear"].fields[0]) == "hola is {{c1::[sound:hola.mp3]}}"
    assert notes["a/say"].media == ("hola.mp3",)


def test_several_files_of_a_field_stand_side_by_side(tmp_path: Path) -> None:
    files = deck(hola_mp3=MP3, hi_wav=wav(), a_svg=SVG, b_avif=AVIF)
    notes = notes_of(tmp_path, files, a=fact(say=["hola.mp3", "hi.wav"], map=["a.svg", "b.avif"]))
    assert without_digests(notes["a/say"].fields[1]) == "[sound:hola.mp3][sound:hi.wav]"
    assert without_digests(notes["a/map"].fields[1]) == (
        '<img src="a.svg" alt="A"><img src="b.avif" alt="A">'
    )
    assert notes["a/hear"].cards == (1, 2)
    assert notes["a/say"].media == ("hola.mp3", "hi.wav")


def test_a_template_goes_through_several_files_one_by_one(tmp_path: Path) -> None:
    loop = "{% for one in say %}{{ loop.index }} {{ one }} {% endfor %}{{ say | first }}"
    files = deck(a_mp3=MP3, b_wav=wav()) | {"kinds/word.yaml": WORD.replace("{{ say }}", loop)}
    notes = notes_of(tmp_path, files, a=fact(say=["a.mp3", "b.wav"]))
    shown = without_digests(notes["a/say"].fields[1])
    assert shown == "1 [sound:a.mp3] 2 [sound:b.wav] [sound:a.mp3]"


def test_a_template_goes_through_a_single_file_as_through_several(tmp_path: Path) -> None:
    loop = "{% for one in say %}{{ loop.length }} {{ one }}{% endfor %}{{ say | first }}"
    loop += "{% if say | length > 1 %} more{% endif %}{{ say | join(' ') }}"
    files = deck(a_mp3=MP3) | {"kinds/word.yaml": WORD.replace("{{ say }}", loop, 1)}
    notes = notes_of(tmp_path, files, a=fact(say="a.mp3"))
    shown = without_digests(notes["a/say"].fields[1])
    assert shown == "1 [sound:a.mp3][sound:a.mp3][sound:a.mp3]"
    assert without_digests(notes["a/hear"].fields[0]) == "hola is {{c1::[sound:a.mp3]}}"


def test_a_cell_of_a_table_holds_several_files(tmp_path: Path) -> None:
    files = deck(a_mp3=MP3, b_wav=wav(), c_svg=SVG, d_svg=SVG, e_mp4=mpeg4(b"vide"))
    table = "id,word,say,map,picture,film\na,hola,a.mp3; b.wav,c.svg,c.svg;d.svg,e.mp4\n"
    head = HEAD.replace("facts:", "kind: word\nseparator: ;\ntable: words.csv")
    notes = notes_of(tmp_path, files | {"facts/words.csv": table}, words=head)
    assert without_digests(notes["a/say"].fields[1]) == "[sound:a.mp3][sound:b.wav]"
    assert notes["a/map"].media == ("c.svg", "d.svg")
    assert notes["a/film"].media == ("e.mp4", "c.svg", "d.svg")
    wrong = files | {"facts/words.csv": table.replace("b.wav", "b.mp3")}
    (problem,) = problems_of(tmp_path, wrong, words=head)
    assert problem.startswith("facts/words.csv:2:15: error: unknown sound “b.mp3”")


@pytest.mark.parametrize(
    ("say", "message"),
    [
        ("[sound:a.mp3]", "“[sound:a.mp3]” is not the name of a file; write “a.mp3”"),
        ("a.mp3, b.wav", "“a.mp3, b.wav” is not the name of a file; write the list [a.mp3, b.wav]"),
        ("a", "unknown sound “a”; did you mean “a.mp3”?"),
        (
            "hello",
            "“hello” is not a valid name for a media file; use small letters, digits and hyphens",
        ),
        ("My b.wav", "“My b.wav” is not the name of a file; write “b.wav”"),
        (
            "My word.mp3",
            "use small letters, digits and hyphens, then the ending; rename it to “my-word",
        ),
        ("c.mp3", "not listed in media/sources.yaml; write its origin and licence there"),
    ],
)
def test_what_is_meant_for_the_name_of_a_file_is_answered_with_it(
    tmp_path: Path, say: str, message: str
) -> None:
    files = deck(a_mp3=MP3, b_wav=wav()) | {"media/c.mp3": MP3 * 2}
    if say != "c.mp3":
        del files["media/c.mp3"]
    (problem,) = problems_of(tmp_path, files, a=fact(say=say))
    assert message in problem


def test_many_or_few_files_are_no_long_or_short_list(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(9)]
    files = deck(**{f"{name}_wav": wav() for name in names}, a_svg=SVG)
    said = fact(say=[f"{name}.wav" for name in names], map=["a.svg"])
    write_sources(tmp_path, files, a=said)
    project_of(tmp_path, files, a=said)


def test_a_front_of_a_sound_or_a_picture_needs_no_question_mark(tmp_path: Path) -> None:
    files = deck(a_mp3=MP3, a_svg=SVG)
    kind = WORD.replace("How do you say {{ word }}?", "{{ say }}")
    kind = kind.replace("Where is {{ word }}?", "{{ map }}")
    project = project_of(
        tmp_path, {**files, "kinds/word.yaml": kind}, a=fact(say="a.mp3", map="a.svg")
    )
    assert "no-question-mark" not in [problem.rule for problem in check_cards(project)]


def test_files_of_the_common_key_picture_are_shown_one_below_the_other(tmp_path: Path) -> None:
    files = deck(a_svg=SVG, b_svg=SVG, hola_mp3=MP3)
    notes = notes_of(tmp_path, files, a=fact(say="hola.mp3", picture=["a.svg", "b.svg"]))
    assert without_digests(notes["a/say"].fields[4]) == (
        '<div><img src="a.svg" alt="A"></div><div><img src="b.svg" alt="A"></div>'
    )


def test_every_format_arrives_in_anki_and_is_played_or_shown(tmp_path: Path) -> None:
    media = {f"a-{ending}": (ending, data) for ending, data in SOUNDS.items()}
    media |= {f"v-{ending}": (ending, data) for ending, data in VIDEOS.items()}
    media |= {"p-svg": ("svg", SVG), "p-avif": ("avif", AVIF)}
    files = deck(**{f"{name}_{ending}": data for name, (ending, data) in media.items()})
    field = {"a": "say", "v": "film", "p": "map"}
    facts = [
        {"id": name, "kind": "word", "word": name, field[name[0]]: f"{name}.{ending}"}
        for name, (ending, _) in media.items()
    ]
    project = project_of(tmp_path, files, a=HEAD + f"  {json.dumps(facts)}\n")
    package = project.deck.packages["mini"]
    _, _, problems = build(project, [package], tmp_path / "decks", 1_600_000_000)
    assert not problems
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        arrived = {path.name: path.read_bytes() for path in Path(col.media.dir()).iterdir()}
        assert {without_digests(name): data for name, data in arrived.items()} == {
            f"{name}.{ending}": data for name, (ending, data) in media.items()
        }
        for name, (ending, _) in media.items():
            key = f"{name}/{field[name[0]]}"
            (card,) = cards_of(col, f"Key:{key}")
            shown = card.render_output()
            if name.startswith("p"):
                assert f'<img src="{name}-' in shown.answer_text
            else:
                (played,) = played_by(shown.answer_av_tags)
                assert without_digests(played) == f"{name}.{ending}"
                assert played in arrived
                assert not shown.question_av_tags
        assert not col.media.check().missing
        assert not col.media.check().unused


@pytest.mark.parametrize("field", ["say", "film", "map"])
def test_a_field_takes_files_of_its_own_type_only(tmp_path: Path, field: str) -> None:
    files = deck(a_mp3=MP3, b_mp4=VIDEOS["mp4"], c_svg=SVG, d_woff2=FONTS["woff2"])
    named = {"say": "a.mp3", "film": "b.mp4", "map": "c.svg", "": "d.woff2"}
    called = {"say": "a sound", "film": "a video", "map": "a picture", "": "a font"}
    for other, name in named.items():
        found = problems_of(tmp_path, files, a=fact(**{field: name}))
        wrong = f"“{name}” is {called[other]}, not {called[field]}"
        assert [wrong in text for text in found] == ([] if other == field else [True])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("madrd.mp3", "unknown sound “madrd.mp3”; did you mean “madrid.mp3”?"),
        ("Madrid.MP3", "unknown file “Madrid.MP3”; write “madrid.mp3”"),
        ("media/madrid.mp3", "unknown file “media/madrid.mp3”; write “madrid.mp3”"),
        (
            r"C:\media\madrid.mp3",
            "only what its package holds; put the file into media/, and write",
        ),
        (
            "https://example.org/a.mp3",
            "only what its package holds; put the file into media/, and write",
        ),
        ("zzzzz.mp3", "unknown sound “zzzzz.mp3”; put it into media/, and list it in sources.yaml"),
        ("Zürich.WAV", "is not a valid name for a media file; use small letters, digits and"),
        ("con.mp3", "“con.mp3” is not a file name that Windows allows"),
    ],
)
def test_a_name_of_no_file_is_answered_with_the_remedy(
    tmp_path: Path, name: str, message: str
) -> None:
    for value in (name, ["madrid.mp3", name], [{"item": name}]):
        (problem,) = problems_of(tmp_path, deck(madrid_mp3=MP3), a=fact(say=value))
        assert message in problem
        assert problem.startswith("facts/a.yaml:5:")
        assert problem.endswith("[unknown-media]")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.mp3", b"", "is empty; export it again as MP3"),
        ("a.mp3", b"just words", "is not of the format MP3; export it again as MP3"),
        ("a.mp3", "words".encode("utf-16"), "is not of the format MP3; export it again as MP3"),
        ("a.mp3", b"<html>", "is not of the format MP3; export it again as MP3"),
        ("a.mp3", VIDEOS["mp4"], "is of the format MPEG-4; give its name the ending .mp4"),
        ("a.mp3", wav(), "is of the format WAV; give its name the ending .wav"),
        ("a.mp3", MP3[:12], "is not of the format MP3"),
        ("a.mp3", MP3[:20], "is not of the format MP3; export it again as MP3"),
        ("a.ogg", VIDEOS["ogv"], "is of the format Ogg Theora; give its name the ending .ogv"),
        ("a.opus", VORBIS, "is of the format Ogg; give its name the ending .ogg"),
        ("a.ogg", VORBIS[:-1], "is cut short"),
        ("a.opus", OPUS[:-35], "is damaged: it has no content"),
        ("a.wav", wav()[:-1], "is cut short"),
        ("a.wav", wav()[:36], "is damaged: it has no content"),
        ("a.wav", AVI, "is of the format AVI; give its name the ending .avi"),
        ("a.flac", FLAC[:-9], "is damaged: it has no content"),
        ("a.flac", FLAC[:20], "is cut short"),
        ("a.m4a", mpeg4(b"vide"), "is a video; give its name the ending .mp4"),
        ("a.mp4", mpeg4(b"vide")[:-1], "is cut short"),
        ("a.mp4", mpeg4(b"text"), "is damaged: it has no content"),
        ("a.webm", matroska(b"matroska"), "is of the format Matroska; give its name the ending"),
        ("a.mkv", matroska(b"matroska")[:-1], "is cut short"),
        ("a.avi", AVI[:-3], "is cut short"),
        ("a.avif", AVIF[:-1], "is cut short"),
        ("a.woff2", FONTS["woff2"][:-1], "is cut short"),
        ("a.ttf", FONTS["ttf"][:-1], "is cut short"),
        ("a.jpg", b"II*\0", "is of the format TIFF, which not every Anki shows; export it as JPEG"),
        ("a.mp3", b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS"),
    ],
)
def test_what_no_program_plays_is_refused_with_the_remedy(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    listed = f"{name}: {{origin: recorded, licence: CC0, alt: A}}\n"
    files: Files = {"media/sources.yaml": listed, f"media/{name}": data}
    (problem,) = problems_of(tmp_path, files)
    assert problem.startswith("media/sources.yaml:1:1: error: ")
    assert f"media/{name} {message}" in problem


@pytest.mark.parametrize("ending", [*SOUNDS, *VIDEOS, *FONTS])
def test_no_beginning_of_a_file_makes_the_builder_fail(tmp_path: Path, ending: str) -> None:
    whole = (SOUNDS | VIDEOS | FONTS)[ending]
    names = [f"a{length}.{ending}" for length in range(len(whole))]
    listed = "".join(f"{name}: {{origin: recorded, licence: CC0}}\n" for name in names)
    files = {f"media/{name}": whole[:length] for length, name in enumerate(names)}
    found = problems_of(tmp_path, {"media/sources.yaml": listed, **files})
    assert "media/sources.yaml:1:1: error: media/a0" in found[0]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Madrid.MP3", "rename it to “madrid.mp3”"),
        ("clip.mpeg", "rename it to “clip.mpg”"),
        ("book.m4b", "rename it to “book.m4a”"),
        ("song.wma", "save it in a format that every Anki knows: picture .svg .png"),
        ("clip.wmv", "video .mp4 .webm"),
    ],
)
def test_a_name_that_no_media_file_has_is_refused_with_what_to_do(
    tmp_path: Path, name: str, advice: str
) -> None:
    files: Files = {"media/sources.yaml": "{}\n", f"media/{name}": b"x"}
    (problem,) = problems_of(tmp_path, files)
    assert problem.startswith(f"media/{name}:1:1: error: “{name}” is not a valid name")
    assert advice in problem


def test_a_folder_in_media_is_said_not_to_be_read(tmp_path: Path) -> None:
    files: Files = {"media/sources.yaml": "{}\n", "media/sounds/a.mp3": MP3}
    message = "a folder, which is not read; put its files into media/ itself"
    assert problems_of(tmp_path, files) == [f"media/sounds:1:1: error: {message} [media]"]


@pytest.mark.parametrize(("ending", "limit"), [("svg", 16), ("ttf", 16), ("mp3", 64), ("mp4", 64)])
def test_a_file_too_large_for_a_deck_is_refused(tmp_path: Path, ending: str, limit: int) -> None:
    listed = {"media/sources.yaml": f"a.{ending}: {{origin: recorded, licence: CC0}}\n"}
    src = write_sources(tmp_path, listed)
    with (src / "media" / f"a.{ending}").open("wb") as file:
        file.truncate((limit << 20) + 1)
    _, problems = load_project(src)
    assert [problem.message for problem in problems] == [
        f"media/a.{ending} cannot be read: it has more than {limit} MiB; make it smaller"
    ]


def test_facts_that_show_a_broken_file_have_no_problem_of_their_own(tmp_path: Path) -> None:
    files = deck(a_svg=SVG, b_svg=b"words", b_mp3=b"words")
    said = fact(picture=["a.svg", "b.svg"], map=["b.svg"], say="b.mp3", more="![](b.svg)")
    found = problems_of(tmp_path, files, a=said)
    assert [text.partition(":")[0] for text in found] == ["media/sources.yaml"] * 2


# In Markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![](a.svg)", '<img src="a.svg" alt="A">'),
        ("![Here](a.svg)", '<img src="a.svg" alt="Here">'),
        ('![Here](a.svg "a title")', '<img src="a.svg" alt="Here">'),
        (r"![\*x\* \[y\] & \"<z>\"](<a.svg>)", None),
        ("![](a.mp3)", "[sound:a.mp3]"),
        ("![words](a.mp4)", "[sound:a.mp4]"),
        ("![1](a.svg) ![2](b.svg)", '<img src="a.svg" alt="1"> <img src="b.svg" alt="2">'),
        ("`![](a.svg)`", "<code>!&#91;](a.svg)</code>"),
        (r"\![](a.svg)", "!&#91;](a.svg)"),
    ],
)
def test_markdown_shows_and_plays_files(tmp_path: Path, text: str, shown: str | None) -> None:
    files = deck(a_svg=SVG, b_svg=SVG, a_mp3=MP3, a_mp4=VIDEOS["mp4"])
    html = without_digests(notes_of(tmp_path, files, a=fact(more=text))["a/more"].fields[1])
    if shown is None:
        shown = '<img src="a.svg" alt="*x* &#91;y] &amp; &#34;&lt;z&gt;&#34;">'
    assert html == f"<p>{shown}</p>"


def test_a_file_unknown_to_markdown_is_named_where_it_stands(tmp_path: Path) -> None:
    more = "- one `![x](b.svg)` ![x](a.svg)\n        - ![two](b.svg)\n\n        ![](d.woff2)\n"
    said = f"{HEAD}  - id: a\n    kind: word\n    word: x\n    more: |\n        {more}"
    files = deck(a_svg=SVG, d_woff2=FONTS["woff2"])
    found = problems_of(tmp_path, files, a=said)
    assert [text.partition(": error: ")[0] for text in found] == [
        "facts/a.yaml:10:18",
        "facts/a.yaml:12:13",
    ]
    assert "unknown file “b.svg”; did you mean “a.svg”?" in found[0]
    assert "“d.woff2” is a font, not a picture or a sound or a video" in found[1]


@pytest.mark.parametrize("evil", ['"onerror="x', "[sound:a.mp3]", "{{c1::x}}", r"\(x\)", "&quot;<"])
def test_nothing_in_a_description_acts(tmp_path: Path, evil: str) -> None:
    files = deck(a_svg=SVG)
    listed = f"a.svg: {{origin: drawn, licence: CC0, alt: {json.dumps(evil)}}}\n"
    alt = evil.replace("[", r"\[").replace("]", r"\]")
    notes = notes_of(
        tmp_path,
        files | {"media/sources.yaml": listed},
        a=fact(map="a.svg", more=f"![{alt}](a.svg)"),
    )
    for key in ("a/map", "a/more"):
        html = notes[key].fields[1]
        assert html.count('"') == 4
        assert not re.search(r"\[sound|\{\{", html)
