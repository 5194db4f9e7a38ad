"""Who reads what an operation gives: whether another type would do there."""

from __future__ import annotations

from collections.abc import Callable

from durable_lint.fixes.tree import Tree
from durable_lint.fixes.variables import uses
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.loading import cst

_PASSING = (cst.Dict, cst.List, cst.Tuple, cst.DictElement, cst.Element)

TreeOf = Callable[[FunctionId], Tree]
"""Gives the tree of the statement in which a function stands."""


def operation_of(project: Project, tree_of: TreeOf, body: FunctionId) -> tuple[Tree, cst.Call, FunctionId] | None:
    """The call of the one operation that runs a body, in which tree and function it stands; None in another module."""
    places = project.ev.solver.get(("site", body))
    if len(places) != 1:
        return None
    profile, name, caller, index = next(iter(places))
    function = project.ev.function(caller)
    if caller[0] != body[0] or index is None:
        return None
    operation = project.ev.profiles[profile].methods.get(name)
    if operation is None or operation.body is None or operation.body.many or operation.body.items is not None:
        return None
    tree = tree_of(caller)
    return tree, tree.call(function.calls[index].number), caller


def is_only_passed_on(project: Project, tree: Tree, call: cst.Call, caller: FunctionId) -> bool:
    """Whether nobody asks anything of the result of an operation: it is dropped, returned or written into a text."""
    function = project.ev.function(caller)
    parent = tree.parent(call)
    if not isinstance(parent, cst.Assign):
        return _is_passed(tree, call)
    target = parent.targets[0].target
    node = tree.node(function.number)
    if len(parent.targets) != 1 or not isinstance(target, cst.Name) or not isinstance(node, cst.FunctionDef):
        return False
    found = [use for use in uses(node.body) if use.name == target.value]
    alone = sum(use.binds for use in found) == 1 and target.value not in function.outer
    return alone and all(use.binds or (not use.nested and _is_passed(tree, use.node)) for use in found)


def _is_passed(tree: Tree, node: cst.CSTNode) -> bool:
    parent = tree.parent(node)
    while isinstance(parent, _PASSING):
        parent = tree.parent(parent)
    return isinstance(parent, cst.Expr | cst.Return | cst.FormattedStringExpression)
