"""A project without errors → warnings of all rules of good cards.

A fact, its file, its kind and the deck may `waive` a rule for a reason; a waiver that is not needed
is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from builder.model import Broken, Fact, Kind, Note, Vocabulary
from builder.problems import Error, Place, Problem, error, nearest, warning
from builder.rules import Found
from builder.rules.cards import CARD_RULES, CLOZE_RULES, QUESTION_RULES, Card, cards_of
from builder.rules.pairs import PAIR_RULES, alike
from builder.rules.sources import SOURCE_RULES
from builder.rules.texts import FACT_RULES, TEXT_RULES, rules_of, texts_of

if TYPE_CHECKING:
    from builder.project import Project

_Thing = TypeVar("_Thing")


def _name(rule: Callable[..., Found]) -> str:
    return rule.__name__.replace("_", "-")


def _statements(rules: Iterable[Callable[..., Found]]) -> dict[str, str]:
    return {_name(rule): (rule.__doc__ or "").partition("\n")[0] for rule in rules}


# The name of every rule, with its statement; only a deck can waive those about no fact.
_OF_FACTS = _statements((*CARD_RULES, *QUESTION_RULES, *CLOZE_RULES, *PAIR_RULES))
_OF_FACTS |= _statements((*FACT_RULES, *TEXT_RULES))
RULES = _OF_FACTS | _statements(SOURCE_RULES)


def check_cards(project: Project) -> list[Problem]:
    """What the rules say of a project without errors, and the waivers that are not needed."""
    kinds = _kinds(project.vocabulary)
    facts = {fact.id: fact for fact in project.facts}
    needed: set[Place] = set()
    problems = []
    each: Iterable[Broken] | None = project.broken
    if each is None:
        each = broken_by_each(project.facts, project.notes, project.vocabulary)
    for problem, ids in chain(each, _broken_together(project)):
        waivers = [project.deck.waive]
        for fact in map(facts.__getitem__, ids):
            waivers += [kinds[fact.kind].waive, fact.waive_in_file, fact.waive]
        places = [rule.place for waive in waivers for rule in waive if rule == problem.rule]
        needed.update(places[:1])
        problems += [] if places else [problem]
    waivers = [project.deck.waive, *(kind.waive for kind in kinds.values())]
    waivers += [waive for fact in project.facts for waive in (fact.waive_in_file, fact.waive)]
    for rule in {rule.place: rule for waive in waivers for rule in waive}.values():
        known = RULES if rule.place.path == project.deck.place.path else _OF_FACTS
        if rule not in known:
            message = f"“{rule}” is not a rule that can be waived{nearest(rule, known)}"
            if rule in RULES:
                message = f"“{rule}” is a rule about the whole deck; waive it in decks.yaml"
            problems.append(error(rule.place, message, Error.WAIVER))
        elif rule.place not in needed:
            message = f"“{rule}” is not broken here, or is waived elsewhere; remove this waiver"
            problems.append(error(rule.place, message, Error.WAIVER))
    return problems


def broken_by_each(
    facts: Iterable[Fact], notes: Iterable[Note], vocabulary: Vocabulary
) -> Iterator[Broken]:
    """Where facts, their texts and their cards break rules, each for itself."""
    kinds = _kinds(vocabulary)
    for fact in facts:
        yield from _broken(FACT_RULES, fact, fact)
        for said in texts_of(fact, kinds[fact.kind], vocabulary.language):
            yield from _broken(rules_of(said), said, fact)
    for card in _cards(notes, vocabulary):
        rules = CLOZE_RULES if card.note.cloze else QUESTION_RULES
        yield from _broken((*CARD_RULES, *rules), card, card.note.fact)


def _broken_together(project: Project) -> Iterator[Broken]:
    """Where two cards, or all that the sources say, break rules."""
    notes = sorted(project.notes, key=lambda note: note.fact.place)  # as in the files
    for pair in alike(_cards(notes, project.vocabulary)):
        yield from _broken(PAIR_RULES, pair, pair.first.note.fact, pair.card.note.fact)
    yield from _broken(SOURCE_RULES, project)


def _kinds(vocabulary: Vocabulary) -> dict[str, Kind]:
    return {name: kind for name, kind in vocabulary.kinds.items() if kind}


def _cards(notes: Iterable[Note], vocabulary: Vocabulary) -> Iterator[Card]:
    """The cards of notes, but for those of own note types, which may be anything."""
    kinds = _kinds(vocabulary)
    prompts = {(name, prompt.name): prompt for name in kinds for prompt in kinds[name].prompts}
    for note in notes:
        if not note.own_type:
            kind = note.fact.kind
            yield from cards_of(note, prompts[kind, note.prompt], kinds[kind])


def _broken(
    rules: Iterable[Callable[[_Thing], Found]], thing: _Thing, *facts: Fact
) -> Iterator[Broken]:
    """Where a thing, which belongs to some facts, breaks rules."""
    ids = tuple(fact.id for fact in facts)
    for rule in rules:
        for place, message in rule(thing):
            yield warning(place, message, _name(rule)), ids
