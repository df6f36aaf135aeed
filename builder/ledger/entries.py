"""Notes and what was built before → each note's identity for ever, and when it last changed.

Anki overwrites a learner's edits and tags whenever a note arrives with a newer `mod`; so a note's
`mod` moves only when what the learner sees of it changes. Anki tells notes apart by their GUIDs and
a note's cards by their numbers; so neither ever goes to something else.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from builder.anki.ids import ID_STEP, digest, new_guid
from builder.ledger.deletions import with_lasting_numbers
from builder.ledger.merging import free_ids
from builder.ledger.note_types import note_type_entries
from builder.model import Deck, Entry, Note, NoteType
from builder.problems import Error, Place, Problem, error


def reconcile(
    old: Mapping[str, Entry],
    notes: Collection[Note],
    note_types: Iterable[NoteType],
    deck: Deck,
    now: int,
) -> tuple[dict[str, Entry], tuple[Note, ...], list[Problem]]:
    """The ledger after a build at `now` (seconds since 1970), and the notes with lasting numbers.

    A note that looks as before keeps its `mod`; one that changed gets a later one; one that is new
    gets a GUID made from its key alone; one that is gone stays as retired, so that its key is never
    used for another.
    """
    old, problems = _renamed(old, notes)
    past = _Past(old, {note.key for note in notes})
    taken = {id_ - id_ % ID_STEP for entry in old.values() for id_ in (entry.id, *entry.card_ids)}
    # Before the build's own time, since Anki takes an id for the time of creation.
    ids = free_ids(taken, now * 1000 - ID_STEP * len(notes))
    entries: dict[str, Entry] = {}
    numbered = []
    changed = []
    for note in notes:
        entry = old.get(note.key)
        if entry is None:
            entry, found = past.look_alike(note)
            problems += found
        if entry and (entry.note_type, bool(entry.gaps)) != note.use:
            problems.append(_changed_type(note, entry, deck))
            entry = None
        lasting, gaps, found = with_lasting_numbers(note, entry)
        problems += found
        entries[note.key] = after = _continued(entry, lasting, gaps, deck, now, ids)
        numbered.append(lasting)
        if after is not entry:
            changed.append(lasting)
    problems = problems or past.moved(changed, numbered) + past.reused(changed)
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    for key, entry in past.gone.items():
        entries[key] = entry if entry.retired else entry._replace(retired=today)
    used = {note.use for note in notes}
    lasting_types = [each for each in note_types if each.use in used or not each.place]
    types, found = note_type_entries(old, lasting_types, deck, now)
    return entries | types, tuple(numbered), problems + found


def _continued(
    entry: Entry | None,
    note: Note,
    gaps: tuple[str, ...],
    deck: Deck,
    now: int,
    ids: Iterator[int],
) -> Entry:
    """The entry of a note after this build; before it was this one, if it was there.

    `gaps` are what its cloze deletions hide, `ids` are those that are free.
    """
    tags = _digest_of_tags(note.tags)
    marked = [deletion.name for deletion in note.deletions if deletion.new]
    new = tuple(n for n, name in enumerate(gaps, 1) if name in marked) if marked else ()
    built: dict[str, Any] = {"fields": note.look, "tags": tags, "cards": note.cards}
    if entry is None:
        guid = new_guid(deck.namespace, note.key)
        built |= {"gaps": gaps, "new": new, "note_type": note.own_type}
        return Entry(note.key, guid, next(ids), now, **built)
    same = entry.fields == note.look and entry.tags == tags
    if not same or entry.retired or (entry.cards, entry.gaps, entry.new) != (note.cards, gaps, new):
        mod = entry.mod if same else max(now, entry.mod + 1)
        entry = entry._replace(mod=mod, gaps=gaps, new=new, retired="", **built)
    return _with_card_ids(entry, ids) if entry.card_ids else entry


def _with_card_ids(entry: Entry, ids: Iterator[int]) -> Entry:
    """The entry with an id for each card; they do not follow from its own."""
    missing = [n for n in entry.cards if not any(entry.card_ids[n - 1 : n])]
    if not missing:
        return entry
    known = [*entry.card_ids, *[0] * (max(missing) - len(entry.card_ids))]
    first = next(ids)
    for number in missing:
        known[number - 1] = first + number - 1
    return entry._replace(card_ids=tuple(known))


_digest_of_tags = lru_cache(maxsize=1 << 14)(digest)  # many notes have the same


def _renamed(
    old: Mapping[str, Entry], notes: Iterable[Note]
) -> tuple[Mapping[str, Entry], list[Problem]]:
    """The entries of renamed facts under their new ids, also those of prompts no longer asked."""
    facts = {note.fact.id: note.fact for note in notes if note.fact.formerly}
    if not facts:
        return old, []
    present = {note.fact.id for note in notes}
    entries = dict(old)
    keys: dict[str, list[str]] = {}  # by present and former ids of facts
    for key, entry in old.items():
        for name in {fact_id(name) for name in (key, *entry.formerly)}:
            keys.setdefault(name, []).append(key)
    problems = []
    for fact in facts.values():
        for key in (key for name in fact.formerly for key in keys.get(name, ())):
            # The fact may have had another id since the one that it names.
            if key not in entries or fact_id(key) in present:
                continue
            new_key = fact.id + key.removeprefix(fact_id(key))
            if new_key in entries:
                message = (
                    f"“{fact_id(key)}” cannot be renamed to “{fact.id}”, since “{new_key}” is"
                    " another note in learners' collections; choose an id that was never used,"
                    " or remove formerly"
                )
                problems.append(error(fact.place, message, Error.FORMERLY))
            else:
                entry = entries.pop(key)
                names = (key, *(former for former in entry.formerly if former != new_key))
                entries[new_key] = entry._replace(key=new_key, formerly=names)
    return entries, problems


class _Past:
    """The notes built before; `gone` shrinks to those that no note of this build continues."""

    def __init__(self, old: Mapping[str, Entry], keys: Collection[str]) -> None:
        self.entries = {key: entry for key, entry in old.items() if entry.of_note}
        self.gone = {key: entry for key, entry in self.entries.items() if key not in keys}
        self.owners = {former: key for key, entry in old.items() for former in entry.formerly}
        shown = {key: entry for key, entry in self.entries.items() if not entry.retired}
        gone = [entry for key, entry in self.gone.items() if key in shown]
        self.by_look = {entry.fields: key for key, entry in shown.items()}
        self.gone_by_look = {(entry.fields, fact_id(entry.key)): entry.key for entry in gone}
        self.gone_by_items = {
            frozenset(entry.gaps[number - 1] for number in entry.cards): entry
            for entry in gone
            if entry.gaps
        }

    def look_alike(self, note: Note) -> tuple[Entry | None, list[Problem]]:
        """The entry that a note continues whose key has none: that of its look-alike.

        A look-alike is a note that is gone, of the same fact, with the same content: its prompt was
        renamed. One of another fact is an error, since it is a rename that nobody declared.
        """
        if not self.entries:
            return None, []
        fact = note.fact
        owner = self.owners.get(note.key, "")
        same = self.gone_by_items.get(frozenset(deletion.name for deletion in note.deletions))
        look = with_lasting_numbers(note, same)[0].look if same else note.look
        key = self.gone_by_look.get((look, fact.id), owner)
        if key in self.gone and fact_id(key) == fact.id:
            entry = self.gone.pop(key)
            return entry._replace(key=note.key, formerly=(key, *entry.formerly)), []
        twin = self.by_look.get(look, "")
        message = ""
        if owner:
            message = (
                f"“{note.key}” is the former key of “{owner}”, which is still there; choose another"
            )
        elif twin in self.gone:
            name = fact_id(twin)
            message = f"this is “{name}” under another id; write formerly: {name}"
        return None, [error(fact.place, message, Error.FORMERLY)] if message else []

    def moved(self, changed: Collection[Note], notes: Iterable[Note]) -> list[Problem]:
        """No note looks as another one did, which looks otherwise now: then an id has moved."""
        looks = {note.key: note.look for note in notes} if changed else {}
        problems = []
        for note in changed:
            other = self.by_look.get(note.look, note.key)
            before = self.entries.get(note.key)
            if other == note.key or (before and before.fields == note.look):
                continue
            if looks.get(other, "" if before else note.look) != note.look:
                message = (
                    f"“{note.key}” shows what “{other}” showed in the last build, and would take"
                    f" over the history of other cards; give “{fact_id(other)}” its id back, and a"
                    " new fact a new one"
                )
                problems.append(error(note.fact.place, message, Error.MOVED_ID))
        return problems

    def reused(self, changed: Iterable[Note]) -> list[Problem]:
        """No id of a fact that was removed comes back with nothing that it had."""
        known = [(note, self.entries[note.key]) for note in changed if note.key in self.entries]
        back = [(note, entry) for note, entry in known if entry.retired]
        fine = {note.fact.id for note, entry in back if note.look == entry.fields}
        if back:
            fine |= {fact_id(key) for key, entry in self.entries.items() if not entry.retired}
        problems: dict[str, Problem] = {}
        for note, entry in back:
            name = note.fact.id
            if name not in fine and name not in note.fact.formerly:
                message = (
                    f"“{name}” was the id of a fact that was removed on {entry.retired}, and shows"
                    f" something else now; if it is the same fact, write formerly: {name};"
                    " otherwise choose an id that was never used"
                )
                problems.setdefault(name, error(note.fact.place, message, Error.REUSED_ID))
        return list(problems.values())


def fact_id(key: str) -> str:
    """The id of the fact that a key begins with."""
    return key.partition("/")[0]


def _changed_type(note: Note, entry: Entry, deck: Deck) -> Problem:
    """Anki never moves a note to another note type."""
    was = "a cloze" if entry.gaps else "a front and back"
    was = f"of the note type “{entry.note_type}”" if entry.note_type else was
    rename = "" if note.own_type else f"the prompt “{note.prompt}” another name, or "
    message = (
        f"the note of “{note.fact.id}” is {was} in learners' collections, and Anki moves no note to"
        f" another note type; go back to that, or give {rename}the facts new ids"
    )
    path = Path(deck.place.path).parent / "kinds" / f"{note.fact.kind}.yaml"
    return error(Place(str(path)), message, Error.NOTE_TYPE)
