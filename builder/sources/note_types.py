"""The `note_type` of a kind → an Anki note type of its author's own, and what fills its fields.

All that Anki would refuse is an error here, and all that it would change without a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from builder.anki.card_templates import same_fronts, unknown_filters, wrong_with_template
from builder.anki.note_types import NEW_CSS, OCCLUSION_FIELDS, occlusion_side
from builder.model import CardTemplate, Field, Kind, Map, Media, Node, NoteType, Template, Text
from builder.notes.cloze import MAX_CARDS
from builder.notes.templates import compile_template
from builder.problems import Error, Place, Problem, error, nearest, warning
from builder.sources.reader import Reader
from builder.sources.references import packed, packed_style
from builder.sources.text import conflicts, place_at, place_in, read_text

# What a field may show besides the fields of the fact's kind.
OF_ALL_FACTS = ("topic", "source", "note", "caution", "source_note", "picture", "key")

_FILE = re.compile(r"[^{}<>:;\n]+\.(?:html?|css)", re.IGNORECASE)
# What a kind says of a note type that another defines.
_OF_EACH_KIND = {"name", "fields", "tags", "adopted"}


class _Said(NamedTuple):
    """A text in Anki's language, the place of each of its characters, and what Anki gets of it."""

    text: str
    place_of: Callable[[int], Place]
    packed: str
    media: tuple[str, ...]


def read_note_type(
    reader: Reader, node: Node, names: Mapping[str, Field], media: Media
) -> tuple[NoteType, dict[str, Template]]:
    """A note type, and field → what its facts put into it; `names` are the kind's fields.

    It has no templates if another kind must define it.
    """
    before = len(reader.problems)
    entry = reader.entry(node, "a note type")
    texts = reader.texts(entry, "a note type")
    if texts["name"].strip():
        reader.check(texts["name"], texts["name"], "anki-name")
    occlusion = texts["image_occlusion"] == "true"
    filled = reader.mapping(entry.named("fields"), "fields")
    contents, former = _contents(reader, filled, names, media)
    if len(reader.problems) == before and not any(each.uses for each in contents.values()):
        message = "the note type shows every fact the same: its fields use no field of the kind"
        reader.error(filled, message, Error.NOTE_TYPE)
    fields = OCCLUSION_FIELDS if occlusion else tuple(former)
    for field in filled:
        if field not in fields:
            hint = nearest(field, fields) or f"; it has {', '.join(fields)}"
            message = f"image occlusion has no field “{field}”{hint}"
            reader.error(field, message, Error.NOTE_TYPE)
    cloze = occlusion or texts["cloze"] == "true"
    listed = reader.mapping(entry.named("templates"), "templates")
    templates, shown = _templates(reader, listed, fields, media, cloze=cloze)
    css = occlusion_side("css") if occlusion else NEW_CSS.read_text("utf-8")
    if occlusion and "templates" not in entry:
        front, back = occlusion_side("front"), occlusion_side("back")
        templates = (CardTemplate(name="Image Occlusion", front=front, back=back),)
    elif not listed and len(reader.problems) == before and entry.keys() - _OF_EACH_KIND:
        reader.error(entry, "a note type needs “templates”", Error.MISSING_KEY)
    if node_of_css := entry.named("css"):
        style = _said(reader, node_of_css, "css", media)
        css, shown = style.packed, shown | set(style.media)
    if texts["adopted"] == "true":
        reader.problems[before:] = map(_tolerated, reader.problems[before:])
    return NoteType(
        name=str(texts["name"]),
        cloze=cloze,
        fields=fields,
        templates=templates,
        css=css,
        media=tuple(sorted(shown)),
        occlusion=occlusion,
        formerly=tuple(former.get(field, ()) for field in fields),
        place=entry.place,
    ), contents


def _tolerated(problem: Problem) -> Problem:
    """A warning in place of an error with which Anki can do, since learners have it already."""
    tolerable = problem.rule in (Error.TEMPLATE, Error.UNKNOWN_MEDIA)
    return warning(problem.place, problem.message, Error.TEMPLATE) if tolerable else problem


def _contents(
    reader: Reader, filled: Map, names: Mapping[str, Field], media: Media
) -> tuple[dict[str, Template], dict[str, tuple[str, ...]]]:
    """Field → its content, where it has one, and field → its former names."""
    contents: dict[str, Template] = {}
    former: dict[str, tuple[str, ...]] = {}
    _check_names(reader, filled, "anki-field")
    for field, node in filled.items():
        value: Node | None = node
        entry = Map()
        if isinstance(node, Map):
            entry = reader.entry(node, "a field of a note type")
            value = entry.named("value")
        former[str(field)] = reader.some_texts(entry.named("formerly"), "formerly")
        # A field that is not needed any more stays, and stays empty.
        if value and (text := reader.verbatim(value, field)):
            template = read_template(reader, text, (*names, *OF_ALL_FACTS), media)
            if template:
                contents[str(field)] = template
    return contents, former


def _check_names(reader: Reader, named: Map, form: str) -> None:
    """Anki takes each name of a field or template as it is, and no two for one."""
    seen: dict[str, str] = {}
    for name in named:
        if name.strip():
            reader.check(name, name, form)
        else:  # with which Anki cannot do
            reader.error(name, "a field or template of a note type needs a name", Error.NOTE_TYPE)
        first = seen.setdefault(name.casefold(), name)
        if first is not name:
            message = f"“{name}” and “{first}” are one name to Anki; choose another"
            reader.error(name, message, Error.NOTE_TYPE)


def _templates(
    reader: Reader, listed: Map, fields: tuple[str, ...], media: Media, *, cloze: bool
) -> tuple[tuple[CardTemplate, ...], set[str]]:
    """The card templates, and the media files that they name."""
    _check_names(reader, listed, "anki-name")
    if len(listed) > (1 if cloze else MAX_CARDS):
        most = (
            "with cloze: true has one template" if cloze else f"has at most {MAX_CARDS} templates"
        )
        reader.error(listed, f"a note type {most}", Error.NOTE_TYPE)
    templates = []
    fronts: dict[str, _Said] = {}
    shown: set[str] = set()
    for name, value in listed.items():
        entry = reader.entry(value, "a card template")
        front, back = (_said(reader, entry.named(side), side, media) for side in ("front", "back"))
        shown.update(front.media, back.media)
        for side in (side for side in (front, back) if side.text and fields):
            found = wrong_with_template(side.text, fields, front=side is front, cloze=cloze)
            for message, at in found:
                reader.error(side.place_of(at), message, Error.TEMPLATE)
            for message, at in unknown_filters(side.text):
                reader.problems.append(warning(side.place_of(at), message, Error.TEMPLATE))
        fronts[name] = front
        former = reader.some_texts(entry.named("formerly"), "formerly")
        templates.append(CardTemplate(str(name), front.packed, back.packed, former))
    for first, second in same_fronts({name: front.text for name, front in fronts.items()}):
        message = f"the front of “{first}” is the same, which Anki does not take"
        reader.error(fronts[second].place_of(0), message, Error.TEMPLATE)
    return tuple(templates), shown


def _said(reader: Reader, node: Node | None, what: str, media: Media) -> _Said:
    """A text that is said here, or in a file beside the kind."""
    text, place_of = _written(reader, reader.verbatim(node, what))
    pack = packed_style if what == "css" else partial(packed, of_kind=False)
    found = pack(text, place_of, media)
    reader.problems.extend(found.problems)
    return _Said(text, place_of, found.text, found.media)


def _written(reader: Reader, said: Text) -> tuple[str, Callable[[int], Place]]:
    """The text of the file beside the kind that is named, or else what is said itself."""
    name = said.strip()
    if not _FILE.fullmatch(name):
        return said, partial(place_in, said)
    path = Path(reader.path).parent / name
    if path.name != name or "\\" in name:
        reader.error(said, f"“{name}” is not a file beside this one", Error.FILE)
    elif isinstance(found := read_text(path), Problem):
        reader.error(said, f"“{name}”, beside this file, {found.message}", Error.FILE)
    else:
        reader.problems.extend(conflicts(str(path), found))
        text = unicodedata.normalize("NFC", found.replace("\r\n", "\n"))
        return text, partial(place_at, str(path), text)
    return "", partial(place_in, said)


def read_template(
    reader: Reader, node: Text, names: Iterable[str], media: Media
) -> Template | None:
    """A Jinja2 template over the fields of these names, with what it names under Anki's names."""
    shown = packed(node, partial(place_in, node), media, of_kind=True)
    text = Text(shown.text)
    text.place = node.place
    template, problems = compile_template(text, names)
    reader.problems.extend([*shown.problems, *problems])
    return template._replace(media=shown.media) if template else None


def shared(kinds: Mapping[str, Kind | None]) -> tuple[dict[str, Kind | None], list[Problem]]:
    """The kinds, each with its note type as one of them defines it, and what is wrong with that."""
    together = dict(kinds)
    having = {name: kind.note_type for name, kind in kinds.items() if kind and kind.note_type}
    defined: dict[str, NoteType] = {}
    for note_type in having.values():
        if note_type.templates:
            defined.setdefault(note_type.name.casefold(), note_type)
    problems = []
    for name, note_type in having.items():
        whole = defined.get(note_type.name.casefold())
        message = _wrong_with_use(note_type, whole)
        kind = kinds[name]
        together[name] = kind._replace(note_type=whole) if kind and not message else None
        if message and note_type.place and (whole or None not in kinds.values()):
            problems.append(error(note_type.place, message, Error.NOTE_TYPE))
    return together, problems


def _wrong_with_use(note_type: NoteType, whole: NoteType | None) -> str:
    """Why what a kind says of a note type does not go with its definition, or nothing."""
    if whole is None:
        return f"no kind defines the templates of the note type “{note_type.name}”"
    same = not note_type.templates or _definition(note_type) == _definition(whole)
    if note_type.name != whole.name or not same:
        path = whole.place.path if whole.place else ""
        return (
            f"the note type “{note_type.name}” is not as “{whole.name}” in {Path(path).name}; leave"
            " out all but its name and fields here, or give it another name"
        )
    for name in note_type.fields:
        if name not in whole.fields:
            hint = nearest(name, whole.fields)
            return f"the note type “{whole.name}” has no field “{name}”{hint}"
    return ""


def _definition(note_type: NoteType) -> NoteType:
    templates = tuple(template._replace(formerly=()) for template in note_type.templates)
    return note_type._replace(templates=templates, media=(), formerly=(), place=None)


def taken_names(note_types: Iterable[NoteType], deck_name: str) -> list[Problem]:
    """The note types of kinds that have the name of one of the deck's two."""
    standard = {deck_name.casefold(), f"{deck_name} Cloze".casefold()}
    message = "“{}” is the name of the deck's own note type; choose another"
    return [
        error(note_type.place, message.format(note_type.name), Error.NOTE_TYPE)
        for note_type in note_types
        if note_type.name.casefold() in standard and note_type.place
    ]
