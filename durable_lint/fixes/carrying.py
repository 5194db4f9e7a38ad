"""Which expression around an impure call a step can record: the smallest one whose value it gives back as it was."""

from __future__ import annotations

from collections.abc import Callable

from durable_lint.fixes.tree import Tree
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Expr
from durable_lint.index.shapes import ANY, LAZY, Shapes, faults
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.keeping import Serializer
from durable_lint.knowledge.returns import CARRIED, REFUSED, UNKNOWN, load
from durable_lint.knowledge.types import Types
from durable_lint.loading import cst
from durable_lint.records import dataclass

_FAMILY = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)

CONVERTED = ("set", "timedelta", "generator")
"""Verdicts on values that a step records after a conversion."""

Judge = Callable[[cst.CSTNode], str]


@dataclass(frozen=True, slots=True)
class Carried:
    """An expression to move into a step, and what is known of its value: ``carried``, ``refused``, ``unknown`` or one
    of ``CONVERTED``."""

    node: cst.BaseExpression
    verdict: str


def smallest(
    tree: Tree, node: cst.BaseExpression, verdict: str, ev: Evaluator, fid: FunctionId, judge: Judge
) -> Carried | None:
    """The smallest expression around ``node``, whose own value has ``verdict``, that a step can record.

    ``judge`` says what the type of a call's value tells, or nothing.
    Where none can, the node itself with its verdict. None when the node stands where nothing can be wrapped: as the
    object of a ``with``, or among the parts of a target.
    """
    found = Carried(node, verdict)
    best: Carried | None = None if verdict != CARRIED else found
    current: cst.CSTNode = node
    while True:
        parent = tree.parent(current)
        if isinstance(parent, cst.Arg | cst.Element | cst.DictElement | cst.ComparisonTarget | cst.SubscriptElement):
            current, parent = parent, tree.parent(parent)
        if isinstance(parent, cst.Index):
            current, parent = parent, tree.parent(tree.parent(parent) or parent)
        if parent is None or isinstance(parent, cst.BaseStatement | cst.BaseSmallStatement | cst.WithItem | cst.Lambda):
            break
        forced = False
        if isinstance(parent, cst.FormattedStringExpression):
            # A lambda can't stand in a replacement field: its colon would begin the format.
            whole = tree.parent(parent)
            while isinstance(tree.parent(whole or parent), cst.ConcatenatedString):
                whole = tree.parent(whole or parent)
            parent, forced = whole, True
        elif isinstance(parent, cst.CompFor | cst.CompIf):
            if isinstance(parent, cst.CompFor) and _is_first(tree, parent) and parent.iter is current:
                break  # the first iterable is evaluated once, outside the comprehension
            parent, forced = _comprehension(tree, parent), True
        elif isinstance(parent, _FAMILY):
            forced = True  # it would be a step for each element, all of the same name
        if not isinstance(parent, cst.BaseExpression):
            break
        if isinstance(parent, cst.Attribute) and _is_callee(tree, parent):
            current, parent = parent, tree.parent(parent)
            assert isinstance(parent, cst.Call)
        verdict = judge(parent) or _around(parent, current, verdict, ev, fid)
        if forced:
            best = Carried(parent, verdict) if verdict == CARRIED else None
            found = Carried(parent, verdict)
        elif best is None and verdict == CARRIED:
            best = Carried(parent, verdict)
        current = parent
    if isinstance(parent, cst.WithItem) and best is None:
        return None
    return best or found


def _is_callee(tree: Tree, node: cst.CSTNode) -> bool:
    parent = tree.parent(node)
    return isinstance(parent, cst.Call) and parent.func is node


def _is_first(tree: Tree, comp: cst.CompFor) -> bool:
    return isinstance(tree.parent(comp), _FAMILY)


def _comprehension(tree: Tree, node: cst.CSTNode) -> cst.CSTNode | None:
    parent = tree.parent(node)
    while isinstance(parent, cst.CompFor | cst.CompIf):
        parent = tree.parent(parent)
    return parent


def _around(node: cst.BaseExpression, inner: cst.CSTNode, verdict: str, ev: Evaluator, fid: FunctionId) -> str:
    """What is known of an expression that is made from one of which ``verdict`` is known."""
    returns = load()
    if isinstance(node, cst.Attribute):
        return CARRIED if node.attr.value in returns.members else _less(verdict)
    if isinstance(node, cst.Call):
        if node.func is inner:
            if not isinstance(inner, cst.Attribute):
                return _less(verdict)
            asked = inner.attr.value == "get" and _is_environment(inner.value, ev, fid)
            return CARRIED if asked or inner.attr.value in returns.members else _less(verdict)
        things = ev.expr(_fact(node.func), fid)
        if things and all(thing[0] == t.EXT and thing[1] in returns.functions for thing in things):
            return CARRIED
        joined = isinstance(node.func, cst.Attribute) and node.func.attr.value in ("join", "format", "strftime")
        return CARRIED if joined else UNKNOWN
    if isinstance(node, cst.Subscript):
        return CARRIED if verdict == CARRIED or _is_environment(node.value, ev, fid) else _less(verdict)
    if isinstance(node, cst.FormattedString | cst.ConcatenatedString | cst.Comparison):
        return CARRIED
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        return CARRIED
    if isinstance(node, cst.ListComp | cst.DictComp):
        return verdict
    return UNKNOWN


def _less(verdict: str) -> str:
    """A part of something that is carried may be anything; a part of what is refused too."""
    return UNKNOWN if verdict in (CARRIED, REFUSED) else verdict


def _is_environment(node: cst.BaseExpression, ev: Evaluator, fid: FunctionId) -> bool:
    return (t.EXT, "os.environ") in ev.expr(_fact(node), fid)


def _fact(node: cst.CSTNode) -> Expr:
    if isinstance(node, cst.Name):
        return (f.NAME, node.value)
    if isinstance(node, cst.Attribute):
        return (f.ATTR, _fact(node.value), node.attr.value)
    return None


def of_shapes(shapes: Shapes, serializer: Serializer, types: Types) -> str:
    """What the type of a value tells of it; empty when the type isn't known."""
    names = {shape.name for shape in shapes}
    if not names or ANY in names:
        return ""
    if names <= {"set", "frozenset"}:
        return "set"
    if names == {"datetime.timedelta"}:
        return "timedelta"
    if names <= LAZY:
        return "generator"
    wrong = list(faults(serializer, types, shapes))
    return CARRIED if not wrong else UNKNOWN if all(fault.lost for fault in wrong) else REFUSED
