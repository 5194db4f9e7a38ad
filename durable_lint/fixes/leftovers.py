"""Imports and loggers that a fix has made unused: they go too."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable

from durable_lint.fixes.apply import apply
from durable_lint.model import Edit, Span
from durable_lint.source import LineIndex

_LOGGERS = frozenset({"getLogger", "get_logger", "Logger", "LoggerAdapter"})


def without_leftovers(old: str, new: str, wanted: Callable[[str], bool] = lambda name: False) -> str:
    """The new text of a module without the top-level imports and loggers that only the old one used.

    ``wanted`` says whether another module takes a name from this one. Both texts are valid Python.
    """
    before = _used(ast.parse(old))
    while True:
        tree = ast.parse(new)
        now = _used(tree)
        unused = {name for name in before if not now[name] and not wanted(name)}
        edits = _removals(tree, new, unused) if unused else []
        if not edits:
            return new
        new = apply(new, edits)


def _used(tree: ast.Module) -> Counter[str]:
    """How often each name is read, or said in ``__all__`` or another text."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            found[node.id] += 1
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            found[node.value] += 1
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
    return found


def _removals(tree: ast.Module, text: str, unused: set[str]) -> list[Edit]:
    """The edits that take out the statements, or parts of imports, that bind nothing but unused names."""
    lines = LineIndex(text)
    edits = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound = [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
            gone = [name for name in bound if name in unused and bound.count(name) == 1]
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                continue
            if gone and len(gone) == len(bound):
                edits += _statement(node, tree, text, lines)
            elif gone:
                edits += [_alias(node, bound.index(name), lines) for name in gone[:1]]
        elif isinstance(node, ast.Assign) and _makes_logger(node.value):
            targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
            edits += _statement(node, tree, text, lines) if len(node.targets) == 1 and set(targets) & unused else []
        if edits:
            return edits  # one at a time: what follows is found again in the new text
    return edits


def _makes_logger(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return False
    name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    return name in _LOGGERS


def _statement(node: ast.stmt, tree: ast.Module, text: str, lines: LineIndex) -> list[Edit]:
    """Take a statement out with its lines, and blank lines before it where none follow; nothing if it shares a line."""
    start = lines.start(node.lineno)
    end = lines.offset(node.end_lineno or 0, node.end_col_offset or 0)
    rest = end
    while rest < len(text) and text[rest] not in "\r\n":
        rest += 1
    if node.col_offset or text[end:rest].strip() or len(tree.body) == 1:
        return []  # another statement or a comment stands on its line
    rest += 2 if text[rest : rest + 2] == "\r\n" else 1
    above = text[:start]
    if above.endswith(("\n\n", "\r\n\r\n")) or not above:
        # Between blank lines nothing may be left but those above.
        while text[rest : rest + 2] == "\r\n" or text[rest : rest + 1] == "\n":
            rest += 2 if text[rest] == "\r" else 1
        following = text[rest:]
        if above and following.startswith(("def ", "class ", "@", "async ")) and not above.endswith("\n\n\n"):
            rest -= 1 if text[rest - 1] == "\n" and text[rest - 2 : rest] != "\r\n" else 2
    return [Edit(Span(start, min(rest, len(text))), "")]


def _alias(node: ast.Import | ast.ImportFrom, index: int, lines: LineIndex) -> Edit:
    """Take one name out of an import, with the comma behind it, or before it at the end."""
    names = node.names

    def at(line: int | None, column: int | None) -> int:
        return lines.offset(line or 0, column or 0)

    if index + 1 < len(names):
        following = names[index + 1]
        return Edit(
            Span(at(names[index].lineno, names[index].col_offset), at(following.lineno, following.col_offset)), ""
        )
    before = names[index - 1]
    return Edit(
        Span(at(before.end_lineno, before.end_col_offset), at(names[index].end_lineno, names[index].end_col_offset)), ""
    )
