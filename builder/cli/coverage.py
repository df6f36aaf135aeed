"""`cards coverage`: the sources → how much of each document is on cards."""

from pathlib import Path

from builder.cli import common
from builder.cli.terminal import echo, echo_table, echo_wrapped


@common.command("coverage")
def command(src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print how much of each document is on cards.

    The columns are facts, notes, and claims that were left out, for each section of the documents
    that list their sections in sources.yaml.
    """
    from builder.reports.coverage import coverage

    project = common.load(src, lean=False)
    counted = coverage(project)
    if not counted:
        echo("No document lists its sections; name them under “sections:” in sources.yaml.")
    for slug, sections in counted.items():
        echo_wrapped(f"{slug}: {project.vocabulary.sources[slug].title}")
        rows = [
            (f"  {name}", f"{facts:5}", f"{notes:5}", f"{left_out:8}")
            for name, facts, notes, left_out in sections
        ]
        echo_table([("", "facts", "notes", "left out"), *rows])
