"""HTML as Anki's editor leaves it → one form of it; and → what an author writes.

The editor turns `<br>` into `<div>`, spaces into `&nbsp;`, references into characters. What it did
not change must not look changed, and what a co-author wrote there should read in the sources as if
it had been written in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

from builder.notes.dates import show_date
from builder.notes.formulas import FORMULA
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


# For each type, what stands for the beginning and the end of a tag.
_INLINE = {"b": ("**", "**"), "i": ("*", "*"), "code": ("`", "`"), "a": ("[", "]({href})")}
_BULLETS = {"ul": "- ", "ol": "1. "}
_MARKS = {
    **dict.fromkeys(("text", "list", "cloze"), _INLINE),
    "markdown": _INLINE | dict.fromkeys(("p", *_BULLETS), ("\n\n", "\n\n")) | {"li": ("\n", "")},
    "furigana": {"ruby": (" ", ""), "rt": ("[", "]")},
    "plain": {"span": ("", "")},
    "code": dict.fromkeys(("code", "pre"), ("", "")),
    "url": {"a": ("", "")},
    "number": {},
}
_MEANT = re.compile(r"[\\`*_\[\]<]")
_BESIDE = re.compile(rf"(?P<formula>{FORMULA.pattern})|{_MEANT.pattern}", re.DOTALL)
# As they are, or with a backslash: all, or those that stand in no formula.
_WAYS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: _MEANT.sub(r"\\\g<0>", text),
    lambda text: _BESIDE.sub(lambda sign: sign[0] if sign["formula"] else f"\\{sign[0]}", text),
)


def written_as(html: str, type_: str) -> list[str]:
    """What an author may have written in a field of this type to get this `canonical` HTML.

    Whether it gives that HTML is for the caller to see; there is nothing for what cannot be said.
    """
    if type_ == "html":
        return [html]
    if type_ == "date":
        return _dates(html)
    marks = _MARKS.get(type_)
    tokens = list(_TOKEN.finditer(html))
    if marks is None or any(token["tag"] not in marks for token in tokens):
        return []
    ways = dict.fromkeys(_marked(html, tokens, marks, way) for way in _WAYS)
    if type_ in ("markdown", "furigana"):
        return [re.sub("\n{3,}", "\n\n", way).strip() for way in ways]
    return list(ways)


def _marked(
    html: str,
    tokens: list[re.Match[str]],
    marks: Mapping[str, tuple[str, str]],
    written: Callable[[str], str],
) -> str:
    """HTML with marks in place of its tags, and its text `written` so that nothing in it is one."""
    pieces: list[str] = []
    links: list[str] = []
    bullets: list[str] = []
    at = 0
    for token in [*tokens, None]:
        pieces.append(written(unescaped(html[at : token.start() if token else None])))
        if token is None:
            break
        at = token.end()
        tag, ends = token["tag"], bool(token["end"])
        mark = marks[tag][ends]
        if tag == "a" and not ends:
            links.append(unescaped("".join(re.findall(r'href="([^"]*)"', token[0]))))
        elif tag == "a":
            mark = mark.format(href=links.pop() if links else "")
        elif tag in _BULLETS:
            bullets = bullets[:-1] if ends else [*bullets, _BULLETS[tag]]
            mark = "" if bullets else mark
        elif tag == "li" and bullets and not ends:
            mark += " " * len("".join(bullets[:-1])) + bullets[-1]
        pieces.append(mark)
    return "".join(pieces)


def _dates(html: str) -> list[str]:
    """The dates that are shown so: a day, a month or a year, or a span of years."""
    *before, year = re.findall(r"[0-9]{1,4}", html) or [""]
    era = " BC" if html.endswith(" BC") else ""
    months = [f"-{number:02}" for number in range(1, 13)]
    days = [f"{month}-{day:0>2}" for month in months for day in before[:1]]
    dates = [f"{year:0>4}{end}{era}" for end in ("", *months, *days)]
    dates += [f"{first:0>4}/{year:0>4}{era}" for first in before]
    return [date for date in dates if year and show_date(date) == html]
