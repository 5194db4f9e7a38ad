"""DUR307: a clause or a ``finally`` that swallows the suspension of an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import things as t
from durable_lint.index.things import FunctionId
from durable_lint.model import Fix

if TYPE_CHECKING:
    from durable_lint.loading import cst

RULE = Rule("DUR307", "swallowed-suspension", ERROR, "a clause that swallows the suspension of an operation", "safe")
_CLAUSE = "an operation suspends by raising; this clause swallows that, and the wait or the retry is skipped"
_FINALLY = "an operation suspends by raising; leaving the finally block here discards that"
_SUPPRESS = "an operation suspends by raising; suppress() swallows that, and the wait or the retry is skipped"


def check(ctx: Check) -> Iterator[Finding]:
    """Broad clauses around operations that don't raise again, statements that leave a finally, and suppress()."""
    for region in ctx.replayed():
        function = ctx.project.ev.function(region.fid)
        for use in region.tries.values():
            if use.body_issues and use.swallowing >= 0:
                place = function.marks[use.swallowing]
                yield Finding(RULE, *place, _CLAUSE, fix=_narrowing(ctx, region.fid, use.swallowing, "narrow_clause"))
            for number in use.leaving if use.issues else ():
                yield Finding(RULE, *function.marks[number], _FINALLY)
        for managed in sorted(region.withs.values(), key=lambda managed: managed.number):
            if managed.issues and managed.suppresses:
                read = next(read for read in function.withs if read.number == managed.number)
                fix = _narrowing(ctx, region.fid, managed.number, "narrow_suppress")
                yield Finding(RULE, read.start, read.end, _SUPPRESS, fix=fix)


def _narrowing(ctx: Check, fid: FunctionId, number: int, how: str) -> Callable[[], Fix | None]:
    """The fix that makes a clause or a ``suppress`` catch ``Exception``."""

    def fix() -> Fix | None:
        from durable_lint.fixes import clauses
        from durable_lint.visit.clauses import fact_of

        def named(node: cst.BaseExpression) -> str:
            things = ctx.project.ev.expr(fact_of(node), fid)
            if len(things) != 1:
                return "?"
            [thing] = things
            if thing[0] == t.EXT and ctx.project.is_suspension(thing[1]):
                return "BaseException" if thing[1] == "builtins.BaseException" else "?"
            return "Exception" if thing == (t.EXT, "builtins.Exception") else ""

        profile = ctx.project.profile_of(fid)
        if profile is not None and profile.suspends_by("builtins.Exception"):
            return None  # narrowed, it would swallow the suspension as well
        if ctx.project.ev.name(fid, "Exception") != {(t.EXT, "builtins.Exception")}:
            return None
        narrow = clauses.narrow_clause if how == "narrow_clause" else clauses.narrow_suppress
        return narrow(ctx.tree(ctx.top(fid)), number, named)

    return fix
