"""`cards preview`: the sources → a page of all cards, which may follow them as they change."""

import gc
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import common, terminal
from builder.cli.terminal import counted, echo, wrong_call
from builder.files import reason_of
from builder.model import untracked

if TYPE_CHECKING:
    from builder.check import Checked
    from builder.preview.page import Preview

# Where --watch serves the page, if that is free and no port is named. AnkiConnect has 8765.
_PORT = 8767


@common.command(
    "preview",
    "cards preview --open            write preview.html and open it",
    "cards preview --watch --open    see each change as soon as it is saved",
    "cards preview -o /tmp/all.html",
)
@click.option("-o", "--output", type=common.FILE, default="preview.html", help="The file to write.")
@click.option(
    "--watch", is_flag=True, help="Serve the page, and update it whenever a file is saved."
)
@click.option("--port", type=click.IntRange(1, 65535), help="The port to serve it on.")
@click.option("--open", "opened", is_flag=True, help="Open the page in a browser.")
def command(
    output: Path, *, watch: bool, port: int | None, opened: bool, src: Path, decks: Path
) -> None:
    """Write a page of all cards, as Anki renders them.

    The page is one file with search and filters. It shows each card on a phone and on a desktop, by
    day and by night, front and back side by side, with its problems, its fact as it is written and
    what it cites. Ctrl-C ends --watch.
    """
    if port and not watch:
        wrong_call("--port needs --watch")
    common.demand_engine("the preview")
    common.check_folders(src, decks, output)
    if watch:
        with suppress(KeyboardInterrupt):
            _watch(src, decks, output, port, opened=opened)
        return
    made = _look(src, decks)
    if made.broken:
        terminal.stop_if_wrong(made.problems)
    _write(made, output)
    if opened:
        click.launch(str(output))


def _watch(src: Path, decks: Path, output: Path, port: int | None, *, opened: bool) -> None:
    """Serves the page and renews it on every change of a source, for ever."""
    from builder.ledger.file import FILE_NAME
    from builder.preview.page import make_preview
    from builder.preview.server import Server, changes

    gc.enable()  # this goes on for hours
    changed = changes([src, decks / FILE_NAME])
    next(changed)
    made = _look(src, decks)
    try:
        server = Server(made.data, port or _PORT)
    except OSError as failure:
        if port:
            terminal.fail(f"the page cannot be served on port {port}: {reason_of(failure)}")
        server = Server(made.data, 0)
    echo(server.address)
    if opened:
        click.launch(server.address)
    _write(made, output)
    shown = 0.0

    def show(checked: "Checked") -> None:
        nonlocal made, shown
        made = make_preview(checked, made)
        server.show(made.data)
        shown = shown or time.perf_counter()

    def show_cards(checked: "Checked") -> None:
        warnings = [found for found in made.problems if found.severity == "warning"]
        show(checked._replace(problems=sorted({*checked.problems, *warnings})))

    for _ in changed:
        saved, shown = time.perf_counter(), 0.0
        with suppress(OSError):  # a file went away while it was read, which is the next change
            # The rules that look at all cards take long, and the cards need not wait for them.
            show(common.check(src, decks, untracked, ready=show_cards))
            _write(made, output, f"{shown - saved:.2f} s")


def _look(src: Path, decks: Path) -> "Preview":
    from builder.preview.page import make_preview

    return make_preview(common.check(src, decks, terminal.track), track=terminal.track)


def _write(made: "Preview", output: Path, *more: str) -> None:
    """Writes the page; prints the errors, and a line on what the page shows."""
    from builder.preview.page import make_page

    page = make_page(made.data)
    common.write_output(output, page)
    terminal.print_problems(found for found in made.problems if found.severity == "error")
    cards, size = counted(len(made.data["cards"]), "card"), f"{len(page) / 1000:.0f} kB"
    echo(f"{output}  " + ", ".join([cards, size, *terminal.count_of(made.problems), *more]))
