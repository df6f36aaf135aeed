"""What a command says: the only place that knows colours, width, progress and exit codes.

A command ends with 0 if all is well, with 1 if there are problems, with 2 if it was called wrongly.
"""

import sys
import time
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import NoReturn, TypeVar

import click

from builder.problems import Problem, any_error, columns, nearest, printable

# Seconds of work before a terminal shows how far it is.
_PATIENCE = 1.0
_STARTED = time.perf_counter()

# The width where there is no terminal: nothing is wrapped.
_WIDE = 1_000_000

# In fewer columns nothing is wrapped.
_NARROW = 25

# So many names are all named where one is unknown.
_FEW = 8

_COLOURS = {"error": "red", "warning": "yellow", "place": "blue"}

_Thing = TypeVar("_Thing")


def echo(*lines: str, err: bool = False) -> None:
    """Prints some lines, without anything that a terminal would obey."""
    for line in lines:
        click.echo(printable(line), err=err)


def echo_report(*lines: str) -> None:
    """Prints lines, those of lists wrapped; searches, which are to be copied, stay whole."""
    for line in lines:
        (echo_wrapped if line[:1] in ("-", " ") else echo)(line)


def echo_wrapped(*lines: str) -> None:
    """Prints lines, wrapped to the terminal, and indented by two more where they go on."""
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        echo(*_wrapped(line, _width(), indent))


def echo_named(name: str, text: str) -> None:
    """Prints a text beside its name, its lines wrapped to the terminal and indented alike."""
    parts = (
        _wrapped(line, _width() - 15, "  " if line.startswith("- ") else "")
        for line in text.split("\n")
    )
    _echo_beside(f"{click.style(f'{name:>13}', bold=True)}  ", 15, chain.from_iterable(parts))


def echo_table(rows: Iterable[tuple[str, ...]]) -> None:
    """Prints rows of cells in columns.

    The last column is wrapped to the terminal; if that leaves it little room, or breaks a word, it
    stands below the others.
    """
    table = [tuple(map(printable, row)) for row in rows]
    if not table:
        return
    *widths, last = (max(map(columns, column)) for column in zip(*table, strict=True))
    start = sum(widths) + 2 * len(widths)
    longest = max((len(word) for *_, text in table for word in text.split()), default=0)
    below = _width() - start < min(last, max(_NARROW, longest))
    for *cells, text in table:
        padded = [
            f"{cell}{' ' * (wide - columns(cell))}  "
            for cell, wide in zip(cells, widths, strict=True)
        ]
        head, indent = "".join(padded), start
        if below:
            click.echo(head.rstrip())
            indent = len(head) - len(padded[-1].lstrip()) + 4
            head = " " * indent
        _echo_beside(head, indent, _wrapped(text, _width() - indent))


def _echo_beside(head: str, indent: int, lines: Iterable[str]) -> None:
    """Prints lines, the first after a head, the others indented."""
    for line in lines:
        click.echo(f"{head}{line}".rstrip())
        head = " " * indent


def _width() -> int:
    """The terminal's width in columns."""
    import shutil  # which few runs need

    return shutil.get_terminal_size((_WIDE, 0)).columns


def _wrapped(text: str, room: int, indent: str = "") -> list[str]:
    """The lines of a text in as many columns; those after the first are indented."""
    from textwrap import wrap  # which few runs need, too

    # One character for each column that a wide one takes; where they are cut, one may be missing.
    wide = "".join(char + "\0" * (columns(char) - 1) for char in printable(text))
    cut = "\0" in wide  # words are broken only in scripts that put no spaces between them
    room = max(room - cut, _NARROW)
    lines = wrap(wide, room, subsequent_indent=indent, break_on_hyphens=False, break_long_words=cut)
    return [line.replace("\0", "") for line in lines] or [""]


def counted(count: int, word: str) -> str:
    """A number of things: `1 card`, `2 cards`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def count_of(problems: Iterable[Problem]) -> list[str]:
    """How many errors and warnings there are, if any: `1 error`, `2 warnings`."""
    found = [problem.severity for problem in set(problems)]
    return [counted(found.count(word), word) for word in ("error", "warning") if word in found]


def print_problems(problems: Iterable[Problem], *, err: bool = True) -> None:
    """Prints problems for people, sorted."""
    if found := sorted(set(problems)):
        from builder.reports.problems import as_text  # which imports all rules

        for line in as_text(found, width=_width(), style=_styled):
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
    """Ends with 2 unless all these names are known; says the nearest, or which there are if few."""
    few = f"; there are: {', '.join(sorted(known))}" if 0 < len(known) <= _FEW else ""
    if unknown := [name for name in names if name not in known]:
        wrong_call(*(f"unknown {what} “{name}”{nearest(name, known) or few}" for name in unknown))


def track(things: list[_Thing], label: str, /) -> Iterator[_Thing]:
    """The things one by one, with a progress bar on a terminal once the work takes its time."""
    if not sys.stderr.isatty():
        yield from things
        return
    with click.progressbar(
        things, label=f"{label:16}", file=sys.stderr, show_eta=False, hidden=True
    ) as bar:
        for thing in bar:
            bar.hidden = time.perf_counter() - _STARTED < _PATIENCE
            yield thing
