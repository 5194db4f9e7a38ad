"""Progress on the terminal: what is said of a run, where it is shown, and that nothing of it stays."""

from __future__ import annotations

import contextlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest
from linting import ROOT
from terminals import terminal

from durable_lint import cli, jobs, progress
from durable_lint.report.terminal import clip

needs_terminals = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
HANDLER = """
from aws_durable_execution_sdk_python import DurableContext, durable_execution
import time

@durable_execution
def handler(event: dict, context: DurableContext) -> None:
    context.step(lambda _: None, name=str(time.time()))
"""


class Recorder(progress.Progress):
    """Remembers every state."""

    def __init__(self) -> None:
        self.states: list[str] = []
        super().__init__()

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "now":
            self.states.append(str(self))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app.py").write_text(HANDLER, "utf-8")
    (tmp_path / "other.py").write_text("pass\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recorded(monkeypatch: pytest.MonkeyPatch, *args: str) -> tuple[list[str], list[TextIO | None]]:
    """The states of a run, and the streams on which they were to be shown."""
    recorder, streams = Recorder(), []

    @contextlib.contextmanager
    def record(stream: TextIO | None) -> Iterator[None]:
        streams.append(stream)
        with progress.shown(recorder):
            yield

    monkeypatch.setattr(jobs, "status_line", record)
    cli.main(["--isolated", *args])
    return recorder.states[1:], streams


@pytest.mark.usefixtures("project")
def test_a_run_says_its_phases_and_files(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    states, streams = recorded(monkeypatch, ".")
    assert states == [
        "looking for files",
        "reading 1/2 app.py",
        "reading 2/2 other.py",
        "parsing 1 files",
        "linking 1 modules",
        "checking 1/2 app.py",
        "checking 2/2 other.py",
    ]
    assert streams == [sys.stderr]


@pytest.mark.usefixtures("project")
def test_fixing_says_which_pass_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    states, _ = recorded(monkeypatch, "--fix", ".")
    assert states[1] == "pass 1: reading 1/2 app.py"
    assert "pass 2: checking 2/2 other.py" in states


@pytest.mark.usefixtures("project")
def test_quiet_runs_show_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recorded(monkeypatch, "--quiet", ".")[1] == [None]


def test_without_an_onlooker_nothing_is_counted() -> None:
    items = (number for number in range(3))
    assert progress.over("reading", items, str) is items


# on a terminal

SHOWING = """
import sys, time
from durable_lint import progress, status_line
status_line.DELAY = status_line.EVERY = 0.02
def work():
    with status_line.status_line(sys.stderr):
        for path in progress.over("reading", ["src/app.py", "src/h\\x1b[31m\\n.py", "x" * 300], str):
            time.sleep(0.2)
        progress.phase("linking")
        time.sleep(0.2)
        {ending}
try:
    work()
finally:
    print("the report", file=sys.{stream})
"""
LINE = "\r\x1b[K"


def show(folder: Path, *, ending: str = "", stream: str = "stdout", term: str = "xterm", **streams: int) -> str:
    program = SHOWING.format(ending=ending, stream=stream)
    environment = {"PYTHONPATH": str(ROOT), "TERM": term, "COLUMNS": ""}
    with terminal([sys.executable, "-c", program], folder, environment, width=40, **streams) as session:
        session.finish()
        return session.seen


def left(seen: str) -> str:
    """What is left on the screen: a line that is cleared is gone."""
    return "\n".join(re.split(r"\r?\x1b\[K", line)[-1] for line in seen.replace("\r\n", "\n").split("\n"))


@needs_terminals
def test_the_line_is_shown_and_gone_before_the_report(tmp_path: Path) -> None:
    seen = show(tmp_path)
    for text in ("reading 1/3 src/app.py", r"reading 2/3 src/h\x1b[31m\n.py", "linking"):
        assert LINE + text in seen
    cut = re.search(r"reading 3/3 \.\.\.x+", seen)
    assert cut is not None
    assert len(cut[0]) == 39
    assert left(seen) == "the report\n"


@needs_terminals
def test_the_line_is_gone_after_an_interrupt(tmp_path: Path) -> None:
    seen = show(tmp_path, ending="raise KeyboardInterrupt")
    assert LINE + "linking" in seen
    assert left(seen).startswith("the report\nTraceback")


@needs_terminals
def test_no_line_where_it_could_not_be_cleared(tmp_path: Path) -> None:
    assert show(tmp_path, term="dumb") == "the report\r\n"
    with (tmp_path / "errors").open("wb") as errors:
        assert show(tmp_path, stderr=errors.fileno()) == "the report\r\n"
    assert (tmp_path / "errors").read_bytes() == b""


@needs_terminals
def test_a_piped_report_holds_nothing_of_it(tmp_path: Path) -> None:
    with (tmp_path / "report").open("wb") as report:
        seen = show(tmp_path, stdout=report.fileno())
    assert "reading 1/3" in seen
    assert (tmp_path / "report").read_bytes() == b"the report\n"


@needs_terminals
def test_short_runs_show_none_and_leave_none(project: Path) -> None:
    command = [sys.executable, "-m", "durable_lint", "--isolated", "--color", "never", "."]
    with terminal(command, project, {"PYTHONPATH": str(ROOT)}) as session:
        assert session.finish() == 1
    assert left(session.seen).startswith("app.py:7:")


# clipping


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("reading", 7, "reading"),
        ("reading src/orders/handler.py", 20, "readi...s/handler.py"),
        ("a\nb", 4, r"a\nb"),
        ("日本語日本語", 9, "日...本語"),
        ("abcdef", 3, "..."),
        ("abcdef", 2, ".."),
        ("abcdef", 0, ""),
    ],
)
def test_clip(text: str, width: int, expected: str) -> None:
    assert clip(text, width) == expected
    cells = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in clip(text, width))
    assert cells <= width
