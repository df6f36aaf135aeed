"""A fact of a kind with a note type of its own → its one note, and the cards that Anki makes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from builder.anki.card_templates import card_numbers as numbers_of
from builder.anki.card_templates import hidden_by, with_readings
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
    note_type = kind.note_type
    assert note_type  # noqa: S101 - it is such a kind
    key = f"{fact.id}/{OWN_PROMPT}"
    shown = {name: value for name, value in {"key": key, **values}.items() if value}
    numbering = Numbering(fact, kind, labels)
    verbatim = {name for name, field in kind.fields.items() if field.type == "html"}
    fields = []
    for name in note_type.fields:
        content = kind.contents.get(name)
        if content is None or not shown.keys() >= set(content.needs):
            fields.append("")
            continue
        try:
            alone = content.text.strip("{ }")
            if alone in verbatim:
                fields.append(unicodedata.normalize("NFC", html_of(shown[alone])))
            else:
                html = finished(fill(content, shown, numbering))
                fields.append(_in_anki(html, name, kind, around))
        except NoField:
            fields.append("")
        except FAILURES as failure:
            message = f"field “{name}” fails on fact “{fact.id}”: {failure}"
            return error(content.place, message, Error.TEMPLATE)
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


def _in_anki(html: str, name: str, kind: Kind, around: str) -> str:
    """The HTML of a field with its readings as filters of Anki take them, and `around` it."""
    note_type = kind.note_type
    assert note_type  # noqa: S101 - it is such a kind
    if "<ruby>" in html and name in with_readings(
        side for template in note_type.templates for side in template[1:3]
    ):
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
    note_type = kind.note_type
    assert note_type  # noqa: S101 - it is such a kind
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
    for name, html in named.items():
        if html and not adopted and (message := wrong_with_side(html)):
            return f"has a field “{name}” that {message}"
    hidden = {name for name, html in named.items() if card_numbers(html)}
    if not note_type.cloze:
        if hidden and not adopted:
            return f"has cloze deletions in “{min(hidden)}”; its note type needs cloze: true"
        if not cards_of(note_type, fields, tags):
            return "makes no card: the front of every template stays empty"
        return ""
    return wrong_with_html("\x1f".join(fields), numbering.hidden) or _wrong_with_cloze(
        note_type, named, hidden
    )


def _wrong_with_cloze(note_type: NoteType, named: Mapping[str, str], hidden: set[str]) -> str:
    """The same of a note whose cards are cloze deletions, in the fields that are `hidden`."""
    if not_hidden := hidden - hidden_by(note_type.templates[0].front):
        name = min(not_hidden)
        return f"has cloze deletions in “{name}”, but the front does not show {{{{cloze:{name}}}}}"
    if note_type.occlusion and f"::{OCCLUSION}" not in named[OCCLUSION_FIELDS[0]]:
        return f"hides no shapes in “{OCCLUSION_FIELDS[0]}”; write {{{{ field | cloze }}}}"
    if note_type.occlusion and "<img " not in named[OCCLUSION_FIELDS[1]]:
        return f"shows no picture in “{OCCLUSION_FIELDS[1]}”"
    return ""


def wrong_with_side(html: str) -> str:
    """Why this cannot be a side of a card, or nothing."""
    if not html:
        return "comes out empty"
    if "\x1f" in html:  # which Anki has between the fields of a note
        return "comes out with the character U+001F"
    return f"comes out longer than {_MAX_SIDE:,} characters" if len(html) > _MAX_SIDE else ""
