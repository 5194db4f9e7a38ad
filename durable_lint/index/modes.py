"""How functions are reached: modes spread from the entry points along what functions run.

``handler``, ``child`` and ``step`` are bodies; ``annotated`` takes a context by annotation; ``from-workflow``,
``from-step`` and ``import`` are called there.
"""

from __future__ import annotations

from durable_lint.index.solver import Key, Solver
from durable_lint.index.things import FunctionId

_ONWARD = {
    **dict.fromkeys(("handler", "child", "annotated", "from-workflow"), "from-workflow"),
    **dict.fromkeys(("step", "from-step"), "from-step"),
    "import": "import",
}
"""How what a function runs is reached, by how the function is."""

_ALONE = {mode: frozenset({mode}) for mode in _ONWARD}


class Modes:
    """Marks functions, and has each that is reached looked at in its turn, under the key ``("run", function)``."""

    def __init__(self, solver: Solver) -> None:
        self._solver = solver
        self._runs: dict[FunctionId, frozenset[FunctionId]] = {}

    def of(self, fid: FunctionId) -> frozenset[str]:
        """How a function is reached."""
        return self._solver.get(("mode", fid))

    def mark(self, fid: FunctionId, mode: str, pushing: Key | None = None) -> None:
        """Let a function be reached, and what it runs in turn. ``pushing`` is the key whose value has it reached, if
        that is not the one that is being computed."""
        marks = [(fid, mode, pushing)]
        while marks:
            fid, mode, pushing = marks.pop()
            if self._solver.add(("mode", fid), _ALONE[mode], pushing):
                self._solver.want(("run", fid))
                marks += [(target, _ONWARD[mode], ("run", fid)) for target in self._runs.get(fid, ())]

    def run(self, fid: FunctionId, called: set[FunctionId]) -> None:
        """Say which functions a function runs, as far as it is known."""
        if called:
            self._runs[fid] = self._runs.get(fid, frozenset()) | called
        for mode in self._solver.known(("mode", fid)):
            for target in called:
                self.mark(target, _ONWARD[mode])
