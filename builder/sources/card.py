"""`card/` → the two Anki note types of a deck.

`front.html` and `back.html` are Anki card templates, in Anki's own language, for every card of
the deck. Each of them, and `style.css`, stands in place of the builder's own in `default_card`;
`extra.css` comes after the style, whosever it is. Where the cards differ they have words of the
builder's in square brackets: `[[ question ]]`, `[[ answer ]]` and `[% if cloze %]`. Others, which
styles may have too, stand for what `decks.yaml` says: `[[ language ]]`, `[[ direction ]]`,
`[[ align ]]`, `[[ deck ]]`, `[[ home ]]`, `[[ report ]]`, `[[ labels.caution ]]`.
"""

import html
import re
from functools import partial
from pathlib import Path

import jinja2
from jinja2 import nodes
from jinja2.sandbox import SandboxedEnvironment

from builder.anki.card_templates import wrong_with_side
from builder.anki.note_types import (
    CARD,
    CLOZE_CARD,
    CLOZE_FIELDS,
    FIELDS,
    HIDING_CSS,
    HIDING_FRONT,
    REVERSE_CARD,
)
from builder.files import list_folder
from builder.model import CardTemplate, Deck, Media, NoteType
from builder.notes.jinja import parse_template
from builder.notes.language import ENGLISH, direction, labels_in
from builder.notes.templates import FAILURES
from builder.problems import Error, Place, Problem, error, nearest, warning
from builder.sources.references import packed, packed_style
from builder.sources.text import conflicts, place_at, read_text

DEFAULT_CARD = Path(__file__).with_name("default_card")
_EXTRA = "extra.css"
_FILES = ("front.html", "back.html", "style.css", _EXTRA)
_HAS = f"; card/ has {', '.join(_FILES)}"
# What stands in square brackets.
_OF_DECK = ("language", "direction", "align", "deck", "home", "report", "labels")
_WORDS = ("question", "answer", "cloze", *_OF_DECK)

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
    keep_trailing_newline=True,
)
# In a string of CSS, all that may end or escape it.
_IN_CSS = re.compile(r"[^\w .,:;!?'’()/-]")


def load_note_types(
    src: Path, deck: Deck | None, media: Media, *, rest_hidden: bool
) -> tuple[tuple[NoteType, ...], list[Problem]]:
    """The deck's note types, `NAME` and `NAME Cloze`; none if a file is broken.

    `rest_hidden` says whether a card of a cloze may hide its other deletions too while it asks.
    """
    listed, problems = list_folder(src / "card")
    given = {path.name: path for path in listed}
    unread = [
        warning(Place(str(path)), f"not read{nearest(name, _FILES) or _HAS}", Error.FILE)
        for name, path in given.items()
        if name not in _FILES
    ]
    names = [name for name in _FILES if name in given or name != _EXTRA]
    files = [_File(given.get(name, DEFAULT_CARD / name), problems, media, deck) for name in names]
    if problems:
        return (), problems + unread
    front, back, *styles = files
    css = "".join(style.filled() for style in styles) + HIDING_CSS * rest_hidden
    shown = tuple(sorted({name for file in files for name in file.media}))

    def note_type(name: str, fields: tuple[str, ...], *cards: CardTemplate) -> NoteType:
        templates = tuple(
            CardTemplate(card.name, front.front(card, fields), back.side(card, fields))
            for card in cards
        )
        return NoteType(name, fields is CLOZE_FIELDS, fields, templates, css, shown)

    name = deck.name if deck else ""
    cloze = CLOZE_CARD._replace(front=HIDING_FRONT) if rest_hidden else CLOZE_CARD
    both = (
        note_type(name, FIELDS, CARD, REVERSE_CARD),
        note_type(f"{name} Cloze", CLOZE_FIELDS, cloze),
    )
    return () if problems else both, list(dict.fromkeys(problems)) + unread


class _File:
    """A file of `card/`; what is wrong with it goes to `problems`."""

    def __init__(
        self, path: Path, problems: list[Problem], media: Media, deck: Deck | None
    ) -> None:
        self.path, self.problems, self.text = str(path), problems, ""
        is_style = path.suffix == ".css"
        self.words = _words(deck, is_style=is_style)
        names: tuple[str, ...] = _OF_DECK if is_style else _WORDS
        text = read_text(path)
        if isinstance(text, Problem):
            problems.append(text)
            return
        problems += conflicts(self.path, text)
        self.text = text.replace("\r\n", "\n")
        pack = packed_style if is_style else partial(packed, of_kind=False)
        shown = pack(self.text, partial(place_at, self.path, self.text), media)
        self.media = shown.media
        problems += shown.problems
        try:
            tree = parse_template(_BRACKETS, shown.text)
        except jinja2.TemplateSyntaxError as failure:
            self.broken(failure.lineno, failure.message)
            return
        for node in tree.find_all((nodes.Name, nodes.Getattr)):
            what, name, known = ("word", getattr(node, "name", ""), names)
            if isinstance(node, nodes.Getattr):
                what, name, known = ("label", node.attr, tuple(labels_in(ENGLISH)))
            if name not in known:
                self.broken(node.lineno, f"unknown {what} “{name}”{nearest(name, known)}")
        self.template = _BRACKETS.from_string(tree)

    def error(self, place: Place, message: str) -> None:
        self.problems.append(error(place, message, Error.TEMPLATE))

    def broken(self, line: int, reason: str | None) -> None:
        self.error(Place(self.path, line), f"not a valid template: {reason}")

    def filled(self, **words: object) -> str:
        """The file with the words filled in."""
        try:
            return self.template.render(self.words, **words)
        except (jinja2.TemplateError, *FAILURES) as failure:
            self.broken(1, str(failure))
            return ""

    def side(self, card: CardTemplate, fields: tuple[str, ...]) -> str:
        """The side of a card with these fields, in Anki's language."""
        cloze = fields is CLOZE_FIELDS
        side = self.filled(question=card.front, answer=card.back, cloze=cloze).strip()
        for wrong in wrong_with_side(side, fields):
            written = side[wrong.at :].partition("}}")
            at = max(0, self.text.find(written[0] + written[1]))
            self.error(place_at(self.path, self.text, at), wrong.message)
        return side

    def front(self, card: CardTemplate, fields: tuple[str, ...]) -> str:
        """The same of a front; one that is empty where the field is makes Anki create no card."""
        side = self.side(card, fields)
        if card.front not in side:
            self.error(Place(self.path), "a front must show [[ question ]]")
        if card is REVERSE_CARD:
            side = f"{{{{#Reverse Front}}}}{side}{{{{/Reverse Front}}}}"
        return side


def _words(deck: Deck | None, *, is_style: bool) -> dict[str, object]:
    """What the sources say that files of `card/` may use; nothing if `decks.yaml` is broken."""
    if deck is None:
        return {**dict.fromkeys(_OF_DECK, ""), "labels": labels_in(ENGLISH)}

    def escaped(text: str) -> str:
        in_css = _IN_CSS.sub(lambda found: f"\\{ord(found[0]):x} ", text)
        return in_css if is_style else html.escape(text)

    return {
        "language": escaped(deck.language),
        "direction": direction(deck.language),
        "align": deck.align,
        "deck": escaped(deck.name),
        "home": escaped(deck.home),
        # Anki fills in the key; it has nothing that an address must encode behind its “?”.
        "report": escaped(deck.report.replace("{key}", "{{Key}}")),
        "labels": {name: escaped(text) for name, text in deck.labels.items()},
    }
