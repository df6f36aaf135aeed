"""How texts are written in the sources: one table of forms, for the reader and JSON Schemas."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import NamedTuple

from builder.notes.dates import days_of

# Windows takes these for devices, whatever stands after the dot; Anki cuts names of media at 120.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_MAX_NAME = 80

_YEAR_0 = re.compile(r"(?:^|/)0+(?![0-9])")


class Form(NamedTuple):
    """A form of texts, as `forms.toml` explains it."""

    meaning: str = ""
    pattern: str = ""
    name: str = ""
    rule: str = "type"
    json: tuple[str, ...] = ()


_TABLE = Path(__file__).with_name("forms.toml").read_text("utf-8")

FORMS = {name: Form(**form) for name, form in tomllib.loads(_TABLE).items()}

# The types of fields.
TYPES = {name: form for name, form in FORMS.items() if form.meaning}


def wrong_with(text: str, form: str) -> str:
    """Why a text does not have a form, or nothing."""
    pattern, name = FORMS[form].pattern, FORMS[form].name
    if pattern and not re.fullmatch(pattern, text):
        return f"“{text}” is not {name}"
    if form == "date":
        return _wrong_with_date(text)
    return _wrong_with_file_name(text) if form in ("package-name", "media-name") else ""


def _wrong_with_date(text: str) -> str:
    first, last = days_of(text)
    if last is not first and not first < last:
        return f"“{text}” ends before it starts"
    if _YEAR_0.search(text):
        return f"“{text}” is not a real date"
    for day in (first, last):
        try:
            # 1 BC is a leap year, and so is every fourth before it.
            date(day.year if day.year > 0 else day.year % 4 + 4, day.month, day.day)
        except ValueError:
            return f"“{text}” is not a real date"
    return ""


def _wrong_with_file_name(name: str) -> str:
    if _DEVICES.fullmatch(name):
        return f"Windows cannot have a file named “{name}”"
    return f"a file name has at most {_MAX_NAME} characters" if len(name) > _MAX_NAME else ""
