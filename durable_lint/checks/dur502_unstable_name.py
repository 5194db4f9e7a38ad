"""DUR502: a name that a replay makes anew."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule

RULE = Rule("DUR502", "unstable-name", ERROR, "an operation name that differs on replay")
_UNSTABLE = frozenset({"clock", "random", "identity", "environment", "process", "invocation", "replaying"})


def check(ctx: Check) -> Iterator[Finding]:
    """Names that depend on a clock, chance, an id, the environment, the process or the invocation."""
    for region in ctx.replayed():
        apis = {use.source.key: use for use in region.effects.values() if use.source is not None}
        for use in region.ordered_operations():
            causes = [apis[key] for key in sorted(use.label_sources) if key in apis and apis[key].kind in _UNSTABLE]
            if causes:
                cause = min(causes, key=lambda cause: (cause.start, cause.kind))
                what = ctx.written(cause.start, cause.end, cause.api)
                message = (
                    f"the name of {use.operation.name} depends on {what}: a replay looks for another name and fails"
                )
                yield Finding(RULE, *use.label_span, message, cause.hops if cause.in_name else ())
