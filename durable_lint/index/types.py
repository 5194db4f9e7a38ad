"""The type of a value, followed through names, helpers and modules: what the rules on results judge.

It is asked for after linking, for few expressions. A variable has a type only where all that is ever bound to it has
the same; where anything is unknown, so is the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import operators
from durable_lint.index import things as t
from durable_lint.index.classify import Classifier
from durable_lint.index.facts import Call, Expr, Function
from durable_lint.index.issuing import Issuing
from durable_lint.index.shapes import MAPPINGS, SEQUENCES, UNKNOWN, Shape, Shapes, agreed, holding, refined
from durable_lint.index.things import FunctionId, Thing
from durable_lint.index.types_of_attributes import Attributes
from durable_lint.index.types_of_calls import Calls
from durable_lint.index.uses import Uses
from durable_lint.knowledge.types import Types as Known
from durable_lint.records import replace

_MAX_STEPS = 5000
_MAX_DEPTH = 60
_NONE = (f.CONST, None)
_PLAIN_DECORATORS = frozenset({"abc", "aws_lambda_powertools", "aws_xray_sdk", "backoff", "builtins", "functools",
                               "stamina", "tenacity", "typing", "typing_extensions"})  # fmt: skip
"""Packages whose decorators hand on what the function gives."""

Bound = Mapping[tuple[FunctionId, str], Shapes]
Key = tuple[object, ...]


class Env:
    """What the parameters of the functions that are being read hold."""

    __slots__ = ("key", "values")

    def __init__(self, values: Bound) -> None:
        self.values = values
        self.key = frozenset(values.items())


EMPTY = Env({})
Result = Callable[[Call, FunctionId, Thing, Env], Shapes]


class TypeOf:
    """Answers of which type an expression is; ``result`` says what an operation gives.

    ``until`` is a place in a function: what is put into its containers further down is left out.
    """

    def __init__(self, issuing: Issuing, known: Known, result: Result) -> None:
        self.ev = issuing.ev
        self.issuing = issuing
        self.known = known
        self.classes = Classifier(self.ev, known)
        self.calls = Calls(self)
        self.attributes = Attributes(self)
        self.result = result
        self.until: tuple[FunctionId, int] = (("", 0), 0)
        self.is_wrapped = cache(self._is_wrapped)
        self.uses = Uses(self.ev)
        self._memo: dict[Key, tuple[Shapes, frozenset[FunctionId]]] = {}
        """The answers that hold for one question, each with the functions whose growing containers it has looked at."""
        self._lasting: dict[Key, tuple[Shapes, frozenset[FunctionId]]] = {}
        """Those that hold for every question that isn't about one of these functions."""
        self._touched: set[FunctionId] = set()
        self._asking: set[Key] = set()
        self._cut = 0
        self._steps = 0
        self._depth = 0

    # Questions

    def exit(self, fid: FunctionId, position: int, env: Env = EMPTY) -> Shapes:
        """The types of the value of a function's ``return`` at a position, with what its annotation adds."""
        function = self.ev.function(fid)
        value = function.returns[position]
        found = self.of(value, fid, env)
        if value == _NONE or function.return_annotation is None:
            return found
        return refined(found, self.classes.annotated(function.return_annotation, self.ev.parent(fid)))

    def returned(self, fid: FunctionId, env: Env) -> Shapes:
        """The types of what calling a function gives."""
        function = self.ev.function(fid)
        if self.is_wrapped(fid):
            return UNKNOWN
        if function.is_generator:
            elements = [self.of(value, fid, env) for value in function.yields]
            return frozenset({holding("generator", agreed(elements))})
        found = self._once(("ret", fid, env.key), lambda: self.all_exits(fid, env))
        return frozenset({holding("coroutine", found)}) if function.is_async else found

    def all_exits(self, fid: FunctionId, env: Env) -> Shapes:
        """Every type that a function's body returns."""
        positions = range(len(self.ev.function(fid).returns))
        return frozenset().union(*(self.exit(fid, position, env) for position in positions))

    def _is_wrapped(self, fid: FunctionId) -> bool:
        """Whether a decorator of the project, or one that isn't known, may change what a function gives."""
        home = self.ev.parent(fid)
        found = [self.ev.expr(decorator, home) for decorator in self.ev.function(fid).decorators]
        return any(not things or any(not self._is_plain(thing) for thing in things) for things in found)

    def _is_plain(self, decorator: Thing) -> bool:
        """Whether a decorator leaves what the function gives as it is."""
        if decorator[0] == t.FACTORY:
            return True
        if decorator[0] not in (t.EXT, t.OBJ):
            return False
        return self.ev.symbol(decorator[1]) is not None or decorator[1].partition(".")[0] in _PLAIN_DECORATORS

    # Expressions

    def of(self, expr: Expr, fid: FunctionId, env: Env = EMPTY) -> Shapes:
        """The types that an expression of a function can have; every one of them is possible."""
        if expr is None:
            return UNKNOWN
        if not self._asking:
            self._memo.clear()
            self._steps = 0
        if expr[0] == f.CONST:
            return frozenset({Shape("None" if expr[1] is None else type(expr[1]).__name__)})
        return self._once((fid, expr, env.key), lambda: self._of(expr, fid, env))

    def _once(self, key: Key, compute: Callable[[], Shapes]) -> Shapes:
        """Compute an answer once; what depends on itself, or on too much, is unknown."""
        for memo in (self._lasting, self._memo):
            known = memo.get(key)
            if known is not None and (memo is self._memo or self.until[0] not in known[1]):
                self._touched |= known[1]
                return known[0]
        self._steps += 1
        if key in self._asking or self._depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
            self._cut += 1
            return UNKNOWN
        before, outer, self._touched = self._cut, self._touched, set()
        self._asking.add(key)
        self._depth += 1
        try:
            found = compute()
        finally:
            self._asking.discard(key)
            self._depth -= 1
            touched = frozenset(self._touched)
            self._touched = outer | touched
        if before == self._cut:
            (self._memo if self.until[0] in touched else self._lasting)[key] = (found, touched)
        return found

    def _of(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        reader = _READERS.get(str(expr[0]))
        return reader(self, expr, fid, env) if reader is not None else UNKNOWN

    def _name(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        name = str(expr[1])
        scope = self.ev.scope_of(fid, name)
        if scope is None:
            return self._external(self.ev.name(fid, name))
        return self._once(("name", scope, name, env.key), lambda: self.variable(scope, name, env))

    def variable(self, scope: FunctionId, name: str, env: Env) -> Shapes:
        """What a variable holds: what all that is bound to it agrees on."""
        function = self.ev.function(scope)
        bound = function.bindings.get(name, [])
        values = [value for value in bound if value != _NONE]
        parameter = next((one for one in function.parameters if one.name == name), None)
        if self.uses.asks_type_of(scope, name):
            return UNKNOWN
        if bound and not values and parameter is None:
            return frozenset({Shape("None")})
        stated = function.annotations.get(name) if parameter is None else parameter.annotation
        home = scope if parameter is None else self.ev.parent(scope)
        annotated = self.classes.annotated(stated, home) if stated is not None else UNKNOWN
        grown = [value for value in values if value is not None and value[0] == f.GROW]
        early = [value for value in grown if self._is_early(scope, name, value)]
        joined = [value for value in values if _is_augmented(value, name)]
        plain = [value for value in values if value not in grown and value not in joined]
        known = [self.of(value, scope, env) for value in dict.fromkeys(plain)]
        if parameter is not None:
            known.append(self._parameter(scope, function, name, env))
        if len(known) > 1 and any(_is_empty_display(value) for value in plain):
            filled = [one for one in known if not all(shape == Shape(shape.name) for shape in one)]
            known = filled or known
        names = {shape.name for shapes in (*known, annotated) for shape in shapes if shape.name != "None"}
        rebound = parameter is not None and bool(plain)
        found = refined(agreed(known), annotated) if len(names) < 2 and not rebound else agreed(known)
        for value in joined:
            found = operators.augmented(found, self.of(value[1][1], scope, env), value[2]) if value else found
        found = operators.grown(found, [self._added(value, scope, env) for value in early])
        for more in self._updates(scope, name, env):
            found = operators.grown(found, [more]) if more else operators.opened(found)
        return operators.opened(found) if self.uses.takes_from(scope, name) else found

    def _parameter(self, scope: FunctionId, function: Function, name: str, env: Env) -> Shapes:
        if (scope, name) in env.values:
            return env.values[(scope, name)]
        kind = next(one.kind for one in function.parameters if one.name == name)
        if kind in ("*", "**"):
            return frozenset({Shape("tuple" if kind == "*" else "dict")})
        things = self.ev.name(scope, name)
        receiver = [one for one in things if one[0] in (t.INST, t.CLASS) and len(one) > 2]
        own = function.parameters[0].name == name and function.parent > 0 and len(things) == 1
        if own and receiver and self.ev.function(self.ev.parent(scope)).kind == "class":
            return self.classes.instance(receiver[0][1]) if receiver[0][0] == t.INST else UNKNOWN
        annotation = next(one.annotation for one in function.parameters if one.name == name)
        if annotation is None and self.is_event(scope, name):
            return frozenset({Shape("dict")})
        return self.classes.annotated(annotation, self.ev.parent(scope))

    def is_event(self, scope: FunctionId, name: str) -> bool:
        """Whether a name is what a handler gets, which was read from JSON."""
        positions = [one.name for one in self.ev.function(scope).parameters if one.kind == "pos"]
        handles = "handler" in self.issuing.regions.modes(scope)
        return handles and name in positions[:2] and not self.ev.solver.get(("role", scope, name)) and name != "self"

    def _added(self, value: Expr, scope: FunctionId, env: Env) -> Shapes:
        return self.of(value[2], (scope[0], value[1]), env) if value is not None else UNKNOWN

    def _is_early(self, scope: FunctionId, name: str, grown: tuple[Any, ...]) -> bool:
        """Whether an element gets into a container before the place that is asked for, as far as the text shows."""
        self._touched.add(scope)
        if scope != self.until[0] or grown[1] != scope[1]:
            return True
        added = grown[2][1][0][1] if grown[2][0] == f.DICT else grown[2][2][0]
        values = (added, added[1] if added is not None and added[0] == f.EACH else added)
        writes = [one for one in self.ev.function(scope).writes if one.target == (f.NAME, name) and one.value in values]
        return not writes or min(one.start for one in writes) <= self.until[1]

    def _updates(self, scope: FunctionId, name: str, env: Env) -> Iterator[Shapes]:
        """The mappings that ``name.update(...)`` puts into a variable's value; unknown where one is."""
        for call in self.ev.function(scope).calls:
            if call.callee != (f.ATTR, (f.NAME, name), "update"):
                continue
            self._touched.add(scope)
            if scope == self.until[0] and call.start > self.until[1]:
                continue
            for arg in call.args:
                given = self.of(arg, scope, env)
                known = given and all(shape.name in MAPPINGS and shape.parts for shape in given)
                yield frozenset(replace(shape, name="dict") for shape in given) if known else UNKNOWN
            for keyword, value in call.keywords:
                parts = ((keyword, self.of(value, scope, env)),)
                yield frozenset({Shape("dict", parts, frozenset({"str"}))}) if keyword else UNKNOWN

    def _import(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        path = self.ev.modules.find(fid[0], expr[1], expr[2])  # type: ignore[arg-type]
        if path is None:
            return self._external(self.ev.expr(expr, fid))
        if not expr[3] or path == fid[0] or not path.endswith(".py") or self.ev.modules.get(path) is None:
            return UNKNOWN
        return self.of((f.NAME, expr[3]), (path, 0), env)

    def _external(self, found: t.Things) -> Shapes:
        """A class or a function of the builtins or a library, itself the value."""
        if len(found) == 1:
            thing = next(iter(found))
            name = self.known.name(thing[1]) if thing[0] == t.EXT else ""
            if name and name not in ("function", "None"):
                return frozenset({Shape("class")})
        return UNKNOWN

    def _attribute(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        return self.attributes.of(expr, fid, env)

    def _either(self, expr: tuple[Sequence[Expr], ...], fid: FunctionId, env: Env) -> Shapes:
        return frozenset().union(*(self.of(part, fid, env) for part in expr[1]))

    def _sequence(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        kind, items = str(expr[1]), expr[2]
        name = {"gen": "generator"}.get(kind, kind)
        values: list[Shapes] = []
        starred = False
        for item in items:  # type: ignore[attr-defined]
            if item is not None and item[0] == f.STAR:
                starred = True
                values.append(operators.each(self.of(item[1], fid, env)))
            else:
                values.append(self.of(item, fid, env))
        if kind == "tuple" and not starred:
            parts = tuple((position, value) for position, value in enumerate(values) if value)
            return frozenset({Shape("tuple", parts)})
        return frozenset({holding(name, frozenset().union(*values))})

    def _mapping(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        found = frozenset({Shape("dict")})
        for key, value in expr[1]:  # type: ignore[attr-defined]
            given = self.of(value, fid, env)
            if key is None:
                found = operators.merged(found, given)
            else:
                keys = frozenset(one.name for one in self.of(key, fid, env) if one.cid is None)
                constant = key[1] if key[0] == f.CONST else None
                found = operators.with_item(found, keys, constant, given)
        return found

    def _item(self, expr: tuple[Expr, ...], fid: FunctionId, env: Env) -> Shapes:
        base, key = expr[1], expr[2]
        found = []
        classes = [one[1] for one in self.ev.expr(base, fid) if one[0] == t.CLASS]
        if len(classes) == 1 and self.classes.members(classes[0]):
            return self.classes.instance(classes[0])
        for shape in self.of(base, fid, env):
            if key is not None and key[0] == f.JOIN and key[2] == "Slice":
                found.append(frozenset({replace(holding(shape.name, shape.elements()), large="")}))
            elif shape.name in MAPPINGS or shape.name in SEQUENCES:
                found.append(shape.part(key[1]) if key is not None and key[0] == f.CONST else operators.any_part(shape))
            elif shape.name == "str":
                found.append(frozenset({Shape("str")}))
        return frozenset().union(*found)

    def _each(self, expr: tuple[Expr, ...], fid: FunctionId, env: Env) -> Shapes:
        return operators.each(self.of(expr[1], fid, env))

    def _part(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        found = self.of(expr[1], fid, env)  # type: ignore[arg-type]
        return frozenset().union(*(shape.part(expr[2]) for shape in found if shape.name in SEQUENCES))

    def _enter(self, expr: tuple[Expr, ...], fid: FunctionId, env: Env) -> Shapes:
        """What ``with`` binds: objects of libraries give themselves, those of the project what they say."""
        found = []
        for shape in self.of(expr[1], fid, env):
            if shape.cid is None:
                found.append(frozenset({shape}) if shape.name != "generator" else UNKNOWN)
            else:
                methods = self.ev.classes.methods((t.INST, shape.cid), "__enter__")
                found.append(agreed(self.returned(method, env) for method in methods))
        return frozenset().union(*found)

    def _caught(self, expr: tuple[Expr, ...], fid: FunctionId, env: Env) -> Shapes:
        return frozenset({Shape("exception")})

    def _await(self, expr: tuple[Expr, ...], fid: FunctionId, env: Env) -> Shapes:
        return frozenset().union(*(one.elements() for one in self.of(expr[1], fid, env) if one.name == "coroutine"))

    def _join(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        parts = [self.of(part, fid, env) for part in expr[1]]  # type: ignore[attr-defined]
        return operators.joined(parts, str(expr[2]))

    def _from(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        return self.of(expr[2], (fid[0], expr[1]), env)  # type: ignore[arg-type]

    def _function(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        function = self.ev.function((fid[0], expr[1]))  # type: ignore[arg-type]
        kept = function.kind == "lambda" or not function.decorators
        return frozenset({Shape("class" if function.kind == "class" else "function")}) if kept else UNKNOWN

    def _call(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        return self.calls.of(self.ev.function(fid).calls[int(str(expr[1]))], fid, env)


def _is_augmented(value: Expr, name: str) -> bool:
    """Whether a binding is ``name += …``."""
    return value is not None and value[0] == f.JOIN and len(value[1]) == 2 and value[1][0] == (f.NAME, name)


def _is_empty_display(value: Expr) -> bool:
    return value is not None and value[0] in (f.SEQ, f.DICT) and not value[-1]


_READERS: dict[str, Callable[..., Shapes]] = {
    f.NAME: TypeOf._name,
    f.ATTR: TypeOf._attribute,
    f.CALL: TypeOf._call,
    f.FUNC: TypeOf._function,
    f.SEQ: TypeOf._sequence,
    f.DICT: TypeOf._mapping,
    f.EITHER: TypeOf._either,
    f.ITEM: TypeOf._item,
    f.EACH: TypeOf._each,
    f.PART: TypeOf._part,
    f.AWAIT: TypeOf._await,
    f.CAUGHT: TypeOf._caught,
    f.ENTER: TypeOf._enter,
    f.JOIN: TypeOf._join,
    f.FROM: TypeOf._from,
    f.IMPORT: TypeOf._import,
}
