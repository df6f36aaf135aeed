"""What an import found and lost → a page of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from builder.importing.plan import Plan
from builder.notes.written import files_in
from builder.problems import Problem
from builder.project import Project
from builder.reports.markdown import report_of

_LONG = 60


def report(
    plan: Plan, project: Project | None, lost: Iterable[str], problems: Iterable[Problem]
) -> str:
    """The report of an import."""
    amounts = {
        "notes": len(plan.facts),
        "cards": sum(len(note.cards) for note in project.notes) if project else 0,
        "note types": len(plan.kinds),
        "media files": len(plan.media),
        "tags": len({tag for fact in plan.facts for tag in fact.tags}),
    }
    verbatim = [
        (kind.name, name, field, typed.odd[:_LONG])
        for kind in plan.kinds
        for name, typed, field in zip(kind.names, kind.types, kind.note_type.fields, strict=True)
        if typed.type == "html"
    ]
    known = {
        "plan": plan,
        "amounts": amounts,
        "errors": [str(problem) for problem in problems if problem.severity == "error"],
        "lost": [*lost, *_media(plan, project)],
        "verbatim": verbatim,
        "warned": Counter(each.rule for each in problems if each.severity == "warning"),
    }
    return report_of("import.jinja", markdown=True, **known) + "\n"


def _media(plan: Plan, project: Project | None) -> Iterator[str]:
    """What is said of files that fields name and the package lacks, or has and no card shows."""
    values = [value for fact in plan.facts for value in fact.values.values()]
    there = {name for name, _ in plan.media.values()}
    for name in sorted({name for value in values for name in files_in(value)}):
        if not {name, unquote(name)} & there:
            yield f"the media file “{name}” is named in a field, but not there"
    for chosen, (name, _) in plan.media.items():
        if project and chosen not in project.media:
            yield f"no field or template names the media file “{name}”"
