"""DUR301: an operation inside a step."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.checks.repairs import as_child

RULE = Rule("DUR301", "nested-operation", ERROR, "a durable operation inside step code", "unsafe")


def check(ctx: Check) -> Iterator[Finding]:
    """Operations on a durable context in step code: at the operation, or at the step's call that leads to it."""
    for region in ctx.steps():
        for use in region.ordered_operations():
            message = (
                f"{use.operation.name} inside a step: a replay skips the step and with it this operation, "
                "whose place the next one takes"
            )
            yield Finding(RULE, use.start, use.end, message, fix=as_child(ctx, region))
        for lead in sorted(region.leads.values(), key=lambda lead: lead.start):
            operation = lead.hops[-1][3]
            message = f"this call leads to {operation} inside a step: a replay skips the step and with it the operation"
            yield Finding(RULE, lead.start, lead.end, message, lead.hops, fix=as_child(ctx, region))
