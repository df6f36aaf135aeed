"""A foreign deck → a folder of sources and a ledger, and a report of what was lost.

The one place that puts the parts of an import together.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from builder.examples import Home, Identity, files_of
from builder.files import write_files
from builder.importing import sources
from builder.importing.foreign import amount
from builder.importing.plan import Plan
from builder.importing.report import report
from builder.importing.rows import rows_of
from builder.ledger.file import FILE_NAME, format_ledger
from builder.problems import Problem
from builder.project import Project, Read, load, plainly

REPORT = "IMPORT.md"
_EXAMPLES = 3


def write_import(
    plan: Plan, folder: Path, identity: Identity, home: Home, now: int, read: Read = plainly
) -> tuple[Plan, list[str], list[Problem]]:
    """Writes sources, ledger and report into a folder, which is empty; raises OSError.

    Returns what was written, sentences of what could not be carried over, and the problems of the
    sources; with an error among them the deck cannot be built yet.
    """
    example = files_of("start", identity, home, card=False)
    files = {path: data for path, data in example.items() if not path.startswith("cards_src/")}
    src = folder / "cards_src"
    _write(folder, files)
    _write(src, sources.files_of(plan, identity))
    project, problems = load(src, read=read)
    lost = list(plan.lost)
    if unbuilt := _unbuilt(project, problems):
        lost += [
            f"the note with the GUID {fact.note.guid!r} and the fields"
            f" {' | '.join(fact.note.fields)!r} is left out: {unbuilt[fact.id]}"
            for fact in plan.facts
            if fact.id in unbuilt
        ]
        for path in sources.facts_of(plan.facts):
            (src / path).unlink()
        plan = plan._replace(facts=tuple(fact for fact in plan.facts if fact.id not in unbuilt))
        _write(src, sources.facts_of(plan.facts))
        project, problems = load(src, read=read)
    if project:
        rows, found = rows_of(plan, project, now)
        lost += found + _odd_cards(plan, project)
        if rows:
            _write(folder, {f"decks/{FILE_NAME}": b"".join(format_ledger(rows))})
    _write(folder, {REPORT: report(plan, project, lost, problems).encode()})
    return plan, lost, problems


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path in files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    write_files((folder / path, [data]) for path, data in files.items())


def _unbuilt(project: Project | None, problems: list[Problem]) -> dict[str, str]:
    """The ids of facts of which no note can be made, and why."""
    if project is None:  # a whole file cannot be read
        return {}
    built = {note.fact.id for note in project.notes}
    reasons = {one.place: one.message for one in problems if one.severity == "error"}
    return {
        fact.id: reasons[fact.place]
        for fact in project.facts
        if fact.id not in built and fact.place in reasons
    }


def _odd_cards(plan: Plan, project: Project) -> list[str]:
    """What is said of notes that have other cards than Anki makes of their fields."""
    cards = {note.fact.id: {*note.cards} for note in project.notes}
    had = {fact.id: {card.number for card in fact.note.cards} for fact in plan.facts}
    odd = [name for name in cards if had[name] and had[name] != cards[name]]
    if not odd or not plan.deck.identified:
        return []
    some = f"{', '.join(odd[:_EXAMPLES])}{', …' if len(odd) > _EXAMPLES else ''}"
    return [
        f"{amount(len(odd), 'note')} with other cards than Anki makes of the fields, which the"
        f" package will have; learners keep theirs: {some}"
    ]
