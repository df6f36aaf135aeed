"""Sources and packages from strangers: they can neither reach out, nor act, nor go on for ever."""

# ruff: noqa: S608 - the databases here are made by hand

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import Result

from tests.command import cards, cards_alone, said_of
from tests.engine import cards_of, collection, double_click
from tests.public import changes, load_project
from tests.sources import HEAD, MINI, problems_of, write_sources

A = "  - {id: a, kind: event, event: was a, date: 1994}\n"


def said(done: Result) -> str:
    """The problems that the command printed, one a line."""
    return "\n".join(said_of(done.output))


# Templates


def kind(front: str) -> dict[str, str]:
    """A kind with this front, in a block scalar, so that it needs no quoting."""
    fields = "fields:\n  a: {type: text}\n  items: {type: list}\n"
    prompt = f"prompts:\n  p:\n    back: '{{{{ a }}}}'\n    front: |-\n      {front}\n"
    return {"kinds/k.yaml": f"about: A kind.\n{fields}{prompt}"}


@pytest.mark.parametrize(
    "template",
    [
        "{{ a.__class__ }}",
        "{{ a['__class__']['__mro__'] }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ a | attr('__class__') }}",
        "{{ items | map(attribute='__class__') | join }}",
        "{{ self._TemplateReference__context }}",
        "{{ a.format() }}",
        "{{ '{0.__class__}' | format(a) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum() }}",
        "{% for i in range(10**9) %}{{ a }}{% endfor %}",
        "{% for i in 'x' * 1000000000 %}{{ a }}{% endfor %}",
        "{% for i in items %}{% for j in items %}{{ a }}{% endfor %}{% endfor %}",
        "{% for i in items recursive %}{{ loop(items) }}{% endfor %}{{ a }}",
        "{{ 9 ** 9 ** 9 }}{{ a }}",
        "{{ a ~ 'x' * 10000000 }}",
        "{{ a | center(1000000000) }}",
        "{{ a | wordwrap(1) | indent(1000000000) }}",
        "{% include '/etc/passwd' %}{{ a }}",
        "{% import 'os' as os %}{{ a }}",
        "{% extends a %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}{{ a }}",
        "{% set x = a %}{{ x }}",
        "{% filter upper %}{{ a }}{% endfilter %}",
        "{{ " + "(" * 500 + "a" + ")" * 500 + " }}",
        "{{ " + "not " * 2000 + "a }}",
        "{{ a }}" * 400,
    ],
)
def test_a_template_shows_values_and_can_do_nothing_else(tmp_path: Path, template: str) -> None:
    found = problems_of(tmp_path, kind(template), a=HEAD + "  - {id: a, kind: k, a: A, items: [b]}")
    assert found
    assert all(re.match(r"kinds/k\.yaml:\d+:\d+: error: .*\[template\]\Z", text) for text in found)


@pytest.mark.parametrize(
    "template", ["[[ question.__class__ ]]", "[% for i in range(9) %]x[% endfor %]", "[[ 9**9 ]]"]
)
def test_so_does_the_template_of_a_card(tmp_path: Path, template: str) -> None:
    files = {"card/front.html": f"{template}[[ question ]]{{{{Topic}}}}"}
    found = problems_of(tmp_path, files)
    assert found
    assert all(re.match(r"card/front\.html:\d+:\d+: error: ", text) for text in found)


def test_a_template_that_doubles_and_doubles_is_stopped(tmp_path: Path) -> None:
    items = ", ".join(f"{'x' * 90}{n}" for n in range(100))
    template = "{% for i in items %}" + "{{ items | join }}" * 10 + "{% endfor %}{{ a }}"
    facts = f"{HEAD}  - {{id: a, kind: k, a: A, items: [{items}]}}\n"
    (found,) = problems_of(tmp_path, kind(template), a=facts)
    assert "comes out longer than 100,000 characters [prompt]" in found


# Texts

NASTY = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> \" onload='alert(1)' x=\""
    " </div></a></style><style>*{display:none}</style> [x](javascript:alert(1))"
    " <javascript:alert(1)>"
    " ![x](http://evil.example/x.png) [sound:x.mp3] [latex]\\input{/etc/passwd}[/latex] [$]x[/$]"
    " [anki:tts lang=en]x[/anki:tts] \\(\\href{javascript:alert(1)}{x}\\) \\\\(\\\\href{y}{x}\\\\)"
    " &lt;script&gt; &#60;script&#62; <!-- --> {{FrontSide}} {{c7::x}} {{#Front}} %s {0}"
)


class Markup(HTMLParser):
    """What a browser would act upon: the elements and their attributes, without the texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("span", "br"):
            self.seen.append((tag, tuple(name for name, _ in attrs)))
        for name, value in attrs:
            assert not (value or "").strip().lower().startswith(("javascript:", "data:")), value
            assert not name.startswith("on")


def facts_that_say(text: str) -> dict[str, str]:
    """A deck that says a text wherever one can be said."""
    quoted = "'" + text.replace("'", "''") + "'"
    gapless = "'" + text.replace("'", "''").replace("{{", "{ { ").replace("}}", "} }") + "'"
    facts = f"""
        topic: forums::arf
        level: core
        source: {{doc: handbook, at: {quoted}}}
        facts:
          - {{id: a, kind: event, event: {quoted}, place: {quoted}, date: 1994, picture: m.svg,
             note: {quoted}, caution: {quoted}}}
          - {{id: b, kind: term, term: {quoted}, meaning: {quoted}, clue: {quoted}}}
          - {{id: c, kind: list, list: {quoted}, items: [x, {quoted}]}}
          - {{id: d, kind: cloze, text: {gapless[:-1]} {{{{c1::y}}}}'}}
    """
    return {
        "facts/a.yaml": facts,
        "sources.yaml": f"handbook: {{title: {quoted}, author: {quoted}, year: {quoted}}}\n",
        "media/sources.yaml": f"m.svg: {{origin: {quoted}, licence: {quoted}, alt: {quoted}}}\n",
        "media/m.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "tags.yaml": MINI["tags.yaml"].replace("The regional forum", f"{quoted}"),
    }


def shown(root: Path, text: str) -> dict[str, tuple[list[object], int]]:
    """What Anki makes of that deck: per side of a card its markup, and the sounds that it plays."""
    src = write_sources(root, facts_that_say(text))
    done = cards(root, "build", "--src", src, "--decks", root / "decks")
    assert done.exit_code == 0, done.output
    sides: dict[str, tuple[list[object], int]] = {}
    with collection(root / "anki.anki2") as col:
        double_click(col, root / "decks" / "mini.apkg")
        for card in cards_of(col):
            name = f"{card.note()['Key']} {card.ord}"
            output = card.render_output()
            sounds = len(output.question_av_tags) + len(output.answer_av_tags)
            sides[f"{name} front"] = [*Markup(output.question_text).seen], sounds
            sides[f"{name} back"] = [*Markup(output.answer_text).seen], sounds
    return sides


def test_no_text_puts_markup_script_sound_or_formula_with_links_on_a_card(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "nasty").mkdir()
    plain = shown(tmp_path / "plain", "[x](https://example.org) with a link")
    nasty = shown(tmp_path / "nasty", NASTY)
    assert len(plain) == len(nasty) == 14
    for side, (markup, sounds) in nasty.items():
        assert sounds == 0
        links = {("a", ("href",))}
        assert [item for item in markup if item not in links] == [
            item for item in plain[side][0] if item not in links
        ], side


def test_no_text_makes_the_checks_go_on_for_ever(tmp_path: Path) -> None:
    units = [
        "0",
        "0,",
        "1.",
        "a ",
        "aA",
        "[",
        "*a_",
        "`",
        "<a ",
        "&#1",
        "((",
        "\\(",
        ", ",
        "is it ",
    ]
    texts = [(unit * 4_000)[:4_000].strip() for unit in units]
    facts = "".join(
        f"  - {{id: a-{n}, kind: event, event: '{text}', date: 1994, note: '{text}'}}\n"
        for n, text in enumerate(texts)
    )
    write_sources(tmp_path, a=HEAD + facts)
    # It takes seconds; what goes wrong here would take hours.
    done = cards_alone(tmp_path, "check")
    assert "Traceback" not in done.stderr
    assert f"{len(units)} facts" in done.stderr


def test_a_template_cannot_leave_a_gap_open(tmp_path: Path) -> None:
    files = kind("{{ '" + "{{c1::x" * 1000 + "' }}{{ a }}")
    files["kinds/k.yaml"] = files["kinds/k.yaml"].replace("back: '{{ a }}'\n    front", "cloze")
    (found,) = problems_of(tmp_path, files, a=HEAD + "  - {id: k, kind: k, a: x}\n")
    assert found.endswith("has a malformed cloze deletion [prompt]")


# Files


def test_sources_that_are_links_or_devices_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("top: secret\n", "utf-8")
    for name in (
        "facts/a.yaml",
        "decks.yaml",
        "sources.yaml",
        "kinds/event.yaml",
        "card/back.html",
    ):
        src = write_sources(tmp_path)
        (src / name).unlink()
        (src / name).symlink_to(tmp_path / "secret.yaml")
        done = cards(src.parent, "check", "--src", src, "--decks", src.parent / "decks")
        assert done.exit_code == 1
        assert "a symbolic link, which could lead out of the project [file]" in said(done)
        assert "secret" not in done.output
        (src / name).unlink()
        os.mkfifo(src / name)
        assert (
            "cannot be read: not a regular file"
            in cards(src.parent, "check", "--src", src, "--decks", src.parent / "decks").output
        )
        (src / name).unlink()
        (src / name).mkdir()
        assert (
            "cannot be read: not a regular file"
            in cards(src.parent, "check", "--src", src, "--decks", src.parent / "decks").output
        )


def test_folders_that_are_links_are_not_followed(tmp_path: Path) -> None:
    for name in ("facts", "kinds", "media", "card"):
        src = write_sources(tmp_path, {"media/sources.yaml": "{}\n"})
        (src / name).rename(tmp_path / f"elsewhere-{name}")
        (src / name).symlink_to(tmp_path / f"elsewhere-{name}")
        done = cards(src.parent, "check", "--src", src, "--decks", src.parent / "decks")
        assert done.exit_code == 1
        assert "a symbolic link, which could lead out of the project [file]" in said(done)
    src = write_sources(tmp_path)
    (src / "facts" / "more").symlink_to(tmp_path / "elsewhere-facts")
    done = cards(src.parent, "check", "--src", src, "--decks", src.parent / "decks")
    assert done.exit_code == 0
    assert done.output.splitlines()[-1].startswith("1 fact, 1 note")


@pytest.mark.parametrize("way", ["link", "folder", "pipe", "large"])
def test_a_picture_is_a_plain_file_of_its_folder(tmp_path: Path, way: str) -> None:
    listed = {"media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A map}\n"}
    src = write_sources(tmp_path, listed)
    picture = src / "media" / "m.svg"
    if way == "link":
        picture.symlink_to("/etc/passwd")
    elif way == "folder":
        picture.mkdir()
    elif way == "pipe":
        os.mkfifo(picture)
    else:
        with picture.open("wb") as file:
            file.truncate((16 << 20) + 1)
    _, problems = load_project(src)
    assert [(problem.rule, problem.place.line) for problem in problems] == [("media", 1)]


@pytest.mark.parametrize(
    "name",
    [
        *("../m.svg", "/etc/passwd.svg", "sub/m.svg", "..svg", "c:m.svg", "m.svg/../n.svg"),
        *("con.svg", "nul.svg", "com1.svg", "lpt9.svg", "aux.svg", "M.svg", "m .svg", "m.svg "),
        *("m.exe", "m.html", "m\\\\n.svg", "é.svg", f"{'m' * 100}.svg", "m?.svg", "m..svg"),
    ],
)
def test_a_picture_has_a_name_that_is_safe_everywhere(tmp_path: Path, name: str) -> None:
    listed = {"media/sources.yaml": f'"{name}": {{origin: drawn, licence: CC0, alt: A map}}\n'}
    found = problems_of(tmp_path, listed)
    assert [text.rpartition(" ")[2] for text in found] == ["[media]"]


@pytest.mark.parametrize("name", ["con", "nul", "lpt1", "../x", "a/b", "A", "a.b", "a" * 81, "-a"])
def test_a_package_has_a_name_that_is_safe_everywhere(tmp_path: Path, name: str) -> None:
    decks = MINI["decks.yaml"].replace("mini-core:", f'"{name}":')
    found = problems_of(tmp_path, {"decks.yaml": decks})
    assert [text.rpartition(" ")[2] for text in found] == ["[package]"]


def test_a_file_beyond_all_use_is_not_read(tmp_path: Path) -> None:
    src = write_sources(tmp_path)
    with (src / "facts" / "b.yaml").open("wb") as file:
        file.truncate((64 << 20) + 1)
    _, problems = load_project(src)
    assert [str(problem) for problem in problems] == [
        f"{src}/facts/b.yaml:1:1: error: cannot be read: it has more than 64 MiB [file]"
    ]


def test_a_bomb_of_aliases_is_refused_at_the_first(tmp_path: Path) -> None:
    lines = ["a0: &a0 x"] + [f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]" for n in range(1, 30)]
    found = problems_of(tmp_path, bomb="\n".join(lines))
    message = "YAML anchor; write the value out, or quote a text that begins with “&” [anchor]"
    assert f"facts/bomb.yaml:1:5: error: {message}" in found


# What is written


def folders(root: Path, name: str = "decks") -> list[object]:
    return ["--src", root / "src", "--decks", root / name]


OTHERS = ("mine", ".bashrc.new", ".preview.html.new", ".x.apkg.new", ".mini.apkg.new")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder of the user's, nothing of which may change."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in OTHERS:
        (folder / name).write_text("precious", "utf-8")
    yield folder
    assert sorted(path.name for path in folder.iterdir()) == sorted(OTHERS)
    assert {path.read_text("utf-8") for path in folder.iterdir()} == {"precious"}


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    """A folder with sources that have schemas, and what was built from them."""
    src = write_sources(tmp_path)
    assert cards(tmp_path, "schema", "--src", src).exit_code == 0
    assert cards(tmp_path, "build", *folders(tmp_path)).exit_code == 0
    return tmp_path


def test_a_link_where_a_page_or_package_is_written_leads_nowhere(deck: Path, home: Path) -> None:
    query = "tag:Mini::level::core"
    for name, command in {
        "preview.html": ["preview"],
        "x.apkg": ["build", "--only", query],
    }.items():
        for link in (name, f".{name}.new"):
            (deck / link).symlink_to(home / "mine")
        (deck / ".mine.new").symlink_to(home / "mine")
        done = cards(deck, *command, "-o", deck / name, *folders(deck))
        assert done.exit_code == 0, done.output
        assert not (deck / name).is_symlink()
        assert (deck / name).stat().st_size > 1000
        assert (deck / f".{name}.new").is_symlink()
        (deck / ".mine.new").unlink()


@pytest.mark.parametrize("command", [["preview"], ["build", "--only", "tag:Mini::level::core"]])
def test_what_is_no_file_is_not_replaced_by_one(deck: Path, command: list[str]) -> None:
    os.mkfifo(deck / "pipe.apkg")
    (deck / "link.apkg").symlink_to(deck / "pipe.apkg")
    for name in ("pipe.apkg", "link.apkg"):
        done = cards(deck, *command, "-o", deck / name, *folders(deck))
        assert done.exit_code == 1
        assert (
            said(done) == f"{deck / name}:1:1: error: cannot be written: not a regular file [file]"
        )
        assert (deck / name).is_fifo()


def test_a_linked_folder_of_packages_or_schemas_is_refused(deck: Path, home: Path) -> None:
    (deck / "linked").symlink_to(home)
    for command in (["build"], ["build", "--check"], ["check"], ["show", "first-meeting"]):
        done = cards(deck, *command, *folders(deck, "linked"))
        assert done.exit_code == 1
        assert f"{deck}/linked:1:1: error: it is a symbolic link" in said(done)
    schema = deck / "src" / "schema"
    shutil.rmtree(schema)
    schema.symlink_to(home)
    for command in (["schema"], ["schema", "--check"], ["check"]):
        done = cards(deck, *command, "--src", deck / "src")
        assert done.exit_code == 1
        assert f"{schema}:1:1: error: a symbolic link" in said(done)


BUILT = ("ledger.jsonl", "STUDY.md", "mini.apkg", ".lock")


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("way", ["link", "pipe", "folder", "loop", "socket"])
def test_what_is_no_file_of_ours_is_neither_read_nor_written(
    deck: Path, home: Path, name: str, way: str
) -> None:
    path = deck / "decks" / name
    path.unlink()
    if way == "link":
        path.symlink_to(home / "mine")
    elif way == "pipe":
        os.mkfifo(path)
    elif way == "folder":
        path.mkdir()
    elif way == "loop":
        path.symlink_to(path)
    else:
        os.mknod(path, 0o644 | stat.S_IFSOCK)
    kind = path.lstat().st_mode
    for command in (
        *(["build"], ["build", "mini"], ["build", "--check"], ["check"], ["preview"]),
        *(["show", "first-meeting"], ["changes", deck / "decks" / "mini-core.apkg"]),
        ["build", "--only", "tag:Mini::level::core", "-o", deck / "x.apkg"],
    ):
        done = cards(deck, *command, *folders(deck))
        assert done.exit_code == 1
        assert f"{path}:1:1: error: cannot be read: " in said(done)
        assert path.lstat().st_mode == kind


def test_a_lock_that_holds_something_is_a_problem(deck: Path) -> None:
    (deck / "decks" / ".lock").write_text("text", "utf-8")
    done = cards(deck, "build", *folders(deck))
    assert done.exit_code == 1
    assert said(done).startswith(
        f"{deck}/decks/.lock:1:1: error: not a lock, since it is not empty"
    )
    assert (deck / "decks" / ".lock").read_text("utf-8") == "text"


def test_only_what_a_killed_build_left_is_removed(deck: Path, home: Path) -> None:
    decks = deck / "decks"
    ours = decks / f".cards-{'0' * 16}.new"
    others = [decks / name for name in (".bashrc.new", ".mini.apkg.new", ".cards-mine.new")]
    for path in (ours, *others):
        path.write_text("left", "utf-8")
    link, folder = (decks / f".cards-{digit * 16}.new" for digit in "12")
    link.symlink_to(home / "mine")
    folder.mkdir()
    write_sources(deck, a=HEAD + A)
    assert cards(deck, "build", *folders(deck)).exit_code == 0
    assert not ours.exists()
    assert all(path.read_text("utf-8") == "left" for path in others)
    assert link.is_symlink()
    assert folder.is_dir()


def test_a_file_that_is_right_is_not_written_again(deck: Path) -> None:
    before = {path: path.stat().st_ino for path in (deck / "decks").iterdir()}
    css = deck / "src" / "card" / "style.css"
    css.write_text(css.read_text("utf-8") + "\n", "utf-8")
    assert cards(deck, "build", *folders(deck)).exit_code == 0
    after = {path: path.stat().st_ino for path in (deck / "decks").iterdir()}
    changed = {path.name for path in before if before[path] != after[path]}
    assert changed == {"ledger.jsonl", "mini.apkg", "mini-core.apkg"}
    assert before.keys() == after.keys()


# Folders and names


@pytest.mark.parametrize("name", ["facts", "facts/more", "kinds", "media", "card", ""])
def test_a_folder_that_cannot_be_read_is_an_error(
    deck: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    src = deck / "src"
    (src / name).mkdir(exist_ok=True)
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if str(path) == str(src / name):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    before = (deck / "decks" / "ledger.jsonl").read_bytes()
    for command in (["check"], ["build"], ["build", "--check"], ["preview"]):
        done = cards(deck, *command, *folders(deck))
        assert done.exit_code == 1
        message = f"{src / name}:1:1: error: cannot be read: permission denied [file]"
        assert message in said_of(done.output)
    assert (deck / "decks" / "ledger.jsonl").read_bytes() == before


def test_folders_too_deep_to_be_read_are_an_error(deck: Path) -> None:
    # Python finds no path to what lies below; such a folder can only be made step by step.
    made = "import os\nfor _ in range(40): os.mkdir('d' * 200); os.chdir('d' * 200)"
    subprocess.run([sys.executable, "-c", made], cwd=deck / "src" / "facts", check=True)
    done = cards(deck, "build", *folders(deck))
    assert done.exit_code == 1
    assert "cannot be read: file name too long [file]" in said(done)
    shutil.rmtree(deck / "src")


ODD = [b"\xff", b"\x1b[2J", b"a\nb", b"\x9b", "\u202e".encode(), "\u2028".encode()]


PLACES = ["facts/%.yaml", "facts/%/x.yaml", "kinds/%.yaml", "media/%.svg", "card/%", "%.yaml"]


@pytest.mark.parametrize(("place", "odd"), [*zip(PLACES, ODD, strict=True)])
def test_a_name_that_cannot_be_shown_is_a_problem(deck: Path, place: str, odd: bytes) -> None:
    path = deck / "src" / place.replace("%", os.fsdecode(odd))
    path.parent.mkdir(exist_ok=True)
    shutil.copy(deck / "src" / "facts" / "a.yaml", path)
    for command in (["check"], ["build"], ["preview"], ["tags"]):
        done = cards(deck, *command, *folders(deck))
        assert done.exit_code == 1
        (line,) = (text for text in said_of(done.output) if "cannot be shown" in text)
        assert re.fullmatch(r".*/src/.*:1:1: error: its name has characters .* \[file\]", line)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]", done.output)
    found = json.loads(cards(deck, "check", "--format", "json", *folders(deck)).stdout)
    assert [problem["rule"] for problem in found if problem["severity"] == "error"] == ["file"]
    github = cards(deck, "check", "--format", "github", *folders(deck)).stdout
    assert all(
        line.startswith(("::error file=", "::warning file=")) for line in github.splitlines()
    )


def test_so_is_one_among_the_packages(deck: Path) -> None:
    for odd in ODD:
        path = deck / "decks" / f"{os.fsdecode(odd)}.apkg"
        path.write_bytes(b"")
        for command in (["check"], ["build"], ["build", "--check"]):
            done = cards(deck, *command, *folders(deck))
            assert done.exit_code == 1
            assert "its name has characters that cannot be shown" in done.output
        path.unlink()


@pytest.mark.parametrize("odd", ["\udcff", "\x1b[2J", "a\nb", "\u202e"])
def test_odd_words_on_the_command_line_are_shown_harmlessly(deck: Path, odd: str) -> None:
    for command in (
        *(["build", odd], ["show", odd], ["tags", f"tag:{odd}"], ["tags", f"{odd}:x"]),
        *(["check", "--src", deck / odd], ["build", "--src", deck / odd], ["changes", odd]),
        ["build", "--only", f"tag:{odd}", "-o", deck / "x.apkg"],
        ["build", "--only", f"tag:* or tag:{odd}", "-o", deck / "x.apkg"],
        ["build", "--only", "tag:*", "-o", deck / f"{odd}.html"],
        ["build", "--only", "tag:*", "-o", deck / f"{odd}.apkg"],
        ["preview", "-o", deck / odd / "x.html"],
        ["build", "--decks", deck / odd],
    ):
        done = cards(deck, command[0], *folders(deck), *command[1:])
        assert done.exit_code in (0, 1, 2)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\udcff]", done.output)


def test_a_search_that_anki_could_not_read_makes_no_package(deck: Path) -> None:
    for odd in ("\udcff", "\x1b"):
        query = f"tag:* or tag:{odd}"
        done = cards(deck, "build", "--only", query, "-o", deck / "x.apkg", *folders(deck))
        assert done.exit_code == 2
        assert "it has a character that cannot be shown" in done.output
        assert not (deck / "x.apkg").exists()


def test_sources_below_a_folder_with_an_odd_name_are_built(tmp_path: Path) -> None:
    root = tmp_path / "a\nb\x1b[2J"
    root.mkdir()
    write_sources(root)
    done = cards(root, "build", *folders(root))
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 3
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", done.output)


def test_so_are_those_in_one_whose_name_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "\udcff"
    root.mkdir()
    write_sources(root)
    monkeypatch.chdir(root)
    for command in (["build"], ["build"], ["check"], ["preview"]):
        assert cards(root, *command).exit_code == 0
    done = cards(root, "build", *folders(root))
    assert done.exit_code == 1
    assert "its path is not in UTF-8 [file]" in said(done)


def test_files_that_come_and_go_are_seen_while_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "round").symlink_to("round")
    os.mkfifo(tmp_path / "pipe")
    seen = changes([tmp_path])
    (tmp_path / "a.yaml").write_text("facts:", "utf-8")
    assert next(seen) is None


def test_sources_and_packages_lie_apart(tmp_path: Path) -> None:
    src = write_sources(tmp_path)
    (tmp_path / "link").symlink_to(src)
    for decks in (src, src / "facts", src / "new" / "decks", tmp_path, tmp_path / "link" / "x"):
        for command in (["build"], ["check"], ["preview"], ["show", "first-meeting"]):
            done = cards(tmp_path, *command, "--src", src, "--decks", decks)
            assert done.exit_code == 2
            assert "must be separate folders" in done.output
    assert sorted(path.name for path in src.iterdir()) == sorted(
        {name.partition("/")[0] for name in MINI}
    )


@pytest.mark.parametrize("command", [["check"], ["build"], ["tags"], ["schema"], ["preview"]])
def test_a_file_is_no_folder(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "file").write_text("text", "utf-8")
    done = cards(tmp_path, *command, "--src", tmp_path / "file", "--decks", tmp_path / "decks")
    assert done.exit_code == 1
    assert said_of(done.output)[0] == f"{tmp_path}/file:1:1: error: not a folder [file]"


@pytest.mark.parametrize("name", ["facts", "kinds", "media", "card", "schema"])
def test_nor_is_it_one_among_the_sources(deck: Path, name: str) -> None:
    shutil.rmtree(deck / "src" / name, ignore_errors=True)
    (deck / "src" / name).write_text("text", "utf-8")
    command = "schema" if name == "schema" else "build"
    done = cards(deck, command, *folders(deck))
    assert done.exit_code == 1
    assert f"{deck}/src/{name}" in said(done)
    assert "not a directory [file]" in said(done) or "not a folder [file]" in said(done)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        *((given, False) for given in ("0", "1", "-1", "946684799", "4102444800", "9" * 20)),
        *((given, True) for given in ("946684800", "4102444799")),
    ],
)
def test_a_deck_is_built_in_this_century(tmp_path: Path, given: str, *, taken: bool) -> None:
    write_sources(tmp_path)
    done = cards(tmp_path, "build", SOURCE_DATE_EPOCH=given)
    assert done.exit_code == (0 if taken else 2), done.output
    if taken:
        again = cards(tmp_path, "build", "--check", SOURCE_DATE_EPOCH=given)
        assert (again.exit_code, again.output) == (0, "")
    else:
        assert done.output.endswith(
            "SOURCE_DATE_EPOCH is not a time between the years 2000 and 2100,"
            f" in seconds since 1970: {given}\n"
        )
        assert not (tmp_path / "decks").exists()


def test_a_clock_that_was_never_set_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sources(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setattr("time.time", lambda: 86400.0)
    done = cards(tmp_path, "build", *folders(tmp_path))
    assert done.exit_code == 2
    assert "the clock of this computer is not a time between the years" in done.output


def test_a_terminal_without_these_characters_gets_others(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + "  - {id: a, kind: evént}\n")
    done = cards_alone(tmp_path, "check", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "facts/a.yaml:5:19\n" in done.stdout


# Packages that are given to `cards changes`

FIELDS = '[{"name": "A"}, {"name": "Key"}]'
MODEL = f'{{"5": {{"id": 5, "flds": {FIELDS}, "name": "x", "mod": 1, "css": "", "tmpls": []}}}}'
TABLES = """
    create table col(models, decks);
    create table notes(id, guid, mid, mod, tags, flds);
    create table cards(id, nid, did, ord, due);
"""


def database(script: str, models: str = MODEL) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.executescript(script)
    if "col(models" in script:
        connection.execute("insert into col values (?, '{}')", [models])
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def zipped(members: dict[str, bytes], way: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", way) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def package(script: str = TABLES, more: dict[str, bytes] | None = None) -> bytes:
    return zipped({"collection.anki2": database(script), "media": b"{}", **(more or {})})


ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) "
FINE = package(
    TABLES + "insert into notes values (1, 'g', 5, 1, '', 'x' || char(31) || 'a/b');"
    "insert into cards values (1, 1, 1, 0, 1);"
)


def refused(root: Path, data: bytes) -> str:
    """What is said of a package that is not taken."""
    (root / "old.apkg").write_bytes(data)
    (root / "new.apkg").write_bytes(FINE)
    done = cards(root, "changes", root / "old.apkg", root / "new.apkg")
    assert done.exit_code == 1, done.output
    assert {path.name for path in root.iterdir()} == {"old.apkg", "new.apkg"}
    return said(done)


def test_a_fine_package_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.apkg").write_bytes(FINE)
    done = cards(tmp_path, "changes", tmp_path / "a.apkg", tmp_path / "a.apkg")
    assert (done.exit_code, done.output) == (0, "Nothing changes for learners.\n")


def test_a_package_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    for end in range(0, len(FINE), 37):
        assert "cannot be read: not a package" in refused(tmp_path, FINE[:end])


@pytest.mark.parametrize(
    "members",
    [
        {"../../evil": b"x"},
        {"/etc/cron.d/evil": b"x"},
        {"C:\\evil": b"x"},
        {"sub/0": b"x"},
        {"collection.anki21": b"x"},
        {"0\n": b"x"},
    ],
)
def test_a_package_with_other_names_inside_is_refused(
    tmp_path: Path, members: dict[str, bytes]
) -> None:
    assert "not a package made by `cards build`" in refused(tmp_path, package(more=members))


def test_a_name_that_is_twice_in_a_package_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO(FINE)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("media", b"{}")
    assert "not a package made by `cards build`" in refused(tmp_path, buffer.getvalue())


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = package(more={"0": bytes(80 << 20)})
    assert len(bomb) < 1 << 20
    assert "not a package made by `cards build`" in refused(tmp_path, bomb)
    lying = bomb.replace((80 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != bomb
    assert "cannot be read: not a package" in refused(tmp_path, lying)


@pytest.mark.parametrize(
    "script",
    [
        TABLES.replace(
            "create table notes(id, guid, mid, mod, tags, flds)",
            "create view notes as "
            + ENDLESS
            + "select i as id, i as guid, 5 as mid, 1 as mod, '' as tags, '' as flds from n",
        ),
        TABLES.replace(
            "create table cards(id, nid, did, ord, due)",
            "create view cards as "
            + ENDLESS
            + "select i as id, 1 as nid, 1 as did, 0 as ord, 0 as due from n",
        ),
        TABLES.replace(
            "create table col(models, decks)",
            "create table c(models, decks); create view col as select * from c, c, c",
        ),
        TABLES.replace("create table notes(", "create virtual table notes using fts5("),
        TABLES.replace("flds)", "flds as (zeroblob(1000000000)))")
        + "insert into notes values (1, 'g', 5, 1, '');",
        TABLES + "create view more as " + ENDLESS + "select i from n;"
        "insert into notes values (1, 'g', 5, 1, '', zeroblob(60000000));",
        TABLES + "insert into notes values (1, 'g', 5, 1, '', 'only one field');",
        TABLES + "insert into notes values (1, x'00ff', 5, 'now', 1.5, 7);",
        TABLES + "insert into cards values (1, 'x', 'y', 'z', null);",
        "create table other(x);",
    ],
)
def test_a_hostile_database_is_refused(tmp_path: Path, script: str) -> None:
    assert "not a package made by `cards build`" in refused(tmp_path, package(script))


def test_what_a_package_says_gives_no_orders_to_the_terminal(tmp_path: Path) -> None:
    words = "'\x1b]0;owned\x07\x1b[31m' || char(31) || 'a/b' || char(27) || '[2J'"
    script = f"{TABLES} insert into notes values (1, 'g', 5, 1, 'x' || char(27), {words});"
    data = package(script + "insert into cards values (1, 1, 1, 0, 1);")
    (tmp_path / "old.apkg").write_bytes(data)
    (tmp_path / "new.apkg").write_bytes(FINE)
    for pair in (("old", "new"), ("new", "old")):
        done = cards(tmp_path, "changes", *(tmp_path / f"{name}.apkg" for name in pair))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", done.output)


def test_what_sources_say_gives_no_orders_to_the_terminal(tmp_path: Path) -> None:
    src = write_sources(tmp_path, a=HEAD + A + '  - {id: "\\e[2J", kind: "\\x9b2J"}\n')
    for form in ("text", "json", "github"):
        done = cards(
            src.parent, "check", "--src", src, "--decks", src.parent / "decks", "--format", form
        )
        assert done.exit_code == 1
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", done.output)
