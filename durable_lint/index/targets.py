"""The functions that are invoked: whether their names say which version is meant."""

from __future__ import annotations

import re

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.effects import Hops
from durable_lint.index.facts import Call, Expr
from durable_lint.index.forms import Forms, Frame
from durable_lint.index.issuing import argument
from durable_lint.index.sdk_values import SdkValues
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Place, Profile

_NAME = r"[A-Za-z0-9_-]+"
_UNQUALIFIED = re.compile(rf"({_NAME}|(arn:[a-z-]+:lambda:[a-z0-9-]*:)?\d{{12}}:function:{_NAME})\Z")
"""A name, a partial ARN or an ARN without a version or an alias at its end."""

Found = tuple[int, int, str, Hops]
"""A place, the name of the function, and the hops from the place to the call that uses it, if they differ."""


class Targets:
    """Answers for the calls of one module."""

    def __init__(self, values: SdkValues, path: str) -> None:
        self.forms: Forms = values.forms
        self.ev = values.ev
        self.path = path

    def unqualified(self, expr: Expr, fid: FunctionId, call: Call) -> list[Found]:
        """The places that give a call in ``fid`` a target without a version: the call itself, or those of callers."""
        names = self._names(expr, Frame(fid))
        if names is not None:
            return [(call.start, call.end, names[0], ())] if names else []
        found: list[Found] = []
        for way in self.forms.ways(fid):
            passed = self._names(expr, way)
            if passed and way.caller is not None and way.call is not None:
                here = (fid[0], call.start, call.end, "invoked here")
                at = (way.caller.fid[0], way.call.start, way.call.end, "the name is given here")
                own = at[0] == self.path
                found.append((at[1], at[2], passed[0], (at, here)) if own else (*here[1:3], passed[0], (here, at)))
        return found

    def _names(self, expr: Expr, frame: Frame) -> list[str] | None:
        """The names when all that it can be lack a version; nothing when one has it; None when it can't be told."""
        forms = self.forms.of(expr, frame)
        if forms is None or any(form.kind != f.CONST for form in forms):
            return None
        names = [str(form.expr[1]) for form in forms]
        return names if all(_UNQUALIFIED.match(name) for name in names) else []

    def of_client(self, profile: Profile, call: Call, fid: FunctionId) -> Expr | bool:
        """The function that a client's call starts, when it is a durable one and no version is given; else False."""
        callee = call.callee
        if callee is None or callee[0] != f.ATTR:
            return False
        for one in profile.values.client_invokes:
            if callee[2] != one.method:
                continue
            keywords = dict(call.keywords)
            if one.marks not in keywords or one.qualifier in keywords or "" in keywords:
                continue
            if any(thing[0] == t.OBJ and thing[1] in one.clients for thing in self.ev.expr(callee[1], fid)):
                return argument(call, Place(len(call.args), one.target))
        return False
