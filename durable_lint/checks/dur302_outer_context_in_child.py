"""DUR302: the outer context inside a body that receives its own."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.checks.repairs import on_own_context

RULE = Rule("DUR302", "outer-context-in-child", ERROR, "the outer context used in a body that has its own", "history")


def check(ctx: Check) -> Iterator[Finding]:
    """Operations that a child, map, parallel or retry body issues on a context that is not its own."""
    for region in ctx.replayed():
        for use in region.ordered_operations():
            if use.outer:
                message = (
                    f"{use.operation.name} on the outer context inside a body that has its own: "
                    "a replay skips the body and counts the operations differently"
                )
                yield Finding(RULE, use.start, use.end, message, fix=on_own_context(ctx, region, use.number))
        for lead in sorted(region.leads.values(), key=lambda lead: lead.start):
            if lead.outer:
                message = f"this call leads to {lead.hops[-1][3]} on the outer context inside a body that has its own"
                yield Finding(
                    RULE, lead.start, lead.end, message, lead.hops, fix=on_own_context(ctx, region, lead.number)
                )
