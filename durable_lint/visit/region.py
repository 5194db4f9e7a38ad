"""What the visitor has learnt of one region: the code of one function in one of its roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from durable_lint.index.effects import Hops
from durable_lint.index.things import FunctionId
from durable_lint.records import dataclass, field
from durable_lint.visit.values import EffectUse, OperationUse, Place, Source

if TYPE_CHECKING:
    from durable_lint.visit.numbering import Numbered


@dataclass(slots=True)
class TryUse:
    """A ``try`` statement: whether its body can suspend, and whether anything before its ``finally`` can.

    ``swallowing`` is the number of the clause that keeps suspensions, or -1; ``leaving`` are those of the statements by
    which its ``finally`` is left.
    """

    body_issues: bool
    issues: bool
    swallowing: int
    leaving: tuple[int, ...]


@dataclass(slots=True)
class WithUse:
    """A ``with`` item by the number of its first node: whether its block can suspend, and whether it keeps that."""

    number: int
    issues: bool
    suppresses: bool


@dataclass(slots=True)
class NameUse:
    """A constant operation name that is used on a context: at the operation, or at the call that leads to it."""

    number: int
    start: int
    end: int
    scope: tuple[object, ...]
    label: str
    place: Place


@dataclass(slots=True)
class PassedName:
    """An argument that a called function uses as an operation's name, and the sources it depends on."""

    start: int
    end: int
    sources: frozenset[int]


@dataclass(slots=True)
class LeadUse:
    """A call that leads to an operation in another function; ``outer``: on a context that is not the region's own."""

    number: int
    start: int
    end: int
    hops: Hops
    outer: bool


@dataclass(slots=True)
class Region:
    """``kind`` is ``workflow``, ``child`` or ``step``; ``numbered`` is the tree that holds its code."""

    kind: str
    fid: FunctionId
    label: str
    numbered: Numbered
    effects: dict[tuple[int, str], EffectUse] = field(default_factory=dict)
    operations: dict[int, OperationUse] = field(default_factory=dict)
    leads: dict[int, LeadUse] = field(default_factory=dict)
    names: dict[tuple[int, str], NameUse] = field(default_factory=dict)
    passed_names: dict[tuple[int, int, int], PassedName] = field(default_factory=dict)
    tries: dict[int, TryUse] = field(default_factory=dict)
    withs: dict[int, WithUse] = field(default_factory=dict)
    sources: dict[tuple[int, str], Source] = field(default_factory=dict)

    @property
    def replayed(self) -> bool:
        """Whether the region runs again on every replay."""
        return self.kind != "step"

    def ordered_effects(self) -> Sequence[EffectUse]:
        """The effects in the order of the text."""
        return sorted(self.effects.values(), key=lambda use: (use.start, use.end, use.kind))

    def ordered_operations(self) -> Sequence[OperationUse]:
        """The operations in the order of the text."""
        return sorted(self.operations.values(), key=lambda use: (use.start, use.end))
