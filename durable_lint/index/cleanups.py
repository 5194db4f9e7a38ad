"""Code that runs when a block is left, also at every suspension in it: ``finally`` and the ends of context managers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Read
from durable_lint.index.issuing import Issuing
from durable_lint.index.things import FunctionId
from durable_lint.records import dataclass

if TYPE_CHECKING:
    from durable_lint.index.facts import Module

Place = tuple[str, int, int]
"""A module's path and two offsets in its text."""

SIDE_EFFECTS = frozenset(
    {"network", "aws", "database", "filesystem", "subprocess", "output", "logging", "blocking", "thread"}
)
"""The kinds of effects that do something, and do it again when they are repeated."""

_MANAGERS = ("contextlib.contextmanager", "contextlib.asynccontextmanager")


@dataclass(frozen=True, slots=True)
class Cleanup:
    """A span of a function; ``managed`` is the ``with`` whose block can suspend, None for a plain ``finally``."""

    start: int
    end: int
    managed: Place | None = None


class Cleanups:
    """Which parts of functions run at a suspension. To be asked when the project is linked."""

    def __init__(self, evaluator: Evaluator, issuing: Issuing, loaded: Callable[[], list[Module]]) -> None:
        self.ev = evaluator
        self.issuing = issuing
        self._loaded = loaded
        self._known: dict[FunctionId, list[Cleanup]] = {}

    def of(self, fid: FunctionId) -> list[Cleanup]:
        """The parts of a function that run at a suspension, in the order of the text."""
        if fid not in self._known:
            self._known[fid] = sorted(self._find(fid), key=lambda one: (one.start, one.end))
        return self._known[fid]

    def holds(self, fid: FunctionId, offset: int) -> bool:
        """Whether a place of a function runs at a suspension."""
        return any(one.start <= offset < one.end for one in self.of(fid))

    @property
    def has_looked(self) -> bool:
        """Whether the blocks of the whole project were looked at."""
        return "_suspending" in vars(self)

    def look(self) -> None:
        """Look at the blocks of the whole project."""
        assert self._suspending is not None

    def _find(self, fid: FunctionId) -> Iterator[Cleanup]:
        function = self.ev.function(fid)
        for attempt in function.tries:
            if attempt.final is not None:
                if self.issues(fid, *attempt.before):
                    yield Cleanup(*attempt.final)
                elif self._pauses(fid, *attempt.before) and fid in self._suspending:
                    yield Cleanup(*attempt.final, self._suspending[fid])
        if function.name in ("__exit__", "__aexit__") and fid in self._suspending:
            yield Cleanup(function.start, function.end, self._suspending[fid])

    def issues(self, fid: FunctionId, start: int, end: int) -> bool:
        """Whether a part of a function issues an operation."""
        calls = enumerate(self.ev.function(fid).calls)
        return any(start <= call.start < end and self.issuing.at(fid, index) for index, call in calls)

    def _pauses(self, fid: FunctionId, start: int, end: int) -> bool:
        return any(start <= pause < end for pause in self.ev.function(fid).pauses)

    @cached_property
    def _suspending(self) -> dict[FunctionId, Place]:
        """The context managers (``__exit__`` or a generator) of blocks that can suspend, each with its first block."""
        found: dict[FunctionId, Place] = {}
        passed: list[tuple[FunctionId, FunctionId, Place]] = []
        notes = self.ev.solver.notes
        for module in self._loaded():
            for function in module.functions:
                fid = (module.path, function.index)
                for managed in function.withs:
                    place = (module.path, managed.start, managed.end)
                    for target in self._managers(fid, managed):
                        if self.issues(fid, managed.end, managed.until):
                            found[target] = min(place, found.get(target, place))
                        elif self._pauses(fid, managed.end, managed.until):
                            passed.append((fid, target, place))
                        else:
                            continue
                        if notes is not None and target[0] != module.path:
                            notes.managed.add((target[0], module.path))
        for _ in passed:  # a manager whose block is that of another one
            for outer, target, place in passed:
                if outer in found:
                    found.setdefault(target, place)
        return found

    def _managers(self, fid: FunctionId, managed: Read) -> list[FunctionId]:
        """The functions of the project that run when the block of a ``with`` is left."""
        found = set()
        for thing in self.ev.concrete(self.ev.expr(managed.expr, fid)):
            for name in ("__exit__", "__aexit__"):
                found.update(self.ev.classes.methods(thing, name))
        if managed.expr is not None and managed.expr[0] == f.CALL:
            callee = self.ev.function(fid).calls[managed.expr[1]].callee
            called = self.ev.concrete(self.ev.expr(callee, fid))
            found.update(thing[1] for thing in called if thing[0] in (t.FN, t.METHOD) and self._manages(thing[1]))
        return sorted(found)

    def _manages(self, fid: FunctionId) -> bool:
        """Whether a function is a generator that contextlib makes a context manager."""
        return self.ev.function(fid).is_generator and any(self.ev.is_decorated(fid, name) for name in _MANAGERS)
