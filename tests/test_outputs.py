"""Reports in files: which goes where, that each is whole or not there, and what is said when one can't be written."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from linting import run_command

from durable_lint import atomic
from durable_lint.outputs import OutputError, Outputs, chosen
from durable_lint.report import FORMATS

FAULTY = """import time
from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    return {"now": time.time()}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one finding in a service of it."""
    (tmp_path / ".git").mkdir()
    service = tmp_path / "service"
    service.mkdir()
    (service / "app.py").write_text(FAULTY, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("format_", "output", "more", "expected"),
    [
        ("json", None, (), Outputs("json")),
        ("sarif", "r.sarif", (), Outputs("text", (("sarif", "r.sarif"),))),
        ("github", None, ("junit=a=b.xml",), Outputs("github", (("junit", "a=b.xml"),))),
        ("json", "r.json", ("text=r.txt",), Outputs("text", (("json", "r.json"), ("text", "r.txt")))),
        ("text", "/dev/null", ("json=/dev/null",), Outputs("text", (("text", "/dev/null"), ("json", "/dev/null")))),
    ],
)
def test_what_goes_where(format_: str, output: str | None, more: tuple[str, ...], expected: Outputs) -> None:
    assert chosen(format_, output, more) == expected


@pytest.mark.parametrize(
    ("output", "more", "word"),
    [
        ("", (), "--output needs the name of a file"),
        ("-", (), "--output needs the name of a file"),
        (None, ("sarif=",), "--output-format needs the name of a file"),
        (None, ("report.sarif",), 'not "report.sarif"'),
        (None, ("srif=report.sarif",), "text, concise, json, github, gitlab, sarif, junit, markdown"),
        (".", (), "is a folder"),
        ("src/app.py", (), "Python code"),
        ("a.txt", ("json=./a.txt",), 'two reports would go to the file "./a.txt"'),
    ],
)
def test_what_cannot_be_meant(output: str | None, more: tuple[str, ...], word: str) -> None:
    with pytest.raises(OutputError) as error:
        chosen("text", output, more)
    assert word in str(error.value)


def test_every_format_in_one_run(project: Path) -> None:
    files = {name: project / "reports" / f"report.{name}" for name in FORMATS}
    options = [word for name, file in files.items() for word in ("--output-format", f"{name}={file}")]
    done = run_command("app.py", *options, cwd=project / "service")
    printed = run_command("app.py", cwd=project / "service")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == printed.stdout == files["text"].read_text("utf-8")
    for name, file in files.items():
        alone = run_command("app.py", "--format", name, cwd=project / "service")
        assert (alone.returncode, alone.stdout) == (1, file.read_text("utf-8"))
    assert "file=service/app.py,line=7," in files["github"].read_text("utf-8")
    assert json.loads(files["gitlab"].read_text("utf-8"))[0]["location"]["path"] == "service/app.py"
    assert json.loads(files["json"].read_text("utf-8"))["diagnostics"][0]["path"] == "app.py"
    assert sorted(path.name for path in (project / "reports").iterdir()) == sorted(file.name for file in files.values())


def test_a_report_in_a_file_and_text_on_the_terminal(project: Path) -> None:
    done = run_command("service", "--format", "gitlab", "--output", "gl.json", cwd=project)
    assert done.stdout.startswith("service/app.py:7:20: ")
    assert len(json.loads((project / "gl.json").read_text("utf-8"))) == 1


def test_problems_are_in_the_file_and_on_standard_error(project: Path) -> None:
    (project / "service" / "broken.py").write_text("import aws_durable_execution_sdk_python\ndef (:\n", "utf-8")
    done = run_command("service", "--output-format", "gitlab=gl.json", cwd=project)
    assert done.returncode == 2
    assert done.stderr.startswith("error: service/broken.py:2: ")
    assert [issue["severity"] for issue in json.loads((project / "gl.json").read_text("utf-8"))] == ["blocker", "minor"]
    printed = run_command("service", "--format", "gitlab", cwd=project)
    assert (printed.returncode, printed.stderr) == (2, done.stderr)
    github = run_command("service", "--format", "github", cwd=project)
    assert (github.stderr, github.stdout.count("\n::") + 1) == ("", 2)


def test_settings_that_cannot_be_used_are_in_the_file_too(project: Path) -> None:
    (project / "durable-lint.toml").write_text("selct = []\n", "utf-8")
    done = run_command("service", "--output-format", "gitlab=gl.json", cwd=project)
    assert done.returncode == 2
    (issue,) = json.loads((project / "gl.json").read_text("utf-8"))
    assert (issue["check_name"], issue["severity"], issue["location"]["path"]) == (
        "configuration",
        "blocker",
        "durable-lint.toml",
    )


def test_what_cannot_be_written_is_a_problem(project: Path) -> None:
    (project / "file").write_text("old")
    options = ("--output-format", "json=file/report.json", "--output-format", "text=report.txt")
    done = run_command("service", *options, cwd=project)
    assert done.returncode == 2
    assert done.stderr.startswith("error: file/report.json: the json report can't be written: ")
    assert "app.py:7:20" in done.stdout
    assert "app.py:7:20" in (project / "report.txt").read_text("utf-8")


def test_wrong_usage_is_said_before_anything_is_read(project: Path) -> None:
    for options, word in (
        (("--output-format", "html=x"), "--output-format takes FORMAT=FILE"),
        (("--output", "service"), "is a folder"),
        (("--diff", "--output", "x"), "--diff"),
        (("--fix-only", "--output-format", "json=x"), "--fix-only"),
    ):
        done = run_command(*options, cwd=project)
        assert (done.returncode, done.stdout) == (2, "")
        assert word in done.stderr
        assert not (project / "x").exists()


def test_files_are_written_although_nobody_reads_standard_output(project: Path) -> None:
    command = [sys.executable, "-m", "durable_lint", "service", "--output-format", "sarif=r.sarif"]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        subprocess.run(command, cwd=project, stdout=nobody, stderr=subprocess.DEVNULL, timeout=60, check=False)
    assert len(json.loads((project / "r.sarif").read_text("utf-8"))["runs"][0]["results"]) == 1


def test_a_fixed_run_reports_what_is_left(project: Path) -> None:
    done = run_command("service", "--fix", "--output-format", "gitlab=gl.json", cwd=project)
    assert done.returncode == 0
    assert (project / "gl.json").read_text("utf-8") == "[]\n"


# Writing


def test_a_new_file_gets_the_mode_that_any_program_would_give_it(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.write_text("")
    atomic.write(str(tmp_path / "a" / "b" / "new"), b"data")
    new = tmp_path / "a" / "b" / "new"
    assert new.read_bytes() == b"data"
    assert new.stat().st_mode == usual.stat().st_mode
    assert [path.name for path in new.parent.iterdir()] == ["new"]


def test_an_old_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_bytes(b"old and longer")
    old.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(old)
    atomic.write(str(link), b"new")
    assert (old.read_bytes(), stat.S_IMODE(old.stat().st_mode), link.is_symlink()) == (b"new", 0o640, True)


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    atomic.write(os.devnull, b"data")
    assert not Path(os.devnull).is_file()
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stream:
        atomic.write(f"/dev/fd/{writer}", b"data")
        os.close(writer)
        assert stream.read() == b"data"


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "old"
    old.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(atomic.Refused, match="No space left"):
        atomic.write(str(old), b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("old", b"old")]
