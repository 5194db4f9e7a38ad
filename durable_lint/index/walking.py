"""Paths from things: what the attributes, calls and items that hang on a parameter give once something is passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.binding import NONE_GIVEN
from durable_lint.index.elements import item
from durable_lint.index.things import FunctionId, Thing, Things

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator

_MANY = 4
"""Of more things it is remembered what a path gives from them; of fewer that takes more memory than it saves time."""


def stepped(ev: Evaluator, thing: Thing, step: str) -> Things:
    """What an attribute, ``()`` or ``[]`` of a thing gives."""
    if step == "[]":
        return item(ev, frozenset({thing}), t.NOTHING)
    if step != "()":
        return ev.attribute(thing, step)
    inner = thing
    while inner[0] == t.PARTIAL:
        inner = inner[1]
    if inner[0] in (t.FN, t.METHOD, t.INST):  # in the fixpoint: what it gives may be what calling it gives
        return ev.solver.get(("bare", inner[1], thing))
    return bare(ev, ("", 0), thing)


def bare(ev: Evaluator, fid: FunctionId, thing: Thing) -> Things:
    """What calling a thing gives when nothing is known of the arguments."""
    return ev.call(thing, NONE_GIVEN, ("", 0), None)


def passed(ev: Evaluator, thing: Thing) -> Things:
    """What is passed for a parameter anywhere, followed along its path; the thing itself if nothing is known."""
    found = ev.solver.get(("par", thing[1], thing[2])) if thing[0] == t.SYMBOL else t.NOTHING
    if not found:
        return frozenset({thing})
    return _walked(ev, *thing[1:]) if len(found) > _MANY else ev.follow(found, thing[3])


def _walked(ev: Evaluator, fid: FunctionId, name: str, path: tuple[str, ...]) -> Things:
    """What a path gives from all that is passed to a parameter: mostly much, asked for from many places."""
    return ev.solver.get(("walked", fid, name, path) if path else ("par", fid, name))


def walk(ev: Evaluator, fid: FunctionId, name: str, path: tuple[str, ...]) -> Things:
    """One more step from what the path before it gives."""
    return ev.follow(_walked(ev, fid, name, path[:-1]), path[-1:])
