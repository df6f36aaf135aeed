"""`cards schema`: the sources → JSON Schemas for editors."""

from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import echo, stop_if_wrong


@common.command("schema")
@click.option("--check", is_flag=True, help="Write nothing, and fail if one is out of date.")
def command(*, check: bool, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Write JSON Schemas to SRC/schema, for editors.

    With them, an editor completes the sources and marks mistakes. They follow from kinds, tags,
    sources and media; mistakes in facts do not matter.
    """
    from builder.reports.schema import out_of_date, plan_schemas, write_schemas

    files, problems = plan_schemas(src)
    stop_if_wrong(problems)
    stale = out_of_date(files)
    stop_if_wrong(stale if check else write_schemas(files))
    echo(*(problem.place.path for problem in stale))
