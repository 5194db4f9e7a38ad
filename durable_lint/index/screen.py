"""Which top-level statements can hold a finding: what the visitor need not look at is never parsed by libcst.

The answer may be too wide, never too narrow: with ``suspects`` replaced by ``candidates`` the findings are the same.
"""

from __future__ import annotations

from durable_lint.index import facts as f
from durable_lint.index import orders
from durable_lint.index import things as t
from durable_lint.index.changes import Origin
from durable_lint.index.facts import Function, Module
from durable_lint.index.passing import concrete_contexts
from durable_lint.index.project import CHILD, STEP, Project
from durable_lint.index.things import FunctionId


def candidates(project: Project, module: Module) -> set[int]:
    """The indexes of the top-level statements that hold workflow or step code."""
    return {
        function.top
        for function in module.functions
        if function.top >= 0 and project.kinds((module.path, function.index))
    }


def suspects(project: Project, module: Module) -> set[int]:
    """The indexes of the top-level statements that must be visited."""
    found: set[int] = set()
    for function in module.functions:
        if function.top in found or function.top < 0:
            continue
        kinds = project.kinds((module.path, function.index))
        if kinds and _Suspicion(project, (module.path, function.index), function).holds(kinds):
            found.add(function.top)
    return found


class _Suspicion:
    """Asks of one function everything that a check could report."""

    def __init__(self, project: Project, fid: FunctionId, function: Function) -> None:
        self.project = project
        self.ev = project.ev
        self.fid = fid
        self.function = function

    def holds(self, kinds: list[str]) -> bool:
        """Whether any check could say something of the function in one of its roles."""
        if STEP in kinds and any(self.project.issuing.at(self.fid, i) for i in range(len(self.function.calls))):
            return True
        if kinds == [STEP]:
            return False
        return (
            self._does_something()
            or self._names_badly()
            or self._has_sets()
            or self._swallows()
            or self._changes_or_asks_state()
        )

    def _does_something(self) -> bool:
        """Effects of calls, reads and context managers."""
        if any(self.project.effects_at(self.fid, index) for index in range(len(self.function.calls))):
            return True
        effects = self.project.effects
        reads = [read.expr for read in self.function.reads] + [(f.NAME, name) for name in self.function.loads]
        if any(
            isinstance(entry[0], str)
            for expr in reads
            for entry in effects.of_read(self.fid, expr, (self.fid[0], 0, 0))
        ):
            return True
        for managed in self.function.withs:
            if effects.of_with(self.fid, managed.expr, (self.fid[0], 0, 0)):
                return True
        return any(self._asks_replay(expr) for expr in reads) or any(
            self._asks_replay(call.callee) for call in self.function.calls
        )

    def _asks_replay(self, expr: f.Expr) -> bool:
        for thing in concrete_contexts(self.ev, self.ev.expr(expr, self.fid)):
            found = self.ev.context(thing)
            if found is not None and thing[-1] and thing[-1] == (found[1].replaying,):
                return True
        return False

    def _names_badly(self) -> bool:
        """Operations without a name, under a name that is used again, or on another context than the own."""
        seen: set[tuple[object, str]] = set()
        for index, call in enumerate(self.function.calls):
            entries = self.project.issuing.at(self.fid, index)
            for receiver, _, label in {entry[0] for entry in entries}:
                label = label if isinstance(label, str) else ""
                if label and (call.repeated or (receiver, label) in seen):
                    return True
                seen.add((receiver, label))
                if self._is_foreign(receiver):
                    return True
            for thing in self.ev.expr(call.callee, self.fid):
                issued = self.project.issuing.issued(thing)
                place = issued.operation.label if issued is not None else None
                if place is None:
                    continue
                keywords = dict(call.keywords)
                given = keywords.get(place.keyword, call.args[place.arg] if len(call.args) > place.arg else None)
                if given is None or given in ((f.CONST, None), (f.CONST, "")):
                    return True
        return False

    def _is_foreign(self, receiver: t.Thing) -> bool:
        """Whether a context is not this function's own, while the function stands in a body that has one."""
        inside, fid = False, self.fid
        while fid[1] > 0:
            inside = inside or CHILD in self.project.kinds(fid)
            fid = self.ev.parent(fid)
        own = self.ev.solver.get(("receives", self.fid))
        return inside and (receiver[0] != t.SYMBOL or receiver[1] != self.fid or receiver[2] not in own)

    def _has_sets(self) -> bool:
        if self.function.has_sets:
            return True
        if any(orders.is_set(self.ev.concrete(self.ev.name(self.fid, name))) for name in self.function.loads):
            return True
        if any(orders.is_set(self.ev.expr(read.expr, self.fid)) for read in self.function.reads):
            return True
        for index, call in enumerate(self.function.calls):
            if orders.is_set(self.ev.solver.get(("call", self.fid, index))):
                return True
            if any(thing[0] == t.EXT and thing[1] in orders.SETS for thing in self.ev.expr(call.callee, self.fid)):
                return True
        return False

    def _swallows(self) -> bool:
        """Broad clauses, a ``finally`` that is left, ``suppress``."""
        if self.function.leaves_finally:
            return True
        if any(expr is None or self._catches_suspension(expr) for expr in self.function.handlers):
            return True
        return any(
            thing == (t.EXT, "contextlib.suppress()")
            for managed in self.function.withs
            for thing in self.ev.expr(managed.expr, self.fid)
        )

    def _catches_suspension(self, expr: f.Expr) -> bool:
        parts = expr[2] if expr is not None and expr[0] == f.SEQ else (expr,)
        return any(self.project.catches_suspension(part, self.fid) for part in parts)

    def _outlives(self, origin: Origin) -> bool:
        if origin[0] == "param":
            return self.project.changes.mutable_default(origin[1], origin[2])
        return self.project.is_changed(origin)

    def _changes_or_asks_state(self) -> bool:
        """State that the module-state check looks at."""
        changes = self.project.changes
        if any(True for write in changes.writes(self.fid) for _ in changes.own(self.fid, self.function, write)):
            return True
        for index, call in enumerate(self.function.calls):
            if any(True for _ in changes.through(self.fid, index)):
                return True
            asked = changes.origins((f.CALL, index), self.fid) if call.number in self.function.tested else set()
            if any(self._outlives(origin) for origin in asked):
                return True
        for name, loads in self.function.loads.items():
            if any(load[0] in self.function.tested for load in loads):
                origins = changes.origins((f.NAME, name), self.fid)
                if any(self._outlives(origin) for origin in origins):
                    return True
        return False
