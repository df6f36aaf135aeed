"""How texts are written, and the keys that mappings may have: for the reader and JSON Schemas."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from builder.model import Kind
from builder.notes.dates import days_of
from builder.notes.language import wrong_with_language

_YEAR_0 = re.compile(r"(?:^|/)0+(?![0-9])")

_FORMS = tomllib.loads(Path(__file__).with_name("forms.toml").read_text("utf-8"))
_KEYS = tomllib.loads(Path(__file__).with_name("keys.toml").read_text("utf-8"))


class Form(NamedTuple):
    """A form of texts, as `forms.toml` explains it."""

    meaning: str = ""
    pattern: str = ""
    name: str = ""
    rule: str = "type"
    also: str = ""
    json: tuple[str, ...] = ()
    endings: str = ""


_NOT_ASCII = re.compile(r"\\p\{M\}|\\u[0-9a-f]{4}|[^\x00-\x7f]")
_NAMED = re.compile(r"\{([a-z]+(?:-[a-z]+)*)\}")

# What media files are for → the endings of their names.
ENDINGS = {name: form["endings"].split() for name, form in _FORMS.items() if "endings" in form}
_ALL_ENDINGS = list(dict.fromkeys(ending for some in ENDINGS.values() for ending in some))

# What a pattern may name: other forms, and all endings of media files.
_NAMES = {name: form["pattern"] for name, form in _FORMS.items() if "pattern" in form}
_NAMES |= {"ending": "|".join(_ALL_ENDINGS)}

FORMS = {
    name: Form(**form)._replace(
        pattern=_NAMED.sub(lambda named: _NAMES[named[1]], form.get("pattern", ""))
    )
    for name, form in _FORMS.items()
}

# The types of fields.
TYPES = {name: form for name, form in FORMS.items() if form.meaning}


class Key(NamedTuple):
    """A key: its meaning, the form of its value, and more that `keys.toml` explains."""

    meaning: str
    form: str = "text"
    required: bool = False
    for_all: bool = False


Keys = Mapping[str, Key]

# What messages call the mapping → its keys.
KEYS: dict[str, Keys] = {
    what: {name: Key(**key) for name, key in keys.items()} for what, keys in _KEYS.items()
}

# Those of a fact that its file may say for all its facts.
FILE_KEYS = tuple(name for name, key in KEYS["a fact"].items() if key.for_all)

KEYS["a file of facts"] = {
    **KEYS["a file of facts"],
    **{name: KEYS["a fact"][name]._replace(required=False) for name in FILE_KEYS},
}


def wrong_with(text: str, form: str) -> str:
    """Why a text does not have a form, or nothing."""
    if form == "language":
        return wrong_with_language(text)
    for name, pattern in ((one, FORMS[one].pattern) for one in (form, FORMS[form].also) if one):
        if pattern and not _pattern(pattern, ascii_only=text.isascii()).fullmatch(text):
            hint = _advice(text) if name == "media-name" else ""
            return f"“{text}” is not {FORMS[name].name}{hint}"
    return _wrong_with_date(text) if form == "date" else ""


@cache
def _pattern(pattern: str, *, ascii_only: bool) -> re.Pattern[str]:
    """A form's pattern as Python has it; to texts in ASCII all that is not ASCII is one."""
    pattern = pattern.replace(r"[\p{L}\p{N}]", r"[^\W_]")
    if ascii_only:  # Python takes milliseconds to compile large classes
        return re.compile(_NOT_ASCII.sub(r"\\xff", pattern))
    return re.compile(pattern.replace(r"\p{M}", all_marks()) if r"\p{M}" in pattern else pattern)


# Unicode has marks in these blocks only; to look through all others takes ten times as long.
_BLOCKS = (
    *((0x300, 0x3100), (0xA600, 0xAC00), (0xFB00, 0xFF00)),
    *((0x10000, 0x12000), (0x13400, 0x13460), (0x16100, 0x17000), (0x1B000, 0x1F000)),
    (0xE0100, 0xE01F0),
)


@cache
def all_marks() -> str:
    """Unicode's marks, such as accents and vowel signs, for a class of a regular expression."""
    chars = (chr(code) for block in _BLOCKS for code in range(*block))
    return "".join(char for char in chars if unicodedata.category(char)[0] == "M")


def _wrong_with_date(text: str) -> str:
    first, last = days_of(text)
    if last is not first and not first < last:
        return f"“{text}” ends before it starts"
    try:
        for day in (first, last):
            date(day.year_alike, day.month, day.day)
    except ValueError:
        return f"“{text}” is not a real date"
    return f"“{text}” is not a real date" if _YEAR_0.search(text) else ""


# Endings by which files of a format are named too → the one that they have here.
_SAME_ENDINGS = dict.fromkeys(("jpeg", "jpe", "jfif"), "jpg") | {"mpeg": "mpg", "mpe": "mpg"}
_SAME_ENDINGS |= {"mp2": "mp3", "m4b": "m4a", "weba": "webm", "wave": "wav", "qt": "mov"}


def better_name(name: str) -> str:
    """A name that a media file may have, made of one that it may not; empty if none can be."""
    stem, _, ending = unicodedata.normalize("NFKD", name).lower().rpartition(".")
    words = re.findall("[a-z0-9]+", re.sub(f"[{all_marks()}]", "", stem))
    ending = _SAME_ENDINGS.get(ending, ending)
    return f"{'-'.join(words)}.{ending}" if words else ""


def _advice(name: str) -> str:
    """What to do about a name that a media file may not have, to end a message with."""
    better = better_name(name)
    if name.rpartition(".")[2].lower() not in (*_ALL_ENDINGS, *_SAME_ENDINGS):
        groups = (f"{name} .{' .'.join(endings)}" for name, endings in ENDINGS.items())
        return f"; save it in a format that every Anki knows: {', '.join(groups)}"
    return f"; rename it to “{better}”" if better and not wrong_with(better, "media-name") else ""


def keys_of(kind: Kind) -> Keys:
    """The keys that a fact of a kind may have: the kind's fields and the common ones."""
    fields = {
        name: Key(
            meaning="\n\n".join(filter(None, (field.help, TYPES[field.type].meaning))),
            form=field.type,
            required=field.required,
        )
        for name, field in kind.fields.items()
    }
    common = {
        name: key._replace(required=key.required or name in kind.requires)
        for name, key in KEYS["a fact"].items()
    }
    return fields | common
