"""Whether something in cleanup code runs at a suspension: what DUR308 and the rules that give way to it share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index.cleanups import SIDE_EFFECTS, Cleanup
from durable_lint.index.things import FunctionId

if TYPE_CHECKING:
    from durable_lint.checks.base import Check
    from durable_lint.loading import cst
    from durable_lint.visit.region import Region
    from durable_lint.visit.values import EffectUse


def cleaning(ctx: Check, region: Region, use: EffectUse) -> Cleanup | None:
    """The cleanup code in which an effect of a region runs at a suspension, if it does: the effect is DUR308's then."""
    if use.kind not in SIDE_EFFECTS or use.place.first_run:
        return None
    project = ctx.project
    if use.kind == "logging" and project.is_registered(use.api, use.hops, project.registered_loggers()):
        return None
    for cleanup in project.cleanups.of(region.fid):
        if cleanup.start <= use.start < cleanup.end and runs_at_suspension(ctx, region.fid, cleanup, use.number):
            return cleanup
    return None


def runs_at_suspension(ctx: Check, fid: FunctionId, cleanup: Cleanup, number: int) -> bool:
    """Whether no condition keeps a node of cleanup code from running at a suspension."""
    from durable_lint.checks.guards import Guards
    from durable_lint.visit.clauses import fact_of

    function, project = ctx.project.ev.function(fid), ctx.project
    attempt = next((one for one in function.tries if one.final == (cleanup.start, cleanup.end)), None)
    calls = [call.end for index, call in enumerate(function.calls) if project.issuing.at(fid, index)]
    inside = [*calls, *function.pauses]
    last = max((at for at in inside if attempt is None or attempt.before[0] <= at <= attempt.before[1]), default=0)

    def catches(node: cst.BaseExpression) -> bool:
        return project.catches_suspension(fact_of(node), fid)

    tree = ctx.tree(ctx.top(fid))
    return not Guards(tree, last, catches).hold(tree.node(number))
