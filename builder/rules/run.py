"""A project without errors → warnings of all rules of good cards.

A fact may `waive` a rule for a reason; a waiver that is not needed is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from builder.model import Fact
from builder.problems import Error, Problem, error, nearest, warning
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


# The name of every rule, with its statement; a fact can waive those about facts and their cards.
_OF_CARDS = _statements((*CARD_RULES, *QUESTION_RULES, *CLOZE_RULES, *PAIR_RULES))
_WAIVABLE = _OF_CARDS | _statements((*FACT_RULES, *TEXT_RULES))
RULES = _WAIVABLE | _statements(SOURCE_RULES)


def check_cards(project: Project) -> list[Problem]:
    """What the rules say of a project without errors, and the waivers that are not needed."""
    waived = {(fact.id, str(rule)) for fact in project.facts for rule in fact.waive}
    needed: set[tuple[str, str]] = set()
    spared: dict[tuple[str, str], str] = {}  # by the waiver of another fact
    problems = []
    for problem, facts in _all_broken(project):
        waivers = [(fact.id, problem.rule) for fact in facts]
        used = [waiver for waiver in waivers if waiver in waived]
        needed.update(used[:1])
        for waiver in used[1:]:
            spared[waiver] = used[0][0]
        if not used:
            problems.append(problem)
    return problems + _needless(project.facts, needed, spared)


def _all_broken(project: Project) -> Iterator[_Broken]:
    kinds = {name: kind for name, kind in project.vocabulary.kinds.items() if kind}
    for fact in project.facts:
        yield from _broken(FACT_RULES, fact, fact)
        for said in texts_of(fact, kinds[fact.kind]):
            yield from _broken(TEXT_RULES, said, fact)
        for said in locators_of(fact):
            yield from _broken(LOCATOR_RULES, said, fact)
    prompts = {(name, prompt.name): prompt for name in kinds for prompt in kinds[name].prompts}
    cards = [
        card
        for note in sorted(project.notes, key=lambda note: note.fact.place)  # as in the files
        if not note.own_type  # whose cards may be anything
        for card in cards_of(note, prompts[note.fact.kind, note.prompt])
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
    facts: Iterable[Fact], needed: set[tuple[str, str]], spared: Mapping[tuple[str, str], str]
) -> list[Problem]:
    """The waivers that name no rule, or a rule that the fact does not break or another waives."""
    problems = []
    for fact in facts:
        for rule in fact.waive:
            if rule not in _WAIVABLE:
                message = f"“{rule}” is not a rule that can be waived{nearest(rule, _WAIVABLE)}"
            elif (fact.id, str(rule)) in needed:
                continue
            elif other := spared.get((fact.id, str(rule))):
                message = f"“{other}” waives “{rule}” for both; remove one of the two waivers"
            else:
                message = f"the fact does not break “{rule}”; remove the waiver"
            problems.append(error(rule.place, message, Error.WAIVER))
    return problems
