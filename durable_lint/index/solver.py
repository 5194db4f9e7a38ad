"""A least fixpoint over keyed facts that depend on each other.

Every key's value only grows, by a join that has an end, so the answer does not depend on the order in which keys are
asked for or recomputed.

A key is *settled* when nothing that its value was made of can grow any more; it is never computed again, and nobody
needs to be remembered for it. All others are *open*. What is pushed is open until ``finish``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from typing import Any

Key = tuple[Hashable, ...]
Join = Callable[[frozenset[Any], frozenset[Any]], frozenset[Any]]
"""What two values of a key are together; never less than each of them."""

_DEPTH = 60
"""Keys are computed at once up to this depth of questions, later ones in turn: Python's stack is finite."""

_NOTHING: frozenset[Any] = frozenset()


class Solver:
    """Asks for keys, remembers who asked, and asks again when an answer has grown.

    ``compute`` gives the value of a key as far as it is known; None for a key whose values are only pushed.
    """

    def __init__(self, compute: Callable[[Key], frozenset[Any] | None], join: Join = frozenset.union) -> None:
        self._compute = compute
        self._join = join
        self._values: dict[Key, frozenset[Any]] = {}
        self._open: dict[Key, list[Key]] = {}
        """The keys that may grow, each with those that must be computed again when it does."""
        self._shared: dict[frozenset[Any], frozenset[Any]] = {_NOTHING: _NOTHING}
        """Each value once: most keys have one of few."""
        self._asking: list[Key] = []
        self._is_settled = True
        """Whether the key that is being computed has only asked for settled ones."""
        self._is_finished = False
        self._queue: deque[Key] = deque()
        self._queued: set[Key] = set()
        self.pause: Callable[[], None] = lambda: None
        """Called before each computation: what it raises ends the computing for good."""

    @property
    def is_asking(self) -> bool:
        """Whether a key is being computed: what is known then may still grow."""
        return bool(self._asking)

    def get(self, key: Key) -> frozenset[Any]:
        """The value: the final one when asked from outside, else as far as it is known now.

        A key that asks is computed again when what it asked for grows.
        """
        value = self._values.get(key)
        if value is None:
            value = self._begin(key)
        if self._asking:
            # Only now: who asks first gets what was computed just above and need not be woken for it.
            dependents = self._open.get(key)
            if dependents is not None:
                self._is_settled = False
                if not dependents or dependents[-1] is not self._asking[-1]:
                    dependents.append(self._asking[-1])
        elif self._queue:
            self.solve()
            value = self._values[key]
        return value

    def want(self, key: Key) -> None:
        """Have a key computed in its turn, for what computing it pushes; nobody waits for its value."""
        if key not in self._values:
            self._values[key] = _NOTHING
            self._open[key] = []
            self._enqueue(key)

    def add(self, key: Key, items: frozenset[Any]) -> None:
        """Let the value of a key that is only pushed grow."""
        if key not in self._values:
            self._values[key] = _NOTHING
            self._open[key] = []
        self._grow(key, items)

    def solve(self) -> None:
        """Compute until nothing grows any more."""
        while self._queue:
            key = self._queue.popleft()
            self._queued.discard(key)
            self._update(key)
        if self._is_finished:
            self._open.clear()

    def finish(self, done: frozenset[str]) -> None:
        """Say that nothing will be pushed any more: all that is known is settled, and so is what is asked later.

        Keys of the kinds ``done`` are given up: nobody will ask for them.
        """
        self._is_finished = True
        self.solve()
        self._values = {key: value for key, value in self._values.items() if key[0] not in done}

    def _begin(self, key: Key) -> frozenset[Any]:
        """The value of a key for which nobody has asked before."""
        self._values[key] = _NOTHING
        self._open[key] = []
        if len(self._asking) < _DEPTH:
            self._update(key)
        else:
            self._enqueue(key)
        if self._is_finished and not self._asking and not self._queue:
            self._open.clear()  # what was left open only waited for itself
        return self._values[key]

    def _update(self, key: Key) -> None:
        self.pause()
        before, self._is_settled = self._is_settled, True
        self._asking.append(key)
        try:
            computed = self._compute(key)
            is_settled = self._is_settled and (computed is not None or self._is_finished)
        finally:
            self._asking.pop()
            self._is_settled = before
        if computed:
            self._grow(key, computed)
        if is_settled:
            self._open.pop(key, None)

    def _grow(self, key: Key, items: frozenset[Any]) -> None:
        old = self._values[key]
        new = self._join(old, items)
        if new is not old and new != old:
            self._values[key] = self._shared.setdefault(new, new)
            dependents = self._open.get(key)
            if dependents:
                self._open[key] = []  # those that still want to know will ask again
                for dependent in dependents:
                    self._enqueue(dependent)

    def _enqueue(self, key: Key) -> None:
        if key not in self._queued:
            self._queued.add(key)
            self._queue.append(key)
