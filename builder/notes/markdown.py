r"""A fact's text, which is inline Markdown → HTML for a field, and HTML → plain text.

HTML and images are switched off, so a text can put neither markup nor script on a card. What Anki
would act upon in a field is made harmless.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html import escape, unescape

from markupsafe import Markup

from builder.notes.cloze_text import with_deletions
from builder.notes.formulas import FORMULA, SHIELDED, shield_backslashes
from builder.problems import UNPRINTABLE

# A text without these comes out of Markdown as it goes in, but for > & and quotes.
_MARKDOWN = re.compile(r"[\\`*_\[\]<\n]|&(?=[#\w])")
# Stands for a backslash in a formula while a text is rendered; no text has it.
_IN_FORMULA = "\0"
# A bracket after a backslash that is no formula's.
_NO_FORMULA = re.compile(r"\\(?=&#91;|[(])")
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


def markdown(text: str, *, cloze: bool = False) -> Markup:
    r"""Inline Markdown as HTML; MathJax `\( … \)` passes through.

    Brackets and braces are made harmless, but for the cloze deletions that a text may have. What a
    formula says is looked at when the field is `finished`.
    """
    if cloze:
        return Markup(with_deletions(text.strip(), markdown))  # noqa: S704 - made of such HTML
    text = text.strip()
    if _MARKDOWN.search(text):
        html = _parser().renderInline(text)
    else:
        html = escape(text, quote=False).replace('"', "&quot;")
    html = inert(html)
    # MathJax takes no tag for a part of a formula.
    html = _NO_FORMULA.sub(lambda _: SHIELDED, html).replace(_IN_FORMULA, "\\")
    return Markup(html)  # noqa: S704 - made by an escaping renderer


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
    text = _TAG.sub("", _BREAK.sub(" · ", html))
    text = unescape(_NO_CHARACTER.sub("\ufffd", text))
    return " ".join(UNPRINTABLE.sub(" ", text).split()).strip(" ·")


@cache
def _parser():  # type: ignore[no-untyped-def]  # noqa: ANN202 - a late import's type
    from markdown_it import MarkdownIt  # slow to import; most texts have no markup
    from markdown_it.rules_inline import StateInline

    def math(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
        found = FORMULA.match(state.src, state.pos)
        if found is None or state.src[state.pos + 1] == "&":
            return False
        if not silent:
            state.push("text", "", 0).content = found[0].replace("\\", _IN_FORMULA)
        state.pos = found.end()
        return True

    parser = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline"])
    parser.inline.ruler.before("escape", "math", math)
    return parser


def _broken_up(found: re.Match[str]) -> str:
    return found[0] + _JOINER if all(map(unicodedata.combining, found[0])) else found[0]


def _kept_apart(found: re.Match[str]) -> str:
    markup, text = found[0][0], found[0]
    composed = not unicodedata.normalize("NFC", text).startswith(markup)
    return markup + _JOINER + text[1:] if composed else text
