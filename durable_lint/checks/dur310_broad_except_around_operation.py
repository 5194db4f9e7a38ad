"""DUR310: ``except Exception`` that also hides a replay which no longer fits its history."""

from __future__ import annotations

from collections.abc import Iterator

from durable_lint.checks.base import Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Clause, Expr, Try
from durable_lint.index.project import CHILD, WORKFLOW
from durable_lint.index.things import FunctionId

RULE = Rule(
    "DUR310", "broad-except-around-operation", None, "a broad clause that hides a replay which does not fit its history"
)


def check(ctx: Check) -> Iterator[Finding]:
    """Clauses for ``Exception`` and ``suppress(Exception)`` around operations in workflow code."""
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        if not (function.tries or function.withs) or not {WORKFLOW, CHILD} & set(ctx.project.kinds(fid)):
            continue
        profile = ctx.project.profile_of(fid)
        if profile is None or not profile.failures.replay:
            continue  # nothing is known to be hidden
        replay = profile.failures.replay
        for attempt in function.tries:
            clause = _hiding(ctx, fid, attempt) if ctx.project.cleanups.issues(fid, *attempt.body) else None
            if clause is not None:
                yield Finding(RULE, clause.start, clause.end, _message(ctx, clause.start, clause.end, replay))
        for managed in function.withs:
            if _suppresses(ctx, fid, managed.expr) and ctx.project.cleanups.issues(fid, managed.end, managed.until):
                yield Finding(RULE, managed.start, managed.end, _message(ctx, managed.start, managed.end, replay))


def _message(ctx: Check, start: int, end: int, replay: str) -> str:
    written = " ".join(ctx.source.text[start:end].split())
    return (
        f"{written} around an operation also hides {replay}: an execution that no longer fits its history "
        "goes on with wrong data"
    )


def _hiding(ctx: Check, fid: FunctionId, attempt: Try) -> Clause | None:
    """The clause that catches a replay failure as an ``Exception`` and does not raise."""
    failures = [profile.failures for profile in ctx.project.profiles]
    names = {name for one in failures for name in one.lineage(one.replay)}
    for clause in attempt.clauses:
        caught = _dotted(ctx, fid, clause.caught)
        if any(name.rpartition(".")[2] in names and _is_sdk(ctx, name) for name in caught):
            return None  # it is met before the broad clause
        if "builtins.Exception" in caught:
            return None if _raises(ctx, fid, clause, names) else clause
    return None


def _raises(ctx: Check, fid: FunctionId, clause: Clause, names: set[str]) -> bool:
    from durable_lint.loading import cst
    from durable_lint.visit.clauses import raises_again

    handler = ctx.tree(ctx.top(fid)).node(clause.number)
    assert isinstance(handler, cst.ExceptHandler | cst.ExceptStarHandler)
    return raises_again(handler.body, lambda raised: True, names)


def _is_sdk(ctx: Check, dotted: str) -> bool:
    return any(profile.symbol(dotted) for profile in ctx.project.profiles)


def _dotted(ctx: Check, fid: FunctionId, expr: Expr) -> set[str]:
    """The classes that an expression of a clause names."""
    parts = expr[2] if expr is not None and expr[0] == f.SEQ else (expr,)
    return {thing[1] for part in parts for thing in ctx.project.ev.expr(part, fid) if thing[0] == t.EXT}


def _suppresses(ctx: Check, fid: FunctionId, expr: Expr) -> bool:
    """Whether the object of a ``with`` is ``suppress(Exception)``."""
    if expr is None or expr[0] != f.CALL:
        return False
    call = ctx.project.ev.function(fid).calls[expr[1]]
    if (t.EXT, "contextlib.suppress") not in ctx.project.ev.expr(call.callee, fid):
        return False
    return any("builtins.Exception" in _dotted(ctx, fid, argument) for argument in call.args)
