"""Note types and what was built of them before → their entries, and what may not change.

Anki updates no note whose note type has other fields or templates than the learner's, or the same
in another order. It knows them by their ids, so that they may be renamed.
"""

from collections.abc import Iterable, Mapping

from builder.anki.ids import digest, new_guid, part_ids, stable_id
from builder.ledger.file import FILE_NAME
from builder.model import Deck, Entry, NoteType
from builder.problems import Error, Place, Problem, error


def design_of(note_type: NoteType) -> str:
    """A digest of what a learner's note type has of it."""
    names = [note_type.fields] if note_type.place else []
    return digest(*(template[:3] for template in note_type.templates), (note_type.css,), *names)


def note_type_entries(
    old: Mapping[str, Entry], note_types: Iterable[NoteType], deck: Deck, now: int
) -> tuple[dict[str, Entry], list[Problem]]:
    """The entries of the note types, also of those that were there, and what may not be."""
    entries = {key: entry for key, entry in old.items() if entry.field_names}
    former = sorted(key for key, entry in old.items() if not entry.of_note and key not in entries)
    problems = []
    taken: list[int] = []  # by the deck's own two
    for note_type in note_types:
        entry = old.get(note_type.key)
        if former and entry is None and not note_type.place:
            name = former[0].removeprefix("note type ")
            message = f"the deck was called “{name}”; Anki matches decks by name, so keep that one"
            problems.append(error(Place(deck.place.path), message, Error.DECK_NAME))
        guid, id_ = new_guid(deck.namespace, note_type.key), stable_id(deck, note_type.key)
        entry = entry or Entry(note_type.key, guid, id_, mod=0, fields="", tags="")
        templates = [template.name for template in note_type.templates]
        design = design_of(note_type)
        if entry.fields != design or not entry.field_ids:
            # Anki takes over ids only with a note type that is newer than the learner's.
            entry = entry._replace(mod=max(now, entry.mod + 1), fields=design, tags=design)
        if not entry.field_ids and not entry.template_ids:
            entry = entry._replace(
                field_ids=part_ids(deck, note_type, "field", note_type.fields),
                template_ids=part_ids(deck, note_type, "template", templates),
            )
        if note_type.place:
            found = list(_moved(note_type, entry)) if entry.field_names else []
            problems += [error(note_type.place, message, Error.NOTE_TYPE) for message in found]
            if not found:
                entry = entry._replace(
                    field_names=note_type.fields, template_names=tuple(templates)
                )
        problems += _wrong_ids(note_type, entry, taken, deck)
        taken += entry.field_ids + entry.template_ids if not note_type.place else ()
        entries[note_type.key] = entry
    return entries, problems


def _wrong_ids(note_type: NoteType, entry: Entry, taken: list[int], deck: Deck) -> list[Problem]:
    """Every field and template has an id of its own, but for those of an old collection."""
    given = [id_ for id_ in entry.field_ids + entry.template_ids if id_]
    numbers = len(entry.field_ids), len(entry.template_ids), len(set(given))
    names = (entry.field_names, entry.template_names) if note_type.place else note_type[2:4]
    others = () if note_type.place else taken
    if numbers == (len(names[0]), len(names[1]), len(given)) and not {*given}.intersection(others):
        return []
    message = (
        f"the ids of the fields and templates of “{note_type.name}” are not as they were"
        f" built; restore its line of {FILE_NAME} from version control"
    )
    return [error(Place(deck.place.path), message, Error.LEDGER)]


def _moved(note_type: NoteType, entry: Entry) -> Iterable[str]:
    """What has come, gone or moved among the fields and templates of a note type."""
    fields = [*zip(note_type.fields, note_type.formerly, strict=True)]
    templates = [(template.name, template.formerly) for template in note_type.templates]
    empty = 'keep it, and leave it empty: {}: ""'
    unused = (
        "keep it, since learners have its cards; it makes no new ones if its front stands in a"
        " section of a field that stays empty"
    )
    for what, before, ids, now, remedy in (
        ("field", entry.field_names, entry.field_ids, fields, empty),
        ("template", entry.template_names, entry.template_ids, templates, unused),
    ):
        known = [
            next((old for old in former if old in before and name not in before), name)
            for name, former in now
        ]
        lost = [name for name in before if name not in known]
        added = [name for name in known if name not in before]
        frozen = f"Anki updates no note whose note type has other {what}s than before"
        if lost and added:
            yield (
                f"the {what} “{lost[0]}” is gone and “{added[0]}” is new; if it was renamed, give"
                f" “{added[0]}” formerly: {lost[0]}. Otherwise {remedy.format(lost[0])}; {frozen}"
            )
        elif lost:
            yield f"the {what} “{lost[0]}” is gone; {remedy.format(lost[0])}. {frozen}"
        elif added:
            yield (
                f"the {what} “{added[0]}” is new; leave it out, or give the note type another name"
                f" and the facts new ids, so that learners get new notes. {frozen}"
            )
        elif known != [*before]:
            right = ", ".join(before)
            yield f"the {what}s stand in another order; put them back: {right}. {frozen}"
        for old, id_, (name, _) in zip(before, ids, now, strict=False):
            if not id_ and name != old and not lost and not added:
                yield f"the {what} “{old}” has no id, so that Anki knows it by its name; keep that"
