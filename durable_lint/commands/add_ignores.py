"""``durable-lint add-ignores``: comments that silence today's findings, for a project that adopts the linter."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from durable_lint.commands import words
from durable_lint.commands.options import COLOR, HELP, overrides_of, settings_options
from durable_lint.console import print_problems, print_text, style_for
from durable_lint.jobs import suggesting
from durable_lint.records import replace

if TYPE_CHECKING:
    from durable_lint.model import RunResult

EPILOG = """\b
Exit status:
  0  every finding has its comment
  1  with --diff: there are findings that would get one
  2  a file can't be read or written, or a finding stands where no comment can
"""


@click.command("add-ignores", context_settings=HELP, epilog=EPILOG, short_help="Silence today's findings by comments.")
@click.argument("paths", nargs=-1, shell_complete=words.path)
@click.option("--reason", required=True, metavar="TEXT", help="Why the findings may stay; it stands in each comment.")
@click.option("--diff", is_flag=True, help="Write no file: show what would change, and exit with 1 if anything.")
@click.option("--quiet", is_flag=True, help="Print no summary.")
@settings_options
@COLOR
def add_ignores(paths: tuple[str, ...], reason: str, diff: bool, quiet: bool, color: str, **settings: Any) -> int:
    """Put '# durable-lint: ignore[CODE] TEXT' at the findings in files and folders (the current one by default).

    The comment stands on the line of the finding; where none can, on the first line of the statement, else on the
    definition around it, which it then covers whole.
    """
    from durable_lint.config import ConfigError
    from durable_lint.fixing import write
    from durable_lint.ignoring import ignore_paths, reason_error
    from durable_lint.report.changes import unified_diff

    wrong = reason_error(reason.strip())
    if wrong:
        raise click.BadParameter(wrong, param_hint="--reason")
    if "-" in paths:
        raise click.UsageError("comments are written into files: standard input has none")
    overrides = overrides_of(settings | {"fix_level": None})
    try:
        result = ignore_paths(paths or (".",), overrides, reason.strip())
    except ConfigError as error:
        print_problems([error.problem], color)
        return 2
    if diff:
        style = style_for(color, sys.stdout)
        print_text("".join(unified_diff(fixed, style) for fixed in result.fixed), style)
    else:
        written, refused = write(result, what="comments")
        result = replace(result, fixed=tuple(written), problems=(*result.problems, *refused))
    print_problems(map(suggesting, result.problems), color)
    if not quiet:
        stream = sys.stderr if diff else sys.stdout
        style = style_for(color, stream)
        print_text(style.paint(_summary(result, done=not diff), fg="green") + "\n", style, stream)
    return 2 if result.problems else int(diff and bool(result.fixed))


def _summary(result: RunResult, *, done: bool) -> str:
    """How many findings were (or would be) silenced, by rule, and what is left to other means."""
    from durable_lint.report.summary import plural

    codes = Counter(one.code for fixed in result.fixed for one in fixed.applied)
    verb = "ignored" if done else "would ignore"
    text = f"{verb} {plural(codes.total(), 'finding')} in {plural(len(result.fixed), 'file')}"
    if codes:
        text += ": " + ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
    left = len(result.diagnostics)
    return f"{text}; {plural(left, 'finding')} left" if left else text
