"""`cards suggestions`: what a learner exported → what she changed, and the sources that say so."""

from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import counted, echo, echo_report, track, value_or_stop
from builder.files import write_files

_PACKAGE = click.Path(path_type=Path, exists=True, dir_okay=False)


@common.command(
    "suggestions",
    "cards suggestions ~/Downloads/asean.apkg",
    "cards suggestions hers.colpkg --older asean-2025.apkg",
    "cards suggestions hers.apkg --apply",
)
@click.argument("file", type=_PACKAGE)
@click.option(
    "--older", type=_PACKAGE, multiple=True,
    help="An edition that the learner may have had. May be repeated.",
)  # fmt: skip
@click.option("--apply", is_flag=True, help="Write to the sources what can be written.")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text",
    help="Text to read here, Markdown for an issue, or JSON.",
)  # fmt: skip
def command(
    file: Path, older: tuple[Path, ...], *, apply: bool, form: str, src: Path, decks: Path
) -> None:
    """Print what a learner changed in Anki, as exported to FILE.

    FILE is an .apkg or .colpkg, whose notes are compared with the last build. With --apply, a
    change is written to the sources if one text of the fact holds it and the note then shows
    exactly what the learner wrote. All others are left to you, with the reason.
    """
    from builder import project
    from builder.anki.edition import read_package
    from builder.reports.suggestions import describe_suggestions, suggestions_as_json
    from builder.speed.reading import reader
    from builder.suggestions import suggestions_of

    hers = value_or_stop(read_package(file))
    loaded = value_or_stop(project.load(src, read=reader(common.open_cache()), track=track))
    made = common.prepare(loaded, decks)
    named = [value_or_stop(read_package(path)) for path in older]
    built = [read_package(path)[0] for path in sorted(decks.glob("*.apkg"))]
    known = [*(edition for edition in built if edition and not edition.exported), *named]
    found = suggestions_of(hers, known, loaded, (made.before, made.after), made.notes, track)
    if apply:
        with common.writing(src):
            write_files((path, [data]) for path, data in found.files.items())
    if form == "json":
        echo(*suggestions_as_json(found, written=apply))
        return
    report = describe_suggestions(found, markdown=form == "markdown", written=apply)
    (echo if form == "markdown" else echo_report)(*report.split("\n"))
    fine = sum(not change.left for change in found.changes)
    left = len(found.changes) - fine
    if found.changes:
        verb = "written" if apply else "can be written with --apply"
        echo("", f"{counted(fine, 'change')} {verb}, {left} left.", err=True)
