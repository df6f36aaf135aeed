"""What a learner will notice of a new edition → a report, as plain text or as Markdown."""

from collections.abc import Sequence

from builder.anki.edition import Seen
from builder.changes import Changes, differences, search_for
from builder.reports.markdown import report_of

# How many keys a search names before it says how many more there are.
_FEW = 8
_OFTEN = "often an id was moved by mistake"


def describe(changes: Changes, *, markdown: bool) -> str:
    """A report of changes for learners, in plain text or in Markdown."""
    report = report_of(
        "changes.jinja",
        markdown=markdown,
        changes=changes,
        often=_OFTEN,
        search_for=search_for,
        differences=differences,
    )
    return report or "Nothing changes for learners."


def summary(changes: Changes, added: int) -> list[str]:
    """A report in a few lines for those who build; `added` is the number of new notes."""
    new, empty = len(changes.new_cards), len(changes.empty_cards)
    numbers = {
        f"{added} note{'s' * (added != 1)} added": added,
        f"{len(changes.reworded)} reworded": len(changes.reworded),
        f"{len(changes.retagged)} retagged": len(changes.retagged),
        f"{len(changes.retired)} retired": len(changes.retired),
        f"{new} card{'s' * (new != 1)} added": new,
        f"{empty} card{'s' * (empty != 1)} removed": empty,
        "a new design": len(changes.redesigned),
    }
    words = ", ".join(words for words, number in numbers.items() if number)
    lines = [f"learners will notice: {words or 'nothing'}"]
    reworded = [(after, None) for _, after in changes.reworded]
    keys = {key for keys in changes.exchanged for key in keys}
    exchanged = [(seen, None) for seen, _ in reworded if seen.key in keys]
    noticed: dict[str, Sequence[tuple[Seen, int | None]]] = {
        "reworded": reworded,
        f"{len(exchanged)} notes exchanged their backs; {_OFTEN}": exchanged,
        "gone, but kept by Anki": changes.gone,
    }
    for what, found in noticed.items():
        more = f" and {len(found) - _FEW} more: see `cards changes`" if len(found) > _FEW else ""
        lines += [f"  {what}: {search_for(found[:_FEW])}{more}"] if found else []
    return lines
