"""A fix is built for a finding that is shown, and for no other."""

from __future__ import annotations

from pathlib import Path

import libcst
import pytest

from durable_lint import engine
from durable_lint.baseline import DEFAULT
from durable_lint.baselining import update
from durable_lint.config import Overrides
from durable_lint.engine import lint_paths

HANDLER = """import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    first = time.time()  # durable-lint: ignore[DUR101] only logged
    return first + time.time_ns() + time.monotonic()
"""


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    lines: list[int] = []
    build = engine.Run._fix

    def noting(run: engine.Run, finding: engine.Finding, key: str) -> object:
        lines.append(run.files.sources[key].location(engine.Span(finding.start, finding.end)).start.line)
        return build(run, finding, key)

    monkeypatch.setattr(engine.Run, "_fix", noting)
    return lines


def test_suppressed_findings_get_no_fix(tmp_path: Path, built: list[int]) -> None:
    (tmp_path / "app.py").write_text(HANDLER, "utf-8")
    found = lint_paths(["app.py"], Overrides(isolated=True), cwd=tmp_path).diagnostics
    assert [one.line for one in found] == built == [9, 9]
    assert all(one.fix is not None for one in found)


def test_findings_that_a_baseline_holds_get_no_fix(tmp_path: Path, built: list[int]) -> None:
    (tmp_path / "app.py").write_text(HANDLER, "utf-8")
    held = Overrides(isolated=True, baseline=Path(DEFAULT))
    update(["app.py"], held, cwd=tmp_path)
    (tmp_path / "app.py").write_text(HANDLER.replace("    return", "    print(event)\n    return"), "utf-8")
    built.clear()
    found = lint_paths(["app.py"], held, cwd=tmp_path).diagnostics
    assert [one.line for one in found] == built == [9]
    assert found[0].fix is not None


def test_checks_and_fixes_share_one_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = libcst.parse_module

    def noting(text: str) -> libcst.Module:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr("libcst.parse_module", noting)
    (tmp_path / "app.py").write_text(HANDLER, "utf-8")
    found = lint_paths(["app.py"], Overrides(isolated=True), cwd=tmp_path).diagnostics
    assert len([one.fix for one in found if one.fix is not None]) == 2
    assert [text.partition("\n")[0] for text in parsed] == ["@durable_execution"]
