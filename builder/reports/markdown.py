"""Texts that anybody may have written → Markdown that shows them as they are."""

import re
from collections.abc import Iterable
from pathlib import Path

from builder.notes.markdown import plain_text
from builder.problems import printable

# Markup anywhere in a line, links that GitHub makes of bare addresses, mathematics between dollars.
_MARKUP = re.compile(r"[\\`*_~\[\]<>|&$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What makes a heading or a list of a line that begins with it.
_BEGINNING = re.compile(r"^([0-9]+)(?=[.)])|^(?=[#+=-])")


def report_of(template: str, *, markdown: bool, **known: object) -> str:
    """A report made by a template, in plain text or in Markdown; empty if there is nothing in it.

    Nothing that a package says can be a line, a heading or a link of it, or an order to a terminal.
    """
    import jinja2  # takes long

    templates = jinja2.Environment(  # noqa: S701 - they make Markdown and plain text, not HTML
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    report = templates.get_template(template).render(
        known,
        head="## " if markdown else "",
        bold="**" if markdown else "",
        text=escape_markdown if markdown else one_line,
        code=code_span if markdown else one_line,
        plain=plain_text,
        moved=_moved,
    )
    return "\n".join(map(printable, report.rstrip("\n").split("\n")))


def _moved(added: Iterable[str], removed: Iterable[str]) -> str:
    """The tags that a note has gained and lost."""
    return " ".join([*(f"+{tag}" for tag in added), *(f"-{tag}" for tag in removed)])


def escape_markdown(text: str) -> str:
    """A text as Markdown of one line, where it is no markup, also in a cell of a table."""
    return _BEGINNING.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", one_line(text)))


def code_span(text: str) -> str:
    """A text as a code span of one line; in a table its `|` must still be escaped."""
    text = one_line(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def one_line(text: str) -> str:
    """A text with spaces for its ends of lines."""
    return " ".join(text.splitlines())
