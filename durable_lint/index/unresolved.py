"""Calls of which nothing is known: what a clean run can't vouch for."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Expr
from durable_lint.index.things import FunctionId, Thing


def unresolved(ev: Evaluator, fid: FunctionId) -> Iterator[int]:
    """The indexes of a function's calls whose callee can't be told, or lies in a package that nothing is known of.

    Methods of plain data (literals, the event, results of operations) are no such calls.
    """
    for index, call in enumerate(ev.function(fid).calls):
        if not is_known(ev, fid, call):
            yield index


def is_known(ev: Evaluator, fid: FunctionId, call: Call, depth: int = 6) -> bool:
    """Whether the analysis can tell what a call does."""
    things = ev.concrete(ev.expr(call.callee, fid))
    if things:
        return all(_is_known_thing(ev, thing) for thing in things)
    callee = call.callee
    return callee is not None and callee[0] == f.ATTR and is_data(ev, callee[1], fid, depth - 1)


def _is_known_thing(ev: Evaluator, thing: Thing) -> bool:
    if thing[0] == t.EXT:
        root = str(thing[1]).partition(".")[0].partition("(")[0]
        return root in sys.stdlib_module_names or ev.catalogue.knows(root) or ev.symbol(thing[1]) is not None
    if thing[0] == t.SYMBOL:
        return ev.context(thing) is not None or _is_event(ev, thing)
    return True


def _is_event(ev: Evaluator, thing: Thing) -> bool:
    """Whether a parameter holds a handler's input or an item of a map: data that was parsed from JSON."""
    modes = ev.solver.get(("mode", thing[1]))
    return bool(modes & {"handler", "child"})


def is_data(ev: Evaluator, expr: Expr, fid: FunctionId, depth: int = 6) -> bool:
    """Whether an expression is plain data: text, numbers, displays, results of operations, and what is made of them."""
    if expr is None:
        return True  # literals of other kinds, comparisons
    if depth < 0:
        return False
    if expr[0] in (f.CONST, f.JOIN, f.SEQ, f.DICT):
        return True
    things = ev.concrete(ev.expr(expr, fid))
    if things:
        return all(
            thing[0] in (t.CONST, t.CONTAINER, t.KEYED, t.RESULT)
            or (thing[0] == t.SYMBOL and _is_event(ev, thing))
            or (thing[0] == t.EXT and "()" in thing[1] and _is_known_thing(ev, thing))
            for thing in things
        )
    if expr[0] == f.NAME:
        scope = ev.scope_of(fid, expr[1])
        values = ev.function(scope).bindings.get(expr[1], []) if scope is not None else []
        return bool(values) and all(is_data(ev, value, scope or fid, depth - 1) for value in values)
    if expr[0] in (f.ATTR, f.ITEM, f.EACH, f.PART, f.STAR, f.AWAIT, f.ENTER):
        return is_data(ev, expr[1], fid, depth - 1)
    if expr[0] == f.EITHER:
        return all(is_data(ev, part, fid, depth - 1) for part in expr[1])
    if expr[0] in (f.FROM, f.GROW):
        return is_data(ev, expr[2], (fid[0], expr[1]), depth - 1)
    if expr[0] == f.CALL:
        call = ev.function(fid).calls[expr[1]]
        callee = call.callee
        if callee is not None and callee[0] == f.ATTR and is_data(ev, callee[1], fid, depth - 1):
            return True
        return is_known(ev, fid, call, depth - 1)
    return False
