"""`cards changes`: two packages → what a learner notices."""

from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import echo, stop_if_wrong
from builder.files import check_packages


@common.command(
    "changes",
    "cards changes ~/Downloads/asean.apkg",
    "cards changes old.apkg new.apkg --format markdown",
)
@click.argument("old", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("new", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text")
def command(old: Path, new: Path | None, form: str, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print what a learner with package OLD notices on importing NEW.

    NEW is the package of the same name in the folder of packages, unless it is named.
    """
    from builder.anki.edition import Edition, read_package
    from builder.changes import compare
    from builder.reports.changes import describe

    if new is None:
        stop_if_wrong(check_packages(decks))
    editions = []
    for path in (old, new or decks / old.name):
        found = read_package(path)
        if isinstance(found, Edition):
            editions.append(found)
        else:
            stop_if_wrong([found])
    echo(*describe(compare(*editions), markdown=form == "markdown").split("\n"))
