"""What operations get as their bodies, over the whole project, by the module in which it is written."""

from __future__ import annotations

from collections.abc import Callable

from durable_lint.index.bodies import Bodies, Handed, Leaf
from durable_lint.index.calling import reached
from durable_lint.index.eager import Eager
from durable_lint.index.effects import Effects
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.issuing import Site
from durable_lint.index.reaching import Reaching
from durable_lint.index.regions import Regions
from durable_lint.index.signatures import Signatures


class Handing:
    """Brings together who judges bodies: what they are, whether they fit, and whether they get anywhere."""

    def __init__(
        self,
        evaluator: Evaluator,
        regions: Regions,
        effects: Effects,
        sites: Callable[[str], list[Site]],
    ) -> None:
        self.bodies = Bodies(evaluator)
        self.signatures = Signatures(self.bodies)
        self.reaching = Reaching(evaluator, regions)
        self._calls = Eager(self.bodies, regions, effects)
        self._solver = evaluator.solver
        self._sites = sites
        self._at: dict[str, dict[str, list[Handed]]] = {}
        self._handed: dict[str, list[Handed]] = {}
        self._eager: dict[str, list[tuple[Handed, list[Leaf]]]] = {}

    def handed(self, path: str) -> list[Handed]:
        """What operations anywhere get as their bodies where it is written in a module."""
        if path not in self._handed:
            # Only where its calls lead can a wrapper stand that it gives a body.
            homes = reached(self._solver, path)
            self._handed[path] = [one for home in homes for one in self._by_module(home).get(path, ())]
        return self._handed[path]

    def forget(self, path: str) -> None:
        """Give up what is known of a module."""
        for known in (self._handed, self._eager, self._at):
            known.pop(path, None)

    def _by_module(self, home: str) -> dict[str, list[Handed]]:
        """What the operations of a module get, by the module in which it is written."""
        if home not in self._at:
            self._at[home] = {}
            for site in self._sites(home):
                for one in self.bodies.handed(site):
                    self._at[home].setdefault(one.path, []).append(one)
        return self._at[home]

    def eager(self, path: str) -> list[tuple[Handed, list[Leaf]]]:
        """The bodies in a module that are no bodies but what a call gave at once, each with these calls."""
        if path not in self._eager:
            self._eager[path] = [(one, calls) for one in self.handed(path) if (calls := self._calls.eager(one))]
        return self._eager[path]
