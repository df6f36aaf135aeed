"""Notes with their tags → how to study a part of the deck: the tag tree, and a guide for learners.

Every part comes with the search that finds it in Anki, and with what that search finds.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from builder.query import Test, search_for_tag
from builder.tags import Tally, with_parents

if TYPE_CHECKING:
    from builder.pipeline import Project


# How many new cards a day Anki shows, unless a learner wants more or fewer.
_NEW_A_DAY = 20

_ONE_TERM = re.compile(r'[^\s()"-][^\s()"]*')

_HOW = """\
## How to study what a search finds

**Anki on a computer**

1. *Tools → Create Filtered Deck…*
2. Paste the search into the field *Search*. Set *Limit to* to at least the number of cards that
   stands here; otherwise Anki takes the first hundred.
3. Leave *Reschedule cards based on my answers in this deck* ticked, so that what you learn counts.
   Then *Build*.

**AnkiDroid**: in the list of decks, *+ → Create filtered deck*. Paste the search, raise the limit,
build.

**AnkiMobile**: open the deck, tap the gear, then *Filter/Cram*. Paste the search, raise the limit,
build.

No card is copied: the cards move into the filtered deck and go home one by one as you learn them.
*Rebuild* fetches what the search finds now, *Empty* sends everything home, and so does deleting the
filtered deck. Cards that are suspended, buried or in another filtered deck do not come along, so
there can be fewer than the table says.

**Custom Study** is the quick way, for tags alone. Open the deck and press *Custom Study*; choose
*Study by card state or tag*, new or due cards or all, and then *Choose Tags*. On AnkiDroid, press
long on the deck: *Custom study → Limit to particular tags*. On AnkiMobile, *Custom Study* is behind
the gear. The tags are those of the searches here, without `tag:`; one that has others below it is
picked by picking those.
"""


class Part(NamedTuple):
    """A tag, at `depth` below the root of the tree: what it means, what finds it, and how much."""

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
    counts = tally.by_tag
    depth = root.count("::")
    return [
        Part(tag, tag.count("::") - depth, meanings[tag], _both(search_for_tag(tag), query), *found)
        for tag, found in sorted(counts.items(), key=lambda item: _place(item[0], order))
        if tag in meanings
    ]


def _meanings(project: Project) -> dict[str, str]:
    """What each tag means, without the root; those of kinds and sources after the written ones."""
    meanings = {name: tag.meaning for name, tag in project.tags.items()}
    meanings["kind"] = "The form of fact"
    meanings |= {f"kind::{kind.name}": kind.about for kind in project.kinds.values() if kind}
    meanings["source"] = "The document a fact comes from"
    meanings |= {f"source::{slug}": source.title for slug, source in project.sources.items()}
    meanings["caution"] = "The source errs, is outdated, or sources disagree"
    return meanings


def _place(tag: str, order: dict[str, int]) -> list[int]:
    """Sorts a tag under its parent, children in the order of `order`."""
    return [order.get(above, -1) for above in with_parents(tag)]


def _both(search: str, query: str) -> str:
    """A search for what is found by one term and by another search, which may be empty."""
    if not query.strip():
        return search
    return f"{search} {_grouped(query)}"


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


def guide(project: Project) -> str:
    """The study guide, as Markdown: packages, searches, how to use them, all tags."""
    main = next(iter(project.deck.packages.values()))
    some = project.tally_of(main)
    numbers = ""
    if some.cards < project.tally.cards:
        numbers = (
            f" The numbers are those of the package [{main.name}]({main.name}.apkg); where more"
            " cards are found with all packages imported, that number stands in brackets."
        )
    return "\n".join(
        [
            f"# Studying a part of {_cell(project.deck.name)}",
            "",
            _wrapped(
                f"You need not learn all {project.tally.cards:,} cards, or not all at once."
                " Every card has tags that say what it is about, and Anki gathers the cards that a"
                " search finds into a deck of their own. Take a search from this page, and follow"
                f" [the steps](#how-to-study-what-a-search-finds) for your program.{numbers}"
            ),
            "",
            *_start(project, some),
            _HOW,
            *_packages(project),
            *_tags(project, some),
            "",
        ]
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)


def _row(title: str, search: str, cards: int, of_all: int) -> str:
    """A line of a table of searches."""
    number = f"{cards}" if cards == of_all else f"{cards} ({of_all})"
    code = search.replace("|", "\\|")
    return f"| {_cell(title)} | `{code}` | {number} |"


def _cell(text: str) -> str:
    """A text in a cell of a table, where it is no markup."""
    return re.sub(r"[\\`*_\[\]<>|]", r"\\\g<0>", text).replace("\n", " ")


def _table(what: str) -> list[str]:
    return [f"| {what} | search | cards |", "| --- | --- | ---: |"]


def _start(project: Project, some: Tally) -> list[str]:
    """The searches that `decks.yaml` names, and how the first two go together."""

    def row(title: str, query: str, selects: Test) -> str:
        found, of_all = (tally.found_by(selects).cards for tally in (some, project.tally))
        return _row(title, query, found, of_all)

    named = project.deck.searches
    if not named:
        return []
    lines = ["## Where to start", "", *_table("to study")]
    lines += [row(search.title, search.query, search.selects) for search in named]
    if len(named) > 1:
        one, two = named[:2]
        first, second = _grouped(one.query), _grouped(two.query)
        lines += [
            "",
            _wrapped(
                "Searches go together: side by side they find what is in both, with `or` between"
                " them what is in either, and `-` leaves something out. `is:new` or `is:due` beside"
                " a search takes only what you have not met, or what is due. For example:"
            ),
            "",
            *_table("to study"),
            row(
                "both of the first two",
                f"{first} {second}",
                lambda tags: one.selects(tags) and two.selects(tags),
            ),
            row(
                "either of them",
                f"{first} or {second}",
                lambda tags: one.selects(tags) or two.selects(tags),
            ),
            row(
                "the second without the first",
                f"{second} -{first}",
                lambda tags: two.selects(tags) and not one.selects(tags),
            ),
        ]
    return [*lines, ""]


def _packages(project: Project) -> list[str]:
    """The packages, and how much is in each."""
    lines = ["## The packages", "", "| package | cards | what is inside |", "| --- | ---: | --- |"]
    for name, package in project.deck.packages.items():
        cards = project.tally_of(package).cards
        lines.append(f"| [{name}]({name}.apkg) | {cards} | {_cell(package.about)} |")
    return [
        *lines,
        "",
        "They share one deck: import any of them, add others later, and keep all progress.",
        "",
    ]


def _days(project: Project) -> list[str]:
    """How many cards each level has, and how many days they take."""
    prefix = f"{project.deck.tag_root}::level::"
    lines = [f"At {_NEW_A_DAY} new cards a day, with all packages imported:", ""]
    for part in parts(project, project.tally):
        if part.tag.startswith(prefix):
            days = -(-part.cards // _NEW_A_DAY)
            name, cards = part.tag.removeprefix(prefix), "card" if part.cards == 1 else "cards"
            lines.append(
                f"- **{name}**: {part.cards:,} {cards}, {days} {'day' if days == 1 else 'days'}"
            )
    return [*lines, ""]


def _tags(project: Project, some: Tally) -> list[str]:
    """A table for each group of tags; of the documents, those whose sections are followed."""
    whole = project.tally.cards
    counted = some.by_tag
    lines: list[str] = []
    for part in parts(project, project.tally):
        group, _, name = part.tag.removeprefix(f"{project.deck.tag_root}::").partition("::")
        source = project.sources.get(name) if group == "source" else None
        if not part.depth or (group == "source" and name and not (source and source.sections)):
            continue
        title = part.meaning.removesuffix(".")
        if part.depth == 1:
            lines += [*([""] if lines else []), f"## {_cell(title)}", ""]
            lines += [*(_days(project) if group == "level" else []), *_table("part")]
            title = "all of this"
        if part.depth > 1 or part.cards < whole:
            indent = "· " * max(0, part.depth - 2)
            _, cards = counted.get(part.tag, (0, 0))
            lines.append(_row(indent + title, part.search, cards, part.cards))
    return lines
