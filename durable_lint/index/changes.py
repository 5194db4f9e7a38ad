"""Which state functions change: variables of outer scopes, parameters, attributes, module globals.

State is named by its *origin*: ``("var", scope, name)``, ``("param", function, name, inner)``,
``("attr", class, name)`` or ``("default", function, name)`` for a mutable default value; ``inner`` says that something
in it is meant, which a copy of it shares. A *change* is ``(origin, key, length, hops, exempt)``: ``key`` is the item
or attribute that is changed if it is constant, else None.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.binding import passed
from durable_lint.index.effects import Hops
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Expr, Function, Write
from durable_lint.index.filling import filled
from durable_lint.index.things import FunctionId, Things

Origin: TypeAlias = tuple[Any, ...]
Change: TypeAlias = tuple[Origin, object, int, Hops, str]

PLAIN, CLIENT, MEMO = "", "client", "memo"
"""Why a change may be left alone: it keeps a client, or it fills a cache under a guard."""

_VIEWS = frozenset({"get", "setdefault", "values", "items", "keys", "pop", "popitem", "__getitem__"})
_ELEMENTWISE = frozenset({"builtins.enumerate", "builtins.reversed", "builtins.zip", "builtins.iter", "builtins.sorted",
                          "builtins.list", "builtins.tuple", "builtins.filter", "builtins.next"})  # fmt: skip
_COPYING = frozenset({"builtins.dict", "builtins.set", "copy.copy", "collections.deque"}) | _ELEMENTWISE
_CHANGING = frozenset({"heapq.heappush", "heapq.heappop", "heapq.heapify", "heapq.heapreplace", "heapq.heappushpop",
                       "builtins.setattr", "builtins.delattr", "bisect.insort", "bisect.insort_left",
                       "bisect.insort_right", "random.shuffle", "operator.setitem", "operator.delitem",
                       "builtins.next"})  # fmt: skip
"""Functions of the standard library that change their first argument."""

_SURE = frozenset(
    ["append", "extend", "insert", "setdefault", "popitem", "appendleft", "extendleft", "reverse", "sort"]
)
_DEPTH = 8
_LONGEST = 1000
"""Longer paths are given up."""


class Changes:
    """Summaries of what functions change, in the evaluator's fixpoint.

    ``watches`` says of a function, or of all that imports into a module, whether it only looks on from a test: it
    reads after the execution what the bodies have done in this process, which is what it asks for.
    """

    def __init__(self, evaluator: Evaluator, watches: Callable[[str, FunctionId | None], bool]) -> None:
        self.ev = evaluator
        self.watches = watches
        evaluator.register("mut", self._summary)

    def summary(self, fid: FunctionId) -> list[Change]:
        """What calling a function changes beyond its own variables, sorted; the shortest path for each place."""
        found: dict[tuple[object, ...], Change] = {}
        for change in self._all(fid):
            self._keep(found, (*change[:2], change[3][0][:3]), change)
        return sorted(found.values(), key=lambda change: (change[3], repr(change[:3])))

    def _all(self, fid: FunctionId) -> set[Change]:
        function = self.ev.function(fid)
        found = {change for write in self.writes(fid) for change in self.own(fid, function, write)}
        for index in range(len(function.calls)):
            found |= set(self.through(fid, index))
        return found

    def _summary(self, fid: FunctionId) -> frozenset[Change]:
        """What callers need to know: for each part of each state one change, wherever the function makes it."""
        found: dict[tuple[object, ...], Change] = {}
        for change in self._all(fid):
            if change[2] < _LONGEST:
                self._keep(found, (*change[:2], change[4]), change)
        return frozenset(found.values())

    @staticmethod
    def _keep(found: dict[tuple[object, ...], Change], key: tuple[object, ...], change: Change) -> None:
        """Keep the shortest change of each key, equally short ones in the order of their places."""
        if key not in found or (change[2], change[3]) < (found[key][2], found[key][3]):
            found[key] = change

    def writes(self, fid: FunctionId) -> list[Write]:
        """The writes of a function, with those that it makes through functions of the standard library."""
        function = self.ev.function(fid)
        found = list(function.writes)
        for call in function.calls:
            callees = self.ev.expr(call.callee, fid) if call.args else t.NOTHING
            if any(thing[0] == t.EXT and thing[1] in _CHANGING for thing in callees):
                found.append(Write(call.number, "function", call.args[0], call.callee, call.start, call.end))
        return found

    def own(self, fid: FunctionId, function: Function, write: Write) -> Iterator[Change]:
        """What one write of a function changes, as seen from outside the function."""
        if not self.is_change(fid, function, write):
            return
        exempt = self.exempt(fid, write)
        hops: Hops = ((fid[0], write.start, write.end, "written here"),)
        for origin in sorted(self.changed(fid, write), key=repr):
            if origin[0] != "var" or origin[1] != fid:
                # The key tells parts of the variable itself apart, not of what hangs on it.
                direct = write.target is not None and write.target[0] == f.NAME and origin[0] != "attr"
                key = write.key if direct else None
                yield (origin, key, 1, hops, exempt)

    def through(self, fid: FunctionId, index: int) -> Iterator[Change]:
        """What a call changes through the function that it calls, beyond the caller's own variables."""
        return (change for change in self.reached(fid, index) if change[0][0] != "var" or change[0][1] != fid)

    def reached(self, fid: FunctionId, index: int) -> Iterator[Change]:
        """What a call changes through the function that it calls, variables of the caller too."""
        call = self.ev.function(fid).calls[index]
        functions = [thing for thing in self.ev.expr(call.callee, fid) if thing[0] in (t.FN, t.METHOD)]
        for thing in sorted(functions, key=repr):
            target = thing[1]
            hop = (fid[0], call.start, call.end, self.ev.function(target).name)
            for origin, key, length, hops, exempt in self._known(target):
                for outer in self._outside(origin, target, thing, call, fid):
                    part = origin[2] if origin[0] == "attr" and outer != origin else key
                    yield (outer, part, length + 1, (hop, *hops), exempt)

    def _known(self, target: FunctionId) -> list[Change]:
        """The summary of a called function as far as it is known, the shortest change of each key."""
        found: dict[tuple[object, ...], Change] = {}
        for change in self.ev.solver.get(("mut", target)):
            self._keep(found, (*change[:2], change[4]), change)
        return list(found.values())

    def _outside(self, origin: Origin, target: FunctionId, thing: t.Thing, call: Call, fid: FunctionId) -> set[Origin]:
        """The state of the caller that stands behind state of the called function."""
        if origin[0] == "attr" and thing[0] == t.METHOD and thing[2][0] == t.INST:
            base = call.callee[1] if call.callee is not None and call.callee[0] == f.ATTR else None
            return {origin} if self._is_self(base, fid) else self.origins(base, fid)
        if origin[0] == "param" and origin[1] == target:
            given = passed(self.ev.function(target), origin[2], call, 1 if thing[0] == t.METHOD else 0)
            if given is False:
                return {("default", target, origin[2])} if self.mutable_default(target, origin[2]) else set()
            return self.origins(given, fid, origin[3]) if not isinstance(given, bool) else set()
        return set() if origin[0] == "var" and origin[1] == target else {origin}

    def mutable_default(self, fid: FunctionId, name: str) -> bool:
        """Whether a parameter's default value is a display or a new container."""
        for parameter in self.ev.function(fid).parameters:
            if parameter.name == name and parameter.default is not None:
                if parameter.default[0] in (f.SEQ, f.DICT):
                    return bool(parameter.default[0] == f.DICT or parameter.default[1] != "tuple")
                made = self.ev.expr(parameter.default, self.ev.parent(fid))
                return any(thing[0] in (t.CONTAINER, t.KEYED) and thing[1] != "tuple" for thing in made)
        return False

    # One write

    def is_change(self, fid: FunctionId, function: Function, write: Write) -> bool:
        """Whether a write changes plain state: clients, sessions and the project's own methods are no containers."""
        things = self.ev.concrete(self.ev.expr(write.target, fid))
        # What is added to a variable makes it no container: a session has ``add`` too.
        things = frozenset(thing for thing in things if thing[:2] != (t.CONTAINER, "grown")) or things
        if write.how == "function":
            return self._is_changing_function(write, things, fid)
        if write.how == "augmented":
            name = write.target[1] if write.target is not None else ""
            grown = [v for v in function.bindings.get(name, ()) if v is not None and v[0] == f.JOIN]
            lists = any(p is not None and p[0] == f.SEQ for value in grown for p in value[1])
            return lists and any(parameter.name == name for parameter in function.parameters)
        if write.how != "method":
            known = things and all(thing[0] in (t.OBJ, t.CONTEXT) or self._is_foreign(thing) for thing in things)
            return write.how == "name" or not known
        call = next(call for call in function.calls if call.number == write.number)
        method = call.callee[2] if call.callee is not None else ""
        if not things:
            return method in _SURE
        return any(self._holds_state(thing, method) for thing in things)

    def _is_changing_function(self, write: Write, things: Things, fid: FunctionId) -> bool:
        names = {thing[1] for thing in self.ev.expr(write.value, fid) if thing[0] == t.EXT}
        if "builtins.next" in names:
            return any(thing[0] == t.EXT and thing[1].startswith("itertools.") for thing in things)
        return True

    def _holds_state(self, thing: t.Thing, method: str) -> bool:
        if thing[0] == t.INST:
            return False  # a method of the project's, which is followed like any call
        if thing[0] == t.EXT:
            return str(thing[1]).partition(".")[0] in sys.stdlib_module_names and "()" in thing[1]
        if thing[0] in (t.CONTEXT, t.OBJ, t.MODULE, t.CLASS, t.FN):
            return False
        return not (thing[0] == t.SYMBOL and self.ev.context(thing) is not None)

    def exempt(self, fid: FunctionId, write: Write) -> str:
        """Whether a write keeps a client, or fills a cache under a guard with what needs no replay."""
        things = (
            self.ev.concrete(self.ev.expr(write.value, fid)) if write.how in ("name", "attr", "item") else t.NOTHING
        )
        if things and all(thing[0] == t.OBJ or self._is_foreign(thing) for thing in things):
            return CLIENT
        return MEMO if write.guarded and not any(thing[0] == t.RESULT for thing in things) else PLAIN

    @staticmethod
    def _is_foreign(thing: t.Thing) -> bool:
        return thing[0] == t.EXT and "()" in thing[1] and str(thing[1]).partition(".")[0] not in sys.stdlib_module_names

    def changed(self, fid: FunctionId, write: Write) -> set[Origin]:
        """The state that a write changes."""
        if write.how == "name" and write.target is not None:
            function = self.ev.function(fid)
            name = write.target[1]
            scope = (fid[0], 0) if function.outer.get(name) == "global" else self.ev.scope_of(fid, name)
            return {("var", scope, name)} if scope is not None else set()
        if write.how in ("attr", "del") and isinstance(write.key, str):
            own = self._attribute_of(write.target, write.key, fid, binding=True)
            if own:
                return own
        return self.origins(write.target, fid)

    # Origins

    def origins(self, expr: Expr, fid: FunctionId, inner: bool = False, depth: int = _DEPTH) -> set[Origin]:
        """The state that an expression gives access to; nothing for what is made anew. ``inner``: what is in it counts,
        not the thing itself, so that a copy gives access too."""
        if expr is None or depth < 0:
            return set()
        kind = expr[0]
        if kind == f.NAME:
            return self._of_name(expr[1], fid, inner, depth)
        if kind == f.ATTR:
            return self._attribute_of(expr[1], expr[2], fid) or self.origins(expr[1], fid, True, depth - 1)
        if kind == f.FROM:
            return self.origins(expr[2], (fid[0], expr[1]), inner, depth - 1)
        if kind == f.EITHER:
            return set().union(*(self.origins(part, fid, inner, depth - 1) for part in expr[1]))
        if kind in (f.ITEM, f.EACH, f.PART):
            return self.origins(expr[1], fid, True, depth - 1)
        if kind in (f.STAR, f.AWAIT):
            return self.origins(expr[1], fid, inner, depth - 1)
        if kind == f.SEQ and inner:
            return set().union(*(self.origins(item, fid, True, depth - 1) for item in expr[2]))
        if kind == f.CALL:
            return self._of_call(self.ev.function(fid).calls[expr[1]], fid, inner, depth)
        if kind == f.IMPORT:
            path = self.ev.modules.find(fid[0], expr[1], expr[2])
            return {("var", (path, 0), expr[3])} if path and expr[3] and path.endswith(".py") else set()
        return set()

    def _of_name(self, name: str, fid: FunctionId, inner: bool, depth: int) -> set[Origin]:
        scope = self.ev.scope_of(fid, name)
        if scope is None:
            return set()
        function = self.ev.function(scope)
        bindings = [value for value in function.bindings.get(name, ()) if not self._is_growth(value)]
        found: set[Origin] = set()
        for index, parameter in enumerate(function.parameters):
            if parameter.name == name and not (index == 0 and self.ev.enclosing_class(scope) == self.ev.parent(scope)):
                found.add(("param", scope, name, inner))
                found |= self.origins(parameter.default, self.ev.parent(scope), inner, depth - 1)
        fresh = False
        for value in bindings:
            through = self.origins(value, scope, inner, depth - 1)
            found |= through
            fresh = fresh or not through
        imported = any(value is not None and value[0] == f.IMPORT for value in bindings)
        if not imported and (fresh or scope != fid):
            found.add(("var", scope, name))
        return found

    @staticmethod
    def _is_growth(value: Expr) -> bool:
        """An element that is added to a container is no alias of it."""
        return value is not None and value[0] == f.GROW

    def _of_call(self, call: Call, fid: FunctionId, inner: bool, depth: int) -> set[Origin]:
        callee = call.callee
        if callee is not None and callee[0] == f.ATTR:
            if callee[2] in _VIEWS:
                return self.origins(callee[1], fid, True, depth - 1)
            if callee[2] == "copy" and inner:
                return self.origins(callee[1], fid, True, depth - 1)
        found: set[Origin] = set()
        for thing in self.ev.expr(callee, fid):
            if thing[0] == t.EXT and thing[1] in _COPYING:
                given = call.args if inner else ()
                found |= set().union(*(self.origins(arg, fid, True, depth - 1) for arg in given))
            elif thing[0] == t.FN and not self.ev.function(thing[1]).is_generator:
                returned = self.ev.function(thing[1]).returns
                through = set().union(*(self.origins(value, thing[1], inner, depth - 2) for value in returned))
                found |= {origin for origin in through if origin[0] in ("var", "attr") and origin[1] != thing[1]}
        return found

    def _attribute_of(self, base: Expr, name: str, fid: FunctionId, binding: bool = False) -> set[Origin]:
        """An attribute of ``self``, of a class, or a global of another module.

        ``binding``: the attribute gets another value or is deleted; through an instance that leaves the class alone.
        """
        found: set[Origin] = set()
        for thing in self.ev.expr(base, fid):
            if (
                thing[0] == t.CLASS
                or (thing[0] == t.INST and self._is_self(base, fid))
                or (thing[0] == t.INST and not binding and self.is_class_state(thing[1], name))
            ):
                found.add(("attr", thing[1], name))
            elif thing[0] == t.MODULE and thing[1].endswith(".py"):
                found.add(("var", (thing[1], 0), name))
        return found

    def is_class_state(self, cid: FunctionId, name: str) -> bool:
        """Whether an attribute is the class's own: set in its body, or on the class, and never on an instance."""
        owner = self.ev.function(cid)
        # A generated ``__init__`` makes annotated names attributes of each instance.
        generated = name in owner.annotations and bool(owner.decorators or owner.bases)
        return name in owner.bindings and name not in owner.attributes and not generated

    def _is_self(self, base: Expr, fid: FunctionId) -> bool:
        if base is None or base[0] != f.NAME:
            return False
        scope = self.ev.scope_of(fid, base[1])
        if scope is None or not self.ev.function(scope).parameters:
            return False
        first = self.ev.function(scope).parameters[0].name == base[1]
        return first and self.ev.enclosing_class(scope) == self.ev.parent(scope)

    # Reads

    def is_read(self, origin: Origin, key: object, body: FunctionId, besides: tuple[str, int, int] | None) -> bool:
        """Whether state is read outside a body; a read of another constant part doesn't count, nor what lies within
        the span ``besides`` of a module."""
        if origin[0] == "attr":
            return self._is_attribute_read(origin[1], origin[2], body)
        scope, name = origin[1], origin[2]
        if self.ev.solver.notes is not None and scope[1] == 0:
            self.ev.solver.notes.ask_importers(scope[0])
        for module in self.ev.modules.loaded():
            if module.path != scope[0]:
                home = module.functions[0]
                if (
                    scope[1] == 0
                    and self._imports(home, module.path, scope, name)
                    and not self.watches(module.path, None)
                ):
                    return True
                continue
            for function in module.functions:
                fid = (module.path, function.index)
                if name not in function.loads or self.is_within(fid, body) or self.ev.scope_of(fid, name) != scope:
                    continue
                kept = filled(function, name)
                for number, start, end in () if self.watches(module.path, fid) else function.loads[name]:
                    part = function.keys.get(number)
                    told_apart = key is not None and part is not None and part != key
                    inside = (
                        besides is not None and besides[0] == module.path and besides[1] <= start <= end <= besides[2]
                    )
                    if not told_apart and not inside and start not in kept:
                        return True
        return False

    def _imports(self, function: Function, path: str, scope: FunctionId, name: str) -> bool:
        return any(
            value is not None
            and value[0] == f.IMPORT
            and (value[3] == name or not value[3])
            and self.ev.modules.find(path, value[1], value[2]) == scope[0]
            for values in function.bindings.values()
            for value in values
        )

    def _is_attribute_read(self, cid: FunctionId, name: str, body: FunctionId) -> bool:
        wanted = {(kind, cid) for kind in (t.INST, t.CLASS)}
        if self.ev.solver.notes is not None:
            self.ev.solver.notes.ask_readers(name)
        for module in self.ev.modules.loaded():
            for function in module.functions:
                fid = (module.path, function.index)
                for read in () if self.watches(module.path, fid) else function.reads:
                    if read.expr is None or read.expr[2] != name or self.is_within(fid, body):
                        continue
                    written = any(write.number == read.number for write in function.writes)
                    bases = self.ev.concrete(self.ev.expr(read.expr[1], fid))
                    alike = not wanted.isdisjoint(base[:2] for base in bases)
                    if not written and (not bases or alike or self._derives(bases, cid)):
                        return True
        return False

    def _derives(self, bases: Things, cid: FunctionId) -> bool:
        classes = [thing for thing in bases if thing[0] in (t.INST, t.CLASS)]
        return any((t.CLASS, cid) in self.ev.classes.lineage(thing[1]) for thing in classes)

    def is_within(self, fid: FunctionId, outer: FunctionId) -> bool:
        """Whether a function is another one or is nested in it."""
        while fid != outer:
            if fid[1] <= 0 or fid[0] != outer[0]:
                return False
            fid = self.ev.parent(fid)
        return True
