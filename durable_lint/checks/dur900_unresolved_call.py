"""DUR900: a call in workflow code of which nothing is known."""

from collections.abc import Iterator

from durable_lint.checks.base import Check, Finding, Rule
from durable_lint.index.unresolved import unresolved

RULE = Rule("DUR900", "unresolved-call", None, "a call in workflow code of which nothing is known", strict=False)


def check(ctx: Check) -> Iterator[Finding]:
    """Calls in workflow functions whose callee can't be told, or lies in a package that nothing is known of."""
    for fid in ctx.project.workflow_functions(ctx.module.path):
        for index in unresolved(ctx.project.ev, fid):
            call = ctx.project.ev.function(fid).calls[index]
            callee = ctx.written(call.start, call.end, "")
            message = f"{callee} in workflow code couldn't be resolved: nothing is known of what it does"
            yield Finding(RULE, call.start, call.end, message)
