"""A project without errors → warnings of all rules of good cards.

A fact, its file, its kind and the deck may `waive` a rule for a reason; a waiver that is not needed
is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from builder.model import Fact, Text
from builder.problems import Error, Place, Problem, error, nearest, warning
from builder.rules import Found
from builder.rules.cards import CARD_RULES, CLOZE_RULES, QUESTION_RULES, cards_of
from builder.rules.facts import FACT_RULES
from builder.rules.pairs import PAIR_RULES, alike
from builder.rules.sources import SOURCE_RULES
from builder.rules.texts import LOCATOR_RULES, TEXT_RULES, locators_of, texts_of

if TYPE_CHECKING:
    from builder.project import Project

_Thing = TypeVar("_Thing")
_Broken = tuple[Problem, tuple[Fact, ...]]  # a problem, and the facts that may waive its rule


def _name(rule: Callable[..., Found]) -> str:
    return rule.__name__.replace("_", "-")


def _statements(rules: Iterable[Callable[..., Found]]) -> dict[str, str]:
    return {_name(rule): (rule.__doc__ or "").partition("\n")[0] for rule in rules}


# The name of every rule, with its statement; only a deck can waive those about no fact.
_OF_CARDS = _statements((*CARD_RULES, *QUESTION_RULES, *CLOZE_RULES, *PAIR_RULES))
_WAIVABLE = _OF_CARDS | _statements((*FACT_RULES, *TEXT_RULES))
RULES = _WAIVABLE | _statements(SOURCE_RULES)


def check_cards(project: Project) -> list[Problem]:
    """What the rules say of a project without errors, and the waivers that are not needed."""
    kinds = project.vocabulary.kinds
    needed: set[Place] = set()
    spared: dict[Place, Place] = {}  # by another waiver
    problems = []
    for problem, facts in _all_broken(project):
        waivers = [project.deck.waive]
        for fact in facts:
            kind = kinds[fact.kind]
            waivers += [kind.waive if kind else {}, fact.waive_in_file, fact.waive]
        places = dict.fromkeys(
            rule.place for waive in waivers for rule in waive if rule == problem.rule
        )
        if not places:
            problems.append(problem)
            continue
        first, *others = places
        needed.add(first)
        spared |= dict.fromkeys(others, first)
    return problems + list(_needless(project, needed, spared))


def _all_broken(project: Project) -> Iterator[_Broken]:
    kinds = {name: kind for name, kind in project.vocabulary.kinds.items() if kind}
    for fact in project.facts:
        yield from _broken(FACT_RULES, fact, fact)
        for said in texts_of(fact, kinds[fact.kind], project.deck.language):
            yield from _broken(TEXT_RULES, said, fact)
        for said in locators_of(fact):
            yield from _broken(LOCATOR_RULES, said, fact)
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


def _needless(
    project: Project, needed: Collection[Place], spared: Mapping[Place, Place]
) -> Iterator[Problem]:
    """The waivers that name no rule, or one that nothing here breaks or another waives."""
    for rule, breaks, waivable in _waivers(project):
        if rule not in waivable:
            message = f"“{rule}” is not a rule that can be waived{nearest(rule, waivable)}"
        elif rule.place in needed:
            continue
        elif first := spared.get(rule.place):
            at = first.at_line
            message = f"“{rule}” is already waived at {at}; remove one of the two waivers"
        else:
            message = f"{breaks} “{rule}”; remove the waiver"
        yield error(rule.place, message, Error.WAIVER)


def _waivers(project: Project) -> Iterator[tuple[Text, str, dict[str, str]]]:
    """Each rule that is waived; who does not break it, if that is needless; which can be waived."""
    for rule in project.deck.waive:
        yield rule, "nothing in this deck breaks", RULES
    for kind in project.vocabulary.kinds.values():
        for rule in kind.waive if kind else ():
            yield rule, "no fact of this kind breaks", _WAIVABLE
    of_files = {rule.place: rule for fact in project.facts for rule in fact.waive_in_file}
    for rule in of_files.values():
        yield rule, "no fact in this file breaks", _WAIVABLE
    for fact in project.facts:
        for rule in fact.waive:
            yield rule, "the fact does not break", _WAIVABLE
