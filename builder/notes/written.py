"""What a fact says, by the type of its field → what templates work on, and at last HTML.

Templates, their filters and comparisons see texts as their authors wrote them, and lists of such.
Only where a template shows a value does it become HTML, and always by `html_of`: whatever a type
makes of a text, nothing in it acts in Anki.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Self, TypeGuard
from urllib.parse import unquote

from markupsafe import Markup, escape

from builder.model import Fact, Field, Item, Kind, Media, Value
from builder.notes.dates import show_date
from builder.notes.formulas import SHIELDED
from builder.notes.language import attributes
from builder.notes.markdown import block, harmless, is_plain, markdown, sound

ToHtml = Callable[[str], str]

# 漢字[かんじ]: the reading is that of all since the last space, which is not shown, or reading.
_READING = re.compile(r" ?([^\s\[\]]+)\[([^\[\]\n]+)\]")
# What names a file in HTML: attributes, url() and [sound:…].
_FILE = re.compile(
    r"""\b(?:src|poster|data|xlink:href)\s*=\s*(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s"'<>]+))"""
    r"""|\[sound:(?P<d>[^\[\]]*)\]|\burl\(\s*["']?(?P<e>[^\s"'()<>]+)""",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)
_BLOCKS = ("<p", "<ul", "<ol", "<table")  # <p> and <pre>


class Written(str):
    """A text as its author wrote it, which a template shows as HTML.

    `pieces` are what it was put together of: texts, each with what makes HTML of it. `field` is the
    name of the field whose text it is, if it is one.
    """

    __slots__ = ("_html", "field", "pieces")
    field: str
    pieces: tuple[tuple[str, ToHtml], ...]
    _html: str | None

    def __new__(cls, text: str, to_html: ToHtml, field: str = "") -> Self:
        """Of a single piece."""
        written = super().__new__(cls, text)
        written.pieces, written.field, written._html = ((text, to_html),), field, None
        return written

    @classmethod
    def of(cls, pieces: Iterable[tuple[str, ToHtml]], field: str = "") -> Written:
        """Of several, in their order."""
        pieces = tuple(pieces)
        written = cls("".join([text for text, _ in pieces]), str, field)
        written.pieces = pieces
        return written

    def html(self) -> str:
        """The HTML that shows it; nothing that stands behind makes a deletion or formula of it."""
        if self._html is None:
            self._html = "".join([_closed(to_html(text)) for text, to_html in self.pieces])
        return self._html

    def with_texts(self, texts: Iterable[str]) -> Written:
        """The same with other texts for its pieces."""
        makers = (to_html for _, to_html in self.pieces)
        return Written.of(zip(texts, makers, strict=True), self.field)


class File(Written):
    """The name of a file of `media/`; several stand one after another, and not as bullets."""

    __slots__ = ()


class Listed(list[Written]):
    """The items of the field of that name, or its files: a single one, too, is a list."""

    def __init__(self, items: Iterable[Written], field: str) -> None:
        super().__init__(items)
        self.field = field


def makers_of(kind: Kind, media: Media) -> dict[str, ToHtml]:
    """What makes HTML of the texts of each field of a kind."""
    return {
        name: _maker(field.type, attributes(field.language, kind.language), media)
        for name, field in kind.fields.items()
    }


def values_of(fact: Fact, kind: Kind, makers: Mapping[str, ToHtml]) -> dict[str, object]:
    """What a template sees of a fact: the name of each field that it has → a text, or texts."""
    values: dict[str, object] = {
        name: _written(value, kind.fields[name], makers[name])
        for name, value in fact.values.items()
    }
    if fact.as_of:
        values["as_of"] = Written(show_date(fact.as_of, kind.language), _verbatim)
    return values


def remarks_of(fact: Fact, prompt: str, media: Media) -> dict[str, object]:
    """The same of what stands beside the fields, for one prompt: its remarks and its picture."""
    values: dict[str, object] = {
        name: Written(texts[prompt], markdown)
        for name, texts in fact.remarks.items()
        if prompt in texts
    }
    if fact.picture:
        show = _maker("picture", "", media)
        values["picture"] = [File(name, show) for name in fact.picture]
    return values


def _written(value: Value, field: Field, to_html: ToHtml) -> Written | Listed:
    if field.type in ("picture", "audio", "video"):
        names = [value] if isinstance(value, str) else [item.text for item in value]
        return Listed((File(name, to_html) for name in names), field.name)
    if isinstance(value, tuple):
        return Listed((_item(item, to_html) for item in value), field.name)
    shown = show_date(value, field.language) if field.type == "date" else value
    return Written(shown, to_html, field.name)


def _item(item: Item, to_html: ToHtml) -> Written:
    if not item.context:
        return Written(item.text, to_html)
    return Written(item.text, lambda text: to_html(item.context.replace("{item}", text)))


def _maker(type_: str, said: str, media: Media) -> ToHtml:
    """What makes harmless HTML of texts of a type, with `said` as attributes around it, if any."""

    def make(text: str) -> str:
        if type_ == "html":
            return with_files(text, media)[0]
        if type_ in _HTML:
            return harmless(_HTML[type_](text, media))
        return markdown(text, cloze=type_ == "cloze")

    def around(text: str) -> str:
        html = make(text)
        tag = "div" if html.startswith(_BLOCKS) else "span"
        return f"<{tag}{said}>{html}</{tag}>"

    return around if said else make


def shown_as(text: str, type_: str) -> str:
    """The HTML of a text of such a type, which refers to no file and is no date."""
    return Written(text, _maker(type_, "", {})).html()


def with_files(text: str, media: Media) -> tuple[str, list[str]]:
    """HTML with the names that its files have in Anki, and which files of `media/` these are."""
    names: list[str] = []

    def named(found: re.Match[str]) -> str:
        which = str(found.lastgroup)
        said = html.unescape(found[which])
        medium = media.get(said) or media.get(unquote(said))
        if medium is None:
            return found[0]
        names.append(medium.path.name)
        start, end = (at - found.start() for at in found.span(which))
        same = medium.adopted and medium.name in (said, unquote(said))
        shown = found[which] if same else html.escape(medium.name)
        return found[0][:start] + shown + found[0][end:]

    return _FILE.sub(named, text), names


def files_in(text: str) -> list[str]:
    """The names of the files that HTML shows and plays, but for addresses."""
    found = [html.unescape(one[str(one.lastgroup)]) for one in _FILE.finditer(text)]
    return [name for name in found if name and not _ADDRESS.match(name)]


def html_of(value: object) -> str:
    """The HTML of what a template shows; that of several things is a bullet list."""
    if isinstance(value, Written):
        return value.html()
    if isinstance(value, Markup):
        return str(value)
    if not is_list(value):
        return _closed(_verbatim(str(value)))
    things = list(value)
    if things and all(isinstance(thing, File) for thing in things):
        return "".join(map(html_of, things))
    return listed(things, "ul")


def listed(items: Iterable[object], tag: str) -> str:
    """The HTML of a list; of one without items, nothing."""
    shown = "".join([f"<li>{html_of(item)}</li>" for item in items])
    return f"<{tag}>{shown}</{tag}>" if shown else ""


def is_list(value: object) -> TypeGuard[Iterable[object]]:
    """Whether a value is several things to a template."""
    return isinstance(value, Iterable) and not isinstance(value, str)


def pieces_of(value: object) -> tuple[tuple[str, ToHtml], ...]:
    """A value as texts, each with what makes HTML of it."""
    if isinstance(value, Written):
        return value.pieces
    if is_list(value):
        things = list(value)
        return ((", ".join(map(str, things)), lambda _: html_of(things)),)
    return ((str(value), str if isinstance(value, Markup) else _verbatim),)


def file_of(name: str, media: Media, alt: str = "") -> str:
    """The HTML, not yet `harmless`, that shows or plays a file; none of a broken one."""
    medium = media[name]
    if medium is None:
        return ""
    if "picture" not in medium.types:
        return sound(medium.name)
    return f'<img src="{medium.name}" alt="{escape(alt or medium.alt)}">'


def _closed(shown: str) -> str:
    """HTML that begins neither a cloze deletion nor a formula with what stands behind it."""
    if shown.endswith("{"):
        return shown[:-1] + "&#123;"
    return shown[:-1] + SHIELDED if shown.endswith("\\") else shown


# The HTML of each type, not yet harmless


def _verbatim(text: str) -> str:
    return text if is_plain(text) else harmless(_lines(text))


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _lines(text: str) -> str:
    return _escaped(text).replace("\n", "<br>")


def _code(text: str) -> str:
    code = f"<code>{_escaped(text)}</code>"
    return f"<pre>{code}</pre>" if "\n" in text else code


def _link(text: str) -> str:
    return f'<a href="{escape(text)}">{escape(text)}</a>'


def _with_readings(text: str) -> str:
    return _READING.sub(r"<ruby>\1<rt>\2</rt></ruby>", _escaped(text)).replace("\n", "<br>")


_HTML: Mapping[str, Callable[[str, Media], str]] = {
    "markdown": lambda text, media: block(text, lambda name, alt: file_of(name, media, alt)),
    "plain": lambda text, _: f'<span class="plain">{_lines(text)}</span>',
    "code": lambda text, _: _code(text),
    "furigana": lambda text, _: _with_readings(text),
    "url": lambda text, _: _link(text),
    **dict.fromkeys(("picture", "audio", "video"), file_of),
}
