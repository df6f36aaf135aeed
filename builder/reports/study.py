"""Notes with their tags → how to study a part of the deck: the tag tree, and a guide for learners.

Every part comes with the search for it in Anki, and with how much that matches.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import NamedTuple

from builder.anki.query import search_for_tag, wrong_with
from builder.model import Package
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
from builder.reports.markdown import code_span, escape_markdown

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
            notes=tally.by_tag[tag][0],
            cards=tally.by_tag[tag][1],
        )
        for tag, meaning in _meanings(project).items()
        if tag in tally.by_tag
    ]


def _below(root: str, tag: str) -> list[str]:
    """The names of a tag and of those above it, below the root."""
    return tag.split("::")[root.count("::") + 1 if root else 0 :]


def _meanings(project: Project) -> dict[str, str]:
    """The meaning of each tag, parents before children, written tags before automatic ones."""
    root, known, labels = project.deck.tag_root, project.vocabulary, project.deck.labels
    meanings = {name: tag.meaning for name, tag in known.tags.items()}
    if project.deck.automatic_tags:
        meanings |= {
            "kind": labels["tag_kind"],
            **{f"kind::{name}": kind.about for name, kind in known.kinds.items() if kind},
            "source": labels["tag_source"],
            **{f"source::{slug}": source.title for slug, source in known.sources.items()},
            "caution": labels["tag_caution"],
        }
    above = {root: project.deck.name} if root else {}
    return above | {full_tag(root, name): meaning for name, meaning in meanings.items()}


def _grouped(query: str) -> str:
    """A search as one term of a longer one."""
    query = query.strip()
    return query if _ONE_TERM.fullmatch(query) else f"({query})"


def guide(project: Project) -> str:
    """The study guide, as Markdown: what to begin with, how to study a part, all searches, credits.

    It is in the deck's language if that has texts for it, or else all in English.
    """
    made = _Guide(_spoken(project))
    sections = (made.beginning, made.how, made.packages, made.searches, made.tags, made.credits)
    return "\n\n".join(block for section in sections for block in section()) + "\n"


def guide_page(project: Project) -> str:
    """The study guide as a web page that fetches nothing; beside it are packages and preview."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(guide(project))
    deck = _spoken(project).deck
    return Template(Path(__file__).with_name("study.html").read_text("utf-8")).substitute(
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


class _Guide:
    """The guide to a deck, a method for each section, which yields its blocks of Markdown."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.deck = project.deck
        self.all = project.tally
        self.offered = list(project.deck.packages.values())
        self.some = project.tally_of(self.offered[0])  # the numbers of tables, before those of all
        self.queries = [_grouped(search.query) for search in project.deck.searches]

    def beginning(self) -> Iterator[str]:
        """The package that has most of what the first search selects, and little besides."""
        title, wanted, first = "", self.some, self.offered[0]
        for search in self.deck.searches[:1]:
            title, found = escape_markdown(search.title), self.all.selected(search.query)
            first = max(self.offered, key=lambda one: _rank(self.project.tally_of(one), found))
            wanted = self.project.tally_of(first).selected(search.query)
        yield f"# {self.say('title')}"
        yield f"## {self.say('first' if title else 'all', what=title)}"
        yield self.say(
            "import" if wanted == self.project.tally_of(first) else "import_part",
            package=_link(first),
            search=code_span("".join(self.queries[:1])),
            amount=amount_of(wanted, self.deck),
        )
        if self.deck.home:
            yield self.say("home", home=f"<{self.deck.home}>")

    def how(self) -> Iterator[str]:
        """How to study a part, by an example."""
        yield f"## {self.say('part')}"
        parted = self.some.cards < self.all.cards
        numbers = self.say("numbers", package=_link(self.offered[0]))
        yield "\n".join([self.say("part_intro"), *[numbers] * parted])
        example = (self.queries[1:] or self.queries or [f"tag:{self.deck.tag_root}"])[0]
        for name in ("weeks", "months", "options"):
            yield f"### {self.say(name)}"
            if name != "options":
                search = code_span(f"{example} is:new")
                yield self.say(f"{name}_steps", search=search, new=NEW_A_DAY)
            yield self.say(f"{name}_why")

    def packages(self) -> Iterator[str]:
        """What is in which package, if there are several."""
        if len(self.offered) > 1:
            yield f"## {self.say('packages')}"
            yield self.say("share")
            rows = []
            for package in self.offered:
                tally = self.project.tally_of(package)
                days = show_number(days_of(tally), self.deck.language)
                about = escape_markdown(package.about)
                rows.append((_link(package), str(tally.cards), days, about))
            yield self.table("package cards days about", rows)

    def searches(self) -> Iterator[str]:
        """The searches that the deck has, and how to combine two of them."""
        if self.queries:
            yield f"## {self.say('searches')}"
            found = {search.title: search.query for search in self.deck.searches}
            both = " ".join(self.queries[:2])
            if len(self.queries) > 1 and not wrong_with(both):
                one, other = self.queries[:2]
                found |= {self.say("both"): both, self.say("either"): f"{one} or {other}"}
                found |= {self.say("without"): f"{other} -{one}"}
            rows = []
            for title, query in found.items():
                all_ = self.all.selected(query)
                rows.append(self.row(title, query, _shared(all_, self.some), all_.cards))
            yield self.table("study search cards", rows)

    def tags(self) -> Iterator[str]:
        """All tags: those with others below them, each in a table, and at last the others.

        Of the documents there are those with sections.
        """
        root, sources = self.deck.tag_root, self.project.vocabulary.sources.values()
        left_out = {full_tag(root, f"source::{one.slug}") for one in sources if not one.sections}
        below = [part for part in parts(self.project, self.all) if part.depth]
        if below:
            yield f"## {self.say('tags')}"
        single = []
        for _, group in groupby(below, key=lambda part: _below(root, part.tag)[0]):
            head, *others = group
            rows = [self.part(part) for part in others if part.tag not in left_out]
            if rows:
                whole = head._replace(meaning=self.say("whole"))
                yield f"### {escape_markdown(head.meaning.removesuffix('.'))}"
                rows = [self.part(whole)] * (head.cards < self.all.cards) + rows
                yield self.table("part search cards", rows)
            elif not others:
                single.append(self.part(head))
        if single:
            yield f"### {self.say('other')}"
            yield self.table("part search cards", single)

    def credits(self) -> Iterator[str]:
        """Where media files come from."""
        known = self.project.vocabulary.media
        rows = [
            (code_span(name), *map(escape_markdown, (one.alt, one.origin, one.licence)))
            for name in sorted(self.project.media)
            if (one := known[name])
        ]
        if rows:
            yield f"## {self.say('credits')}"
            yield self.table("file shows origin licence", rows)

    def say(self, label: str, **values: object) -> str:
        """What the builder says there, in the language of the deck."""
        name = escape_markdown(self.deck.name)
        return filled(self.deck.labels[f"study_{label}"], deck=name, **values).strip()

    def table(self, columns: str, rows: Iterable[Iterable[str]]) -> str:
        """A table with these columns."""
        names = columns.split()
        line = ["---:" if name in ("cards", "days") else "---" for name in names]
        head = [self.deck.labels[f"column_{name}"] for name in names]
        return "\n".join(f"| {' | '.join(row)} |" for row in (head, line, *rows))

    def row(self, title: str, search: str, some: int, all_: int) -> tuple[str, str, str]:
        """What a search finds: cards in the first package, and in all if that is not the same."""
        cards = f"{some} ({all_})" if some != all_ else f"{some}"
        return escape_markdown(title), code_span(search).replace("|", "\\|"), cards

    def part(self, part: Part) -> tuple[str, str, str]:
        """A row for a tag, indented as it lies in the tree."""
        title = "· " * (part.depth - 2) + part.meaning.removesuffix(".")
        _, some = self.some.by_tag.get(part.tag, (0, 0))
        return self.row(title, part.search, some, part.cards)


def _link(package: Package) -> str:
    return f"[{package.name}]({package.name}.apkg)"


def _rank(tally: Tally, wanted: Tally) -> tuple[int, int]:
    """How well a package fits who wants these cards: how many it has of them, how few others."""
    cards = _shared(tally, wanted)
    return cards, cards - tally.cards


def _shared(tally: Tally, other: Tally) -> int:
    """How many of its cards are in the other, too."""
    return sum(cards for tags, (_, cards) in tally.items() if tags in other)
