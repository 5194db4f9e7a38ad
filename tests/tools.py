"""Runs of other tools, with what pyproject.toml registers for them, whatever is installed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from linting import ROOT

import durable_lint


def needs(module: str) -> pytest.MarkDecorator:
    """Skips where a tool can't be had."""
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"{module} is not installed")


def registered(folder: Path) -> Path:
    """A folder for PYTHONPATH in which this checkout is a distribution with its entry points.

    An environment may hold one that was installed before they were written.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    info = folder / f"durable_lint-{durable_lint.__version__}.dist-info"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: durable-lint\nVersion: {durable_lint.__version__}\n"
    (info / "METADATA").write_text(head, "utf-8")
    groups = {"console_scripts": project["scripts"], **project["entry-points"]}
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items()) for group, names in groups.items()]
    (info / "entry_points.txt").write_text("\n".join(lines), "utf-8")
    return folder


def run_tool(
    module: str, *args: str, cwd: Path, site: Path, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool of Python as a module; ``site`` is what ``registered`` gave."""
    paths = [str(site), str(ROOT), os.environ.get("PYTHONPATH", "")]
    unset = ("DURABLE_LINT_DEBUG", "FORCE_COLOR")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        [sys.executable, "-m", module, *args],
        cwd=cwd,
        env=environment
        | {"NO_COLOR": "1", "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
