"""What an annotation says of a value: an instance of a project class, an object of the catalogue, or a context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Expr
from durable_lint.index.things import FunctionId, Thing, Things

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator

_TRANSPARENT = frozenset({"Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"})
_COLLECTIONS = frozenset(
    [
        "list",
        "tuple",
        "deque",
        "List",
        "Tuple",
        "Deque",
        "Sequence",
        "MutableSequence",
        "Iterable",
        "Iterator",
        "Collection",
        "Generator",
        "AsyncIterator",
        "AsyncIterable",
    ]
)
_SETS = frozenset(["set", "frozenset", "Set", "FrozenSet", "AbstractSet", "MutableSet"])
_MAPPINGS = frozenset(["dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"])


def annotated(evaluator: Evaluator, expr: Expr, fid: FunctionId) -> Things:
    """The things that a value with this annotation, read in scope ``fid``, can be; nothing when it says nothing."""
    if expr is None:
        return t.NOTHING
    if expr[0] in (f.JOIN, f.EITHER):
        return evaluator.union(annotated(evaluator, part, fid) for part in expr[1])
    if expr[0] == f.ITEM:
        return _subscripted(evaluator, expr, fid)
    if expr[0] not in (f.NAME, f.ATTR):
        return t.NOTHING
    if expr[-1] in _SETS:
        return frozenset({t.container("set", t.NOTHING)})
    return t.gather(evaluator.expr(expr, fid), lambda thing: _instance(evaluator, thing))


def _subscripted(evaluator: Evaluator, expr: tuple[Expr, ...], fid: FunctionId) -> Things:
    base, key = expr[1], expr[2]
    name = base[-1] if base is not None and base[0] in (f.NAME, f.ATTR) else ""
    inner = list(key[2]) if key is not None and key[0] == f.SEQ else [key]
    if name in _TRANSPARENT:
        return evaluator.union(
            annotated(evaluator, part, fid) for part in (inner[:1] if name == "Annotated" else inner)
        )
    if name in _SETS:
        inside = evaluator.union(annotated(evaluator, part, fid) for part in inner)
        return frozenset({t.container("set", inside)})
    if name in _COLLECTIONS:
        return _container(evaluator.union(annotated(evaluator, part, fid) for part in inner), "list")
    if name in _MAPPINGS:
        return _container(annotated(evaluator, inner[-1], fid), "dict")
    return annotated(evaluator, base, fid)


def _container(inside: Things, kind: str) -> Things:
    return frozenset({t.container(kind, inside)}) if inside else t.NOTHING


def _instance(evaluator: Evaluator, thing: Thing) -> Things:
    """The instance that a class in an annotation stands for."""
    known = evaluator.instances.get(thing)
    if known is None:
        known = evaluator.instances[thing] = _instance_of(evaluator, thing)
    return known


def _instance_of(evaluator: Evaluator, thing: Thing) -> Things:
    if thing[0] == t.CLASS:
        return frozenset({(t.INST, thing[1], "self")})
    if thing[0] != t.EXT:
        return t.NOTHING
    tool = evaluator.tool(thing[1])
    if tool is not None:
        return frozenset({tool})
    symbol = evaluator.symbol(thing[1])
    if symbol is not None:
        profile, name = symbol
        context = profile.context_names.get(name)
        return frozenset({(t.CONTEXT, profile.id, context.id, ())}) if context is not None else t.NOTHING
    rule = evaluator.catalogue.type(thing[1])
    # Where it depends on how an object was built whether it counts, its class says nothing.
    known = rule is not None and rule.only is None and rule.unless is None
    return frozenset({(t.OBJ, thing[1], ())}) if known else t.NOTHING
