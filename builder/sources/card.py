"""`card/` → the two Anki note types of a deck.

`front.html` and `back.html` are Anki card templates, in Anki's own language, for every card of
the deck. Where the cards differ they have three words of the builder's in square brackets:
`[[ question ]]`, `[[ answer ]]` and `[% if cloze %]`.
"""

from pathlib import Path

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from builder.anki.note_types import (
    CARD,
    CLOZE_CARD,
    CLOZE_FIELDS,
    FIELDS,
    HIDING_CSS,
    HIDING_FRONT,
    REVERSE_CARD,
    wrong_with_side,
)
from builder.files import list_folder
from builder.model import CardTemplate, NoteType
from builder.notes.templates import FAILURES, parse_template
from builder.problems import Error, Place, Problem, error, nearest
from builder.sources.text import conflicts, place_at, read_text

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


def load_note_types(
    src: Path, deck_name: str, *, rest_hidden: bool
) -> tuple[tuple[NoteType, ...], list[Problem]]:
    """The deck's note types, `NAME` and `NAME Cloze`; none if a file is missing or broken.

    `rest_hidden` says whether a card of a cloze may hide its other deletions too while it asks.
    """
    _, problems = list_folder(src / "card")
    css = _read(src / "card" / "style.css", problems)
    front = _Side(src / "card" / "front.html", problems)
    back = _Side(src / "card" / "back.html", problems)
    if problems:
        return (), problems

    def note_type(name: str, fields: tuple[str, ...], *cards: CardTemplate) -> NoteType:
        templates = tuple(
            CardTemplate(
                name=card.name, front=front.as_front(card, fields), back=back.filled(card, fields)
            )
            for card in cards
        )
        cloze = fields == CLOZE_FIELDS
        return NoteType(name=name, cloze=cloze, fields=fields, templates=templates, css=css)

    css += HIDING_CSS if rest_hidden else ""
    basic = note_type(deck_name, FIELDS, CARD, REVERSE_CARD)
    card = CLOZE_CARD._replace(front=HIDING_FRONT) if rest_hidden else CLOZE_CARD
    cloze = note_type(f"{deck_name} Cloze", CLOZE_FIELDS, card)
    return () if problems else (basic, cloze), list(dict.fromkeys(problems))


def _read(path: Path, problems: list[Problem]) -> str:
    text = read_text(path)
    if isinstance(text, Problem):
        problems.append(text)
        return ""
    problems.extend(conflicts(str(path), text))
    return text.replace("\r\n", "\n")


class _Side:
    """A side of every card, a file of `card/`; what is wrong with it goes to `problems`."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.path, self.problems = str(path), problems
        self.text = _read(path, problems)
        try:
            tree = parse_template(_BRACKETS, self.text)
        except jinja2.TemplateSyntaxError as failure:
            self.broken(failure.lineno, failure.message)
            return
        for name in tree.find_all(jinja2.nodes.Name):
            if name.name not in _WORDS and name.ctx == "load":
                self.broken(name.lineno, f"unknown word “{name.name}”{nearest(name.name, _WORDS)}")
        self.template = _BRACKETS.from_string(tree)

    def error(self, place: Place, message: str) -> None:
        self.problems.append(error(place, message, Error.TEMPLATE))

    def broken(self, line: int, reason: str | None) -> None:
        self.error(Place(self.path, line), f"not a valid template: {reason}")

    def filled(self, card: CardTemplate, fields: tuple[str, ...]) -> str:
        """The side of a card with these fields, in Anki's language."""
        words = {"question": card.front, "answer": card.back, "cloze": fields is CLOZE_FIELDS}
        try:
            html = self.template.render(words).strip()
        except FAILURES as failure:
            self.broken(1, str(failure))
            return ""
        for wrong in wrong_with_side(html, self.text, fields):
            self.error(place_at(self.path, self.text, wrong.at), wrong.message)
        return html

    def as_front(self, card: CardTemplate, fields: tuple[str, ...]) -> str:
        """The same of a front; one that is empty where the field is makes Anki create no card."""
        html = self.filled(card, fields)
        if card.front not in html:
            self.error(Place(self.path), "a front must show [[ question ]]")
        if card is REVERSE_CARD:
            html = f"{{{{#Reverse Front}}}}{html}{{{{/Reverse Front}}}}"
        return html
