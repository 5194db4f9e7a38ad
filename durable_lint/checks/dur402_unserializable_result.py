"""DUR402: a body returns what the SDK can't record."""

from collections.abc import Iterator
from functools import partial

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.checks.kept import faulty, where
from durable_lint.index.results import Value
from durable_lint.index.shapes import faults
from durable_lint.model import Fix

RULE = Rule("DUR402", "unserializable-result", ERROR, "a body returns a value that can't be recorded", "unsafe")


def check(ctx: Check) -> Iterator[Finding]:
    """Results of step, child and map bodies that no checkpoint can hold."""
    for value, fault in faulty(ctx, json=False):
        if not fault.lost:
            message = (
                f"{fault.what}{where(fault)} in the result of {value.of}(): "
                f"it can't be recorded, and the operation fails with {value.serializer.error}"
            )
            yield Finding(RULE, value.start, value.end, message, fix=partial(_fix, ctx, value))


def _fix(ctx: Check, value: Value) -> Fix | None:
    """Turn the value into a list or a dict where it is written; None where it isn't written in this module."""
    if value.number < 0 or value.fid[0] != ctx.module.path or ctx.top(value.fid) < 0:
        return None
    from durable_lint.fixes.plain import make_plain, take_part

    results = ctx.project.results
    found = [fault for fault in faults(value.serializer, results.known, value.shapes) if not fault.lost]
    tree = ctx.tree(ctx.top(value.fid))
    fix = make_plain(results, tree, ctx.imports, value, found)
    return fix if fix is not None else take_part(results, ctx.project, lambda fid: ctx.tree(ctx.top(fid)), value, found)
