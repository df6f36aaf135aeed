"""A new deck's folder: it builds at once, nothing is overwritten, and every deck is another one."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import cards, said_of
from tests.engine import cards_of, collection, double_click, question_of
from tests.public import example_folders, load_project

FOLDERS = ("--src", "cards_src")


def new_deck(root: Path, *words: str, folder: str = "world-capitals") -> Path:
    done = cards(root, "new", folder, *words)
    assert done.exit_code == 0, done.output
    return root / folder


def identity_of(deck: Path) -> tuple[str, str, str, list[str]]:
    """Namespace, name, tag root and packages."""
    project, problems = load_project(deck / "cards_src")
    assert project, problems
    said = project.deck
    return said.namespace, said.name, said.tag_root, list(said.packages)


def test_a_new_deck_builds_at_once_without_a_warning(tmp_path: Path) -> None:
    deck = new_deck(tmp_path)
    checked = cards(deck, "check", "--strict", *FOLDERS)
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert cards(deck, "build", *FOLDERS).exit_code == 0
    assert cards(deck, "schema", "--check", *FOLDERS).exit_code == 0
    with collection(tmp_path / "learner.anki2") as col:
        assert double_click(col, deck / "decks" / "world-capitals.apkg").new == 3
        assert col.decks.id_for_name("World capitals")
        first = question_of(cards_of(col)[0])
        assert first.startswith("In what year was the word “planet” given the definition")


@pytest.mark.parametrize("example", example_folders())
def test_every_example_becomes_a_deck_with_an_identity_of_its_own(
    tmp_path: Path, example: str
) -> None:
    deck = new_deck(tmp_path, "--from", example, "--name", "Mine, #1: {all}", folder="d")
    namespace, *known = identity_of(deck)
    assert re.fullmatch("mine-1-all-[0-9a-f]{8}", namespace)
    assert known[:2] == ["Mine, #1: {all}", "Mine-1-all"]
    assert known[2][0] == "mine-1-all"
    checked = cards(deck, "check", "--strict", *FOLDERS)
    assert (checked.exit_code, checked.stdout) == (0, "")
    done = cards(deck, "build", *FOLDERS)
    assert done.exit_code == 0, done.output
    project, _ = load_project(deck / "cards_src")
    assert project
    assert project.deck.packages["mine-1-all"].title == "Mine, #1: {all}"
    assert all(tag.startswith("Mine-1-all::") for note in project.notes for tag in note.tags)


def test_the_deck_is_named_after_its_folder_unless_a_name_is_given(tmp_path: Path) -> None:
    _, *known = identity_of(new_deck(tmp_path))
    assert known == ["World capitals", "World-capitals", ["world-capitals"]]
    named = new_deck(tmp_path, "--name", "Ríos & lagos: 1", folder="b")
    namespace, *known = identity_of(named)
    assert known == ["Ríos & lagos: 1", "Ríos-lagos-1", ["rios-lagos-1"]]
    assert namespace.startswith("rios-lagos-1-")


@pytest.mark.parametrize(
    "name",
    [
        "हिन्दी शब्द",
        "日本語",
        "con",
        "NUL",
        "Languages::Spanish",
        "yes",
        "3.10",
        "# no comment",
        "a: b",
        "\\1 {x}",
        "it's",
        "🦉",
        "x" * 100,
        "DECK_NAME",
    ],
)
def test_any_name_that_anki_takes_makes_a_deck_that_builds(tmp_path: Path, name: str) -> None:
    deck = new_deck(tmp_path, "--name", name, folder="d")
    assert identity_of(deck)[1] == name
    done = cards(deck, "build", *FOLDERS)
    assert done.exit_code == 0, done.output
    (package,) = (deck / "decks").glob("*.apkg")
    with collection(tmp_path / "learner.anki2") as col:
        assert double_click(col, package).new == 3
        assert name in {deck.name for deck in col.decks.all_names_and_ids()}


@pytest.mark.parametrize(
    "name", ["", " ", " a", 'a "b"', "a\nb", "a\x1b[31m", "a::", ":a", "a::::b"]
)
def test_a_name_that_anki_would_change_is_refused(tmp_path: Path, name: str) -> None:
    done = cards(tmp_path, "new", "d", "--name", name)
    assert done.exit_code == 2
    assert "is not a valid name for a deck; use no quotes" in done.stderr
    assert not (tmp_path / "d").exists()


def test_two_new_decks_of_one_name_do_not_share_notes(tmp_path: Path) -> None:
    first = identity_of(new_deck(tmp_path, folder="a/deck"))
    second = identity_of(new_deck(tmp_path, folder="b/deck"))
    assert first[0] != second[0]
    assert first[1:] == second[1:]


@pytest.mark.parametrize("inside", ["x.txt", ".hidden", "cards_src/decks.yaml"])
def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "deck" / inside
    path.parent.mkdir(parents=True)
    path.write_text("mine", "utf-8")
    done = cards(tmp_path, "new", "deck")
    assert done.exit_code == 2
    assert done.stderr.endswith("Error: deck/ is not empty; nothing was written\n")
    assert [file for file in (tmp_path / "deck").rglob("*") if file.is_file()] == [path]


def test_an_empty_folder_and_an_empty_clone_take_a_new_deck(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    new_deck(tmp_path, folder="empty")
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    new_deck(tmp_path, folder="clone")
    assert identity_of(tmp_path / "clone")[1] == "Clone"
    (tmp_path / "here").mkdir()
    assert cards(tmp_path / "here", "new", ".").exit_code == 0
    assert identity_of(tmp_path / "here")[1] == "Here"


def test_neither_a_file_nor_a_link_takes_a_new_deck(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        done = cards(tmp_path, "new", name)
        assert done.exit_code == 1
        assert said_of(done.stderr)[0].startswith(f"{name}:1:1: error: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_an_unknown_example_is_answered_with_the_list(tmp_path: Path) -> None:
    known = ", ".join(f"'{name}'" for name in example_folders())
    done = cards(tmp_path, "new", "d", "--from", "zzz")
    assert done.exit_code == 2
    assert f"'zzz' is not one of {known}." in done.stderr
    assert not (tmp_path / "d").exists()


def test_what_to_do_next_is_said_and_works(tmp_path: Path) -> None:
    done = cards(tmp_path, "new", "my deck")
    said = [line.split("  ")[1] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert said == [
        "cd 'my deck'",
        "cards check",
        "cards preview --open",
        "cards build",
        "git init",
        "git config core.hooksPath .githooks",
    ]
    assert "namespace is my-deck-" in done.stdout
    assert "\n  cd ./-x\n" in cards(tmp_path, "new", "--", "-x").stdout
    (tmp_path / "here").mkdir()
    assert "  cd" not in cards(tmp_path / "here", "new", ".").stdout


def test_within_a_git_repository_no_hooks_are_promised(tmp_path: Path) -> None:
    git(tmp_path, "init")
    said = cards(tmp_path, "new", "decks/capitals").stdout
    assert "git config" not in said
    assert f"It is within the git repository {tmp_path.resolve()}." in said


@pytest.mark.parametrize(
    "words",
    [
        ["build"],
        ["check"],
        ["coverage"],
        ["preview"],
        ["schema"],
        ["show", "x"],
        ["stale"],
        ["tags"],
    ],
)
@pytest.mark.parametrize("empty", [True, False])
def test_a_folder_without_sources_points_to_a_new_deck(
    tmp_path: Path, words: list[str], *, empty: bool
) -> None:
    if empty:
        (tmp_path / "src").mkdir()
    done = cards(tmp_path, *words)
    assert done.exit_code == 1
    what = "no sources here" if empty else "no such folder"
    said = f"src:1:1: error: {what}; begin a deck with `cards new DIR`, or name its sources with"
    assert said_of(done.output) == [f"{said} --src [file]"]


def git(deck: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Git in a deck's folder, with the command `cards` of these tests on its path."""
    mine = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b.c"}
    mine |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b.c"}
    return subprocess.run(
        ["git", *words],  # noqa: S607 - the git of the path
        cwd=deck,
        env={**os.environ, **mine, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_hook_lets_no_error_and_no_old_ledger_be_committed(tmp_path: Path) -> None:
    deck = new_deck(tmp_path)
    hook = deck / ".githooks" / "pre-commit"
    assert hook.stat().st_mode & stat.S_IXUSR
    git(deck, "init")
    git(deck, "config", "core.hooksPath", ".githooks")
    git(deck, "add", ".")
    refused = git(deck, "commit", "-m", "first")
    assert refused.returncode == 1
    assert refused.stderr.endswith("git add decks/ledger.jsonl\n")
    git(deck, "add", "decks/ledger.jsonl")
    assert git(deck, "commit", "-m", "first").returncode == 0
    # Of what is built the ledger alone is committed, and a clone builds on.
    assert git(deck, "ls-files", "decks").stdout == "decks/ledger.jsonl\n"
    assert git(deck, "status", "--porcelain").stdout == ""
    git(deck, "clone", ".", str(tmp_path / "clone"))
    again = cards(tmp_path / "clone", "build", *FOLDERS)
    assert again.stdout.endswith("learners will notice: nothing\n")
    facts = deck / "cards_src" / "facts" / "planets.yaml"
    facts.write_text(facts.read_text("utf-8").replace("kind: list", "kind: lst"), "utf-8")
    wrong = git(deck, "commit", "-a", "-m", "wrong")
    assert wrong.returncode == 1
    assert "unknown kind “lst”" in wrong.stdout + wrong.stderr
    (deck / "README.md").write_text("Mine.", "utf-8")
    assert git(deck, "commit", "README.md", "-m", "no sources").returncode == 0


def test_two_branches_that_both_built_merge(tmp_path: Path) -> None:
    deck = new_deck(tmp_path)
    git(deck, "init", "-b", "main")
    git(deck, "config", "core.hooksPath", ".githooks")
    cards(deck, "build", *FOLDERS)
    git(deck, "add", ".")
    git(deck, "commit", "-m", "first")
    for name in ("one", "two"):
        git(deck, "switch", "-c", name, "main")
        fact = f"  - {{id: {name}, kind: question, question: What is {name}?, answer: A word}}\n"
        head = "topic: planets\nlevel: core\nsource: {doc: iau-resolution-b5}\nfacts:\n"
        (deck / "cards_src" / "facts" / f"{name}.yaml").write_text(head + fact, "utf-8")
        done = cards(deck, "build", *FOLDERS)
        assert done.exit_code == 0, done.output
        git(deck, "add", ".")
        assert git(deck, "commit", "-m", name).returncode == 0
    assert git(deck, "merge", "one").returncode == 0
    assert cards(deck, "build", *FOLDERS).exit_code == 0


def test_packages_that_another_branch_left_behind_may_be_deleted(tmp_path: Path) -> None:
    deck = new_deck(tmp_path)
    git(deck, "init", "-b", "main")
    cards(deck, "build", *FOLDERS)
    git(deck, "add", ".")
    git(deck, "commit", "-m", "first")
    git(deck, "switch", "-c", "other")
    facts = deck / "cards_src" / "facts" / "planets.yaml"
    facts.write_text(facts.read_text("utf-8").replace("id: inner-", "id: small-"), "utf-8")
    assert cards(deck, "build", *FOLDERS).exit_code == 1  # an id is never changed
    facts.write_text(
        facts.read_text("utf-8").replace("kind: list", "kind: list\n    formerly: inner-planets"),
        "utf-8",
    )
    assert cards(deck, "build", *FOLDERS).exit_code == 0
    git(deck, "commit", "-a", "-m", "other")
    git(deck, "switch", "main")
    refused = cards(deck, "build", *FOLDERS)
    assert refused.exit_code == 1
    said = (
        "; or, if another branch built these packages and no learner has them, delete decks/*.apkg"
    )
    assert said in " ".join(refused.stderr.split())
    for package in (deck / "decks").glob("*.apkg"):
        package.unlink()
    assert cards(deck, "build", *FOLDERS).exit_code == 0


def test_what_was_reverted_reaches_learners_once_the_ledger_is_back(tmp_path: Path) -> None:
    deck = new_deck(tmp_path)
    git(deck, "init")
    cards(deck, "build", *FOLDERS, SOURCE_DATE_EPOCH="1700000000")
    git(deck, "add", ".")
    git(deck, "commit", "-m", "first")
    facts = deck / "cards_src" / "facts" / "planets.yaml"
    facts.write_text(facts.read_text("utf-8").replace("Mars]", "Mars, Vulcan]"), "utf-8")
    cards(deck, "build", *FOLDERS, SOURCE_DATE_EPOCH="1700000100")
    git(deck, "commit", "-a", "-m", "second")
    (deck / "decks" / "world-capitals.apkg").rename(tmp_path / "v1.apkg")
    assert git(deck, "revert", "--no-edit", "HEAD").returncode == 0
    cards(deck, "build", *FOLDERS, SOURCE_DATE_EPOCH="1700000200")
    changes = cards(deck, "changes", "../v1.apkg").stdout
    assert changes.startswith("Not updated (1): what learners have is no older")
    assert git(deck, "checkout", "HEAD~1", "--", "decks/ledger.jsonl").returncode == 0
    cards(deck, "build", *FOLDERS, SOURCE_DATE_EPOCH="1700000300")
    assert cards(deck, "changes", "../v1.apkg").stdout.startswith("Reworded (1)")
    with collection(tmp_path / "learner.anki2") as col:
        double_click(col, tmp_path / "v1.apkg")
        assert double_click(col, deck / "decks" / "world-capitals.apkg").updated == 1


def test_hooks_work_in_a_clone_with_the_line_ends_of_windows(tmp_path: Path) -> None:
    deck = new_deck(tmp_path)
    git(deck, "init")
    cards(deck, "build", *FOLDERS)
    git(deck, "add", ".")
    git(deck, "commit", "-m", "first")
    git(tmp_path, "-c", "core.autocrlf=true", "clone", str(deck), "clone")
    clone = tmp_path / "clone"
    git(clone, "config", "core.autocrlf", "true")
    git(clone, "config", "core.hooksPath", ".githooks")
    facts = clone / "cards_src" / "facts" / "planets.yaml"
    assert b"\r\n" in facts.read_bytes()
    facts.write_bytes(facts.read_bytes().replace(b"orbits", b"circles"))
    refused = git(clone, "commit", "-a", "-m", "second")
    assert "add it to this commit" in refused.stderr
    assert git(clone, "commit", "-a", "-m", "second").returncode == 0
    changed = git(clone, "show", "--stat", "--format=").stdout
    assert "2 files changed, 2 insertions(+), 2 deletions(-)" in changed
