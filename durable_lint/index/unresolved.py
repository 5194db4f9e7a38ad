"""Calls of which nothing is known: what a clean run can't vouch for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TypeAlias

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Expr
from durable_lint.index.things import FunctionId, Thing

Asked: TypeAlias = tuple[FunctionId, str]

_MAX_ASKED = 20
"""Longer ways from variable to variable are given up."""


def unresolved(ev: Evaluator, fid: FunctionId) -> Iterator[int]:
    """The indexes of a function's calls whose callee can't be told, or lies in a package that nothing is known of.

    Methods of plain data (literals, the event, results of operations) are no such calls.
    """
    for index, call in enumerate(ev.function(fid).calls):
        if not is_known(ev, fid, call):
            yield index


def is_known(ev: Evaluator, fid: FunctionId, call: Call, asked: frozenset[Asked] = frozenset()) -> bool:
    """Whether the analysis can tell what a call does."""
    things = ev.concrete(ev.expr(call.callee, fid))
    if things:
        return all(_is_known_thing(ev, thing) for thing in things)
    callee = call.callee
    return callee is not None and callee[0] == f.ATTR and is_data(ev, callee[1], fid, asked)


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


def is_data(ev: Evaluator, expr: Expr, fid: FunctionId, asked: frozenset[Asked] = frozenset()) -> bool:
    """Whether an expression is plain data: text, numbers, displays, results of operations, and what is made of them.

    ``asked`` are the variables that the question came through: one that is made from itself is what the rest of it is.
    """
    if expr is None or expr[0] in (f.CONST, f.JOIN, f.SEQ, f.DICT):
        return True  # None stands for literals of other kinds, too
    if len(asked) > _MAX_ASKED:
        return False
    things = ev.concrete(ev.expr(expr, fid))
    if things:
        return all(_is_data_thing(ev, thing) for thing in things)
    if expr[0] == f.NAME:
        scope = ev.scope_of(fid, expr[1])
        if scope is None:
            return False
        if (scope, expr[1]) in asked:
            return True
        values = ev.function(scope).bindings.get(expr[1], [])
        return bool(values) and all(is_data(ev, value, scope, asked | {(scope, expr[1])}) for value in values)
    if expr[0] in (f.ATTR, f.ITEM, f.EACH, f.PART, f.STAR, f.AWAIT, f.ENTER):
        return is_data(ev, expr[1], fid, asked)
    if expr[0] == f.EITHER:
        return all(is_data(ev, part, fid, asked) for part in expr[1])
    if expr[0] in (f.FROM, f.GROW):
        return is_data(ev, expr[2], (fid[0], expr[1]), asked)
    return expr[0] == f.CALL and is_known(ev, fid, ev.function(fid).calls[expr[1]], asked)


def _is_data_thing(ev: Evaluator, thing: Thing) -> bool:
    if thing[0] == t.SYMBOL:
        return _is_event(ev, thing)
    if thing[0] == t.EXT:
        return "()" in thing[1] and _is_known_thing(ev, thing)
    return thing[0] in (t.CONST, t.CONTAINER, t.KEYED, t.RESULT)
