"""Loops as the syntax shows them: what leaves them, on which tests, and which values those tests depend on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from durable_lint.loading import cst
from durable_lint.visit.nodes import parts

Loop: TypeAlias = cst.While | cst.For
_SCOPES = (cst.FunctionDef, cst.Lambda, cst.ClassDef)
_ENDING = frozenset({"exit", "quit", "_exit", "abort"})
"""Functions that end the process by name."""


def inside(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes below a node that belong to the same function, in the order of the text."""
    for child in parts(node):
        if not isinstance(child, _SCOPES):
            yield child
            yield from inside(child)


def is_left(loop: Loop) -> bool:
    """Whether anything in a loop's body leaves it: ``break``, ``return``, ``raise``, or the end of the process."""
    return leaves(loop.body)


def leaves(node: cst.CSTNode, in_loop: bool = False) -> bool:
    """Whether a block leaves the loop around it; a ``break`` in another loop within doesn't."""
    if isinstance(node, _SCOPES):
        return False
    if isinstance(node, cst.Return | cst.Raise) or (isinstance(node, cst.Break) and not in_loop):
        return True
    if isinstance(node, cst.Call):
        name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
        if isinstance(name, cst.Name) and name.value in _ENDING:
            return True
    if isinstance(node, cst.While | cst.For):
        return leaves(node.body, True) or (node.orelse is not None and leaves(node.orelse, in_loop))
    return any(leaves(child, in_loop) for child in parts(node))


def names(node: cst.CSTNode) -> set[str]:
    """The names that are read or bound in an expression, in functions within it too."""
    found = {node.value} if isinstance(node, cst.Name) else set()
    if isinstance(node, cst.Attribute):
        return names(node.value)
    if isinstance(node, cst.Arg):
        return names(node.value)
    return found.union(*(names(child) for child in parts(node)))


def exit_tests(loop: Loop) -> list[cst.BaseExpression]:
    """The tests that decide whether a loop goes on."""
    found = [loop.test] if isinstance(loop, cst.While) else []
    for node in inside(loop.body):
        if isinstance(node, cst.If) and (leaves(node.body) or (node.orelse is not None and leaves(node.orelse))):
            found.append(node.test)
    return found


def depends(loop: Loop, root: cst.CSTNode) -> set[str]:
    """The names that get their values in a loop from an expression, also through other names."""
    found: set[str] = set()
    while True:
        before = len(found)
        for node in inside(loop):
            value = getattr(node, "value", None)
            if not isinstance(node, cst.Assign | cst.AnnAssign | cst.NamedExpr) or value is None:
                continue
            if holds(value, root) or names(value) & found:
                targets = [one.target for one in node.targets] if isinstance(node, cst.Assign) else [node.target]
                found |= set().union(*(names(target) for target in targets))
        if len(found) == before:
            return found


def holds(node: cst.CSTNode, wanted: cst.CSTNode) -> bool:
    """Whether a node is another one or holds it."""
    return node is wanted or any(holds(child, wanted) for child in parts(node))
