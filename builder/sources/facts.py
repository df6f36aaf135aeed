"""`facts/**/*.yaml` → facts, each checked against its kind, the tags and the sources."""

from collections.abc import Callable
from typing import Any

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
from builder.sources.shapes import read_shapes
from builder.sources.tables import ENDINGS, FILE_KEYS, KEYS, TYPES, keys_of
from builder.sources.tags import tags_below
from builder.sources.text import place_in

# What a fact says under a key that neither it nor its file has.
_NOTHING: dict[str, Any] = {"id": "", "kind": "", "topic": "", "level": "", "as_of": ""}
_NOTHING |= {"formerly": (), "tags": (), "source": (), "picture": (), "waive": {}, "deck": Text()}
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
        self.of_file = Map({key: node for key, node in root.items() if key in FILE_KEYS})
        before = len(reader.problems)
        self.said_by_file = _NOTHING | self.said(self.of_file)
        self.wrong_file = len(reader.problems) > before

    def said(self, node: Map) -> dict[str, Any]:
        """What a mapping says under the keys that all kinds of facts have, but for remarks."""
        return {key: _WAYS[key](self, value) for key, value in node.items() if key in _WAYS}

    def fact(self, node: Node) -> Fact | None:
        """The fact that a mapping describes; None if something is wrong with it."""
        reader, before = self.reader, len(self.reader.problems)
        self.broken = False
        if not isinstance(node, Map):
            reader.mapping(node, "a fact")
            return None
        own = self.said(node)
        said = {**self.said_by_file, **own}
        kind = self.vocabulary.kinds.get(said["kind"])
        self.check_keys(node, kind)
        if kind is None:
            return None
        there = {name: node[name] for name in (*kind.fields, "as_of") if name in node}  # type: ignore[index]
        values = {
            name: value
            for name, value_node in there.items()
            if name in kind.fields and (value := self.value(value_node, kind.fields[name]))
        }
        remarks = {name: self.remarks(node, name, kind) for name in _REMARKS if name in node}
        fact = Fact(
            id=said["id"],
            formerly=said["formerly"],
            kind=kind.name,
            values=values,
            topic=said["topic"],
            tags=tuple(
                dict.fromkeys(filter(None, (*self.said_by_file["tags"], *own.get("tags", ()))))
            ),
            level=said["level"],
            citations=tuple(filter(None, said["source"])),
            as_of=said["as_of"],
            note=remarks.get("note", {}),
            caution=remarks.get("caution", {}),
            source_note=remarks.get("source_note", {}),
            picture=tuple(filter(None, said["picture"])),
            waive=own.get("waive", {}),
            waive_in_file=self.said_by_file["waive"],
            deck=said["deck"],
            places={name: value.place for name, value in there.items()},
            place=node.place,
        )
        wrong = self.wrong_file or self.broken or len(reader.problems) > before
        return None if wrong else fact

    def check_keys(self, node: Map, kind: Kind | None) -> None:
        """A fact, with what its file says, has all keys that it needs, and no unknown ones."""
        if kind and (kind.name, *node) in self.right:
            return
        values, before = Map({**self.of_file, **node}), len(self.reader.problems)
        values.place, values.blank = node.place, node.blank
        if kind is None:
            self.reader.missing_keys(values, "a fact", KEYS["a fact"])
            return
        self.reader.keys(values, f"a fact of kind “{kind.name}”", keys_of(kind))
        if len(self.reader.problems) == before:
            self.right.add((kind.name, *node))

    def tag(self, node: Node | None, what: str) -> str:
        """The path of a tag of `tags.yaml`, which may be one below `topic` or `level`."""
        name = self.reader.known(node, what, self.tags[what], Error.UNKNOWN_TAG)
        return self.tags[what].get(name, "")

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
            return self.checked(read_shapes(self.reader, node, field.name), field.name)
        if field.type in ENDINGS:
            return self.files(node, field)
        form = "html" if field.type == "html" else "text"
        text = str(self.reader.text(node, field.name, form))
        # The first line of code may be indented.
        if field.type != "html":
            text = text.strip("\n").rstrip() if field.type == "code" else text.strip()
        if field.type == "markdown" and isinstance(node, Text):
            for name, at in files_in(node):
                named = Text(name)
                named.place = place_in(node, at)
                self.file(named, "picture", "audio", "video")
        if text and field.type not in _ANY:
            self.reader.check(node, text, field.type)
        return text

    def files(self, node: Node, field: Field) -> Value:
        """The name of a media file, or items with such names."""
        if not isinstance(node, Sequence):
            return self.file(node, field.type)
        items = self.items(node, field.name)
        for item in items:
            name = Text(item.text)
            name.place = item.place
            self.file(name, field.type)
        return items

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

    def remarks(self, fact: Map, key: str, kind: Kind) -> dict[str, Text]:
        """Prompt → text; a single text is for all prompts."""
        node = fact.named(key)
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
    "tags": lambda read, node: [read.tag(tag, "tag") for tag in read.reader.listed(node)],
    "deck": lambda read, node: read.reader.text(node, "deck", "deck-name"),
    "level": lambda read, node: read.tag(node, "level"),
    "source": lambda read, node: [read.citation(entry) for entry in read.reader.listed(node)],
    "as_of": lambda read, node: str(read.reader.text(node, "as_of", "date")),
    "picture": lambda read, node: [read.file(one, "picture") for one in read.reader.listed(node)],
    "waive": lambda read, node: read.reader.waivers(node),
}
