"""Keys that let a receiver recognise a repeated request, and where a function makes one anew at each call.

A *made key* is told by the call that makes it: in the function itself, or, through a helper, the call of that.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.binding import passed
from durable_lint.index.calling import reached
from durable_lint.index.effects import Entry, Hops
from durable_lint.index.facts import Call, Expr, Function
from durable_lint.index.things import FunctionId, Thing
from durable_lint.records import dataclass

if TYPE_CHECKING:
    from durable_lint.index.project import Project

MAKERS = frozenset({"clock", "random", "identity"})
"""The kinds of effects that give another value at each call."""

_NAMES = frozenset({"clienttoken", "clientrequesttoken", "callerreference", "creatorrequestid", "deduplicationid",
                    "messagededuplicationid", "deduplicationkey", "dedupid", "dedupkey", "dedupekey"})  # fmt: skip
_BESIDES = ("age", "config", "date", "enabled", "expir", "seconds", "store", "table", "time", "ttl", "window")
"""What the name of a field beside a key says: how long the key holds, where it is kept."""

_PLAIN = frozenset({"builtins.dict", "builtins.list", "builtins.repr", "builtins.str", "builtins.tuple",
                    "builtins.vars", "copy.copy", "copy.deepcopy", "dataclasses.asdict", "dataclasses.replace",
                    "json.dumps"})  # fmt: skip
"""Functions whose result holds their arguments."""

_DEPTH = 6

Target: TypeAlias = tuple[FunctionId, int]
"""A function that a call runs, with how many of its parameters the receiver takes."""


@cache
def is_key(name: object) -> bool:
    """Whether an argument, a header or a field of this name says which request it is: ``Idempotency-Key``."""
    plain = name.replace("_", "").replace("-", "").lower() if isinstance(name, str) else ""
    return plain in _NAMES or ("idempoten" in plain and not any(word in plain for word in _BESIDES))


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key by the name it is sent under, and the path to what makes it, beginning in the function."""

    name: str
    hops: Hops
    api: str


class RequestKeys:
    """Finds made keys, with what it has learnt of helpers."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.ev = project.ev
        self._made: dict[FunctionId, list[MadeKey]] = {}
        self._given: dict[FunctionId, dict[str, str]] = {}
        self._named: dict[str, bool] = {}
        self._leads: dict[str, bool] = {}
        self._building: set[FunctionId] = set()

    def made(self, fid: FunctionId) -> list[MadeKey]:
        """The keys that a function makes and sends itself, or by plain helpers."""
        if fid not in self._made:
            self._made[fid] = []  # while it is looked for, a recursive function makes none
            if not self._leads_to_key(fid[0]):
                return []
            found = [
                MadeKey(name, hops, api)
                for name, expr in self._sent(fid)
                for hops, api in self._makers(expr, fid, _DEPTH)
            ]
            self._made[fid] = [*found, *self._by_helpers(fid)]
        return self._made[fid]

    def _leads_to_key(self, path: str) -> bool:
        """Whether the calls of a module lead to something that is named like a key: a first look that few pass."""
        if path not in self._leads:
            self._leads[path] = any(map(self._names_key, reached(self.ev.solver, path)))
        return self._leads[path]

    def _names_key(self, path: str) -> bool:
        """Whether a function of a module has something that is named like a key."""
        if path not in self._named:
            module = self.ev.modules.get(path)
            self._named[path] = module is not None and any(map(_names_key, module.functions))
        return self._named[path]

    def _by_helpers(self, fid: FunctionId) -> Iterator[MadeKey]:
        for call in self.ev.function(fid).calls:
            for target, _ in self._targets(fid, call):
                if not self.is_step_function(target) and not self.project.effects.has_context(target):
                    hop = (fid[0], call.start, call.end, self.ev.function(target).name)
                    for one in self.made(target):
                        yield MadeKey(one.name, (hop, *one.hops), one.api)

    def is_step_function(self, fid: FunctionId) -> bool:
        """Whether findings of step code stand in a function: a body, or one that has a step's context."""
        modes = self.project.regions.modes(fid)
        if "step" in modes or "from-step" not in modes:
            return "step" in modes
        names = [parameter.name for parameter in self.ev.function(fid).parameters]
        roles = [role for name in names for role in self.ev.solver.get(("role", fid, name))]
        return any(self.ev.profiles[role[1]].contexts[role[2]].region == "step" for role in roles)

    def _targets(self, fid: FunctionId, call: Call) -> list[Target]:
        """The functions that a call runs."""
        things = self.ev.concrete(self.ev.expr(call.callee, fid))
        functions = sorted((thing for thing in things if thing[0] in (t.FN, t.METHOD)), key=repr)
        return [(thing[1], int(thing[0] == t.METHOD)) for thing in functions]

    # Where keys are sent

    def _sent(self, fid: FunctionId) -> Iterator[tuple[str, Expr]]:
        """What a function sends as keys, each with its name."""
        function = self.ev.function(fid)
        for index, call in enumerate(function.calls):
            found = list(self._given_to(fid, call))
            builds = bool(found) and self._only_builds(fid, index, call)
            if found and not self._logs(fid, call) and not (builds and self._is_returned(fid, (f.CALL, index))):
                yield from found
        for write in function.writes:
            if write.how == "item" and is_key(write.key) and not self._is_returned(fid, write.target):
                yield str(write.key), write.value

    def _given_to(self, fid: FunctionId, call: Call) -> Iterator[tuple[str, Expr]]:
        """The arguments of one call that are keys, or hold one."""
        for keyword, value in call.keywords:
            if is_key(keyword):
                yield keyword, value
            yield from self._fields(value, fid, _DEPTH)
        for value in call.args:
            yield from self._fields(value, fid, _DEPTH)
        for target, skip in self._targets(fid, call):
            for parameter, name in self.given(target).items():
                given = passed(self.ev.function(target), parameter, call, skip)
                if not isinstance(given, bool):
                    yield name, given

    def given(self, fid: FunctionId) -> dict[str, str]:
        """The parameters of a function that it sends as keys, each with the key's name."""
        if fid not in self._given:
            self._given[fid] = {}
            parameters = {parameter.name for parameter in self.ev.function(fid).parameters}
            found = {name: name for name in sorted(parameters) if is_key(name)}
            for name, expr in self._sent(fid):
                found |= {one: name for one in self._names(expr, fid, _DEPTH) if one in parameters}
            self._given[fid] = found
        return self._given[fid]

    def _fields(self, expr: Expr, fid: FunctionId, depth: int) -> Iterator[tuple[str, Expr]]:
        """The fields of a dictionary in an argument that hold a key."""
        if expr is None or not depth:
            return
        if expr[0] == f.DICT:
            for key, value in expr[1]:
                if key is not None and key[0] == f.CONST and is_key(key[1]):
                    yield key[1], value
                yield from self._fields(value, fid, depth - 1)
        elif expr[0] in (f.NAME, f.STAR, f.EITHER, f.SEQ, f.JOIN):
            for part in self._parts(expr, fid):
                yield from self._fields(part, fid, depth - 1)

    def _only_builds(self, fid: FunctionId, index: int, call: Call) -> bool:
        """Whether a call only makes a value that holds the key, such as a dictionary or an object of a plain class."""
        things = self.ev.concrete(self.ev.expr(call.callee, fid))
        return bool(things) and all(map(self._builds, things)) and not self._effects(fid, index)

    def _logs(self, fid: FunctionId, call: Call) -> bool:
        """Whether a call only writes a log line, or belongs to a context."""
        for thing in self.ev.concrete(self.ev.expr(call.callee, fid)):
            rule = None
            if thing[0] == t.EXT:
                rule = self.ev.catalogue.call(thing[1])
            elif thing[0] == t.OBJ:
                rule = self.ev.rule(thing[1])
            elif self.ev.context(thing) is not None:
                return True
            if rule is not None and rule.kind in ("logging", "output"):
                return True
        return False

    def _builds(self, thing: Thing) -> bool:
        if thing[0] in (t.FN, t.METHOD):
            target = thing[1]
            if target in self._building:
                return False  # a function that returns its own call holds there what its other returns do
            wanted = [(f.NAME, name) for name in self.given(target)]
            self._building.add(target)
            try:
                returned = self.ev.function(target).returns
                return any(self._holds(value, one, target, _DEPTH) for value in returned for one in wanted)
            finally:
                self._building.discard(target)
        return thing[0] == t.CLASS or (thing[0] == t.EXT and thing[1] in _PLAIN)

    def _is_returned(self, fid: FunctionId, wanted: Expr) -> bool:
        """Whether a function gives back what an expression makes: then the step that sends it is another one."""
        return any(self._holds(value, wanted, fid, _DEPTH) for value in self.ev.function(fid).returns)

    def _holds(self, expr: Expr, wanted: Expr, fid: FunctionId, depth: int) -> bool:
        if expr is None or not depth:
            return False
        return expr == wanted or any(self._holds(part, wanted, fid, depth - 1) for part in self._kept(expr, fid))

    def _kept(self, expr: tuple[Any, ...], fid: FunctionId) -> list[Expr]:
        """What a value holds: what it is made of, but not what was sent to get it."""
        if expr[0] == f.CALL:
            call = self.ev.function(fid).calls[expr[1]]
            if not self._only_builds(fid, expr[1], call):
                return self._parts(expr, fid)[:1]
        return self._parts(expr, fid)

    # Where they come from

    def _makers(self, expr: Expr, fid: FunctionId, depth: int) -> Iterator[tuple[Hops, str]]:
        """The calls of a function that make an expression another one each time."""
        if expr is None or not depth:
            return
        if expr[0] == f.CALL:
            call = self.ev.function(fid).calls[expr[1]]
            targets = self._targets(fid, call)
            for target, _ in targets:
                hop = (fid[0], call.start, call.end, self.ev.function(target).name)
                for value in self.ev.function(target).returns:
                    for hops, api in self._makers(value, target, depth - 1):
                        yield (hop, *hops), api
            entries = self._effects(fid, expr[1])
            made = next((entry for entry in entries if entry[0] in MAKERS), None)
            if made is not None and not targets:
                yield made[2], made[3]
            if entries:
                return  # what the world answers is recorded there
        for part in self._parts(expr, fid):
            yield from self._makers(part, fid, depth - 1)

    def _effects(self, fid: FunctionId, index: int) -> list[Entry]:
        """What a call does. Parameters are left open: a clock that comes in isn't the step's own."""
        return [entry for entry in self.project.effects.of_call(fid, index) if isinstance(entry[0], str)]

    def _names(self, expr: Expr, fid: FunctionId, depth: int) -> Iterator[str]:
        """The variables that an expression is made of."""
        if expr is None or not depth:
            return
        if expr[0] == f.NAME:
            yield expr[1]
        if expr[0] != f.CALL or not self._effects(fid, expr[1]):
            for part in self._parts(expr, fid):
                yield from self._names(part, fid, depth - 1)

    def _parts(self, expr: tuple[object, ...], fid: FunctionId) -> list[Expr]:
        """What an expression is made of, in this function; a variable is what is bound to it here."""
        kind, inner = expr[0], expr[1]
        function = self.ev.function(fid)
        if kind == f.NAME:
            return list(function.bindings.get(str(inner), ())) if self.ev.scope_of(fid, str(inner)) == fid else []
        if kind == f.CALL:
            assert isinstance(inner, int)
            call = function.calls[inner]
            receiver = call.callee[1] if call.callee is not None and call.callee[0] == f.ATTR else None
            return [receiver, *call.args, *(value for _, value in call.keywords)]
        if kind == f.DICT:
            assert isinstance(inner, tuple)
            return [value for _, value in inner]
        if kind == f.SEQ:
            items = expr[2]
            assert isinstance(items, tuple)
            return list(items)
        if kind in (f.JOIN, f.EITHER):
            assert isinstance(inner, tuple)
            return list(inner)
        if kind in (f.ATTR, f.ITEM, f.PART, f.EACH, f.STAR, f.AWAIT):
            assert inner is None or isinstance(inner, tuple)
            return [inner]
        return []


def _names_key(function: Function) -> bool:
    """Whether a parameter, a keyword or a field that a function writes is named like a key."""
    if any(is_key(one.name) for one in function.parameters) or any(is_key(one.key) for one in function.writes):
        return True
    values: list[Expr] = [value for bound in function.bindings.values() for value in bound]
    for call in function.calls:
        values += call.args
        for name, value in call.keywords:
            if is_key(name):
                return True
            values.append(value)
    while values:
        value = values.pop()
        if value is None:
            continue
        if value[0] == f.DICT:
            if any(key is not None and key[0] == f.CONST and is_key(key[1]) for key, _ in value[1]):
                return True
            values += [inner for _, inner in value[1]]
        elif value[0] == f.SEQ:
            values += value[2]
        elif value[0] in (f.EITHER, f.JOIN):
            values += value[1]
        elif value[0] == f.STAR:
            values.append(value[1])
    return False
