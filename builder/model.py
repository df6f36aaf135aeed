"""The nouns of the builder: what its stages hand to one another, from YAML to the ledger."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol, TypeVar

from builder.problems import Place, Problem

_Thing = TypeVar("_Thing")


class Text(str):
    """A scalar, which knows its place."""

    __slots__ = ("place",)
    place: Place


class Sequence(list["Node"]):
    """A sequence, which knows where it starts."""

    place: Place


class Map(dict[Text, "Node"]):
    """A mapping, which knows where it starts; its keys know their places too.

    `blank` has the places of keys without a value, which a row of a table can have.
    """

    place: Place
    blank: Mapping[str, Place] = MappingProxyType({})

    def named(self, name: str) -> "Node | None":
        """The value under a key, or None."""
        return self.get(name)  # type: ignore[call-overload, no-any-return]


Node = Text | Sequence | Map


class Field(NamedTuple):
    """A field of a kind; `formerly` are the names that it had before it was renamed.

    `language` is the code of the language of its values. Of shapes, `hide` says whether a card
    hides all of them or one.
    """

    name: str
    type: str
    required: bool
    help: str
    formerly: tuple[str, ...]
    language: str
    place: Place
    hide: str = "all"


class Template(NamedTuple):
    """A Jinja2 template: its text, the names it uses and needs, and the media files it names."""

    text: str
    uses: tuple[str, ...]
    needs: tuple[str, ...]
    media: tuple[str, ...]
    place: Place


class Prompt(NamedTuple):
    """One question a kind asks of its facts; `cloze` says that its text is a cloze.

    `sides` are front and back, or that text alone, whose other deletions are hidden or not while
    one is asked; `reverse`, the front and back of a second card. `tags` are
    those that its notes have besides their fact's.
    """

    name: str
    cloze: bool
    sides: tuple[Template, ...]
    reverse: tuple[Template, ...]
    rest_hidden: bool
    tags: tuple[str, ...]
    place: Place

    @property
    def needs(self) -> frozenset[str]:
        """The fields without which it is asked of no fact."""
        return frozenset().union(*(side.needs for side in self.sides))


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


# What a note of a note type of its kind's own has in place of a prompt.
OWN_PROMPT = "note"


class Kind(NamedTuple):
    """A form of fact: its fields, its prompts, the common keys that it requires, waived rules.

    `language` is the code of the language in which its prompts ask.
    In place of prompts it may have a `note_type` of its author's own, and `contents`: what its
    facts put into each of that note type's fields; its notes have `tags` then.
    """

    name: str
    about: str
    fields: Mapping[str, Field]
    prompts: tuple[Prompt, ...]
    requires: tuple[str, ...]
    waive: Mapping[Text, str]
    language: str
    place: Place
    note_type: NoteType | None = None
    contents: Mapping[str, Template] = {}
    tags: tuple[str, ...] = ()

    @property
    def prompt_names(self) -> tuple[str, ...]:
        """What its notes are called, after their facts."""
        return (OWN_PROMPT,) if self.note_type else tuple(prompt.name for prompt in self.prompts)


class Source(NamedTuple):
    """A document that facts may cite; their locators begin with one of `sections`, if any."""

    slug: str
    title: str
    author: str
    form: str
    year: str
    url: str
    sections: tuple[str, ...]
    place: Place


class Tag(NamedTuple):
    """A tag of `tags.yaml`, also of facts whose tags so far its `query` selects, if it has one."""

    meaning: str
    name: str
    query: str
    place: Place


class Medium(NamedTuple):
    """A file of `media/`; a digest of the bytes is part of its `name` in Anki.

    Fields of its `types` may show it; `credit` is what cards say of its origin and licence.
    """

    path: Path
    name: str
    types: tuple[str, ...]
    alt: str
    origin: str
    licence: str
    credit: str
    place: Place


class Package(NamedTuple):
    """One `.apkg`: the notes that its query selects; all of them if it is empty."""

    name: str
    title: str
    about: str
    query: str
    place: Place


class Search(NamedTuple):
    """A search that learners are told of."""

    title: str
    query: str
    place: Place


class Deck(NamedTuple):
    """What `decks.yaml` says: the deck's identity, packages, main searches, and waived rules.

    `requires` are the common keys that every fact must have. `language` is a code, `labels` are
    what the builder itself says to learners, by name. `home` and `report` are web addresses, the
    latter with `{key}` for a note's key; `as_of` is a date.
    """

    namespace: str
    name: str
    tag_root: str
    licence: str
    packages: Mapping[str, Package]
    searches: tuple[Search, ...]
    waive: Mapping[Text, str]
    requires: tuple[str, ...]
    language: str
    labels: Mapping[str, str]
    home: str
    report: str
    as_of: str
    place: Place


class LeftOut(NamedTuple):
    """A claim of a document that no card teaches, and why; `at` is its locator."""

    source: Source
    at: str
    claim: str
    why: Text


class Vocabulary(NamedTuple):
    """What facts may refer to, the root of all tags, the deck's language and labels.

    None stands for what is there and broken.
    """

    kinds: Mapping[str, Kind | None]
    tags: Mapping[str, Tag]
    sources: Mapping[str, Source]
    media: Mapping[str, Medium | None]
    tag_root: str
    language: str
    labels: Mapping[str, str]


class Citation(NamedTuple):
    """A place in a source; `at` is the locator, empty if none was given."""

    source: str
    at: str
    place: Place


class Item(NamedTuple):
    """An item of a list, which was reworded (`formerly`) or is `new`; what a card has around it.

    If it is a part of a picture, `shapes` cover it there, as Anki writes them.
    """

    text: str
    formerly: str
    new: bool
    hint: str
    context: str
    place: Place
    shapes: tuple[str, ...] = ()


# A text, the items of a list, the name of a file of `media/`, or items with such names.
Value = str | tuple[Item, ...]


class Fact(NamedTuple):
    """One curated item. `kind` and the sources that it cites are names; so are its pictures.

    `values` are its kind's fields, checked; `note`, `caution` and `source_note` hold the text for
    each prompt whose notes have one. `waive` and `waive_in_file` say which rules it and its file
    break, and why. `deck` is the subdeck for its new cards, if it is one. `places` has the place of
    what it says under each key.
    """

    id: str
    formerly: tuple[str, ...]
    kind: str
    values: Mapping[str, Value]
    topic: str
    tags: tuple[str, ...]
    level: str
    citations: tuple[Citation, ...]
    as_of: str
    note: Mapping[str, Text]
    caution: Mapping[str, Text]
    source_note: Mapping[str, Text]
    picture: tuple[str, ...]
    waive: Mapping[Text, str]
    waive_in_file: Mapping[Text, str]
    deck: Text
    places: Mapping[str, Place]
    place: Place


class Deletion(NamedTuple):
    """What a cloze deletion hides, where the builder numbers it: a field's value, or an item of it.

    `name` is how the ledger knows it, `former_name` how it did before its item was reworded, if it
    was. `place` is that of an item, which may be `new`.
    """

    field: Field
    name: str
    former_name: str
    new: bool
    place: Place | None


class Note(NamedTuple):
    """One fact × one prompt, or a note type of its kind's own, as Anki will store it.

    `cloze` says that its cards are cloze deletions. `fields` are HTML, the last one the key, unless
    it is of an `own_type`, which is then its name. `tags` are full Anki tags, sorted; `cards` are
    the numbers, from 1, of the cards that Anki makes of it: the templates', or the deletions'.
    `deletions` are those that the builder numbers. `media` are names of files of `media/`, after a
    `_` if its prompt names them. `look` is a digest of the fields without the key. `uses` are the
    fields that its prompt may show.
    """

    key: str
    fact: Fact
    prompt: str
    cloze: bool
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    cards: tuple[int, ...]
    deletions: tuple[Deletion, ...]
    media: tuple[str, ...]
    look: str
    uses: tuple[str, ...]
    own_type: str = ""

    @property
    def use(self) -> tuple[str, bool]:
        """What it has in common with its note type."""
        return self.own_type, self.cloze

    @property
    def shown(self) -> tuple[str, ...]:
        """The fields that the learner sees."""
        return self.fields if self.own_type else self.fields[:-1]


class FactFile(NamedTuple):
    """What one file of facts says: all ids that it claims, its good facts, and their notes.

    `table` is the path of its table, if it has one.
    """

    path: str
    ids: tuple[Text, ...]
    facts: tuple[Fact, ...]
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]
    table: Text | None


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


class Track(Protocol):
    """Somebody who may show how far the work is."""

    def __call__(self, things: list[_Thing], label: str, /) -> Iterable[_Thing]:
        """The things one by one; `label` says what is done with them."""


def untracked(things: list[_Thing], _label: str, /) -> Iterable[_Thing]:
    """The things one by one, without showing anything."""
    return things


class Memory:
    """What earlier runs of this builder found out; this one forgets everything."""

    def recall(self, *_parts: bytes) -> bytes | None:
        """What was found out of these parts, or None."""
        return None

    def keep(self, found: bytes, *parts: bytes) -> None:
        """Keeps what was found out of these parts, if that can be done."""


no_memory = Memory()
