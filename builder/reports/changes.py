"""What a learner will notice of a new edition → a report, as plain text or as Markdown."""

from __future__ import annotations

from builder.anki.edition import Seen
from builder.changes import Changes, search_for
from builder.notes.markdown import plain_text
from builder.problems import printable
from builder.reports.markdown import code_span, escape_markdown, one_line

# How many keys a search names before it says how many more there are.
_FEW = 8
_OFTEN = "often an id was moved by mistake"


def describe(changes: Changes, *, markdown: bool) -> str:
    """A report of changes for learners, in plain text or in Markdown.

    Nothing that a package says can be a line, a heading or a link of the report.
    """
    bold, head = ("**", "## ") if markdown else ("", "")
    text, code = (escape_markdown, code_span) if markdown else (one_line, one_line)
    reworded = []
    for before, after in changes.reworded:
        reworded.append(f"- {code(after.key)}")
        for name, was, now in _different(before, after):
            reworded += [
                f"  - {text(name)}, before: {text(was)}",
                f"    {text(name)}, after: {bold}{text(now)}{bold}",
            ]
    gone = [
        *(f"- {code(seen.key)}: {text(_front(seen))}" for seen in changes.retired),
        *(f"- {code(key)}: card {card}" for key, card in changes.empty_cards),
    ]
    if gone:
        gone += ["", f"To find them in Anki's browser: {code(search_for(changes.gone))}"]
    exchanges = [f"- {' and '.join(map(code, keys))}: {_OFTEN}" for keys in changes.exchanged]
    sections = {
        f"Added ({len(changes.added)})": [
            f"- {code(seen.key)}: {text(_front(seen))}" for seen in changes.added
        ],
        f"Reworded ({len(changes.reworded)})": reworded,
        f"Exchanged backs ({len(exchanges)})": exchanges,
        f"Retagged ({len(changes.retagged)})": [
            f"- {code(after.key)}: {code(_moved_tags(before, after))}"
            for before, after in changes.retagged
        ],
        f"No longer in the deck ({len(changes.gone)}); Anki keeps the cards": gone,
        f"New design ({len(changes.redesigned)})": [
            f"- {text(name)}: Anki replaces your own changes to its styling"
            for name in changes.redesigned
        ],
    }
    lines: list[str] = []
    for title, section in sections.items():
        lines += [f"{head}{title}", "", *section, ""] if section else []
    # A stranger's package must not give orders to the terminal.
    return "\n".join(map(printable, lines[:-1])) or "Nothing changes for learners."


def summary(changes: Changes, added: int) -> list[str]:
    """A report in a few lines for those who build; `added` is the number of new notes."""
    numbers = {
        f"{added} added": added,
        f"{len(changes.reworded)} reworded": len(changes.reworded),
        f"{len(changes.retagged)} retagged": len(changes.retagged),
        f"{len(changes.retired)} retired": len(changes.retired),
        "1 card removed": len(changes.empty_cards) == 1,
        f"{len(changes.empty_cards)} cards removed": len(changes.empty_cards) > 1,
        "a new design": len(changes.redesigned),
    }
    words = ", ".join(words for words, number in numbers.items() if number)
    lines = [f"learners will notice: {words or 'nothing'}"]
    reworded = [(after.key, None) for _, after in changes.reworded]
    exchanged = [*dict.fromkeys((key, None) for keys in changes.exchanged for key in keys)]
    noticed = {
        "reworded": reworded,
        f"{len(exchanged)} notes exchanged their backs; {_OFTEN}": exchanged,
        "gone, but kept by Anki": changes.gone,
    }
    for what, keys in noticed.items():
        more = f" and {len(keys) - _FEW} more: see `cards changes`" if len(keys) > _FEW else ""
        lines += [f"  {what}: {search_for(keys[:_FEW])}{more}"] if keys else []
    return lines


def _front(seen: Seen) -> str:
    """What a note asks, as plain text."""
    return plain_text(seen.fields[0][1])


def _moved_tags(before: Seen, after: Seen) -> str:
    gained = [f"+{tag}" for tag in sorted(set(after.tags).difference(before.tags))]
    lost = [f"-{tag}" for tag in sorted(set(before.tags).difference(after.tags))]
    return " ".join(gained + lost)


def _different(before: Seen, after: Seen) -> list[tuple[str, str, str]]:
    """The fields that differ, as plain text: name, before, after."""
    was = dict(before.fields)
    return [
        (name, plain_text(was.get(name, "")) or "(empty)", plain_text(now) or "(empty)")
        for name, now in after.fields
        if was.get(name, "") != now
    ]
