"""DUR401: a body that writes to state it does not own, which a replay does not write again."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.checks.repairs import written_outside
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.binding import passed
from durable_lint.index.changes import CLIENT, Change, Origin
from durable_lint.index.things import FunctionId

RULE = Rule("DUR401", "lost-write", ERROR, "a body writes to outer state that a replay does not write again", "safe")


def check(ctx: Check) -> Iterator[Finding]:
    """Writes of step and child bodies to variables, arguments and attributes that are read outside the body."""
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        modes = ctx.project.regions.modes(fid)
        if not modes & {"step", "child"} or _runs_again(ctx, fid):
            continue
        found = [(name, change[3]) for change in ctx.project.changes.summary(fid) if (name := _lost(ctx, fid, change))]
        for name, hops in found:
            _, start, end, _ = hops[0]
            where = "step" if "step" in modes else "child context"
            message = (
                f"{name} is changed inside a {where}: a replay skips the body, and what reads it sees the old value"
            )
            fix = written_outside(ctx, fid, start) if len(found) == len(hops) == 1 else None
            yield Finding(RULE, start, end, message, hops if len(hops) > 1 else (), fix=fix)


def _lost(ctx: Check, fid: FunctionId, change: Change) -> str:
    """The name of the state whose change is lost; empty when nothing outside the body reads it."""
    origin, key, _, _, exempt = change
    changes = ctx.project.changes
    if exempt == CLIENT:
        return ""
    if origin[0] == "param" and origin[1] == fid:
        return _lost_argument(ctx, fid, origin, key)
    if origin[0] in ("var", "param") and changes.is_within(origin[1], fid):
        return ""
    if origin[0] == "default":
        return ""
    return str(origin[2]) if _is_read(ctx, origin, key, fid, 3) else ""


def _is_read(ctx: Check, origin: Origin, key: object, fid: FunctionId, depth: int) -> bool:
    """Whether state is read outside the body: where it is, or where a factory's caller has it from."""
    project = ctx.project
    if project.changes.is_read(origin, key, fid, None):
        return True
    if origin[0] != "param" or not depth:
        return False
    for caller, index, skip in sorted(project.ev.solver.get(("caller", origin[1]))):
        call = project.ev.function(caller).calls[index]
        given = passed(project.ev.function(origin[1]), origin[2], call, skip)
        for state in project.changes.origins(given, caller, origin[3]) if not isinstance(given, bool) else ():
            place = (caller[0], call.start, call.end)
            if project.changes.is_read(state, key, fid, place) or _is_read(ctx, state, key, fid, depth - 1):
                return True
    return False


def _lost_argument(ctx: Check, fid: FunctionId, origin: Origin, key: object) -> str:
    """A parameter of the body: lost when a caller hands over state that it reads elsewhere."""
    project, name = ctx.project, origin[2]
    if _is_own(ctx, fid, name):
        return ""
    solver = project.ev.solver
    for caller, index, skip in sorted(solver.get(("given", fid))):
        call = project.ev.function(caller).calls[index]
        given = passed(project.ev.function(fid), name, call, skip)
        if not isinstance(given, bool):
            for state in sorted(project.changes.origins(given, caller, origin[3]), key=repr):
                if project.changes.is_read(state, key, fid, (caller[0], call.start, call.end)):
                    return str(name)
    for caller, index, position in sorted(solver.get(("item", fid))):
        parameters = project.ev.function(fid).parameters
        if position < len(parameters) and parameters[position].name == name:
            call = project.ev.function(caller).calls[index]
            given = next((value for keyword, value in call.keywords if keyword == "inputs"), None)
            given = given if given is not None else (call.args[0] if call.args else None)
            if given is not None and given[0] != f.STAR:
                for state in sorted(project.changes.origins(given, caller, True), key=repr):
                    if project.changes.is_read(state, None, fid, (caller[0], call.start, call.end)):
                        return str(name)
    return ""


def _is_own(ctx: Check, fid: FunctionId, name: str) -> bool:
    """The state that the body may change because it gives it back, and its context."""
    ev = ctx.project.ev
    positions = [p.name for p in ev.function(fid).parameters if p.kind == "pos"]
    for profile_id, operation_name, _, _ in ev.solver.get(("site", fid)):
        profile = ev.profiles[profile_id]
        operation = profile.methods.get(operation_name) or profile.functions.get(operation_name)
        state = operation.body.state if operation is not None and operation.body is not None else None
        if state is not None and state < len(positions) and positions[state] == name:
            return True
    return bool(ev.solver.get(("role", fid, name)))


def _runs_again(ctx: Check, fid: FunctionId) -> bool:
    """Whether every operation that gets the body runs it again on replay (a virtual child context)."""
    ev = ctx.project.ev
    sites = sorted(ev.solver.get(("site", fid)), key=repr)
    return bool(sites) and all(_is_transparent(ctx, *site) for site in sites)


def _is_transparent(ctx: Check, profile_id: str, name: str, caller: FunctionId, index: int | None) -> bool:
    ev = ctx.project.ev
    operation = ev.profiles[profile_id].methods.get(name)
    if operation is None or operation.config is None or not operation.transparent_keyword or index is None:
        return False
    call = ev.function(caller).calls[index]
    given = dict(call.keywords).get(operation.config.keyword)
    if given is None and len(call.args) > operation.config.arg:
        given = call.args[operation.config.arg]
    for thing in ev.concrete(ev.expr(given, caller)):
        if thing[0] == t.CONFIG:
            made = ev.function(thing[1]).calls[thing[2]]
            if dict(made.keywords).get(operation.transparent_keyword) == (f.CONST, True):
                return True
    return False
