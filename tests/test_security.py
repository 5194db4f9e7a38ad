"""Nothing of what is linted is run, sent or believed: the real command in a folder that wants to be."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from linting import ROOT, run_command, run_python
from test_faults import APP

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="takes names that hold anything")

TRAP = "open({!r}, 'w').close()\n"
SHADOWS = ("ast", "astroid", "click", "conftest", "json", "libcst", "re", "runpy", "sitecustomize", "tomli")


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    """A project whose modules write a file when they run, some under the names of modules that the command imports."""
    folder = tmp_path / "project"
    folder.mkdir()
    trap = TRAP.format(str(tmp_path / "ran"))
    for name in SHADOWS:
        (folder / f"{name}.py").write_text(trap)
    package = folder / "shop"
    package.mkdir()
    (package / "__init__.py").write_text(trap)
    (package / "native.so").write_bytes(b"\x7fELF")
    call = "shop.native.now() + json.now() + time.time()"
    imports = "import json\nimport time\nimport shop.native"
    (folder / "app.py").write_text(trap + APP.replace("import time", imports).replace("time.time()", call))
    (folder / "pyproject.toml").write_text("[tool.durable-lint]\n[tool.pytest.ini_options]\naddopts = '-p conftest'\n")
    return folder


GUARD = """
import runpy, sys
FOLDER = {folder!r}
def guard(event, args):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.spawn", "ctypes.")):
        sys.stderr.write(f"GUARD {{event}}\\n")
    if event == "exec" and getattr(args[0], "co_filename", "").startswith(FOLDER):
        sys.stderr.write(f"GUARD exec {{args[0].co_filename}}\\n")
    if event == "import" and args[1] and str(args[1]).startswith(FOLDER):
        sys.stderr.write(f"GUARD import {{args[0]}}\\n")
sys.addaudithook(guard)
sys.argv = ["durable-lint", *sys.argv[1:]]
runpy.run_module("durable_lint", run_name="__main__", alter_sys=True)
"""

COMMANDS: dict[str, tuple[str, ...]] = {
    "check": ("--select", "ALL", "--statistics", "."),
    "fix": ("--fix", "--fix-level", "unsafe", "--select", "ALL", "."),
    "config": ("config", "app.py"),
    "graph": ("graph", "app.py", "--format", "html"),
    "baseline": ("baseline",),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_of_the_project_runs_and_nothing_is_sent(trapped: Path, command: str) -> None:
    done = run_python("-c", GUARD.format(folder=str(trapped)), *COMMANDS[command], cwd=trapped)
    assert (done.returncode in (0, 1), "GUARD" in done.stderr, "Traceback" in done.stderr) == (True, False, False)
    assert not (trapped.parent / "ran").exists()


def test_the_working_directory_is_no_place_for_modules(trapped: Path) -> None:
    for way in (["-m", "durable_lint"], ["-c", "import sys; from durable_lint.__main__ import run; run()"]):
        words = ["--isolated", "--no-cache", "--format", "concise", "app.py"]
        done = run_python(*(way if "-m" in way else ["-P", *way]), *words, cwd=trapped)
        assert (done.returncode, done.stderr) == (1, "")
        assert "DUR101 time.time()" in done.stdout
        assert not (trapped.parent / "ran").exists()


def test_no_network_is_needed(trapped: Path) -> None:
    probe = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False, timeout=60)
    if probe.returncode:
        pytest.skip("this user can't leave the network")
    command = ["unshare", "-n", sys.executable, "-m", "durable_lint", "--no-cache", "."]
    done = subprocess.run(command, cwd=trapped, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


def test_the_cache_is_not_taken_from_the_project(trapped: Path) -> None:
    home = {"XDG_CACHE_HOME": "", "HOME": ".", "DURABLE_LINT_CACHE": str(trapped)}
    before = sorted(path.name for path in trapped.rglob("*"))
    done = run_python("-m", "durable_lint", "app.py", cwd=trapped, environment=home)
    assert done.returncode == 1
    assert sorted(path.name for path in trapped.rglob("*")) == before


# What is shown

EVIL = "\x1b[31m\x1b]0;title\x07\u202e\x9b2J%0A::error::x]]><script>alert(1)</script>`|\"&'"
NAMES = (b"a\x1b[2J\n::error::.py", b"b\xff%0A]]>.py", "c<script>`|\u202e&\"'.py".encode())


def evil_project(folder: Path) -> Path:
    text = APP.replace("    return", f"    context.step(print, name={EVIL!a})\n    return")
    text = text.replace("time.time()", f"time.time(), '{EVIL.replace(chr(39), '')}'")
    for name in NAMES:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(text, "utf-8")
    return folder


FORMS = ("text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")


def test_no_report_sends_what_it_shows(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    options = ["--select", "ALL", *(f"--output-format={name}={out / name}" for name in FORMS)]
    evil_project(folder)
    done = run_command("--isolated", "--no-cache", *options, ".", "gone\x1b[2J\n::error::.py", cwd=folder)
    assert done.returncode == 2
    texts = {name: (out / name).read_text("utf-8") for name in FORMS} | {"stdout": done.stdout, "stderr": done.stderr}
    for name, text in texts.items():
        unsafe = {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"}
        assert (name, unsafe) == (name, set())
    assert not [line for line in texts["github"].splitlines() if line.startswith("::error::")]
    assert all(line.startswith(("::warning ", "::error ")) for line in texts["github"].splitlines()[:-1])
    assert {case.tag for case in ElementTree.fromstring(texts["junit"]).iter("testcase")} == {"testcase"}
    assert len(json.loads(texts["gitlab"])) > len(NAMES)
    assert len(json.loads(texts["sarif"])["runs"][0]["results"]) >= len(NAMES)
    assert "<script" not in texts["markdown"].replace("&lt;script", "")
    rows = [line for line in texts["markdown"].splitlines() if line.startswith("| warning")]
    assert {row.count("|") for row in rows} == {5}


def test_no_picture_holds_code(tmp_path: Path) -> None:
    evil_project(tmp_path)
    for form in ("html", "mermaid", "markdown", "dot"):
        done = run_command("graph", ".", "--isolated", "--format", form, cwd=tmp_path)
        assert done.returncode == 0
        assert not {char for char in done.stdout if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"}
        if form != "dot":  # whose strings are no code anywhere
            assert not re.search(r"<script|onerror=|javascript:", done.stdout)


def test_the_language_of_profiles_is_data() -> None:
    """No part of the program imports by a name that settings or profiles give, or evaluates a text."""
    allowed = {"durable_lint/report/__init__.py", "durable_lint/checks/__init__.py"}
    calls = re.compile(r"\b(?:import_module|__import__|exec|eval|pickle\.loads?|os\.system)\(")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "durable_lint").rglob("*.py")
        if calls.search(path.read_text("utf-8"))
    }
    # Answers of forked processes; methods of libcst's classes and of our own.
    own = {"durable_lint/crew.py", "durable_lint/loading.py", "durable_lint/records.py"}
    assert found - allowed == own
