"""What the syntax alone says: methods that change their object, annotations written as text."""

from __future__ import annotations

import ast

from durable_lint.index import facts as f
from durable_lint.index.facts import Expr

MUTATING_METHODS = frozenset(
    [
        "append",
        "extend",
        "insert",
        "add",
        "update",
        "setdefault",
        "pop",
        "popitem",
        "remove",
        "discard",
        "clear",
        "sort",
        "reverse",
        "appendleft",
        "extendleft",
        "popleft",
        "rotate",
        "subtract",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
        "__setitem__",
        "__delitem__",
        "move_to_end",
        "write",
        "writelines",
        "seek",
        "truncate",
    ]
)
"""Methods by which the containers, buffers and digests of the standard library change themselves."""

CONTAINER_METHODS = MUTATING_METHODS | {"get", "items", "keys", "values", "copy", "index", "count"}
"""Methods that concern a container as a whole, not one of its parts."""

GROWING = {"append": 0, "add": 0, "appendleft": 0, "insert": 1}
EXTENDING = frozenset({"extend", "update", "extendleft"})


def plain_annotation(node: ast.expr) -> Expr:
    """The fact of an annotation that was written as text: names, attributes, subscripts and unions only."""
    if isinstance(node, ast.Name):
        return (f.NAME, node.id)
    if isinstance(node, ast.Attribute):
        return (f.ATTR, plain_annotation(node.value), node.attr)
    if isinstance(node, ast.Subscript):
        return (f.ITEM, plain_annotation(node.value), plain_annotation(node.slice))
    if isinstance(node, ast.BinOp):
        return (f.JOIN, (plain_annotation(node.left), plain_annotation(node.right)))
    if isinstance(node, ast.Tuple):
        return (f.SEQ, "tuple", tuple(plain_annotation(item) for item in node.elts))
    return None
