"""What an expression can stand for. A *thing* is a tuple whose first item says what it is.

A function is identified by its module's path and its index there (``FunctionId``). A parameter is kept as a symbol, so
that what a function does with it can be decided for each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

FunctionId: TypeAlias = tuple[str, int]
Thing: TypeAlias = tuple[Any, ...]
Things: TypeAlias = frozenset[Thing]

EXT = "ext"  # (EXT, dotted): something outside the project; "a.b()" is what calling a.b gives
OBJ = "obj"  # (OBJ, constructor, path): an object of the catalogue, or what an attribute path from it gives
MODULE = "module"  # (MODULE, path): a module of the project
FN = "fn"  # (FN, FunctionId)
METHOD = "method"  # (METHOD, FunctionId, receiver): a function bound to its first argument
CLASS = "class"  # (CLASS, FunctionId), with a third item where it may be a subclass
INST = "inst"  # (INST, FunctionId of the class), with a third item where it may be of a subclass
SUPER = "super"  # (SUPER, FunctionId of the class, receiver)
PARTIAL = "partial"  # (PARTIAL, thing, positional arguments, keyword arguments): both tuples of Things
DECORATED = "decorated"  # (DECORATED, profile id, decorator, thing): a handler or a maker of bodies
FACTORY = "factory"  # (FACTORY, profile id, decorator): a decorator that was called with arguments of its own
THUNK = "thunk"  # (THUNK, profile id, decorator, thing): a called decorated function, ready for an operation
CARRIED = "carried"  # (CARRIED, thing): a body inside a carrier such as a branch object
CONST = "const"  # (CONST, value): a str or an int
CONTAINER = "container"  # (CONTAINER, kind, Things, nesting): a list, tuple, set, dict or generator and what it holds
KEYED = "keyed"  # (KEYED, kind, ((key, Things), ...), nesting): a dict with constant keys, or a tuple (keys are
# positions); one pair whose key is a frozenset of keys stands for more displays than are told apart
MEMBER = "member"  # (MEMBER, container, name): a method of a container, not yet called
SYMBOL = (
    "symbol"  # (SYMBOL, FunctionId, parameter, path): path of attribute names, "()" for a call and "[]" for an item
)
CONTEXT = "context"  # (CONTEXT, profile id, context class, path)
CONFIG = "config"  # (CONFIG, FunctionId, call index): an SDK's configuration object, looked at where it is built
TOOL = "tool"  # (TOOL, profile id, class id, path, origin): an object of an SDK's testing library, or a member of it;
# the origin is the call (FunctionId, index) that built the runner behind it, None when that is unknown
RESULT = "result"  # (RESULT, profile id, operation, path): what an operation gives

NOTHING: Things = frozenset()
MAX_PATH = 4
"""Longer attribute paths are unknown: what keeps the analysis finite, and quick in loops that walk a structure."""

_ANY = ("...",)
_REPEATABLE = frozenset({"()", "[]"})


def gather(found: Things, give: Callable[[Thing], Things]) -> Things:
    """All that a function gives for these things, mostly for one."""
    if len(found) == 1:
        for thing in found:
            return give(thing)
    return NOTHING.union(*map(give, found)) if found else NOTHING


def path_of(thing: Thing, step: str) -> Things:
    """A symbol, an object, a context or a result with one more step on its path; nothing when it gets too long."""
    path = thing[-1]
    if thing[0] == CONTEXT and (step == "[]" or step.startswith("__")):
        return NOTHING  # contexts are handed to code that asks anything of anything
    if thing[0] == RESULT and path:
        return frozenset({(*thing[:-1], _ANY)})  # data, wherever it stands in the result
    if path.count(step) >= (2 if step in _REPEATABLE else 1) and thing[0] == SYMBOL:
        return NOTHING
    return NOTHING if len(path) >= MAX_PATH else frozenset({(*thing[:-1], (*path, step))})


def external(dotted: str, name: str) -> Thing | None:
    """An attribute of something outside the project; None where too little is known of what it hangs on."""
    made = max(dotted.rfind("()"), dotted.rfind("[]"))
    hanging = dotted[made + 2 :] if made >= 0 else ""
    # Classes such as ``str`` are handed around and asked for anything: ``dict.fromkeys`` is as deep as it gets there.
    deepest = 2 if dotted.startswith("builtins.") else 7
    known = not hanging and not name.startswith("__")
    return (EXT, f"{dotted}.{name}") if dotted.count(".") < deepest and known else None


# Things form a lattice, so that nothing depends on how and when they arrive: joining is associative, commutative and
# idempotent, and it has an end. Nothing may nest without end: ``rows = [rows]`` in a loop would never come to rest.

MAX_NESTING = 3
"""How deep containers, and what wraps a callable, are told apart; what lies below that is forgotten."""

_MAX_FORMS = 3
"""How many displays of different keys one value may be before their keys are not told apart any more."""

_WRAPPERS = frozenset({DECORATED, THUNK, CARRIED})
_HOLDING = frozenset({CONTAINER, KEYED, MEMBER, PARTIAL}) | _WRAPPERS


def nesting(thing: Thing) -> int:
    """How many containers or wrappers deep a thing is; 0 for a plain one."""
    kind = thing[0]
    if kind in (CONTAINER, KEYED):
        return int(thing[3])
    if kind in _WRAPPERS:
        return 1 + nesting(thing[-1])
    if kind == PARTIAL:
        inside = [thing[1], *(one for given in thing[2] for one in given), *(one for _, v in thing[3] for one in v)]
        return 1 + max(map(nesting, inside), default=0)
    return nesting(thing[1]) if kind == MEMBER else 0


def wrappable(found: Iterable[Thing]) -> Things:
    """Things as they can be wrapped once more: what they hold too deep is forgotten."""
    return _shallow(found, MAX_NESTING - 1)


def container(kind: str, inside: Things) -> Thing:
    """A container of these things."""
    inside = wrappable(inside)
    return (CONTAINER, kind, inside, 1 + max(map(nesting, inside), default=0))


def keyed(kind: str, pairs: Iterable[tuple[object, Things]]) -> Thing:
    """A dict with constant keys, or a list or tuple whose keys are positions."""
    held = tuple((key, wrappable(inside)) for key, inside in pairs)
    return (KEYED, kind, held, 1 + max((nesting(thing) for _, inside in held for thing in inside), default=0))


def keys(thing: Thing) -> Iterator[Any]:
    """The keys or positions that a KEYED thing may have."""
    for key, _ in thing[2]:
        yield from sorted(key, key=repr) if isinstance(key, frozenset) else (key,)


def _shallow(found: Iterable[Thing], limit: int) -> Things:
    """Things no deeper than a limit."""
    found = frozenset(found)
    if _HOLDING.isdisjoint([thing[0] for thing in found]):
        return found  # most are
    return join(NOTHING, frozenset(one for thing in found if (one := _cut(thing, limit)) is not None))


def _cut(thing: Thing, limit: int) -> Thing | None:
    if nesting(thing) <= limit:
        return thing
    kind = thing[0]
    if not limit:
        return None
    if kind == CONTAINER:
        return container(thing[1], _shallow(thing[2], limit - 1))
    if kind == KEYED:
        return keyed(thing[1], ((key, _shallow(inside, limit - 1)) for key, inside in thing[2]))
    if kind == MEMBER:
        return (MEMBER, _cut(thing[1], limit), thing[2])
    if kind == PARTIAL:
        inner = _cut(thing[1], limit - 1)
        positional = tuple(_shallow(given, limit - 1) for given in thing[2])
        keywords = tuple((name, _shallow(given, limit - 1)) for name, given in thing[3])
        return (PARTIAL, inner, positional, keywords) if inner is not None else None
    inner = _cut(thing[-1], limit - 1)
    return (*thing[:-1], inner) if inner is not None else None


def join(old: frozenset[Any], new: frozenset[Any]) -> frozenset[Any]:
    """All things of two sets; things of one shape become one that holds what each of them holds."""
    if new <= old:
        return old
    both = old | new if old else new
    if len(both) == 1:
        return both
    groups: dict[Any, list[Thing]] = {}
    for thing in both:
        if type(thing) is tuple and thing and thing[0] in _HOLDING:
            groups.setdefault(_shape(thing), []).append(thing)
    if len(groups) == sum(map(len, groups.values())):
        return both
    merged = set(both)
    for group in groups.values():
        if len(group) > 1:
            merged.difference_update(group)
            merged |= _merged(group)
    return frozenset(merged)


def _shape(thing: Thing) -> Thing:
    """What stays of a thing however much what it holds grows."""
    kind = thing[0]
    if kind in (CONTAINER, KEYED):
        return thing[:2]
    if kind == MEMBER:
        return (MEMBER, thing[1][:2], thing[2])
    if kind == PARTIAL:
        return (PARTIAL, _shape(thing[1]), len(thing[2]), tuple(name for name, _ in thing[3]))
    return (*thing[:-1], _shape(thing[-1])) if kind in _WRAPPERS else thing


def _merged(group: list[Thing]) -> Things:
    """Things of one shape together, as deep as the deepest; displays, and what wraps them, can be several."""
    first = group[0]
    kind = first[0]
    if kind == KEYED:
        return _merged_displays(first[1], group)
    if kind == CONTAINER:
        inside = _together(thing[2] for thing in group)
        return frozenset({(CONTAINER, first[1], inside, max(thing[3] for thing in group))})
    if kind == MEMBER:
        inner = join(NOTHING, frozenset(thing[1] for thing in group))
        return frozenset((MEMBER, one, first[2]) for one in inner)
    if kind == PARTIAL:
        inner = join(NOTHING, frozenset(thing[1] for thing in group))
        positional = tuple(map(_together, zip(*(thing[2] for thing in group), strict=True)))
        named = [dict(thing[3]) for thing in group]
        keywords = tuple((name, _together(given[name] for given in named)) for name, _ in first[3])
        return frozenset((PARTIAL, one, positional, keywords) for one in inner)
    inner = join(NOTHING, frozenset(thing[-1] for thing in group))
    return frozenset((*first[:-1], one) for one in inner)


def _merged_displays(kind: str, group: list[Thing]) -> Things:
    forms: dict[tuple[object, ...], list[Thing]] = {}
    for thing in group:
        forms.setdefault(tuple(key for key, _ in thing[2]), []).append(thing)
    if len(forms) > _MAX_FORMS or any(isinstance(key, frozenset) for form in forms for key in form):
        every = frozenset(key for thing in group for key in keys(thing))
        inside = _together(one for thing in group for _, one in thing[2])
        return frozenset({(KEYED, kind, ((every, inside),), max(thing[3] for thing in group))})
    found = set()
    for form, alike in forms.items():
        pairs = tuple((key, _together(thing[2][at][1] for thing in alike)) for at, key in enumerate(form))
        found.add((KEYED, kind, pairs, max(thing[3] for thing in alike)))
    return frozenset(found)


def _together(many: Iterable[Things]) -> Things:
    return join(NOTHING, NOTHING.union(*many))
