"""Fixes of log lines and output: what the context's logger is given, and what is left alone."""

from __future__ import annotations

import pytest
from linting import rules_for

from durable_lint import lint_source
from durable_lint.model import Level

HEAD = """\
import logging
import sys
import traceback

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from loguru import logger as guru

log = logging.getLogger(__name__)


@durable_execution
def handler(event: dict, context: DurableContext):
    try:
        context.step(lambda _: 1, name="one")
    except ValueError as error:
        LINE
    return event
"""


def fixed(line: str) -> tuple[str, Level | None]:
    text = HEAD.replace("LINE", line)
    result = lint_source(text, "app.py", rules_for("DUR206"))
    assert result.problems == ()
    (found,) = [one for one in result.diagnostics if one.code in ("DUR206", "DUR207")]
    if found.fix is None:
        return line, None
    for edit in sorted(found.fix.edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    again = lint_source(text, "app.py", rules_for("DUR206"))
    assert [one.code for one in again.diagnostics if one.code in ("DUR206", "DUR207")] == []
    return text.partition("as error:\n        ")[2].partition("\n    return")[0], found.fix.level


@pytest.mark.parametrize(
    ("line", "after", "level"),
    [
        ('log.log(logging.WARNING, "late %s", event)', 'context.logger.warning("late %s", event)', Level.SAFE),
        ('guru.info("{} of {} at 5%", 1, 2)', 'context.logger.info("%s of %s at 5%%", 1, 2)', Level.SAFE),
        ('sys.stdout.write("started\\n")', 'context.logger.info("started")', Level.UNSAFE),
        ('sys.stderr.write(f"order {event}\\n")', 'context.logger.info(f"order {event}")', Level.UNSAFE),
        ('print("late", file=sys.stderr)', 'context.logger.info("late")', Level.UNSAFE),
        ("traceback.print_exc()", 'context.logger.exception("%s", error)', Level.UNSAFE),
        ("traceback.print_exception(error)", 'context.logger.exception("%s", error)', Level.UNSAFE),
    ],
)
def test_fixed(line: str, after: str, level: Level) -> None:
    assert fixed(line) == (after, level)


@pytest.mark.parametrize(
    "line",
    [
        'log.log(event["level"], "late")',
        'log.log(5, "late")',
        'log.log(logging.CRITICAL, "late")',
        'guru.info("{0} {name}", 1, name=2)',
        'guru.info("{:>8}", 1)',
        'sys.stdout.write("no end")',
        'sys.stdout.write("two\\nlines\\n")',
        'sys.stdout.write(event["text"])',
        "traceback.print_exc(limit=2)",
        'print("a", end="")',
    ],
)
def test_left_alone(line: str) -> None:
    assert fixed(line) == (line, None)
