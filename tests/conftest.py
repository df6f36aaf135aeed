"""What all tests share: how much they try, a cache of their own, the deck, a browser.

`--bless` rewrites the golden files.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tests.effort  # noqa: F401 - the profiles
from tests.browser import NO_CHROMIUM, find_chromium, launched
from tests.public import Project, load_project

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_ROOM = 2**30
_LONGEST = tuple(
    f"tests/test_{name}.py" for name in ("upgrades_property", "screenshots", "workflows")
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite the golden files")


def pytest_configure() -> None:
    """Temporary files are in memory, where it has room: Anki waits for each write to a disk."""
    memory = "/dev/shm"  # noqa: S108 - a file system, in which pytest makes a folder of its own
    if "TMPDIR" in os.environ or not os.path.ismount(memory):
        return
    found = os.statvfs(memory)
    if found.f_bavail * found.f_frsize > _ROOM and not found.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = memory


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, so that no process waits for them in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing is skipped."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
    return report


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line says what was left out for want of a browser."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    skipped = reporter.stats.get("skipped", [])
    without = [report for report in skipped if NO_CHROMIUM in str(report.longrepr)]
    if without:
        tests = "1 test" if len(without) == 1 else f"{len(without)} tests"
        were = "was" if len(without) == 1 else "were"
        reporter.write_line(f"{tests} of how things look {were} left out: {NO_CHROMIUM}")


@pytest.fixture(scope="session", autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache for the tests alone, and no width of a terminal, which pytest-xdist gives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("COLUMNS", raising=False)
        yield


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="session")
def asean() -> Project:
    """The deck of this repository, which has no problems."""
    project, problems = load_project(Path(__file__).parent.parent / "cards_src")
    assert project
    assert not problems, "\n".join(map(str, problems))
    return project


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser; where there is none, its tests are skipped."""
    path = find_chromium()
    if path is None:
        pytest.skip(NO_CHROMIUM)
    with launched(path) as started:
        yield started
