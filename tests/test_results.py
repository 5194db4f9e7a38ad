"""Values that the SDK keeps: the fixes of DUR402, and that the data on types is read strictly."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from fixture_files import cases
from linting import case_id, result_of, rules_for

from durable_lint.fixing import lint_source
from durable_lint.knowledge import rules_dir, types
from durable_lint.knowledge.types import Spec, TypesError
from durable_lint.model import Diagnostic

HEAD = """\
from collections import deque
from dataclasses import dataclass

from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution, durable_step


@dataclass
class Line:
    sku: str


@dataclass
class Cart:
    lines: list[Line]


@dataclass
class Tagged:
    tags: set[str]

"""
STEP = """
@durable_step
def body(step_context: StepContext, rows):
    {code}


@durable_execution
def handler(event: dict, context: DurableContext) -> None:
    context.step(body(event["rows"]))
"""


def applied(text: str, diagnostic: Diagnostic) -> str:
    """A text after the fix of one finding."""
    assert diagnostic.fix is not None
    for edit in sorted(diagnostic.fix.edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def findings(text: str) -> list[Diagnostic]:
    result = lint_source(text, "app.py", rules_for("DUR402"))
    assert result.problems == ()
    return [one for one in result.diagnostics if one.code == "DUR402"]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("return set(rows)", "return sorted(set(rows))"),
        ("return {1, None}", "return list({1, None})"),
        ("return (row for row in rows)", "return list(row for row in rows)"),
        ("return deque(rows)  # why", "return list(deque(rows))  # why"),
        ("return {'a': rows, 'b': {*rows}}", "return {'a': rows, 'b': sorted({*rows})}"),
        ("return [Line(row) for row in rows]", "return [asdict(Line(row)) for row in rows]"),
        ("return Cart([Line(row) for row in rows])", "return asdict(Cart([Line(row) for row in rows]))"),
        ("return (1, range(3))", "return (1, list(range(3)))"),
        ("return Line('a'), {1}", "return asdict(Line('a')), sorted({1})"),
        ("return {1} if rows else {2}", "return sorted({1} if rows else {2})"),
        ("found = {1}\n    return found", "found = {1}\n    return sorted(found)"),
    ],
)
def test_it_makes_the_value_plain(code: str, wanted: str) -> None:
    text = HEAD + STEP.format(code=code)
    (found,) = findings(text)
    after = applied(text, found)
    assert wanted in after
    assert ("import asdict, dataclass" in after) == ("asdict(" in wanted)
    assert findings(after) == []


@pytest.mark.parametrize(
    "code",
    [
        "return Tagged(set(rows))",
        "return {1} if rows else None",
        "return {Line('a')}",
        "sorted = list\n    return {*rows}",
        "found = [Line(row) for row in rows]\n    return found",
        "return lambda: 1",
        "return complex(1, 2)",
    ],
)
def test_it_leaves_what_it_can_not_make_plain(code: str) -> None:
    (found,) = findings(HEAD + STEP.format(code=code))
    assert found.fix is None


@pytest.mark.parametrize("case", [case for case in cases() if case.parent.name == "DUR402"], ids=case_id)
def test_a_fix_ends_its_finding_and_brings_no_other(case: Path) -> None:
    if case.is_dir():
        pytest.skip("fixes of several modules are tested by hand")
    text = case.read_text("utf-8")
    before = Counter(one.code for one in result_of(case).diagnostics)
    for diagnostic in result_of(case).diagnostics:
        if diagnostic.code == "DUR402" and diagnostic.fix is not None:
            after = applied(text, diagnostic)
            ast.parse(after)
            result = lint_source(after, case.name, rules_for("DUR402"))
            assert result.problems == ()
            now = Counter(one.code for one in result.diagnostics)
            assert now["DUR402"] < before["DUR402"]
            assert not now - before


def test_types_are_read() -> None:
    assert types.parse("*dict{a = list[str], b = int}") == Spec(
        "dict", (("a", Spec("list", ((None, Spec("str")),))), ("b", Spec("int"))), True
    )
    known = types.load()
    assert known.lineage("enum.IntFlag") == ("enum.IntFlag", "int")
    assert known.name("builtins.KeyError") == "exception"
    assert known.name("typing.Any") == ""


@pytest.mark.parametrize("text", ["", "list[", "dict{a}", "dict{a = }", "list[str]]", "a b", "list[str"])
def test_a_type_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(TypesError):
        types.parse(text)


@pytest.mark.parametrize(
    ("wrong", "said"), [("[extra]\na = 1\n", "unknown table 'extra'"), ('[methods.nothing]\na = "str"\n', "'nothing'")]
)
def test_the_file_is_read_strictly(tmp_path: Path, wrong: str, said: str) -> None:
    text = (rules_dir() / "types.toml").read_text("utf-8")
    (tmp_path / "types.toml").write_text(f"{text}\n{wrong}", "utf-8")
    with pytest.raises(TypesError, match=said):
        types.load(tmp_path)
