"""``durable-lint graph``: pictures of workflows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from durable_lint.commands import words
from durable_lint.commands.options import COLOR, HELP, overrides_of, settings_options
from durable_lint.console import print_problems, print_text, style_for
from durable_lint.jobs import suggesting

if TYPE_CHECKING:
    from durable_lint.graph.model import Picture

FORMATS = ("mermaid", "markdown", "dot", "html")
EXIT_STATUS = """\b
Exit status:
  0  drawn, whatever was found
  2  wrong usage or settings, an unreadable file, no such workflow
"""


@click.command(context_settings=HELP, epilog=EXIT_STATUS, short_help="Draw workflows with their findings.")
@click.argument("target", metavar="PATH[:HANDLER]", shell_complete=words.path)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="mermaid", help="What to write. [mermaid]")
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@settings_options
@COLOR
def graph(target: str, format_: str, output: Path | None, color: str, **settings: Any) -> int:
    """Draw the workflows of a file or folder: operations in order, branches, loops, helpers of other modules, and what
    was found on them. HANDLER is the name of a function, or of a method with its class."""
    from durable_lint.config import ConfigError
    from durable_lint.graph.drawing import UnknownWorkflow, draw

    overrides = overrides_of(settings)
    try:
        drawn = draw(target, overrides, Path.cwd())
    except UnknownWorkflow as error:
        raise click.UsageError(str(error)) from error
    except ConfigError as error:
        print_problems([error.problem], color)
        return 2
    print_problems(map(suggesting, drawn.problems), color)
    if not drawn.pictures and not drawn.problems:
        raise click.UsageError(f"there is no workflow in {target}")
    if drawn.pictures:
        _write(_writer(format_)(drawn.pictures), output, color)
    return 2 if drawn.problems else 0


def _writer(name: str) -> Callable[[Sequence[Picture]], str]:
    from durable_lint.graph import dot, html, mermaid

    return {"mermaid": mermaid.render, "markdown": mermaid.markdown, "dot": dot.render, "html": html.render}[name]


def _write(text: str, output: Path | None, color: str) -> None:
    if output is None:
        print_text(text, style_for(color, sys.stdout))
        return
    from durable_lint import atomic

    try:
        atomic.write(str(output), text.encode("utf-8", "backslashreplace"))
    except atomic.Refused as refused:
        raise click.ClickException(f"can't write {output}: {refused}") from refused
