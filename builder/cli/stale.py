"""`cards stale`: the facts by the age of their `as_of`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import counted, echo, echo_table, wrong_call


@common.command(
    "stale",
    "cards stale                     all of them",
    "cards stale --older-than 18m    as_of is more than 18 months ago",
)
@click.option(
    "--older-than", metavar="AGE", help="Only facts older than this, such as 90d, 18m or 2y."
)
def command(older_than: str | None, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print the facts that have as_of, the oldest first.

    The columns are as_of, age, id and place. A month or a year counts from its last day.
    """
    from builder.reports.stale import age_of, before, by_age

    today = datetime.fromtimestamp(common.build_time(), UTC).date()
    limit = before(today, older_than) if older_than is not None else None
    if older_than is not None and limit is None:
        wrong_call(f"“{older_than}” is not an age; write 90d, 18m or 2y")
    rows = [
        (fact.as_of, age_of(until, today), fact.id, fact.place.at_line)
        for fact, until in by_age(common.load(src, lean=False).facts)
        if limit is None or until < limit
    ]
    echo_table(rows)
    echo(counted(len(rows), "fact"), err=True)
