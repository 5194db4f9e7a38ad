"""Fingerprints: the same finding keeps its own, whatever moves around it, and no two findings share one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linting import lint, run_command
from test_since import git

from durable_lint.fingerprints import fingerprints
from durable_lint.model import RunResult

HANDLER = """import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    opened = time.time()
    print(opened), print(event)
    context.step(lambda _: opened, name="open")
    print(opened), print(event)
    return {"at": time.time()}
"""


def run(tmp_path: Path, text: str, name: str = "app.py") -> RunResult:
    (tmp_path / name).write_text(text, "utf-8")
    return lint(tmp_path)


def of(result: RunResult) -> dict[str, str]:
    """The code and line text of each finding, by its fingerprint."""
    marks = fingerprints(result.diagnostics, result.lines)
    shown = [f"{one.code} {result.lines[one.path, one.line].strip()}" for one in result.diagnostics]
    assert len(set(marks)) == len(marks) == len(shown)
    return dict(zip(marks, shown, strict=True))


def test_findings_keep_theirs_when_lines_and_spaces_move(tmp_path: Path) -> None:
    before = of(run(tmp_path, HANDLER))
    moved = HANDLER.replace("import time\n", "import json\nimport time\n\nLIMIT = json.loads('3')\n")
    spaced = moved.replace("opened = time.time()", "opened =   time.time()\n").replace("    ", "  ")
    assert len(before) >= 6
    assert list(of(run(tmp_path, spaced))) == list(before)
    assert all(re.fullmatch("[0-9a-f]{32}", mark) for mark in before)


def test_a_new_finding_changes_no_other(tmp_path: Path) -> None:
    before = of(run(tmp_path, HANDLER))
    after = of(
        run(tmp_path, HANDLER.replace("    opened =", "    early = time.time()\n    print(early)\n    opened ="))
    )
    assert before.items() < after.items()
    assert {shown for mark, shown in after.items() if mark not in before} == {
        "DUR101 early = time.time()",
        "DUR206 print(early)",
    }


def test_twins_are_told_apart_by_number(tmp_path: Path) -> None:
    before = of(run(tmp_path, HANDLER))
    once = of(run(tmp_path, HANDLER.replace("    print(opened), print(event)\n", "", 1)))
    assert once.items() < before.items()
    assert sum(mark not in once for mark in before) == 2


def test_a_changed_line_a_path_and_a_code_make_another(tmp_path: Path) -> None:
    result = run(tmp_path, HANDLER)
    before = of(result)
    changed = of(run(tmp_path, HANDLER.replace("opened = time.time()", "opened = int(time.time())")))
    assert [shown for mark, shown in changed.items() if mark not in before] == ["DUR101 opened = int(time.time())"]
    elsewhere = fingerprints(result.diagnostics, result.lines, lambda path: f"service/{path}")
    assert not before.keys() & set(elsewhere)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_the_findings_is_no_part_of_it(order: list[int]) -> None:
    from durable_lint import lint_source

    result = lint_source(HANDLER, path="app.py")
    marks = fingerprints(result.diagnostics, result.lines)
    mixed = fingerprints([result.diagnostics[index] for index in order], result.lines)
    assert sorted(mixed) == sorted(fingerprints([result.diagnostics[index] for index in sorted(order)], result.lines))
    assert list(mixed) == [marks[index] for index in order]


def test_a_path_that_is_no_text_has_one() -> None:
    from durable_lint import lint_source

    result = lint_source(HANDLER, path="app.py")
    assert len(set(fingerprints(result.diagnostics, {}, lambda _: "src/\udcff.py"))) == len(result.diagnostics)


TWINS = HANDLER.replace("    context.step(", "    print(opened), print(event)\n    context.step(")


def marks_of(report: str, folder: Path, *args: str) -> list[str]:
    """The fingerprints of DUR206 in a report of the real command, from the last line on."""
    done = run_command("--isolated", "--select", "DUR206", "--format", report, *args, cwd=folder)
    assert done.returncode == 1
    if report == "gitlab":
        return [issue["fingerprint"] for issue in json.loads(done.stdout)][::-1]
    found = json.loads(done.stdout)["runs"][0]["results"]
    return [mark for one in found for mark in one["partialFingerprints"].values()][::-1]


@pytest.mark.parametrize("report", ["sarif", "gitlab"])
def test_what_is_left_out_changes_no_twin(tmp_path: Path, report: str) -> None:
    (tmp_path / "app.py").write_text(HANDLER, "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "old")
    (tmp_path / "app.py").write_text(TWINS, "utf-8")
    whole = marks_of(report, tmp_path)
    assert len(whole) == len(set(whole)) == 6
    assert marks_of(report, tmp_path, "--diff-from", "HEAD") == whole[2:4]
    baseline = tmp_path / "durable-lint-baseline.json"
    assert run_command("baseline", "--isolated", "--select", "DUR206", cwd=tmp_path).returncode == 0
    lines = [line for line in baseline.read_text("utf-8").splitlines() if not any(mark in line for mark in whole[:2])]
    baseline.write_text("\n".join(lines).replace("},\n]", "}\n]"), "utf-8")
    assert marks_of(report, tmp_path, "--baseline", baseline.name) == whole[:2]
