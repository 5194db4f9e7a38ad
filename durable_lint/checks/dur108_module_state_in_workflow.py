"""DUR108: state of the module in workflow code: it lives as long as its sandbox, not as its execution."""

from collections.abc import Iterator
from typing import cast

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.changes import PLAIN, Change
from durable_lint.index.effects import IMPORT_TIME, MEMOISED
from durable_lint.index.facts import Expr
from durable_lint.index.lasting import lasting
from durable_lint.visit.region import Region

RULE = Rule("DUR108", "module-state-in-workflow", ERROR, "workflow code changes or depends on state of its module")


def check(ctx: Check) -> Iterator[Finding]:
    """Changes of globals and mutable defaults, branches on changed globals, values made at import, impure caches."""
    for region in ctx.replayed():
        yield from _changes(ctx, region)
        yield from _branches(ctx, region)
        for use in region.ordered_effects():
            where = ctx.place(region)
            if use.kind == IMPORT_TIME:
                name = ctx.written(use.start, use.end, "") if len(use.hops) < 2 else f"a call of {use.hops[0][3]}"
                text = f"{name} {where} was made at import by {use.api}: another sandbox has another value"
                yield Finding(RULE, use.start, use.end, text, use.hops)
            elif use.kind == MEMOISED:
                text = f"{use.hops[0][3]}() {where} keeps what {use.api} gave: another sandbox has an empty cache"
                yield Finding(RULE, use.start, use.end, text, use.hops)


def _changes(ctx: Check, region: Region) -> Iterator[Finding]:
    project, fid = ctx.project, region.fid
    function = project.ev.function(fid)
    found: list[Change] = [
        c for write in project.changes.writes(fid) for c in project.changes.own(fid, function, write)
    ]
    for index, call in enumerate(function.calls):
        targets = [thing[1] for thing in project.ev.expr(call.callee, fid) if thing[0] in (t.FN, t.METHOD)]
        if targets and not any(project.effects.has_context(target) for target in targets):
            found += project.changes.through(fid, index)
    for origin, _, _, hops, exempt in sorted(found, key=lambda change: (change[3], repr(change[0]))):
        what = lasting(project, fid, origin)
        if what and exempt == PLAIN:
            _, start, end, _ = hops[0]
            where = ctx.place(region)
            message = f"{what} is changed {where}: a warm sandbox keeps it for the next execution, a new one has not"
            yield Finding(RULE, start, end, message, hops if len(hops) > 1 else ())


def _branches(ctx: Check, region: Region) -> Iterator[Finding]:
    function = ctx.project.ev.function(region.fid)
    tested = [
        (load[1], load[2], cast("Expr", (f.NAME, name)))
        for name, loads in function.loads.items()
        for load in loads
        if load[0] in function.tested
    ]
    tested += [(c.start, c.end, (f.CALL, i)) for i, c in enumerate(function.calls) if c.number in function.tested]
    for start, end, expr in sorted(tested, key=lambda one: one[:2]):
        for origin in sorted(ctx.project.changes.origins(expr, region.fid), key=repr):
            state = lasting(ctx.project, region.fid, origin)
            if state and (origin[0] == "param" or ctx.project.is_changed(origin)):
                message = f"{state} decides a branch {ctx.place(region)}: another sandbox has another value"
                yield Finding(RULE, start, end, message)
                break
