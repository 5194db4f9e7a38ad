"""DUR209: threads, pools, processes and asyncio tasks in code that is replayed."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, WARNING, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call, Expr, Function
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.profiles import Profile
from durable_lint.visit.region import Region
from durable_lint.visit.values import EffectUse

RULE = Rule("DUR209", "thread-in-workflow", ERROR, "a thread, a pool or an asyncio task in code that is replayed")
_RUNNERS = (".run", ".run_until_complete", ".run_forever", ".Runner")
_DEPTH = 3


def check(ctx: Check) -> Iterator[Finding]:
    """Where a thread, pool or task is made; with asyncio, where the loop is run. An error when operations run in it."""
    for region in ctx.replayed():
        profile = ctx.project.profile_of(region.fid)
        is_async = ctx.project.ev.function(region.fid).is_async
        if is_async and (profile is None or not profile.is_async):
            continue  # what runs the coroutine is reported
        uses = [use for use in region.ordered_effects() if use.kind == "thread"]
        for use in uses:
            if _is_coroutine(ctx, region.fid, use) or _is_part(ctx, region.fid, use, uses):
                continue
            issues = _issues(ctx, region.fid, use)
            if is_async and use.api.startswith("asyncio.") and (not issues or _only_gathers(ctx, region.fid, use)):
                continue  # a workflow that is a coroutine itself awaits others
            if not issues and _is_told(ctx, region, use):
                continue
            api = ctx.written(use.start, use.end, use.api if len(use.hops) < 2 else "")
            through = f" leads to {use.api}()" if len(use.hops) > 1 else ""
            where = f"{api}{through} {ctx.place(region)}"
            others = " or ".join(_concurrent(profile))
            if issues:
                instead = f"; use {others}" if others else ""
                text = (
                    f"{where}: its operations take their places in the order in which it happens to run, and it can't "
                    f"be suspended{instead}"
                )
            else:
                instead = f", or use {others} for operations" if others else ""
                text = f"{where}: every replay starts it again; put it into a step{instead}"
            yield Finding(RULE, use.start, use.end, text, use.hops, ERROR if issues else WARNING)


def _concurrent(profile: Profile | None) -> list[str]:
    """The SDK's own operations that run several bodies side by side."""
    operations = profile.methods.values() if profile is not None else ()
    return sorted({one.name for one in operations if one.body is not None and (one.body.many or one.repeats_body)})


def _call(function: Function, use: EffectUse) -> Call | None:
    return next((call for call in function.calls if call.number == use.number), None)


def _is_coroutine(ctx: Check, fid: FunctionId, use: EffectUse) -> bool:
    """Whether the call only makes a coroutine: nothing of it runs before a loop runs it."""
    call = _call(ctx.project.ev.function(fid), use)
    things = ctx.project.ev.expr(call.callee, fid) if call is not None else t.NOTHING
    targets = [thing[1] for thing in things if thing[0] in (t.FN, t.METHOD)]
    return bool(targets) and all(ctx.project.ev.function(target).is_async for target in targets)


def _is_part(ctx: Check, fid: FunctionId, use: EffectUse, uses: list[EffectUse]) -> bool:
    """Whether another use tells of the same: the loop that runs the tasks, the pool that was made in this code."""
    if _is_work(ctx, fid, use, uses):
        return True
    for other in uses:
        holds = other is not use and other.start <= use.start and use.end <= other.end
        if holds and not _is_work(ctx, fid, other, uses):
            return True
        if use.api.startswith("asyncio.") and not _runs(use) and _runs(other):
            return True
    return False


def _is_work(ctx: Check, fid: FunctionId, use: EffectUse, uses: list[EffectUse]) -> bool:
    """Whether a use gives work to a pool that is reported where it is made."""
    constructor, made, _ = use.api.partition("().")
    rule = ctx.project.ev.catalogue.call(constructor) if made else None
    if rule is None or rule.kind != use.kind:
        return False
    # A pool is reported where it is made, unless it was made at import.
    if len(use.hops) > 1:
        return any(other.api == constructor for other in uses)
    call = _call(ctx.project.ev.function(fid), use)
    receiver = call.callee[1] if call is not None and call.callee is not None and call.callee[0] == f.ATTR else None
    origins = ctx.project.changes.origins(receiver, fid)
    return not any(origin[0] == "var" and origin[1][1] == 0 for origin in origins)


def _runs(use: EffectUse) -> bool:
    return use.api.endswith(_RUNNERS)


def _is_told(ctx: Check, region: Region, use: EffectUse) -> bool:
    """Whether the coroutine that is run is reported for what it does, such as a sleep or a request."""
    if not _runs(use):
        return False
    function = ctx.project.ev.function(region.fid)
    spans = [(use.start, use.end)]
    call = _call(function, use)
    for given in call.args if call is not None else ():
        bound = function.bindings.get(given[1], ()) if given is not None and given[0] == f.NAME else ()
        made = [function.calls[value[1]] for value in bound if value is not None and value[0] == f.CALL]
        spans += [(one.start, one.end) for one in made]
    inner = [
        one
        for one in region.ordered_effects()
        if one is not use and any(start <= one.start and one.end <= end for start, end in spans)
    ]
    sleeps = any(one.api == "asyncio.sleep" for one in inner)
    return sleeps or (bool(inner) and not any(one.kind == use.kind for one in inner))


# Operations in threads


def _only_gathers(ctx: Check, fid: FunctionId, use: EffectUse) -> bool:
    """Whether asyncio is given nothing but operations that are called on the spot: they start in the order that they
    are written in. Coroutines of the project go on in an order of their own."""
    function = ctx.project.ev.function(fid)
    if not use.api.startswith("asyncio.") or len(use.hops) > 1:
        return False
    inside = [
        index
        for index, call in enumerate(function.calls)
        if use.start <= call.start and call.end <= use.end and call.number != use.number
    ]
    issuing = [ctx.project.issuing.at(fid, index) for index in inside]
    return any(issuing) and all(entry[1] == 1 for entries in issuing for entry in entries)


def _issues(ctx: Check, fid: FunctionId, use: EffectUse) -> bool:
    """Whether something that issues operations, or a context, is handed to what is made."""
    project, function = ctx.project, ctx.project.ev.function(fid)
    for index, call in enumerate(function.calls):
        inside = use.start <= call.start and call.end <= use.end
        if inside and call.number != use.number and project.issuing.at(fid, index):
            return True
        if not inside and not _is_on(ctx, function, call, use):
            continue
        # A coroutine that is made among the arguments runs in the task.
        made_inside = [
            one for one, inner in enumerate(function.calls) if call.start < inner.start and inner.end <= call.end
        ]
        if use.api.startswith("asyncio.") and any(project.issuing.at(fid, one) for one in made_inside):
            return True
        if _gets_operations(ctx, fid, call):
            return True
        given: list[Expr] = [*call.args, *(value for _, value in call.keywords)]
        for expr in given:
            made = expr if expr is not None and expr[0] == f.NAME else None
            for value in function.bindings.get(made[1], ()) if made is not None else ():
                if value is not None and value[0] == f.CALL and project.issuing.at(fid, value[1]):
                    return True
    return any(
        _is_on(ctx, sibling, call, use) and _gets_operations(ctx, other, call)
        for other in _siblings(ctx, fid)
        for sibling in (project.ev.function(other),)
        for call in sibling.calls
    )


def _gets_operations(ctx: Check, fid: FunctionId, call: Call) -> bool:
    """Whether an argument of a call is a context, or a callable that issues operations."""
    given: list[Expr] = [*call.args, *(value for _, value in call.keywords)]
    return any(_carries(ctx, thing, _DEPTH) for expr in given for thing in ctx.project.ev.expr(expr, fid))


def _siblings(ctx: Check, fid: FunctionId) -> list[FunctionId]:
    """The other methods of the class that a function is a method of: they use what it keeps on ``self``."""
    parent = ctx.project.ev.parent(fid)
    owner = ctx.project.ev.function(parent)
    return [(fid[0], child) for child in owner.children if child != fid[1]] if owner.kind == "class" else []


def _is_on(ctx: Check, function: Function, call: Call, use: EffectUse) -> bool:
    """Whether a call is one of a method of what a use makes, or of that itself."""
    receiver = call.callee[1] if call.callee is not None and call.callee[0] == f.ATTR else call.callee
    values = function.bindings.get(receiver[1], []) if receiver is not None and receiver[0] == f.NAME else [receiver]
    for value in values:
        made = value[1] if value is not None and value[0] == f.ENTER else value
        if made is not None and made[0] == f.CALL and function.calls[made[1]].number == use.number:
            return True
        if made is not None and made[0] == f.ATTR and len(use.hops) < 2:  # kept on an object
            things = ctx.project.ev.expr(made, (ctx.module.path, function.index))
            return any(thing[0] == t.OBJ and thing[1] == use.api for thing in things)
    return False


def _carries(ctx: Check, thing: Thing, depth: int) -> bool:
    """Whether a thing is a context, one of its operations, or a callable that issues some."""
    project, kind = ctx.project, thing[0]
    if kind in (t.SYMBOL, t.CONTEXT):
        if project.effects.is_context(thing):
            return not thing[-1] or project.issuing.issued(thing) is not None
        concrete = project.ev.concrete(frozenset({thing})) - {thing}
        return depth > 0 and any(_carries(ctx, one, depth - 1) for one in concrete)
    if kind in (t.FN, t.METHOD):
        return bool(project.issuing.summary(thing[1]))
    if kind == t.INST:
        methods = project.ev.classes.methods(thing, "__call__")
        return any(bool(project.issuing.summary(method)) for method in methods)
    inside: list[Thing] = []
    if kind == t.PARTIAL:
        inside = [thing[1], *(one for given in thing[2] for one in given), *(o for _, g in thing[3] for o in g)]
    elif kind == t.CONTAINER:
        inside = list(thing[2])
    elif kind == t.KEYED:
        inside = [one for _, given in thing[2] for one in given]
    return depth > 0 and any(_carries(ctx, one, depth - 1) for one in inside)
