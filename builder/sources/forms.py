"""How texts are written in the sources: one table of forms, for the reader and for JSON Schemas.

To the builder every scalar is text; to an editor `2010` is a number and `~` is nothing. What an
editor takes for something else than text is therefore left to the builder, so that nothing it
accepts is marked as wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from builder.notes.cloze import WRITTEN, wrong_with_text
from builder.problems import Error

Schema = dict[str, object]

# All patterns mean the same in Python and in ECMAScript, once `_whole` has seen to letters.
_NUMBER = r"-?[0-9][0-9,]*(?:\.[0-9]+)?"
_DATE = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
_YEARS = r"([0-9]{4})/([0-9]{4})"
_URL = r"https?://[^\s<>\"]+"  # nothing that runs, such as javascript:
_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_WORDS = r"[^\W_]+(?:-[^\W_]+)*"  # no spaces, and nothing that would break Anki's searches

_USE_SLUG = "use small letters, digits and single hyphens"
_USE_WORDS = "use letters, digits and hyphens"

# Windows takes these for devices, whatever stands after the dot; Anki cuts names of media at 120.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_MAX_NAME = 80


class Form(NamedTuple):
    """How a text is written: for people, for editors, and what `wrong` finds wrong with one.

    `pattern` is what it matches, if that is all; `rule` is what a text that is wrong breaks.
    """

    meaning: str
    schema: Schema
    wrong: Callable[[str], str] = lambda _: ""
    rule: Error = Error.TYPE
    pattern: str = ""


def scalar(**rules: object) -> Schema:
    """The schema of a scalar, to which `rules` apply if an editor takes it for text."""
    # Were the two alike but for these rules, the language server would show both on hovering.
    no_text: Schema = {"not": {"type": ["string", "array", "object"]}, "properties": {}}
    return {"anyOf": [{"type": "string", **rules}, no_text]}


def whole(pattern: str) -> str:
    """A pattern as one for the whole of a text in JSON Schema's dialect, ECMAScript's."""
    return f"^(?:{pattern})$".replace(r"[^\W_]", r"[\p{L}\p{N}]")


def _matching(meaning: str, rule: Error, pattern: str, name: str, *types: str) -> Form:
    """A text that matches a pattern; one that does not “is not” what `name` says.

    `types` are JSON's, for which an editor may take it.
    """
    message = f"not {name}"
    if types:
        around = whole(rf"\s*(?:{pattern})\s*")  # of the text of a field, spaces are no part
        schema: Schema = {"type": list(types), "pattern": around, "errorMessage": message}
    else:
        schema = scalar(pattern=whole(pattern), errorMessage=message)

    def wrong(text: str) -> str:
        return "" if re.fullmatch(pattern, text) else f"“{text}” is {message}"

    return Form(meaning=meaning, schema=schema, wrong=wrong, rule=rule, pattern=pattern)


def _wrong_date(text: str) -> str:
    if years := re.fullmatch(_YEARS, text):
        return "" if years[1] < years[2] else f"“{text}” ends before it starts"
    if not re.fullmatch(_DATE, text):
        return f"“{text}” is not a valid date; write 2010-10-12, 2010-10, 2010 or 2010/2011"
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return f"there is no such day as “{text}”"
    return ""


def _wrong_file(name: str) -> str:
    """Why a file cannot have a name of small letters everywhere."""
    if _DEVICES.fullmatch(name):
        return f"Windows cannot have a file named “{name}”"
    return f"a file name has at most {_MAX_NAME} characters" if len(name) > _MAX_NAME else ""


_TEXT = Form(
    meaning="A text, as inline Markdown; MathJax passes through.",
    schema=scalar(minLength=1, errorMessage="expected a text"),
)
_LIST = Form(
    meaning="A list of short texts. A reworded one is {item: new text, formerly: old text}, one"
    " that takes another's place {item: text, new: true}.",
    schema={
        "type": "array",
        "items": {"anyOf": [{"$ref": "#/definitions/text"}, {"$ref": "#/definitions/item"}]},
        "minItems": 1,
    },
)
_PICTURE = Form(meaning="A file in media/.", schema={"$ref": "#/definitions/medium"})
_CLOZE = Form(
    meaning="A text with cloze deletions: {{c1::answer}} or {{c1::answer::hint}}.",
    schema={
        "type": "string",
        "pattern": WRITTEN.pattern,
        "errorMessage": "no well-formed cloze deletion; write {{c1::answer}} or"
        " {{c1::answer::hint}}",
    },
    wrong=wrong_with_text,
    rule=Error.CLOZE,
)
_DAY = _matching(
    "A date: 2010-10-12, 2010-10, 2010, or 2010/2011 for a span of years.",
    Error.DATE,
    f"{_DATE}|{_YEARS}",
    "a valid date; write 2010-10-12, 2010-10, 2010 or 2010/2011",
    *("string", "integer"),
)

# The types of fields.
TYPES = {
    "text": _TEXT,
    "date": _DAY._replace(schema=_DAY.schema | {"minimum": 1, "maximum": 9999}, wrong=_wrong_date),
    "number": _matching(
        "A number in digits.", Error.NUMBER, _NUMBER, "a number", "string", "number"
    ),
    "list": _LIST,
    "url": _matching("A web address.", Error.URL, _URL, "a web address (https://…)", "string"),
    "picture": _PICTURE,
    "cloze": _CLOZE,
}


def _name(what: str, rule: Error, pattern: str, hint: str) -> Form:
    return _matching(what, rule, pattern, f"a valid {what}; {hint}")


_PACKAGE = _name("package name", Error.PACKAGE, _SLUG, _USE_SLUG)
_FILE = _name(
    "picture name",
    Error.MEDIA,
    rf"{_SLUG}\.(?:svg|png|jpg|webp|gif)",  # any file system and WebView takes it
    f"{_USE_SLUG} and end with .svg, .png, .jpg, .webp or .gif",
)

# All forms of texts.
FORMS = {
    **TYPES,
    "flag": _matching(
        "true or false", Error.TYPE, "true|false", "true or false", "boolean", "string"
    ),
    "id": _name("id", Error.ID, _SLUG, _USE_SLUG),
    "kind name": _name("kind name", Error.KIND, _SLUG, _USE_SLUG),
    "prompt name": _name("prompt name", Error.PROMPT, _SLUG, _USE_SLUG),
    "field name": _name("field name", Error.FIELD, "[a-z][a-z0-9_]*", "use a-z, 0-9 and _"),
    "tag name": _name("tag name", Error.TAG, _WORDS, _USE_WORDS),
    "tag root": _name("tag root", Error.TAG, r"[^\W_]+(?:[-:][^\W_]+)*", _USE_WORDS),
    "slug": _name("slug", Error.SOURCE, _WORDS, _USE_WORDS),
    "package name": _PACKAGE._replace(wrong=lambda name: _PACKAGE.wrong(name) or _wrong_file(name)),
    "picture name": _FILE._replace(wrong=lambda name: _FILE.wrong(name) or _wrong_file(name)),
}
