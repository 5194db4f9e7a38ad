"""DUR604: a function invoked by a name that leaves its version open."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index.issuing import argument
from durable_lint.index.targets import Found, Targets

RULE = Rule("DUR604", "unqualified-invoke", WARNING, "an invoked function without a version or an alias")


def check(ctx: Check) -> Iterator[Finding]:
    """Operations and client calls that start a durable function by a name without a qualifier."""
    targets = Targets(ctx.project.values, ctx.module.path)
    wrong = {(one.fid, one.call.start) for one in ctx.project.misfits(ctx.module.path)}
    for site in ctx.sites():
        place = site.issued.operation.target if (site.fid, site.call.start) not in wrong else None
        given = argument(site.call, place) if place is not None else False
        if not isinstance(given, bool):
            for found in targets.unqualified(given, site.fid, site.call):
                yield _finding(ctx, found)
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        for call in function.calls:
            for profile in ctx.project.profiles:
                given = targets.of_client(profile, call, fid)
                if not isinstance(given, bool):
                    for found in targets.unqualified(given, fid, call):
                        yield _finding(ctx, found)


def _finding(ctx: Check, found: Found) -> Finding:
    start, end, name, hops = found
    called = ctx.written(start, end, "")
    message = f'{called} names "{name}" without a version or an alias: the service refuses that for durable functions'
    return Finding(RULE, start, end, message, hops)
