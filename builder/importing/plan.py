"""A foreign deck → what an import writes: kinds, facts, tags, and what is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple
from unicodedata import normalize

from builder.importing.foreign import ForeignDeck, ForeignNote, ForeignType, amount
from builder.importing.names import field_names, id_of, media_names, own, plain, slug
from builder.importing.types import Typed, type_of
from builder.notes.cloze import card_numbers
from builder.sources.tables import wrong_with
from builder.sources.text import MAX_HTML

# What Anki itself gives to notes while somebody studies.
_OF_STUDY = ("leech", "marked")
_MOST_MEDIA = 64 << 20
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# What Anki takes out of the names of fields.
_FIELD = re.compile(r'[:"{}]|^[#^/]+')
_MARKS = re.compile(r"([^\w\x00-\x7f]{60})[^\w\x00-\x7f]+")


class Planned(NamedTuple):
    """A fact: its id, its kind, the subdeck for new cards, the note that it is, what it says."""

    id: str
    kind: str
    subdeck: str
    note: ForeignNote
    values: Mapping[str, str]
    tags: tuple[str, ...]


class PlannedKind(NamedTuple):
    """A kind: its name, its note type, and of each field the name and the type."""

    name: str
    note_type: ForeignType
    names: tuple[str, ...]
    types: tuple[Typed, ...]


class Plan(NamedTuple):
    """What an import writes; `lost` are sentences of what it could not carry over.

    `media` are the names of files in `media/` → their names in Anki, and what they contain.
    """

    deck: ForeignDeck
    name: str
    kinds: tuple[PlannedKind, ...]
    facts: tuple[Planned, ...]
    media: Mapping[str, tuple[str, bytes]]
    lost: tuple[str, ...]


def plan_of(deck: ForeignDeck, id_field: str) -> Plan:
    """What an import of a deck writes; ids of facts are made of the field, if one is named."""
    lost = list(deck.lost)
    notes = _notes_by_type(deck, lost)
    deck = deck._replace(notes=tuple(chain(*notes.values())))
    note_types = dict(_as_anki_names({key: deck.note_types[key] for key in notes}, lost))
    name = _deck_name(deck.name, lost)
    subdecks = _subdecks(deck, name, lost)
    tags = _tags(deck, lost)
    kinds: list[PlannedKind] = []
    facts: list[Planned] = []
    kind_names: dict[str, int] = {}
    ids: dict[str, int] = {}
    for key, note_type in note_types.items():
        columns = list(zip(*(note.fields for note in notes[key]), strict=True))
        kind = PlannedKind(
            name=own(slug(note_type.name) or "notes", kind_names),
            note_type=_with_templates(note_type, columns),
            names=tuple(field_names(note_type.fields)),
            types=tuple(type_of(one, html=deck.html, cloze=note_type.cloze) for one in columns),
        )
        kinds.append(kind)
        order = _id_order(note_type, columns, id_field)
        for at, note in enumerate(notes[key]):
            said = zip(kind.names, (typed.written[at] for typed in kind.types), strict=True)
            fact = Planned(
                id=id_of((note.fields[place] for place in order), kind.name, ids),
                kind=kind.name,
                subdeck=subdecks[_home(note, deck)],
                note=note,
                values={field: text for field, text in said if text},
                tags=tuple(sorted({tags[tag] for tag in note.tags} - {""})),
            )
            facts.append(fact)
        lost += [f"note type “{note_type.name}”: the {what} stays out" for what in note_type.extra]
    media = _media(deck, lost)
    return Plan(deck, name, tuple(kinds), tuple(facts), media, tuple(lost))


def _notes_by_type(deck: ForeignDeck, lost: list[str]) -> dict[str, list[ForeignNote]]:
    """The notes that can be imported, by the keys of their note types."""
    notes: dict[str, list[ForeignNote]] = {key: [] for key in deck.note_types}
    for note in deck.notes:
        note_type = deck.note_types.get(note.note_type)
        if note_type is None or not note_type.fields:
            lost.append(f"the note {_called(note)} is of no note type in the package")
        elif max(map(len, note.fields)) > MAX_HTML:
            lost.append(f"the note {_called(note)} has a field of over {MAX_HTML:,} characters")
        else:
            notes[note.note_type].append(_mended(note, len(note_type.fields), lost))
    unused = [deck.note_types[key].name for key in notes if not notes[key]]
    lost += [f"the note type “{name}” has no notes" for name in unused]
    return {key: those for key, those in notes.items() if those}


def _mended(note: ForeignNote, width: int, lost: list[str]) -> ForeignNote:
    """A note with as many fields as its note type has, and texts that sources may have."""
    if len(note.fields) != width:
        more = " | ".join(note.fields[width:])
        what = f"has {len(note.fields)} fields, and its note type {width}"
        lost.append(f"the note {_called(note)} {what}" + (f"; left out: {more!r}" if more else ""))
    if any(_CONTROL.search(text.replace("\r", "")) for text in note.fields):
        lost.append(f"the note {_called(note)} has characters of control, which are left out")
    fields = (*note.fields, *[""] * width)[:width]
    return note._replace(fields=tuple(_clean(normalize("NFC", text)) for text in fields))


def _clean(text: str) -> str:
    clean = text if text.isprintable() else _MARKS.sub(r"\1", _CONTROL.sub("", text))
    return clean if clean.strip() else ""


def _called(note: ForeignNote) -> str:
    return f"“{plain(note.fields[0])[:60] or note.guid}” (GUID {note.guid!r})"


def _as_anki_names(
    note_types: Mapping[str, ForeignType], lost: list[str]
) -> Iterator[tuple[str, ForeignType]]:
    """The note types with the names that Anki would give to them, their fields and templates."""
    taken: set[str] = set()
    for key, note_type in note_types.items():
        name = _line(note_type.name.replace('"', "")) or "Notes"
        while name.casefold() in taken:
            name += "+"
        taken.add(name.casefold())
        fields = tuple(_FIELD.sub("", _line(field)).strip() for field in note_type.fields)
        templates = tuple((_line(one[0]).replace('"', ""), *one[1:]) for one in note_type.templates)
        before = (note_type.name, *note_type.fields, *(one for one, *_ in note_type.templates))
        after = (name, *fields, *(one for one, *_ in templates))
        lost += [
            f"note type “{note_type.name}”: {was!r} is called “{now}” here, as Anki would call it"
            for was, now in zip(before, after, strict=True)
            if was != now
        ]
        yield key, note_type._replace(name=name, fields=fields, templates=templates)


def _line(name: str) -> str:
    return " ".join(_CONTROL.sub(" ", name).split())


def _with_templates(note_type: ForeignType, columns: list[tuple[str, ...]]) -> ForeignType:
    """A table's notes with cloze deletions get a card for each; other fields stand on the back."""
    if note_type.templates or not note_type.cloze:
        return note_type
    hides = [any(map(card_numbers, column)) for column in columns]
    fields = list(zip(note_type.fields, hides, strict=True))
    front = [f"{{{{cloze:{name}}}}}" for name, hidden in fields if hidden]
    more = [f"{{{{{name}}}}}" for name, hidden in fields if not hidden]
    template = ("Cloze", "<br>".join(front), "<br>".join([*front, *more]))
    return note_type._replace(templates=(template,))


def _id_order(note_type: ForeignType, columns: Sequence[Sequence[str]], id_field: str) -> list[int]:
    """The places of the fields of which ids are made, the best first."""
    order = sorted(range(len(columns)), key=lambda at: at != note_type.sort_field)
    if id_field in note_type.fields:
        best = note_type.fields.index(id_field)
    else:  # a field in another script gives no id, and one with an ordinal hardly any
        some = [sum(bool(slug(plain(text))) for text in column[:1000]) for column in columns]
        best = next(at for at in order if some[at] >= 0.8 * max(some))
    return sorted(order, key=lambda at: at != best)


def _deck_name(name: str, lost: list[str]) -> str:
    chosen = _as_deck(name)
    chosen = chosen if chosen and not wrong_with(chosen, "deck-name") else "Imported"
    if chosen != name:
        lost.append(f"the deck {name!r} is called “{chosen}” here; new cards go there")
    return chosen


def _as_deck(name: str) -> str:
    """The name of a deck without what it may not have in it."""
    parts = (
        "".join(one for one in part if not wrong_with(f"a{one}a", "deck-name")).strip(" :")
        for part in normalize("NFC", name).split("::")
    )
    return "::".join(filter(None, parts))


def _subdecks(deck: ForeignDeck, name: str, lost: list[str]) -> dict[str, str]:
    """The homes of notes → the subdecks into which their new cards go."""
    chosen: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for home, count in Counter(_home(note, deck) for note in deck.notes).items():
        below = "" if home == deck.name else home.removeprefix(f"{deck.name}::")
        subdeck = _spelt(_as_deck(below), spelt)
        within_itself = f"{subdeck}::".casefold().startswith(f"{name}::".casefold())
        if subdeck and (within_itself or wrong_with(subdeck, "deck-name")):
            lost.append(f"new cards of the deck “{home}” go to “{name}”")
            subdeck = ""
        if not f"{home}::".startswith(f"{deck.name}::"):
            lost.append(
                f"the existing cards of {amount(count, 'note')} stay in the deck “{home}”, and new"
                f" ones go to “{name}::{subdeck}”"
            )
        chosen[home] = subdeck
    if several := sum(len({card.deck for card in note.cards}) > 1 for note in deck.notes):
        lost.append(
            f"{amount(several, 'note')} with cards in several decks: existing cards stay where they"
            " are, and new ones go to the deck of the first"
        )
    return chosen


def _home(note: ForeignNote, deck: ForeignDeck) -> str:
    """The deck of a note's first card."""
    return note.cards[0].deck if note.cards else deck.name


def _spelt(name: str, spelt: dict[str, str]) -> str:
    """The name of a tag or a deck, each part as it was first spelt: to Anki, case is the same."""
    parts = name.split("::")
    return "::".join(
        spelt.setdefault("::".join(parts[:depth]).casefold(), part)
        for depth, part in enumerate(parts, 1)
    )


def _tags(deck: ForeignDeck, lost: list[str]) -> dict[str, str]:
    """The tags of notes → what is kept of them."""
    kept: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for written, count in Counter(tag for note in deck.notes for tag in note.tags).items():
        tag = normalize("NFC", written)
        wrong = any(wrong_with(part, "tag-name") for part in tag.split("::"))
        kept[written] = "" if wrong or tag.casefold() in _OF_STUDY else _spelt(tag, spelt)
        if kept[written] != written:
            what = f"written “{kept[written]}”" if kept[written] else "left out"
            lost.append(f"the tag {written!r} of {amount(count, 'note')} is {what}")
    return kept


def _media(deck: ForeignDeck, lost: list[str]) -> dict[str, tuple[str, bytes]]:
    """The names of files in `media/` → their names in Anki, and what they contain."""
    kept: dict[str, bytes] = {}
    for written, data in sorted(deck.media.items()):
        name = normalize("NFC", written)
        if len(data) > _MOST_MEDIA:
            lost.append(f"the media file {name!r} is larger than {_MOST_MEDIA >> 20} MiB")
        elif not data:
            lost.append(f"the media file {name!r} is empty")
        elif wrong_with(name, "anki-file"):
            lost.append(f"the media file {name!r} has a name that is no file's")
        elif name in kept:
            lost.append(f"the media file {name!r} is there twice; the first is kept")
        else:
            kept[name] = data
    return {chosen: (name, kept[name]) for name, chosen in media_names(kept).items()}
