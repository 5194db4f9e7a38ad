"""What a team's settings teach: its own pure and impure functions, and its own entry points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.profiles import Body, Operation, Place
from durable_lint.records import dataclass, field

if TYPE_CHECKING:
    from durable_lint.settings import Settings


@dataclass(frozen=True)
class Taught:
    """Dotted names as they are imported, such as ``shop.flags.is_on`` or ``shop.repo.Repo.save``.

    ``deterministic`` are trusted whatever they do; ``nondeterministic`` gives the kind of effect of each name;
    ``entry_points`` are handlers whose context is their second parameter; ``step_wrappers`` run one of their arguments
    as a step: what each argument is, ``context``, ``name``, ``body`` or ``_``.
    """

    deterministic: frozenset[str] = frozenset()
    nondeterministic: Mapping[str, str] = field(default_factory=dict)
    entry_points: frozenset[str] = frozenset()
    step_wrappers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def by(cls, every: Sequence[Settings]) -> Taught:
        """What several settings teach, put together."""
        return cls(
            frozenset(name for settings in every for name in settings.deterministic),
            {name: kind for settings in every for name, kind in sorted(settings.nondeterministic.items())},
            frozenset(name for settings in every for name in settings.entry_points),
            {name: roles for settings in every for name, roles in sorted(settings.step_wrappers.items())},
        )

    def wrapper(self, ev: Evaluator, thing: Thing) -> Operation | None:
        """The step that calling a thing issues by the settings, with the places of context, name and body."""
        if not self.step_wrappers:
            return None
        for name in self._names(ev, thing):
            roles = self.step_wrappers.get(name)
            if roles is not None:
                places = {role: Place(position, role) for position, role in enumerate(roles)}
                body = Body(places["body"], "step", context=-1, context_class="step")
                return Operation("step", places.get("name"), body, receiver=places.get("context"))
        return None

    def kind(self, ev: Evaluator, thing: Thing) -> str | None:
        """The kind of effect that calling a thing has by the settings, empty for none, None when they say nothing."""
        if not self.deterministic and not self.nondeterministic:
            return None
        for name in self._names(ev, thing):
            if name in self.deterministic:
                return ""
            if name in self.nondeterministic:
                return self.nondeterministic[name]
        return None

    def is_entry(self, ev: Evaluator, fid: FunctionId) -> bool:
        """Whether a function is an entry point by the settings."""
        return bool(self.entry_points) and any(name in self.entry_points for name in self._names(ev, (t.FN, fid)))

    def _names(self, ev: Evaluator, thing: Thing) -> list[str]:
        """Every dotted name that may mean a thing: of the project's own functions the shorter ones too."""
        if thing[0] == t.EXT:
            return [thing[1]]
        if thing[0] not in (t.FN, t.METHOD, t.CLASS):
            return []
        path, _ = thing[1]
        parts = path.removesuffix(".py").removesuffix("/__init__").strip("/").split("/")
        full = [*parts, *ev.function(thing[1]).qualname.split(".")]
        return [".".join(full[start:]) for start in range(len(parts))]
