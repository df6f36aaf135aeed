"""`cards changes`: two packages → what a learner notices."""

from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import echo, fail, stop_if_wrong, value_or_stop
from builder.files import check_packages


@common.command(
    "changes",
    "cards changes ~/Downloads/asean.apkg",
    "cards changes old.apkg new.apkg --format markdown",
    "cards changes last-release/",
)
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text")
def command(old: Path, new: Path | None, form: str, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print what a learner with package OLD notices on importing NEW.

    NEW defaults to the package of the same name in the folder of packages. Folders stand for all
    packages in them together.
    """
    from builder.anki.edition import read_package, read_packages
    from builder.changes import compare
    from builder.reports.changes import describe

    if new is None:
        stop_if_wrong(check_packages(decks))
        new = decks if old.is_dir() else decks / old.name
        if not new.exists():
            fail(f"{new} does not exist; run `cards build`, or name the newer package")
    before, after = (
        value_or_stop(read_packages(path) if path.is_dir() else read_package(path))
        for path in (old, new)
    )
    echo(*describe(compare(before, after), markdown=form == "markdown").split("\n"))
