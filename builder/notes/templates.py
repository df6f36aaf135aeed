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
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from builder.model import Template, Text
from builder.notes.cloze import Numbering, as_deletion
from builder.notes.cloze_text import in_context
from builder.notes.dates import ask_when
from builder.notes.language import attributes
from builder.notes.markdown import markdown
from builder.notes.written import (
    backwards,
    capitalized,
    html_of,
    joined,
    lowered,
    numbered,
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
    *("numbered", "reverse", "sort", "title", "trim", "unique", "upper", "when"),
)
# What a template may reach into; of these only `card/` has labels.
_WITH_PARTS = (nodes.Name("loop", "load"), nodes.Name("labels", "load"))
_MAX_NODES = 300

# What it may not be made of, as its author calls it.
_CALLED = {"Getattr": "an attribute", "Call": "a call", "Dict": "a mapping", "Slice": "a slice"} | {
    node: f"{{% {tag} %}}"
    for tag, nodes_of in {
        "set": "Assign AssignBlock",
        "from": "FromImport",
        "call": "CallBlock",
        "filter": "FilterBlock",
        "autoescape": "ScopedEvalContextModifier",
        **{
            name.lower(): name
            for name in ("Macro", "Include", "Import", "Block", "Extends", "With")
        },
    }.items()
    for node in nodes_of.split()
}

# What a template may do without its fields.
_OPTIONAL = (nodes.If, nodes.CondExpr, nodes.Test, nodes.And, nodes.Or, nodes.Compare)


class NoField(jinja2.UndefinedError):
    """A template shows a field that a fact does not have; its text is the field's name."""


class _Missing(jinja2.Undefined):
    """What is not there: false, equal to no text, in nothing; never to be shown."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: type[jinja2.TemplateRuntimeError] = jinja2.UndefinedError,
    ) -> None:
        if name is not None and obj is missing:  # a field
            hint, exc = name, NoField
        super().__init__(hint, obj, name, exc)

    __iter__ = __len__ = __str__ = jinja2.Undefined._fail_with_undefined_error  # noqa: SLF001

    def __contains__(self, _: object) -> bool:
        return False


def compile_template(text: Text, names: Iterable[str]) -> tuple[Template | None, list[Problem]]:
    """The template of a kind that a text is, and what is wrong with it.

    `names` are those of the kind's fields.
    """
    try:
        uses, needs, _ = _compiled(text)
    except jinja2.TemplateSyntaxError as failure:
        message = f"not a valid template: {failure.message}"
        return None, [error(text.place, message, Error.TEMPLATE)]
    known = [*names, "as_of"]
    problems = [
        error(text.place, f"unknown field “{name}”{nearest(name, known)}", Error.UNKNOWN_FIELD)
        for name in uses
        if name not in known
    ]
    template = Template(text=str(text), uses=uses, needs=needs, media=(), place=text.place)
    return template, problems


class Filling:
    """Fills the templates of a prompt with what a fact says, and numbers what they hide."""

    def __init__(self, values: Mapping[str, object], numbering: Numbering) -> None:
        self.numbering = numbering
        shown = {**values, "_numbering": numbering}
        self.context = Context(_ENVIRONMENT, shown, name=None, blocks={})

    def fill(self, template: Template) -> str:
        """The HTML that a template of a kind makes of it.

        Raises one of `FAILURES`; it is `NoField` where the fact lacks a field that is to be shown.
        """
        *_, compiled = _compiled(template.text)
        # As Template.render() does it, but for making a context and putting failures into words.
        return "".join(compiled.root_render_func(self.context)).strip()


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
    if isinstance(node, nodes.Getattr) and node.node in _WITH_PARTS:
        return ""
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        hint = nearest(node.name, _FILTERS) or f"; the filters are {', '.join(_FILTERS)}"
        return f"unknown filter “{node.name}”{hint}"
    if isinstance(node, nodes.Filter) and (node.kwargs or node.dyn_args or node.dyn_kwargs):
        return f"the filter “{node.name}” takes no keyword arguments"
    if isinstance(node, nodes.For) and (list(node.find_all(nodes.For)) or node.recursive):
        return "a loop may not contain another"
    if isinstance(node, _NODES):
        return ""
    what = type(node).__name__
    if isinstance(node, (nodes.BinExpr, nodes.UnaryExpr)):
        what = "arithmetic"
    return f"{_CALLED.get(what, what)} is not allowed; a template only shows values"


@cache
def _compiled(source: str) -> tuple[tuple[str, ...], tuple[str, ...], jinja2.Template]:
    """The names that a template of a kind uses, those that it needs, and the template, compiled."""
    tree = parse_template(_ENVIRONMENT, source)
    uses = {name.name for name in tree.find_all(nodes.Name)}
    if tree.find(nodes.For):  # which has names of its own
        uses = jinja2.meta.find_undeclared_variables(tree)
    needs = uses & _needs(tree)
    compiled = _ENVIRONMENT.from_string(_OurWay().visit(tree))
    return tuple(sorted(uses)), tuple(sorted(needs)), compiled


def _needs(node: nodes.Node) -> set[str]:
    """The names that a template shows whatever a fact says."""
    if isinstance(node, nodes.Name):
        return {node.name}
    if isinstance(node, _OPTIONAL) or (isinstance(node, nodes.For) and node.else_):
        return set()
    if isinstance(node, nodes.Filter) and node.name == "default":
        return set()
    if isinstance(node, nodes.Filter) and node.name == "cloze" and node.node:
        return _needs(node.node)  # a hint may be missing
    return set().union(*map(_needs, node.iter_child_nodes()))


class _OurWay(NodeTransformer):
    """What Jinja2 does otherwise than the author of a kind expects.

    `a ~ b` joins what is written, as the filter `join` does, and not its HTML. `x if y` is nothing
    without `y`, as is a missing list in a loop with `else`. What is missing is in no text.
    """

    # The names of these methods are Jinja2's.
    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        things = nodes.List([self.visit(each) for each in node.nodes])
        return _made(nodes.Filter(things, "join", [], [], None, None), node)

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:  # noqa: N802
        node.expr2 = node.expr2 or nodes.Const("")
        return self.visit_If(node)

    def visit_If(self, node: nodes.If | nodes.CondExpr) -> nodes.Node:  # noqa: N802
        node.test = _InATest().visit(node.test)
        return _made(self.generic_visit(node), node)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        if node.else_:
            node.iter = nodes.Filter(node.iter, "default", [nodes.List([])], [], None, None)
        return _made(self.generic_visit(node), node)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        operand = node.ops[0]
        if len(node.ops) > 1 or operand.op not in ("in", "notin"):
            return node
        test = nodes.Test(node.expr, "in", [operand.expr], [], None, None)
        return _made(test if operand.op == "in" else nodes.Not(test), node)


class _InATest(NodeTransformer):
    """In a test, a filter takes what is missing for an empty text."""

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802 - Jinja2's name
        self.generic_visit(node)
        if isinstance(node.node, nodes.Name):
            node.node = nodes.Filter(node.node, "default", [nodes.Const("")], [], None, None)
        return node


def _made(node: nodes.Node, instead_of: nodes.Node) -> nodes.Node:
    return node.set_lineno(instead_of.lineno).set_environment(_ENVIRONMENT)


@jinja2.pass_context
def _cloze_filter(context: Context, value: object, hint: object = "") -> Markup | list[Markup]:
    """A field's value as a cloze deletion; a list as a list with one for each item.

    The hint may be missing; an item may have another.
    """
    numbering: Numbering = context["_numbering"]
    field = getattr(value, "field", "") or _field_of(context, value, "cloze")
    if isinstance(hint, list):
        raise jinja2.TemplateRuntimeError("the hint of the filter “cloze” must be a text")
    shown = Markup() if isinstance(hint, jinja2.Undefined) else html_of(hint)
    items = numbering.fact.values[field]
    if not (isinstance(items, tuple) and isinstance(value, list)):
        return Markup(as_deletion(numbering.number(field), html_of(value), shown))  # noqa: S704
    if any(item.shapes for item in items):
        note_type = numbering.kind.note_type
        if note_type is None or not note_type.occlusion:
            message = "shapes are hidden in a note type with image_occlusion: true"
            raise jinja2.TemplateRuntimeError(message)
        return Markup(numbering.hide_shapes(field, items))  # noqa: S704 - made of numbers
    deletions = []
    said = attributes(numbering.kind.fields[field].language, numbering.kind.language)
    for text, item in zip(value, items, strict=True):
        number = numbering.number(field, item)
        own = markdown(item.hint) if item.hint else shown
        made = as_deletion(number, html_of(text), own)
        if item.context:
            made = in_context(item.context, number, item.text, own, markdown)
            made = f"<span{said}>{made}</span>" if said else made
        deletions.append(Markup(made))  # noqa: S704 - made of escaped text
    return deletions


@jinja2.pass_context
def _when_filter(context: Context, value: object) -> str:
    """How to ask for a date, as precisely as it is known."""
    numbering: Numbering = context["_numbering"]
    field = _field_of(context, value, "when")
    if numbering.kind.fields[field].type != "date":
        raise jinja2.TemplateRuntimeError("the filter “when” takes a date field")
    return ask_when(str(numbering.fact.values[field]), numbering.labels)


def _field_of(context: Context, value: object, user: str) -> str:
    """The field of the fact whose value a filter is given, which must be unchanged."""
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises what it is undefined for
    for name in context["_numbering"].fact.values:
        if context[name] is value:
            return str(name)
    raise jinja2.TemplateRuntimeError(f"the filter “{user}” takes a field and nothing else")


@jinja2.pass_environment
def _unique(environment: jinja2.Environment, value: Iterable[object], *more: bool) -> list[object]:
    """The different ones of several things."""
    return list(do_unique(environment, value, *more))


_ENVIRONMENT = SandboxedEnvironment(
    autoescape=True, undefined=_Missing, auto_reload=False, finalize=html_of
)
_ENVIRONMENT.tests["in"] = lambda value, things: (
    not isinstance(value, jinja2.Undefined) and value in things
)
_ENVIRONMENT.tests["none"] = _ENVIRONMENT.tests["undefined"]  # what YAML calls null is not there
_ENVIRONMENT.globals.clear()  # no range, lipsum and the like: a card needs none of them
_ENVIRONMENT.filters |= {
    "capitalize": capitalized,
    "cloze": _cloze_filter,
    "escape": lambda value: value,  # which comes last, and by itself
    "join": joined,
    "lower": lowered,
    "numbered": numbered,
    "reverse": backwards,
    "title": titled,
    "trim": trimmed,
    "unique": _unique,
    "upper": uppered,
    "when": _when_filter,
}
