"""DUR403: a body's result comes back as another type."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.checks.kept import faulty, where
from durable_lint.index.shapes import article

RULE = Rule("DUR403", "lossy-result", ERROR, "a body's result comes back as another type")


def check(ctx: Check) -> Iterator[Finding]:
    """Results of bodies that are recorded, but not as what they are."""
    for value, fault in faulty(ctx, json=False):
        if fault.lost:
            becomes = fault.becomes if " " in fault.becomes or fault.becomes == "bytes" else article(fault.becomes)
            follows = f"it comes back as {becomes}"
            if not ctx.are_results_converted:
                follows = f"a replay gives {becomes}, the first run with SDK {ctx.sdk_version} the value itself"
            message = f"{fault.what}{where(fault)} in the result of {value.of}(): {follows}"
            yield Finding(RULE, value.start, value.end, message)
