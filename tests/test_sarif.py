"""SARIF: valid by the published schema, with everything that a reader of the format can show."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linting import ROOT, lint, run_command
from reports import HOSTILE, hostile

import durable_lint
from durable_lint import engine
from durable_lint.fingerprints import fingerprints
from durable_lint.knowledge import pages
from durable_lint.model import Location, Position, RunResult
from durable_lint.report import FORMATS, Style, visible
from durable_lint.source import decode

EXAMPLE = ROOT / "examples" / "orders"
MULTITOOL = os.environ.get("SARIF_MULTITOOL") or shutil.which("Sarif.Multitool")


@cache
def example() -> RunResult:
    """What is found in the example, with paths from its own folder."""
    return engine.lint_paths(["."], cwd=EXAMPLE)


def sarif(result: RunResult) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(FORMATS["sarif"](result, Style()))
    validator().validate(log)
    return log


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def run_of(result: RunResult) -> dict[str, Any]:
    (run,) = sarif(result)["runs"]
    return dict(run)


def region(place: Location) -> dict[str, int]:
    start, end = place.start, place.end
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def test_the_schema_refuses_what_is_wrong() -> None:
    log = sarif(example())
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(log)


def test_every_rule_has_its_page() -> None:
    driver = run_of(example())["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("durable-lint", durable_lint.__version__)
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in engine.rules()]
    for rule, known in zip(driver["rules"], engine.rules(), strict=True):
        page = pages.load(known.code)
        assert rule["name"] == known.name
        assert rule["help"]["markdown"] == page.text
        assert len(rule["help"]["text"]) > 500
        assert "```" not in rule["help"]["text"]
        assert rule["fullDescription"]["text"] == page.summary
        assert rule["defaultConfiguration"]["enabled"] is (known.default is not None)
        assert known.default is None or rule["defaultConfiguration"]["level"] == known.default.value


def test_results_have_regions_with_ends_paths_and_snippets() -> None:
    run = run_of(example())
    rules = run["tool"]["driver"]["rules"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert len(run["results"]) == len(example().diagnostics) >= 12
    for made, found in zip(run["results"], example().diagnostics, strict=True):
        assert (made["ruleId"], made["level"]) == (found.code, found.severity.value)
        assert rules[made["ruleIndex"]]["id"] == found.code
        (place,) = (one["physicalLocation"] for one in made["locations"])
        assert place["artifactLocation"] == {"uri": found.path, "uriBaseId": "%SRCROOT%"}
        assert {key: value for key, value in place["region"].items() if key != "snippet"} == region(found.location)
        text = (EXAMPLE / found.path).read_text("utf-8")
        if found.location.start.line == found.location.end.line:
            span = found.location.span
            assert place["region"]["snippet"]["text"] == text[span.start : span.end]
            assert place["contextRegion"]["snippet"]["text"] == text.splitlines()[found.line - 1]


def test_a_code_flow_is_the_path_to_the_cause_and_back() -> None:
    pairs = list(zip(run_of(example())["results"], example().diagnostics, strict=True))
    assert any(len(found.related) >= 3 for _, found in pairs)
    for made, found in pairs:
        assert ("codeFlows" in made) is ("relatedLocations" in made) is bool(found.related)
        if not found.related:
            continue
        ((flow,),) = ([flow["threadFlows"] for flow in made["codeFlows"]],)
        (steps,) = (thread["locations"] for thread in flow)
        places = [found.location, *(hop.location for hop in found.related)]
        for step, place in zip(steps, places, strict=True):
            physical = step["location"]["physicalLocation"]
            assert physical["artifactLocation"]["uri"] == place.path
            assert physical["region"]["startLine"] == place.start.line
        levels = [step["nestingLevel"] for step in steps[1:]]
        calls = sum(not hop.forward for hop in found.related)
        assert levels == [*range(1, calls + 1), *[0] * (len(levels) - calls)]
        assert [one["message"]["text"] for one in made["relatedLocations"]] == [hop.message for hop in found.related]


def test_fixes_change_the_file_as_ours_do() -> None:
    pairs = zip(run_of(example())["results"], example().diagnostics, strict=True)
    fixed = [(made, found) for made, found in pairs if found.fix is not None]
    assert len(fixed) >= 8
    for made, found in fixed:
        assert found.fix is not None
        text = (EXAMPLE / found.path).read_text("utf-8")
        expected = text
        for edit in reversed(found.fix.edits):
            expected = expected[: edit.span.start] + edit.text + expected[edit.span.end :]
        (fix,) = made["fixes"]
        (change,) = fix["artifactChanges"]
        assert change["artifactLocation"]["uri"] == found.path
        assert replaced(text, change["replacements"]) == expected != text
        assert (fix["description"]["text"], fix["properties"]["level"]) == (found.fix.title, found.fix.level.value)


def replaced(text: str, replacements: list[dict[str, Any]]) -> str:
    """The text after the replacements of a change, which are given by line and column."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column - 1

    for one in reversed(replacements):
        deleted = one["deletedRegion"]
        start = offset(deleted["startLine"], deleted["startColumn"])
        end = offset(deleted["endLine"], deleted["endColumn"])
        text = text[:start] + one["insertedContent"]["text"] + text[end:]
    return text


def marks(result: RunResult) -> list[dict[str, str]]:
    return [made["partialFingerprints"] for made in run_of(result)["results"]]


def test_fingerprints_survive_moved_lines(tmp_path: Path) -> None:
    before = marks(example())
    expected = fingerprints(example().diagnostics, example().lines)
    assert before == [{"durableLint/v1": mark} for mark in expected]
    copy = tmp_path / "orders"
    shutil.copytree(EXAMPLE, copy)
    for file in copy.rglob("*.py"):
        file.write_text(f"# one line\n\n# and more\n{file.read_text('utf-8')}", "utf-8")
    moved = engine.lint_paths(["."], cwd=copy)
    assert marks(moved) == before
    assert [one.line for one in moved.diagnostics] != [one.line for one in example().diagnostics]


def test_suppressed_findings_are_left_out(tmp_path: Path) -> None:
    text = """import time
from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    early = time.time()  # durable-lint: ignore[DUR101] -- only logged
    return {"early": early, "late": time.time()}
"""
    (tmp_path / "app.py").write_text(text, "utf-8")
    (made,) = run_of(lint(tmp_path))["results"]
    assert made["locations"][0]["physicalLocation"]["region"]["startLine"] == 8


@settings(max_examples=30, deadline=None)
@given(st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE)))
def test_any_text_and_any_path_are_valid(text: str) -> None:
    result = hostile(text)
    run = run_of(result)
    (made,) = run["results"]
    assert "](" not in made["message"]["text"]
    assert made["message"]["text"].replace("] (", "](") == visible(text).replace("] (", "](")
    artifact = made["locations"][0]["physicalLocation"]["artifactLocation"]
    path = result.diagnostics[0].path
    assert unquote(artifact["uri"]) == path.encode("utf-8", "backslashreplace").decode("utf-8")
    said = run["invocations"][0]["toolExecutionNotifications"]
    assert not run["invocations"][0]["executionSuccessful"]
    assert [(one["level"], one.get("descriptor", {}).get("id")) for one in said] == [
        ("error", "syntax"),
        ("error", "internal"),
        ("note", None),
    ]
    assert said[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}


def test_a_path_outside_the_repository_is_a_uri_of_its_own() -> None:
    found = example().diagnostics[0]
    for path, uri in (("/x/a b.py", "file:///x/a%20b.py"), ("C:/x/a.py", "file:///C%3A/x/a.py")):
        elsewhere = replace(found, location=replace(found.location, path=path), related=(), fix=None)
        (made,) = run_of(replace(example(), diagnostics=(elsewhere,)))["results"]
        assert made["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_columns_count_code_points() -> None:
    source = "import time\nfrom aws_durable_execution_sdk_python import DurableContext, durable_execution\n\n\n" + (
        "@durable_execution\ndef handler(event: dict, context: DurableContext) -> dict:\n"
        '    return {"\U0001f600": time.time()}\n'
    )
    result = durable_lint.lint_source(source, path="app.py")
    (made,) = run_of(result)["results"]
    place = made["locations"][0]["physicalLocation"]["region"]
    assert (place["startColumn"], place["snippet"]["text"]) == (18, "time.time()")
    assert result.diagnostics[0].location.start == Position(7, 18)
    assert decode(source.encode(), "app.py")


def test_a_line_without_end_is_not_repeated() -> None:
    lines = {place: text + " " * 1000 for place, text in example().lines.items()}
    for made in run_of(replace(example(), lines=lines))["results"]:
        place = made["locations"][0]["physicalLocation"]
        assert "snippet" not in place["region"]
        assert "contextRegion" not in place


@pytest.mark.skipif(MULTITOOL is None, reason="SARIF_MULTITOOL names no SARIF Multitool, and none is on the path")
def test_the_multitool_of_sarifs_makers_has_nothing_against_it(tmp_path: Path) -> None:
    assert MULTITOOL is not None
    shutil.copytree(EXAMPLE, tmp_path / "orders")
    (tmp_path / "orders" / "broken.py").write_text("import aws_durable_execution_sdk_python\ndef (:\n", "utf-8")
    done = run_command("orders", "--output-format", "sarif=report.sarif", cwd=tmp_path)
    assert done.returncode == 2
    command = [MULTITOOL, "validate", "report.sarif", "--rule-kind", "Sarif;Ghas", "--output", "judged.sarif"]
    subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    judged = json.loads((tmp_path / "judged.sarif").read_text("utf-8-sig"))
    said = [(one["ruleId"], one.get("level", "warning")) for one in judged["runs"][0]["results"]]
    assert said
    assert {rule for rule, level in said if level in ("error", "warning")} <= {"SARIF2005"}, said
