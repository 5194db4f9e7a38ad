"""Decorators of the project that hand what they decorate to steps and never call it themselves.

What such a decorator gives stands for the decorated function alone: the function's own code runs in the step. Of all
other decorators it is taken that they call what they get when what they give is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call, Expr, Function
from durable_lint.index.things import FunctionId

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator

_ABOUT_A_FUNCTION = ("__annotations__", "__dict__", "__doc__", "__module__", "__name__", "__qualname__")
_ASKING = ("asyncio.iscoroutinefunction", "builtins.callable", "builtins.getattr", "functools.update_wrapper",
           "functools.wraps", "inspect.")  # fmt: skip
"""How what asks about a function without calling it begins."""


def hands_on(ev: Evaluator, decorator: FunctionId, position: int) -> bool:
    """Whether a function uses its parameter at ``position`` as the body of a step or within such bodies, and else asks
    about it only. Every place that reads the parameter must be explained so."""
    taken = [one.name for one in ev.function(decorator).parameters if one.kind == "pos"]
    return position < len(taken) and _Uses(ev, decorator, taken[position]).are_in_steps()


class _Uses:
    """How a function and those that are defined in it use one of its parameters."""

    def __init__(self, ev: Evaluator, decorator: FunctionId, name: str) -> None:
        self.ev = ev
        self.decorator = decorator
        self.name = name
        self.steps = frozenset(
            operation.name
            for profile in ev.profiles.values()
            for operation in profile.methods.values()
            if operation.body is not None and operation.body.region == "step"
        )

    def are_in_steps(self) -> bool:
        """Whether all uses are explained, and a step gets the parameter or what uses it."""
        inside = self._within(self.decorator)
        given = {fid: self._step_calls(self.ev.function(fid)) for fid in inside}
        bodies = {body for fid in inside for call in given[fid] for body in self._bodies(call, fid, inside)}
        in_steps = {one for body in bodies for one in self._within(body)}
        is_handed = any(self._reads(fid) for fid in in_steps)
        for fid in [one for one in inside if one not in in_steps]:
            function = self.ev.function(fid)
            handed = sum(self._given(call, function) for call in given[fid])
            asked = sum(self._asked(call, fid) for call in function.calls)
            asked += sum(self._is_about(read.expr) for read in function.reads)
            if self._reads(fid) != handed + asked:
                return False
            is_handed = is_handed or handed > 0
        return is_handed

    def _within(self, fid: FunctionId) -> list[FunctionId]:
        """A function and those that are defined in it."""
        found = [fid]
        for one in found:
            found += [(one[0], child) for child in self.ev.function(one).children]
        return found

    def _reads(self, fid: FunctionId) -> int:
        """In how many places a function reads the parameter, and no variable of the same name."""
        places = self.ev.function(fid).loads.get(self.name, ())
        return len(places) if places and self.ev.scope_of(fid, self.name) == self.decorator else 0

    def _step_calls(self, function: Function) -> list[Call]:
        """The calls that look like steps, whatever they are called on."""
        calls = [call for call in function.calls if call.callee is not None and call.callee[0] == f.ATTR]
        return [call for call in calls if call.callee is not None and call.callee[2] in self.steps]

    def _bodies(self, call: Call, fid: FunctionId, inside: list[FunctionId]) -> Iterator[FunctionId]:
        """The functions defined here that a step gets and nothing else calls."""
        for expr in _arguments(call):
            if expr is None:
                continue
            made = self.ev.function(fid).calls[expr[1]].callee if expr[0] == f.CALL else None
            if expr[0] == f.FUNC:
                yield (fid[0], expr[1])
            elif expr[0] == f.NAME and not any(one.callee == expr for own in inside for one in self._calls(own)):
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

    def _given(self, call: Call, function: Function) -> int:
        """How often a step gets the parameter itself as an argument, or what ``partial`` made of it."""
        count = 0
        for expr in _arguments(call):
            if expr == (f.NAME, self.name):
                count += 1
            elif expr is not None and expr[0] == f.CALL:
                inner = function.calls[expr[1]]
                if _last(inner.callee) == "partial" and inner.args[:1] == ((f.NAME, self.name),):
                    count += 1
        return count

    def _asked(self, call: Call, fid: FunctionId) -> int:
        """How often a call only asks about the parameter."""
        count = sum(expr == (f.NAME, self.name) for expr in _arguments(call))
        if not count:
            return 0
        things = self.ev.expr(call.callee, fid)
        return count if things and all(thing[0] == t.EXT and thing[1].startswith(_ASKING) for thing in things) else 0

    def _is_about(self, expr: Expr) -> bool:
        return expr is not None and expr[1] == (f.NAME, self.name) and expr[2] in _ABOUT_A_FUNCTION


def _arguments(call: Call) -> list[Expr]:
    return [*call.args, *(value for _, value in call.keywords)]


def _last(callee: Expr) -> str:
    """The last name of a callee."""
    return str(callee[-1]) if callee is not None and callee[0] in (f.NAME, f.ATTR) else ""
