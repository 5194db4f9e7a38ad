"""The types of what calls give: of the project's functions and classes, of libraries, of methods and of operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import operators
from durable_lint.index import things as t
from durable_lint.index.answers import Env
from durable_lint.index.facts import Call, Expr
from durable_lint.index.shapes import ANY, MAPPINGS, SEQUENCES, UNKNOWN, Shape, Shapes, agreed, holding, of_spec, plain
from durable_lint.index.things import FunctionId, Thing
from durable_lint.records import replace

if TYPE_CHECKING:
    from durable_lint.index.types import TypeOf

_COPYING = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "collections.deque"})
"""Calls of which the result holds the elements of the first argument."""

FILLED = _COPYING | {"zip", "enumerate", "collections.Counter", "dict.fromkeys", "filter", "map"}
"""Calls of which the result holds what the arguments hold or give."""

_CHOOSING = frozenset({"builtins.max", "builtins.min", "builtins.next", "random.choice"})
_SAME = frozenset({"copy.copy", "copy.deepcopy", "dataclasses.replace"})
_PARSING = frozenset({"json.loads", "orjson.loads", "yaml.safe_load", "tomllib.loads", "ast.literal_eval"})
"""Calls of which the result is as large as the text that they get."""
_VIEWS = frozenset({"keys", "values", "items"})
_ITEMS = frozenset({"get", "pop", "setdefault", "__getitem__"})


class Calls:
    """Reads calls for ``TypeOf``."""

    def __init__(self, types: TypeOf) -> None:
        self.types = types
        self.ev = types.ev
        self._outside: dict[Thing, Shapes] = {}

    def of(self, index: int, fid: FunctionId, env: Env) -> Shapes:
        """The types of what a call of a function gives: what all that it may call agree on."""
        call = self.ev.function(fid).calls[index]
        things = sorted(self.ev.concrete(self.ev.expr(call.callee, fid)), key=repr)
        found = [self._of_thing(thing, call, fid, env) for thing in things if thing[0] != t.MEMBER]
        known = agreed(found) if found else UNKNOWN
        return known or self._method(call, fid, env)

    def _of_thing(self, thing: Thing, call: Call, fid: FunctionId, env: Env) -> Shapes:
        issued = self.types.issuing.issued(thing)
        if issued is not None:
            return self.types.result(call, fid, thing, env)
        kind = thing[0]
        if kind in (t.FN, t.METHOD):
            return self._of_function(thing, call, fid, env)
        if kind == t.CLASS:
            if any(self.ev.classes.methods(thing, name) for name in ("__new__",)):
                return UNKNOWN
            return self.types.classes.instance(thing[1])
        if kind == t.INST:
            methods = self.ev.classes.methods(thing, "__call__")
            return agreed(self.types.returned(target, env) for target in methods)
        if kind == t.EXT:
            return self._of_external(thing[1], call, fid, env)
        if kind == t.OBJ:
            return self.outside(thing)
        return UNKNOWN

    def outside(self, thing: Thing) -> Shapes:
        """What calling something outside the project, or a member of an object of the catalogue, gives."""
        if thing not in self._outside:
            path = thing[2] if thing[0] == t.OBJ else (thing[1].removeprefix("builtins."),)
            spec = self.types.known.call(".".join((thing[1], *path)) if thing[0] == t.OBJ else thing[1])
            self._outside[thing] = of_spec(spec, None, f"what {path[-1]}() gives") if spec and path else UNKNOWN
        return self._outside[thing]

    def _of_function(self, thing: Thing, call: Call, fid: FunctionId, env: Env) -> Shapes:
        target = thing[1]
        function = self.ev.function(target)
        positions = [one.name for one in function.parameters if one.kind == "pos"][1 if thing[0] == t.METHOD else 0 :]
        names = {one.name for one in function.parameters if one.kind in ("pos", "key")}
        inner = {one: value for one, value in env.items() if one[0] != target or one[1] not in names}
        given = {}
        for name, arg in zip(positions, call.args, strict=False):
            if arg is not None and arg[0] == f.STAR:
                break
            given[name] = self.types.of(arg, fid, env)
        for name, value in call.keywords:
            if name in names:
                given[name] = self.types.of(value, fid, env)
        inner |= {(target, name): shapes for name, shapes in given.items() if shapes}
        return self.types.answers.within(target, self.types.returned, target, inner)

    def _of_external(self, dotted: str, call: Call, fid: FunctionId, env: Env) -> Shapes:
        first = call.args[0] if call.args and call.args[0] is not None and call.args[0][0] != f.STAR else None
        if dotted in _SAME:
            return self.types.of(first, fid, env)
        if dotted in _PARSING:
            large = next((one.large for one in self.types.of(first, fid, env) if one.large), "")
            return frozenset({Shape(ANY, large=large)}) if large else UNKNOWN
        if dotted == "asyncio.run":
            given = self.types.of(first, fid, env)
            return frozenset().union(*(one.elements() for one in given if one.name == "coroutine"))
        if dotted == "builtins.type" and len(call.args) > 1:
            return UNKNOWN
        if dotted in _CHOOSING:
            single = len(call.args) == 1 and first is not None
            return operators.each(self.types.of(first, fid, env)) if single else UNKNOWN
        if dotted == "builtins.dict":
            return self._dict(call, fid, env)
        if dotted == "builtins.sum" and first is not None:
            return operators.each(self.types.of(first, fid, env))
        if dotted in ("builtins.abs", "builtins.round") and len(call.args) == 1:
            return self.types.of(first, fid, env) if dotted == "builtins.abs" else UNKNOWN
        name = dotted.removeprefix("builtins.")
        found = self.outside((t.EXT, dotted))
        return frozenset(self._filled(shape, name, call, fid, env) for shape in found) if name in FILLED else found

    def _filled(self, shape: Shape, name: str, call: Call, fid: FunctionId, env: Env) -> Shape:
        """A container with what the arguments say of its elements."""
        given = [self.types.of(arg, fid, env) for arg in call.args if arg is not None and arg[0] != f.STAR]
        first = given[0] if given else UNKNOWN
        if name in _COPYING:
            large = next((one.large for one in first if one.large), "")
            return replace(holding(shape.name, operators.each(first)), large=large)
        if name == "zip":
            pair = tuple((position, part) for position, one in enumerate(given) if (part := operators.each(one)))
            return holding(shape.name, frozenset({Shape("tuple", pair)}))
        if name == "enumerate":
            pair = ((0, plain("int")), (1, operators.each(first)))
            return holding(shape.name, frozenset({Shape("tuple", pair)}))
        if name in ("collections.Counter", "dict.fromkeys"):
            values = plain("int") if name == "collections.Counter" else UNKNOWN
            keys = frozenset(one.name for one in operators.each(first) if one.cid is None)
            return replace(holding(shape.name, values), keys=keys)
        if name == "filter" and len(given) > 1:
            return holding(shape.name, operators.each(given[1]))
        if name == "map" and call.args:
            targets = [one for one in self.ev.expr(call.args[0], fid) if one[0] == t.FN]
            return holding(
                shape.name, agreed(self.types.returned(one[1], env) for one in targets) if targets else UNKNOWN
            )
        return shape

    def _dict(self, call: Call, fid: FunctionId, env: Env) -> Shapes:
        found = plain("dict")
        for arg in call.args:
            given = self.types.of(arg, fid, env)
            pairs = [pair for pair in operators.each(given) if pair.name == "tuple"]
            if given and all(shape.name in SEQUENCES or shape.name == "iterator" for shape in given) and pairs:
                keys = frozenset(one.name for pair in pairs for one in pair.part(0) if one.cid is None)
                values = frozenset().union(*(pair.part(1) for pair in pairs))
                found = operators.with_items(found, [(keys, None, values)])
            else:
                found = operators.merged(found, given)
        for name, value in call.keywords:
            given = self.types.of(value, fid, env)
            item = (frozenset({"str"}), name, given)
            found = operators.with_items(found, [item]) if name else operators.merged(found, given)
        return found

    def _method(self, call: Call, fid: FunctionId, env: Env) -> Shapes:
        """What a method of a value gives."""
        callee = call.callee
        if callee is None or callee[0] != f.ATTR:
            return UNKNOWN
        if callee[2] in _VIEWS and not call.args and self._is_json(callee[1], fid):
            return plain(f"dict_{callee[2]}")
        owners = [one[1] for one in self.ev.expr(callee[1], fid) if one[0] == t.CLASS]
        if len(owners) == 1:  # a constructor of the library that the class derives from
            made = self.types.classes.instance(owners[0])
            found = [self._inherited(shape, callee[2]) for shape in made]
            return made if found == [True] else UNKNOWN
        return frozenset().union(
            *(self._of_shape(one, callee[2], call, fid, env) for one in self.types.of(callee[1], fid, env))
        )

    def _is_json(self, expr: Expr, fid: FunctionId) -> bool:
        """Whether an expression is a part of what a handler gets."""
        while expr is not None and expr[0] == f.ITEM:
            expr = expr[1]
        scope = self.ev.scope_of(fid, expr[1]) if expr is not None and expr[0] == f.NAME else None
        return expr is not None and scope is not None and self.types.is_event(scope, expr[1])

    def _inherited(self, shape: Shape, name: str) -> bool:
        """Whether a method that a class has from a library gives an instance."""
        spec = self.types.known.member(self.types.known.methods, shape.lineage(self.types.known), name)
        return spec is not None and spec.name == "self"

    def _of_shape(self, shape: Shape, name: str, call: Call, fid: FunctionId, env: Env) -> Shapes:
        if shape.name == ANY and shape.parts:
            return shape.part(name)
        if shape.name in MAPPINGS and name in _ITEMS:
            key = call.args[0] if call.args else None
            known = shape.part(key[1]) if key is not None and key[0] == f.CONST else operators.any_part(shape)
            default = self.types.of(call.args[1], fid, env) if len(call.args) > 1 else UNKNOWN
            return agreed([known, default]) if default else known
        if shape.name in MAPPINGS and name in _VIEWS:
            keys = frozenset(Shape(key) for key in shape.keys)
            values = shape.elements()
            pair = frozenset({Shape("tuple", tuple((i, part) for i, part in ((0, keys), (1, values)) if part))})
            return frozenset({holding(f"dict_{name}", {"keys": keys, "values": values, "items": pair}[name])})
        spec = self.types.known.member(self.types.known.methods, shape.lineage(self.types.known), name)
        if spec is None:
            return UNKNOWN
        found = of_spec(spec, shape, shape.large or f"what {name}() gives")
        # What was small stays small: the text of a date is no whole file.
        reading = shape.large or shape.name not in ("str", "bytes")
        return found if reading else frozenset(replace(one, large="") for one in found)
