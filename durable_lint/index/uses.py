"""What functions do with a variable that makes its type unsure, or more than its bindings say."""

from __future__ import annotations

from collections.abc import Sequence

from durable_lint.index import facts as f
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Function, Write
from durable_lint.index.things import FunctionId
from durable_lint.records import dataclass, field

_TAKING = frozenset({"pop", "popitem", "clear", "remove", "discard", "popleft", "__delitem__"})
_ASKING = frozenset({"isinstance", "issubclass", "hasattr", "callable", "type", "is_dataclass", "iscoroutine"})


@dataclass(slots=True)
class _Used:
    """What one function does, by the names of variables."""

    asked: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    updates: dict[str, list[Call]] = field(default_factory=dict)
    writes: dict[str, list[Write]] = field(default_factory=dict)


class Uses:
    """Answers about the variables of a function, which is looked through once."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.ev = evaluator
        self._used: dict[FunctionId, _Used] = {}
        self._taken: dict[FunctionId, frozenset[str]] = {}

    def takes_from(self, scope: FunctionId, name: str) -> bool:
        """Whether something is taken out of a variable's value, so that what it holds is unsure."""
        if scope not in self._taken:
            fids = [scope, *((scope[0], child) for child in self.ev.function(scope).children)]
            self._taken[scope] = frozenset().union(*[self._of(fid).taken for fid in fids])
        return name in self._taken[scope]

    def asks_type_of(self, scope: FunctionId, name: str) -> bool:
        """Whether a function asks what a variable is (``isinstance``, ``match``): it differs from branch to branch."""
        return name in self._of(scope).asked

    def updates(self, scope: FunctionId, name: str) -> Sequence[Call]:
        """The calls ``name.update(...)`` of a function."""
        return self._of(scope).updates.get(name, ())

    def writes(self, scope: FunctionId, name: str) -> Sequence[Write]:
        """The changes that a function makes to a variable's value."""
        return self._of(scope).writes.get(name, ())

    def forget(self, path: str) -> None:
        """Give up what is known of the functions of a module."""
        module = self.ev.modules.get(path)
        for index in range(len(module.functions) if module is not None else 0):
            self._used.pop((path, index), None)
            self._taken.pop((path, index), None)

    def _of(self, fid: FunctionId) -> _Used:
        if fid not in self._used:
            self._used[fid] = _used(self.ev.function(fid))
        return self._used[fid]


def _used(function: Function) -> _Used:
    used = _Used({value[1] for value in function.matched if value is not None and value[0] == f.NAME})
    for write in function.writes:
        if write.target is not None and write.target[0] == f.NAME:
            used.writes.setdefault(write.target[1], []).append(write)
            if write.how == "del":
                used.taken.add(write.target[1])
    for call in function.calls:
        callee = call.callee
        if callee is None or callee[0] not in (f.NAME, f.ATTR):
            continue
        if callee[0] == f.ATTR and callee[1] is not None and callee[1][0] == f.NAME:
            if callee[2] in _TAKING:
                used.taken.add(callee[1][1])
            elif callee[2] == "update":
                used.updates.setdefault(callee[1][1], []).append(call)
        if callee[-1] in _ASKING and call.args and call.args[0] is not None and call.args[0][0] == f.NAME:
            used.asked.add(call.args[0][1])
    return used
