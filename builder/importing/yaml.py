"""Values → YAML as a person would write it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

Yaml = str | Sequence["Yaml"] | Mapping[str, "Yaml"]

# What can stand without quotes: words, with signs that mean nothing in YAML between them.
_PLAIN = re.compile(r"\w(?:[\w .,;/()+=’“”–—'-]|(?<=\S)[:&!?%*](?=[^\s,\]}]))*(?<=[^\s:])")
_LINE = re.compile(
    r"(?:[^\s\0-\x1f\x7f-\x9f\u2028\u2029\ufeff](?:[^\0-\x1f\x7f-\x9f\u2028\u2029\ufeff]*\S)?)?"
)
_NO_CHARACTER = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]"
)
_WIDE = 100


def yaml_of(value: Yaml, indent: int = 0) -> str:
    """A value in YAML, to stand behind its key or hyphen."""
    if isinstance(value, str):
        return f" {_scalar(value, indent)}"
    if not value:
        return " {}" if isinstance(value, Mapping) else " []"
    pad = "\n" + " " * indent
    if isinstance(value, Mapping):
        return "".join(
            f"{pad}{_quoted(key)}:{yaml_of(one, indent + 2)}" for key, one in value.items()
        )
    if all(isinstance(one, str) and "\n" not in one for one in value):
        flow = f" [{', '.join(_in_flow(str(one)) for one in value)}]"
        if len(flow) + indent < _WIDE:
            return flow
    return "".join(f"{pad}-{_behind_hyphen(one, indent + 2)}" for one in value)


def _in_flow(text: str) -> str:
    return text if re.fullmatch(r"[^\W_][\w-]*", text) else _escaped(text)


def _behind_hyphen(value: Yaml, indent: int) -> str:
    shown = yaml_of(value, indent)
    return " " + shown.lstrip("\n ") if isinstance(value, Mapping) else shown


def document(value: Mapping[str, Yaml]) -> str:
    """A file with a mapping."""
    return yaml_of(value).lstrip("\n") + "\n"


def _scalar(text: str, indent: int) -> str:
    lines = text.split("\n")
    if len(lines) > 1 and text == text.strip() and all(map(_LINE.fullmatch, lines)):
        pad = " " * (indent or 2)
        return "|-" + "".join(f"\n{pad}{line}" if line else "\n" for line in lines)
    return _quoted(text)


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text) and _LINE.fullmatch(text):
        return text
    return _escaped(text)


def _escaped(text: str) -> str:
    if '"' in text and "'" not in text and _LINE.fullmatch(text):
        return f"'{text}'"
    quoted = json.dumps(text, ensure_ascii=False)
    return _NO_CHARACTER.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
