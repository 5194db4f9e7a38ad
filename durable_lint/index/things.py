"""What an expression can stand for. A *thing* is a tuple whose first item says what it is.

A function is identified by its module's path and its index there (``FunctionId``). A parameter is kept as a symbol, so
that what a function does with it can be decided for each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
KEYED = (
    "keyed"  # (KEYED, kind, ((key, Things), ...), nesting): a dict with constant keys, or a tuple (keys are positions)
)
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


# Nothing may nest without end: ``rows = [rows]`` in a loop would never come to rest.

MAX_NESTING = 3
"""How deep containers, and what wraps a callable, are told apart; below that what is in them is forgotten."""

_MAX_FORMS = 3
"""How many displays of different keys one value may be before they are taken for one container."""


def nesting(thing: Thing) -> int:
    """How many containers or wrappers deep a thing is; 0 for a plain one."""
    kind = thing[0]
    if kind in (CONTAINER, KEYED):
        return int(thing[3])
    if kind in (DECORATED, THUNK, CARRIED):
        return 1 + nesting(thing[-1])
    if kind == PARTIAL:
        inside = [thing[1], *(one for given in thing[2] for one in given), *(one for _, v in thing[3] for one in v)]
        return 1 + max(map(nesting, inside), default=0)
    return nesting(thing[1]) if kind == MEMBER else 0


def wrappable(found: Iterable[Thing]) -> list[Thing]:
    """The things that may be wrapped once more."""
    return [thing for thing in found if nesting(thing) < MAX_NESTING]


def container(kind: str, inside: Things) -> Thing:
    """A container of these things."""
    level = 1 + max(map(nesting, inside), default=0)
    if level > MAX_NESTING:
        inside, level = frozenset(thing for thing in inside if not nesting(thing)), 1
    return (CONTAINER, kind, inside, level)


def keyed(kind: str, pairs: tuple[tuple[object, Things], ...]) -> Thing:
    """A dict with constant keys, or a list or tuple whose keys are positions."""
    level = 1 + max((nesting(thing) for _, inside in pairs for thing in inside), default=0)
    if level > MAX_NESTING:
        pairs = tuple((key, frozenset(thing for thing in inside if not nesting(thing))) for key, inside in pairs)
        level = 1
    return (KEYED, kind, pairs, level)


def join(old: frozenset[Any], new: frozenset[Any]) -> frozenset[Any]:
    """All things of two sets; containers of one kind become one that holds what each of them holds."""
    if new <= old:
        return old
    both = old | new if old else new
    if len(both) == 1:
        return both
    groups: dict[tuple[str, str], list[Thing]] = {}
    for thing in both:
        if type(thing) is tuple and thing and thing[0] in (CONTAINER, KEYED):
            groups.setdefault((thing[0], thing[1]), []).append(thing)
    if all(len(group) < 2 for group in groups.values()):
        return both
    merged: set[Any] = {thing for thing in both if type(thing) is not tuple or thing[0] not in (CONTAINER, KEYED)}
    for (form, kind), group in groups.items():
        merged |= _merged_keyed(kind, group) if form == KEYED else {_merged(kind, [thing[2] for thing in group])}
    return frozenset(merged)


def _merged(kind: str, many: list[Things]) -> Thing:
    inside: frozenset[Any] = frozenset()
    for one in many:
        inside = join(inside, one)
    return container(kind, inside)


def _merged_keyed(kind: str, group: list[Thing]) -> set[Thing]:
    forms: dict[tuple[object, ...], list[Thing]] = {}
    for thing in group:
        forms.setdefault(tuple(key for key, _ in thing[2]), []).append(thing)
    if len(forms) > _MAX_FORMS:
        return {_merged(kind, [inside for thing in group for _, inside in thing[2]])}
    found = set()
    for keys, alike in forms.items():
        values = [_merged("", [thing[2][position][1] for thing in alike])[2] for position in range(len(keys))]
        found.add(keyed(kind, tuple(zip(keys, values, strict=True))))
    return found
