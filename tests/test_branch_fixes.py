"""The fixes of the rules on try, with, closures and batches: what they write, and that they end the finding."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from fixture_files import cases
from linting import case_id, result_of, rules_for

from durable_lint import lint_source
from durable_lint.model import Diagnostic

FIXED = ("DUR307", "DUR309", "DUR311", "DUR314")
IMPORTS = """\
from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration
"""


def applied(text: str, diagnostic: Diagnostic) -> str:
    """A text after the fix of one finding."""
    assert diagnostic.fix is not None
    for edit in sorted(diagnostic.fix.edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def findings(text: str, code: str) -> list[Diagnostic]:
    result = lint_source(text, "app.py", rules_for(code))
    assert result.problems == ()
    return [one for one in result.diagnostics if one.code == code]


def body(code: str, indent: int = 4) -> str:
    """A handler with this body."""
    lines = [" " * indent + line if line else "" for line in code.strip("\n").split("\n")]
    return "\n".join([IMPORTS, "", "@durable_execution", "def handler(event, context: DurableContext):", *lines, ""])


def fixed(code: str, rule: str) -> str:
    """The only finding's text after its fix, dedented; empty when there is no fix."""
    text = body(code)
    found = findings(text, rule)
    assert len(found) == 1
    if found[0].fix is None:
        return ""
    after = applied(text, found[0])
    assert findings(after, rule) == []
    start = after.index("def handler")
    lines = after[after.index("\n", start) + 1 :].rstrip("\n").split("\n")
    return "\n".join(line[4:] for line in lines)


@pytest.mark.parametrize("case", [case for case in cases() if case.parent.name in FIXED], ids=case_id)
def test_a_fix_ends_its_finding_and_brings_no_other(case: Path) -> None:
    if case.is_dir():
        pytest.skip("fixes of several modules are tested by hand")
    text, code = case.read_text("utf-8"), case.parent.name
    before = Counter(one.code for one in result_of(case).diagnostics)
    for diagnostic in result_of(case).diagnostics:
        if diagnostic.code == code and diagnostic.fix is not None:
            after = applied(text, diagnostic)
            ast.parse(after)
            result = lint_source(after, case.name, rules_for(code))
            assert result.problems == ()
            now = Counter(one.code for one in result.diagnostics)
            assert now[code] < before[code]
            assert not now - before


BRANCHES = """
branches = []
for item in event["items"]:
    text = f"work on {{item}}"
    branches.append({closure})
return context.parallel(branches, name="all")
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('lambda c: c.step(lambda _: item, name="a")', 'lambda c, item=item: c.step(lambda _: item, name="a")'),
        (
            'lambda c: c.step(lambda _: (text, item), name="a")',
            'lambda c, item=item, text=text: c.step(lambda _: (text, item), name="a")',
        ),
        ("lambda *args: (args, item)", "lambda *args, item=item: (args, item)"),
        ("lambda c, **more: (c, item)", "lambda c, item=item, **more: (c, item)"),
        ("lambda c, *, more=1: (c, item)", "lambda c, *, more=1, item=item: (c, item)"),
        ("lambda c, second=(1): (c, item)", "lambda c, second=(1), *, item=item: (c, item)"),
        ("lambda: item", "lambda *, item=item: item"),
    ],
)
def test_a_closure_gets_a_default(before: str, after: str) -> None:
    assert fixed(BRANCHES.format(closure=before), "DUR311") == BRANCHES.format(closure=after).strip("\n")


def test_a_body_of_several_arguments_gets_a_default_by_keyword() -> None:
    code = """
bodies = []
for factor in event["factors"]:
    bodies.append(lambda c, row, index, rows: c.step(lambda _: row * factor, name="scale"))
return [context.map(event["rows"], one, name=f"scale-{i}") for i, one in enumerate(bodies)]
"""
    assert "lambda c, row, index, rows, *, factor=factor: " in fixed(code, "DUR311")


def test_a_name_that_is_bound_below_the_closure_has_no_fix() -> None:
    code = """
branches = []
for item in event["items"]:
    branches.append(lambda c: c.step(lambda _: text, name="work"))
    text = item.upper()
return context.parallel(branches, name="all")
"""
    assert fixed(code, "DUR311") == ""


WAIT = """
try:
    context.wait(Duration.from_hours(1), name="hold")
{clauses}
return "done"
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("except:  # all\n    pass", "except Exception:  # all\n    pass"),
        ("except BaseException as error:\n    print(error)", "except Exception as error:\n    print(error)"),
        ("except (BaseException):\n    pass", "except (Exception):\n    pass"),
        ("except (KeyError, BaseException) as e:\n    pass", "except (KeyError, Exception) as e:\n    pass"),
        (
            "except KeyError:\n    raise\nexcept BaseException:\n    pass",
            "except KeyError:\n    raise\nexcept Exception:\n    pass",
        ),
        ("except Exception:\n    raise\nexcept:\n    pass", ""),
        ("except BaseException:\n    pass\nexcept Exception:\n    raise", ""),
        ("except (Exception, BaseException):\n    pass", ""),
        ("finally:\n    return 1", ""),
    ],
)
def test_a_broad_clause_catches_exception(before: str, after: str) -> None:
    assert fixed(WAIT.format(clauses=before), "DUR307") == (WAIT.format(clauses=after).strip("\n") if after else "")


def test_suppress_suppresses_exception() -> None:
    code = """
import contextlib as c
with open("f") as f, c.suppress(KeyError, BaseException):
    context.wait(Duration.from_hours(1), name="hold")
"""
    assert fixed(code, "DUR307") == code.strip("\n").replace("BaseException", "Exception")


def test_no_name_is_used_that_means_something_else() -> None:
    assert fixed("Exception = KeyError\n" + WAIT.format(clauses="except:\n    pass"), "DUR307") == ""


def test_a_clause_for_the_suspension_itself_has_no_fix() -> None:
    clauses = "except SuspendExecution:\n    pass"
    code = "from aws_durable_execution_sdk_python.exceptions import SuspendExecution" + WAIT.format(clauses=clauses)
    assert fixed(code, "DUR307") == ""


STEP = """
try:
    return context.step(lambda _: 1, name="work")
{clause}
    return 0
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("except ValueError:", "except StepError:"),
        ("except (KeyError, OSError) as error:  # why", "except StepError as error:  # why"),
        ("except StepError:\n    raise\nexcept ValueError:", ""),
        ("except ValueError:\n    raise\nexcept Exception:", ""),
    ],
)
def test_a_clause_catches_the_class_of_the_sdk(before: str, after: str) -> None:
    text = body(STEP.format(clause=before)).replace("import DurableContext,", "import DurableContext, StepError,")
    found = findings(text, "DUR309")
    assert len(found) == 1
    assert (found[0].fix is not None) == bool(after)
    if after:
        wanted = body(STEP.format(clause=after)).replace("import DurableContext,", "import DurableContext, StepError,")
        assert applied(text, found[0]) == wanted


def test_the_class_is_imported_and_covers_several_operations() -> None:
    code = """
try:
    context.step(lambda _: 1, name="work")
    return context.invoke("reports:live", {}, name="report")
except ValueError:
    return 0
"""
    text = body(code)
    after = applied(text, findings(text, "DUR309")[0])
    assert "except DurableOperationError:" in after
    assert "import DurableContext, DurableOperationError, durable_execution" in after
    assert findings(after, "DUR309") == []


MAP = """
batch = context.map([1, 2], lambda c, x, i, xs: c.step(lambda _: x, name="one"), name="all")
{use}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return batch.get_results()", "batch.throw_if_error()\nreturn batch.get_results()"),
        (
            "if event:\n    # each\n    for one in batch.get_results():\n        pass",
            "if event:\n    # each\n    batch.throw_if_error()\n    for one in batch.get_results():\n        pass",
        ),
        (
            "return [\n    *batch.get_results(),\n    1,\n]",
            "batch.throw_if_error()\nreturn [\n    *batch.get_results(),\n    1,\n]",
        ),
        ("if event: return batch.get_results()", ""),
        ("if (batch := context.map([1], print, name='n')) and batch.get_results():\n    pass", ""),
        ("text = 1; return batch.get_results()", ""),
        ("return context.step(lambda _: sum(batch.get_results()), name='sum')", ""),
        ("while batch.get_results():\n    break", ""),
        ("if event:\n    pass\nelif batch.get_results():\n    pass", ""),
    ],
)
def test_a_batch_is_asked_before_its_results_are_taken(before: str, after: str) -> None:
    assert fixed(MAP.format(use=before), "DUR314") == (MAP.format(use=after).strip("\n") if after else "")


def test_only_one_of_two_clauses_catches_the_class_of_the_sdk() -> None:
    text = body(STEP.format(clause="except ValueError:\n    raise\nexcept OSError:"))
    assert [one.fix is not None for one in findings(text, "DUR309")] == [True, False]
