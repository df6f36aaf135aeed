"""The builder where it is installed: from a wheel into a bare environment, and on other systems."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import settings

from tests.command import ROOT, cards, cards_alone
from tests.public import example_folders

# What Windows does not have, or macOS has otherwise.
_UNIX = """
import builtins, os, pkgutil, signal, importlib
missing = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
really = builtins.__import__
def windows(name, globals=None, *more):
    if str((globals or {}).get("__name__")).startswith("builder") and name in missing:
        raise ModuleNotFoundError(name)
    return really(name, globals, *more)
import asyncio, multiprocessing.pool, subprocess, tempfile, concurrent.futures.process, http.server
import click, jinja2, yaml, genanki, markdown_it, platformdirs, rapidfuzz
builtins.__import__ = windows
for name in ("fork", "getuid", "geteuid", "getgid", "getpgid", "killpg", "mkfifo", "nice",
             "sched_getaffinity", "setsid", "sysconf", "uname", "O_NOFOLLOW", "O_NONBLOCK"):
    delattr(os, name)
for name in ("SIGKILL", "SIGALRM", "SIGHUP", "SIGUSR1", "alarm", "pthread_sigmask"):
    delattr(signal, name)
import builder
for module in pkgutil.walk_packages(builder.__path__, "builder."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
        print(module.name)
"""


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python 3.11.2, which Debian 12 has, matches `(?:…)*+` wrongly, but not `(?>(?:…)*)`."""
    possessive = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+")
    found = [
        f"{path}:{number}"
        for path in (ROOT / "builder").rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if possessive.search(line)
    ]
    assert found == []


def test_no_module_needs_unix_when_it_is_imported(tmp_path: Path) -> None:
    done = cards_alone(tmp_path, program=_UNIX)
    assert done.returncode == 0, done.stderr
    modules = [*(ROOT / "builder").rglob("*.py")]
    assert len(done.stdout.splitlines()) == len(modules) - 2  # without the first and __main__


def test_the_command_says_its_version(tmp_path: Path) -> None:
    said = cards(tmp_path, "--version").stdout
    assert said == f"cards, version {version('asean-flashcards')}\n"


def test_a_wheel_works_in_a_bare_environment(tmp_path: Path) -> None:
    if settings.get_current_profile_name() != "long":
        pytest.skip("installs from the registry; only in the long profile")

    def run(*words: object, code: int = 0) -> str:
        done = subprocess.run(
            [*map(str, words)],
            cwd=tmp_path,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    # Of the repository only what a build of it needs: a fresh checkout has nothing else.
    clone = tmp_path / "clone"
    names = ("pyproject.toml", "README.md", "LICENSE", "builder", "examples")
    for name in names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            clone.mkdir(exist_ok=True)
            shutil.copy(source, clone)
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet")
    run(sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, clone)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("builder/")}
    # The example decks lie beside the builder there, and within it in the wheel.
    files = {path.relative_to(clone) for path in clone.rglob("*") if path.is_file()}
    inside = {path.as_posix() for path in files if path.parts[0] == "builder"}
    beside = {f"builder/{path.as_posix()}" for path in files if path.parts[0] == "examples"}
    assert held == inside | beside
    assert {"builder/py.typed", "builder/examples/start/cards_src/decks.yaml"} < held

    venv.create(tmp_path / "bare", with_pip=True)
    bare = tmp_path / "bare" / "bin"
    run(bare / "python", *pip, "install", wheel)
    command = bare / "cards"
    assert run(command, "--version").startswith("cards, version ")
    for example in example_folders():
        run(command, "new", example, "--from", example)
        run(command, "check", "--strict", "--src", f"{example}/cards_src")
    run(command, "new", "deck")
    folders = ("--src", "deck/cards_src", "--decks", "deck/decks")
    assert run(command, "check", "--strict", *folders).endswith("No problems.\n")
    assert "learners will notice: 3 notes added" in run(command, "build", *folders)
    assert "<title>Deck</title>" in run(command, "tags", "--html", *folders[:2])
    # What is said of the missing engine is a command that installs it.
    said = run(command, "preview", *folders, code=1)
    found = re.fullmatch(r"Error: the preview needs .*: (\".*\") (-m .*)\n", said)
    assert found, said
    run(found[1].strip('"'), *found[2].split(), "--quiet")
    run(command, "preview", *folders)
    assert (tmp_path / "preview.html").stat().st_size > 10_000
