"""Completion in the real shells: commands, options, codes of rules and paths; shells that aren't installed are left
out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from linting import ROOT, run_command
from terminals import Terminal, terminal
from test_readme import blocks

if sys.platform == "win32":
    pytest.skip("no pseudo-terminals", allow_module_level=True)

READY = "ready now"
CASES = (
    ("compl", "completion"),
    ("--col", "--color"),
    ("--color ne", "never"),
    ("--select DUR10", "DUR101", "DUR108"),
    ("--select DUR101,lost-", "DUR101,lost-write"),
    ("--select DUR101,DUR40", "DUR101,DUR402"),
    ("src --ignore no-such,lossy", "no-such,lossy-result"),
    ("explain wall-", "wall-clock-in-workflow"),
    ("--quiet expl", "explain"),
    ("config pypr", "pyproject.toml"),
    ("my-h", "my-handler.py"),
    ("src my-h", "my-handler.py"),
    ("--format sarif --output my-h", "my-handler.py"),
)
"""What is typed, and what the shell then shows."""


def shell(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "bin").mkdir()
    for name in ("my-handler.py", "pyproject.toml"):
        (tmp_path / name).write_text("", "utf-8")
    command = tmp_path / "bin" / "durable-lint"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m durable_lint "$@"\n', "utf-8")
    command.chmod(0o755)
    return tmp_path


def line(name: str) -> str:
    """The line for a start-up file that the README shows."""
    (found,) = [block for block in blocks(name) if "completion" in block]
    return found.strip()


def environment(project: Path) -> dict[str, str]:
    import os

    return {"PATH": f"{project / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(project), "LC_ALL": "C.UTF-8"}


def complete(session: Terminal, typed: str, *shown: str) -> None:
    session.type("\x15\n")
    session.type(f"durable-lint {typed}\t\t")
    session.until(*shown)


def test_bash(project: Path) -> None:
    name = shell("bash")
    with terminal([name, "--norc", "--noprofile", "-i"], project, environment(project)) as session:
        session.type(f"bind 'set bell-style none'; {line('bash')}; echo ready 'now'\n")
        session.until(READY)
        for typed, *shown in CASES:
            complete(session, typed, *shown)
        complete(session, "--select=DUR40", "DUR401", "DUR405")
        complete(session, "--color=alw", "always")


def test_zsh(project: Path) -> None:
    name = shell("zsh")
    with terminal([name, "-f", "-i"], project, environment(project)) as session:
        session.type(f"autoload -U compinit; compinit -u -D; {line('zsh')}; unsetopt beep; echo ready 'now'\n")
        session.until(READY)
        for typed, *shown in CASES:
            complete(session, typed, *shown)
        complete(session, "", "completion", "my-handler.py", "explain")


@pytest.mark.parametrize(("typed", "shown"), [(typed, shown) for typed, *shown in CASES])
def test_fish(project: Path, typed: str, shown: list[str]) -> None:
    name = shell("fish")
    done = subprocess.run(
        [name, "--no-config", "-c", f"{line('fish')}; complete -C 'durable-lint {typed}'"],
        cwd=project,
        env={"PATH": environment(project)["PATH"], "HOME": str(project), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    words = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert done.stderr == ""
    assert set(shown) <= set(words)


def ask(name: str, words: str, folder: Path) -> list[str]:
    asking = {"_DURABLE_LINT_COMPLETE": f"{name}_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = run_command(cwd=folder, environment=asking)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_a_rule_is_not_offered_twice(tmp_path: Path) -> None:
    assert "plain,DUR101,DUR102" in ask("bash", "durable-lint --select DUR101,DUR10", tmp_path)
    assert "plain,DUR101,DUR101" not in ask("bash", "durable-lint --select DUR101,DUR10", tmp_path)


def test_commands_are_offered_only_where_one_can_stand(tmp_path: Path) -> None:
    assert "plain,rules" in ask("bash", "durable-lint ru", tmp_path)
    for words in ("durable-lint check ru", "durable-lint src ru", "durable-lint explain ru"):
        assert "plain,rules" not in ask("bash", words, tmp_path)


def test_what_no_script_asks_is_an_ordinary_run(tmp_path: Path) -> None:
    for asked in ("", "bash", "tcsh_complete", "bash_source"):
        done = run_command("--version", cwd=tmp_path, environment={"_DURABLE_LINT_COMPLETE": asked})
        assert done.stdout.startswith("durable-lint ")


def test_an_unknown_shell_is_wrong_usage(tmp_path: Path) -> None:
    done = run_command("completion", "tcsh", cwd=tmp_path)
    assert done.returncode == 2
    assert "'bash', 'zsh', 'fish'" in done.stderr
