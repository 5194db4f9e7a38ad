"""What functions do with a variable that makes its type unsure; each question is answered once."""

from __future__ import annotations

from functools import cache

from durable_lint.index import facts as f
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.things import FunctionId

_TAKING = frozenset({"pop", "popitem", "clear", "remove", "discard", "popleft", "__delitem__"})
_ASKING = frozenset({"isinstance", "issubclass", "hasattr", "callable", "type", "is_dataclass", "iscoroutine"})


class Uses:
    """Answers about the variables of a function."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.ev = evaluator
        self.takes_from = cache(self._takes_from)
        """Whether something is taken out of a variable's value, so that what it holds is unsure."""
        self.asks_type_of = cache(self._asks_type_of)
        """Whether a function asks what a variable is (``isinstance``, ``match``): it differs from branch to branch."""

    def _takes_from(self, scope: FunctionId, name: str) -> bool:
        own = self.ev.function(scope)
        for function in [own, *(self.ev.function((scope[0], child)) for child in own.children)]:
            for write in function.writes:
                if write.how == "del" and write.target == (f.NAME, name):
                    return True
            for call in function.calls:
                callee = call.callee
                if callee is not None and callee[0] == f.ATTR and callee[1] == (f.NAME, name) and callee[2] in _TAKING:
                    return True
        return False

    def _asks_type_of(self, scope: FunctionId, name: str) -> bool:
        function = self.ev.function(scope)
        return (f.NAME, name) in function.matched or any(
            call.callee is not None
            and call.callee[-1] in _ASKING
            and call.callee[0] in (f.NAME, f.ATTR)
            and call.args[:1] == ((f.NAME, name),)
            for call in function.calls
        )
