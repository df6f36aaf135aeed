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
from builder.notes.formulas import FORMULA, SHIELDED
from builder.notes.language import attributes
from builder.notes.markdown import block, harmless, inline, markdown, sound
from builder.problems import Place

ToHtml = Callable[[str], str]

# 漢字[かんじ]: the reading is that of all since the last space, which is not shown, or reading.
_READING = re.compile(r" ?([^\s\[\]]+)\[([^\[\]\n]+)\]")
# Words, and what upper and lower case would spoil: formulas, where links lead, `{{c1::`.
_CASED = re.compile(
    rf"(?P<kept>{FORMULA.pattern}|\]\([^\s()]*|<https?:[^<>\s]*>|\{{\{{c\d+::)|[^\W_]+", re.DOTALL
)
# What names a file in HTML: attributes, url() and [sound:…].
_FILE = re.compile(
    r"""\b(?:src|poster|data|xlink:href)\s*=\s*(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s"'<>]+))"""
    r"""|\[sound:(?P<d>[^\[\]]*)\]|\burl\(\s*["']?(?P<e>[^\s"'()<>]+)""",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)
_BLOCKS = ("<p", "<ul", "<ol", "<table")  # <p> and <pre>
_BEFORE_TITLE = ' \n\t\u00a0-([{<*_`“‘"/'


class Written(str):
    """A text as its author wrote it, which a template shows as HTML.

    `pieces` are what it was put together of: texts, each with what makes HTML of it. `field` is the
    name of the field whose text it is, if it is one.
    """

    __slots__ = ("_html", "field", "pieces")
    field: str
    pieces: tuple[tuple[str, ToHtml], ...]
    _html: Markup | None

    def __new__(cls, *pieces: tuple[str, ToHtml], field: str = "") -> Self:
        """Of texts, each with what makes HTML of it."""
        written = super().__new__(cls, "".join(text for text, _ in pieces))
        written.pieces, written.field, written._html = pieces, field, None
        return written

    def __html__(self) -> Markup:
        """The HTML that shows it."""
        if self._html is None:
            pieces = [_closed(to_html(text)) for text, to_html in self.pieces]
            self._html = Markup("".join(pieces))  # noqa: S704 - harmless
        return self._html

    def with_texts(self, texts: Iterable[str]) -> Written:
        """The same with other texts for its pieces."""
        makers = (to_html for _, to_html in self.pieces)
        return Written(*zip(texts, makers, strict=True), field=self.field)


class File(Written):
    """The name of a file of `media/`; several stand one after another, and not as bullets."""

    __slots__ = ()


def values_of(fact: Fact, kind: Kind, media: Media) -> dict[str, object]:
    """What a template sees of a fact: the name of each field that it has → a text, or texts."""
    values: dict[str, object] = {
        name: _written(value, kind.fields[name], kind.language, media)
        for name, value in fact.values.items()
    }
    if fact.as_of:
        date = show_date(fact.as_of, kind.language)
        values["as_of"] = Written((date, _verbatim))
    return values


def remarks_of(fact: Fact, prompt: str, media: Media) -> dict[str, object]:
    """The same of what stands beside the fields, for one prompt: its remarks and its picture."""
    values: dict[str, object] = {
        name: Written((texts[prompt], markdown))
        for name, texts in fact.remarks.items()
        if prompt in texts
    }
    if fact.picture:
        values["picture"] = [
            File((name, lambda name: harmless(file_of(name, media)))) for name in fact.picture
        ]
    return values


def _written(value: Value, field: Field, around: str, media: Media) -> Written | list[Written]:
    """The value of a field of a kind whose prompts are in the language `around` it."""
    said = attributes(field.language, around)

    def to_html(text: str) -> str:
        if field.type == "html":
            html = with_files(text, media)[0]
        elif field.type == "cloze":
            html = str(markdown(text, cloze=True))
        else:
            html = harmless(_HTML[field.type](text, media))
        tag = "div" if html.startswith(_BLOCKS) else "span"
        return f"<{tag}{said}>{html}</{tag}>" if said else html

    def in_context(item: Item) -> ToHtml:
        return lambda text: to_html(item.context.replace("{item}", text))

    if field.type in ("picture", "audio", "video"):  # a single one, too, is a list to a template
        names = [value] if isinstance(value, str) else [item.text for item in value]
        return [File((name, to_html)) for name in names]
    if isinstance(value, tuple):
        return [
            Written((item.text, in_context(item) if item.context else to_html)) for item in value
        ]
    shown = show_date(value, field.language) if field.type == "date" else value
    return Written((shown, to_html), field=field.name)


def shown_as(text: str, type_: str) -> str:
    """The HTML of a text of such a type, which refers to no file."""
    place = Place("")
    field = Field("", type_, required=False, help="", formerly=(), language="", place=place)
    return str(html_of(_written(text, field, "", {})))


def with_files(text: str, media: Media) -> tuple[str, list[str]]:
    """HTML with the names that its files have in Anki, and which files of `media/` these are."""
    names: list[str] = []

    def named(found: re.Match[str]) -> str:
        which = _which(found)
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
    found = [html.unescape(one[_which(one)]) for one in _FILE.finditer(text)]
    return [name for name in found if name and not _ADDRESS.match(name)]


def _which(found: re.Match[str]) -> str:
    """The group of `_FILE` that has the name."""
    return next(group for group in ("a", "b", "c", "d", "e") if found[group] is not None)


def html_of(value: object) -> Markup:
    """The HTML of what a template shows; that of several things is a bullet list."""
    if isinstance(value, (Written, Markup)):
        return value.__html__()
    if _is_list(value):
        things = list(value)
        if things and all(isinstance(thing, File) for thing in things):
            return Markup("").join(map(html_of, things))
        shown = _listed(things, "ul")
    else:
        shown = _closed(_verbatim(str(value)))
    return Markup(shown)  # noqa: S704 - escaped and harmless


def numbered(value: Iterable[object]) -> Markup:
    """The HTML of a list with its items numbered."""
    if not _is_list(value):
        raise TypeError("the filter “numbered” takes a list")
    return Markup(_listed(value, "ol"))  # noqa: S704 - escaped and harmless


def _listed(items: Iterable[object], tag: str) -> str:
    shown = "".join(f"<li>{html_of(item)}</li>" for item in items)
    return f"<{tag}>{shown}</{tag}>" if shown else ""


def file_of(name: str, media: Media, alt: str = "") -> str:
    """The HTML, not yet `harmless`, that shows or plays a file; none of a broken one."""
    medium = media[name]
    if medium is None:
        return ""
    if "picture" not in medium.types:
        return sound(medium.name)
    return f'<img src="{medium.name}" alt="{escape(alt or medium.alt)}">'


# Filters, which see and give texts as they are written


def joined(values: Iterable[object], between: object = "") -> Written:
    """Things one after another, perhaps with something between them."""
    pieces: list[tuple[str, ToHtml]] = []
    for value in values:
        pieces += [*(_pieces(between) if pieces else ()), *_pieces(value)]
    return Written(*pieces)


def capitalized(value: object) -> object:
    """With a capital letter at the beginning, and small ones after it."""
    if _is_list(value):
        return [capitalized(item) for item in value]
    first = True

    def change(word: str, _before: str) -> str:
        nonlocal first
        was_first, first = first, False
        return _titled(word) if was_first else word.lower()

    return _with_words(value, change)


def titled(value: object) -> object:
    """With a capital letter at the beginning of each word."""
    return _with_words(
        value, lambda word, before: _titled(word) if before in _BEFORE_TITLE else word.lower()
    )


def lowered(value: object) -> object:
    """In small letters."""
    return _with_words(value, lambda word, _: word.lower())


def uppered(value: object) -> object:
    """In capital letters."""
    return _with_words(value, lambda word, _: word.upper())


def trimmed(value: object, characters: str | None = None) -> object:
    """Without white space, or such characters, at both ends."""
    if _is_list(value):
        return [trimmed(item, characters) for item in value]
    written = Written(*_pieces(value), field=getattr(value, "field", ""))
    texts = [text for text, _ in written.pieces]
    texts[:1] = [text.lstrip(characters) for text in texts[:1]]
    texts[-1:] = [text.rstrip(characters) for text in texts[-1:]]
    return written.with_texts(texts)


def backwards(value: Iterable[object]) -> object:
    """A list with the last thing first, a text with the last character first."""
    if not isinstance(value, Written):
        return list(value)[::-1]
    return Written(*((text[::-1], to_html) for text, to_html in value.pieces[::-1]))


def _with_words(value: object, change: Callable[[str, str], str]) -> object:
    """With other words, made of each word and the character before it."""
    if _is_list(value):
        return [_with_words(item, change) for item in value]

    def changed(found: re.Match[str]) -> str:
        before = found.string[found.start() - 1] if found.start() else " "
        return found[0] if found["kept"] else change(found[0], before)

    written = Written(*_pieces(value), field=getattr(value, "field", ""))
    return written.with_texts(_CASED.sub(changed, text) for text, _ in written.pieces)


def _titled(word: str) -> str:
    return word[:1].title() + word[1:].lower()


def _is_list(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str)


def _pieces(value: object) -> tuple[tuple[str, ToHtml], ...]:
    if isinstance(value, Written):
        return value.pieces
    if _is_list(value):
        things = list(value)
        return ((", ".join(map(str, things)), lambda _: html_of(things)),)
    return ((str(value), Markup if hasattr(value, "__html__") else _verbatim),)


def _closed(shown: str) -> str:
    """HTML that begins neither a cloze deletion nor a formula with what stands behind it."""
    if shown.endswith("{"):
        return shown[:-1] + "&#123;"
    return shown[:-1] + SHIELDED if shown.endswith("\\") else shown


# The HTML of each type, not yet harmless


def _verbatim(text: str) -> str:
    return harmless(_lines(text))


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
    "text": lambda text, _: inline(text),
    "list": lambda text, _: inline(text),
    "shapes": lambda text, _: inline(text),
    "markdown": lambda text, media: block(text, lambda name, alt: file_of(name, media, alt)),
    "plain": lambda text, _: f'<span class="plain">{_lines(text)}</span>',
    "code": lambda text, _: _code(text),
    "furigana": lambda text, _: _with_readings(text),
    "date": lambda text, _: _lines(text),
    "number": lambda text, _: _lines(text),
    "url": lambda text, _: _link(text),
    "picture": file_of,
    "audio": file_of,
    "video": file_of,
}
