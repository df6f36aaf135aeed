"""What a learner changed → a report: plain text, Markdown or JSON."""

import json
from collections.abc import Iterator

from builder.notes.markdown import plain_text
from builder.reports.markdown import report_of
from builder.suggestions import Change, Suggestions

# How much of a text is shown.
_MOST = 500


def describe_suggestions(found: Suggestions, *, markdown: bool, written: bool) -> str:
    """A report for curators, as text or Markdown; `written` says that the sources have changed."""
    says = "written as" if written else "can be written as"
    known = {"found": found, "says": says, "shown": _shown, "cut": _cut}
    return report_of("suggestions.jinja", markdown=markdown, **known) or "No suggestions."


def suggestions_as_json(found: Suggestions, *, written: bool) -> Iterator[str]:
    """The same for programs, as one object."""
    changes = [
        {"key": change.key, "path": change.place.path, "line": change.place.line}
        | {"field": change.field, "before": change.before, "after": change.after}
        | {"texts": [{"key": key, **place._asdict()} for key, place in change.texts]}
        | {"written": written and not change.left, "left": change.left}
        for change in found.changes
    ]
    retagged = [
        {"key": key, "path": place.path, "line": place.line, "added": added, "removed": removed}
        for key, place, added, removed in found.retagged
    ]
    report = {
        "changed": changes,
        "retagged": retagged,
        "new": [dict(seen.fields) | {"tags": seen.tags} for seen in found.fresh],
        "older": found.older,
        "missing": found.missing,
    }
    yield from json.dumps(report, ensure_ascii=False, indent=1).split("\n")


def _shown(change: Change, html: str) -> str:
    """HTML as text, or as it is if only its markup changes."""
    alike = plain_text(change.before) == plain_text(change.after)
    return _cut(html if alike else plain_text(html)) or "(empty)"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else text[:_MOST] + "…"
