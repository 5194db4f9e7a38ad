"""Decorators of the project that hand what they decorate to operations and never call it themselves.

What such a decorator gives stands for the decorated function alone: the function's own code runs in the step, or in the
child context that it is given. Of all other decorators it is taken that they call what they get when what they give is
called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call, Expr
from durable_lint.index.things import FunctionId, Thing

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator

_ABOUT_A_FUNCTION = ("__annotations__", "__dict__", "__doc__", "__module__", "__name__", "__qualname__")
_ASKING = ("asyncio.iscoroutinefunction", "builtins.callable", "builtins.getattr", "functools.update_wrapper",
           "functools.wraps", "inspect.")  # fmt: skip
"""How what asks about a function without calling it begins."""


def hands_on(ev: Evaluator, decorator: Thing) -> bool:
    """Whether a function, a bound method or a class uses what it is given first as the body of an operation or within
    such bodies, and else asks about it only. Every place that reads it must be explained so."""
    if decorator[0] not in (t.FN, t.METHOD, t.CLASS):
        return False
    if decorator[0] == t.CLASS:
        return _keeps_for_operations(ev, decorator[1])
    name = _parameter(ev, decorator[1], int(decorator[0] == t.METHOD))
    return _Uses(ev, decorator[1], (f.NAME, name)).are_in_bodies()


def _parameter(ev: Evaluator, fid: FunctionId, position: int) -> str:
    """The name of a positional parameter, empty if there is none."""
    taken = [one.name for one in ev.function(fid).parameters if one.kind == "pos"]
    return taken[position] if position < len(taken) else ""


def _keeps_for_operations(ev: Evaluator, cid: FunctionId) -> bool:
    """Whether a class keeps what it is built with in an attribute that its other methods hand to operations."""
    methods = {ev.function((cid[0], child)).name: (cid[0], child) for child in ev.function(cid).children}
    init = methods.pop("__init__", None)
    if init is None or not all(ev.function(method).kind == "def" for method in methods.values()):
        return False
    name = _parameter(ev, init, 1)
    kept = [write.key for write in ev.function(init).writes if write.how == "attr" and write.value == (f.NAME, name)]
    if len(kept) != 1 or not _Uses(ev, init, (f.NAME, name)).are_explained(stored=1):
        return False
    uses = [_Uses(ev, one, (f.ATTR, (f.NAME, _parameter(ev, one, 0)), kept[0])) for one in methods.values()]
    return all(one.are_explained() for one in uses) and any(one.are_handed() for one in uses)


class _Uses:
    """How a function and those that are defined in it use what an expression, a name or an attribute, stands for in
    it."""

    def __init__(self, ev: Evaluator, root: FunctionId, form: tuple[Any, ...]) -> None:
        self.ev = ev
        self.root = root
        self.form = form
        operations = [one for profile in ev.profiles.values() for one in profile.methods.values()]
        self.regions = {one.name: one.body.region for one in operations if one.body is not None and not one.body.many}
        self.inside = self._within(root)
        bodies = {body for fid in self.inside for call in self._operations(fid) for body in self._bodies(call, fid)}
        self.in_bodies = {one for body in bodies for one in self._within(body)}
        self.outside = [one for one in self.inside if one not in self.in_bodies]

    def are_in_bodies(self) -> bool:
        """Whether all uses are explained, and an operation gets it or what uses it."""
        return self.are_explained() and self.are_handed()

    def are_handed(self) -> bool:
        """Whether an operation gets it or what uses it."""
        given = any(self._given(call, fid) for fid in self.outside for call in self._operations(fid))
        return given or any(self._reads(fid) for fid in self.in_bodies)

    def are_explained(self, stored: int = 0) -> bool:
        """Whether it is only handed to operations, used in their bodies, asked about, or ``stored`` so many times."""
        for fid in self.outside:
            function = self.ev.function(fid)
            explained = sum(self._given(call, fid) for call in self._operations(fid))
            explained += sum(self._asked(call, fid) for call in function.calls)
            explained += sum(self._is_about(read.expr) for read in function.reads)
            explained += stored if fid == self.root else 0
            if self._reads(fid) != explained:
                return False
        return True

    def _within(self, fid: FunctionId) -> list[FunctionId]:
        """A function and those that are defined in it."""
        found = [fid]
        for one in found:
            found += [(one[0], child) for child in self.ev.function(one).children]
        return found

    def _reads(self, fid: FunctionId) -> int:
        """In how many places a function reads or calls it, and no variable of the same name."""
        name = self.form[1] if self.form[0] == f.NAME else self.form[1][1]
        function = self.ev.function(fid)
        places = function.loads.get(name, ())
        if not places or self.ev.scope_of(fid, name) != self.root:
            return 0
        if self.form[0] == f.NAME:
            return len(places)
        called = sum(call.callee == self.form for call in function.calls)
        return called + sum(read.expr == self.form for read in function.reads)

    def _operations(self, fid: FunctionId) -> list[Call]:
        """The calls of what may be an operation with a body: its name is one's, and it has no other known meaning."""
        return [call for call in self._calls(fid) if self._is_operation(call.callee, fid)]

    def _is_operation(self, callee: Expr, fid: FunctionId) -> bool:
        if callee is None or callee[0] != f.ATTR or not self.regions.get(callee[2]):
            return False
        things = self.ev.concrete(self.ev.expr(callee, fid))
        return all(thing[0] in (t.SYMBOL, t.CONTEXT) for thing in things)

    def _bodies(self, call: Call, fid: FunctionId) -> Iterator[FunctionId]:
        """The functions defined here that an operation gets and nothing else calls."""
        assert call.callee is not None
        for body in self._given_bodies(call, fid):
            if self.regions[call.callee[2]] == "step" or self._passes_context(body):
                yield body

    def _passes_context(self, body: FunctionId) -> bool:
        """Whether a body hands its own context to all that it calls here: that is judged by itself then."""
        function = self.ev.function(body)
        calls = [call for call in function.calls if call.callee == self.form]
        context = (f.NAME, _parameter(self.ev, body, 0))
        return self._reads(body) == len(calls) and all(context in call.args for call in calls)

    def _given_bodies(self, call: Call, fid: FunctionId) -> Iterator[FunctionId]:
        for expr in _arguments(call):
            if expr is None:
                continue
            made = self._calls(fid)[expr[1]].callee if expr[0] == f.CALL else None
            if expr[0] == f.FUNC:
                yield (fid[0], expr[1])
            elif expr[0] == f.NAME and not any(one.callee == expr for own in self.inside for one in self._calls(own)):
                yield from self._defined(expr[1], fid)
            elif made is not None and made[0] == f.NAME:  # a body of the SDK's own decorator: calling it makes one
                yield from [one for one in self._defined(made[1], fid) if self._makes_body(one)]

    def _calls(self, fid: FunctionId) -> Sequence[Call]:
        return self.ev.function(fid).calls

    def _defined(self, name: str, fid: FunctionId) -> list[FunctionId]:
        """The functions that a name stands for, if it is bound to nothing else."""
        scope = self.ev.scope_of(fid, name)
        values = self.ev.function(scope).bindings.get(name, ()) if scope is not None else ()
        found = [(fid[0], value[1]) for value in values if value is not None and value[0] == f.FUNC]
        return found if len(found) == len(values) else []

    def _makes_body(self, fid: FunctionId) -> bool:
        things = self.ev.solver.get(("def", fid))
        return bool(things) and all(thing[0] == t.DECORATED for thing in things)

    def _given(self, call: Call, fid: FunctionId) -> int:
        """How often an operation gets it as an argument, or what ``partial`` made of it."""
        count = 0
        for expr in _arguments(call):
            if expr == self.form:
                count += 1
            elif expr is not None and expr[0] == f.CALL:
                inner = self._calls(fid)[expr[1]]
                if _last(inner.callee) == "partial" and inner.args[:1] == (self.form,):
                    count += 1
        return count

    def _asked(self, call: Call, fid: FunctionId) -> int:
        """How often a call only asks about it."""
        count = sum(expr == self.form for expr in _arguments(call))
        if not count:
            return 0
        things = self.ev.expr(call.callee, fid)
        return count if things and all(thing[0] == t.EXT and thing[1].startswith(_ASKING) for thing in things) else 0

    def _is_about(self, expr: Expr) -> bool:
        return expr is not None and expr[1] == self.form and expr[2] in _ABOUT_A_FUNCTION


def _arguments(call: Call) -> list[Expr]:
    return [*call.args, *(value for _, value in call.keywords)]


def _last(callee: Expr) -> str:
    """The last name of a callee."""
    return str(callee[-1]) if callee is not None and callee[0] in (f.NAME, f.ATTR) else ""
