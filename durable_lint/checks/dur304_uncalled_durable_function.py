"""DUR304: a decorated function that an operation gets uncalled."""

from collections.abc import Iterator
from functools import partial

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.bodies import Handed
from durable_lint.index.things import Thing
from durable_lint.model import Edit, Fix, Level, Span

RULE = Rule(
    "DUR304",
    "uncalled-durable-function",
    ERROR,
    "a decorated function handed to an operation without a call",
    fix="safe",
)


def check(ctx: Check) -> Iterator[Finding]:
    """Bodies that are decorated functions themselves, where calling them would make the body."""
    for handed in ctx.project.handing.handed(ctx.module.path):
        found = _uncalled(ctx, handed)
        if found:
            name, operation = _name(ctx, handed, found[0]), handed.site.issued.operation.name
            message = (
                f"{name} is not called: {operation} gets the function that makes the body, and the body never runs"
            )
            yield Finding(
                RULE,
                handed.start,
                handed.end,
                message,
                handed.hops,
                fix=partial(_fix, ctx, handed, found),
            )


def _uncalled(ctx: Check, handed: Handed) -> list[Thing]:
    """The decorated functions that a body is, if it can't be anything else."""
    bodies = ctx.project.handing.bodies
    found: list[Thing] = []
    for leaf in (bodies.leaves(handed.expr, handed.fid) or []) if handed.body.passes is not None else []:
        things = sorted(bodies.things(leaf), key=repr)
        if not things or not all(_makes_body(ctx, thing) for thing in things):
            return []
        found += things
    return found


def _makes_body(ctx: Check, thing: Thing) -> bool:
    if thing[0] != t.DECORATED:
        return False
    decorator = ctx.project.handing.bodies.decorator(thing)
    plain = thing[3][0] == t.FN and ctx.project.handing.bodies.is_outermost(thing[3][1], decorator)
    return decorator.form == "thunk" and plain


def _name(ctx: Check, handed: Handed, thing: Thing) -> str:
    function = ctx.project.handing.bodies.function_of(thing)
    return function.name if function is not None else ctx.written(handed.start, handed.end, "")


def _fix(ctx: Check, handed: Handed, found: list[Thing]) -> Fix | None:
    """Call the function, when its body takes what the operation passes and no argument of its own is needed."""
    simple = handed.whole and not handed.hops and handed.expr[0] in (f.NAME, f.ATTR)
    text = ctx.source.text[handed.start : handed.end]
    if not simple or not text.replace(".", "").replace("_", "").isalnum():
        return None
    for thing in found:
        function = ctx.project.handing.bodies.function_of(thing)
        passes = ctx.project.handing.bodies.decorator(thing).passes
        if function is None or passes is None or len(passes) != len(handed.body.passes or ()):
            return None
        rest = [p for p in function.parameters if p.kind == "pos"][len(passes) :]
        rest += [p for p in function.parameters if p.kind == "key"]
        if any(parameter.default is None for parameter in rest):
            return None
    return Fix("call the decorated function", Level.SAFE, (Edit(Span(handed.end, handed.end), "()"),))
