"""Runs of the linter that several test modules share: in this process, or as the real command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from durable_lint import engine
from durable_lint.config import Overrides
from durable_lint.engine import lint_paths
from durable_lint.model import Diagnostic, RunResult

ROOT = Path(__file__).parent.parent


def modules(case: Path) -> list[Path]:
    """The Python files of a fixture: itself, or those of its folder."""
    return [case] if case.is_file() else sorted(case.rglob("*.py"))


def case_id(case: Path) -> str:
    return f"{case.parent.name}/{case.stem}"


def lint(case: Path) -> RunResult:
    """The result for a fixture or a copy of one; paths are relative to the folder that it lies in."""
    return lint_paths([case.name], rules_for(case.parent.name), cwd=case.parent)


def rules_for(code: str) -> Overrides:
    """The default rules, and the one of this code if it is off by default."""
    off = {rule.code for rule in engine.rules() if rule.default is None}
    return Overrides(isolated=True, extend_select=(code,) if code in off else ())


@cache
def result_of(case: Path) -> RunResult:
    """The result for a fixture as it stands."""
    return lint(case)


def found_in(result: RunResult, case: Path, module: Path) -> list[Diagnostic]:
    """The findings in one module of a fixture."""
    path = module.relative_to(case.parent).as_posix()
    return [one for one in result.diagnostics if one.path == path]


def changed_copy(case: Path, folder: Path, change: Callable[[Path, bytes], bytes]) -> Path:
    """A copy of a fixture below ``folder``; ``change`` gives the new bytes of each original module."""
    folder = folder / case.parent.name  # its name is the rule's
    folder.mkdir(exist_ok=True)
    copy = folder / case.name
    if case.is_dir():
        shutil.copytree(case, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for module in modules(case):
        (folder / module.relative_to(case.parent)).write_bytes(change(module, module.read_bytes()))
    return copy


def run_python(*args: str, cwd: Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run this interpreter without what the environment says of colours or debugging, and keep what it printed."""
    unset = ("DURABLE_LINT_DEBUG", "FORCE_COLOR", "PYTHONHASHSEED")
    inherited = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        [sys.executable, *args],
        cwd=cwd,
        env=inherited | {"NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"} | dict(environment or {}),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def run_command(
    *args: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the real command; in CI its coverage is measured too."""
    measured = ["-m", "coverage", "run", "--parallel-mode", f"--rcfile={ROOT / 'pyproject.toml'}"]
    prefix = measured if os.environ.get("COVERAGE_RUN") and "COVERAGE_FILE" in os.environ else []
    return run_python(*prefix, "-m", "durable_lint", *args, cwd=cwd, environment=environment)
