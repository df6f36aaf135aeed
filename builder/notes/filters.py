"""The filters of templates, which see and give texts as they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import count

from markupsafe import Markup

from builder.notes.cloze import Numbering, as_deletion
from builder.notes.cloze_text import in_context
from builder.notes.dates import ask_when
from builder.notes.formulas import FORMULA
from builder.notes.language import attributes
from builder.notes.markdown import markdown
from builder.notes.written import ToHtml, Written, html_of, is_list, listed, pieces_of

# Words, and what upper and lower case would spoil: formulas, where links lead, `{{c1::`.
_CASED = re.compile(
    rf"(?P<kept>{FORMULA.pattern}|\]\([^\s()]*|<https?:[^<>\s]*>|\{{\{{c\d+::)|[^\W_]+", re.DOTALL
)
# What stands before a word of a title.
_BEFORE_TITLE = ' \n\t\u00a0-([{<*_`“‘"/'


def joined(values: Iterable[object], between: object = "") -> Written:
    """Things one after another, perhaps with something between them."""
    pieces: list[tuple[str, ToHtml]] = []
    for value in values:
        pieces += [*(pieces_of(between) if pieces else ()), *pieces_of(value)]
    return Written.of(pieces)


def _with_words(change: Callable[[str, str, bool], str]) -> Callable[[object], object]:
    """A filter that changes a word, given what stands before it and whether it is the first."""

    def changed(value: object) -> object:
        if is_list(value):
            return [changed(item) for item in value]
        words = count()

        def word(found: re.Match[str]) -> str:
            before = found.string[found.start() - 1] if found.start() else " "
            return found[0] if found["kept"] else change(found[0], before, next(words) == 0)

        written = _as_written(value)
        return written.with_texts(_CASED.sub(word, text) for text, _ in written.pieces)

    return changed


def _titled(word: str) -> str:
    return word[:1].title() + word[1:].lower()


capitalized = _with_words(lambda word, _, first: _titled(word) if first else word.lower())
titled = _with_words(
    lambda word, before, _: _titled(word) if before in _BEFORE_TITLE else word.lower()
)
lowered = _with_words(lambda word, *_: word.lower())
uppered = _with_words(lambda word, *_: word.upper())


def trimmed(value: object, characters: str | None = None) -> object:
    """Without white space, or such characters, at both ends."""
    if is_list(value):
        return [trimmed(item, characters) for item in value]
    written = _as_written(value)
    texts = [text for text, _ in written.pieces]
    texts[:1] = [text.lstrip(characters) for text in texts[:1]]
    texts[-1:] = [text.rstrip(characters) for text in texts[-1:]]
    return written.with_texts(texts)


def backwards(value: Iterable[object]) -> object:
    """A list with the last thing first, a text with the last character first."""
    if not isinstance(value, Written):
        return list(value)[::-1]
    return Written.of((text[::-1], to_html) for text, to_html in value.pieces[::-1])


def numbered(value: object) -> Markup:
    """The HTML of a list with its items numbered."""
    if not is_list(value):
        raise TypeError("the filter “numbered” takes a list")
    return Markup(listed(value, "ol"))  # noqa: S704 - escaped and harmless


def cloze(value: object, numbering: Numbering, hint: object = "") -> Markup | list[Markup]:
    """A field's value as a cloze deletion; a list as a list with one for each item.

    An item may have another hint.
    """
    field = _field_of(value, "cloze")
    if isinstance(hint, list):
        raise TypeError("the hint of the filter “cloze” must be a text")
    shown = html_of(hint) if hint else ""
    items = numbering.fact.values[field]
    if not (isinstance(items, tuple) and isinstance(value, list)):
        return Markup(as_deletion(numbering.number(field), html_of(value), shown))  # noqa: S704
    if any(item.shapes for item in items):
        note_type = numbering.kind.note_type
        if note_type is None or not note_type.occlusion:
            raise TypeError("shapes are hidden in a note type with image_occlusion: true")
        return Markup(numbering.hide_shapes(field, items))  # noqa: S704 - made of numbers
    deletions = []
    said = attributes(numbering.kind.fields[field].language, numbering.kind.language)
    for text, item in zip(value, items, strict=True):
        number = numbering.number(field, item)
        own = markdown(item.hint) if item.hint else shown
        if item.context:
            made = in_context(item.context, number, item.text, Markup(own), markdown)  # noqa: S704
            made = f"<span{said}>{made}</span>" if said else made
        else:
            made = as_deletion(number, html_of(text), own)
        deletions.append(Markup(made))  # noqa: S704 - made of escaped text
    return deletions


def when(value: object, numbering: Numbering) -> str:
    """How to ask for a date, as precisely as it is known."""
    field = _field_of(value, "when")
    if numbering.kind.fields[field].type != "date":
        raise TypeError("the filter “when” takes a date field")
    return ask_when(str(numbering.fact.values[field]), numbering.labels)


def _field_of(value: object, user: str) -> str:
    """The field of the fact whose value a filter is given."""
    if field := getattr(value, "field", ""):
        return str(field)
    raise TypeError(f"the filter “{user}” takes a field and nothing else")


def _as_written(value: object) -> Written:
    return Written.of(pieces_of(value), getattr(value, "field", ""))


# By the names that templates have for them; the latter need to know the note.
OF_TEXTS: Mapping[str, Callable[..., object]] = {
    "capitalize": capitalized,
    "escape": lambda value: value,  # which comes last, and by itself
    "lower": lowered,
    "numbered": numbered,
    "reverse": backwards,
    "title": titled,
    "trim": trimmed,
    "upper": uppered,
}
OF_FIELDS: Mapping[str, Callable[..., object]] = {"cloze": cloze, "when": when}
