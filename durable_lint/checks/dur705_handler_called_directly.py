"""DUR705: a test that calls a durable handler itself, with a stand-in for its context."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, WARNING, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call, Expr
from durable_lint.index.issuing import argument
from durable_lint.index.testing import is_mock
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.profiles import Place, Profile
from durable_lint.knowledge.testing import Testing

RULE = Rule("DUR705", "handler-called-directly", ERROR, "a durable handler called with a stand-in for its context")

_BARE = frozenset({"builtins.object()", "builtins.dict()"})


def check(ctx: Check) -> Iterator[Finding]:
    """Calls of durable handlers in tests whose context is a mock, a class of the tests' own, or None."""
    ev = ctx.project.ev
    for function in ctx.module.functions if ctx.project.tests.kind(ctx.module.path) else ():
        fid = (ctx.module.path, function.index)
        for call in function.calls:
            for thing in sorted(ev.concrete(ev.expr(call.callee, fid)), key=repr):
                testing = ev.profiles[thing[1]].testing if thing[0] == t.DECORATED else None
                if testing is not None and _is_called_with_a_stand_in(ctx, call, fid, thing, testing):
                    yield _finding(ctx, call, testing)
                    break


def _finding(ctx: Check, call: Call, testing: Testing) -> Finding:
    refused = ctx.sdk_version >= testing.refused_since
    callee = ctx.written(call.start, call.end, "")
    consequence = (
        f"it raises {testing.refusal} before its body starts"
        if refused
        else "nothing is recorded, and nothing replayed"
    )
    message = (
        f"{callee} calls a durable handler with a stand-in for its context: {consequence} (run it with a test runner)"
    )
    return Finding(RULE, call.start, call.end, message, severity=ERROR if refused else WARNING)


def _is_called_with_a_stand_in(ctx: Check, call: Call, fid: FunctionId, thing: Thing, testing: Testing) -> bool:
    profile: Profile = ctx.project.ev.profiles[thing[1]]
    decorator = profile.decorators[thing[2]]
    if decorator.form != "handler" or thing[3][0] not in (t.FN, t.METHOD):
        return False
    names = [one.name for one in ctx.project.ev.function(thing[3][1]).parameters if one.kind == "pos"]
    names = names[1:] if thing[3][0] == t.METHOD else names

    def given(position: int) -> Expr | bool:
        found = argument(call, Place(position, names[position] if position < len(names) else ""))
        # The decorated function has parameters of its own.
        return found if found is not False else argument(call, Place(position, "context" if position else "event"))

    context, event = given(decorator.context), given(0)
    if isinstance(context, bool) or _is_from_the_service(ctx, event, fid, testing, profile):
        return False
    return _is_stand_in(ctx, context, fid) or _is_own_class(ctx, context, event, fid, profile)


def _is_stand_in(ctx: Check, expr: Expr, fid: FunctionId) -> bool:
    if expr in ((f.CONST, None), (f.DICT, ())):
        return True
    scope = ctx.project.ev.scope_of(fid, expr[1]) if expr is not None and expr[0] == f.NAME else None
    listed = ctx.project.tests.parameters(scope, expr[1]) if scope is not None and expr is not None else None
    if scope is not None and listed:
        return all(_is_stand_in(ctx, one, ctx.project.ev.parent(scope)) for one in listed)
    things = ctx.project.ev.concrete(ctx.project.ev.expr(expr, fid))
    return any(is_mock(thing) or (thing[0] == t.EXT and thing[1] in _BARE) for thing in things)


def _is_own_class(ctx: Check, expr: Expr, event: Expr | bool, fid: FunctionId, profile: Profile) -> bool:
    """Whether a context is an object of the tests' own: with operations, or beside an event that is written out."""
    ev = ctx.project.ev
    owners = [thing for thing in ev.concrete(ev.expr(expr, fid)) if thing[0] == t.INST]
    if not owners:
        return False
    given = ev.concrete(ev.expr(event, fid)) if not isinstance(event, bool) else t.NOTHING
    if any(thing[0] == t.KEYED for thing in given):
        return True
    return any(ev.classes.methods(owner, name) for owner in owners for name in sorted(profile.methods))


def _is_from_the_service(ctx: Check, event: Expr | bool, fid: FunctionId, testing: Testing, profile: Profile) -> bool:
    """Whether an event is what the service itself sends: then the handler does start."""
    if isinstance(event, bool):
        return event
    things = ctx.project.ev.concrete(ctx.project.ev.expr(event, fid))
    for thing in things:
        if thing[0] == t.KEYED and any(key in testing.started_by for key in t.keys(thing)):
            return True
        if thing[0] == t.EXT and any(thing[1].startswith(f"{root}.") for root in profile.roots):
            return True
    return False
