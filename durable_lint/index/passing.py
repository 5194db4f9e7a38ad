"""What is handed over: arguments for parameters, contexts through parameters, and what ``with`` binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.binding import Arguments
from durable_lint.index.things import FunctionId, Thing, Things

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator


def substitute(ev: Evaluator, found: Things, target: FunctionId, bound: dict[str, Things]) -> Things:
    """Replace the parameters of a function by what a call passes."""
    known: dict[Thing, Things] = {}  # what a structure holds is often there at each of its levels

    def all_of(things: Things) -> Things:
        return t.gather(things, replaced)

    def replaced(thing: Thing) -> Things:
        if thing not in known:
            known[thing] = result(thing)
        return known[thing]

    def result(thing: Thing) -> Things:
        kind = thing[0]
        if kind == t.SYMBOL and thing[1] == target:
            return ev.follow(bound.get(thing[2], t.NOTHING), thing[3])
        if kind == t.CONTAINER:
            return frozenset({t.container(thing[1], all_of(thing[2]))})
        if kind == t.KEYED:
            return frozenset({t.keyed(thing[1], ((key, all_of(value)) for key, value in thing[2]))})
        if kind in (t.DECORATED, t.THUNK, t.CARRIED):
            return frozenset((*thing[:-1], one) for one in t.wrappable(replaced(thing[-1])))
        return frozenset({thing})

    return all_of(found)


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
