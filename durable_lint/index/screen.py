"""Which top-level statements can hold a finding: what the visitor need not look at is never parsed by libcst.

The answer may be too wide, never too narrow: with ``suspects`` replaced by ``candidates`` the findings are the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from durable_lint.index import facts as f
from durable_lint.index import orders
from durable_lint.index import things as t
from durable_lint.index.callees import Callees
from durable_lint.index.changes import PLAIN, Change
from durable_lint.index.facts import Function, Module
from durable_lint.index.lasting import lasting
from durable_lint.index.project import CHILD, STEP, Project
from durable_lint.index.things import FunctionId, Things


def candidates(project: Project, module: Module) -> set[int]:
    """The indexes of the top-level statements that hold workflow or step code."""
    return {
        function.top
        for function in module.functions
        if function.top >= 0 and project.kinds((module.path, function.index))
    }


def suspects(project: Project, module: Module) -> set[int]:
    """The indexes of the top-level statements that must be visited."""
    screen = _Screen(project)
    found: set[int] = set()
    for function in module.functions:
        if function.top in found or function.top < 0:
            continue
        fid = (module.path, function.index)
        kinds = project.kinds(fid)
        if (STEP in kinds and screen.issues(fid, function)) or (
            kinds not in ([], [STEP]) and screen.holds(fid, function)
        ):
            found.add(function.top)
    return found


class _Screen:
    """Asks of the functions of one module everything that a check could report."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.ev = project.ev
        self.callees = Callees(project)
        self._values: dict[Things, bool] = {}

    def issues(self, fid: FunctionId, function: Function) -> bool:
        """Whether a function issues operations."""
        return any(self.callees.issue(self.ev.expr(call.callee, fid)) for call in function.calls)

    def holds(self, fid: FunctionId, function: Function) -> bool:
        """Whether any check could say something of a function that runs again on replay."""
        return (
            function.has_sets
            or self._swallows(fid, function)
            or self._reads(fid, function)
            or self._calls(fid, function)
            or self._changes(fid, function)
            or self._asks_state(fid, function)
        )

    def _swallows(self, fid: FunctionId, function: Function) -> bool:
        """Broad clauses, a ``finally`` that is left, ``suppress``; what context managers do."""
        if function.leaves_finally or any(expr is None or self._catches(fid, expr) for expr in function.handlers):
            return True
        for managed in function.withs:
            if (t.EXT, "contextlib.suppress()") in self.ev.expr(managed.expr, fid):
                return True
            if self.project.effects.of_with(fid, managed.expr, (fid[0], 0, 0)):
                return True
        return False

    def _catches(self, fid: FunctionId, expr: f.Expr) -> bool:
        parts = expr[2] if expr is not None and expr[0] == f.SEQ else (expr,)
        return any(self.project.catches_suspension(part, fid) for part in parts)

    # Reads

    def _reads(self, fid: FunctionId, function: Function) -> bool:
        """Reads of names and attributes: their effects, sets, and whether they ask for a replay."""
        read = {read.expr for read in function.reads} | {(f.NAME, name) for name in function.loads}
        return any(self._is_telling(self.ev.expr(expr, fid)) for expr in read) or any(
            isinstance(entry[0], str)
            for expr in read
            for entry in self.project.effects.of_read(fid, expr, (fid[0], 0, 0))
        )

    def _is_telling(self, things: Things) -> bool:
        """Whether a value is a set, or says whether the execution is replayed."""
        if things not in self._values:
            self._values[things] = orders.is_set(self.ev.concrete(things)) or self.callees.ask_replay(things)
        return self._values[things]

    # Calls

    def _calls(self, fid: FunctionId, function: Function) -> bool:
        """Effects of calls, sets that they make, operations with a bad name or on a foreign context, changed state."""
        issuers = []
        for index, call in enumerate(function.calls):
            things = self.ev.expr(call.callee, fid)
            traits = self.callees.traits(things)
            if traits.makes_set or traits.asks_replay or orders.is_set(self.ev.solver.get(("call", fid, index))):
                return True
            if traits.acts and self.project.effects_at(fid, index):
                return True
            if traits.changes and self._lasts(fid, self.project.changes.through(fid, index)):
                return True
            issuers += [index] if self.callees.issue(things) else []
        return self._names_badly(fid, function, issuers)

    def _names_badly(self, fid: FunctionId, function: Function, issuers: list[int]) -> bool:
        """Operations without a name, under a name that is used again, or on another context than the own."""
        seen: set[tuple[object, str]] = set()
        for index in issuers:
            call = function.calls[index]
            for receiver, _, label in {entry[0] for entry in self.project.issuing.at(fid, index)}:
                label = label if isinstance(label, str) else ""
                if label and (call.repeated or (receiver, label) in seen):
                    return True
                seen.add((receiver, label))
                if self._is_foreign(fid, receiver):
                    return True
            for thing in self.ev.expr(call.callee, fid):
                issued = self.project.issuing.issued(thing)
                place = issued.operation.label if issued is not None else None
                if place is None:
                    continue
                keywords = dict(call.keywords)
                given = keywords.get(place.keyword, call.args[place.arg] if len(call.args) > place.arg else None)
                if given is None or given in ((f.CONST, None), (f.CONST, "")):
                    return True
        return False

    def _is_foreign(self, fid: FunctionId, receiver: t.Thing) -> bool:
        """Whether a context is not the function's own, while the function stands in a body that has one."""
        inside, around = False, fid
        while around[1] > 0:
            inside = inside or CHILD in self.project.kinds(around)
            around = self.ev.parent(around)
        own = self.ev.solver.get(("receives", fid))
        return inside and (receiver[0] != t.SYMBOL or receiver[1] != fid or receiver[2] not in own)

    # State

    def _changes(self, fid: FunctionId, function: Function) -> bool:
        """Changes of state that outlives an execution."""
        changes = self.project.changes
        return any(self._lasts(fid, changes.own(fid, function, write)) for write in changes.writes(fid))

    def _lasts(self, fid: FunctionId, found: Iterable[Change]) -> bool:
        return any(change[4] == PLAIN and lasting(self.project, fid, change[0]) for change in found)

    def _asks_state(self, fid: FunctionId, function: Function) -> bool:
        """Tests on state that outlives an execution and that anything changes."""
        tested = function.tested
        exprs: list[f.Expr] = [(f.CALL, index) for index, call in enumerate(function.calls) if call.number in tested]
        exprs += [(f.NAME, name) for name, loads in function.loads.items() if any(one[0] in tested for one in loads)]
        return any(
            lasting(self.project, fid, origin) and (origin[0] == "param" or self.project.is_changed(origin))
            for expr in exprs
            for origin in self.project.changes.origins(expr, fid)
        )
