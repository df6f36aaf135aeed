"""The command `cards`, run in a folder as a user runs it there."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner, Result

from tests.public import main

ROOT = Path(__file__).parent.parent


def cards(root: Path, *words: object, **environment: str) -> Result:
    """Runs `cards WORDS` in the folder `root`, within this process; a traceback fails the test.

    The sources are in `root`/src, unless the words name another folder.
    """
    try:
        with chdir(root):
            return CliRunner(env=environment).invoke(
                main, _with_sources(words), prog_name="cards", catch_exceptions=False
            )
    finally:
        gc.enable()  # a command leaves it off until its process ends


def cards_alone(
    root: Path, *words: object, program: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, which may run another `program` than the command."""
    return subprocess.run(
        [
            sys.executable,
            *(["-c", program] if program else ["-m", "builder"]),
            *_with_sources(words),
        ],
        cwd=root,
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def _with_sources(words: tuple[object, ...]) -> list[str]:
    named = "--src" in words or not words or str(words[0]).startswith(("-", "new", "import"))
    named = named or words == ("ledger", "--help")  # a group, which has no sources of its own
    return [*map(str, words), *(() if named else ("--src", "src"))]


def files_of(folder: Path) -> dict[str, bytes]:
    """The files that a learner or git sees there."""
    return {path.name: path.read_bytes() for path in folder.glob("[!.]*")}


def said_of(text: str) -> list[str]:
    """The problems that a command printed, each as `path:line:column: severity: message [rule]`."""
    found = re.findall(r"^(error|warning)\[(.+?)\]: (.*)\n *--> (.*)$", text, re.MULTILINE)
    return [f"{place}: {severity}: {text} [{rule}]" for severity, rule, text, place in found]
