"""An SVG file → why it is more than a picture, or nothing.

A WebView that opens an SVG by itself runs its scripts and fetches what it refers to. So only what
draws is allowed: the elements and attributes in `svg.toml`, and references within the file.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_ENCODINGS = ("utf-8", "utf-16", "us-ascii")  # in another a browser could read what expat does not

_LOCAL = re.compile(r"#[^\s#]+")
_IN_FILE = re.compile(r"""url\(\s*(["']?)#[^\s"'()]+\1\s*\)""", re.IGNORECASE)
# What could fetch something in CSS: an escape hides a name, a rule or a function may name a file.
_SUSPECT = re.compile(r"\\|@(?!media\b)[\w-]*|(?<![\w-])[\w-]++\(", re.IGNORECASE)


_ALLOWED = {
    name: frozenset(names.split())
    for name, names in tomllib.loads(
        Path(__file__).with_name("svg.toml").read_text("utf-8")
    ).items()
}


class _RefusedError(Exception):
    """The file has what a picture does not need; caught by `more_than_a_picture`."""


def more_than_a_picture(data: bytes) -> str:
    """What an SVG file has that a picture may not have, or why it is no SVG; else nothing.

    To be read after the file's name.
    """
    parser = expat.ParserCreate(namespace_separator=" ")  # which no namespace has
    parser.buffer_text = True
    handler = _Handler()
    parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
    parser.CharacterDataHandler = handler.text
    parser.XmlDeclHandler = handler.declaration
    parser.StartDoctypeDeclHandler = lambda *_: _refuse("<!DOCTYPE; delete that declaration")
    parser.ProcessingInstructionHandler = lambda target, _: _refuse(f"<?{target}")
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes no names
        _check_css(handler.css, "<style>")
    except _RefusedError as refused:
        return str(refused)
    except (expat.ExpatError, LookupError, ValueError) as failure:
        return f"is not an SVG: {failure}; export it again as SVG"
    return ""


class _Handler:
    """Looks at what expat finds, in order."""

    def __init__(self) -> None:
        self.begun = False
        self.styles = 0  # how many <style> are open
        self.css = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.begun and name != f"{_SVG} svg":
            raise _RefusedError(f'is not an SVG: its root must be <svg xmlns="{_SVG}">')
        self.begun = True
        self.styles += name == f"{_SVG} style"
        namespace, _, local = name.rpartition(" ")
        if namespace in _ALLOWED["notes"]:
            return
        if namespace != _SVG or local not in _ALLOWED["elements"]:
            _refuse(f"<{local}>")
        for key, value in attributes.items():
            _check_attribute(key, value)

    def text(self, text: str) -> None:
        self.css += text if self.styles else ""

    def end(self, name: str) -> None:
        if name == f"{_SVG} style":
            self.styles -= 1
            self.css += "}"  # what one begins does not go on in the next

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in _ENCODINGS:
            raise _RefusedError(f"is in the encoding {encoding}; save it as UTF-8")


def _refuse(what: str) -> NoReturn:
    raise _RefusedError(f"is more than a picture: it has {what}")


@lru_cache(maxsize=1 << 12)  # the maps of a deck say much the same
def _check_attribute(name: str, value: str) -> None:
    namespace, _, local = name.rpartition(" ")
    if namespace == _XML:
        namespace, local = "", f"xml:{local}"
    if local == "href" and namespace in ("", _XLINK):
        if not _LOCAL.fullmatch(value):
            _refuse(f"href={value[:50]}")
    elif namespace in _ALLOWED["notes"] or local in _ALLOWED["words"]:
        return
    elif namespace or not local.startswith(("aria-", "data-")):
        if namespace or local not in _ALLOWED["attributes"]:
            _refuse(f"{local}=")
        _check_css(value, f"{local}=")


def _check_css(css: str, where: str) -> None:
    """Refuses CSS that refers to another file, or could."""
    for found in _SUSPECT.findall(_IN_FILE.sub(" ", css)):
        if not found.endswith("(") or found[:-1].lower() not in _ALLOWED["functions"]:
            _refuse(f"{found} in {where}")
