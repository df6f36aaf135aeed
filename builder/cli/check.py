"""`cards check`: the sources → every problem in them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import count_of, counted, echo, echo_table, print_problems, track
from builder.problems import any_error


@common.command(
    "check",
    "cards check                   every mistake, with its place",
    "cards check --strict          and let no warning pass",
    "cards check --format github   as annotations of a pull request",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text")
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@click.option("--rules", is_flag=True, help="List the rules, and check nothing.")
def command(form: str, *, strict: bool, rules: bool, src: Path, decks: Path) -> None:
    """Report every problem in the sources."""
    from builder.check import check
    from builder.reports.problems import all_rules, as_github, as_json
    from builder.speed.reading import reader

    if rules:
        echo_table(all_rules().items())
        return
    common.check_folders(src, decks)
    now, cache = common.build_time(), common.open_cache()
    checked = check(src, decks, now, read=reader(cache), track=track, memory=cache)
    problems = sorted(set(checked.problems))
    if strict:
        problems = [problem._replace(severity="error") for problem in problems]
    if form == "text":
        print_problems(problems, err=False)
    else:
        echo(*(as_json if form == "json" else as_github)(problems))
    project = checked.project
    if project is None or any_error(problems):
        echo(", ".join(count_of(problems)), err=True)
        sys.exit(1)
    numbers = [
        counted(len(project.facts), "fact"),
        counted(project.tally.notes, "note"),
        counted(project.tally.cards, "card"),
    ]
    echo(", ".join(numbers + count_of(problems)), err=True)
    if not problems:
        echo("No problems.", err=True)
