"""The example with faults has exactly the findings of its comments, its twin has none, and the table names them all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import fixture_files

from durable_lint.engine import lint_paths

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
