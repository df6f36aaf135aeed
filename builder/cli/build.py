"""`cards build`: the sources → the packages, and what learners will notice."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import common, terminal
from builder.cli.terminal import counted, echo, stop_if_wrong, track, wrong_call
from builder.files import check_packages

if TYPE_CHECKING:
    from builder.model import Package
    from builder.notes.tally import Tally
    from builder.project import Project

_UNWRITTEN = "Nothing was written."
_NOTHING_TO_DO = "Nothing to do: the packages are up to date."


@common.command(
    "build",
    "cards build                  every package",
    "cards build asean-core       only this one",
    "cards build --check          fails unless all are up to date",
    "cards build --only 'tag:ASEAN::partner::japan' -o japan.apkg",
)
@click.argument("packages", nargs=-1, shell_complete=common.complete_packages)
@click.option("--check", is_flag=True, help="Write nothing, and fail if a file is out of date.")
@click.option(
    "--only", metavar="QUERY", help="Write a package of the notes that this search matches."
)
@click.option("-o", "--output", type=common.FILE, help="The file to write that package to.")
def command(
    packages: tuple[str, ...],
    *,
    check: bool,
    only: str | None,
    output: Path | None,
    src: Path,
    decks: Path,
) -> None:
    """Write all packages, or the named ones.

    Nothing is written if the sources have an error. QUERY is a search as in Anki's browser, limited
    to tags. Its package can be imported before or after any of the others.
    """
    if (only is None) != (output is None):
        wrong_call("--only and -o must be given together")
    if only is not None and (packages or check):
        wrong_call("--only cannot be combined with PACKAGES or --check")
    common.check_folders(src, decks, output)
    if only is not None and output is not None:
        _build_part(only, output, src, decks)
    elif check:
        from builder.build import stale

        made = common.prepare(common.load(src), decks)
        stop_if_wrong(stale(made, _chosen(made.project, packages), decks, track))
    else:
        _build(packages, src, decks)


def _build(names: tuple[str, ...], src: Path, decks: Path) -> None:
    """Writes the packages of these names, all if there are none."""
    from builder.speed.last_run import LastRun

    stop_if_wrong(check_packages(decks), _UNWRITTEN)
    now, cache = common.build_time(), common.open_cache()
    last = LastRun(cache, src, decks, "build", *names)
    if last.found():
        echo(_NOTHING_TO_DO)
        return
    from builder.build import build  # takes long, as do the others
    from builder.changes import compare_ledgers
    from builder.reports.changes import summary

    project = common.load(src, _UNWRITTEN)
    chosen = _chosen(project, names)
    built, digests, problems = build(project, chosen, decks, now, track, cache)
    made = terminal.value_or_stop((built, problems), _UNWRITTEN)
    terminal.print_problems(problems)
    nothing_to_do = last.is_built(digests)
    last.remember(digests, found=True)
    if nothing_to_do:
        echo(_NOTHING_TO_DO)
        return
    for package in chosen:
        _print_size(decks / f"{package.name}.apkg", project.tally_of(package))
    changes, added = compare_ledgers(made.before, made.after)
    echo(*summary(changes._replace(exchanged=list(made.exchanged)), added))


def _build_part(query: str, output: Path, src: Path, decks: Path) -> None:
    from builder.build import pack
    from builder.model import Package

    common.check_query(query)
    if output.suffix != ".apkg":
        wrong_call(f"the name of a package must end in .apkg: {output}")
    project = common.load(src, _UNWRITTEN)
    about = f"The part that this search matches: {query}"
    package = Package("part", project.deck.name, about, query, project.deck.place)
    tally = common.matching(project, query)
    made = common.prepare(project, decks)
    common.write_output(output, terminal.value_or_stop(pack(made, package, decks), _UNWRITTEN))
    _print_size(output, tally)


def _chosen(project: "Project", names: tuple[str, ...]) -> "list[Package]":
    """The packages of these names, all if there are none."""
    known = project.deck.packages
    terminal.known_or_stop("package", names, known)
    return [known[name] for name in names or known]


def _print_size(path: Path, tally: "Tally") -> None:
    size = f"{path.stat().st_size / 1000:.0f} kB"
    echo(f"{path}  {counted(tally.notes, 'note')}, {counted(tally.cards, 'card')}, {size}")
