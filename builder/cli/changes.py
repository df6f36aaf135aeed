"""`cards changes`: two packages → what a learner notices."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import common
from builder.cli.terminal import echo, echo_report, stop_if_wrong, value_or_stop
from builder.files import check_packages
from builder.problems import Error, Place, error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from builder.anki.edition import Edition
    from builder.model import Entry


@common.command(
    "changes",
    "cards changes ~/Downloads/asean.apkg",
    "cards changes old.apkg new.apkg --format markdown",
    "cards changes last-release/",
)
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    help="Text to read here, or Markdown for release notes.",
)
def command(old: Path, new: Path | None, form: str, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print what changes for a learner who has OLD and imports NEW.

    Each is a package, a collection exported from Anki, or a folder, which stands for all packages
    in it. Without NEW, a folder is compared with the folder of packages, and a file with the
    package in it that has most of the same notes, whatever its name.
    """
    from builder.anki.edition import read_packages
    from builder.changes import compare, with_other_keys
    from builder.ledger.file import FILE_NAME, load_ledger
    from builder.reports.changes import describe

    before = value_or_stop(read_packages(old))
    if new is None:
        stop_if_wrong(check_packages(decks))
    others: set[str] = set()
    ledger, _ = load_ledger((new if new and new.is_dir() else decks) / FILE_NAME)
    if new is None and not old.is_dir():
        before, after, others = _with_counterpart(before, old, decks, ledger)
    else:
        after = value_or_stop(read_packages(new or decks))
    changes = compare(with_other_keys(before, ledger), with_other_keys(after, ledger), others)
    show = echo if form == "markdown" else echo_report
    show(*describe(changes, markdown=form == "markdown").split("\n"))


def _with_counterpart(
    old: "Edition", path: Path, decks: Path, ledger: "Mapping[str, Entry]"
) -> tuple["Edition", "Edition", set[str]]:
    """The notes of a package that are of the deck, and the deck's package that it is an edition of.

    And the GUIDs of all notes in the deck's packages. Ends the command if there is none.
    """
    from builder.anki.edition import read_package
    from builder.changes import counterpart

    # The one of the same name comes first, if others are as much alike.
    paths = sorted(decks.glob("*.apkg"), key=lambda found: (found.name != path.name, found.name))
    editions = {found: value_or_stop(read_package(found)) for found in paths}
    editions = {found: each for found, each in editions.items() if not each.exported}
    packed = {guid for edition in editions.values() for guid in edition.notes}
    known = packed | {entry.guid for entry in ledger.values()}
    old = old._replace(notes={guid: old.notes[guid] for guid in old.notes if guid in known})
    found = counterpart(old, editions)
    message = f"no package in {decks}/ has a note of it; name the one to compare it with"
    problems = [] if found else [error(Place(str(path)), message, Error.PACKAGE)]
    found = value_or_stop((found, problems))
    if found.name != path.name:
        echo(f"Compared with {found}.", err=True)
    return old, editions[found], packed
