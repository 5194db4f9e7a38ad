"""Which operations calling a function issues, on which contexts, with the shortest path to each.

An entry's key is ``(receiver, operation, label)``: the context's thing, the operation's name, and its label: a constant
name, ``("param", name)`` for a parameter of the function, or an empty text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.binding import Arguments, bind, passed
from durable_lint.index.effects import Entry, best
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Expr
from durable_lint.index.regions import Issued, Regions
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.profiles import Place
from durable_lint.records import dataclass

_MAX_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Site:
    """A call that issues an operation itself: call ``index`` of the function ``fid``."""

    fid: FunctionId
    index: int
    call: Call
    issued: Issued


def argument(call: Call, place: Place) -> Expr | bool:
    """The argument at a place: its fact (None when unknown), or False when it isn't given."""
    for name, value in call.keywords:
        if name == place.keyword:
            return value
    if len(call.args) > place.arg and not any(a is not None and a[0] == f.STAR for a in call.args[: place.arg + 1]):
        return call.args[place.arg]
    return False


class Issuing:
    """Summaries of the operations that functions issue by themselves, not in the bodies that they hand over."""

    def __init__(self, evaluator: Evaluator, regions: Regions) -> None:
        self.ev = evaluator
        self.regions = regions
        self._at: defaultdict[str, dict[tuple[FunctionId, int], list[Entry]]] = defaultdict(dict)
        self._sites: dict[str, list[Site]] = {}
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
        known, key = self._at[fid[0]], (fid, index)
        if key not in known:
            known[key] = self.of_call(fid, index)
        return known[key]

    def forget(self, path: str) -> None:
        """Give up what is known of the calls of a module."""
        self._at.pop(path, None)
        self._sites.pop(path, None)

    def of_call(self, fid: FunctionId, index: int) -> list[Entry]:
        """The operations that one call issues, by itself or through the function that it calls, as known now."""
        call = self.ev.function(fid).calls[index]
        issuers = [thing for thing in self.ev.expr(call.callee, fid) if self.issues(thing)]
        if not issuers:
            return []  # most calls: what they pass is not asked for
        arguments = self.ev.arguments(call, fid)
        place = (fid[0], call.start, call.end)
        found: list[Entry] = []
        for called in issuers:
            thing, given = called, arguments
            while thing[0] == t.PARTIAL:
                thing, given = thing[1], given.after(thing[2], dict(thing[3]))
            issued = self.issued(thing)
            if issued is not None:
                label = self.label(issued, fid, index) if thing is called else ""
                for receiver in self.regions.receivers(issued, given):
                    key = (receiver, issued.operation.name, label)
                    found.append((key, 1, ((*place, issued.operation.name),), issued.operation.name))
                continue
            for target, skip in self._targets(thing):
                found += self._through(target, skip, given, call, fid)
        return found

    def issues(self, thing: Thing) -> bool:
        """Whether calling a thing issues an operation, by itself or through a function that it runs."""
        while thing[0] == t.PARTIAL:
            thing = thing[1]
        targets = self._targets(thing)
        return any(self.ev.solver.get(("ops", target)) for target, _ in targets) or self.issued(thing) is not None

    def issued(self, thing: Thing) -> Issued | None:
        """The operation behind a thing; for a parameter that holds a bound method too."""
        issued = self.regions.issued(thing)
        if issued is None and thing[0] == t.SYMBOL:
            for one in sorted(self.ev.concrete(frozenset({thing})), key=repr):
                if one[0] == t.CONTEXT:
                    issued = self.regions.issued(one)
        return issued

    def sites(self, path: str) -> list[Site]:
        """The calls of a module that issue operations themselves, by function and call, once the project is linked."""
        if path not in self._sites:
            module = self.ev.modules.get(path)
            fids = [(path, function.index) for function in module.functions] if module is not None else []
            self._sites[path] = [site for fid in fids for site in self._sites_of(fid)]
        return self._sites[path]

    def _sites_of(self, fid: FunctionId) -> Iterator[Site]:
        for index, call in enumerate(self.ev.function(fid).calls):
            things = self.ev.expr(call.callee, fid)
            ordered = things if len(things) < 2 else sorted(things, key=repr)
            issued = next((one for one in map(self.issued, ordered) if one is not None), None)
            if issued is not None:
                yield Site(fid, index, call, issued)

    def _targets(self, thing: Thing) -> list[tuple[FunctionId, int]]:
        """The functions that calling a thing runs, each with how many parameters its receiver takes."""
        if thing[0] in (t.FN, t.METHOD):
            return [(thing[1], 1 if thing[0] == t.METHOD else 0)]
        if thing[0] == t.INST:
            return [(target, 1) for target in self.ev.classes.methods(thing, "__call__")]
        if thing[0] == t.CLASS:
            return [(target, 1) for target in self.ev.classes.methods(thing, "__init__")]
        return []

    def _through(self, target: FunctionId, skip: int, arguments: Arguments, call: Call, fid: FunctionId) -> list[Entry]:
        """The operations that a called function issues, with its parameters replaced by what the call passes."""
        function = self.ev.function(target)
        bound = bind(function, arguments, skip)
        hop = (fid[0], call.start, call.end, function.name)
        found: list[Entry] = []
        for (receiver, operation, label), length, hops, api in self.summary(target).values():
            receivers = frozenset({receiver})
            if receiver[0] == t.SYMBOL and receiver[1] == target:
                receivers = self.ev.follow(bound.get(receiver[2], t.NOTHING), receiver[3])
            if isinstance(label, tuple):
                given = passed(function, label[1], call, skip)
                label = self.constant(given, fid) if not isinstance(given, bool) else ""
            found += [((one, operation, label), length + 1, (hop, *hops), api) for one in receivers]
        return found

    def label_parameters(self, fid: FunctionId) -> frozenset[str]:
        """The parameters of a function that it uses as names of operations."""
        return frozenset(key[2][1] for key in self.summary(fid) if isinstance(key[2], tuple))

    def label(self, issued: Issued, fid: FunctionId, index: int) -> str | tuple[str, str]:
        """The name of an operation: see ``constant``."""
        place = issued.operation.label
        if place is None:
            return ""
        call = self.ev.function(fid).calls[index]
        expr = dict(call.keywords).get(place.keyword)
        if expr is None and len(call.args) > place.arg:
            expr = call.args[place.arg]
        return self.constant(expr, fid)

    def constant(self, expr: f.Expr, fid: FunctionId) -> str | tuple[str, str]:
        """The text of a constant or of a name that is bound once, to a constant; ``("param", name)`` for a parameter of
        the function; empty for anything else."""
        if expr is not None and expr[0] == f.NAME:
            scope = self.ev.scope_of(fid, expr[1])
            function = self.ev.function(scope) if scope is not None else None
            if scope == fid and function is not None and any(p.name == expr[1] for p in function.parameters):
                return ("param", expr[1])
            bound = function.bindings.get(expr[1], []) if function is not None else []
            expr = bound[0] if len(bound) == 1 else None
        return expr[1] if expr is not None and expr[0] == f.CONST and isinstance(expr[1], str) else ""
