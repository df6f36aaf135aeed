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
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

import jinja2
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
_FRONT, _BACK, _STYLE, _EXTRA = _FILES = ("front.html", "back.html", "style.css", "extra.css")
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
    unread = [_unread(path) for name, path in given.items() if name not in _FILES]

    def side(name: str, escaped: Callable[[str], str], names: Collection[str]) -> _Side:
        path = given.get(name, DEFAULT_CARD / name)
        return _Side(path, problems, media, _words(deck, escaped), names)

    front, back = (side(name, html.escape, _WORDS) for name in (_FRONT, _BACK))
    styles = [side(_STYLE, _css_escaped, _OF_DECK)]
    if _EXTRA in given:
        styles.append(side(_EXTRA, _css_escaped, _OF_DECK))
    if problems:
        return (), problems + unread
    css = "".join(style.render({}) for style in styles)
    deck_name = deck.name if deck else ""

    def note_type(name: str, fields: tuple[str, ...], *cards: CardTemplate) -> NoteType:
        templates = tuple(
            CardTemplate(
                name=card.name, front=front.as_front(card, fields), back=back.filled(card, fields)
            )
            for card in cards
        )
        cloze = fields == CLOZE_FIELDS
        return NoteType(
            name=name,
            cloze=cloze,
            fields=fields,
            templates=templates,
            css=css,
            media=tuple(sorted({name for file in (*styles, front, back) for name in file.media})),
        )

    css += HIDING_CSS if rest_hidden else ""
    basic = note_type(deck_name, FIELDS, CARD, REVERSE_CARD)
    card = CLOZE_CARD._replace(front=HIDING_FRONT) if rest_hidden else CLOZE_CARD
    cloze = note_type(f"{deck_name} Cloze", CLOZE_FIELDS, card)
    return () if problems else (basic, cloze), list(dict.fromkeys(problems)) + unread


def _unread(path: Path) -> Problem:
    message = nearest(path.name, _FILES) or f"; card/ has {', '.join(_FILES)}"
    return warning(Place(str(path)), f"not read{message}", Error.FILE)


def _read(path: Path, problems: list[Problem]) -> str:
    text = read_text(path)
    if isinstance(text, Problem):
        problems.append(text)
        return ""
    problems.extend(conflicts(str(path), text))
    return text.replace("\r\n", "\n")


def _words(deck: Deck | None, escaped: Callable[[str], str]) -> dict[str, object]:
    """What the sources say that files of `card/` may use; nothing if `decks.yaml` is broken."""
    said = {
        "language": deck.language if deck else ENGLISH,
        "direction": direction(deck.language) if deck else "ltr",
        "align": deck.align if deck else "start",
        "deck": deck.name if deck else "",
        "home": deck.home if deck else "",
        # Anki fills in the key; it has nothing that an address must encode behind its “?”.
        "report": deck.report.replace("{key}", "{{Key}}") if deck else "",
    }
    labels = deck.labels if deck else labels_in(ENGLISH)
    return {
        **{name: escaped(text) for name, text in said.items()},
        "labels": {name: escaped(text) for name, text in labels.items()},
    }


def _css_escaped(text: str) -> str:
    return _IN_CSS.sub(lambda found: f"\\{ord(found[0]):x} ", text)


class _Side:
    """A file of `card/`, such as a side of every card; what is wrong with it goes to `problems`.

    `words` are those that it may have in square brackets and what they stand for, beside what is
    another on each card; `names` are all of them.
    """

    def __init__(
        self,
        path: Path,
        problems: list[Problem],
        media: Media,
        words: Mapping[str, object],
        names: Collection[str],
    ) -> None:
        self.path, self.problems, self.words = str(path), problems, words
        self.text = _read(path, problems)
        pack = packed_style if path.suffix == ".css" else partial(packed, of_kind=False)
        shown = pack(self.text, partial(place_at, self.path, self.text), media)
        self.media = shown.media
        problems += shown.problems
        try:
            tree = parse_template(_BRACKETS, shown.text)
        except jinja2.TemplateSyntaxError as failure:
            self.broken(failure.lineno, failure.message)
            return
        for name in tree.find_all(jinja2.nodes.Name):
            if name.name not in names and name.ctx == "load":
                self.broken(name.lineno, f"unknown word “{name.name}”{nearest(name.name, names)}")
        labels = labels_in(ENGLISH)
        for part in tree.find_all(jinja2.nodes.Getattr):
            if part.node == jinja2.nodes.Name("labels", "load") and part.attr not in labels:
                hint = nearest(part.attr, labels)
                self.broken(part.lineno, f"unknown label “{part.attr}”{hint}")
        self.template = _BRACKETS.from_string(tree)

    def error(self, place: Place, message: str) -> None:
        self.problems.append(error(place, message, Error.TEMPLATE))

    def broken(self, line: int, reason: str | None) -> None:
        self.error(Place(self.path, line), f"not a valid template: {reason}")

    def filled(self, card: CardTemplate, fields: tuple[str, ...]) -> str:
        """The side of a card with these fields, in Anki's language."""
        words = {"question": card.front, "answer": card.back, "cloze": fields is CLOZE_FIELDS}
        side = self.render(words).strip()
        for wrong in wrong_with_side(side, fields):
            written = side[wrong.at :].partition("}}")
            at = max(0, self.text.find(written[0] + written[1]))
            self.error(place_at(self.path, self.text, at), wrong.message)
        return side

    def render(self, words: Mapping[str, object]) -> str:
        """The file with the words filled in."""
        try:
            return self.template.render(self.words, **words)
        except (jinja2.TemplateError, *FAILURES) as failure:
            self.broken(1, str(failure))
            return ""

    def as_front(self, card: CardTemplate, fields: tuple[str, ...]) -> str:
        """The same of a front; one that is empty where the field is makes Anki create no card."""
        side = self.filled(card, fields)
        if card.front not in side:
            self.error(Place(self.path), "a front must show [[ question ]]")
        if card is REVERSE_CARD:
            side = f"{{{{#Reverse Front}}}}{side}{{{{/Reverse Front}}}}"
        return side
