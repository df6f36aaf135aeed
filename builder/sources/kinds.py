"""`kinds/*.yaml` → the kinds of fact: their fields, and their prompts with their templates."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from builder.files import list_folder, misnamed
from builder.model import Field, Kind, Map, Node, Prompt, Template, Text
from builder.notes.templates import compile_template
from builder.problems import Error, Place, Problem, any_error, error
from builder.sources.reader import Reader
from builder.sources.tables import KEYS, TYPES


def load_kinds(
    src: Path, tags: Collection[str], requires: Iterable[str]
) -> tuple[dict[str, Kind | None], list[Problem]]:
    """Kind name (the file's) → kind, or None where the file has a problem.

    `tags` are those that prompts may name, `requires` the keys that facts of all kinds must have.
    """
    kinds: dict[str, Kind | None] = {}
    paths, problems = list_folder(src / "kinds", deep=True)
    problems += misnamed(paths)
    unread = bool(problems)
    for path in paths:
        if path.parent != src / "kinds":
            if path.name.endswith(".yaml"):
                message = "not read; a kind is a file in kinds/ itself"
                problems.append(error(Place(str(path)), message, Error.FILE))
        elif path.name.endswith(".yaml"):
            reader = Reader.read(path)
            kind = None
            if reader.root is not None:
                kind = _kind(reader, path.stem, reader.root, tags, requires)
            kinds[path.stem] = None if any_error(reader.problems) else kind
            problems += reader.problems
    if not kinds and not unread:
        message = "no kinds; each kinds/NAME.yaml defines one"
        problems.append(error(Place(str(src / "kinds")), message, Error.FILE))
    return kinds, problems


def _kind(
    reader: Reader, name: str, root: Map, tags: Collection[str], requires: Iterable[str]
) -> Kind:
    reader.check(root, name, "kind-name")
    reader.entry(root, "a kind")
    fields = {
        str(field): _field(reader, field, node)
        for field, node in reader.mapping(root.named("fields"), "fields").items()
    }
    for field in fields.values():
        for former in fields.keys() & field.formerly:
            message = f"“{former}” is still a field, so no field had that name"
            reader.error(field.place, message, Error.FORMERLY)
    return Kind(
        name=name,
        about=reader.texts(root, "a kind")["about"],
        fields=fields,
        prompts=tuple(
            _prompt(reader, prompt, node, fields, tags)
            for prompt, node in reader.mapping(root.named("prompts"), "prompts").items()
        ),
        waive=reader.waivers(root.named("waive")),
        requires=(*requires, *reader.common_keys(root.named("requires"))),
        place=Place(reader.path),
    )


def _field(reader: Reader, name: Text, node: Node) -> Field:
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
        place=name.place,
    )


def _prompt(
    reader: Reader, name: Text, node: Node, fields: dict[str, Field], tags: Collection[str]
) -> Prompt:
    reader.check(name, name, "prompt-name")
    cloze = isinstance(node, Map) and "cloze" in node
    entry = reader.entry(node, "a cloze prompt" if cloze else "a prompt")
    reverse = entry.named("reverse")
    prompt = Prompt(
        name=str(name),
        cloze=cloze,
        sides=_templates(reader, entry, "a cloze prompt" if cloze else "reverse", fields),
        reverse=_templates(reader, reader.entry(reverse, "reverse"), "reverse", fields)
        if reverse is not None
        else (),
        rest_hidden=cloze and reader.text(entry.named("rest"), "rest", "rest") == "hidden",
        tags=tuple(
            reader.known(tag, "tag", tags, Error.UNKNOWN_TAG)
            for tag in reader.listed(entry.named("tags"))
        ),
        place=name.place,
    )
    if prompt.sides and not any(side.uses for side in prompt.sides):
        message = f"prompt “{name}” asks every fact the same: it uses no field"
        reader.error(entry, message, Error.PROMPT)
    return prompt


def _templates(
    reader: Reader, entry: Map, what: str, fields: dict[str, Field]
) -> tuple[Template, ...]:
    """The templates under the keys of `KEYS[what]`."""
    templates = []
    for key in (name for name, key in KEYS[what].items() if key.form == "text"):
        node = entry.named(key)
        if reader.text(node, key) and isinstance(node, Text):
            template, problems = compile_template(node, fields)
            reader.problems.extend(problems)
            templates += [template] if template else []
    return tuple(templates)
