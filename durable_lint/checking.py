"""The command ``check``, once it is known what the command line means: run, report, give the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from durable_lint import cache, crew, observed, signals
from durable_lint.caching import Memory
from durable_lint.commands import COMPLETING, NAMES
from durable_lint.commands.table import overrides_in, understood
from durable_lint.console import (
    DEBUG,
    FULL,
    CommandError,
    UsageError,
    abandon_output,
    bug,
    print_bytes,
    print_problems,
    print_text,
    style_for,
    unwritable,
)
from durable_lint.jobs import Job, fix_files, fixed_stdin, lint_files, say, sayings, show_diff, suggesting
from durable_lint.model import RunResult, Severity
from durable_lint.outputs import OutputError, Outputs, chosen, rendered, write
from durable_lint.records import replace
from durable_lint.report import HOLDS_PROBLEMS, Style, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from durable_lint.settings import Overrides

CLEAN, FINDINGS, UNTRUSTED, SIGNALLED, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 128, 130, 141


def main(args: Sequence[str]) -> int | None:
    """Run the command with the words of a plain command line and give its exit status; None where click must say what
    they mean."""
    asked = None if COMPLETING in os.environ else understood(args)
    return None if asked is None else guarded(lambda: check(args, **asked))


def guarded(run: Callable[[], int]) -> int:
    """What ``run`` gives, or the exit status for what went wrong, once that is said."""
    try:
        with signals.raised():
            return run()
    except CommandError as error:
        return refuse(str(error), "durable-lint check" if isinstance(error, UsageError) else "")
    except BrokenPipeError as error:
        return unwritten(error)
    except KeyboardInterrupt:
        return _tell_end("interrupted", INTERRUPTED)
    except signals.Ended as ended:
        return _tell_end(f"ended by {ended}", SIGNALLED + ended.number)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            return unwritten(error)
        print_problems([bug(error)], "auto")
        return UNTRUSTED


def _tell_end(word: str, status: int) -> int:
    print_text(f"{word}\n", Style(), sys.stderr)
    return status


def unwritten(error: OSError) -> int:
    """Give the exit status for a report that couldn't be written: a reader that left is no error, a full disk is."""
    if isinstance(error, BrokenPipeError):
        abandon_output(sys.stdout, sys.stderr)
        return BROKEN_PIPE
    abandon_output(sys.stdout)
    return refuse(str(unwritable(error)))


def refuse(text: str, command: str = "") -> int:
    """Say in one line why a command does nothing, and in a second one which command's help tells more."""
    help_line = f"try: {command} --help\n" if command else ""
    style = style_for("auto", sys.stderr)
    message = visible(" ".join(text.split()))
    print_text(f"{style.paint('error:', fg='red', bold=True)} {message}\n{help_line}", style, sys.stderr)
    return UNTRUSTED


def exit_code(result: RunResult, fail_on: str) -> int:
    """2 with problems, else 1 with a finding at or above ``fail_on`` (error, warning or never), else 0."""
    if result.problems:
        return UNTRUSTED
    if fail_on == "never":
        return CLEAN
    lowest = Severity(fail_on).rank
    return FINDINGS if any(found.severity.rank <= lowest for found in result.diagnostics) else CLEAN


def check(
    args: Sequence[str],
    paths: tuple[str, ...],
    format_: str,
    output: str | None,
    more: tuple[str, ...],
    fix: bool,
    fix_only: bool,
    diff: bool,
    stdin_filename: str | None,
    diff_from: str | None,
    context: tuple[str, ...],
    force_exclude: bool,
    no_cache: bool,
    cache_dir: str | None,
    statistics: bool,
    quiet: bool,
    color: str,
    jobs: int | None = None,
    **settings: Any,
) -> int:
    """Check files and folders (the current folder by default; '-' reads standard input), for the words ``args``."""
    if settings["fix_level"] is not None and not (fix or fix_only or diff):
        raise UsageError("--fix-level says what --fix applies: give --fix, --fix-only or --diff too")
    if stdin_filename is not None and "-" not in paths:
        raise UsageError("--stdin-filename names standard input: give '-' as a path too")
    if diff_from is not None and (fix or fix_only or diff or "-" in paths):
        raise UsageError("--diff-from compares files as they are: leave out fixes and standard input")
    if (output is not None or more) and (diff or fix_only):
        raise UsageError("--diff and --fix-only make no report that --output or --output-format could write")
    outputs = _outputs(format_, output, more)
    overrides = overrides_in(settings)
    given = paths or (".",)
    stdin = _read_stdin() if "-" in given else None
    name, workers = stdin_filename or "<stdin>", jobs or crew.size()
    job = Job(given, overrides, stdin, name, statistics, diff_from, context, force_exclude, workers, progress=not quiet)
    if diff:
        result = show_diff(job, color, quiet)
        return UNTRUSTED if result.problems else FINDINGS if result.fixed else CLEAN
    if not (fix or fix_only):
        return _lint(args, job, outputs, color, quiet, None if no_cache else cache_dir or cache.default_folder())
    result = _with_advice(fix_files(job))
    stream = sys.stdout if stdin is None else sys.stderr
    style = style_for(color, stream, summary=not quiet, statistics=statistics)
    result = write(outputs, result, style)
    say(result, color, quiet, problems=fix_only or outputs.printed not in HOLDS_PROBLEMS)
    if stdin is not None:
        print_bytes(fixed_stdin(job, result))
    if not quiet and (fix_only or outputs.printed != "text"):
        from durable_lint.report import changes

        print_text(changes.summary(result, style) + "\n", style, sys.stderr)
    if fix_only:
        return UNTRUSTED if result.problems else CLEAN
    print_text(rendered(outputs.printed, result, style), style, stream)
    return _failure(result, overrides)


def _lint(args: Sequence[str], job: Job, outputs: Outputs, color: str, quiet: bool, folder: str | None) -> int:
    """Check, with the cache in an existing folder or one to be made, or with none; report, and give the exit status."""
    if os.environ.get(DEBUG):
        folder = None  # whoever looks for a bug wants the run to happen
    memory = Memory(folder, job, partial(_warn, color))
    result = _with_advice(memory.result(partial(lint_files, job)))
    style = style_for(color, sys.stdout, summary=not quiet, statistics=job.statistics)
    result = write(outputs, result, style)
    said = sayings(result, color, quiet, problems=outputs.printed not in HOLDS_PROBLEMS)
    print_text(said, style_for(color, sys.stderr), sys.stderr)
    report = rendered(outputs.printed, result, style)
    print_text(report, style)
    status = _failure(result, job.overrides)
    printed = None if outputs.files else (report, said, status)
    memory.keep(args, (outputs.printed, color, quiet), printed)
    return status


def _with_advice(result: RunResult) -> RunResult:
    problems = map(partial(suggesting, others=(*NAMES, "check")), result.problems)
    return replace(result, problems=tuple(problems))


def _warn(color: str, text: str) -> None:
    print_text(f"warning: {visible(text)}\n", style_for(color, sys.stderr), sys.stderr)


def _outputs(format_: str, output: str | None, more: Sequence[str]) -> Outputs:
    try:
        return chosen(format_, output, more)
    except OutputError as error:
        raise UsageError(str(error)) from error


def _read_stdin() -> bytes:
    """What standard input holds; of more than any setting allows only so much that it is refused."""
    if sys.stdin is None:
        raise UsageError("'-' stands for standard input, which is closed")
    data = bytearray()
    try:
        while len(data) <= observed.LARGEST and (more := sys.stdin.buffer.read(1 << 20)):
            data += more
        return bytes(data)
    except OSError as error:
        raise UsageError(f"can't read standard input: {error.strerror}") from error


def _failure(result: RunResult, overrides: Overrides) -> int:
    """The exit status; without --fail-on each finding counts by the settings that hold for its file."""
    if overrides.fail_on is not None or result.problems or not result.diagnostics:
        return exit_code(result, overrides.fail_on or "warning")
    from durable_lint import engine
    from durable_lint.config import SettingsFinder

    finder = SettingsFinder(overrides, engine.rules(), engine.profiles(), Path.cwd())
    return max(
        exit_code(replace(result, diagnostics=(found,)), finder.settings_for(Path(found.path)).fail_on)
        for found in result.diagnostics
    )
