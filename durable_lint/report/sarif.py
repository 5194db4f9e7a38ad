"""The report in the interchange format of static analysers: SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import durable_lint
from durable_lint.checks import all_checks
from durable_lint.fingerprints import VERSION, fingerprints
from durable_lint.knowledge import pages
from durable_lint.model import Diagnostic, Edit, Fix, Hop, Location, Position, Problem, RuleInfo, RunResult
from durable_lint.report.places import is_absolute
from durable_lint.report.terminal import Style, visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
"""Stands for the root of the repository; that paths are relative to it needs no absolute path of a machine."""
FINGERPRINT = f"durableLint/v{VERSION}"
PAGE_WIDTH = 100
LONGEST = 1000
"""Up to how many code points a source line is shown."""

KINDS = {
    "missing": "A file or folder doesn't exist",
    "unreadable": "A file can't be read",
    "unwritable": "A file can't be written",
    "unfixable": "A file can't be fixed",
    "encoding": "A file is not in the encoding that it names",
    "syntax": "A file is not valid Python",
    "too-deep": "Code is nested too deeply",
    "too-large": "A file is too large",
    "configuration": "The settings can't be used",
    "usage": "The command can't be carried out",
    "memory": "There is not enough memory",
    "internal": "durable-lint has a bug",
}
"""What the kinds of problems mean."""

Object = dict[str, Any]


def render(result: RunResult, style: Style | None = None) -> str:
    """One run in ASCII: every rule with its page, the findings, and problems and notes as notifications.

    Lines and columns count from 1, columns in code points, and ends are excluded. ``style`` changes nothing.
    """
    import json

    rules = [rule for rule, _ in all_checks()]
    numbers = {rule.code: number for number, rule in enumerate(rules)}
    marks = fingerprints(result.diagnostics, result.lines)
    found = zip(result.diagnostics, marks, strict=True)
    driver = {
        "name": "durable-lint",
        "version": durable_lint.__version__,
        "semanticVersion": durable_lint.__version__,
        "shortDescription": {"text": "Finds what a replay of durable functions would repeat, lose or change."},
        "rules": list(map(_rule, rules)),
        "notifications": list(map(_kind, sorted({problem.kind for problem in result.problems}))),
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not result.problems, "toolExecutionNotifications": _said(result)}],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "the root of the repository"}}},
        "results": [_result(one, mark, numbers, result) for one, mark in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


# Rules


def _rule(rule: RuleInfo) -> Object:
    page = pages.load(rule.code)
    level = rule.default.value if rule.default is not None else "warning"
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": page.summary},
        "help": {"text": pages.render(page, PAGE_WIDTH, False), "markdown": page.text},
        "defaultConfiguration": {"enabled": rule.default is not None, "level": level},
        "properties": {
            "tags": ["correctness", "durable-execution"],
            "precision": "high",
            "problem.severity": level,
        },
    }


# Results


def _result(found: Diagnostic, mark: str, numbers: dict[str, int], result: RunResult) -> Object:
    made: Object = {
        "ruleId": found.code,
        "ruleIndex": numbers[found.code],
        "level": found.severity.value,
        "message": {"text": _text(found.message)},
        "locations": [{"physicalLocation": _place(found.location, result)}],
        "partialFingerprints": {FINGERPRINT: mark},
    }
    if found.related:
        made["codeFlows"] = [{"threadFlows": [{"locations": list(_steps(found, result))}]}]
        made["relatedLocations"] = [{"id": number, **_hop(hop, result)} for number, hop in enumerate(found.related)]
    if found.fix is not None:
        made["fixes"] = [_fix(found.fix, found.path)]
    return made


def _steps(found: Diagnostic, result: RunResult) -> Iterator[Object]:
    """The way of the program: into the calls, one level deeper at each, and back to what the value reaches."""
    first = {"physicalLocation": _place(found.location, result), "message": {"text": _text(found.message)}}
    yield {"location": first, "nestingLevel": 0, "importance": "essential"}
    for depth, hop in enumerate(found.related):
        yield {
            "location": _hop(hop, result),
            "nestingLevel": 0 if hop.forward else depth + 1,
            "importance": "essential" if hop is found.related[-1] else "important",
        }


def _hop(hop: Hop, result: RunResult) -> Object:
    return {"physicalLocation": _place(hop.location, result), "message": {"text": _text(hop.message)}}


def _fix(fix: Fix, path: str) -> Object:
    replacements = list(map(_replacement, fix.edits))
    return {
        "description": {"text": _text(fix.title)},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements}],
        "properties": {"level": fix.level.value},
    }


def _replacement(edit: Edit) -> Object:
    assert edit.location is not None, "the engine gives every edit its place"
    return {
        "deletedRegion": _region(edit.location.start, edit.location.end),
        "insertedContent": {"text": edit.text},
    }


# Places


def _place(place: Location, result: RunResult) -> Object:
    made: Object = {"artifactLocation": _artifact(place.path), "region": _region(place.start, place.end)}
    line = result.lines.get((place.path, place.start.line))
    if line is not None and len(line) <= LONGEST and place.start.line == place.end.line:
        made["region"]["snippet"] = {"text": line[place.start.column - 1 : place.end.column - 1]}
        made["contextRegion"] = {"startLine": place.start.line, "snippet": {"text": line}}
    return made


def _region(start: Position, end: Position) -> Object:
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _artifact(path: str) -> Object:
    encoded = quote(path, safe="/", errors="backslashreplace")
    if is_absolute(path):
        return {"uri": f"file:///{encoded.lstrip('/')}"}
    return {"uri": encoded, "uriBaseId": ROOT}


# What the run says of itself


def _kind(kind: str) -> Object:
    text = {"text": f"{KINDS.get(kind, kind)}, so that not everything was checked."}
    return {"id": kind, "shortDescription": text, "fullDescription": text, "help": text}


def _said(result: RunResult) -> list[Object]:
    notes = [{"level": "note", "message": {"text": _text(note)}} for note in result.notes]
    return [*map(_problem, result.problems), *notes]


def _problem(problem: Problem) -> Object:
    made: Object = {
        "descriptor": {"id": problem.kind},
        "level": "error",
        "message": {"text": _text(problem.message)},
    }
    if problem.path:
        place: Object = {"artifactLocation": _artifact(problem.path)}
        if problem.line:
            place["region"] = {"startLine": problem.line}
        made["locations"] = [{"physicalLocation": place}]
    return made


def _text(message: str) -> str:
    """A message of one line; ``[this](way)`` would be read as a link, so it gets a space."""
    return visible(message).replace("](", "] (")
