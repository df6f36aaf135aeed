"""Rules about what the sources list besides facts, and about their searches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from builder.anki.card_templates import tags_of
from builder.anki.query import terms_of, test_of
from builder.model import Kind, Template, Text
from builder.notes.language import ENGLISH, has_labels, labels_in
from builder.notes.tags import full_tag
from builder.problems import Problem
from builder.rules import Found
from builder.rules.texts import wrong_formula
from builder.sources.media import TO_FILL_IN
from builder.sources.text import place_in, read_text

if TYPE_CHECKING:
    from builder.project import Project


def _kinds(project: Project) -> list[Kind]:
    return [kind for kind in project.vocabulary.kinds.values() if kind]


def _templates(kind: Kind) -> Iterable[Template]:
    sides = [(*prompt.sides, *prompt.reverse) for prompt in kind.prompts]
    return chain(*sides, kind.contents.values())


def unused_kind(project: Project) -> Found:
    """Every kind has a fact."""
    used = {fact.kind for fact in project.facts}
    for kind in _kinds(project):
        if kind.name not in used:
            yield kind.place, f"no fact is of kind “{kind.name}”"


def unused_prompt(project: Project) -> Found:
    """Every prompt is asked of a fact."""
    asked = {(note.fact.kind, note.prompt) for note in project.notes}
    used = {name for name, _ in asked}
    for kind in (kind for kind in _kinds(project) if kind.name in used):
        for prompt in kind.prompts:
            if (kind.name, prompt.name) not in asked:
                message = f"no fact has all the fields that prompt “{prompt.name}” uses"
                yield prompt.sides[0].place, message


def unused_field(project: Project) -> Found:
    """A note type of one's own shows every field, and what each field of its kind says."""
    for kind in _kinds(project):
        if kind.note_type is None:
            continue
        sides = [side for template in kind.note_type.templates for side in template[1:3]]
        shown = {tag.name for side in sides for tag in tags_of(side)}
        for name, content in kind.contents.items():
            if name not in shown and content.uses != ("key",):
                yield content.place, f"no card template shows the field “{name}”"
        used = {name for content in kind.contents.values() for name in content.uses}
        for name, field in kind.fields.items():
            if name not in used:
                yield field.place, f"no field of the note type shows “{name}”"


def unused_source(project: Project) -> Found:
    """Every source is cited by a fact, or in errata.md."""
    cited = {citation.source for fact in project.facts for citation in fact.citations}
    cited |= {claim.source.slug for claim in project.left_out}
    errata = read_text(Path(project.deck.place.path).with_name("errata.md"))
    for slug, source in project.vocabulary.sources.items():
        if slug not in cited and (isinstance(errata, Problem) or slug not in errata):
            yield source.place, f"no fact cites “{slug}”"


def unused_tag(project: Project) -> Found:
    """Every tag is on a card."""
    tags = project.vocabulary.tags
    parents = {name.rpartition("::")[0] for name in tags}
    for name, tag in tags.items():
        full = full_tag(project.deck.tag_root, name)
        if name not in parents and full not in project.tally.by_tag:
            yield tag.place, f"no card has the tag “{name}”"


def empty_term(project: Project) -> Found:
    """Every term of a search matches a note, so that no tag in it is misspelt."""
    every = frozenset(tag for tags in project.tally for tag in tags)
    queries = [package.query for package in project.deck.packages.values()]
    queries += [search.query for search in project.deck.searches]
    queries += [tag.query for tag in project.vocabulary.tags.values()]
    for query in (query for query in queries if isinstance(query, Text)):
        for term, index in terms_of(query):
            test = test_of(term)
            if not (test(every) or (() in project.tally and test(()))):
                yield place_in(query, index), f"“{term}” matches no notes"


def unused_media(project: Project) -> Found:
    """Every media file is on a card."""
    for name, medium in project.vocabulary.media.items():
        if medium and medium.path.name == name and name not in project.media:
            yield medium.place, f"no card shows or plays “{name}”"


def unknown_origin(project: Project) -> Found:
    """Every media file says where it comes from and its licence, also when it was imported."""
    media = [medium for medium in project.vocabulary.media.values() if medium]
    open_ = {one.path.name: one for one in media if TO_FILL_IN in (one.origin, one.licence)}
    for first in list(open_.values())[:1]:
        more = f" and of {len(open_) - 1:,} more" if len(open_) > 1 else ""
        yield first.place, f"origin or licence of “{first.path.name}”{more} is still to fill in"


def picture_without_words(project: Project) -> Found:
    """Every picture has alt, a description for those who cannot see it."""
    for name, medium in project.vocabulary.media.items():
        # What was imported is shown by HTML, which has its own.
        if medium and "picture" in medium.types and not (medium.alt or medium.adopted):
            yield medium.place, f"“{name}” has no alt; describe what it shows"


def formula_in_source(project: Project) -> Found:
    """A formula in a template, or in what a card says of a document, is mathematics only."""
    for source in project.vocabulary.sources.values():
        for text in (source.title, source.author, source.year):
            if message := wrong_formula(text):
                yield source.place, message
    for template in (template for kind in _kinds(project) for template in _templates(kind)):
        if message := wrong_formula(template.text):
            yield template.place, message


def unlinked_report(project: Project) -> Found:
    """Where decks.yaml has `report`, the cards lead there."""
    deck = project.deck
    address = escape(deck.report.replace("{key}", "{{Key}}"))
    cards = [card for note_type in project.note_types for card in note_type.templates]
    if address and not any(address in card.back for card in cards):
        link = '<a href="[[ report ]]">{{Key}}</a>'
        yield deck.place, f"no card links to “report”; write {link} in card/back.html"


def english_label(project: Project) -> Found:
    """What the builder itself says to learners is in the language of the deck."""
    deck, facts = project.deck, project.facts
    english = labels_in(ENGLISH)
    shown: dict[str, object] = {
        "as_of": deck.as_of or any(fact.as_of for fact in facts),
        "caution": any(fact.caution for fact in facts),
        "amount": True,
        "guide_at": deck.home,
        "mistake": not deck.report,
        "mistake_link": deck.report,
    }
    for kind in _kinds(project):
        asks = any(re.search(r"\|\s*when\b", template.text) for template in _templates(kind))
        if has_labels(kind.language) or not asks:
            continue
        if kind.language == deck.language:
            shown |= dict.fromkeys((name for name in english if name.startswith("when_")), True)
        else:
            message = f"the filter “when” has no words in “{kind.language}” and asks in English"
            yield kind.place, f"{message}; write the question out"
    names = [name for name in shown if shown[name] and deck.labels[name] == english[name]]
    if names and not has_labels(deck.language):
        message = f"the builder has no words in “{deck.language}”, and shows its English ones"
        yield deck.place, f"{message}; translate under “labels”: {', '.join(names)}"


SOURCE_RULES = (
    *(unused_kind, unused_prompt, unused_field, unused_source, unused_tag, unused_media),
    *(empty_term, picture_without_words, formula_in_source, english_label),
    *(unlinked_report, unknown_origin),
)
