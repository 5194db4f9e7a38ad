"""A top-level statement as fixes see it: libcst nodes with their parents and their places in the file's text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property

from libcst._nodes.internal import CodegenState

from durable_lint.loading import cst
from durable_lint.model import Edit, Span
from durable_lint.source import LineIndex, compiled
from durable_lint.visit.nodes import parts
from durable_lint.visit.numbering import Numbered

_Places = dict[int, tuple[int, int]]
"""Where nodes begin and end in the text of their top-level statement, by their ids."""

_STATEMENTS = (cst.BaseSmallStatement, cst.BaseCompoundStatement, cst.ExceptHandler, cst.ExceptStarHandler)
_HOLDERS = (cst.SimpleStatementLine, cst.BaseSuite, cst.Else, cst.Finally, cst.MatchCase)
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")


class _SuiteReached(Exception):
    """A compound statement is written up to its first block."""


class _Recorder(CodegenState):
    """Writes a statement, and notes where each of its nodes begins and ends, without the space around it; unless it is
    to write the ``whole``, what comes before the first block.

    libcst's own position provider hooks in at the same place, but it wants a copy of the tree and counts lines.
    """

    def __init__(self, module: cst.Module, indents: list[str], whole: bool) -> None:
        super().__init__(module.default_indent, module.default_newline, indent_tokens=indents)
        self.length = 0
        self.whole = whole
        self.begun: dict[int, int] = {}
        self.places: _Places = {}

    def add_token(self, value: str) -> None:
        self.length += len(value)

    def add_indent_tokens(self) -> None:
        self.length += sum(map(len, self.indent_tokens))

    def before_codegen(self, node: cst.CSTNode) -> None:
        if not self.whole and isinstance(node, cst.BaseSuite):
            raise _SuiteReached
        self.begun[id(node)] = self.length

    def after_codegen(self, node: cst.CSTNode) -> None:
        # What the node has recorded itself is narrower: without brackets, comments and blank lines.
        self.places.setdefault(id(node), (self.begun[id(node)], self.length))

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        start = self.begun[id(node)] = self.length
        yield
        start = self.places[id(start_node)][0] if start_node is not None else start
        end = self.places[id(end_node)][1] if end_node is not None else self.length
        self.places[id(node)] = (start, end)


class Tree:
    """The tree of one top-level statement; ``start`` is its offset in the file, and all spans count from the file's
    beginning, in code points.

    Of the places of nodes only those of the statements are read at once, from ``ast``: that takes a tenth of the time
    in which libcst writes a tree. A statement is written when the place of a node in it is asked for.
    """

    def __init__(self, numbered: Numbered, start: int) -> None:
        self.numbered = numbered
        self.start = start
        self.text = numbered.text
        self._places: _Places = {}

    @cached_property
    def _parents(self) -> dict[int, cst.CSTNode]:
        found: dict[int, cst.CSTNode] = {}
        stack: list[cst.CSTNode] = [self.numbered.module]
        while stack:
            node = stack.pop()
            inner = parts(node)
            for child in inner:
                found[id(child)] = node
            stack += inner
        return found

    @cached_property
    def _statements(self) -> _Places:
        """The places of all statements and ``except`` clauses, which both trees have in the order of the text."""
        at = LineIndex(self.text).offset
        known = _statements_of_ast(compiled(self.text))
        return {
            id(node): (at(one.lineno, one.col_offset), at(one.end_lineno or 0, one.end_col_offset or 0))
            for node, one in zip(_statements(self.numbered.module), known, strict=True)
        }

    def _place(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node stands in the text of the top-level statement."""
        known = self._statements.get(id(node)) or self._places.get(id(node))
        if known is not None:
            return known
        if isinstance(node, cst.SimpleStatementLine | cst.BaseSuite):
            return self._place(node.body[0])[0], self._place(node.body[-1])[1]
        statement = next(one for one in self.ancestors(node) if id(one) in self._statements)
        self._write(statement, whole=False)
        if id(node) not in self._places:  # it stands behind the first block, such as the pattern of a second ``case``
            self._write(statement, whole=True)
        return self._places[id(node)]

    def _write(self, statement: cst.CSTNode, whole: bool) -> None:
        """Note the places of the nodes of a statement."""
        module = self.numbered.module
        blocks = [one for one in self.ancestors(statement) if isinstance(one, cst.IndentedBlock | cst.Match)]
        indents = [module.default_indent if one.indent is None else one.indent for one in reversed(blocks)]
        recorder = _Recorder(module, indents, whole)
        start = self._statements[id(statement)][0]
        with suppress(_SuiteReached):
            if isinstance(statement, cst.If):
                statement._codegen(recorder, is_elif=self.text.startswith("elif", start))
            else:
                statement._codegen(recorder)
        # Comments, decorators and the indentation are written before the place where the statement itself begins.
        shift = start - recorder.begun[id(statement)]
        self._places |= {key: (begin + shift, end + shift) for key, (begin, end) in recorder.places.items()}

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
        return self._parents.get(id(node))

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, the innermost first."""
        parent = self._parents.get(id(node))
        while parent is not None:
            yield parent
            parent = self._parents.get(id(parent))

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node stands in the file, without the brackets and the space around it."""
        start, end = self._place(node)
        return Span(self.start + start, self.start + end)

    def outer_span(self, node: cst.BaseExpression) -> Span:
        """Where an expression stands in the file, with the parentheses around it."""
        start, end = self._place(node)
        if node.lpar:
            start = self._place(node.lpar[0])[0]
            end = self._place(node.rpar[-1])[1]
        return Span(self.start + start, self.start + end)

    def source(self, node: cst.CSTNode) -> str:
        """The text of a node, without the brackets and the space around it."""
        start, end = self._place(node)
        return self.text[start:end]

    def replace(self, node: cst.CSTNode, text: str) -> Edit:
        """The edit that puts a text in a node's place; parentheses around the node stay."""
        return Edit(self.span(node), text)

    def insert(self, offset: int, text: str) -> Edit:
        """The edit that inserts a text at an offset of the file."""
        return Edit(Span(offset, offset), text)


def _statements(module: cst.Module) -> Iterator[cst.CSTNode]:
    """The statements and ``except`` clauses of a libcst tree, in the order of the text."""
    stack: list[cst.CSTNode] = list(reversed(module.body))
    while stack:
        node = stack.pop()
        if isinstance(node, _STATEMENTS):
            yield node
        if not isinstance(node, cst.BaseSmallStatement):
            stack.extend(child for child in reversed(parts(node)) if isinstance(child, _STATEMENTS + _HOLDERS))


def _statements_of_ast(tree: ast.Module) -> Iterator[ast.stmt | ast.ExceptHandler]:
    """The same of an ``ast`` tree."""
    stack: list[ast.AST] = list(reversed(tree.body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            yield node
        stack += reversed([child for name in _BLOCKS for child in getattr(node, name, ())])
