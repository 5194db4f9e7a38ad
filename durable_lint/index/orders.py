"""Sets have no order: what is one, which functions take an order from it, and which don't care."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.things import FunctionId, Things

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator

SETS = frozenset({"builtins.set", "builtins.frozenset"})
CARELESS = frozenset({"builtins.sorted", "builtins.len", "builtins.min", "builtins.max", "builtins.sum",
                       "builtins.any", "builtins.all", "builtins.bool", "builtins.isinstance", "math.fsum",
                       "statistics.mean", "statistics.median", "collections.Counter"})  # fmt: skip
"""Calls whose result does not depend on the order of what they get."""

TAKING = frozenset({"builtins.list", "builtins.tuple", "builtins.enumerate", "builtins.iter", "builtins.next",
                     "builtins.zip", "builtins.map", "builtins.filter", "builtins.reversed", "builtins.str",
                     "builtins.repr", "builtins.dict", "builtins.dict.fromkeys", "collections.deque",
                     "itertools.chain", "itertools.islice", "itertools.chain.from_iterable", "random.Random",
                     "json.dumps", "collections.OrderedDict"})  # fmt: skip
"""Calls whose result is in the order of what they get."""


def is_set(things: Things) -> bool:
    """Whether some of the things are sets in which the order can differ."""
    for thing in things:
        if thing[0] == t.CONTAINER and thing[1] in ("set", "frozenset"):
            held = thing[2]
            if not held or not all(one[0] == t.CONST and isinstance(one[1], int) for one in held):
                return True
    return False


def takes_order(ev: Evaluator, expr: f.Expr, fid: FunctionId, depth: int = 8) -> bool:
    """Whether a returned value depends on the order of a set, as far as the function itself shows."""
    if expr is None or depth < 0:
        return False
    kind = expr[0]
    if kind == f.NAME:
        scope = ev.scope_of(fid, expr[1])
        values = ev.function(fid).bindings.get(expr[1], ()) if scope == fid else ()
        return any(takes_order(ev, value, fid, depth - 1) for value in values)
    if kind == f.CALL:
        call = ev.function(fid).calls[expr[1]]
        names = {thing[1] for thing in ev.expr(call.callee, fid) if thing[0] == t.EXT}
        if names & CARELESS or names & SETS:
            return False
        joins = call.callee is not None and call.callee[0] == f.ATTR and call.callee[2] == "join"
        taking = joins or names & TAKING
        if taking and any(is_set(ev.expr(arg, fid)) for arg in call.args):
            return True
        return bool(taking) and any(takes_order(ev, arg, fid, depth - 1) for arg in call.args)
    if kind == f.EACH:
        return is_set(ev.expr(expr[1], fid)) or takes_order(ev, expr[1], fid, depth - 1)
    if kind == f.SEQ:
        return expr[1] != "set" and any(takes_order(ev, item, fid, depth - 1) for item in expr[2])
    if kind in (f.ITEM, f.ATTR, f.PART, f.STAR, f.AWAIT, f.GROW):
        return takes_order(ev, expr[2] if kind == f.GROW else expr[1], fid, depth - 1)
    if kind in (f.EITHER, f.JOIN):
        return any(takes_order(ev, part, fid, depth - 1) for part in expr[1])
    return False
