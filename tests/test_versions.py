"""Messages and severities follow the version of the SDK that a file is meant for."""

from __future__ import annotations

from pathlib import Path

import pytest

from durable_lint.engine import lint_paths
from durable_lint.model import Diagnostic

APP = """
import uuid
from collections import Counter

from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution, durable_step


@durable_step
def count(step_context: StepContext) -> Counter:
    return Counter("abc")


@durable_execution
def handler(event: dict, context: DurableContext) -> str:
    context.step(lambda _: 1, name=f"a-{uuid.uuid4()}")
    context.step(lambda _: 1)
    letters = context.step(count(), name="count")
    return letters["a"]
"""


def found(folder: Path, version: str) -> dict[str, Diagnostic]:
    (folder / "app.py").write_text(APP)
    (folder / "durable-lint.toml").write_text(f'sdk-version = "{version}"\n')
    result = lint_paths(["app.py"], cwd=folder)
    assert result.problems == ()
    return {one.code: one for one in result.diagnostics}


@pytest.mark.parametrize(
    ("version", "code", "severity", "words"),
    [
        ("2.0", "DUR502", "error", "a replay looks for another name and fails"),
        ("1.7", "DUR502", "warning", "a replay looks for another name, which SDK 1.7.0 lets pass and 2.0.0 fails"),
        ("3", "DUR501", "warning", "a replay can't tell it from another one in its place"),
        ("1.0.0", "DUR501", "warning", "from SDK 2.0.0 on a replay compares names"),
        ("2.1.0", "DUR403", "error", "it comes back as a dict"),
        ("1.7", "DUR403", "error", "a replay gives a dict, the first run with SDK 1.7.0 the value itself"),
    ],
)
def test_what_is_said_follows_the_version(tmp_path: Path, version: str, code: str, severity: str, words: str) -> None:
    one = found(tmp_path, version)[code]
    assert words in one.message
    assert one.severity.value == severity


def test_files_of_one_run_may_be_meant_for_different_versions(tmp_path: Path) -> None:
    for name, pin in (("old", "1.7.0"), ("new", "3.0.0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(APP)
        (tmp_path / name / "requirements.txt").write_text(f"aws-durable-execution-sdk-python=={pin}\n")
    result = lint_paths(["."], cwd=tmp_path)
    graded = {one.path: one.severity.value for one in result.diagnostics if one.code == "DUR502"}
    assert graded == {"old/app.py": "warning", "new/app.py": "error"}
