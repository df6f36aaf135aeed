"""`facts/**/*.yaml` → facts, each checked against its kind, the tags and the sources."""

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
from builder.sources.tables import ENDINGS, FILE_KEYS, KEYS, Keys, keys_of
from builder.sources.tags import tags_below
from builder.sources.text import place_in


def read_facts(reader: Reader, vocabulary: Vocabulary) -> tuple[list[Text], list[Fact]]:
    """All ids of a file of facts, and its facts that are right."""
    if reader.root is None:
        return [], []
    root = reader.entry(reader.root, "a file of facts")
    defaults = Map({key: node for key, node in root.items() if key in FILE_KEYS})
    reader.texts(defaults, "a fact")  # each fact may say something else
    read = _Facts(reader, vocabulary, defaults)
    nodes = reader.sequence(root.named("facts"), "facts") + rows_of(reader, root, vocabulary)
    facts = [fact for node in nodes if (fact := read.fact(node))]
    ids = [node.named("id") for node in nodes if isinstance(node, Map)]
    # A mistake in what the file says for all its facts is one mistake.
    reader.problems[:] = dict.fromkeys(reader.problems)
    return [name for name in ids if isinstance(name, Text) and name], facts


class _Facts:
    """Reads the facts of one file; what is wrong goes to its reader."""

    def __init__(self, reader: Reader, vocabulary: Vocabulary, defaults: Map) -> None:
        self.reader = reader
        self.vocabulary = vocabulary
        self.defaults = defaults
        self.keys: dict[str, Keys] = {}
        self.broken = False  # whether the fact names a media file that has a problem
        tags = {tag: tag for tag in vocabulary.tags}
        self.tags = {group: tags_below(group, tags) for group in ("topic", "level")} | {"tag": tags}

    def fact(self, node: Node) -> Fact | None:
        """The fact that a mapping describes; None if something is wrong with it."""
        reader, before = self.reader, len(self.reader.problems)
        self.broken = False
        if not isinstance(node, Map):
            reader.mapping(node, "a fact")
            return None
        values = Map({**self.defaults, **node})
        values.place, values.blank = node.place, node.blank
        texts = reader.texts(values, "a fact")
        formerly = reader.some_texts(node.named("formerly"), "formerly")
        topic = self.tag(values.named("topic"), "topic")
        level = self.tag(values.named("level"), "level")
        tags = [
            self.tag(tag, "tag")
            for listed in (self.defaults.named("tags"), node.named("tags"))
            for tag in reader.listed(listed)
        ]
        citations = [self.citation(entry) for entry in reader.listed(values.named("source"))]
        pictures = [self.file(one, "picture") for one in reader.listed(node.named("picture"))]
        waive = reader.waivers(node.named("waive"))
        waive_in_file = reader.waivers(self.defaults.named("waive"))
        kind = self.kind(values)
        if kind is None:
            return None
        fact = Fact(
            id=str(texts["id"]),
            formerly=formerly,
            kind=kind.name,
            values=self.values(node, kind),
            topic=topic,
            tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
            level=level,
            citations=tuple(citation for citation in citations if citation),
            as_of=str(texts["as_of"]),
            note=self.remarks(node, "note", kind),
            caution=self.remarks(node, "caution", kind),
            source_note=self.remarks(node, "source_note", kind),
            picture=tuple(filter(None, pictures)),
            waive=waive,
            waive_in_file=waive_in_file,
            deck=texts["deck"],
            places={str(key): value.place for key, value in node.items()},
            place=node.place,
        )
        return fact if len(reader.problems) == before and not self.broken else None

    def kind(self, values: Map) -> Kind | None:
        """The kind of a fact, whose keys are checked against it; None if it is not known."""
        node = values.named("kind")
        name = self.reader.known(node, "kind", self.vocabulary.kinds, Error.UNKNOWN_KIND)
        kind = self.vocabulary.kinds.get(name)
        if kind is None:
            self.reader.missing_keys(values, "a fact", KEYS["a fact"])
        else:
            keys = self.keys.get(name) or self.keys.setdefault(name, keys_of(kind))
            self.reader.keys(values, f"a fact of kind “{name}”", keys)
        return kind

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

    def values(self, node: Map, kind: Kind) -> dict[str, Value]:
        """The values of a kind's fields that are there and not empty."""
        return {
            name: value
            for name, field in kind.fields.items()
            if (said := node.named(name)) is not None and (value := self.value(said, field))
        }

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
        if text:
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
