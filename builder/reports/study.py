"""Notes with their tags → how to study a part of the deck: the tag tree, and a guide for learners.

Every part comes with the search for it in Anki, and with how much that matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

import jinja2

from builder.anki.query import search_for_tag, wrong_with
from builder.model import Search
from builder.notes.tags import with_parents
from builder.notes.tally import Count, Tally
from builder.project import Project
from builder.reports.markdown import code_span, escape_markdown

# How many new cards a day Anki shows, unless a learner wants more or fewer.
_NEW_A_DAY = 20

_ONE_TERM = re.compile(r'[^\s()"-][^\s()"]*')


class Part(NamedTuple):
    """A tag, at `depth` below the root of the tree: its meaning, the search for it, how much."""

    tag: str
    depth: int
    meaning: str
    search: str
    notes: int
    cards: int


def parts(project: Project, tally: Tally, query: str = "") -> list[Part]:
    """The tree of the tags on the notes of a tally, in the order of `tags.yaml`.

    `query` is what selected the notes, if not all were taken; the searches are within it.
    """
    root = project.deck.tag_root
    meanings = {root: project.deck.name}
    meanings |= {f"{root}::{name}": meaning for name, meaning in _meanings(project).items()}
    order = {tag: place for place, tag in enumerate(meanings)}
    within = f" {_grouped(query)}" if query.strip() else ""
    found = [
        Part(
            tag=tag,
            depth=tag.count("::") - root.count("::"),
            meaning=meanings[tag],
            search=search_for_tag(tag) + within,
            notes=count.notes,
            cards=count.cards,
        )
        for tag, count in tally.by_tag.items()
        if tag in meanings
    ]
    # Under its parent, after those before it in `meanings`.
    return sorted(found, key=lambda part: [order.get(tag, -1) for tag in with_parents(part.tag)])


def _meanings(project: Project) -> dict[str, str]:
    """What each tag means, without the root; those of kinds and sources after the written ones."""
    known = project.vocabulary
    return {
        **{name: tag.meaning for name, tag in known.tags.items()},
        "kind": "The form of fact",
        **{f"kind::{name}": kind.about for name, kind in known.kinds.items() if kind},
        "source": "The document a fact comes from",
        **{f"source::{slug}": source.title for slug, source in known.sources.items()},
        "caution": "The source errs, is outdated, or sources disagree",
    }


def _grouped(query: str) -> str:
    """A search as one term of a longer one."""
    query = query.strip()
    return query if _ONE_TERM.fullmatch(query) else f"({query})"


def as_text(listed: list[Part]) -> Iterator[str]:
    """The tree for a terminal: notes, cards, what to search for, meaning."""
    shown = [f"{'  ' * part.depth}{part.search}" for part in listed]
    width = max(map(len, shown), default=0)
    yield f" notes  cards  {'search in Anki':{width}}  meaning"
    for part, search in zip(listed, shown, strict=True):
        yield f"{part.notes:6}  {part.cards:5}  {search:{width}}  {part.meaning}".rstrip()


class _Row(NamedTuple):
    """A search, the number of cards that it matches in the first package, and in all packages."""

    title: str
    search: str
    some: int
    all: int


class _Group(NamedTuple):
    """A tag at the top of the tree: its meaning, and the tags below it.

    `days` has name, cards and days for each level of learning.
    """

    title: str
    days: list[tuple[str, int, int]]
    rows: list[_Row]


def guide(project: Project) -> str:
    """The study guide, as Markdown: searches, how to use them, packages, all tags."""
    packages = project.deck.packages.values()
    first = next(iter(packages))
    some = project.tally_of(first)

    def row(title: str, query: str) -> _Row:
        found, of_all = (tally.selected(query).cards for tally in (some, project.tally))
        return _Row(title=title, search=query, some=found, all=of_all)

    searches = project.deck.searches
    return _template().render(
        deck=project.deck,
        cards=project.tally.cards,
        first=first.name,
        first_cards=some.cards,
        searches=[row(search.title, search.query) for search in searches],
        combined=[row(title, query) for title, query in _combined(searches).items()],
        packages=[(package, project.tally_of(package).cards) for package in packages],
        new_a_day=_NEW_A_DAY,
        groups=_groups(project, some),
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(  # noqa: S701 - it makes Markdown
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["escaped"] = escape_markdown
    environment.filters["table"] = _table
    environment.filters["wrapped"] = lambda text: fill(
        " ".join(text.split()), 100, break_long_words=False, break_on_hyphens=False
    )
    return environment.from_string(Path(__file__).with_name("study.md.jinja").read_text("utf-8"))


def _table(rows: list[_Row], what: str) -> str:
    lines = [f"| {what} | search | cards |", "| --- | --- | ---: |"]
    for title, search, some, of_all in rows:
        cards = f"{some}" if some == of_all else f"{some} ({of_all})"
        code = code_span(search).replace("|", "\\|")
        lines.append(f"| {escape_markdown(title)} | {code} | {cards} |")
    return "\n".join(lines)


def _combined(searches: Sequence[Search]) -> dict[str, str]:
    """How the first two searches go together: title → search."""
    if len(searches) < 2:  # noqa: PLR2004
        return {}
    first, second = (_grouped(search.query) for search in searches[:2])
    combined = {
        "both of the first two": f"{first} {second}",
        "either of them": f"{first} or {second}",
        "the second without the first": f"{second} -{first}",
    }
    return {title: query for title, query in combined.items() if not wrong_with(query)}


def _groups(project: Project, some: Tally) -> list[_Group]:
    """A group for each tag below the root; of the documents, those whose sections are followed."""
    sources = project.vocabulary.sources
    prefix = f"{project.deck.tag_root}::source::"
    left_out = {f"{prefix}{slug}" for slug, source in sources.items() if not source.sections}
    groups: list[list[Part]] = []
    for part in parts(project, project.tally):
        if part.depth == 1:
            groups.append([part])
        elif part.depth > 1 and part.tag not in left_out:
            groups[-1].append(part)
    return [_group(project, some, head, below) for head, *below in groups]


def _group(project: Project, some: Tally, head: Part, below: list[Part]) -> _Group:
    def row(part: Part, title: str) -> _Row:
        found = some.by_tag.get(part.tag, Count()).cards
        return _Row(title=title, search=part.search, some=found, all=part.cards)

    rows = [row(part, "· " * (part.depth - 2) + part.meaning.removesuffix(".")) for part in below]
    if head.cards < project.tally.cards:
        rows.insert(0, row(head, "all of this"))
    prefix = f"{project.deck.tag_root}::level::"
    days = [
        (part.tag.removeprefix(prefix), part.cards, -(-part.cards // _NEW_A_DAY))
        for part in below
        if part.tag.startswith(prefix)
    ]
    return _Group(title=head.meaning.removesuffix("."), days=days, rows=rows)
