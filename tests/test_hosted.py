"""Judging one file at a time gives what a run over the whole project gives for that file."""

from __future__ import annotations

import ast
import os
import shutil
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from linting import ROOT, result_of, run_python

from durable_lint import hosted
from durable_lint.engine import lint_paths
from durable_lint.flake8_plugin import Plugin
from durable_lint.hosted import Host, Remark

HANDLER = """\
from aws_durable_execution_sdk_python import DurableContext, durable_execution

from helpers import now, stamp


@durable_execution
def handler(event: dict, context: DurableContext) -> str:
    return stamp(context, now())
"""
HELPERS = """\
import time


def now() -> float:
    return time.time()


def stamp(context, at: float) -> str:
    print("stamped")
    return context.step(lambda _: f"at-{at}", name="stamp")
"""
FIXED = HELPERS.replace("time.time()", "len('abc')")

Write = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes files of a project, which is the working directory."""
    monkeypatch.chdir(tmp_path)

    def write(**files: str) -> Path:
        for name, text in files.items():
            file = tmp_path / (name.replace("__", "/") + (".toml" if name in ("pyproject", "durable-lint") else ".py"))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return tmp_path

    return write


def on_disk(path: str, host: Host | None = None) -> list[Remark]:
    return (host or Host()).remarks(path, Path(path).read_text("utf-8"))


def codes(found: Sequence[Remark]) -> list[tuple[int, str]]:
    return [(one.line, one.code) for one in found]


# The project's context


def test_each_file_gets_what_the_run_over_all_finds_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "orders", tmp_path / "orders")
    monkeypatch.chdir(tmp_path / "orders")
    expected = lint_paths(["."])
    host = Host()
    found = {
        (path.as_posix(), one.line, one.column, one.code)
        for path in sorted(Path().rglob("*.py"))
        for one in on_disk(str(path), host)
    }
    assert found == {(one.path, one.line, one.column, one.code) for one in expected.diagnostics}
    assert len(found) == 12


FOLDERS = [
    case
    for case in sorted((ROOT / "tests" / "fixtures").glob("DUR*/*"))
    if case.is_dir() and case.name != "__pycache__"
]


def test_projects_of_several_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    differing = []
    count = 0
    for number, case in enumerate(FOLDERS[::6]):
        folder = tmp_path / str(number) / case.name
        shutil.copytree(case, folder, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.chdir(folder.parent)
        code = case.parent.name
        expected = {(d.path, d.line, d.code) for d in result_of(case).diagnostics if not d.code.startswith("DUR90")}
        host = Host([code])
        files = sorted(path.relative_to(folder.parent) for path in folder.rglob("*.py"))
        found = {
            (file.as_posix(), one.line, one.code)
            for file in files
            for one in on_disk(str(file), host)
            if not one.code.startswith("DUR90")
        }
        count += len(found)
        if found != expected:
            differing.append((case, found ^ expected))
    assert differing == []
    assert count > 10


def test_a_helper_is_judged_where_the_handler_calls_it(project: Write) -> None:
    project(app=HANDLER, helpers=HELPERS)
    assert codes(on_disk("helpers.py")) == [(9, "DUR206")]
    (said,) = on_disk("app.py")
    assert (said.line, said.column, said.code, said.name) == (8, 27, "DUR101", "wall-clock-in-workflow")


def test_the_given_text_wins_and_needs_no_file(project: Write) -> None:
    project(app=HANDLER, helpers=HELPERS)
    assert codes(Host().remarks("helpers.py", HELPERS.replace('    print("stamped")\n', ""))) == []
    assert codes(Host().remarks("helpers.py", "\n" + HELPERS)) == [(10, "DUR206")]
    assert codes(Host().remarks("other/new.py", HANDLER)) == [(8, "DUR101")]
    assert codes(Host().remarks("stdin", HANDLER)) == [(8, "DUR101")]


def test_a_file_that_changes_within_a_run_is_read_again(project: Write) -> None:
    folder = project(app=HANDLER, helpers=HELPERS)
    host = Host()
    assert codes(on_disk("app.py", host)) == [(8, "DUR101")]
    project(helpers=FIXED)
    os.utime(folder / "helpers.py", ns=(1, 1))
    assert codes(on_disk("app.py", host)) == []


def test_the_project_is_read_once_for_all_its_files(project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project(app=HANDLER, helpers=HELPERS)
    made = []
    real = hosted.Run

    def counting(*args: object, **options: object) -> object:
        made.append(args)
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(hosted, "Run", counting)
    host = Host()
    for _ in range(3):
        on_disk("app.py", host)
        on_disk("helpers.py", host)
    assert len(made) == 1


@pytest.mark.parametrize("text", ["\ufeff" + HELPERS, "# coding: latin-1\n# caf\xe9\n" + HELPERS])
@pytest.mark.parametrize("saved", [True, False])
def test_encodings(project: Write, text: str, saved: bool) -> None:
    folder = project(app=HANDLER, helpers=HELPERS)
    if saved:
        data = text.encode("latin-1" if "latin-1" in text else "utf-8").replace(b"\n", b"\r\n")
        (folder / "helpers.py").write_bytes(data)
    line = 11 if "latin-1" in text else 9
    assert codes(Host().remarks("helpers.py", text.removeprefix("\ufeff"))) == [(line, "DUR206")]


# Which project


def test_the_root_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "repo" / "shop" / "src"
    inner.mkdir(parents=True)
    (inner / "helpers.py").write_text(HELPERS)
    (tmp_path / "repo" / "app.py").write_text(HANDLER.replace("from helpers", "from shop.src.helpers"))
    monkeypatch.chdir(inner)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert codes(on_disk("helpers.py")) == []  # nothing says what the project is
    (tmp_path / ".git").mkdir()
    assert codes(on_disk("helpers.py")) == []  # the user's home is none
    monkeypatch.chdir(tmp_path)
    assert codes(on_disk("repo/shop/src/helpers.py")) == [(9, "DUR206")]  # unless it is where we work
    (tmp_path / ".git").rmdir()
    assert codes(on_disk("repo/shop/src/helpers.py")) == []
    monkeypatch.chdir(inner)
    (tmp_path / "repo" / ".git").mkdir()
    assert codes(on_disk("helpers.py")) == [(9, "DUR206")]
    (tmp_path / "repo" / "shop" / "durable-lint.toml").write_text("")
    assert codes(on_disk("helpers.py")) == []  # the nearest settings say it
    (tmp_path / "repo" / ".git").rmdir()
    (tmp_path / "repo" / "shop" / "durable-lint.toml").unlink()
    (tmp_path / "repo" / "setup.py").write_text("")
    assert codes(on_disk("helpers.py")) == [(9, "DUR206")]


def test_paths_are_shown_from_the_working_directory(project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(shop__app=HANDLER, shop__helpers=HELPERS)
    (folder / "pyproject.toml").write_text("")
    (said,) = on_disk("shop/app.py")
    assert "-> shop/helpers.py:5:12 now: time.time" in said.message
    monkeypatch.chdir(folder / "shop")
    (said,) = on_disk("app.py")
    assert "-> helpers.py:5:12 now: time.time" in said.message


# Settings


def test_settings_hold(project: Write) -> None:
    project(app=HANDLER, helpers=HELPERS, pyproject='[tool.durable-lint.per-file-ignores]\n"help*" = ["DUR2"]\n')
    assert codes(on_disk("helpers.py")) == []
    assert codes(on_disk("app.py")) == [(8, "DUR101")]


@pytest.mark.parametrize("pattern", ["helpers.py", "app.py"])
def test_excluded_files_are_left_out(project: Write, pattern: str) -> None:
    project(app=HANDLER, helpers=HELPERS, pyproject=f'[tool.durable-lint]\nexclude = ["{pattern}"]\n')
    assert codes(on_disk(pattern)) == []
    assert codes(Host().remarks(pattern, "\n" + (HANDLER if pattern == "app.py" else HELPERS))) == []


def test_only_rules_that_are_off_are_turned_on_by_name(project: Write) -> None:
    vague = HELPERS.replace('"stamp"', '"step1"')
    project(app=HANDLER, helpers=vague, pyproject='[tool.durable-lint]\nignore = ["DUR206"]\n')
    assert codes(on_disk("helpers.py")) == []
    assert codes(on_disk("helpers.py", Host(["DUR206", "DUR5"]))) == []
    assert codes(on_disk("helpers.py", Host(["DUR206", "DUR504"]))) == [(10, "DUR504")]


# Comments


def test_our_comments_hold_and_noqa_is_left_to_the_other_tool(project: Write) -> None:
    project(app=HANDLER, helpers=HELPERS)
    ours = HELPERS.replace('stamped")', 'stamped")  # durable-lint: ignore[DUR206] wanted')
    assert codes(Host().remarks("helpers.py", ours)) == []
    assert codes(Host().remarks("helpers.py", ours.replace("DUR206", "DUR101"))) == [(9, "DUR206"), (9, "DUR901")]
    theirs = HELPERS.replace('stamped")', 'stamped")  # noqa: DUR206')
    assert codes(Host().remarks("helpers.py", theirs)) == [(9, "DUR206")]
    assert codes(Host().remarks("helpers.py", theirs.replace("DUR206", "DUR101"))) == [(9, "DUR206")]


# Problems


def test_settings_that_cannot_be_used_are_said_in_each_file(project: Write) -> None:
    project(app=HANDLER, helpers=HELPERS, pyproject='[tool.durable-lint]\nselekt = ["DUR1"]\n')
    for path in ("app.py", "helpers.py"):
        (said,) = on_disk(path)
        assert (said.line, said.column, said.code) == (1, 1, "DUR000")
        assert said.message.startswith("not judged, or not fully: pyproject.toml:2: ")
        assert "selekt" in said.message


def test_a_profile_that_cannot_be_used_is_said(project: Write) -> None:
    project(app=HANDLER, helpers=HELPERS, pyproject='[tool.durable-lint]\nprofiles = ["./none.toml"]\n')
    (said,) = on_disk("app.py")
    assert (said.code, "none.toml" in said.message) == ("DUR000", True)


def test_a_module_that_cannot_be_read_is_said_where_it_is_used(project: Write) -> None:
    project(app=HANDLER, helpers="def stamp(:\n", other="x = 1\n")
    (said,) = on_disk("app.py")
    assert (said.line, said.code) == (1, "DUR000")
    assert said.message.startswith("not judged, or not fully: helpers.py:1: not valid Python")
    assert on_disk("other.py") == []


def test_a_file_that_cannot_be_decoded(project: Write) -> None:
    data = HANDLER.encode() + b"# \xff\n"
    (project(helpers=HELPERS) / "app.py").write_bytes(data)
    (said,) = Host().remarks("app.py", data.decode("latin-1"))
    assert (said.line, said.code) == (9, "DUR000")
    assert "is not valid utf-8" in said.message


def test_a_bug_is_said(project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project(app=HANDLER, helpers=HELPERS)
    monkeypatch.setattr(hosted, "_root", lambda *_: 1 / 0)
    (said,) = on_disk("app.py")
    assert (said.line, said.code) == (1, "DUR000")
    assert "this is a bug in durable-lint" in said.message


def test_control_characters_are_escaped(project: Write) -> None:
    project(app=HANDLER, helpers=HELPERS)
    (said,) = Host().remarks("app.py", HANDLER.replace("now())", "now())  # durable-lint: ignore[DUR\x1b101]"))[:1]
    assert said.message.isprintable()
    broken = "ma\u202enners"
    project(app=HANDLER.replace("helpers", broken), **{broken: "def stamp(:\n"})
    assert all(one.message.isprintable() for one in on_disk("app.py"))


# The plugin


def test_the_plugin_gives_what_flake8_expects(project: Write) -> None:
    project(app=HANDLER, helpers=HELPERS)
    Plugin.parse_options(Namespace(select=None, extend_select=None))
    lines = HANDLER.splitlines(keepends=True)
    ((line, column, text, kind),) = Plugin(ast.parse(HANDLER), "app.py", lines).run()
    assert (line, column, kind) == (8, 26, Plugin)
    assert text.startswith("DUR101 now() leads to time.time() in workflow code")
    Plugin.parse_options(Namespace(select=["DUR504"], extend_select=["E1"]))
    vague = HELPERS.replace('"stamp"', '"step1"').splitlines(keepends=True)
    assert [text[:6] for _, _, text, _ in Plugin(ast.parse(HELPERS), "helpers.py", vague).run()] == ["DUR206", "DUR504"]


def test_importing_the_plugin_loads_nothing_of_the_linter(tmp_path: Path) -> None:
    done = run_python(
        "-c",
        "import sys, durable_lint.flake8_plugin; print(sorted(name for name in sys.modules if name.startswith("
        "('durable_lint', 'click', 'libcst', 'astroid', 'pathspec', 'packaging'))))",
        cwd=tmp_path,
    )
    assert done.stdout == "['durable_lint', 'durable_lint.flake8_plugin']\n"
