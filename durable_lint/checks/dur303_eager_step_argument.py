"""DUR303: a call where an operation should get a body: it runs outside the operation."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import things as t
from durable_lint.index.bodies import Handed
from durable_lint.index.facts import ATTR, CALL, NAME, Call, Function
from durable_lint.index.issuing import argument
from durable_lint.model import Edit, Fix, Level

RULE = Rule("DUR303", "eager-step-argument", ERROR, "a call where an operation should get a body", fix="history")


def check(ctx: Check) -> Iterator[Finding]:
    """Arguments of operations that are what a call gave, and that nobody can call."""
    for handed, leaves in ctx.project.handing.eager(ctx.module.path):
        expr, fid = leaves[0]
        call = ctx.project.ev.function(fid).calls[expr[1]] if expr[0] == CALL else None
        here = call is not None and fid[0] == ctx.module.path
        called = ctx.written(call.start, call.end, "") if call is not None and here else "the argument"
        name = handed.site.issued.operation.name
        message = (
            f"{called} is called before {name} begins: it runs again on every replay and every retry, "
            f"and {name} gets its result instead of a body"
        )
        yield Finding(RULE, handed.start, handed.end, message, handed.hops, fix=partial(_fix, ctx, handed))


def _fix(ctx: Check, handed: Handed) -> Fix | None:
    """Make a body of the call, for an operation that runs its body once and passes it one argument."""
    body, call = handed.body, handed.site.call
    if handed.hops or not handed.whole or body.region != "step" or len(body.passes or ()) != 1 or body.many:
        return None
    made = _made(ctx, handed)
    if made is None or not _gives_a_result(ctx, handed, made[1]):
        return None
    from durable_lint.loading import cst
    from durable_lint.visit.nodes import parts

    tree = ctx.tree_of(handed.fid, handed.start)
    expr, innermost = made
    node: cst.CSTNode | None = tree.call(ctx.project.ev.function(handed.fid).calls[innermost].number)
    while expr is handed.expr and expr[0] == ATTR and node is not None and tree.span(node).end != handed.end:
        node = tree.parent(node)
    if node is None or not isinstance(node, cst.Call | cst.Attribute):
        return None
    text, unfit = tree.source(node), (cst.Await, cst.Yield, cst.NamedExpr)
    stack: list[cst.CSTNode] = [node]
    while stack:
        inner = stack.pop()
        if isinstance(inner, unfit) or (isinstance(inner, cst.Name) and inner.value == "_"):
            return None
        stack += parts(inner)
    edits = [Edit(tree.span(node), f"lambda _: {text}")]
    label = handed.site.issued.operation.label
    if label is not None and argument(call, label) is False:
        from durable_lint.fixes.labels import add_name

        named = add_name(tree, handed.site, ctx.module.functions[handed.fid[1]], ctx.wrapping.names)
        edits += named.edits if named is not None else ()
    return Fix("make the call the body", Level.HISTORY, tuple(edits))


def _made(ctx: Check, handed: Handed) -> tuple[tuple[Any, ...], int] | None:
    """The expression that makes what is handed over, and the index of the call in it: the argument, or what a variable
    is given that is only used here."""
    function = ctx.project.ev.function(handed.fid)
    expr: Any = handed.expr
    if expr[0] == NAME:
        bound = function.bindings.get(expr[1], [])
        known = bound[0] if len(bound) == 1 and len(function.loads.get(expr[1], ())) == 1 else None
        if known is None or known[0] != CALL or not _is_steady(function, function.calls[known[1]]):
            return None
        return known, known[1]
    inner = expr
    while inner is not None and inner[0] == ATTR:
        inner = inner[1]
    return (expr, inner[1]) if inner is not None and inner[0] == CALL else None


def _is_steady(function: Function, call: Call) -> bool:
    """Whether a call that is made later gets the same variables; not in a loop, which may rebind them."""
    inside = {
        name
        for name, places in function.loads.items()
        if any(call.start <= start and end <= call.end for _, start, end in places)
    }
    own = {parameter.name for parameter in function.parameters}
    return not call.repeated and all(len(function.bindings.get(name, ())) + (name in own) <= 1 for name in inside)


def _gives_a_result(ctx: Check, handed: Handed, index: int) -> bool:
    """Whether a call gives what it computes, and no coroutine, generator or object of the project."""
    ev = ctx.project.ev
    things = ev.expr(ev.function(handed.fid).calls[index].callee, handed.fid)
    functions = [ev.function(thing[1]) for thing in things if thing[0] in (t.FN, t.METHOD)]
    lazy = any(function.is_async or function.is_generator for function in functions)
    return not lazy and not any(thing[0] == t.CLASS for thing in things)
