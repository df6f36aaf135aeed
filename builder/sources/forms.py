"""How texts are written in the sources: one table of forms, for the reader and JSON Schemas."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import NamedTuple

# Windows takes these for devices, whatever stands after the dot; Anki cuts names of media at 120.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_MAX_NAME = 80


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
    first, _, last = text.partition("/")
    if last:
        return "" if first < last else f"“{text}” ends before it starts"
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return f"“{text}” is not a real date"
    return ""


def _wrong_with_file_name(name: str) -> str:
    if _DEVICES.fullmatch(name):
        return f"Windows cannot have a file named “{name}”"
    return f"a file name has at most {_MAX_NAME} characters" if len(name) > _MAX_NAME else ""
