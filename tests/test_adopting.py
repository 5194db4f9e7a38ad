"""What the README says about old code bases, run as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from linting import ROOT, run_command
from test_since import APP, CLOCK, git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def shown() -> list[str]:
    """The commands of the README's section."""
    section = (ROOT / "README.md").read_text("utf-8").split("\n## Adopt it")[1].split("\n## ")[0]
    lines = [line for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL) for line in block.splitlines()]
    return [line for line in lines if line.strip()]


STATUS = {"--diff-from": 0, "--diff": 1}


def test_the_commands_of_the_readme(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "app.py").write_text(APP, "utf-8")
    (tmp_path / "clock.py").write_text(CLOCK, "utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "old code")
    for line in shown():
        program, *words = shlex.split(line, comments=True)
        assert program == "durable-lint"
        done = run_command(*words, cwd=tmp_path)
        expected = next((status for option, status in STATUS.items() if option in words), 0)
        assert (done.returncode, "error:" in done.stderr) == (expected, False), (line, done.stdout, done.stderr)
    assert run_command(cwd=tmp_path).stdout == "no findings in 2 files\n"
