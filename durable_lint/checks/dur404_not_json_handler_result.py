"""DUR404: a handler's result or a payload is not plain JSON."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.checks.kept import faulty, where

RULE = Rule("DUR404", "not-json-handler-result", ERROR, "a handler's result or an invoke payload is no plain JSON")


def check(ctx: Check) -> Iterator[Finding]:
    """Values that leave the execution as plain JSON, which can't carry them."""
    for value, fault in faulty(ctx, json=True):
        if not fault.lost:
            place = f"the payload of {value.of}()" if value.is_payload else "the handler's result"
            error = "the operation fails" if value.is_payload else f"the execution fails with {value.serializer.error}"
            message = f"{fault.what}{where(fault)} in {place}: plain JSON can't carry it, and {error}"
            yield Finding(RULE, value.start, value.end, message)
