"""The fixes of DUR312 and DUR606: what they make of a call, and that the finding is gone afterwards."""

from __future__ import annotations

import pytest

from durable_lint import lint_source
from durable_lint.model import Diagnostic, Level

HEAD = """\
from datetime import timedelta

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import (
    CallbackConfig,
    Duration,
    StepConfig,
    StepSemantics,
)
"""
BARE = "from aws_durable_execution_sdk_python import DurableContext, durable_execution\n"
BODY = """

def load(step):
    return 1


@durable_execution
def handler(event: dict, context: DurableContext) -> None:
    {statement}
"""


def fixed(text: str, found: Diagnostic) -> str:
    """The text with the edits of a finding's fix."""
    assert found.fix is not None, found.message
    for edit in sorted(found.fix.edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def findings(text: str, code: str) -> list[Diagnostic]:
    """The findings of a rule in a text."""
    result = lint_source(text, "app.py")
    assert result.problems == ()
    return [one for one in result.diagnostics if one.code == code]


SAFE = {
    'context.step("load", load)': 'context.step(load, "load")',
    'context.step("load", load, StepConfig())': 'context.step(load, "load", StepConfig())',
    'context.step(("load"), lambda _: 1)': 'context.step(lambda _: 1, ("load"))',
    'context.map("rows", event["rows"], load)': 'context.map(event["rows"], load, "rows")',
    'context.map(event["rows"], "rows", load)': 'context.map(event["rows"], load, "rows")',
    'context.wait("pause", Duration.from_seconds(5))': 'context.wait(Duration.from_seconds(5), "pause")',
    "context.create_callback(CallbackConfig())": "context.create_callback(config=CallbackConfig())",
    'context.step(load, StepConfig(), "load")': 'context.step(load, "load", StepConfig())',
    "context.step(load, StepConfig())": "context.step(load, config=StepConfig())",
    "context.wait(5)": "context.wait(Duration.from_seconds(5))",
    'context.wait(2 * 60, "p")': None,
    'context.wait(0, "p")': None,
    'context.wait("pause", 5)': 'context.wait(Duration.from_seconds(5), "pause")',
    'context.wait("pause", 0.5)': None,
    'context.wait("pause", name="p")': None,
    'context.wait(duration=90, name="p")': 'context.wait(duration=Duration.from_seconds(90), name="p")',
    "context.wait(timedelta(hours=1))": "context.wait(Duration.from_seconds(timedelta(hours=1).total_seconds()))",
    'context.wait(minutes=5, name="p")': 'context.wait(Duration.from_minutes(5), name="p")',
    'context.wait(name="p", seconds=5)': 'context.wait(name="p", duration=Duration.from_seconds(5))',
    "context.wait(Duration(minutes=5))": "context.wait(Duration.from_minutes(5))",
    "context.wait(Duration(minutes = 5))": "context.wait(Duration.from_minutes(5))",
    "context.wait(Duration(minutes=5, seconds=3))": None,
    "context.wait(Duration.from_hours(hours=2))": "context.wait(Duration.from_hours(2))",
    "context.wait(Duration.from_hours(minutes=2))": None,
    "context.wait(Duration(minute=5))": None,
    'context.wait("pause")': None,
    "CallbackConfig(300)": "CallbackConfig(Duration.from_seconds(300))",
    "CallbackConfig(timeout=300, serdes=None)": "CallbackConfig(timeout=Duration.from_seconds(300), serdes=None)",
    "context.step(load, label='x')": None,
}


@pytest.mark.parametrize(("wrong", "right"), SAFE.items(), ids=SAFE)
def test_arguments(wrong: str, right: str | None) -> None:
    text = HEAD + BODY.format(statement=wrong)
    (found,) = findings(text, "DUR312")
    if right is None:
        assert found.fix is None
        return
    after = fixed(text, found)
    assert after == HEAD + BODY.format(statement=right)
    assert found.fix is not None
    assert found.fix.level is Level.SAFE
    assert findings(after, "DUR312") == []


def test_the_class_of_durations_is_imported() -> None:
    text = BARE + BODY.format(statement="context.wait(5)")
    (found,) = findings(text, "DUR312")
    imported = BARE + "from aws_durable_execution_sdk_python.config import Duration\n"
    assert fixed(text, found) == imported + BODY.format(statement="context.wait(Duration.from_seconds(5))")


def test_another_class_of_that_name_is_not_taken() -> None:
    text = BARE + "\n\nclass Duration:\n    pass\n" + BODY.format(statement="context.wait(5)")
    (found,) = findings(text, "DUR312")
    assert found.fix is None


def test_comments_and_lines_stay() -> None:
    before = 'context.step(\n        "load",  # a comment\n        load,\n    )'
    after = 'context.step(\n        load,  # a comment\n        "load",\n    )'
    text = HEAD + BODY.format(statement=before)
    (found,) = findings(text, "DUR312")
    assert fixed(text, found) == HEAD + BODY.format(statement=after)


ONCE = "StepSemantics.AT_MOST_ONCE_PER_RETRY"
NEVER = "RetryPresets.none()"
UNSAFE = {
    f"StepConfig(step_semantics={ONCE})": f"StepConfig(step_semantics={ONCE}, retry_strategy={NEVER})",
    f"StepConfig(None, {ONCE})": f"StepConfig({NEVER}, {ONCE})",
    f"StepConfig(None, serdes=None, step_semantics={ONCE})": f"StepConfig({NEVER}, serdes=None, step_semantics={ONCE})",
}


@pytest.mark.parametrize(("wrong", "right"), UNSAFE.items(), ids=UNSAFE)
def test_retries_are_switched_off(wrong: str, right: str) -> None:
    text = HEAD + BODY.format(statement=f"context.step(load, 'a', {wrong})")
    (found,) = findings(text, "DUR606")
    after = fixed(text, found)
    imported = "from aws_durable_execution_sdk_python.retries import RetryPresets\n"
    assert after == HEAD + imported + BODY.format(statement=f"context.step(load, 'a', {right})")
    assert found.fix is not None
    assert found.fix.level is Level.UNSAFE
    assert findings(after, "DUR606") == []
