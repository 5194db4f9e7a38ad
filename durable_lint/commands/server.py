"""``durable-lint server``: the language server for editors."""

from __future__ import annotations

import gc
import importlib.util

import click

from durable_lint.commands.options import HELP

NEEDED = ("pygls", "lsprotocol")


@click.command(context_settings=HELP, short_help="Serve an editor: the Language Server Protocol over stdio.")
@click.option("--stdio", is_flag=True, expose_value=False, help="Speak over standard input and output (always so).")
def server() -> int:
    """Serve an editor: the Language Server Protocol over standard input and output."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise click.ClickException('the language server needs pygls: install "durable-lint[lsp]"')
    from durable_lint.server.app import serve

    gc.enable()
    return serve()
