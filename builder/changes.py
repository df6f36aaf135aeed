"""Two editions → what a learner who upgrades from one to the other will notice.

Anki updates a note when its new `mod` is later, so that alone counts as a change.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from builder.anki.edition import Edition, Seen
from builder.anki.ids import ID_STEP
from builder.model import Entry
from builder.notes.cloze import hidden_texts

# What would mean something in a search; no key of ours has it.
_SPECIAL = re.compile(r'[\\":*_]')
# How much of their notes an edition and the one before it have in common, at least.
_ALIKE = 0.5


class Changes(NamedTuple):
    """What a learner notices, sorted by key; the pairs are before and after.

    `kept` are notes that differ and that Anki leaves alone, since the learner's are no older;
    `elsewhere` are notes that are only in other packages of the deck. `new_cards` are (note, card
    number) of cards that are new in notes that the learner has, `empty_cards` those of cards whose
    note goes on without them. `exchanged` are the keys of notes among which backs, or what a cloze
    hides, went round.
    """

    added: list[Seen]
    new_cards: list[tuple[Seen, int]]
    reworded: list[tuple[Seen, Seen]]
    retagged: list[tuple[Seen, Seen]]
    empty_cards: list[tuple[Seen, int]]
    retired: list[Seen]
    elsewhere: list[Seen]
    redesigned: list[str]
    exchanged: list[tuple[str, ...]]
    kept: list[tuple[Seen, Seen]]

    @property
    def gone(self) -> list[tuple[Seen, int | None]]:
        """What Anki keeps though it is not in the deck any more, for `search_for`."""
        return [*((seen, None) for seen in self.retired), *self.empty_cards]


def counterpart(old: Edition, editions: Mapping[Path, Edition]) -> Path | None:
    """The package whose edition before `old` is, whatever it is called: the most alike in notes.

    A note's id is the time of its first build, so those that came later do not count. If none is
    alike by half, as with a part of the deck, it is the one that has most of the notes.
    """
    last = max((seen.id for seen in old.notes.values()), default=0)

    def likeness(path: Path) -> tuple[float, int]:
        notes = editions[path].notes
        then = {guid for guid in notes if notes[guid].id <= last + ID_STEP * len(notes)}
        shared = len(then & old.notes.keys())
        alike = shared / len(then | old.notes.keys() or {""})
        return alike if alike >= _ALIKE else 0, shared

    best = max(editions, key=likeness, default=None)
    return best if best and likeness(best)[1] else None


def compare(old: Edition, new: Edition, others: Collection[str] = ()) -> Changes:
    """What a learner with `old` notices on importing `new`.

    `others` are the GUIDs of notes that other packages of the deck have.
    """
    notes = sorted(new.notes.items(), key=lambda pair: pair[1].key)
    known = [(old.notes[guid], after) for guid, after in notes if guid in old.notes]
    updated = [(before, after) for before, after in known if after.mod > before.mod]
    reworded = [(before, after) for before, after in updated if differences(before, after)]
    gone = [guid for guid in old.notes if guid not in new.notes]
    return Changes(
        added=[after for guid, after in notes if guid not in old.notes],
        # Anki adds these to notes that it does not update, too.
        new_cards=[
            (after, card)
            for before, after in known
            for card in after.cards
            if card not in before.cards
        ],
        reworded=reworded,
        retagged=[(before, after) for before, after in updated if after.tags != before.tags],
        empty_cards=[
            (after, card)
            for before, after in known
            for card in before.cards
            if card not in after.cards
            # Of an author's note type, a template alone may have changed.
            and (after.mod > before.mod or (after.mod == before.mod and after.own_type))
        ],
        retired=sorted(old.notes[guid] for guid in gone if guid not in others),
        elsewhere=sorted(old.notes[guid] for guid in gone if guid in others),
        redesigned=[
            name
            for name in sorted(new.models)
            if name in old.models and new.models[name]["mod"] > old.models[name]["mod"]
        ],
        exchanged=exchanged(reworded),
        kept=[
            (before, after)
            for before, after in known
            if after.mod <= before.mod
            and any(was is not None for _, was, _ in differences(before, after))
        ],
    )


def differences(before: Seen, after: Seen) -> list[tuple[str, str | None, str]]:
    """The fields that differ: name, HTML before, which is None where there was none, and after."""
    if after.fields == before.fields:
        return []
    names = [name for name, _ in after.fields]
    had = before.under(names, own=bool(after.own_type))
    pairs = zip(after.fields, had, strict=True)
    return [(name, was, html) for (name, html), was in pairs if (was or "") != html]


def with_other_keys(edition: Edition, ledger: Mapping[str, Entry]) -> Edition:
    """The edition, whose notes have all the keys that the ledger knows of them."""
    keys = {row.guid: (row.key, *row.formerly) for row in ledger.values() if row.formerly}
    known = keys.keys() & edition.notes.keys()
    others = {guid: edition.notes[guid]._replace(other_keys=keys[guid]) for guid in known}
    return edition._replace(notes={**edition.notes, **others})


def exchanged(reworded: Iterable[tuple[Seen, Seen]]) -> list[tuple[str, ...]]:
    """The keys of each two notes that exchanged a back, and of more among which backs went round.

    Takes notes before and after.
    """
    groups = set()
    # What a back was → what it has become → the keys of its notes.
    moves: dict[tuple[str, str], dict[tuple[str, str], list[str]]] = {}
    for before, after in reworded:
        was, now = _answers(before), _answers(after)
        for part in [part for part in was if part in now and was[part] != now[part]]:
            here, there = (part[0], was[part]), (part[0], now[part])
            if others := moves.get(there, {}).get(here):
                groups.add(tuple(sorted({others.pop(), after.key})))
            else:
                moves.setdefault(here, {}).setdefault(there, []).append(after.key)
    onward = {
        here: [(there, key) for there, keys in ways.items() for key in keys]
        for here, ways in moves.items()
    }
    for start in onward:
        at, way = start, dict[tuple[str, str], str]()
        while way or onward.get(at):
            if at in way:  # once round
                circle = [*way][[*way].index(at) :]
                groups.add(tuple(sorted({way.pop(back) for back in circle})))
            elif onward.get(at):
                there, way[at] = onward[at].pop()
                at = there
            else:  # a dead end
                at, _ = way.popitem()
    return sorted(keys for keys in groups if len(keys) > 1)


def _answers(seen: Seen) -> dict[tuple[str, int], str]:
    """What the cards of a note ask for, by field and, in a cloze, number."""
    answers: dict[tuple[str, int], str] = {}
    for name, html in seen.fields:
        if name == "Text":
            hidden = hidden_texts(html).items()
            answers |= {(name, number): " / ".join(texts) for number, texts in hidden}
        elif name in ("Back", "Reverse Back") and html:
            answers[name, 1] = html
    return answers


def compare_ledgers(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> tuple[Changes, int]:
    """What a learner notices who goes from one ledger to the other, and how many notes are added.

    The notes that the first ledger never had, which can be all, are only counted.
    """
    old = [row for key, row in before.items() if after.get(key) != row]
    new = [row for key, row in after.items() if before.get(key) != row]
    known = {row.guid for row in old}
    changes = compare(_edition_of(old), _edition_of(row for row in new if row.guid in known))
    fresh = sum(row.of_note for row in new if row.guid not in known)
    return changes, fresh + len(changes.added)


def _edition_of(rows: Iterable[Entry]) -> Edition:
    """What the ledger knows of an edition: digests in place of texts."""
    rows = list(rows)
    notes = {
        row.guid: Seen(
            key=row.key,
            id=row.id,
            mod=row.mod,
            fields=(("", row.fields),),
            tags=(row.tags,),
            cards=row.cards,
            own_type=row.note_type,
            other_keys=row.formerly,
        )
        for row in rows
        if row.of_note and not row.retired
    }
    return Edition(notes, {row.key: {"mod": row.mod} for row in rows if not row.of_note})


def search_for(found: Iterable[tuple[Seen, int | None]]) -> str:
    """A search for Anki's browser that finds these notes, or single cards of them.

    Anki gives a note its present key only with a correction.
    """
    terms = []
    for seen, card in found:
        keys = dict.fromkeys((seen.key, *seen.other_keys))
        names = ['"Key:' + _SPECIAL.sub(r"\\\g<0>", key) + '"' for key in keys]
        names = [f"nid:{seen.id}"] if seen.own_type else names
        terms += [name if card is None else f"({name} card:{card})" for name in names]
    return " or ".join(terms)
