"""The command: its words and options, what it prints where, and its exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest

import durable_lint
from durable_lint import checking, cli
from durable_lint.config import ConfigError, Overrides
from durable_lint.engine import Run as RealRun
from durable_lint.engine import target_version
from durable_lint.knowledge import pages
from durable_lint.model import Diagnostic, Location, Position, Problem, RuleInfo, RunResult, Severity, Span

RULES = (
    RuleInfo("DUR101", "wall-clock-in-workflow", Severity.ERROR, "Reports reads of the wall clock."),
    RuleInfo("DUR206", "print-in-workflow", Severity.WARNING, "Reports print."),
    RuleInfo("DUR315", "empty-child-context", None, "Reports a child context without an operation."),
)
CLEAN = RunResult((), (), 3, {"files parsed": 2})


def finding(severity: Severity, path: str = "app.py") -> Diagnostic:
    rule = RULES[0] if severity is Severity.ERROR else RULES[1]
    location = Location(path, Position(1, 1), Position(1, 2), Span(0, 1))
    return Diagnostic(rule.code, rule.name, severity, "it differs", location)


ERROR = RunResult((finding(Severity.ERROR),), (), 3)
WARNING = RunResult((finding(Severity.WARNING),), (), 3)


@dataclass
class Engine:
    """Stands where the engine stands: it records what it is asked, and answers as told."""

    answer: Callable[[], RunResult] = lambda: CLEAN
    asked: list[dict[str, Any]] = field(default_factory=list)

    def lint_paths(
        self,
        paths: Sequence[str],
        overrides: Overrides = Overrides(),  # noqa: B008
        *,
        stdin: bytes | None = None,
        stdin_filename: str = "<stdin>",
        cwd: Path | None = None,
        statistics: bool = False,
        context: Sequence[str] = (),
        force_exclude: bool = False,
        workers: int = 1,
        start: object = None,
    ) -> RunResult:
        asked = {"paths": tuple(paths), "overrides": overrides, "stdin": stdin, "stdin_filename": stdin_filename}
        self.asked.append(asked | {"context": tuple(context), "force_exclude": force_exclude})
        return self.answer()

    def raises(self, error: BaseException) -> None:
        def answer() -> RunResult:
            raise error

        self.answer = answer

    def rules(self) -> tuple[RuleInfo, ...]:
        return RULES

    def profiles(self) -> tuple[str, ...]:
        return ("aws-durable-execution",)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    fake = Engine()
    module = types.ModuleType("durable_lint.engine")
    for name in ("lint_paths", "rules", "profiles"):
        setattr(module, name, getattr(fake, name))
    module.target_version = target_version  # type: ignore[attr-defined]
    module.Run = RealRun  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "durable_lint.engine", module)
    monkeypatch.setattr(durable_lint, "engine", module, raising=False)
    monkeypatch.chdir(tmp_path)
    for variable in ("NO_COLOR", "FORCE_COLOR", "DURABLE_LINT_DEBUG"):
        monkeypatch.delenv(variable, raising=False)
    return fake


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(engine: Engine, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*args: str) -> Done:
        status = cli.main(args)
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return run


# words and options


@pytest.mark.parametrize(
    ("args", "paths"),
    [
        ((), (".",)),
        (("check",), (".",)),
        (("src", "tests"), ("src", "tests")),
        (("check", "src"), ("src",)),
        (("--format", "json", "src"), ("src",)),
        (("--format=json", "src"), ("src",)),
        (("--select", "DUR101", "src"), ("src",)),
        (("--select", "rules", "src"), ("src",)),
        (("src", "--quiet"), ("src",)),
        (("src", "rules"), ("src", "rules")),
        (("./rules",), ("./rules",)),
        (("--", "rules"), ("rules",)),
        (("--quiet", "check", "rules"), ("rules",)),
        (("--no-cache", "src"), ("src",)),
    ],
)
def test_check_is_meant_where_no_command_is_named(
    run: Run, engine: Engine, args: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    assert run(*args).status == 0
    assert [asked["paths"] for asked in engine.asked] == [paths]


def test_a_command_is_found_behind_options(run: Run, engine: Engine) -> None:
    done = run("--color", "never", "rules")
    assert (done.status, engine.asked) == (0, [])
    assert done.out.startswith("DUR101  wall-clock-in-workflow")


def test_what_the_command_line_says_of_settings(run: Run, engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text("")
    run(
        *("--select", "DUR1,wall-clock-in-workflow", "--select", " DUR206 ,", "--extend-select", "DUR315"),
        *("--ignore", "DUR2", "--exclude", "a/*", "--exclude", "b,c", "--fail-on", "error", "--config", str(file)),
    )
    assert engine.asked[0]["overrides"] == Overrides(
        select=("DUR1", "wall-clock-in-workflow", "DUR206"),
        extend_select=("DUR315",),
        ignore=("DUR2",),
        exclude=("a/*", "b,c"),
        fail_on="error",
        config=file,
    )


def test_without_options_the_settings_decide(run: Run, engine: Engine) -> None:
    run()
    run("--isolated")
    assert [asked["overrides"] for asked in engine.asked] == [Overrides(), Overrides(isolated=True)]


def test_standard_input(run: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"import time\r\n\xff")))
    run("--stdin-filename", "src/app.py", "-")
    assert engine.asked[0]["stdin"] == b"import time\r\n\xff"
    assert (engine.asked[0]["paths"], engine.asked[0]["stdin_filename"]) == (("-",), "src/app.py")


def test_standard_input_that_is_closed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run("-").err.startswith("error: '-' stands for standard input, which is closed\n")


def test_without_a_dash_standard_input_is_left_alone(run: Run, engine: Engine) -> None:
    run("src")
    assert (engine.asked[0]["stdin"], engine.asked[0]["stdin_filename"]) == (None, "<stdin>")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--formt", "json"), ["--formt", "--format", "durable-lint check --help"]),
        (("--format", "jsn"), ["'jsn'", "'text', 'concise', 'json'"]),
        (("--select", ","), ["--select", "at least one"]),
        (("--fail-on", "warn"), ["'error', 'warning', 'never'"]),
        (("--stdin-filename", "x.py", "src"), ["--stdin-filename", "'-'"]),
        (("--config", "nowhere.toml"), ["nowhere.toml", "does not exist"]),
        (("--config", "other.toml", "--isolated"), ["--isolated", "--config", "contradict"]),
        (("rules", "--quiet"), ["--quiet", "durable-lint rules --help"]),
        (("explain",), ["RULE", "durable-lint explain --help"]),
        (("config", "nowhere"), ['"nowhere"', "no file or folder"]),
    ],
)
def test_wrong_usage_is_said_and_nothing_is_linted(
    run: Run, engine: Engine, tmp_path: Path, args: tuple[str, ...], words: list[str]
) -> None:
    (tmp_path / "other.toml").write_text("")
    done = run(*args)
    assert (done.status, done.out, engine.asked) == (2, "", [])
    assert done.err.startswith("error: ")
    assert len(done.err.splitlines()) == 2
    assert [word for word in words if word not in done.err] == []


def test_version_and_help(run: Run) -> None:
    assert run("--version") == Done(0, f"durable-lint {durable_lint.__version__}\n", "")
    assert run("check", "--version").out == run("--version").out
    for args in (("--help",), ("-h",), ("--select", "DUR1", "--help")):
        done = run(*args)
        assert (done.status, done.err) == (0, "")
        assert done.out.startswith("Usage: durable-lint [check] [OPTIONS] [PATHS]...\n")
        for word in ("--fail-on", "--statistics", "explain", "config", "Exit status:"):
            assert word in done.out
        assert max(map(len, done.out.splitlines())) <= 80
    assert run("explain", "--help").out.startswith("Usage: durable-lint explain [OPTIONS] RULE...\n")


# exit status


@pytest.mark.parametrize(
    ("result", "fail_on", "expected"),
    [
        (CLEAN, "warning", 0),
        (ERROR, "warning", 1),
        (WARNING, "warning", 1),
        (ERROR, "error", 1),
        (WARNING, "error", 0),
        (ERROR, "never", 0),
        (RunResult((), (Problem("syntax", "a.py", "no", 1),), 1), "never", 2),
        (RunResult(ERROR.diagnostics, (Problem("syntax", "a.py", "no", 1),), 1), "warning", 2),
    ],
)
def test_exit_code(run: Run, engine: Engine, result: RunResult, fail_on: str, expected: int) -> None:
    assert checking.exit_code(result, fail_on) == expected
    engine.answer = lambda: result
    assert run("--fail-on", fail_on).status == expected


def test_each_finding_counts_by_the_settings_of_its_file(run: Run, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "lax").mkdir()
    (tmp_path / "lax" / "durable-lint.toml").write_text('fail-on = "error"\n')
    engine.answer = lambda: RunResult((finding(Severity.WARNING, "lax/app.py"),), (), 1)
    assert run().status == 0
    assert run("--isolated").status == 1
    assert run("--fail-on", "warning").status == 1
    engine.answer = lambda: RunResult((finding(Severity.WARNING, "lax/a.py"), finding(Severity.WARNING, "b.py")), (), 2)
    assert run().status == 1


# output


def test_findings_go_to_standard_output_and_problems_to_standard_error(run: Run, engine: Engine) -> None:
    engine.answer = lambda: RunResult(ERROR.diagnostics, (Problem("syntax", "b.py", "invalid syntax", 3),), 3)
    for args in ((), ("--format", "concise"), ("--quiet",)):
        done = run(*args)
        assert done.err == "error: b.py:3: invalid syntax (syntax)\n"
        assert done.out.startswith("app.py:1:1: error DUR101 ")
        assert "syntax" not in done.out
    done = run("--format", "json")
    assert done.err == ""
    assert len(json.loads(done.out)["problems"]) == len(json.loads(done.out)["diagnostics"]) == 1


def test_a_clean_run_says_so(run: Run) -> None:
    assert run() == Done(0, "no findings in 3 files\n", "")
    assert run("--quiet") == Done(0, "", "")
    assert run("--statistics").out == "statistics\n  2  files parsed\n\nno findings in 3 files\n"


def test_colour(run: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.answer = lambda: RunResult(ERROR.diagnostics, (Problem("syntax", "b.py", "no", 1),), 3)
    plain = run()
    assert "\x1b" not in plain.out + plain.err
    colored = run("--color", "always")
    assert "\x1b[" in colored.out
    assert "\x1b[" in colored.err
    assert click.unstyle(colored.out) == plain.out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run() == colored
    assert run("--color", "never") == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert run() == plain


def test_a_configuration_that_cannot_be_used(run: Run, engine: Engine) -> None:
    engine.raises(ConfigError(Problem("configuration", "pyproject.toml", 'unknown key "selct"', 4)))
    done = run()
    assert (done.status, done.err) == (2, 'error: pyproject.toml:4: unknown key "selct" (configuration)\n')
    done = run("--format", "json")
    assert json.loads(done.out)["problems"][0]["kind"] == "configuration"


def test_a_missing_path_gets_a_suggestion(run: Run, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "handler.py").write_text("")
    for path, near in (("src/handlr.py", "handler.py"), ("scr", "src"), ("explian", "explain")):
        engine.answer = lambda path=path: RunResult((), (Problem("missing", path, "no such file"),), 0)
        done = run(path)
        assert done.status == 2
        assert done.err == f'error: {path}: no such file; did you mean "{near}"? (missing)\n'
    engine.answer = lambda: RunResult((), (Problem("missing", "nowhere/at/all", "no such file"),), 0)
    assert run("nowhere/at/all").err == "error: nowhere/at/all: no such file (missing)\n"


def test_an_interrupt_is_one_line(run: Run, engine: Engine) -> None:
    engine.raises(KeyboardInterrupt())
    assert run() == Done(130, "", "interrupted\n")


def test_a_bug_is_one_line_that_says_how_to_report_it(
    run: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.raises(ValueError("two\nlines"))
    done = run()
    assert done.status == 2
    assert len(done.err.splitlines()) == 1
    for word in ("bug in durable-lint", "report it", "DURABLE_LINT_DEBUG=1", "ValueError: two lines"):
        assert word in done.err
    assert json.loads(run("--format", "json").out)["problems"][0]["kind"] == "internal"
    monkeypatch.setenv("DURABLE_LINT_DEBUG", "1")
    assert "Traceback (most recent call last)" in run().err


def test_a_bug_outside_the_engine_is_said_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "rules_dir", lambda: Path("/nowhere"))
    monkeypatch.setattr(pages, "all_pages", lambda: 1 / 0)
    done = run("explain", "DUR101")
    assert (done.status, done.out) == (2, "")
    assert "ZeroDivisionError" in done.err
    assert "Traceback" not in done.err


# rules, explain, config


def test_rules(run: Run) -> None:
    assert run("rules").out.splitlines() == [
        "DUR101  wall-clock-in-workflow  error    Reports reads of the wall clock.",
        "DUR206  print-in-workflow       warning  Reports print.",
        "DUR315  empty-child-context     off      Reports a child context without an operation.",
    ]
    listed = json.loads(run("rules", "--format", "json").out)["rules"]
    assert [(rule["code"], rule["severity"]) for rule in listed] == [
        ("DUR101", "error"),
        ("DUR206", "warning"),
        ("DUR315", "off"),
    ]


@pytest.fixture
def two_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for code, name in (("DUR101", "wall-clock-in-workflow"), ("DUR206", "print-in-workflow")):
        text = f"# {name} ({code})\n\n## What it does\n\nReports `{name}`.\n"
        (tmp_path / f"{code}.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(pages, "rules_dir", lambda: tmp_path)


@pytest.mark.usefixtures("two_pages")
@pytest.mark.parametrize("word", ["DUR206", "dur206", "print-in-workflow", "Print-In-Workflow"])
def test_explain_takes_codes_and_names(run: Run, word: str) -> None:
    expected = "print-in-workflow (DUR206)\n\nWhat it does\n\nReports `print-in-workflow`.\n"
    assert run("explain", word) == Done(0, expected, "")


@pytest.mark.usefixtures("two_pages")
def test_explain_several_each_once(run: Run) -> None:
    out = run("explain", "DUR206", "DUR101", "print-in-workflow").out
    assert out.index("(DUR206)") < out.index("-" * 80) < out.index("(DUR101)")
    assert out.count("What it does") == 2


@pytest.mark.usefixtures("two_pages")
def test_explain_of_an_unknown_rule(run: Run) -> None:
    done = run("explain", "DUR101", "DUR102")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith('error: there is no rule "DUR102"; did you mean "DUR101"?\n')
    assert 'did you mean "wall-clock-in-workflow"?' in run("explain", "wall-clok-in-workflow").err
    assert "'durable-lint rules' lists them" in run("explain", "xyz").err


def test_config_shows_settings_and_reasons(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "durable-lint.toml"
    file.write_text(
        'ignore = ["DUR206"]\nfail-on = "error"\nexclude = ["gen/"]\n\n[per-file-ignores]\n"t/*" = ["DUR1"]\n'
    )
    (tmp_path / "t").mkdir()
    done = run("config", "t", "--extend-select", "DUR315", "--exclude", "x.py")
    assert (done.status, done.err) == (0, "")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert lines[:2] == ["settings for t", f"from {file}"]
    for line in ("fail-on error", "exclude gen/, x.py", "per-file-ignores t/* = DUR1", "entry-points -"):
        assert line in lines
    reasons = {line.split()[0]: line for line in lines if line.startswith("DUR")}
    assert reasons["DUR101"].startswith("DUR101 wall-clock-in-workflow off ignored by per-file-ignores")
    assert reasons["DUR206"].startswith("DUR206 print-in-workflow off ignored by")
    assert reasons["DUR315"].startswith("DUR315 empty-child-context warning selected by --extend-select DUR315")


def test_config_shows_the_sdk_version_and_what_says_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("aws-durable-execution-sdk-python==1.7.0\n")
    shown = [" ".join(line.split()) for line in run("config", ".").out.splitlines()]
    assert "sdk-version 1.7.0 (requirements.txt)" in shown
    shown = [" ".join(line.split()) for line in run("config", "--isolated", ".").out.splitlines()]
    assert "sdk-version 3.0.0 (the newest known version)" in shown


def test_config_without_a_file(run: Run) -> None:
    out = run("config", "--isolated").out
    assert "no configuration file" in out
    assert "on by default" in out
    assert "off by default" in out


def test_config_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    (tmp_path / "durable-lint.toml").write_text("selct = []\n")
    done = run("config", ".")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error: durable-lint.toml:")
    assert "selct" in done.err


# as a process of its own

BUFFERED = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
"""Python forgets what a write to an unbuffered pipe left over, and so that its reader is gone."""

MANY_RULES = """
import sys, types
from durable_lint.model import RuleInfo
engine = types.ModuleType("durable_lint.engine")
engine.rules = lambda: tuple(RuleInfo(f"DUR{n}", "a-rule", None, "long " * 30) for n in range(9999))
sys.modules["durable_lint.engine"] = engine
from durable_lint.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_reader_that_leaves_ends_the_run_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", MANY_RULES, "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=BUFFERED
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"DUR0")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-c", MANY_RULES, "rules"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == ["error: can't write the report: No space left on device"]


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "durable_lint", "--version"], capture_output=True, check=True)
    assert done.stdout.decode().strip() == f"durable-lint {durable_lint.__version__}"


def test_what_a_stream_cannot_encode_is_escaped() -> None:
    program = "import sys; from durable_lint.cli import main; sys.exit(main(['--formt\\u00e9']))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 2
    assert b"--formt\\xe9" in done.stderr
    assert b"Traceback" not in done.stderr


def test_importing_the_command_loads_nothing_heavy() -> None:
    heavy = ("libcst", "astroid", "asyncio", "pathspec", "tomli", "json", "durable_lint.engine", "durable_lint.index")
    program = f"import sys, durable_lint.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_on_a_terminal_the_table_has_colour_and_fits() -> None:
    master, slave = pytest.importorskip("pty").openpty()
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    program = MANY_RULES.replace("9999", "9")
    with subprocess.Popen(
        [sys.executable, "-c", program, "rules"],
        stdout=slave,
        stderr=slave,
        env={**environment, "COLUMNS": "80", "TERM": "xterm"},
    ) as process:
        os.close(slave)
        text = b""
        try:
            while chunk := os.read(master, 4096):
                text += chunk
        except OSError:  # how Linux reports that the other end was closed
            pass
        assert process.wait() == 0
    os.close(master)
    lines = text.decode().splitlines()
    assert "\x1b[" in lines[0]
    assert max(len(click.unstyle(line)) for line in lines) <= 80
