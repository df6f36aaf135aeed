"""`kinds/*.yaml` → the kinds of fact: their fields, and their prompts or note type."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from builder.files import list_folder, misnamed
from builder.model import Field, Kind, Map, Media, Node, Prompt, Template, Text
from builder.notes.language import canonical
from builder.problems import Error, Place, Problem, any_error, error, nearest
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
        kinds[path.stem] = None
        if reader.root is not None:
            kind = _kind(reader, reader.root, path.stem, media, tags, requires, language)
            kinds[path.stem] = None if any_error(reader.problems) else kind
        problems += reader.problems
    kinds, found = shared(kinds)
    return kinds, problems + found


def _kind(
    reader: Reader,
    root: Map,
    name: str,
    media: Media,
    tags: Collection[str],
    requires: Iterable[str],
    deck_language: str,
) -> Kind:
    reader.entry(root, "a kind")
    reader.check(root, name, "kind-name")
    texts = reader.texts(root, "a kind")
    language = canonical(texts["language"]) or deck_language
    fields = {
        str(field): _field(reader, field, node, language)
        for field, node in reader.mapping(root.named("fields"), "fields").items()
    }
    for field in fields.values():
        for former in fields.keys() & field.formerly:
            message = f"“{former}” is still a field, so no field had that name"
            reader.error(field.place, message, Error.FORMERLY)
    prompts = tuple(
        _prompt(reader, prompt, node, fields, media, tags)
        for prompt, node in reader.mapping(root.named("prompts"), "prompts").items()
    )
    own = root.named("note_type")
    if (own is None) == ("prompts" not in root):
        message = "a kind needs “prompts” or “note_type”" + ", not both" * (own is not None)
        reader.error(root if own is None else own, message, Error.MISSING_KEY)
    note_type, contents = (None, {}) if own is None else read_note_type(reader, own, fields, media)
    return Kind(
        name=name,
        about=texts["about"],
        fields=fields,
        prompts=prompts,
        waive=reader.waivers(root.named("waive")),
        requires=(*requires, *reader.common_keys(root.named("requires"))),
        language=language,
        place=Place(reader.path),
        note_type=note_type,
        contents=contents,
        tags=_tags(reader, own, tags) if isinstance(own, Map) else (),
    )


def _field(reader: Reader, name: Text, node: Node, kind_language: str) -> Field:
    if name in KEYS["a fact"]:
        message = f"a field cannot have the name “{name}”, a key of every fact"
        reader.error(name, message, Error.FIELD)
    reader.check(name, name, "field-name")
    entry = reader.entry(node, "a field")
    texts = reader.texts(entry, "a field")
    type_ = reader.text(entry.named("type"), "type")
    if type_ and type_ not in TYPES:
        hint = nearest(type_, TYPES) or f"; the types are {', '.join(TYPES)}"
        reader.error(type_, f"unknown type “{type_}”{hint}", Error.FIELD)
    return Field(
        name=str(name),
        type=str(type_),
        required=texts["required"] == "true",
        help=str(texts["help"]),
        formerly=reader.some_texts(entry.named("formerly"), "formerly"),
        language=canonical(texts["language"]) or kind_language,
        place=name.place,
        hide=str(texts["hide"]) or "all",
    )


def _prompt(
    reader: Reader,
    name: Text,
    node: Node,
    fields: dict[str, Field],
    media: Media,
    tags: Collection[str],
) -> Prompt:
    reader.check(name, name, "prompt-name")
    cloze = isinstance(node, Map) and "cloze" in node
    entry = reader.entry(node, "a cloze prompt" if cloze else "a prompt")
    reverse = entry.named("reverse")
    prompt = Prompt(
        name=str(name),
        cloze=cloze,
        sides=_templates(reader, entry, ("cloze",) if cloze else _SIDES, fields, media),
        reverse=_templates(reader, reader.entry(reverse, "reverse"), _SIDES, fields, media)
        if reverse is not None
        else (),
        rest_hidden=cloze and reader.text(entry.named("rest"), "rest", "rest") == "hidden",
        tags=_tags(reader, entry, tags),
        place=name.place,
    )
    if prompt.sides and not any(side.uses for side in prompt.sides):
        message = f"prompt “{name}” asks every fact the same: it uses no field"
        reader.error(entry, message, Error.PROMPT)
    return prompt


def _templates(
    reader: Reader, entry: Map, keys: Iterable[str], fields: dict[str, Field], media: Media
) -> tuple[Template, ...]:
    """The templates under these keys."""
    texts = [reader.text(entry.named(key), key) for key in keys]
    found = (read_template(reader, text, fields, media) for text in texts if text)
    return tuple(template for template in found if template)


def _tags(reader: Reader, entry: Map, known: Collection[str]) -> tuple[str, ...]:
    """Tags of `tags.yaml` that notes have beside those of their facts."""
    listed = reader.listed(entry.named("tags"))
    return tuple(reader.known(tag, "tag", known, Error.UNKNOWN_TAG) for tag in listed)
