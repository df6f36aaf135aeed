"""`cards check`: the sources → every problem in them."""

import sys
from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import count_of, counted, echo, echo_table, print_problems, track
from builder.files import check_packages
from builder.problems import Place, Problem, any_error


@common.command(
    "check",
    "cards check                   every problem, with its place",
    "cards check --strict          fail on warnings, too",
    "cards check --format github   annotate a pull request",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="Text, JSON for programs, or annotations for GitHub.",
)
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option("--rules", is_flag=True, help="List all rules, and check nothing.")
def command(form: str, *, strict: bool, rules: bool, src: Path, decks: Path) -> None:
    """Report every problem in the sources."""
    from builder.reports.problems import all_rules, as_github, as_json

    if rules:
        echo_table(all_rules().items())
        return
    common.check_folders(src, decks)
    problems, numbers = _found(src, decks)
    if strict:
        problems = [problem._replace(severity="error") for problem in problems]
    if form == "text":
        print_problems(problems, err=False)
    else:
        for line in (as_json if form == "json" else as_github)(problems):
            click.echo(line)
    if not numbers or any_error(problems):
        echo(", ".join(count_of(problems)), err=True)
        sys.exit(1)
    echo(", ".join(numbers + count_of(problems)), err=True)
    if not problems:
        echo("No problems.", err=True)


def _found(src: Path, decks: Path) -> tuple[list[Problem], list[str]]:
    """The problems, and how many facts, notes and cards there are if they could be read."""
    from builder.speed.last_run import LastRun

    last = LastRun(common.open_cache(), src, decks, "check")
    known = last.found()
    if known and not check_packages(decks):
        return [Problem(Place(*place), *rest) for place, *rest in known[0]], known[1]
    project, _, problems = common.check(src, decks, track)
    if project is None:
        return problems, []
    facts, tally = len(project.facts), project.tally
    numbers = [counted(facts, "fact"), counted(tally.notes, "note"), counted(tally.cards, "card")]
    if not any_error(problems):
        last.remember({}, (problems, numbers))
    return problems, numbers
