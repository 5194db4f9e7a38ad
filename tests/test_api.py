"""The public names of the package: what they promise to a program that calls them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from linting import run_python

import durable_lint
from durable_lint import Diagnostic, lint_paths, lint_source
from durable_lint.config import ConfigError, Overrides

APP = """\
import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution


def stamp() -> float:
    return time.time()


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    print(event)
    return stamp()
"""
FOUND = [("DUR206", 12, 5), ("DUR101", 13, 12)]


def places(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[str, int, int]]:
    return [(one.code, one.line, one.column) for one in diagnostics]


def test_the_public_names() -> None:
    assert {"Diagnostic", "__version__", "lint_paths", "lint_source"} <= set(durable_lint.__all__)
    assert [name for name in durable_lint.__all__ if not hasattr(durable_lint, name)] == []
    with pytest.raises(AttributeError, match="lint_file"):
        _ = durable_lint.lint_file  # type: ignore[attr-defined]


def test_the_package_is_light_to_import(tmp_path: Path) -> None:
    code = "import sys, durable_lint; print(sorted(name for name in sys.modules if name.startswith('durable_lint.')))"
    assert run_python("-c", code, cwd=tmp_path).stdout == "[]\n"


def test_a_text() -> None:
    result = lint_source(APP, path="src/app.py")
    assert places(result.diagnostics) == FOUND
    assert {one.path for one in result.diagnostics} == {"src/app.py"}
    assert (result.problems, result.files) == ((), 1)
    assert lint_source("").diagnostics == lint_source("import time\n").diagnostics == ()


def test_a_finding() -> None:
    _, clock = lint_source(APP).diagnostics
    assert (clock.code, clock.name, clock.severity.value) == ("DUR101", "wall-clock-in-workflow", "warning")
    assert "time.time()" in clock.message
    assert APP[clock.location.span.start : clock.location.span.end] == "stamp()"
    assert (clock.location.end.line, clock.location.end.column) == (13, 19)
    (hop,) = clock.related
    assert (hop.location.start.line, hop.location.start.column) == (7, 12)
    assert clock.fix is not None
    (edit,) = clock.fix.edits
    assert (clock.fix.level.value, edit.text) == ("history", 'context.step(lambda _: stamp(), name="read-clock")')
    assert edit.location is not None
    assert (edit.location.start.line, edit.location.start.column) == (13, 12)
    with pytest.raises(dataclasses.FrozenInstanceError):
        clock.message = "another"  # type: ignore[misc]


def test_files_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(APP)
    (tmp_path / "other.py").write_text("value = 1\n")
    for paths in (["."], ["src"], ["src/app.py"], [str(tmp_path)], ["src/app.py", "."]):
        result = lint_paths(paths)
        assert places(result.diagnostics) == FOUND
        assert {one.path for one in result.diagnostics} == {"src/app.py"}
    assert lint_paths(["."]).files == 2
    assert lint_paths(["src/app.py"]) == lint_paths(["src/app.py"])


def test_results_are_sorted(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.py").write_text(APP)
    result = lint_paths(["c.py", "a.py", "b.py"], cwd=tmp_path)
    assert [one.path for one in result.diagnostics] == ["a.py"] * 2 + ["b.py"] * 2 + ["c.py"] * 2
    assert list(result.diagnostics) == sorted(result.diagnostics, key=lambda one: one.sort_key)


def test_a_text_sees_the_modules_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clocks.py").write_text("import time\n\n\ndef stamp():\n    return time.time()\n")
    text = APP.replace("import time\n", "import clocks\n").replace("return stamp()", "return clocks.stamp()")
    clock = lint_source(text, path="app.py").diagnostics[-1]
    assert (clock.code, clock.path, clock.related[-1].location.path) == ("DUR101", "app.py", "clocks.py")


def test_settings_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "durable-lint.toml").write_text('ignore = ["DUR101"]\n')
    assert [one.code for one in lint_paths(["."]).diagnostics] == ["DUR206"]
    assert [one.code for one in lint_source(APP, path="app.py").diagnostics] == ["DUR206"]
    assert [one.code for one in lint_paths(["."], Overrides(isolated=True)).diagnostics] == ["DUR206", "DUR101"]


def test_what_is_wrong_is_a_problem_of_the_result(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "broken.py").write_text("def f(:\n")
    result = lint_paths(["app.py", "broken.py", "missing.py"], cwd=tmp_path)
    assert places(result.diagnostics) == FOUND
    assert [(one.kind, one.path, one.line) for one in result.problems] == [
        ("syntax", "broken.py", 1),
        ("missing", "missing.py", 0),
    ]
    (problem,) = lint_source("def f(:\n", path="app.py").problems
    assert (problem.kind, problem.path, problem.line) == ("syntax", "app.py", 1)


def test_settings_that_cannot_be_used_are_raised() -> None:
    with pytest.raises(ConfigError, match="DUR999"):
        lint_source(APP, overrides=Overrides(select=("DUR999",)))


@pytest.mark.parametrize("text", ["x = '\ud800'\n", "x = 1\0\n", "\ufeffx = 1\n", "x = 1\r\ry = 2\r\n"])
def test_any_text_gives_a_result(text: str) -> None:
    result = lint_source(text)
    assert result.diagnostics == ()
    assert result.files == 1


def test_standard_input_may_speak_of_the_sdk_through_the_projects_own_decorator(tmp_path: Path) -> None:
    (tmp_path / "deco.py").write_text(
        "from aws_durable_execution_sdk_python import durable_execution\n\n\n"
        "def entry(fn):\n    return durable_execution(fn)\n"
    )
    text = (
        b"import time\n\nfrom deco import entry\n\n\n@entry\ndef handler(event, context):\n"
        b"    at = time.time()\n    return context.step(lambda _: at, name='store')\n"
    )
    result = lint_paths(["deco.py", "-"], stdin=text, stdin_filename="unsaved.py", cwd=tmp_path)
    assert [(one.code, one.location.path, one.location.start.line) for one in result.diagnostics] == [
        ("DUR101", "unsaved.py", 8)
    ]
    assert not result.problems
