"""DUR207: a logger that knows nothing of replay."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule, effect_finding
from durable_lint.checks.cleaning import cleaning
from durable_lint.checks.repairs import in_context_logger

RULE = Rule(
    "DUR207", "logger-in-workflow", WARNING, "a logger that is not replay-aware in code that is replayed", "safe"
)


def check(ctx: Check) -> Iterator[Finding]:
    """Every log line that does not go through the context's logger or one that was registered with it."""
    registered = ctx.project.registered_loggers()
    for region in ctx.replayed():
        for use in region.ordered_effects():
            if use.kind != "logging" or use.place.first_run:
                continue
            if ctx.project.is_registered(use.api, use.hops, registered) or cleaning(ctx, region, use) is not None:
                continue
            profile = ctx.project.profile_of(region.fid)
            instead = f"; context.{profile.logger} does not" if profile is not None and profile.logger else ""
            yield effect_finding(ctx, RULE, region, use, f"every replay logs it again{instead}", in_context_logger)
