"""What a terminal may be given: visible characters only, measured in the cells that they take."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Any

from durable_lint.records import dataclass

TAB = "    "
CUT = "..."
PIPED_WIDTH = 100
"""Cells for a source line where no terminal says how wide it is."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a report is to look; ``width`` is the number of cells to wrap prose at, None for no wrapping."""

    color: bool = False
    width: int | None = None
    summary: bool = True
    statistics: bool = False

    def paint(self, text: str, **attributes: Any) -> str:
        """``text`` with the attributes of click.style, or as it is when the report has no colour."""
        if not (self.color and text):
            return text
        import click

        return click.style(text, **attributes)

    def wrap(self, text: str, first: str, rest: str | None = None) -> str:
        """``text`` behind the indent ``first``; the lines after the first begin with ``rest``."""
        if self.width is None:
            return first + text
        import textwrap

        return textwrap.fill(
            text,
            max(self.width, 20),
            initial_indent=first,
            subsequent_indent=first if rest is None else rest,
            break_long_words=False,
            break_on_hyphens=False,
        )


def visible(text: str) -> str:
    """``text`` with every character that moves the cursor, colours or hides text written as a Python escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def snippet(line: str, start: int, end: int | None, width: int) -> tuple[str, str]:
    """The shown form of ``line`` and the carets under it, both within about ``width`` cells.

    The columns count code points from 1 with ``end`` excluded; None stands for the end of the line.
    """
    cells = [_cell(char) for char in line.rstrip()]
    offsets = list(accumulate((size for _, size in cells), initial=0))
    first = min(start - 1, len(cells))
    last = len(cells) if end is None else max(first, min(end - 1, len(cells)))
    left, right = _window(offsets, first, last, max(width, 20))
    before = CUT if left else ""
    shown = before + "".join(text for text, _ in cells[left:right]) + (CUT if right < len(cells) else "")
    margin = len(before) + offsets[first] - offsets[left]
    return shown, " " * margin + "^" * max(1, offsets[min(last, right)] - offsets[first])


def clip(text: str, width: int) -> str:
    """The shown form of ``text`` in at most ``width`` cells: the middle gives way, as a path's ends say most."""
    cells = [_cell(char) for char in text]
    if sum(size for _, size in cells) <= width:
        return "".join(shown for shown, _ in cells)
    room = max(0, width - len(CUT))
    head = _fitting(cells, room // 3)
    tail = _fitting(cells[::-1], room - sum(size for _, size in cells[:head]))
    return "".join(shown for shown, _ in cells[:head]) + CUT[:width] + "".join(s for s, _ in cells[len(cells) - tail :])


def _fitting(cells: list[tuple[str, int]], width: int) -> int:
    """How many of the first cells fit."""
    return bisect_right(list(accumulate(size for _, size in cells)), width)


def _window(offsets: list[int], first: int, last: int, width: int) -> tuple[int, int]:
    """The range of cells to show so that the first marked one is among them."""
    total, count = offsets[-1], len(offsets) - 1
    if total <= width:
        return 0, count
    if offsets[last] <= width - len(CUT):
        return 0, bisect_right(offsets, width - len(CUT)) - 1
    room = width - 2 * len(CUT)
    left = bisect_left(offsets, max(0, min(offsets[first] - room // 3, total - room)))
    return left, bisect_right(offsets, offsets[left] + room) - 1


def _cell(char: str) -> tuple[str, int]:
    """What is shown for one character of a source line, and how many cells that takes."""
    if char == "\t":
        return TAB, len(TAB)
    if not char.isprintable():
        text = _escape(char)
        return text, len(text)
    if char.isascii():
        return char, 1
    from unicodedata import category, east_asian_width

    if category(char) in ("Mn", "Me"):
        return char, 0
    return char, 2 if east_asian_width(char) in ("W", "F") else 1


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
