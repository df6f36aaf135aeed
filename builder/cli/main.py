"""The command `cards`: a group of commands, each in a file of its own."""

import atexit
import gc
import os
import sys
from importlib import import_module
from io import TextIOWrapper

import click

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True}

_COMMANDS = (
    *("build", "changes", "check", "coverage", "import", "ledger", "new", "preview", "push"),
    *("schema", "show", "stale", "suggestions", "tags"),
)


class _Files(click.Group):
    """The commands, of which a run imports the one that it needs."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Finds a command by its name."""
        if cmd_name not in self.commands:
            return None
        file = "import_" if cmd_name == "import" else cmd_name  # a word of Python's
        command: click.Command = import_module(f"builder.cli.{file}").command
        return command


@click.group(
    cls=_Files, commands=[click.Command(name) for name in _COMMANDS], context_settings=_HELP
)
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
