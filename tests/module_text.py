"""The text of a module with its tree: where lines can be added, and edits of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

SDK = "aws_durable_execution_sdk_python"


@dataclass(frozen=True)
class Edit:
    """Put ``text`` in place of the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits applied; those at one place in the order given."""
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda one: one.start):
        assert edit.start >= done, "edits overlap"
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])


@dataclass(frozen=True)
class Project:
    """A clean project: the texts of its modules by path."""

    name: str
    files: Mapping[str, str]


class Module:
    """One module of a project, its tree and its offsets."""

    def __init__(self, project: Project, path: str) -> None:
        self.project = project
        self.path = path
        self.text = project.files[path]
        self.tree = ast.parse(self.text)
        self.lines = self.text.splitlines(keepends=True)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def line_starts(self) -> list[int]:
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line))
        return starts

    def offset(self, line: int, column: int) -> int:
        """The offset of a line from 1 and a column of the tree, which counts bytes."""
        return self.line_starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def segment(self, node: ast.expr) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def before(self, node: ast.stmt) -> Point | None:
        """The place for a new line before a statement, unless it shares its line with something."""
        line = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        text = self.lines[line - 1]
        indent = text[: len(text) - len(text.lstrip())]
        if line == node.lineno and node.col_offset != len(indent):
            return None
        if text.lstrip().startswith("elif"):
            return None
        return Point(self.line_starts[line - 1], indent)

    def after(self, node: ast.stmt) -> Point | None:
        """The place for a new line after a statement, unless something follows on its line."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        rest = self.lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode().strip()
        own = self.before(node)
        if own is None or (rest and not rest.startswith("#")) or not self.lines[node.end_lineno - 1].endswith("\n"):
            return None
        return Point(self.line_starts[node.end_lineno], own.indent)

    def head(self) -> int:
        """The offset at which imports can be added."""
        for node in self.tree.body:
            is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
            if not is_docstring and not is_future:
                point = self.before(node)
                assert point is not None
                return point.offset
        return len(self.text)

    @cached_property
    def imported(self) -> dict[str, str]:
        """The names that this module has from the SDK, with what they are called there; a module is ``""``."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == SDK:
                found |= {alias.asname or alias.name: alias.name for alias in node.names}
            elif isinstance(node, ast.Import):
                found |= {alias.asname or alias.name: "" for alias in node.names if alias.name == SDK}
        return found

    def sdk_name(self, node: ast.expr) -> str | None:
        """What a name, or an attribute of the SDK's module, is called in the SDK."""
        if isinstance(node, ast.Call):
            node = node.func
        if isinstance(node, ast.Name):
            return self.imported.get(node.id) or None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.attr if self.imported.get(node.value.id) == "" else None
        return None


@dataclass(frozen=True)
class Point:
    """Where a line can be inserted, and how far it is indented."""

    offset: int
    indent: str
