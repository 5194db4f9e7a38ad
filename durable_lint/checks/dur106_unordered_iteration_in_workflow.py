"""DUR106: an order taken from a set that reaches an operation, a log line or a result."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule, effect_finding, reached, severity, worst_reach
from durable_lint.checks.repairs import in_order

RULE = Rule(
    "DUR106", "unordered-iteration-in-workflow", ERROR, "an order taken from a set that matters on replay", "unsafe"
)


def check(ctx: Check) -> Iterator[Finding]:
    """Every place where the order of a set is taken and then used; sets that nothing depends on are left alone."""
    for region in ctx.replayed():
        for use in region.ordered_effects():
            if use.kind != "order":
                continue
            if use.api != "set":
                yield effect_finding(ctx, RULE, region, use, "a replay can get another order", in_order)
            elif use.source is not None and use.source.reaches:
                message = f"the order of a set {ctx.place(region)}: a replay gets another order{reached(ctx, use)}"
                fix = in_order(ctx, region, use)
                yield Finding(RULE, use.start, use.end, message, use.hops, severity(use), worst_reach(use), fix)
