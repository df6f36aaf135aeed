"""A folder of sources and the ledger → every problem that there is.

The one place that puts the checks together: the command `check`, the preview, and CI show this.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from builder.build import Build, prepare
from builder.files import check_packages
from builder.model import Memory, Track, no_memory, untracked
from builder.problems import Problem, any_error
from builder.project import Project, Read, load, plainly
from builder.reports.schema import stale_schemas
from builder.rules.run import check_cards


class Checked(NamedTuple):
    """What a check found: the project and how its next build goes on, if there is no error."""

    project: Project | None
    build: Build | None
    problems: list[Problem]


def check(
    src: Path,
    decks: Path,
    now: int,
    *,
    read: Read = plainly,
    track: Track = untracked,
    memory: Memory = no_memory,
) -> Checked:
    """Checks the sources in `src`, also against what was built to `decks` before.

    `now` is in seconds since 1970. The problems are sorted.
    """
    project, problems = load(src, read=read, track=track)
    problems += check_packages(decks)
    build = None
    vocabulary = None
    if project and not any_error(problems):
        vocabulary = project.vocabulary
        problems += check_cards(project)
        build, found = prepare(project, decks, now, memory)
        problems += found
    problems += stale_schemas(src, vocabulary)
    return Checked(project, build, sorted(set(problems)))
