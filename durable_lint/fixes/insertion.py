"""Statements that fixes put before others."""

from __future__ import annotations

from durable_lint.fixes.tree import Tree
from durable_lint.loading import cst
from durable_lint.model import Fix, Level
from durable_lint.visit.nodes import parts

_ELSEWHERE = (
    cst.Lambda, cst.FunctionDef, cst.ClassDef, cst.GeneratorExp, cst.While, cst.SimpleStatementSuite,
)  # fmt: skip


def call_before(tree: Tree, node: cst.CSTNode, name: str, method: str, newline: str) -> Fix | None:
    """Insert ``name.method()`` on a line of its own before the statement that holds a node.

    None where the statement shares its line or binds the name itself, and where the node runs later, more often or
    under another condition than the statement.
    """
    child = node
    for parent in tree.ancestors(node):
        if isinstance(parent, _ELSEWHERE) or (isinstance(parent, cst.If) and child is parent.orelse):
            return None
        if isinstance(parent, cst.IndentedBlock):
            return None if _binds(child, name) else _before(tree, child, f"{name}.{method}()", newline)
        child = parent
    return None


def _binds(statement: cst.CSTNode, name: str) -> bool:
    """Whether a statement binds a name, by an assignment or a walrus in it."""
    stack = [statement]
    while stack:
        node = stack.pop()
        target = node.target if isinstance(node, cst.AssignTarget | cst.NamedExpr | cst.AnnAssign) else None
        if isinstance(target, cst.Name) and target.value == name:
            return True
        stack.extend(parts(node))
    return False


def _before(tree: Tree, statement: cst.CSTNode, text: str, newline: str) -> Fix | None:
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) > 1:
        return None
    first = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement
    at = tree.span(first).start
    start = at - tree.start
    begin = max(tree.text.rfind("\n", 0, start), tree.text.rfind("\r", 0, start)) + 1
    indent = tree.text[begin:start]
    if not begin or indent.strip():
        return None
    return Fix(f"insert {text}", Level.UNSAFE, (tree.insert(at, f"{text}{newline}{indent}"),))
