"""README and docs/: their tables are current, their examples are a deck, their commands run."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import click
import pytest

from scripts.reference import DOCS, renewed
from tests.command import ROOT, cards
from tests.public import CARD_WORDS, CLOZE_FIELDS, FIELDS, FILTERS, KEYS, load_project
from tests.recordings import MP3

PAGES = sorted(DOCS.glob("*.md"))
ALL_PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "decks/STUDY.md")),
    *PAGES,
    *sorted((ROOT / "examples").rglob("README.md")),
]
GENERATED = re.compile(r"<!-- generated:.*?<!-- end -->", re.DOTALL)
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a command line of a page begins with that is not tried here: it needs a network, a window,
# another program or a long time.
NOT_TRIED = re.compile(r"make\b|pipx |uvx |git |eval |_CARDS|cards push|cards preview --watch")


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_generated_parts_are_current(path: Path) -> None:
    text = path.read_text("utf-8")
    assert renewed(text) == text, "run `make docs`"


def test_every_mapping_of_the_sources_is_in_the_reference() -> None:
    listed = set(re.findall(r"<!-- generated: keys (.+?) -->", page("format.md")))
    assert set(KEYS) - listed == {"reverse"}  # which has the front and back of its prompt


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("path", ALL_PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)|\bsrc=\"([^\"]+)\"", text)
    for link in (markdown or html for markdown, html in links):
        if re.match(r"https?://", link):
            continue
        file, _, heading = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        if heading:
            assert heading in anchors(target), link


def anchors(path: Path) -> set[str]:
    """The headings of a page as GitHub names them in links."""
    titles = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    """A new deck without facts and kinds."""
    assert cards(tmp_path, "new", "deck").exit_code == 0
    src = tmp_path / "deck" / "cards_src"
    for folder in ("facts", "kinds", "schema"):
        shutil.rmtree(src / folder)
    return tmp_path / "deck"


def write(deck: Path, name: str, text: str) -> None:
    path = deck / "cards_src" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def test_the_examples_of_the_reference_are_a_deck(deck: Path) -> None:
    for language, name, text in BLOCK.findall(page("format.md")):
        if language == "yaml":
            write(deck, text.split()[1], text)
        elif name:
            write(deck, name, text)
    write(
        deck, "media/norway.svg", '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>'
    )
    (deck / "cards_src" / "media" / "hola.mp3").write_bytes(MP3)
    done = cards(deck, "check", "--src", "cards_src")
    assert done.output.endswith("No problems.\n"), done.output
    assert cards(deck, "build", "--src", "cards_src").exit_code == 0


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ a ~ ' and ' ~ b }}", "one and two"),
        ("{% if c %}x{% elif b %}{{ b }}{% else %}y{% endif %}", "two"),
        ("{{ a if b else c }}", "one"),
        ("{% if a == 'one' and not c and a in items and c is not defined %}yes{% endif %}", "yes"),
        (
            "{% for item in items %}{% if loop.first %}-{% endif %}{{ loop.index }}{{ item }}"
            "{% if not loop.last %}, {% endif %}{% else %}none{% endfor %}",
            "-1one, 2three",
        ),
        ("{{ items[0] }}", "one"),
        ("{# a comment #}{{ a }}", "one"),
        ("{% raw %}{x}{% endraw %}{{ a }}", "{x}one"),
        ("{% set x = a %}{{ x }}", "not allowed"),
        ("{% macro m() %}{% endmacro %}{{ a }}", "not allowed"),
        ("{% include 'x' %}{{ a }}", "not allowed"),
        ("{% import 'x' as x %}{{ a }}", "not allowed"),
        ("{{ a() }}", "not allowed"),
        ("{{ a + b }}", "not allowed"),
        ("{{ a.b }}", "not allowed"),
    ],
)
def test_templates_may_do_what_the_reference_says_and_no_more(
    deck: Path, template: str, shown: str
) -> None:
    fields = "{a: {type: text}, b: {type: text}, c: {type: text}, items: {type: list}}"
    prompts = f"{{p: {{front: '{{{{ b }}}}?', back: {json.dumps(template)}}}}}"
    write(deck, "decks.yaml", SMALL["decks.yaml"])
    write(deck, "kinds/k.yaml", f"about: k\nfields: {fields}\nprompts: {prompts}")
    write(deck, "facts/a.yaml", "facts:\n- {id: f, kind: k, a: one, b: two, items: [one, three]}")
    output = cards(deck, "show", "f", "--src", "cards_src").output
    assert re.search(rf"Back  {re.escape(shown)}$|{shown}; a template only", output, re.MULTILINE)


FILTER = re.compile(r"^\| `(\w+)` \| .+ \| `\{\{ (.+) \}\}` \| (.+) \|$", re.MULTILINE)


def test_each_filter_is_in_the_reference_and_shows_what_that_says(deck: Path) -> None:
    listed = FILTER.findall(page("format.md").replace("\\|", "|"))
    assert {name for name, _, _ in listed} == set(FILTERS)
    kind = "about: C.\nfields: {city: {type: text}, nickname: {type: text}, founded: {type: date}"
    kind += ", rivers: {type: list}}\nprompts:\n"
    for name, used, _ in listed:
        sides = {"front": "{{ city }}?", "back": f"{{{{ {used} }}}}"}
        gap = {"cloze": f"In {sides['back']}"}
        kind += f"  {name}: {json.dumps(gap if name == 'cloze' else sides)}\n"
    write(deck, "decks.yaml", SMALL["decks.yaml"])
    write(deck, "kinds/city.yaml", kind)
    values = "city: the Hague, founded: 1230-05, rivers: [Rhine, Maas, Waal]"
    write(deck, "facts/a.yaml", f"facts:\n- {{id: a, kind: city, {values}}}")
    project, problems = load_project(deck / "cards_src")
    assert project, problems
    fields = {note.prompt: note.fields[0 if note.cloze else 1] for note in project.notes}
    for name, _, said in listed:
        assert (
            re.sub(r"<[^<>]*>", " ", fields[name]).split()
            == re.sub(r"• |\d\. |`", "", said).split()
        )


def test_each_field_and_word_of_a_card_is_in_the_reference() -> None:
    text = page("format.md")
    assert {
        name for name in (*FIELDS, *CLOZE_FIELDS) if f"| `{{{{{name}}}}}` |" not in text
    } == set()
    assert {name for name in CARD_WORDS if f"[[ {name} ]]" not in text} == {"cloze"}


def test_the_example_of_the_readme_is_a_file_of_facts(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "cards_src", tmp_path / "cards_src")
    blocks = BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    for number, text in enumerate(text for language, _, text in blocks if language == "yaml"):
        write(tmp_path, f"facts/{number}.yaml", text.replace("- id: ", f"- id: readme-{number}-"))
    done = cards(tmp_path, "check", "--src", "cards_src")
    assert "error" not in done.output


def examples() -> list[tuple[str, str]]:
    """Each rule of which the page on good cards has an example, and that."""
    pattern = r"^\*\*`([a-z-]+)`\*\*(?:.+\n)+\n```yaml\n((?:.*\n)*?)```$"
    return re.findall(pattern, page("writing-good-cards.md"), re.MULTILINE)


@pytest.mark.parametrize(("rule", "example"), examples(), ids=lambda text: text.split("\n")[0])
def test_a_bad_card_breaks_its_rule_and_the_better_one_none(
    deck: Path, rule: str, example: str
) -> None:
    bad, better = example.split("# better\n")
    assert bad.startswith("# bad\n")
    for facts, expected in ((bad, {rule}), (better, set())):
        head = "" if rule == "no-locator" else "source: {doc: book, at: p. 1}\n"
        write(deck, "facts/a.yaml", f"{head}facts:\n{facts}")
        for name, text in SMALL.items():
            write(deck, name, text)
        found = cards(deck, "check", "--src", "cards_src").output
        said = set(re.findall(r"^\w+\[([a-z-]+)\]", found, re.MULTILINE))
        assert said - {"unused-kind", "unused-source", "unused-prompt"} == expected, found


SMALL = {
    "decks.yaml": "{namespace: a, deck: A, tag_root: A, packages: {a: {title: A, about: A.}}}",
    "tags.yaml": "{}",
    "sources.yaml": "book: {title: A book}",
    "kinds/question.yaml": """
about: A question.
fields: {question: {type: text, required: true}, answer: {type: text, required: true}}
prompts: {ask: {front: "{{ question }}", back: "{{ answer }}"}}
""",
    "kinds/list.yaml": """
about: A list.
fields: {list: {type: text, required: true}, items: {type: list, required: true}}
prompts: {items: {cloze: "{{ list }}: {{ items | cloze }}"}}
""",
    "kinds/sentence.yaml": """
about: A sentence with gaps.
fields: {text: {type: cloze, required: true}}
prompts: {gaps: {cloze: "{{ text }}"}}
""",
}


def commands(path: Path) -> list[str]:
    """The command lines of a page, without their comments."""
    text = GENERATED.sub("", path.read_text("utf-8"))
    lines = [
        line
        for name, _, block in BLOCK.findall(text)
        if name == "sh"
        for line in block.splitlines()
    ]
    shown = (re.sub(r"(?: +|^)# .*", "", line).removeprefix(".venv/bin/") for line in lines)
    return [line for line in shown if line]


@pytest.mark.parametrize("path", ALL_PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_commands_of_a_page_run(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(click, "launch", lambda _: 0)
    for folder in ("cards_src", "decks"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for name in ("old", "hers", "Geography"):
        shutil.copy(ROOT / "decks" / "asean-core.apkg", tmp_path / f"{name}.apkg")
    where = tmp_path
    for line in commands(path):
        if NOT_TRIED.match(line):
            continue
        program, *words = shlex.split(line)
        if program == "cd":
            where = where / words[0]
            continue
        assert program == "cards", line
        src = (
            ()
            if words[0] in ("new", "import", "ledger") or words[0].startswith("-")
            else ("--src", "cards_src")
        )
        done = cards(where, *words, *src)
        assert done.exit_code == 0, f"{line}\n{done.output}"
