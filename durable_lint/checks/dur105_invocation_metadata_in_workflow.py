"""DUR105: what belongs to one invocation, used in code that runs in several."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule, reached, severity, worst_reach
from durable_lint.checks.repairs import with_stable_id
from durable_lint.visit.values import EffectUse

RULE = Rule(
    "DUR105", "invocation-metadata-in-workflow", ERROR, "a value of one invocation in code that is replayed", "unsafe"
)
_GUARDS = ("branch", "loop", "name", "argument", "body")


def check(ctx: Check) -> Iterator[Finding]:
    """Reads of request id, log stream and remaining time; the replay flag where it decides on operations."""
    for region in ctx.replayed():
        for use in region.ordered_effects():
            where = ctx.place(region)
            if use.kind == "invocation" and not use.in_name:
                text = f"{use.api} {where}: it is another one in every invocation{reached(ctx, use)}"
                fix = with_stable_id(ctx, region, use)
                yield Finding(RULE, use.start, use.end, text, use.hops, severity(use), worst_reach(use), fix)
            elif use.kind == "replaying-uncalled":
                text = f"{use.api} {where} is never called: a method is always true"
                yield Finding(RULE, use.start, use.end, text)
            elif use.kind == "replaying" and not use.in_name and _decides(use):
                text = f"{use.api}() {where} decides what a replay does{reached(ctx, use)}"
                yield Finding(RULE, use.start, use.end, text, reach=worst_reach(use))


def _decides(use: EffectUse) -> bool:
    return use.source is not None and any(sink in use.source.reaches for sink in _GUARDS)
