"""Where the value of an expression is written: constants, displays, lambdas and calls, behind names and helpers.

A *form* is such an expression with the function that holds it. Flow is not followed: a name has the forms of everything
that is ever bound to it. What can't be told is None, and then nothing may be said of the expression.
"""

from __future__ import annotations

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.binding import passed
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Expr
from durable_lint.index.things import FunctionId
from durable_lint.records import dataclass

_DEPTH = 12
_MOST = 12
"""More forms than this are too many to be sure of."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A function, and the call by which it was entered, if one is looked at: ``skip`` parameters are its receiver's."""

    fid: FunctionId
    caller: Frame | None = None
    call: Call | None = None
    skip: int = 0

    @property
    def depth(self) -> int:
        """How many calls deep it is."""
        return 0 if self.caller is None else 1 + self.caller.depth


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A terminal expression: a constant, a display, a call, a function, or the name of a parameter; ``is_returned``
    where a helper gives it, be it one of the helper's own arguments."""

    expr: tuple[object, ...]
    frame: Frame
    is_returned: bool = False

    @property
    def kind(self) -> object:
        """What the expression is, see ``facts``."""
        return self.expr[0]


Found = tuple[Form, ...] | None


class Forms:
    """Finds the forms of expressions, once the project is linked."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.ev = evaluator

    def of(self, expr: Expr, frame: Frame, depth: int = _DEPTH) -> Found:
        """The forms of an expression of a function; None when it may be something else too."""
        if expr is None or depth < 0:
            return None
        kind = expr[0]
        if kind == f.NAME:
            return self._name(expr[1], frame, depth)
        if kind == f.ATTR:
            return self._attribute(expr, frame, depth)
        if kind == f.EITHER:
            return self._all([(part, frame) for part in expr[1]], depth)
        if kind == f.FROM:
            return self.of(expr[2], self._entered((frame.fid[0], expr[1]), frame), depth - 1)
        if kind == f.IMPORT:
            path = self.ev.modules.find(frame.fid[0], expr[1], expr[2]) if expr[3] else None
            return self._member(path, expr[3], depth) if path is not None else None
        if kind == f.CALL:
            return self._call(expr, frame, depth)
        if kind in (f.CONST, f.SEQ, f.DICT, f.FUNC, f.JOIN):
            return (Form(expr, frame),)
        return None

    def ways(self, fid: FunctionId) -> list[Frame]:
        """The calls that enter a function, in the order of their places."""
        known = sorted(self.ev.solver.get(("caller", fid)) | self.ev.solver.get(("given", fid)))
        return [
            Frame(fid, Frame(caller), self.ev.function(caller).calls[index], skip)
            for caller, index, skip in dict.fromkeys(known)
        ]

    @staticmethod
    def place(form: Form) -> tuple[FunctionId, Call | None]:
        """The function that looked for a form, and the call of a helper in it that led there, if one did."""
        frame = form.frame
        while frame.caller is not None and frame.caller.caller is not None:
            frame = frame.caller
        return (frame.caller.fid, frame.call) if frame.caller is not None else (frame.fid, None)

    def _all(self, parts: list[tuple[Expr, Frame]], depth: int) -> Found:
        found: list[Form] = []
        for expr, frame in parts:
            inner = self.of(expr, frame, depth - 1)
            if inner is None or len(found) > _MOST:
                return None
            found += inner
        return tuple(found) or None

    def _entered(self, scope: FunctionId, frame: Frame) -> Frame:
        """The frame of a scope as seen from another: the same one where it is the same function."""
        at: Frame | None = frame
        while at is not None:
            if at.fid == scope:
                return at
            at = at.caller
        return Frame(scope)

    def _name(self, name: str, frame: Frame, depth: int) -> Found:
        scope = self.ev.scope_of(frame.fid, name)
        if scope is None:
            return None
        function = self.ev.function(scope)
        frame = self._entered(scope, frame)
        parts: list[tuple[Expr, Frame]] = [(value, frame) for value in function.bindings.get(name, ())]
        for parameter in function.parameters:
            if parameter.name != name:
                continue
            if frame.call is None or frame.caller is None:
                if parameter.kind in ("*", "**") or parts:
                    return None
                return (Form((f.NAME, name), frame),)
            given = passed(function, name, frame.call, frame.skip) if parameter.kind in ("pos", "key") else True
            if given is True or (given is False and parameter.default is None):
                return None
            default = (parameter.default, Frame(self.ev.parent(scope)))
            parts.append(default if isinstance(given, bool) else (given, frame.caller))
        return self._all(parts, depth)

    def _attribute(self, expr: tuple[Expr, ...], frame: Frame, depth: int) -> Found:
        """A name of a module of the project, or what a class and its methods keep under a name."""
        bases = self.ev.expr(expr[1], frame.fid)
        if len(bases) != 1:
            return None
        (base,) = bases
        name = str(expr[2])
        if base[0] == t.MODULE:
            return self._member(base[1], name, depth)
        if base[0] not in (t.CLASS, t.INST):
            return None
        for owner in self.ev.classes.lineage(base[1]):
            if owner[0] != t.CLASS:
                return None
            function = self.ev.function(owner[1])
            values = [*function.attributes.get(name, ()), *function.bindings.get(name, ())]
            if values:
                return self._all([(value, Frame(owner[1])) for value in values], depth)
        return None

    def _member(self, path: str, name: str, depth: int) -> Found:
        module = self.ev.modules.get(path) if path.endswith(".py") else None
        if module is None or name not in module.functions[0].bindings:
            return None
        return self._name(name, Frame((path, 0)), depth - 1)

    def _call(self, expr: tuple[object, ...], frame: Frame, depth: int) -> Found:
        """What a helper returns; a call of anything else is a form itself."""
        call = self.ev.function(frame.fid).calls[int(str(expr[1]))]
        callees = self.ev.expr(call.callee, frame.fid)
        helpers = [thing for thing in callees if thing[0] in (t.FN, t.METHOD)]
        if not helpers:
            return (Form(expr, frame),)
        if len(callees) > 1 or frame.depth > 3:
            return None
        function = self.ev.function(helpers[0][1])
        if function.is_async or function.is_generator or function.decorators or not function.returns:
            return None
        inner = Frame(helpers[0][1], frame, call, int(helpers[0][0] == t.METHOD))
        found = self._all([(value, inner) for value in function.returns], depth)
        return tuple(Form(form.expr, form.frame, True) for form in found) if found is not None else None
