"""``--watch``: what starts another run, what is printed, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from linting import ROOT, run_command
from terminals import terminal

from durable_lint import checking, cli
from durable_lint.commands import watch

HANDLER = """
from aws_durable_execution_sdk_python import DurableContext, durable_execution
from helpers import stamp

@durable_execution
def handler(event: dict, context: DurableContext) -> None:
    name = stamp()
    context.step(lambda _: None, name=name)
"""
PURE = "def stamp() -> str:\n    return 'fixed'\n"
IMPURE = "import time\n\ndef stamp() -> str:\n    return str(time.time())\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(HANDLER, "utf-8")
    (tmp_path / "src" / "helpers.py").write_text(PURE, "utf-8")
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    return tmp_path


class Watched:
    """The command, its output read from a pipe."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    def until(self, text: str) -> str:
        """The lines up to the one that holds a text."""
        assert self.process.stdout is not None
        start = len(self.lines)
        for line in self.process.stdout:
            self.lines.append(line)
            if text in line:
                return "".join(self.lines[start:])
        raise AssertionError(f"it ended without {text!r}: {''.join(self.lines[start:])}")


@contextmanager
def watching(project: Path, *args: str) -> Iterator[Watched]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "durable_lint", "--watch", *args],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    alarm = threading.Timer(40, process.kill)
    alarm.start()
    with process:
        try:
            yield Watched(process)
        finally:
            alarm.cancel()
            process.kill()


def test_a_change_of_code_or_settings_is_checked(project: Path) -> None:
    with watching(project, "src/app.py") as run:
        assert "no findings in 1 file\n" in run.until("watching 3 files")
        (project / "src" / "helpers.py").write_text(IMPURE, "utf-8")
        assert "src/helpers.py changed\n" in run.until("DUR502")
        run.until("watching")
        (project / "pyproject.toml").write_text('[tool.durable-lint]\nignore = ["DUR5", "DUR1"]\n', "utf-8")
        assert "pyproject.toml changed\n" in run.until("no findings in 1 file")
        run.until("watching")
        (project / "pyproject.toml").write_text("[tool.durable-lint]\nignor = []\n", "utf-8")
        run.until('no setting "ignor"')
        run.until("watching")
        (project / "pyproject.toml").unlink()
        run.until("DUR502")
        run.until("watching")
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(20) == 0
    assert "\x1b" not in "".join(run.lines)


def test_new_and_removed_files_are_noticed(project: Path) -> None:
    with watching(project) as run:
        run.until("watching")
        (project / "src" / "later").mkdir()
        (project / "src" / "later" / "one.py").write_text("x = (\n", "utf-8")
        (project / "src" / "later" / "two.py").write_text(HANDLER + ")", "utf-8")
        seen = run.until("watching")
        assert "src/later/one.py, src/later/two.py changed\n" in seen
        assert "two.py:9: " in seen
        (project / "src" / "later" / "two.py").unlink()
        assert "no findings in 3 files" in run.until("watching")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_the_screen_is_cleared_on_a_terminal(project: Path) -> None:
    command = [sys.executable, "-m", "durable_lint", "--watch", "src"]
    with terminal(command, project, {"PYTHONPATH": str(ROOT)}) as session:
        first = session.until("Ctrl-C ends")
        assert first.startswith("\x1b[2J")
        (project / "src" / "helpers.py").write_text(IMPURE, "utf-8")
        seen = session.until("DUR502", "Ctrl-C ends")
        assert seen.index("helpers.py changed") < seen.index("\x1b[2J") < seen.index("DUR502")
        session.interrupt()
        assert session.finish() == 0
        assert "Traceback" not in session.seen


@pytest.mark.parametrize("args", [("--fix",), ("--fix-only", "."), ("--diff",), ("-",)])
def test_what_cannot_be_watched_is_wrong_usage(project: Path, args: tuple[str, ...]) -> None:
    done = run_command("--watch", *args, cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--watch" in done.stderr


def test_an_interrupt_in_the_middle_of_a_run_is_one(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(project)
    monkeypatch.setattr(checking, "lint_files", interrupted)
    assert cli.main(["--watch"]) == 130


# what is looked at


def look(cwd: Path, *paths: str) -> set[str]:
    return {Path(path).relative_to(cwd).as_posix() for path in watch.Files(cwd, paths, ["other.cfg"]).look()}


def test_the_files_of_the_project_that_matter(project: Path) -> None:
    for name in ("data.csv", "uv.lock", "requirements-dev.txt", "other.cfg", ".gitignore"):
        (project / name).write_text("", "utf-8")
    for folder in (".venv", "node_modules", "env", "tests"):
        (project / folder).mkdir()
        (project / folder / "one.py").write_text("", "utf-8")
    (project / "env" / "pyvenv.cfg").write_text("", "utf-8")
    expected = {"src/app.py", "src/helpers.py", "tests/one.py", "pyproject.toml"}
    expected |= {"uv.lock", "requirements-dev.txt", "other.cfg", ".gitignore"}
    assert look(project, ".") == look(project, "src") == look(project, "src/app.py", "tests") == expected


def test_settings_above_the_project_matter_but_not_the_files_there(project: Path) -> None:
    inner = project / "src" / "inner"
    inner.mkdir()
    (inner / "durable-lint.toml").write_text("", "utf-8")
    found = {Path(path).relative_to(project).as_posix() for path in watch.Files(project, ["src/inner"], []).look()}
    assert found == {"src/inner/durable-lint.toml", "pyproject.toml"}


def test_links_in_a_circle_are_followed_once(project: Path) -> None:
    (project / "src" / "again").symlink_to(project / "src")
    (project / "src" / "gone.py").symlink_to(project / "nowhere.py")
    assert len(look(project, ".")) == 3


def test_changes_are_collected_until_all_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    states = [{"a": (number, 0, 0)} for number in (0, 0, 1, 2, 2, 3)]
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    class Looked(watch.Files):
        def __init__(self) -> None:
            self.left = list(states)

        def look(self) -> watch.States:
            return self.left.pop(0)

    assert watch._changed(Looked(), {"a": (0, 0, 0)}) == {"a": (2, 0, 0)}
