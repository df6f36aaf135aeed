"""Notes and what was built before → each note's identity for ever, and when it last changed.

The ledger, `ledger.jsonl`, has one line per note ever built and one per note type, sorted by key.
Anki overwrites a learner's edits and tags whenever a note arrives with a newer `mod`; so a note's
`mod` moves only when what the learner sees of it changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from sys import intern

from builder.files import open_file, reason_of
from builder.model import (
    SEPARATOR,
    Deck,
    Gap,
    Note,
    NoteType,
    Problem,
    Stamp,
    base64_of_digest,
    digest,
)
from builder.render import GAP, cloze_numbers, renumber

FILE_NAME = "ledger.jsonl"

_NAMES = frozenset(Stamp._fields)
_USUAL = list(Stamp._field_defaults.values())
_quoted = json.encoder.encode_basestring

# Anki's ids are milliseconds; a note's cards are numbered from its own id, and Anki allows at most
# 500 gaps in a note.
_ID_STEP = 1000

_AT_ONCE = 1000  # lines


def load_ledger(path: Path) -> tuple[dict[str, Stamp], list[Problem]]:
    """Key → row of a ledger file; empty if there is none yet."""
    try:
        # Other line separators of Unicode may stand in a text.
        with TextIOWrapper(open_file(path), encoding="utf-8", newline="\n") as file:
            return _load(str(path), file)
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else error
        message = f"the ledger cannot be read: {reason}"
        return {}, [Problem(str(path), 1, 1, "error", message, "ledger")]


def _load(path: str, file: Iterable[str]) -> tuple[dict[str, Stamp], list[Problem]]:
    rows: dict[str, Stamp] = {}
    ids: dict[int, int] = {}
    problems = []
    number = 0
    for number, values in enumerate(_objects(file), 1):
        row = _row(values)
        if isinstance(row, str):
            message = row
        elif row.key in rows:
            message = f"“{row.key}” stands here a second time; keep one of the two lines"
        elif row.id in ids:
            message = (
                f"id {row.id} is that of line {ids[row.id]} too; add {_ID_STEP} to one of them"
            )
        else:
            rows[row.key] = row
            ids[row.id] = number
            continue
        problems.append(Problem(path, number, 1, "error", message, "ledger"))
    if not number:  # a build would take every learner's history for new
        problems.append(Problem(path, 1, 1, "error", "the ledger is empty", "ledger"))
    return rows, problems


def _objects(file: Iterable[str]) -> Iterator[object]:
    """What each line holds; None for one that is no JSON."""
    lines = iter(file)
    while some := list(islice(lines, _AT_ONCE)):
        try:
            objects = json.loads(f"[{','.join(some)}]")  # takes half as long as one by one
        except (ValueError, RecursionError):
            objects = []
        yield from objects if len(objects) == len(some) else map(_object, some)


def _object(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _row(values: object) -> Stamp | str:
    """The row that a line's content is, or what is wrong with it."""
    if values is None:
        return "this line is no JSON; is it left from a merge?"
    if not isinstance(values, dict):
        return "a row must be a JSON object"
    for name in ("key", "guid", "fields", "tags"):
        if type(values.get(name)) is not str or not values[name]:
            return f"the row needs the text “{name}”"
    for name in ("id", "mod"):
        if type(values.get(name)) is not int or not 0 < values[name] < 2**53:
            return f"the row needs the number “{name}”"
    if " " not in values["key"] and values["id"] % _ID_STEP:
        return f"“id” must be a multiple of {_ID_STEP}"
    values["tags"] = intern(values["tags"])  # many rows have the same
    usual = len(values) == len(Stamp._fields) - len(Stamp._field_defaults)
    for name, type_ in () if usual else (("cards", int), ("gaps", str), ("formerly", str)):
        listed = values.get(name, [])
        if not isinstance(listed, list) or any(type(entry) is not type_ for entry in listed):
            return f"“{name}” is not a list of the right sort"
        if listed:
            values[name] = tuple(listed)
    if not _NAMES.issuperset(values) or not isinstance(values.get("retired", ""), str):
        return f"the row has a strange “{(*sorted(values.keys() - _NAMES), 'retired')[0]}”"
    return Stamp(**values)


def format_ledger(rows: Mapping[str, Stamp]) -> Iterator[bytes]:
    """The content of a ledger file, sorted by key so that a diff reads well and branches merge."""
    keys = iter(sorted(rows))
    while some := list(islice(keys, _AT_ONCE)):
        yield "".join([_line(rows[key]) for key in some]).encode()


def _line(row: Stamp) -> str:
    """A row as `json.dumps` would write it, without what is as usual."""
    key, guid, id_, mod, fields, tags, *unusual = row
    line = (
        f'{{"key": {_quoted(key)}, "guid": {_quoted(guid)}, "id": {id_}, "mod": {mod},'
        f' "fields": {_quoted(fields)}, "tags": {_quoted(tags)}'
    )
    if unusual != _USUAL:
        for name, usual in Stamp._field_defaults.items():
            if (value := getattr(row, name)) != usual:
                line += f', "{name}": {json.dumps(value, ensure_ascii=False)}'
    return f"{line}}}\n"


def reconcile(
    old: Mapping[str, Stamp],
    notes: Iterable[Note],
    note_types: Iterable[NoteType],
    deck: Deck,
    now: int,
) -> tuple[dict[str, Stamp], list[Note], list[Problem]]:
    """The ledger after a build at `now` (seconds since 1970), and the notes with lasting gaps.

    A note that looks as before keeps its `mod`; one that changed gets a later one; one that is new
    gets a GUID that hangs on its key alone; one that is gone stays as retired, so that its key is
    never used for another.
    """
    problems: list[Problem] = []
    rows: dict[str, Stamp] = {}
    numbered = []
    tags_digest = cache(digest)  # many notes have the same
    listed = list(notes)
    old = _renamed(old, listed)
    known = _Known(old, {note.key for note in listed} if old else ())
    # New ids lie before the build's own time, since Anki takes an id for the time of creation.
    taken = {row.id for row in old.values()}
    next_id = now * 1000 - _ID_STEP * len(listed)
    for rendered in listed:
        row = old.get(rendered.key) or known.row_of(rendered, problems)
        if row and bool(row.gaps) != rendered.cloze:
            problems.append(_changed_type(rendered, deck))
            row = None
        note: Note = rendered
        gaps: tuple[str, ...] = ()
        if note.cloze:
            note, gaps = _with_lasting_gaps(rendered, row, problems)
        numbered.append(note)
        fields, tags = note.look, tags_digest(note.tags)
        if row is None:
            while next_id in taken:
                next_id += _ID_STEP
            guid = new_guid(deck.namespace, note.key)
            row = Stamp(note.key, guid, next_id, now, fields, tags, note.cards, gaps)
            next_id += _ID_STEP
        elif row[4:8] != (fields, tags, note.cards, gaps) or row.retired:
            same = (row.fields, row.tags) == (fields, tags)
            row = row._replace(
                mod=row.mod if same else max(now, row.mod + 1),
                fields=fields,
                tags=tags,
                cards=note.cards,
                gaps=gaps,
                retired="",
            )
        rows[note.key] = row
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    for key, row in known.gone.items():
        rows[key] = row if row.retired else row._replace(retired=today)
    rows.update(_type_rows(old, note_types, deck, now, problems))
    return rows, numbered, problems


def _renamed(old: Mapping[str, Stamp], notes: Iterable[Note]) -> Mapping[str, Stamp]:
    """The rows of a renamed fact under its new id, also those of prompts not asked any more."""
    facts = {note.fact.id: note.fact for note in notes if note.fact.formerly}
    if not facts:
        return old
    rows = dict(old)
    keys: dict[str, list[str]] = {}
    for key in old:
        keys.setdefault(_fact_id(key), []).append(key)
    for fact in facts.values():
        for name in fact.formerly:
            for key in keys.get(name, ()):
                new_key = fact.id + key.removeprefix(name)
                if new_key not in rows:
                    row = rows.pop(key)
                    names = (key, *(former for former in row.formerly if former != new_key))
                    rows[new_key] = row._replace(key=new_key, formerly=names)
    return rows


class _Known:
    """The notes built before; `gone` shrinks to those that no note of this build continues."""

    def __init__(self, old: Mapping[str, Stamp], keys: Collection[str]) -> None:
        self.gone = {key: row for key, row in old.items() if row.of_note and key not in keys}
        self.owners = {former: key for key, row in old.items() for former in row.formerly}
        looks = {key: row.fields for key, row in self.gone.items() if not row.retired}
        self.by_look = {(fields, _fact_id(key)): key for key, fields in looks.items()}
        self.by_fields = {fields: key for key, fields in looks.items()}

    def row_of(self, note: Note, problems: list[Problem]) -> Stamp | None:
        """The row that a note continues whose key has none: that of its look-alike.

        A look-alike is a note that is gone, of the same fact, with the same content: its prompt was
        renamed. One of another fact is an error, since it is a rename that nobody declared.
        """
        fact, fields = note.fact, note.look
        owner = self.owners.get(note.key, "")
        key = self.by_look.get((fields, fact.id), owner if _fact_id(owner) == fact.id else "")
        if key in self.gone:
            row = self.gone.pop(key)
            return row._replace(key=note.key, formerly=(key, *row.formerly))
        message = ""
        if owner:
            message = f"“{note.key}” was formerly “{owner}”, which is still there; rename this one"
        elif (twin := self.by_fields.get(fields, "")) in self.gone:
            name = _fact_id(twin)
            message = f"this is “{name}” under another id; write formerly: {name}"
        if message:
            problems.append(
                Problem(fact.path, fact.line, fact.column, "error", message, "formerly")
            )
        return None


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


def _with_lasting_gaps(
    note: Note, row: Stamp | None, problems: list[Problem]
) -> tuple[Note, tuple[str, ...]]:
    """A cloze note with its gaps numbered for ever, and the gaps' names by number."""
    if note.gaps:
        return _number_gaps(note, row, problems)
    return note, _hand_gaps(note, row, problems)


def _number_gaps(
    note: Note, row: Stamp | None, problems: list[Problem]
) -> tuple[Note, tuple[str, ...]]:
    """Each gap keeps its number for ever, and no number goes to another gap.

    Anki tells a note's cards apart by these numbers, so they carry a learner's history. A gap is
    known by its text, apart from case and punctuation, or by its former text.
    """
    given = tuple(gap.name for gap in note.gaps)
    if row is None or (row.gaps == given and not any(gap.former_name for gap in note.gaps)):
        return note, given  # numbered so already
    names = list(row.gaps)
    numbers: dict[Gap, int] = {}

    def settle(name_of: Callable[[Gap], str], fold: Callable[[str], str]) -> None:
        free = {fold(name): n for n, name in enumerate(names, 1) if n not in numbers.values()}
        for gap in note.gaps:
            name = name_of(gap)
            if name and gap not in numbers and fold(name) in free:
                numbers[gap] = free.pop(fold(name))

    settle(lambda gap: gap.former_name, str)
    settle(lambda gap: gap.name, str)
    settle(lambda gap: gap.name, _folded)
    gone = [names[n - 1] for n in row.cards if n not in numbers.values()]
    for gap in note.gaps:
        if gap not in numbers:
            if gone and gap.line and not gap.new:
                problems.append(_undecided(note, gap, gone))
            names.append(gap.name)
            numbers[gap] = len(names)
    kept = {number: gap.name for gap, number in numbers.items()}
    current = set(kept.values())
    names = [kept.get(n, "" if name in current else name) for n, name in enumerate(names, 1)]
    html, *rest = note.fields
    html = renumber(html, [numbers[gap] for gap in note.gaps])
    text, look = SEPARATOR.join((html, *rest)), digest((html, *rest[:-1]))
    return note._replace(text=text, cards=cloze_numbers(html), look=look), tuple(names)


def _undecided(note: Note, gap: Gap, gone: list[str]) -> Problem:
    """An item is new while another is gone: a rewording or not, which only a person can say."""
    former = " or ".join(f"“{name.partition(': ')[2]}”" for name in gone)
    new = gap.name.partition(": ")[2]
    message = (
        f"“{new}” is new here and {former} is gone: is it the same item, reworded?"
        " Then write {item: …, formerly: …}, so that its card keeps its history;"
        " else {item: …, new: true}"
    )
    return Problem(note.fact.path, gap.line, gap.column, "error", message, "reworded-item")


def _hand_gaps(note: Note, row: Stamp | None, problems: list[Problem]) -> tuple[str, ...]:
    """A gap that is numbered by hand keeps its number, and no number goes to another gap."""
    if row and row.fields == note.look:
        return row.gaps  # as the last build left them
    texts: dict[int, str] = {}
    for number, text, _hint in GAP.findall(note.fields[0]):
        texts[int(number)] = f"{texts[int(number)]} / {text}" if int(number) in texts else text
    names = dict(enumerate(row.gaps, 1)) if row else {}
    numbers = {name: number for number, name in names.items() if name}
    for number, text in texts.items():
        if names.get(number) == text:
            continue
        if text in numbers:
            message = f"“{text}” is gap {numbers[text]} in learners' collections; keep its number"
        elif row and names.get(number) and number not in row.cards:
            message = f"gap {number} once hid “{names[number]}”; give “{text}” a number of its own"
        else:
            continue
        fact = note.fact
        problems.append(Problem(fact.path, fact.line, fact.column, "error", message, "cloze"))
    names |= texts
    return tuple(names.get(number, "") for number in range(1, max(names) + 1))


def _folded(text: str) -> str:
    """A text without case and punctuation; a text of nothing else as it is."""
    return "".join(filter(str.isalnum, text.casefold())) or text


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
        elif row.fields != design:
            row = row._replace(mod=max(now, row.mod + 1), fields=design, tags=design)
        rows[type_.key] = row
    return rows


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
