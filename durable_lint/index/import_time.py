"""Values that a clock, chance or an id made when their module was imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.things import FunctionId

if TYPE_CHECKING:
    from durable_lint.index.effects import Effects

_KINDS = frozenset({"clock", "random", "identity"})


class ImportTime:
    """Which module variables and class attributes were made so; ``effects`` says what the calls at import do."""

    def __init__(self, evaluator: Evaluator, effects: Effects) -> None:
        self.ev = evaluator
        self.effects = effects
        evaluator.register("born", self._made_at_import)

    def apis(self, expr: f.Expr, fid: FunctionId) -> list[str]:
        """The impure APIs that made a module's variable, or a class attribute, when its module was imported."""
        assert expr is not None
        owners: list[tuple[FunctionId, str]] = []
        if expr[0] == f.NAME:
            scope = self.ev.scope_of(fid, expr[1])
            if scope is not None and self.ev.function(scope).kind in ("module", "class"):
                owners.append((scope, expr[1]))
        elif expr[0] == f.ATTR:
            for thing in self.ev.expr(expr[1], fid):
                if thing[0] == t.MODULE and thing[1].endswith(".py") and self.ev.modules.get(thing[1]) is not None:
                    owners.append(((thing[1], 0), expr[2]))
                elif thing[0] in (t.CLASS, t.INST):
                    owners.append((thing[1], expr[2]))
        if not owners or self.ev.function(fid).kind in ("module", "class"):
            return []
        return sorted({api for owner, name in owners for api in self.ev.solver.get(("born", owner, name))})[:1]

    def _made_at_import(self, scope: FunctionId, name: str) -> frozenset[str]:
        found: set[str] = set()
        for value in self.ev.function(scope).bindings.get(name, ()):
            found |= self._made_by(value, scope, 6)
        return frozenset(found)

    def _made_by(self, expr: f.Expr, scope: FunctionId, depth: int) -> set[str]:
        """The impure APIs in an expression that runs at import."""
        if expr is None or depth < 0 or expr[0] in (f.FUNC, f.FROM, f.GROW):
            return set()
        if expr[0] == f.NAME:
            owner = self.ev.scope_of(scope, expr[1])
            return set(self.ev.solver.get(("born", owner, expr[1]))) if owner is not None else set()
        if expr[0] == f.IMPORT:
            path = self.ev.modules.find(scope[0], expr[1], expr[2])
            module = self.ev.modules.get(path) if path is not None and path.endswith(".py") else None
            return set(self.ev.solver.get(("born", (path, 0), expr[3]))) if module is not None else set()
        if expr[0] == f.CALL:
            call = self.ev.function(scope).calls[expr[1]]
            found = {entry[3] for entry in self.effects.of_call(scope, expr[1]) if entry[0] in _KINDS}
            inside = [call.callee[1]] if call.callee is not None and call.callee[0] == f.ATTR else []
            for part in (*inside, *call.args, *(value for _, value in call.keywords)):
                found |= self._made_by(part, scope, depth - 1)
            return found
        parts = [part for part in expr[1:] if isinstance(part, tuple)]
        flat = [inner for part in parts for inner in ((part,) if part and isinstance(part[0], str) else part)]
        return set().union(
            *(self._made_by(part, scope, depth - 1) for part in flat if part is None or isinstance(part[0], str))
        )
