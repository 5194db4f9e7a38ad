"""Results of runs as plain values, for the cache."""

from __future__ import annotations

from typing import Any

from durable_lint.model import (
    Diagnostic,
    Edit,
    Fix,
    Hop,
    Level,
    Location,
    Position,
    Problem,
    RunResult,
    Severity,
    Span,
)

LASTING = frozenset({"encoding", "syntax", "too-deep"})
"""The kinds of problems that lie in the content of a file: all others may be gone in the next run."""


def is_lasting(result: RunResult) -> bool:
    """Whether the same files will give the same result."""
    return not result.fixed and all(problem.kind in LASTING for problem in result.problems)


def plain(result: RunResult) -> tuple[Any, ...]:
    """A result as tuples, dictionaries, texts and numbers; fixed files are left out."""
    return (
        [_diagnostic(one) for one in result.diagnostics],
        [(one.kind, one.path, one.message, one.line) for one in result.problems],
        result.files,
        dict(result.statistics),
        dict(result.lines),
        result.notes,
    )


def restored(values: Any) -> RunResult:
    """The result that ``plain`` was given. Raises ValueError or TypeError for anything else."""
    diagnostics, problems, files, statistics, lines, notes = values
    return RunResult(
        tuple(
            Diagnostic(code, name, Severity(severity), message, _place(place), _hops(hops), _fix(fix), twin)
            for code, name, severity, message, place, hops, fix, twin in diagnostics
        ),
        tuple(Problem(*problem) for problem in problems),
        files,
        statistics,
        lines,
        tuple(notes),
    )


def _diagnostic(one: Diagnostic) -> tuple[Any, ...]:
    hops = [(_flat(hop.location), hop.message, hop.forward) for hop in one.related]
    fix = None
    if one.fix is not None:
        edits = [
            (edit.span.start, edit.span.end, edit.text, _flat(edit.location) if edit.location is not None else None)
            for edit in one.fix.edits
        ]
        fix = (one.fix.title, one.fix.level.value, edits)
    return (one.code, one.name, one.severity.value, one.message, _flat(one.location), hops, fix, one.twin)


def _flat(place: Location) -> tuple[Any, ...]:
    start, end, span = place.start, place.end, place.span
    return (place.path, start.line, start.column, end.line, end.column, span.start, span.end)


def _place(values: Any) -> Location:
    path, line, column, end_line, end_column, start, end = values
    return Location(path, Position(line, column), Position(end_line, end_column), Span(start, end))


def _hops(values: Any) -> tuple[Hop, ...]:
    return tuple(Hop(_place(place), message, forward) for place, message, forward in values)


def _fix(values: Any) -> Fix | None:
    if values is None:
        return None
    title, level, edits = values
    return Fix(
        title,
        Level(level),
        tuple(
            Edit(Span(start, end), text, _place(place) if place is not None else None)
            for start, end, text, place in edits
        ),
    )
