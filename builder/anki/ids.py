"""Names → the GUIDs and numbers by which Anki knows things, always the same."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256

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
    return _stable_id(deck, "deck")


def note_type_id(deck: Deck, note_type: NoteType) -> int:
    """A note type's number, by which a learner's Anki matches it."""
    return _stable_id(deck, note_type.key)


def part_ids(deck: Deck, note_type: NoteType) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The ids of a note type's fields, and those of its templates."""
    fields = [f"field {name}" for name in note_type.fields]
    templates = [f"template {template.name}" for template in note_type.templates]
    return _part_ids(deck, note_type, fields), _part_ids(deck, note_type, templates)


def _part_ids(deck: Deck, note_type: NoteType, names: list[str]) -> tuple[int, ...]:
    texts = (f"{deck.namespace}\n{note_type.key}\n{name}" for name in names)
    return tuple(1 + _number(text, size=8) % MAX_PART_ID for text in texts)


def _stable_id(deck: Deck, name: str) -> int:
    """A number of 30 bits above 2³⁰: the range that genanki recommends for ids chosen once."""
    return (1 << 30) + _number(f"{deck.namespace}\n{name}", size=4) % (1 << 30)


def _number(text: str, size: int) -> int:
    """A number of `size` bytes."""
    return int.from_bytes(sha256(text.encode()).digest()[:size])


def _hash(text: str) -> str:
    """16 characters that are safe in a URL."""
    return urlsafe_b64encode(sha256(text.encode()).digest()[:12]).decode()
