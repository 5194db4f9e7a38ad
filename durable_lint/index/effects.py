"""What calling a function does to the world or takes from it, with the shortest path to each cause.

An *entry* is ``(key, length, hops, api)``. The key is the kind of effect, or, for a call of something that came in as a
parameter, ``(SYMBOL, function, parameter, path)``: it is decided at each call. Hops lead from the call to the cause:
``(module path, start, end, text)`` with offsets in that module's text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import orders
from durable_lint.index import things as t
from durable_lint.index.ambient import is_operation, issues
from durable_lint.index.binding import Arguments, bind
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.externals import CALLING
from durable_lint.index.facts import Call
from durable_lint.index.given import given
from durable_lint.index.import_time import ImportTime
from durable_lint.index.taught import Taught
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.knowledge.conditions import Arguments as Given
from durable_lint.knowledge.profiles import AMBIENT

Hops = tuple[tuple[str, int, int, str], ...]
Entry = tuple[Any, int, Hops, str]

MEMOISED = "memoised"
"""The kind of a call of a cached function whose body is impure: the cache belongs to one sandbox."""

READ = "read"
"""The key ``(READ, function, parameter, path)``: a read of what may belong to one invocation, decided at each call."""

IMPORT_TIME = "import-time"
"""The kind of a read of a module's or a class's value that was made by a clock, by chance or as an id at import."""

_DEPTH = 4


def best(entries: Iterable[Entry]) -> dict[Any, Entry]:
    """The shortest entry of each key; equally short ones in the order of their text."""
    found: dict[Any, Entry] = {}
    for entry in entries:
        known = found.get(entry[0])
        if known is None or (entry[1], entry[2], entry[3]) < (known[1], known[2], known[3]):
            found[entry[0]] = entry
    return found


class Effects:
    """Summaries of functions, in the evaluator's fixpoint. ``has_context`` says which functions judge themselves."""

    def __init__(self, evaluator: Evaluator, taught: Taught) -> None:
        self.ev = evaluator
        self.taught = taught
        self.import_time = ImportTime(evaluator, self)
        evaluator.register("sum", self._summary)
        contexts = [context for profile in evaluator.profiles.values() for context in profile.contexts.values()]
        self._has_ambient = any(context.id == AMBIENT for context in contexts)
        self._unstable_names = {path[-1] for context in contexts for path in context.unstable}
        evaluator.register("own", self._own_context)

    # Functions

    def summary(self, fid: FunctionId, receiver: Thing | None = None) -> frozenset[Entry]:
        """What calling a function does; empty for one that has a context, because findings stand in it.

        ``receiver`` is the instance whose method it is, where its class is known and overrides matter.
        """
        return self.ev.solver.get(("sum", fid, receiver))

    def has_context(self, fid: FunctionId) -> bool:
        """Whether a function issues operations or hands a context on."""
        return bool(self.ev.solver.get(("own", fid)))

    def _own_context(self, fid: FunctionId) -> frozenset[Any]:
        function = self.ev.function(fid)
        if any(self.is_context(role) for p in function.parameters for role in self._roles(fid, p.name)):
            return frozenset({True})
        for call in function.calls:
            if self._is_own_method(fid, call):
                return frozenset({True})
            callees = self.ev.expr(call.callee, fid) if self._has_ambient else t.NOTHING
            if any(thing[0] in (t.FN, t.METHOD) and issues(self.ev, thing[1]) for thing in callees):
                return frozenset({True})
            for expr in (call.callee, *call.args, *(value for _, value in call.keywords)):
                if any(self.is_context(thing) or self._is_sibling(fid, thing) for thing in self.ev.expr(expr, fid)):
                    return frozenset({True})
        return t.NOTHING

    def _is_on_self(self, fid: FunctionId, call: Call) -> bool:
        """Whether a call is one of a method of ``self``."""
        parameters = self.ev.function(fid).parameters
        in_class = bool(parameters) and self.ev.function(self.ev.parent(fid)).kind == "class"
        return in_class and call.callee is not None and call.callee[:2] == (f.ATTR, (f.NAME, parameters[0].name))

    def exact(self, thing: Thing) -> Thing | None:
        """The receiver of a method if its class is known for sure and the method's class has subclasses."""
        if thing[0] != t.METHOD or thing[2][0] != t.INST or len(thing[2]) > 2:
            return None
        receiver: Thing = thing[2]
        return receiver if self.ev.solver.get(("subclasses", self.ev.parent(thing[1]))) else None

    def _is_sibling(self, fid: FunctionId, thing: Thing) -> bool:
        """Whether a thing is a method of the same class that has a context: handing it on hands that on."""
        is_near = thing[0] == t.METHOD and thing[1] != fid and self.ev.parent(thing[1]) == self.ev.parent(fid)
        return is_near and self.has_context(thing[1])

    def _is_own_method(self, fid: FunctionId, call: Call) -> bool:
        """Whether a call is one of a method of ``self`` that has a context."""
        if call.callee is None or not self._is_on_self(fid, call):
            return False
        methods = [thing[1] for thing in self.ev.expr(call.callee, fid) if thing[0] == t.METHOD]
        return any(self.has_context(method) for method in methods)

    def _roles(self, fid: FunctionId, name: str) -> Things:
        return self.ev.solver.get(("role", fid, name))

    def is_context(self, thing: Thing) -> bool:
        """Whether a thing is a context of workflow code, or reached from one."""
        if thing[0] == t.EXT:
            return is_operation(self.ev, thing[1])
        found = self.ev.context(thing) if thing[0] in (t.SYMBOL, t.CONTEXT) else None
        return found is not None and found[1].region == "workflow"

    def _summary(self, fid: FunctionId, receiver: Thing | None) -> frozenset[Entry]:
        if self.has_context(fid):
            return frozenset()
        function = self.ev.function(fid)
        found: list[Entry] = []
        for index in range(len(function.calls)):
            found += self.of_call(fid, index, receiver)
        for read in function.reads:
            used = read.number not in function.aliased
            found += self.of_read(fid, read.expr, (fid[0], read.start, read.end), used)
        for name, loads in function.loads.items():
            uses = [load for load in loads if load[0] not in function.aliased] or loads
            found += self.of_read(fid, (f.NAME, name), (fid[0], *uses[0][1:]), uses[0][0] not in function.aliased)
        for managed in function.withs:
            found += self.of_with(fid, managed.expr, (fid[0], managed.start, managed.end))
        if any(orders.takes_order(self.ev, value, fid) for value in (*function.returns, *function.yields)):
            found.append(("order", 1, ((fid[0], function.start, function.start, "set"),), "set"))
        return frozenset(best(found).values())

    # Places

    def of_call(self, fid: FunctionId, index: int, receiver: Thing | None = None) -> list[Entry]:
        """What one call in a function does, by all things that its callee can be."""
        call = self.ev.function(fid).calls[index]
        place = (fid[0], call.start, call.end)
        things = self.ev.expr(call.callee, fid)
        if receiver is not None and self._is_on_self(fid, call) and call.callee is not None:
            things = self.ev.attribute(receiver, call.callee[2])
        arguments = self.ev.arguments(call, fid) if any(map(self._looks_at_arguments, things)) else Arguments()
        return [entry for thing in things for entry in self.of_thing(thing, arguments, fid, place, call, _DEPTH)]

    def _looks_at_arguments(self, thing: Thing) -> bool:
        """Whether what calling a thing does can depend on what is passed; most calls needn't be asked for that."""
        if thing[0] == t.EXT:
            return thing[1] in CALLING
        if thing[0] in (t.FN, t.METHOD):
            return bool(self.summary(thing[1], self.exact(thing)))
        return thing[0] in (t.CLASS, t.INST, t.PARTIAL, t.MEMBER)

    def of_read(self, fid: FunctionId, expr: f.Expr, place: tuple[str, int, int], used: bool = True) -> list[Entry]:
        """What reading a name or an attribute does: catalogued reads, and the project's properties.

        A catalogued name that is not ``used``, only bound to another one, is read where that is used.
        """
        assert expr is not None
        found: list[Entry] = []
        for thing in self.ev.expr(expr, fid):
            rule = self.ev.catalogue.read(thing[1]) if thing[0] == t.EXT and used else None
            if rule is not None:
                found.append((rule.kind, 1, ((*place, thing[1]),), thing[1]))
            elif expr[0] != f.ATTR:
                continue
            elif thing[0] == t.SYMBOL and thing[1] == fid and thing[3] and self.ev.context(thing) is None:
                if thing[3][-1] in self._unstable_names:
                    found.append(((READ, *thing[1:]), 1, ((*place, thing[3][-1]),), thing[3][-1]))
            elif thing[0] in (t.SYMBOL, t.CONTEXT) and thing[-1]:
                found += self._of_invocation(thing, place, False)
        found += [(IMPORT_TIME, 1, ((*place, api),), api) for api in self.import_time.apis(expr, fid)]
        if expr[0] == f.ATTR:
            bases = self.ev.concrete(self.ev.expr(expr[1], fid))
            for target in self.ev.classes.properties(bases, expr[2]):
                found += self._through(self.summary(target), (*place, self._name(target)))
        return found

    def of_with(self, fid: FunctionId, expr: f.Expr, place: tuple[str, int, int]) -> list[Entry]:
        """What entering and leaving the project's own context managers does."""
        found: list[Entry] = []
        for thing in self.ev.concrete(self.ev.expr(expr, fid)):
            for name in ("__enter__", "__exit__", "__aenter__", "__aexit__"):
                for target in self.ev.classes.methods(thing, name):
                    found += self._through(self.summary(target), (*place, self._name(target)))
        return found

    # Things

    def of_thing(
        self,
        thing: Thing,
        arguments: Arguments,
        fid: FunctionId,
        place: tuple[str, int, int],
        call: Call | None,
        depth: int,
    ) -> Iterator[Entry]:
        """What calling a thing does."""
        if depth < 0:
            return
        kind = thing[0]
        by_settings = self.taught.kind(self.ev, thing)
        if by_settings is not None:
            name = thing[1] if kind == t.EXT else self._name(thing[1])
            if by_settings:
                yield (by_settings, 1, ((*place, name),), name)
            return
        if kind == t.EXT:
            yield from self._of_external(thing, arguments, fid, place, call, depth)
        elif kind == t.OBJ:
            if self.ev.member(thing, "__call__") == "effect":
                rule = self.ev.rule(thing[1])
                api = ".".join((f"{thing[1]}()", *thing[2]))
                yield (rule.kind if rule else "", 1, ((*place, api),), api)
        elif kind in (t.FN, t.METHOD):
            yield from self._of_function(thing, arguments, fid, place, depth)
        elif kind == t.CLASS:
            yield from self._of_class(thing, arguments, fid, place, depth)
        elif kind == t.INST:
            for method in self.ev.attribute(thing, "__call__"):
                yield from self.of_thing(method, arguments, fid, place, None, depth - 1)
        elif kind == t.PARTIAL:
            bound = arguments.after(thing[2], dict(thing[3]))
            yield from self.of_thing(thing[1], bound, fid, place, call, depth - 1)
        elif kind == t.SYMBOL:
            yield from self._of_symbol(thing, arguments, fid, place, depth)
        elif kind == t.CONTEXT:
            yield from self._of_invocation(thing, place, True)
        elif kind == t.MEMBER and thing[2] == "sort":
            yield from self._of_callbacks(arguments, fid, place, depth)

    def _of_callbacks(
        self, arguments: Arguments, fid: FunctionId, place: tuple[str, int, int], depth: int
    ) -> Iterator[Entry]:
        """What the callables among the arguments do, for a callee that calls them."""
        for passed in arguments.all():
            for inner in passed:
                if inner[0] in (t.FN, t.METHOD, t.PARTIAL, t.SYMBOL, t.EXT, t.OBJ):
                    yield from self.of_thing(inner, Arguments(), fid, place, None, depth - 1)

    def _of_external(
        self,
        thing: Thing,
        arguments: Arguments,
        fid: FunctionId,
        place: tuple[str, int, int],
        call: Call | None,
        depth: int,
    ) -> Iterator[Entry]:
        dotted = thing[1]
        rule = self.ev.catalogue.call(dotted)
        if rule is not None:
            known = given(self.ev, call, fid) if call is not None else Given()
            if rule.applies(known):
                yield (rule.kind, 1, ((*place, dotted),), dotted)
                return
        if dotted in CALLING:
            yield from self._of_callbacks(arguments, fid, place, depth)

    def _of_function(
        self, thing: Thing, arguments: Arguments, fid: FunctionId, place: tuple[str, int, int], depth: int
    ) -> Iterator[Entry]:
        target: FunctionId = thing[1]
        if self.has_context(target):
            return
        function = self.ev.function(target)
        entries = self.summary(target, self.exact(thing))
        hop = (*place, self._name(target))
        if any(self.ev.is_decorated(target, f"functools.{name}") for name in ("lru_cache", "cache")):
            for entry in self._through(entries, hop):
                yield (MEMOISED, *entry[1:]) if isinstance(entry[0], str) else entry
            return
        skip = 1 if thing[0] == t.METHOD else 0
        bound = bind(
            function, arguments, skip, lambda i: self.ev.expr(function.parameters[i].default, self.ev.parent(target))
        )
        for key, length, hops, api in best(entries).values():
            if isinstance(key, str):
                yield (key, length + 1, (hop, *hops), api)
            elif key[0] == READ:
                for passed in self.ev.follow(bound.get(key[2], t.NOTHING), key[3]) if key[1] == target else ():
                    if passed[0] == t.SYMBOL and passed[1] == fid and self.ev.context(passed) is None:
                        yield ((READ, *passed[1:]), length + 1, (hop, *hops), api)
                    for inner in self._of_invocation(passed, place, False) if passed[-1] else ():
                        yield (inner[0], length + 1, (hop, *hops), inner[3])
            elif key[1] == target:
                for passed in self.ev.follow(bound.get(key[2], t.NOTHING), key[3]):
                    for inner in self.of_thing(passed, Arguments(), fid, place, None, depth - 1):
                        yield (
                            inner[0],
                            length + inner[1],
                            (hop, *hops[:-1], *self._moved(inner[2], hops[-1])),
                            inner[3],
                        )
            else:
                if key[1] not in self.ev.solver.get(("decorators",)):
                    yield from self._foreign(key, length, (hop, *hops), fid, place, depth)

    @staticmethod
    def _moved(inner: Hops, last: tuple[str, int, int, str]) -> Hops:
        """The hops of something that was passed down, the first of them set where it is called."""
        return ((*last[:3], inner[0][3]), *inner[1:])

    def _of_class(
        self, thing: Thing, arguments: Arguments, fid: FunctionId, place: tuple[str, int, int], depth: int
    ) -> Iterator[Entry]:
        instance = (t.INST, thing[1])
        for name in ("__new__", "__init__", "__post_init__"):
            for target in self.ev.classes.methods(thing, name):
                given = arguments if name != "__post_init__" else Arguments()
                yield from self._of_function((t.METHOD, target, instance), given, fid, place, depth)
        for base in self.ev.classes.lineage(thing[1]):
            if base[0] != t.CLASS:
                # An instance of a class that is itself an effect to build, such as a settings object.
                yield from self._of_external(base, arguments, fid, place, None, 0)
                continue
            for name, factories in self._factories(base[1]):
                if not self._is_given(name, thing[1], arguments):
                    for factory in factories:
                        yield from self.of_thing(factory, Arguments(), fid, place, None, depth - 1)

    def _factories(self, cid: FunctionId) -> Iterator[tuple[str, Things]]:
        """The fields of a class that a factory fills when no value is given, as (name, factory)."""
        function = self.ev.function(cid)
        for name, values in function.bindings.items():
            for value in values:
                call = function.calls[value[1]] if value is not None and value[0] == f.CALL else None
                for keyword, factory in call.keywords if call is not None else ():
                    if keyword in ("default_factory", "factory"):
                        yield name, self.ev.expr(factory, cid)

    def _is_given(self, name: str, cid: FunctionId, arguments: Arguments) -> bool:
        """Whether a call of a class gives a value to one of its fields."""
        fields = self.ev.classes.fields(cid)
        position = fields.index(name) if name in fields else len(arguments.positional)
        hidden = arguments.star is not None or arguments.double is not None
        return hidden or name in arguments.keywords or position < len(arguments.positional)

    def _of_symbol(
        self, thing: Thing, arguments: Arguments, fid: FunctionId, place: tuple[str, int, int], depth: int
    ) -> Iterator[Entry]:
        if self.is_context(thing):
            yield from self._of_invocation(thing, place, True)
            return
        if thing[1] == fid:
            yield (thing, 1, ((*place, thing[2]),), thing[2])
        elif thing[1] not in self.ev.solver.get(("decorators",)) or not self.ev.is_within(fid, thing[1]):
            yield from self._foreign(thing, 0, (), fid, place, depth)

    def _of_invocation(self, thing: Thing, place: tuple[str, int, int], called: bool) -> Iterator[Entry]:
        """What a context tells of the invocation: another value in each."""
        found = self.ev.context(thing)
        path = (*thing[-1], "()") if called else thing[-1]
        if found is not None and path in found[1].unstable:
            text = ".".join(thing[-1])
            yield ("invocation", 1, ((*place, text),), text)

    def _foreign(
        self, symbol: Thing, length: int, hops: Hops, fid: FunctionId, place: tuple[str, int, int], depth: int
    ) -> Iterator[Entry]:
        """A call of another function's parameter: of what is passed to it anywhere.

        It isn't asked for what a decorator wraps: what it gives stands for one function, not for all that it wraps.
        """
        for passed in self.ev.concrete(frozenset({symbol})):
            if passed[0] == t.SYMBOL:
                continue
            for inner in self.of_thing(passed, Arguments(), fid, place, None, depth - 1):
                rest = (*hops[:-1], *self._moved(inner[2], hops[-1])) if hops else inner[2]
                yield (inner[0], length + inner[1], rest, inner[3])

    def _through(self, entries: Iterable[Entry], hop: tuple[str, int, int, str]) -> list[Entry]:
        return [(key, length + 1, (hop, *hops), api) for key, length, hops, api in best(entries).values()]

    def _name(self, fid: FunctionId) -> str:
        """How a function is called in a path: a method with its class."""
        function = self.ev.function(fid)
        if function.name == "__init__" or function.kind == "lambda":
            parent = self.ev.function(self.ev.parent(fid))
            return parent.name if function.name == "__init__" else "lambda"
        return function.name
