"""What calls of builtins, the standard library and the SDK give, as far as the analysis needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index import tools
from durable_lint.index.binding import Arguments
from durable_lint.index.given import given
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.knowledge import conditions

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator

_COPIES = frozenset({"builtins.list", "builtins.tuple", "builtins.sorted", "builtins.reversed", "builtins.iter",
                     "builtins.set", "builtins.frozenset", "builtins.filter", "collections.deque",
                     "itertools.chain", "itertools.islice", "itertools.cycle", "asyncio.gather"})  # fmt: skip
_SAME = frozenset({"copy.copy", "copy.deepcopy", "typing.cast", "builtins.staticmethod", "builtins.classmethod",
                   "contextlib.closing", "contextlib.nullcontext", "asyncio.run", "dataclasses.replace",
                   "functools.lru_cache()", "asyncio.wait_for", "asyncio.create_task", "asyncio.ensure_future",
                   "asyncio.shield", "contextlib.ExitStack().enter_context",
                   "contextlib.AsyncExitStack().enter_context"})  # fmt: skip
"""Calls that hand on one of their arguments."""

CALLING = frozenset({"builtins.map", "builtins.filter", "builtins.sorted", "builtins.min", "builtins.max",
                     "functools.reduce", "itertools.starmap", "itertools.groupby", "itertools.takewhile",
                     "itertools.dropwhile", "itertools.accumulate", "itertools.filterfalse", "re.sub", "re.subn",
                     "heapq.nlargest", "heapq.nsmallest", "heapq.merge", "asyncio.run", "asyncio.gather",
                     "asyncio.wait_for", "collections.defaultdict", "builtins.next", "builtins.any", "builtins.all",
                     "builtins.sum", "builtins.iter", "json.dumps", "json.loads"})  # fmt: skip
"""Functions outside the project that call the callables they are given, before they return."""


def call(ev: Evaluator, thing: Thing, arguments: Arguments, fid: FunctionId, index: int | None) -> Things:
    """The result of calling something outside the project, or a method of a container or of a tool."""
    if thing[0] == t.MEMBER:
        return _member(ev, thing, arguments)
    if thing[0] == t.TOOL:
        return tools.called(ev, thing)
    dotted: str = thing[1]
    tool = ev.tool(dotted)
    if tool is not None:
        return frozenset({(*tool[:4], (fid, index) if index is not None else None)})
    symbol = ev.symbol(dotted)
    if symbol is not None:
        return _sdk(symbol[0].id, symbol[1], ev, dotted, arguments, fid, index)
    special = _SPECIAL.get(dotted)
    if special is not None:
        return special(ev, arguments, fid)
    if dotted in _SAME:
        return ev.union(arguments.all())
    if dotted in _COPIES:
        elements = ev.union(ev.each(one) for given in arguments.all() for one in given)
        return frozenset({t.container(dotted.rpartition(".")[2], elements)})
    rule = ev.catalogue.object(dotted)
    if rule is not None:
        known = given(ev, ev.function(fid).calls[index], fid) if index is not None else conditions.Arguments()
        return frozenset({(t.OBJ, dotted, ())}) if rule.applies(known) else t.NOTHING
    return _result(dotted)


def _result(dotted: str) -> Things:
    """What calling something outside the project gives.

    What hangs on an unknown result is unknown: keeping it would let loops over such values grow without end.
    """
    return frozenset({(t.EXT, f"{dotted}()")}) if "()" not in dotted and "[]" not in dotted else t.NOTHING


def _sdk(
    profile_id: str, name: str, ev: Evaluator, dotted: str, arguments: Arguments, fid: FunctionId, index: int | None
) -> Things:
    profile = ev.profiles[profile_id]
    decorator = profile.decorators.get(name)
    if decorator is not None:
        given = arguments.positional[0] if arguments.positional else arguments.keywords.get("func", t.NOTHING)
        applied = [inner for inner in given if inner[0] != t.CONST]
        if decorator.factory == "must" or not applied:
            return frozenset({(t.FACTORY, profile_id, name)})
        return frozenset((t.DECORATED, profile_id, name, inner) for inner in t.wrappable(applied))
    carrier = profile.carriers.get(name)
    if carrier is not None:
        carried = t.wrappable(arguments.at(carrier.place.arg, carrier.place.keyword))
        return frozenset((t.CARRIED, inner) for inner in carried)
    operation = profile.functions.get(name)
    if operation is not None:
        return frozenset({(t.RESULT, profile_id, name, ())})
    if name.endswith("Config") and index is not None:
        return frozenset({(t.CONFIG, fid, index)})
    return _result(dotted)


def _member(ev: Evaluator, thing: Thing, arguments: Arguments) -> Things:
    container, name = thing[1], thing[2]
    inside = container[2] if container[0] == t.CONTAINER else ev.union(value for _, value in container[2])
    if name in ("get", "pop", "setdefault", "popleft", "popitem", "__getitem__"):
        keys = arguments.positional[0] if arguments.positional else t.NOTHING
        wanted = {key[1] for key in keys if key[0] == t.CONST}
        default = arguments.positional[1] if len(arguments.positional) > 1 else t.NOTHING
        if container[0] == t.KEYED and container[1] == "dict" and wanted and len(wanted) == len(keys):
            exact = [value for key, value in container[2] if key in wanted]
            return ev.union(exact) | default if exact else inside | default
        return inside | default
    if name == "values":
        return frozenset({t.container("list", inside)})
    if name == "items":
        pair = t.keyed("tuple", ((0, t.NOTHING), (1, inside)))
        return frozenset({t.container("list", frozenset({pair}))})
    if name in ("copy", "union", "difference", "intersection", "symmetric_difference"):
        return frozenset({container})
    return t.NOTHING


def _partial(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    if not arguments.positional:
        return t.NOTHING
    keywords = tuple((name, t.wrappable(given)) for name, given in sorted(arguments.keywords.items()))
    positional = tuple(map(t.wrappable, arguments.positional[1:]))
    functions = t.wrappable(arguments.positional[0])
    return frozenset((t.PARTIAL, inner, positional, keywords) for inner in functions)


def _cache(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    functions = frozenset(one for given in arguments.positional[:1] for one in given if one[0] in (t.FN, t.METHOD))
    return functions or frozenset({(t.EXT, "functools.lru_cache()")})


def _getattr(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    if len(arguments.positional) < 2:
        return t.NOTHING
    names = sorted(key[1] for key in arguments.positional[1] if key[0] == t.CONST and isinstance(key[1], str))
    return ev.union(ev.attribute(base, name) for base in arguments.positional[0] for name in names)


def _enumerate(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    inside = ev.union(ev.each(one) for one in arguments.at(0, "iterable"))
    pair = t.keyed("tuple", ((0, t.NOTHING), (1, inside)))
    return frozenset({t.container("gen", frozenset({pair}))})


def _zip(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    pairs = tuple((i, ev.union(ev.each(one) for one in given)) for i, given in enumerate(arguments.positional))
    return frozenset({t.container("gen", frozenset({t.keyed("tuple", pairs)}))})


def _map(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    if len(arguments.positional) < 2:
        return t.NOTHING
    given = tuple(ev.union(ev.each(one) for one in many) for many in arguments.positional[1:])
    called = ev.union(ev.call(fn, Arguments(given), fid, None) for fn in arguments.positional[0])
    return frozenset({t.container("gen", called)})


def _dict(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    given = arguments.positional[0] if arguments.positional else t.NOTHING
    plain = tuple(sorted(arguments.keywords.items()))
    return frozenset(thing for thing in given if thing[0] in (t.CONTAINER, t.KEYED)) | {t.keyed("dict", plain)}


def _next(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    default = arguments.positional[1] if len(arguments.positional) > 1 else t.NOTHING
    return default | (ev.union(ev.each(one) for one in arguments.positional[0]) if arguments.positional else t.NOTHING)


def _super(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    owner = ev.enclosing_class(fid)
    return frozenset({(t.SUPER, owner, (t.INST, owner))}) if owner is not None else t.NOTHING


def _field(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    made = arguments.keywords.get("default_factory", t.NOTHING) | arguments.keywords.get("factory", t.NOTHING)
    default = arguments.keywords.get("default", t.NOTHING)
    return default | ev.union(ev.call(factory, Arguments(), fid, None) for factory in made)


def _import_module(ev: Evaluator, arguments: Arguments, fid: FunctionId) -> Things:
    names = arguments.positional[0] if arguments.positional else t.NOTHING
    return frozenset((t.EXT, name[1]) for name in names if name[0] == t.CONST and isinstance(name[1], str))


_SPECIAL: dict[str, Callable[[Evaluator, Arguments, FunctionId], Things]] = {
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "functools.lru_cache": _cache,
    "functools.cache": _cache,
    "builtins.getattr": _getattr,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.dict": _dict,
    "builtins.next": _next,
    "builtins.super": _super,
    "dataclasses.field": _field,
    "attr.ib": _field,
    "attrs.field": _field,
    "pydantic.Field": _field,
    "importlib.import_module": _import_module,
}
