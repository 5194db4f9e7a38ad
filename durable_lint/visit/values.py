"""What the visitor knows of a value: where it came from, whether its order is fixed, and what it reaches."""

from __future__ import annotations

from durable_lint.index.effects import Hops
from durable_lint.knowledge.profiles import Operation, Profile
from durable_lint.records import dataclass, field

VALUE_KINDS = frozenset({"clock", "random", "identity", "environment", "process", "invocation", "replaying",
                         "replaying-uncalled", "import-time", "memoised", "order"})  # fmt: skip
"""Kinds of effects that make a value; the others only do something."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value in workflow code. ``sources`` are keys of Source; ``unordered``: iterating it gives any order."""

    sources: frozenset[int] = frozenset()
    unordered: bool = False

    def __or__(self, other: Value) -> Value:
        if self == other:
            return self
        return Value(self.sources | other.sources, self.unordered or other.unordered)

    def made(self) -> Value:
        """A value computed from this one: of the same sources, but no set any more."""
        return Value(self.sources) if self.unordered else self


CLEAN = Value()


@dataclass(slots=True)
class Source:
    """Where a value that differs on replay is made, or an order is taken that does.

    ``kind`` is the effect's; ``reaches`` maps what the value reaches (``name``, ``argument``, ``body``, ``branch``,
    ``loop``, ``kept``, ``log``, ``result``) to a description and the offset of the place, or -1.
    """

    key: int
    kind: str
    number: int
    reaches: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a region something stands. ``loops``: how many loops run it again; ``path``: the arm taken of each
    branch, as (branch, arm); ``first_run``: only when nothing is replayed; ``finals``: inside ``finally``."""

    loops: tuple[int, ...] = ()
    path: tuple[tuple[int, int], ...] = ()
    first_run: bool = False

    def excludes(self, other: Place) -> bool:
        """Whether at most one of two places runs."""
        mine = dict(self.path)
        return any(branch in mine and mine[branch] != arm for branch, arm in other.path)


@dataclass(slots=True)
class EffectUse:
    """Something impure that code of a region does: ``number`` is the node's, ``start`` and ``end`` its text."""

    number: int
    start: int
    end: int
    kind: str
    api: str
    hops: Hops
    place: Place
    source: Source | None = None
    in_name: bool = False


@dataclass(slots=True)
class OperationUse:
    """An operation that code of a region issues on ``context``, the thing that receives it.

    ``label`` is ``missing``, ``none``, ``constant`` or ``given``; ``text`` the constant; ``bodies`` says whether every
    body is a decorated function that names the operation.
    """

    number: int
    start: int
    end: int
    profile: Profile
    operation: Operation
    outer: bool
    place: Place
    label: str = "missing"
    text: str = ""
    label_span: tuple[int, int] = (0, 0)
    label_sources: frozenset[int] = frozenset()
    names_itself: bool = False
    scope: tuple[object, ...] = ()
