"""Sources and packages from strangers: they can neither reach out, nor act, nor go on for ever."""

# ruff: noqa: S608 - the databases here are made by hand

from __future__ import annotations

import io
import os
import re
import sqlite3
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from builder.cli import main
from builder.pipeline import load_project
from tests.engine import cards_of, collection, double_click
from tests.sources import MINI, problems_of, write_sources

HEAD = "topic: basics\nlevel: core\nsource: {doc: handbook, at: p. 1}\nfacts:\n"
A = "  - {id: a, kind: event, event: was a, date: 1994}\n"


def cards(*words: object) -> Result:
    """The command; a traceback fails the test."""
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    return done


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
    items = ", ".join(f"{'x' * 90}{n}" for n in range(300))
    template = "{% for i in items %}" + "{{ items | join }}" * 20 + "{% endfor %}{{ a }}"
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
    said = "'" + text.replace("'", "''") + "'"
    gapless = "'" + text.replace("'", "''").replace("{{", "{ {").replace("}}", "} }") + "'"
    facts = f"""
        topic: forums::arf
        level: core
        source: {{doc: handbook, at: {said}}}
        facts:
          - {{id: a, kind: event, event: {said}, place: {said}, date: 1994, picture: m.svg,
             note: {said}, caution: {said}}}
          - {{id: b, kind: term, term: {said}, meaning: {said}, clue: {said}}}
          - {{id: c, kind: list, list: {said}, items: [x, {said}]}}
          - {{id: d, kind: cloze, text: {gapless[:-1]} {{{{c1::y}}}}'}}
    """
    return {
        "facts/a.yaml": facts,
        "sources.yaml": f"handbook: {{title: {said}, author: {said}, year: {said}}}\n",
        "media/sources.yaml": f"m.svg: {{origin: {said}, licence: {said}, alt: {said}}}\n",
        "media/m.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "tags.yaml": MINI["tags.yaml"].replace("The regional forum", f"{said}"),
    }


def shown(root: Path, text: str) -> dict[str, tuple[list[object], int]]:
    """What Anki makes of that deck: per side of a card its markup, and the sounds that it plays."""
    src = write_sources(root, facts_that_say(text))
    done = cards("build", "--src", src, "--decks", root / "decks")
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
    texts = [(unit * 10_000)[:10_000].strip() for unit in units]
    facts = "".join(
        f"  - {{id: a-{n}, kind: event, event: '{text}', date: 1994, note: '{text}'}}\n"
        for n, text in enumerate(texts)
    )
    src = write_sources(tmp_path, a=HEAD + facts)
    command = [sys.executable, "-m", "builder", "check", "--src", str(src)]
    command += ["--decks", str(tmp_path / "decks")]
    # It takes seconds; what goes wrong here would take hours.
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert "Traceback" not in done.stderr
    assert f"{len(units)} facts" in done.stderr


def test_a_template_cannot_leave_a_gap_open(tmp_path: Path) -> None:
    files = kind("{{ '" + "{{c1::x" * 1000 + "' }}{{ a }}")
    files["kinds/k.yaml"] = files["kinds/k.yaml"].replace("back: '{{ a }}'\n    front", "cloze")
    (found,) = problems_of(tmp_path, files, a=HEAD + "  - {id: k, kind: k, a: x}\n")
    assert found.endswith("has a gap that is not well formed [prompt]")


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
        done = cards("check", "--src", src, "--decks", src.parent / "decks")
        assert done.exit_code == 1
        assert "a symbolic link, which could lead out of the project [file]" in done.output
        assert "secret" not in done.output
        (src / name).unlink()
        os.mkfifo(src / name)
        assert (
            "not a regular file [file]"
            in cards("check", "--src", src, "--decks", src.parent / "decks").output
        )
        (src / name).unlink()
        (src / name).mkdir()
        assert (
            "not a regular file [file]"
            in cards("check", "--src", src, "--decks", src.parent / "decks").output
        )


def test_folders_that_are_links_are_not_followed(tmp_path: Path) -> None:
    for name in ("facts", "kinds", "media", "card"):
        src = write_sources(tmp_path, {"media/sources.yaml": "{}\n"})
        (src / name).rename(tmp_path / f"elsewhere-{name}")
        (src / name).symlink_to(tmp_path / f"elsewhere-{name}")
        done = cards("check", "--src", src, "--decks", src.parent / "decks")
        assert done.exit_code == 1
        assert "a symbolic link, which could lead out of the project [file]" in done.output
    src = write_sources(tmp_path)
    (src / "facts" / "more").symlink_to(tmp_path / "elsewhere-facts")
    done = cards("check", "--src", src, "--decks", src.parent / "decks")
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
    assert [(problem.rule, problem.line) for problem in problems] == [("media", 1)]


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
    assert "facts/bomb.yaml:1:5: error: an anchor; write the value out [anchor]" in found


# Packages that are given to `cards changes`

FIELDS = '[{"name": "A"}, {"name": "Key"}]'
MODEL = f'{{"5": {{"flds": {FIELDS}, "name": "x", "mod": 1, "css": "", "tmpls": []}}}}'
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
    done = cards("changes", root / "old.apkg", root / "new.apkg")
    assert done.exit_code == 1, done.output
    assert {path.name for path in root.iterdir()} == {"old.apkg", "new.apkg"}
    return done.output


def test_a_fine_package_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.apkg").write_bytes(FINE)
    done = cards("changes", tmp_path / "a.apkg", tmp_path / "a.apkg")
    assert (done.exit_code, done.output) == (0, "Nothing changes for learners.\n")


def test_a_package_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    for end in range(0, len(FINE), 37):
        assert "cannot be read: it is no package" in refused(tmp_path, FINE[:end])


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
    assert "it is no package that cards built" in refused(tmp_path, package(more=members))


def test_a_name_that_is_twice_in_a_package_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO(FINE)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("media", b"{}")
    assert "it is no package that cards built" in refused(tmp_path, buffer.getvalue())


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = package(more={"0": bytes(300 << 20)})
    assert len(bomb) < 1 << 20
    assert "it is no package that cards built" in refused(tmp_path, bomb)
    lying = bomb.replace((300 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != bomb
    assert "cannot be read: it is no package" in refused(tmp_path, lying)


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
    assert "it is no package that cards built" in refused(tmp_path, package(script))


def test_what_a_package_says_gives_no_orders_to_the_terminal(tmp_path: Path) -> None:
    words = "'\x1b]0;owned\x07\x1b[31m' || char(31) || 'a/b' || char(27) || '[2J'"
    script = f"{TABLES} insert into notes values (1, 'g', 5, 1, 'x' || char(27), {words});"
    data = package(script + "insert into cards values (1, 1, 1, 0, 1);")
    (tmp_path / "old.apkg").write_bytes(data)
    (tmp_path / "new.apkg").write_bytes(FINE)
    for pair in (("old", "new"), ("new", "old")):
        done = cards("changes", *(tmp_path / f"{name}.apkg" for name in pair))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", done.output)


def test_what_sources_say_gives_no_orders_to_the_terminal(tmp_path: Path) -> None:
    src = write_sources(tmp_path, a=HEAD + A + '  - {id: "\\e[2J", kind: "\\x9b2J"}\n')
    for form in ("text", "json", "github"):
        done = cards("check", "--src", src, "--decks", src.parent / "decks", "--format", form)
        assert done.exit_code == 1
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", done.output)
