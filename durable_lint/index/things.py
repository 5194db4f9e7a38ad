"""What an expression can stand for. A *thing* is a tuple whose first item says what it is.

A function is identified by its module's path and its index there (``FunctionId``). A parameter is kept as a symbol, so
that what a function does with it can be decided for each call.
"""

from __future__ import annotations

from typing import Any, TypeAlias

FunctionId: TypeAlias = tuple[str, int]
Thing: TypeAlias = tuple[Any, ...]
Things: TypeAlias = frozenset[Thing]

EXT = "ext"  # (EXT, dotted): something outside the project; "a.b()" is what calling a.b gives
OBJ = "obj"  # (OBJ, constructor, path): an object of the catalogue, or what an attribute path from it gives
MODULE = "module"  # (MODULE, path): a module of the project
FN = "fn"  # (FN, FunctionId)
METHOD = "method"  # (METHOD, FunctionId, receiver): a function bound to its first argument
CLASS = "class"  # (CLASS, FunctionId)
INST = "inst"  # (INST, FunctionId of the class)
SUPER = "super"  # (SUPER, FunctionId of the class, receiver)
PARTIAL = "partial"  # (PARTIAL, thing, positional arguments, keyword arguments): both tuples of Things
DECORATED = "decorated"  # (DECORATED, profile id, decorator, thing): a handler or a maker of bodies
FACTORY = "factory"  # (FACTORY, profile id, decorator): a decorator that was called with arguments of its own
THUNK = "thunk"  # (THUNK, profile id, decorator, thing): a called decorated function, ready for an operation
CARRIED = "carried"  # (CARRIED, thing): a body inside a carrier such as a branch object
CONST = "const"  # (CONST, value): a str or an int
CONTAINER = "container"  # (CONTAINER, kind, Things): a list, tuple, set, dict or generator and what it holds
KEYED = "keyed"  # (KEYED, ((key, Things), ...)): a dict with constant keys, or a tuple (keys are positions)
MEMBER = "member"  # (MEMBER, container, name): a method of a container, not yet called
SYMBOL = (
    "symbol"  # (SYMBOL, FunctionId, parameter, path): path of attribute names, "()" for a call and "[]" for an item
)
CONTEXT = "context"  # (CONTEXT, profile id, context class, path)
CONFIG = "config"  # (CONFIG, FunctionId, call index): an SDK's configuration object, looked at where it is built
RESULT = "result"  # (RESULT, profile id, operation, path): what an operation gives

NOTHING: Things = frozenset()
MAX_PATH = 6
"""Longer attribute paths are unknown: what keeps the analysis finite."""


def path_of(thing: Thing, step: str) -> Things:
    """A symbol, a context or a result with one more step on its path; nothing when it gets too long."""
    path = (*thing[-1], step)
    return NOTHING if len(path) > MAX_PATH else frozenset({(*thing[:-1], path)})
