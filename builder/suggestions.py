"""What a learner exported → what she changed of the deck, and sources that would say so.

A change is written only where the sources then produce just what she wrote.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from builder.anki.edition import Edition, Seen
from builder.ledger.deletions import with_lasting_numbers
from builder.ledger.entries import reconcile
from builder.model import Entry, FactFile, Note, Track, untracked
from builder.notes.from_html import canonical, written_as
from builder.notes.markdown import markdown
from builder.notes.order import in_learning_order
from builder.notes.slots import Slot, several, single
from builder.notes.written import html_of, makers_of, values_of
from builder.problems import Place
from builder.project import Project, fact_file_of
from builder.sources.reader import Reader
from builder.sources.rewrite import rewritten
from builder.sources.text import read_bytes

# Tags that Anki itself gives, and what it lets learners mark.
_OF_ANKI = ("leech", "marked")
# Of a field in characters: no note of a deck has more.
_MAX_FIELD = 100_000
_CHANGED = "it was changed here too since her edition; change it by hand"
_BOM = "\ufeff"
_LANGUAGE = re.compile(r"<(span|div) (?:dir=.[a-z]+. )?lang=[^<>]*>(?P<text>.*)</\1>", re.DOTALL)
# What Anki plays or makes a picture of; a text of the sources shows it as it is written.
_DOES = re.compile(r"\[(?:sound|anki):[^\[\]]*\]|\[latex\]|\[\$\$?\]")
_ACTS = "it has a sound or LaTeX that no text can have; add it by hand"


class Change(NamedTuple):
    """A field of a note that she changed, before and after, as HTML.

    `place` is that of the fact, `texts` are the texts of it that would say so, as key and place;
    `left` is why there are none, or empty.
    """

    key: str
    field: str
    before: str
    after: str
    place: Place
    texts: tuple[tuple[str, Place], ...] = ()
    left: str = ""


class Suggestions(NamedTuple):
    """What she suggests: changed fields; (key, place, tags added, tags removed); her own notes.

    `older` are the keys of notes that are of an edition which is not known, `missing` says how many
    of the deck's notes she does not have. `files` are the sources that say what she wrote.
    """

    changes: tuple[Change, ...]
    retagged: tuple[tuple[str, Place, tuple[str, ...], tuple[str, ...]], ...]
    fresh: tuple[Seen, ...]
    older: tuple[str, ...]
    missing: int
    files: Mapping[Path, bytes]


def suggestions_of(
    hers: Edition,
    known: Collection[Edition],
    project: Project,
    ledger: tuple[Mapping[str, Entry], Mapping[str, Entry]],
    notes: Collection[Note],
    track: Track = untracked,
) -> Suggestions:
    """What `hers` has that none of the `known` editions and not the last build has.

    `ledger` is that of the last build and as it goes on, `notes` have lasting numbers.
    """
    before, after = ledger
    entries = {entry.guid: entry for entry in before.values()}
    by_guid = {after[note.key].guid: note for note in notes}
    times = {entry.mod for entry in before.values()}
    times |= {seen.mod for edition in known for seen in edition.notes.values()}
    editing = _Editing(project, ledger)
    retagged, fresh, older = [], [], []
    edited: list[tuple[str, int, Change]] = []
    for guid, seen in hers.notes.items():
        if guid not in entries:
            fresh += [seen] if f"{seen.deck}::".startswith(f"{project.deck.name}::") else []
            continue
        note, entry = by_guid.get(guid), entries[guid]
        behind = seen.mod < entry.mod
        if note is None or (behind and seen.mod in times):
            continue  # not in the deck any more, or as an older edition had it
        names = editing.names[note.use]
        editions = [edition.notes[guid] for edition in known if guid in edition.notes]
        editions.sort(key=lambda edition: edition.mod, reverse=True)
        had = [_fields_of(edition, note, names) for edition in editions if edition.mod < seen.mod]
        built = [(_fields_of(edition, note, names), edition.tags) for edition in editions]
        if entry.fields == note.look and entry.tags == after[note.key].tags:
            built.insert(0, (note.shown, note.tags))
        now = [canonical(html[:_MAX_FIELD]) for html in _fields_of(seen, note, names)]
        found = [
            (at, html)
            for at, html in enumerate(now)
            if all(html != canonical(fields[at]) for fields, _ in built)
        ]
        tags = [{*each} for _, each in built]
        hers_too = {tag for tag in seen.tags if tag.lower() not in _OF_ANKI}
        added = hers_too.difference(*tags)
        removed = set.intersection(*tags) - hers_too if tags else set()
        if not built or ((found or added or removed) and behind and not had):
            older.append(note.key)
            continue
        last = built[0][0]
        for at, html in found:
            editing.wanted[note.key, at] = html
            change = Change(note.key, names[at], last[at], html, note.fact.place)
            base = had[0] if behind else last
            if len({canonical(fields[at]) for fields in (base, last, note.fields)}) > 1:
                change = change._replace(left=_CHANGED)
            edited.append((note.key, at, change))
        if added or removed:
            row = note.key, note.fact.place, tuple(sorted(added)), tuple(sorted(removed))
            retagged.append(row)
    changes = [editing.edit(*each) for each in track(edited, "finding texts")]
    return Suggestions(
        changes=tuple(sorted(changes)),
        retagged=tuple(sorted(retagged)),
        fresh=tuple(sorted(fresh)),
        older=tuple(sorted(older)),
        missing=len(by_guid.keys() - hers.notes.keys()),
        files=editing.files(),
    )


def _fields_of(seen: Seen, note: Note, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(html or "" for html in seen.under(names, own=bool(note.own_type)))


class _Editing:
    """The sources as they become what she wrote; `wanted` is (key, field) → its HTML."""

    def __init__(
        self, project: Project, ledger: tuple[Mapping[str, Entry], Mapping[str, Entry]]
    ) -> None:
        self.project = project
        self.before, self.after = ledger
        self.names = {
            each.use: each.fields if each.place else each.fields[:-1] for each in project.note_types
        }
        self.wanted: dict[tuple[str, int], str] = {}
        self.notes = {note.key: note for note in project.notes}
        self.texts: dict[str, str] = {}
        self.said: dict[str, FactFile] = {}
        self.changed: set[str] = set()

    def files(self) -> dict[Path, bytes]:
        """The files that have changed."""
        return {Path(path): self.texts[path].encode() for path in sorted(self.changed)}

    def edit(self, key: str, at: int, change: Change) -> Change:
        """Makes the sources say a change, if that can be done in one way."""
        if change.left:
            return change
        note = self.notes[key]
        html, path = self.shown(note)[at], note.fact.place.path
        slots = self.slots(note)
        if {*_DOES.findall(change.after)}.difference(_DOES.findall(html)):
            return change._replace(left=_ACTS)
        if html == change.after:  # another change has brought it about
            return change._replace(texts=_texts(slot for slot in slots if slot.html in html)[:1])
        if not path.endswith(".yaml"):
            return change._replace(left="it is not in a file of YAML; change it by hand")
        if path not in self.texts:
            data = read_bytes(Path(path))
            self.texts[path] = data.decode() if isinstance(data, bytes) else ""
            self.said[path] = self.read(path, self.texts[path])
        found: dict[str, tuple[Slot, ...]] = {}
        left = "no single text of the fact makes up this field; change it by hand"
        for ways in (single(html, change.after, slots), several(html, change.after, slots)):
            for way in [] if found else ways:
                for text in self.rewritten(path, way):
                    reason = self.wrong_with(path, text, note, at)
                    left = reason or left
                    if not reason:
                        found[text] = tuple(slot for slot, _ in way)
                        break
        if len(found) > 1:
            names = " or ".join(f"“{slots[0].key}”" for slots in found.values())
            left = f"it can be a change of {names}; change it by hand"
        if len(found) != 1:
            return change._replace(left=left)
        ((text, changed),) = found.items()
        self.changed.add(path)
        self.texts[path], self.said[path] = text, self.read(path, text)
        self.notes |= {note.key: note for note in self.said[path].notes}
        return change._replace(texts=_texts(changed))

    def shown(self, note: Note) -> list[str]:
        """The fields of a note with lasting numbers, in one form of HTML."""
        return list(map(canonical, with_lasting_numbers(note, self.after[note.key])[0].fields))

    def slots(self, note: Note) -> list[Slot]:
        """The texts of a note's fact that may stand on it."""
        fact, vocabulary = note.fact, self.project.vocabulary
        kind = vocabulary.kinds[fact.kind]
        assert kind  # noqa: S101 - its notes are there
        slots = []
        makers = makers_of(kind, vocabulary.media)
        for key, shown in values_of(fact, kind, makers).items():
            said, field = fact.values.get(key), kind.fields.get(key)
            if isinstance(said, tuple) and isinstance(shown, list):
                for item, html in zip(said, shown, strict=True):
                    slots.append(Slot(key, item.place, "list", _bare(canonical(html_of(html)))))
            elif key in fact.places:  # what a file says for all its facts is not for one of them
                type_ = field.type if field else "date"
                slots.append(Slot(key, fact.places[key], type_, _bare(canonical(html_of(shown)))))
        slots += [
            Slot(key, remark.place, "text", canonical(markdown(remark)))
            for key, remarks in fact.remarks.items()
            if (remark := remarks.get(note.prompt))
        ]
        capital = [
            slot._replace(html=slot.html[:1].upper() + slot.html[1:], lower=True)
            for slot in slots
            if slot.html[:1] != slot.html[:1].upper()
        ]
        return [slot for slot in (*slots, *capital) if slot.html]

    def rewritten(self, path: str, way: Sequence[tuple[Slot, str]]) -> Iterator[str]:
        """The text of a file with the HTML of some slots in it, in one spelling after another."""
        text = self.texts[path].removeprefix(_BOM)
        bom = _BOM * (text != self.texts[path])
        wanted = []
        for slot, html in way:
            texts = written_as(html, slot.type)
            lowered = [text[:1].lower() + text[1:] for text in texts if slot.lower]
            tried = [text for text in (*lowered, *texts) if text.strip()]
            wanted.append((slot.place, tried, slot.type == "list"))
        return (bom + new for new in rewritten(path, text, wanted))

    def read(self, path: str, text: str) -> FactFile:
        """What a file of facts says that has this text."""
        reader = Reader.of(Path(path), text.removeprefix(_BOM))
        return fact_file_of(reader, self.project.vocabulary)

    def wrong_with(self, path: str, text: str, note: Note, at: int) -> str:
        """Why a file must not have this text, or nothing."""
        file, before = self.read(path, text), self.said[path]
        now = {new.key: new for new in file.notes}
        was = {note.key: note for note in before.notes}
        known = {problem.message for problem in before.problems}
        found = [each.message for each in file.problems if each.message not in known]
        if found or now.keys() != was.keys():
            return found[0] if found else "other notes would come or go"
        for key, new in now.items():
            if new.fact.id != note.fact.id and new.look == was[key].look:
                continue
            fields = zip(self.names[new.use], self.shown(was[key]), self.shown(new), strict=False)
            for number, (field, shown, html) in enumerate(fields):
                wanted, this = self.wanted.get((key, number)), (key, number) == (note.key, at)
                if html == wanted or (html == shown and not this):
                    continue
                if wanted or key == note.key or new.fact.id != note.fact.id:
                    return f"“{field}” of “{key}” would show something else; change it by hand"
        notes = in_learning_order((self.notes | now).values(), self.project.vocabulary.tags)
        _, _, problems = reconcile(
            self.before, notes, self.project.note_types, self.project.deck, 0
        )
        return problems[0].message if problems else ""


def _texts(slots: Iterable[Slot]) -> tuple[tuple[str, Place], ...]:
    return tuple((slot.key, slot.place) for slot in slots)


def _bare(html: str) -> str:
    """The HTML of a text without what says its language around it."""
    found = _LANGUAGE.fullmatch(html)
    return found["text"] if found else html
