"""DUR501: an operation without a name."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t

RULE = Rule("DUR501", "unnamed-operation", WARNING, "an operation without a name")


def check(ctx: Check) -> Iterator[Finding]:
    """Operations to which neither the code nor a decorated body gives a name, and branch factories without one."""
    for region in ctx.regions:
        for use in region.ordered_operations():
            if use.names_itself or use.label not in ("missing", "none"):
                continue
            message = f"{use.operation.name} has no name: a replay can't tell it from another one in its place"
            yield Finding(RULE, use.start, use.end, message)
    yield from _branches(ctx)


def _branches(ctx: Check) -> Iterator[Finding]:
    """Decorators that must be called and that give the branch its name."""
    ev = ctx.project.ev
    for function in ctx.module.functions:
        for decorator in function.decorators:
            if decorator is None or decorator[0] != f.CALL:
                continue
            scope = (ctx.module.path, function.parent)
            call = ev.function(scope).calls[decorator[1]]
            unnamed = not call.args and not call.keywords
            if unnamed and any(
                thing[0] == t.FACTORY and ev.profiles[thing[1]].decorators[thing[2]].factory == "must"
                for thing in ev.expr(decorator, scope)
            ):
                yield Finding(RULE, call.start, call.end, "the branch has no name: results are told apart by position")
