"""DUR206: output in code that is replayed."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule, effect_finding
from durable_lint.checks.cleaning import cleaning
from durable_lint.checks.repairs import in_context_logger

RULE = Rule("DUR206", "print-in-workflow", WARNING, "output to the terminal in code that is replayed", "unsafe")


def check(ctx: Check) -> Iterator[Finding]:
    """Every output, but for what a replay guard keeps to the first run."""
    for region in ctx.replayed():
        for use in region.ordered_effects():
            if use.kind != "output" or use.place.first_run:
                continue
            if cleaning(ctx, region, use) is None:
                yield effect_finding(ctx, RULE, region, use, "every replay prints it again", in_context_logger)
