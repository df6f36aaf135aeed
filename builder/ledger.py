"""Notes and what was built before → each note's identity for ever, and when it last changed.

The ledger, `ledger.jsonl`, has one line per note ever built and one per note type, sorted by key.
Anki overwrites a learner's edits and tags whenever a note arrives with a newer `mod`; so a note's
`mod` moves only when what the learner sees of it changes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from builder.model import Deck, Note, NoteType, Problem, Stamp

FILE_NAME = "ledger.jsonl"

# Anki's ids are milliseconds; a note's cards are numbered from its own id, and Anki allows at most
# 500 gaps in a note.
_ID_STEP = 1000


def load_ledger(path: Path) -> tuple[dict[str, Stamp], list[Problem]]:
    """Key → row of a ledger file; empty if there is none yet."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        message = f"the ledger cannot be read: {error}"
        return {}, [Problem(str(path), 1, 1, "error", message, "ledger")]
    rows: dict[str, Stamp] = {}
    ids: dict[int, int] = {}
    problems = []
    for number, line in enumerate(lines, 1):
        row = _row(line)
        if isinstance(row, str):
            message = row
        elif row.key in rows:
            message = f"“{row.key}” stands here a second time; keep one of the two lines"
        elif row.id in ids:
            message = f"id {row.id} is also that of line {ids[row.id]}"
        else:
            rows[row.key] = row
            ids[row.id] = number
            continue
        problems.append(Problem(str(path), number, 1, "error", message, "ledger"))
    return rows, problems


def _row(line: str) -> Stamp | str:
    """The row that a line holds, or what is wrong with it."""
    try:
        values = json.loads(line)
    except ValueError:
        return "this line is no JSON; is it left from a merge?"
    if not isinstance(values, dict):
        return "a row must be a JSON object"
    unknown = values.keys() - set(Stamp._fields)
    if unknown:
        return f"the row has an unknown “{min(unknown)}”"
    for name in ("key", "guid", "digest"):
        if not isinstance(values.get(name), str) or not values[name]:
            return f"the row needs the text “{name}”"
    for name in ("id", "mod"):
        if type(values.get(name)) is not int or not 0 < values[name] < 2**53:
            return f"the row needs the number “{name}”"
    return Stamp(**values) if isinstance(values.get("retired", ""), str) else "“retired” is a day"


def format_ledger(rows: Mapping[str, Stamp]) -> str:
    """The text of a ledger file, sorted by key so that a diff reads well."""
    lines = []
    for key in sorted(rows):
        values = {name: value for name, value in rows[key]._asdict().items() if value}
        lines.append(json.dumps(values, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def reconcile(
    old: Mapping[str, Stamp],
    notes: Iterable[Note],
    note_types: Iterable[NoteType],
    deck: Deck,
    now: int,
) -> dict[str, Stamp]:
    """The ledger after a build at `now` (seconds since 1970).

    A note that looks as before keeps its row to the letter; one that changed gets a later `mod`;
    one that is new gets a GUID that hangs on its key alone, and the next free id; one that is gone
    stays as retired, so that its key is never used for another.
    """
    digests = {note.key: _digest(note.fields[:-1], note.tags) for note in notes}
    types = {
        type_.key: _digest(type_.fields, *type_.templates, (type_.css,)) for type_ in note_types
    }
    # New ids lie before the build's own time, since Anki takes an id for the time of creation.
    taken = {row.id for row in old.values()}
    next_id = now * 1000 - _ID_STEP * len(digests)
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    new = {}
    for key, digest in {**digests, **types}.items():
        row = old.get(key)
        if row is None:
            if key in types:
                id_ = _stable_id(deck.namespace, key)
            else:
                while next_id in taken:
                    next_id += 1
                id_ = next_id
                next_id += _ID_STEP
            new[key] = Stamp(key, _guid(deck.namespace, key), id_, now, digest)
        elif row.digest != digest or row.retired:
            new[key] = Stamp(key, row.guid, row.id, max(now, row.mod + 1), digest)
        else:
            new[key] = row
    for key, row in old.items():
        if key not in new:
            new[key] = row if row.retired else row._replace(retired=today)
    return new


def deck_id(deck: Deck) -> int:
    """Anki's number for the deck. A learner's Anki matches decks by name, not by it."""
    return _stable_id(deck.namespace, "deck")


def _stable_id(namespace: str, name: str) -> int:
    """A number of 30 bits above 2³⁰: the range that genanki recommends for ids chosen once."""
    digest = hashlib.sha256(f"{namespace}\n{name}".encode()).digest()
    return (1 << 30) + int.from_bytes(digest[:4]) % (1 << 30)


def _guid(namespace: str, key: str) -> str:
    """The GUID of a note, from namespace and key alone."""
    digest = hashlib.sha256(f"{namespace}\n{key}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


def _digest(*parts: Iterable[str]) -> str:
    """Stands for what a learner sees; the separators cannot occur in the parts."""
    text = "\x1e".join("\x1f".join(part) for part in parts)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()
