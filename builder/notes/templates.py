"""Jinja2 templates, which show the values of a fact and can do nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import jinja2
import jinja2.meta
from jinja2 import nodes
from jinja2.filters import do_unique
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from builder.model import Template, Text
from builder.notes.cloze import Numbering
from builder.notes.dates import ask_when
from builder.notes.written import (
    backwards,
    capitalized,
    html_of,
    joined,
    lowered,
    titled,
    trimmed,
    uppered,
)
from builder.problems import Error, Problem, error, nearest

# What the author of a template can get wrong when it is filled in: a template is a program.
FAILURES = (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError)

# What a template may be made of: enough to show a fact. It cannot call, compute, reach into a value
# or repeat a repetition, so that a stranger's template can neither reach out nor go on for ever.
_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.List),
    *(nodes.Tuple, nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare),
    *(nodes.Operand, nodes.Concat, nodes.Test, nodes.Filter, nodes.Getitem, nodes.For),
)
_FILTERS = (
    *("capitalize", "cloze", "default", "escape", "first", "join", "last", "length", "lower"),
    *("reverse", "sort", "title", "trim", "unique", "upper", "when"),
)
_MAX_NODES = 300


def compile_template(text: Text, names: Iterable[str]) -> tuple[Template | None, list[Problem]]:
    """The template of a kind that a text is, and what is wrong with it.

    `names` are those of the kind's fields.
    """
    try:
        uses, _ = _compiled(text)
    except jinja2.TemplateSyntaxError as failure:
        message = f"not a valid template: {failure.message}"
        return None, [error(text.place, message, Error.TEMPLATE)]
    known = [*names, "as_of"]
    problems = [
        error(text.place, f"unknown field “{name}”{nearest(name, known)}", Error.UNKNOWN_FIELD)
        for name in uses
        if name not in known
    ]
    return Template(text=str(text), uses=uses, place=text.place), problems


def fill(template: Template, values: Mapping[str, object], numbering: Numbering) -> str:
    """The HTML that a template of a kind makes of a fact's values.

    Raises one of `FAILURES`.
    """
    _, compiled = _compiled(template.text)
    # As Template.render() does it, but for copying the values and putting failures into words.
    context = compiled.new_context({**values, "_numbering": numbering}, shared=True)
    return "".join(compiled.root_render_func(context)).strip()


def parse_template(environment: jinja2.Environment, source: str) -> nodes.Template:
    """The tree of a template that shows values and does nothing else.

    Raises TemplateSyntaxError for what cannot be read or is not allowed.
    """
    try:
        tree = environment.parse(source)
        listed = list(tree.find_all(nodes.Node))
    except RecursionError:
        raise jinja2.TemplateSyntaxError("too deeply nested", 1) from None
    if len(listed) > _MAX_NODES:
        raise jinja2.TemplateSyntaxError("too long", 1)
    for node in listed:
        if message := _not_allowed(node):
            raise jinja2.TemplateSyntaxError(message, node.lineno)
    return tree


def _not_allowed(node: nodes.Node) -> str:
    """Why a template may not have this node, or nothing."""
    if isinstance(node, nodes.Getattr) and node.node == nodes.Name("loop", "load"):
        return ""
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        return f"unknown filter “{node.name}”{nearest(node.name, _FILTERS)}"
    if isinstance(node, nodes.Filter) and (node.kwargs or node.dyn_args or node.dyn_kwargs):
        return f"the filter “{node.name}” takes no keyword arguments"
    if isinstance(node, nodes.For) and (list(node.find_all(nodes.For)) or node.recursive):
        return "a loop may not contain another"
    if isinstance(node, _NODES):
        return ""
    what = type(node).__name__
    if isinstance(node, (nodes.BinExpr, nodes.UnaryExpr)):
        what = "arithmetic"
    named = {"Getattr": "an attribute", "Call": "a call"}.get(what, what)
    return f"{named} is not allowed; a template only shows values"


@cache
def _compiled(source: str) -> tuple[tuple[str, ...], jinja2.Template]:
    """The names that a template of a kind uses, sorted, and the template, ready to be filled in."""
    tree = parse_template(_ENVIRONMENT, source)
    if tree.find(nodes.Concat):
        tree = _WithoutConcat().visit(tree)
    uses = {name.name for name in tree.find_all(nodes.Name)}
    if tree.find(nodes.For):  # which has names of its own
        uses = jinja2.meta.find_undeclared_variables(tree)
    return tuple(sorted(uses)), _ENVIRONMENT.from_string(tree)


class _WithoutConcat(NodeTransformer):
    """`a ~ b` joins what is written, as the filter `join` does, and not its HTML."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja2's name
        things = nodes.List([self.visit(each) for each in node.nodes])
        joined = nodes.Filter(things, "join", [], [], None, None)
        return joined.set_lineno(node.lineno).set_environment(_ENVIRONMENT)


@jinja2.pass_context
def _cloze_filter(context: Context, value: object) -> Markup | list[Markup]:
    """A field's value as a cloze deletion; a list as a list with one for each item."""
    numbering: Numbering = context["_numbering"]
    field = getattr(value, "field", "") or _field_of(context, value, "cloze")
    items = numbering.fact.values[field]
    if not (isinstance(items, tuple) and isinstance(value, list)):
        return numbering.hide(html_of(value), field)
    pairs = zip(value, items, strict=True)
    return [numbering.hide(html_of(text), field, item) for text, item in pairs]


@jinja2.pass_context
def _when_filter(context: Context, value: object) -> str:
    """How to ask for a date, as precisely as it is known."""
    numbering: Numbering = context["_numbering"]
    field = _field_of(context, value, "when")
    if numbering.kind.fields[field].type != "date":
        raise jinja2.TemplateRuntimeError("the filter “when” takes a date field")
    return ask_when(str(numbering.fact.values[field]))


def _field_of(context: Context, value: object, user: str) -> str:
    """The field of the fact whose value a filter is given, which must be unchanged."""
    for name in context["_numbering"].fact.values:
        if context[name] is value:
            return str(name)
    raise jinja2.TemplateRuntimeError(f"the filter “{user}” takes a field and nothing else")


@jinja2.pass_environment
def _unique(environment: jinja2.Environment, value: Iterable[object], *more: bool) -> list[object]:
    """The different ones of several things."""
    return list(do_unique(environment, value, *more))


_ENVIRONMENT = SandboxedEnvironment(
    autoescape=True, undefined=jinja2.StrictUndefined, auto_reload=False, finalize=html_of
)
_ENVIRONMENT.globals.clear()  # no range, lipsum and the like: a card needs none of them
_ENVIRONMENT.filters |= {
    "capitalize": capitalized,
    "cloze": _cloze_filter,
    "escape": lambda value: value,  # which comes last, and by itself
    "join": joined,
    "lower": lowered,
    "reverse": backwards,
    "title": titled,
    "trim": trimmed,
    "unique": _unique,
    "upper": uppered,
    "when": _when_filter,
}
