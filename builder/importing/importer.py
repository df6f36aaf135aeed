"""A foreign deck → a folder of sources and a ledger, and a report of what was lost.

The one place that puts the parts of an import together.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from builder.anki.foreign import amount
from builder.examples import Home, Identity, files_of
from builder.files import write_files
from builder.importing import sources
from builder.importing.plan import Plan, Planned
from builder.importing.report import report
from builder.importing.rows import rows_of
from builder.importing.sources import facts_of
from builder.ledger.file import FILE_NAME, format_ledger
from builder.problems import Problem, any_error
from builder.project import Project, Read, load, plainly

REPORT = "IMPORT.md"


class Imported(NamedTuple):
    """What an import wrote; `lost` are sentences of what it could not carry over.

    The `problems` are those of the sources; with an error among them the deck cannot be built yet.
    """

    plan: Plan
    project: Project | None
    lost: tuple[str, ...]
    problems: list[Problem]


def write_import(
    plan: Plan, folder: Path, identity: Identity, home: Home, now: int, read: Read = plainly
) -> Imported:
    """Writes sources, ledger and report into a folder, which is empty; raises OSError."""
    example = files_of("start", identity, home, card=False)
    files = {path: data for path, data in example.items() if not path.startswith("cards_src/")}
    said = sources.files_of(plan, identity)
    _write(folder, files | {f"cards_src/{path}": data for path, data in said.items()})
    project, problems = load(folder / "cards_src", read=read)
    lost = list(plan.lost)
    unbuilt = _unbuilt(plan, project, problems)
    if unbuilt:
        lost += [f"{_described(fact)}: {why}" for fact, why in unbuilt]
        gone = {fact.id for fact, _ in unbuilt}
        plan = plan._replace(facts=tuple(fact for fact in plan.facts if fact.id not in gone))
        for path in (path for path in said if path.startswith("facts/")):
            (folder / "cards_src" / path).unlink()
        facts = facts_of(plan.facts)
        _write(folder, {f"cards_src/facts/{path}": text.encode() for path, text in facts.items()})
        project, problems = load(folder / "cards_src", read=read)
    if project:
        rows, found = rows_of(plan, project, now)
        lost += found + _odd_cards(plan, project)
        if rows:
            _write(folder, {f"decks/{FILE_NAME}": b"".join(format_ledger(rows))})
    imported = Imported(plan, project, tuple(lost), problems)
    errors = [problem for problem in problems if any_error([problem])]
    text = report(plan, project, imported.lost, errors, problems)
    _write(folder, {REPORT: text.encode()})
    return imported


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path in files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    write_files((folder / path, [data]) for path, data in files.items())


def _unbuilt(
    plan: Plan, project: Project | None, problems: list[Problem]
) -> list[tuple[Planned, str]]:
    """The facts of which no note can be made, and why; none where a whole file cannot be read."""
    if project is None:
        return []
    built = {note.fact.id for note in project.notes}
    known = {fact.id for fact in project.facts}
    places = {fact.place: fact.id for fact in project.facts}
    reasons = {
        places[problem.place]: problem.message
        for problem in problems
        if problem.severity == "error" and problem.place in places
    }
    return [
        (fact, reasons[fact.id])
        for fact in plan.facts
        if fact.id in known - built and fact.id in reasons
    ]


def _described(fact: Planned) -> str:
    fields = " | ".join(fact.note.fields)
    return f"the note with the GUID {fact.note.guid!r} and the fields {fields!r} is left out"


def _odd_cards(plan: Plan, project: Project) -> list[str]:
    """What is said of notes that have other cards than Anki makes of their fields."""
    if not plan.deck.identified:
        return []
    cards = {note.fact.id: {*note.cards} for note in project.notes}
    had = {fact.id: {card.number for card in fact.note.cards} for fact in plan.facts}
    empty = sorted(name for name in cards if had[name] - cards[name])
    new = sorted(name for name in cards if had[name] and cards[name] - had[name])
    lost = []
    for names, what in (
        (empty, "with empty cards, which the package will not have; learners keep theirs"),
        (new, "with a card more than in the package"),
    ):
        if names:
            more = ", …" if len(names) > 3 else ""  # noqa: PLR2004 - examples
            lost.append(f"{amount(len(names), 'note')} {what}: {', '.join(names[:3])}{more}")
    return lost
