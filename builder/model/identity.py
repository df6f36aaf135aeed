"""What Anki knows: note types, and the ledger's entries of them and of notes."""

from typing import NamedTuple

from builder.problems import Place


class CardTemplate(NamedTuple):
    """How Anki makes a card of a note; `formerly` are the names that an author's own had."""

    name: str
    front: str
    back: str
    formerly: tuple[str, ...] = ()


class NoteType(NamedTuple):
    """An Anki note type; for image `occlusion`, it is one that Anki's editor takes for its own.

    `media` are names of files of `media/` that it shows, each after a `_`. One that an author
    defines has a `place`; `formerly` are the former names of each of its fields.
    """

    name: str
    cloze: bool
    fields: tuple[str, ...]
    templates: tuple[CardTemplate, ...]
    css: str
    media: tuple[str, ...] = ()
    occlusion: bool = False
    formerly: tuple[tuple[str, ...], ...] = ()
    place: Place | None = None

    @property
    def key(self) -> str:
        """Its key in the ledger; no note's key has a space."""
        return f"note type {self.name}"

    @property
    def use(self) -> tuple[str, bool]:
        """What tells its notes, which have the same, from others."""
        return self.name if self.place else "", self.cloze


class Entry(NamedTuple):
    """A row of the ledger: the identity of a note or note type, and what was last built of it.

    `key` is that of the note (fact/prompt) or note type; `id` is its number in Anki, `mod` the time
    of its last change in seconds since 1970. `fields` and `tags` are digests of what the learner
    sees. `cards` are the numbers of its cards. `gaps` names what each cloze deletion hides, by
    number from 1, and keeps the names of those that are gone; `new` are the numbers of those whose
    items are marked as new in the sources. `formerly` are the keys it had, `retired` is the day on
    which it left the sources, or empty. A note type has `field_ids` and `template_ids`, in the
    order of its fields and templates: by these Anki knows them when a learner has renamed them. An
    author's own has their names too, and so have its notes its name in `note_type`. `adopted` says
    that its GUID was in a package and is not made of a key. `card_ids` are the ids, by number from
    1, of the cards of a note that was not built here at first, 0 where there was none.
    """

    key: str
    guid: str
    id: int
    mod: int
    fields: str
    tags: str
    cards: tuple[int, ...] = (1,)
    gaps: tuple[str, ...] = ()
    new: tuple[int, ...] = ()
    formerly: tuple[str, ...] = ()
    retired: str = ""
    field_ids: tuple[int, ...] = ()
    template_ids: tuple[int, ...] = ()
    adopted: bool = False
    field_names: tuple[str, ...] = ()
    template_names: tuple[str, ...] = ()
    note_type: str = ""
    card_ids: tuple[int, ...] = ()

    @property
    def of_note(self) -> bool:
        """Whether this is a note's row, not a note type's."""
        return " " not in self.key

    def card_id(self, number: int) -> int:
        """The id of its card of that number."""
        found = self.card_ids[number - 1 : number]
        return found[0] if any(found) else self.id + number - 1
