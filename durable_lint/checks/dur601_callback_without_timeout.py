"""DUR601: a callback that can wait for ever."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index.deadlines import Deadlines

RULE = Rule("DUR601", "callback-without-timeout", WARNING, "a callback that can wait for ever")


def check(ctx: Check) -> Iterator[Finding]:
    """Operations that wait for somebody's answer and whose configuration sets no deadline."""
    deadlines = Deadlines(ctx.project.values, ctx.module.path)
    wrong = {(one.fid, one.call.start) for one in ctx.project.misfits(ctx.module.path)}
    for site in ctx.sites():
        if (site.fid, site.call.start) not in wrong and deadlines.unlimited(site):
            called = ctx.written(site.call.start, site.call.end, "")
            message = f"{called} has no timeout: if nobody answers, the execution waits for ever"
            yield Finding(RULE, site.call.start, site.call.end, message)
