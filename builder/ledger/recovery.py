"""Packages of one or several editions, and the sources → the ledger that they were built with.

What no package and no source tells stays unknown, and nobody gets it: a deletion whose text is not
known keeps its number, but nothing continues it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from builder.anki.edition import Edition, Seen
from builder.anki.ids import ID_STEP, digest, new_guid
from builder.anki.note_types import CLOZE_FIELDS
from builder.ledger.items import folded
from builder.model import Deck, Entry, Kind, Note, NoteType
from builder.notes.cloze import OCCLUSION, hidden_texts
from builder.notes.from_html import canonical, written_as
from builder.notes.markdown import markdown, plain_text
from builder.notes.tags import full_tag

_Thing = TypeVar("_Thing")

_HIDDEN = re.compile(r"(\w+)\s*\|\s*cloze\b")


def recover(
    editions: Collection[Edition],
    deck: Deck,
    kinds: Mapping[str, Kind | None],
    notes: Collection[Note],
    note_types: Iterable[NoteType],
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
        last = _earliest(those, attrgetter("mod"), lambda seen: (seen.key, seen.html, seen.tags))
        names = list(dict.fromkeys(seen.key for seen in those[1:] if seen.key != last.key))
        note = next((keys[last.key] for keys in (present, former) if last.key in keys), None)
        if new_guid(deck.namespace, last.key) != guid:
            names += [key for key in former if new_guid(deck.namespace, key) == guid]
        gaps = _gaps(those, note, kinds, deck)
        marked = {deletion.name for deletion in note.deletions if deletion.new} if note else set()
        entry = Entry(
            key=last.key,
            guid=guid,
            id=last.id,
            mod=last.mod,
            fields=digest(html for _, html in last.fields),
            tags=digest(last.tags),
            cards=last.cards,
            gaps=gaps,
            new=tuple(number for number, name in enumerate(gaps, 1) if name in marked),
            formerly=tuple(names),
            retired="" if note else today,
            note_type=last.own_type,
            adopted=guid not in {new_guid(deck.namespace, key) for key in (last.key, *names)},
            card_ids=_card_ids(last, those),
        )
        entries[entry.key] = max(entry, entries.get(entry.key, entry), key=lambda each: each.mod)
    for note_type in note_types:
        entries |= _note_type_entry(note_type, editions, deck)
    return entries


def _card_ids(last: Seen, those: Sequence[Seen]) -> tuple[int, ...]:
    """The ids of a note's cards by number, unless all follow from the note's."""
    ids: dict[int, int] = {}
    for seen in (*reversed(those), last):
        ids |= zip(seen.cards, seen.card_ids, strict=True)
    if not last.id % ID_STEP and all(card == last.id + n - 1 for n, card in ids.items()):
        return ()
    return tuple(ids.get(number, 0) for number in range(1, max(ids, default=0) + 1))


def _time_of(edition: Edition) -> int:
    """When the last change in an edition was made."""
    return max((seen.mod for seen in edition.notes.values()), default=0)


def _gaps(
    those: Sequence[Seen], note: Note | None, kinds: Mapping[str, Kind | None], deck: Deck
) -> tuple[str, ...]:
    """What the deletions of a note hide, or hid before they were gone.

    Where editions differ in that, it may have been reworded, or two branches gave one number to two
    items: then nothing continues it.
    """
    editions = [
        hidden_texts("\x1f".join(html for _, html in seen.fields))
        for seen in those
        if seen.own_type or seen.fields[0][0] == CLOZE_FIELDS[0]
    ]
    if not any(editions):
        return ()
    if editions[0] and next(iter(editions[0].values()))[0].startswith(OCCLUSION):
        return _parts(editions[0], note)
    fields = _hidden_fields(those[0], kinds, deck)
    deletions = note.deletions if note else ()
    known = {
        canonical(markdown(name.partition(": ")[2])): name
        for deletion in reversed(deletions)
        for name in (deletion.former_name, deletion.name)
        if ": " in name
    }
    gaps = []
    for number in range(1, 1 + max(number for texts in editions for number in texts)):
        texts = [texts[number] for texts in editions if number in texts]
        names = dict.fromkeys(_name(text, known, fields) for text in texts)
        certain = number in editions[0] or len({*map(folded, names)}) == 1
        gaps.append(next(iter(names)) if certain else "")
    return tuple(gaps)


def _parts(hidden: Mapping[int, list[str]], note: Note | None) -> tuple[str, ...]:
    """The parts of a picture that shapes hide, which are known by where these are."""
    now = hidden_texts("\x1f".join(note.fields)) if note else {}
    deletions = note.deletions if note else ()
    names = {tuple(now[number]): each.name for number, each in enumerate(deletions, 1)}
    return tuple(names.get(tuple(hidden.get(n, ())), "") for n in range(1, 1 + max(hidden)))


def _name(texts: list[str], known: Mapping[str, str], fields: Mapping[str, str]) -> str:
    """How the ledger knows a deletion; nothing if that cannot be told."""
    if not texts or not fields:
        return " / ".join(texts)  # as an author numbers them
    html = canonical(texts[0])
    if html in known:
        return known[html]
    if len(fields) > 1:
        return ""
    ((field, type_),) = fields.items()
    if type_ != "list":
        return field
    said = [text for text in written_as(html, "list") if canonical(markdown(text)) == html]
    return f"{field}: {[*said, plain_text(html)][0]}"


def _hidden_fields(seen: Seen, kinds: Mapping[str, Kind | None], deck: Deck) -> dict[str, str]:
    """The fields, with their types, that the prompt of a note hides by the filter `cloze`."""
    start = full_tag(deck.tag_root, "kind::")
    named = [tag.removeprefix(start) for tag in seen.tags if tag.startswith(start)]
    kind = kinds.get(named[0]) if named else None
    prompts = kind.prompts if kind else ()
    templates = [
        prompt.sides[0].text for prompt in prompts if prompt.name == seen.key.partition("/")[2]
    ]
    hidden = _HIDDEN.findall("".join(templates))
    return {name: kind.fields[name].type for name in hidden if kind and name in kind.fields}


def _earliest(
    those: Sequence[_Thing], mod: Callable[[_Thing], int], look: Callable[[_Thing], object]
) -> _Thing:
    """Of what was built, from the latest on, the first that looked as the latest does.

    Two branches may have built it alike, of which a merge keeps the earlier time.
    """
    return min(takewhile(lambda one: look(one) == look(those[0]), those), key=mod)


def _templates(model: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["name"], each["qfmt"], each["afmt"]) for each in model["tmpls"]]


def _fields(model: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(each["name"] for each in model["flds"])


def _note_type_entry(
    note_type: NoteType, editions: Iterable[Edition], deck: Deck
) -> dict[str, Entry]:
    """The entry of a note type, if one of the editions has it."""
    models = [
        edition.models[note_type.name] for edition in editions if note_type.name in edition.models
    ]
    if not models:
        return {}
    mod = itemgetter("mod")
    models.sort(key=mod, reverse=True)
    model = _earliest(models, mod, lambda one: (_templates(one), one["css"], _fields(one)))
    templates, fields = _templates(model), _fields(model)
    design = digest(*templates, (model["css"],), *[fields] * bool(note_type.place))
    entry = Entry(
        key=note_type.key,
        guid=new_guid(deck.namespace, note_type.key),
        id=int(model["id"]),
        mod=model["mod"],
        fields=design,
        tags=design,
        field_ids=tuple(each["id"] or 0 for each in model["flds"]),
        template_ids=tuple(each["id"] or 0 for each in model["tmpls"]),
        field_names=fields if note_type.place else (),
        template_names=tuple(name for name, *_ in templates) if note_type.place else (),
    )
    return {entry.key: entry}
