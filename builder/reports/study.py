"""Notes with their tags → how to study a part of the deck: the tag tree, and a guide for learners.

Every part comes with the search for it in Anki, and with how much that matches.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import NamedTuple

from builder.anki.query import search_for_tag, wrong_with
from builder.notes.tally import Tally
from builder.project import Project
from builder.reports.markdown import TEMPLATES, code_span, escape_markdown

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
    within = f" {_grouped(query)}" if query.strip() else ""
    return [
        Part(
            tag=tag,
            depth=tag.count("::") - root.count("::"),
            meaning=meaning,
            search=search_for_tag(tag) + within,
            notes=tally.by_tag[tag].notes,
            cards=tally.by_tag[tag].cards,
        )
        for tag, meaning in _meanings(project).items()
        if tag in tally.by_tag
    ]


def _meanings(project: Project) -> dict[str, str]:
    """The meaning of each tag, parents before children, written tags before automatic ones."""
    root, known = project.deck.tag_root, project.vocabulary
    return {
        root: project.deck.name,
        **{f"{root}::{name}": tag.meaning for name, tag in known.tags.items()},
        f"{root}::kind": "The form of fact",
        **{f"{root}::kind::{name}": kind.about for name, kind in known.kinds.items() if kind},
        f"{root}::source": "The document a fact comes from",
        **{f"{root}::source::{slug}": source.title for slug, source in known.sources.items()},
        f"{root}::caution": "The source errs, is outdated, or sources disagree",
    }


def _grouped(query: str) -> str:
    """A search as one term of a longer one."""
    query = query.strip()
    return query if _ONE_TERM.fullmatch(query) else f"({query})"


def table_of(listed: Iterable[Part]) -> Iterator[tuple[str, ...]]:
    """The tree as rows for a terminal: notes, cards, what to search for, meaning."""
    yield " notes", "cards", "search in Anki", "meaning"
    for part in listed:
        search = f"{'  ' * part.depth}{part.search}"
        yield f"{part.notes:6}", f"{part.cards:5}", search, part.meaning


def guide(project: Project) -> str:
    """The study guide, as Markdown: searches, how to use them, packages, all tags."""
    return TEMPLATES.get_template("study.md.jinja").render(
        project=project,
        searches=[_grouped(search.query) for search in project.deck.searches],
        groups=_groups(project),
        text=escape_markdown,
        code=code_span,
        wrong_with=wrong_with,
    )


def guide_page(project: Project) -> str:
    """The study guide as a web page that fetches nothing; beside it are packages and preview."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(guide(project))
    html = re.sub("<h2>(.*?)</h2>", _with_anchor, html)
    page = TEMPLATES.get_template("study.html.jinja")
    return page.render(title=escape(project.deck.name), guide=html)


def _with_anchor(found: re.Match[str]) -> str:
    """A heading with the anchor by which Markdown links to it."""
    words = re.sub(r"[^\w -]", "", found[1].lower()).replace(" ", "-")
    return f'<h2 id="{words}">{found[1]}</h2>'


def _groups(project: Project) -> list[list[Part]]:
    """A tag below the root and those below it; of the documents, those with sections."""
    root = project.deck.tag_root
    sources = project.vocabulary.sources.values()
    left_out = {f"{root}::source::{source.slug}" for source in sources if not source.sections}
    below = [part for part in parts(project, project.tally) if part.depth]
    groups = groupby(below, key=lambda part: part.tag.removeprefix(f"{root}::").partition("::")[0])
    return [[part for part in group if part.tag not in left_out] for _, group in groups]
