"""The syntax trees of the modules that a picture shows, and which fact of the index each of their nodes is."""

from __future__ import annotations

import ast
from collections.abc import Callable

from durable_lint.index.facts import Call
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.records import dataclass, field
from durable_lint.source import SourceError, SourceFile, parse

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(slots=True)
class Tree:
    """One module: its functions by index, and its calls by node and by the function and the index of their fact."""

    source: SourceFile
    functions: dict[int, Definition] = field(default_factory=dict)
    facts: dict[int, tuple[FunctionId, int]] = field(default_factory=dict)
    nodes: dict[tuple[FunctionId, int], ast.Call] = field(default_factory=dict)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node stands, as offsets in the text."""
        lines = self.source.lines
        start = lines.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        return start, lines.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]


class Trees:
    """Parses modules when they are asked for."""

    def __init__(self, project: Project, source: Callable[[str], SourceFile | None]) -> None:
        self.project = project
        self._source = source
        self._trees: dict[str, Tree | None] = {}

    def get(self, path: str) -> Tree | None:
        """The tree of a module of the project; None when it can't be read."""
        if path not in self._trees:
            self._trees[path] = self._build(path)
        return self._trees[path]

    def paths(self) -> list[str]:
        """The modules that were asked for, sorted."""
        return sorted(path for path, tree in self._trees.items() if tree is not None)

    def definition(self, fid: FunctionId) -> Definition | None:
        """The ``def`` or lambda of a function."""
        tree = self.get(fid[0])
        return tree.functions.get(fid[1]) if tree is not None else None

    def _build(self, path: str) -> Tree | None:
        source, module = self._source(path), self.project.modules.get(path)
        if source is None or module is None:
            return None
        try:
            parsed = parse(source)
        except SourceError:
            return None
        tree = Tree(source)
        spans = {(f.kind, f.start, f.end): f.index for f in module.functions}
        calls: dict[tuple[int, int], list[tuple[FunctionId, int]]] = {}
        for function in module.functions:
            for index, call in enumerate(function.calls):
                calls.setdefault((call.start, call.end), []).append(((path, function.index), index))
        for node in ast.walk(parsed):
            if isinstance(node, ast.Call):
                self._match(tree, node, calls)
            elif isinstance(node, Definition):
                kind = "lambda" if isinstance(node, ast.Lambda) else "def"
                found = spans.get((kind, *tree.span(node)))
                if found is not None:
                    tree.functions[found] = node
        return tree

    @staticmethod
    def _match(tree: Tree, node: ast.Call, calls: dict[tuple[int, int], list[tuple[FunctionId, int]]]) -> None:
        """Older interpreters misplace what stands in f-strings: such a call has no fact, and is not drawn."""
        found = calls.get(tree.span(node), [])
        if len(found) == 1:
            tree.facts[id(node)] = found[0]
            tree.nodes[found[0]] = node

    def call(self, node: ast.Call, path: str) -> tuple[FunctionId, int, Call] | None:
        """The fact of a call: its function, its index there, and itself."""
        tree = self.get(path)
        found = tree.facts.get(id(node)) if tree is not None else None
        if found is None:
            return None
        return (*found, self.project.ev.function(found[0]).calls[found[1]])
