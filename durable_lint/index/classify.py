"""What an instance of a class of the project is, and what annotations say of a value's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Expr
from durable_lint.index.shapes import MAPPINGS, UNKNOWN, Shape, Shapes, holding
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.types import Types

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator

_NEUTRAL = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing_extensions.Generic"})
_TYPED_DICTS = frozenset({"typing.TypedDict", "typing_extensions.TypedDict"})
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
_DATACLASSES = ("dataclasses.dataclass", "pydantic.dataclasses.dataclass")
_BUILDERS = ("attr.s", "attr.attrs", "attr.define", "attr.frozen", "attr.mutable", "attrs.define", "attrs.frozen",
             "attrs.mutable")  # fmt: skip
_UNIONS = frozenset({"typing.Union", "typing.Optional"})
_INNERMOST = frozenset({"typing.Annotated", "typing_extensions.Annotated", "typing.Final", "typing.ClassVar",
                        "typing.Required", "typing.NotRequired"})  # fmt: skip
_DEPTH = 8


class Classifier:
    """Tells the shapes of instances and of annotated values; built once for a project."""

    def __init__(self, evaluator: Evaluator, types: Types) -> None:
        self.ev = evaluator
        self.types = types
        self._classes: dict[FunctionId, Shapes] = {}
        self._annotations: dict[tuple[Expr, FunctionId], Shapes] = {}

    def instance(self, cid: FunctionId) -> Shapes:
        """The shape of an instance of a project class; unknown when one of its bases is."""
        if cid not in self._classes:
            self._classes[cid] = UNKNOWN
            self._classes[cid] = self._instance(cid)
        return self._classes[cid]

    def is_dataclass(self, cid: FunctionId) -> bool:
        """Whether a class or one of its bases is a dataclass of the standard library."""
        owners = [one[1] for one in self.ev.classes.lineage(cid) if one[0] == t.CLASS]
        return any(self.ev.is_decorated(owner, "dataclasses.dataclass") for owner in owners)

    def _instance(self, cid: FunctionId) -> Shapes:
        ev = self.ev
        lineage = ev.classes.lineage(cid)
        owners = [one[1] for one in lineage if one[0] == t.CLASS]
        built = any(ev.is_decorated(owner, name) for owner in owners for name in _DATACLASSES)
        made = built or any(ev.is_decorated(owner, name) for owner in owners for name in _BUILDERS)
        outside = [one[1].removesuffix("[]") for one in lineage if one[0] == t.EXT]
        if any(name in _TYPED_DICTS for name in outside):
            return frozenset({Shape("dict")})
        if any(name in _PROTOCOLS for name in outside):
            return UNKNOWN
        bases = [self.types.name(name) for name in outside if name not in _NEUTRAL]
        resolved = all(ev.expr(base, ev.parent(owner)) for owner in owners for base in ev.function(owner).bases)
        if not made and not (all(bases) and resolved):
            return UNKNOWN
        known = tuple(dict.fromkeys(name for name in bases if name))
        name = ev.function(cid).name
        label = f"an instance of {name}"
        if any(one in self.types.members for one in known):
            label = f"a member of the enum {name}"
        elif "namedtuple" in known:
            label = f"the namedtuple {name}"
        elif built:
            label = f"an instance of the dataclass {name}"
        elif "exception" in known:
            label = f"the exception {name}"
        elif "pydantic.BaseModel" in known:
            label = f"an instance of the pydantic model {name}"
        return frozenset({Shape(repr(cid), bases=known or ("instance",), label=label, cid=cid)})

    def members(self, cid: FunctionId) -> bool:
        """Whether what a class binds are members of the class itself (an enum)."""
        return any(base in self.types.members for shape in self.instance(cid) for base in shape.bases)

    # Annotations

    def annotated(self, expr: Expr, fid: FunctionId) -> Shapes:
        """The shapes of a value with this annotation, read in scope ``fid``. ``None`` in a union is left out, and a
        union of several other types says nothing."""
        key = (expr, fid)
        if key not in self._annotations:
            self._annotations[key] = self._annotated(expr, fid, _DEPTH)
        return self._annotations[key]

    def _annotated(self, expr: Expr, fid: FunctionId, depth: int) -> Shapes:
        found = self._alternatives(expr, fid, depth)
        return found if len({shape.name for shape in found}) < 2 else UNKNOWN

    def _alternatives(self, expr: Expr, fid: FunctionId, depth: int) -> Shapes:
        if expr is None or not depth:
            return UNKNOWN
        kind = expr[0]
        if kind == f.CONST:
            forward = isinstance(expr[1], str) and expr[1].isidentifier()
            return self._annotated((f.NAME, expr[1]), fid, depth - 1) if forward else UNKNOWN
        if kind == f.JOIN:
            return self._union(expr[1], fid, depth)
        if kind == f.ITEM:
            return self._subscripted(expr, fid, depth)
        if kind not in (f.NAME, f.ATTR):
            return UNKNOWN
        alias = self._alias(expr, fid)
        if alias is not None:
            return self._alternatives(alias[0], alias[1], depth - 1)
        found = self.ev.expr(expr, fid)
        return self._class(next(iter(found))) if len(found) == 1 else UNKNOWN

    def _union(self, parts: tuple[Expr, ...], fid: FunctionId, depth: int) -> Shapes:
        """One of these; unknown when one of them is, so that nothing is said of a value that may be well."""
        known = [self._alternatives(part, fid, depth - 1) for part in parts if part != (f.CONST, None)]
        return frozenset().union(*known) if all(known) else UNKNOWN

    def _alias(self, expr: tuple[object, ...], fid: FunctionId) -> tuple[Expr, FunctionId] | None:
        """What ``Tags = set[str]`` stands for, with the scope to read it in."""
        if expr[0] != f.NAME:
            return None
        scope = self.ev.scope_of(fid, str(expr[1]))
        bound = self.ev.function(scope).bindings.get(str(expr[1]), []) if scope is not None else []
        if scope is None or len(bound) != 1 or bound[0] is None:
            return None
        if bound[0][0] == f.IMPORT:
            path = self.ev.modules.find(scope[0], bound[0][1], bound[0][2])
            if path is None or not path.endswith(".py") or path == scope[0] or self.ev.modules.get(path) is None:
                return None
            inner = self.ev.function((path, 0)).bindings.get(bound[0][3], [])
            scope, bound = (path, 0), inner if len(inner) == 1 else [None]
        return (bound[0], scope) if bound[0] is not None and bound[0][0] in (f.ITEM, f.JOIN) else None

    def _class(self, thing: Thing) -> Shapes:
        """The instance that a class in an annotation stands for."""
        if thing[0] == t.CLASS:
            return self.instance(thing[1])
        name = self.types.name(thing[1]) if thing[0] == t.EXT else ""
        return frozenset({Shape(name)}) if name else UNKNOWN

    def _subscripted(self, expr: tuple[Expr, ...], fid: FunctionId, depth: int) -> Shapes:
        base, key = expr[1], expr[2]
        things = self.ev.expr(base, fid)
        dotted = next((one[1] for one in things if one[0] == t.EXT), "")
        inner = list(key[2]) if key is not None and key[0] == f.SEQ else [key]
        if dotted in _UNIONS:
            return self._union(tuple(inner), fid, depth)
        if dotted in _INNERMOST:
            return self._alternatives(inner[0], fid, depth - 1)
        outer = self._alternatives(base, fid, depth - 1)
        return frozenset(self._filled(shape, inner, fid, depth) for shape in outer)

    def _filled(self, shape: Shape, inner: list[Expr], fid: FunctionId, depth: int) -> Shape:
        """A container with the types of what it holds."""
        parts = [self._annotated(part, fid, depth - 1) for part in inner]
        if shape.name in MAPPINGS:
            keys = frozenset(one.name for one in parts[0] if one.cid is None)
            values = parts[1] if len(parts) > 1 else UNKNOWN
            return Shape(shape.name, ((None, values),) if values else (), keys)
        if shape.name == "tuple":
            each = [(position, part) for position, part in enumerate(parts) if part]
            repeated = len(inner) == 2 and inner[1] is None
            return holding("tuple", parts[0]) if repeated else Shape("tuple", tuple(each))
        if shape.name in ("list", "set", "frozenset", "collections.deque", "generator", "iterator"):
            return holding(shape.name, parts[0])
        if shape.name == "coroutine":
            return holding(shape.name, parts[-1])
        return shape
