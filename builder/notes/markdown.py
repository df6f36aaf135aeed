r"""Markdown in a fact → HTML for a field, and HTML → plain text.

HTML is switched off, so a text can put neither markup nor script on a card. A link leads to a web
address, or it is shown as it is written, as are references such as `&lt;`. What Anki would act upon
in a field is made harmless.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from html import escape, unescape

from builder.notes.cloze_text import with_deletions
from builder.notes.formulas import FORMULA, SHIELDED, shield_backslashes
from builder.problems import UNPRINTABLE

# A text without these is its own HTML.
_SIGNS = r"\\`*_\[\]<>\n&\"{\0\x03"
_SIGN = re.compile(f"[{_SIGNS}]")
# A cloze deletion that is its own HTML.
_HIDDEN = rf"::(?=\s*[^\s:}}])[^{_SIGNS}:}}]+"
_DELETION = re.compile(rf"\{{\{{c[1-9][0-9]?{_HIDDEN}(?:{_HIDDEN})?\}}\}}")
# A text without these comes out of Markdown as it goes in, but for > & and quotes.
_MARKDOWN = re.compile(r"[\\`*_\[\]<\n]")
# A link to the web, from the bracket that closes its text; a picture of `media/`.
_TO_WEB = re.compile(r"\]\(\s*<?https?://[^\s<>]", re.IGNORECASE)
_WEB = re.compile(r"https?://.", re.IGNORECASE)
_PICTURE = re.compile(
    r"""!\[((?:\\.|[^\[\]\n\\])*)\]\(\s*<?([^\s()<>]+)>?(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\s*\)"""
)
_ESCAPED = re.compile(r"\\([^\w\s])")
# Lists in lists; what is deeper would be left out.
_MAX_NESTING = 200
# Stands for a backslash in a formula while a text is rendered; no text has it.
_IN_FORMULA = "\0"
# Stands for the bracket of a `[sound:…]` that is meant; no text has it either.
_SOUND = "\x03"
# A tag; a bracket after a backslash that is no formula's.
_NO_FORMULA = re.compile(r"(<[^<>]*>)|\\(?=&#91;|[(])")
# Markup and what marks may stand behind it.
_MARKED = re.compile("[<=>][^\x00-\x7f]+")
# Cannot be seen, and keeps what stands on its two sides from becoming one character.
_JOINER = "\u034f"
# Only a template puts so many marks in a row; it takes ever longer to bring more into order.
_MANY_MARKS = re.compile(f"[^\\w\x00-\x7f]{{100}}(?!{_JOINER})")
# Each tag ends at the next `<`, or many of them would take time without end.
_TAG = re.compile(r"<[^<>]+>")
_BREAK = re.compile(r"<(?:br|div|li)\b[^<>]*>")
# A reference to a character that does not exist; Python refuses to read very long numbers.
_NO_CHARACTER = re.compile(r"&#[0-9]{8,};?")


def markdown(text: str, *, cloze: bool = False) -> str:
    """Inline Markdown, perhaps with cloze deletions, as harmless HTML.

    A line break is one, a blank line a gap, and MathJax passes through.
    """
    text = text.strip()
    if is_plain(_DELETION.sub("", text) if cloze else text):
        return text
    if cloze:
        return with_deletions(text, markdown)
    if _MARKDOWN.search(text):
        return harmless(_parser(blocks=False).renderInline(text).replace("<br>\n", "<br>"))
    return harmless(escape(text, quote=False).replace('"', "&quot;"))


def is_plain(text: str) -> bool:
    """Whether a text is its own HTML, whatever makes HTML of it."""
    return not _SIGN.search(text)


def block(text: str, picture: Callable[[str, str], str]) -> str:
    """Markdown as HTML, not yet `harmless`; `picture` makes HTML of a file's name and its alt."""
    html: str = _parser(blocks=True).render(text, {"picture": picture})
    return html.strip()


def files_in(text: str) -> list[tuple[str, int]]:
    """The names of the pictures and sounds in a text of Markdown, and where they stand."""
    names: list[str] = []

    def note(name: str, _alt: str) -> str:
        names.append(name)
        return ""

    if "![" in text:
        block(text, note)
    written = _PICTURE.finditer(text)  # also those in code, which are none
    return [(name, next((one.start(2) for one in written if one[2] == name), 0)) for name in names]


def sound(name: str) -> str:
    """The HTML, not yet `harmless`, with which Anki plays a sound or a video."""
    return f"{_SOUND}sound:{name}]"


def harmless(html: str) -> str:
    r"""HTML of a text that does nothing in Anki: no sound, no LaTeX, no cloze deletion.

    Outside of formulas of Markdown, no backslash begins one. What a formula says is looked at when
    the field is `finished`.
    """
    html = inert(html)
    # MathJax takes no tag for a part of a formula.
    html = _NO_FORMULA.sub(lambda found: found[1] or SHIELDED, html) if "\\" in html else html
    return html.replace(_IN_FORMULA, "\\").replace(_SOUND, "[")


def inert(html: str) -> str:
    """HTML without `[sound:…]`, `[latex]` and cloze deletions."""
    return html.replace("[", "&#91;").replace("{{", "{&#123;")


def finished(html: str) -> str:
    """A field as Anki stores it: shielded and composed, where it has anything to shield or compose.

    That is seldom; without looking first, it takes ten times as long.
    """
    shielded = shield_backslashes(html) if "\\" in html else html
    return shielded if shielded.isascii() else composed(shielded)


def composed(html: str) -> str:
    """A field in NFC, where nothing combines with markup or with a formula.

    Anki composes what it imports: `<div>` and U+0338, which makes ≯ of `>`, would be another tag.
    """
    html = _MANY_MARKS.sub(_broken_up, html)
    html = _MARKED.sub(_kept_apart, html)
    return unicodedata.normalize("NFC", html)


def plain_text(html: str) -> str:
    """HTML on one line of plain text, which cannot give orders to a terminal."""
    text = _TAG.sub("", _BREAK.sub(" · ", html)) if "<" in html else html
    text = unescaped(text) if "&" in text else text
    return " ".join(UNPRINTABLE.sub(" ", text).split()).strip(" ·")


def unescaped(html: str) -> str:
    """HTML with characters in place of references."""
    return unescape(_NO_CHARACTER.sub("\ufffd", html))


@cache
def _parser(*, blocks: bool):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a late import's type
    from markdown_it import MarkdownIt  # slow to import; most texts have no markup
    from markdown_it.rules_inline import StateInline
    from markdown_it.rules_inline import link as any_link

    class Parser(MarkdownIt):
        def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's name
            return bool(_WEB.match(url))

        def normalizeLinkText(self, link: str) -> str:  # noqa: N802
            return link

    # The signature of all rules is markdown-it's.
    def math(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
        found = FORMULA.match(state.src, state.pos)
        if found is None or state.src[state.pos + 1] == "&":
            return False
        if not silent:
            state.push("text", "", 0).content = found[0].replace("\\", _IN_FORMULA)
        state.pos = found.end()
        return True

    def web_link(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
        if state.src[state.pos] != "[":
            return False
        end = state.md.helpers.parseLinkLabel(state, state.pos, True)  # noqa: FBT003
        return bool(end > 0 and _TO_WEB.match(state.src, end)) and any_link(state, silent)

    def picture(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
        found = _PICTURE.match(state.src, state.pos)
        if found is None:
            return False
        if not silent:
            alt = _ESCAPED.sub(r"\1", found[1]).strip()
            state.push("html_inline", "", 0).content = state.env["picture"](found[2], alt)
        state.pos = found.end()
        return True

    options = {"html": False, "xhtmlOut": False, "breaks": True, "maxNesting": _MAX_NESTING}
    parser = Parser("commonmark", options).disable(["image", "html_inline", "entity"])
    parser.inline.ruler.before("escape", "math", math)
    parser.inline.ruler.at("link", web_link)
    if blocks:
        parser.inline.ruler.before("link", "picture", picture)
        parser.enable("table")
        parser.disable(
            ["heading", "lheading", "hr", "blockquote", "code", "html_block", "reference"]
        )
    return parser


def _broken_up(found: re.Match[str]) -> str:
    return found[0] + _JOINER if all(map(unicodedata.combining, found[0])) else found[0]


def _kept_apart(found: re.Match[str]) -> str:
    markup, text = found[0][0], found[0]
    composed = not unicodedata.normalize("NFC", text).startswith(markup)
    return markup + _JOINER + text[1:] if composed else text
