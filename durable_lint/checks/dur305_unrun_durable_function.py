"""DUR305: a durable function that is called, and whose body no operation gets."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call
from durable_lint.index.issuing import Site
from durable_lint.index.things import FunctionId, Thing

RULE = Rule("DUR305", "unrun-durable-function", ERROR, "a durable function called where no operation runs it")


def check(ctx: Check) -> Iterator[Finding]:
    """Calls that only make a body, and operations that only run when they are awaited, whose value is lost."""
    project = ctx.project
    handed = {(one.fid, one.expr[1]) for one in project.handing.handed(ctx.module.path) if one.expr[0] == f.CALL}
    awaited = {(site.fid, site.index) for site in ctx.sites() if _is_awaited(ctx, site)}
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        if function.kind not in ("def", "lambda") or not project.regions.modes(fid):
            continue
        for index, call in enumerate(function.calls):
            if (fid, index) in handed or not ((fid, index) in awaited or _makes_body(ctx, fid, index)):
                continue
            if project.handing.reaching.is_lost(fid, index) and not _is_misplaced(ctx, fid, call):
                name = ctx.written(call.start, call.end, "")
                end = (
                    "is not awaited: it never runs"
                    if (fid, index) in awaited
                    else "only makes a body, which no operation gets: it never runs"
                )
                yield Finding(RULE, call.start, call.end, f"{name} {end}")


def _is_misplaced(ctx: Check, fid: FunctionId, call: Call) -> bool:
    """Whether the call is an argument of an operation that has it in a wrong place: then that is what DUR312 says."""
    misfits = ctx.project.misfits(ctx.module.path)
    return any(one.fid == fid and one.call.start < call.start and call.end < one.call.end for one in misfits)


def _is_awaited(ctx: Check, site: Site) -> bool:
    """Whether all that a call can be are operations that do nothing until they are awaited."""
    if not site.issued.operation.awaited:
        return False
    issued = [ctx.project.issuing.issued(thing) for thing in ctx.project.ev.expr(site.call.callee, site.fid)]
    return all(one is not None and one.operation.awaited for one in issued)


def _makes_body(ctx: Check, fid: FunctionId, index: int) -> bool:
    """Whether a call gives a body that waits for its operation, and nothing else."""
    things = ctx.project.ev.expr(ctx.module.functions[fid[1]].calls[index].callee, fid)
    if not things or not all(_is_maker(ctx, thing) for thing in things):
        return False
    given = ctx.project.ev.solver.get(("call", fid, index))
    return bool(given) and all(thing[0] == t.THUNK for thing in given)


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
    made = [function.calls[value[1]] for value in function.returns if value is not None and value[0] == f.CALL]
    if function.is_async or function.is_generator or not made or len(made) < len(function.returns):
        return False
    callees = (ctx.project.ev.expr(call.callee, fid) for call in made)
    decorated = all(any(thing[0] == t.DECORATED for thing in things) for things in callees)
    return decorated and ctx.project.handing.bodies.is_plain(fid)
