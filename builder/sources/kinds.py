"""`kinds/*.yaml` → the kinds of fact: their fields, and their prompts or note type."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from builder.files import list_folder, misnamed
from builder.model import Field, Kind, Map, Media, Node, Prompt, Template, Text
from builder.notes.language import canonical
from builder.problems import Error, Place, Problem, any_error, error
from builder.sources.note_types import read_note_type, read_template, shared
from builder.sources.reader import Reader
from builder.sources.tables import KEYS, TYPES

_SIDES = ("front", "back")


def load_kinds(
    src: Path, media: Media, tags: Collection[str], requires: Iterable[str], language: str
) -> tuple[dict[str, Kind | None], list[Problem]]:
    """Kind name (the file's) → kind, or None where the file has a problem.

    `tags` are those that prompts may name, `requires` the keys that facts of all kinds must have,
    `language` is the deck's.
    """
    kinds: dict[str, Kind | None] = {}
    paths, problems = list_folder(src / "kinds", deep=True)
    problems += misnamed(paths)
    if not paths and not problems:
        message = "no kinds; each kinds/NAME.yaml defines one"
        problems.append(error(Place(str(src / "kinds")), message, Error.FILE))
    for path in (path for path in paths if path.name.endswith(".yaml")):
        if path.parent != src / "kinds":
            message = "not read; a kind is a file in kinds/ itself"
            problems.append(error(Place(str(path)), message, Error.FILE))
            continue
        reader = Reader.read(path)
        read = _Kinds(reader, media, tags, (*requires,), language)
        kind = None if reader.root is None else read.kind(reader.root, path.stem)
        kinds[path.stem] = None if any_error(reader.problems) else kind
        problems += reader.problems
    kinds, found = shared(kinds)
    return kinds, problems + found


class _Kinds(NamedTuple):
    """Reads the kind in one file; what is wrong goes to its reader."""

    reader: Reader
    media: Media
    known_tags: Collection[str]
    requires: tuple[str, ...]
    language: str

    def kind(self, root: Map, name: str) -> Kind:
        """The kind that a mapping describes."""
        reader = self.reader
        reader.check(root, name, "kind-name")
        reader.entry(root, "a kind")
        texts = reader.texts(root, "a kind")
        language = canonical(texts["language"]) or self.language
        listed = reader.mapping(root.named("fields"), "fields")
        fields = {str(name): _field(reader, name, node, language) for name, node in listed.items()}
        for field in fields.values():
            for former in fields.keys() & field.formerly:
                message = f"“{former}” is still a field, so no field had that name"
                reader.error(field.place, message, Error.FORMERLY)
        prompts = reader.mapping(root.named("prompts"), "prompts")
        own = root.named("note_type")
        if (own is None) == ("prompts" not in root):
            message = "a kind needs “prompts” or “note_type”" + ", not both" * (own is not None)
            reader.error(root if own is None else own, message, Error.MISSING_KEY)
        note_type, contents = (
            (None, {}) if own is None else read_note_type(reader, own, fields, self.media)
        )
        return Kind(
            name=name,
            about=texts["about"],
            fields=fields,
            prompts=tuple(self.prompt(name, node, fields) for name, node in prompts.items()),
            waive=reader.waivers(root.named("waive")),
            requires=(*self.requires, *reader.common_keys(root.named("requires"))),
            language=language,
            place=Place(reader.path),
            note_type=note_type,
            contents=contents,
            tags=self.tags(own) if isinstance(own, Map) else (),
        )

    def prompt(self, name: Text, node: Node, fields: dict[str, Field]) -> Prompt:
        """A prompt that asks for these fields."""
        reader = self.reader
        reader.check(name, name, "prompt-name")
        cloze = isinstance(node, Map) and "cloze" in node
        entry = reader.entry(node, "a cloze prompt" if cloze else "a prompt")
        reverse = entry.named("reverse")
        back = Map() if reverse is None else reader.entry(reverse, "reverse")
        sides = self.templates(entry, ("cloze",) if cloze else _SIDES, fields)
        if sides and not any(side.uses for side in sides):
            message = f"prompt “{name}” asks every fact the same: it uses no field"
            reader.error(entry, message, Error.PROMPT)
        return Prompt(
            name=str(name),
            cloze=cloze,
            sides=sides,
            reverse=self.templates(back, _SIDES, fields),
            rest_hidden=cloze and reader.text(entry.named("rest"), "rest", "rest") == "hidden",
            tags=self.tags(entry),
            place=name.place,
        )

    def templates(
        self, entry: Map, keys: Iterable[str], fields: dict[str, Field]
    ) -> tuple[Template, ...]:
        """The templates under these keys."""
        texts = [self.reader.verbatim(entry.named(key), key) for key in keys]
        found = (read_template(self.reader, text, fields, self.media) for text in texts if text)
        return tuple(template for template in found if template)

    def tags(self, entry: Map) -> tuple[str, ...]:
        """Tags of `tags.yaml` that notes have beside those of their facts."""
        listed = self.reader.listed(entry.named("tags"))
        known = self.known_tags
        return tuple(self.reader.known(tag, "tag", known, Error.UNKNOWN_TAG) for tag in listed)


def _field(reader: Reader, name: Text, node: Node, kind_language: str) -> Field:
    if name in KEYS["a fact"]:
        message = f"a field cannot have the name “{name}”, a key of every fact"
        reader.error(name, message, Error.FIELD)
    reader.check(name, name, "field-name")
    entry = reader.entry(node, "a field")
    texts = reader.texts(entry, "a field")
    return Field(
        name=str(name),
        type=str(reader.known(entry.named("type"), "type", TYPES, Error.FIELD)),
        required=texts["required"] == "true",
        help=str(texts["help"]),
        formerly=reader.some_texts(entry.named("formerly"), "formerly"),
        language=canonical(texts["language"]) or kind_language,
        place=name.place,
        hide=str(texts["hide"]) or "all",
    )
