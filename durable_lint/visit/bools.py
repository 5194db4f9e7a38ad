"""Which expressions of a function are a bool, as far as its text says."""

from __future__ import annotations

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Function
from durable_lint.index.things import FunctionId
from durable_lint.loading import cst
from durable_lint.visit.nodes import parts
from durable_lint.visit.numbering import Numbered

_ANSWERING = frozenset(
    f"builtins.{name}" for name in ("isinstance", "issubclass", "any", "all", "bool", "callable", "hasattr")
)
_DEPTH = 4
_NONE: frozenset[bool] = frozenset()
_BOTH = frozenset({True, False})


def says_bool(function: Function) -> bool:
    """Whether a function is annotated to return a bool."""
    return function.return_annotation in ((f.NAME, "bool"), (f.CONST, "bool"))


class Bools:
    """Judges the expressions of one function or lambda."""

    def __init__(self, ev: Evaluator, fid: FunctionId, numbered: Numbered) -> None:
        self.ev = ev
        self.fid = fid
        self.numbered = numbered
        self.function = ev.function(fid)
        self._calls = {call.number: call for call in self.function.calls}
        self._returns: list[cst.Return] = []
        self._assigned: dict[str, cst.BaseExpression] = {}
        node = numbered.nodes[self.function.number]
        assert isinstance(node, cst.FunctionDef | cst.Lambda)
        self._body = node.body
        self._read(node.body)

    def _read(self, node: cst.CSTNode) -> None:
        """Note what is returned and assigned, in the order of the text, nested functions left out."""
        if isinstance(node, cst.Return):
            self._returns.append(node)
        elif isinstance(node, cst.Assign) and len(node.targets) == 1:
            target = node.targets[0].target
            if isinstance(target, cst.Name):
                self._assigned[target.value] = node.value
        if not isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            for child in parts(node):
                self._read(child)

    def is_body(self) -> bool:
        """Whether the expression of a lambda is a bool."""
        return isinstance(self._body, cst.BaseExpression) and self._is_bool(self._body, _DEPTH)

    def returns(self) -> list[cst.Return]:
        """The statements that return a bool; all that return something when the function says so itself."""
        declared = says_bool(self.function)
        return [
            one for one in self._returns if one.value is not None and (declared or self._is_bool(one.value, _DEPTH))
        ]

    def _is_bool(self, node: cst.BaseExpression, depth: int) -> bool:
        """Whether an expression is a bool, in one of its branches at least."""
        return bool(self._values(node, depth))

    def _values(self, node: cst.BaseExpression, depth: int) -> frozenset[bool]:
        """Which bools an expression can be. ``x > 3 and stop() or go_on()`` is none: its ``False`` never comes out."""
        if not depth:
            return _NONE
        if isinstance(node, cst.Comparison):
            return _BOTH
        if isinstance(node, cst.UnaryOperation):
            return _BOTH if isinstance(node.operator, cst.Not) else _NONE
        if isinstance(node, cst.BooleanOperation):
            passing = frozenset({isinstance(node.operator, cst.Or)})
            return (self._values(node.left, depth - 1) & passing) | self._values(node.right, depth - 1)
        if isinstance(node, cst.IfExp):
            return self._values(node.body, depth - 1) | self._values(node.orelse, depth - 1)
        if isinstance(node, cst.NamedExpr):
            return self._values(node.value, depth - 1)
        if isinstance(node, cst.Name):
            if node.value in ("True", "False"):
                return frozenset({node.value == "True"})
            known = self._assigned.get(node.value) if len(self.function.bindings.get(node.value, ())) == 1 else None
            return self._values(known, depth - 1) if known is not None else _NONE
        return _BOTH if isinstance(node, cst.Call) and self._answers(node) else _NONE

    def _answers(self, node: cst.Call) -> bool:
        """Whether what is called gives a bool: a builtin that does, or a function of the project that says so."""
        call = self._calls.get(self.numbered.number(node))
        things = self.ev.expr(call.callee, self.fid) if call is not None else t.NOTHING
        return bool(things) and all(
            (thing[0] == t.EXT and thing[1] in _ANSWERING)
            or (thing[0] in (t.FN, t.METHOD) and says_bool(self.ev.function(thing[1])))
            for thing in things
        )
