"""A project without errors → warnings of all rules of good cards.

A fact may `waive` a rule for a reason; a waiver that is not needed is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from builder.model import Fact
from builder.problems import Error, Place, Problem, error, nearest, warning
from builder.rules import Found
from builder.rules.cards import CLOZE_RULES, QUESTION_RULES, Card, cards_of
from builder.rules.facts import FACT_RULES
from builder.rules.pairs import PAIR_RULES, alike
from builder.rules.sources import SOURCE_RULES
from builder.rules.texts import LOCATOR_RULES, TEXT_RULES, locators_of, texts_of

if TYPE_CHECKING:
    from builder.project import Project

_Thing = TypeVar("_Thing")


def _name(rule: Callable[..., Found]) -> str:
    return rule.__name__.replace("_", "-")


def _statements(rules: Iterable[Callable[..., Found]]) -> dict[str, str]:
    return {_name(rule): (rule.__doc__ or "").partition("\n")[0] for rule in rules}


_OF_FACTS = _statements((*QUESTION_RULES, *CLOZE_RULES, *FACT_RULES, *TEXT_RULES, *PAIR_RULES))

# The name of every rule, with its statement; a fact can waive those about facts and their cards.
RULES = _OF_FACTS | _statements(SOURCE_RULES)


class _Broken(NamedTuple):
    """A place where a rule is broken; each of the facts may waive it."""

    rule: str
    facts: tuple[Fact, ...]
    place: Place
    message: str


def check_cards(project: Project) -> list[Problem]:
    """What the rules say of a project without errors, and the waivers that are not needed."""
    waived = {(fact.id, str(rule)) for fact in project.facts for rule in fact.waive}
    needed: set[tuple[str, str]] = set()
    problems = []
    for rule, facts, place, message in _all_broken(project):
        waivers = [(fact.id, rule) for fact in facts if (fact.id, rule) in waived]
        if waivers:
            needed.add(waivers[0])
        else:
            problems.append(warning(place, message, rule))
    return problems + _needless(project.facts, needed)


def _all_broken(project: Project) -> Iterator[_Broken]:
    kinds = {name: kind for name, kind in project.vocabulary.kinds.items() if kind}
    for fact in project.facts:
        yield from _broken(FACT_RULES, fact, fact)
        for said in texts_of(fact, kinds[fact.kind]):
            yield from _broken(TEXT_RULES, said, fact)
        for said in locators_of(fact):
            yield from _broken(LOCATOR_RULES, said, fact)
    cards = list(_cards(project))
    for card in cards:
        rules = CLOZE_RULES if card.note.cloze else QUESTION_RULES
        yield from _broken(rules, card, card.note.fact)
    for pair in alike(cards):
        yield from _broken(PAIR_RULES, pair, pair.first.note.fact, pair.card.note.fact)
    yield from _broken(SOURCE_RULES, project)


def _cards(project: Project) -> Iterator[Card]:
    """All cards, in the order of the files."""
    prompts = {
        (name, prompt.name): prompt
        for name, kind in project.vocabulary.kinds.items()
        for prompt in (kind.prompts if kind else ())
    }
    for note in sorted(project.notes, key=lambda note: note.fact.place):
        yield from cards_of(note, prompts[note.fact.kind, note.prompt])


def _broken(
    rules: Iterable[Callable[[_Thing], Found]], thing: _Thing, *facts: Fact
) -> Iterator[_Broken]:
    """Where a thing, which belongs to some facts, breaks rules."""
    for rule in rules:
        for place, message in rule(thing):
            yield _Broken(rule=_name(rule), facts=facts, place=place, message=message)


def _needless(facts: Iterable[Fact], needed: set[tuple[str, str]]) -> list[Problem]:
    """The waivers that name no rule, or a rule that the fact does not break."""
    problems = []
    for fact in facts:
        for rule in fact.waive:
            if rule not in _OF_FACTS:
                message = f"“{rule}” is not a rule that can be waived{nearest(rule, _OF_FACTS)}"
            elif (fact.id, str(rule)) not in needed:
                message = f"the fact does not break “{rule}”; remove the waiver"
            else:
                continue
            problems.append(error(rule.place, message, Error.WAIVER))
    return problems
