"""What the syntax alone says: methods that change their object, annotations written as text, what is exported."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence

from durable_lint.index import facts as f
from durable_lint.index.facts import Comparison, Expr

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
        return (f.JOIN, (plain_annotation(node.left), plain_annotation(node.right)), type(node.op).__name__)
    if isinstance(node, ast.Tuple):
        return (f.SEQ, "tuple", tuple(plain_annotation(item) for item in node.elts))
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str)):
        return (f.CONST, node.value)
    return None


_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def number(node: ast.expr) -> float | None:
    """The value of a number that is written with signs and the four operations; None for anything else."""
    if isinstance(node, ast.Constant):
        value = node.value
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = number(node.operand)
        return -inner if inner is not None and isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = number(node.left), number(node.right)
        if left is None or right is None or (not right and isinstance(node.op, ast.Div)):
            return None
        try:
            made: float = _OPERATORS[type(node.op)](left, right)
        except OverflowError:
            return None
        return made
    return None


def compared(node: ast.Compare, parts: Sequence[Expr], span: Callable[[ast.expr], tuple[int, int]]) -> list[Comparison]:
    """The neighbours in a comparison; ``parts`` are the facts of its operands."""
    placed = [(part, *span(one)) for part, one in zip(parts, [node.left, *node.comparators], strict=True)]
    pairs = zip(node.ops, placed, placed[1:], strict=False)
    return [Comparison(type(how).__name__, left, right) for how, left, right in pairs]


def joins_views(node: ast.expr) -> bool:
    """Whether an expression makes a set of the views of mappings, such as ``a.keys() & b``."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.Sub):
        return False
    called = [side.func for side in (node.left, node.right) if isinstance(side, ast.Call)]
    return any(isinstance(one, ast.Attribute) and one.attr in ("keys", "items") for one in called)


def exports(tree: ast.Module) -> tuple[str, ...] | None:
    """The names in ``__all__``, or None when there is none."""
    names: list[str] | None = None
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
                items = getattr(statement.value, "elts", [])
                found = [i.value for i in items if isinstance(i, ast.Constant) and isinstance(i.value, str)]
                names = [*(names or []), *found] if isinstance(statement, ast.AugAssign) else found
    return None if names is None else tuple(names)
