"""DUR502: a name that a replay makes anew."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, WARNING, Check, Finding, Rule
from durable_lint.checks.repairs import with_stable_name
from durable_lint.index import things as t
from durable_lint.index.issuing import argument
from durable_lint.records import replace
from durable_lint.visit.region import Region
from durable_lint.visit.values import EffectUse

RULE = Rule("DUR502", "unstable-name", ERROR, "an operation name that differs on replay", "history")
_UNSTABLE = frozenset({"clock", "random", "identity", "environment", "process", "invocation", "replaying"})

_BODIES = frozenset({t.FN, t.METHOD, t.PARTIAL, t.THUNK, t.DECORATED, t.CARRIED})


def check(ctx: Check) -> Iterator[Finding]:
    """Names that depend on a clock, chance, an id, the environment, the process or the invocation."""
    for region in ctx.replayed():
        bodies = _bodies_for_names(ctx, region)
        for use in region.ordered_operations():
            if use.number in bodies:
                continue
            for finding, causes in _unstable(ctx, region, use.label_sources, use.label_span, use.operation.name):
                yield replace(finding, fix=with_stable_name(ctx, region, use, causes))
        for _, name in sorted(region.passed_names.items()):
            found = _unstable(ctx, region, name.sources, (name.start, name.end), "an operation")
            yield from (finding for finding, _ in found)


def _bodies_for_names(ctx: Check, region: Region) -> set[int]:
    """The operations, by number, that have a body where the name belongs: then that is what DUR312 says."""
    found = set()
    for site in ctx.sites():
        place = site.issued.operation.label
        given = argument(site.call, place) if place is not None and site.fid == region.fid else False
        if isinstance(given, tuple) and any(thing[0] in _BODIES for thing in ctx.project.ev.expr(given, site.fid)):
            found.add(site.call.number)
    return found


def _unstable(
    ctx: Check, region: Region, sources: frozenset[int], span: tuple[int, int], operation: str
) -> Iterator[tuple[Finding, list[EffectUse]]]:
    apis = {use.source.key: use for use in region.effects.values() if use.source is not None}
    causes = [apis[key] for key in sorted(sources) if key in apis and apis[key].kind in _UNSTABLE]
    if causes:
        cause = min(causes, key=lambda cause: (cause.start, cause.kind))
        what = ctx.written(cause.start, cause.end, cause.api)
        later = ctx.unchecked_until
        follows = f", which SDK {ctx.sdk_version} lets pass and {later} fails" if later else " and fails"
        message = f"the name of {operation} depends on {what}: a replay looks for another name{follows}"
        severity = WARNING if later else None
        yield Finding(RULE, *span, message, cause.hops if cause.in_name else (), severity), causes
