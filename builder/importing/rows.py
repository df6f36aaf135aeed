"""A project that was imported, and which note each of its facts is → the ledger."""

from __future__ import annotations

from itertools import count

from builder.anki.ids import ID_STEP, digest, new_guid, stable_id
from builder.importing.foreign import ForeignCard
from builder.importing.plan import Plan
from builder.ledger.deletions import with_lasting_numbers
from builder.ledger.note_types import design_of
from builder.model import Entry
from builder.notes.cloze import MAX_CARDS
from builder.project import Project

# What a number in the ledger may be at most.
_MAX_ID = 1 << 53


def rows_of(plan: Plan, project: Project, now: int) -> tuple[dict[str, Entry], list[str]]:
    """The ledger of an imported deck, and what of its identities could not be kept.

    Its rows hold what is built of the sources now, so that the first build changes no note.
    """
    lost: list[str] = []
    rows: dict[str, Entry] = {}
    notes = {note.fact.id: note for note in project.notes}
    guids: set[str] = set()
    ids: set[int] = set()
    free = count(now * 1000 - ID_STEP * len(plan.facts), ID_STEP)
    for fact in plan.facts:
        note, guid, id_ = notes.get(fact.id), fact.note.guid, fact.note.id
        if note is None or not guid:
            continue
        if guid in guids:
            lost.append(
                f"the GUID {guid!r} of “{fact.id}” is another note's too; it gets a new one"
            )
            continue
        known = plan.deck.identified and 0 < id_ < _MAX_ID and id_ not in ids
        if not known:
            id_ = next(one for one in free if one not in ids)
        guids.add(guid)
        ids.add(id_)
        if fact.note.mod > now:
            lost.append(f"“{fact.id}” was changed in the future; its time of change is now")
        rows[note.key] = Entry(
            key=note.key,
            guid=guid,
            id=id_,
            # What is not known is taken for old, so that nothing of a learner's is overwritten.
            mod=min(max(1, fact.note.mod), now),
            fields=note.look,
            tags=digest(note.tags),
            cards=note.cards,
            gaps=with_lasting_numbers(note, None)[1],
            adopted=True,
            note_type=note.own_type,
            card_ids=(_card_ids(fact.note.cards) or (0,)) if known else (),
        )
    kinds = {kind.note_type.name: kind.note_type for kind in plan.kinds}
    for note_type in (each for each in project.note_types if each.place):
        foreign = kinds[note_type.name]
        if not foreign.field_ids:  # it is of a table, and new
            continue
        if plan.deck.identified and not 0 < foreign.id < _MAX_ID:
            lost.append(f"the note type “{note_type.name}” has the impossible id {foreign.id}")
            continue
        design = design_of(note_type)
        rows[note_type.key] = Entry(
            key=note_type.key,
            guid=new_guid(project.deck.namespace, note_type.key),
            id=foreign.id if plan.deck.identified else stable_id(project.deck, note_type.key),
            mod=min(max(1, foreign.mod), now),
            fields=design,
            tags=design,
            field_ids=foreign.field_ids,
            template_ids=foreign.template_ids,
            field_names=note_type.fields,
            template_names=tuple(template.name for template in note_type.templates),
        )
    return rows, lost


def _card_ids(cards: tuple[ForeignCard, ...]) -> tuple[int, ...]:
    """The ids of cards by number, 0 where there is none; the first of two with one number."""
    ids: dict[int, int] = {}
    for card in cards:
        if 0 < card.number <= MAX_CARDS and 0 < card.id < _MAX_ID:
            ids.setdefault(card.number, card.id)
    return tuple(ids.get(number, 0) for number in range(1, max(ids, default=0) + 1))
