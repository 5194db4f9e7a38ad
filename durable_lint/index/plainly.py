"""A first look at a value that is kept: most are text, numbers, truth values, None, and lists and dicts of them.

It says of an expression that its types are such *plain* ones or unknown; where it can't tell at a glance it says no,
and ``types`` is asked. So what it says changes no finding, only how long it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call, Expr
from durable_lint.index.shapes import Shapes
from durable_lint.index.things import FunctionId, Thing
from durable_lint.index.types import TypeOf, is_augmented
from durable_lint.index.types_of_calls import FILLED
from durable_lint.knowledge.keeping import Serializer

_TYPES = frozenset({"str", "int", "float", "bool", "None", "list", "dict"})
_CONSTANTS = (str, int, float, bool, type(None))
_TELLING = frozenset({"Compare", "Not", "JoinedStr", "FormattedValue", "TemplateStr"})
"""Operators that give text or a truth value, whatever they get."""

_TEXT = frozenset({"count", "endswith", "find", "format", "isdigit", "join", "lower", "lstrip", "replace", "rstrip",
                   "split", "splitlines", "startswith", "strip", "title", "upper", "zfill"})  # fmt: skip
"""Methods of plain values that give plain ones."""

_ITEMS = frozenset({"copy", "get", "pop", "setdefault"})
_DERIVED = frozenset({"builtins.abs", "builtins.dict", "builtins.max", "builtins.min", "builtins.next", "builtins.sum",
                      "copy.copy", "copy.deepcopy", "json.loads"})  # fmt: skip
"""What gives plain values when it gets plain ones."""

_GATHERED = frozenset({"builtins.list", "builtins.sorted"})
_HOLDING = frozenset({"builtins.iter", "builtins.reversed", "builtins.set", "builtins.tuple"})
_PAIRING = frozenset({"builtins.enumerate", "builtins.zip"})
"""What holds the elements of its arguments: in a list, in something else, and in tuples."""

_WHOLE, _ELEMENTS, _PARTS = 0, 1, 2
"""What is to be plain: a value, what iterating it gives, or what that holds."""

_DEPTH = 50

Bodies = Callable[[Call, FunctionId, Thing], "Sequence[FunctionId] | None"]


def is_plain(shapes: Shapes) -> bool:
    """Whether these types are plain ones, or unknown."""
    return all(
        one.name in _TYPES and not one.large and one.keys <= {"str"} and all(is_plain(inner) for _, inner in one.parts)
        for one in shapes
    )


def keeps_plain(serializer: Serializer) -> bool:
    """Whether plain values come back as they were."""
    kept = serializer.unchanged >= _TYPES and _TYPES.isdisjoint(serializer.becomes)
    return kept and "str" in serializer.keys and "str" not in serializer.keys_as_text


class Plainly:
    """Looks at expressions; ``bodies`` gives the functions whose results an operation gives, None for anything else."""

    def __init__(self, types: TypeOf, bodies: Bodies) -> None:
        self.types = types
        self.ev = types.ev
        self.bodies = bodies
        self._known: dict[str, dict[tuple[FunctionId, str], bool]] = {}
        self._depth = 0

    def forget(self, path: str) -> None:
        """Drop what is known of a module."""
        self._known.pop(path, None)

    def exit(self, fid: FunctionId, position: int) -> bool:
        """Whether a ``return`` of a function gives a plain value."""
        function = self.ev.function(fid)
        return self._is_stated(function.return_annotation, self.ev.parent(fid)) and self.of(
            function.returns[position], fid
        )

    def of(self, expr: Expr, fid: FunctionId) -> bool:
        """Whether an expression of a function is plain."""
        if expr is None:
            return True
        if expr[0] == f.CONST:
            return isinstance(expr[1], _CONSTANTS)
        if self._depth == _DEPTH:
            return False
        self._depth += 1
        try:
            return self._of(expr, fid)
        finally:
            self._depth -= 1

    def _of(self, expr: tuple[Any, ...], fid: FunctionId) -> bool:
        kind = expr[0]
        if kind == f.NAME:
            scope = self.ev.scope_of(fid, expr[1])
            return scope is not None and self._once(scope, expr[1], self._variable)
        if kind == f.DICT:
            return all(_is_text(key) and self.of(value, fid) for key, value in expr[1])
        if kind == f.CALL:
            return self._call(expr, fid, _WHOLE)
        if kind == f.SEQ:
            return expr[1] == "list" and self._each(expr, fid, _ELEMENTS)
        if kind == f.JOIN:
            return expr[2] in _TELLING or all(self.of(part, fid) for part in expr[1])
        if kind == f.EITHER:
            return all(self.of(part, fid) for part in expr[1])
        if kind in (f.ITEM, f.PART):
            base = expr[1]
            return self._each(base[1], fid, _PARTS) if base is not None and base[0] == f.EACH else self.of(base, fid)
        if kind == f.EACH:
            return self._each(expr[1], fid, _ELEMENTS)
        return kind == f.FROM and self.of(expr[2], (fid[0], expr[1]))

    def _once(self, fid: FunctionId, name: str, compute: Callable[[FunctionId, str], bool]) -> bool:
        """Look at a variable, or with an empty name at what a function returns; no for what depends on itself."""
        known = self._known.setdefault(fid[0], {})
        key = (fid, name)
        if key not in known:
            known[key] = False
            known[key] = compute(fid, name)
        return known[key]

    def _is_stated(self, annotation: Expr, home: FunctionId) -> bool:
        return annotation is None or is_plain(self.types.classes.annotated(annotation, home))

    def _variable(self, scope: FunctionId, name: str) -> bool:
        function = self.ev.function(scope)
        for place, parameter in enumerate(function.parameters):
            if parameter.name == name:
                owned = not place and self.ev.function(self.ev.parent(scope)).kind == "class"
                if owned or parameter.kind == "*" or not self._is_stated(parameter.annotation, self.ev.parent(scope)):
                    return False
        if not self._is_stated(function.annotations.get(name), scope):
            return False
        given = [value for call in self.types.uses.updates(scope, name) for value in _arguments(call)]
        return all(self._bound(value, scope, name) for value in function.bindings.get(name, ())) and all(
            self.of(value, scope) for value in given
        )

    def _bound(self, value: Expr, scope: FunctionId, name: str) -> bool:
        if value is not None and value[0] == f.GROW:
            return self.of(value[2], (scope[0], value[1]))
        return self.of(value[1][1] if value is not None and is_augmented(value, name) else value, scope)

    def _each(self, expr: Expr, fid: FunctionId, how: int) -> bool:
        """Whether iterating an expression gives plain values, or what holds plain values."""
        if expr is not None and expr[0] == f.SEQ:
            stars = [item[1] for item in expr[2] if item is not None and item[0] == f.STAR]
            others = [item for item in expr[2] if item is None or item[0] != f.STAR]
            return all(self._each(star, fid, how) for star in stars) and all(self.of(item, fid) for item in others)
        if expr is not None and expr[0] == f.CALL:
            return self._call(expr, fid, how)
        return self.of(expr, fid)

    # Calls

    def _call(self, expr: tuple[Any, ...], fid: FunctionId, how: int) -> bool:
        """Whether what a call gives is plain, as a whole or what it holds."""
        call = self.ev.function(fid).calls[expr[1]]
        things = self.ev.concrete(self.ev.expr(call.callee, fid))
        if len(things) > 1:
            return False
        for thing in things:
            if self.types.issuing.issued(thing) is not None:
                bodies = self.bodies(call, fid, thing)
                return bodies is not None and all(self._once(body, "", self._returned) for body in bodies)
            if thing[0] == t.FN and self._is_of_module(call.callee, fid):
                given = all(self.of(value, fid) for value in _arguments(call))
                return given and self._once(thing[1], "", self._returned)
            if thing[0] == t.EXT:
                return self._external(thing[1], call, fid, how)
            if thing[0] == t.OBJ:
                return is_plain(self.types.calls.outside(thing) or self.types.of(expr, fid))
            if thing[0] not in (t.SYMBOL, t.MEMBER):
                return False
        return self._method(call, fid, how)

    def _is_of_module(self, callee: Expr, fid: FunctionId) -> bool:
        """Whether a function is called by its name, or as an attribute of its module."""
        if callee is None or callee[0] != f.ATTR:
            return True
        return all(thing[0] == t.MODULE for thing in self.ev.expr(callee[1], fid))

    def _external(self, dotted: str, call: Call, fid: FunctionId, how: int) -> bool:
        if dotted in _DERIVED:
            return all(self.of(value, fid) for value in _arguments(call))
        if dotted in _GATHERED or (how and dotted in _HOLDING):
            return all(self._each(value, fid, how or _ELEMENTS) for value in call.args)
        if how == _PARTS and dotted in _PAIRING:
            return all(self._each(value, fid, _ELEMENTS) for value in call.args)
        if how and dotted == "builtins.range":
            return True
        found = self.types.calls.outside((t.EXT, dotted))
        return bool(found) and dotted.removeprefix("builtins.") not in FILLED and is_plain(found)

    def _method(self, call: Call, fid: FunctionId, how: int) -> bool:
        """Whether a method of a plain value gives a plain one."""
        if call.callee is None or call.callee[0] != f.ATTR or not self.of(call.callee[1], fid):
            return False
        name = call.callee[2]
        if name in _ITEMS:
            return all(self.of(value, fid) for value in _arguments(call))
        viewed = name in ("keys", "values") if how == _ELEMENTS else how == _PARTS and name in ("items", "values")
        return name in _TEXT or viewed

    def _returned(self, fid: FunctionId, _: str) -> bool:
        function = self.ev.function(fid)
        if function.is_async or function.is_generator:
            return False
        return self.types.is_wrapped(fid) or all(self.exit(fid, place) for place in range(len(function.returns)))


def _arguments(call: Call) -> list[Expr]:
    return [*call.args, *(value for _, value in call.keywords)]


def _is_text(key: Expr) -> bool:
    """Whether a key of a display is text, or stands for the items of another mapping."""
    return key is None or (key[0] == f.CONST and isinstance(key[1], str)) or key[::2] == (f.JOIN, "JoinedStr")
