"""``--diff-from``: findings on what changed since a revision, or caused by it, on real git repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from linting import run_command

from durable_lint.causes import Hunk
from durable_lint.model import Location, Position, Span
from durable_lint.settings import ConfigError
from durable_lint.since import changes_since, parsed

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

APP = """import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from clock import now


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    begun = time.time()
    then = now()
    return context.step(lambda _: [begun, then], name="store")
"""
CLOCK = """def now():
    return 3


def other():
    return 4
"""


def git(folder: Path, *words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(
        ["git", *words], cwd=folder, env=environment | identity | nothing, check=True, capture_output=True, text=True,
        timeout=60,
    ).stdout  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "app.py").write_text(APP, "utf-8")
    (tmp_path / "clock.py").write_text(CLOCK, "utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "old code")
    return tmp_path


def found(folder: Path, *args: str, revision: str = "HEAD", status: int | None = None) -> list[str]:
    done = run_command("--isolated", "--format", "concise", "--quiet", "--diff-from", revision, *args, cwd=folder)
    assert done.stderr == ""
    lines = [":".join(line.split(":")[:2]) for line in done.stdout.splitlines()]
    assert done.returncode == (int(bool(lines)) if status is None else status)
    return lines


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_nothing_changed(repository: Path) -> None:
    assert found(repository) == []


def test_a_changed_line_and_no_other(repository: Path) -> None:
    change(repository / "app.py", "    then =", "    print(event)\n    then =")
    assert found(repository) == ["app.py:11"]
    git(repository, "commit", "-q", "-a", "-m", "print")
    assert found(repository) == []
    assert found(repository, revision="HEAD~1") == ["app.py:11"]


def test_a_finding_that_a_changed_helper_causes(repository: Path) -> None:
    change(repository / "clock.py", "return 3", "return time.time()")
    change(repository / "clock.py", "def now", "import time\n\n\ndef now")
    assert found(repository) == ["app.py:11"]
    assert found(repository, "app.py") == ["app.py:11"]


def test_a_change_beside_the_path_causes_nothing(repository: Path) -> None:
    change(repository / "clock.py", "return 4", "return 5")
    change(repository / "app.py", "import time\n", "import json\nimport time\n")
    assert found(repository) == []


def test_untracked_staged_and_ignored_files_count_as_changed(repository: Path) -> None:
    (repository / "new app.py").write_text(APP, "utf-8")
    (repository / "ignored.py").write_text(APP, "utf-8")
    (repository / "staged.py").write_text(APP, "utf-8")
    (repository / ".gitignore").write_text("ignored.py\n", "utf-8")
    git(repository, "add", "staged.py")
    assert found(repository) == ["new app.py:10", "staged.py:10"]
    assert found(repository, "ignored.py") == ["ignored.py:10"]


PLAIN = """import json
from clock import now, other
from time import (
    sleep,
)

from aws_durable_execution_sdk_python import DurableContext, durable_execution, durable_step

READ = other


def helper() -> object:
    return READ()


def inner(event: dict, context: DurableContext) -> object:
    begun = now()
    sleep(event["pause"])
    return context.step(lambda _: [begun, helper()], name="store")


@durable_step
def pure(_: object, number: int) -> None:
    print("once")


@durable_execution
def handler(event: dict, context: DurableContext) -> object:
    one = 1
    context.step(pure(one), name="pure")
    return [inner(event, context), helper(), print(one)]
"""
CAUSED: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "another name beside an import": ([("import json", "import json, time"), ("now, other", "now, again, other")], []),
    "a name within brackets": ([("    sleep,", "    sleep, time,")], []),
    "an import of the same name": (
        [("from clock import now, other", "from clock import other\nfrom time import time as now")],
        ["begun = now()"],
    ),
    "a bound value": (
        [
            ("READ = other", "READ = __import__('time').time"),
            ("import json", "import json, time"),
            ("__import__('time')", "time"),
        ],
        ["helper(), print"],
    ),
    "a name that is only handed over": ([("one = 1", "one = 2")], []),
    "a signature": ([("def inner(event: dict,", "def inner(event: list,")], []),
    "a comment above a decorator": ([("@durable_execution\ndef", "# why\n@durable_execution\ndef")], []),
    "a decorator that comes": ([("def handler", "@other\ndef handler")], ["helper(), print"]),
}


@pytest.mark.parametrize("case", CAUSED)
def test_what_a_change_causes_on_other_lines(repository: Path, case: str) -> None:
    changes, expected = CAUSED[case]
    (repository / "app.py").write_text(PLAIN, "utf-8")
    git(repository, "commit", "-q", "-a", "-m", "plain")
    assert found(repository) == []
    for old, new in changes:
        change(repository / "app.py", old, new)
    lines = (repository / "app.py").read_text("utf-8").split("\n")
    shown = [lines[int(line.partition(":")[2]) - 1] for line in found(repository)]
    assert [any(text in line for line in shown) for text in expected] == [True] * len(expected)
    assert len(shown) == len(expected), shown


def test_a_new_handler_is_judged_whole(repository: Path) -> None:
    change(repository / "app.py", "@durable_execution\n", "")
    git(repository, "commit", "-q", "-a", "-m", "no handler")
    change(repository / "app.py", "def handler", "@durable_execution\ndef handler")
    assert found(repository) == ["app.py:10"]


def test_a_decorator_that_goes_is_a_cause(repository: Path) -> None:
    steps = APP.replace(
        "@durable_execution",
        "@durable_step\ndef stamp(_: object) -> float:\n    return time.time()\n\n\n@durable_execution",
    )
    (repository / "app.py").write_text(
        steps.replace("now()", "stamp(None)").replace("begun = time.time()", "begun = 1"), "utf-8"
    )
    git(repository, "commit", "-q", "-a", "-m", "a step")
    change(repository / "app.py", "@durable_step\n", "")
    everything = run_command("--isolated", "--format", "concise", "--quiet", cwd=repository).stdout
    assert [":".join(line.split(":")[:2]) for line in everything.splitlines()] == found(repository) != []


def test_a_renamed_file_counts_by_its_lines(repository: Path) -> None:
    (repository / "app.py").rename(repository / "renamed.py")
    git(repository, "add", "-A")
    assert found(repository) == []
    change(repository / "renamed.py", "    then =", "    print(event)\n    then =")
    assert found(repository) == ["renamed.py:11"]


def test_odd_names_and_settings_of_git(repository: Path) -> None:
    name = 'a "b"\té\\.py'
    (repository / name).write_text(APP, "utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "odd")
    for key, value in (
        *(("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("color.ui", "always"), ("diff.context", "5")),
        *(("diff.external", "false"), ("diff.interHunkContext", "9"), ("core.quotePath", "false")),
        *(("diff.relative", "true"), ("diff.renames", "false")),
    ):
        git(repository, "config", key, value)
    (repository / ".gitattributes").write_text("*.py -diff\n", "utf-8")
    change(repository / name, "    then =", "    print(event)\n    then =")
    (line,) = found(repository)
    assert line.endswith(":11")


def test_what_a_value_reaches_is_on_the_path(repository: Path) -> None:
    change(repository / "app.py", "[begun, then]", "[then, begun]")
    assert found(repository) == ["app.py:10"]


def test_from_a_folder_and_through_a_link(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (repository / "sub").mkdir()
    (repository / "sub" / "inner.py").write_text(APP, "utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "sub")
    change(repository / "sub" / "inner.py", "    then =", "    print(event)\n    then =")
    assert found(repository / "sub") == ["inner.py:11"]
    link = tmp_path_factory.mktemp("link") / "repository"
    link.symlink_to(repository, target_is_directory=True)
    assert found(link) == ["sub/inner.py:11"]


def test_three_dots_are_where_the_branch_left(repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "feature")
    change(repository / "app.py", "    then =", "    print(event)\n    then =")
    git(repository, "commit", "-q", "-a", "-m", "feature")
    git(repository, "checkout", "-q", "main")
    change(repository / "app.py", "    begun = time.time()", "    begun = 1")
    git(repository, "commit", "-q", "-a", "-m", "mended on main")
    git(repository, "checkout", "-q", "feature")
    assert found(repository, revision="main...") == ["app.py:11"]
    assert found(repository, revision="main") == ["app.py:10", "app.py:11"]


def test_line_ends(repository: Path) -> None:
    for name, end in (("crlf.py", "\r\n"), ("cr.py", "\r")):
        (repository / name).write_bytes(APP.replace("\n", end).encode())
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "line ends")
    for name, end in (("crlf.py", "\r\n"), ("cr.py", "\r")):
        data = (repository / name).read_bytes()
        (repository / name).write_bytes(data.replace(b"    then =", f"    print(event){end}    then =".encode()))
    # git sees one line in the file of bare carriage returns: all of it has changed
    assert found(repository) == ["cr.py:10", "cr.py:11", "crlf.py:11"]


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("absent", '--diff-from: git knows no revision "absent"'),
        ("absent...", '--diff-from: git knows no revision "absent"'),
        ("--output=x", '--diff-from: git knows no revision "--output=x"'),
        ("HEAD:app.py", '--diff-from: git knows no revision "HEAD:app.py"'),
        ("", '--diff-from: git knows no revision ""'),
    ],
)
def test_unknown_revisions(repository: Path, revision: str, said: str) -> None:
    done = run_command("--isolated", f"--diff-from={revision}", cwd=repository)
    assert done.returncode == 2
    assert said in done.stderr
    assert "no findings" not in done.stdout
    assert sorted(path.name for path in repository.iterdir()) == [".git", "app.py", "clock.py"]


def test_no_repository_and_no_git(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"GIT_CEILING_DIRECTORIES": str(repository.parent), "GIT_DIR": str(tmp_path / "absent")}
    done = run_command("--isolated", "--diff-from", "HEAD", cwd=repository, environment=environment)
    assert (done.returncode, "is in no git repository (not a git repository" in done.stderr) == (2, True)
    monkeypatch.setenv("PATH", str(tmp_path / "absent"))
    with pytest.raises(ConfigError, match="it needs git, which can't be run: No such file"):
        changes_since("HEAD", repository)


@pytest.mark.parametrize("args", [("--fix",), ("--fix-only",), ("--diff",), ("-",)])
def test_what_it_does_not_go_with(repository: Path, args: tuple[str, ...]) -> None:
    done = run_command("--isolated", "--diff-from", "HEAD", *args, cwd=repository)
    assert (done.returncode, "--diff-from compares files as they are" in done.stderr) == (2, True)


# The answer of git


def test_removed_lines_count_between_those_that_stay() -> None:
    hunks = [Hunk(3, 0, b"gone"), Hunk(5, 4), Hunk(12, 1)]
    spans = [(first, last) for first in range(1, 15) for last in range(first, 15)]
    touched = [span for span in spans if any(hunk.touches(*span) for hunk in hunks)]
    changed = {5, 6, 7, 8, 12}
    assert touched == [
        (first, last) for first, last in spans if changed & set(range(first, last + 1)) or first <= 3 < last
    ]


@pytest.mark.parametrize(
    ("diff", "why"),
    [
        (b"hello\n", "unknown line"),
        (b"diff --git a/a b/a\n@@ -1 +1 @@\n-a\n+b\n", "a hunk of no file"),
        (b"diff --git a/a b/a\n+++ b/a\n@@ -1,2 +1 @@\n-a\n+b\n", "ends early"),
        (b"diff --git a/a b/a\n+++ b/a\n@@ -1 +1 @@\n-a\n", "ends early"),
        (b"diff --git a/a b/a\n+++ b/a\n@@ -1 1 @@\n", "unknown head"),
        (b"diff --git a/a b/a\n+++ a\n", "unknown path"),
        (b"diff --git a/a b/a\nBinary files a/a and b/a differ\n", "unknown line"),
    ],
)
def test_an_answer_that_is_not_understood(diff: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parsed(diff)


def test_contents_are_no_headers() -> None:
    text = b"diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n--- a/b\n-@@ -1 +1 @@\n+++ b/c\n+diff --git\n"
    assert parsed(text + b"\\ No newline at end of file\n") == {b"a": [Hunk(1, 2, b"-- a/b\n@@ -1 +1 @@")]}


def test_a_place_outside_counts_as_changed(repository: Path) -> None:
    place = Location("../elsewhere.py", Position(1, 1), Position(1, 2), Span(0, 1))
    assert changes_since("HEAD", repository).touch(place)
