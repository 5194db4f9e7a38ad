"""The dialects of articles: what holds for all of their fixtures, and what makes a file one of theirs."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from fixture_files import cases, labels
from linting import case_id, modules, result_of

from durable_lint import lint_paths, lint_source
from durable_lint.knowledge import profile_tables

DIALECTS = [case for case in cases() if "dialect" in case.name]
FOREIGN = re.compile(
    r"\bcontext\.|\bDurableContext|\bDuration\b|durable_execution|durable_step|run_in_child_context|\bparallel\b"
    r"|\bmap\b|\bStepError|is_replaying|wait_for_|aws_durable",
    re.IGNORECASE,
)


@pytest.mark.parametrize("kind", ["context", "async"])
def test_many_rules_work_in_each(kind: str) -> None:
    found = defaultdict(set)
    for case in DIALECTS:
        for module in modules(case):
            for _, code in labels(module.read_text("utf-8")).expected:
                found["async" if "_async" in case.stem else "context"].add(code)
    assert len(found[kind]) >= 15


def test_there_is_innocent_code_of_both() -> None:
    innocent = [case for case in DIALECTS if case.stem.startswith("ok_")]
    assert len(innocent) >= 5
    assert [case_id(case) for case in innocent if result_of(case).diagnostics] == []


@pytest.mark.parametrize("case", DIALECTS, ids=case_id)
def test_nothing_is_said_of_another_sdk(case: Path) -> None:
    text = "".join(module.read_text("utf-8") for module in modules(case))
    said = [hop.message for one in result_of(case).diagnostics for hop in one.related]
    said += [one.message for one in result_of(case).diagnostics]
    said += [one.fix.title for one in result_of(case).diagnostics if one.fix is not None]
    said += [edit.text for one in result_of(case).diagnostics if one.fix is not None for edit in one.fix.edits]
    wrong = [(found[0], message) for message in said for found in FOREIGN.finditer(message)]
    assert [message for word, message in wrong if word not in text] == []


@pytest.mark.parametrize("case", DIALECTS, ids=case_id)
def test_no_fix_adds_operations_there(case: Path) -> None:
    texts = [e.text for one in result_of(case).diagnostics if one.fix is not None for e in one.fix.edits]
    assert [text for text in texts if re.search(r"\b(step|wait|map|parallel)\(", text)] == []


def test_the_import_decides(tmp_path: Path) -> None:
    body = "import time\n{}\n\n\n@durable\nasync def workflow(event, context):\n    return time.time()\n"
    assert [one.code for one in lint_source(body.format("from aws_lambda_durable import durable")).diagnostics] == [
        "DUR101"
    ]
    for other in ("from durables import durable", "from .aws_lambda_durable import durable  # aws_lambda_durable"):
        assert lint_source(body.format(other)).diagnostics == ()
    (tmp_path / "flow.py").write_text(body.format("from sdk import durable  # aws_lambda_durable"))
    (tmp_path / "sdk.py").write_text("from aws_lambda_durable import *\n")
    assert [one.path for one in lint_paths(["."], cwd=tmp_path).diagnostics] == ["flow.py"]


def test_a_shim_in_the_project_is_not_followed(tmp_path: Path) -> None:
    """Who runs an article's example has to write the module; it is what the profile says, not what is in it."""
    shim = "import time\n\n\ndef durable(f):\n    return f\n\n\nasync def step(name, fn, *args):\n    time.sleep(1)\n"
    (tmp_path / "aws_lambda_durable.py").write_text(
        shim + "    return fn(*args)\n\n\ndef tick():\n    return time.time()\n"
    )
    (tmp_path / "flow.py").write_text(
        "from aws_lambda_durable import durable, step, tick\n\n\n@durable\nasync def flow(event, context):\n"
        "    await step('tick', tick)\n    return await step('again', print, tick())\n"
    )
    assert [(one.path, one.line, one.code) for one in lint_paths(["."], cwd=tmp_path).diagnostics] == [
        ("flow.py", 7, "DUR101")
    ]


def test_a_profile_that_is_not_in_the_settings_is_not_used(tmp_path: Path) -> None:
    text = "import time\nfrom aws_lambda_durable import durable\n\n\n@durable\nasync def f(e, c):\n    time.time()\n"
    (tmp_path / "f.py").write_text(text)
    (tmp_path / "durable-lint.toml").write_text('profiles = ["aws-durable-execution"]')
    assert lint_paths(["."], cwd=tmp_path).diagnostics == ()


def test_one_package_may_have_two_profiles() -> None:
    shared = [one.id for one in profile_tables.load() if one.roots == ("aws_lambda_durable",)]
    assert shared == ["aws-lambda-durable-async", "aws-lambda-durable-context"]
