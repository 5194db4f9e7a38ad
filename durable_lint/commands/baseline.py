"""``durable-lint baseline``: the file with the findings of an old code base that may stay."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from durable_lint.commands import words
from durable_lint.commands.options import COLOR, HELP, overrides_of, settings_options
from durable_lint.console import print_problems, print_text, style_for
from durable_lint.jobs import suggesting
from durable_lint.report import visible

if TYPE_CHECKING:
    from durable_lint.baselining import Update

EPILOG = """\b
Exit status:
  0  the baseline holds what is found
  2  a file can't be read or written
"""


@click.command(context_settings=HELP, epilog=EPILOG, short_help="Write down the findings that may stay.")
@click.argument("paths", nargs=-1, shell_complete=words.path)
@click.option("--prune", is_flag=True, help="Add nothing: only drop what is no longer found.")
@click.option("--quiet", is_flag=True, help="Print no summary.")
@settings_options
@COLOR
def baseline(paths: tuple[str, ...], prune: bool, quiet: bool, color: str, **settings: Any) -> int:
    """Write the findings in files and folders (the current one by default) to a baseline, which runs then leave out.

    The baseline is the file of --baseline or of the settings, else durable-lint-baseline.json in the current folder.
    What is no longer found is dropped; entries of files that are not given, and of rules that are off, stay. Give it
    the same paths as a run.
    """
    from durable_lint.baselining import update
    from durable_lint.config import ConfigError

    if "-" in paths:
        raise click.UsageError("a baseline is about files: leave out standard input")
    overrides = overrides_of(settings | {"fix_level": None})
    try:
        updates, problems = update(paths or (".",), overrides, prune=prune)
    except ConfigError as error:
        updates, problems = [], [error.problem]
    print_problems(map(suggesting, problems), color)
    if not quiet:
        style = style_for(color, sys.stdout)
        lines = [_summary(one) for one in updates] or ([] if problems else ["no Python files found"])
        print_text("".join(style.paint(line, fg="green") + "\n" for line in lines), style)
        hints = [_hint(one) for one in updates if not one.named]
        print_text("".join(hints), style_for(color, sys.stderr), sys.stderr)
    return 2 if problems else 0


def _summary(done: Update) -> str:
    from durable_lint.report.summary import plural

    changes = ", ".join(f"{count} {what}" for count, what in ((done.added, "new"), (done.dropped, "dropped")) if count)
    return f"{visible(done.shown)}: {plural(done.entries, 'finding')} ({changes or 'as before'})"


def _hint(done: Update) -> str:
    name = visible(done.shown)
    return f'note: runs find it by --baseline {name} or, in the settings, baseline = "{name}"\n'
