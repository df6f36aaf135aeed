"""The command `cards`, run as a user runs it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import cards, cards_alone, files_of, said_of
from tests.sources import HEAD, write_sources

A = "  - {id: a, kind: event, event: was a, date: 1994-07-25, place: Bangkok}\n"
B = "  - {id: b, kind: list, list: Some, items: [x, y, z], caution: Mind this.}\n"


def test_build_writes_the_packages_and_says_what_learners_notice(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    done = cards_alone(tmp_path, "build")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "decks/mini.apkg  3 notes, 5 cards, 4 kB",
        "decks/mini-core.apkg  3 notes, 5 cards, 4 kB",
        "learners will notice: 3 notes added",
    ]
    assert sorted(files_of(tmp_path / "decks")) == [
        *("STUDY.md", "ledger.jsonl", "mini-core.apkg", "mini.apkg"),
    ]


def test_a_second_build_changes_nothing(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    cards(tmp_path, "build")
    before = files_of(tmp_path / "decks")
    done = cards(tmp_path, "build")
    assert done.stdout == "Nothing to do: the packages are up to date.\n"
    assert files_of(tmp_path / "decks") == before


def test_the_bytes_do_not_hang_on_the_hash_seed_or_the_folder(tmp_path: Path) -> None:
    built = []
    for seed in ("1", "2"):
        root = tmp_path / seed
        write_sources(root, a=HEAD + A + B)
        environment = {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1700000000"}
        assert cards_alone(root, "build", **environment).returncode == 0
        built.append(files_of(root / "decks"))
    assert built[0] == built[1]


def test_build_says_how_to_find_what_was_retired(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    cards(tmp_path, "build")
    (tmp_path / "src" / "facts" / "a.yaml").write_text(HEAD + A.replace("1994", "1995"), "utf-8")
    assert cards(tmp_path, "build").stdout.splitlines()[-3:] == [
        "learners will notice: 1 reworded, 1 retired",
        '  reworded: "Key:a/when"',
        '  gone, but kept by Anki: "Key:b/items"',
    ]


def test_a_build_does_not_judge_cards(tmp_path: Path) -> None:
    odd = A.replace("place: Bangkok", "waive: {long-list: it is short}")
    write_sources(tmp_path, a=HEAD + odd)
    assert (
        "“long-list” is not broken here, or is waived elsewhere; remove this waiver"
        in cards(tmp_path, "check").stdout
    )
    done = cards(tmp_path, "build")
    assert (done.exit_code, done.stderr) == (0, "")


def test_build_check_writes_nothing_and_fails_on_stale_packages(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A)
    done = cards(tmp_path, "build", "--check")
    assert done.exit_code == 1
    assert said_of(done.stderr) == [
        f"decks/{name}:1:1: error: is out of date; run `cards build` [stale]"
        for name in ("STUDY.md", "ledger.jsonl", "mini-core.apkg", "mini.apkg")
    ]
    assert done.stderr.endswith("\n4 errors\n")
    assert not (tmp_path / "decks").exists()
    cards(tmp_path, "build")
    before = files_of(tmp_path / "decks")
    done = cards(tmp_path, "build", "--check")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    write_sources(tmp_path, a=HEAD + A.replace("1994", "1995"))
    assert cards(tmp_path, "build", "--check").exit_code == 1
    assert files_of(tmp_path / "decks") == before


def test_a_build_two_days_later_writes_the_same_bytes(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000")
    ledger = (tmp_path / "decks" / "ledger.jsonl").read_bytes()
    before = files_of(tmp_path / "decks")
    shutil.rmtree(tmp_path / "decks")
    (tmp_path / "decks").mkdir()
    (tmp_path / "decks" / "ledger.jsonl").write_bytes(ledger)
    cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700172800")
    assert files_of(tmp_path / "decks") == before


@pytest.fixture
def upgraded(tmp_path: Path) -> Path:
    """A folder with old.apkg, and decks/ built from changed sources."""
    c = "  - {id: c, kind: term, term: C, meaning: the third}\n"
    write_sources(tmp_path, a=HEAD + A + B + c)
    cards(tmp_path, "build")
    (tmp_path / "decks" / "mini.apkg").rename(tmp_path / "old.apkg")
    reworded = A.replace("1994-07-25, place: Bangkok", "1995-07-25, tags: [partner::india]")
    write_sources(
        tmp_path,
        {"card/style.css": ".card { color: red; }"},
        a=HEAD + reworded + B.replace(", y", "") + c.replace("id: c", "id: d").replace("C", "D"),
    )
    cards(tmp_path, "build")
    return tmp_path


def test_changes_tells_what_a_learner_notices(upgraded: Path) -> None:
    done = cards(upgraded, "changes", "old.apkg", "decks/mini.apkg")
    assert (done.exit_code, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
Notes added (1)

- d/meaning: What is D?

Reworded (2)

- a/when
  - Back, before: 25 July 1994
    Back, after: 25 July 1995
- b/items
  - Text, before: Some: · {{c1::x}} · {{c2::y}} · {{c3::z}}
    Text, after: Some: · {{c1::x}} · {{c3::z}}

Retagged (1)

- a/when: +Mini::partner::india

No longer in the deck (3); Anki keeps the cards

- a/where: Where was a?
- c/meaning: What is C?
- b/items: card 2

To find them in Anki's browser: "Key:a/where" or "Key:c/meaning" or ("Key:b/items" card:2)

New design (2)

- Mini: Anki replaces your own changes to its styling
- Mini Cloze: Anki replaces your own changes to its styling
"""
    )


def terms(levels: str) -> str:
    """Facts a, b, … with these levels, a letter each: c for core, d for detail."""
    term = "  - {{id: {0}, kind: term, term: {0}, meaning: Thing {0}, level: {1}}}\n"
    known = {"c": "core", "d": "detail"}
    facts = (term.format(chr(97 + at), known[level]) for at, level in enumerate(levels))
    return HEAD + "".join(facts)


def test_what_has_moved_to_another_package_is_not_gone_from_the_deck(tmp_path: Path) -> None:
    write_sources(tmp_path, a=terms("cccdddd"))
    assert cards(tmp_path, "build").exit_code == 0
    (tmp_path / "decks" / "mini-core.apkg").rename(tmp_path / "old.apkg")
    write_sources(tmp_path, a=terms("dccdddd"))
    assert cards(tmp_path, "build").exit_code == 0
    done = cards(tmp_path, "changes", "old.apkg")
    message = "Only in other packages of the deck (1); Anki keeps the cards"
    assert done.stdout == f"{message}\n\n- a/meaning: What is a?\n"
    assert done.stderr == "Compared with decks/mini-core.apkg.\n"


def test_a_part_of_the_deck_is_compared_with_the_package_that_has_most_of_it(
    tmp_path: Path,
) -> None:
    facts = re.sub(r"(id: [bde],)", r"\1 tags: [partner::india],", terms("ccddddddddddddd"))
    write_sources(tmp_path, a=facts)
    assert cards(tmp_path, "build").exit_code == 0
    part = "tag:Mini::partner::india"
    assert cards(tmp_path, "build", "--only", part, "-o", "part.apkg").exit_code == 0
    done = cards(tmp_path, "changes", "part.apkg")
    assert done.stderr == "Compared with decks/mini.apkg.\n"
    assert "Notes added (12)" in done.stdout


def test_changes_can_be_markdown_for_release_notes(upgraded: Path) -> None:
    done = cards(upgraded, "changes", "old.apkg", "decks/mini.apkg", "--format", "markdown")
    assert done.stdout.startswith(
        "## Notes added (1)\n\n- `d/meaning`: What is D?\n\n## Reworded (2)\n"
    )
    assert "    Back, after: **25 July 1995**\n" in done.stdout


def test_changes_compares_with_the_package_of_the_same_name(upgraded: Path) -> None:
    (upgraded / "old").mkdir()
    (upgraded / "old.apkg").rename(upgraded / "old" / "mini.apkg")
    assert cards(upgraded, "changes", "old/mini.apkg").stdout.startswith("Notes added (1)\n")
    assert cards(upgraded, "changes", "decks/mini.apkg").stdout == "Nothing changes for learners.\n"


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_changes_of_what_is_no_package_is_a_problem(upgraded: Path, data: bytes) -> None:
    (upgraded / "old.apkg").write_bytes(data)
    done = cards(upgraded, "changes", "old.apkg", "decks/mini.apkg")
    assert done.exit_code == 1
    assert done.stdout == ""
    (said,) = said_of(done.stderr)
    assert said.startswith("old.apkg:1:1: error: cannot be read: not a package")


def test_one_package_can_be_built_alone(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A)
    done = cards(tmp_path, "build", "mini-core", "--decks", "elsewhere")
    assert done.exit_code == 0
    assert sorted(files_of(tmp_path / "elsewhere")) == ["ledger.jsonl", "mini-core.apkg"]


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (
            A.replace("event: was a, ", ""),
            "5:5: error: a fact of kind “event” needs “event” [missing-key]",
        ),
        (A.replace("kind: event", "kind: evt"), "5:19: error: unknown kind “evt”"),
        (A + A, "6:10: error: the id “a” is already taken at src/facts/a.yaml:5 [duplicate-id]"),
        ("  - [", "5:5: error: not valid YAML: "),
        ("  []\n", "5:3: error: facts is empty [empty]"),
    ],
)
def test_an_error_stops_the_build_and_leaves_the_packages_as_they_were(
    tmp_path: Path, facts: str, problem: str
) -> None:
    write_sources(tmp_path, a=HEAD + A)
    cards(tmp_path, "build")
    before = files_of(tmp_path / "decks")
    (tmp_path / "src" / "facts" / "a.yaml").write_text(HEAD + facts, "utf-8")
    done = cards(tmp_path, "build")
    assert done.exit_code == 1
    assert done.stdout == ""
    (said,) = said_of(done.stderr)
    assert said.startswith(f"src/facts/a.yaml:{problem}")
    assert done.stderr.endswith("\n1 error\nNothing was written.\n")
    assert "Traceback" not in done.stderr
    assert files_of(tmp_path / "decks") == before


@pytest.mark.parametrize("command", [["build"], ["check"], ["show", "a"], ["tags"]])
def test_sources_that_are_not_there_are_an_error_of_the_sources(
    tmp_path: Path, command: list[str]
) -> None:
    done = cards(tmp_path, *command)
    assert done.exit_code == 1
    (said,) = said_of(done.output)
    assert said.startswith("src:1:1: error: no such folder; begin a deck with `cards new DIR`")
    assert not (tmp_path / "decks").exists()


def test_check_prints_all_problems_and_counts_them(tmp_path: Path) -> None:
    write_sources(
        tmp_path,
        a="topic: basics\nlevel: core\nfacts:\n" + A.replace("kind: event", "kind: evt") + B,
    )
    done = cards(tmp_path, "check")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "error[unknown-kind]: unknown kind “evt”; did you mean “event”?",
        " --> src/facts/a.yaml:4:19",
        "  |",
        "4 | " + A.rstrip().replace("kind: event", "kind: evt"),
        "  |" + " " * 19 + "^",
        "",
    ]
    assert done.stderr == "1 error\n"


def test_check_is_content_with_good_sources(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    done = cards(tmp_path, "check")
    assert (done.exit_code, done.stderr) == (0, "2 facts, 3 notes, 5 cards, 6 warnings\n")
    assert "warning[unused-kind]: no fact is of kind “term”\n" in done.stdout


def test_show_prints_the_notes_of_a_fact(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    done = cards(tmp_path, "show", "b")
    assert done.exit_code == 0
    assert (
        done.stdout
        == """src/facts/a.yaml:6

         Text  Some:
               - {{c1::x}}
               - {{c2::y}}
               - {{c3::z}}
         Note  Caution: Mind this.
        Topic  Forums › Arf
       Source  A. Writer, A Handbook (2020), p. 1
          Key  b/items
         Tags  Mini::caution Mini::kind::list Mini::level::core Mini::source::handbook\
 Mini::topic::forums::arf
"""
    )


def test_check_says_that_there_are_no_problems(tmp_path: Path) -> None:
    few = {
        "tags.yaml": "topic: {_: About, basics: The start}\nlevel: {_: How deep, core: First}\n",
        "sources.yaml": "handbook: {title: A Handbook}\n",
    }
    src = write_sources(tmp_path, few, a=HEAD.replace("forums::arf", "basics") + A)
    for kind in ("term", "list", "cloze"):
        (src / "kinds" / f"{kind}.yaml").unlink()
    done = cards(tmp_path, "check")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "1 fact, 2 notes, 2 cards\nNo problems.\n"


def test_check_prints_json_with_a_problem_a_line(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    lines = cards(tmp_path, "check", "--format", "json").stdout.splitlines()
    assert (lines[0], lines[-1]) == ("[", "]")
    assert all(json.loads(line.removesuffix(","))["line"] for line in lines[1:-1])


def test_show_names_pictures_and_sets_blocks_apart(tmp_path: Path) -> None:
    kind = """
        about: A map.
        fields: {map: {type: picture, required: true}, more: {type: markdown, required: true}}
        prompts: {map: {front: "{{ map }}", back: "{{ more }}<p>end</p>{{ map }}"}}
        """
    files = {
        "kinds/map.yaml": kind,
        "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A map}\n",
        "media/m.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    text = '"one\\n\\n- two\\n\\n| a | b |\\n|---|---|\\n| c | d |"'
    write_sources(tmp_path, files, a=HEAD + f"  - {{id: m, kind: map, map: m.svg, more: {text}}}\n")
    shown = re.sub("-[0-9a-f]{12}", "", cards(tmp_path, "show", "m").stdout)
    front, *back = (line.strip() for line in shown.splitlines()[2:10])
    assert front == "Front  [picture:m.svg]"
    assert back[:6] == ["Back  one", "- two", "a b", "c d", "end", "[picture:m.svg]"]


def test_show_prints_those_that_are_known(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    done = cards(tmp_path, "show", "a", "xyz", "c")
    assert done.exit_code == 2
    assert done.stdout.startswith("src/facts/a.yaml:5\n")
    assert done.stderr.endswith(
        "\nError: unknown fact “xyz”; there are: a, b\nunknown fact “c”; there are: a, b\n"
    )


def test_show_knows_a_fact_by_the_keys_on_its_cards(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    shown = cards(tmp_path, "show", "a/where").stdout
    assert "Back  Bangkok" in shown
    assert "Key  a/where" in shown
    assert "25 July 1994" not in shown
    assert cards(tmp_path, "show", "b/items").stdout == cards(tmp_path, "show", "b").stdout
    unknown = cards(tmp_path, "show", "a/wher")
    assert unknown.exit_code == 2
    assert unknown.stderr.endswith("unknown fact “a/wher”; did you mean “a/where”?\n")


@pytest.mark.parametrize("built", [True, False])
def test_show_knows_a_fact_by_its_former_names(tmp_path: Path, *, built: bool) -> None:
    names = ["x", "x/where"] if built else ["x"]
    if built:
        write_sources(tmp_path, a=HEAD + A.replace("id: a", "id: x"))
        assert cards(tmp_path, "build").exit_code == 0
    write_sources(tmp_path, a=HEAD + A.replace("id: a", "id: a, formerly: x"))
    for edition in ("declared", "built", "no longer declared"):
        for name in names:
            present = name.replace("x", "a")
            shown = cards(tmp_path, "show", name).stdout
            assert shown == cards(tmp_path, "show", present).stdout != "", edition
        if built and edition == "declared":
            assert cards(tmp_path, "build").exit_code == 0
        elif built:
            write_sources(tmp_path, a=HEAD + A)


def test_show_shows_the_fact_of_a_note_that_was_removed(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A)
    assert cards(tmp_path, "build").exit_code == 0
    write_sources(tmp_path, a=HEAD + A.replace(", place: Bangkok", ""))
    assert "where: not asked: no field “place”" in cards(tmp_path, "show", "a/where").stdout


def test_show_numbers_steps(tmp_path: Path) -> None:
    kind = (
        "about: Steps.\nfields: {steps: {type: list}}\n"
        "prompts: {steps: {cloze: 'How: {{ steps | cloze | numbered }}'}}\n"
    )
    fact = "  - {id: a, kind: steps, steps: [boil, pour]}\n"
    write_sources(tmp_path, {"kinds/steps.yaml": kind}, a=HEAD + fact)
    shown = cards(tmp_path, "show", "a").stdout
    assert "How:\n               1. {{c1::boil}}\n               2. {{c2::pour}}\n" in shown


def test_show_puts_a_source_note_on_a_line_of_its_own(tmp_path: Path) -> None:
    note = "    source_note: {when: A word is missing.}\n"
    write_sources(
        tmp_path, a=HEAD + "  - id: c\n    kind: event\n    event: x\n    date: 1994\n" + note
    )
    lines = cards(tmp_path, "show", "c").stdout.splitlines()
    assert lines[lines.index("       Source  A. Writer, A Handbook (2020), p. 1") + 1] == (
        "               A word is missing."
    )


def test_tags_prints_the_tree_with_what_to_search_for_and_how_much_that_finds(
    tmp_path: Path,
) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    done = cards(tmp_path, "tags")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        " notes  cards  search in Anki                      meaning",
        "     3      5  tag:Mini                            Mini",
        "     3      5    tag:Mini::topic                   What it is about",
        "     3      5      tag:Mini::topic::forums         Forums",
        "     3      5        tag:Mini::topic::forums::arf  The regional forum",
        "     3      5    tag:Mini::level                   How deep",
        "     3      5      tag:Mini::level::core           First",
        "     3      5    tag:Mini::kind                    The form of fact",
        "     2      2      tag:Mini::kind::event           Something that happened.",
        "     1      3      tag:Mini::kind::list            A list.",
        "     3      5    tag:Mini::source                  The document a fact comes from",
        "     3      5      tag:Mini::source::handbook      A Handbook",
        "     1      3    tag:Mini::caution                 The source errs, is outdated,"
        " or sources disagree",
    ]


@pytest.mark.parametrize("query", ["-tag:Mini::caution", "-(tag:Mini::caution)"])
def test_a_query_of_tags_may_begin_with_a_minus(tmp_path: Path, query: str) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    said = cards(tmp_path, "tags", query)
    assert said.stdout.splitlines()[1].split()[:2] == ["2", "2"], said.output
    assert cards(tmp_path, "tags", "--src", "src", "--", query).stdout == said.stdout
    assert cards(tmp_path, "tags", "--src", "src", query, "--decks", "-other").stdout == said.stdout
    assert "this search is not valid: “-x”" in cards(tmp_path, "tags", "-x").stderr
    for asked in ("-h", "--help"):
        assert "tags [OPTIONS] [QUERY]\n\n" in cards_alone(tmp_path, "tags", asked).stdout


def test_new_cards_of_notes_that_learners_have_are_told(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    assert cards(tmp_path, "build").exit_code == 0
    (tmp_path / "decks" / "mini.apkg").rename(tmp_path / "old.apkg")
    b = B.replace("y, z", "z, {item: v, new: true}, {item: w, new: true}")
    c = "  - {id: c, kind: list, list: More, items: [r, s]}\n"
    write_sources(tmp_path, a=HEAD + A + b + c)
    assert "notice: 1 note added, 1 reworded, 2 cards added, 1 card removed\n" in (
        cards(tmp_path, "build").stdout
    )
    assert cards(tmp_path, "changes", "old.apkg").stdout.startswith(
        "Notes added (1)\n\n- c/items: More: · {{c1::r}} · {{c2::s}}\n\n"
        "Cards added (2)\n\n- b/items: card 4\n- b/items: card 5\n\nReworded (1)\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "aa"], "unknown fact “aa”"),
        (["build", "mini-cor"], "unknown package “mini-cor”; did you mean “mini-core”?"),
        (["bild"], "No such command 'bild'. Did you mean 'build'?"),
        (["show"], "Missing argument 'FACT...'."),
        (["build", "--nope"], "No such option '--nope'."),
        (["build", "--chek"], "No such option '--chek'. (Did you mean one of: '--check',"),
        (["tags", "a", "b"], "Got unexpected extra argument (b)"),
        (["preview", "--port", "x"], "Invalid value for '--port': 'x' is not a valid integer"),
        (["changes", "none"], "Invalid value for 'OLD': Path 'none' does not exist."),
        (["check", "--format", "xml"], "Invalid value for '--format': 'xml' is not one of 'text'"),
        (["a\x1b[2Jb"], "No such command 'a\\x1b[2Jb'."),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_why(
    tmp_path: Path, words: list[str], message: str
) -> None:
    write_sources(tmp_path)
    done = cards(tmp_path, *words)
    assert done.exit_code == 2
    assert re.match(r"Usage: cards .*\nTry 'cards.* --help' for help\.\n\nError: ", done.stderr)
    assert f"\nError: {message}" in done.stderr
    assert not (tmp_path / "decks").exists()


def test_a_senseless_build_time_is_a_wrong_call(tmp_path: Path) -> None:
    write_sources(tmp_path)
    done = cards(tmp_path, "build", SOURCE_DATE_EPOCH="yesterday")
    assert done.exit_code == 2
    assert done.stderr.endswith(
        "\nError: SOURCE_DATE_EPOCH is not a time between the years 2000 and 2100,"
        " in seconds since 1970: yesterday\n"
    )


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    write_sources(tmp_path)
    (tmp_path / "decks").write_text("in the way", "utf-8")
    done = cards(tmp_path, "build")
    assert done.exit_code == 1
    assert "Traceback" not in done.stderr
    assert said_of(done.stderr) == ["decks:1:1: error: not a folder [file]"]


def test_the_command_cards_is_installed() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("cards"), "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("cards, version ")


def test_folders_stand_for_all_packages_in_them(tmp_path: Path) -> None:
    facts = "  - {id: a, kind: event, event: was a, date: 1994}\n"
    more = "  - {id: b, kind: event, event: was b, date: 1995, level: detail}\n"
    write_sources(tmp_path, a=HEAD + facts)
    cards(tmp_path, "build", "--decks", "last", SOURCE_DATE_EPOCH="1790000000")
    shutil.copytree(tmp_path / "last", tmp_path / "decks")
    write_sources(tmp_path, a=HEAD + facts.replace("1994", "1996") + more)
    cards(tmp_path, "build", SOURCE_DATE_EPOCH="1790000060")
    said = cards(tmp_path, "changes", "last").stdout
    assert said == cards(tmp_path, "changes", "last", "decks").stdout
    assert said == cards(tmp_path, "changes", "last/mini.apkg").stdout
    assert said.startswith("Notes added (1)\n\n- b/when: When was b?\n\nReworded (1)\n")
    (tmp_path / "empty").mkdir()
    (none,) = said_of(cards(tmp_path, "changes", "empty").stderr)
    assert none == "empty:1:1: error: no packages here [package]"
    (tmp_path / "last" / "mini.apkg").write_bytes(b"broken")
    (broken,) = said_of(cards(tmp_path, "changes", "last").stderr)
    assert broken.startswith("last/mini.apkg:1:1: error: cannot be read: not a package")
