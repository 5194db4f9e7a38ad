"""DUR704: a test runner whose handler never suspends, so that no test ever replays it."""

from collections.abc import Iterator

from durable_lint.checks.base import Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index import tools
from durable_lint.index.replaying import never_suspends

RULE = Rule("DUR704", "replay-not-tested", None, "a test runner that never replays its handler")


def check(ctx: Check) -> Iterator[Finding]:
    """Calls that build a runner for a handler in which nothing suspends."""
    project = ctx.project
    if not project.tests.kind(ctx.module.path) or "side_effect" in ctx.source.text:
        return  # a mock that raises makes steps fail, and the runner tries them again
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        for index, call in enumerate(function.calls):
            if not any(thing[0] == t.TOOL for thing in project.ev.expr((f.CALL, index), fid)):
                continue
            handler = tools.under_test(project.ev, fid, index)
            testing = project.ev.profiles[handler[1]].testing if handler is not None else None
            if handler is not None and testing is not None and never_suspends(project, handler[3][1], testing):
                name = project.ev.function(handler[3][1]).name
                message = (
                    f"nothing in {name} suspends: this runner never replays it, and what a replay changes stays hidden"
                )
                yield Finding(RULE, call.start, call.end, message)
