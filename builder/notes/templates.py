"""Templates of kinds, in Jinja2 → HTML of what facts say.

Most are texts with `{{ field }}` in them. These are filled here; Jinja2 fills the others, and is
imported if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from builder.model import Template, Text
from builder.notes.cloze import Numbering
from builder.notes.filters import OF_FIELDS, OF_TEXTS
from builder.notes.written import html_of
from builder.problems import Error, Problem, error, nearest

# What the author of a template can get wrong when it is filled in: a template is a program.
FAILURES = (ArithmeticError, LookupError, TypeError, ValueError)

_FIELD = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)((?:\s*\|\s*[a-z]+)*)\s*\}\}")
# To Jinja2 these are no names of fields.
_RESERVED = {"true", "false", "none", "not", "and", "or", "in", "is", "if", "else", "self", "super"}
_MAX_PARTS = 100

# A field, the filters that it goes through, and the text after it.
_Shown = tuple[str, tuple[Callable[..., object], ...], str]


class NoField(Exception):  # noqa: N818 - seldom an error
    """A template shows a field that a fact does not have; its text is the field's name."""


def compile_template(text: Text, names: Iterable[str]) -> tuple[Template | None, list[Problem]]:
    """The template of a kind that a text is, and what is wrong with it.

    `names` are those of the kind's fields.
    """
    try:
        uses, needs = _names_in(text)
    except ValueError as failure:
        return None, [error(text.place, f"not a valid template: {failure}", Error.TEMPLATE)]
    known = [*names, "as_of"]
    problems = [
        error(text.place, f"unknown field “{name}”{nearest(name, known)}", Error.UNKNOWN_FIELD)
        for name in uses
        if name not in known
    ]
    return Template(text=str(text), uses=uses, needs=needs, media=(), place=text.place), problems


def _names_in(source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that a template uses, and those that it needs."""
    if simple := simple_parts(source):
        names = tuple(sorted({name for name, *_ in simple[1]}))
        return names, names
    from builder.notes.jinja import compiled

    return compiled(source)[:2]


def fill(template: Template, values: Mapping[str, object], numbering: Numbering) -> str:
    """The HTML that a template of a kind makes of values.

    Raises NoField for one that is to be shown and not there; one of `FAILURES` if that fails.
    """
    simple = simple_parts(template.text)
    if simple is None:
        from builder.notes import jinja

        return jinja.fill(template.text, values, numbering).strip()
    html, shown = simple
    for name, filters, text in shown:
        if name not in values:
            raise NoField(name)
        value = values[name]
        for change in filters:
            value = change(value, numbering)
        html += html_of(value) + text
    return html.strip()


@cache
def simple_parts(source: str) -> tuple[str, tuple[_Shown, ...]] | None:
    """A template that only shows fields as the text it begins with and what follows, or None."""
    first, *parts = _FIELD.split(source)
    texts, names = [first, *parts[2::3]], parts[::3]
    filters = [written.replace("|", " ").split() for written in parts[1::3]]
    if (
        any("{" in text or "\r" in text for text in texts)
        or not _RESERVED.isdisjoint(names)
        or not _SIMPLE.keys() >= {name for written in filters for name in written}
        or len(names) + sum(map(len, filters)) > _MAX_PARTS
    ):
        return None
    made = (tuple(_SIMPLE[name] for name in written) for written in filters)
    return first, tuple(zip(names, made, texts[1:], strict=True))


def _of_text(filter_: Callable[[object], object]) -> Callable[..., object]:
    return lambda value, _: filter_(value)


_SIMPLE = {**{name: _of_text(filter_) for name, filter_ in OF_TEXTS.items()}, **OF_FIELDS}
