"""What the things that a call may call can do, whoever calls them with whatever: asked once for each set of things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import orders
from durable_lint.index import things as t
from durable_lint.index.externals import CALLING
from durable_lint.index.passing import concrete_contexts
from durable_lint.index.things import Thing, Things
from durable_lint.records import dataclass

if TYPE_CHECKING:
    from durable_lint.index.project import Project


@dataclass(frozen=True, slots=True)
class Traits:
    """Where a trait holds, the call itself must be looked at; where none does, there is nothing to find.

    ``acts``: it may have effects; ``changes``: it may change state of the caller's; ``makes_set``: it builds a set;
    ``asks_replay``: it says whether the execution is replayed.
    """

    acts: bool
    changes: bool
    makes_set: bool
    asks_replay: bool


class Callees:
    """Answers for one module, once the project is linked."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.ev = project.ev
        self._traits: dict[Things, Traits] = {}
        self._issuing: dict[Things, bool] = {}

    def issue(self, things: Things) -> bool:
        """Whether calling the things issues operations, at once or in a function of the project."""
        if things not in self._issuing:
            self._issuing[things] = any(map(self.project.issuing.issues, things))
        return self._issuing[things]

    def traits(self, things: Things) -> Traits:
        """What calling the things can do."""
        if things not in self._traits:
            self._traits[things] = Traits(
                acts=any(map(self._acts, things)) or self.project.inference.is_worth_asking(things),
                changes=any(map(self._changes, things)),
                makes_set=any(thing[0] == t.EXT and thing[1] in orders.SETS for thing in things),
                asks_replay=self.ask_replay(things),
            )
        return self._traits[things]

    def ask_replay(self, things: Things) -> bool:
        """Whether some of the things are what a context says of the replay."""
        for thing in concrete_contexts(self.ev, things):
            found = self.ev.context(thing)
            if found is not None and thing[-1] and thing[-1] == (found[1].replaying,):
                return True
        return False

    def _changes(self, thing: Thing) -> bool:
        return thing[0] in (t.FN, t.METHOD) and bool(self.ev.solver.get(("mut", thing[1])))

    def _acts(self, thing: Thing) -> bool:
        kind, effects = thing[0], self.project.effects
        if effects.taught.kind(self.ev, thing) is not None:
            return True
        if kind == t.EXT:
            return thing[1] in CALLING or self.ev.catalogue.call(thing[1]) is not None
        if kind in (t.FN, t.METHOD):
            return bool(effects.summary(thing[1], effects.exact(thing)))
        if kind in (t.SYMBOL, t.CONTEXT) and effects.is_context(thing):
            found = self.ev.context(thing)
            return found is None or (*thing[-1], "()") in found[1].unstable
        return kind in (t.OBJ, t.CLASS, t.INST, t.PARTIAL, t.SYMBOL, t.CONTEXT, t.MEMBER)
