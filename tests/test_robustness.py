"""Hostile input through the real command: it is said in one line, hides nothing else, and never looks clean."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from linting import run_command

from durable_lint import checks, cli
from durable_lint.checks.base import Check, Finding
from durable_lint.checks.dur101_wall_clock_in_workflow import RULE as CLOCK

HEAD = """\
import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution

"""
HANDLER = """
@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    return {}
"""
APP = HEAD + HANDLER.format("time.time()")
LINE = 8
"""The line of ``APP`` with its only finding, in column 12."""


@dataclass
class Done:
    """What a run gave: its exit status and its JSON report."""

    status: int
    report: dict[str, Any]

    @property
    def findings(self) -> list[tuple[str, int, int, str]]:
        return [(one["path"], one["line"], one["column"], one["code"]) for one in self.report["diagnostics"]]

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(one["kind"], one["path"]) for one in self.report["problems"]]

    @property
    def messages(self) -> str:
        return "\n".join(one["message"] for one in self.report["problems"])


Lint = Callable[..., Done]


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """Writes files and lints the folder, or what is named; nothing but the report may be printed."""

    def run(*args: str, isolated: bool = True, **files: str | bytes) -> Done:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / f"{name}.py").write_bytes(data)
        options = ["--isolated"] if isolated else []
        done = run_command(*options, "--format", "json", *(args or ["."]), cwd=tmp_path)
        assert all(line.startswith("note: ") for line in done.stderr.splitlines())
        return Done(done.returncode, json.loads(done.stdout))

    return run


FOUND = ("app.py", LINE, 12, "DUR101")


def test_what_the_others_build_on(lint: Lint) -> None:
    done = lint(app=APP)
    assert (done.status, done.findings, done.problems) == (1, [FOUND], [])


# Files that can't be read or parsed


def test_a_missing_path(lint: Lint) -> None:
    done = lint("app.py", "ap.py", "nowhere/at_all", app=APP)
    assert (done.status, done.findings) == (2, [FOUND])
    assert done.problems == [("missing", "ap.py"), ("missing", "nowhere/at_all")]
    assert 'did you mean "app.py"' in done.messages


def test_an_unreadable_file(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "locked.py").write_text(APP)
    (tmp_path / "locked.py").chmod(0)
    if os.access(tmp_path / "locked.py", os.R_OK):
        pytest.skip("this user may read everything")
    done = lint(app=APP)
    assert (done.status, done.findings, done.problems) == (2, [FOUND], [("unreadable", "locked.py")])


def test_a_directory_that_is_called_like_a_file(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "package.py").mkdir()
    (tmp_path / "package.py" / "app.py").write_text(APP)
    for args in ((".",), ("package.py",)):
        done = lint(*args)
        assert (done.status, done.findings, done.problems) == (1, [("package.py/app.py", *FOUND[1:])], [])


BROKEN: dict[str, tuple[str, str | bytes]] = {
    "syntax error": ("syntax", HEAD + "def handler(:\n"),
    "indentation": ("syntax", HEAD + "def handler():\nreturn 1\n"),
    "unclosed bracket": ("syntax", HEAD + "value = (1,\n"),
    "unclosed string": ("syntax", HEAD + 'value = """text\n'),
    "nul": ("encoding", HEAD.encode() + b"value = 1\0\n"),
    "bytes that are no utf-8": ("encoding", HEAD.encode() + b"value = '\xff'\n"),
    "unknown encoding": ("encoding", "# coding: klingon\n" + APP),
    "mark and cookie disagree": ("encoding", b"\xef\xbb\xbf# coding: latin-1\n" + APP.encode()),
    "10,000 parentheses": ("too-deep", HEAD + "value = " + "(" * 10_000 + "1" + ")" * 10_000 + "\n"),
    "10,000 lists": ("too-deep", HEAD + "value = " + "[" * 10_000 + "]" * 10_000 + "\n"),
    "chain of 5,000 calls": ("too-deep", HEAD + "value = query" + ".add(1)" * 5_000 + "\n"),
    "sum of 5,000": ("too-deep", HEAD + "value = " + " + ".join(["1"] * 5_000) + "\n"),
    "5,000 minus signs": ("too-deep", HEAD + "value = " + "-" * 5_000 + "1\n"),
    "3,000 elif": (
        "too-deep",
        HEAD + "if a == 0:\n    pass\n" + "".join(f"elif a == {number}:\n    pass\n" for number in range(1, 3_000)),
    ),
    "99 nested blocks": (
        "too-deep",
        HEAD + "".join(" " * level + "if a:\n" for level in range(110)) + " " * 110 + "b\n",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_broken_file_among_others(lint: Lint, name: str) -> None:
    kind, content = BROKEN[name]
    done = lint(app=APP, broken=content)
    assert (done.status, done.findings) == (2, [FOUND])
    assert [problem for problem in done.problems if problem != (kind, "broken.py")] == []
    assert len(done.problems) == 1
    assert "\n" not in done.messages
    assert len(done.messages) < 200


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems hold only names of valid text")
def test_names_that_are_no_text(lint: Lint, tmp_path: Path) -> None:
    head = "import aws_durable_execution_sdk_python_testing\nimport pytest\n\n\n"
    fixture = head + '@pytest.fixture(name="\\ud800")\n'
    (tmp_path / "folder\udcff").mkdir()
    for name in ("app\udce9", "folder\udcff/__init__"):
        (tmp_path / f"{name}.py").write_text(APP)
    done = lint(conftest=fixture + "def made():\n    return 1\n", test_app="def test_app():\n    assert 1\n")
    assert [one[0] for one in done.findings] == ["app\\xe9.py", "folder\\xff/__init__.py"]
    assert done.problems == []


def test_a_file_in_an_encoding_that_python_does_not_read(lint: Lint) -> None:
    done = lint("app.py", "wide.py", app=APP, wide=APP.encode("utf-16"))
    assert (done.status, done.findings, done.problems) == (2, [FOUND], [("encoding", "wide.py")])
    assert "UTF-16" in done.messages


def test_a_broken_file_that_others_use(lint: Lint) -> None:
    text = HEAD + "import broken\n" + HANDLER.format("broken.stamp() + time.time()")
    done = lint("app.py", app=text, broken="def stamp(:\n")
    assert (done.status, done.problems) == (2, [("syntax", "broken.py")])
    assert done.findings == [("app.py", LINE + 1, 29, "DUR101")]


def test_a_broken_file_whose_names_others_read(lint: Lint) -> None:
    text = HEAD + "import broken\n" + HANDLER.format("broken.LIMIT + broken.Price.SUM + time.time()")
    done = lint("app.py", app=text, broken="LIMIT = (\n")
    assert (done.status, done.problems) == (2, [("syntax", "broken.py")])
    assert done.findings == [("app.py", LINE + 1, 46, "DUR101")]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python knows the syntax")
def test_newer_syntax(lint: Lint) -> None:
    done = lint(app=APP, newer=HEAD + 'value = t"{time}"\n')
    assert (done.status, done.findings, done.problems) == (2, [FOUND], [("syntax", "newer.py")])
    assert "line 5" in done.messages
    assert "Python 3.14" in done.messages


# Files that are strange and right


HARMLESS: dict[str, str | bytes] = {
    "empty": b"",
    "byte order mark only": b"\xef\xbb\xbf",
    "comments only": "# aws_durable_execution_sdk_python\n# no line end",
    "spaces and form feeds": " \n\f\n\t\n",
    "docstring only": '"""aws_durable_execution_sdk_python"""',
    "handler without imports": HANDLER.format("context.step(lambda _: time.time())"),
    "handler without imports that speaks of the sdk": "# aws_durable_execution_sdk_python\n" + HANDLER.format("now()"),
    "import only": "import aws_durable_execution_sdk_python",
    "star import": "from aws_durable_execution_sdk_python import *\n",
    "names that exist nowhere": "from aws_durable_execution_sdk_python import nothing\n@nothing\ndef f(a, b): b.c()\n",
    "decorator without a function body": HEAD + "@durable_execution\ndef handler(event, context): ...\n",
    "entry as a class": HEAD + "@durable_execution\nclass Handler:\n    pass\n",
    "arguments that nobody knows": HEAD + HANDLER.format("context.step(*event, name='b') + context.step(**event)"),
    "name of the sdk bound to what its call gives": HEAD.replace("DurableContext,", "NAMES,")
    + "NAMES = NAMES(NAMES)\n",
    "names bound to themselves": HEAD + "a = b\nb = a\na = a.c(b)\n" + HANDLER.format("context.step(a, name='a')"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless(lint: Lint, name: str) -> None:
    done = lint(odd=HARMLESS[name])
    assert (done.status, done.findings, done.problems) == (0, [], [])
    assert lint("odd.py").status == 0


STRANGE: dict[str, tuple[bytes, int, int]] = {
    "crlf": (APP.replace("\n", "\r\n").encode(), LINE, 12),
    "lone cr": (APP.replace("\n", "\r").encode(), LINE, 12),
    "byte order mark": (b"\xef\xbb\xbf" + APP.encode(), LINE, 12),
    "mixed line ends": (APP.replace("\n", "\r\n", 3).replace("\n\n", "\r\n").encode(), LINE, 12),
    "no line end": (APP.rstrip("\n").encode(), LINE, 12),
    "latin-1": (("# coding: latin-1\n" + APP.replace("return ", "return 'é', ")).encode("latin-1"), LINE + 1, 17),
    "wide characters": (APP.replace("return ", "return '🕰é', ").encode(), LINE, 18),
    "form feed in front of a definition": (APP.replace("@", "\f@").encode(), LINE, 12),
    "form feed on a line": (APP.replace("\n@", "\f\n@").encode(), LINE, 12),
    "other separators in a string": (APP.replace("return ", "return '\x0b\x0c\x1c\x85\u2028', ").encode(), LINE, 21),
    "backslash": (APP.replace("return ", "return 1 + \\\n        ").encode(), LINE + 1, 9),
    "tabs": (APP.replace("    ", "\t").encode(), LINE, 9),
    "identifiers that are normalised": (APP.replace("time.time", "time.ｔime").encode(), LINE, 12),
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_bytes_and_the_place_of_a_finding(lint: Lint, name: str) -> None:
    content, line, column = STRANGE[name]
    done = lint(app=content)
    assert (done.status, done.problems) == (1, [])
    assert done.findings == [("app.py", line, column, "DUR101")]


def test_a_loop_of_links(lint: Lint, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "app.py").write_text(APP)
    try:
        (inner / "up").symlink_to(tmp_path, target_is_directory=True)
        (inner / "own").symlink_to(inner, target_is_directory=True)
        (inner / "self.py").symlink_to(inner / "self.py")
        (inner / "nowhere.py").symlink_to(inner / "gone.py")
        (inner / "again.py").symlink_to(inner / "app.py")
    except OSError:
        pytest.skip("this system makes no links")
    done = lint(".", "inner", "inner/up/inner")
    assert (done.status, done.problems) == (1, [])
    assert done.findings == [("inner/app.py", *FOUND[1:])]


# Nothing to check, wrong settings, wrong words


def test_no_python_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("nothing")
    done = run_command("--isolated", "empty", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "no Python files found\n")
    assert done.stderr in ("", "note: no Python files under empty\n")


def test_a_folder_without_python_files_among_others_is_named(tmp_path: Path) -> None:
    for name in ("src", "scr"):
        (tmp_path / name).mkdir()
    (tmp_path / "src" / "app.py").write_text("")
    done = run_command("--isolated", "src", "scr", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "no findings in 1 file\n")
    assert "no Python files under scr" in done.stderr


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("pyproject.toml", b"[tool.durable-lint\n", ["pyproject.toml:1", "TOML"]),
        ("pyproject.toml", b"[tool.durable-lint]\nselct = []\n", ["pyproject.toml:2", '"selct"', '"select"']),
        ("pyproject.toml", b'[tool.durable-lint]\nselect = ["DUR999"]\n', ["pyproject.toml:2", '"DUR999"']),
        ("pyproject.toml", b"[tool.durable-lint]\nselect = 101\n", ["pyproject.toml:2", "select"]),
        ("pyproject.toml", b'[tool]\ndurable-lint = "on"\n', ["pyproject.toml", "durable-lint"]),
        ("pyproject.toml", b"\xff\xfe", ["pyproject.toml", "UTF-8"]),
        ("durable-lint.toml", b"selct = []\n", ["durable-lint.toml:1", '"selct"', '"select"']),
        ("durable-lint.toml", b'fail-on = "never ever"\n', ["durable-lint.toml:1", "fail-on"]),
    ],
)
def test_broken_settings(lint: Lint, tmp_path: Path, file: str, content: bytes, words: list[str]) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "strict").mkdir()
    (tmp_path / "strict" / file).write_bytes(content)
    (tmp_path / "strict" / "app.py").write_text(APP)
    done = lint(isolated=False)
    assert (done.status, done.findings, done.problems) == (2, [FOUND], [("configuration", f"strict/{file}")])
    plain = run_command("--quiet", "strict", cwd=tmp_path)
    assert (plain.returncode, plain.stdout) == (2, "")
    assert len(plain.stderr.splitlines()) == 1
    assert [word for word in words if word not in plain.stderr] == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--frobnicate", "app.py"), ["--frobnicate"]),
        (("--select", "DUR999", "app.py"), ['"DUR999"']),
        (("--ignore", "wall-clok-in-workflow", "app.py"), ['"wall-clok-in-workflow"', '"wall-clock-in-workflow"']),
        (("--format", "yaml", "app.py"), ["yaml", "json"]),
        (("explain", "DUR999"), ['"DUR999"']),
        (("readme.txt",), ["readme.txt", ".py"]),
    ],
)
def test_wrong_words(tmp_path: Path, args: tuple[str, ...], words: list[str]) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "readme.txt").write_text("")
    done = run_command(*args, cwd=tmp_path)
    assert done.returncode == 2
    assert "DUR101 " not in done.stdout
    assert "Traceback" not in done.stderr
    assert [word for word in words if word not in done.stderr] == []


# Deep and circular programs


def chain(length: int, end: str, back: str = "") -> str:
    """Functions of which each calls the next; the last does ``end``, all others in the end ``back``."""
    links = [f"def f{number}(n=1):\n    return f{number + 1}(n){back}\n\n\n" for number in range(length)]
    return HEAD + "\n" + "".join(links) + f"def f{length}(n=1):\n    return {end}\n\n" + HANDLER.format("f0()")


@pytest.mark.parametrize("length", [10, 50, 100, 400])
def test_a_deep_chain_of_calls(lint: Lint, length: int) -> None:
    guilty, innocent = chain(length, "time.time()"), chain(length, "n")
    assert lint(innocent=innocent).status == 0
    done = lint("guilty.py", guilty=guilty)
    assert (done.status, done.problems) == (1, [])
    assert done.findings == [("guilty.py", len(guilty.splitlines()), 12, "DUR101")]
    (found,) = done.report["diagnostics"]
    assert found["related"][-1]["line"] == guilty.splitlines().index("    return time.time()") + 1


@pytest.mark.parametrize("entry", [0, 25, 49])
def test_a_cycle_of_functions(lint: Lint, entry: int) -> None:
    links = [f"def f{number}(n):\n    return f{(number + 1) % 50}(n - 1) if n else {{}}\n\n" for number in range(50)]
    text = HEAD + "".join(links) + HANDLER.format(f"f{entry}(3)")
    assert lint(app=text.replace("{}", "0")).status == 0
    done = lint(app=text.replace("{}", "0", 7).replace("{}", "time.time()", 1).replace("{}", "0"))
    assert (done.status, done.problems) == (1, [])
    assert done.findings == [("app.py", len(text.splitlines()), 12, "DUR101")]


CLASSES = """
class Node:
    def __init__(self, parent: "Node | None" = None) -> None:
        self.parent = parent or Node(self)
        self.children = [self, self.parent]
        self.make = Node

    def root(self) -> "Node":
        return self.parent.root() if self.parent else self

    def each(self):
        for child in self.children:
            yield from child.each()

    def stamp(self) -> float:
        return self.parent.make().root().stamp() if self.parent else {}


class Tree(Node):
    def stamp(self) -> float:
        return max(one.stamp() for one in Tree(self).each()) + super().stamp()


class Own(Own):
    pass


class Left("Right"):
    pass


class Right(Left):
    def stamp(self) -> float:
        return super().stamp()
"""


def test_recursion_through_classes(lint: Lint) -> None:
    assert lint(app=HEAD + CLASSES.format("0") + HANDLER.format("Tree().stamp() + Right().stamp()")).status == 0
    text = HEAD + CLASSES.format("time.time()") + HANDLER.format("Tree().stamp()")
    done = lint(app=text)
    assert (done.status, done.problems) == (1, [])
    assert done.findings == [("app.py", len(text.splitlines()), 12, "DUR101")]


def test_modules_that_import_each_other(lint: Lint) -> None:
    left = "import right\n\n\ndef stamp(n):\n    return right.stamp(n - 1)\n"
    imports = "import time\n\nfrom left import *\nfrom left import stamp as again\n\n\n"
    right = imports + "def stamp(n):\n    return again(n) or time.time()\n"
    app = APP.replace("import time\n", "import left\n").replace("time.time()", "left.stamp(1)")
    done = lint(app=app, left=left, right=right)
    assert (done.status, done.findings, done.problems) == (1, [FOUND], [])


def test_a_body_that_opens_itself(lint: Lint) -> None:
    text = """
def body(child: DurableContext) -> None:
    child.run_in_child_context(body, name="again")
    time.sleep(1)
"""
    done = lint(app=HEAD + text + HANDLER.format('context.run_in_child_context(body, name="first")'))
    assert (done.status, done.findings, done.problems) == (1, [("app.py", 8, 5, "DUR208")], [])


# A bug of our own


def crash(ctx: Check) -> Iterator[Finding]:
    """A check that fails after its first finding."""
    yield Finding(CLOCK, 0, 1, "found before the crash")
    raise KeyError("two\nlines")


def test_a_check_that_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tuple((rule, crash if rule.code == "DUR101" else check) for rule, check in checks.all_checks())
    monkeypatch.setattr(checks, "all_checks", lambda: known)
    monkeypatch.delenv("DURABLE_LINT_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(APP.replace("    return", "    print(event)\n    return"))
    (tmp_path / "plain.py").write_text("")
    assert cli.main(["--isolated", "--format", "concise", "."]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: app.py: rule DUR101 crashed")
    assert len(captured.err.splitlines()) == 1
    assert "KeyError" in captured.err
    assert "app.py:8:5: warning DUR206" in captured.out
