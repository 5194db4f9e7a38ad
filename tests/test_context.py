"""Files that are read for the context of the linted ones: a changed file is judged as part of its project."""

from __future__ import annotations

from pathlib import Path

import pytest
from linting import run_command
from test_hosted import FIXED, HANDLER, HELPERS

from durable_lint.config import Overrides
from durable_lint.engine import lint_paths
from durable_lint.fixing import fix_paths

SWALLOWED = HANDLER.replace(
    "    return stamp(context, now())",
    '    try:\n        context.step(lambda _: 1, name="one")\n    except:\n        return "no"\n    return "yes"',
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(HANDLER)
    (tmp_path / "helpers.py").write_text(HELPERS)
    (tmp_path / "other.py").write_text(SWALLOWED)
    return tmp_path


def found(project: Path, *paths: str, stdin: bytes | None = None) -> list[tuple[str, int, str]]:
    result = lint_paths(paths, cwd=project, context=["."], stdin=stdin, stdin_filename="helpers.py")
    assert result.problems == ()
    return [(one.path, one.line, one.code) for one in result.diagnostics]


def test_a_helper_is_judged_with_its_callers_and_they_with_it(project: Path) -> None:
    assert lint_paths(["helpers.py"], cwd=project).diagnostics == ()
    assert found(project, "helpers.py") == [("app.py", 8, "DUR101"), ("helpers.py", 9, "DUR206")]
    assert found(project, "app.py") == [("app.py", 8, "DUR101")]
    assert found(project, ".") == [("app.py", 8, "DUR101"), ("helpers.py", 9, "DUR206"), ("other.py", 10, "DUR307")]


def test_standard_input_is_judged_in_its_context(project: Path) -> None:
    assert found(project, "-", stdin=FIXED.encode()) == [("helpers.py", 9, "DUR206")]
    assert found(project, "-", stdin=b"#\n" + HELPERS.encode()) == [
        ("app.py", 8, "DUR101"),
        ("helpers.py", 10, "DUR206"),
    ]


def test_only_the_given_files_are_counted(project: Path) -> None:
    assert lint_paths(["helpers.py"], cwd=project, context=["."]).files == 1


def test_the_context_is_not_fixed(project: Path) -> None:
    every = Overrides(fix_level="unsafe")
    result = fix_paths(["helpers.py"], every, cwd=project, context=["."])
    assert [one.path for one in result.fixed] in ([], ["helpers.py"])
    assert ("app.py", "DUR101") in [(one.path, one.code) for one in result.diagnostics]
    result = fix_paths(["other.py"], Overrides(fix_level="safe"), cwd=project, context=["."])
    assert [(one.path, len(one.applied)) for one in result.fixed] == [("other.py", 1)]


def test_the_command(project: Path) -> None:
    (project / "durable-lint.toml").write_text('exclude = ["other.py"]\n')
    done = run_command(
        "--format", "concise", "--context", ".", "--force-exclude", "other.py", "helpers.py", cwd=project
    )
    assert (done.returncode, done.stderr) == (1, "note: other.py is excluded\n")
    assert [line.split()[:3] for line in done.stdout.splitlines()] == [
        ["app.py:8:27:", "error", "DUR101"],
        ["helpers.py:9:5:", "warning", "DUR206"],
    ]
    done = run_command("--context", "nowhere", "helpers.py", cwd=project)
    assert (done.returncode, 'there is no file or folder "nowhere"' in done.stderr) == (2, True)
