"""What is written where an operation takes a body: the expressions, and what each of them can stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.binding import passed
from durable_lint.index.effects import Hops
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Expr, Function
from durable_lint.index.issuing import Site, argument
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.knowledge.profiles import Body, Decorator
from durable_lint.records import dataclass

Leaf = tuple[tuple[Any, ...], FunctionId]
"""An expression, never None, and the function in which it is read."""

_DEPTH = 4
"""So many bindings or wrappers are followed from one to the next."""

_HARMLESS = frozenset({"builtins.staticmethod", "builtins.classmethod", "functools.cache", "functools.lru_cache",
                       "functools.lru_cache()", "functools.wraps()", "typing.override", "typing.final"})  # fmt: skip
"""Decorators that leave the parameters and the result of a function as they are."""


@dataclass(frozen=True, slots=True)
class Handed:
    """An expression that an operation gets as a body, in function ``fid``; ``start`` and ``end`` span its text.

    ``hops`` lead from there to the operation where a wrapper stands between; ``whole``: the expression is the very
    argument, or an item of the list that is.
    """

    site: Site
    body: Body
    expr: tuple[Any, ...]
    fid: FunctionId
    start: int
    end: int
    hops: Hops = ()
    whole: bool = True

    @property
    def path(self) -> str:
        """The module that it is written in."""
        return self.hops[0][0] if self.hops else self.site.fid[0]


class Bodies:
    """Answers what operations are handed. To be asked when the project is linked."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.ev = evaluator

    def handed(self, site: Site) -> list[Handed]:
        """The bodies that are written for an operation, in its call or in those of wrappers that pass them on."""
        body = site.issued.operation.body
        given = argument(site.call, body.place) if body is not None else False
        if body is None or isinstance(given, bool):
            return []
        return list(self._written(given, site.fid, site.call, site, body.many, (), True))

    def _written(
        self, expr: Expr, fid: FunctionId, call: Call, site: Site, many: bool, hops: Hops, whole: bool
    ) -> Iterator[Handed]:
        body = site.issued.operation.body
        if expr is None or body is None or len(hops) > _DEPTH:
            return
        if expr[0] == f.EITHER:
            for part in expr[1]:
                if part is None or part[0] != f.NAME or not self._is_parameter(part[1], fid):
                    yield from self._written(part, fid, call, site, many, hops, whole)
        elif many:
            yield from self._list(expr, fid, call, site, hops, whole)
        elif expr[0] == f.NAME and self._is_parameter(expr[1], fid):
            yield from self._passed(expr[1], fid, site, False, hops)
        else:
            carried = self._carried(expr, fid)
            if carried is not None:
                inner, made = carried
                yield from self._written(inner, fid, made, site, False, hops, whole)
            else:
                start, end, exact = self._span(expr, fid, call)
                yield Handed(site, body, expr, fid, start, end, hops, whole and exact)

    def _list(
        self, expr: tuple[Any, ...], fid: FunctionId, call: Call, site: Site, hops: Hops, whole: bool
    ) -> Iterator[Handed]:
        """The items of a list of bodies: of a display, of a variable of this function, or of a wrapper's argument."""
        if expr[0] == f.SEQ:
            for item in expr[2]:
                star = item is not None and item[0] == f.STAR
                yield from self._written(item[1] if star else item, fid, call, site, star, hops, whole)
        elif expr[0] == f.NAME:
            if self._is_parameter(expr[1], fid):
                yield from self._passed(expr[1], fid, site, True, hops)
                return
            scope = self.ev.scope_of(fid, expr[1])
            for value in self.ev.function(scope).bindings.get(expr[1], ()) if scope is not None else ():
                inner, home = (
                    (value[2], (scope[0], value[1])) if value and value[0] == f.GROW and scope else (value, scope)
                )
                if inner is not None and inner[0] == f.SEQ and home is not None:
                    yield from self._items(expr, inner, home, fid, call, site, hops)

    def _items(
        self, name: tuple[Any, ...], inner: tuple[Any, ...], home: FunctionId, fid: FunctionId, call: Call, site: Site,
        hops: Hops,
    ) -> Iterator[Handed]:  # fmt: skip
        """The items of a list that was made before: they are reported where the list is handed over."""
        start, end, _ = self._span(name, fid, call)
        for one in self._written(inner, home, call, site, True, hops, False):
            yield Handed(site, one.body, one.expr, one.fid, start, end, one.hops, False) if not one.hops else one

    def _carried(self, expr: tuple[Any, ...], fid: FunctionId) -> tuple[Expr, Call] | None:
        """What a call of a carrier, such as a branch object, is given as its body; with that call."""
        if expr[0] != f.CALL:
            return None
        call = self.ev.function(fid).calls[expr[1]]
        for thing in self.ev.expr(call.callee, fid):
            symbol = self.ev.symbol(thing[1]) if thing[0] == t.EXT else None
            carrier = symbol[0].carriers.get(symbol[1]) if symbol is not None else None
            if carrier is not None:
                given = argument(call, carrier.place)
                return (None if isinstance(given, bool) else given), call
        return None

    def _is_parameter(self, name: str, fid: FunctionId) -> bool:
        """Whether a name is a parameter that is never bound again."""
        scope = self.ev.scope_of(fid, name)
        function = self.ev.function(scope) if scope is not None else None
        return function is not None and any(p.name == name for p in function.parameters)

    def _passed(self, name: str, fid: FunctionId, site: Site, many: bool, hops: Hops) -> Iterator[Handed]:
        """What the callers of a wrapper pass on; nothing where the wrapper looks at it first."""
        scope = self.ev.scope_of(fid, name)
        if scope is None or name in self.ev.function(scope).bindings or self._looked_at(name, scope):
            return
        function = self.ev.function(scope)
        for caller, index, skip in sorted(self.ev.solver.get(("caller", scope))):
            call = self.ev.function(caller).calls[index]
            given = passed(function, name, call, skip)
            if not isinstance(given, bool):
                start, end = (call.start, call.end) if given is None else self._span(given, caller, call)[:2]
                first = (caller[0], start, end, function.name)
                rest = hops or ((site.fid[0], site.call.start, site.call.end, site.issued.operation.name),)
                yield from self._written(given, caller, call, site, many, (first, *rest), False)

    def _looked_at(self, name: str, scope: FunctionId) -> bool:
        """Whether a function tests a parameter or hands it to code that may look what it is."""
        function = self.ev.function(scope)
        loads = [load[0] for load in function.loads.get(name, ())]
        if any(number in function.tested for number in loads):
            return True
        for call in function.calls:
            if (f.NAME, name) in call.args and all(thing[0] == t.EXT for thing in self.ev.expr(call.callee, scope)):
                return True
        return False

    def _span(self, expr: tuple[Any, ...], fid: FunctionId, call: Call) -> tuple[int, int, bool]:
        """Where an expression stands within a call; the whole call and False where that isn't known."""
        function = self.ev.function(fid)
        if expr[0] == f.CALL:
            made = function.calls[expr[1]]
            return made.start, made.end, True
        if expr[0] == f.FUNC and self.ev.function((fid[0], expr[1])).kind == "lambda":
            inner = self.ev.function((fid[0], expr[1]))
            return inner.start, inner.end, True
        places = [(load[1], load[2]) for load in function.loads.get(expr[1], ())] if expr[0] == f.NAME else []
        places += [(read.start, read.end) for read in function.reads if read.expr == expr]
        inside = sorted(place for place in places if call.start <= place[0] and place[1] <= call.end)
        return (*inside[0], len(inside) == 1) if inside else (call.start, call.end, False)

    # What an expression can stand for

    def leaves(self, expr: Expr, fid: FunctionId, depth: int = _DEPTH) -> list[Leaf] | None:
        """The expressions that a value comes from, through variables and conditions; None when one isn't known."""
        if expr is None or not depth:
            return None
        if expr[0] == f.FROM:
            return self.leaves(expr[2], (fid[0], expr[1]), depth - 1)
        if expr[0] == f.EITHER:
            return self._all(((part, fid) for part in expr[1]), depth)
        if expr[0] != f.NAME:
            return [(expr, fid)]
        scope = self.ev.scope_of(fid, expr[1])
        if scope is None or self._is_parameter(expr[1], fid):
            return None
        values = [value for value in self.ev.function(scope).bindings[expr[1]] if not value or value[0] != f.GROW]
        return self._all(((value, scope) for value in values), depth - 1)

    def _all(self, values: Iterator[tuple[Expr, FunctionId]], depth: int) -> list[Leaf] | None:
        found: list[Leaf] = []
        for value, home in values:
            inner = self.leaves(value, home, depth)
            if inner is None:
                return None
            found += inner
        return found

    def things(self, leaf: Leaf) -> Things:
        """What a leaf stands for."""
        return self.ev.expr(*leaf)

    def is_plain(self, fid: FunctionId, below: Decorator | None = None) -> bool:
        """Whether a function is called as it is written: no decorator, but for harmless ones, has changed it.

        With ``below`` only the decorators count that are applied before that one.
        """
        function = self.ev.function(fid)
        decorators = list(function.decorators)
        if below is not None:
            places = [i for i, one in enumerate(decorators) if below.name in self._names(one, fid)]
            decorators = decorators[places[-1] + 1 :] if places else decorators
        return all(self._is_harmless(one, fid) for one in decorators)

    def is_outermost(self, fid: FunctionId, decorator: Decorator) -> bool:
        """Whether nothing but harmless decorators is applied after one of the SDK's."""
        decorators = self.ev.function(fid).decorators
        places = [i for i, one in enumerate(decorators) if decorator.name in self._names(one, fid)]
        return all(self._is_harmless(one, fid) for one in decorators[: places[0] if places else len(decorators)])

    def _names(self, decorator: Expr, fid: FunctionId) -> set[str]:
        """The SDK's names that a decorator, or its factory, can be."""
        found = set()
        for thing in self.ev.expr(decorator, self.ev.parent(fid)):
            symbol = self.ev.symbol(thing[1].removesuffix("()")) if thing[0] == t.EXT else None
            found |= {symbol[1]} if symbol is not None else {thing[2]} if thing[0] == t.FACTORY else set()
        return found

    def _is_harmless(self, decorator: Expr, fid: FunctionId) -> bool:
        found = self.ev.expr(decorator, self.ev.parent(fid))
        return bool(found) and all(thing[0] == t.EXT and thing[1] in _HARMLESS for thing in found)

    def decorator(self, thing: Thing) -> Decorator:
        """The SDK's decorator behind a decorated function or its thunk."""
        return self.ev.profiles[thing[1]].decorators[thing[2]]

    def function_of(self, thing: Thing) -> Function | None:
        """The function of the project behind a plain function, a bound method or what an SDK's decorator made of it."""
        while thing[0] in (t.DECORATED, t.THUNK):
            thing = thing[3]
        return self.ev.function(thing[1]) if thing[0] in (t.FN, t.METHOD) else None
