"""Sets have no order: what is one, which functions take an order from it, and which don't care."""

from __future__ import annotations

from durable_lint.index import things as t
from durable_lint.index.things import Things

SETS = frozenset({"builtins.set", "builtins.frozenset"})
CARELESS = frozenset({"builtins.sorted", "builtins.len", "builtins.min", "builtins.max", "builtins.sum",
                       "builtins.any", "builtins.all", "builtins.bool", "builtins.isinstance", "math.fsum",
                       "statistics.mean", "statistics.median", "collections.Counter"})  # fmt: skip
"""Calls whose result does not depend on the order of what they get."""

TAKING = frozenset({"builtins.list", "builtins.tuple", "builtins.enumerate", "builtins.iter", "builtins.next",
                     "builtins.zip", "builtins.map", "builtins.filter", "builtins.reversed", "builtins.str",
                     "builtins.repr", "builtins.dict", "builtins.dict.fromkeys", "collections.deque",
                     "itertools.chain", "itertools.islice", "itertools.chain.from_iterable", "random.Random",
                     "json.dumps", "collections.OrderedDict"})  # fmt: skip
"""Calls whose result is in the order of what they get."""


def is_set(things: Things) -> bool:
    """Whether some of the things are sets in which the order can differ."""
    for thing in things:
        if thing[0] == t.CONTAINER and thing[1] in ("set", "frozenset"):
            held = thing[2]
            if not held or not all(one[0] == t.CONST and isinstance(one[1], int) for one in held):
                return True
    return False
