"""``durable-lint config``: the settings that hold for a path."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from durable_lint.commands import words
from durable_lint.commands.options import COLOR, HELP, overrides_of, settings_options
from durable_lint.console import print_problems, print_text, style_for
from durable_lint.jobs import suggesting
from durable_lint.model import Problem


@click.command(context_settings=HELP, short_help="Show the settings that hold for a path.")
@click.argument("path", default=".", shell_complete=words.path)
@settings_options
@COLOR
def config(path: str, color: str, **settings: Any) -> int:
    """Show the settings that hold for a file or folder, where they come from, and why each rule is on or off."""
    from durable_lint import engine
    from durable_lint.config import ConfigError, SettingsFinder
    from durable_lint.dependencies import Dependencies
    from durable_lint.knowledge.profile_file import TeamProfiles
    from durable_lint.report import listing

    target = Path.cwd() / path
    if not os.path.exists(target):  # noqa: PTH110 - unlike Path.exists it raises nothing
        raise click.UsageError(suggesting(Problem("missing", path, f'there is no file or folder "{path}"')).message)
    file = target / "__init__.py" if target.is_dir() else target  # settings hold for files
    given = overrides_of(settings)
    known = engine.rules()
    try:
        found = SettingsFinder(given, known, engine.profiles(), Path.cwd()).settings_for(file)
        TeamProfiles(Path.cwd()).of(found.profiles)
    except ConfigError as error:
        print_problems([error.problem], color)
        return 2
    style = style_for(color, sys.stdout)
    sdk = engine.target_version(found, file.parent, Dependencies(isolated=given.isolated))
    states = [(rule, *found.rule_state(rule, file)) for rule in known]
    print_text(listing.settings(path, found, given, states, style, sdk), style)
    return 0
