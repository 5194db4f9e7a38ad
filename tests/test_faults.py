"""What the machine does to the real command: streams, disks, memory, signals and processes that fail."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from linting import ROOT, run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="uses /dev/full, /proc, ulimit and fork")

DRIVER = str(ROOT / "tests" / "faulty.py")
APP = """import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    return time.time()
"""
FOUND = "DUR101"
FULL = "No space left on device"
TOO_LARGE = "File too large"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one finding."""
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def shell(
    script: str, *args: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command as ``"$@"`` of a shell script; variables that are given as empty are unset."""
    given = {"NO_COLOR": "1", "PYTHONIOENCODING": "", "FORCE_COLOR": "", **(environment or {})}
    return subprocess.run(
        ["bash", "-c", script, "bash", sys.executable, "-m", "durable_lint", *args],
        cwd=cwd,
        env={name: value for name, value in (os.environ | given).items() if value},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )


def faulty(name: str, action: str, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command, to which something happens when a function is first entered."""
    return run_python(DRIVER, name, action, "--isolated", *args, cwd=cwd)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# Streams

STREAMS = {
    "full stdout": ('"$@" >/dev/full', ("app.py",), 2, f"error: can't write the report: {FULL}"),
    "full stdout, version": ('"$@" >/dev/full', ("--version",), 2, f"error: can't write the report: {FULL}"),
    "full stdout, explain": ('"$@" >/dev/full', ("explain", FOUND), 2, f"error: can't write the report: {FULL}"),
    "full stderr": ('"$@" 2>/dev/full', ("app.py", "gone.py"), 2, ""),
    "closed stdout": ('"$@" >&-', ("app.py",), 1, ""),
    "closed stderr": ('"$@" 2>&-', ("app.py", "gone.py"), 2, ""),
    "all closed": ('"$@" <&- >&- 2>&-', ("app.py",), 1, ""),
    "closed stdin": ('"$@" <&-', ("app.py",), 1, ""),
    "closed stdin that is to be read": ('"$@" <&-', ("-",), 2, "error: '-' stands for standard input, which is closed"),
}


@pytest.mark.parametrize("name", STREAMS)
def test_streams(project: Path, name: str) -> None:
    script, args, status, said = STREAMS[name]
    done = shell(script, *args, cwd=project)
    error = done.stderr.decode()
    assert (done.returncode, error.split("\n")[0]) == (status, said)
    assert "Traceback" not in error
    assert names(project) == ["app.py"]


def test_a_reader_that_leaves(project: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    for _ in range(2):  # the second time from the cache
        command = [sys.executable, "-m", "durable_lint", "app.py"]
        done = subprocess.run(command, cwd=project, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (141, b"")
    os.close(writer)


PLACES: dict[str, tuple[str, dict[str, str], int, str]] = {
    "working directory deleted": (
        'mkdir gone && cd gone && rmdir ../gone && "$@" --isolated',
        {},
        2,
        "error: the working directory doesn't exist any more: change to one that does (usage)",
    ),
    "no home": ('"$@" --isolated', {"HOME": "", "XDG_CACHE_HOME": ""}, 1, ""),
    "home and cache relative": ('"$@" --isolated', {"HOME": "home", "XDG_CACHE_HOME": "cache"}, 1, ""),
    "no folder for temporary files": ('"$@" --isolated --output report', {"TMPDIR": "/nowhere"}, 1, ""),
    "few open files": ('ulimit -n 6; "$@" --isolated --no-cache', {}, 1, ""),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(project: Path, name: str) -> None:
    script, environment, status, said = PLACES[name]
    done = shell(script, cwd=project, environment=environment)
    assert (done.returncode, done.stderr.decode().strip()) == (status, said)
    assert set(names(project)) <= {"app.py", "report"}


def test_a_terminal_that_knows_ascii_only(project: Path) -> None:
    (project / "été.py").write_text(APP.replace("time.time()", "time.time()  # déjà 🕰"), "utf-8")
    for environment in (
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:strict"},
    ):
        for _ in range(2):  # the second time from the cache
            done = shell('"$@" --isolated "été.py"', cwd=project, environment=environment)
            assert (done.returncode, done.stderr) == (1, b"")
            assert b"\\xe9t\\xe9.py:8:12" in done.stdout or b"\\xc3\\xa9t\\xc3\\xa9.py:8:12" in done.stdout
            assert b"# d\\xe9j\\xe0 \\U0001f570" in done.stdout


# Disks and memory

WRITERS = {
    "--output": (("--output", "report"), 2, "error: report: the text report can't be written: "),
    "--fix": (("--fix",), 2, "error: app.py: its fixes were not written: "),
    "add-ignores": (("add-ignores", "--reason", "old"), 2, "error: app.py: its comments were not written: "),
    "baseline": (("baseline",), 2, "error: durable-lint-baseline.json: the baseline was not written: "),
    "graph": (("graph", "app.py", "--output", "picture"), 2, "error: can't write picture: "),
    "init": (("init",), 2, "error: "),
    "cache": (("--cache-dir", "cache"), 1, "warning: cache can't be written: "),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk(project: Path, name: str) -> None:
    args, status, said = WRITERS[name]
    done = shell('ulimit -f 0; "$@"', *args, cwd=project, environment={"HOME": "no-cache", "XDG_CACHE_HOME": ""})
    (line,) = done.stderr.decode().splitlines()
    assert (done.returncode, line[: len(said)]) == (status, said)
    assert TOO_LARGE in line
    assert (project / "app.py").read_text() == APP
    assert [path.name for path in project.rglob("*") if path.is_file() and path.stat().st_size] == ["app.py"]
    assert not list(project.rglob("*.durable-lint"))


SHORT = """
import resource, runpy, sys
import libcst, durable_lint.cli, durable_lint.checks
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 6_000_000, used + 6_000_000))
runpy.run_module("durable_lint", run_name="__main__", alter_sys=True)
"""


def test_short_memory(project: Path) -> None:
    many = [APP.replace("handler", f"handler_{number}") for number in range(3000)]
    for number in range(3):
        (project / f"big{number}.py").write_text("".join(many))
    done = run_python("-c", SHORT, "--isolated", "--no-cache", cwd=project)
    assert done.returncode == 2
    assert re.search("memory|failed to map", done.stderr)
    assert "Traceback" not in done.stderr + done.stdout
    assert "bug" not in done.stderr


def test_a_library_that_cannot_be_loaded(project: Path) -> None:
    broken = project / "site" / "click"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('click.so: failed to map segment')")
    (project / "site" / "libcst").mkdir()
    (project / "site" / "libcst" / "__init__.py").write_text("raise ImportError('native.so: failed to map segment')")
    site = {"PYTHONPATH": str(project / "site")}
    done = run_python("-m", "durable_lint", "rules", cwd=project, environment=site)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: durable-lint can't be loaded: click.so: failed to map segment\n"
    shutil.rmtree(broken)
    done = run_python("-m", "durable_lint", "app.py", cwd=project, environment=site)
    assert done.returncode == 2
    assert done.stderr == "error: durable-lint can't be loaded: native.so: failed to map segment (internal)\n"


# Signals and processes

PHASES = {
    "start": "answer",
    "command line": "understood",
    "looking for files": "discover",
    "reading": "Workspace.take",
    "linking": "Project.link",
    "judging": "Run.judge",
    "forking": "_Hand.hired",
    "waiting for processes": "_Hand.is_heard",
    "writing a report": "_take_on",
    "printing": "print_text",
    "writing the cache": "Cache.save",
}


def run_many(project: Path) -> list[str]:
    """Enough files that it pays to fork."""
    padded = APP + "#" * 3000
    for number in range(25):
        (project / f"app{number}.py").write_text(padded)
    return ["--jobs", "2", "--quiet", "--output", "report", "--cache-dir", "cache", "."]


@pytest.mark.parametrize("phase", PHASES)
def test_ctrl_c_and_sigterm_in_each_phase(project: Path, phase: str) -> None:
    args = run_many(project)
    (project / "report").write_text("old")
    before = names(project)
    ends = [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 143, "ended by SIGTERM\n")]
    for number, status, said in ends if phase in ("waiting for processes", "writing a report") else ends[:1]:
        done = faulty(PHASES[phase], f"os.kill(os.getpid(), {int(number)})", *args, cwd=project)
        assert (done.returncode, done.stderr) == (status, said)
        late = phase in ("printing", "writing the cache")
        assert ((project / "report").read_text() == "old") != late
        left = [name for name in names(project) if name not in (".gitignore", "CACHEDIR.TAG")]
        assert left == before
        (project / "report").write_text("old")


@pytest.mark.parametrize("phase", ["Fixer._fix", "_take_on"])
def test_a_signal_while_fixing_leaves_whole_files(project: Path, phase: str) -> None:
    for number, status in ((signal.SIGINT, 130), (signal.SIGHUP, 129)):
        done = faulty(phase, f"os.kill(os.getpid(), {int(number)})", "--fix", "--no-cache", cwd=project)
        assert (done.returncode, done.stdout) == (status, "")
        assert len(done.stderr.splitlines()) == 1
        assert (names(project), (project / "app.py").read_text()) == (["app.py"], APP)


def test_nohup_is_respected(project: Path) -> None:
    hang_up = "os.kill(os.getpid(), 1)"
    done = subprocess.run(
        ["bash", "-c", "trap '' HUP; \"$@\"", "bash", sys.executable, DRIVER, "Run.judge", hang_up, "--isolated", "."],
        cwd=project, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, b"")
    assert FOUND.encode() in done.stdout


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("child:Run.judge", "os.kill(os.getpid(), 9)"),
        ("child:Run.judge", "raise MemoryError"),
        ("child:Run.judge", "os._exit(0)"),
        ("deal", "os.fork = lambda: (_ for _ in ()).throw(BlockingIOError(11, 'no process'))"),
        ("deal", "os.pipe = lambda: (_ for _ in ()).throw(OSError(24, 'Too many open files'))"),
    ],
    ids=["killed", "memory", "without a word", "no fork", "no pipe"],
)
def test_a_process_that_is_lost_loses_no_finding(project: Path, name: str, action: str) -> None:
    args = ["--format", "json", "--no-cache", *run_many(project)[:2], "."]
    whole = run_python("-m", "durable_lint", "--isolated", *args, cwd=project)
    done = faulty(name, action, *args, cwd=project)
    assert (done.returncode, done.stdout, done.stderr) == (1, whole.stdout, "")
    assert len(json.loads(done.stdout)["diagnostics"]) == 26


# Files that change while they are read


def at_reading(project: Path, action: str, *args: str) -> subprocess.CompletedProcess[str]:
    (project / "other.py").write_text(APP)
    return faulty("Workspace.take", action, "--no-cache", "--format", "concise", "--quiet", *args, cwd=project)


def test_a_file_that_vanishes_before_it_is_read(project: Path) -> None:
    done = at_reading(project, "os.unlink('app.py')")
    assert (done.returncode, done.stderr) == (2, "error: app.py: no such file (missing)\n")
    assert done.stdout.startswith("other.py:8:12: ")


def test_a_file_that_becomes_a_pipe_or_grows_before_it_is_read(project: Path) -> None:
    done = at_reading(project, "os.unlink('app.py'); os.mkfifo('app.py')")
    assert (done.returncode, done.stderr) == (2, "error: app.py: can't be read: not a regular file (unreadable)\n")
    (project / "app.py").unlink()
    (project / "app.py").write_text(APP)
    done = at_reading(project, "os.truncate('app.py', 6_000_000)")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("error: app.py: larger than 5 MB: ")
    assert done.stdout.startswith("other.py:8:12: ")


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("os.unlink('app.py')", "No such file or directory"),
        ("os.unlink('app.py'); os.mkfifo('app.py')", "not a regular file"),
        ("os.unlink('app.py'); os.mkdir('app.py')", "it is a directory"),
        ("open('app.py', 'a').write('# mine')", "it has changed since it was read: run again"),
    ],
    ids=["vanished", "pipe", "folder", "edited"],
)
def test_a_file_that_changes_before_it_is_fixed(project: Path, action: str, reason: str) -> None:
    done = faulty("replace.<locals>.unchanged", action, "--fix", "--no-cache", cwd=project)
    assert (done.returncode, done.stderr) == (2, f"error: app.py: its fixes were not written: {reason} (unwritable)\n")
    assert not list(project.rglob("*.durable-lint"))
    if (project / "app.py").is_file():
        assert (project / "app.py").read_text() == APP + "# mine"


# The record


def test_the_record_of_faults_names_tests_that_exist() -> None:
    record = (ROOT / "benchmarks" / "faults.md").read_text("utf-8")
    named = re.findall(r"^\|.*\| `(test_\w+)` \|$", record, re.MULTILINE)
    texts = [file.read_text("utf-8") for file in (ROOT / "tests").glob("test_*.py")]
    assert len(named) > 40
    assert sorted(set(named) - {name for text in texts for name in re.findall(r"def (test_\w+)", text)}) == []
