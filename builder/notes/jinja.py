"""Jinja2 templates of kinds, which show the values of a fact and can do nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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

from builder.notes import filters
from builder.notes.cloze import Numbering
from builder.notes.templates import NoField
from builder.notes.written import html_of
from builder.problems import nearest

# What a template may be made of: enough to show a fact. It cannot call, compute, reach into a value
# or repeat a repetition, so that a stranger's template can neither reach out nor go on for ever.
_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.List),
    *(nodes.Tuple, nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare),
    *(nodes.Operand, nodes.Concat, nodes.Test, nodes.Filter, nodes.Getitem, nodes.For),
)
_OF_JINJA2 = ("default", "first", "join", "last", "length", "sort", "unique")
_FILTERS = sorted({*filters.OF_TEXTS, *filters.OF_FIELDS, *_OF_JINJA2})
# What a template may reach into; of these only `card/` has labels.
_WITH_PARTS = (nodes.Name("loop", "load"), nodes.Name("labels", "load"))
_MAX_NODES = 300

# What it may not be made of, as its author calls it, where the name of its node does not say so.
_CALLED = {"Getattr": "an attribute", "Call": "a call", "Dict": "a mapping", "Slice": "a slice"}
_STATEMENTS = {"assign": "set", "fromimport": "from", "scope": "autoescape"}

# What a template may do without its fields.
_OPTIONAL = (nodes.If, nodes.CondExpr, nodes.Test, nodes.And, nodes.Or, nodes.Compare)


class _NoField(jinja2.UndefinedError):
    """A template shows a field that is not there; its text is the field's name."""


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
            hint, exc = name, _NoField
        elif name is not None:
            hint = f"there is no element {name}"
        super().__init__(hint, obj, name, exc)

    __iter__ = __len__ = __str__ = jinja2.Undefined._fail_with_undefined_error  # noqa: SLF001

    def __contains__(self, _: object) -> bool:
        return False


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
    what = _CALLED.get(what, what)
    if isinstance(node, (nodes.BinExpr, nodes.UnaryExpr)):
        what = "arithmetic"
    elif isinstance(node, nodes.Stmt):
        tag = (what.removesuffix("Block") or what).lower()
        what = f"{{% {_STATEMENTS.get(tag, tag)} %}}"
    return f"{what} is not allowed; a template only shows values"


@cache
def compiled(source: str) -> tuple[tuple[str, ...], tuple[str, ...], jinja2.Template]:
    """The names that a template of a kind uses, those that it needs, and the template, compiled.

    Raises ValueError if it is none.
    """
    try:
        tree = parse_template(_ENVIRONMENT, source)
        uses = jinja2.meta.find_undeclared_variables(tree)
        uses |= {"self"} & {name.name for name in tree.find_all(nodes.Name)}  # Jinja2 knows it
        needs = uses & _needs(tree)
        made = _ENVIRONMENT.from_string(_OurWay().visit(tree))
    except jinja2.TemplateSyntaxError as failure:
        raise ValueError(failure.message) from None
    return tuple(sorted(uses)), tuple(sorted(needs)), made


def fill(source: str, values: Mapping[str, object], numbering: Numbering) -> str:
    """The HTML that a template of a kind makes of values.

    Raises NoField for one that is to be shown and not there, another failure for what else fails.
    """
    *_, template = compiled(source)
    context = Context(_ENVIRONMENT, {**values, "_numbering": numbering}, name=None, blocks={})
    try:
        # As Template.render() does it, but for putting failures into words.
        return "".join(template.root_render_func(context))
    except _NoField as missing:
        raise NoField(str(missing)) from None
    except jinja2.TemplateError as failure:
        raise ValueError(str(failure)) from failure


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

    `a ~ b` joins what is written, as the filter `join` does, and not its HTML. A missing list in a
    loop with `else` is empty. What is missing is in no text.
    """

    # The names of these methods are Jinja2's.
    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        things = nodes.List([self.visit(each) for each in node.nodes])
        return _made(nodes.Filter(things, "join", [], [], None, None), node)

    def visit_If(self, node: nodes.If | nodes.CondExpr) -> nodes.Node:  # noqa: N802
        node.test = _InATest().visit(node.test)
        return _made(self.generic_visit(node), node)

    visit_CondExpr = visit_If  # noqa: N815

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


@jinja2.pass_environment
def _unique(environment: jinja2.Environment, value: Iterable[object], *more: bool) -> list[object]:
    """The different ones of several things."""
    return list(do_unique(environment, value, *more))


def _of_field(filter_: Callable[..., object]) -> Callable[..., object]:
    """A filter that needs to know the note, as Jinja2 calls it."""
    return jinja2.pass_context(
        lambda context, value, *more: filter_(value, context["_numbering"], *more)
    )


_ENVIRONMENT = SandboxedEnvironment(
    autoescape=True,
    undefined=_Missing,
    auto_reload=False,
    finalize=lambda value: Markup(html_of(value)),  # noqa: S704 - always harmless
)
_ENVIRONMENT.tests["in"] = lambda value, things: (
    not isinstance(value, jinja2.Undefined) and value in things
)
_ENVIRONMENT.tests["none"] = _ENVIRONMENT.tests["undefined"]  # what YAML calls null is not there
_ENVIRONMENT.globals.clear()  # no range, lipsum and the like: a card needs none of them
_ENVIRONMENT.filters |= {
    **filters.OF_TEXTS,
    **{name: _of_field(filter_) for name, filter_ in filters.OF_FIELDS.items()},
    "unique": _unique,
    "join": filters.joined,
}
