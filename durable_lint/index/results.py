"""The values that an SDK keeps: results of bodies and handlers and payloads, each with its types and its place."""

from __future__ import annotations

from collections.abc import Iterator

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.answers import Env, place
from durable_lint.index.facts import Call
from durable_lint.index.issuing import Issuing, argument
from durable_lint.index.plainly import Plainly, keeps_plain
from durable_lint.index.shapes import ANY, UNKNOWN, Shape, Shapes, agreed, holding, is_harmless, restored
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.index.types import TypeOf
from durable_lint.knowledge import types as known
from durable_lint.knowledge.keeping import Kept, Serializer
from durable_lint.knowledge.profiles import Body, Operation, Place, Profile
from durable_lint.records import dataclass

_REPLACING = frozenset({"dataclasses.replace", "copy.copy", "copy.deepcopy"})


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is kept: its place, ``fid`` the function that makes it and ``number`` its ``return`` or lambda
    there, -1 for an argument and a lambda of another module; ``of`` is the operation's name, empty for a handler."""

    serializer: Serializer
    shapes: Shapes
    start: int
    end: int
    fid: FunctionId
    number: int
    of: str = ""
    is_payload: bool = False

    @property
    def is_harmless(self) -> bool:
        """Whether it comes back as it was, and nothing in it is large."""
        return is_harmless(self.serializer, self.shapes)


class Results:
    """Finds the values that are kept, module by module."""

    def __init__(self, issuing: Issuing) -> None:
        self.issuing = issuing
        self.ev = issuing.ev
        self.regions = issuing.regions
        self.known = known.load()
        self.types = TypeOf(issuing, self.known, self.given)
        self.plainly = Plainly(self.types, self._known_bodies)
        self._values: dict[str, list[Value]] = {}

    def values(self, path: str) -> list[Value]:
        """The kept values of a module, by function and place, but for those that are harmless."""
        if path not in self._values:
            module = self.ev.modules.get(path)
            fids = [(path, index) for index in range(len(module.functions))] if module is not None else []
            found = [value for fid in fids for value in self._of_function(fid)]
            for site in self.issuing.sites(path):
                found += self._of_site(site.fid, site.call, site.issued.profile, site.issued.operation)
            self._values[path] = [value for value in found if not value.is_harmless]
            self.types.answers.forget(path)
            self.plainly.forget(path)
        return self._values[path]

    def forget(self, path: str) -> None:
        """Give up what is known of a module."""
        self._values.pop(path, None)
        self.types.uses.forget(path)

    def _of_function(self, fid: FunctionId) -> Iterator[Value]:
        """What a body or a handler that is a def returns; one that never runs is another rule's."""
        function = self.ev.function(fid)
        if function.kind not in ("def", "lambda") or function.is_async or function.is_generator:
            return
        kept = self._kept(fid)
        if kept is None or self.types.is_wrapped(fid):
            return
        for position, (number, start, end) in enumerate(function.exits):
            if keeps_plain(kept[0]) and self.plainly.exit(fid, position):
                continue
            shapes = self.types.exit(fid, position, place(fid, end))
            yield Value(kept[0], shapes, start, end, fid, number, kept[1])

    def _kept(self, fid: FunctionId) -> tuple[Serializer, str] | None:
        """How the result of a function is kept, and by which operation."""
        solver = self.ev.solver
        decorated = [(self.ev.profiles[one], name) for one, name in sorted(solver.get(("decorated", fid)))]
        for profile, name in decorated:
            if profile.decorators[name].form == "handler" and name in profile.keeping.results:
                return profile.keeping.results[name].serializer, ""
        if self.ev.function(fid).kind == "lambda":
            return None
        sites = sorted(solver.get(("site", fid)), key=repr)
        for profile_id, name, caller, index in sites:
            profile = self.ev.profiles[profile_id]
            operation = profile.methods.get(name) or profile.functions.get(name)
            kept = profile.keeping.results.get(name)
            if operation is None or kept is None or index is None:
                continue
            if not self._is_replaced(operation, kept, self.ev.function(caller).calls[index], caller):
                return kept.serializer, name
        for profile, name in decorated if not sites else ():
            if name in profile.keeping.results:
                return profile.keeping.results[name].serializer, name
        return None

    def _of_site(self, fid: FunctionId, call: Call, profile: Profile, operation: Operation) -> Iterator[Value]:
        """What an operation keeps of its own call: the results of bodies that are lambdas, and its payload."""
        here = place(fid, call.end)
        if operation.name in profile.keeping.payloads:
            arg, keyword, kept = profile.keeping.payloads[operation.name]
            given = argument(call, Place(arg, keyword))
            at_glance = isinstance(given, bool) or (keeps_plain(kept.serializer) and self.plainly.of(given, fid))
            if not isinstance(given, bool) and not at_glance and not self._is_replaced(operation, kept, call, fid):
                shapes = self.types.of(given, fid, here)
                yield Value(kept.serializer, shapes, call.start, call.end, fid, -1, operation.name, True)
        result = profile.keeping.results.get(operation.name)
        if result is None or operation.body is None or self._is_replaced(operation, result, call, fid):
            return
        for target in self._bodies(operation.body, call, fid):
            function = self.ev.function(target) if target is not None else None
            if target is None or function is None or function.kind != "lambda" or function.is_generator:
                continue
            if keeps_plain(result.serializer) and self.plainly.exit(target, 0):
                continue
            shapes = self.types.exit(target, 0, here)
            number = function.number if target[0] == fid[0] else -1
            yield Value(result.serializer, shapes, call.start, call.end, target, number, operation.name)

    def _bodies(self, body: Body, call: Call, fid: FunctionId) -> list[FunctionId | None]:
        """The functions that an operation runs; None for a body that isn't known."""
        found = self.regions.bodies(body, self.ev.arguments(call, fid))
        return [target for thing in sorted(found, key=repr) for target in self._functions(thing, 3)]

    def _functions(self, thing: Thing, depth: int) -> list[FunctionId | None]:
        if thing[0] in (t.FN, t.METHOD):
            return [thing[1]]
        inner: Things = t.NOTHING
        if thing[0] in (t.PARTIAL, t.CARRIED):
            inner = frozenset({thing[1]})
        elif thing[0] == t.THUNK:
            inner = frozenset({thing[3]})
        elif thing[0] == t.INST:
            inner = self.ev.attribute(thing, "__call__")
        found = sorted(self.ev.concrete(inner), key=repr) if depth else []
        return [target for one in found for target in self._functions(one, depth - 1)] or [None]

    # Configurations

    def _is_replaced(self, operation: Operation, kept: Kept, call: Call, fid: FunctionId) -> bool:
        """Whether the configuration gives a value another serializer, or may do so."""
        if operation.config is None:
            return False
        if any(not name for name, _ in call.keywords) or any(arg is not None and arg[0] == f.STAR for arg in call.args):
            return True
        given = argument(call, operation.config)
        if isinstance(given, bool) or given == (f.CONST, None):
            return False
        if given is not None and given[0] == f.CALL:
            made = self.ev.function(fid).calls[given[1]]
            names = {one[1] for one in self.ev.expr(made.callee, fid) if one[0] == t.EXT}
            if names & _REPLACING and any(name in kept.unless or not name for name, _ in made.keywords):
                return True
        found = self.ev.concrete(self.ev.expr(given, fid))
        return not found or any(self._names_serializer(thing, kept) for thing in found)

    def _names_serializer(self, thing: Thing, kept: Kept) -> bool:
        """Whether a configuration has one of the keywords that give another serializer, or isn't known."""
        if thing[0] != t.CONFIG:
            return True
        made = self.ev.function(thing[1]).calls[thing[2]]
        if any(arg is not None and arg[0] == f.STAR for arg in made.args) or len(made.args) > 1:
            return True
        return any(not name or (name in kept.unless and value != (f.CONST, None)) for name, value in made.keywords)

    # What operations give

    def _known_bodies(self, call: Call, fid: FunctionId, thing: Thing) -> list[FunctionId] | None:
        """The bodies whose results an operation gives as they are; None where one isn't known, or that isn't so."""
        issued = self.issuing.issued(thing)
        kept = issued.profile.keeping.results.get(issued.operation.name) if issued is not None else None
        if issued is None or issued.operation.body is None or kept is None or kept.submits or kept.each:
            return None
        targets = self._bodies(issued.operation.body, call, fid) if keeps_plain(kept.serializer) else [None]
        return None if not targets or None in targets else [target for target in targets if target is not None]

    def given(self, call: Call, fid: FunctionId, thing: Thing, env: Env) -> Shapes:
        """The types of what an operation gives: what comes back of its body's result."""
        issued = self.issuing.issued(thing)
        if issued is None or issued.operation.body is None:
            return UNKNOWN
        kept = issued.profile.keeping.results.get(issued.operation.name)
        if kept is None or kept.submits or self._is_replaced(issued.operation, kept, call, fid):
            return UNKNOWN
        targets = self._bodies(issued.operation.body, call, fid)
        if not targets or None in targets:
            return UNKNOWN
        made = [restored(kept.serializer, self.known, self.types.returned(target, env)) for target in targets if target]
        if kept.each:
            results = frozenset({holding("list", agreed(made))})
            return frozenset({Shape(ANY, (("get_results", results),))})
        return agreed(made)
