"""What a changed line causes elsewhere in its file: by what it decorates, imports or binds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from durable_lint.model import Span
from durable_lint.source import SourceFile

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Hunk(NamedTuple):
    """A change: ``length`` lines from ``first`` (from 1) on have come in the place of ``old``.

    Where none came, ``first`` is the line behind which ``old`` stood, 0 for the beginning.
    """

    first: int
    length: int
    old: bytes = b""

    def touches(self, first: int, last: int) -> bool:
        """Whether one of the lines from ``first`` to ``last`` came, or something between them went."""
        if not self.length:
            return first <= self.first < last
        return self.first <= last and first < self.first + self.length


class Causes:
    """A changed file, and what its changes can have made wrong on lines that are as they were."""

    def __init__(self, source: SourceFile, tree: ast.Module, hunks: list[Hunk]) -> None:
        self._source = source
        self._hunks = hunks
        self._definitions = [node for node in ast.walk(tree) if isinstance(node, _Definition)]
        self._names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        self._called = {_root(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        self._changed = [one for one in _bindings(tree) if self._is_changed(one)]

    def cause(self, span: Span) -> bool:
        """Whether a place depends on a change: of the decorators around it, or of what binds a name in it."""
        line = self._source.lines.position(span.start).line
        around = [node for node in self._definitions if _top(node) <= line <= (node.end_lineno or node.lineno)]
        if any(self._is_decorated_anew(node) for node in around):
            return True
        if not self._changed:
            return False
        inside = [node for node in self._names if span.start <= self._offset(node) < span.end]
        called = [node for node in inside if node in self._called]  # what is only handed over makes no call another
        used = {node.id for node in called or inside}
        return any(one.name in used and (one.scope is None or one.scope in around) for one in self._changed)

    def _offset(self, node: ast.Name) -> int:
        return self._source.lines.offset(node.lineno, node.col_offset)

    def _is_decorated_anew(self, node: _Definition) -> bool:
        top = _top(node)
        for hunk in self._hunks:
            if hunk.touches(top, node.lineno) or (not hunk.length and hunk.first == top - 1):
                come = range(max(hunk.first, top), min(hunk.first + hunk.length, node.lineno + 1))
                new = {text for number in come if (text := self._source.lines.line_text(number).strip())[:1] == "@"}
                old = {text for line in hunk.old.splitlines() if (text := _text(line).strip())[:1] == "@"}
                if new != old:
                    return True
        return False

    def _is_changed(self, one: _Binding) -> bool:
        for hunk in self._hunks:
            if hunk.length and hunk.touches(one.first, one.last) and not (one.imported and _had(hunk.old, one)):
                return True
        return False


class _Binding(NamedTuple):
    """A statement's lines that bind a name; ``scope`` is the function that it is in, ``imported`` what it imports."""

    name: str
    first: int
    last: int
    scope: _Definition | None
    imported: tuple[str, ...] = ()


def _root(node: ast.expr) -> ast.expr:
    """The name that a chain of attributes and calls begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _top(node: _Definition) -> int:
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


def _bindings(root: ast.AST, scope: _Definition | None = None) -> Iterator[_Binding]:
    """What binds names in a module or a function, and in those inside it; the names of classes are left out."""
    for node in ast.iter_child_nodes(root):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node, scope)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            yield from _targets(node, node.lineno, node.end_lineno or node.lineno, scope)
        elif isinstance(node, ast.For | ast.AsyncFor):
            yield from _targets(node.target, node.lineno, node.iter.end_lineno or node.lineno, scope)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            given = node.context_expr
            yield from _targets(node.optional_vars, given.lineno, given.end_lineno or given.lineno, scope)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _bindings(node, node)
        elif not isinstance(node, ast.ClassDef):
            yield from _bindings(node, scope)
        else:
            yield from (one for one in _bindings(node, node) if one.scope is not node)


def _targets(node: ast.AST, first: int, last: int, scope: _Definition | None) -> Iterator[_Binding]:
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield _Binding(one.id, first, last, scope)


def _imports(node: ast.Import | ast.ImportFrom, scope: _Definition | None) -> Iterator[_Binding]:
    for alias in node.names:
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        level = node.level if isinstance(node, ast.ImportFrom) else 0
        name = alias.asname or alias.name.partition(".")[0]
        imported = (f"{'.' * level}{module}", alias.name, alias.asname or "")
        yield _Binding(name, alias.lineno, alias.end_lineno or alias.lineno, scope, imported)


def _had(old: bytes, one: _Binding) -> bool:
    """Whether the text in whose place an import came held the same: another name was added or removed."""
    text = _text(old)
    words = re.findall(r"[\w.]+", text)
    if "import" in words:
        try:
            tree = ast.parse("\n".join(line.strip() for line in text.split("\n")))
        except (SyntaxError, ValueError):
            pass
        else:
            return any(before.imported == one.imported for before in _bindings(tree))
    return one.imported[1] in words  # part of a statement


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
