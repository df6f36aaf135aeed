"""The command `cards`: a group of commands, each in a file of its own."""

import atexit
import gc
import os
import sys
from io import TextIOWrapper

import click

from builder.cli import (
    build,
    changes,
    check,
    coverage,
    import_,
    ledger,
    new,
    preview,
    push,
    schema,
    show,
    stale,
    suggestions,
    tags,
)
from builder.cli.terminal import Commands

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True}


@click.group(cls=Commands, context_settings=_HELP)
@click.version_option(package_name="asean-flashcards", prog_name="cards")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Build Anki decks from curated YAML facts.

    Begin with `cards new DIR`. In that folder, `cards check` finds mistakes, `cards preview --open`
    shows the cards, and `cards build` writes the packages.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # not every terminal has every character
            stream.reconfigure(errors="replace")
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        ctx.color = False
    # A build makes millions of objects and no cycles; looking for some takes a third of its time.
    gc.disable()


atexit.register(gc.freeze)  # nor at the end, where Python looks through all that is left


for _file in (
    *(build, changes, check, coverage, ledger, new, preview, push, schema, show, stale),
    *(import_, suggestions, tags),
):
    main.add_command(_file.command)
