"""The command on a terminal: colours, progress, help, completion; and none of it in a pipe."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import cards, cards_alone
from tests.public import MAIN, PROGRESS_AFTER, columns, main
from tests.sources import HEAD, write_sources

BIN = Path(sys.executable).parent
WRONG = HEAD + "  - {id: a, kind: evnt}\n"
COMMANDS = sorted(main.commands)

# As if the command had been at work for a long time.
PATIENT = f"{MAIN}; {PROGRESS_AFTER}; main()"


def on_a_terminal(root: Path, *words: str, patience: float = 1e9, **more: str) -> str:
    """What the command writes to a terminal that has both its outputs, with its escape codes."""
    ours, its = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-c", PATIENT.format(patience), *words],
        cwd=root,
        env={**environment, "TERM": "xterm", **more},
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    written = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        written += part
    os.close(ours)
    process.wait(timeout=60)
    return written.decode()


def test_problems_have_colours_on_a_terminal_only(tmp_path: Path) -> None:
    write_sources(tmp_path, a=WRONG)
    for words in (["check", "--src", "src"], ["build", "--src", "src"]):
        plain = cards(tmp_path, *words)
        assert "\x1b" not in plain.stdout + plain.stderr
        coloured = on_a_terminal(tmp_path, *words)
        assert "\x1b[31m\x1b[1merror[unknown-kind]:\x1b[0m" in coloured
        without = on_a_terminal(tmp_path, *words, NO_COLOR="1")
        assert "\x1b" not in without
        assert "\x1b" in on_a_terminal(tmp_path, *words, NO_COLOR="")
        said = plain.stdout + plain.stderr
        assert re.sub(r"\x1b\[\d+m", "", coloured).replace("\r\n", "\n") == said


def test_a_build_that_takes_its_time_shows_how_far_it_is(tmp_path: Path) -> None:
    write_sources(tmp_path)
    shown = on_a_terminal(tmp_path, "build", "--src", "src", patience=0)
    assert re.search(r"reading facts +\[#+\] +100%", shown)
    assert re.search(r"writing packages +\[#+\] +100%", shown)
    assert "decks/mini.apkg" in shown


def test_a_short_build_shows_its_result_only(tmp_path: Path) -> None:
    write_sources(tmp_path)
    shown = on_a_terminal(tmp_path, "build", "--src", "src", patience=60)
    assert "reading" not in shown
    assert shown.startswith("decks/mini.apkg")


def test_a_pipe_gets_the_result_only(tmp_path: Path) -> None:
    write_sources(tmp_path)
    done = cards_alone(tmp_path, "build", program=PATIENT.format(0))
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "learners will notice: 1 note added"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_whole_sentences_within_80_columns(tmp_path: Path, command: str) -> None:
    done = cards(tmp_path, *command.split(), "--help", COLUMNS="80")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line.endswith("...") for line in lines[1:])


@pytest.mark.parametrize(
    "command",
    [
        *("build", "changes", "check", "ledger recover", "new", "preview", "push", "show"),
        *("stale", "suggestions", "tags"),
    ],
)
def test_examples_in_the_help_are_commands(tmp_path: Path, command: str) -> None:
    shown = cards(tmp_path, *command.split(), "--help").stdout
    examples = re.findall(
        r"^    (cards .*?)(?:  .*)?$", shown.partition("Examples:")[2], re.MULTILINE
    )
    assert examples
    for example in examples:
        assert example.startswith(f"cards {command}")
        for option in re.findall(r"--[a-z-]+", example):
            assert f"{option} " in shown.partition("Examples:")[0]


def completed(root: Path, *words: str) -> list[str]:
    """What bash offers for the last of the words, after the line that the README says."""
    bash = shutil.which("bash")
    assert bash
    script = f"""
        eval "$(_CARDS_COMPLETE=bash_source cards)"
        COMP_WORDS=(cards {" ".join(words) or "''"})
        COMP_CWORD={max(1, len(words))}
        _cards_completion cards
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        [bash, "-c", script],
        cwd=root,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_a_shell_completes_commands_options_packages_and_facts(tmp_path: Path) -> None:
    write_sources(tmp_path)
    (tmp_path / "src").rename(tmp_path / "cards_src")
    assert completed(tmp_path, "''") == COMMANDS
    assert completed(tmp_path, "preview", "--wa") == ["--watch"]
    assert completed(tmp_path, "build", "mini-") == ["mini-core"]
    assert completed(tmp_path, "show", "fir") == ["first-meeting"]
    (tmp_path / "cards_src").rename(tmp_path / "elsewhere")
    assert completed(tmp_path, "show", "fir") == []
    assert completed(tmp_path, "show", "--src", "elsewhere", "fir") == ["first-meeting"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_their_script(tmp_path: Path, shell: str) -> None:
    done = cards(tmp_path, _CARDS_COMPLETE=f"{shell}_source")
    assert done.exit_code == 0
    assert f"_CARDS_COMPLETE={shell}_complete" in done.stdout


LONG = """  - id: a
    kind: event
    event: was the first meeting of all the ministers in a hall that nobody can remember
    date: 1994
    place: 東京の会議場で開かれた最初の会合と呼ばれている場所
    note: In the years that followed, the meeting was held in every other capital by turns.
"""


@pytest.mark.parametrize("words", [["tags"], ["show", "a"], ["check", "--rules"], ["check"]])
def test_nothing_is_wider_than_the_terminal(tmp_path: Path, words: list[str]) -> None:
    write_sources(tmp_path, a=HEAD + LONG)
    for width in (60, 80):
        done = cards(tmp_path, *words, COLUMNS=str(width))
        assert done.output
        lines = done.output.splitlines()
        assert not [line for line in lines if sum(map(columns, line)) > width]


def test_what_the_notes_of_a_fact_have_in_common_is_shown_once(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + LONG)
    shown = cards(tmp_path, "show", "a", COLUMNS="80").stdout
    assert [shown.count(name) for name in ("Front  ", "Key  ", "Note  ", "Tags  ")] == [2, 2, 1, 1]
    assert (
        "         Note  In the years that followed, the meeting was held in every other\n"
        "               capital by turns.\n"
    ) in shown


def test_on_a_narrow_terminal_a_meaning_stands_below_its_search(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + LONG)
    lines = cards(tmp_path, "tags", COLUMNS="60").stdout.splitlines()
    at = lines.index("     2      2        tag:Mini::topic::forums::arf")
    assert lines[at + 1] == "                         The regional forum"


def test_no_report_breaks_a_word_or_a_search_on_a_terminal(tmp_path: Path) -> None:
    long = "  - {id: a-fact-with-a-name, kind: event, event: was %s, date: 1994, as_of: 1995}\n"
    write_sources(tmp_path, a=HEAD + long % ("the very first meeting of ministers " * 3).strip())
    cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000000")
    (tmp_path / "decks" / "mini.apkg").rename(tmp_path / "old.apkg")
    write_sources(tmp_path, a=HEAD + long.replace("name", "id") % "it")
    cards(tmp_path, "build", SOURCE_DATE_EPOCH="1700000500")
    for words in (["stale"], ["changes", "old.apkg", "decks/mini.apkg"]):
        plain = cards(tmp_path, *words).stdout
        assert max(map(len, plain.splitlines())) > 50
        shown = cards(tmp_path, *words, COLUMNS="50").stdout
        assert shown.split() == plain.split()
        lines = [line for line in shown.splitlines() if not line.startswith("To find them")]
        assert max(map(len, lines)) <= 50
