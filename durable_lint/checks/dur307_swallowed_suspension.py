"""DUR307: a clause or a ``finally`` that swallows the suspension of an operation."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule

RULE = Rule("DUR307", "swallowed-suspension", ERROR, "a clause that swallows the suspension of an operation")
_CLAUSE = "an operation suspends by raising; this clause swallows that, and the wait or the retry is skipped"
_FINALLY = "an operation suspends by raising; leaving the finally block here discards that"
_SUPPRESS = "an operation suspends by raising; suppress() swallows that, and the wait or the retry is skipped"


def check(ctx: Check) -> Iterator[Finding]:
    """Broad clauses around operations that don't raise again, statements that leave a finally, and suppress()."""
    for region in ctx.replayed():
        function = ctx.project.ev.function(region.fid)
        for use in region.tries.values():
            if use.body_issues and use.swallowing >= 0:
                yield Finding(RULE, *function.marks[use.swallowing], _CLAUSE)
            for number in use.leaving if use.issues else ():
                yield Finding(RULE, *function.marks[number], _FINALLY)
        for managed in sorted(region.withs.values(), key=lambda managed: managed.number):
            if managed.issues and managed.suppresses:
                place = next(read for read in function.withs if read.number == managed.number)
                yield Finding(RULE, place.start, place.end, _SUPPRESS)
