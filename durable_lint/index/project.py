"""The linked project: modules, what their expressions stand for, regions, effects and operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property

from durable_lint.index import callbacks
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.belonging import profile_of
from durable_lint.index.binding import Arguments
from durable_lint.index.changes import PLAIN, Changes
from durable_lint.index.cleanups import Cleanups
from durable_lint.index.closing import Closing
from durable_lint.index.effects import Effects, Entry, Hops, best
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Expr, Module
from durable_lint.index.forms import Forms
from durable_lint.index.handing import Handing
from durable_lint.index.infer import Inference
from durable_lint.index.issuing import Issuing, Site
from durable_lint.index.misfits import Misfit, Misfits
from durable_lint.index.modules import Modules
from durable_lint.index.regions import Regions
from durable_lint.index.request_keys import RequestKeys
from durable_lint.index.results import Results
from durable_lint.index.sdk_values import SdkValues
from durable_lint.index.taught import Taught
from durable_lint.index.testing import Tests
from durable_lint.index.things import FunctionId
from durable_lint.index.unresolved import unresolved
from durable_lint.knowledge.apis import Catalogue
from durable_lint.knowledge.profiles import Profile

WORKFLOW = "workflow"
CHILD = "child"
STEP = "step"


class Project:
    """Answers the visitor's and the checks' questions; ``link`` must have been called once."""

    def __init__(
        self,
        modules: Modules,
        profiles: Sequence[Profile],
        catalogue: Catalogue,
        taught: Taught | None = None,
        text: Callable[[str], str | None] = lambda path: None,
    ) -> None:
        self.modules = modules
        self.profiles = tuple(profiles)
        self.ev = Evaluator(modules, profiles, catalogue)
        self.regions = Regions(self.ev, taught or Taught())
        self.effects = Effects(self.ev, taught or Taught())
        self.issuing = Issuing(self.ev, self.regions)
        self.changes = Changes(self.ev, self._watches)
        self.cleanups = Cleanups(self.ev, self.issuing, modules.loaded)
        self.inference = Inference(self.ev, text)
        self.request_keys = RequestKeys(self)
        self.values = SdkValues(Forms(self.ev))
        self._misfits: dict[str, list[Misfit]] = {}
        self.text = text
        self._closing: Closing | None = None
        self._changed: set[tuple[object, ...]] | None = None
        self._at: defaultdict[str, dict[tuple[FunctionId, int], list[Entry]]] = defaultdict(dict)

    @cached_property
    def results(self) -> Results:
        """The values that the SDK keeps; ask for it after linking."""
        return Results(self.issuing)

    @cached_property
    def handing(self) -> Handing:
        """What operations get as their bodies; ask for it after linking."""
        return Handing(self.ev, self.regions, self.effects, self.sites)

    def link(self, paths: Sequence[str]) -> None:
        """Follow everything from the entry points of these modules."""
        for path in sorted(paths):
            module = self.modules.get(path)
            if module is not None:
                self.regions.enter(module)
        self.regions.solve()

    def forget(self, path: str) -> None:
        """Give up what was computed to judge a module: of most, nobody asks again."""
        self._at.pop(path, None)
        self._misfits.pop(path, None)
        self.issuing.forget(path)
        self.values.forget(path)
        self.results.forget(path)
        self.handing.forget(path)
        self.ev.forget(path)

    def kinds(self, fid: FunctionId) -> list[str]:
        """As what a function is judged: ``workflow``, ``child`` and ``step``; nothing for plain helpers."""
        modes = self.regions.modes(fid)
        found = []
        if "child" in modes:
            found.append(CHILD)
        elif "handler" in modes or (
            ("from-workflow" in modes or ("annotated" in modes and not modes & {"step", "from-step"}))
            and self.effects.has_context(fid)
            and not callbacks.of(self.ev, fid)
        ):
            found.append(WORKFLOW)
        if "step" in modes:
            found.append(STEP)
        return found

    def effects_at(self, fid: FunctionId, index: int) -> list[Entry]:
        """What a call in workflow code does, the shortest path for each kind; parameters stand for what is passed."""
        known, key = self._at[fid[0]], (fid, index)
        if key not in known:
            found: list[Entry] = []
            call = self.ev.function(fid).calls[index]
            place = (fid[0], call.start, call.end)
            for entry in self.effects.of_call(fid, index):
                if isinstance(entry[0], str):
                    found.append(entry)
                    continue
                for passed in self.ev.concrete(frozenset({entry[0]})):
                    if passed[0] == t.SYMBOL:
                        continue
                    for inner in self.effects.of_thing(passed, Arguments(), fid, place, None, 3):
                        if isinstance(inner[0], str):
                            found.append((inner[0], entry[1] + inner[1], (*entry[2][:-1], *inner[2]), inner[3]))
            for thing in () if found else self.inference.things(fid, call):
                inferred = self.effects.of_thing(thing, Arguments(), fid, place, call, 0)
                found += [entry for entry in inferred if isinstance(entry[0], str)]
            known[key] = sorted(best(found).values(), key=lambda entry: entry[0])
        return known[key]

    def registered_loggers(self) -> frozenset[tuple[str, str]]:
        """The loggers that are given to a context: the module that holds each and its class. Those of the standard
        library are left out: they log again on replay whatever the context does."""
        notes = self.ev.solver.notes
        found = set(notes.registered_elsewhere()) if notes is not None else set()
        for fid, index in self.ev.solver.get(("registered",)):
            for argument in self.ev.function(fid).calls[index].args:
                homes = {origin[1][0] for origin in self.changes.origins(argument, fid)} | {fid[0]}
                for thing in self.ev.concrete(self.ev.expr(argument, fid)):
                    if thing[0] == t.OBJ and not thing[1].startswith("logging."):
                        own = {(home, thing[1]) for home in homes}
                        found |= own
                        if notes is not None:
                            notes.registering |= {(one, fid[0]) for one in own}
        return frozenset(found)

    def is_registered(self, api: str, hops: Hops, registered: frozenset[tuple[str, str]]) -> bool:
        """Whether a log line, by its API and its path, goes through a logger that is given to a context."""
        kind, path = api.partition("()")[0], hops[-1][0]
        if (path, kind) in registered:
            return True
        module = self.modules.get(path)
        names = module.functions[0].bindings if module is not None else {}
        homes = {origin[1][0] for name in names for origin in self.changes.origins((f.NAME, name), (path, 0))}
        return any((home, kind) in registered for home in homes)

    def is_suspension(self, dotted: str, issuers: Sequence[str] | None = None) -> bool:
        """Whether catching an exception class catches what operations raise to suspend: those of the profiles with
        these ids, an empty one standing for any, or of any profile."""
        return any(
            profile.suspends_by(dotted) for profile in self.profiles if issuers is None or {profile.id, ""} & {*issuers}
        )

    def catches_suspension(self, expr: Expr, fid: FunctionId, issuers: Sequence[str] | None = None) -> bool:
        """Whether an exception class, as a function names it, catches what operations raise to suspend."""
        things = self.ev.expr(expr, fid)
        return any(thing[0] == t.EXT and self.is_suspension(thing[1], issuers) for thing in things)

    def profile_of(self, fid: FunctionId) -> Profile | None:
        """The profile of the SDK that a function belongs to; None where nothing tells."""
        return self.profiles[0] if len(self.profiles) == 1 else profile_of(self.issuing, fid)

    @property
    def tests(self) -> Tests:
        """What is known of the project's tests."""
        return self.regions.tests

    def _watches(self, path: str, fid: FunctionId | None) -> bool:
        """Whether a function, or what imports into a module, belongs to tests and no execution runs it."""
        if not self.tests.kind(path):
            return False
        while fid is not None and fid[1] > 0:
            if self.regions.modes(fid) - {"import"}:
                return False
            fid = self.ev.parent(fid)
        return True

    @property
    def closing(self) -> Closing:
        """What becomes of the objects that tests must close."""
        if self._closing is None:
            self._closing = Closing(self.ev, self.tests)
        return self._closing

    def handler_modules(self) -> list[str]:
        """The modules that define handlers, sorted."""
        return [
            module.path
            for module in self.modules.loaded()
            if any("handler" in self.regions.modes((module.path, function.index)) for function in module.functions)
        ]

    def providers(self) -> list[str]:
        """The modules with functions that apply an SDK's decorators to what they are given, sorted."""
        names = {name for profile in self.profiles for name in profile.decorators}
        return [module.path for module in self.modules.loaded() if self._provides(module, names)]

    def _provides(self, module: Module, names: set[str]) -> bool:
        """Whether a module has a function that makes handlers or bodies of the functions that it gets."""
        spoken = {
            name
            for function in module.functions
            for name, values in function.bindings.items()
            for value in values
            if value is not None and value[0] == f.IMPORT and value[3] in names
        }
        for function in module.functions:
            nested = function.parent > 0 and module.functions[function.parent].kind == "def"
            if nested and "handler" in self.regions.modes((module.path, function.index)):
                return True
            for call in function.calls if function.kind == "def" else ():
                named = (
                    call.callee is not None and call.callee[0] in (f.NAME, f.ATTR) and call.callee[-1] in names | spoken
                )
                if named and self._applies(call.callee, module.path, function.index):
                    return True
        return False

    def _applies(self, callee: Expr, path: str, index: int) -> bool:
        for thing in self.ev.expr(callee, (path, index)):
            symbol = self.ev.symbol(thing[1]) if thing[0] == t.EXT else None
            if symbol is not None and symbol[1] in symbol[0].decorators:
                return True
        return False

    def workflow_functions(self, path: str) -> list[FunctionId]:
        """The functions of a module that are workflow code, by their place."""
        module = self.modules.get(path)
        fids = [(path, function.index) for function in module.functions] if module is not None else []
        return [fid for fid in fids if WORKFLOW in self.kinds(fid) or CHILD in self.kinds(fid)]

    def sites(self, path: str) -> list[Site]:
        """The calls of a module that issue operations themselves."""
        return self.issuing.sites(path)

    def misfits(self, path: str) -> list[Misfit]:
        """The calls of a module whose arguments an operation, a duration or a configuration can't take."""
        if path not in self._misfits:
            misfits = Misfits(self.values)
            found = [one for one in map(misfits.site, self.sites(path)) if one is not None]
            self._misfits[path] = [*found, *misfits.module(path)]
        return self._misfits[path]

    def statistics(self) -> dict[str, int]:
        """Counts for a summary."""
        workflow = [fid for module in self.modules.loaded() for fid in self.workflow_functions(module.path)]
        fids = [(module.path, function.index) for module in self.modules.loaded() for function in module.functions]
        return {
            "workflow functions": len(workflow),
            "step functions": sum(STEP in self.kinds(fid) for fid in fids),
            "calls in workflow code": sum(len(self.ev.function(fid).calls) for fid in workflow),
            "calls in workflow code that couldn't be resolved": sum(
                len(list(unresolved(self.ev, fid))) for fid in workflow
            ),
        }

    @property
    def has_looked_for_changes(self) -> bool:
        """Whether the whole project was searched for what changes its variables."""
        return self._changed is not None

    def is_changed(self, origin: tuple[object, ...]) -> bool:
        """Whether any function of the project changes a module's variable, but for those that only steps call."""
        if self._changed is None:
            notes = self.ev.solver.notes
            self._changed = set(notes.changed_elsewhere()) if notes is not None else set()
            for module in self.modules.loaded():
                for function in module.functions:
                    fid = (module.path, function.index)
                    modes = self.regions.modes(fid)
                    if function.kind in ("module", "class") or (modes and modes <= {"step", "from-step", "import"}):
                        continue
                    for write in self.changes.writes(fid):
                        for change in self.changes.own(fid, function, write):
                            if change[4] == PLAIN:
                                self._changed.add(change[0])
                                if notes is not None and change[0][1][0] != module.path:
                                    notes.changing.add((change[0], module.path))
        return origin in self._changed
