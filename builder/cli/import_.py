"""`cards import`: a deck from elsewhere → a folder of sources and a ledger with its identities."""

import re
import shlex
from pathlib import Path

import click

from builder.cli import common
from builder.cli.new import demand_empty, with_hooks
from builder.cli.terminal import (
    counted,
    echo,
    echo_table,
    echo_wrapped,
    known_or_stop,
    stop_if_wrong,
    value_or_stop,
    wrong_call,
)
from builder.problems import any_error, printable

_SHOWN = 10


@common.command(
    "import",
    "cards import Geography.apkg --into geography",
    "cards import words.csv --into words --id English",
    folders=False,
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into", "folder", metavar="DIR", required=True, type=click.Path(path_type=Path),
    help="A new folder, or an empty one.",
)  # fmt: skip
@click.option(
    "--id", "id_field", metavar="FIELD",
    help="The field from which the ids of facts are made.  [default: the sort field]",
)  # fmt: skip
@click.option("--name", help="The deck's name, if FILE is a table.  [default: the file's name]")
def command(file: Path, folder: Path, id_field: str | None, name: str | None) -> None:
    """Make sources of a deck that exists already.

    FILE is an .apkg or .colpkg of any version of Anki, the deck.json of CrowdAnki or its folder, or
    a .csv or .tsv table. Facts, kinds, tags and media go to DIR/cards_src; DIR/decks/ledger.jsonl
    gets the identities of all notes, so that whoever has the deck imports the built package without
    a note twice and without losing reviews, edits or tags. DIR/IMPORT.md says what could not be
    carried over.
    """
    from builder import examples
    from builder.importing.importer import REPORT, write_import
    from builder.importing.plan import plan_of
    from builder.importing.read import read_deck
    from builder.reports.schema import plan_schemas, write_schemas
    from builder.speed.reading import reader

    demand_empty(folder)
    words = " ".join(re.sub("[-_]", " ", file.resolve().stem).split())
    deck = value_or_stop(read_deck(file, name or words[:1].upper() + words[1:]))
    if name and name != deck.name:
        wrong_call(f"the deck is called “{deck.name}”, and Anki knows it by that; leave out --name")
    plan = plan_of(deck, id_field or "")
    if not plan.facts:
        wrong_call(f"{file} has no notes; nothing was written")
    if id_field:
        fields = dict.fromkeys(name for kind in plan.kinds for name in kind.note_type.fields)
        known_or_stop("field", [id_field], fields)
    identity, home, now = examples.new_identity(plan.name), examples.home(), common.build_time()
    with common.writing(folder):
        read = reader(common.open_cache())
        plan, lost, problems = write_import(plan, folder, identity, home, now, read)
        with_hooks(folder)
    errors = [problem for problem in problems if any_error([problem])]
    if not errors:
        stop_if_wrong(write_schemas(value_or_stop(plan_schemas(folder / "cards_src"))))
    echo(
        f"{folder}/ has the deck “{plan.name}”: {counted(len(plan.facts), 'note')},"
        f" {counted(len(plan.kinds), 'note type')}, {counted(len(plan.media), 'media file')}."
    )
    if lost:
        echo("", "What could not be carried over as it was:")
        echo_wrapped(*(f"  - {printable(one)[:200]}" for one in lost[:_SHOWN]))
        if len(lost) > _SHOWN:
            echo(f"  … and {len(lost) - _SHOWN} more")
    echo("", f"{folder / REPORT} lists what was changed or left out.")
    stop_if_wrong(errors, "the deck cannot be built yet; mend this first")
    harmless = ", which changes no learner's note" if deck.identified else ""
    echo("", "What to do next:")
    echo_table(
        [
            (f"  cd {shlex.quote(str(folder))}", ""),
            ("  cards check", "every mistake, and what is still to fill in"),
            ("  cards build", f"writes decks/{identity.package}.apkg{harmless}"),
        ]
    )
