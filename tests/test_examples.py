"""The example with faults has exactly the findings of its comments, its twin has none, and the table names them all."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import fixture_files
import pytest
from linting import run_command, run_python

from durable_lint.config import Overrides
from durable_lint.engine import lint_paths
from durable_lint.fixing import fix_paths

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_every_fault_and_nothing_else_is_found() -> None:
    result = lint_paths(["orders"], cwd=EXAMPLES)
    files = sorted((EXAMPLES / "orders").rglob("*.py"))
    complaints = [
        f"{file.name}, {complaint}"
        for file in files
        for complaint in fixture_files.complaints(
            file.read_text(encoding="utf-8"),
            [one for one in result.diagnostics if one.path == file.relative_to(EXAMPLES).as_posix()],
        )
    ]
    assert complaints == []
    assert result.problems == ()
    assert result.files == len(files)


def test_the_corrected_twin_is_clean() -> None:
    result = lint_paths(["orders_fixed"], cwd=EXAMPLES)
    assert (result.diagnostics, result.problems) == ((), ())
    assert result.files == len(list((EXAMPLES / "orders_fixed").rglob("*.py")))


def test_the_table_has_a_row_for_each_finding() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+\.py)` \|.*?\| (DUR\d{3}) \|", text, re.MULTILINE)
    found = [(Path(one.path).name, one.code) for one in lint_paths(["orders"], cwd=EXAMPLES).diagnostics]
    assert Counter(rows) == Counter(found)


def test_the_command_says_it_by_its_exit_status() -> None:
    command = [sys.executable, "-m", "durable_lint", "--format", "concise", "--color", "never"]
    for name, status in (("orders", 1), ("orders_fixed", 0)):
        done = subprocess.run([*command, name], cwd=EXAMPLES, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (status, "")
        assert len(done.stdout.splitlines()) == (12 if status else 0)


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with faults, after ``--fix --fix-level unsafe``."""
    copy = tmp_path_factory.mktemp("example") / "orders"
    shutil.copytree(EXAMPLES / "orders", copy, ignore=shutil.ignore_patterns("__pycache__"))
    done = run_command("--fix", "--fix-level", "unsafe", ".", cwd=copy)
    assert done.returncode == 1
    assert "fixed 12 findings in 6 files" in done.stdout
    return copy


def test_fixes_leave_what_needs_a_person(fixed: Path) -> None:
    result = lint_paths(["."], cwd=fixed)
    assert [one.code for one in result.diagnostics] == ["DUR401"]  # the list is an argument of a decorated step
    assert result.problems == ()


def test_what_is_fixed_by_default_needs_no_look_at_the_meaning() -> None:
    result = fix_paths(["orders"], Overrides(), cwd=EXAMPLES)
    assert {one.level.value for file in result.fixed for one in file.applied} == {"safe", "history"}
    assert sorted(one.code for one in result.diagnostics) == ["DUR106", "DUR301", "DUR401"]


@pytest.mark.parametrize(("project", "status"), [("orders", "FAILED"), ("orders_fixed", "SUCCEEDED")])
def test_the_examples_on_the_test_runner(project: str, status: str) -> None:
    assert ends(EXAMPLES / project) == status


def test_the_fixed_example_on_the_test_runner(fixed: Path) -> None:
    assert ends(fixed) == "SUCCEEDED"


def ends(project: Path) -> str:
    """How an order that waits ends, with stand-ins for AWS and the web."""
    done = run_python(str(Path(__file__).parent / "run_orders.py"), str(project), cwd=project)
    return done.stdout.split()[0] if done.stdout else done.stderr
