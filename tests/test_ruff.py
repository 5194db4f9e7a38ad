"""The real ruff keeps our codes in ``# noqa`` comments when it is told whose they are, as the README says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from linting import run_command
from test_hosted import HANDLER, HELPERS
from test_readme import blocks

RUFF = shutil.which("ruff", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
pytestmark = pytest.mark.skipif(RUFF is None, reason="ruff is not installed")

SUPPRESSED = HELPERS.replace('d")', 'd")  # noqa: DUR206')


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(HANDLER)
    (tmp_path / "helpers.py").write_text(SUPPRESSED)
    return tmp_path


def ruff(project: Path, *args: str) -> subprocess.CompletedProcess[str]:
    assert RUFF is not None
    command = [RUFF, "check", "--no-cache", "--select", "RUF100,RUF102", *args, "."]
    return subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", timeout=60, check=False)


def test_it_takes_our_codes_out(project: Path) -> None:
    done = ruff(project, "--fix")
    assert (done.returncode, (project / "helpers.py").read_text()) == (0, HELPERS)


def test_it_keeps_them_with_external(project: Path) -> None:
    settings = next(block for block in blocks("toml") if "external" in block)
    (project / "pyproject.toml").write_text(settings)
    done = ruff(project, "--fix")
    assert (done.returncode, (project / "helpers.py").read_text()) == (0, SUPPRESSED)
    (project / "helpers.py").write_text(SUPPRESSED.replace("DUR206", "DUR206, E501"))
    assert ruff(project, "--fix", "--extend-select", "E501").returncode == 0
    assert (project / "helpers.py").read_text() == SUPPRESSED  # its own unused code goes
    assert "DUR206" not in run_command("--format", "concise", ".", cwd=project).stdout
