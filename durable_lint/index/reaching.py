"""Whether the value of a call gets anywhere: to an operation, to other code, or back to a caller.

Made for values that do nothing by themselves, such as a body that waits for its operation: whatever only binds, prints,
compares or answers with such a value has lost it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Expr, Function
from durable_lint.index.issuing import argument
from durable_lint.index.regions import Issued, Regions
from durable_lint.index.things import FunctionId
from durable_lint.records import dataclass

_BODIES = frozenset({"handler", "child", "step"})
_SILENT = frozenset({"print", "str", "repr", "len", "bool", "format", "id", "type", "isinstance", "hash", "callable"})
"""Builtins that look at a value and let it go."""

_ENDS = frozenset({"output", "logging"})
"""Kinds of effects whose arguments go nowhere else."""

_KEEPING = frozenset({"add", "append", "appendleft", "clear", "discard", "extend", "index", "count", "insert", "remove",
                      "reverse", "sort", "update"})  # fmt: skip
"""Methods by which a container gives nothing away."""

_DEPTH = 6


class Reaching:
    """Follows values through variables and containers. To be asked when the project is linked."""

    def __init__(self, evaluator: Evaluator, regions: Regions) -> None:
        self.ev = evaluator
        self.regions = regions

    def is_lost(self, fid: FunctionId, index: int) -> bool:
        """Whether nothing that could run it gets the value of a call, for sure."""
        if self.ev.function(fid).kind in ("module", "class"):
            return False
        return not self._arrives((f.CALL, index), fid, _DEPTH, set())

    def _arrives(self, wanted: tuple[Any, ...], fid: FunctionId, depth: int, seen: set[object]) -> bool:
        """Whether the value of an expression of a function, a call or a name, gets anywhere."""
        if not depth:
            return True
        if (wanted, fid) in seen:
            return False
        seen.add((wanted, fid))
        function = self.ev.function(fid)
        held = _Held(wanted, self._is_container(wanted, fid))
        return (
            any(self._is_passed(held, call, fid, depth, seen) for call in function.calls)
            or self._is_answered(held, function, fid)
            or self._is_kept(held, function, fid)
            or any(self._is_bound(name, home, depth, seen) for name, home in self._bound(held, fid))
            or self._is_used_inside(wanted, function, fid, depth, seen)
        )

    def _is_container(self, wanted: tuple[Any, ...], fid: FunctionId) -> bool:
        """Whether a value may hold others; a body that waits for its operation holds none."""
        found = self.ev.expr(wanted, fid)
        return not found or any(thing[0] != t.THUNK for thing in found)

    def _is_bound(self, name: str, home: FunctionId, depth: int, seen: set[object]) -> bool:
        """Whether a value that a variable gets arrives; other modules see those of modules and classes."""
        outside = self.ev.function(home).kind in ("module", "class")
        return outside or self._arrives((f.NAME, name), home, depth - 1, seen)

    def _is_used_inside(
        self, wanted: tuple[Any, ...], function: Function, fid: FunctionId, depth: int, seen: set[object]
    ) -> bool:
        """Whether a variable gets anywhere from the functions that are nested in its scope."""
        if wanted[0] != f.NAME:
            return False
        home = self.ev.scope_of(fid, wanted[1])
        inner = [(fid[0], index) for index in function.children]
        return any(
            self.ev.scope_of(one, wanted[1]) == home and self._arrives(wanted, one, depth, seen) for one in inner
        )

    def _is_passed(self, held: _Held, call: Call, fid: FunctionId, depth: int, seen: set[object]) -> bool:
        """Whether a call gets the value: to run it, or in code that is not known to let it go."""
        callee = call.callee
        if held.by(callee):
            return callee is None or callee[0] != f.ATTR or callee[2] not in _KEEPING
        given = [*call.args, *(value for _, value in call.keywords)]
        if not any(held.by(value) for value in given):
            return False
        things = sorted(self.ev.expr(callee, fid), key=repr)
        issued = next((one for one in map(self.regions.issued, things) if one is not None), None)
        if issued is not None:
            return self._is_body(held, call, issued)
        base = callee[1] if callee is not None and callee[0] == f.ATTR else None
        if base is not None and base[0] == f.NAME and self._is_local_container(base[1], fid):
            home = self.ev.scope_of(fid, base[1])
            return home is None or self._arrives(base, home, depth - 1, seen)
        return not things or any(self._is_taken(held, thing, call, depth, seen) for thing in things)

    def _is_taken(self, held: _Held, thing: t.Thing, call: Call, depth: int, seen: set[object]) -> bool:
        """Whether a called thing may run an argument that holds the value."""
        if self._lets_go(thing):
            return False
        skip = int(thing[0] == t.METHOD)
        if thing[0] == t.DECORATED and self.ev.profiles[thing[1]].decorators[thing[2]].passes is not None:
            skip = len(self.ev.profiles[thing[1]].decorators[thing[2]].passes or ())
            thing = thing[3]
        if thing[0] not in (t.FN, t.METHOD) or self.ev.function(thing[1]).decorators[1:]:
            return True
        target = self.ev.function(thing[1])
        names = [p.name for p in target.parameters if p.kind == "pos"][skip:]
        for place, arg in enumerate(call.args):
            if held.by(arg) and (
                place >= len(names) or self._arrives((f.NAME, names[place]), thing[1], depth - 1, seen)
            ):
                return True
        known = {p.name for p in target.parameters if p.kind in ("pos", "key")}
        return any(
            held.by(value) and (name not in known or self._arrives((f.NAME, name), thing[1], depth - 1, seen))
            for name, value in call.keywords
        )

    @staticmethod
    def _is_body(held: _Held, call: Call, issued: Issued) -> bool:
        """Whether an operation gets the value as its body, and not as a name, a payload or a configuration."""
        body = issued.operation.body
        place = argument(call, body.place) if body is not None else False
        hidden = any(arg is not None and arg[0] == f.STAR for arg in call.args) or any(not n for n, _ in call.keywords)
        own = (argument(call, issued.operation.receiver),) if issued.operation.receiver is not None else ()
        return hidden or any(not isinstance(one, bool) and held.by(one) for one in (place, *own))

    def _is_local_container(self, name: str, fid: FunctionId) -> bool:
        """Whether a name is a variable of a function that holds a display."""
        home = self.ev.scope_of(fid, name)
        function = self.ev.function(home) if home is not None else None
        if function is None or function.kind == "module" or any(p.name == name for p in function.parameters):
            return False
        values = [value for value in function.bindings.get(name, ()) if value is None or value[0] != f.GROW]
        return bool(values) and all(value is not None and value[0] in (f.SEQ, f.DICT) for value in values)

    def _lets_go(self, thing: t.Thing) -> bool:
        """Whether calling a thing does nothing with its arguments that could run them."""
        if thing[0] != t.EXT:
            return thing[0] in (t.CONTEXT, t.SYMBOL) and self.ev.context(thing) is not None
        rule = self.ev.catalogue.call(thing[1])
        silent = thing[1].removeprefix("builtins.") in _SILENT and thing[1].startswith("builtins.")
        return silent or thing[1] in ("json.dumps", "json.dump") or (rule is not None and rule.kind in _ENDS)

    def _is_answered(self, held: _Held, function: Function, fid: FunctionId) -> bool:
        """Whether the value is given back to a caller that may run it; a body's answer is recorded as data."""
        if any(held.by(value) for value in function.yields):
            return True
        if not any(held.by(value) for value in function.returns):
            return False
        modes = self.regions.modes(fid)
        return not modes & _BODIES or bool(self.ev.solver.get(("caller", fid)))

    def _is_kept(self, held: _Held, function: Function, fid: FunctionId) -> bool:
        """Whether the value is stored where other code can find it, awaited, or a default of a nested function."""
        if any(held.by(write.value) and not self._is_own(write.target, fid) for write in function.writes):
            return True
        if any(held.by(value) for value in (*function.awaited, *(managed.expr for managed in function.withs))):
            return True
        for index in function.children:
            inner = self.ev.function((fid[0], index))
            if any(held.by(p.default) for p in inner.parameters) or any(held.by(value) for value in inner.decorators):
                return True
        return False

    def _is_own(self, target: Expr, fid: FunctionId) -> bool:
        """Whether what is written to is a container in a variable of the function, which is followed itself."""
        return target is not None and target[0] == f.NAME and self._is_local_container(target[1], fid)

    def _bound(self, held: _Held, fid: FunctionId) -> Iterator[tuple[str, FunctionId]]:
        """The variables that get the value, or a container that holds it."""
        scope: FunctionId | None = fid
        while scope is not None:
            function = self.ev.function(scope)
            for name, values in sorted(function.bindings.items()):
                for value in values:
                    here = scope == fid and held.by(value)
                    there = value is not None and value[0] in (f.GROW, f.FROM) and value[1] == fid[1]
                    if here or (there and value is not None and held.by(value[2])):
                        yield name, scope
            scope = self.ev.parent(scope) if scope[1] > 0 else None


@dataclass(frozen=True, slots=True)
class _Held:
    """A value as code holds it; ``is_container``: what it holds counts too."""

    wanted: tuple[Any, ...]
    is_container: bool

    def by(self, expr: Expr) -> bool:
        """Whether an expression is the value, or a container of it; what is computed from it is not."""
        if expr is None:
            return False
        if expr == self.wanted:
            return True
        kind = expr[0]
        if kind == f.SEQ:
            return any(self.by(item) for item in expr[2])
        if kind == f.DICT:
            return any(self.by(value) for _, value in expr[1])
        if kind == f.EITHER:
            return any(self.by(part) for part in expr[1])
        if kind in (f.STAR, f.AWAIT):
            return self.by(expr[1])
        if kind == f.JOIN:  # lists that are added up hold what each of them holds
            return any((part != self.wanted or self.is_container) and self.by(part) for part in expr[1])
        return (
            kind in (f.ITEM, f.EACH, f.PART, f.ENTER, f.ATTR)
            and (self.is_container or expr[1] != self.wanted)
            and self.by(expr[1])
        )
