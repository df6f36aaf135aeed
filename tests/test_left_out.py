"""Tests that need a browser, where there is none: left out aloud, and in CI not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def outcome(without: Path, **environment: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a run of tests that find programs in that folder alone."""
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_screenshots.py"],
        cwd=ROOT,
        env=inherited | {"PATH": str(without)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_the_last_line_says_what_was_left_out_and_how_to_get_it(tmp_path: Path) -> None:
    code, lines = outcome(tmp_path)
    assert code == 0
    assert lines[-1] == (
        "1 test of how things look was left out: no Chromium;"
        " apt-get install chromium fonts-noto-core"
    )


def test_in_ci_nothing_may_be_left_out(tmp_path: Path) -> None:
    code, lines = outcome(tmp_path, CI="true")
    assert code == 1
    assert lines[-1].startswith("1 passed, 1 error")
