"""Imports that fixes need: found where the module has them, else added where its style puts them."""

from __future__ import annotations

import ast
import sys

from durable_lint.index.facts import Function, Module
from durable_lint.model import Edit, Span
from durable_lint.records import dataclass
from durable_lint.source import LineIndex, SourceFile


@dataclass(frozen=True, slots=True)
class _Statement:
    """An import at the top level of the module: ``start`` is its offset in the file."""

    node: ast.Import | ast.ImportFrom
    start: int
    end: int


class Imports:
    """The imports of one module."""

    def __init__(self, source: SourceFile, module: Module) -> None:
        self.source = source
        self.module = module
        self.statements = [found for start, end in module.tops for found in self._read(start, end)]

    def _read(self, start: int, end: int) -> list[_Statement]:
        text = self.source.text[start:end]
        if not text.startswith(("import", "from")):
            return []
        node = ast.parse(text).body[0]
        return [_Statement(node, start, end)] if isinstance(node, ast.Import | ast.ImportFrom) else []

    def bring(self, module: str, name: str) -> tuple[str, tuple[Edit, ...]] | None:
        """How to write a name of a module here, and the edits that import it, if it isn't imported yet.

        None when the name is bound to something else in this module, in whatever scope.
        """
        for statement in self.statements:
            written = _written(statement.node, module, name)
            if written:
                return written, ()
        if any(name in function.bindings or name in _parameters(function) for function in self.module.functions):
            return None
        for statement in self.statements:
            node = statement.node
            if isinstance(node, ast.ImportFrom) and not node.level and node.module == module:
                return name, (self._join(statement, node, name),)
        return name, (self._add(module, f"from {module} import {name}"),)

    def bring_module(self, module: str) -> tuple[str, tuple[Edit, ...]] | None:
        """As ``bring``, for a module that is imported whole, such as ``json``."""
        for statement in self.statements:
            for alias in statement.node.names if isinstance(statement.node, ast.Import) else ():
                if alias.name == module:
                    return alias.asname or module, ()
        if any(module in function.bindings or module in _parameters(function) for function in self.module.functions):
            return None
        return module, (self._add(module, f"import {module}"),)

    def _join(self, statement: _Statement, node: ast.ImportFrom, name: str) -> Edit:
        """The edit that adds a name to a statement that imports others from the same module."""
        names = [alias.name for alias in node.names]
        at = next((i for i, other in enumerate(names) if _order(other) > _order(name)), len(names))
        if sorted(names, key=_order) != names:
            at = len(names)
        lines = {alias.lineno for alias in node.names}
        apart = len(lines) > 1 or (node.names[0].lineno > 1)
        if at < len(names):
            offset = self._offset(statement, node.names[at].lineno, node.names[at].col_offset)
            gap = self._gap(statement, node.names[at].lineno) if apart and len(lines) == len(names) else " "
            return Edit(Span(offset, offset), f"{name},{gap}")
        last = node.names[-1]
        offset = self._offset(statement, last.end_lineno or 0, last.end_col_offset or 0)
        gap = self._gap(statement, last.lineno) if apart and len(lines) == len(names) else " "
        return Edit(Span(offset, offset), f",{gap}{name}")

    def _offset(self, statement: _Statement, line: int, column: int) -> int:
        """The offset in the file of a line from 1 and a column in UTF-8 bytes of a statement."""
        text = self.source.text[statement.start : statement.end]
        return statement.start + LineIndex(text).offset(line, column)

    def _gap(self, statement: _Statement, line: int) -> str:
        text = LineIndex(self.source.text[statement.start : statement.end]).line_text(line)
        return self.newline + text[: len(text) - len(text.lstrip())]

    @property
    def newline(self) -> str:
        """The line end of the file."""
        text = self.source.text
        at = text.find("\n")
        return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n" if at >= 0 or "\r" not in text else "\r"

    def _add(self, module: str, line: str) -> Edit:
        """A new import on a line of its own: beside those of the same package, in the order of the others."""
        package = module.partition(".")[0]
        placed = [one for one in self.statements if self._own_line(one) and not _is_future(one.node)]
        kin = [one for one in placed if _package(one.node) == package]
        if kin:
            after = [one for one in kin if _sort_key(one.node) < (line.startswith("from"), module)]
            return self._below(after[-1], line) if after else self._above(kin[0], line)
        if placed and package in sys.stdlib_module_names:
            standard = [one for one in placed if _package(one.node) in sys.stdlib_module_names]
            after = [one for one in standard if _sort_key(one.node) < (line.startswith("from"), module)]
            if after or standard:
                return self._below(after[-1], line) if after else self._above(standard[0], line)
            return self._above(placed[0], line + self.newline)
        if placed:
            before = [one for one in placed if not isinstance(one.node, ast.ImportFrom) or not one.node.level]
            return self._below(before[-1], line) if before else self._above(placed[0], line)
        return self._at_top(line)

    def _own_line(self, statement: _Statement) -> bool:
        text = self.source.text
        return not text[text.rfind("\n", 0, statement.start) + 1 : statement.start].strip()

    def _below(self, statement: _Statement, line: str) -> Edit:
        at = self._line_end(statement.end)
        return Edit(Span(at, at), self.newline + line)

    def _above(self, statement: _Statement, line: str) -> Edit:
        return Edit(Span(statement.start, statement.start), line + self.newline)

    def _at_top(self, line: str) -> Edit:
        """Below the docstring and the imports of ``__future__``, else above the first statement."""
        last = None
        for start, end in self.module.tops:
            text = self.source.text[start:end]
            is_docstring = last is None and text.lstrip("rRuU")[:1] in ("'", '"')
            if not is_docstring and not text.startswith("from __future__"):
                break
            last = end
        if last is None:
            at = self.module.tops[0][0] if self.module.tops else 0
            return Edit(Span(at, at), line + self.newline * 2)
        at = self._line_end(last)
        return Edit(Span(at, at), self.newline * 2 + line)

    def _line_end(self, offset: int) -> int:
        """The end of the line of an offset, its line break and what is behind it excluded."""
        text = self.source.text
        while offset < len(text) and text[offset] not in "\r\n":
            offset += 1
        return offset


def _parameters(function: Function) -> set[str]:
    return {parameter.name for parameter in function.parameters}


def _written(node: ast.Import | ast.ImportFrom, module: str, name: str) -> str:
    """How a name of a module is written where a statement imports it; empty when it doesn't."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            if not node.level and node.module == module and alias.name == name:
                return alias.asname or name
            if not node.level and f"{node.module}.{alias.name}" == module:
                return f"{alias.asname or alias.name}.{name}"
        elif alias.name == module:
            return f"{alias.asname or module}.{name}"
    return ""


def _order(name: str) -> tuple[int, str]:
    """The order of names in one statement that isort and ruff keep: constants, classes, the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _sort_key(node: ast.Import | ast.ImportFrom) -> tuple[bool, str]:
    return (True, node.module or "") if isinstance(node, ast.ImportFrom) else (False, node.names[0].name)


def _package(node: ast.Import | ast.ImportFrom) -> str:
    if isinstance(node, ast.ImportFrom):
        return "" if node.level else (node.module or "").partition(".")[0]
    return node.names[0].name.partition(".")[0]


def _is_future(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
