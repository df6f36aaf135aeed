"""Names → the GUIDs and numbers by which Anki knows things, always the same."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable

from builder.model import Deck, NoteType

# Anki's ids are milliseconds; a note's cards are numbered from its own id.
ID_STEP = 1000

# Anki's ids of fields and templates are signed numbers of 64 bits; 0 is none.
MAX_PART_ID = (1 << 63) - 1


def digest(*parts: Iterable[str]) -> str:
    """16 characters that represent texts, which contain none of the separators below."""
    return _hash("\x1e".join(map("\x1f".join, parts)))


def new_guid(namespace: str, key: str) -> str:
    """The GUID of a note or note type, from namespace and key alone."""
    return _hash(f"{namespace}\n{key}")


def deck_id(deck: Deck) -> int:
    """The deck's number. A learner's Anki matches decks by name, not by it."""
    return _stable_id(deck.namespace, "deck")


def note_type_id(deck: Deck, note_type: NoteType) -> int:
    """A note type's number, by which a learner's Anki matches it."""
    return _stable_id(deck.namespace, note_type.key)


def part_ids(deck: Deck, note_type: NoteType) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The ids of a note type's fields, and those of its templates."""

    def ids(part: str, names: Iterable[str]) -> tuple[int, ...]:
        keys = [f"{deck.namespace}\n{note_type.key}\n{part} {name}" for name in names]
        return tuple(1 + _number(key, size=8) % MAX_PART_ID for key in keys)

    templates = (template.name for template in note_type.templates)
    return ids("field", note_type.fields), ids("template", templates)


def _stable_id(namespace: str, name: str) -> int:
    """A number of 30 bits above 2³⁰: the range that genanki recommends for ids chosen once."""
    return (1 << 30) + _number(f"{namespace}\n{name}", size=4) % (1 << 30)


def _number(text: str, size: int) -> int:
    """A number of `size` bytes."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:size])


def _hash(text: str) -> str:
    """16 characters that are safe in a URL."""
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()
