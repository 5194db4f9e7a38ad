"""Code and tables for narrow terminals."""

from __future__ import annotations

import io
import re
import textwrap
import tokenize
from collections.abc import Sequence
from typing import NamedTuple

GAP = "  "
DEEPER = " " * 8
"""What a continued line of code is indented by, so that it is none of the block below."""
_NO_GAPS = {tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_BOUND = re.compile(r"durable-lint:|noqa")
"""A comment that means the line on which it stands."""
_BEST = frozenset("([{,")
_OPENING, _CLOSING = ("FSTRING_START", "TSTRING_START"), ("FSTRING_END", "TSTRING_END")


def fit_code(code: str, width: int) -> str:
    """Python code with long lines broken between tokens, so that it still means the same; comments go above.

    A line that can't be broken stays as it is, one that is suppressed too, and so does all that is no Python.
    """
    lines = code.split("\n")
    if max(map(len, lines)) <= width:
        return code
    try:
        gaps, comments = _gaps(code)
    except (tokenize.TokenError, SyntaxError):
        return code
    fitted: list[str] = []
    for number, line in enumerate(lines, 1):
        comment = comments.get(number)
        indent = line[: len(line) - len(line.lstrip())]
        if comment is not None and _BOUND.search(line, comment):
            fitted.append(line)
            continue
        if len(line) > width and comment and line[:comment].strip():
            fitted.append(indent + line[comment:])
            line = line[:comment].rstrip()
        fitted += _broken(line, gaps.get(number, {}), indent, width)
    return "\n".join(fitted)


class _Gap(NamedTuple):
    """How bad it is to break a line at a place, the best first: ``open`` is False where only a backslash allows it."""

    rank: int
    depth: int

    @property
    def open(self) -> bool:
        return self.depth > 0


def _gaps(code: str) -> tuple[dict[int, dict[int, _Gap]], dict[int, int]]:
    """By line, from 1: the columns where it can be broken, and where its comment begins."""
    gaps: dict[int, dict[int, _Gap]] = {}
    comments: dict[int, int] = {}
    depth = strings = 0
    end, before = (0, 0), ""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        line, column = token.start
        kind = tokenize.tok_name[token.type]
        after_sign = depth > 0 and before in _BEST
        if token.type == tokenize.COMMENT:
            comments[line] = column
        elif token.type not in _NO_GAPS and end[0] == line and not strings and (end[1] < column or after_sign):
            gaps.setdefault(line, {})[column] = _Gap(0 if after_sign else 1 if depth else 2, depth)
        strings += (kind in _OPENING) - (kind in _CLOSING)
        if token.type == tokenize.OP and not strings:
            depth += (token.string in "([{") - (token.string in ")]}")
        end, before = token.end, token.string
    return gaps, comments


def _broken(line: str, gaps: dict[int, _Gap], indent: str, width: int) -> list[str]:
    """A line in parts, the later ones indented deeper; a backslash ends a part where no bracket is open."""
    parts: list[str] = []
    start, lead = 0, ""
    while len(lead) + len(line) - start > width:
        fitting = [
            column
            for column, gap in gaps.items()
            if column > start and len(lead) + len(line[start:column].rstrip()) + (0 if gap.open else 2) <= width
        ]
        later = [column for column, gap in gaps.items() if column > start and gap.open]
        if not fitting and not later:
            break
        end = min(fitting, key=lambda column: (gaps[column], -column)) if fitting else min(later)
        parts.append(lead + line[start:end].rstrip() + ("" if gaps[end].open else " \\"))
        start, lead = end, indent + DEEPER
    return [*parts, lead + line[start:]]


def fit_table(lines: Sequence[str], width: int) -> tuple[list[int], list[list[list[str]]]]:
    """The widths of the columns of a Markdown table, and its rows without the rule: each cell as its lines."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    rows = [row for row in rows if not all(cell and set(cell) <= set("-: ") for cell in row)]
    count = max(map(len, rows))
    rows = [row + [""] * (count - len(row)) for row in rows]
    widths = _widths([max(len(row[column]) for row in rows) for column in range(count)], width - len(GAP) * (count - 1))
    return widths, [[_cell(cell, size) for cell, size in zip(row, widths, strict=True)] for row in rows]


def _widths(natural: list[int], room: int) -> list[int]:
    """Narrow columns get what they need, the others share what is left."""
    widths = list(natural)
    open_columns = sorted(range(len(natural)), key=lambda column: natural[column])
    for position, column in enumerate(open_columns):
        fair = max(room // (len(natural) - position), 8)
        widths[column] = min(natural[column], fair)
        room -= widths[column]
    return widths


def _cell(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 1), break_on_hyphens=False) or [""]
