"""`facts/**/*.yaml` → facts, each checked against its kind, the tags and the sources."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from builder.load import check_keys, nearest, problem, read, text_of
from builder.model import Citation, Fact, Field, Kind, Map, Node, Problem, Sequence, Source, Text

# What a fact may say whatever its kind; a file may say the first ones for all its facts.
FILE_KEYS = ("kind", "topic", "tags", "level", "source", "as_of")
COMMON_KEYS = ("id", *FILE_KEYS, "note", "caution")

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_URL = re.compile(r"https?://[^\s<>\"]+")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_YEARS = re.compile(r"(\d{4})/(\d{4})")
_DELETION = re.compile(
    r"\{\{c(?:[1-9]\d?)::(?:(?!\{\{|\}\}|::).)+(?:::(?:(?!\{\{|\}\}|::).)+)?\}\}"
)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """What the facts may refer to."""

    kinds: Mapping[str, Kind | None]
    tags: Collection[str]
    sources: Mapping[str, Source]


def load_facts(
    src: Path,
    kinds: Mapping[str, Kind | None],
    tags: Collection[str],
    sources: Mapping[str, Source],
) -> tuple[list[Fact], list[Problem]]:
    """All facts under `facts/`, by file name and position, and what is wrong with the others."""
    facts: list[Fact] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    vocabulary = _Vocabulary(kinds, tags, sources)
    paths = sorted((src / "facts").rglob("*.yaml"))
    for path in paths:
        root, found = read(path)
        problems += found
        if root is not None:
            facts += _facts_of_file(str(path), root, vocabulary, seen, problems)
    if not paths:
        message = "there are no facts; write them to facts/TOPIC.yaml"
        problems.append(Problem(str(src / "facts"), 1, 1, "error", message, "file"))
    return facts, problems


def _facts_of_file(
    path: str, root: Map, vocabulary: _Vocabulary, seen: dict[str, str], problems: list[Problem]
) -> list[Fact]:
    problems += check_keys(path, root, "a file of facts", ("facts", *FILE_KEYS), ("facts",))
    entries = root.named("facts")
    if entries is None:
        return []
    if not isinstance(entries, Sequence):
        message = "facts must be a list (- id: …)" if entries else "the list of facts is empty"
        problems.append(problem(path, entries, message, "type" if entries else "empty"))
        return []
    if not entries:
        problems.append(problem(path, entries, "the list of facts is empty", "empty"))
    defaults = {str(key): node for key, node in root.items() if key in FILE_KEYS}
    facts = []
    for node in entries:
        if not isinstance(node, Map):
            problems.append(problem(path, node, "a fact must be a mapping (key: value)", "type"))
            continue
        found: list[Problem] = []
        fact = _fact(path, node, defaults, vocabulary, found)
        identifier = node.named("id")
        if isinstance(identifier, Text) and identifier:
            here = f"{path}:{identifier.line}"
            if first := seen.get(identifier):
                message = f"the id “{identifier}” is taken by {first}"
                found.append(problem(path, identifier, message, "duplicate-id"))
            else:
                seen[str(identifier)] = here
        # A mistake in what the file says for all its facts is one mistake.
        problems += [one for one in found if one not in problems[-10:]]
        if fact and not any(one.severity == "error" for one in found):
            facts.append(fact)
    return facts


def _fact(
    path: str,
    node: Map,
    defaults: Mapping[str, Node],
    vocabulary: _Vocabulary,
    problems: list[Problem],
) -> Fact | None:
    """The fact that a mapping describes; None if its kind is not known. Adds to `problems`."""
    values: dict[str, Node] = dict(defaults)
    values.update((str(key), value) for key, value in node.items())
    problems += [
        problem(path, node, f"a fact needs “{key}”", "missing-key")
        for key in ("id", "kind", "topic")
        if key not in values
    ]
    identifier = text_of(path, values.get("id"), "id", problems)
    if identifier and not _ID.fullmatch(identifier):
        message = f"“{identifier}” is no id; use small letters, digits and single hyphens"
        problems.append(problem(path, values["id"], message, "id"))
    topic = _tag(path, values.get("topic"), "topic", vocabulary.tags, problems)
    level = _tag(path, values.get("level"), "level", vocabulary.tags, problems)
    listed = values.get("tags")
    tags = [
        _tag(path, tag, "", vocabulary.tags, problems)
        for tag in (listed if isinstance(listed, Sequence) else [listed])
    ]
    citations = _citations(path, node, values.get("source"), vocabulary.sources, problems)
    as_of = text_of(path, values.get("as_of"), "as_of", problems)
    if as_of and (message := _date_error(as_of)):
        problems.append(problem(path, values["as_of"], message, "date"))
    note = text_of(path, values.get("note"), "note", problems)
    caution = text_of(path, values.get("caution"), "caution", problems)

    kind = _kind(path, values.get("kind"), vocabulary.kinds, problems)
    if kind is None:
        return None
    for key in node:
        if key not in kind.fields and key not in COMMON_KEYS:
            hint = nearest(key, (*kind.fields, *COMMON_KEYS))
            message = f"kind “{kind.name}” has no field “{key}”{hint}"
            problems.append(problem(path, key, message, "unknown-key"))
    for name, field in kind.fields.items():
        if name in node:
            _check_value(path, node.named(name), field, problems)
        elif field.required:
            message = f"kind “{kind.name}” needs “{name}”"
            problems.append(problem(path, node, message, "missing-key"))
    for name in sorted(kind.requires):
        if name not in values:
            message = f"kind “{kind.name}” needs “{name}”"
            problems.append(problem(path, node, message, "missing-key"))
    given = {str(key): value for key, value in node.items() if key in kind.fields}
    known = {*given, *(key for key in COMMON_KEYS if key in values)}
    if not problems and not any(prompt.uses <= known for prompt in kind.prompts):
        message = f"kind “{kind.name}” can ask nothing of this fact: it has too few fields"
        problems.append(problem(path, node, message, "no-prompt"))
    return Fact(
        identifier,
        kind,
        given,
        topic,
        tuple(tag for tag in tags if tag),
        level,
        citations,
        as_of,
        note,
        caution,
        path,
        node.line,
        node.column,
    )


def _kind(
    path: str, node: Node | None, kinds: Mapping[str, Kind | None], problems: list[Problem]
) -> Kind | None:
    name = text_of(path, node, "kind", problems)
    if node is not None and name and name not in kinds:
        message = f"there is no kind “{name}”{nearest(name, kinds)}"
        problems.append(problem(path, node, message, "unknown-kind"))
    return kinds.get(name)


def _tag(
    path: str, node: Node | None, group: str, tags: Collection[str], problems: list[Problem]
) -> str:
    """The full path of a tag that `tags.yaml` knows, or an empty text."""
    name = text_of(path, node, group or "a tag", problems)
    if node is None or not name:
        return ""
    full = f"{group}::{name}" if group else name
    if full not in tags:
        known = [tag.removeprefix(f"{group}::") for tag in tags if tag.startswith(group)]
        message = f"there is no {group or 'tag'} “{name}” in tags.yaml{nearest(name, known)}"
        problems.append(problem(path, node, message, "unknown-tag"))
    return full


def _citations(
    path: str, fact: Map, node: Node | None, sources: Mapping[str, Source], problems: list[Problem]
) -> tuple[Citation, ...]:
    """What a `source:` says: a slug, `{doc: slug, at: locator}`, or a list of them."""
    if node is None:
        message = "no source: say where the fact comes from"
        problems.append(Problem(path, fact.line, fact.column, "warning", message, "no-source"))
        return ()
    citations = []
    for entry in node if isinstance(node, Sequence) else [node]:
        at = ""
        place: Node | None = entry
        if isinstance(entry, Map):
            problems += check_keys(path, entry, "a source", ("doc", "at"), ("doc",))
            at = text_of(path, entry.named("at"), "at", problems)
            place = entry.named("doc")
        slug = text_of(path, place, "a source", problems)
        if place is None or not slug:
            continue
        source = sources.get(slug)
        if source is None:
            message = f"there is no source “{slug}” in sources.yaml{nearest(slug, sources)}"
            problems.append(problem(path, place, message, "unknown-source"))
            continue
        if not at:
            message = "no locator: write {doc: …, at: …}, so that the place can be found"
            problems.append(
                Problem(path, place.line, place.column, "warning", message, "no-locator")
            )
        citations.append(Citation(source, at))
    return tuple(citations)


def _check_value(path: str, node: Node | None, field: Field, problems: list[Problem]) -> None:
    """A field's value has the form of its type."""
    if node is None:
        return
    if field.type == "list":
        if not isinstance(node, Sequence):
            message = f"{field.name} must be a list (- …)"
            problems.append(problem(path, node, message, "type"))
        elif not node:
            problems.append(problem(path, node, f"{field.name} is empty", "empty"))
        else:
            seen = set()
            for item in node:
                text = text_of(path, item, "an item", problems)
                if text and text in seen:
                    message = f"“{text}” stands twice in {field.name}"
                    problems.append(problem(path, item, message, "duplicate-item"))
                seen.add(text)
        return
    text = text_of(path, node, field.name, problems).strip()
    if not text:
        return
    message = ""
    if field.type == "date":
        message = _date_error(text)
    elif field.type == "number" and not _NUMBER.fullmatch(text):
        message = f"“{text}” is no number"
    elif field.type == "url" and not _URL.fullmatch(text):
        message = f"“{text}” is no web address (https://…)"
    elif field.type == "cloze":
        message = _cloze_error(text)
    if message:
        problems.append(problem(path, node, message, field.type))


def _date_error(text: str) -> str:
    """What is wrong with a date, or nothing: a day, a month, a year, or two years (2017/2018)."""
    if years := _YEARS.fullmatch(text):
        first, last = years.groups()
        return "" if first < last else f"“{text}” ends before it starts"
    if _DATE.fullmatch(text):
        try:
            date.fromisoformat(text + "-01-01"[len(text) - 4 :])
        except ValueError:
            return f"there is no such day as “{text}”"
        return ""
    return f"“{text}” is no date; write 2010-10-12, 2010-10, 2010 or 2010/2011"


def _cloze_error(text: str) -> str:
    """What is wrong with a text with gaps, or nothing."""
    rest, gaps = _DELETION.subn("", text)
    if "{{" in rest or "}}" in rest:
        return "a gap is not well formed; write {{c1::answer}} or {{c1::answer::hint}}"
    return "" if gaps else "no gap; write {{c1::answer}} around what is to be asked"
