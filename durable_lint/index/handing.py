"""What operations get as their bodies, over the whole project, by the module in which it is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from durable_lint.index.bodies import Bodies, Handed, Leaf
from durable_lint.index.eager import Eager
from durable_lint.index.effects import Effects
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Module
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
        loaded: Callable[[], list[Module]],
        sites: Callable[[str], list[Site]],
    ) -> None:
        self.bodies = Bodies(evaluator)
        self.signatures = Signatures(self.bodies)
        self.reaching = Reaching(evaluator, regions)
        self._calls = Eager(self.bodies, regions, effects)
        self._loaded = loaded
        self._sites = sites
        self._eager: dict[str, list[tuple[Handed, list[Leaf]]]] = {}

    @cached_property
    def _by_module(self) -> dict[str, list[Handed]]:
        found: dict[str, list[Handed]] = {}
        for module in self._loaded():
            for site in self._sites(module.path):
                for one in self.bodies.handed(site):
                    found.setdefault(one.path, []).append(one)
        return found

    def handed(self, path: str) -> list[Handed]:
        """What operations anywhere get as their bodies where it is written in a module."""
        return self._by_module.get(path, [])

    def eager(self, path: str) -> list[tuple[Handed, list[Leaf]]]:
        """The bodies in a module that are no bodies but what a call gave at once, each with these calls."""
        if path not in self._eager:
            self._eager[path] = [(one, calls) for one in self.handed(path) if (calls := self._calls.eager(one))]
        return self._eager[path]
