"""What the operations of an SDK raise when they fail, and how the failures of a batch are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from durable_lint.records import dataclass, field

KEYS = {
    "failures": {"base", "replay", "module", "typed-since", "everywhere", "bases", "raised-by"},
    "batch": {"operations", "results", "ask", "looks", "partial"},
}
"""The tables of a profile that are read here, and their keys."""


@dataclass(frozen=True)
class Failures:
    """``bases`` maps each exception class to its base; ``everywhere`` are those that any operation can raise and
    ``raised_by`` those of one, by its name; ``base`` is the class of all operations' own failures, ``replay`` that of a
    replay that differs. ``module`` has the classes; the operations' own ones are there since ``typed_since``."""

    base: str = ""
    replay: str = ""
    module: str = ""
    typed_since: tuple[int, ...] = ()
    everywhere: tuple[str, ...] = ()
    bases: Mapping[str, str] = field(default_factory=dict)
    raised_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def lineage(self, name: str) -> tuple[str, ...]:
        """A class and those that it derives from, as far as they are the SDK's own."""
        found: list[str] = []
        while name in self.bases and name not in found:
            found.append(name)
            name = self.bases[name]
        return tuple(found)

    def can_catch(self, name: str, operation: str) -> bool:
        """Whether a clause for one of the SDK's classes can catch what an operation raises."""
        raised = (*self.everywhere, *self.raised_by[operation])
        return any(name in self.lineage(one) or one in self.lineage(name) for one in raised)


@dataclass(frozen=True)
class Batch:
    """The result of ``operations`` that run many bodies: ``results`` is the method that leaves failed ones out,
    ``ask`` the one that raises for them, ``looks`` the members that say whether there are any. ``partial`` are the
    settings by which a batch is meant to end before all bodies have succeeded."""

    operations: tuple[str, ...] = ()
    results: str = ""
    ask: str = ""
    looks: frozenset[str] = frozenset()
    partial: frozenset[str] = frozenset()


def failures(table: Mapping[str, Any]) -> Failures:
    """Read a table ``[failures]``, whose keys are known to be right."""
    return Failures(
        str(table.get("base", "")),
        str(table.get("replay", "")),
        str(table.get("module", "")),
        tuple(int(part) for part in str(table.get("typed-since", "0")).split(".")),
        tuple(table.get("everywhere", ())),
        {str(name): str(base) for name, base in table.get("bases", {}).items()},
        {str(name): tuple(raised) for name, raised in table.get("raised-by", {}).items()},
    )


def batch(table: Mapping[str, Any]) -> Batch:
    """Read a table ``[batch]``, whose keys are known to be right."""
    return Batch(
        tuple(table.get("operations", ())),
        str(table.get("results", "")),
        str(table.get("ask", "")),
        frozenset(table.get("looks", ())),
        frozenset(table.get("partial", ())),
    )
