"""Where the blocks of compound statements stand."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from durable_lint.index.facts import Clause, Try

Offset = Callable[[int, int], int]
"""From a line and a column in bytes to an offset in the text."""


def block(offset: Offset, statements: Sequence[ast.AST]) -> tuple[int, int]:
    """Where the statements of a block stand, decorators included."""
    first, last = statements[0], statements[-1]
    decorators = getattr(first, "decorator_list", ())
    line, column = (decorators[0].lineno, 0) if decorators else (first.lineno, first.col_offset)  # type: ignore[attr-defined]
    return offset(line, column), offset(last.end_lineno, last.end_col_offset)  # type: ignore[attr-defined]


def attempt(offset: Offset, node: ast.Try, clauses: tuple[Clause, ...]) -> Try:
    """The fact of a ``try`` whose clauses are read."""
    ends = node.orelse or node.handlers
    final = block(offset, node.finalbody) if node.finalbody else None
    return Try(block(offset, node.body), block(offset, [*node.body, *ends]), final, clauses)
