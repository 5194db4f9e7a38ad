"""The options that commands share, as click takes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from durable_lint.commands import table, words
from durable_lint.commands.table import Option
from durable_lint.streams import WIDEST

if TYPE_CHECKING:
    from durable_lint.config import Overrides

Command = TypeVar("Command", bound=Callable[..., Any])
HELP = {"help_option_names": ["-h", "--help"], "max_content_width": WIDEST}


def _codes(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    codes = table.codes_in(values)
    if values and not codes:
        raise click.BadParameter("give at least one rule code or name", context, option)
    return codes


def option_of(one: Option) -> Callable[[Command], Command]:
    """An option as click takes it."""
    how: dict[str, Any] = {"help": one.help, "multiple": one.many, "metavar": one.shown, "default": one.default}
    if one.takes == table.FLAG:
        return click.option(one.name, one.destination, is_flag=True, help=one.help)
    if one.takes == table.CODES:
        how |= {"multiple": True, "metavar": "CODES", "callback": _codes, "shell_complete": words.rules}
    if one.choices:
        how["type"] = click.Choice(one.choices)
    if one.is_path:
        how["shell_complete"] = words.path
    return click.option(one.name, one.destination, **how)


def options(*those: Option) -> Callable[[Command], Command]:
    """Give a command options, in this order."""

    def given(command: Command) -> Command:
        for one in reversed(those):
            command = option_of(one)(command)
        return command

    return given


COLOR, CACHE_DIR = options(table.COLOR), options(table.CACHE_DIR)
_FILES = (
    click.option("--baseline", type=click.Path(dir_okay=False, path_type=Path), help="Leave out what this file holds."),
    click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Use this file."),
)


def settings_options(command: Command) -> Command:
    """Give a command the options that stand for settings."""
    command = options(table.ISOLATED)(command)
    for option in reversed(_FILES):
        command = option(command)
    return options(table.SELECT, table.EXTEND_SELECT, table.IGNORE, table.EXCLUDE, table.FAIL)(command)


def one_configuration(config: Path | None, isolated: bool) -> None:
    """Raise click.UsageError where the command line asks for a configuration file and for none."""
    if isolated and config is not None:
        raise click.UsageError("--isolated and --config contradict each other: leave one out")


def overrides_of(settings: dict[str, Any]) -> Overrides:
    """What the command line says about settings; raises click.UsageError where it contradicts itself."""
    one_configuration(settings["config"], settings["isolated"])
    return table.overrides_in(settings)
