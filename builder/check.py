"""A folder of sources and the ledger → every problem that there is.

The one place that puts the checks together: the command `check`, the preview, and CI show this.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from builder.build import Build, prepare
from builder.files import check_packages
from builder.model import Memory, Track, no_memory, untracked
from builder.problems import Problem, any_error
from builder.project import Project, Read, load, plainly
from builder.reports.schema import out_of_date, schemas_of
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
    ready: Callable[[Checked], None] = lambda _: None,
) -> Checked:
    """Checks the sources in `src`, also against what was built to `decks` before.

    `now` is in seconds since 1970. The problems are sorted. `ready` hears how the next build goes
    on as soon as that is known, before the rules that look at all cards are asked.
    """
    project, problems = load(src, read=read, track=track)
    problems += check_packages(decks)
    build = None
    if project and not any_error(problems):
        build, found = prepare(project, decks, now, memory)
        problems += found
        ready(Checked(project, build, sorted(set(problems))))
        problems += check_cards(project)
        if (src / "schema").is_dir():
            stale = out_of_date(schemas_of(project.vocabulary, src / "schema"))
            problems += [problem._replace(severity="warning") for problem in stale]
    return Checked(project, build, sorted(set(problems)))
