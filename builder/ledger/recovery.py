"""Packages of one or several editions, and the sources → the ledger that they were built with.

What no package and no source tells stays unknown, and nobody gets it: a deletion whose text is not
known keeps its number, but nothing continues it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from builder.anki.edition import Edition, Seen
from builder.anki.ids import ID_STEP, digest, new_guid
from builder.anki.note_types import CLOZE_FIELDS
from builder.ledger.items import folded
from builder.ledger.note_types import design_of
from builder.model import CardTemplate, Deck, Entry, Note, NoteType
from builder.notes.cloze import OCCLUSION, hidden_texts
from builder.notes.from_html import canonical, written_as
from builder.notes.markdown import markdown, plain_text


def recover(
    editions: Collection[Edition], deck: Deck, notes: Collection[Note], types: Iterable[NoteType]
) -> dict[str, Entry]:
    """The ledger after the newest of the editions, as far as they and the sources tell.

    Of two editions that were built in the same second, the newer comes last.
    Raises one of LookupError, TypeError, AttributeError for what `cards build` did not make.
    """
    by_guid: dict[str, list[Seen]] = {}
    for edition in sorted(editions, key=_time_of)[::-1]:
        for guid, seen in edition.notes.items():
            by_guid.setdefault(guid, []).append(seen)
    present = {note.key: note for note in notes}
    former = {
        f"{name}/{note.prompt}": note for note in notes for name in reversed(note.fact.formerly)
    }
    newest = max(map(_time_of, editions), default=0)
    today = datetime.fromtimestamp(newest, UTC).date().isoformat()
    entries: dict[str, Entry] = {}
    for guid, those in by_guid.items():
        those.sort(key=lambda seen: (seen.mod, seen.key in present), reverse=True)
        last = those[0]
        names = list(dict.fromkeys(seen.key for seen in those[1:] if seen.key != last.key))
        note = present.get(last.key) or former.get(last.key)
        if new_guid(deck.namespace, last.key) != guid:
            names += [key for key in former if new_guid(deck.namespace, key) == guid]
        gaps = _gaps(those, note)
        marked = {deletion.name for deletion in note.deletions if deletion.new} if note else set()
        entry = Entry(
            key=last.key,
            guid=guid,
            id=last.id,
            mod=last.mod,
            fields=digest([last.html]),
            tags=digest(last.tags),
            cards=last.cards,
            gaps=gaps,
            new=tuple(number for number, name in enumerate(gaps, 1) if name in marked),
            formerly=tuple(names),
            retired="" if note else today,
            note_type=last.own_type,
            adopted=guid not in {new_guid(deck.namespace, key) for key in (last.key, *names)},
            card_ids=_card_ids(those),
        )
        entries[entry.key] = max(entry, entries.get(entry.key, entry), key=lambda each: each.mod)
    built = [_note_type_entry(note_type, editions, deck) for note_type in types]
    return entries | {entry.key: entry for entry in built if entry}


def _time_of(edition: Edition) -> int:
    """When the last change in an edition was made."""
    return max((seen.mod for seen in edition.notes.values()), default=0)


def _card_ids(those: Sequence[Seen]) -> tuple[int, ...]:
    """The ids of a note's cards by number, unless all follow from the note's."""
    pairs = [pair for seen in those for pair in zip(seen.cards, seen.card_ids, strict=True)]
    id_, ids = those[0].id, dict(reversed(pairs))
    if not id_ % ID_STEP and all(card == id_ + number - 1 for number, card in pairs):
        return ()
    return tuple(ids.get(number, 0) for number in range(1, max(ids, default=0) + 1))


def _gaps(those: Sequence[Seen], note: Note | None) -> tuple[str, ...]:
    """What the deletions of a note hide, or hid before they were gone.

    Where editions differ in that, it may have been reworded, or two branches gave one number to two
    items: then nothing continues it.
    """
    editions = [
        hidden_texts(seen.html)
        for seen in those
        if seen.own_type or seen.fields[0][0] == CLOZE_FIELDS[0]
    ]
    deletions = note.deletions if note else ()
    now = hidden_texts("\x1f".join(note.fields)) if note else {}
    formers = [each.former_name for each in deletions if each.former_name]
    known = {canonical(markdown(name.partition(": ")[2])): name for name in reversed(formers)}
    known |= {_look(now[number]): each.name for number, each in [*enumerate(deletions, 1)][::-1]}
    gaps = []
    for number in range(1, 1 + max((number for texts in editions for number in texts), default=0)):
        texts = [texts[number] for texts in editions if number in texts]
        names = dict.fromkeys(known.get(_look(text)) or _name(text, note) for text in texts)
        certain = number in editions[0] or len({*map(folded, names)}) == 1
        gaps.append(next(iter(names)) if certain else "")
    return tuple(gaps)


def _look(texts: Iterable[str]) -> str:
    """By what a deletion is known again: the HTML that it hides, or the shapes of a picture."""
    return " / ".join(map(canonical, texts))


def _name(texts: Sequence[str], note: Note | None) -> str:
    """How the ledger knew a deletion that is gone; nothing if that cannot be told."""
    if note and not note.deletions:
        return " / ".join(texts)  # as an author numbers them
    fields = (
        {deletion.field.name: deletion.field.type for deletion in note.deletions} if note else {}
    )
    if len(fields) != 1 or texts[0].startswith(OCCLUSION):
        return ""
    ((field, type_),) = fields.items()
    if type_ != "list":
        return field
    html = canonical(texts[0])
    said = [text for text in written_as(html, "list") if canonical(markdown(text)) == html]
    return f"{field}: {[*said, plain_text(html)][0]}"


def _note_type_entry(note_type: NoteType, editions: Iterable[Edition], deck: Deck) -> Entry | None:
    """The entry of a note type, if one of the editions has it."""
    models = [each.models[note_type.name] for each in editions if note_type.name in each.models]
    if not models:
        return None
    model = max(models, key=lambda model: model["mod"])
    fields = tuple(each["name"] for each in model["flds"])
    templates = tuple(
        CardTemplate(each["name"], each["qfmt"], each["afmt"]) for each in model["tmpls"]
    )
    built = note_type._replace(fields=fields, templates=templates, css=model["css"])
    design = design_of(built)
    return Entry(
        key=note_type.key,
        guid=new_guid(deck.namespace, note_type.key),
        id=int(model["id"]),
        mod=model["mod"],
        fields=design,
        tags=design,
        field_ids=tuple(each["id"] or 0 for each in model["flds"]),
        template_ids=tuple(each["id"] or 0 for each in model["tmpls"]),
        field_names=fields if note_type.place else (),
        template_names=tuple(each.name for each in templates) if note_type.place else (),
    )
