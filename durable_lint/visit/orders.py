"""Sets have no order: which expressions are sets, which calls take their order, and which don't care."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.facts import Call
from durable_lint.index.orders import CARELESS, SETS, TAKING, is_set
from durable_lint.index.things import Things
from durable_lint.loading import cst
from durable_lint.visit.values import CLEAN, Value

if TYPE_CHECKING:
    from durable_lint.visit.flow import Flow

_ALGEBRA = frozenset({"union", "intersection", "difference", "symmetric_difference", "copy"})

GROWING = (cst.BitOrAssign, cst.BitAndAssign, cst.BitXorAssign, cst.SubtractAssign)
"""Assignments by which a set takes a set, and nothing else does."""

KEEPING = frozenset({"append", "add", "extend", "insert", "update", "setdefault", "appendleft", "extendleft", "put"})
"""Methods that keep their arguments in their object."""


def is_keys(node: cst.BinaryOperation) -> bool:
    """Whether an operand is ``x.keys()`` or ``x.items()``: their algebra gives sets."""
    for operand in (node.left, node.right):
        func = operand.func if isinstance(operand, cst.Call) else None
        if isinstance(func, cst.Attribute) and func.attr.value in ("keys", "items"):
            return True
    return False


def is_unstable_display(node: cst.Set) -> bool:
    """A set display with more than one element, unless all are numbers, whose hashes are no secret."""
    elements = [element.value for element in node.elements]
    starred = any(isinstance(element, cst.StarredElement) for element in node.elements)
    numbers = all(isinstance(element, cst.Integer | cst.Float) for element in elements)
    return starred or (len(elements) > 1 and not numbers)


def of_call(
    flow: Flow, node: cst.Call, call: Call, things: Things, receiver: Value, arguments: list[Value], found: Value
) -> Value:
    """The value of a call, with regard to order: ``found`` is what it is made of."""
    names = {thing[1] for thing in things if thing[0] == t.EXT}
    method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    unordered = [value for value in arguments if value.unordered]
    if names & CARELESS or (method == "sort" and not arguments):
        return without_order(flow, found)
    if names & SETS:
        return Value(without_order(flow, found).sources, bool(arguments))
    if receiver.unordered and method in _ALGEBRA:
        return Value(found.sources, True)
    if receiver.unordered and method == "pop" and isinstance(node.func, cst.Attribute):
        return found | flow.order_taken(node)
    if method == "sort" and isinstance(node.func, cst.Attribute) and isinstance(node.func.value, cst.Name):
        flow.set(node.func.value.value, without_order(flow, flow.get(node.func.value.value)))
    if unordered and (
        names & TAKING or (method in ("join", "extend", "fromkeys", "update") and not receiver.unordered)
    ):
        taken = flow.order_taken(node)
        if method in ("extend", "update"):
            flow.changes(node, taken)
        return found | taken
    if is_set(flow.ev.solver.get(("call", flow.fid, flow.function.calls.index(call)))):
        return Value(found.sources, True)
    return found


def without_order(flow: Flow, value: Value) -> Value:
    """The same value where the order in which it was taken from sets no longer matters."""
    kept = frozenset(key for key in value.sources if flow.all_sources[key].kind != "order")
    return Value(kept) if kept else CLEAN
