"""The real pylint, with the checkers that the README says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from linting import ROOT
from test_hosted import HANDLER, HELPERS
from test_readme import blocks
from tools import needs, run_tool

from durable_lint.engine import lint_paths

pytestmark = needs("pylint")
ONLY = ("--disable=all", "--enable=durable-lint")
LINE = re.compile(r"^(\S+\.py):(\d+):(\d+): ([EW])9(\d{3}): (.*) \((\S+)\)$", re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    settings = next(block for block in blocks("toml") if "pylint" in block)
    (tmp_path / "pyproject.toml").write_text(settings)
    (tmp_path / "app.py").write_text(HANDLER)
    (tmp_path / "helpers.py").write_text(HELPERS)
    return tmp_path


def pylint(cwd: Path, *args: str, stdin: str | None = None) -> list[tuple[str, int, int, str]]:
    """Path, line, column and code of our messages; their letter and symbol are checked."""
    done = run_tool("pylint", *args, cwd=cwd, site=ROOT, stdin=stdin)
    assert done.stderr == ""
    return sorted(
        (path, int(line), int(column), f"DUR{code}") for path, line, column, _, code, _, _ in LINE.findall(done.stdout)
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_example_gets_what_the_command_finds(project: Path, jobs: str) -> None:
    shutil.copytree(ROOT / "examples" / "orders" / "src", project / "src")
    expected = sorted(
        (one.path, one.line, one.column - 1, one.code) for one in lint_paths(["."], cwd=project).diagnostics
    )
    assert pylint(project, *ONLY, "-j", jobs, "src", "app.py", "helpers.py") == expected
    assert len(expected) == 14


def test_messages_have_symbols_and_the_letter_of_the_default_severity(project: Path) -> None:
    done = run_tool("pylint", *ONLY, "app.py", "helpers.py", cwd=project, site=ROOT)
    said = {(letter, code, symbol) for _, _, _, letter, code, _, symbol in LINE.findall(done.stdout)}
    assert said == {("E", "101", "wall-clock-in-workflow"), ("W", "206", "print-in-workflow")}
    assert " -> helpers.py:5:12 now: time.time" in done.stdout


def test_disabling(project: Path) -> None:
    both = [("app.py", 8, 26, "DUR101"), ("helpers.py", 9, 4, "DUR206")]
    assert pylint(project, *ONLY, "app.py", "helpers.py") == both
    assert pylint(project, *ONLY, "--disable=print-in-workflow", "app.py", "helpers.py") == both[:1]
    (project / "app.py").write_text(HANDLER.replace("now())", "now())  # pylint: disable=wall-clock-in-workflow"))
    (project / "helpers.py").write_text(HELPERS.replace('d")', 'd")  # noqa: DUR206'))
    assert pylint(project, *ONLY, "app.py", "helpers.py") == []


def test_standard_input(project: Path) -> None:
    assert pylint(project, *ONLY, "--from-stdin", "helpers.py", stdin="#\n" + HELPERS) == [
        ("helpers.py", 10, 4, "DUR206")
    ]


def test_problems_are_messages(project: Path) -> None:
    (project / "durable-lint.toml").write_text("selekt = []\n")
    assert pylint(project, *ONLY, "app.py") == [("app.py", 1, 0, "DUR000")]
