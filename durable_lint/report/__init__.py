"""Reports: each format is a pure function from the result of a run to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from durable_lint.model import RunResult
from durable_lint.report import concise, json, text
from durable_lint.report.summary import problems
from durable_lint.report.terminal import Style, visible

FORMATS: Mapping[str, Callable[[RunResult, Style], str]] = {
    "text": text.render,
    "concise": concise.render,
    "json": json.render,
}
"""The formats of ``--format`` by name; the same result and style give the same text."""

HOLDS_PROBLEMS = frozenset({"json"})
"""The formats that carry the problems themselves; for the others they go to standard error."""

__all__ = ["FORMATS", "HOLDS_PROBLEMS", "Style", "problems", "visible"]
