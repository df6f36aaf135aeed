"""Facts that are gone, and new ones much like them → warnings that a rename may lack `formerly`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from builder.anki.edition import read_package
from builder.ledger.entries import fact_id
from builder.model import Entry, Note
from builder.notes.markdown import plain_text
from builder.problems import Error, Problem, warning

# Per cent of what a learner reads, but for these fields, which many notes share.
_ALIKE = 85
_SHARED = ("Topic", "Source")
_NUMBER = re.compile(r"\d+")
# With more notes on either side, a deck was written anew, and each would be like many.
_MANY = 500


def forgotten_renames(
    before: Mapping[str, Entry],
    after: Mapping[str, Entry],
    notes: Iterable[Note],
    fields: Mapping[tuple[str, bool], tuple[str, ...]],
    decks: Path,
) -> list[Problem]:
    """New facts that look like one that is gone, by the ledger before and after a build.

    `fields` are the names of fields by the use of a note. What the notes looked like that are gone
    is in the packages in `decks`.
    """
    new = [note for note in notes if note.key not in before] if before else []
    if not 0 < len(new) <= _MANY:
        return []
    kept = {row.guid for row in after.values() if row.of_note and not row.retired}
    facts = {fact_id(row.key) for row in before.values() if row.of_note}
    left = {fact_id(row.key) for row in after.values() if row.guid in kept}
    gone = {
        row.guid: row.key
        for row in before.values()
        if row.of_note and not row.retired and row.guid not in kept and fact_id(row.key) not in left
    }
    new = [note for note in new if note.fact.id not in facts and not note.fact.formerly]
    if not new or not 0 < len(gone) <= _MANY:
        return []
    from rapidfuzz import fuzz, process  # seldom needed

    texts: dict[tuple[str, ...], dict[str, str]] = {}  # by what must be the same, and by fact
    for package in sorted(decks.glob("*.apkg")):
        edition, _ = read_package(package, gone.keys())
        for guid, seen in edition.notes.items() if edition else ():
            fact, _, prompt = gone[guid].partition("/")
            text, *numbers = _text(seen.fields)
            texts.setdefault((prompt, *numbers), {})[fact] = text
    problems: dict[str, Problem] = {}
    for note in new:
        text, *numbers = _text(zip(fields[note.use], note.shown, strict=False))
        choices = texts.get((note.prompt, *numbers), {})
        found = process.extractOne(text, choices, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        if found:
            former = found[2]
            message = (
                f"“{note.fact.id}” is much like “{former}”, which is gone; if it is the same fact,"
                f" write formerly: {former} (if it is built already, bring back {decks}/ as it was"
                " before)"
            )
            problems.setdefault(note.fact.id, warning(note.fact.place, message, Error.FORMERLY))
    return list(problems.values())


def _text(fields: Iterable[tuple[str, str]]) -> list[str]:
    """What a learner reads in fields, and the numbers in the first, which tell notes apart."""
    read = [plain_text(html) for name, html in fields if name not in _SHARED]
    return [" · ".join(read), *_NUMBER.findall("".join(read[:1]))]
