"""A foreign deck → what an import writes: kinds, facts, tags, and what is lost."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from builder.anki.foreign import ForeignDeck, ForeignNote, ForeignType, amount
from builder.importing.names import field_names, ids, media_name, own, plain, slug
from builder.importing.types import types_of
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
    """A kind: its name, its note type, and of each field the name, type and odd values."""

    name: str
    note_type: ForeignType
    names: tuple[str, ...]
    types: tuple[str, ...]
    odd: tuple[tuple[str, ...], ...]


class Plan(NamedTuple):
    """What an import writes; `lost` are sentences of what it could not carry over."""

    deck: ForeignDeck
    name: str
    kinds: tuple[PlannedKind, ...]
    facts: tuple[Planned, ...]
    media: Mapping[str, str]
    lost: tuple[str, ...]


class UnknownFieldError(Exception):
    """No note type has the field of which ids are to be made; its text are those that there are."""


def plan_of(deck: ForeignDeck, id_field: str) -> Plan:
    """What an import of a deck writes; ids of facts are made of the field, if one is named."""
    lost = list(deck.lost)
    all_fields = dict.fromkeys(name for each in deck.note_types.values() for name in each.fields)
    if id_field and id_field not in all_fields:
        raise UnknownFieldError(", ".join(all_fields))
    name = _deck_name(deck.name, lost)
    notes: dict[str, list[ForeignNote]] = {key: [] for key in deck.note_types}
    for note in deck.notes:
        if max(map(len, note.fields)) > MAX_HTML:
            lost.append(
                f"the note {_called(note)} has more than {MAX_HTML:,} characters in a field"
            )
        elif note.note_type in notes:
            notes[note.note_type].append(_mended(note, deck.note_types[note.note_type], lost))
        else:
            lost.append(f"the note {_called(note)} is of no note type in the package")
    tags = _Tags(lost)
    kinds: list[PlannedKind] = []
    facts: list[Planned] = []
    taken: set[str] = set()
    subdecks = _Subdecks(name, deck.name, lost)
    for key, foreign in _with_own_names(deck.note_types, lost):
        note_type = foreign
        kind = own(slug(note_type.name) or "notes", [kind.name for kind in kinds])
        columns = [[note.fields[at] for note in notes[key]] for at in range(len(note_type.fields))]
        if note_type.cloze and not note_type.templates:
            note_type = note_type._replace(templates=(_cloze_template(note_type.fields, columns),))
        types = types_of(columns, html=deck.html, cloze=note_type.cloze)
        names = field_names(note_type.fields)
        kinds.append(
            PlannedKind(
                name=kind,
                note_type=note_type,
                names=tuple(names),
                types=tuple(typed.type for typed in types),
                odd=tuple(typed.odd for typed in types),
            )
        )
        order = _id_order(note_type, columns, id_field)
        candidates = (tuple(note.fields[at] for at in order) for note in notes[key])
        written = zip(*(type_.written for type_ in types), strict=True)
        for name_, note, said in zip(
            ids(candidates, kind, taken), notes[key], written, strict=True
        ):
            values = {name: text for name, text in zip(names, said, strict=True) if text}
            subdeck = subdecks.of(note)
            facts.append(Planned(name_, kind, subdeck, note, values, tags.of(note)))
        lost += [f"note type “{note_type.name}”: {what} stays out" for what in note_type.extra]
    lost += subdecks.elsewhere() + tags.dropped()
    media: dict[str, str] = {}
    for file in sorted(deck.media):
        if len(deck.media[file]) > _MOST_MEDIA:
            lost.append(f"the media file “{file}” is larger than {_MOST_MEDIA >> 20} MiB")
        elif wrong_with(file, "anki-file"):
            lost.append(f"the media file {file!r} has a name that is no file's")
        elif not deck.media[file]:
            lost.append(f"the media file “{file}” is empty")
        else:
            media[file] = media_name(file, media.values())
    return Plan(deck, name, tuple(kinds), tuple(facts), media, tuple(lost))


def _deck_name(name: str, lost: list[str]) -> str:
    parts = [_part(part) for part in unicodedata.normalize("NFC", name).split("::")]
    chosen = "::".join(filter(None, parts)) or "Imported"
    chosen = "Imported" if wrong_with(chosen, "deck-name") else chosen
    if chosen != name:
        lost.append(f"the deck {name!r} is called “{chosen}” here; new cards go there")
    return chosen


def _part(name: str) -> str:
    """The name of a deck without what a deck may not have in its name."""
    kept = "".join(char for char in name if not wrong_with(f"a{char}a", "deck-name"))
    return kept.strip(" :")


class _Subdecks:
    """The subdecks into which new cards go."""

    def __init__(self, name: str, called: str, lost: list[str]) -> None:
        self.name, self.called, self.lost = name, called, lost
        self.spelt: dict[str, str] = {}
        self.chosen: dict[str, str] = {}
        self.others: Counter[str] = Counter()
        self.several = 0

    def of(self, note: ForeignNote) -> str:
        """That of a note, by the first of its cards."""
        decks = dict.fromkeys(card.deck for card in note.cards)
        self.several += len(decks) > 1
        deck = next(iter(decks), self.called)
        if deck not in self.chosen:
            self.chosen[deck] = self._chosen(deck)
        if deck != self.called and not deck.startswith(f"{self.called}::"):
            self.others[deck] += 1
        return self.chosen[deck]

    def _chosen(self, deck: str) -> str:
        if deck == self.called:
            return ""
        rest = unicodedata.normalize("NFC", deck.removeprefix(f"{self.called}::"))
        parts = list(filter(None, map(_part, rest.split("::"))))
        subdeck = "::".join(
            self.spelt.setdefault("::".join(parts[: depth + 1]).casefold(), part)
            for depth, part in enumerate(parts)
        )
        if not subdeck:
            return ""
        within_itself = f"{subdeck}::".casefold().startswith(f"{self.name}::".casefold())
        if within_itself or wrong_with(subdeck, "deck-name"):
            self.lost.append(f"new cards of the deck “{deck}” go to “{self.name}”")
            return ""
        return subdeck

    def elsewhere(self) -> list[str]:
        """What is said of notes that lie in several decks, or in others than this."""
        lost = [
            f"the existing cards of {amount(count, 'note')} stay in the deck “{deck}”, and new"
            f" ones go to “{self.name}::{self.chosen[deck]}”"
            for deck, count in self.others.items()
        ]
        if self.several:
            lost.append(
                f"{amount(self.several, 'note')} with cards in several decks: existing cards stay"
                " where they are, and new ones go to the deck of the first"
            )
        return lost


class _Tags:
    """The tags that notes keep."""

    def __init__(self, lost: list[str]) -> None:
        self.lost = lost
        self.spelt: dict[str, str] = {}
        self.kept: dict[str, str] = {}
        self.gone: Counter[str] = Counter()

    def of(self, note: ForeignNote) -> tuple[str, ...]:
        """Those of a note."""
        found = dict.fromkeys(filter(None, map(self._kept, note.tags)))
        return tuple(sorted(found))

    def _kept(self, written: str) -> str:
        if written not in self.kept:
            tag = unicodedata.normalize("NFC", written)
            fits = not any(wrong_with(part, "tag-name") for part in tag.split("::"))
            fits = fits and tag.casefold() not in _OF_STUDY
            parts = tag.split("::")
            self.kept[written] = "::".join(
                self.spelt.setdefault("::".join(parts[: depth + 1]).casefold(), part)
                for depth, part in enumerate(parts if fits else ())
            )
        if self.kept[written] != written:
            self.gone[written] += 1
        return self.kept[written]

    def dropped(self) -> list[str]:
        """What is said of tags that notes do not keep as they are."""
        return [
            f"the tag {tag!r} of {amount(count, 'note')} is "
            + (f"written “{self.kept[tag]}”" if self.kept[tag] else "left out")
            for tag, count in self.gone.items()
        ]


def _mended(note: ForeignNote, note_type: ForeignType, lost: list[str]) -> ForeignNote:
    """A note with as many fields as its note type has, and texts that sources may have."""
    fields = note.fields
    missing = len(note_type.fields) - len(fields)
    if missing:
        more = " | ".join(fields[len(note_type.fields) :])
        what = f"has {len(fields)} fields, and its note type {len(note_type.fields)}"
        lost.append(f"the note {_called(note)} {what}" + (f"; left out: {more!r}" if more else ""))
        fields = (*fields[: len(note_type.fields)], *[""] * missing)
    clean = tuple(_clean(unicodedata.normalize("NFC", text)) for text in fields)
    if any(_CONTROL.search(text.replace("\r", "")) for text in fields):
        lost.append(f"the note {_called(note)} has characters of control, which are left out")
    return note._replace(fields=clean)


def _clean(text: str) -> str:
    clean = text if text.isprintable() else _MARKS.sub(r"\1", _CONTROL.sub("", text))
    return clean if clean.strip() else ""


def _called(note: ForeignNote) -> str:
    return f"“{plain(note.fields[0])[:60] or note.guid}” (GUID {note.guid!r})"


def _with_own_names(
    note_types: Mapping[str, ForeignType], lost: list[str]
) -> Iterator[tuple[str, ForeignType]]:
    """The note types, each with a name of its own."""
    taken: set[str] = set()
    for key, note_type in note_types.items():
        name = _line(note_type.name.replace('"', "")) or "Notes"
        chosen = name
        while chosen.casefold() in taken:
            chosen += "+"  # as Anki does
        taken.add(chosen.casefold())
        if chosen != note_type.name:
            lost.append(f"the note type {note_type.name!r} is called “{chosen}” here")
        fields = tuple(_FIELD.sub("", _line(field)).strip() for field in note_type.fields)
        templates = tuple(
            (_line(name).replace('"', ""), front, back) for name, front, back in note_type.templates
        )
        before = (*note_type.fields, *(template[0] for template in note_type.templates))
        after = (*fields, *(template[0] for template in templates))
        lost += [
            f"{was!r} of the note type “{chosen}” is called “{now}”, as Anki calls it on import"
            for was, now in zip(before, after, strict=True)
            if was != now
        ]
        yield key, note_type._replace(name=chosen, fields=fields, templates=templates)


def _cloze_template(fields: tuple[str, ...], columns: list[list[str]]) -> tuple[str, str, str]:
    """A card for each cloze deletion of a table's notes; the other fields stand on the back."""
    hides = [any(map(card_numbers, column)) for column in columns]
    shown = [f"{{{{cloze:{name}}}}}" for name, hidden in zip(fields, hides, strict=True) if hidden]
    more = [f"{{{{{name}}}}}" for name, hidden in zip(fields, hides, strict=True) if not hidden]
    return "Cloze", "<br>".join(shown), "<br>".join((*shown, *more))


def _line(name: str) -> str:
    return " ".join(_CONTROL.sub(" ", name).split())


def _id_order(note_type: ForeignType, columns: list[list[str]], id_field: str) -> list[int]:
    """The places of the fields of which ids are made, the best first."""
    first = [note_type.sort_field] if note_type.sort_field < len(columns) else []
    order = list(dict.fromkeys([*first, *range(len(columns))]))
    if id_field in note_type.fields:
        at = note_type.fields.index(id_field)
        return [at, *(other for other in order if other != at)]
    # A field in another script gives no id, and one with an ordinal hardly any.
    some = {at: sum(bool(slug(plain(text))) for text in columns[at][:1000]) for at in order}
    enough = max(some.values(), default=0) * 0.8
    best = next((at for at in order if some[at] >= enough), 0)
    return [best, *(other for other in order if other != best)]
