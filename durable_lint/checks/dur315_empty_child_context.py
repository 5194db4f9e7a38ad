"""DUR315: a child context whose body issues no operation."""

from __future__ import annotations

from collections.abc import Iterator

from durable_lint.checks.base import Check, Finding, Rule
from durable_lint.index import things as t
from durable_lint.index.bases import attribute_bases
from durable_lint.index.issuing import Site
from durable_lint.index.things import FunctionId, Thing

RULE = Rule("DUR315", "empty-child-context", None, "a child context that contains no operation")


def check(ctx: Check) -> Iterator[Finding]:
    """Operations that run one body once in a context of its own, with a body that uses nothing of it."""
    for site in ctx.sites():
        operation, call = site.issued.operation, site.call
        body = operation.body
        if body is None or body.region != "child" or body.many or body.items is not None or operation.on != "context":
            continue
        given = ctx.project.regions.bodies(body, ctx.project.ev.arguments(call, site.fid))
        if given and all(_is_empty(ctx, site, thing) for thing in given):
            written = ctx.written(call.start, call.end, "")
            message = (
                f"{written} runs a body without operations: it costs the checkpoints of a child context and is no more "
                "than a step"
            )
            yield Finding(RULE, call.start, call.end, message)


def _is_empty(ctx: Check, site: Site, thing: Thing) -> bool:
    """Whether a body is known and issues nothing."""
    if thing[0] == t.PARTIAL:
        return _is_empty(ctx, site, thing[1])
    if thing[0] == t.THUNK:
        inner = ctx.project.ev.concrete(frozenset({thing[3]}))
        return bool(inner) and all(_is_empty(ctx, site, one) for one in inner)
    if thing[0] not in (t.FN, t.METHOD):
        return False
    function = ctx.project.ev.function(thing[1])
    if function.is_async or function.is_generator or ctx.project.issuing.summary(thing[1]):
        return False
    return not _hands_context_on(ctx, site, thing[1])


def _hands_context_on(ctx: Check, site: Site, fid: FunctionId) -> bool:
    """Whether a function, or one inside it, uses a context other than for its attributes."""
    ev = ctx.project.ev
    function = ev.function(fid)
    methods = site.issued.profile.methods
    for name, loads in function.loads.items():
        contexts = [ev.context(one) for one in ev.concrete(ev.name(fid, name)) if one[0] in (t.SYMBOL, t.CONTEXT)]
        if any(found is not None and found[1].region == "workflow" for found in contexts):
            bases = attribute_bases(function, name)
            if any(bases.get(number, "") in ("", *methods) for number, _, _ in loads):
                return True
    return any(_hands_context_on(ctx, site, (fid[0], child)) for child in function.children)
