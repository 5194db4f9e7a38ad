"""Which operations calling a function issues, on which contexts, with the shortest path to each.

An entry's key is ``(receiver, operation, label)``: the context's thing, the operation's name, and its constant name or
an empty text.
"""

from __future__ import annotations

from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.binding import bind
from durable_lint.index.effects import Entry, best
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.regions import Issued, Regions
from durable_lint.index.things import FunctionId, Thing

_MAX_LENGTH = 1000


class Issuing:
    """Summaries of the operations that functions issue by themselves, not in the bodies that they hand over."""

    def __init__(self, evaluator: Evaluator, regions: Regions) -> None:
        self.ev = evaluator
        self.regions = regions
        self._at: dict[tuple[FunctionId, int], list[Entry]] = {}
        evaluator.register("ops", self._summary)

    def summary(self, fid: FunctionId) -> dict[Any, Entry]:
        """The operations that calling a function issues."""
        return best(self.ev.solver.get(("ops", fid)))

    def _summary(self, fid: FunctionId) -> frozenset[Entry]:
        found: list[Entry] = []
        for index in range(len(self.ev.function(fid).calls)):
            found += self.of_call(fid, index)
        return frozenset(entry for entry in best(found).values() if entry[1] <= _MAX_LENGTH)

    def at(self, fid: FunctionId, index: int) -> list[Entry]:
        """The operations that one call issues, once the project is linked."""
        key = (fid, index)
        if key not in self._at:
            self._at[key] = self.of_call(fid, index)
        return self._at[key]

    def of_call(self, fid: FunctionId, index: int) -> list[Entry]:
        """The operations that one call issues, by itself or through the function that it calls, as known now."""
        call = self.ev.function(fid).calls[index]
        arguments = self.ev.arguments(call, fid)
        place = (fid[0], call.start, call.end)
        found: list[Entry] = []
        for thing in self.ev.expr(call.callee, fid):
            issued = self.issued(thing)
            if issued is not None:
                label = self.label(issued, fid, index)
                for receiver in self.regions.receivers(issued, arguments):
                    key = (receiver, issued.operation.name, label)
                    found.append((key, 1, ((*place, issued.operation.name),), issued.operation.name))
                continue
            target = self._target(thing)
            if target is None:
                continue
            function = self.ev.function(target[0])
            bound = bind(function, arguments, target[1])
            hop = (*place, function.name)
            for key, length, hops, api in self.summary(target[0]).values():
                receiver = key[0]
                receivers = frozenset({receiver})
                if receiver[0] == t.SYMBOL and receiver[1] == target[0]:
                    receivers = self.ev.follow(bound.get(receiver[2], t.NOTHING), receiver[3])
                for one in receivers:
                    found.append(((one, *key[1:]), length + 1, (hop, *hops), api))
        return found

    def issued(self, thing: Thing) -> Issued | None:
        """The operation behind a thing; for a parameter that holds a bound method too."""
        issued = self.regions.issued(thing)
        if issued is None and thing[0] == t.SYMBOL:
            for one in sorted(self.ev.concrete(frozenset({thing})), key=repr):
                if one[0] == t.CONTEXT:
                    issued = self.regions.issued(one)
        return issued

    def _target(self, thing: Thing) -> tuple[FunctionId, int] | None:
        if thing[0] == t.PARTIAL:
            return None
        return (thing[1], 1 if thing[0] == t.METHOD else 0) if thing[0] in (t.FN, t.METHOD) else None

    def label(self, issued: Issued, fid: FunctionId, index: int) -> str:
        """The constant name of an operation, empty when it has none."""
        place = issued.operation.label
        if place is None:
            return ""
        call = self.ev.function(fid).calls[index]
        expr = dict(call.keywords).get(place.keyword)
        if expr is None and len(call.args) > place.arg:
            expr = call.args[place.arg]
        return self.constant(expr, fid)

    def constant(self, expr: f.Expr, fid: FunctionId) -> str:
        """The text of a constant, or of a name that is bound once, to a constant; empty for anything else."""
        if expr is not None and expr[0] == f.NAME:
            scope = self.ev.scope_of(fid, expr[1])
            bound = self.ev.function(scope).bindings.get(expr[1], []) if scope is not None else []
            expr = bound[0] if len(bound) == 1 else None
        return expr[1] if expr is not None and expr[0] == f.CONST and isinstance(expr[1], str) else ""
