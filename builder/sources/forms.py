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

from builder.problems import Error

Schema = dict[str, object]

# These patterns mean the same in Python and, as a schema has them, in ECMAScript.
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # ids, names of kinds, prompts, packages: of files
NAME = re.compile(
    r"[^\W_]+(?:-[^\W_]+)*"
)  # Anki's tags have neither spaces nor quotes nor `_`, `*`
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")  # Jinja2 must be able to say it
FILE_NAME = re.compile(
    r"[a-z0-9]+(?:-[a-z0-9]+)*\.(?:svg|png|jpg|webp|gif)"
)  # any WebView takes it
URL = re.compile(r"https?://[^\s<>\"]+")  # nothing that runs, such as javascript:
_TAG_ROOT = re.compile(r"[^\W_]+(?:[-:][^\W_]+)*")
_NUMBER = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_YEARS = re.compile(r"([0-9]{4})/([0-9]{4})")
_DELETION = re.compile(
    r"\{\{c(?:[1-9][0-9]?)::(?:(?!\{\{|\}\}|::)[^\n])+(?:::(?:(?!\{\{|\}\}|::)[^\n])+)?\}\}"
)

USE_SLUG = "use small letters, digits and single hyphens"
USE_NAME = "use letters, digits and hyphens"

# Windows takes these for devices, whatever stands after the dot; Anki cuts names of media at 120.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_MAX_NAME = 80


def unsafe_name(name: str) -> str:
    """Why no file can have a name of small letters everywhere, or nothing."""
    if _DEVICES.fullmatch(name):
        return f"Windows cannot have a file named “{name}”"
    return f"a file name has at most {_MAX_NAME} characters" if len(name) > _MAX_NAME else ""


def whole(pattern: str) -> str:
    """A Python pattern as one for the whole of a text in JSON Schema's dialect, ECMAScript's."""
    return f"^(?:{pattern})$".replace(r"[^\W_]", r"[\p{L}\p{N}]")


def scalar(**rules: object) -> Schema:
    """The schema of a scalar, to which `rules` apply if an editor takes it for text."""
    # Were the two alike but for these rules, the language server would show both on hovering.
    no_text: Schema = {"not": {"type": ["string", "array", "object"]}, "properties": {}}
    return {"anyOf": [{"type": "string", **rules}, no_text]}


class Form(NamedTuple):
    """How a text is written: for people, for editors, and what `wrong` has against one, if anything.

    `rule` is what a text that is wrong breaks.
    """

    meaning: str
    schema: Schema
    wrong: Callable[[str], str] = lambda _: ""
    rule: Error = Error.TYPE


def _like(pattern: re.Pattern[str], message: str) -> Callable[[str], str]:
    """Says of a text that does not match a pattern that it “is not …”."""
    return lambda text: "" if pattern.fullmatch(text) else f"“{text}” is not {message}"


def _wrong_date(text: str) -> str:
    """What is wrong with a date: a day, a month, a year, or two years (2017/2018)."""
    if years := _YEARS.fullmatch(text):
        return "" if years[1] < years[2] else f"“{text}” ends before it starts"
    if not _DATE.fullmatch(text):
        return f"“{text}” is not {_A_DATE}"
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return f"there is no such day as “{text}”"
    return ""


def _wrong_cloze(text: str) -> str:
    """What is wrong with a text with cloze deletions."""
    rest, deletions = _DELETION.subn("", text)
    if "{{" in rest or "}}" in rest:
        return "not a well-formed cloze deletion; write {{c1::answer}} or {{c1::answer::hint}}"
    return "" if deletions else "no cloze deletion; write {{c1::answer}} around what is asked for"


_A_DATE = "a valid date; write 2010-10-12, 2010-10, 2010 or 2010/2011"
_A_NUMBER = "a number"
_AN_URL = "a web address (https://…)"
_A_FLAG = "true or false"
_AN_ID = f"a valid id; {USE_SLUG}"
_A_TAG_ROOT = f"a valid tag root; {USE_NAME}"

FORMS = {
    "text": Form(
        "A text, as inline Markdown; MathJax passes through.",
        scalar(minLength=1, errorMessage="expected a single text"),
    ),
    "date": Form(
        "A date: 2010-10-12, 2010-10, 2010, or 2010/2011 for a span of years.",
        {
            "type": ["string", "integer"],
            "pattern": whole(rf"\s*(?:{_DATE.pattern}|{_YEARS.pattern})\s*"),
            "minimum": 1,
            "maximum": 9999,
            "errorMessage": f"not {_A_DATE}",
        },
        _wrong_date,
        Error.DATE,
    ),
    "number": Form(
        "A number in digits.",
        {
            "type": ["string", "number"],
            "pattern": whole(rf"\s*{_NUMBER.pattern}\s*"),
            "errorMessage": f"not {_A_NUMBER}",
        },
        _like(_NUMBER, _A_NUMBER),
        Error.NUMBER,
    ),
    "list": Form(
        "A list of short texts. A reworded one is {item: new text, formerly: old text}, one that"
        " takes another's place {item: text, new: true}.",
        {
            "type": "array",
            "items": {"anyOf": [{"$ref": "#/definitions/text"}, {"$ref": "#/definitions/item"}]},
            "minItems": 1,
        },
    ),
    "url": Form(
        "A web address.",
        {
            "type": "string",
            "pattern": whole(rf"\s*{URL.pattern}\s*"),
            "errorMessage": f"not {_AN_URL}",
        },
        _like(URL, _AN_URL),
        Error.URL,
    ),
    "picture": Form("A file in media/.", {"$ref": "#/definitions/medium"}),
    "cloze": Form(
        "A text with cloze deletions: {{c1::answer}} or {{c1::answer::hint}}.",
        {
            "type": "string",
            "pattern": _DELETION.pattern,
            "errorMessage": "no well-formed cloze deletion; write {{c1::answer}} or"
            " {{c1::answer::hint}}",
        },
        _wrong_cloze,
        Error.CLOZE,
    ),
    "flag": Form(
        "true or false",
        {"type": ["boolean", "string"], "pattern": whole("true|false"), "errorMessage": _A_FLAG},
        _like(re.compile("true|false"), _A_FLAG),
    ),
    "id": Form(
        "an id",
        scalar(pattern=whole(SLUG.pattern), errorMessage=f"not {_AN_ID}"),
        _like(SLUG, _AN_ID),
        Error.ID,
    ),
    "tag_root": Form(
        "the tag above all others",
        scalar(pattern=whole(_TAG_ROOT.pattern), errorMessage=f"not {_A_TAG_ROOT}"),
        _like(_TAG_ROOT, _A_TAG_ROOT),
        Error.TAG,
    ),
}

# The forms that a field of a kind may have: its type.
TYPES = ("text", "date", "number", "list", "url", "picture", "cloze")
