"""The command ``durable-lint`` as click reads it: the commands, their words and their help."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

import durable_lint
from durable_lint import checking
from durable_lint.commands import completion, table, words
from durable_lint.commands.add_ignores import add_ignores
from durable_lint.commands.baseline import baseline
from durable_lint.commands.clean import clean
from durable_lint.commands.config import config
from durable_lint.commands.graph import graph
from durable_lint.commands.init import init
from durable_lint.commands.options import HELP, one_configuration, options, settings_options
from durable_lint.commands.rules import explain, rules
from durable_lint.commands.server import server
from durable_lint.commands.watch import watchable

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


def main(args: Sequence[str] | None = None) -> int:
    """Run the command with ``args`` (``sys.argv`` without the program by default) and give its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a path or a source line may hold what the stream can't encode
            stream.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if args is None else args)
    return checking.guarded(lambda: _run(given))


def _run(args: list[str]) -> int:
    try:
        if shell := completion.wanted():
            completion.answer(command_line, shell)
            return checking.CLEAN
        with command_line.make_context("durable-lint", args, obj=tuple(args)) as context:
            return int(command_line.invoke(context) or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        context_of = getattr(error, "ctx", None)
        command = context_of.command_path if context_of is not None else "durable-lint"
        return checking.refuse(error.format_message(), command if isinstance(error, click.UsageError) else "")


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
@options(table.FORMAT, table.OUTPUT, table.MORE)
@settings_options
@options(table.FIX, table.FIX_ONLY, table.DIFF, table.FIX_LEVEL, table.STDIN_FILENAME, table.DIFF_FROM)
@watchable
@options(table.CONTEXT, table.FORCE_EXCLUDE)
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Use N processes. [one for each core]")
@options(table.NO_CACHE, table.CACHE_DIR, table.STATISTICS, table.QUIET, table.COLOR)
@VERSION
def check(config: Path | None, isolated: bool, **asked: Any) -> int:
    """Check files and folders (the current folder by default; '-' reads standard input)."""
    one_configuration(config, isolated)
    return checking.check(click.get_current_context().obj, config=config, isolated=isolated, **asked)


for _command in (rules, explain, config, baseline, add_ignores, clean, init, graph, completion.completion, server):
    command_line.add_command(_command)
