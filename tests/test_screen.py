"""The screen is only a short cut: without it the findings are the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixture_files import FIXTURES
from linting import rules_for

from durable_lint.config import Overrides
from durable_lint.engine import lint_paths
from durable_lint.index import screen
from durable_lint.model import RunResult

RULES = sorted(path for path in FIXTURES.iterdir() if path.is_dir())


def lint(folder: Path) -> RunResult:
    return lint_paths(["."], rules_for(folder.name), cwd=folder)


@pytest.mark.parametrize("folder", RULES, ids=lambda path: path.name)
def test_the_screen_hides_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screened = lint(folder)
    monkeypatch.setattr(screen, "suspects", screen.candidates)
    assert lint(folder).diagnostics == screened.diagnostics
    assert not screened.problems


CLEAN = {
    "a context on self": """
class Shop:
    def __init__(self, context: DurableContext) -> None:
        self.context = context

    def sell(self, order: dict) -> dict:
        return self.context.step(lambda _: dict(order), name="sell")


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    return Shop(context).sell(event)
""",
    "state of the execution": """
@durable_execution
def handler(event: dict, context: DurableContext) -> list:
    event["seen"] = True
    found = []
    for item in event["items"]:
        found.append(context.step(lambda _, item=item: item["id"], name=f"read-{item['id']}"))
    if found:
        context.wait(Duration.from_seconds(5), name="settle")
    return found
""",
    "a step with effects": """
import time


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    return context.step(lambda _: time.time(), name="read-clock")
""",
}


@pytest.mark.parametrize("case", CLEAN)
def test_clean_code_is_not_read_by_libcst(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "from aws_durable_execution_sdk_python import DurableContext, durable_execution\n"
    head += "from aws_durable_execution_sdk_python.config import Duration\n"
    (tmp_path / "app.py").write_text(head + CLEAN[case], "utf-8")
    monkeypatch.setattr("libcst.parse_module", None)
    result = lint_paths(["app.py"], Overrides(isolated=True), cwd=tmp_path)
    assert (result.diagnostics, result.problems) == ((), ())
