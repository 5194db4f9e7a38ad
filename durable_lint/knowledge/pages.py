"""The rule pages: Markdown with fixed headings, read from ``rules/`` and shown in a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import click

from durable_lint.knowledge import rules_dir
from durable_lint.knowledge.fitting import GAP, fit_code, fit_table
from durable_lint.records import dataclass

CODE = re.compile(r"[A-Z]{3}\d{3}")
TITLE = re.compile(r"# (?P<name>[a-z0-9-]+) \((?P<code>[A-Z]{3}\d{3})\)")
SUMMARY = re.compile(r"^## What it does\n+(?P<text>.+?)(?:\n\n|\n#|\Z)", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|\[(?P<link>[^\]]+)\]\((?P<url>[^)\s]+)\)")
ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*]|\d+\.) +(?P<text>.*)")
CODE_INDENT = "    "
GLUE = "\x00"
"""Stands for a space inside inline code or bold text while a paragraph is wrapped: it stays on one line if it fits."""


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one rule; ``summary`` is its first paragraph on one line, ``text`` the whole Markdown."""

    code: str
    name: str
    text: str
    summary: str


def load(code: str) -> Page:
    """The page of the rule ``code``; raises LookupError without one and ValueError when its title or summary is off."""
    file = rules_dir() / f"{code}.md"
    if not CODE.fullmatch(code) or not file.is_file():
        raise LookupError(f"there is no rule page for {code}")
    text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    title = TITLE.match(text)
    if title is None or title["code"] != code:
        raise ValueError(f"{file.name} must begin with '# rule-name ({code})'")
    summary = SUMMARY.search(text)
    if summary is None:
        raise ValueError(f"{file.name} has no text under '## What it does'")
    return Page(code, title["name"], text, " ".join(summary["text"].split()))


def all_pages() -> tuple[Page, ...]:
    """Every rule page, sorted by code; raises ValueError as ``load`` does."""
    codes = sorted(file.stem for file in rules_dir().glob("*.md") if CODE.fullmatch(file.stem))
    return tuple(load(code) for code in codes)


def render(page: Page, width: int, color: bool, code_width: int | None = None) -> str:
    """The page for a terminal of ``width`` cells: prose wrapped and code indented, within ``code_width`` if given."""
    width = max(width, 20)
    text, in_list = "", False
    for block in _blocks(page.text):
        is_item = ITEM.fullmatch(block[0]) is not None
        text += ("\n" if is_item and in_list else "\n\n") + _render(block, width, color, code_width)
        in_list = is_item
    return text.strip("\n") + "\n"


def _render(block: list[str], width: int, color: bool, code_width: int | None) -> str:
    first = block[0]
    if first.startswith("```"):
        code = "\n".join(block[1:-1] if block[-1].startswith("```") else block[1:])
        if code_width is not None and first.strip("`") in ("", "python"):
            code = fit_code(code, max(code_width, 20) - len(CODE_INDENT))
        return textwrap.indent(code, CODE_INDENT)
    if first.startswith("#"):
        heading = INLINE.sub(_plain, first.lstrip("#").strip())
        return click.style(heading, bold=True) if color else heading
    if first.startswith("|"):
        return _table(block, width, color)
    item = ITEM.fullmatch(first)
    if item is None:
        return _wrap(" ".join(block), width, "", "", color)
    head = f"{item['indent']}{item['mark']} "
    return _wrap(" ".join([item["text"], *block[1:]]), width, head, " " * len(head), color)


def _table(lines: list[str], width: int, color: bool) -> str:
    """A table in columns; colour comes last, as in prose."""
    widths, rows = fit_table([INLINE.sub(_plain, line) for line in lines], width)
    shown = []
    for number, row in enumerate(rows):
        cells = ["\n".join(cell) for cell in row]
        if color:
            cells = [_by_line(cell, bold=True) if number == 0 else INLINE.sub(_styled, cell) for cell in cells]
        for parts in zip_longest(*(cell.split("\n") for cell in cells), fillvalue=""):
            padded = [part + " " * (size - len(click.unstyle(part))) for part, size in zip(parts, widths, strict=True)]
            shown.append(GAP.join(padded).rstrip())
    return "\n".join(shown)


def _by_line(text: str, **attributes: Any) -> str:
    """Styled text of which each line stands for itself: beside it may be something else."""
    return "\n".join(click.style(line, **attributes) for line in text.split("\n"))


def _blocks(text: str) -> Iterator[list[str]]:
    """Fenced code, headings, tables, list items and paragraphs, each as its lines; blank lines only separate."""
    block: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if fence:
            block.append(line)
            if line.strip() == fence:
                yield block
                block, fence = [], ""
            continue
        opening = re.match(r"`{3,}", line)
        starts = opening or line.startswith("#") or ITEM.fullmatch(line)
        if block and (starts or not line.strip() or block[0].startswith("#")):
            yield block
            block = []
        if line.strip():
            block.append(line if starts or line.startswith("|") else line.strip())
        fence = opening[0] if opening else ""
    if block:
        yield block


def _wrap(text: str, width: int, first: str, rest: str, color: bool) -> str:
    """Wrapped prose; colour comes after the wrapping, because its escapes take no cells."""

    def glued(span: re.Match[str]) -> str:
        shown = span[0] if color else _plain(span)
        before, after = text[: span.start()].rpartition(" ")[2], text[span.end() :].partition(" ")[0]
        fits = len(before) + len(shown) + len(after) <= width - len(rest)
        return shown.replace(" ", GLUE) if fits else shown

    lines = textwrap.fill(
        INLINE.sub(glued, text),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ).replace(GLUE, " ")
    return INLINE.sub(_styled, lines) if color else lines


def _plain(span: re.Match[str]) -> str:
    """Inline code in its backticks, bold text bare, a link with its address."""
    return span[0] if span["code"] else _linked(span)


def _styled(span: re.Match[str]) -> str:
    if span["code"]:
        return _by_line(span["code"], fg="cyan")
    return _by_line(span["bold"], bold=True) if span["bold"] else _linked(span)


def _linked(span: re.Match[str]) -> str:
    return str(span["bold"]) if span["bold"] else f"{span['link']} ({span['url']})"
