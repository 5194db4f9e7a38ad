"""The report for tools that show test results: JUnit's XML, a failed test case for each finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from durable_lint.model import Diagnostic, Problem, RunResult
from durable_lint.report import text
from durable_lint.report.summary import summary
from durable_lint.report.terminal import Style, visible

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;"}
_ATTRIBUTE = str.maketrans(_ESCAPES)
_TEXT = str.maketrans({char: _ESCAPES[char] for char in "&<>"})
LONGEST = 200
"""How much of a source line stands in the name of a case, in code points."""


def render(result: RunResult, style: Style | None = None) -> str:
    """One suite: findings are failures, problems errors, and a clean run is one case that passes.

    The names of the cases hold no line numbers, so that services know a failure again. ``style`` changes nothing.
    """
    cases = [*_problems(result.problems), *_findings(result)]
    counts = {"failures": len(result.diagnostics), "errors": len(result.problems)}
    if not cases:
        cases = [f"<testcase{_attributes(classname='durable-lint', name=summary(result, Style()))}/>"]
    suite = _attributes(name="durable-lint", tests=len(cases), **counts, skipped=0, time="0")
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines += [f"<testsuites{_attributes(name='durable-lint', tests=len(cases), **counts, time='0')}>"]
    lines += [f"<testsuite{suite}>", *cases, "</testsuite>", "</testsuites>"]
    return "".join(f"{line}\n" for line in lines)


def _findings(result: RunResult) -> Iterator[str]:
    seen: Counter[tuple[str, str]] = Counter()
    for found in result.diagnostics:
        source = " ".join(result.lines.get((found.path, found.line), "").split())[:LONGEST]
        name = f"{found.code} {found.name}: {source}".rstrip(": ")
        number = max(found.twin, seen[found.path, name])  # twins that a baseline leaves out change no other's name
        seen[found.path, name] = number + 1
        if number:
            name += f" ({number + 1})"
        yield _case("failure", found.path, name, found.line, found.message, found.severity.value, _body(found, result))


def _body(found: Diagnostic, result: RunResult) -> str:
    return text.finding(found, result, Style())


def _problems(problems: tuple[Problem, ...]) -> Iterator[str]:
    for problem in problems:
        place = f"{problem.path}:{problem.line}: " if problem.line else f"{problem.path}: " if problem.path else ""
        whole = visible(f"{place}{problem.message}")
        yield _case("error", problem.path, problem.kind, problem.line, problem.message, problem.kind, whole)


def _case(tag: str, path: str, name: str, line: int, message: str, kind: str, body: str) -> str:
    place: dict[str, str | int] = {"file": path} if path else {}
    if line:
        place["line"] = line
    head = _attributes(classname=path or "durable-lint", name=name, **place, time="0")
    return f"<testcase{head}><{tag}{_attributes(message=message, type=kind)}>{body.translate(_TEXT)}</{tag}></testcase>"


def _attributes(**values: str | int) -> str:
    return "".join(f' {name}="{visible(str(value)).translate(_ATTRIBUTE)}"' for name, value in values.items())
