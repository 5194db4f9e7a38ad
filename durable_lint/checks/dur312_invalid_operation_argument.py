"""DUR312: an argument that an operation can't take."""

from collections.abc import Iterator
from functools import partial

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index.misfits import Misfit, Misfits
from durable_lint.model import Fix

RULE = Rule(
    "DUR312", "invalid-operation-argument", ERROR, "an argument that an operation or a duration can't take", "safe"
)


def check(ctx: Check) -> Iterator[Finding]:
    """Arguments in another's place, of another kind or under a name that there isn't, and missing ones."""
    for misfit in ctx.project.misfits(ctx.module.path):
        call = misfit.call
        message = f"{ctx.written(call.start, call.end, '')} {misfit.what}"
        yield Finding(RULE, call.start, call.end, message, fix=partial(_fix, ctx, misfit))


def _fix(ctx: Check, misfit: Misfit) -> Fix | None:
    from durable_lint.fixes.arguments import ArgumentFix

    tree = ctx.tree_of(misfit.fid, misfit.call.start)
    return ArgumentFix(Misfits(ctx.project.values), misfit, tree, ctx.imports.bring).build()
