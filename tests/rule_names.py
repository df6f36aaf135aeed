"""The rules that a program names when it makes problems, read from its code."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Parameter(NamedTuple):
    """The parameter of a function that takes a rule: its name and its place, also from the end."""

    name: str
    at: int
    from_end: int


def rules_named_in(folder: Path) -> set[str]:
    """Every text that reaches the field `rule` of a `Problem` there.

    It may stand in the call, in a constant, a variable or a default, and may pass through the
    parameters of functions.
    """
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(folder.rglob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    constants = _values(statement for tree in trees for statement in tree.body)
    (problem,) = (n for n in nodes if isinstance(n, ast.ClassDef) and n.name == "Problem")
    declared = [node.target for node in problem.body if isinstance(node, ast.AnnAssign)]
    fields = [target.id for target in declared if isinstance(target, ast.Name)]
    takes = {"Problem": _parameter(fields, "rule")}
    found: set[str] = set()
    known = 0
    while known < len(takes):
        known = len(takes)
        for function in functions:
            parameters = _parameters(function)
            values = constants | _values(ast.walk(function))
            for given in _given(function, takes):
                names = {n.id for n in ast.walk(given) if isinstance(n, ast.Name)}
                names |= {n.attr for n in ast.walk(given) if isinstance(n, ast.Attribute)}
                found |= _texts(given).union(
                    *(_texts(value) for name in names for value in values.get(name, ()))
                )
                for name in names.intersection(parameters):
                    takes.setdefault(function.name, _parameter(parameters, name))
    return found


def _parameter(names: list[str], name: str) -> Parameter:
    return Parameter(name, names.index(name), len(names) - names.index(name))


def _parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return [name for name in names if name not in ("self", "cls")]


def _values(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """Name → what is assigned to it, or is its default."""
    values: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.arguments):
            named = [*node.posonlyargs, *node.args]
            pairs = [*zip(reversed(named), reversed(node.defaults), strict=False)]
            pairs += [(a, d) for a, d in zip(node.kwonlyargs, node.kw_defaults, strict=True) if d]
            for one, default in pairs:
                values.setdefault(one.arg, []).append(default)
    return values


def _given(function: ast.FunctionDef, takes: dict[str, Parameter]) -> Iterator[ast.expr]:
    """What a function gives as a rule to those that take one."""
    for call in ast.walk(function):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        if name in takes:
            taken = takes[name]
            yield from (word.value for word in call.keywords if word.arg == taken.name)
            if any(isinstance(one, ast.Starred) for one in call.args):
                yield from call.args[-taken.from_end :][:1]
            else:
                yield from call.args[taken.at : taken.at + 1]


def _texts(node: ast.expr) -> set[str]:
    """The texts that an expression may be: of `a if x == "b" else c` that is a or c."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    if isinstance(node, ast.BoolOp):
        return set().union(*map(_texts, node.values))
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()
