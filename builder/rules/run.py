"""A project without errors → warnings of all rules of good cards.

A fact, its file, its kind and the deck may `waive` a rule for a reason; a waiver that is not needed
is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from builder.model import Fact
from builder.problems import Error, Place, Problem, error, nearest, warning
from builder.rules import Found
from builder.rules.cards import CARD_RULES, CLOZE_RULES, QUESTION_RULES, cards_of
from builder.rules.pairs import PAIR_RULES, alike
from builder.rules.sources import SOURCE_RULES
from builder.rules.texts import FACT_RULES, TEXT_RULES, rules_of, texts_of

if TYPE_CHECKING:
    from builder.project import Project

_Thing = TypeVar("_Thing")
_Broken = tuple[Problem, tuple[Fact, ...]]  # a problem, and the facts that may waive its rule


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
    kinds = {name: kind for name, kind in project.vocabulary.kinds.items() if kind}
    needed: set[Place] = set()
    problems = []
    for problem, facts in _all_broken(project):
        waivers = [project.deck.waive]
        for fact in facts:
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
            problems.append(error(rule.place, message, Error.WAIVER))
        elif rule.place not in needed:
            message = f"“{rule}” is not broken here, or is waived elsewhere; remove this waiver"
            problems.append(error(rule.place, message, Error.WAIVER))
    return problems


def _all_broken(project: Project) -> Iterator[_Broken]:
    kinds = {name: kind for name, kind in project.vocabulary.kinds.items() if kind}
    for fact in project.facts:
        yield from _broken(FACT_RULES, fact, fact)
        for said in texts_of(fact, kinds[fact.kind], project.deck.language):
            yield from _broken(rules_of(said), said, fact)
    prompts = {(name, prompt.name): prompt for name in kinds for prompt in kinds[name].prompts}
    cards = [
        card
        for note in sorted(project.notes, key=lambda note: note.fact.place)  # as in the files
        if not note.own_type  # whose cards may be anything
        for card in cards_of(note, prompts[note.fact.kind, note.prompt], kinds[note.fact.kind])
    ]
    for card in cards:
        rules = CLOZE_RULES if card.note.cloze else QUESTION_RULES
        yield from _broken((*CARD_RULES, *rules), card, card.note.fact)
    for pair in alike(cards):
        yield from _broken(PAIR_RULES, pair, pair.first.note.fact, pair.card.note.fact)
    yield from _broken(SOURCE_RULES, project)


def _broken(
    rules: Iterable[Callable[[_Thing], Found]], thing: _Thing, *facts: Fact
) -> Iterator[_Broken]:
    """Where a thing, which belongs to some facts, breaks rules."""
    for rule in rules:
        for place, message in rule(thing):
            yield warning(place, message, _name(rule)), facts
