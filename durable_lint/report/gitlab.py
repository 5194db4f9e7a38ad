"""The report for GitLab's code quality: a list of issues."""

from __future__ import annotations

import hashlib
from typing import Any

from durable_lint.fingerprints import fingerprints
from durable_lint.model import Diagnostic, Problem, RunResult, Severity
from durable_lint.report.terminal import Style, visible

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}
NOWHERE = "."
"""The path of a problem that concerns no file: GitLab wants one."""


def render(result: RunResult, style: Style | None = None) -> str:
    """A JSON array in ASCII; problems come first, as blockers. ``style`` changes nothing."""
    import json

    marks = fingerprints(result.diagnostics, result.lines)
    issues = [_problem(problem) for problem in result.problems]
    issues += [_finding(found, mark) for found, mark in zip(result.diagnostics, marks, strict=True)]
    return json.dumps(issues, indent=2) + "\n"


def _finding(found: Diagnostic, mark: str) -> dict[str, Any]:
    lines = (found.location.start.line, found.location.end.line)
    description = f"{found.code} {found.name}: {found.message}"
    return _issue(found.code, description, mark, SEVERITIES[found.severity], found.path, lines)


def _problem(problem: Problem) -> dict[str, Any]:
    parts = ("problem", problem.kind, problem.path, problem.message)
    mark = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    lines = (max(problem.line, 1), max(problem.line, 1))
    return _issue(problem.kind, problem.message, mark, "blocker", problem.path or NOWHERE, lines)


def _issue(name: str, text: str, mark: str, severity: str, path: str, lines: tuple[int, int]) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": name,
        "description": visible(text),
        "categories": ["Bug Risk"],
        "severity": severity,
        "fingerprint": mark,
        "location": {"path": path, "lines": {"begin": lines[0], "end": lines[1]}},
    }
