"""What the visitor keeps while it walks a region: variables, sources, and what it has recorded."""

from __future__ import annotations

from durable_lint.index import orders
from durable_lint.index import things as t
from durable_lint.index.effects import Entry
from durable_lint.index.facts import Function
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.loading import cst
from durable_lint.visit.numbering import Numbered, children
from durable_lint.visit.region import Region
from durable_lint.visit.values import CLEAN, VALUE_KINDS, EffectUse, Place, Source, Value

Scope = tuple[FunctionId | None, str]


class Tracking:
    """The state of one walk."""

    def __init__(self, project: Project, fid: FunctionId, numbered: Numbered, region: Region) -> None:
        self.project = project
        self.ev = project.ev
        self.fid = fid
        self.function: Function = self.ev.function(fid)
        self.numbered = numbered
        self.region = region
        self.place = Place()
        self.environment: dict[Scope, Value] = {}
        self.overlays: list[dict[str, Value]] = []
        self.in_name = False
        self.issuers: list[str] = []
        self._calls = {call.number: index for index, call in enumerate(self.function.calls)}
        self._reads = {read.number: read for read in self.function.reads}
        self._loads = {load[0]: load for loads in self.function.loads.values() for load in loads}

    @property
    def issued(self) -> int:
        """How many operations were met so far; ``issuers`` are the profiles of each."""
        return len(self.issuers)

    # Names

    def scope(self, name: str) -> Scope:
        """The variable that a name means in this function."""
        return (self.ev.scope_of(self.fid, name), name)

    def get(self, name: str, at: int = -1) -> Value:
        """What is known of a variable now; ``at`` is the offset where it is read, if it is known."""
        for overlay in reversed(self.overlays):
            if name in overlay:
                return overlay[name]
        scope = self.scope(name)
        value = self.environment.get(scope)
        if value is None:
            own = scope[0] == self.fid and all(parameter.name != name for parameter in self.function.parameters)
            things = t.NOTHING if own else self.ev.concrete(self.ev.name(self.fid, name))
            return Value(unordered=orders.is_set(things))
        if self.region.kind == "step" and scope[0] != self.fid:
            self.reach(value, "body", "a value that a step body uses", at)
        return value

    def set(self, name: str, value: Value) -> None:
        """Bind a variable."""
        for overlay in reversed(self.overlays):
            if name in overlay:
                overlay[name] = value
                return
        self.environment[self.scope(name)] = value

    # Sources and what they reach

    def reach(self, value: Value, sink: str, text: str, at: int = -1) -> None:
        """Record that a value arrives somewhere that matters, at an offset if it is known."""
        for source in self._sources(value):
            source.reaches.setdefault(sink, (text, at))

    def _sources(self, value: Value) -> list[Source]:
        return [self.all_sources[key] for key in sorted(value.sources)]

    @property
    def all_sources(self) -> list[Source]:
        """Every source of the visit, by key; the walker shares the list between nested regions."""
        raise AssertionError("the walker provides it")

    def source(self, number: int, kind: str) -> Source:
        """The source at a node, made when it is first met."""
        key = (number, kind)
        if key not in self.region.sources:
            source = Source(len(self.all_sources), kind, number)
            self.all_sources.append(source)
            self.region.sources[key] = source
        return self.region.sources[key]

    def effect(self, number: int, span: tuple[int, int], entry: Entry) -> Value:
        """Record an effect at a node; gives the value that it makes, if it makes one."""
        kind = str(entry[0])
        source = self.source(number, kind) if kind in VALUE_KINDS else None
        use = self.region.effects.get((number, kind))
        if use is None:
            use = EffectUse(number, *span, kind, entry[3], entry[2], self.place, source, self.in_name)
            self.region.effects[(number, kind)] = use
        return Value(frozenset({source.key})) if source is not None else CLEAN

    def order_taken(self, node: cst.CSTNode) -> Value:
        """An order is taken from a set at a node."""
        number = self.first_number(node)
        span = self.span(number)
        source = self.source(number, "order")
        key = (number, "order")
        if key not in self.region.effects:
            self.region.effects[key] = EffectUse(number, *span, "order", "set", (), self.place, source)
        return Value(frozenset({source.key}))

    def first_number(self, node: cst.CSTNode) -> int:
        """The number of the first numbered node in an expression, -1 when there is none."""
        stack = [node]
        while stack:
            current = stack.pop()
            number = self.numbered.number(current)
            if number >= 0:
                return number
            stack.extend(reversed(children(current)))
        return -1

    def start_of(self, node: cst.CSTNode) -> int:
        """The offset of the first numbered node in an expression, -1 when there is none."""
        number = self.first_number(node)
        return self.span(number)[0] if number >= 0 else -1

    def span(self, number: int) -> tuple[int, int]:
        """Where a numbered node stands; the function's own span when it isn't known."""
        if number in self._calls:
            call = self.function.calls[self._calls[number]]
            return call.start, call.end
        if number in self._reads:
            return self._reads[number].start, self._reads[number].end
        if number in self._loads:
            return self._loads[number][1:]
        if number in self.function.marks:
            return self.function.marks[number]
        return self.function.start, self.function.start
