"""Notes with their tags → how to study a part of the deck: the tag tree, and a guide for learners.

Every part comes with the search for it in Anki, and with how much that matches.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import NamedTuple

from builder.anki.query import search_for_tag, wrong_with
from builder.notes.language import (
    ENGLISH,
    direction,
    filled,
    labels_in,
    language_of,
    show_number,
)
from builder.notes.tags import full_tag
from builder.notes.tally import Tally
from builder.project import Project
from builder.reports.description import NEW_A_DAY, amount_of, days_of
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
            depth=len(_below(root, tag)),
            meaning=meaning,
            search=search_for_tag(tag) + within,
            notes=tally.by_tag[tag].notes,
            cards=tally.by_tag[tag].cards,
        )
        for tag, meaning in _meanings(project).items()
        if tag in tally.by_tag
    ]


def _below(root: str, tag: str) -> list[str]:
    """The names of a tag and of those above it, below the root."""
    return tag.split("::")[root.count("::") + 1 if root else 0 :]


def _meanings(project: Project) -> dict[str, str]:
    """The meaning of each tag, parents before children, written tags before automatic ones."""
    root, known = project.deck.tag_root, project.vocabulary
    labels = project.deck.labels
    meanings = {
        **({root: project.deck.name} if root else {}),
        **{full_tag(root, name): tag.meaning for name, tag in known.tags.items()},
    }
    if not project.deck.automatic_tags:
        return meanings
    ours = {
        "kind": labels["tag_kind"],
        **{f"kind::{name}": kind.about for name, kind in known.kinds.items() if kind},
        "source": labels["tag_source"],
        **{f"source::{slug}": source.title for slug, source in known.sources.items()},
        "caution": labels["tag_caution"],
    }
    return meanings | {full_tag(root, name): meaning for name, meaning in ours.items()}


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
    """The study guide, as Markdown: what to begin with, how to study a part, all searches, credits.

    It is in the deck's language if that has texts for it, or else all in English.
    """
    project = _spoken(project)
    deck, all_ = project.deck, project.tally
    packages = list(deck.packages.values())
    first, what = packages[0], None
    wanted = project.tally_of(first)
    if deck.searches:
        what = deck.searches[0]
        found = all_.selected(what.query)
        first = max(packages, key=lambda one: _rank(project.tally_of(one), found))
        wanted = project.tally_of(first).selected(what.query)
    return TEMPLATES.get_template("study.md.jinja").render(
        project=project,
        deck=deck,
        all=all_,
        some=project.tally_of(packages[0]),
        what=what,
        first=first,
        alone=wanted == project.tally_of(first),
        amount=amount_of(wanted, deck),
        searches=[_grouped(search.query) for search in deck.searches],
        groups=_groups(project),
        new=NEW_A_DAY,
        days=lambda tally: show_number(days_of(tally), deck.language),
        say=lambda name, **values: filled(deck.labels[name], **values).strip(),
        media=[(name, project.vocabulary.media[name]) for name in sorted(project.media)],
        text=escape_markdown,
        code=code_span,
        wrong_with=wrong_with,
    )


def guide_page(project: Project) -> str:
    """The study guide as a web page that fetches nothing; beside it are packages and preview."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(guide(project))
    deck = _spoken(project).deck
    return TEMPLATES.get_template("study.html.jinja").render(
        language=deck.language,
        direction=direction(deck.language),
        title=escape(deck.name),
        preview=escape(deck.labels["study_preview"]),
        guide=html,
    )


def _spoken(project: Project) -> Project:
    """A project in English, if its own language has no texts for the guide; or else as it is."""
    english = labels_in(ENGLISH)
    if language_of(project.deck.language) == ENGLISH or any(
        name.startswith("study_") and label != english[name]
        for name, label in project.deck.labels.items()
    ):
        return project
    return project._replace(deck=project.deck._replace(language=ENGLISH, labels=english))


def _rank(tally: Tally, wanted: Tally) -> tuple[int, int]:
    """How well a package fits who wants these cards: how many it has of them, how few others."""
    cards = sum(cards for tags, (_, cards) in tally.items() if tags in wanted)
    return cards, cards - tally.cards


def _groups(project: Project) -> list[tuple[str, list[Part]]]:
    """Tags with others below them, and at last all others: a title, and what finds a part.

    Of the documents there are those with sections.
    """
    root, everything = project.deck.tag_root, project.tally.cards
    sources = project.vocabulary.sources.values()
    left_out = {
        full_tag(root, f"source::{source.slug}") for source in sources if not source.sections
    }
    below = [part for part in parts(project, project.tally) if part.depth]
    groups = []
    single = []
    for _, group in groupby(below, key=lambda part: _below(root, part.tag)[0]):
        head, *others = group
        listed = [part for part in others if part.tag not in left_out]
        if listed:
            whole = head._replace(meaning=project.deck.labels["study_whole"], depth=2)
            groups.append((head.meaning, [whole] * (head.cards < everything) + listed))
        elif not others:
            single.append(head._replace(depth=2))
    return groups + ([(project.deck.labels["study_other"], single)] if single else [])
