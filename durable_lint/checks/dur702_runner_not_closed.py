"""DUR702: a test runner that nothing closes."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index.closing import OPEN

RULE = Rule("DUR702", "runner-not-closed", WARNING, "a test runner that nothing closes")


def check(ctx: Check) -> Iterator[Finding]:
    """Calls that make a runner, or get one from a function that makes it, and neither close it nor hand it on."""
    closing = ctx.project.closing
    for function in ctx.module.functions if ctx.project.tests.kind(ctx.module.path) else ():
        fid = (ctx.module.path, function.index)
        for index, call in enumerate(function.calls):
            if closing.made_by(fid, index) and closing.verdict(fid, index) == OPEN:
                callee = ctx.written(call.start, call.end, "")
                message = f"nothing closes the runner of {callee}: its threads run on when the test is over"
                yield Finding(RULE, call.start, call.end, f"{message} (use with, or close it)")
