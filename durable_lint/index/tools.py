"""Objects of an SDK's testing library: runners, results, and the lists of operations in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.things import FunctionId, Thing, Things

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator
    from durable_lint.index.names import Names
    from durable_lint.knowledge.testing import TestClass


def known(ev: Names, thing: Thing) -> TestClass | None:
    """What the profile says of the class of an object of a testing library; None for any other thing."""
    testing = ev.profiles[thing[1]].testing if thing[0] == t.TOOL else None
    return testing.classes[thing[2]] if testing is not None else None


def member(ev: Names, thing: Thing, name: str) -> Things:
    """What an attribute of a tool stands for."""
    found = known(ev, thing)
    if found is None or thing[3]:
        return t.NOTHING
    given = found.gives.get(name)
    return frozenset({_other(thing, given) if given is not None else (*thing[:3], (name,), thing[4])})


def called(ev: Names, thing: Thing) -> Things:
    """What calling a method of a tool gives."""
    found = known(ev, thing)
    given = found.gives.get(f"{thing[3][0]}()") if found is not None and thing[3] else None
    return frozenset({_other(thing, given)}) if given is not None else t.NOTHING


def item(ev: Names, thing: Thing) -> Things:
    """What an element of a list of tools is."""
    found = known(ev, thing)
    return frozenset({_other(thing, found.item)}) if found is not None and found.item else t.NOTHING


def _other(thing: Thing, kind: str) -> Thing:
    """An object of another class that comes from the same runner."""
    return (*thing[:2], kind, (), thing[4])


def runs(ev: Evaluator, things: Things) -> Thing | None:
    """The handler or body that the runner behind these tools runs; None unless it is one and known."""
    origins = {thing[4] for thing in things if thing[0] == t.TOOL}
    if len(origins) != 1:
        return None
    (origin,) = origins
    return under_test(ev, *origin) if origin is not None else None


def under_test(ev: Evaluator, fid: FunctionId, index: int) -> Thing | None:
    """What the runner that a call builds runs; None unless it is one decorated function of the project."""
    call = ev.function(fid).calls[index]
    arguments = ev.arguments(call, fid)
    built = [one for thing in ev.expr(call.callee, fid) if thing[0] == t.EXT and (one := ev.tool(thing[1])) is not None]
    owner = known(ev, built[0]) if len(built) == 1 else None
    if owner is None or owner.runs is None:
        return None
    given = ev.concrete(arguments.at(*owner.runs))
    (found,) = given if len(given) == 1 else (None,)
    if found is not None and found[0] in (t.DECORATED, t.THUNK) and found[3][0] == t.FN:
        return found
    return None
