"""What the commands share: options that stand for settings, and what they say of a wrong path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from durable_lint.commands import words
from durable_lint.model import Problem
from durable_lint.records import replace
from durable_lint.streams import WIDEST

if TYPE_CHECKING:
    from durable_lint.config import Overrides

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": WIDEST}


def _codes(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    codes = tuple(code.strip() for value in values for code in value.split(",") if code.strip())
    if values and not codes:
        raise click.BadParameter("give at least one rule code or name", context, option)
    return codes


CODES: dict[str, Any] = {"multiple": True, "metavar": "CODES", "callback": _codes, "shell_complete": words.rules}
SETTINGS = (
    click.option("--select", help="Check only these: codes, prefixes, names, recommended, strict or ALL.", **CODES),
    click.option("--extend-select", help="Check these rules as well.", **CODES),
    click.option("--ignore", help="Leave these rules out.", **CODES),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out matching files; may be repeated."),
    click.option(
        "--fail-on", type=click.Choice(["error", "warning", "never"]), help="Exit with 1 from this level on. [warning]"
    ),
    click.option("--baseline", type=click.Path(dir_okay=False, path_type=Path), help="Leave out what this file holds."),
    click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Use this file."),
    click.option("--isolated", is_flag=True, help="Use no configuration file."),
)
COLOR = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colour. [auto]"
)


def settings_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of ``SETTINGS``."""
    for option in reversed(SETTINGS):
        command = option(command)
    return command


def overrides_of(settings: dict[str, Any]) -> Overrides:
    """What the command line says about settings; raises click.UsageError where it contradicts itself."""
    from durable_lint.config import Overrides

    if settings["isolated"] and settings["config"] is not None:
        raise click.UsageError("--isolated and --config contradict each other: leave one out")
    return Overrides(**{**settings, "select": settings["select"] or None})


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
