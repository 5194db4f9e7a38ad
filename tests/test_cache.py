"""The cache of verdicts: a remembered run prints what a new one would, whatever was changed and whatever is broken."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from durable_lint import cache, engine, observed, source, workspace
from durable_lint import cli as command
from durable_lint.observed import SETTLED

HANDLER = """\
from aws_durable_execution_sdk_python import DurableContext, durable_execution

from shop.helpers import stamp


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    when = stamp()
    return context.step(lambda step: {"when": when}, name="save")
"""
GUILTY = "import time\n\n\ndef stamp():\n    return time.time()\n"
INNOCENT = "def stamp():\n    return 1\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "handler.py").write_text(HANDLER)
    (root / "shop" / "__init__.py").write_text("")
    (root / "shop" / "helpers.py").write_text(GUILTY)
    monkeypatch.chdir(root)
    return root


class Runs:
    """Runs the command in this process and counts the runs of the engine."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.capfd, self.linted = folder, capfd, 0
        real = engine.lint_paths

        def counting(*args: object, **options: object) -> object:
            self.linted += 1
            return real(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(engine, "lint_paths", counting)

    def __call__(self, *words: str) -> tuple[str, str, int]:
        status = command.main([*words, "--cache-dir", str(self.folder)])
        out, err = self.capfd.readouterr()
        return out, err, status

    def cold(self, *words: str) -> tuple[str, str, int]:
        status = command.main([*words, "--no-cache"])
        out, err = self.capfd.readouterr()
        return out, err, status


@pytest.fixture
def runs(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runs:
    return Runs(tmp_path / "cache", capfd, monkeypatch)


def test_a_second_run_is_remembered_and_says_the_same(project: Path, runs: Runs) -> None:
    first = runs(".")
    assert "DUR101" in first[0]
    assert first[2] == 1
    assert runs(".") == first == runs.cold(".")
    assert runs.linted == 2


def test_the_answer_needs_no_parsed_command_line(project: Path, runs: Runs) -> None:
    words = [".", "--cache-dir", str(runs.folder)]
    assert cache.answer(words) is None
    first = runs(".")
    assert cache.answer(words) == first
    (project / "shop" / "helpers.py").write_text(INNOCENT)
    assert cache.answer(words) is None
    assert cache.answer([*words, "--no-cache"]) is None


def test_who_watches_is_not_answered_from_the_cache(project: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("durable_lint.commands.watch.check_again", lambda paths, others, color, check: check())
    words = [".", "--watch", "--cache-dir", str(runs.folder)]
    assert command.main(words) == 1
    assert cache.answer(words) is None


def test_another_format_uses_the_same_result(project: Path, runs: Runs) -> None:
    runs(".")
    assert runs(".", "--format", "json") == runs.cold(".", "--format", "json")
    assert runs(".", "--format", "json", "--quiet") == runs.cold(".", "--format", "json", "--quiet")
    assert runs(".", "--color", "always") == runs.cold(".", "--color", "always")
    assert runs.linted == 4


@pytest.mark.parametrize(
    "options",
    [("--select", "DUR2"), ("--ignore", "DUR101"), ("--fail-on", "never"), ("--statistics",), ("--isolated",)],
)
def test_other_options_are_another_question(project: Path, runs: Runs, options: tuple[str, ...]) -> None:
    runs(".")
    assert runs(".", *options) == runs.cold(".", *options)
    assert runs.linted == 3


def test_reports_in_files_are_written_each_time(project: Path, runs: Runs) -> None:
    words = (".", "--output-format", "json=report.json")
    first = runs(*words)
    text = Path("report.json").read_text()
    Path("report.json").unlink()
    assert runs(*words) == first
    assert Path("report.json").read_text() == text
    assert runs.linted == 1


def test_a_repository_that_comes_to_be_is_seen(project: Path, runs: Runs) -> None:
    runs(".", "--format", "github")
    (project.parent / ".git").mkdir()
    assert runs(".", "--format", "github") == runs.cold(".", "--format", "github")


def test_a_baseline_that_changed_is_seen(project: Path, runs: Runs) -> None:
    _write("durable-lint.toml", 'baseline = "accepted.json"\n')
    assert command.main(["baseline", "."]) == 0
    runs.capfd.readouterr()
    assert "DUR101" not in runs(".")[0]
    kept = Path("accepted.json").read_text()
    Path("handler.py").rename("moved.py")
    assert runs(".") == runs.cold(".")
    Path("moved.py").rename("handler.py")
    assert "DUR101" not in runs(".")[0]
    Path("accepted.json").write_text(kept.replace("DUR101", "DUR102"))
    assert runs(".") == runs.cold(".")


def _write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/helpers.py", INNOCENT),
        ("handler.py", HANDLER.replace("stamp()", "1")),
        ("pyproject.toml", '[tool.durable-lint]\nignore = ["DUR101"]\n'),
        ("shop/durable-lint.toml", 'ignore = ["DUR101"]\n'),
        ("durable-lint.toml", 'ignore = ["DUR101"]\n'),
        (".gitignore", "handler.py\n"),
        ("another.py", HANDLER),
        ("deeper/another.py", HANDLER),
        ("shop/helpers/__init__.py", INNOCENT),
        ("requirements.txt", "aws-durable-execution-sdk-python==1.2.0\n"),
        ("requirements/base.txt", "aws-durable-execution-sdk-python==1.2.0\n"),
        ("uv.lock", '[[package]]\nname = "aws-durable-execution-sdk-python"\nversion = "1.2.0"\n'),
        ("pyvenv.cfg", ""),
    ],
)
def test_what_is_changed_or_new_is_seen(project: Path, runs: Runs, path: str, text: str) -> None:
    first = runs(".")
    _write(path, text)
    second = runs(".")
    assert second == runs.cold(".")
    Path(path).unlink()
    if path in ("shop/helpers.py", "handler.py"):
        assert runs(".") == runs.cold(".")
    else:
        assert runs(".") == first


def test_a_module_that_was_missing_is_seen(project: Path, runs: Runs) -> None:
    (project / "shop" / "helpers.py").unlink()
    assert "DUR101" not in runs(".")[0]
    (project / "shop" / "helpers.py").write_text(GUILTY)
    assert "DUR101" in runs(".")[0]


def test_a_package_in_a_folder_that_was_missing_is_seen(project: Path, runs: Runs) -> None:
    (project / "handler.py").write_text(HANDLER.replace("shop.helpers", "elsewhere.times"))
    assert "DUR101" not in runs("handler.py")[0]
    _write("src/elsewhere/times.py", GUILTY)
    assert "DUR101" in runs("handler.py")[0]


def test_a_link_that_leads_elsewhere_is_seen(project: Path, runs: Runs) -> None:
    (project / "old.txt").write_text(GUILTY)
    (project / "new.txt").write_text(INNOCENT)
    helpers = project / "shop" / "helpers.py"
    helpers.unlink()
    helpers.symlink_to(project / "old.txt")
    assert "DUR101" in runs(".")[0]
    helpers.unlink()
    helpers.symlink_to(project / "new.txt")
    assert "DUR101" not in runs(".")[0]


def test_the_same_size_and_time_deceive_nobody(project: Path, runs: Runs) -> None:
    helpers = project / "shop" / "helpers.py"
    same = GUILTY.replace("return time.time()", "return len('time')")
    helpers.write_text(same.ljust(60, "#"))
    before = helpers.stat()
    assert "DUR101" not in runs(".")[0]
    helpers.write_text(GUILTY.ljust(60, "#"))
    os.utime(helpers, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "DUR101" in runs(".")[0]


def test_a_touched_file_is_compared_not_linted_again(project: Path, runs: Runs) -> None:
    first = runs(".")
    os.utime(project / "handler.py", ns=(1, 1))
    _write("notes.md", "no matter\n")
    assert runs(".") == first
    assert runs.linted == 1


APART = HANDLER.replace("from shop.helpers import stamp", "from time import time as stamp")


@pytest.fixture
def services(project: Path) -> Path:
    """The project with three handlers more that share nothing with it."""
    for number in range(3):
        (project / f"apart_{number}.py").write_text(APART)
    return project


def test_a_changed_file_needs_no_whole_run(services: Path, runs: Runs) -> None:
    before = runs(".")
    (services / "shop" / "helpers.py").write_text(f"# moved down\n{GUILTY}")
    moved = runs(".")
    (services / "shop" / "helpers.py").write_text(INNOCENT)
    after = runs(".")
    assert runs.linted == 1
    assert after == runs.cold(".") != moved != before
    assert "helpers.py:" in before[0]
    assert "helpers.py:" not in after[0]
    assert runs(".") == after
    assert runs.linted == 2


def test_renewed_runs_read_only_what_is_affected(services: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs(".")
    (services / "apart_1.py").write_text(APART + "\n")
    read: list[str] = []

    def reading(key: str, *given: Any, **options: Any) -> bytes:
        read.append(Path(key).name)
        return source.read_bytes(key, *given, **options)

    monkeypatch.setattr(workspace, "read_bytes", reading)
    found = runs(".")
    assert read == ["apart_1.py"]
    assert found == runs.cold(".")


@pytest.mark.parametrize("path", ["handler.py", "new.py", "pyproject.toml"])
def test_what_changes_more_than_a_few_files_makes_a_whole_run(services: Path, runs: Runs, path: str) -> None:
    (services / "pyproject.toml").write_text("")
    runs(".")
    if path == "handler.py":
        (services / path).unlink()
    else:
        (services / path).write_text(APART if path == "new.py" else '[tool.durable-lint]\nignore = ["DUR101"]\n')
    found = runs(".")
    assert runs.linted == 2
    assert found == runs.cold(".")


def test_a_fault_in_what_is_kept_is_said_and_costs_no_finding(
    services: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyError("kept")

    with monkeypatch.context() as patched:
        patched.setattr("durable_lint.incremental.noted.Noted.record", crash)
        out, err, status = runs(".")
        assert err.count("KeyError: 'kept'") == 1 and "everything is checked anew" in err
        assert (out, status) == runs.cold(".")[::2]
    (services / "handler.py").write_text(f"{HANDLER}\n\nLAST = 1\n")
    runs(".")
    (services / "shop" / "helpers.py").write_text(INNOCENT)
    monkeypatch.setattr("durable_lint.incremental.renewal.renew", crash)
    out, err, status = runs(".")
    assert err.count("KeyError: 'kept'") == 1 and "everything is checked anew" in err
    assert (out, status) == runs.cold(".")[::2]
    assert "helpers.py:" not in out


def test_the_record_of_another_run_is_not_used(services: Path, runs: Runs) -> None:
    runs(".")
    (record,) = runs.folder.glob("*.record")
    kept = record.read_bytes()
    (services / "apart_1.py").write_text(INNOCENT)
    runs("--no-cache", ".")
    runs(".")
    record.write_bytes(kept)
    (services / "apart_1.py").write_text(APART)
    linted = runs.linted
    assert runs(".") == runs.cold(".")
    assert runs.linted == linted + 2


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permissions")
def test_a_folder_that_others_can_write_is_not_used(project: Path, runs: Runs) -> None:
    runs(".")
    runs.folder.chmod(0o777)
    for _ in range(2):
        out, err, status = runs(".")
        assert (out, status) == (runs.cold(".")[0], 1)
        assert "can be written by others" in err
        assert (err.count("warning: "), err.count("going on without a cache")) == (1, 1)
    runs.folder.chmod(0o700)
    linted = runs.linted
    runs(".")
    assert runs.linted == linted


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such owners")
def test_a_folder_of_somebody_else_is_not_used(project: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs(".")
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    _, err, status = runs(".")
    assert status == 1
    assert "belongs to another user" in err
    assert runs.linted == 2


def test_old_signatures_prove_what_young_ones_do_not() -> None:
    seen = observed.Observations()
    young, old = seen.began - SETTLED // 2, seen.began - 2 * SETTLED
    assert seen.settled((1, young, old, 1)) == seen.settled((1, old, young, 1)) == observed.UNKNOWN
    assert seen.settled((1, old, old, 1)) == (1, old, old, 1)


def test_a_program_that_changed_forgets(project: Path, runs: Runs, tmp_path: Path) -> None:
    with observed.recording() as seen:
        cache.note_tool(str(engine.Path(engine.__file__).parent.parent / "rules"))
    names = {os.path.basename(path) for path in seen.files}  # noqa: PTH119
    assert {"engine.py", "dur101_wall_clock_in_workflow.py", "aws-durable-execution.toml"} <= names
    assert not seen.spoiled


def test_runs_with_passing_problems_are_not_remembered(project: Path, runs: Runs) -> None:
    assert runs(".", "nowhere")[2] == 2
    assert not runs.folder.exists()
    _write("broken.py", "import aws_durable_execution_sdk_python\ndef f(:\n")
    first = runs(".")
    assert first[2] == 2
    assert "broken.py:2" in first[1]
    assert runs(".") == first
    assert runs.linted == 2


def test_fixes_and_standard_input_are_no_question_for_the_cache(
    project: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs(".", "--diff")
    runs(".", "--fix")
    assert not runs.folder.exists()


@pytest.mark.parametrize("damage", [b"", b"durable-lint cache 1\n", b"x" * 500, None])
def test_a_damaged_file_is_told_once_and_replaced(project: Path, runs: Runs, damage: bytes | None) -> None:
    first = runs(".")
    (file,) = runs.folder.glob("*.verdict")
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if damage is None else damage)
    out, err, status = runs(".")
    assert (out, status) == (first[0], first[2])
    assert err.count("warning: ") == 1
    assert "is damaged" in err
    assert runs(".") == first
    assert runs.linted == 2


def test_a_damaged_command_line_is_replaced(project: Path, runs: Runs) -> None:
    first = runs(".")
    (file,) = runs.folder.glob("*.args")
    file.write_bytes(b"x")
    assert cache.answer([".", "--cache-dir", str(runs.folder)]) is None
    assert "warning: " in runs(".")[1]
    assert runs(".") == first


def test_a_folder_that_cannot_be_made_is_told_once(project: Path, runs: Runs) -> None:
    runs.folder.write_text("a file is in the way")
    out, err, status = runs(".")
    assert (out, status) == (runs.cold(".")[0], 1)
    assert err.count("warning: ") == 1
    assert "going on without a cache" in err


def test_a_full_disk_leaves_nothing_behind(project: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    _, err, status = runs(".")
    assert (err.count("warning: "), status) == (1, 1)
    assert "No space left on device" in err
    assert sorted(file.name for file in runs.folder.iterdir()) == [".gitignore", "CACHEDIR.TAG"]


def test_the_folder_says_what_it_is_and_can_be_cleaned(
    project: Path, runs: Runs, capfd: pytest.CaptureFixture[str]
) -> None:
    runs(".")
    runs(".", "--quiet")
    assert (runs.folder / ".gitignore").read_text() == "*\n"
    assert (runs.folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert command.main(["clean", "--cache-dir", str(runs.folder)]) == 0
    assert capfd.readouterr().out == f"removed 1 result from {runs.folder}\n"
    assert not runs.folder.exists()
    assert command.main(["clean", "--cache-dir", str(runs.folder)]) == 0


def test_cleaning_leaves_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("")
    cache.Cache(str(tmp_path)).save("0.verdict", ())
    assert cache.Cache(str(tmp_path)).clean() == 1
    assert (tmp_path / "precious.txt").exists()


def test_the_cache_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEPT", 8)
    files = cache.Cache(str(tmp_path))
    for number in range(40):
        files.save(f"{number:02}.verdict", number)
        os.utime(tmp_path / f"{number:02}.verdict", ns=(number, number))
    left = sorted(file.name for file in tmp_path.glob("*.verdict"))
    assert 6 <= len(left) <= 8
    assert left[-1] == "39.verdict"


def test_two_runs_at_once(project: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "durable_lint", ".", "--cache-dir", str(tmp_path / "cache")]
    for _ in range(2):
        running = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
        answers = {(*one.communicate(timeout=60), one.returncode) for one in running}
        assert len(answers) == 1
        assert answers.pop()[1:] == (b"", 1)


def test_a_warm_run_imports_no_analysis(project: Path, tmp_path: Path) -> None:
    words = [".", "--cache-dir", str(tmp_path / "cache")]
    program = (
        "import sys; from durable_lint.__main__ import main; status = main(); "
        "print(status, sorted({'click', 'ast', 're', 'json', 'libcst', 'dataclasses'} & {*sys.modules} - before))"
    )
    program = "import sys; before = {*sys.modules}; " + program
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
    assert done.stdout.endswith("1 []\n"), done.stdout + done.stderr


ASKING = re.compile(r"\.(read_bytes|read_text|exists|is_file|is_dir|iterdir|lexists|isfile|isdir|listdir|scandir)\(")
ELSEWHERE = {
    "durable_lint/checks/__init__.py",  # modules of the tool itself, which are noted
    "durable_lint/observed.py",
    "durable_lint/cache.py",
    "durable_lint/config.py",  # only to say why --config is refused
    "durable_lint/discovery.py",  # entries of a listing, and links that it noted
    "durable_lint/since.py",  # runs that compare with git keep nothing
}


def test_what_a_run_reads_is_observed() -> None:
    """A question to the file system that nobody notes would let the cache print what is no longer true."""
    root = Path(engine.__file__).parent
    above = (
        "commands",
        "graph",
        "server",
        "knowledge",
    )  # the knowledge is part of the program, which is noted as a whole
    names = (
        "cli",
        "jobs",
        "atomic",
        "hosted",
        "baselining",
        "fixing",
        "ignoring",
        "outputs",
        "places",
        "memory",
        "survey",
    )
    found = []
    for file in sorted(root.rglob("*.py")):
        shown = file.relative_to(root.parent).as_posix()
        outside = file.relative_to(root).parts[0] in above or file.stem in (*names, "flake8_plugin", "pylint_plugin")
        if outside or shown in ELSEWHERE:
            continue
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if (
                ASKING.search(line)
                and "observed." not in line
                and "__path__" not in line
                and "read_bytes(Path(key)" not in line
            ):
                found.append(f"{shown}:{number}: {line.strip()}")
    assert found == []


def test_any_series_of_edits_gives_what_a_new_run_gives(project: Path, runs: Runs) -> None:
    """Random edits, deletions, moves and restorations of a small project, with each run compared to one without."""
    chance = random.Random(7)
    texts = [GUILTY, INNOCENT, HANDLER, "", "def stamp(:\n", "from shop.clock import stamp\n", "import shop\n"]
    places = ["shop/helpers.py", "shop/clock.py", "handler.py", "app/main.py", "shop/helpers/__init__.py", "pyvenv.cfg"]
    settings = ["", 'select = ["DUR1"]\n', 'exclude = ["app"]\n', 'ignore = ["DUR101"]\n']
    for _ in range(40):
        kind = chance.randrange(6)
        place = Path(chance.choice(places))
        if kind == 0 and place.exists():
            place.unlink()
        elif kind == 1:
            Path("durable-lint.toml").write_text(chance.choice(settings))
        elif kind == 2 and place.exists():
            target = Path(chance.choice(places))
            target.parent.mkdir(parents=True, exist_ok=True)
            place.replace(target)
        elif kind == 3 and place.exists():
            stamp = time.time_ns() - chance.randrange(10) * SETTLED
            os.utime(place, ns=(stamp, stamp))
        else:
            _write(str(place), chance.choice(texts))
        assert runs(".") == runs.cold(".")
