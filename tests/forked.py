"""The command in forks of an interpreter that has imported all of it: to be killed by the dozen."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.public import main

_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(["__main__", __name__, "genanki", "jinja2", "yaml"])


@dataclass(frozen=True)
class Running:
    """A command that runs, and the file into which it writes what it says of errors."""

    process: ForkServerProcess
    errors: Path

    def finish(self) -> tuple[int, str]:
        """Its exit code, and what it said of errors."""
        self.process.join(60)
        assert self.process.exitcode is not None
        return self.process.exitcode, self.errors.read_text("utf-8")


def start(root: Path, *words: str, operations: int | None = None) -> Running:
    """`cards WORDS` in the folder `root`, with the sources in `root`/src.

    It kills itself just before it does something to a file of decks/ that it has done something
    to `operations` times.
    """
    opened, name = tempfile.mkstemp(dir=root)
    os.close(opened)
    errors = Path(name)
    given = (root, [*words, "--src", "src"], errors, operations)
    process = _FORKING.Process(target=_run, args=given)
    process.start()
    return Running(process, errors)


def in_fork(function: Callable[[Path], None], root: Path) -> None:
    """Calls a function in such a fork, which has no threads, so that it may fork in its turn."""
    process = _FORKING.Process(target=function, args=(root,))
    process.start()
    process.join(60)
    assert process.exitcode == 0


def _run(root: Path, words: list[str], errors: Path, operations: int | None) -> None:
    os.chdir(root)
    tempfile.tempdir = str(root)  # where what is left by who is killed is removed with the test
    for stream, path in ((1, os.devnull), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY), stream)
    if operations is not None:
        _die_after(operations)
    main(words, prog_name="cards")


def _die_after(operations: int) -> None:
    """Lets this process kill itself just before the next thing that it does to a file of decks/."""
    left = operations

    def count(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "sqlite3.connect"):
            left -= "decks" in str(args[0])
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
