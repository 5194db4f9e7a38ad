"""DUR308: an operation or an effect in cleanup code, which runs at every suspension."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from durable_lint.checks.base import ERROR, WARNING, Check, Finding, Rule
from durable_lint.checks.cleaning import cleaning, runs_at_suspension
from durable_lint.index.cleanups import Cleanup
from durable_lint.index.facts import Call
from durable_lint.index.project import CHILD, WORKFLOW
from durable_lint.index.things import FunctionId

if TYPE_CHECKING:
    from durable_lint.visit.values import EffectUse

RULE = Rule(
    "DUR308", "operation-in-finally", ERROR, "an operation or an effect in cleanup code that every suspension runs"
)
_MILD = frozenset({"output", "logging"})


def check(ctx: Check) -> Iterator[Finding]:
    """Operations and effects in ``finally`` and in context managers, around blocks that can suspend."""
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        if {WORKFLOW, CHILD} & set(ctx.project.kinds(fid)):
            for cleanup in ctx.project.cleanups.of(fid):
                yield from _operations(ctx, fid, cleanup)
    for region in ctx.replayed():
        for use in region.ordered_effects():
            found = cleaning(ctx, region, use)
            if found is not None:
                yield _effect(ctx, found, use)


def _operations(ctx: Check, fid: FunctionId, cleanup: Cleanup) -> Iterator[Finding]:
    for index, call in enumerate(ctx.project.ev.function(fid).calls):
        if not cleanup.start <= call.start < cleanup.end:
            continue
        entries = sorted(ctx.project.issuing.at(fid, index), key=lambda entry: (entry[1], entry[2], entry[3]))
        if entries and runs_at_suspension(ctx, fid, cleanup, call.number):
            through = f" leads to {entries[0][3]}()" if entries[0][1] > 1 else ""
            written = ctx.written(call.start, call.end, "")
            hops = entries[0][2] if len(entries[0][2]) > 1 else ()
            yield _finding(ctx, cleanup, call, f"{written}{through}", hops)


def _effect(ctx: Check, cleanup: Cleanup, use: EffectUse) -> Finding:
    through = f" leads to {use.api}{'' if use.api.endswith(')') else '()'}" if len(use.hops) > 1 else ""
    api = ctx.written(use.start, use.end, use.api if not through else "")
    found = _finding(ctx, cleanup, use, f"{api}{through}", use.hops if len(use.hops) > 1 else ())
    severity = WARNING if use.kind in _MILD else None
    return Finding(RULE, found.start, found.end, found.message, found.hops, severity)


def _finding(
    ctx: Check, cleanup: Cleanup, place: Call | EffectUse, what: str, hops: tuple[tuple[str, int, int, str], ...]
) -> Finding:
    where = "in finally" if cleanup.managed is None else "at the end of a context manager"
    message = (
        f"{what} {where}: a suspension in the block runs it too, before the work is over; put it in except and else"
    )
    if cleanup.managed is not None:
        own = (ctx.module.path, place.start, place.end, "runs at the end of the block")
        hops = (*(hops or (own,)), (*cleanup.managed, "this block can suspend"))
    return Finding(RULE, place.start, place.end, message, hops)
