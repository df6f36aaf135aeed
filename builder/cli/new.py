"""`cards new`: an example → the folder of a new deck, which builds at once."""

import os
import shlex
from pathlib import Path

import click

from builder import examples
from builder.cli import common
from builder.cli.terminal import (
    echo,
    echo_table,
    stop_if_wrong,
    value_or_stop,
    wrong_call,
)
from builder.files import check_folder, reason_of, write_files


@common.command(
    "new",
    "cards new capitals                          a deck called Capitals",
    'cards new capitals --name "World capitals"',
    "cards new verbs --from spanish              begin with an example deck",
    folders=False,
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--from", "example", type=click.Choice(list(examples.folders())), default="start",
    help="The example deck to start with.",
)  # fmt: skip
@click.option("--name", help="The deck's name in Anki.  [default: made from the name of DIR]")
@click.option(
    "--card", is_flag=True, help="Copy the builder's card to cards_src/card, to change it."
)
def command(folder: Path, example: str, name: str | None, *, card: bool) -> None:
    """Start a new deck in a folder.

    DIR must be new or empty. It gets a small deck to begin with in DIR/cards_src, a README, a
    workflow for GitHub and hooks for git. The deck gets a namespace of its own, which is its
    identity for ever.
    """
    from builder.reports.schema import plan_schemas, write_schemas

    if name is None:
        words = Path(os.path.abspath(folder)).name.replace("_", " ").replace("-", " ").split()  # noqa: PTH100 - follows no link
        name = " ".join(words)
        name = name[:1].upper() + name[1:]
    if wrong := examples.wrong_name(name):
        wrong_call(f"{wrong}; choose one with --name: {name}")
    demand_empty(folder)
    identity, origin = examples.new_identity(name), examples.home()
    with common.writing(folder):
        files = examples.files_of(example, identity, origin, card=card)
        for path in files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_files((folder / path, [data]) for path, data in files.items())
        with_hooks(folder)
    stop_if_wrong(write_schemas(value_or_stop(plan_schemas(folder / "cards_src"))))
    _say_what_is_next(folder, identity, placeless=origin == examples.NO_HOME)


def demand_empty(folder: Path) -> None:
    """Ends the command if a new deck cannot go into a folder."""
    stop_if_wrong(check_folder(folder), "Nothing was written.")
    try:
        if any(path.name != ".git" for path in folder.iterdir()):
            wrong_call(f"{folder}/ is not empty; nothing was written")
    except FileNotFoundError:
        pass
    except OSError as failure:
        wrong_call(f"{folder}/ cannot be read: {reason_of(failure)}")


def with_hooks(folder: Path) -> None:
    """Lets git run the hooks of a new deck."""
    for hook in (folder / ".githooks").iterdir():
        hook.chmod(0o755)


def _say_what_is_next(folder: Path, identity: examples.Identity, *, placeless: bool) -> None:
    inside = next((path for path in folder.resolve().parents if (path / ".git").exists()), None)
    way = f"./{folder}" if str(folder).startswith("-") else str(folder)
    steps = [
        (f"  cd {shlex.quote(way)}", ""),
        ("  cards check", "every mistake, with its place"),
        ("  cards preview --open", "all cards in a browser"),
        ("  cards build", f"writes decks/{identity.package}.apkg: double-click it"),
        ("  git init", "if you keep it in git, as you should:"),
        ("  git config core.hooksPath .githooks", "check and build before each commit"),
    ]
    echo(
        f"{folder}/ has the new deck “{identity.name}”.",
        f"Its namespace is {identity.namespace}. Both are set in cards_src/decks.yaml; they can be",
        "changed now, but never once learners have the deck.",
        "",
        "What to do next:",
    )
    echo_table(steps[way == "." : 4 if inside else 6])
    if inside:
        echo(
            f"It is within the git repository {inside}. Git and GitHub look for hooks and",
            "workflows at the top of a repository only, so those of the deck do nothing here.",
        )
    echo("", "Then write facts in cards_src/facts, kinds of facts in cards_src/kinds.")
    if placeless:
        echo(
            "Before you push to GitHub, write the builder's repository in place of",
            "OWNER/REPOSITORY in .github/workflows/deck.yaml.",
        )
