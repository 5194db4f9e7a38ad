"""Where expressions stand in the text of a module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence

from durable_lint.source import LineIndex

FSTRINGS_MISPLACE = sys.version_info < (3, 12)
"""Whether the places of nodes inside f-strings can be wrong."""


class Placing:
    """Turns the lines and columns of nodes into offsets; ``fstring`` is where the f-string around them stands."""

    def __init__(self, text: str, offsets: Sequence[int]) -> None:
        """``offsets`` are those of the text, at their own positions: all that is kept shares these objects."""
        self.text = text
        self.lines = LineIndex(text)
        self.fstring: tuple[int, int] | None = None
        self._offsets = offsets
        self._starts = [0, *self.lines.starts] if text.isascii() else None
        """Where each line (from 1) of a text begins whose columns need no conversion."""

    def offset(self, line: int, column: int) -> int:
        """From a line (from 1) and a column in UTF-8 bytes, as nodes have them, to an offset."""
        if self._starts is None:
            return self.lines.offset(line, column)
        return self._offsets[self._starts[line] + column]

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where an expression stands, as offsets in the text."""
        if self.fstring is not None:
            return self._span_in_fstring(node, self.fstring)
        starts, line, last = self._starts, node.lineno, node.end_lineno or 0
        if starts is None:
            return self.offset(line, node.col_offset), self.offset(last, node.end_col_offset or 0)
        offsets = self._offsets
        return offsets[starts[line] + node.col_offset], offsets[starts[last] + (node.end_col_offset or 0)]

    def span_of_name(self, node: ast.Name) -> tuple[int, int]:
        """Where a name stands."""
        if self._starts is None or self.fstring is not None:
            return self.span(node)
        start = self._starts[node.lineno] + node.col_offset
        return start, start + len(node.id)

    def _span_in_fstring(self, node: ast.expr, whole: tuple[int, int]) -> tuple[int, int]:
        """Before Python 3.12 places inside f-strings can be wrong: then look for the expression's first name."""
        root: ast.AST = node
        while not isinstance(root, ast.Name):
            inner = getattr(root, "func", None) or getattr(root, "value", None)
            if not isinstance(inner, ast.AST):
                return whole
            root = inner
        length = (node.end_col_offset or 0) - node.col_offset if node.end_lineno == node.lineno else len(root.id)
        text = self.text
        try:
            start = self.offset(node.lineno, node.col_offset)
        except (IndexError, ValueError):
            start = -1
        if not (whole[0] <= start < whole[1] and text.startswith(root.id, start)):
            start = text.find(root.id, whole[0], whole[1])
        return (start, min(start + max(length, 1), whole[1])) if start >= 0 else whole
