"""Applying fixes: which go together, what is written, and that a file is the old or the new one whatever happens."""

from __future__ import annotations

import os
import random
import signal
import stat
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linting import run_command

from durable_lint import atomic, fixing, lint_source
from durable_lint.config import Overrides
from durable_lint.fixes.apply import apply, choose
from durable_lint.fixes.leftovers import without_leftovers
from durable_lint.model import Edit, Fix, Level, Span

APP = '''"""An order."""

import logging
import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution

logger = logging.getLogger(__name__)


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    now = time.time()  # the start
    logger.info("order %s", event["id"])
    print("order", event["id"])
    return context.step(lambda _: now, name="store")
'''

FIXED = '''"""An order."""

import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    now = context.step(lambda _: time.time(), name="read-clock")  # the start
    context.logger.info("order %s", event["id"])
    print("order", event["id"])
    return context.step(lambda _: now, name="store")
'''

CLEAN = APP.partition("import logging")[0]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    path = tmp_path / "app.py"
    path.write_text(APP, encoding="utf-8")
    return path


def fix(*edits: tuple[int, int, str]) -> Fix:
    return Fix("a fix", Level.SAFE, tuple(Edit(Span(start, end), text) for start, end, text in edits))


def chosen(*fixes: Fix) -> list[int]:
    return sorted(number for number, _ in choose(list(enumerate(fixes))))


# Which fixes go together


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (fix((0, 2, "a")), fix((2, 4, "b")), True),
        (fix((0, 3, "a")), fix((2, 4, "b")), False),
        (fix((0, 2, "a")), fix((0, 2, "a")), True),
        (fix((0, 2, "a")), fix((0, 2, "b")), False),
        (fix((1, 1, "a")), fix((1, 1, "a")), True),
        (fix((1, 1, "a")), fix((1, 1, "b")), False),
        (fix((0, 0, "import x"), (5, 6, "x")), fix((0, 0, "import x"), (8, 9, "x")), True),
        (fix((0, 4, "a")), fix((2, 2, "b")), False),
        (fix(), fix((2, 2, "b")), False),
    ],
)
def test_fixes_that_collide_wait(first: Fix, second: Fix, together: bool) -> None:
    assert (len(chosen(first, second)) == 2) is together
    assert len(chosen(second, first)) == len(chosen(first, second))


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6), st.text("xy", max_size=3)), max_size=8)


@given(SPANS)
def test_what_is_chosen_can_be_applied_and_touches_nothing_else(places: Sequence[tuple[int, int, str]]) -> None:
    text = "".join(map(chr, range(65, 105)))
    fixes = [fix((start, start + length, new)) for start, length, new in places]
    kept = [one.edits[0] for _, one in choose(list(enumerate(fixes)))]
    result = apply(text, kept)
    distinct = {(edit.span.start, edit.span.end, edit.text) for edit in kept}
    assert len(result) == len(text) + sum(len(new) - (end - start) for start, end, new in distinct)
    touched = {place for start, end, _ in distinct for place in range(start, end)}
    untouched = "".join(character for place, character in enumerate(text) if place not in touched)
    assert "".join(character for character in result if character not in "xy") == untouched


def test_edits_that_overlap_are_never_applied() -> None:
    with pytest.raises(ValueError, match="overlap at offset 1"):
        apply("abc", [Edit(Span(0, 2), "x"), Edit(Span(1, 3), "y")])


# The fixed text


def test_a_text_is_fixed_in_memory() -> None:
    result = lint_source(APP, path="app.py", fix=True)
    (one,) = result.fixed
    assert (one.old, one.new) == (APP, FIXED)
    assert sorted(x.code for x in one.applied) == ["DUR101", "DUR207"]
    assert [x.code for x in result.diagnostics] == ["DUR206"]


def test_a_clean_text_is_left_alone() -> None:
    assert lint_source(CLEAN, fix=True).fixed == ()


@pytest.mark.parametrize(("level", "codes"), [("safe", {"DUR207"}), ("unsafe", {"DUR101", "DUR206", "DUR207"})])
def test_the_level_says_what_is_applied(level: str, codes: set[str]) -> None:
    (one,) = lint_source(APP, overrides=Overrides(fix_level=level), fix=True).fixed
    assert {x.code for x in one.applied} == codes


def test_a_suppressed_finding_is_not_fixed() -> None:
    text = APP.replace("# the start", "# durable-lint: ignore[DUR101] measured")
    (one,) = lint_source(text, overrides=Overrides(fix_level="unsafe"), fix=True).fixed
    assert "now = time.time()" in one.new


@pytest.mark.parametrize(("quote", "takes_it"), [("'", True), ('"', sys.version_info >= (3, 12)), ('"""', True)])
def test_an_f_string_takes_no_fix_with_its_own_quotes(quote: str, takes_it: bool) -> None:
    call = 'context.step(lambda _: now, name="store")'
    text = APP.replace(call, f"f{quote}{{context.step(lambda _: now)}}{quote}")
    (found,) = [one for one in lint_source(text).diagnostics if one.code == "DUR501"]
    assert (found.fix is not None) == takes_it


def test_statements_move_with_whatever_ends_their_lines() -> None:
    call = '    print("order", event["id"])\n'
    block = '    with open(event["id"]) as file:\r        text = file.read()\r\n    print(text)\r'
    result = lint_source(APP.replace(call, block), fix=True)
    assert result.problems == ()
    (fixed,) = result.fixed
    assert '        with open(event["id"]) as file:\n            text = file.read()\n' in fixed.new.replace(
        "\r\n", "\n"
    ).replace("\r", "\n")


def test_an_import_grows_behind_a_form_feed_in_a_comment() -> None:
    head = "from aws_durable_execution_sdk_python import (  # a \f b\n    DurableContext,\n    durable_execution,\n)\n"
    line = "from aws_durable_execution_sdk_python import DurableContext, durable_execution\n"
    late = '    bodies = [lambda: n for n in event]\n    context.wait(60, name="pause")\n'
    text = APP.replace(line, head).replace("    now = time", late + "    now = time")
    result = lint_source(text, overrides=Overrides(isolated=True, fix_level="unsafe"), fix=True)
    assert result.problems == ()
    assert head in result.fixed[0].new


def test_a_fix_that_would_break_the_text_is_refused(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixing, "apply", lambda text, edits: text + "\n)")
    result = fixing.fix_paths(["app.py"], Overrides(isolated=True), cwd=app.parent)
    assert result.fixed == ()
    (problem,) = result.problems
    assert (problem.kind, problem.path) == ("internal", "app.py")
    assert "the fixes of DUR101, DUR207 would break it" in problem.message


def test_fixes_without_an_end_are_said(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixing, "apply", lambda text, edits: text + "\n")
    result = fixing.fix_paths(["app.py"], Overrides(isolated=True), cwd=app.parent)
    (problem,) = result.problems
    assert "did not come to an end in 10 passes" in problem.message


def test_a_file_that_libcst_does_not_give_back_is_left_alone(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixing, "is_reproduced", lambda text: False)
    result = fixing.fix_paths(["app.py"], Overrides(isolated=True), cwd=app.parent)
    assert result.fixed == ()
    assert [(x.kind, x.message) for x in result.problems] == [
        ("unfixable", "libcst doesn't reproduce its text: correct it by hand")
    ]


# What becomes unused


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("import a\n\na.b()\n", "import a\n\nx = 1\n", "x = 1\n"),
        ("import a, b\n\na.b(b)\n", "import a, b\n\nb()\n", "import b\n\nb()\n"),
        ("from a import b, c\n\nb(c)\n", "from a import b, c\n\nb()\n", "from a import b\n\nb()\n"),
        ("import a  # kept\n\na()\n", "import a  # kept\n\nx = 1\n", "import a  # kept\n\nx = 1\n"),
        ("import a\n\nx = 1\n", "import a\n\ny = 1\n", "import a\n\ny = 1\n"),
        ("import a\n__all__ = ['a']\na()\n", "import a\n__all__ = ['a']\n", "import a\n__all__ = ['a']\n"),
        ("x = make()\nx()\n", "x = make()\ny()\n", "x = make()\ny()\n"),
    ],
)
def test_only_what_a_fix_made_unused_goes(old: str, new: str, expected: str) -> None:
    assert without_leftovers(old, new) == expected


def test_a_logger_that_another_module_takes_stays(app: Path) -> None:
    (app.parent / "other.py").write_text("from app import logger\n", encoding="utf-8")
    (one,) = fixing.fix_paths(["."], Overrides(isolated=True), cwd=app.parent).fixed
    assert "logger = logging.getLogger(__name__)" in one.new


# The command


def test_the_command_fixes_and_says_what_it_did(app: Path) -> None:
    done = run_command("--fix", "app.py", cwd=app.parent)
    assert app.read_text("utf-8") == FIXED
    assert (done.returncode, done.stderr) == (1, "")
    assert "fixed 2 findings in 1 file: DUR101 1, DUR207 1\n" in done.stdout
    assert "1 of them changes the operation history: publish a new function version" in done.stdout
    assert "1 warning in 1 file (1 file checked)\n1 with --fix --fix-level unsafe\n" in done.stdout
    again = run_command("--fix", "app.py", cwd=app.parent)
    assert "fixed" not in again.stdout
    assert app.read_text("utf-8") == FIXED


def test_without_fix_nothing_is_written(app: Path) -> None:
    done = run_command("app.py", cwd=app.parent)
    assert "2 fixable with --fix, 1 more with --fix --fix-level unsafe\n" in done.stdout
    assert app.read_text("utf-8") == APP


def test_fix_only_reports_nothing_else(app: Path) -> None:
    done = run_command("--fix-only", "app.py", cwd=app.parent)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("fixed 2 findings in 1 file: DUR101 1, DUR207 1\n")
    assert app.read_text("utf-8") == FIXED


def test_diff_shows_and_writes_nothing(app: Path) -> None:
    done = run_command("--diff", "app.py", cwd=app.parent)
    assert done.returncode == 1
    assert done.stdout.startswith("--- app.py\n+++ app.py\n@@ ")
    assert "\n-    now = time.time()  # the start\n" in done.stdout
    assert done.stderr.startswith("would fix 2 findings in 1 file: DUR101 1, DUR207 1\n1 of them would change")
    assert app.read_text("utf-8") == APP
    app.write_text(FIXED, encoding="utf-8")
    done = run_command("--diff", "app.py", cwd=app.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "nothing would be fixed\n")


def test_a_diff_can_be_applied(app: Path) -> None:
    app.write_text(APP.rstrip("\n"), encoding="utf-8")
    diff = run_command("--diff", "--fix-level", "unsafe", "app.py", cwd=app.parent).stdout
    (app.parent / "a.diff").write_text(diff, encoding="utf-8")
    assert os.system(f"cd {app.parent} && patch -s -p0 < a.diff") == 0
    (one,) = lint_source(APP.rstrip("\n"), overrides=Overrides(fix_level="unsafe"), fix=True).fixed
    assert app.read_text("utf-8") == one.new


def test_the_level_in_the_settings_holds(app: Path) -> None:
    (app.parent / "durable-lint.toml").write_text('fix-level = "safe"\n', encoding="utf-8")
    done = run_command("--fix", "app.py", cwd=app.parent)
    assert "fixed 1 finding in 1 file: DUR207 1\n" in done.stdout
    assert "operation history" not in done.stdout


def test_a_level_without_a_fix_is_refused(app: Path) -> None:
    done = run_command("--fix-level", "safe", "app.py", cwd=app.parent)
    assert done.returncode == 2
    assert "--fix-level says what --fix applies: give --fix, --fix-only or --diff too" in done.stderr


def test_standard_input_is_fixed_to_standard_output(app: Path) -> None:
    command = "python -m durable_lint --fix --stdin-filename app.py - < app.py > out.py 2> err.txt"
    status = os.system(f"cd {app.parent} && {command.replace('python', __import__('sys').executable, 1)}")
    assert os.waitstatus_to_exitcode(status) == 1
    assert (app.parent / "out.py").read_text("utf-8") == FIXED
    assert "fixed 2 findings" in (app.parent / "err.txt").read_text("utf-8")
    assert app.read_text("utf-8") == APP


# Writing


def test_mode_and_link_stay(app: Path) -> None:
    app.chmod(0o754)
    link = app.parent / "link.py"
    link.symlink_to("app.py")
    run_command("--fix", "link.py", cwd=app.parent)
    assert link.is_symlink()
    assert app.read_text("utf-8") == FIXED
    assert stat.S_IMODE(app.stat().st_mode) == 0o754


def test_a_file_that_changed_meanwhile_is_refused(app: Path) -> None:
    result = fixing.fix_paths(["app.py"], Overrides(isolated=True), cwd=app.parent)
    app.write_text("# new\n", encoding="utf-8")
    written, problems = fixing.write(result)
    assert written == []
    assert [(x.kind, x.message) for x in problems] == [
        ("unwritable", "its fixes were not written: it has changed since it was read: run again")
    ]
    assert app.read_text("utf-8") == "# new\n"
    assert sorted(x.name for x in app.parent.iterdir()) == ["app.py"]


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(atomic.Refused, match="No such file"):
        atomic.replace(str(tmp_path / "none.py"), b"", b"x")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everything")
def test_a_read_only_file_is_refused(app: Path) -> None:
    app.chmod(0o444)
    with pytest.raises(atomic.Refused, match="it is read-only"):
        atomic.replace(str(app), APP.encode(), b"x")


def test_a_full_disk_leaves_the_file(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(atomic.Refused, match="No space left on device"):
        atomic.replace(str(app), APP.encode(), b"x")
    assert sorted(x.name for x in app.parent.iterdir()) == ["app.py"]
    assert app.read_text("utf-8") == APP


SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def test_200_runs_that_a_signal_ends_leave_every_file_old_or_new(tmp_path: Path) -> None:
    """The child writes fixed files over and over; the parent ends it at a random moment."""
    files = [tmp_path / f"app{number}.py" for number in range(4)]
    for file in files:
        file.write_text(APP, encoding="utf-8")
    result = fixing.fix_paths(["."], Overrides(isolated=True), cwd=tmp_path)
    assert len(result.fixed) == len(files)
    back = [(one.file, one.after, one.before) for one in result.fixed]
    chance = random.Random(7)
    seen = set()
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)  # the child must not raise KeyboardInterrupt into this test
    try:
        for number in range(200):
            for one in result.fixed:
                Path(one.file).write_bytes(one.before)
            child = os.fork()
            if not child:
                _write_for_ever(back)
            time.sleep(chance.random() * 0.01)
            os.kill(child, SIGNALS[number % len(SIGNALS)])
            os.waitpid(child, 0)
            for one in result.fixed:
                content = Path(one.file).read_bytes()
                assert content in (one.before, one.after)
                seen.add(content)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert len(seen) == 2, "both states were met"
    left = [file.name for file in tmp_path.iterdir() if not file.name.endswith(".durable-lint")]
    assert sorted(left) == [file.name for file in files]


def _write_for_ever(back: Sequence[tuple[str, bytes, bytes]]) -> None:
    try:
        while True:
            for file, after, before in back:
                atomic.replace(file, before, after)
            for file, after, before in back:
                atomic.replace(file, after, before)
    finally:
        os._exit(1)
