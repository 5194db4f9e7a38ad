"""Sets have no order: which expressions are sets, which calls take their order, and which don't care."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from durable_lint.index import things as t
from durable_lint.index.facts import Call
from durable_lint.index.things import Things
from durable_lint.visit.values import CLEAN, Value

if TYPE_CHECKING:
    from durable_lint.visit.flow import Flow

_SETS = frozenset({"builtins.set", "builtins.frozenset"})
_CARELESS = frozenset({"builtins.sorted", "builtins.len", "builtins.min", "builtins.max", "builtins.sum",
                       "builtins.any", "builtins.all", "builtins.bool", "builtins.isinstance", "math.fsum",
                       "statistics.mean", "statistics.median", "collections.Counter"})  # fmt: skip
"""Calls whose result does not depend on the order of what they get."""

_TAKING = frozenset({"builtins.list", "builtins.tuple", "builtins.enumerate", "builtins.iter", "builtins.next",
                     "builtins.zip", "builtins.map", "builtins.filter", "builtins.reversed", "builtins.str",
                     "builtins.repr", "builtins.dict", "builtins.dict.fromkeys", "collections.deque",
                     "itertools.chain", "itertools.islice", "itertools.chain.from_iterable", "random.Random",
                     "json.dumps", "collections.OrderedDict"})  # fmt: skip
_ALGEBRA = frozenset({"union", "intersection", "difference", "symmetric_difference", "copy"})

KEEPING = frozenset({"append", "add", "extend", "insert", "update", "setdefault", "appendleft", "extendleft", "put"})
"""Methods that keep their arguments in their object."""


def is_set(things: Things) -> bool:
    """Whether some of the things are sets in which the order can differ."""
    for thing in things:
        if thing[0] == t.CONTAINER and thing[1] in ("set", "frozenset"):
            held = thing[2]
            if not held or not all(one[0] == t.CONST and isinstance(one[1], int) for one in held):
                return True
    return False


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
    if names & _CARELESS or (method == "sort" and not arguments):
        return without_order(flow, found)
    if names & _SETS:
        return Value(without_order(flow, found).sources, bool(arguments))
    if receiver.unordered and method in _ALGEBRA:
        return Value(found.sources, True)
    if receiver.unordered and method == "pop" and isinstance(node.func, cst.Attribute):
        return found | flow.order_taken(node)
    if method == "sort" and isinstance(node.func, cst.Attribute) and isinstance(node.func.value, cst.Name):
        flow.set(node.func.value.value, without_order(flow, flow.get(node.func.value.value)))
    if unordered and (names & _TAKING or method in ("join", "extend", "fromkeys", "update") and not receiver.unordered):
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
