"""DUR305: a durable function that is called, and whose body no operation gets."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call
from durable_lint.index.things import FunctionId, Thing

RULE = Rule("DUR305", "unrun-durable-function", ERROR, "a durable function called where no operation runs it")


def check(ctx: Check) -> Iterator[Finding]:
    """Calls that only make a body, and operations that only run when they are awaited, whose value is lost."""
    project = ctx.project
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        if function.kind not in ("def", "lambda") or not project.regions.modes(fid):
            continue
        for index, call in enumerate(function.calls):
            things = sorted(project.ev.expr(call.callee, fid), key=repr)
            if not things or (not (awaited := _is_awaited(ctx, things)) and not _makes_body(ctx, things, fid, index)):
                continue
            if project.handing.reaching.is_lost(fid, index) and not _is_misplaced(ctx, fid, call):
                name = ctx.written(call.start, call.end, "")
                end = (
                    "is not awaited: it never runs"
                    if awaited
                    else "only makes a body, which no operation gets: it never runs"
                )
                yield Finding(RULE, call.start, call.end, f"{name} {end}")


def _is_misplaced(ctx: Check, fid: FunctionId, call: Call) -> bool:
    """Whether the call is an argument of an operation that has it in a wrong place: then that is what DUR312 says."""
    misfits = ctx.project.misfits(ctx.module.path)
    return any(one.fid == fid and one.call.start < call.start and call.end < one.call.end for one in misfits)


def _is_awaited(ctx: Check, things: list[Thing]) -> bool:
    """Whether the called things are operations that do nothing until they are awaited."""
    issued = [ctx.project.issuing.issued(thing) for thing in things]
    return all(one is not None and one.operation.awaited for one in issued)


def _makes_body(ctx: Check, things: list[Thing], fid: FunctionId, index: int) -> bool:
    """Whether a call gives a body that waits for its operation, and nothing else."""
    project = ctx.project
    given = project.ev.solver.get(("call", fid, index))
    if not given or not all(thing[0] == t.THUNK for thing in given):
        return False
    return all(_is_maker(ctx, thing) for thing in things)


def _is_maker(ctx: Check, thing: Thing) -> bool:
    """Whether a thing is a decorated function, or a plain one that hands on what decorated functions make."""
    bodies = ctx.project.handing.bodies
    if thing[0] in (t.FN, t.METHOD):
        return _hands_on(ctx, thing[1])
    if thing[0] != t.DECORATED or bodies.decorator(thing).form != "thunk":
        return False
    return thing[3][0] != t.FN or bodies.is_outermost(thing[3][1], bodies.decorator(thing))


def _hands_on(ctx: Check, fid: FunctionId) -> bool:
    """Whether a plain function does nothing but give back what decorated functions make."""
    function = ctx.project.ev.function(fid)
    if (
        function.is_async
        or function.is_generator
        or not function.returns
        or not ctx.project.handing.bodies.is_plain(fid)
    ):
        return False
    return all(
        value is not None
        and value[0] == f.CALL
        and any(thing[0] == t.DECORATED for thing in ctx.project.ev.expr(function.calls[value[1]].callee, fid))
        for value in function.returns
    )
