"""The lines that end a report for people, and the problems that go to standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from durable_lint.model import Problem, RunResult, Severity
from durable_lint.report.terminal import Style, visible


def plural(count: int, noun: str) -> str:
    """``count`` with its noun: ``1 file``, ``2 files``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def summary(result: RunResult, style: Style) -> str:
    """One line that counts findings, files and problems; it never calls a run with problems clean."""
    troubles = plural(len(result.problems), "problem") if result.problems else ""
    if troubles and not result.files:
        return style.paint(f"nothing was checked: {troubles}", fg="red", bold=True)
    if not result.diagnostics:
        text = f"no findings in {plural(result.files, 'file')}" if result.files else "no Python files found"
        if troubles:
            return style.paint(f"{text}, but {troubles}: not everything was checked", fg="red", bold=True)
        return style.paint(text, fg="green") if result.files else text
    levels = Counter(diagnostic.severity for diagnostic in result.diagnostics)
    counts = ", ".join(plural(levels[level], level.value) for level in Severity if levels[level])
    touched = len({diagnostic.path for diagnostic in result.diagnostics})
    text = f"{counts} in {plural(touched, 'file')} ({plural(result.files, 'file')} checked)"
    return style.paint(f"{text}; {troubles}: not everything was checked" if troubles else text, bold=True)


def statistics(result: RunResult, style: Style) -> str:
    """The findings of each rule and of each module, most first, and the counters of the run."""
    groups = counts(result)
    width = max((len(str(count)) for group in groups for _, count in group), default=0)
    blocks = ["\n".join(f"  {count:>{width}}  {visible(name)}" for name, count in group) for group in groups]
    return style.paint("statistics", bold=True) + "\n" + "\n\n".join(blocks)


def counts(result: RunResult) -> list[list[tuple[str, int]]]:
    """What ``statistics`` counts, by name: rules, modules and what the run did; groups that are empty are left out."""
    rules = _most_first(f"{diagnostic.code} {diagnostic.name}" for diagnostic in result.diagnostics)
    modules = _most_first(diagnostic.path for diagnostic in result.diagnostics)
    counters = [(name, result.statistics[name]) for name in sorted(result.statistics)]
    return [group for group in (rules, modules, counters) if group]


def _most_first(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(names).items(), key=lambda row: (-row[1], row[0]))


def problems(found: Iterable[Problem], style: Style) -> str:
    """One line for each problem: where, what, and of which kind; empty without problems."""
    return "".join(f"{_problem(problem, style)}\n" for problem in found)


def _problem(problem: Problem, style: Style) -> str:
    place = f"{problem.path}:{problem.line}: " if problem.line else f"{problem.path}: "
    label = style.paint("error:", fg="red", bold=True)
    return f"{label} {visible(place) if problem.path else ''}{visible(problem.message)} ({problem.kind})"
