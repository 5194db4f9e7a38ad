"""The types of attributes: of modules, of classes and their members, and of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.answers import Env
from durable_lint.index.shapes import UNKNOWN, Shape, Shapes, agreed, of_spec, plain
from durable_lint.index.things import FunctionId

if TYPE_CHECKING:
    from durable_lint.index.types import TypeOf

_NONE = (f.CONST, None)


class Attributes:
    """Reads attributes for ``TypeOf``."""

    def __init__(self, types: TypeOf) -> None:
        self.types = types
        self.ev = types.ev

    def of(self, expr: tuple[object, ...], fid: FunctionId, env: Env) -> Shapes:
        """The types of an attribute expression."""
        base, name = expr[1], str(expr[2])
        things = self.ev.concrete(self.ev.expr(base, fid))  # type: ignore[arg-type]
        if len(things) == 1:
            thing = next(iter(things))
            if thing[0] == t.MODULE and thing[1].endswith(".py") and self.ev.modules.get(thing[1]) is not None:
                return self.types.named(name, (thing[1], 0), env)
            if thing[0] == t.CLASS:
                return self._of_class(thing[1], name, env)
            if thing[0] == t.EXT and self.types.known.name(thing[1]) in self.types.known.members:
                return plain(self.types.known.name(thing[1]))
        found = [self._member(shape, name, env) for shape in self.types.of(base, fid, env)]  # type: ignore[arg-type]
        return frozenset().union(*found)

    def _of_class(self, cid: FunctionId, name: str, env: Env) -> Shapes:
        """An attribute of a class: a member where it is an enum, else what its body binds."""
        for owner in [one[1] for one in self.ev.classes.lineage(cid) if one[0] == t.CLASS]:
            bound = self.ev.function(owner).bindings.get(name)
            if bound:
                is_function = any(value is not None and value[0] == f.FUNC for value in bound)
                if self.types.classes.members(cid) and not is_function:
                    return self.types.classes.instance(cid)
                return UNKNOWN if is_function else self.types.variable(owner, name, env)
        return UNKNOWN

    def _member(self, shape: Shape, name: str, env: Env) -> Shapes:
        """An attribute of a value."""
        spec = self.types.known.member(self.types.known.attributes, shape.lineage(self.types.known), name)
        if spec is not None:
            return of_spec(spec, shape, f"the {name} of a response")
        if shape.cid is None:
            return UNKNOWN
        for owner in [one[1] for one in self.ev.classes.lineage(shape.cid) if one[0] == t.CLASS]:
            function = self.ev.function(owner)
            if name in function.annotations:
                return self.types.classes.annotated(function.annotations[name], owner)
            slots = [v for v in function.bindings.get(name, ()) if v is not None and v[0] == f.FUNC]
            properties = [(owner[0], v[1]) for v in slots if self.ev.classes.is_property((owner[0], v[1]))]
            if properties:
                return frozenset().union(*(self.types.all_exits(fid, env) for fid in properties))
            if name in function.attributes:
                return self.types.answers.once(("attr", owner, name), env, self._set, owner, name, env)
        return UNKNOWN

    def _set(self, owner: FunctionId, name: str, env: Env) -> Shapes:
        """What the methods of a class set an attribute to."""
        values = [value for value in self.ev.function(owner).attributes[name] if value is not None]
        if any(value[2] == _NONE or value[0] == f.GROW for value in values):
            values = [value for value in values if value[2] != _NONE and value[0] != f.GROW]
        return agreed([self.types.of(value, owner, env) for value in values])
