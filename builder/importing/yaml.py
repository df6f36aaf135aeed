"""Values → YAML as a person would write it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

Yaml = str | Sequence["Yaml"] | Mapping[str, "Yaml"]

# What can stand without quotes: words, with signs that mean nothing in YAML between them.
_PLAIN = re.compile(r"\w(?:[\w .,;/()+=’“”–—'-]|(?<=\S)[:&!?%*](?=[^\s,\]}]))*(?<=[^\s:])")
_IN_FLOW = re.compile(r"[^\W_][\w-]*")
_LINE = re.compile(
    r"(?:[^\s\0-\x1f\x7f-\x9f\u2028\u2029\ufeff](?:[^\0-\x1f\x7f-\x9f\u2028\u2029\ufeff]*\S)?)?"
)
_NO_CHARACTER = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]"
)
_WIDE = 100


def document(value: Mapping[str, Yaml]) -> str:
    """A file with a mapping."""
    return _yaml(value, 0).lstrip("\n") + "\n"


def _yaml(value: Yaml, indent: int) -> str:
    """A value in YAML, to stand behind its key or hyphen."""
    pad = "\n" + " " * indent
    if isinstance(value, str):
        lines = value.split("\n")
        if len(lines) > 1 and value == value.strip() and all(map(_LINE.fullmatch, lines)):
            return " |-" + "".join(f"{pad}{line}" if line else "\n" for line in lines)
        return f" {_quoted(value, _PLAIN)}"
    if isinstance(value, Mapping):
        each = (f"{_quoted(key, _PLAIN)}:{_yaml(one, indent + 2)}" for key, one in value.items())
        return "".join(f"{pad}{one}" for one in each) or " {}"
    if all(isinstance(one, str) and "\n" not in one for one in value):
        flow = f" [{', '.join(_quoted(str(one), _IN_FLOW) for one in value)}]"
        if len(flow) + indent < _WIDE:
            return flow
    return "".join(f"{pad}- {_yaml(one, indent + 2).lstrip()}" for one in value)


def _quoted(text: str, plain: re.Pattern[str]) -> str:
    """A text on one line, in quotes unless all of it is what can stand there without."""
    if plain.fullmatch(text):
        return text
    if '"' in text and "'" not in text and _LINE.fullmatch(text):
        return f"'{text}'"
    quoted = json.dumps(text, ensure_ascii=False)
    return _NO_CHARACTER.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
