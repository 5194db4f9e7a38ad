"""A least fixpoint over keyed facts that depend on each other.

Every key's value only grows, by a join that has an end, so the answer does not depend on the order in which keys are
asked for or recomputed.
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


class Solver:
    """Asks for keys, remembers who asked, and asks again when an answer has grown."""

    def __init__(self, compute: Callable[[Key], frozenset[Any]], join: Join = frozenset.union) -> None:
        self._compute = compute
        self._join = join
        self._values: dict[Key, frozenset[Any]] = {}
        self._dependents: dict[Key, dict[Key, None]] = {}
        self._asking: list[Key] = []
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
            self._values[key] = value = frozenset()
            if len(self._asking) < _DEPTH:
                self._update(key)
                value = self._values[key]
            else:
                self._enqueue(key)
        if self._asking:
            # Only now: who asks first gets what was computed just above and need not be woken for it.
            self._dependents.setdefault(key, {})[self._asking[-1]] = None
        if self._queue and not self._asking:
            self.solve()
            value = self._values[key]
        return value

    def want(self, key: Key) -> None:
        """Have a key computed in its turn, for what computing it pushes; nobody waits for its value."""
        if key not in self._values:
            self._values[key] = frozenset()
            self._enqueue(key)

    def add(self, key: Key, items: frozenset[Any]) -> None:
        """Let a value grow from outside: for facts that are pushed, not computed."""
        old = self._values.get(key, frozenset())
        new = self._join(old, items)
        if new != old:
            self._values[key] = new
            self._wake(key)
        else:
            self._values.setdefault(key, old)

    def solve(self) -> None:
        """Compute until nothing grows any more."""
        while self._queue:
            key = self._queue.popleft()
            self._queued.discard(key)
            self._update(key)

    def _update(self, key: Key) -> None:
        self.pause()
        self._asking.append(key)
        try:
            computed = self._compute(key)
        finally:
            self._asking.pop()
        old = self._values[key]
        new = self._join(old, computed)
        if new != old:
            self._values[key] = new
            self._wake(key)

    def _wake(self, key: Key) -> None:
        for dependent in self._dependents.get(key, ()):
            self._enqueue(dependent)

    def _enqueue(self, key: Key) -> None:
        if key not in self._queued:
            self._queued.add(key)
            self._queue.append(key)
