"""What is handed over: arguments for parameters, contexts through parameters, and what ``with`` binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.binding import Arguments
from durable_lint.index.things import FunctionId, Thing, Things

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator


def substitute(ev: Evaluator, found: Things, target: FunctionId, bound: dict[str, Things], depth: int = 3) -> Things:
    """Replace the parameters of a function by what a call passes."""
    result: list[Things] = []
    for thing in found:
        if thing[0] == t.SYMBOL and thing[1] == target:
            result.append(ev.follow(bound.get(thing[2], t.NOTHING), thing[3]))
        elif thing[0] == t.CONTAINER and depth:
            inside = substitute(ev, thing[2], target, bound, depth - 1)
            result.append(frozenset({t.container(thing[1], inside)}))
        elif thing[0] == t.KEYED and depth:
            pairs = tuple((key, substitute(ev, value, target, bound, depth - 1)) for key, value in thing[2])
            result.append(frozenset({t.keyed(thing[1], pairs)}))
        elif thing[0] in (t.DECORATED, t.THUNK, t.CARRIED) and depth:
            inner = substitute(ev, frozenset({thing[-1]}), target, bound, depth - 1)
            result.append(frozenset((*thing[:-1], one) for one in t.wrappable(inner)))
        else:
            result.append(frozenset({thing}))
    return ev.union(result)


def passable(ev: Evaluator, found: Things) -> Things:
    """What a parameter keeps of an argument: concrete things, and contexts without their owner."""

    def kept(thing: Thing) -> Things:
        context = ev.context(thing) if thing[0] == t.SYMBOL else None
        if context is not None:
            return frozenset({(t.CONTEXT, context[0].id, context[1].id, thing[3])})
        return frozenset({thing}) if thing[0] != t.SYMBOL else t.NOTHING

    return t.gather(ev.concrete(found), kept)


def concrete_contexts(ev: Evaluator, found: Things) -> Things:
    """The contexts and what hangs on them among things, also those that came in through plain parameters."""
    symbols = frozenset(thing for thing in found if thing[0] in (t.SYMBOL, t.CONTEXT))
    direct = frozenset(thing for thing in symbols if ev.context(thing) is not None)
    passed = frozenset(thing for thing in ev.concrete(symbols - direct) if thing[0] == t.CONTEXT)
    return direct | passed


def entered(ev: Evaluator, thing: Thing, fid: FunctionId) -> Things:
    """What ``with thing as x`` binds."""
    if thing[0] == t.INST:
        methods = ev.attribute(thing, "__enter__") | ev.attribute(thing, "__aenter__")
        if any(method[0] == t.TOOL for method in methods):
            return frozenset({thing})
        return ev.union(ev.call(method, Arguments(), fid, None) for method in methods)
    if thing[0] == t.CONTAINER and thing[1] == "gen":
        return ev.each(thing)
    return frozenset({thing})
