"""The nouns of the builder: what the stages hand to one another."""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeVar

Severity = Literal["error", "warning"]

_Thing = TypeVar("_Thing")


class Track(Protocol):
    """Somebody who may show how far the work is."""

    def __call__(self, things: list[_Thing], label: str, /) -> Iterable[_Thing]:
        """Gives the things one by one; `label` says what is done with them."""


def untracked(things: list[_Thing], _label: str, /) -> Iterable[_Thing]:
    """Nobody looks."""
    return things


class Problem(NamedTuple):
    """Something wrong in the sources, at a place a curator can go to.

    `line` and `column` count from 1, as editors do.
    """

    path: str
    line: int
    column: int
    severity: Severity
    message: str
    rule: str

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}:{self.column}: {self.severity}: {self.message} [{self.rule}]"
        )


# What gives orders to a terminal, ends a line, turns the order of what follows, or is no character.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def printable(text: str) -> str:
    """A text as one line that can be shown anywhere."""
    return UNPRINTABLE.sub("\ufffd", text.replace("\n", " "))


class Text(str):
    """A scalar of a YAML file; it knows where it stands (`line`, `column`, from 1)."""

    __slots__ = ("column", "line")
    line: int
    column: int


class Sequence(list["Node"]):
    """A YAML sequence that knows where it starts."""

    __slots__ = ("column", "line")
    line: int
    column: int


class Map(dict[Text, "Node"]):
    """A YAML mapping that knows where it starts; its keys know their places too."""

    __slots__ = ("column", "line")
    line: int
    column: int

    def named(self, name: str) -> Node | None:
        """The value under a key, or None."""
        return self.get(name)  # type: ignore[call-overload, no-any-return]


Node = Text | Sequence | Map


class Field(NamedTuple):
    """A field of a kind, at `line` of its file; `formerly` is its name before it was renamed."""

    name: str
    type: str
    required: bool
    help: str
    formerly: str
    line: int
    column: int


class Template(NamedTuple):
    """A template that can be filled in: the names it uses, its text, and where that stands."""

    uses: frozenset[str]
    source: str
    path: str
    line: int
    column: int


class Prompt(NamedTuple):
    """One question a kind asks of its facts.

    `sides` is front and back, or the text alone where `cloze` is set; `reverse`, the front and
    back of a second card.
    """

    name: str
    cloze: bool
    sides: tuple[Template, ...]
    reverse: tuple[Template, ...]
    uses: frozenset[str]
    reverse_uses: frozenset[str]


class Kind(NamedTuple):
    """A form of fact: its fields, and the prompts asked of it."""

    name: str
    about: str
    fields: Mapping[str, Field]
    prompts: tuple[Prompt, ...]
    requires: frozenset[str]
    path: str


class Source(NamedTuple):
    """A document that facts may cite; `year` and the rest are as written, empty if unknown.

    `sections` are what a locator must begin with, if the document's coverage is to be counted;
    the entry stands in `sources.yaml` at `line`.
    """

    slug: str
    title: str
    author: str
    form: str
    year: str
    url: str
    sections: tuple[str, ...]
    path: str
    line: int
    column: int


class Tag(NamedTuple):
    """A tag of `tags.yaml`: what it means, how cards name it, and where it stands.

    `search` may be empty; a fact whose tags so far it finds carries this one too.
    """

    meaning: str
    name: str
    search: str
    path: str
    line: int
    column: int


class Citation(NamedTuple):
    """A place in a source; `at` is the locator, empty if none was given; where that is written."""

    source: Source
    at: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture under `media/`. `name` is the one in Anki; a digest of the bytes is part of it.

    Its entry in `media/sources.yaml` stands at `line`.
    """

    path: Path
    name: str
    alt: str
    line: int
    column: int


class Item(NamedTuple):
    """An item of a list, at `line` of its file.

    `formerly` is its text before it was reworded; `new` says that it is no rewording of an item
    that was taken out.
    """

    text: str
    formerly: str
    new: bool
    line: int
    column: int


Value = str | tuple[Item, ...] | Medium


class Fact(NamedTuple):
    """One curated item. `values` holds its kind's fields, checked; `formerly`, its former ids.

    `waive` says of which rule it is an exception, and why; the rules' names know their places.
    `note`, `caution` and `source_note` hold the text for each prompt whose notes have one.
    `places` has the line and column of what it says under each key.
    """

    id: str
    formerly: tuple[str, ...]
    kind: Kind
    values: Mapping[str, Value]
    topic: str
    tags: tuple[str, ...]
    level: str
    citations: tuple[Citation, ...]
    as_of: str
    note: Mapping[str, Text]
    caution: Mapping[str, Text]
    source_note: Mapping[str, Text]
    picture: Medium | None
    waive: Mapping[Text, str]
    places: Mapping[str, tuple[int, int]]
    path: str
    line: int
    column: int


class Origin(NamedTuple):
    """The fact that notes come from, as far as one asks of it once they are made.

    `cites` has the slug and the locator of each citation of a document whose sections are counted.
    """

    id: str
    formerly: tuple[str, ...]
    kind: str
    topic: str
    tags: tuple[str, ...]
    level: str
    as_of: str
    cites: tuple[tuple[str, str], ...]
    path: str
    line: int
    column: int


class Gap(NamedTuple):
    """What a gap hides: the value of a field, or one item of it.

    `field` is its field, `name` how the ledger knows it, `former_names` how it may have done before
    its item was reworded or its field renamed. Of an item it says whether it is `new`, and where it
    stands; else all that is 0.
    """

    field: str
    name: str
    former_names: tuple[str, ...]
    new: bool
    line: int
    column: int


class Note(NamedTuple):
    """One fact × one prompt, as Anki will store it.

    `text` is all its fields, HTML, joined as Anki stores them; `tags` are full Anki tags, sorted;
    `cards` are the numbers, from 1, of the cards that Anki makes of it: the templates', or the
    gaps'. `gaps` is what the numbered gaps hide, where the builder numbers them. `look` is a digest
    of what the learner sees, the fields without the key.
    """

    key: str
    fact: Origin
    prompt: str
    cloze: bool
    text: str
    tags: tuple[str, ...]
    cards: tuple[int, ...]
    gaps: tuple[Gap, ...]
    media: tuple[Medium, ...]
    look: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields one by one."""
        return tuple(self.text.split(SEPARATOR))


# What no text has, and what Anki has between the fields of a note.
SEPARATOR = "\x1f"


def digest(*parts: Iterable[str]) -> str:
    """Stands for what a learner sees; the separators cannot occur in the parts."""
    return base64_of_digest("\x1e".join(map("\x1f".join, parts)))


def base64_of_digest(text: str) -> str:
    """Stands for a text: 16 characters that may stand in an address."""
    found = b2a_base64(hashlib.sha256(text.encode()).digest()[:12], newline=False)
    return found.translate(_URL_SAFE).decode()


_URL_SAFE = bytes.maketrans(b"+/", b"-_")  # RFC 4648, section 5


class NoteType(NamedTuple):
    """An Anki note type; `templates` are (name, front, back) in Anki's own template language."""

    name: str
    cloze: bool
    fields: tuple[str, ...]
    templates: tuple[tuple[str, str, str], ...]
    css: str

    @property
    def key(self) -> str:
        """Its key in the ledger; no note's key has a space."""
        return f"note type {self.name}"


class Package(NamedTuple):
    """One `.apkg`: the notes whose tags `selects` accepts; it stands in `decks.yaml` at `line`.

    `only` is the search from which `selects` is made, empty if the package holds everything.
    """

    name: str
    title: str
    about: str
    only: str
    selects: Callable[[tuple[str, ...]], bool]
    line: int
    column: int


class Search(NamedTuple):
    """A search that learners are told of; `selects` accepts the tags of the notes it finds."""

    title: str
    query: str
    selects: Callable[[tuple[str, ...]], bool]
    line: int
    column: int


class Deck(NamedTuple):
    """What `decks.yaml` says: the deck's identity for ever, its packages, the main searches."""

    namespace: str
    name: str
    tag_root: str
    licence: str
    packages: Mapping[str, Package]
    searches: tuple[Search, ...]
    path: str


class Stamp(NamedTuple):
    """A ledger row: the identity of a note or note type, and what was last built of it.

    `key` is that of the note (fact/prompt) or note type; `id` is its number in Anki, `mod` the time
    of its last change in seconds since 1970. `fields` and `tags` are digests of what the learner
    sees. `cards` are the numbers of its cards. `gaps` names what each gap hides, by number from 1,
    and keeps the names of gaps that are gone; `new` are the numbers of those whose items are marked
    as new in the sources. `formerly` are the keys it had, `retired` is the day on which it left the
    sources, or empty. A note type has `field_ids` and `template_ids`, in the order of its fields
    and templates: by these Anki knows them when a learner has renamed them.
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

    @property
    def of_note(self) -> bool:
        """Whether this is a note's row, not a note type's."""
        return " " not in self.key
