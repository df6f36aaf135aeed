"""The workflows of GitHub: valid, with few rights, and their steps do what they say, run here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command import ROOT, cards, cards_alone

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
CHECK, OWN, RELEASE = WORKFLOWS
TEMPLATE = ROOT / "builder" / "examples" / "folder" / "dot-github" / "workflows" / "deck.yaml"
FOLDERS = ("--src", "cards_src")

# What `gh` does, with folders for releases: $GH_FAKE/TAG; what is asked of the API is kept.
GH = """#!{python}
import json, os, shutil, sys
from pathlib import Path
fake, (group, action, *words) = Path(os.environ["GH_FAKE"]), sys.argv[1:]
assert os.environ["GH_TOKEN"] == "token"
releases = sorted((path for path in fake.iterdir() if path.is_dir()), reverse=True)
if group == "api":
    log = fake / "asked.json"
    asked = json.loads(log.read_text()) if log.exists() else []
    log.write_text(json.dumps([*asked, sys.argv[2:]]))
    if "--jq" in words and (fake / "comments").exists():
        print((fake / "comments").read_text())
elif action == "list":
    print("\\n".join(path.name for path in releases))
elif not (fake / words[0]).exists() and action != "create":
    sys.exit("release not found")
elif action == "view":
    print("\\n".join(path.name for path in (fake / words[0]).iterdir()))
elif action == "download":
    for path in (fake / words[0]).glob(words[words.index("--pattern") + 1]):
        shutil.copy(path, words[words.index("--dir") + 1])
else:
    (fake / words[0]).mkdir(exist_ok=action == "upload")
    for name in words[words.index("--") + 1:]:
        shutil.copy(name, fake / words[0])
    if action == "create":
        shutil.copy(words[words.index("--notes-file") + 1], fake / words[0])
"""
PYTHON = (
    '#!/bin/sh\n[ "$1 $2 $3" = "-m pip install" ] && [ -n "$4" ] && echo "$4" > "$GH_FAKE/pip"\n'
)


def parsed(path: Path) -> dict[str, Any]:
    """A workflow, all scalars as they are written."""
    loaded = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - makes texts only
    assert isinstance(loaded, dict)
    return loaded


def job_of(path: Path, name: str) -> dict[str, Any]:
    return dict(parsed(path)["jobs"][name])


class Runner:
    """A machine of GitHub's that runs the jobs of a workflow in the folder of a deck."""

    def __init__(self, deck: Path, temp: Path) -> None:
        self.deck, self.fake, self.temp = deck, temp / "gh", temp / "runner"
        bin_ = temp / "bin"
        for folder in (self.fake, self.temp, bin_):
            folder.mkdir()
        for name, text in (("gh", GH.format(python=sys.executable)), ("python", PYTHON)):
            (bin_ / name).write_text(text, "utf-8")
            (bin_ / name).chmod(0o755)
        self.expressions = {
            "github.token": "token",
            "github.repository": "someone/deck",
            "github.ref_name": "v2",
            "github.event.pull_request.number": "7",
            "runner.temp": str(self.temp),
        }
        self.environment = {
            "PATH": f"{bin_}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GH_FAKE": str(self.fake),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }

    def run(self, path: Path, job: str) -> subprocess.CompletedProcess[str]:
        """Runs the steps of a job that are commands, until one fails."""
        workflow = parsed(path)
        inputs = workflow["on"]["workflow_call"]["inputs"]
        self.expressions |= {
            f"inputs.{name}": said.get("default", "builder[anki]") for name, said in inputs.items()
        }
        assert workflow["defaults"] == {"run": {"shell": "bash"}}
        bash = shutil.which("bash")
        assert bash
        said = ""
        for step in workflow["jobs"][job]["steps"]:
            if "run" in step:
                given = workflow["jobs"][job].get("env", {}) | step.get("env", {})
                done = subprocess.run(
                    [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                    cwd=self.deck,
                    env={**os.environ, **self.environment, **self.meant(given)},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                said += done.stdout + done.stderr
                if done.returncode:
                    break
        return subprocess.CompletedProcess(job, done.returncode, said)

    def meant(self, given: dict[str, str]) -> dict[str, str]:
        """Variables with the values of the expressions in them."""
        return {
            name: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: self.expressions[found[1]], value)
            for name, value in given.items()
        }

    @property
    def asked(self) -> list[list[str]]:
        """What was asked of GitHub's API."""
        log = self.fake / "asked.json"
        return json.loads(log.read_text("utf-8")) if log.exists() else []


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """With a new deck whose ledger is committed, as its author leaves it."""
    assert cards(tmp_path, "new", "deck").exit_code == 0
    deck = tmp_path / "deck"
    assert cards(deck, "build", *FOLDERS).exit_code == 0
    made = Runner(deck, tmp_path)
    commit(made)
    return made


def commit(runner: Runner) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", *words],  # noqa: S607
            cwd=runner.deck,
            check=True,
        )


def reword(runner: Runner, *, build: bool = True) -> None:
    facts = runner.deck / "cards_src" / "facts" / "planets.yaml"
    facts.write_text(facts.read_text("utf-8").replace("orbits the Sun", "circles the Sun"), "utf-8")
    if build:
        # A second has passed.
        done = cards(runner.deck, "build", *FOLDERS, SOURCE_DATE_EPOCH="1990000000")
        assert done.exit_code == 0, done.output
        runner.environment["SOURCE_DATE_EPOCH"] = "1990000000"
        commit(runner)


def release(runner: Runner, tag: str) -> None:
    shutil.copytree(runner.deck / "decks", runner.fake / tag)


@pytest.mark.parametrize(("workflow", "job"), [(CHECK, "check"), (RELEASE, "build")])
def test_a_ledger_that_was_reverted_behind_the_last_release_is_refused(
    runner: Runner, workflow: Path, job: str
) -> None:
    folders = runner.deck / "cards_src", runner.deck / "decks"
    for folder in folders:
        shutil.copytree(folder, runner.temp / folder.name)
    reword(runner)
    release(runner, "v1")
    for folder in folders:
        shutil.rmtree(folder)
        shutil.copytree(runner.temp / folder.name, folder)
    commit(runner)
    done = runner.run(workflow, job)
    assert done.returncode == 1
    assert "but the ledger is older than the package" in done.stdout
    assert "::error::decks/ledger.jsonl is not that of the last release" in done.stdout


def test_a_pull_request_gets_annotations(runner: Runner) -> None:
    facts = runner.deck / "cards_src" / "facts" / "planets.yaml"
    facts.write_text(facts.read_text("utf-8").replace("kind: list", "kind: lst"), "utf-8")
    done = runner.run(CHECK, "check")
    assert done.returncode == 1
    assert (
        "::error file=cards_src/facts/planets.yaml,line=17,col=11,title=unknown-kind::"
        in done.stdout
    )
    assert (runner.fake / "pip").read_text("utf-8") == "builder[anki]\n"


def test_a_pull_request_gets_a_comment_on_what_learners_will_notice(runner: Runner) -> None:
    release(runner, "v1")
    reword(runner)
    done = runner.run(CHECK, "check")
    assert done.returncode == 0, done.stdout
    report = (runner.temp / "report" / "changes.md").read_text("utf-8")
    assert report.startswith(
        "<!-- cards changes -->\n## Reworded (1)\n\n- `planets-defined-by/ask`"
    )
    assert (runner.temp / "summary.md").read_text("utf-8") == report
    assert runner.run(CHECK, "comment").returncode == 0
    body = f"body=@{runner.temp}/report/changes.md"
    comments = "repos/someone/deck/issues/7/comments"
    assert runner.asked[-1] == ["--silent", "--method", "POST", comments, "--field", body]
    (runner.fake / "comments").write_text("41\n42", "utf-8")
    assert runner.run(CHECK, "comment").returncode == 0
    comment = "repos/someone/deck/issues/comments/42"
    assert runner.asked[-1] == ["--silent", "--method", "PATCH", comment, "--field", body]


def test_a_pull_request_before_the_first_release_says_so(runner: Runner) -> None:
    (runner.fake / "v0").mkdir()
    assert runner.run(CHECK, "check").returncode == 0
    report = (runner.temp / "report" / "changes.md").read_text("utf-8")
    assert report.endswith("\nNo release has packages yet, so all cards are new to learners.\n")


def test_a_pull_request_without_its_ledger_gets_a_warning_a_release_an_error(
    runner: Runner,
) -> None:
    reword(runner, build=False)
    checked = runner.run(CHECK, "check")
    assert checked.returncode == 0
    assert "::warning::decks/ledger.jsonl is not that of these sources" in checked.stdout
    released = runner.run(RELEASE, "build")
    assert released.returncode == 1
    assert "::error::decks/ledger.jsonl is not that of these sources" in released.stdout


def test_a_report_that_is_too_long_is_cut_between_characters(runner: Runner) -> None:
    release(runner, "v1")
    fact = "  - {{id: n-{0}, kind: question, question: Was ist {0} – %s?, answer: Wort {0}}}\n"
    fact %= "“ö” " * 40
    text = "topic: planets\nlevel: core\nsource: {doc: iau-resolution-b5}\nfacts:\n"
    (runner.deck / "cards_src" / "facts" / "n.yaml").write_text(
        text + "".join(map(fact.format, range(300))), "utf-8"
    )
    assert runner.run(CHECK, "check").returncode == 0
    report = (runner.temp / "report" / "changes.md").read_bytes()
    assert 59_000 < len(report) < 60_100
    assert report.decode().endswith("\n\n… and more.\n")


def test_a_tag_is_released_with_packages_notes_and_pages(runner: Runner) -> None:
    release(runner, "v1")
    reword(runner)
    done = runner.run(RELEASE, "build")
    assert done.returncode == 0, done.stdout
    pages = runner.temp / "pages"
    assert sorted(path.name for path in pages.iterdir()) == [
        "deck.apkg",
        "index.html",
        "preview.html",
    ]
    guide = (pages / "index.html").read_text("utf-8")
    assert "<title>Deck</title>" in guide
    assert "<table>" in guide
    assert all((pages / name).exists() for name in re.findall('href="([^"#]+)"', guide))
    assert all(f'id="{name}"' in guide for name in re.findall('href="#([^"]+)"', guide))
    assert runner.run(RELEASE, "release").returncode == 0
    made = runner.fake / "v2"
    assert sorted(path.name for path in made.iterdir()) == ["deck.apkg", "notes.md"]
    assert (made / "notes.md").read_text("utf-8").startswith("## Reworded (1)\n")
    assert (made / "deck.apkg").read_bytes() == (runner.deck / "decks/deck.apkg").read_bytes()


def test_a_release_that_its_author_has_made_gets_the_packages(runner: Runner) -> None:
    (runner.fake / "v2").mkdir()
    (runner.fake / "v2" / "deck.apkg").write_bytes(b"old")
    assert runner.run(RELEASE, "build").returncode == 0
    notes = (runner.temp / "release" / "notes.md").read_text("utf-8")
    assert notes == "The first release.\n"
    assert runner.run(RELEASE, "release").returncode == 0
    assert (runner.fake / "v2" / "deck.apkg").read_bytes() != b"old"


def test_the_steps_work_in_this_repository_too(tmp_path: Path) -> None:
    deck = tmp_path / "clone"
    ignored = shutil.ignore_patterns(".*", "tests", "builder", "benchmarks", "__pycache__")
    shutil.copytree(ROOT, deck, ignore=ignored)
    runner = Runner(deck, tmp_path)
    commit(runner)
    release(runner, "v1")
    checked = runner.run(CHECK, "check")
    assert checked.returncode == 0, checked.stdout
    report = (runner.temp / "report" / "changes.md").read_text("utf-8")
    assert report == "<!-- cards changes -->\nNothing changes for learners.\n"
    assert "::warning::" not in checked.stdout
    released = runner.run(RELEASE, "build")
    assert released.returncode == 0, released.stdout


@pytest.mark.parametrize("path", [*WORKFLOWS, TEMPLATE], ids=lambda path: path.name)
def test_workflows_have_few_rights_and_take_no_orders_from_what_others_wrote(path: Path) -> None:
    workflow = parsed(path)
    text = path.read_text("utf-8")
    assert "pull_request_target" not in text
    assert "secrets." not in text
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        steps = job.get("steps", [])
        writes = [right for right, given in job["permissions"].items() if given == "write"]
        # Whoever may write runs neither the builder nor a checkout.
        if writes and steps:
            assert not any("checkout" in step.get("uses", "") for step in steps), name
            assert not any("cards " in step.get("run", "").split("api")[0] for step in steps), name
        for step in steps:
            assert "${{" not in step.get("run", ""), name
            if "uses" in step:
                assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] == "false"
    for used in re.findall(r"uses: (actions/.*)", text):
        assert re.fullmatch(r"actions/\S+  # v\d+\.\d+\.\d+", used), "the version stands behind"


def test_callers_grant_what_the_called_jobs_ask_for() -> None:
    for path in (OWN, TEMPLATE):
        for name, called in (("check", CHECK), ("release", RELEASE)):
            job = job_of(path, name)
            asked: dict[str, str] = {}
            for inner in parsed(called)["jobs"].values():
                asked |= {key: right for key, right in inner["permissions"].items()
                          if asked.get(key) != "write"}  # fmt: skip
            assert asked.items() <= ({"contents": "read"} | job["permissions"]).items()
            assert job["uses"].partition("@")[0].endswith(f".github/workflows/{called.name}")
            assert job["with"].keys() <= parsed(called)["on"]["workflow_call"]["inputs"].keys()


def test_the_workflow_of_a_new_deck_names_where_the_builder_came_from(tmp_path: Path) -> None:
    """As pip notes it for what it installs by the address of a repository (PEP 610)."""
    program = """
import importlib.metadata, json
class Installed:
    def read_text(self, name):
        return json.dumps({"url": "ADDRESS", "vcs_info": {"vcs": "git", "commit_id": "c" * 40}})
importlib.metadata.distribution = lambda name: Installed()
from builder.cli.main import main
main()
"""
    for number, address in enumerate(
        ["https://github.com/some.one/builder.git", "ssh://git@github.com/some.one/builder"]
    ):
        told = program.replace("ADDRESS", address)
        done = cards_alone(tmp_path, "new", str(number), program=told)
        assert done.returncode == 0, done.stderr
        assert "OWNER" not in done.stdout
        text = (tmp_path / str(number) / ".github" / "workflows" / "deck.yaml").read_text("utf-8")
        home = f"some.one/builder/.github/workflows/check-deck.yaml@{'c' * 40}\n"
        assert f"uses: {home}" in text
        assert f"[anki] @ git+https://github.com/some.one/builder@{'c' * 40}" in text
    unknown = cards_alone(tmp_path, "new", "x", program=program.replace("ADDRESS", "file:///x"))
    assert "in place of\nOWNER/REPOSITORY in .github" in unknown.stdout
