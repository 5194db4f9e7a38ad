"""Which functions of the project an SDK calls back: strategies, namers, the methods of serializers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.binding import Arguments
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.callbacks import Callback

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator
    from durable_lint.knowledge.profiles import Profile

_DEPTH = 3


def register(ev: Evaluator, profile: Profile, name: str, arguments: Arguments) -> None:
    """Remember the callables that a call of a configuration class hands over, under ``("callback", function)``."""
    for place, callback in enumerate(profile.callbacks):
        if name not in callback.owners:
            continue
        config = profile.values.configs.get(name)
        positional = config.positional if config is not None else ()
        for parameter in callback.parameters:
            position = positional.index(parameter) if parameter in positional else len(arguments.positional)
            for thing in ev.concrete(arguments.at(position, parameter)):
                for target in _targets(ev, thing, callback, _DEPTH):
                    ev.solver.note(("callback", target), (profile.id, place))


def of(ev: Evaluator, fid: FunctionId) -> list[Callback]:
    """As what an SDK calls a function back."""
    return [ev.profiles[profile].callbacks[place] for profile, place in sorted(ev.solver.get(("callback", fid)))]


def _targets(ev: Evaluator, thing: Thing, callback: Callback, depth: int) -> Iterator[FunctionId]:
    """The functions that calling back a thing runs."""
    if thing[0] in (t.FN, t.METHOD) and not callback.methods:
        yield thing[1]
    elif thing[0] == t.PARTIAL and depth:
        for inner in ev.concrete(frozenset({thing[1]})):
            yield from _targets(ev, inner, callback, depth - 1)
    elif thing[0] == t.INST:
        for method in callback.methods or ("__call__",):
            yield from ev.classes.methods(thing, method)
