"""What the words of a command line can be, for completion."""

from __future__ import annotations

from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem

from durable_lint.settings import PRESETS

IMPLIED = "durable_lint.implied"
"""The key of a context's ``meta`` that says that ``check`` is meant without being named."""


def paths(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Paths, and the commands while none is named and no path is given.

    Paths come first: where they are asked for, bash forgets what it was offered before.
    """
    found = [CompletionItem(incomplete, type="file")]
    root = context.find_root().command
    if context.meta.get(IMPLIED) and not context.params.get("paths") and isinstance(root, click.Group):
        commands = [(name, command) for name, command in sorted(root.commands.items()) if name.startswith(incomplete)]
        found += [CompletionItem(name, help=command.get_short_help_str()) for name, command in commands]
    return found


def path(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Paths."""
    return [CompletionItem(incomplete, type="file")]


def rule(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The codes and names of rules."""
    return list(_rules(incomplete, ""))


def rules(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The last of several codes and names, separated by commas; a preset too."""
    before, comma, last = incomplete.rpartition(",")
    given = set(before.split(","))
    found = [one for one in _rules(last, before + comma) if one.value.rpartition(",")[2] not in given]
    presets = [word for word in (*PRESETS, "ALL") if last and word.lower().startswith(last.lower())]
    return [*found, *(CompletionItem(before + comma + word, help="a choice of rules") for word in presets)]


def _rules(word: str, before: str) -> Iterator[CompletionItem[str]]:
    """Codes that begin with a word; names when it is no beginning of a code."""
    from durable_lint.knowledge import pages

    known = pages.all_pages()
    codes = [page for page in known if page.code.startswith(word.upper())]
    if codes:
        yield from (CompletionItem(before + page.code, help=page.name) for page in codes)
        return
    for page in known:
        if page.name.startswith(word.lower()):
            yield CompletionItem(before + page.name, help=page.code)
