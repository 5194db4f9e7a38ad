"""Which modules call which, as far as functions of the project call each other."""

from __future__ import annotations

from durable_lint.index.solver import Solver


def reached(solver: Solver, path: str) -> list[str]:
    """A module and those that the calls of its functions lead to, sorted; ask for it when the project is linked."""
    found, fresh = {path}, [path]
    while fresh:
        beyond = solver.get(("callees", fresh.pop())) - found
        found |= beyond
        fresh += beyond
    return sorted(found)
