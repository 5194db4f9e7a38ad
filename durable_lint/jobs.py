"""What the command ``check`` does with its files: lint them, fix them, or show what fixes would change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from durable_lint.console import bug, print_text, style_for
from durable_lint.model import FixedFile, Problem, RunResult
from durable_lint.records import dataclass, replace
from durable_lint.report import problems as problem_lines
from durable_lint.report import visible
from durable_lint.status_line import status_line

if TYPE_CHECKING:
    from durable_lint.config import Overrides
    from durable_lint.engine import Run
    from durable_lint.since import Changes


@dataclass(frozen=True)
class Job:
    """What is to be checked: ``stdin`` is what standard input held, or None when ``-`` is not among the paths."""

    paths: Sequence[str]
    overrides: Overrides
    stdin: bytes | None
    stdin_filename: str
    statistics: bool
    diff_from: str | None = None
    """The git revision since which a line must have changed to count; None when every line does."""
    context: Sequence[str] = ()
    force_exclude: bool = False
    workers: int = 1
    """How many processes may judge files at once."""
    progress: bool = True
    """Whether a terminal may show what the run is doing."""

    @property
    def stdin_file(self) -> str:
        """The absolute path, with ``/``, as which standard input is linted."""
        return (Path.cwd() / self.stdin_filename).as_posix()


def lint_files(job: Job, start: Callable[..., Run] | None = None) -> RunResult:
    """The result of the run; what stopped it before its end becomes a problem, so that every format can say it.

    ``start`` makes the run, if it is not a plain one.
    """
    from durable_lint import engine

    return _guarded(job, partial(engine.lint_paths, start=start) if start is not None else engine.lint_paths)


def fix_files(job: Job) -> RunResult:
    """Fix the files and write them; the result holds those that were written, and the findings that are left."""
    from durable_lint import fixing

    result = _guarded(job, fixing.fix_paths)
    written, refused = fixing.write(result, job.stdin_file if job.stdin is not None else "")
    problems = sorted([*result.problems, *refused], key=lambda problem: problem.sort_key)
    return replace(result, fixed=tuple(written), problems=tuple(problems))


def show_diff(job: Job, color: str, quiet: bool) -> RunResult:
    """Print what fixes would change as a unified diff, and to standard error what that amounts to."""
    from durable_lint import fixing
    from durable_lint.report.changes import summary, unified_diff

    result = _guarded(job, fixing.fix_paths)
    style = style_for(color, sys.stdout)
    print_text("".join(unified_diff(fixed, style) for fixed in result.fixed), style)
    say(result, color, quiet)
    errors = style_for(color, sys.stderr)
    if not quiet:
        print_text(summary(result, errors, done=False) + "\n", errors, sys.stderr)
    return result


def fixed_stdin(job: Job, result: RunResult) -> bytes:
    """What standard input holds once it is fixed."""
    fixed: FixedFile | None = next((one for one in result.fixed if one.file == job.stdin_file), None)
    return fixed.after if fixed is not None else (job.stdin or b"")


def say(result: RunResult, color: str, quiet: bool, *, problems: bool = True) -> None:
    """Write problems and notes to standard error."""
    print_text(sayings(result, color, quiet, problems=problems), style_for(color, sys.stderr), sys.stderr)


def sayings(result: RunResult, color: str, quiet: bool, *, problems: bool = True) -> str:
    """What is written to standard error: problems and notes."""
    text = problem_lines(result.problems, style_for(color, sys.stderr)) if problems else ""
    return text + ("" if quiet else "".join(f"note: {visible(note)}\n" for note in result.notes))


def suggesting(problem: Problem, others: Iterable[str] = ()) -> Problem:
    """A missing path's problem with the nearest name in its folder, or of ``others`` where it is one word itself."""
    from durable_lint.config import did_you_mean

    if problem.kind != "missing" or "did you mean" in problem.message:
        return problem
    path = Path(problem.path)
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        names = []
    if problem.path == path.name:
        names += others
    return replace(problem, message=problem.message + did_you_mean(path.name, names))


def _guarded(job: Job, run: Callable[..., RunResult]) -> RunResult:
    from durable_lint.config import ConfigError

    try:
        changes = _changes(job)
        with status_line(sys.stderr if job.progress else None):
            result = run(
                job.paths,
                job.overrides,
                stdin=job.stdin,
                stdin_filename=job.stdin_filename,
                statistics=job.statistics,
                context=job.context,
                force_exclude=job.force_exclude,
                workers=job.workers,
            )
    except ConfigError as error:
        return RunResult((), (error.problem,), 0)
    except Exception as error:
        return RunResult((), (bug(error),), 0)
    return changes.narrowed(result) if changes is not None else result


def _changes(job: Job) -> Changes | None:
    """What changed since the revision that the job names; raises ConfigError when git can't say that."""
    if job.diff_from is None:
        return None
    from durable_lint.since import changes_since

    only_python = all(path.endswith(".py") or Path(path).is_dir() for path in job.paths)
    return changes_since(job.diff_from, Path.cwd(), only_python=only_python)
