"""`kinds/*.yaml` → the kinds of fact: their fields, and their prompts with compiled templates."""

from __future__ import annotations

import re
from pathlib import Path

from builder.facts import COMMON_KEYS
from builder.files import list_folder
from builder.load import SLUG, check_keys, mapping_of, nearest, problem, read, text_of
from builder.model import Field, Kind, Map, Node, Problem, Prompt, Sequence, Template, Text
from builder.render import FIELD_TYPES, TEMPLATE_NAMES, compile_template

# Jinja2 must be able to name a field, so it has underscores where ids have hyphens.
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")

KEYS = ("about", "fields", "prompts", "requires")
FIELD_KEYS = ("type", "required", "help", "formerly")
PROMPT_KEYS = ("front", "back", "reverse", "cloze")


def load_kinds(src: Path) -> tuple[dict[str, Kind | None], list[Problem]]:
    """Kind name (the file's) → kind, or None where the file is too broken to use."""
    kinds: dict[str, Kind | None] = {}
    paths, problems = list_folder(src / "kinds")
    unread = bool(problems)
    for path in paths:
        if not path.name.endswith(".yaml"):
            continue
        root, found = read(path)
        problems += found
        kinds[path.stem] = None
        if root is None:
            continue
        kind, found = _kind(path, root)
        problems += found
        if not found:
            kinds[path.stem] = kind
    if not kinds and not unread:
        message = "there is no kind; each kinds/NAME.yaml makes one"
        problems.append(Problem(str(src / "kinds"), 1, 1, "error", message, "file"))
    return kinds, problems


def _kind(path: Path, root: Map) -> tuple[Kind, list[Problem]]:
    shown = str(path)
    problems = check_keys(shown, root, "a kind", KEYS, KEYS[:3])
    if not SLUG.fullmatch(path.stem):
        message = f"“{path.stem}” is no name for a kind; use small letters, digits and hyphens"
        problems.append(problem(shown, root, message, "kind"))
    about = text_of(shown, root.named("about"), "about", problems)
    fields = {}
    for name, node in mapping_of(shown, root.named("fields"), "fields", problems).items():
        fields[str(name)] = _field(shown, name, node, problems)
        if not FIELD_NAME.fullmatch(name) or name in COMMON_KEYS:
            reason = "every fact has it" if name in COMMON_KEYS else "use a-z, 0-9 and _"
            message = f"a field cannot be called “{name}”: {reason}"
            problems.append(problem(shown, name, message, "field"))
    for field in fields.values():
        if field.formerly in fields:
            message = f"“{field.formerly}” is still a field, so it is not a former name"
            problems.append(Problem(shown, field.line, field.column, "error", message, "formerly"))
    prompts = []
    for name, node in mapping_of(shown, root.named("prompts"), "prompts", problems).items():
        prompts.append(_prompt(shown, str(name), node, fields, problems))
        if not SLUG.fullmatch(name):
            message = f"“{name}” is no name for a prompt; use small letters, digits and hyphens"
            problems.append(problem(shown, name, message, "prompt"))
    requires = set()
    required = root.named("requires")
    for node in required if isinstance(required, Sequence) else [required] if required else []:
        key = text_of(shown, node, "requires", problems)
        if key not in COMMON_KEYS:
            message = f"no fact has a key “{key}”{nearest(key, COMMON_KEYS)}"
            problems.append(problem(shown, node, message, "unknown-key"))
        requires.add(str(key))
    return Kind(path.stem, about, fields, tuple(prompts), frozenset(requires), shown), problems


def _field(path: str, name: Text, node: Node, problems: list[Problem]) -> Field:
    entry = mapping_of(path, node, f"field “{name}”", problems)
    problems += check_keys(path, entry, "a field", FIELD_KEYS, ("type",))
    type_, required, help_, formerly = (
        str(text_of(path, entry.named(key), key, problems)) for key in FIELD_KEYS
    )
    if type_ and type_ not in FIELD_TYPES:
        message = f"there is no type “{type_}”{nearest(type_, FIELD_TYPES)}"
        problems.append(problem(path, entry.named("type") or entry, message, "field"))
    if required not in ("", "true", "false"):
        place = entry.named("required") or entry
        problems.append(problem(path, place, "required is true or false", "field"))
    return Field(str(name), type_, required == "true", help_, formerly, name.line, name.column)


def _prompt(
    path: str, name: str, node: Node, fields: dict[str, Field], problems: list[Problem]
) -> Prompt:
    entry = mapping_of(path, node, f"prompt “{name}”", problems)
    cloze = entry.named("cloze") is not None
    both = ("front", "back")
    if cloze:
        problems += check_keys(path, entry, "a cloze prompt", ("cloze",))
    else:
        problems += check_keys(path, entry, "a prompt", PROMPT_KEYS, both)
    reverse = mapping_of(path, entry.named("reverse"), "reverse", problems)
    if reverse:
        problems += check_keys(path, reverse, "reverse", both, both)
    names = {*fields, *TEMPLATE_NAMES}

    def compiled(part: Map, *keys: str) -> tuple[Template, ...]:
        templates = []
        for key in keys:
            value = part.named(key)
            source = text_of(path, value, key, problems)
            if value is not None and source:
                template, found = compile_template(source, path, value, names)
                problems.extend(found)
                if template:
                    templates.append(template)
        return tuple(templates)

    sides = compiled(entry, "cloze") if cloze else compiled(entry, *both)
    backwards = compiled(reverse, *both)
    uses: frozenset[str] = frozenset().union(*(side.uses for side in sides))
    reverse_uses: frozenset[str] = frozenset().union(*(side.uses for side in backwards))
    if sides and not uses:
        message = f"prompt “{name}” asks the same of every fact: it uses no field"
        problems.append(problem(path, entry, message, "prompt"))
    return Prompt(name, cloze, sides, backwards, uses, reverse_uses)
