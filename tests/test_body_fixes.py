"""The fixes of the rules on bodies: what they write, that they end their finding, and where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixture_files import cases
from linting import case_id, rules_for

from durable_lint import lint_source
from durable_lint.model import Diagnostic, Level

LEVELS = {"DUR303": Level.HISTORY, "DUR304": Level.SAFE, "DUR306": Level.UNSAFE}
MODULE = """\
from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution, durable_step


@durable_step
def refresh(step_context: StepContext, region: str = "eu") -> str:
    return region


@durable_step
def charge(step_context: StepContext, amount: int) -> int:
    return amount


def price(order):
    return len(order)


def ping():
    return 1


def add(left, right):
    return left + right


async def load(order):
    return order


@durable_execution
def handler(event, context: DurableContext):
    return {}
"""


def findings(text: str, code: str) -> list[Diagnostic]:
    result = lint_source(text, "app.py", rules_for(code))
    assert result.problems == ()
    return [one for one in result.diagnostics if one.code == code]


def applied(text: str, diagnostic: Diagnostic) -> str:
    """A text after the fix of one finding."""
    assert diagnostic.fix is not None
    for edit in sorted(diagnostic.fix.edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def fixed(code: str, expression: str) -> str:
    """The expression after the fix of its only finding; empty when there is none."""
    text = MODULE.replace("return {}", f"return {expression}")
    (found,) = findings(text, code)
    if found.fix is None:
        return ""
    assert found.fix.level is LEVELS[code]
    after = applied(text, found)
    assert findings(after, code) == []
    return after.rstrip("\n").rpartition("    return ")[2]


@pytest.mark.parametrize("case", [case for case in cases() if case.parent.name in LEVELS], ids=case_id)
def test_a_fix_ends_its_finding(case: Path) -> None:
    if case.is_dir():
        pytest.skip("the fixes of several modules need a project")
    text = case.read_text("utf-8")
    code = case.parent.name
    before = findings(text, code)
    for one in before:
        if one.fix is not None:
            after = applied(text, one)
            compile(after, case.name, "exec")
            assert len(findings(after, code)) == len(before) - 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('context.step(price(event), name="price")', 'context.step(lambda _: price(event), name="price")'),
        ('context.step(func=price(event), name="p")', 'context.step(func=lambda _: price(event), name="p")'),
        ("context.step(price(event))", 'context.step(lambda _: price(event), name="price")'),
        ('context.step(price(event).real, name="p")', 'context.step(lambda _: price(event).real, name="p")'),
        ("context.step((price(event)), None)", "context.step((lambda _: price(event)), None)"),
        ('context.step(price(_ := event), name="p")', ""),
        ('context.step(load(event), name="p")', ""),
        ('context.step(price(event) + 1, name="p")', ""),
        ('context.run_in_child_context(price(event), name="p")', ""),
    ],
)
def test_an_eager_call_becomes_a_body(before: str, after: str) -> None:
    assert fixed("DUR303", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('context.step(refresh, name="r")', 'context.step(refresh(), name="r")'),
        ('context.step((refresh), name="r")', 'context.step((refresh()), name="r")'),
        ('context.parallel([refresh], name="r")', 'context.parallel([refresh()], name="r")'),
        ('context.step(charge, name="r")', ""),
        ('context.map([1], refresh, name="r")', ""),
    ],
)
def test_an_uncalled_function_is_called(before: str, after: str) -> None:
    assert fixed("DUR304", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('context.step(lambda: 1, name="a")', 'context.step(lambda _: 1, name="a")'),
        ('context.step(lambda : _, name="a")', 'context.step(lambda _context: _, name="a")'),
        (
            'context.map([1], lambda row: row, name="a")',
            'context.map([1], lambda _context, row, _index, _items: row, name="a")',
        ),
        (
            'context.map([1], lambda ctx, row: row, name="a")',
            'context.map([1], lambda ctx, row, _index, _items: row, name="a")',
        ),
        ('context.step(lambda a, b: 1, name="a")', ""),
        ('context.step(lambda event=event: 1, name="a")', ""),
    ],
)
def test_a_lambda_gets_its_parameters(before: str, after: str) -> None:
    assert fixed("DUR306", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('context.step(ping, name="a")', 'context.step(lambda _: ping(), name="a")'),
        ('context.parallel([ping], name="a")', 'context.parallel([lambda _: ping()], name="a")'),
        (
            'context.map([1], price, name="a")',
            'context.map([1], lambda _context, order, _index, _items: price(order), name="a")',
        ),
        ('context.map([1], add, name="a")', ""),
    ],
)
def test_a_function_that_takes_too_little_is_called_in_a_lambda(before: str, after: str) -> None:
    assert fixed("DUR306", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def charge(amount: int)", "def charge(step_context, amount: int)"),
        ("def charge()", "def charge(step_context)"),
        ("def charge(amount: int = 1)", ""),
        ("def handler(event)", "def handler(event, context)"),
    ],
)
def test_a_decorated_function_gets_its_context(before: str, after: str) -> None:
    old = before.partition("(")[0]
    head = next(line for line in MODULE.splitlines() if line.startswith(old)).partition(":\n")[0]
    text = MODULE.replace(head, f"{before}:")
    found = findings(text, "DUR306")
    (one,) = found
    assert (one.fix is None) == (not after)
    assert one.fix is None or f"{after}:" in applied(text, one)


def test_an_eager_call_in_a_variable_becomes_a_body() -> None:
    text = MODULE.replace("return {}", 'body = price(event)\n    return context.step(body, name="p")')
    (found,) = findings(text, "DUR303")
    after = applied(text, found)
    assert "    body = lambda _: price(event)\n" in after
    assert findings(after, "DUR303") == []


@pytest.mark.parametrize("more", ["context.logger.info(body)", "event = {}", "body = 1"])
def test_a_variable_that_is_used_again_stays(more: str) -> None:
    lines = f'body = price(event)\n    {more}\n    return context.step(body, name="p")'
    for found in findings(MODULE.replace("return {}", lines), "DUR303"):
        assert found.fix is None


def test_a_removed_keyword_with_a_comment_stays() -> None:
    head = "from aws_durable_execution_sdk_python.config import MapConfig\n\n"
    (found,) = findings(head + "config = MapConfig(item_batcher=None, max_concurrency=2)\n", "DUR608")
    assert "MapConfig(max_concurrency=2)" in applied(
        head + "config = MapConfig(item_batcher=None, max_concurrency=2)\n", found
    )
    commented = head + "config = MapConfig(\n    max_concurrency=2,  # two\n    item_batcher=None,\n)\n"
    assert [one.fix for one in findings(commented, "DUR608")] == [None]


VALUES = """\
from datetime import timedelta
from enum import Enum
from pathlib import Path

from aws_durable_execution_sdk_python import DurableContext, durable_execution


class Color(Enum):
    RED = "red"


@durable_execution
def handler(event, context: DurableContext):
    BODY
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'return context.step(lambda _: Color(event["c"]), name="a")',
            'return context.step(lambda _: Color(event["c"]).value, name="a")',
        ),
        (
            'return context.step(lambda _: timedelta(1) * 2, name="a")',
            'return context.step(lambda _: (timedelta(1) * 2).total_seconds(), name="a")',
        ),
        (
            'return context.step(lambda _: timedelta(1), name="a").days',
            'return timedelta(seconds=context.step(lambda _: timedelta(1).total_seconds(), name="a")).days',
        ),
        (
            'color = context.step(lambda _: Color.RED, name="a")\n    return color.name',
            'color = Color(context.step(lambda _: Color.RED.value, name="a"))\n    return color.name',
        ),
        (
            'color = context.step(lambda _: Color.RED, name="a")\n    return {"color": color}',
            'color = context.step(lambda _: Color.RED.value, name="a")\n    return {"color": color}',
        ),
        (
            'return context.step(lambda _: Path("a"), name="a").parent.name',
            'return Path(context.step(lambda _: str(Path("a")), name="a")).parent.name',
        ),
        (
            'return context.step(lambda _: {"c": Color.RED}, name="a")["c"].name',
            "",
        ),
    ],
)
def test_a_value_is_recorded_as_what_it_stands_for(before: str, after: str) -> None:
    text = VALUES.replace("BODY", before)
    (found,) = findings(text, "DUR402")
    if found.fix is None:
        assert not after
    else:
        assert applied(text, found).partition("DurableContext):\n    ")[2].rstrip("\n") == after
        assert findings(applied(text, found), "DUR402") == []


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ("return Color.RED", True),
        ("if event:\n            return Color.RED\n        return None", False),
        ("if event:\n            return Color.RED", False),
        ("if event:\n            return Color.RED\n        return Color.RED", True),
    ],
)
def test_a_value_is_made_again_only_where_every_path_gives_it(body: str, fits: bool) -> None:
    lines = f'def pick(_):\n        {body}\n\n    return context.step(pick, name="a").name'
    found = findings(VALUES.replace("BODY", lines), "DUR402")
    assert all((one.fix is not None) == fits for one in found)
    assert found or not fits
