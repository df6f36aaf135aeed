"""A template or a style → the same with the names that its media files have in Anki.

What a template names is imported by Anki only under a name that begins with `_`, so it is packed
under such a name. Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import NamedTuple

from builder.model import Media
from builder.problems import Error, Place, Problem, error
from builder.sources.media import wrong_with_reference

_VALUE = r"""(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s"'()<>]+))"""
# What is never closed goes on to the end, so that a text is looked at only once.
_HTML = re.compile(
    r"<!--.*?(?:-->|\Z)|<style\b[^<>]*>(?P<css>.*?)(?:</style\s*>|\Z)"
    r"|\[sound:(?P<sound>[^\[\]]*)\]"
    r"""|<(?P<tag>[a-z][\w-]*+)(?P<attributes>(?:"[^"]*+"|'[^']*+'|[^"'<>])*+)>""",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(rf"(?<![\w:-])(?P<name>[\w:-]++)\s*+=\s*{_VALUE}")
_CSS = re.compile(
    rf"/\*.*?(?:\*/|\Z)|url\(\s*{_VALUE}\s*\)|@(?P<import>import)\b[^;]*|(?P<set>image-set)\(",
    re.IGNORECASE | re.DOTALL,
)
_IN_SET = re.compile(r"(?P<c>(?:data:[^\s]+|[^\s,]+))(?:\s[^,]*)?(?:,|$)")
# Attributes that name a file; `href` does so in these elements.
_NAMING = ("src", "poster", "background", "data", "xlink:href")
_LINKING = ("link", "image", "use", "base")
_DATA = re.compile(r"data:(?:image|audio|video|font|application/(?:x-)?font)\b", re.IGNORECASE)
_PLAYED, _SHOWN = ("audio", "video"), ("picture", "audio", "video", "font")


class Packed(NamedTuple):
    """A text with the names of Anki, the media files that it names, and what is wrong with it."""

    text: str
    media: tuple[str, ...]
    problems: list[Problem]


def packed(text: str, place: Callable[[int], Place], media: Media, *, of_kind: bool) -> Packed:
    """A template, of a kind or of cards; `place` gives the place of a character of it."""
    found = _References(text, place, media, of_kind=of_kind)
    found.in_html()
    return found.packed()


def packed_style(text: str, place: Callable[[int], Place], media: Media) -> Packed:
    """A style of cards."""
    found = _References(text, place, media, of_kind=False)
    found.in_css(0, len(text))
    return found.packed()


class _References:
    """Collects what stands for the names of files in a text."""

    def __init__(
        self, text: str, place: Callable[[int], Place], media: Media, *, of_kind: bool
    ) -> None:
        self.text, self.place, self.media, self.of_kind = text, place, media, of_kind
        self.instead: list[tuple[int, int, str]] = []
        self.names: set[str] = set()
        self.problems: list[Problem] = []

    def packed(self) -> Packed:
        text = self.text
        for start, end, name in sorted(self.instead, reverse=True):
            text = text[:start] + name + text[end:]
        return Packed(text, tuple(sorted(self.names)), self.problems)

    def error(self, at: int, message: str) -> None:
        self.problems.append(error(self.place(at), message, Error.UNKNOWN_MEDIA))

    def in_html(self) -> None:
        for found in _HTML.finditer(self.text):
            if found["css"] is not None:
                self.in_css(*found.span("css"))
            elif found["sound"] is not None:
                self.name(*found.span("sound"), types=_PLAYED)
            elif found["tag"]:
                self.in_tag(found["tag"].lower(), *found.span("attributes"))

    def in_tag(self, tag: str, start: int, end: int) -> None:
        for found in _ATTRIBUTE.finditer(self.text, start, end):
            span, name = _span(found), found["name"].lower()
            if name in _NAMING or (name == "href" and tag in _LINKING):
                self.name(*span)
            elif name == "style":
                self.in_css(*span)
            elif name in ("srcset", "imagesrcset"):
                for one in _IN_SET.finditer(self.text, *span):
                    self.name(*one.span("c"))

    def in_css(self, start: int, end: int) -> None:
        for found in _CSS.finditer(self.text, start, end):
            if found["import"]:
                self.error(found.start(), "@import does nothing on cards; write the rules here")
            elif found["set"]:
                self.error(found.start(), "image-set() is not packed; write url(…)")
            elif found["a"] or found["b"] or found["c"]:
                self.name(*_span(found))

    def name(self, start: int, end: int, types: tuple[str, ...] = _SHOWN) -> None:
        """What stands there is the name of a file."""
        written = self.text[start:end]
        if "{{" in written or "{%" in written:
            if self.of_kind:
                message = "a template cannot build a file name; show the field by itself"
                self.error(start, f"{message}, as {{{{ picture }}}}, with the type of the file")
            return
        address = html.unescape(written).strip()
        name = re.split("[?#]", address, maxsplit=1)[0]
        rest = address.removeprefix(name)
        if (rest and not name) or _DATA.match(address):
            return
        if message := wrong_with_reference(name, types, self.media):
            self.error(start, message)
        elif medium := self.media[name]:
            self.names.add(f"_{medium.path.name}")
            if not medium.adopted or name != medium.name:
                shown = medium.name_in_templates + html.escape(rest)
                self.instead.append((start, end, shown))


def _span(found: re.Match[str]) -> tuple[int, int]:
    """Where a value stands, without its quotes."""
    return next(found.span(group) for group in "abc" if found[group] is not None)
