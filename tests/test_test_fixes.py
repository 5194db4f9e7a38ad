"""The fixes of rules about tests: what they make of a test, and when there is none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from durable_lint import lint_paths, lint_source
from durable_lint.config import Overrides
from durable_lint.model import Diagnostic, Level

HEAD = """\
from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution, durable_step
from aws_durable_execution_sdk_python.config import Duration
from aws_durable_execution_sdk_python_testing import DurableFunctionTestRunner


@durable_step
def price(step: StepContext, order: str) -> str:
    return order


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    saved = context.step(lambda _: {"id": event["id"]}, name="save-order")
    context.wait(Duration.from_hours(1), name="payment-window")
    context.step(price("a"))
    if event.get("gift"):
        context.step(lambda _: "wrapped", name="wrap")
    return context.step(lambda _: saved, name="ship")


def test_handler() -> None:
    with DurableFunctionTestRunner(handler=handler) as runner:
"""


def findings(text: str, code: str) -> Sequence[Diagnostic]:
    result = lint_source(text, "test_app.py", Overrides(isolated=True, select=(code,)))
    assert result.problems == ()
    return result.diagnostics


def fixed(text: str, code: str) -> str:
    """The text with the fixes of a rule applied one after the other; each takes its finding away."""
    left = findings(text, code)
    while any(one.fix for one in left):
        fix = next(one.fix for one in left if one.fix)
        assert fix.level is Level.SAFE
        for edit in sorted(fix.edits, key=lambda one: one.span, reverse=True):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        compile(text, "test_app.py", "exec")
        again = findings(text, code)
        assert len(again) == len(left) - 1
        left = again
    return text


def body(code: str, lines: str) -> str:
    """The lines of a test as the fixes of a rule leave them."""
    text = fixed(HEAD + lines, code)
    assert text.startswith(HEAD)
    return text.removeprefix(HEAD)


RUN = '        result = runner.run("{}")\n'
LOOKUPS = {
    "a step": ("    assert result.operations[0].result\n", '    assert result.get_step("save-order").result\n'),
    "a wait": ("    assert result.operations[1].status\n", '    assert result.get_wait("payment-window").status\n'),
    "named by its body": ("    assert result.operations[2].status\n", '    assert result.get_step("price").status\n'),
    "behind a branch": ("    assert result.operations[3].status\n", "    assert result.operations[3].status\n"),
    "behind a branch, said by the test": (
        '    assert result.operations[3].name == "ship"\n',
        '    assert result.get_operation_by_name("ship").name == "ship"\n',
    ),
    "the test says another name": (
        '    assert result.operations[0].name == "ship"\n',
        '    assert result.operations[0].name == "ship"\n',
    ),
    "any order, said by the test": (
        '    assert "payment-window" == result.get_all_operations()[2].name\n',
        '    assert "payment-window" == result.get_wait("payment-window").name\n',
    ),
    "any order": (
        "    assert result.get_all_operations()[2].name\n",
        "    assert result.get_all_operations()[2].name\n",
    ),
    "from the end": ("    assert result.operations[-1].name\n", "    assert result.operations[-1].name\n"),
    "space and comments": (
        "    assert (\n        result  # the run\n        .operations[0]\n        .status\n    )\n",
        '    assert (\n        result  # the run\n        .get_step("save-order")\n        .status\n    )\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), LOOKUPS.values(), ids=LOOKUPS.keys())
def test_an_operation_is_looked_up_by_its_name(before: str, after: str) -> None:
    assert body("DUR701", RUN + before) == RUN + after


ARGUMENTS = {
    "keyword": ('runner.run("{}", timeout=10)', 'runner.run("{}", execution_timeout=10)'),
    "spaces": ('runner.run(timeout = 10, input="{}")', 'runner.run(execution_timeout = 10, input="{}")'),
    "both": ('runner.run("{}", execution_timeout=9, timeout=10)', 'runner.run("{}", execution_timeout=9, timeout=10)'),
    "by position": ('runner.run("{}", None, 10)', 'runner.run("{}", None, 10)'),
    "second is taken": ('runner.run("{}", 9, timeout=10)', 'runner.run("{}", 9, timeout=10)'),
}


@pytest.mark.parametrize(("before", "after"), ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_an_argument_gets_its_new_name(before: str, after: str) -> None:
    assert body("DUR703", f"        {before}\n") == f"        {after}\n"


def test_the_files_of_a_project_that_name_no_sdk_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(HEAD.partition("\n\ndef test")[0] + "\n", "utf-8")
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom app import handler\n"
        "from aws_durable_execution_sdk_python_testing import DurableFunctionTestRunner\n\n\n"
        "@pytest.fixture\ndef opened():\n"
        "    with DurableFunctionTestRunner(handler) as runner:\n        yield runner\n",
        "utf-8",
    )
    inner = tmp_path / "deep"
    inner.mkdir()
    text = "def test_it(opened):\n    assert opened.run('{}', timeout=5).operations[0].name\n"
    (inner / "test_deep.py").write_text(text, "utf-8")
    (inner / "test_other.py").write_text("def test_it():\n    assert [1][0]\n", "utf-8")
    result = lint_paths(["."], Overrides(isolated=True, select=("DUR7",)), cwd=tmp_path)
    assert [(one.path, one.code) for one in result.diagnostics] == [
        ("deep/test_deep.py", "DUR701"),
        ("deep/test_deep.py", "DUR703"),
    ]
    assert result.problems == ()
    assert result.diagnostics[0].fix is not None
    assert result.diagnostics[0].fix.edits[0].text == 'get_step("save-order")'


PARSED = {
    "compared": ('assert result.result == {"id": 1}', 'assert json.loads(result.result) == {"id": 1}'),
    "on the right": ("assert [1] == result.result", "assert [1] == json.loads(result.result)"),
    "an item": ('assert result.result["id"]', 'assert json.loads(result.result)["id"]'),
    "in parentheses": ('assert (result.result)["id"]', 'assert json.loads((result.result))["id"]'),
    "a method": ('assert result.result.get("id")', 'assert json.loads(result.result).get("id")'),
    "in a formatted text": (
        "assert f\"{result.result} {result.result['id']}\"",
        "assert f\"{result.result} {json.loads(result.result)['id']}\"",
    ),
    "an operation": ('assert result.get_step("ship").result == {}', 'assert result.get_step("ship").result == {}'),
}


@pytest.mark.parametrize(("before", "after"), PARSED.values(), ids=PARSED.keys())
def test_a_result_is_parsed(before: str, after: str) -> None:
    text = fixed(f"{HEAD}{RUN}    {before}\n", "DUR706")
    brought = "import json\n\n" if before != after else ""
    assert text == f"{brought}{HEAD}{RUN}    {after}\n"


def test_a_result_is_parsed_with_what_the_module_imports() -> None:
    line = "    assert result.result == [1]\n"
    assert fixed(f"from json import loads\n\n{HEAD}{RUN}{line}", "DUR706").endswith("loads(result.result) == [1]\n")
    aliased = fixed(f"import json as j\n\n{HEAD}{RUN}{line}", "DUR706")
    assert aliased.endswith("assert j.loads(result.result) == [1]\n")
    taken = f"{HEAD}{RUN}    json = 1\n{line}"
    assert fixed(taken, "DUR706") == taken
    placed = fixed(f"import abc\nfrom typing import Any\n\n{HEAD}{RUN}{line}", "DUR706")
    assert placed.startswith("import abc\nimport json\nfrom typing import Any\n")


def test_a_direct_call_is_a_warning_where_the_sdk_lets_it_in(tmp_path: Path) -> None:
    text = HEAD.partition("\n\ndef test")[0] + "\n\ndef test_it():\n    assert handler({}, None)\n"
    (tmp_path / "test_app.py").write_text(text, "utf-8")
    said = {}
    for version in ("1.7.0", "2.0.0", "3.0.0"):
        (tmp_path / "durable-lint.toml").write_text(f'sdk-version = "{version}"\n', "utf-8")
        (one,) = lint_paths(["."], Overrides(select=("DUR705",)), cwd=tmp_path).diagnostics
        said[version] = (one.severity.value, "ExecutionError" in one.message)
    assert said == {"1.7.0": ("warning", False), "2.0.0": ("error", True), "3.0.0": ("error", True)}
