"""DUR405: a body returns the whole of something that can be large."""

from collections.abc import Iterator

from durable_lint.checks.base import Check, Finding, Rule
from durable_lint.index.shapes import large

RULE = Rule("DUR405", "large-result", None, "a body returns a whole file, response or table")


def check(ctx: Check) -> Iterator[Finding]:
    """Results of bodies that are as large as what they were read from."""
    for value in ctx.project.results.values(ctx.module.path):
        source = "" if value.is_payload or not value.of else large(value.shapes)
        if source:
            place = f"in the result of {value.of}()"
            message = f"{source} is {place} as a whole: it is recorded, and a checkpoint has a limit of size"
            yield Finding(RULE, value.start, value.end, message)
