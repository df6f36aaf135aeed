"""HTML as Anki's editor leaves it → one form of it; and → what an author writes.

The editor turns `<br>` into `<div>`, spaces into `&nbsp;`, references into characters. What it did
not change must not look changed, and what a co-author wrote there should read in the sources as if
it had been written in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from builder.notes.dates import show_date
from builder.notes.markdown import unescaped

# Each tag ends at the next `<`, or many of them would take time without end.
_TOKEN = re.compile(r"<(?P<end>/?)(?P<tag>[A-Za-z][\w-]*)(?P<rest>[^<>]*)>|<![^<>]*>")
_ATTRIBUTE = re.compile(r"""([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?""")
_SAME = {"strong": "b", "em": "i", "strike": "s", "del": "s"}
_BLOCKS = (
    *("div", "p", "ul", "ol", "li", "pre", "table", "thead", "tbody", "tr", "td", "th"),
    *("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "details", "summary"),
)
_BLOCK = re.compile(rf"[ \n]*(</?(?:{'|'.join(_BLOCKS)})(?: [^<>]*)?>)[ \n]*")
_EMPTY = re.compile(r"<(b|i|u|s|a|span|font|code|sub|sup)(?: [^<>]*)?></\1>|</(b|i|u|s)><\2>")
_SPACE = re.compile("[ \t\r\n\xa0]+")
_MAX_NESTING = 9
# Stand for a line break and a space in `<pre>` while others are joined; no field has them.
_IN_PRE = {"\n": "\x01", " ": "\x02"}


def canonical(html: str) -> str:
    """The same HTML in one form: a line break as such, no reference that is not needed."""
    pieces: list[str] = []
    bare: dict[str, list[bool]] = {"div": [], "span": []}  # whether those open say nothing more
    fresh, code = True, False  # whether a line begins; whether this is in `<pre>`
    at = 0
    for token in [*_TOKEN.finditer(html), None]:
        text = unescaped(html[at : token.start() if token else len(html)])
        text = text.replace("\xa0", " ") if code else _SPACE.sub(" ", text)
        if text.strip() or (text and (code or not fresh)):
            pieces.append(_shown(text, code=code))
            fresh = False
        if token is None:
            break
        at = token.end()
        tag, ends = (token["tag"] or "").lower(), token["end"]
        tag = _SAME.get(tag, tag)
        attributes = "" if ends else _attributes(token["rest"] or "")
        says_nothing = not tag
        if tag in bare and ends:
            says_nothing = bare[tag].pop() if bare[tag] else True
        elif tag in bare:
            says_nothing = not attributes
            bare[tag].append(says_nothing)
        if tag == "br" or (tag == "div" and says_nothing and not fresh):
            pieces.append(_IN_PRE["\n"] if code else "\n")
            fresh = True
        elif tag != "br" and not says_nothing:
            pieces.append(f"<{ends}{tag}{attributes}>")
            fresh = fresh or tag in _BLOCKS
            code = not ends if tag == "pre" else code
    return _joined("".join(pieces))


def _shown(text: str, *, code: bool) -> str:
    text = escape(text, quote=False)
    return re.sub("[\n ]", lambda found: _IN_PRE[found[0]], text) if code else text


def _attributes(text: str) -> str:
    """The attributes of a tag, sorted, in double quotes."""
    found = {name.lower(): unescaped("".join(value)) for name, *value in _ATTRIBUTE.findall(text)}
    return "".join(f' {name}="{escape(found[name])}"' for name in sorted(found))


def _joined(html: str) -> str:
    html = re.sub("\n{20,}", "\n" * 20, re.sub(" *\n *", "\n", html))
    for _ in range(_MAX_NESTING):  # an empty tag may have stood alone in another
        html = _EMPTY.sub("", _BLOCK.sub(r"\1", html))
    html = html.strip(" \n")
    html = re.sub("\x01+</pre>|\x01+(?=</code></pre>)", lambda end: end[0].lstrip("\x01"), html)
    for char, stand_in in _IN_PRE.items():
        html = html.replace(stand_in, char)
    return html


def written_as(html: str, type_: str) -> list[str]:
    """What an author may have written in a field of this type to get this `canonical` HTML.

    Whether it gives that HTML is for the caller to see; there is nothing for what cannot be said.
    """
    if type_ == "html":
        return [html]
    if type_ == "date":
        return _dates(html)
    if type_ in ("text", "list", "cloze"):
        return [*_pieces(html, _marked(_INLINE)), *_pieces(html, _marked(_INLINE), _escaped)]
    if type_ == "markdown":
        return [*_blocks(html, str), *_blocks(html, _escaped)]
    if type_ == "furigana":
        return [text.strip() for text in _pieces(html, _marked(_RUBY))]
    only = {"plain": ("span",), "code": ("code", "pre"), "url": ("a",), "number": ()}.get(type_)
    return (
        [] if only is None else _pieces(html, lambda tag, _end, _all: "" if tag in only else None)
    )


_INLINE = {"b": ("**", "**"), "i": ("*", "*"), "code": ("`", "`"), "a": ("[", "]({href})")}
_RUBY = {"ruby": (" ", ""), "rt": ("[", "]")}
_MARKS = re.compile(r"[\\`*_\[\]<]")

# What stands for a tag, by its name, whether it ends something, and all of it; None if nothing can.
_Mark = Callable[[str, bool, str], str | None]


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", text)


def _marked(marks: dict[str, tuple[str, str]]) -> _Mark:
    links: list[str] = []

    def mark(tag: str, ends: bool, token: str) -> str | None:  # noqa: FBT001
        if tag not in marks:
            return None
        if tag == "a" and not ends:
            links.append(unescaped("".join(re.findall(r'href="([^"]*)"', token))))
        shown = marks[tag][ends]
        return shown.format(href=links.pop() if links else "") if tag == "a" and ends else shown

    return mark


def _pieces(html: str, mark: _Mark, text_of: Callable[[str], str] = str) -> list[str]:
    """The one text that HTML is with marks in place of its tags, or nothing."""
    pieces = []
    at = 0
    for token in _TOKEN.finditer(html):
        pieces.append(text_of(unescaped(html[at : token.start()])))
        shown = mark(token["tag"] or "", bool(token["end"]), token[0])
        if shown is None:
            return []
        pieces.append(shown)
        at = token.end()
    return ["".join([*pieces, text_of(unescaped(html[at:]))])]


def _blocks(html: str, text_of: Callable[[str], str]) -> list[str]:
    """The one text of Markdown that HTML of paragraphs, lists and code is, or nothing."""
    inline = _marked(_INLINE)
    lists: list[str] = []

    def mark(tag: str, ends: bool, token: str) -> str | None:  # noqa: FBT001
        if tag == "p":
            return "\n\n"
        if tag in ("ul", "ol"):
            if ends and lists:
                lists.pop()
            elif not ends:
                lists.append("- " if tag == "ul" else "1. ")
            return "" if lists else "\n\n"
        if tag == "li":
            indent = "".join(" " * len(bullet) for bullet in lists[:-1])
            return "" if ends or not lists else f"\n{indent}{lists[-1]}"
        return inline(tag, ends, token)

    found = _pieces(html, mark, text_of)
    return [re.sub("\n{3,}", "\n\n", text).strip() for text in found]


def _dates(html: str) -> list[str]:
    """The dates that are shown so: a day, a month or a year, or a span of years."""
    year = re.search(r"\b\d{1,4}\b(?=[^\d]*$)", html)
    if not year:
        return []
    numbers = [f"{number:02}" for number in range(1, 32)]
    before, written = html[: year.start()], year[0].zfill(4)
    written += " BC" if html.endswith(" BC") else ""
    day = "".join(re.findall(r"\d{1,2}", before)[:1]).zfill(2)
    spans = [f"{first.zfill(4)}/{written}" for first in re.findall(r"\d{1,4}", before)]
    months = [f"-{month}" for month in numbers[:12]]
    ends = ["", *months, *(f"{month}-{day}" for month in months if day in numbers)]
    dates = [f"{written[:4]}{end}{written[4:]}" for end in ends]
    return [date for date in [*dates, *spans] if show_date(date) == html]
