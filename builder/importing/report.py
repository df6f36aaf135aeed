"""What an import found and lost → a page of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from builder.anki.foreign import ForeignType, amount
from builder.importing.plan import Plan
from builder.notes.written import files_in
from builder.problems import Problem, printable
from builder.project import Project
from builder.reports.markdown import code_span, escape_markdown, one_line

_LONG = 60


def report(
    plan: Plan,
    project: Project | None,
    lost: Iterable[str],
    errors: list[Problem],
    problems: list[Problem],
) -> str:
    """The report of an import."""
    lines = [f"# Import of {escape_markdown(plan.name)}", "", *_amounts(plan, project), ""]
    if errors:
        lines += ["## To be mended before the first build", ""]
        lines += [f"- {escape_markdown(printable(str(problem)))}" for problem in errors]
        lines += ["", "The notes that this concerns count as changed in that build.", ""]
    gone = [escape_markdown(printable(one)) for one in [*lost, *missing_media(plan)]]
    if gone:
        lines += ["## What could not be carried over as it was", ""]
        lines += [f"- {one}" for one in gone] + [""]
    if verbatim := list(_verbatim(plan)):
        lines += ["## Fields that are kept as HTML", ""]
        lines += [
            "Some of their values cannot be written in another type so that exactly the same HTML"
            " comes out. `html` is for you who trust it: nothing in it is made harmless.",
            "",
            *verbatim,
            "",
        ]
    warned = Counter(problem.rule for problem in problems if problem.severity == "warning")
    if warned:
        listed = ", ".join(f"{rule} ({count:,})" for rule, count in warned.items())
        lines += ["## What to look at", "", f"`cards check` warns of: {listed}.", ""]
    lines += ["## What is never carried over", "", *_NEVER, ""]
    return "\n".join(lines)


_NEVER = (
    "- Reviews, due dates, flags and presets of whoever exported the deck: learners keep theirs.",
    "- The order in which new cards come: it follows the files and, within them, the old order.",
)


def _amounts(plan: Plan, project: Project | None) -> Iterator[str]:
    cards = sum(len(note.cards) for note in project.notes) if project else 0
    yield "| | |\n| --- | ---: |"
    yield f"| notes | {len(plan.facts):,} |"
    yield f"| cards | {cards:,} |"
    yield f"| note types | {len(plan.kinds):,} |"
    yield f"| media files | {len(plan.media):,} |"
    yield f"| tags | {len({tag for fact in plan.facts for tag in fact.tags}):,} |"


def _verbatim(plan: Plan) -> Iterator[str]:
    for kind in plan.kinds:
        rows = zip(kind.names, kind.types, kind.odd, kind.note_type.fields, strict=True)
        for name, type_, odd, field in rows:
            if type_ == "html":
                example = code_span(one_line(odd[0])[:_LONG]) if odd else ""
                yield (
                    f"- kind `{kind.name}`, field `{name}` ({escape_markdown(field)}):"
                    f" {amount(len(odd), 'value')}, such as {example}"
                )


def missing_media(plan: Plan) -> list[str]:
    """What is said of files that fields name and the package lacks, or has and no field names."""
    named = {
        name for fact in plan.facts for value in fact.values.values() for name in files_in(value)
    }
    shown = {one for name in named for one in (name, unquote(name))}
    missing = sorted(name for name in named if not {name, unquote(name)} & plan.deck.media.keys())
    texts = [text for kind in plan.kinds for text in _looks(kind.note_type)]
    unused = [
        name
        for name in sorted(plan.media.keys() - shown)
        if not any(name in text for text in texts)
    ]
    return [
        *(f"the media file “{name}” is named in a field, but not there" for name in missing),
        *(f"no field or template names the media file “{name}”" for name in unused),
    ]


def _looks(note_type: ForeignType) -> Iterator[str]:
    """The texts of a note type that may name files."""
    yield note_type.css
    for _, front, back in note_type.templates:
        yield from (front, back)
