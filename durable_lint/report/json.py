"""The report for programs: schema 1, of which later versions may only add keys."""

from __future__ import annotations

from typing import Any

import durable_lint
from durable_lint.model import Diagnostic, Edit, Fix, Hop, Problem, RunResult
from durable_lint.report.terminal import Style


def render(result: RunResult, style: Style | None = None) -> str:
    """One JSON object in ASCII; lines and columns count from 1, columns in code points, ends are excluded."""
    import json

    report: dict[str, Any] = {
        "schema": 1,
        "version": durable_lint.__version__,
        "files": result.files,
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in result.diagnostics],
        "problems": [_problem(problem) for problem in result.problems],
    }
    if style is not None and style.statistics:
        report["statistics"] = {name: result.statistics[name] for name in sorted(result.statistics)}
    return json.dumps(report, indent=2) + "\n"


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
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
        "fix": _fix(diagnostic.fix) if diagnostic.fix else None,
    }


def _hop(hop: Hop) -> dict[str, Any]:
    start = hop.location.start
    return {"path": hop.location.path, "line": start.line, "column": start.column, "message": hop.message}


def _problem(problem: Problem) -> dict[str, str]:
    message = f"line {problem.line}: {problem.message}" if problem.line else problem.message
    return {"kind": problem.kind, "path": problem.path, "message": message}


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [_edit(edit) for edit in fix.edits]
    return {"title": fix.title, "level": fix.level.value, "edits": edits}


def _edit(edit: Edit) -> dict[str, Any]:
    assert edit.location is not None, "the engine gives every edit its place"
    start, end = edit.location.start, edit.location.end
    return {
        "start_line": start.line,
        "start_column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "text": edit.text,
    }
