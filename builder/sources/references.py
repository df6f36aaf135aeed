"""A template or a style → the same with the names that its media files have in Anki.

What a template names is imported by Anki only under a name that begins with `_`, so it is packed
under such a name. Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from builder.model import Media
from builder.problems import Error, Place, Problem, Wrong, error
from builder.sources.media import wrong_with_reference

_VALUE = r"""(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s"'()<>]+))"""
# What is never closed goes on to the end, so that a text is looked at only once.
_HTML = re.compile(
    r"<!--.*?(?:-->|\Z)|<style\b[^<>]*>(?P<css>.*?)(?:</style\s*>|\Z)"
    r"|\[sound:(?P<sound>[^\[\]]*)\]"
    r"""|<(?P<tag>[a-z][\w-]*+)(?P<attributes>(?>(?:"[^"]*+"|'[^']*+'|[^"'<>])*))>""",
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


# Where the name of a file is written, without its quotes, and of what types that may be.
_Name = tuple[tuple[int, int], tuple[str, ...]]


def packed(text: str, place: Callable[[int], Place], media: Media, *, of_kind: bool) -> Packed:
    """A template, of a kind or of cards; `place` gives the place of a character of it."""
    return _packed(text, _in_html(text), place, media, of_kind=of_kind)


def packed_style(text: str, place: Callable[[int], Place], media: Media) -> Packed:
    """A style of cards."""
    return _packed(text, _in_css(text, 0, len(text)), place, media, of_kind=False)


def _packed(
    text: str,
    named: Iterable[_Name | Wrong],
    place: Callable[[int], Place],
    media: Media,
    *,
    of_kind: bool,
) -> Packed:
    instead, names, wrong = [], set(), []
    for one in named:
        if isinstance(one, Wrong):
            wrong.append(one)
            continue
        (start, end), types = one
        written = text[start:end]
        if "{{" in written or "{%" in written:
            if of_kind:
                message = "a template cannot build a file name; show the field by itself"
                message += ", as {{ picture }}, with the type of the file"
                wrong.append(Wrong(message, start))
            continue
        address = html.unescape(written).strip()
        name = re.split("[?#]", address, maxsplit=1)[0]
        rest = address.removeprefix(name)
        if (rest and not name) or _DATA.match(address):
            continue
        if message := wrong_with_reference(name, types, media):
            wrong.append(Wrong(message, start))
        elif medium := media[name]:
            names.add(f"_{medium.path.name}")
            if not medium.adopted or name != medium.name:
                instead.append((start, end, medium.name_in_templates + html.escape(rest)))
    problems = [error(place(at), message, Error.UNKNOWN_MEDIA) for message, at in wrong]
    for start, end, shown in sorted(instead, reverse=True):
        text = text[:start] + shown + text[end:]
    return Packed(text, tuple(sorted(names)), problems)


def _in_html(text: str) -> Iterator[_Name | Wrong]:
    for found in _HTML.finditer(text):
        if found["css"] is not None:
            yield from _in_css(text, *found.span("css"))
        elif found["sound"] is not None:
            yield found.span("sound"), _PLAYED
        elif found["tag"]:
            yield from _in_tag(text, found["tag"].lower(), *found.span("attributes"))


def _in_tag(text: str, tag: str, start: int, end: int) -> Iterator[_Name | Wrong]:
    for found in _ATTRIBUTE.finditer(text, start, end):
        span, name = _span(found), found["name"].lower()
        if name in _NAMING or (name == "href" and tag in _LINKING):
            yield span, _SHOWN
        elif name == "style":
            yield from _in_css(text, *span)
        elif name in ("srcset", "imagesrcset"):
            yield from ((one.span("c"), _SHOWN) for one in _IN_SET.finditer(text, *span))


def _in_css(text: str, start: int, end: int) -> Iterator[_Name | Wrong]:
    for found in _CSS.finditer(text, start, end):
        if found["import"]:
            yield Wrong("@import does nothing on cards; write the rules here", found.start())
        elif found["set"]:
            yield Wrong("image-set() is not packed; write url(…)", found.start())
        elif found["a"] or found["b"] or found["c"]:
            yield _span(found), _SHOWN


def _span(found: re.Match[str]) -> tuple[int, int]:
    """Where a value stands, without its quotes."""
    return next(found.span(group) for group in "abc" if found[group] is not None)
