"""`facts/**/*.yaml` → facts, each checked against its kind, the tags and the sources."""

from collections.abc import Callable
from typing import Any, TypeVar

from builder.model import (
    Citation,
    Fact,
    Field,
    Item,
    Kind,
    Map,
    Node,
    Sequence,
    Text,
    Value,
    Vocabulary,
)
from builder.notes.markdown import files_in
from builder.problems import Error, nearest
from builder.sources.documents import check_locator
from builder.sources.media import wrong_with_reference
from builder.sources.reader import Reader
from builder.sources.rows import rows_of
from builder.sources.tables import ENDINGS, FILE_KEYS, KEYS, TYPES, keys_of
from builder.sources.tags import tags_below
from builder.sources.text import place_in

_Thing = TypeVar("_Thing")

# What a fact says under a key that neither it nor its file has.
_NOTHING: dict[str, Any] = {"id": "", "kind": "", "topic": "", "level": "", "as_of": ""}
_NOTHING |= {"formerly": (), "tags": (), "source": (), "picture": (), "waive": {}}
_NOTHING["deck"] = Text()
_REMARKS = ("note", "caution", "source_note")
# The types of fields whose texts may be any.
_ANY = {name for name, form in TYPES.items() if not form.pattern} - {"cloze"}


def read_facts(reader: Reader, vocabulary: Vocabulary) -> tuple[list[Text], list[Fact]]:
    """All ids of a file of facts, and its facts that are right."""
    if reader.root is None:
        return [], []
    root = reader.entry(reader.root, "a file of facts")
    read = _Facts(reader, vocabulary, root)
    nodes = reader.sequence(root.named("facts"), "facts") + rows_of(reader, root, vocabulary)
    facts = [fact for node in nodes if (fact := read.fact(node))]
    ids = [node.named("id") for node in nodes if isinstance(node, Map)]
    return [name for name in ids if isinstance(name, Text) and name], facts


class _Facts:
    """Reads the facts of one file; what is wrong goes to its reader."""

    def __init__(self, reader: Reader, vocabulary: Vocabulary, root: Map) -> None:
        self.reader = reader
        self.vocabulary = vocabulary
        self.right: set[tuple[str, ...]] = set()  # kinds, each with keys that its facts may have
        self.broken = False  # whether the fact names a media file that has a problem
        tags = {tag: tag for tag in vocabulary.tags}
        self.tags = {group: tags_below(group, tags) for group in ("topic", "level")} | {"tag": tags}
        self.defaults = Map({key: node for key, node in root.items() if key in FILE_KEYS})
        before = len(reader.problems)
        self.by_file = _NOTHING | self.said(self.defaults)
        self.wrong_file = len(reader.problems) > before

    def said(self, node: Map) -> dict[str, Any]:
        """What a mapping says under the keys that all kinds of facts have, but for remarks."""
        return {key: _WAYS[key](self, value) for key, value in node.items() if key in _WAYS}

    def fact(self, node: Node) -> Fact | None:
        """The fact that a mapping describes; None if something is wrong with it."""
        before = len(self.reader.problems)
        self.broken = False
        if not isinstance(node, Map):
            self.reader.mapping(node, "a fact")
            return None
        said = {**self.by_file, "waive": {}, **self.said(node)}
        kind = self.vocabulary.kinds.get(said.pop("kind"))
        self.check_keys(node, kind)
        if kind is None:
            return None
        said |= {key: self.remarks(node.named(key), key, kind) for key in _REMARKS}
        names = (*kind.fields, "as_of")
        there = {name: there for name in names if (there := node.named(name)) is not None}
        values = {
            name: value
            for name, field in kind.fields.items()
            if name in there and (value := self.value(there[name], field))
        }
        if "tags" in node:
            said["tags"] = tuple(dict.fromkeys((*self.by_file["tags"], *said["tags"])))
        fact = Fact(
            kind=kind.name,
            values=values,
            citations=said.pop("source"),
            waive_in_file=self.by_file["waive"],
            places={name: value.place for name, value in there.items()},
            place=node.place,
            **said,
        )
        wrong = self.wrong_file or self.broken or len(self.reader.problems) > before
        return None if wrong else fact

    def check_keys(self, node: Map, kind: Kind | None) -> None:
        """A fact, with what its file says, has all keys that it needs, and no unknown ones."""
        if kind and (kind.name, *node) in self.right:
            return
        values, before = Map({**self.defaults, **node}), len(self.reader.problems)
        values.place, values.blank = node.place, node.blank
        if kind is None:
            self.reader.missing_keys(values, "a fact", KEYS["a fact"])
            return
        self.reader.keys(values, f"a fact of kind “{kind.name}”", keys_of(kind))
        if len(self.reader.problems) == before:
            self.right.add((kind.name, *node))

    def tag(self, node: Node, what: str) -> str:
        """The path of a tag of `tags.yaml`, which may be one below `topic` or `level`."""
        name = self.reader.known(node, what, self.tags[what], Error.UNKNOWN_TAG)
        return self.tags[what].get(name, "")

    def listed(self, node: Node, read: Callable[[Node], _Thing | None]) -> tuple[_Thing, ...]:
        """What is read of each value of a key that has one or a list of them, without nothing."""
        return tuple(filter(None, map(read, self.reader.listed(node))))

    def citation(self, node: Node) -> Citation | None:
        """A slug, or `{doc: slug, at: locator}`."""
        entry = node if isinstance(node, Map) else Map({Text("doc"): node})
        doc, located = self.reader.entry(entry, "a citation").named("doc"), entry.named("at")
        at = self.reader.text(located, "at")
        slug = self.reader.known(doc, "source", self.vocabulary.sources, Error.UNKNOWN_SOURCE)
        source = self.vocabulary.sources.get(slug)
        if doc is None or source is None:
            return None
        if source.sections:
            check_locator(self.reader, source, at, located or doc)
        return Citation(source=str(slug), at=str(at), place=doc.place)

    def file(self, node: Node | None, *types: str) -> str:
        """The name of a media file of one of these types; empty if the file has a problem."""
        name = self.reader.text(node, " or ".join(types))
        media = self.vocabulary.media
        if name and (message := wrong_with_reference(name, types, media)):
            self.reader.error(name, message, Error.UNKNOWN_MEDIA)
        self.broken = self.broken or (name in media and media[name] is None)
        return str(name) if media.get(name) else ""

    def value(self, node: Node, field: Field) -> Value:
        """A field's value, whose form must be that of its type."""
        if field.type == "list":
            return self.items(node, field.name)
        if field.type == "shapes":
            from builder.sources.shapes import read_shapes  # few decks have any

            return self.checked(read_shapes(self.reader, node, field.name), field.name)
        if field.type in ENDINGS and not isinstance(node, Sequence):
            return self.file(node, field.type)
        if field.type in ENDINGS:
            items = self.items(node, field.name)
            for item in items:
                self.file(Text.at(item.place, item.text), field.type)
            return items
        form = "html" if field.type == "html" else "text"
        text = str(self.reader.verbatim(node, field.name, form))
        # The first line of code may be indented.
        if field.type != "html":
            text = text.strip("\n").rstrip() if field.type == "code" else text.strip()
        if field.type == "markdown" and isinstance(node, Text):
            for name, at in files_in(node):
                self.file(Text.at(place_in(node, at), name), "picture", "audio", "video")
        if text and field.type not in _ANY:
            self.reader.check(node, text, field.type)
        return text

    def items(self, node: Node, what: str) -> tuple[Item, ...]:
        """The items of a list, all different."""
        items: dict[str, Item] = {}
        for entry in self.reader.sequence(node, what):
            item = self.item(entry)
            if item.text and item.text in items:
                message = f"duplicate item “{item.text}” in {what}"
                self.reader.error(entry, message, Error.DUPLICATE_ITEM)
            items[item.text] = item
        return self.checked(tuple(items.values()), what)

    def checked(self, items: tuple[Item, ...], what: str) -> tuple[Item, ...]:
        """The same items, none of which had the text that another has."""
        texts = {item.text for item in items}
        for item in items:
            if item.formerly and item.formerly in texts:
                message = f"“{item.formerly}” is still an item of {what}, so no item had that text"
                self.reader.error(item.place, message, Error.FORMERLY)
        return items

    def item(self, entry: Node) -> Item:
        """A text, or a mapping with the text under `item`."""
        if not isinstance(entry, Map):
            text = self.reader.text(entry, "an item").strip()
            return Item(text, formerly="", new=False, hint="", context="", place=entry.place)
        texts = self.reader.texts(self.reader.entry(entry, "an item"), "an item")
        return Item(
            text=texts["item"].strip(),
            formerly=texts["formerly"].strip(),
            new=texts["new"] == "true",
            hint=texts["hint"].strip(),
            context=texts["context"].strip(),
            place=entry.place,
        )

    def remarks(self, node: Node | None, key: str, kind: Kind) -> dict[str, Text]:
        """Prompt → text; a single text is for all prompts."""
        if node is None:
            return {}
        prompts = kind.prompt_names
        if isinstance(node, Text):
            return dict.fromkeys(prompts, node) if self.reader.text(node, key) else {}
        if not isinstance(node, Map):
            message = f"{key} must be a text, or a mapping (prompt: text)"
            self.reader.error(node, message, Error.TYPE)
            return {}
        if not node:
            self.reader.error(node, f"{key} is empty", Error.EMPTY)
        for name, text in node.items():
            if name not in prompts:
                message = f"kind “{kind.name}” has no prompt “{name}”{nearest(name, prompts)}"
                if kind.note_type:
                    message = f"a fact of kind “{kind.name}” is one note; write the text alone"
                self.reader.error(name, message, Error.UNKNOWN_PROMPT)
            self.reader.text(text, f"{key} of prompt “{name}”")
        return {str(name): text for name, text in node.items() if isinstance(text, Text)}


# Key → what makes of its value what a fact says.
_WAYS: dict[str, Callable[[_Facts, Node], Any]] = {
    "id": lambda read, node: str(read.reader.text(node, "id", "id")),
    "formerly": lambda read, node: read.reader.some_texts(node, "formerly"),
    "kind": lambda read, node: read.reader.known(
        node, "kind", read.vocabulary.kinds, Error.UNKNOWN_KIND
    ),
    "topic": lambda read, node: read.tag(node, "topic"),
    "tags": lambda read, node: tuple(
        dict.fromkeys(read.listed(node, lambda tag: read.tag(tag, "tag")))
    ),
    "deck": lambda read, node: read.reader.text(node, "deck", "deck-name"),
    "level": lambda read, node: read.tag(node, "level"),
    "source": lambda read, node: read.listed(node, read.citation),
    "as_of": lambda read, node: str(read.reader.text(node, "as_of", "date")),
    "picture": lambda read, node: read.listed(node, lambda name: read.file(name, "picture")),
    "waive": lambda read, node: read.reader.waivers(node),
}
