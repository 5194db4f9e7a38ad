"""DUR314: the results of a batch are used, and nobody looks whether bodies have failed."""

from __future__ import annotations

from collections.abc import Iterator

from durable_lint.checks.base import Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.bases import attribute_bases
from durable_lint.index.facts import Call, Expr
from durable_lint.index.project import CHILD, WORKFLOW
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.failing import Batch
from durable_lint.model import Fix

RULE = Rule("DUR314", "unchecked-batch-result", None, "the results of a batch whose failures nobody looks at", "unsafe")
_DEPTH = 4


def check(ctx: Check) -> Iterator[Finding]:
    """Calls that take the results of a map or parallel which is not asked for its failures."""
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        if not _is_in_workflow(ctx, fid):
            continue
        for call in function.calls:
            batch = _batch(ctx, fid, call)
            if batch is not None and call.callee is not None and not _is_looked_at(ctx, fid, call.callee[1], batch):
                yield _finding(ctx, fid, call, batch)


def _is_in_workflow(ctx: Check, fid: FunctionId) -> bool:
    """Whether a function or one around it is workflow code: bodies of steps see its variables."""
    while fid[1] > 0:
        if {WORKFLOW, CHILD} & set(ctx.project.kinds(fid)):
            return True
        fid = ctx.project.ev.parent(fid)
    return False


def _batch(ctx: Check, fid: FunctionId, call: Call) -> Batch | None:
    """What is known of the batch whose results a call takes; None when it is no such call."""
    if call.callee is None or call.callee[0] != f.ATTR:
        return None
    for thing in sorted(ctx.project.ev.expr(call.callee, fid), key=repr):
        batch = _of_thing(ctx, thing)
        if batch is not None:
            return batch
    return None


def _of_thing(ctx: Check, thing: Thing) -> Batch | None:
    if thing[0] == t.RESULT:
        batch, path = ctx.project.ev.profiles[thing[1]].batch, (thing[2], "()", *thing[3])
    elif thing[0] in (t.SYMBOL, t.CONTEXT):
        found = ctx.project.ev.context(thing)
        if found is None:
            return None
        batch, path = found[0].batch, thing[-1]
    else:
        return None
    return batch if len(path) == 3 and path[0] in batch.operations and path[2] == batch.results else None


def _is_looked_at(ctx: Check, fid: FunctionId, base: Expr, batch: Batch) -> bool:
    """Whether the failures of a batch are asked for, or may be where the batch goes on to; or it is meant to be
    partial."""
    if base is None:
        return True
    if base[0] == f.CALL:
        return not _is_operation(ctx, fid, base) or _is_partial(ctx, fid, base, batch, _DEPTH)
    scope = ctx.project.ev.scope_of(fid, base[1]) if base[0] == f.NAME else None
    if scope is None or not scope[1]:
        return True
    home = ctx.project.ev.function(scope)
    if any(parameter.name == base[1] for parameter in home.parameters):
        return True
    for value in home.bindings.get(base[1], ()):
        if not _is_operation(ctx, scope, value) or _is_partial(ctx, scope, value, batch, _DEPTH):
            return True
    return _uses(ctx, scope, base[1], scope, batch)


def _is_operation(ctx: Check, fid: FunctionId, expr: Expr) -> bool:
    """Whether an expression is the call of an operation itself, not of a helper that may have looked already."""
    if expr is None or expr[0] != f.CALL:
        return False
    things = ctx.project.ev.expr(ctx.project.ev.function(fid).calls[expr[1]].callee, fid)
    return any(ctx.project.issuing.issued(thing) is not None for thing in things)


def _uses(ctx: Check, fid: FunctionId, name: str, scope: FunctionId, batch: Batch) -> bool:
    """Whether a function or one inside it looks at a batch, or hands it on."""
    function = ctx.project.ev.function(fid)
    if ctx.project.ev.scope_of(fid, name) == scope:
        asked = attribute_bases(function, name)
        for number, _, _ in function.loads.get(name, ()):
            if asked.get(number, "") in batch.looks | {""}:
                return True
    return any(_uses(ctx, (fid[0], child), name, scope, batch) for child in function.children)


def _is_partial(ctx: Check, fid: FunctionId, expr: Expr, batch: Batch, depth: int) -> bool:
    """Whether something in an operation's arguments says that it may end before all bodies have succeeded."""
    if expr is None or not depth:
        return False
    if expr[0] == f.NAME:
        scope = ctx.project.ev.scope_of(fid, expr[1])
        bound = ctx.project.ev.function(scope).bindings.get(expr[1], ()) if scope is not None else ()
        return scope is not None and any(_is_partial(ctx, scope, value, batch, depth - 1) for value in bound)
    if expr[0] != f.CALL:
        return False
    call = ctx.project.ev.function(fid).calls[expr[1]]
    if call.callee is not None and call.callee[-1] in batch.partial:
        return True
    if any(keyword in batch.partial for keyword, _ in call.keywords):
        return True
    given = (*call.args, *(value for _, value in call.keywords))
    return any(_is_partial(ctx, fid, value, batch, depth - 1) for value in given)


def _finding(ctx: Check, fid: FunctionId, call: Call, batch: Batch) -> Finding:
    written = ctx.written(call.start, call.end, "")
    message = (
        f"{written} leaves the bodies that failed out, and nothing looks at them: {batch.ask}() raises their error"
    )

    def fix() -> Fix | None:
        from durable_lint.fixes.insertion import call_before

        if call.callee is None or call.callee[1][0] != f.NAME or ctx.project.ev.scope_of(fid, call.callee[1][1]) != fid:
            return None
        tree = ctx.tree_of(fid, call.start)
        return call_before(tree, tree.call(call.number), call.callee[1][1], batch.ask, ctx.imports.newline)

    return Finding(RULE, call.start, call.end, message, fix=fix)
