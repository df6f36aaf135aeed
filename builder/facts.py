"""`facts/**/*.yaml` → facts, each checked against its kind, the tags and the sources."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from sys import intern
from typing import NamedTuple

from builder.coverage import section_of, wrong_locator
from builder.load import (
    SLUG,
    URL,
    check_keys,
    mapping_of,
    nearest,
    problem,
    text_of,
)
from builder.model import (
    Citation,
    Fact,
    Field,
    Item,
    Kind,
    Map,
    Medium,
    Node,
    Problem,
    Sequence,
    Source,
    Tag,
    Text,
    Value,
)

# What a fact may say whatever its kind; a file may say the first ones for all its facts.
_NEEDED = ("id", "kind", "topic")
FILE_KEYS = ("kind", "topic", "tags", "level", "source", "as_of")
# These are one text for all notes of a fact, or a text for each of some prompts.
REMARK_KEYS = ("note", "caution", "source_note")
COMMON_KEYS = ("id", "formerly", *FILE_KEYS, *REMARK_KEYS, "picture", "waive")

# The keys of a citation and of a list item that are written out.
CITATION_KEYS = ("doc", "at")
ITEM_KEYS = ("item", "formerly", "new")

# JSON Schemas have these patterns too, so they mean the same in Python and in ECMAScript.
NUMBER = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?")
DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
YEARS = re.compile(r"([0-9]{4})/([0-9]{4})")
GAP = re.compile(
    r"\{\{c(?:[1-9][0-9]?)::(?:(?!\{\{|\}\}|::)[^\n])+(?:::(?:(?!\{\{|\}\}|::)[^\n])+)?\}\}"
)


class Vocabulary(NamedTuple):
    """What facts may refer to, and the root of all tags."""

    kinds: Mapping[str, Kind | None]
    tags: Mapping[str, Tag]
    sources: Mapping[str, Source]
    media: Mapping[str, Medium | None]
    tag_root: str


def facts_of_file(
    path: str, root: Map, vocabulary: Vocabulary
) -> tuple[list[tuple[str, int, int]], list[Fact], list[Problem]]:
    """All ids of a file, with line and column; its facts; what is wrong with the others."""
    ids: list[tuple[str, int, int]] = []
    facts: list[Fact] = []
    problems: list[Problem] = []
    problems += check_keys(path, root, "a file of facts", ("facts", *FILE_KEYS), ("facts",))
    entries = root.named("facts")
    if entries is None:
        return ids, facts, problems
    if not isinstance(entries, Sequence):
        message = "facts must be a list (- id: …)" if entries else "the list of facts is empty"
        problems.append(problem(path, entries, message, "type" if entries else "empty"))
        return ids, facts, problems
    if not entries:
        problems.append(problem(path, entries, "the list of facts is empty", "empty"))
    defaults: dict[str, Node] = {key: node for key, node in root.items() if key in FILE_KEYS}
    entries.reverse()
    while entries:
        node = entries.pop()  # which makes room for its fact
        if not isinstance(node, Map):
            problems.append(problem(path, node, "a fact must be a mapping (key: value)", "type"))
            continue
        found: list[Problem] = []
        fact = _fact(path, node, defaults, vocabulary, found)
        identifier = node.named("id")
        if isinstance(identifier, Text) and identifier:
            name = fact.id if fact else str(identifier)
            ids.append((name, identifier.line, identifier.column))
        if found:  # a mistake in what the file says for all its facts is one mistake
            problems += [one for one in found if one not in problems[-10:]]
        elif fact:
            facts.append(fact)
    return ids, facts, problems


def _fact(
    path: str,
    node: Map,
    defaults: Mapping[str, Node],
    vocabulary: Vocabulary,
    problems: list[Problem],
) -> Fact | None:
    """The fact that a mapping describes; None if its kind is not known. Adds to `problems`."""
    values: dict[str, Node] = {**defaults, **node}  # type: ignore[dict-item]
    problems += [
        problem(path, node, f"a fact needs “{key}”", "missing-key")
        for key in _NEEDED
        if key not in values
    ]
    identifier = text_of(path, values.get("id"), "id", problems)
    if identifier and not SLUG.fullmatch(identifier):
        message = f"“{identifier}” is no id; use small letters, digits and single hyphens"
        problems.append(problem(path, values["id"], message, "id"))
    topic = _tag(path, values.get("topic"), "topic", vocabulary.tags, problems)
    level = _tag(path, values.get("level"), "level", vocabulary.tags, problems)
    tags = [
        _tag(path, tag, "", vocabulary.tags, problems)
        for listed in (defaults.get("tags"), node.named("tags"))
        for tag in _listed(listed)
    ]
    citations = _citations(path, values.get("source"), vocabulary.sources, problems)
    as_of = text_of(path, values.get("as_of"), "as_of", problems)
    if as_of and (message := _date_error(as_of)):
        problems.append(problem(path, values["as_of"], message, "date"))
    former_ids = [
        text_of(path, name, "a former id", problems) for name in _listed(values.get("formerly"))
    ]
    picture = _picture(path, values.get("picture"), vocabulary.media, problems)
    waive = _waive(path, values["waive"], problems) if "waive" in values else {}

    kind = _kind(path, values.get("kind"), vocabulary.kinds, problems)
    if kind is None:
        return None
    for name in node:
        if name not in kind.fields and name not in COMMON_KEYS:
            hint = nearest(name, (*kind.fields, *COMMON_KEYS))
            message = f"kind “{kind.name}” has no field “{name}”{hint}"
            problems.append(problem(path, name, message, "unknown-key"))
    given: dict[str, Value] = {}
    for key, field in kind.fields.items():
        value = node.named(key)
        if value is not None:
            checked = _value(path, value, field, vocabulary.media, problems)
            if checked is not None:
                given[key] = checked
        elif field.required:
            message = f"kind “{kind.name}” needs “{key}”"
            problems.append(problem(path, node, message, "missing-key"))
    for key in sorted(kind.requires.difference(values)):
        message = f"kind “{kind.name}” needs “{key}”"
        problems.append(problem(path, node, message, "missing-key"))
    asked = [prompt.name for prompt in kind.prompts if prompt.uses <= values.keys()]
    if not problems and not asked:
        message = f"kind “{kind.name}” can ask nothing of this fact: it has too few fields"
        problems.append(problem(path, node, message, "no-prompt"))
    note, caution, source_note = (
        _remarks(path, key, node.named(key), kind, asked, problems) for key in REMARK_KEYS
    )
    return Fact(
        str(identifier),
        tuple(map(str, filter(None, former_ids))),
        kind,
        given,
        topic,
        tuple(dict.fromkeys(filter(None, tags))),
        level,
        citations,
        str(as_of),
        note,
        caution,
        source_note,
        picture,
        waive,
        {key: (value.line, value.column) for key, value in node.items()},
        path,
        node.line,
        node.column,
    )


def _remarks(
    path: str,
    key: str,
    node: Node | None,
    kind: Kind,
    asked: Collection[str],
    problems: list[Problem],
) -> Mapping[str, Text]:
    """Prompt → text; one text is for all prompts that are `asked` of the fact."""
    if node is None:
        return {}
    if isinstance(node, Sequence):
        message = f"{key} must be a text, or a mapping (prompt: text)"
        problems.append(problem(path, node, message, "type"))
        return {}
    if isinstance(node, Text):
        text = text_of(path, node, key, problems)
        return dict.fromkeys(asked, node) if text else {}
    if not node:
        problems.append(problem(path, node, f"{key} is empty", "empty"))
    remarks = {}
    for name, value in node.items():
        if name not in asked:
            known = any(prompt.name == name for prompt in kind.prompts)
            message = f"kind “{kind.name}” has no prompt “{name}”{nearest(name, asked)}"
            if known:
                message = f"prompt “{name}” is not asked of this fact{nearest(name, asked)}"
            problems.append(problem(path, name, message, "unknown-prompt"))
        text = text_of(path, value, f"{key} of prompt “{name}”", problems)
        if isinstance(text, Text):
            remarks[str(name)] = text
    return remarks


def _waive(path: str, node: Node, problems: list[Problem]) -> dict[Text, str]:
    """Rule → the reason why it does not hold here."""
    return {
        rule: text_of(path, reason, f"the reason to waive “{rule}”", problems)
        for rule, reason in mapping_of(path, node, "waive", problems).items()
    }


def _listed(node: Node | None) -> Iterable[Node]:
    """What a key says that takes one value or a list of them."""
    if node is None:
        return ()
    return node if isinstance(node, Sequence) else (node,)


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
    full = intern(f"{group}::{name}" if group else str(name))  # which many facts have
    if full not in tags:
        known = [tag.removeprefix(f"{group}::") for tag in tags if tag.startswith(group)]
        message = f"there is no {group or 'tag'} “{name}” in tags.yaml{nearest(name, known)}"
        problems.append(problem(path, node, message, "unknown-tag"))
    return full


def _citations(
    path: str, node: Node | None, sources: Mapping[str, Source], problems: list[Problem]
) -> tuple[Citation, ...]:
    """What a `source:` says: a slug, `{doc: slug, at: locator}`, or a list of them."""
    citations = []
    for entry in _listed(node):
        at = ""
        place: Node | None = entry
        if isinstance(entry, Map):
            problems += check_keys(path, entry, "a source", CITATION_KEYS, ("doc",))
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
        if source.sections and at and not section_of(source, at):
            located = entry.named("at") if isinstance(entry, Map) else None
            problems.append(problem(path, located or place, wrong_locator(source, at), "locator"))
        citations.append(Citation(source, str(at), place.line, place.column))
    return tuple(citations)


def _picture(
    path: str, node: Node | None, media: Mapping[str, Medium | None], problems: list[Problem]
) -> Medium | None:
    name = text_of(path, node, "a picture", problems)
    if node is not None and name and name not in media:
        message = f"there is no picture “{name}” in media/sources.yaml{nearest(name, media)}"
        problems.append(problem(path, node, message, "unknown-picture"))
    return media.get(name)


def _value(
    path: str, node: Node, field: Field, media: Mapping[str, Medium | None], problems: list[Problem]
) -> Value | None:
    """A field's value, whose form must be that of its type."""
    if field.type == "list":
        return _items(path, node, field.name, problems)
    if field.type == "picture":
        return _picture(path, node, media, problems)
    text = text_of(path, node, field.name, problems).strip()
    message = ""
    if not text:
        return None
    if field.type == "date":
        message = _date_error(text)
    elif field.type == "number" and not NUMBER.fullmatch(text):
        message = f"“{text}” is no number"
    elif field.type == "url" and not URL.fullmatch(text):
        message = f"“{text}” is no web address (https://…)"
    elif field.type == "cloze":
        message = _cloze_error(text)
    if message:
        problems.append(problem(path, node, message, field.type))
    return text


def _items(path: str, node: Node, what: str, problems: list[Problem]) -> tuple[Item, ...]:
    """The items of a list: texts, or `{item: …, formerly: …}`, or `{item: …, new: true}`."""
    if not isinstance(node, Sequence):
        problems.append(problem(path, node, f"{what} must be a list (- …)", "type"))
        return ()
    if not node:
        problems.append(problem(path, node, f"{what} is empty", "empty"))
    items: dict[str, Item] = {}
    for entry in node:
        value: Node | None = entry
        formerly = new = ""
        if isinstance(entry, Map):
            problems += check_keys(path, entry, "an item", ITEM_KEYS, ("item",))
            value = entry.named("item")
            formerly = text_of(path, entry.named("formerly"), "formerly", problems).strip()
            new = text_of(path, entry.named("new"), "new", problems)
            if new not in ("", "true", "false"):
                place = entry.named("new") or entry
                problems.append(problem(path, place, "new is true or false", "type"))
        text = text_of(path, value, "an item", problems).strip()
        if text in items:
            message = f"“{text}” stands twice in {what}"
            problems.append(problem(path, entry, message, "duplicate-item"))
        items[text] = Item(text, formerly, new == "true", entry.line, entry.column)
    for item in items.values():
        if item.formerly in items and item.formerly:
            message = f"“{item.formerly}” is an item of {what} still, so it cannot be a former text"
            problems.append(Problem(path, item.line, item.column, "error", message, "formerly"))
    return tuple(items.values())


def _date_error(text: str) -> str:
    """What is wrong with a date, or nothing: a day, a month, a year, or two years (2017/2018)."""
    if years := YEARS.fullmatch(text):
        first, last = years.groups()
        return "" if first < last else f"“{text}” ends before it starts"
    if DATE.fullmatch(text):
        try:
            date.fromisoformat(text + "-01-01"[len(text) - 4 :])
        except ValueError:
            return f"there is no such day as “{text}”"
        return ""
    return f"“{text}” is no date; write 2010-10-12, 2010-10, 2010 or 2010/2011"


def _cloze_error(text: str) -> str:
    """What is wrong with a text with gaps, or nothing."""
    rest, gaps = GAP.subn("", text)
    if "{{" in rest or "}}" in rest:
        return "a gap is not well formed; write {{c1::answer}} or {{c1::answer::hint}}"
    return "" if gaps else "no gap; write {{c1::answer}} around what is to be asked"
