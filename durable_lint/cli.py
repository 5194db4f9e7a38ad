"""The command ``durable-lint``: parse, call the engine, choose a report, give the exit status."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import durable_lint
from durable_lint import cache, crew, observed
from durable_lint.commands import completion, words
from durable_lint.commands.add_ignores import add_ignores
from durable_lint.commands.baseline import baseline
from durable_lint.commands.clean import CACHE_DIR, clean
from durable_lint.commands.config import config
from durable_lint.commands.graph import graph
from durable_lint.commands.init import init
from durable_lint.commands.options import COLOR, HELP, overrides_of, settings_options, suggesting
from durable_lint.commands.rules import explain, rules
from durable_lint.commands.server import server
from durable_lint.commands.watch import watchable
from durable_lint.console import (
    DEBUG,
    abandon_output,
    bug,
    print_bytes,
    print_problems,
    print_text,
    style_for,
    unwritable,
)
from durable_lint.jobs import Job, fix_files, fixed_stdin, lint_files, say, sayings, show_diff
from durable_lint.memory import Memory
from durable_lint.model import RunResult, Severity
from durable_lint.outputs import OutputError, Outputs, chosen, rendered, write
from durable_lint.records import replace
from durable_lint.report import FORMATS, HOLDS_PROBLEMS, Style, changes, visible
from durable_lint.settings import LEVELS

if TYPE_CHECKING:
    from durable_lint.config import Overrides

CLEAN, FINDINGS, UNTRUSTED, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141

EXIT_STATUS = """\b
Exit status:
  0  nothing at or above --fail-on
  1  findings
  2  the run can't be trusted: wrong usage or settings, an unreadable file
"""
VERSION = click.version_option(durable_lint.__version__, prog_name="durable-lint", message="%(prog)s %(version)s")


class CommandLine(click.Group):
    """The commands, of which ``check`` is meant where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command in front: the first word that is no option, or ``check``."""
        word = self._first_word(args)
        if word is not None and args[word] in self.commands:
            args = [args[word], *args[:word], *args[word + 1 :]]
        elif word is None and {"-h", "--help"} & set(args):
            args = ["--help"]
        else:
            args = ["check", *args]
            ctx.meta[words.IMPLIED] = True
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of ``check`` and then the commands."""
        self.commands["check"].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def _first_word(self, args: list[str]) -> int | None:
        options = [option for command in self.commands.values() for option in command.params]
        valued = {name for option in options if not getattr(option, "is_flag", True) for name in option.opts}
        index = 0
        while index < len(args) and args[index] != "--":
            if not args[index].startswith("-") or args[index] == "-":
                return index
            index += 2 if args[index] in valued else 1
        return None


def exit_code(result: RunResult, fail_on: str) -> int:
    """2 with problems, else 1 with a finding at or above ``fail_on`` (error, warning or never), else 0."""
    if result.problems:
        return UNTRUSTED
    if fail_on == "never":
        return CLEAN
    lowest = Severity(fail_on).rank
    return FINDINGS if any(found.severity.rank <= lowest for found in result.diagnostics) else CLEAN


def main(args: Sequence[str] | None = None) -> int:
    """Run the command with ``args`` (``sys.argv`` without the program by default) and give its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a path or a source line may hold what the stream can't encode
            stream.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if args is None else args)
    try:
        if shell := completion.wanted():
            completion.answer(command_line, shell)
            return CLEAN
        with command_line.make_context("durable-lint", given, obj=tuple(given)) as context:
            return int(command_line.invoke(context) or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        return _refuse(error)
    except BrokenPipeError as error:
        return unwritten(error)
    except KeyboardInterrupt:
        print_text("interrupted\n", Style(), sys.stderr)
        return INTERRUPTED
    except Exception as error:
        print_problems([bug(error)], "auto")
        return UNTRUSTED


def unwritten(error: OSError) -> int:
    """Give the exit status for a report that couldn't be written: a reader that left is no error, a full disk is."""
    if isinstance(error, BrokenPipeError):
        abandon_output(sys.stdout, sys.stderr)
        return BROKEN_PIPE
    abandon_output(sys.stdout)
    return _refuse(unwritable(error))


@click.group(
    cls=CommandLine,
    context_settings=HELP,
    options_metavar="[check] [OPTIONS]",
    subcommand_metavar="[PATHS]...",
    epilog=EXIT_STATUS,
)
def command_line() -> None:
    """Find what a replay of durable functions would repeat, lose or change."""


@command_line.command(context_settings=HELP, epilog=EXIT_STATUS, short_help="Check files and folders (the default).")
@click.argument("paths", nargs=-1, shell_complete=words.paths)
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="text", help="The report. [text]")
@click.option("--output", metavar="FILE", shell_complete=words.path, help="Write the report to a file, and print text.")
@click.option(
    "--output-format", "more", multiple=True, metavar="FORMAT=FILE", help="Write one more report; may be repeated."
)
@settings_options
@click.option("--fix", is_flag=True, help="Apply fixes and report what is left.")
@click.option("--fix-only", is_flag=True, help="Apply fixes and report nothing but what was fixed.")
@click.option("--diff", is_flag=True, help="Write no file: show what --fix would change, and exit with 1 if anything.")
@click.option("--fix-level", type=click.Choice(LEVELS), help="The highest level of fixes that --fix applies. [history]")
@click.option(
    "--stdin-filename",
    metavar="NAME",
    shell_complete=words.path,
    help="The name of what is read from standard input, given as '-'.",
)
@click.option("--diff-from", metavar="REV", help="Report only what changes since a git revision cause.")
@watchable
@click.option(
    "--context",
    multiple=True,
    metavar="PATH",
    shell_complete=words.path,
    help="Read these too, report what given files cause in them.",
)
@click.option("--force-exclude", is_flag=True, help="Leave out what is excluded even where it is given.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Use N processes. [one for each core]")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache of results.")
@CACHE_DIR
@click.option("--statistics", is_flag=True, help="Count the findings of each rule and module.")
@click.option("--quiet", is_flag=True, help="Print findings only, no summary.")
@COLOR
@VERSION
def check(
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
    jobs: int | None,
    no_cache: bool,
    cache_dir: str | None,
    statistics: bool,
    quiet: bool,
    color: str,
    **settings: Any,
) -> int:
    """Check files and folders (the current folder by default; '-' reads standard input)."""
    if settings["fix_level"] is not None and not (fix or fix_only or diff):
        raise click.UsageError("--fix-level says what --fix applies: give --fix, --fix-only or --diff too")
    if stdin_filename is not None and "-" not in paths:
        raise click.UsageError("--stdin-filename names standard input: give '-' as a path too")
    if diff_from is not None and (fix or fix_only or diff or "-" in paths):
        raise click.UsageError("--diff-from compares files as they are: leave out fixes and standard input")
    if (output is not None or more) and (diff or fix_only):
        raise click.UsageError("--diff and --fix-only make no report that --output or --output-format could write")
    outputs = _outputs(format_, output, more)
    overrides = overrides_of(settings)
    given = paths or (".",)
    stdin = _read_stdin() if "-" in given else None
    name, workers = stdin_filename or "<stdin>", jobs or crew.size()
    job = Job(given, overrides, stdin, name, statistics, diff_from, context, force_exclude, workers, progress=not quiet)
    if diff:
        result = show_diff(job, color, quiet)
        return UNTRUSTED if result.problems else FINDINGS if result.fixed else CLEAN
    if not (fix or fix_only):
        return _lint(job, outputs, color, quiet, None if no_cache else cache_dir or cache.default_folder())
    result = _with_advice(fix_files(job))
    stream = sys.stdout if stdin is None else sys.stderr
    style = style_for(color, stream, summary=not quiet, statistics=statistics)
    result = write(outputs, result, style)
    say(result, color, quiet, problems=fix_only or outputs.printed not in HOLDS_PROBLEMS)
    if stdin is not None:
        print_bytes(fixed_stdin(job, result))
    if not quiet and (fix_only or outputs.printed != "text"):
        print_text(changes.summary(result, style) + "\n", style, sys.stderr)
    if fix_only:
        return UNTRUSTED if result.problems else CLEAN
    print_text(rendered(outputs.printed, result, style), style, stream)
    return _failure(result, overrides)


def _lint(job: Job, outputs: Outputs, color: str, quiet: bool, folder: str | None) -> int:
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
    memory.keep(click.get_current_context().obj, (outputs.printed, color, quiet), printed)
    return status


def _with_advice(result: RunResult) -> RunResult:
    problems = map(partial(suggesting, others=command_line.commands), result.problems)
    return replace(result, problems=tuple(problems))


def _warn(color: str, text: str) -> None:
    print_text(f"warning: {visible(text)}\n", style_for(color, sys.stderr), sys.stderr)


for _command in (rules, explain, config, baseline, add_ignores, clean, init, graph, completion.completion, server):
    command_line.add_command(_command)


def _outputs(format_: str, output: str | None, more: Sequence[str]) -> Outputs:
    try:
        return chosen(format_, output, more)
    except OutputError as error:
        raise click.UsageError(str(error)) from error


def _read_stdin() -> bytes:
    """What standard input holds; of more than any setting allows only so much that it is refused."""
    if sys.stdin is None:
        raise click.UsageError("'-' stands for standard input, which is closed")
    data = bytearray()
    try:
        while len(data) <= observed.LARGEST and (more := sys.stdin.buffer.read(1 << 20)):
            data += more
        return bytes(data)
    except OSError as error:
        raise click.UsageError(f"can't read standard input: {error.strerror}") from error


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


def _refuse(error: click.ClickException) -> int:
    """Say in one or two lines what is wrong with the command line."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "durable-lint"
    message = re.sub(r"\s+", " ", error.format_message()).strip()
    help_line = f"try: {command} --help\n" if isinstance(error, click.UsageError) else ""
    style = style_for("auto", sys.stderr)
    print_text(f"{style.paint('error:', fg='red', bold=True)} {visible(message)}\n{help_line}", style, sys.stderr)
    return UNTRUSTED
