"""The report for programs: schema 1, of which later versions may only add keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import durable_lint
from durable_lint.model import Diagnostic, Edit, Fix, Hop, Location, Problem, RunResult
from durable_lint.report.terminal import Style


def render(result: RunResult, style: Style | None = None) -> str:
    """One JSON object in ASCII; lines and columns count from 1, columns in code points, ends are excluded."""
    import json

    report: dict[str, Any] = {
        "schema": 1,
        "version": durable_lint.__version__,
        "files": result.files,
        "diagnostics": [_diagnostic(diagnostic, result) for diagnostic in result.diagnostics],
        "problems": [_problem(problem) for problem in result.problems],
    }
    if style is not None and style.statistics:
        report["statistics"] = {name: result.statistics[name] for name in sorted(result.statistics)}
    return json.dumps(report, indent=2) + "\n"


def _diagnostic(diagnostic: Diagnostic, result: RunResult) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "path": diagnostic.path,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "end_line": diagnostic.location.end.line,
        "end_column": diagnostic.location.end.column,
        "related": [_hop(hop) for hop in diagnostic.related],
        "fix": _fix(diagnostic.fix, diagnostic, result) if diagnostic.fix else None,
    }


def _hop(hop: Hop) -> dict[str, Any]:
    start = hop.location.start
    return {"path": hop.location.path, "line": start.line, "column": start.column, "message": hop.message}


def _problem(problem: Problem) -> dict[str, str]:
    message = f"line {problem.line}: {problem.message}" if problem.line else problem.message
    return {"kind": problem.kind, "path": problem.path, "message": message}


def _fix(fix: Fix, diagnostic: Diagnostic, result: RunResult) -> dict[str, Any] | None:
    """The fix with its edits by line and column, or None when an edit stands on a line that the result doesn't hold."""
    starts = dict(_line_starts(diagnostic))
    edits = [_edit(edit, starts, diagnostic.path, result) for edit in fix.edits]
    if None in edits:
        return None
    return {"title": fix.title, "level": fix.level.value, "edits": edits}


def _edit(edit: Edit, starts: Mapping[int, int], path: str, result: RunResult) -> dict[str, Any] | None:
    places = []
    for offset in (edit.span.start, edit.span.end):
        for line, begin in sorted(starts.items()):
            text = result.lines.get((path, line))
            if text is not None and begin <= offset <= begin + len(text):
                places.append((line, offset - begin + 1))
                break
        else:
            return None
    (start_line, start_column), (end_line, end_column) = places
    return {
        "start_line": start_line,
        "start_column": start_column,
        "end_line": end_line,
        "end_column": end_column,
        "text": edit.text,
    }


def _line_starts(diagnostic: Diagnostic) -> Iterator[tuple[int, int]]:
    """The lines of the finding's file whose offsets are known from its own location and hops."""
    locations: list[Location] = [diagnostic.location, *(hop.location for hop in diagnostic.related)]
    for location in locations:
        if location.path == diagnostic.path:
            yield location.start.line, location.span.start - location.start.column + 1
            yield location.end.line, location.span.end - location.end.column + 1
