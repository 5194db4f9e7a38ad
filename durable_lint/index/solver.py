"""A least fixpoint over keyed facts that depend on each other.

Every key's value only grows, by a join that has an end, so the answer does not depend on the order in which keys are
asked for or recomputed.

A key is *settled* when nothing that its value was made of can grow any more; it is never computed again, and nobody
needs to be remembered for it. All others are *open*. What is pushed is open until ``finish``.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from durable_lint.index.notes import Notes

Key = tuple[Hashable, ...]
"""A kind, then what it is about: for those that are computed, first the id of a function or a class."""

Join = Callable[[frozenset[Any], frozenset[Any]], frozenset[Any]]
"""What two values of a key are together; never less than each of them."""

_DEPTH = 60
"""Keys are computed at once up to this depth of questions, later ones in turn: Python's stack is finite."""

_NOTHING: frozenset[Any] = frozenset()


class _Open:
    """A value that may grow, and the keys that must be computed again when it does."""

    __slots__ = ("dependents", "value")

    def __init__(self) -> None:
        self.value = _NOTHING
        self.dependents: list[Key] | None = None  # most have none


class Solver:
    """Asks for keys, remembers who asked, and asks again when an answer has grown.

    ``computers`` give the value of a key, by its first part and called with the rest, as far as it is known. Keys of
    other kinds are only pushed.
    """

    def __init__(
        self, computers: Mapping[Hashable, Callable[..., frozenset[Any]]], join: Join = frozenset.union
    ) -> None:
        self._computers = computers
        self._join = join
        self._values: dict[Key, frozenset[Any] | _Open] = {}
        self._shared: dict[frozenset[Any], frozenset[Any]] = {_NOTHING: _NOTHING}
        """Each value once, of those while linking: most keys have one of few."""
        self._noted: defaultdict[Key, list[Any]] = defaultdict(list)
        """Of the pushed keys that nobody has asked for those that grow by an item at a time."""
        self.asking: list[Key] = []
        """The keys that are being computed: while there are any, what is known may still grow."""
        self._is_settled = True
        """Whether the key that is being computed has only asked for settled ones."""
        self._is_finished = False
        self._begun: list[Key] = []
        """The keys since the last question from outside, when all is finished."""
        self._late: defaultdict[Hashable, list[Key]] = defaultdict(list)
        """The keys since all was finished, by the module of the function that they are about."""
        self._queue: deque[Key] = deque()
        self._queued: set[Key] = set()
        self.notes: Notes | None = None
        """Where it is noted what passes between modules, if it is."""
        self.pause: Callable[[], None] | None = None
        """Called before each computation: what it raises ends the computing for good."""

    def get(self, key: Key) -> frozenset[Any]:
        """The value: the final one when asked from outside, else as far as it is known now.

        A key that asks is computed again when what it asked for grows.
        """
        entry = self._values.get(key)
        if self.notes is not None and key[0] not in self._computers:
            self.notes.ask(key)
        if entry is None:
            entry = self._begin(key)
        if not isinstance(entry, _Open):
            return entry  # settled
        if self.asking:
            # Only now: who asks first gets what was computed just above and need not be woken for it.
            self._is_settled = False
            if not entry.dependents:
                entry.dependents = [self.asking[-1]]
            elif entry.dependents[-1] is not self.asking[-1]:
                entry.dependents.append(self.asking[-1])
        else:
            self.solve()
        return entry.value

    def known(self, key: Key) -> frozenset[Any]:
        """The value as far as it is known now; whoever asks so isn't computed again when it grows."""
        entry = self._values.get(key, _NOTHING)
        return entry.value if isinstance(entry, _Open) else entry

    def want(self, key: Key) -> None:
        """Have a key computed in its turn, for what computing it pushes; nobody waits for its value."""
        if self.notes is not None and self.asking:
            self.notes.want(self.asking[-1], key)
        if key not in self._values:
            self._values[key] = _Open()
            self._enqueue(key)

    def add(self, key: Key, items: frozenset[Any], pushing: Key | None = None) -> bool:
        """Let the value of a key that is only pushed grow; whether it did. ``pushing`` is the key whose computing
        pushes it, if that is not the one that is being computed."""
        if self.notes is not None and (pushing or self.asking):
            self.notes.push(pushing or self.asking[-1], key, items)
        return self._add(key, items)

    def _add(self, key: Key, items: frozenset[Any]) -> bool:
        entry = self._values.get(key)
        if not isinstance(entry, _Open):
            known, entry = entry, _Open()
            entry.value = known or _NOTHING
            self._values[key] = entry
            if self._is_finished:
                self._begun.append(key)
        return self._grow(entry, items)

    def note(self, key: Key, item: Hashable) -> None:
        """Let the value of a key that is only pushed grow by an item; cheap as long as nobody has asked for it."""
        if self.notes is not None and self.asking:
            self.notes.push_item(self.asking[-1], key, item)
        if key in self._values:
            self._add(key, frozenset({item}))
        else:
            self._noted[key].append(item)

    def solve(self) -> None:
        """Compute until nothing grows any more."""
        while self._queue:
            key = self._queue.popleft()
            self._queued.discard(key)
            entry = self._values.get(key)
            if isinstance(entry, _Open):
                self._update(key, entry)
        if self._is_finished:
            for key in self._begun:
                entry = self._values.get(key)
                if isinstance(entry, _Open):
                    self._values[key] = self._same(entry.value)
            self._begun.clear()

    def finish(self, done: frozenset[str]) -> None:
        """Say that nothing will be pushed any more: all that is known is settled, and so is what is asked later.

        Keys of the kinds ``done`` are given up: nobody will ask for them.
        """
        self.solve()
        for key in list(self._noted):
            self._begin(key)
        for key in [key for key in self._values if key[0] in done]:
            del self._values[key]
        for key, entry in self._values.items():
            if isinstance(entry, _Open):
                self._values[key] = self._same(entry.value)
        self._is_finished = True

    def release(self, key: Key) -> bool:
        """Give up a key if it is settled, for somebody who keeps its value; whether it is."""
        is_settled = isinstance(self._values.get(key), frozenset)
        if is_settled:
            del self._values[key]
        return is_settled

    def forget(self, path: str) -> None:
        """Give up what was computed of a module since all was finished."""
        for key in self._late.pop(path, ()):
            self._values.pop(key, None)

    def _begin(self, key: Key) -> frozenset[Any] | _Open:
        """What is known of a key for which nobody has asked before."""
        if key[0] not in self._computers:
            return self._begin_pushed(key)
        if self._is_finished:
            self._begun.append(key)
            self._late[key[1][0]].append(key)  # type: ignore[index]
        entry = self._values[key] = _Open()
        if len(self.asking) >= _DEPTH:
            self._enqueue(key)
            return entry
        self._update(key, entry)
        return self._values[key]

    def _begin_pushed(self, key: Key) -> frozenset[Any] | _Open:
        noted = frozenset(self._noted.pop(key, ()))
        if self._is_finished and not noted:
            return _NOTHING
        entry = self._values[key] = _Open()
        self._grow(entry, noted)
        if self._is_finished:
            self._values[key] = self._same(entry.value)
        return self._values[key]

    def _same(self, value: frozenset[Any]) -> frozenset[Any]:
        """An equal value that is kept anyway."""
        return self._shared.get(value, value) if self._is_finished else self._shared.setdefault(value, value)

    def _update(self, key: Key, entry: _Open) -> None:
        if self.pause is not None:
            self.pause()
        before, self._is_settled = self._is_settled, True
        self.asking.append(key)
        try:
            computed = self._computers[key[0]](*key[1:])
            is_settled = self._is_settled
        finally:
            self.asking.pop()
            self._is_settled = before
        if computed:
            self._grow(entry, computed)
        if is_settled:
            self._values[key] = self._same(entry.value)

    def _grow(self, entry: _Open, items: frozenset[Any]) -> bool:
        new = self._join(entry.value, items)
        if new is entry.value or new == entry.value:
            return False
        entry.value = new
        if entry.dependents:
            dependents, entry.dependents = entry.dependents, None  # those that still want to know will ask again
            for dependent in dependents:
                self._enqueue(dependent)
        return True

    def _enqueue(self, key: Key) -> None:
        if key not in self._queued:
            self._queued.add(key)
            self._queue.append(key)
