"""Work that is dealt to processes: same answers, and none is lost whatever happens to one of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fixture_files import FIXTURES
from linting import ROOT, run_command

from durable_lint import crew, engine
from durable_lint.config import Overrides
from durable_lint.model import RunResult

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


def pids(share: Sequence[int]) -> tuple[int, list[int]]:
    return os.getpid(), list(share)


@pytest.fixture
def hired(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The processes that a test forks; afterwards none of them is left, not even to be waited for."""
    fork, made = os.fork, list[int]()

    def noted() -> int:
        made.append(fork())
        return made[-1]

    monkeypatch.setattr(os, "fork", noted)
    yield made
    for pid in made:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def test_shares_are_even_and_keep_the_order() -> None:
    sizes = dict.fromkeys("bcefg", crew.PAYS // 10) | {"a": crew.PAYS, "d": crew.PAYS - 1}
    shares = crew.deal(list("abcdefg"), sizes.__getitem__, 2)
    assert sorted(letter for share in shares for letter in share) == list("abcdefg")
    assert all(share == sorted(share) for share in shares)
    assert {"a", "d"} & set(shares[0]) and {"a", "d"} & set(shares[1])
    assert crew.deal([1, 2], lambda item: item * crew.PAYS, 5) == [[2], [1]]
    assert crew.deal([], len, 3) == []


def test_small_files_are_not_dealt() -> None:
    assert crew.deal([1, 2, 3], lambda item: item, 3) == [[1, 2, 3]]
    assert crew.deal([1, 2, 3], lambda item: item * crew.PAYS // 6, 3) == [[3], [2], [1]]


@needs_fork
def test_each_share_but_the_first_has_a_process_of_its_own(hired: list[int]) -> None:
    answers = crew.work([[1, 2], [3], [4]], pids)
    assert [items for _, items in answers] == [[1, 2], [3], [4]]
    assert answers[0][0] == os.getpid()
    assert [pid for pid, _ in answers[1:]] == hired


@needs_fork
def test_long_answers_don_t_block() -> None:
    assert [len(answer) for answer in crew.work([[1], [2], [3]], lambda share: b"x" * 3_000_000)] == [3_000_000] * 3


@needs_fork
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_process_leaves_is_done_here(hired: list[int], number: int) -> None:
    here = os.getpid()

    def doing(share: Sequence[int]) -> list[int]:
        if os.getpid() != here and 3 in share:
            os.kill(os.getpid(), number)
        return [item * 10 for item in share]

    assert crew.work([[1], [3], [2]], doing) == [[10], [30], [20]]
    assert len(hired) == 2


@needs_fork
def test_an_error_is_raised_here(hired: list[int]) -> None:
    def failing(share: Sequence[int]) -> int:
        return 1 // (share[0] - 3)

    with pytest.raises(ZeroDivisionError):
        crew.work([[1], [3], [2]], failing)
    assert len(hired) == 2


@needs_fork
def test_an_interrupt_leaves_no_process(hired: list[int]) -> None:
    here = os.getpid()

    def interrupted(share: Sequence[int]) -> int:
        if os.getpid() == here:
            raise KeyboardInterrupt
        signal.pause()
        return 0

    with pytest.raises(KeyboardInterrupt):
        crew.work([[1], [2], [3]], interrupted)
    assert len(hired) == 2


def whole(workers: int) -> RunResult:
    return engine.lint_paths(["."], Overrides(isolated=True), cwd=FIXTURES, workers=workers)


@needs_fork
def test_the_number_of_processes_changes_nothing() -> None:
    alone = whole(1)
    assert len(alone.diagnostics) > 400
    assert [whole(workers) == alone for workers in (2, 5)] == [True, True]


@needs_fork
def test_what_processes_asked_is_known_to_the_cache(tmp_path: Path) -> None:
    project = tmp_path / "project"
    subprocess.run(["cp", "-r", FIXTURES / "DUR201", project], check=True)
    words = ("--cache-dir", str(tmp_path / "cache"), "--format", "json", "--select", "ALL", "--jobs")
    first = run_command(*words, "3", cwd=project)
    assert (first.returncode, first.stderr) == (1, "")
    assert run_command(*words, "1", cwd=project).stdout == first.stdout
    for file in sorted(project.rglob("*.py"))[::7]:
        file.write_text("import time\n" + file.read_text())
    changed = run_command(*words, "3", cwd=project).stdout
    assert changed == run_command("--no-cache", "--format", "json", "--select", "ALL", "-j1", cwd=project).stdout
    assert changed != first.stdout


def test_the_number_of_processes_must_be_one_at_least() -> None:
    done = run_command("--jobs", "0", "examples", cwd=ROOT)
    assert done.returncode == 2
    assert "--jobs" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="counts the cores that Linux lets a process use")
def test_as_many_processes_as_cores() -> None:
    assert crew.size() == len(os.sched_getaffinity(0))
