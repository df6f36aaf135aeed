"""Notes and what was built before → each note's identity for ever, and when it last changed.

Anki overwrites a learner's edits and tags whenever a note arrives with a newer `mod`; so a note's
`mod` moves only when what the learner sees of it changes. Anki tells notes apart by their GUIDs and
a note's cards by their numbers; so neither ever goes to something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from builder.deletions import with_lasting_numbers
from builder.ledger_file import FILE_NAME, ID_STEP
from builder.model import (
    Deck,
    Fact,
    Kind,
    Note,
    NoteType,
    Origin,
    Problem,
    Stamp,
    base64_of_digest,
    digest,
)

# Anki's ids of fields and templates are signed numbers of 64 bits.
_ID_LIMIT = 1 << 63


def reconcile(
    old: Mapping[str, Stamp],
    notes: Iterable[Note],
    note_types: Iterable[NoteType],
    deck: Deck,
    kinds: Mapping[str, Kind | None],
    now: int,
) -> tuple[dict[str, Stamp], list[Note], list[Problem]]:
    """The ledger after a build at `now` (seconds since 1970), and the notes with lasting numbers.

    A note that looks as before keeps its `mod`; one that changed gets a later one; one that is new
    gets a GUID that hangs on its key alone; one that is gone stays as retired, so that its key is
    never used for another.
    """
    problems: list[Problem] = []
    rows: dict[str, Stamp] = {}
    numbered = []
    tags_digest = cache(digest)  # many notes have the same
    listed = list(notes)
    old = _renamed(_with_own_ids(old, now), listed, problems)
    past = _Past(old, {note.key for note in listed} if old else ())
    # New ids lie before the build's own time, since Anki takes an id for the time of creation.
    taken = {row.id for row in old.values()}
    next_id = now * 1000 - ID_STEP * len(listed)
    for rendered in listed:
        row = old.get(rendered.key) or past.row_of(rendered, problems)
        if row and bool(row.gaps) != rendered.cloze:
            problems.append(_changed_type(rendered, deck))
            row = None
        note: Note = rendered
        gaps: tuple[str, ...] = ()
        if note.cloze:
            note, gaps, found = with_lasting_numbers(rendered, row, kinds)
            problems += found
        numbered.append(note)
        fields, tags = note.look, tags_digest(note.tags)
        new = tuple(n for n, name in enumerate(gaps, 1) for gap in note.gaps
                    if gap.new and gap.name == name)  # fmt: skip
        if row is None:
            while next_id in taken:
                next_id += ID_STEP
            guid = new_guid(deck.namespace, note.key)
            row = Stamp(note.key, guid, next_id, now, fields, tags, note.cards, gaps, new)
            next_id += ID_STEP
        elif row[4:9] != (fields, tags, note.cards, gaps, new) or row.retired:
            same = (row.fields, row.tags) == (fields, tags)
            row = row._replace(
                mod=row.mod if same else max(now, row.mod + 1),
                fields=fields,
                tags=tags,
                cards=note.cards,
                gaps=gaps,
                new=new,
                retired="",
            )
        rows[note.key] = row
    problems = problems or past.moved(numbered) + past.reused(numbered)
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    for key, row in past.gone.items():
        rows[key] = row if row.retired else row._replace(retired=today)
    rows.update(_type_rows(old, note_types, deck, now, problems))
    return rows, numbered, problems


def _with_own_ids(old: Mapping[str, Stamp], now: int) -> Mapping[str, Stamp]:
    """The rows, each with an id of its own: of two branches, each may have given the same one."""
    ids = {row.id for row in old.values()}
    if len(ids) == len(old):
        return old
    rows = dict(old)
    owners: dict[int, str] = {}
    for key, row in sorted(old.items(), key=lambda pair: (pair[1].mod, pair[0])):
        if owners.setdefault(row.id, key) != key and row.of_note:
            id_ = row.id
            while id_ in ids:
                id_ += ID_STEP
            ids.add(id_)
            rows[key] = row._replace(id=id_, mod=max(now, row.mod + 1))
    return rows


def _renamed(
    old: Mapping[str, Stamp], notes: Iterable[Note], problems: list[Problem]
) -> Mapping[str, Stamp]:
    """The rows of a renamed fact under its new id, also those of prompts not asked any more."""
    facts = {note.fact.id: note.fact for note in notes}
    renamed = [fact for fact in facts.values() if fact.formerly]
    if not renamed:
        return old
    rows = dict(old)
    keys: dict[str, list[str]] = {}
    for key, row in old.items():
        for name in {_fact_id(name) for name in (key, *row.formerly)}:
            keys.setdefault(name, []).append(key)
    for fact in renamed:
        for name in fact.formerly:
            for key in keys.get(name, ()):
                # The fact may have had another id since the one that it names.
                if key not in rows or _fact_id(key) in facts:
                    continue
                new_key = fact.id + key.removeprefix(_fact_id(key))
                if new_key in rows:
                    message = (
                        f"“{_fact_id(key)}” cannot be renamed to “{fact.id}”, since “{new_key}” is"
                        " another note in learners' collections; choose an id that was never used,"
                        " or remove formerly"
                    )
                    problems.append(_at(fact, message))
                    continue
                row = rows.pop(key)
                names = (key, *(former for former in row.formerly if former != new_key))
                rows[new_key] = row._replace(key=new_key, formerly=names)
    return rows


class _Past:
    """The notes built before; `gone` shrinks to those that no note of this build continues."""

    def __init__(self, old: Mapping[str, Stamp], keys: Collection[str]) -> None:
        self.rows = old
        notes = {key: row for key, row in old.items() if row.of_note}
        self.gone = {key: row for key, row in notes.items() if key not in keys}
        self.owners = {former: key for key, row in old.items() for former in row.formerly}
        looks = {key: row.fields for key, row in self.gone.items() if not row.retired}
        self.gone_by_look = {(fields, _fact_id(key)): key for key, fields in looks.items()}
        self.by_look = {row.fields: key for key, row in notes.items() if not row.retired}
        alive = {_fact_id(key) for key, row in notes.items() if not row.retired}
        self.retired = {key: row for key, row in notes.items() if _fact_id(key) not in alive}

    def row_of(self, note: Note, problems: list[Problem]) -> Stamp | None:
        """The row that a note continues whose key has none: that of its look-alike.

        A look-alike is a note that is gone, of the same fact, with the same content: its prompt was
        renamed. One of another fact is an error, since it is a rename that nobody declared.
        """
        fact, fields = note.fact, note.look
        owner = self.owners.get(note.key, "")
        key = self.gone_by_look.get((fields, fact.id), owner if _fact_id(owner) == fact.id else "")
        if key in self.gone:
            row = self.gone.pop(key)
            return row._replace(key=note.key, formerly=(key, *row.formerly))
        message = ""
        if owner:
            message = (
                f"“{note.key}” is the former key of “{owner}”, which is still there; choose another"
            )
        elif (twin := self.by_look.get(fields, "")) in self.gone:
            name = _fact_id(twin)
            message = f"this is “{name}” under another id; write formerly: {name}"
        if message:
            problems.append(_at(fact, message))
        return None

    def moved(self, notes: Iterable[Note]) -> list[Problem]:
        """No note looks as another one did, which looks otherwise now: then an id has moved."""
        looks: dict[str, str] = {}
        suspects = []
        for note in notes:
            looks[note.key] = note.look
            other = self.by_look.get(note.look, note.key)
            if other != note.key and self.rows.get(note.key, _NO_ROW).fields != note.look:
                suspects.append((note, other))
        return [
            _at(
                note.fact,
                f"“{note.key}” shows what “{other}” showed in the last build, and would take over"
                f" the history of other cards; give “{_fact_id(other)}” its id back, and a new fact"
                " a new one",
                "moved-id",
            )
            for note, other in suspects
            if looks.get(other, "" if note.key in self.rows else note.look) != note.look
        ]

    def reused(self, notes: Iterable[Note]) -> list[Problem]:
        """No id of a fact that was removed comes back with nothing that it had."""
        facts: dict[str, list[Note]] = {}
        for note in notes if self.retired else ():
            if note.key in self.retired:
                facts.setdefault(note.fact.id, []).append(note)
        return [
            _at(
                of_fact[0].fact,
                f"“{name}” was the id of a fact that was removed on"
                f" {self.retired[of_fact[0].key].retired}, and shows something else now; if it is"
                f" the same fact, write formerly: {name}; otherwise choose an id that was never"
                " used",
                "reused-id",
            )
            for name, of_fact in facts.items()
            if name not in of_fact[0].fact.formerly
            and all(self.retired[note.key].fields != note.look for note in of_fact)
        ]


_NO_ROW = Stamp("", "", 0, 0, "", "")


def _at(fact: Fact | Origin, message: str, rule: str = "formerly") -> Problem:
    return Problem(fact.path, fact.line, fact.column, "error", message, rule)


def _changed_type(note: Note, deck: Deck) -> Problem:
    """A prompt is a cloze or not for ever: Anki never moves a note to another note type."""
    message = (
        f"prompt “{note.prompt}” of kind “{note.fact.kind}” is now "
        + ("a cloze and was a front and back" if note.cloze else "a front and back and was a cloze")
        + "; give it another name"
    )
    path = Path(deck.path).parent / "kinds" / f"{note.fact.kind}.yaml"
    return Problem(str(path), 1, 1, "error", message, "note-type")


def _fact_id(key: str) -> str:
    return key.partition("/")[0]


def _type_rows(
    old: Mapping[str, Stamp],
    note_types: Iterable[NoteType],
    deck: Deck,
    now: int,
    problems: list[Problem],
) -> dict[str, Stamp]:
    """The rows of the note types, whose names are the deck's and never change."""
    rows = {}
    before = {key for key, row in old.items() if not row.of_note}
    taken: set[int] = set()
    for type_ in note_types:
        design = digest(*type_.templates, (type_.css,))
        row = old.get(type_.key)
        if row is None:
            if before:
                name = min(before).removeprefix("note type ")
                message = (
                    f"the deck was called “{name}”; Anki matches decks by name, so it must stay"
                )
                problems.append(Problem(deck.path, 1, 1, "error", message, "deck-name"))
            id_ = _stable_id(deck.namespace, type_.key)
            row = Stamp(type_.key, new_guid(deck.namespace, type_.key), id_, now, design, design)
            row = _with_part_ids(row, type_, deck)
        elif row.fields != design or not row.field_ids:
            # Anki takes over ids only with a note type that is newer than the learner's.
            row = row._replace(mod=max(now, row.mod + 1), fields=design, tags=design)
            row = _with_part_ids(row, type_, deck)
        ids = {*row.field_ids, *row.template_ids}
        counts = (len(row.field_ids), len(row.template_ids))
        if (
            counts != (len(type_.fields), len(type_.templates))
            or len(ids) != sum(counts)
            or not (taken.isdisjoint(ids) and min(ids) > 0 and max(ids) < _ID_LIMIT)
        ):
            message = (
                f"the ids of the fields and templates of “{type_.name}” are not as they were built;"
                f" restore its line of {FILE_NAME} from version control"
            )
            problems.append(Problem(deck.path, 1, 1, "error", message, "ledger"))
        taken |= ids
        rows[type_.key] = row
    return rows


def _with_part_ids(row: Stamp, type_: NoteType, deck: Deck) -> Stamp:
    """The row of a note type with ids for its fields and templates; ids that it has stay."""
    if row.field_ids or row.template_ids:
        return row

    def ids(what: str, names: Iterable[str]) -> tuple[int, ...]:
        return tuple(_part_id(deck.namespace, f"{type_.key}\n{what} {name}") for name in names)

    return row._replace(
        field_ids=ids("field", type_.fields),
        template_ids=ids("template", (name for name, *_ in type_.templates)),
    )


def _part_id(namespace: str, key: str) -> int:
    """A number of 63 bits for a field or template, never 0, which Anki takes for none."""
    digest = hashlib.sha256(f"{namespace}\n{key}".encode()).digest()
    return 1 + int.from_bytes(digest[:8]) % (_ID_LIMIT - 1)


def deck_id(deck: Deck) -> int:
    """Anki's number for the deck. A learner's Anki matches decks by name, not by it."""
    return _stable_id(deck.namespace, "deck")


def _stable_id(namespace: str, name: str) -> int:
    """A number of 30 bits above 2³⁰: the range that genanki recommends for ids chosen once."""
    digest = hashlib.sha256(f"{namespace}\n{name}".encode()).digest()
    return (1 << 30) + int.from_bytes(digest[:4]) % (1 << 30)


def new_guid(namespace: str, key: str) -> str:
    """The GUID of a note, from namespace and key alone."""
    return base64_of_digest(f"{namespace}\n{key}")
