"""Files that nobody writes by accident, through the real command: never opened, never waited for, never silently left
out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from linting import run_command
from test_faults import APP

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="makes pipes, sockets and links")

HEAD = "[tool.durable-lint]\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one finding."""
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def lint(*args: str, cwd: Path) -> tuple[int, str, str]:
    """The exit status, the findings in short, and what is said."""
    done = run_command("--no-cache", "--quiet", "--format", "concise", *args, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


FOUND = "app.py:8:12: warning DUR101 time.time() in workflow code: a replay reads another time (reaches the result)\n"


def test_pipes_sockets_and_devices_are_not_opened(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)  # the name of a socket may not be long
    os.mkfifo("pipe.py")
    Path("null.py").symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        special = ["null.py", "pipe.py", "socket.py"]
        done = run_command("--isolated", "--format", "concise", ".", cwd=project)
        assert (done.returncode, done.stdout) == (1, FOUND)
        assert done.stderr == "".join(f"note: {name} is not a regular file and was not opened\n" for name in special)
        said = "".join(f"error: {name}: can't be read: not a regular file (unreadable)\n" for name in special)
        assert lint("--isolated", *special, "app.py", cwd=project) == (2, FOUND, said)


MAKE: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (lambda path: os.mkfifo(path), "not a regular file"),
    "folder": (lambda path: path.mkdir(), "it is a directory"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
    "200 MB": (lambda path: path.write_bytes(b"") or os.truncate(path, 200_000_000), "it is larger than 1"),
}


@pytest.mark.parametrize("what", MAKE)
def test_in_place_of_a_file_that_is_asked_for(project: Path, what: str) -> None:
    make, said = MAKE[what]
    for name, args in (
        (".gitignore", ()),
        ("pyproject.toml", ()),
        ("durable-lint.toml", ()),
        ("baseline.json", ("--isolated", "--baseline", "baseline.json")),
    )[: 3 if what == "folder" else 4]:  # click itself refuses a folder behind --baseline
        make(project / name)
        status, findings, error = lint(*args, cwd=project)
        assert (status, findings) == (2, FOUND if name == ".gitignore" else "")
        assert error.startswith(f"error: {name}: can't be read: {said}")
        assert len(error.splitlines()) == 1
        (project / name).rmdir() if what == "folder" else (project / name).unlink()


def test_files_above_the_limit_are_said(project: Path) -> None:
    (project / "big.py").write_bytes(b"")
    os.truncate(project / "big.py", 1 << 30)
    error = "error: big.py: larger than 5 MB: exclude it if it is generated, or raise max-file-size (too-large)\n"
    assert lint("--isolated", cwd=project) == (2, FOUND, error)
    assert lint("--isolated", "big.py", cwd=project) == (2, "", error)
    (project / "big.py").unlink()
    (project / "durable-lint.toml").write_text('max-file-size = "1 kB"\n')
    (project / "app.py").write_text(APP + "#" * 1000)
    error = error.replace("big.py", "app.py").replace("5 MB", "1 kB")
    assert lint(cwd=project) == (2, "", error)
    given = [sys.executable, "-m", "durable_lint", "--quiet", "-", "--stdin-filename", "app.py"]
    done = subprocess.run(given, cwd=project, input=APP.encode() * 9, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", error)


SETTINGS = {
    "nested lists": (HEAD + "select = " + "[" * 100_000, "is nested too deep"),
    "nested tables": (HEAD + "select = " + "{a=" * 100_000, "is nested too deep"),
    "a long dotted key": (HEAD + "a." * 100_000 + "a = 1", "is nested too deep"),
    "a NUL": (HEAD + "select = '\0'", "is not valid TOML: Found invalid character"),
    "escapes": (HEAD + '"\\u001b[31m\\n::error::" = 1', r'there is no setting "\x1b[31m\n::error::"'),
    "an unknown profile": (HEAD + 'profiles = ["tempural"]', 'there is no profile "tempural"'),
    "a profile with a mistake": (HEAD + 'profiles = ["own.toml"]', 'the key "suspension" is missing'),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_nobody_writes(project: Path, name: str) -> None:
    text, said = SETTINGS[name]
    (project / "pyproject.toml").write_text(text)
    (project / "own.toml").write_text('[profile]\nids = "own"\n')
    status, findings, error = lint(cwd=project)
    assert (status, findings, len(error.splitlines())) == (2, "", 1)
    assert said in error
    assert ("own.toml: " if "mistake" in name else "pyproject.toml") in error


def test_deep_folders_and_links_in_circles(project: Path) -> None:
    deep = project
    for level in range(150):
        deep = deep / f"level{level % 10}"
        deep.mkdir()
        (deep / "up").symlink_to(project)
        (deep / "again").symlink_to("..")
    (deep / "app.py").write_text(APP)
    for number in range(60):  # more links in a row than a system follows
        (project / f"hop{number}.py").symlink_to(f"hop{number + 1}.py")
    (project / "hop60.py").symlink_to("app.py")
    done = run_command("--isolated", "--no-cache", "--format", "concise", "--statistics", cwd=project)
    assert done.returncode == 1
    assert done.stdout.startswith(FOUND)
    assert done.stdout.count("DUR101 time.time()") == 2
    assert all("is a link that can't be followed" in line for line in done.stderr.splitlines())
