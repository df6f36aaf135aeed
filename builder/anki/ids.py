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


def stable_id(deck: Deck, name: str) -> int:
    """The number of a note type by its key, or of the "deck", which Anki matches by name alone.

    It has 30 bits and lies above 2³⁰: the range that genanki recommends for ids chosen once.
    """
    return (1 << 30) + _number(f"{deck.namespace}\n{name}", size=4) % (1 << 30)


def deck_ids(deck: Deck, names: Iterable[str]) -> dict[str, int]:
    """The numbers of the deck itself, whose name here is empty, of its subdecks and those above.

    Anki matches decks by name too; the numbers of subdecks are in the range of those that it gives.
    """
    ids = {"": stable_id(deck, "deck")}
    for parts in (name.split("::") for name in sorted(set(names)) if name):
        for name in ("::".join(parts[:depth]) for depth in range(1, len(parts) + 1)):
            ids[name] = (1 << 41) + _number(f"{deck.namespace}\nsubdeck {name}", size=5)
    return ids


def part_ids(deck: Deck, note_type: NoteType, part: str, names: Iterable[str]) -> tuple[int, ...]:
    """The ids of a note type's parts of these names; `part` is "field" or "template"."""
    texts = (f"{deck.namespace}\n{note_type.key}\n{part} {name}" for name in names)
    return tuple(1 + _number(text, size=8) % MAX_PART_ID for text in texts)


def _number(text: str, size: int) -> int:
    """A number of `size` bytes."""
    return int.from_bytes(sha256(text.encode()).digest()[:size])


def _hash(text: str) -> str:
    """16 characters that are safe in a URL."""
    return urlsafe_b64encode(sha256(text.encode()).digest()[:12]).decode()
