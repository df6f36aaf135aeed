"""A fact of a kind with a note type of its own → its one note, and the cards that Anki makes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from builder.anki.card_templates import READINGS, filtered
from builder.anki.card_templates import card_numbers as numbers_of
from builder.anki.ids import digest
from builder.anki.note_types import OCCLUSION_FIELDS
from builder.model import OWN_PROMPT, Fact, Kind, Note, NoteType
from builder.notes.cloze import OCCLUSION, Numbering, card_numbers, wrong_with_html
from builder.notes.markdown import finished
from builder.notes.templates import FAILURES, NoField, fill
from builder.notes.written import html_of
from builder.problems import Error, Problem, error

# Of a side of a card, or a field, in characters; far more than anybody can look at.
_MAX_SIDE = 100_000

# A reading, which Anki's filters take as `漢字[かんじ]`, unless it would be a sound or LaTeX.
_RUBY = re.compile(r"<ruby>(.*?)<rt>(?!sound:|anki:|/?latex|/?\$)(.*?)</rt></ruby>", re.IGNORECASE)
_BLOCK = re.compile(r"<(?:div|p|pre|ul|ol|table)\b")
_NO_TEXT = {"picture", "audio", "video"}
# Anki reads shapes and their picture out of these fields as they are.
_OF_OCCLUSION = OCCLUSION_FIELDS[:2]


def own_note(
    fact: Fact,
    kind: Kind,
    values: Mapping[str, object],
    tags: tuple[str, ...],
    labels: Mapping[str, str],
    around: str,
) -> Note | Problem:
    """The note of a fact without its media, or why there is none.

    `values` are what its fields may show, `around` attributes of what is around what its kind says.
    """
    note_type = _note_type_of(kind)
    key = f"{fact.id}/{OWN_PROMPT}"
    shown = {name: value for name, value in {"key": key, **values}.items() if value}
    numbering = Numbering(fact, kind, labels)
    verbatim = {name for name, field in kind.fields.items() if field.type == "html"}
    fields = []
    for name in note_type.fields:
        content = kind.contents.get(name)
        html = ""
        try:
            if content and content.text.strip("{ }") in verbatim & shown.keys():
                html = unicodedata.normalize("NFC", html_of(shown[content.text.strip("{ }")]))
            elif content and shown.keys() >= set(content.needs):
                html = _in_anki(finished(fill(content, shown, numbering)), name, kind, around)
        except NoField:
            pass
        except FAILURES as failure:
            message = f"field “{name}” fails on fact “{fact.id}”: {failure}"
            return error(kind.contents[name].place, message, Error.TEMPLATE)
        fields.append(html)
    if message := _wrong_with(note_type, fields, tags, numbering, adopted=bool(verbatim)):
        message = f"fact “{fact.id}” {message}"
        return error(fact.place, message, Error.PROMPT)
    return Note(
        key=key,
        fact=fact,
        prompt=OWN_PROMPT,
        cloze=note_type.cloze,
        fields=tuple(fields),
        tags=tags,
        cards=cards_of(note_type, fields, tags),
        deletions=tuple(numbering.numbers),
        media=(),
        look=digest(fields),
        uses=tuple(sorted({name for each in kind.contents.values() for name in each.uses})),
        own_type=note_type.name,
    )


def _note_type_of(kind: Kind) -> NoteType:
    assert kind.note_type  # noqa: S101 - it is such a kind
    return kind.note_type


def _in_anki(html: str, name: str, kind: Kind, around: str) -> str:
    """The HTML of a field with its readings as filters of Anki take them, and `around` it."""
    note_type = _note_type_of(kind)
    sides = (side for template in note_type.templates for side in template[1:3])
    if "<ruby>" in html and name in filtered(sides, READINGS):
        html = _RUBY.sub(r" \1[\2]", html).strip()
    said = (kind.fields[use].type for use in kind.contents[name].uses if use in kind.fields)
    has_text = not {*said} <= _NO_TEXT
    if not around or not html or not has_text or (note_type.occlusion and name in _OF_OCCLUSION):
        return html
    tag = "div" if _BLOCK.search(html) else "span"
    return f"<{tag}{around}>{html}</{tag}>"


def cards_of(note_type: NoteType, fields: list[str], tags: tuple[str, ...]) -> tuple[int, ...]:
    """The numbers of the cards that Anki makes of fields in HTML."""
    if note_type.cloze:
        return card_numbers("\x1f".join(fields))
    fronts = (template.front for template in note_type.templates)
    named = dict(zip(note_type.fields, fields, strict=True))
    return tuple(numbers_of(fronts, named, tagged=bool(tags)))


def left_empty(note: Note, kind: Kind) -> Iterator[str]:
    """The fields that are empty in a note and the templates that make no card, each with why."""
    note_type = _note_type_of(kind)
    for name, html in zip(note_type.fields, note.fields, strict=True):
        if not html and name in kind.contents:
            uses = kind.contents[name].uses
            lacks = [use for use in uses if use in kind.fields and use not in note.fact.values]
            reason = f"no field “{lacks[0]}”" if lacks else "the fact says nothing for it"
            yield f"{name}: empty: {reason}"
    for number, template in enumerate(() if note_type.cloze else note_type.templates, 1):
        if number not in note.cards:
            yield f"{template.name}: no card: the front comes out empty"


def _wrong_with(
    note_type: NoteType,
    fields: list[str],
    tags: tuple[str, ...],
    numbering: Numbering,
    *,
    adopted: bool,
) -> str:
    """Why fields make no note, to come after the name of their fact; or nothing.

    One that was `adopted` may have what Anki shows and nobody would write.
    """
    named = dict(zip(note_type.fields, fields, strict=True))
    hidden = {name for name, html in named.items() if card_numbers(html)}
    for name, html in named.items():
        if html and not adopted and (message := wrong_with_side(html)):
            return f"has a field “{name}” that {message}"
    if not note_type.cloze:
        if hidden and not adopted:
            return f"has cloze deletions in “{min(hidden)}”; its note type needs cloze: true"
        makes_cards = cards_of(note_type, fields, tags)
        return "" if makes_cards else "makes no card: the front of every template stays empty"
    if message := wrong_with_html("\x1f".join(fields), numbering.hidden):
        return message
    if not_hidden := hidden - filtered([note_type.templates[0].front], ["cloze"]):
        name = min(not_hidden)
        return f"has cloze deletions in “{name}”, but the front does not show {{{{cloze:{name}}}}}"
    shapes, picture = (named.get(name, "") for name in _OF_OCCLUSION)
    if note_type.occlusion and not (f"::{OCCLUSION}" in shapes and "<img " in picture):
        return "needs shapes in “Occlusion”, with the filter “cloze”, and a picture in “Image”"
    return ""


def wrong_with_side(html: str) -> str:
    """Why this cannot be a side of a card, or nothing."""
    if not html:
        return "comes out empty"
    if "\x1f" in html:  # which Anki has between the fields of a note
        return "comes out with the character U+001F"
    return f"comes out longer than {_MAX_SIDE:,} characters" if len(html) > _MAX_SIDE else ""
