"""Whether a call gives data, which nobody can call, or something that may be a body.

``JSON`` is data through and through: strings, numbers, what an API answers. ``DATA`` can't be called itself, but may
hold callables. Whatever isn't known to be one of them may be a body.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.bodies import Bodies, Handed, Leaf
from durable_lint.index.effects import Effects
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Expr, Function
from durable_lint.index.regions import Regions
from durable_lint.index.signatures import Signatures
from durable_lint.index.things import FunctionId, Thing, Things

JSON, DATA, UNKNOWN, CALLABLE = "json", "data", "unknown", "callable"

Bound = Mapping[str, tuple[Expr, FunctionId]]
"""What a call passes to the parameters of a function."""

_DEPTH = 5
_CALLABLE = frozenset({t.FN, t.METHOD, t.CLASS, t.PARTIAL, t.DECORATED, t.FACTORY, t.THUNK, t.CARRIED, t.MEMBER})
_DOING = frozenset({"network", "aws", "database", "filesystem", "subprocess"})
"""Effects of functions that do the work, not of those that build a body."""

_TEXT = frozenset({"abs", "bool", "bytes", "float", "format", "hash", "hex", "id", "input", "int", "isinstance", "len",
                   "oct", "open", "ord", "pow", "print", "range", "repr", "round", "str", "sum"})  # fmt: skip
_HOLDING = frozenset({"dict", "enumerate", "filter", "frozenset", "list", "map", "reversed", "set", "sorted", "tuple",
                      "zip"})  # fmt: skip
_MODULES = frozenset(sys.stdlib_module_names) - {
    "builtins", "collections", "contextlib", "copy", "functools", "importlib", "inspect", "operator", "pkgutil",
    "random", "secrets", "types", "typing", "unittest", "weakref", "heapq", "itertools", "contextvars", "asyncio",
    "concurrent", "queue", "pickle", "shelve", "abc", "enum", "dataclasses", "threading", "gettext", "runpy",
}  # fmt: skip
"""Modules of the standard library whose functions give data: none of them gives back what it was given to hold."""

_ANNOTATIONS = frozenset({"str", "int", "float", "bool", "dict", "list", "tuple", "set", "bytes", "Dict", "List",
                          "Tuple", "Set", "Mapping", "Sequence", "Decimal", "datetime", "date", "UUID"})  # fmt: skip

_METHODS = frozenset({"capitalize", "casefold", "count", "decode", "encode", "endswith", "format", "hexdigest", "index",
                      "isoformat", "items", "join", "json", "keys", "lower", "lstrip", "model_dump", "replace",
                      "rstrip", "split", "splitlines", "startswith", "strip", "timestamp", "title", "to_dict",
                      "upper", "values"})  # fmt: skip
"""Methods that give data, whatever they are called on."""


class Eager:
    """Judges values by the code that makes them. To be asked when the project is linked."""

    def __init__(self, bodies: Bodies, regions: Regions, effects: Effects) -> None:
        self.bodies = bodies
        self.ev: Evaluator = bodies.ev
        self.regions = regions
        self.effects = effects

    def eager(self, handed: Handed) -> list[Leaf]:
        """The calls that are made at once to get what an operation should have as its body, and that give data; empty
        unless each thing that it may get is one of them."""
        leaves = self.bodies.leaves(handed.expr, handed.fid) or []
        if all(self._calls(*leaf) and self._of(*leaf, {}, _DEPTH) in (JSON, DATA) for leaf in leaves):
            return leaves
        return []

    def _calls(self, expr: Expr, fid: FunctionId) -> bool:
        """Whether a value is what a call gives that is no operation, or a part of that, or computed from that."""
        if expr is None:
            return False
        if expr[0] == f.JOIN:
            texts = any(part is not None and part[0] == f.CONST and isinstance(part[1], str) for part in expr[1])
            return not texts and any(self._calls(part, fid) for part in expr[1])
        if expr[0] in (f.ATTR, f.ITEM, f.PART):
            return self._calls(expr[1], fid)
        if expr[0] != f.CALL:
            return False
        things = self.ev.expr(self.ev.function(fid).calls[expr[1]].callee, fid)
        return not any(self.regions.issued(thing) is not None for thing in things)

    def _of(self, expr: Expr, fid: FunctionId, bound: Bound, depth: int) -> str:
        """What an expression of a function gives, whose parameters are bound."""
        if expr is None or depth < 0:
            return UNKNOWN
        kind = expr[0]
        if kind in (f.CONST, f.JOIN):
            return JSON
        if kind in (f.SEQ, f.DICT):
            items = expr[2] if kind == f.SEQ else [value for _, value in expr[1]]
            return JSON if items and all(self._of(item, fid, bound, depth - 1) == JSON for item in items) else DATA
        if kind == f.EITHER:
            return _worst(self._of(part, fid, bound, depth - 1) for part in expr[1])
        if kind == f.FROM:
            return self._of(expr[2], (fid[0], expr[1]), {}, depth - 1)
        if kind == f.NAME:
            return self._of_name(expr[1], fid, bound, depth)
        if kind == f.CALL:
            return self._of_call(expr[1], fid, bound, depth)
        if kind in (f.ATTR, f.ITEM, f.EACH, f.PART):
            things = self._of_things(self.ev.expr(expr, fid))
            if things != UNKNOWN:
                return things
            return JSON if self._of(expr[1], fid, bound, depth - 1) == JSON else UNKNOWN
        return CALLABLE if kind == f.FUNC else UNKNOWN

    def _of_things(self, things: Things) -> str:
        """What things are, as far as they say it themselves."""
        return _worst([self._of_thing(thing) for thing in things]) if things else UNKNOWN

    def _of_thing(self, thing: Thing) -> str:
        if thing[0] in _CALLABLE:
            return CALLABLE
        if thing[0] == t.INST:
            return self._of_instance(thing)
        if thing[0] == t.CONTAINER:
            return JSON if thing[2] and self._of_things(thing[2]) == JSON else DATA
        if thing[0] == t.KEYED:
            known = all(value and self._of_things(value) == JSON for _, value in thing[2])
            return JSON if thing[2] and known else DATA
        return JSON if thing[0] in (t.CONST, t.RESULT) else UNKNOWN

    def _of_instance(self, thing: Thing) -> str:
        if self.ev.attribute(thing, "__call__"):
            return CALLABLE
        bases = self.ev.classes.lineage(thing[1])
        plain = all(base[0] == t.CLASS or base[1] in ("builtins.object", "abc.ABC") for base in bases)
        decorated = any(self.ev.function(base[1]).decorators for base in bases if base[0] == t.CLASS)
        known = all(len(self.ev.function(base[1]).bases) == 0 or len(bases) > 1 for base in bases if base[0] == t.CLASS)
        return DATA if plain and known and (not decorated or self._is_dataclass(thing[1])) else UNKNOWN

    def _is_dataclass(self, cid: FunctionId) -> bool:
        return self.ev.is_decorated(cid, "dataclasses.dataclass") and len(self.ev.function(cid).decorators) == 1

    def _of_name(self, name: str, fid: FunctionId, bound: Bound, depth: int) -> str:
        scope = self.ev.scope_of(fid, name)
        if scope is None:
            return UNKNOWN
        function, own = self.ev.function(scope), bound if scope == fid else {}
        values = [value for value in function.bindings.get(name, ()) if value is None or value[0] != f.GROW]
        found = [self._of(value, scope, own, depth - 1) for value in values]
        for place, parameter in enumerate(function.parameters):
            if parameter.name == name:
                if parameter.kind in ("*", "**"):
                    found.append(DATA)
                elif name in bound and scope == fid:
                    found.append(self._of(*bound[name], {}, depth - 1))
                elif self._is_event(scope, place):
                    found.append(JSON)
                else:
                    found.append(DATA if Signatures.is_data(parameter) else UNKNOWN)
        return _worst(found)

    def _is_event(self, fid: FunctionId, place: int) -> bool:
        """Whether a parameter is what the service calls a handler with, other than the context."""
        names = self.ev.solver.get(("decorated", fid))
        handlers = [self.ev.profiles[profile].decorators[name] for profile, name in names]
        return any(one.form == "handler" and place < max(one.context, 1) for one in handlers)

    # Calls

    def _of_call(self, index: int, fid: FunctionId, bound: Bound, depth: int) -> str:
        call = self.ev.function(fid).calls[index]
        if self._of_things(self.ev.solver.get(("call", fid, index))) == CALLABLE:
            return CALLABLE
        things = sorted(self.ev.expr(call.callee, fid), key=repr)
        if any(self.regions.issued(thing) is not None for thing in things):
            return JSON
        found = [self._of_called(thing, call, fid, bound, depth) for thing in things] or [UNKNOWN]
        if UNKNOWN in found and CALLABLE not in found and call.callee is not None and call.callee[0] == f.ATTR:
            data = call.callee[2] in _METHODS or self._of(call.callee[1], fid, bound, depth - 1) == JSON
            found = [JSON] if data and not any(thing[0] in (t.FN, t.METHOD) for thing in things) else found
        if UNKNOWN in found and CALLABLE not in found and self._does(index, fid):
            return JSON
        return _worst(found)

    def _does(self, index: int, fid: FunctionId) -> bool:
        """Whether a call has effects that a function which only builds a body has not."""
        entries = self.effects.of_call(fid, index)
        return any(isinstance(entry[0], str) and entry[0] in _DOING for entry in entries)

    def _of_called(self, thing: Thing, call: Call, fid: FunctionId, bound: Bound, depth: int) -> str:
        if thing[0] in (t.FN, t.METHOD):
            return self._of_function(thing, call, fid, bound, depth)
        if thing[0] == t.CLASS:
            return self._of_instance((t.INST, *thing[1:]))
        if thing[0] == t.OBJ:
            return JSON if self.ev.member(thing, "__call__") == "effect" else UNKNOWN
        if thing[0] == t.MEMBER:
            inside = self._of_things(frozenset({thing[1]}))
            return JSON if inside == JSON or thing[2] in _METHODS else UNKNOWN
        return self._of_external(thing[1]) if thing[0] == t.EXT else UNKNOWN

    def _of_external(self, dotted: str) -> str:
        """What a function outside the project gives."""
        head, _, last = dotted.rpartition(".")
        if head == "builtins":
            return JSON if last in _TEXT else DATA if last in _HOLDING else UNKNOWN
        made = dotted.partition("()")[0]
        rule = self.ev.catalogue.call(made)
        if made.partition(".")[0] in _MODULES or (rule is not None and rule.kind in _DOING | {"clock", "identity"}):
            return JSON
        return UNKNOWN

    def _of_function(self, thing: Thing, call: Call, fid: FunctionId, bound: Bound, depth: int) -> str:
        """What a function of the project gives, by its annotation or by its returns."""
        target: FunctionId = thing[1]
        function = self.ev.function(target)
        if not self.bodies.is_plain(target):
            return UNKNOWN
        if function.is_async or function.is_generator:
            return DATA
        said = self._annotated(function)
        if said != UNKNOWN:
            return said
        given = self._bound(function, int(thing[0] == t.METHOD), call, fid, bound)
        found = [self._of(value, target, given, depth - 1) for value in function.returns]
        if not found:
            idle = not (function.calls or function.writes or function.loads or function.kind == "lambda")
            return UNKNOWN if idle or function.return_annotation is not None else JSON
        if CALLABLE in found or UNKNOWN not in found:
            return _worst(found)
        # One return that gives data speaks for the others; None speaks for nothing.
        telling = [value for value, kind in zip(function.returns, found, strict=True) if kind in (JSON, DATA)]
        return DATA if any(value != (f.CONST, None) for value in telling) else UNKNOWN

    @staticmethod
    def _annotated(function: Function) -> str:
        """What a return annotation says: of types of data that they are, of all others nothing."""
        annotation = function.return_annotation
        if annotation is not None and annotation[0] == f.ITEM and annotation[1] is not None:
            name = annotation[1][-1] if annotation[1][0] in (f.NAME, f.ATTR) else ""
            return DATA if name in _ANNOTATIONS and name != "Optional" else UNKNOWN
        if annotation is not None and annotation[0] in (f.NAME, f.ATTR) and annotation[-1] in _ANNOTATIONS:
            return JSON
        return JSON if annotation == (f.CONST, None) else UNKNOWN

    def _bound(self, function: Function, skip: int, call: Call, fid: FunctionId, bound: Bound) -> Bound:
        """The expressions that a call passes; a parameter that is handed on stands for what it got itself."""
        names = [p.name for p in function.parameters if p.kind == "pos"][skip:]
        found: dict[str, tuple[Expr, FunctionId]] = {}
        for name, value in [*zip(names, call.args, strict=False), *call.keywords]:
            if value is not None and value[0] == f.STAR:
                break
            handed_on = value is not None and value[0] == f.NAME and self.ev.scope_of(fid, value[1]) == fid
            found[name] = bound.get(value[1], (value, fid)) if handed_on and value is not None else (value, fid)
        return found


def _worst(found: Iterable[Any]) -> str:
    """What one of several values may be."""
    kinds = set(found)
    return next((kind for kind in (CALLABLE, UNKNOWN, DATA, JSON) if kind in kinds), UNKNOWN)
