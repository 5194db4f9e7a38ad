"""Baselines: what they hold is left out whatever moves, what is fixed is said and dropped, and git merges them."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
from linting import run_command
from test_since import git

from durable_lint import fixing
from durable_lint.baseline import DEFAULT, Entry, read, written
from durable_lint.baselining import update
from durable_lint.config import ConfigError, Overrides
from durable_lint.engine import lint_paths
from durable_lint.model import RunResult

APP = """import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    begun = time.time()
    print(event)
    print(event)
    return context.step(lambda _: begun, name="store")
"""
HELD = Overrides(isolated=True, baseline=Path(DEFAULT))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP, "utf-8")
    return tmp_path


def bring(project: Path, *paths: str, prune: bool = False, overrides: Overrides = HELD) -> tuple[int, int, int]:
    """Bring the one baseline up to date: its entries, the new ones and the dropped ones."""
    (done,), problems = update(paths or (".",), overrides, prune=prune, cwd=project)
    assert problems == []
    return done.entries, done.added, done.dropped


def lint(project: Path, *paths: str, overrides: Overrides = HELD) -> RunResult:
    return lint_paths(paths or (".",), overrides, cwd=project)


def codes(result: RunResult) -> list[str]:
    return [one.code for one in result.diagnostics]


def change(project: Path, old: str, new: str, name: str = "app.py") -> None:
    text = (project / name).read_text("utf-8")
    assert old in text
    (project / name).write_text(text.replace(old, new, 1), "utf-8")


def test_what_it_holds_is_left_out_and_said(project: Path) -> None:
    assert bring(project) == (3, 3, 0)
    result = lint(project)
    assert (codes(result), result.problems) == ([], ())
    assert result.notes == (f"3 findings are left out: {DEFAULT} holds them",)
    assert bring(project) == (3, 0, 0)


def test_findings_may_move(project: Path) -> None:
    bring(project)
    change(project, "import time\n", "import json\nimport time\n\nLIMIT = json.loads('3')\n")
    change(project, "    begun =", "    limit = LIMIT\n    begun  = ")
    assert codes(lint(project)) == []


def test_a_new_one_and_a_changed_line_are_found(project: Path) -> None:
    bring(project)
    change(project, "    print(event)\n", "    print(event)\n    print(event)\n")
    assert [(one.code, one.line) for one in lint(project).diagnostics] == [("DUR206", 11)]
    change(project, "begun = time.time()", "begun = int(time.time())")
    result = lint(project)
    assert codes(result) == ["DUR101", "DUR206"]
    assert f'{DEFAULT}: DUR101 is no longer found in app.py at "begun = time.time()"' in result.notes[1]


def test_fixed_entries_are_said_and_dropped(project: Path) -> None:
    bring(project)
    change(project, "    print(event)\n", "")
    change(project, "time.time()", "1")
    left, *said = lint(project).notes
    assert left == f"1 finding is left out: {DEFAULT} holds it"
    assert sorted(line.split(" is ")[0] for line in said) == [f"{DEFAULT}: DUR101", f"{DEFAULT}: DUR206"]
    assert bring(project) == (1, 0, 2)
    assert len(lint(project).notes) == 1


def test_only_five_are_named(project: Path) -> None:
    (project / "app.py").write_text(APP.replace("    print(event)\n", "    print(event)\n" * 9), "utf-8")
    bring(project)
    (project / "app.py").write_text(APP.replace("    print(event)\n", ""), "utf-8")
    said = lint(project).notes
    assert len(said) == 7
    assert said[-1] == f"{DEFAULT}: 13 more entries match nothing any more"


def test_prune_adds_nothing(project: Path) -> None:
    bring(project)
    change(project, "begun = time.time()", "begun = int(time.time())")
    assert bring(project, prune=True) == (2, 0, 1)
    assert codes(lint(project)) == ["DUR101"]


def test_what_nobody_looked_for_stays(project: Path) -> None:
    (project / "other.py").write_text(APP, "utf-8")
    assert bring(project) == (6, 6, 0)
    change(project, "    print(event)\n", "")
    few = Overrides(isolated=True, baseline=Path(DEFAULT), select=("DUR101",))
    assert len(lint(project, overrides=few).notes) == 1
    assert bring(project, overrides=few) == (6, 0, 0)
    assert len(lint(project, "other.py").notes) == 1
    assert len(lint(project, "app.py").notes) == 1  # what is found in one file can depend on others
    assert bring(project, "other.py") == (6, 0, 0)
    assert bring(project, "app.py") == (5, 0, 1)


def test_files_that_are_gone_or_excluded_are_stale(project: Path) -> None:
    for name in ("gone.py", "excluded.py"):
        (project / name).write_text(APP, "utf-8")
    bring(project)
    (project / "gone.py").unlink()
    without = Overrides(isolated=True, baseline=Path(DEFAULT), exclude=("excluded.py",))
    said = lint(project, overrides=without).notes[1:]
    assert {line.partition(" in ")[2].partition(" ")[0] for line in said[:5]} == {"gone.py", "excluded.py"}
    assert bring(project, overrides=without) == (3, 0, 6)


def test_nothing_is_stale_where_a_file_cannot_be_read(project: Path) -> None:
    bring(project)
    (project / "app.py").write_text(APP + "(", "utf-8")
    result = lint(project)
    assert (len(result.problems), result.notes) == (1, ())
    before = (project / DEFAULT).read_bytes()
    updates, problems = update(["."], HELD, cwd=project)
    assert (updates, problems[-1].message[:24]) == ([], "no baseline was written:")
    assert (project / DEFAULT).read_bytes() == before


def test_settings_name_one_for_each_part(tmp_path: Path) -> None:
    for part in ("one", "two"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "app.py").write_text(APP, "utf-8")
        (tmp_path / part / "durable-lint.toml").write_text('baseline = "known/b.json"\n', "utf-8")
    (tmp_path / "three.py").write_text(APP, "utf-8")
    result = lint_paths(["."], cwd=tmp_path)
    assert {problem.message for problem in result.problems} == {
        "there is no such baseline: durable-lint baseline writes it"
    }
    updates, problems = update(["."], Overrides(), cwd=tmp_path)
    assert problems == []
    assert [(one.shown, one.entries, one.named) for one in updates] == [
        (DEFAULT, 3, False),
        ("one/known/b.json", 3, True),
        ("two/known/b.json", 3, True),
    ]
    assert list(json.loads((tmp_path / "one/known/b.json").read_bytes())["findings"]) == ["../app.py"]
    assert {one.path for one in lint_paths(["."], cwd=tmp_path).diagnostics} == {"three.py"}
    assert codes(lint_paths(["app.py"], cwd=tmp_path / "two")) == []
    assert len(codes(lint_paths(["."], Overrides(isolated=True), cwd=tmp_path / "one"))) == 3


def test_fixes_leave_alone_what_it_holds(project: Path) -> None:
    bring(project)
    change(project, "    print(event)\n", "    later = time.time()\n    print(later)\n    print(event)\n")
    result = fixing.fix_paths(["."], HELD, cwd=project)
    (fixed,) = result.fixed
    assert "    begun = time.time()\n" in fixed.new
    assert "lambda _: time.time()" in fixed.new
    assert "DUR101" not in codes(result)


def test_random_moves_change_nothing(project: Path) -> None:
    bring(project)
    draw = random.Random(7)
    lines = APP.splitlines(keepends=True)
    for _ in range(20):
        moved = []
        for line in lines:
            moved += (
                ["\n"] * draw.randrange(3) + [f"{line[: len(line) - len(line.lstrip())]}# {draw.random()}\n"] + [line]
            )
        (project / "app.py").write_text("".join(moved), "utf-8")
        result = lint(project)
        assert (codes(result), len(result.notes)) == ([], 1)


# The file


def entry(number: int, path: str = "app.py", text: str = "x") -> Entry:
    return Entry(path, "DUR101", text, f"{number:032x}")


def test_it_is_sorted_json_with_a_line_for_each() -> None:
    entries = [
        entry(number, path, text) for number, (path, text) in enumerate([("b", "é\u2028"), ("a", '"'), ("a", "\\")])
    ]
    data = written([*entries, entries[0]])
    assert data == written(reversed(entries))
    found = json.loads(data)["findings"]
    assert [(path, [one["text"] for one in own]) for path, own in found.items()] == [
        ("a", ['"', "\\"]),
        ("b", ["é\u2028"]),
    ]
    assert len(data.decode().split("\n")) == 15
    assert json.loads(written([]))["findings"] == {}


def test_a_path_that_is_no_text(tmp_path: Path) -> None:
    odd = entry(1, "\udcff.py", "é")
    (tmp_path / "b.json").write_bytes(written([odd]))
    assert list(read(tmp_path / "b.json", tmp_path).entries.values()) == [odd]


BROKEN = {
    "json": (b'{"version": 1,\n  3}', "b.json", 2, "is not valid JSON: "),
    "conflict": (
        b'{"findings": [\n<<<<<<< HEAD\n',
        "b.json",
        2,
        "holds a merge conflict: keep the lines of both sides",
    ),
    "list": (b"[]", "b.json", 0, "is no baseline: it holds no findings"),
    "version": (b'{"version": 2, "findings": {}}', "b.json", 0, "is of another version of durable-lint: "),
    "bytes": (b"\xff", "b.json", 0, "is not UTF-8 (byte 0)"),
    "deep": (b"[" * 100_000, "b.json", 0, "is n"),
    "entry": (
        b'{"version": 1, "fingerprints": 1, "findings": {"a.py": [{"code": 1}]}}',
        "b.json",
        0,
        'a finding of "a.py" must have the keys',
    ),
    "folder": (None, ".", 0, "can't be read: it is a directory"),
    "absent": (None, "c.json", 0, "there is no such baseline: durable-lint baseline writes it"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_is_no_baseline(project: Path, case: str) -> None:
    data, name, line, said = BROKEN[case]
    if data is not None:
        (project / "b.json").write_bytes(data)
    with pytest.raises(ConfigError) as error:
        read(project / name, project)
    assert error.value.problem.kind == "configuration"
    assert (error.value.problem.line if case != "deep" else 0) == line
    assert error.value.problem.message.startswith(said)
    result = lint(project, overrides=Overrides(isolated=True, baseline=Path(name)))
    assert (codes(result), [one.message[: len(said)] for one in result.problems]) == ([], [said])


def test_what_cannot_be_written_is_said(project: Path) -> None:
    updates, (problem,) = update(["."], Overrides(isolated=True, baseline=Path("app.py/b.json")), cwd=project)
    assert updates == []
    assert problem.message.startswith("the baseline was not written: ")
    assert problem.kind == "unwritable"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_merges_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    names = ["a.py", "c.py", "e.py", "g.py"]

    def commit(message: str) -> None:
        bring(tmp_path)
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-q", "-m", message)

    for name in names:
        (tmp_path / name).write_text(APP, "utf-8")
    commit("old code")
    git(tmp_path, "checkout", "-q", "-b", "feature")
    (tmp_path / "b.py").write_text(APP, "utf-8")
    change(tmp_path, "begun = time.time()", "begun = 1", "e.py")
    commit("feature")
    git(tmp_path, "checkout", "-q", "main")
    (tmp_path / "d.py").write_text(APP, "utf-8")
    change(tmp_path, "    print(event)\n", "", "g.py")
    commit("main")
    git(tmp_path, "merge", "-q", "feature", "-m", "merge")
    merged = (tmp_path / DEFAULT).read_bytes()
    result = lint(tmp_path)
    assert (codes(result), len(result.notes)) == ([], 1)
    assert bring(tmp_path) == (16, 0, 0)
    assert (tmp_path / DEFAULT).read_bytes() == merged


# The command


def test_the_command(project: Path) -> None:
    done = run_command("baseline", cwd=project)
    assert (done.returncode, done.stdout) == (0, f"{DEFAULT}: 3 findings (3 new)\n")
    assert done.stderr == f'note: runs find it by --baseline {DEFAULT} or, in the settings, baseline = "{DEFAULT}"\n'
    assert run_command(cwd=project).returncode == 1
    done = run_command("--baseline", DEFAULT, cwd=project)
    assert (done.returncode, done.stdout) == (0, "no findings in 1 file\n")
    assert done.stderr == f"note: 3 findings are left out: {DEFAULT} holds them\n"
    (project / "durable-lint.toml").write_text(f'baseline = "{DEFAULT}"\n', "utf-8")
    assert run_command("--quiet", cwd=project).stdout == ""
    assert f"baseline          {project / DEFAULT}" in run_command("config", cwd=project).stdout
    change(project, "    print(event)\n", "")
    done = run_command("baseline", cwd=project)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{DEFAULT}: 2 findings (1 dropped)\n", "")
    done = run_command("baseline", cwd=project)
    assert done.stdout == f"{DEFAULT}: 2 findings (as before)\n"
    change(project, "import time\n", "import time (\n")
    done = run_command("baseline", cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no baseline was written: not everything could be checked" in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("-",), "leave out standard input"),
        (("absent",), 'there is no file or folder "absent"'),
        (("--ignore", "DUR999"), 'no rule has the code or name "DUR999"'),
    ],
)
def test_refusals(project: Path, args: tuple[str, ...], said: str) -> None:
    done = run_command("baseline", *args, cwd=project)
    assert (done.returncode, said in done.stderr) == (2, True)
    assert not (project / DEFAULT).exists()


def test_a_folder_without_python(tmp_path: Path) -> None:
    done = run_command("baseline", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "no Python files found\n")
    assert list(tmp_path.iterdir()) == []
