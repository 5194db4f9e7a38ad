"""What a test can say of an expression for sure: that it is an object of a testing library, or JSON text of one.

The evaluator says everything that a value can be, and says nothing of what it doesn't know. Here a name counts only if
all that is ever bound to it is known.
"""

from __future__ import annotations

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Expr
from durable_lint.index.things import FunctionId, Things
from durable_lint.index.tools import known
from durable_lint.knowledge.testing import TestClass

_DEPTH = 6


def tool(ev: Evaluator, expr: Expr, fid: FunctionId) -> TestClass | None:
    """The class of the testing library that an expression is an object of; None when it may be something else."""
    things = certain(ev, expr, fid)
    classes = {thing[2] for thing in things if thing[0] == t.TOOL and not thing[3]}
    if len(classes) != 1 or any(thing[0] != t.TOOL or thing[3] for thing in things):
        return None
    return known(ev, min(things, key=repr))


def method(ev: Evaluator, expr: Expr, fid: FunctionId) -> tuple[TestClass, str] | None:
    """The class and the name of a method of the testing library that an expression is."""
    things = certain(ev, expr, fid)
    found = {thing[1:4] for thing in things if thing[0] == t.TOOL and thing[3]}
    if len(found) != 1 or any(thing[0] != t.TOOL or not thing[3] for thing in things):
        return None
    one = min(things, key=repr)
    owner = known(ev, one)
    return (owner, one[3][0]) if owner is not None else None


def certain(ev: Evaluator, expr: Expr, fid: FunctionId, depth: int = _DEPTH) -> Things:
    """What an expression stands for; nothing when one of the values that its name is bound to is unknown."""
    if expr is None or not depth:
        return t.NOTHING
    if expr[0] == f.NAME and not _is_bound_surely(ev, expr[1], fid, depth):
        return t.NOTHING
    if expr[0] == f.EITHER and not all(certain(ev, part, fid, depth - 1) for part in expr[1]):
        return t.NOTHING
    if expr[0] == f.ATTR and not certain(ev, expr[1], fid, depth - 1):
        return t.NOTHING
    things = ev.concrete(ev.expr(expr, fid))
    typed = frozenset(thing for thing in things if thing[0] == t.TOOL)
    # A parameter that nobody fills stands beside what its annotation says.
    return typed if typed and all(thing[0] in (t.TOOL, t.SYMBOL) for thing in things) else things


def _is_bound_surely(ev: Evaluator, name: str, fid: FunctionId, depth: int) -> bool:
    scope = ev.scope_of(fid, name)
    if scope is None:
        return True
    function = ev.function(scope)
    bound = function.bindings.get(name, ())
    if any(parameter.name == name for parameter in function.parameters):
        return not bound
    return all(certain(ev, _unwrapped(value, scope)[0], _unwrapped(value, scope)[1], depth - 1) for value in bound)


def _unwrapped(value: Expr, fid: FunctionId) -> tuple[Expr, FunctionId]:
    """An expression that is bound in another function, with that function."""
    while value is not None and value[0] in (f.FROM, f.GROW):
        value, fid = value[2], (fid[0], value[1])
    return value, fid


def text_of(ev: Evaluator, expr: Expr, fid: FunctionId, depth: int = _DEPTH) -> TestClass | None:
    """The class whose JSON text an expression surely is: ``result.result``, a name for it, or what a helper gives."""
    if expr is None or not depth:
        return None
    if expr[0] == f.ATTR:
        owner = tool(ev, expr[1], fid)
        return owner if owner is not None and expr[2] in owner.text else None
    if expr[0] == f.NAME:
        scope = ev.scope_of(fid, expr[1])
        function = ev.function(scope) if scope is not None else None
        if function is None or scope is None or any(parameter.name == expr[1] for parameter in function.parameters):
            return None
        return _all_text(ev, [_unwrapped(value, scope) for value in function.bindings.get(expr[1], ())], depth)
    if expr[0] == f.EITHER:
        return _all_text(ev, [(part, fid) for part in expr[1]], depth)
    if expr[0] == f.CALL:
        called = ev.concrete(ev.expr(ev.function(fid).calls[expr[1]].callee, fid))
        targets = [thing[1] for thing in sorted(called, key=repr) if thing[0] in (t.FN, t.METHOD)]
        if len(targets) != len(called) or any(ev.function(target).is_generator for target in targets):
            return None
        return _all_text(ev, [(value, target) for target in targets for value in ev.function(target).returns], depth)
    return None


def _all_text(ev: Evaluator, values: list[tuple[Expr, FunctionId]], depth: int) -> TestClass | None:
    found = [text_of(ev, value, fid, depth - 1) for value, fid in values]
    owners = {owner.id for owner in found if owner is not None}
    return found[0] if found and None not in found and len(owners) == 1 else None
