"""``add-ignores``: where a comment goes, what stays as it is, and that a run is silent afterwards."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from fixture_files import cases
from linting import changed_copy, rules_for, run_command

from durable_lint.config import Overrides
from durable_lint.engine import lint_paths
from durable_lint.ignoring import ignore_paths, reason_error
from durable_lint.suppressions import IN_TURN

HEAD = """import time, random

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
"""
TAIL = '    return context.step(lambda _: [begun, event], name="store")\n'
ALONE = Overrides(isolated=True)


def ignored(tmp_path: Path, body: str, reason: str = "as of today", head: str = HEAD) -> str:
    """The body of a handler with the comments that it gets; nothing is found in it any more."""
    file = tmp_path / "app.py"
    file.write_bytes((head + body + TAIL).encode())
    assert lint_paths(["app.py"], ALONE, cwd=tmp_path).diagnostics
    result = ignore_paths(["app.py"], ALONE, reason, cwd=tmp_path)
    (fixed,) = result.fixed
    assert (result.diagnostics, result.problems) == ((), ())
    file.write_bytes(fixed.after)
    assert lint_paths(["app.py"], ALONE, cwd=tmp_path).diagnostics == ()
    return fixed.new


BODIES = {
    "own line": (
        "    begun = time.time()\n",
        "    begun = time.time()  # durable-lint: ignore[DUR101] as of today\n",
    ),
    "blanks at its end": (
        "    begun = time.time() \t \n",
        "    begun = time.time()  # durable-lint: ignore[DUR101] as of today\n",
    ),
    "two rules": (
        "    begun = [time.time(), random.random()]\n",
        "    begun = [time.time(), random.random()]  # durable-lint: ignore[DUR101, DUR102] as of today\n",
    ),
    "behind other comments": (
        "    begun = time.time()  # noqa: E501  # type: ignore[x] \n",
        "    begun = time.time()  # noqa: E501  # type: ignore[x]  # durable-lint: ignore[DUR101] as of today\n",
    ),
    "joins ours": (
        "    begun = [time.time(), random.random()]  # durable-lint: ignore[DUR101] a draw  # noqa: E501\n",
        "    begun = [time.time(), random.random()]  # durable-lint: ignore[DUR101, DUR102] a draw; as of today"
        "  # noqa: E501\n",
    ),
    "joins ours with the same reason": (
        "    begun = [time.time(), random.random()]  # Durable-Lint:ignore [wall-clock-in-workflow,] as of today\n",
        "    begun = [time.time(), random.random()]  # Durable-Lint:ignore [wall-clock-in-workflow, DUR102]"
        " as of today\n",
    ),
    "joins ours without a reason": (
        "    begun = [time.time(), random.random()]  # durable-lint: ignore[DUR101]\n",
        "    begun = [time.time(), random.random()]  # durable-lint: ignore[DUR101, DUR102] as of today\n",
    ),
    "line of a statement": (
        "    begun = [\n        1,\n        time.time(),\n    ]\n",
        "    begun = [\n        1,\n        time.time(),  # durable-lint: ignore[DUR101] as of today\n    ]\n",
    ),
    "string begins behind it": (
        '    begun = [\n        time.time(), """\n    """]\n',
        '    begun = [  # durable-lint: ignore[DUR101] as of today\n        time.time(), """\n    """]\n',
    ),
    "backslash behind it": (
        "    begun = (time.time() + \\\n        1)\n",
        "    begun = (time.time() + \\\n        1)\n",
    ),
    "within an f-string": (
        '    begun = [f"""\n    {time.time()}\n    """, 1]\n',
        '    begun = [f"""\n    {time.time()}\n    """, 1]\n',
    ),
    "header": (
        "    while time.time() > 3:\n        pass\n    begun = 1\n    if random.random() > (\n        0.5\n    ):\n"
        '        context.step(lambda _: 1, name="a")\n',
        "    while time.time() > 3:  # durable-lint: ignore[DUR101] as of today\n        pass\n    begun = 1\n"
        "    if random.random() > (  # durable-lint: ignore[DUR102] as of today\n        0.5\n    ):\n"
        '        context.step(lambda _: 1, name="a")\n',
    ),
}
ON_THE_FUNCTION = {"backslash behind it", "within an f-string"}


@pytest.mark.parametrize("case", BODIES)
def test_the_comment_stands_where_it_covers_least(tmp_path: Path, case: str) -> None:
    body, expected = BODIES[case]
    text = ignored(tmp_path, body)
    comment = "  # durable-lint: ignore[DUR101] as of today"
    head = HEAD.replace("-> float:", f"-> float:{comment}") if case in ON_THE_FUNCTION else HEAD
    assert text == head + expected + TAIL


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_stay(tmp_path: Path, end: str) -> None:
    head = HEAD.replace("\n", end)
    text = ignored(tmp_path, f'    begun = time.time(){end}    """{end}  kept  {end}"""{end}', head=head)
    comment = "  # durable-lint: ignore[DUR101] as of today"
    assert text == f'{head}    begun = time.time(){comment}{end}    """{end}  kept  {end}"""{end}{TAIL}'


def test_encoding_and_mark_stay(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    body = HEAD + "    begun = time.time()  # café\n" + TAIL
    file.write_bytes(("# -*- coding: latin-1 -*-\n" + body).encode("latin-1"))
    (fixed,) = ignore_paths(["app.py"], ALONE, "déjà vu", cwd=tmp_path).fixed
    assert b"# caf\xe9  # durable-lint: ignore[DUR101] d\xe9j\xe0 vu\n" in fixed.after
    (problem,) = ignore_paths(["app.py"], ALONE, "→ later", cwd=tmp_path).problems
    assert problem.message == "the reason can't be written in iso8859-1: give one that can"
    file.write_bytes(b"\xef\xbb\xbf" + body.encode())
    (fixed,) = ignore_paths(["app.py"], ALONE, "later", cwd=tmp_path).fixed
    assert fixed.after.startswith(b"\xef\xbb\xbfimport")


def test_a_finding_without_a_place_is_a_problem(tmp_path: Path) -> None:
    limits = 'LIMITS = \\\n    [Duration.from_seconds(-1), """\n"""]\n'
    text = "from aws_durable_execution_sdk_python.config import Duration\n" + HEAD + "    begun = time.time()\n" + TAIL
    (tmp_path / "app.py").write_text(text + limits, "utf-8")
    result = ignore_paths(["app.py"], ALONE, "later", cwd=tmp_path)
    (problem,) = result.problems
    (left,) = result.diagnostics
    assert (problem.line, problem.kind, left.line) == (12, "unfixable", 12)
    assert problem.message.startswith(f"no comment for {left.code} can stand here")
    (fixed,) = result.fixed
    assert [one.code for one in fixed.applied] == ["DUR101"]


@pytest.mark.parametrize(
    "case",
    [case for number, case in enumerate(cases()) if number % 12 == 0 and case.parent.name not in IN_TURN],
    ids=lambda case: f"{case.parent.name}-{case.stem}",
)
def test_fixtures_are_silent_afterwards(tmp_path: Path, case: Path) -> None:
    copy = changed_copy(case, tmp_path, lambda module, data: data)
    result = ignore_paths([copy.name], rules_for(case.parent.name), "why not", cwd=copy.parent)
    assert [one for one in result.diagnostics if one.code not in IN_TURN] == []
    assert result.problems == ()
    for fixed in result.fixed:
        assert ast.dump(ast.parse(fixed.before)) == ast.dump(ast.parse(fixed.after))


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [("later", ""), ("...", "it says nothing"), ("see #3", "a reason ends at '#'"), ("a\nb", "it must be one line")],
)
def test_reasons(reason: str, wrong: str) -> None:
    assert reason_error(reason).startswith(wrong) and bool(reason_error(reason)) == bool(wrong)


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    text = HEAD + "    begun = time.time()\n    print(begun)\n" + TAIL
    file.write_text(text, "utf-8")
    shown = run_command("add-ignores", "--reason", "later", "--diff", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (1, "would ignore 2 findings in 1 file: DUR101 1, DUR206 1\n")
    assert "+    begun = time.time()  # durable-lint: ignore[DUR101] later\n" in shown.stdout
    assert file.read_text("utf-8") == text
    done = run_command("add-ignores", "--reason", "later", "--select", "DUR1", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "ignored 1 finding in 1 file: DUR101 1\n")
    done = run_command("add-ignores", "--reason", "later", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "ignored 1 finding in 1 file: DUR206 1\n")
    assert run_command(cwd=tmp_path).stdout == "no findings in 1 file\n"
    done = run_command("add-ignores", "--reason", "later", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "ignored 0 findings in 0 files\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "Missing option '--reason'"),
        (("--reason", "  "), "it says nothing"),
        (("--reason", "later", "-"), "standard input has none"),
        (("--reason", "later", "absent"), 'there is no file or folder "absent"'),
        (("--reason", "later", "--select", "DUR999"), 'no rule has the code or name "DUR999"'),
    ],
)
def test_refusals(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    done = run_command("add-ignores", *args, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_read_only_file_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from durable_lint import atomic, cli

    (tmp_path / "app.py").write_text(HEAD + "    begun = time.time()\n" + TAIL, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(atomic.os, "access", lambda *args, **kwargs: False)
    assert cli.main(["add-ignores", "--reason", "later", "--isolated"]) == 2
    said = capsys.readouterr()
    assert said.out == "ignored 0 findings in 0 files\n"
    assert said.err == "error: app.py: its comments were not written: it is read-only (unwritable)\n"
