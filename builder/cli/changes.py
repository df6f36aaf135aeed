"""`cards changes`: two packages → what a learner notices."""

from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import echo, stop_if_wrong, value_or_stop
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

    NEW defaults to the package of the same name in the folder of packages.
    """
    from builder.anki.edition import read_package
    from builder.changes import compare
    from builder.reports.changes import describe

    if new is None:
        stop_if_wrong(check_packages(decks))
    before = value_or_stop(read_package(old))
    after = value_or_stop(read_package(new or decks / old.name))
    echo(*describe(compare(before, after), markdown=form == "markdown").split("\n"))
