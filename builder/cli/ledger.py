"""`cards ledger recover`: packages that were built → the ledger that was lost."""

import os
from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import counted, echo, stop_if_wrong, value_or_stop, wrong_call
from builder.files import check_packages, write_files
from builder.problems import Error, Place, error

# How many keys are named before it is said how many more there are.
_FEW = 8


@click.group("ledger")
def command() -> None:
    """Recover the ledger, the record of what learners have."""


@common.command(
    "recover",
    "cards ledger recover                    from the packages in decks/",
    "cards ledger recover 2024/*.apkg 2025/*.apkg decks/*.apkg",
)
@click.argument("packages", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def recover(packages: tuple[Path, ...], src: Path, decks: Path) -> None:
    """Rebuild a lost ledger from packages.

    Name every package of every edition that you still have, the newest last: an older one may hold
    what the newest lacks, such as a fact that was removed.
    """
    from builder.anki.edition import read_package
    from builder.ledger import recovery
    from builder.ledger.file import FILE_NAME, entries_of, format_ledger

    stop_if_wrong(check_packages(decks))
    path = decks / FILE_NAME
    if os.path.lexists(path) and path.lstat().st_size:
        wrong_call(
            f"{path} is there, and only a lost ledger is rebuilt; if it is of no use, delete it"
        )
    chosen = packages or sorted(decks.glob("*.apkg"))
    if not chosen:
        wrong_call(f"there are no packages in {decks}/; name those that learners have")
    project = common.load(src)
    editions, problems = [], []
    for package in chosen:
        edition = value_or_stop(read_package(package))
        message = ""
        if edition.exported:
            message = "exported by Anki, so a learner may have changed it; name one as it was built"
        elif project.deck.name not in edition.decks:
            message = f"not of the deck “{project.deck.name}”"
        problems += [error(Place(str(package)), message, Error.PACKAGE)] if message else []
        editions.append(edition)
    stop_if_wrong(problems)
    made = project.deck, project.vocabulary.kinds, project.notes, project.note_types
    try:
        data = b"".join(format_ledger(recovery.recover(editions, *made)))
    except (LookupError, TypeError, AttributeError, ValueError):
        data = b""
    entries, problems = entries_of(path, data)
    if problems:
        message = "these packages were not made by `cards build`"
        stop_if_wrong([error(Place(str(path)), message, Error.PACKAGE)])
    with common.writing(path):
        decks.mkdir(parents=True, exist_ok=True)
        write_files([(path, [data])], lasting=(path,))
    notes = [entry for entry in entries.values() if entry.of_note]
    gone = sum(bool(entry.retired) for entry in notes)
    echo(f"{path}  {counted(len(notes), 'note')}, {gone} of them not in the sources any more")
    known = {key for entry in notes for key in (entry.key, *entry.formerly)}
    missing = [
        note.key
        for note in project.notes
        if known.isdisjoint(f"{name}/{note.prompt}" for name in (note.fact.id, *note.fact.formerly))
    ]
    if missing:
        more = f" and {len(missing) - _FEW} more" if len(missing) > _FEW else ""
        echo(
            f"{counted(len(missing), 'note')} of the sources in none of these packages:"
            f" {', '.join(missing[:_FEW])}{more}. The next build takes them for new; if learners"
            " have them, delete this ledger and name the packages that have them, too."
        )


command.add_command(recover)
