"""The type of a value, followed through names, helpers and modules: what the rules on results judge.

It is asked for after linking, for few expressions. A variable has a type only where all that is ever bound to it has
the same; where anything is unknown, so is the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import operators
from durable_lint.index import things as t
from durable_lint.index.answers import EMPTY, Answers, Env
from durable_lint.index.classify import Classifier
from durable_lint.index.facts import Call, Expr, Function, Parameter
from durable_lint.index.issuing import Issuing
from durable_lint.index.shapes import (
    MAPPINGS,
    SEQUENCES,
    UNKNOWN,
    Shape,
    Shapes,
    agreed,
    constant,
    holding,
    plain,
    refined,
)
from durable_lint.index.things import FunctionId, Thing
from durable_lint.index.types_of_attributes import Attributes
from durable_lint.index.types_of_calls import Calls
from durable_lint.index.uses import Uses
from durable_lint.knowledge.types import Types as Known
from durable_lint.records import replace

_NONE = (f.CONST, None)
_PLAIN_DECORATORS = frozenset({"abc", "aws_lambda_powertools", "aws_xray_sdk", "backoff", "builtins", "functools",
                               "stamina", "tenacity", "typing", "typing_extensions"})  # fmt: skip
"""Packages whose decorators hand on what the function gives."""

Result = Callable[[Call, FunctionId, Thing, Env], Shapes]


class TypeOf:
    """Answers of which type an expression is; ``result`` says what an operation gives."""

    def __init__(self, issuing: Issuing, known: Known, result: Result) -> None:
        self.ev = issuing.ev
        self.issuing = issuing
        self.known = known
        self.answers = Answers()
        self.classes = Classifier(self.ev, known)
        self.calls = Calls(self)
        self.attributes = Attributes(self)
        self.result = result
        self.is_wrapped = cache(self._is_wrapped)
        self.uses = Uses(self.ev)

    # Questions

    def exit(self, fid: FunctionId, position: int, env: Env = EMPTY) -> Shapes:
        """The types of the value of a function's ``return`` at a position, with what its annotation adds."""
        return self.answers.once(("exit", fid, position), env, self._exit, fid, position, env)

    def _exit(self, fid: FunctionId, position: int, env: Env) -> Shapes:
        function = self.ev.function(fid)
        value = function.returns[position]
        found = self.of(value, fid, env)
        if value == _NONE or function.return_annotation is None:
            return found
        return refined(found, self.classes.annotated(function.return_annotation, self.ev.parent(fid)))

    def returned(self, fid: FunctionId, env: Env) -> Shapes:
        """The types of what calling a function gives."""
        if self.is_wrapped(fid):
            return UNKNOWN
        return self.answers.once(("ret", fid, ""), env, self._returned, fid, env)

    def _returned(self, fid: FunctionId, env: Env) -> Shapes:
        function = self.ev.function(fid)
        if function.is_generator:
            elements = [self.of(value, fid, env) for value in function.yields]
            return frozenset({holding("generator", agreed(elements))})
        found = self.all_exits(fid, env)
        return frozenset({holding("coroutine", found)}) if function.is_async else found

    def all_exits(self, fid: FunctionId, env: Env) -> Shapes:
        """Every type that a function's body returns."""
        positions = range(len(self.ev.function(fid).returns))
        return frozenset().union(*[self.exit(fid, position, env) for position in positions])

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
        kind = expr[0]
        if kind == f.CONST:
            return constant(expr[1])
        if kind == f.NAME:
            return self.named(expr[1], fid, env)
        if kind == f.CALL:
            return self.answers.once(("call", fid, expr[1]), env, self.calls.of, expr[1], fid, env)
        reader = _READERS.get(kind)
        return self.answers.deeper(reader, self, expr, fid, env) if reader is not None else UNKNOWN

    def named(self, name: str, fid: FunctionId, env: Env) -> Shapes:
        """The types of what a name stands for in a function."""
        scope = self.ev.scope_of(fid, name)
        return self.variable(scope, name, env) if scope is not None else self._external(self.ev.name(fid, name))

    def variable(self, scope: FunctionId, name: str, env: Env) -> Shapes:
        """What a variable holds: what all that is bound to it agrees on."""
        return self.answers.once(("name", scope, name), env, self._variable, scope, name, env)

    def _variable(self, scope: FunctionId, name: str, env: Env) -> Shapes:
        if self.uses.asks_type_of(scope, name):
            return UNKNOWN
        function = self.ev.function(scope)
        bound = function.bindings.get(name, [])
        values = [value for value in bound if value != _NONE]
        parameter = next((one for one in function.parameters if one.name == name), None)
        if bound and not values and parameter is None:
            return plain("None")
        grown = [value for value in values if value is not None and value[0] == f.GROW]
        joined = [value for value in values if is_augmented(value, name)]
        found = self._bound(
            scope, name, [one for one in values if one not in grown and one not in joined], parameter, env
        )
        for value in joined:
            found = operators.augmented(found, self.of(value[1][1], scope, env), value[2]) if value else found
        early = [value for value in grown if self._is_early(scope, name, value, env)]
        found = operators.grown(found, [self.of(value[2], (scope[0], value[1]), env) for value in early])
        for more in self._updates(scope, name, env):
            found = operators.grown(found, [more]) if more else operators.opened(found)
        return operators.opened(found) if self.uses.takes_from(scope, name) else found

    def _bound(self, scope: FunctionId, name: str, values: list[Expr], parameter: Parameter | None, env: Env) -> Shapes:
        """What these bindings, what is passed and the annotation of a variable agree on."""
        function = self.ev.function(scope)
        if parameter is None and len(values) == 1 and name not in function.annotations:
            return self.of(values[0], scope, env)
        stated = function.annotations.get(name) if parameter is None else parameter.annotation
        home = scope if parameter is None else self.ev.parent(scope)
        annotated = self.classes.annotated(stated, home) if stated is not None else UNKNOWN
        known = [self.of(value, scope, env) for value in dict.fromkeys(values)]
        if parameter is not None:
            known.append(self._parameter(scope, function, parameter, env))
        if len(known) > 1 and any(_is_empty_display(value) for value in values):
            filled = [one for one in known if not all(shape == Shape(shape.name) for shape in one)]
            known = filled or known
        names = {shape.name for shapes in (*known, annotated) for shape in shapes if shape.name != "None"}
        rebound = parameter is not None and bool(values)
        return refined(agreed(known), annotated) if len(names) < 2 and not rebound else agreed(known)

    def _parameter(self, scope: FunctionId, function: Function, parameter: Parameter, env: Env) -> Shapes:
        name = parameter.name
        given = self.answers.premise((scope, name), env)
        if isinstance(given, frozenset):
            return given
        if parameter.kind in ("*", "**"):
            return plain("tuple" if parameter.kind == "*" else "dict")
        if function.parameters[0].name == name and function.parent > 0:
            things = self.ev.name(scope, name)
            receiver = [one for one in things if one[0] in (t.INST, t.CLASS) and len(one) > 2]
            if len(things) == 1 and receiver and self.ev.function(self.ev.parent(scope)).kind == "class":
                return self.classes.instance(receiver[0][1]) if receiver[0][0] == t.INST else UNKNOWN
        if parameter.annotation is None and self.is_event(scope, name):
            return plain("dict")
        return self.classes.annotated(parameter.annotation, self.ev.parent(scope))

    def is_event(self, scope: FunctionId, name: str) -> bool:
        """Whether a name is what a handler gets, which was read from JSON."""
        positions = [one.name for one in self.ev.function(scope).parameters if one.kind == "pos"]
        handles = "handler" in self.issuing.regions.modes(scope)
        return handles and name in positions[:2] and not self.ev.solver.get(("role", scope, name)) and name != "self"

    def _is_early(self, scope: FunctionId, name: str, grown: tuple[Any, ...], env: Env) -> bool:
        """Whether an element gets into a container before the place that is asked for, as far as the text shows."""
        place = self.answers.premise((scope, ""), env)
        if not isinstance(place, int) or grown[1] != scope[1]:
            return True
        added = grown[2][1][0][1] if grown[2][0] == f.DICT else grown[2][2][0]
        values = (added, added[1] if added is not None and added[0] == f.EACH else added)
        writes = [one.start for one in self.uses.writes(scope, name) if one.value in values]
        return not writes or min(writes) <= place

    def _updates(self, scope: FunctionId, name: str, env: Env) -> Iterator[Shapes]:
        """The mappings that ``name.update(...)`` puts into a variable's value; unknown where one is."""
        for call in self.uses.updates(scope, name):
            place = self.answers.premise((scope, ""), env)
            if isinstance(place, int) and call.start > place:
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
        return self.named(str(expr[3]), (path, 0), env)

    def _external(self, found: t.Things) -> Shapes:
        """A class or a function of the builtins or a library, itself the value."""
        if len(found) == 1:
            thing = next(iter(found))
            name = self.known.name(thing[1]) if thing[0] == t.EXT else ""
            if name and name not in ("function", "None"):
                return plain("class")
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
        found = plain("dict")
        items: list[operators.Item] = []
        for key, value in expr[1]:  # type: ignore[attr-defined]
            given = self.of(value, fid, env)
            if key is None:
                found, items = operators.merged(operators.with_items(found, items), given), []
            else:
                keys = frozenset(one.name for one in self.of(key, fid, env) if one.cid is None)
                items.append((keys, key[1] if key[0] == f.CONST else None, given))
        return operators.with_items(found, items) if items else found

    def _item(self, expr: tuple[Expr, ...], fid: FunctionId, env: Env) -> Shapes:
        base, key = expr[1], expr[2]
        found = []
        shapes = self.of(base, fid, env)
        if not shapes or any(shape.name == "class" for shape in shapes):
            classes = [one[1] for one in self.ev.expr(base, fid) if one[0] == t.CLASS]
            if len(classes) == 1 and self.classes.members(classes[0]):
                return self.classes.instance(classes[0])
        for shape in shapes:
            if key is not None and key[0] == f.JOIN and key[2] == "Slice":
                found.append(frozenset({replace(holding(shape.name, shape.elements()), large="")}))
            elif shape.name in MAPPINGS or shape.name in SEQUENCES:
                found.append(shape.part(key[1]) if key is not None and key[0] == f.CONST else operators.any_part(shape))
            elif shape.name == "str":
                found.append(plain("str"))
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
        return plain("exception")

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
        return plain("class" if function.kind == "class" else "function") if kept else UNKNOWN


def is_augmented(value: Expr, name: str) -> bool:
    """Whether a binding is ``name += …``."""
    return value is not None and value[0] == f.JOIN and len(value[1]) == 2 and value[1][0] == (f.NAME, name)


def _is_empty_display(value: Expr) -> bool:
    return value is not None and value[0] in (f.SEQ, f.DICT) and not value[-1]


_READERS: dict[str, Callable[..., Shapes]] = {
    f.ATTR: TypeOf._attribute,
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
