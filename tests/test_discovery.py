"""Which files are linted: given or walked, each once, in one order, with nothing left out in silence."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from durable_lint.config import Overrides, SettingsFinder
from durable_lint.discovery import Discovery, discover, mentions
from durable_lint.paths import Patterns, display


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A directory below one that isn't walked, so that nothing above it can matter."""
    root = tmp_path / "work"
    root.mkdir()
    return root


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def found(root: Path, *given: str, force_exclude: bool = False) -> list[str]:
    result = discover(given, cwd=root, force_exclude=force_exclude)
    assert result.problems == ()
    return [one.path for one in result.files]


def problems(result: Discovery) -> list[tuple[str, str]]:
    return [(problem.kind, problem.path) for problem in result.problems]


def test_directories_are_walked_in_order(tree: Path) -> None:
    names = ["b/z.py", "b/a.py", "a.py", "a/x.py", "a-b.py", "c.pyw"]
    random.Random(1).shuffle(names)
    write(tree, *names, "notes.txt", "stub.pyi", "a/data.json")
    assert found(tree, ".") == ["a-b.py", "a.py", "a/x.py", "b/a.py", "b/z.py", "c.pyw"]
    assert found(tree, "b", "a") == ["a/x.py", "b/a.py", "b/z.py"]


def test_each_file_is_found_once(tree: Path) -> None:
    write(tree, "src/a.py", "src/sub/b.py")
    given = ["src/sub", "src", "src/a.py", "./src/../src/a.py", os.fspath(tree / "src" / "a.py")]
    result = discover(given, cwd=tree)
    assert [one.path for one in result.files] == ["src/a.py", "src/sub/b.py"]
    assert result.notes == ()
    assert all(one.file.is_absolute() and one.file.is_file() for one in result.files)


def test_paths_are_shown_relative_only_when_below(tree: Path) -> None:
    write(tree, "here/a.py", "there/b.py")
    result = discover(["a.py", "../there"], cwd=tree / "here")
    assert sorted(one.path for one in result.files) == sorted(["a.py", (tree / "there" / "b.py").as_posix()])


def test_a_directory_may_be_called_like_a_file(tree: Path) -> None:
    write(tree, "odd.py/inner.py")
    assert found(tree, "odd.py") == ["odd.py/inner.py"]
    assert found(tree, ".") == ["odd.py/inner.py"]


def test_what_cannot_be_linted_is_said(tree: Path) -> None:
    write(tree, "README.md", "a.py")
    (tree / "broken.py").symlink_to("nowhere")
    result = discover(["absent", "a.py", "README.md", "broken.py", "", "a\0b.py"], cwd=tree)
    assert [one.path for one in result.files] == ["a.py"]
    assert problems(result) == [
        ("unreadable", ""),
        ("usage", "README.md"),
        ("unreadable", "a\0b.py"),
        ("missing", "absent"),
        ("missing", "broken.py"),
    ]
    assert 'there is no file or folder "absent"' in [problem.message for problem in result.problems]


def test_a_directory_without_python_files_is_noted(tree: Path) -> None:
    write(tree, "docs/a.md", "src/a.py", "env/.venv/b.py")
    result = discover(["docs", "src", "env"], cwd=tree)
    assert result.problems == ()
    assert result.notes == ("no Python files under docs", "no Python files under env")
    assert discover(["src", "src"], cwd=tree).notes == ()


def test_directories_of_tools_are_skipped_unless_given(tree: Path) -> None:
    write(
        tree, "a.py", ".git/b.py", ".venv/c.py", "x/node_modules/d.py", "x/__pycache__/e.py", "lib/site-packages/f.py"
    )
    write(tree, "environment/pyvenv.cfg", "environment/g.py", "build/h.py", "dist/i.py", "venv.py")
    assert found(tree, ".") == ["a.py", "build/h.py", "dist/i.py", "venv.py"]
    assert found(tree, "lib/site-packages", "environment", ".venv") == [
        ".venv/c.py",
        "environment/g.py",
        "lib/site-packages/f.py",
    ]


def test_links_are_followed_to_each_directory_once(tree: Path) -> None:
    write(tree, "real/a.py", "elsewhere/b.py")
    (tree / "real" / "up").symlink_to("..")
    (tree / "real" / "self").symlink_to(".")
    (tree / "real" / "0link.py").symlink_to("a.py")
    (tree / "real" / "out").symlink_to("../elsewhere")
    (tree / "real" / "out2").symlink_to("../elsewhere")
    assert found(tree, "real") == ["real/a.py", "real/out/b.py"]
    assert found(tree, ".") == ["elsewhere/b.py", "real/a.py"]
    assert found(tree, "real/0link.py") == ["real/0link.py"]


def test_links_to_nowhere_are_noted(tree: Path) -> None:
    write(tree, "a.py")
    (tree / "b.py").symlink_to("nowhere")
    (tree / "loop.py").symlink_to("loop.py")
    (tree / "text").symlink_to("nowhere")
    result = discover(["."], cwd=tree)
    assert result.problems == ()
    assert len(result.notes) == 2
    assert result.notes[0].startswith("b.py is a link that can't be followed")


def repository(root: Path) -> None:
    subprocess.run(["git", "init", "--quiet", os.fspath(root)], check=True)


def git_sees(root: Path) -> list[str]:
    command = ["git", "-C", os.fspath(root), "ls-files", "--others", "--exclude-standard", "*.py"]
    return sorted(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines())


def test_ignore_files_work_as_in_git(tree: Path) -> None:
    repository(tree)
    write(tree, "a.py", "build/b.py", "src/build/c.py", "src/d_pb2.py", "src/keep_pb2.py", "top.py", "src/top.py")
    write(tree, "src/deep/e.py", "src/deep/f.py", "secret.py", "#odd.py", "src/ gap.py", "out/x.py", "out/keep/y.py")
    (tree / ".gitignore").write_bytes(
        b"# made\r\nbuild/\r\n*_pb2.py\r\n/top.py\r\n\\#odd.py\r\n!\r\nout/*\r\n!out/keep/\r\n"
    )
    (tree / "src" / ".gitignore").write_text("!keep_pb2.py\ndeep/*\n!deep/f.py\n")
    (tree / ".git" / "info" / "exclude").write_text("secret.py\n")
    expected = ["a.py", "out/keep/y.py", "src/ gap.py", "src/deep/f.py", "src/keep_pb2.py", "src/top.py"]
    assert git_sees(tree) == expected
    assert found(tree, ".") == expected
    assert found(tree, "src") == [name for name in expected if name.startswith("src/")]


def test_an_ignored_path_that_is_given_is_linted(tree: Path) -> None:
    repository(tree)
    write(tree, "build/a.py", "build/sub/b.py", "build/c_pb2.py", "d_pb2.py")
    (tree / ".gitignore").write_text("build/\n*_pb2.py\n")
    assert found(tree, ".") == []
    assert found(tree, "build") == ["build/a.py", "build/sub/b.py"]
    assert found(tree, "build/sub", "d_pb2.py") == ["build/sub/b.py", "d_pb2.py"]


def test_everything_ignored_above_does_not_empty_a_given_directory(tree: Path) -> None:
    repository(tree)
    (tree / ".gitignore").write_text("*\n")
    write(tree, "project/a.py")
    assert found(tree / "project", ".") == ["a.py"]


def test_ignore_files_above_count_only_in_a_repository(tree: Path) -> None:
    write(tree, "project/a.py", "project/b.py")
    (tree / ".gitignore").write_text("a.py\n")
    (tree / "project" / ".gitignore").write_text("b.py\n")
    assert found(tree, "project") == ["project/a.py"]
    repository(tree)
    assert found(tree, "project") == []


def test_an_ignore_file_that_cannot_be_read_is_a_problem(tree: Path) -> None:
    write(tree, "a.py")
    (tree / ".gitignore").mkdir()
    result = discover(["."], cwd=tree)
    assert [one.path for one in result.files] == ["a.py"]
    assert problems(result) == [("unreadable", ".gitignore")]


def test_force_exclude_holds_for_given_paths(tree: Path) -> None:
    repository(tree)
    write(tree, "build/a.py", "b.py", ".venv/c.py")
    (tree / ".gitignore").write_text("build/\n")
    given = ["build/a.py", "b.py", ".venv/c.py", ".venv", "build"]
    result = discover(given, cwd=tree, force_exclude=True)
    assert [one.path for one in result.files] == ["b.py"]
    assert result.notes == (
        "build/a.py is excluded",
        ".venv/c.py is excluded",
        ".venv is excluded",
        "build is excluded",
    )
    assert found(tree, *given) == [".venv/c.py", "b.py", "build/a.py"]


def test_excludes_come_from_the_settings_of_each_directory(tree: Path) -> None:
    write(tree, "a/gen/x.py", "a/m.py", "b/gen/x.py", "b/old.py")
    (tree / "a" / "durable-lint.toml").write_text('exclude = ["/gen"]')
    finder = SettingsFinder(Overrides(exclude=("old.py",)), (), (), tree)

    def walked(*given: str, force_exclude: bool = False) -> list[str]:
        result = discover(given, cwd=tree, excludes=finder.excludes, force_exclude=force_exclude)
        return [one.path for one in result.files]

    assert walked(".") == ["a/m.py", "b/gen/x.py"]
    assert walked("a/gen", "b/old.py") == ["a/gen/x.py", "b/old.py"]
    assert walked("a/gen", "b/old.py", "a/m.py", force_exclude=True) == ["a/m.py"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_no_text_are_shown_with_backslashes(tree: Path) -> None:
    (tree / os.fsdecode(b"caf\xe9.py")).write_text("")
    (one,) = discover(["."], cwd=tree).files
    assert one.path == "caf\\xe9.py"
    assert one.file.read_text() == ""
    one.path.encode()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_directory_without_permission_is_a_problem(tree: Path) -> None:
    write(tree, "a.py", "closed/b.py")
    (tree / "closed").chmod(0)
    try:
        result = discover(["."], cwd=tree)
    finally:
        (tree / "closed").chmod(0o700)
    assert [one.path for one in result.files] == ["a.py"]
    assert problems(result) == [("unreadable", "closed")]


def test_very_deep_directories_are_walked(tree: Path) -> None:
    deep = tree / "/".join(["d"] * 500)
    deep.mkdir(parents=True)
    (deep / "a.py").write_text("")
    assert found(tree, ".") == ["d/" * 500 + "a.py"]


def test_pathspec_is_imported_only_for_patterns(tree: Path) -> None:
    write(tree, "a.py")
    script = "import sys, pathlib, durable_lint.discovery as d; d.discover(['.'], cwd=pathlib.Path(sys.argv[1])); "
    script += "sys.exit('pathspec' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.fspath(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", script, os.fspath(tree)], check=False, env=environment)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("data", "roots", "expected"),
    [
        (b"from aws_sdk import x", [b"aws_sdk"], True),
        (b"import os", [b"aws_sdk", b"temporalio"], False),
        (b"import temporalio", [b"aws_sdk", b"temporalio"], True),
        (b"anything", [], False),
    ],
)
def test_mentions(data: bytes, roots: Sequence[bytes], expected: bool) -> None:
    assert mentions(data, roots) is expected


def test_patterns_answer_for_paths_outside_of_their_root() -> None:
    patterns = Patterns("/etc/settings", ("/top.py", "*_pb2.py", "gen/"))
    assert patterns.check("/home/x_pb2.py", directory=False) is True
    assert patterns.check("/home/gen", directory=True) is True
    assert patterns.check("/home/gen", directory=False) is None
    assert patterns.check("/home/top.py", directory=False) is None
    assert patterns.check("/etc/settings", directory=True) is None
    assert Patterns("/", ("/a.py",)).check("/a.py", directory=False) is True


def test_display_keeps_paths_that_only_begin_alike() -> None:
    assert display("/work/main/a.py", "/work/main") == "a.py"
    assert display("/work/mainly/a.py", "/work/main") == "/work/mainly/a.py"
    assert display("/work/main", "/work/main") == "."
    assert display("/a.py", "/") == "a.py"


@pytest.mark.skipif(sys.platform != "linux", reason="takes names that are no text")
def test_two_files_that_are_shown_alike_are_not_taken_for_each_other(tmp_path: Path) -> None:
    for name in (b"a\xff.py", rb"a\xff.py", b"b.py"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("")
    found = discover(["."], cwd=tmp_path)
    assert [one.path for one in found.files] == [r"a\xff.py", "b.py"]
    (problem,) = found.problems
    assert (problem.kind, problem.path) == ("unreadable", r"a\xff.py")
    assert "another file is shown by the same name" in problem.message
