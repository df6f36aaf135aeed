"""`card/` → the two Anki note types of a deck.

`front.html` and `back.html` are Anki card templates, in Anki's own language, for every card of
the deck. Where the cards differ they have three words of the builder's in square brackets:
`[[ question ]]`, `[[ answer ]]` and `[% if cloze %]`.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import jinja2
import jinja2.meta
from jinja2.sandbox import SandboxedEnvironment

from builder.anki.note_types import (
    CARD,
    CLOZE_CARD,
    CLOZE_FIELDS,
    FIELDS,
    REVERSE_CARD,
    wrong_with_side,
)
from builder.files import list_folder
from builder.model import CardTemplate, NoteType
from builder.notes.templates import FAILURES, parse_template
from builder.problems import Error, Place, Problem, error, nearest
from builder.sources.parse import place_at, read_text

# What stands in square brackets.
_WORDS = ("question", "answer", "cloze")

# Not escaping: the templates are HTML, filled in by Anki.
_BRACKETS = SandboxedEnvironment(
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    comment_start_string="[#",
    comment_end_string="#]",
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


class _Side(NamedTuple):
    """A file of `card/`: its text, and the template that it is."""

    path: str
    text: str
    template: jinja2.Template


def load_note_types(src: Path, deck_name: str) -> tuple[tuple[NoteType, ...], list[Problem]]:
    """The deck's note types, `NAME` and `NAME Cloze`; none if a file is missing or broken."""
    _, problems = list_folder(src / "card")
    css = _read(src / "card" / "style.css", problems)
    front = _side(src / "card" / "front.html", problems)
    back = _side(src / "card" / "back.html", problems)
    if not front or not back or problems:
        return (), problems

    def note_type(name: str, fields: tuple[str, ...], *cards: CardTemplate) -> NoteType:
        templates = tuple(_template(front, back, card, fields, problems) for card in cards)
        cloze = fields == CLOZE_FIELDS
        return NoteType(name=name, cloze=cloze, fields=fields, templates=templates, css=css)

    basic = note_type(deck_name, FIELDS, CARD, REVERSE_CARD)
    cloze = note_type(f"{deck_name} Cloze", CLOZE_FIELDS, CLOZE_CARD)
    return () if problems else (basic, cloze), list(dict.fromkeys(problems))


def _read(path: Path, problems: list[Problem]) -> str:
    text = read_text(path)
    if isinstance(text, Problem):
        problems.append(text)
        return ""
    return text.replace("\r\n", "\n")


def _side(path: Path, problems: list[Problem]) -> _Side | None:
    text = _read(path, problems)
    try:
        tree = parse_template(_BRACKETS, text)
    except jinja2.TemplateSyntaxError as failure:
        problems.append(_broken(str(path), failure.lineno, failure.message))
        return None
    for name in tree.find_all(jinja2.nodes.Name):
        if name.name not in _WORDS and name.ctx == "load":
            message = f"unknown word “{name.name}”{nearest(name.name, _WORDS)}"
            problems.append(_broken(str(path), name.lineno, message))
    return _Side(path=str(path), text=text, template=_BRACKETS.from_string(tree))


def _template(
    front: _Side, back: _Side, card: CardTemplate, fields: tuple[str, ...], problems: list[Problem]
) -> CardTemplate:
    """A card's template in Anki's language; adds to `problems`."""
    html = _fill(front, card, fields, problems)
    if card.front not in html:
        message = "a front must show [[ question ]]"
        problems.append(error(Place(front.path), message, Error.TEMPLATE))
    if card is REVERSE_CARD:
        # A front that is empty where the field is makes Anki create no card.
        html = f"{{{{#Reverse Front}}}}{html}{{{{/Reverse Front}}}}"
    return CardTemplate(name=card.name, front=html, back=_fill(back, card, fields, problems))


def _fill(side: _Side, card: CardTemplate, fields: tuple[str, ...], problems: list[Problem]) -> str:
    try:
        html = side.template.render(
            question=card.front, answer=card.back, cloze=card is CLOZE_CARD
        ).strip()
    except FAILURES as failure:
        problems.append(_broken(side.path, 1, str(failure)))
        return ""
    for wrong in wrong_with_side(html, side.text, fields):
        place = place_at(side.path, side.text, wrong.at)
        problems.append(error(place, wrong.message, Error.TEMPLATE))
    return html


def _broken(path: str, line: int, reason: str | None) -> Problem:
    return error(Place(path, line), f"not a valid template: {reason}", Error.TEMPLATE)
