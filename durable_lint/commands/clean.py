"""``durable-lint clean``: empty the cache."""

from __future__ import annotations

import sys

import click

from durable_lint import cache
from durable_lint.commands.options import CACHE_DIR, COLOR, HELP
from durable_lint.console import print_text, style_for
from durable_lint.report import visible
from durable_lint.report.summary import plural


@click.command(context_settings=HELP, short_help="Empty the cache.")
@CACHE_DIR
@COLOR
def clean(cache_dir: str | None, color: str) -> int:
    """Remove the cache of results, which other runs fill again."""
    folder = cache_dir or cache.default_folder()
    style = style_for(color, sys.stdout)
    if folder is None:
        print_text("this platform names no folder for caches: nothing to remove\n", style)
        return 0
    try:
        removed = cache.Cache(folder).clean()
    except cache.CacheError as error:
        raise click.ClickException(str(error)) from error
    print_text(f"removed {plural(removed, 'result')} from {visible(folder)}\n", style)
    return 0
