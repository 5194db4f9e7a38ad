"""A top-level statement as fixes see it: libcst nodes with their parents and their places in the file's text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst
from libcst._nodes.internal import CodegenState

from durable_lint.model import Edit, Span
from durable_lint.visit.numbering import Numbered


class _Recorder(CodegenState):
    """Writes a tree as text and notes where each node begins and ends, without the space around it.

    libcst's own position provider hooks in at the same place, but it wants a copy of the tree and counts lines.
    """

    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.length = 0
        self.spans: dict[cst.CSTNode, tuple[int, int]] = {}
        self._starts: dict[cst.CSTNode, int] = {}

    def add_token(self, value: str) -> None:
        super().add_token(value)
        self.length += len(value)

    def add_indent_tokens(self) -> None:
        super().add_indent_tokens()
        self.length += sum(map(len, self.indent_tokens))

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts[node] = self.length

    def after_codegen(self, node: cst.CSTNode) -> None:
        # What the node has recorded itself is narrower: without brackets, comments and blank lines.
        self.spans.setdefault(node, (self._starts[node], self.length))

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        start = self.length
        yield
        start = self.spans[start_node][0] if start_node is not None else start
        end = self.spans[end_node][1] if end_node is not None else self.length
        self.spans[node] = (start, end)


class Tree:
    """The tree of one top-level statement; ``start`` is its offset in the file, and all spans count from the file's
    beginning, in code points."""

    def __init__(self, numbered: Numbered, start: int) -> None:
        self.numbered = numbered
        self.start = start
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        recorder = _Recorder(numbered.module)
        numbered.module._codegen(recorder)
        self._spans = recorder.spans
        self.text = "".join(recorder.tokens)
        stack: list[cst.CSTNode] = [numbered.module]
        while stack:
            node = stack.pop()
            for child in node.children:
                self._parents[child] = node
                stack.append(child)

    def node(self, number: int) -> cst.CSTNode:
        """The node with a number of the index (``Call.number``, ``Function.number`` and so on)."""
        return self.numbered.nodes[number]

    def call(self, number: int) -> cst.Call:
        """The call with a number of the index. Raises TypeError when another node has it."""
        node = self.numbered.nodes[number]
        if not isinstance(node, cst.Call):
            raise TypeError(f"node {number} is no call but {type(node).__name__}")
        return node

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node around a node, None for the whole statement."""
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, the innermost first."""
        parent = self._parents.get(node)
        while parent is not None:
            yield parent
            parent = self._parents.get(parent)

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node stands in the file, without the brackets and the space around it."""
        start, end = self._spans[node]
        return Span(self.start + start, self.start + end)

    def outer_span(self, node: cst.BaseExpression) -> Span:
        """Where an expression stands in the file, with the parentheses around it."""
        start, end = self._spans[node]
        if node.lpar:
            start = self._spans[node.lpar[0]][0]
            end = self._spans[node.rpar[-1]][1]
        return Span(self.start + start, self.start + end)

    def source(self, node: cst.CSTNode) -> str:
        """The text of a node, without the brackets and the space around it."""
        start, end = self._spans[node]
        return self.text[start:end]

    def replace(self, node: cst.CSTNode, text: str) -> Edit:
        """The edit that puts a text in a node's place; parentheses around the node stay."""
        return Edit(self.span(node), text)

    def insert(self, offset: int, text: str) -> Edit:
        """The edit that inserts a text at an offset of the file."""
        return Edit(Span(offset, offset), text)
