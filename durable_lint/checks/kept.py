"""What the rules on kept values share: the faults of each value, and how a message says where they are."""

from __future__ import annotations

from collections.abc import Iterator

from durable_lint.checks.base import Check
from durable_lint.index.results import Value
from durable_lint.index.shapes import Fault, faults


def faulty(ctx: Check, json: bool) -> Iterator[tuple[Value, Fault]]:
    """The worst fault of each kept value: of handlers and payloads if ``json``, else of the results of bodies."""
    results = ctx.project.results
    for value in results.values(ctx.module.path):
        if (value.is_payload or not value.of) is json:
            fault = next(faults(value.serializer, results.known, value.shapes), None)
            if fault is not None:
                yield value, fault


def where(fault: Fault) -> str:
    """The part of a value that is at fault, for a message; empty for the whole."""
    keys = ["[...]" if part is None else f'["{part}"]' if isinstance(part, str) else f"[{part}]" for part in fault.path]
    text = "".join(keys)
    return f" at {text}" if text and text.isprintable() and len(text) <= 60 else ""
