"""The report for people: each finding with its source line and the path to the cause."""

from __future__ import annotations

from durable_lint.model import Diagnostic, Hop, RunResult, Severity
from durable_lint.report.summary import statistics, summary
from durable_lint.report.terminal import PIPED_WIDTH, Style, snippet, visible

COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
DEEPEST_INDENT = 8
EXPLAINED = 5


def render(result: RunResult, style: Style | None = None) -> str:
    """All findings, then the statistics if asked for, the summary, and how to learn more."""
    style = style or Style()
    blocks = [finding(diagnostic, result, style) for diagnostic in result.diagnostics]
    if style.statistics:
        blocks.append(statistics(result, style))
    if style.summary:
        blocks.append("\n".join([*_done(result, style), summary(result, style), *_explain(result, style)]))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def finding(diagnostic: Diagnostic, result: RunResult, style: Style) -> str:
    """One finding on several lines: where, what, the source line, the path to the cause, and what a fix would do."""
    color = COLORS[diagnostic.severity]
    place = style.paint(visible(f"{diagnostic.path}:{diagnostic.line}:{diagnostic.column}:"), bold=True)
    level = style.paint(diagnostic.severity.value, fg=color, bold=True)
    lines = [
        f"{place} {level} {style.paint(diagnostic.code, bold=True)} {diagnostic.name}",
        style.wrap(visible(diagnostic.message), "  "),
    ]
    source = result.lines.get((diagnostic.path, diagnostic.line))
    if source is not None:
        lines += _source(diagnostic, source, style)
    for depth, hop in enumerate(diagnostic.related):
        lines += _hop(hop, 0 if hop.forward else depth, result, style)
    if diagnostic.fix is not None:
        lines.append(style.wrap(f"fix ({diagnostic.fix.level.value}): {visible(diagnostic.fix.title)}", "  "))
    return "\n".join(lines)


def _source(diagnostic: Diagnostic, source: str, style: Style) -> list[str]:
    """The first line of the finding with carets under it."""
    start, end = diagnostic.location.start, diagnostic.location.end
    number = f"{start.line:>5}"
    width = (style.width or PIPED_WIDTH) - len(number) - 3
    shown, carets = snippet(source, start.column, end.column if end.line == start.line else None, width)
    gutter = style.paint("|", fg="blue")
    return [
        f"{style.paint(number, fg='blue')} {gutter} {shown}",
        f"{' ' * len(number)} {gutter} {style.paint(carets, fg=COLORS[diagnostic.severity], bold=True)}",
    ]


def _hop(hop: Hop, depth: int, result: RunResult, style: Style) -> list[str]:
    """One station on the way to the cause, indented by its distance, with the text of its line."""
    indent = " " * (6 + 2 * min(depth, DEEPEST_INDENT))
    start = hop.location.start
    place = visible(f"{hop.location.path}:{start.line}:{start.column}")
    head = style.wrap(f"-> {place} {visible(hop.message)}", indent, indent + "   ")
    source = result.lines.get((hop.location.path, start.line), "")
    stripped = source.lstrip()
    if not stripped:
        return [head]
    column = max(1, start.column - (len(source) - len(stripped)))
    width = (style.width or PIPED_WIDTH) - len(indent) - 6
    shown, _ = snippet(stripped, column, column + 1, width)
    return [head, f"{indent}      {style.paint(shown, dim=True)}"]


def _done(result: RunResult, style: Style) -> list[str]:
    if not result.fixed:
        return []
    from durable_lint.report import changes

    return [changes.summary(result, style)]


def _explain(result: RunResult, style: Style) -> list[str]:
    codes = sorted({diagnostic.code for diagnostic in result.diagnostics})
    if not codes:
        return []
    from durable_lint.report import changes

    offered = changes.offered(result)
    more = " ..." if len(codes) > EXPLAINED else ""
    fixable = [offered] if offered else []
    return [*fixable, f"to learn more: durable-lint explain {' '.join(codes[:EXPLAINED])}{more}"]
