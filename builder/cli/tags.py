"""`cards tags`: the sources → the tag tree, with the search for each tag, or the study guide."""

from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import echo, echo_table, wrong_call


class _WithQuery(click.Command):
    """A command whose argument, a search, may begin with “-”, as that of `--only` may."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts such searches behind `--`; no option but that for help has a single “-”."""
        options = [each for each in self.params if isinstance(each, click.Option)]
        valued = {name for option in options if not option.is_flag for name in option.opts}
        searches: list[str] = []
        others: list[str] = []
        for before, word in zip(["", *args], args, strict=False):
            one = word[:1] == "-" != word[1:2] and word not in ctx.help_option_names
            (searches if one and before not in valued else others).append(word)
        if searches and "--" not in args:
            args = [*others, "--", *searches]
        return super().parse_args(ctx, args)


@common.command(
    "tags",
    "cards tags                             the whole tree",
    "cards tags 'tag:ASEAN::level::core'    only of the core",
    "cards tags '-tag:ASEAN::level::core'   all but the core",
    "cards tags --markdown                  the study guide",
    cls=_WithQuery,
)
@click.argument("query", required=False, default="")
@click.option("--markdown", is_flag=True, help="Print the study guide, as in decks/STUDY.md.")
@click.option("--html", is_flag=True, help="Print the study guide as a web page.")
def command(query: str, *, markdown: bool, html: bool, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print the tag tree, with the search for each tag.

    The columns are notes, cards, the search to paste into Anki, and the meaning. With QUERY, a
    search as in Anki's browser, limited to tags, only the notes that match are counted.
    """
    from builder.reports.study import guide, guide_page, parts

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
    rows = [
        (f"{part.notes:6}", f"{part.cards:5}", f"{'  ' * part.depth}{part.search}", part.meaning)
        for part in parts(project, common.matching(project, query), query)
    ]
    echo_table([(" notes", "cards", "search in Anki", "meaning"), *rows])
