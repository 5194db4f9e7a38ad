"""The report for editors and grep: one line for each finding, the path to the cause included."""

from __future__ import annotations

from durable_lint.model import Diagnostic, RunResult
from durable_lint.report.summary import statistics
from durable_lint.report.terminal import Style, visible
from durable_lint.report.text import COLORS


def render(result: RunResult, style: Style | None = None) -> str:
    """Lines of the form ``path:line:column: severity code message -> path:line:column hop``; empty when clean."""
    style = style or Style()
    lines = [_finding(diagnostic, style) for diagnostic in result.diagnostics]
    if style.statistics:
        lines.append(statistics(result, style))
    return "".join(f"{line}\n" for line in lines)


def _finding(diagnostic: Diagnostic, style: Style) -> str:
    place = style.paint(visible(f"{diagnostic.path}:{diagnostic.line}:{diagnostic.column}:"), bold=True)
    level = style.paint(diagnostic.severity.value, fg=COLORS[diagnostic.severity], bold=True)
    hops = "".join(
        f" -> {hop.location.path}:{hop.location.start.line}:{hop.location.start.column} {hop.message}"
        for hop in diagnostic.related
    )
    return f"{place} {level} {style.paint(diagnostic.code, bold=True)} {visible(diagnostic.message + hops)}"
