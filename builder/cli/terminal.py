"""What a command says: the only place that knows colours, width, progress and exit codes.

A command ends with 0 if all is well, with 1 if there are problems, with 2 if it was called wrongly.
"""

import shutil
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from typing import NoReturn, TypeVar

import click

from builder.problems import Problem, any_error, nearest, printable

# Seconds of work before a terminal shows how far it is.
_PATIENCE = 1.0
_STARTED = time.perf_counter()

# The width where there is no terminal: nothing is wrapped.
_WIDE = 1_000_000

_COLOURS = {"error": "red", "warning": "yellow", "place": "blue"}

_Thing = TypeVar("_Thing")


def echo(*lines: str, err: bool = False) -> None:
    """Prints some lines, without anything that a terminal would obey."""
    for line in lines:
        click.echo(printable(line), err=err)


def echo_named(name: str, text: str) -> None:
    """Prints a text beside its name."""
    shown = click.style(f"{name:>13}", bold=True)
    for line in text.split("\n"):
        click.echo(f"{shown}  {printable(line)}")
        shown = f"{'':13}"


def echo_table(rows: Iterable[tuple[str, ...]]) -> None:
    """Prints rows of cells in columns."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        echo("  ".join(cells).rstrip())


def counted(count: int, word: str) -> str:
    """A number of things: `1 card`, `2 cards`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def count_of(problems: Iterable[Problem]) -> list[str]:
    """How many errors and warnings there are, if any: `1 error`, `2 warnings`."""
    found = [problem.severity for problem in set(problems)]
    return [counted(found.count(word), word) for word in ("error", "warning") if word in found]


def print_problems(problems: Iterable[Problem], *, err: bool = True) -> None:
    """Prints problems for people, sorted."""
    from builder.reports.problems import as_text

    width = shutil.get_terminal_size((_WIDE, 0)).columns
    for line in as_text(sorted(set(problems)), width=width, style=_styled):
        click.echo(line, err=err)


def _styled(text: str, role: str) -> str:
    return click.style(text, fg=_COLOURS[role], bold=True)


def stop_if_wrong(problems: Iterable[Problem], *consequences: str) -> None:
    """Prints problems, how many errors there are, and what follows, and ends with 1, if any is."""
    found = list(problems)
    if any_error(found):
        print_problems(found)
        echo(count_of(found)[0], *consequences, err=True)
        sys.exit(1)


def value_or_stop(found: tuple[_Thing | None, list[Problem]], *consequences: str) -> _Thing:
    """What a stage of the builder has made; ends with 1 if there is an error."""
    value, problems = found
    stop_if_wrong(problems, *consequences)
    assert value is not None  # noqa: S101 - no error means that it was made
    return value


def fail(message: str) -> NoReturn:
    """Ends with 1 for something else than the sources and packages."""
    raise click.ClickException(printable(message))


def wrong_call(*lines: str) -> NoReturn:
    """Ends with 2: the command line or its environment is wrong."""
    raise click.UsageError("\n".join(map(printable, lines)))


def known_or_stop(what: str, names: Iterable[str], known: Collection[str]) -> None:
    """Ends with 2 unless all these names are known."""
    if unknown := [name for name in names if name not in known]:
        wrong_call(*(f"unknown {what} “{name}”{nearest(name, known)}" for name in unknown))


def track(things: list[_Thing], label: str, /) -> Iterator[_Thing]:
    """The things one by one, with a progress bar on a terminal once the work takes its time."""
    with click.progressbar(
        things, label=f"{label:16}", file=sys.stderr, show_eta=False, hidden=True
    ) as bar:
        for thing in bar:
            bar.hidden = time.perf_counter() - _STARTED < _PATIENCE
            yield thing
