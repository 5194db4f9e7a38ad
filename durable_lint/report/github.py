"""The report for GitHub Actions: a workflow command for each finding and problem, which become annotations."""

from __future__ import annotations

from durable_lint.model import Diagnostic, Problem, RunResult
from durable_lint.report.summary import statistics, summary
from durable_lint.report.terminal import Style, visible

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(result: RunResult, style: Style | None = None) -> str:
    """A line ``::error file=...::message`` or ``::warning ...`` for each; then the summary, which is no command.

    A service shows a few annotations only: the message begins with the place, so that the log tells all of them.
    """
    style = style or Style()
    lines = [_problem(problem) for problem in result.problems]
    lines += [_finding(diagnostic) for diagnostic in result.diagnostics]
    if style.statistics:
        lines.append(statistics(result, Style()))
    if style.summary:
        lines.append(summary(result, Style()))
    return "".join(f"{line}\n" for line in lines)


def _finding(found: Diagnostic) -> str:
    start, end = found.location.start, found.location.end
    properties: dict[str, str | int] = {"title": f"{found.code} {found.name}", "file": found.path, "line": start.line}
    properties["endLine"] = end.line
    if start.line == end.line:  # columns of several lines would be refused
        properties |= {"col": start.column, "endColumn": end.column}
    lines = [f"{found.path}:{start.line}:{start.column}: {found.message}"]
    for hop in found.related:
        place = hop.location.start
        lines.append(f"-> {hop.location.path}:{place.line}:{place.column} {hop.message}")
    if found.fix is not None:
        lines.append(f"fix ({found.fix.level.value}): {found.fix.title}")
    return _command(found.severity.value, properties, lines)


def _problem(problem: Problem) -> str:
    properties: dict[str, str | int] = {"title": f"durable-lint ({problem.kind})"}
    place = ""
    if problem.path:
        properties["file"] = place = problem.path
    if problem.line:
        properties["line"] = problem.line
        place += f":{problem.line}"
    return _command("error", properties, [f"{place}: {problem.message}" if place else problem.message])


def _command(name: str, properties: dict[str, str | int], lines: list[str]) -> str:
    given = ",".join(f"{key}={visible(str(value)).translate(_PROPERTY)}" for key, value in properties.items())
    return f"::{name} {given}::" + "\n".join(map(visible, lines)).translate(_DATA)
