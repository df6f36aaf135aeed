"""What the sources say, by the files that say it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from builder.model.identity import NoteType
from builder.model.nodes import Text
from builder.problems import Place


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
    """A file of `media/`; its `name` in Anki has a digest of its bytes, unless it is `adopted`.

    Fields of its `types` may show it; `credit` is what cards say of its origin and licence.
    """

    path: Path
    name: str
    types: tuple[str, ...]
    alt: str
    origin: str
    licence: str
    credit: str
    adopted: bool
    place: Place

    @property
    def name_in_templates(self) -> str:
        """Anki leaves a file alone that only templates show if its name begins with `_`."""
        return self.name if self.adopted else f"_{self.name}"


# File name → file, or None for a broken one.
Media = Mapping[str, Medium | None]


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
    latter with `{key}` for a note's key; `as_of` is a date; `align` is `start` or `center`.
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
    automatic_tags: bool
    align: str
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
    media: Media
    tag_root: str
    language: str
    labels: Mapping[str, str]
    automatic_tags: bool = True


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

    @property
    def remarks(self) -> dict[str, Mapping[str, Text]]:
        """Its note, caution and source note, under their keys."""
        return {"note": self.note, "caution": self.caution, "source_note": self.source_note}
