"""``durable-lint rules`` and ``durable-lint explain``: what the rules are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from durable_lint.commands import words
from durable_lint.commands.options import COLOR, HELP
from durable_lint.console import print_text, style_for

if TYPE_CHECKING:
    from durable_lint.knowledge.pages import Page

PAGE_WIDTH = 80


@click.command(context_settings=HELP)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="The form. [text]")
@COLOR
def rules(format_: str, color: str) -> int:
    """List the rules: code, name, severity and what each reports."""
    from durable_lint import engine
    from durable_lint.report import listing

    style = style_for(color, sys.stdout)
    known = engine.rules()
    print_text(listing.rules_json(known) if format_ == "json" else listing.rules_table(known, style), style)
    return 0


@click.command(context_settings=HELP)
@click.argument("rule", nargs=-1, required=True, shell_complete=words.rule)
@COLOR
def explain(rule: tuple[str, ...], color: str) -> int:
    """Explain rules, given by code or name."""
    from durable_lint.knowledge import pages

    known = pages.all_pages()
    chosen = [_page(word, known) for word in rule]
    style = style_for(color, sys.stdout)
    width = min(style.width or PAGE_WIDTH, PAGE_WIDTH)
    texts = [pages.render(page, width, style.color, style.width) for page in dict.fromkeys(chosen)]
    print_text(f"\n{'-' * width}\n\n".join(texts), style)
    return 0


def _page(word: str, known: Sequence[Page]) -> Page:
    from durable_lint.config import did_you_mean

    for page in known:
        if word.upper() == page.code or word.lower() == page.name:
            return page
    near = did_you_mean(word, (name for page in known for name in (page.code, page.name)))
    hint = near or "; 'durable-lint rules' lists them"
    raise click.UsageError(f'there is no rule "{word}"{hint}')
