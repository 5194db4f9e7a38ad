"""Reports: each format is a pure function from the result of a run to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from durable_lint.model import RunResult
from durable_lint.report.summary import problems
from durable_lint.report.terminal import Style, visible

Render = Callable[[RunResult, Style], str]


def _later(name: str) -> Render:
    """The format of a module that is loaded when it is used: a run prints one."""

    def render(result: RunResult, style: Style) -> str:
        made: str = import_module(f"durable_lint.report.{name}").render(result, style)
        return made

    return render


SERVICES = ("github", "gitlab", "sarif", "junit", "markdown")
"""The formats that services read: they are given paths from the root of the repository."""

FORMATS: Mapping[str, Render] = {name: _later(name) for name in ("text", "concise", "json", *SERVICES)}
"""The formats of ``--format`` by name; the same result and style give the same text."""

HOLDS_PROBLEMS = frozenset({"json", "github"})
"""The formats whose readers see the problems in them; with the others they go to standard error too."""

__all__ = ["FORMATS", "HOLDS_PROBLEMS", "SERVICES", "Style", "problems", "visible"]
