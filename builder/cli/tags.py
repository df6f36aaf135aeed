"""`cards tags`: the sources → the tag tree, with the search for each tag, or the study guide."""

from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import echo, echo_table, wrong_call


@common.command(
    "tags",
    "cards tags                             the whole tree",
    "cards tags 'tag:ASEAN::level::core'    of the notes that match",
    "cards tags --markdown                  the study guide for learners",
)
@click.argument("query", required=False, default="")
@click.option("--markdown", is_flag=True, help="Print the study guide, which is decks/STUDY.md.")
@click.option("--html", is_flag=True, help="Print it as a page, to be published with preview.html.")
def command(query: str, *, markdown: bool, html: bool, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print the tag tree, with the search for each tag.

    The columns are notes, cards, what to search for in Anki, and meaning.

    QUERY, a search as in Anki's browser, limited to tags, restricts it to the notes that match.
    """
    from builder.reports.study import guide, guide_page, parts, table_of

    if (markdown or html) and query:
        option = "--markdown" if markdown else "--html"
        wrong_call(f"{option} cannot be combined with QUERY: the study guide is about all notes")
    if markdown and html:
        wrong_call("--markdown and --html cannot be combined")
    common.check_query(query)
    project = common.load(src)
    if markdown or html:
        text = guide_page(project) if html else guide(project)
        echo(*text.removesuffix("\n").split("\n"))
        return
    echo_table(table_of(parts(project, common.matching(project, query), query)))
