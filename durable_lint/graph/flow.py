"""A picture as nodes, edges and regions, for the formats that lay these out themselves."""

from __future__ import annotations

from collections.abc import Sequence

from durable_lint.graph.model import (
    Attempt,
    Branch,
    Code,
    Column,
    Element,
    Helper,
    Jump,
    Loop,
    Mark,
    Operation,
    Picture,
    columns,
    walk,
)
from durable_lint.graph.model import marks as marks_of
from durable_lint.records import dataclass, field

Open = list[tuple[int, str]]
"""Where control comes from: nodes, and what the edge from each of them is called."""


@dataclass(frozen=True, slots=True)
class Node:
    """``kind`` is ``start``, ``end``, ``operation``, ``suspending``, ``branch``, ``loop``, ``code``, ``call``, ``try``
    or ``jump``; ``region`` the id of the region that holds it, 0 for none."""

    id: int
    kind: str
    title: str
    note: str
    region: int
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """``style``: ``flow``, ``again`` (back to a loop) or ``error`` (to a clause)."""

    source: int
    target: int
    label: str = ""
    style: str = "flow"


@dataclass(frozen=True, slots=True)
class Region:
    """A box around nodes: ``kind`` is ``body``, ``loop``, ``helper`` or ``try``."""

    id: int
    kind: str
    title: str
    parent: int


@dataclass(slots=True)
class Flow:
    """Nodes, edges and regions in the order of the code."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)


@dataclass(slots=True)
class _Loop:
    head: int
    breaks: Open = field(default_factory=list)


def flow_of(picture: Picture, deepest: int = 99) -> Flow:
    """The nodes, edges and regions of a picture; helpers and bodies below ``deepest`` others are one node each."""
    return _Maker(deepest).make(picture)


class _Maker:
    def __init__(self, deepest: int) -> None:
        self.deepest = deepest
        self.flow = Flow()
        self.region = 0
        self.depth = 0
        self.loops: list[_Loop] = []
        self.returns: list[Open | None] = [None]

    def make(self, picture: Picture) -> Flow:
        note = f"{picture.place.path}:{picture.place.line}"
        start = self.node("start", picture.name, note, picture.marks)
        ends = self.items(picture.items, [(start, "")])
        if ends:
            self.join(ends, self.node("end", "end", ""))
        return self.flow

    def node(self, kind: str, title: str, note: str, marks: Sequence[Mark] = ()) -> int:
        made = Node(len(self.flow.nodes) + 1, kind, title, note, self.region, tuple(marks))
        self.flow.nodes.append(made)
        return made.id

    def join(self, sources: Open, target: int, style: str = "flow") -> None:
        for source, label in sources:
            edge = Edge(source, target, label, style)
            if edge not in self.flow.edges:
                self.flow.edges.append(edge)

    @property
    def is_deep(self) -> bool:
        return self.depth >= self.deepest

    def folded(self, element: Operation | Helper, note: str) -> str:
        """The note of an element that is one node, with how much is in it."""
        inside = sum(isinstance(one, Operation) for column in columns(element) for one in walk(column.items))
        return " · ".join(part for part in (note, f"{inside} operations inside" if inside else "") if part)

    def all_marks(self, element: Operation | Helper) -> list[Mark]:
        """The findings of an element that is one node: those of what is in it too."""
        return marks_of(Picture("", element.place, [element]))

    def open(self, kind: str, title: str) -> int:
        """Open a region; gives the one around it."""
        around = self.region
        self.flow.regions.append(Region(len(self.flow.regions) + 1, kind, title, around))
        self.region = len(self.flow.regions)
        return around

    def items(self, items: Sequence[Element], sources: Open) -> Open:
        for element in items:
            sources = self.element(element, sources)
        return sources

    def element(self, element: Element, sources: Open) -> Open:
        match element:
            case Operation():
                return self.operation(element, sources)
            case Branch():
                return self.branch(element, sources)
            case Loop():
                return self.loop(element, sources)
            case Attempt():
                return self.attempt(element, sources)
            case Helper():
                return self.helper(element, sources)
            case Code():
                node = self.node("code", element.text, "runs again at each replay", element.marks)
                self.join(sources, node)
                return [(node, "")]
        return self.jump(element, sources)

    def operation(self, element: Operation, sources: Open) -> Open:
        kind = "suspending" if element.suspends else "operation"
        if not element.bodies or self.is_deep:
            node = self.node(kind, element.title, self.folded(element, element.note), self.all_marks(element))
            self.join(sources, node)
            return [(node, "")]
        around = self.open("body", f"child context: {element.title}")
        node = self.node(kind, element.title, element.note, element.marks)
        self.join(sources, node)
        found: Open = []
        for body in element.bodies:
            found += self.function(body, [(node, body.label)])
        self.region = around
        return found

    def function(self, body: Column, sources: Open) -> Open:
        """A function that runs inside another: its ``return`` leads to what stands behind it."""
        self.depth += 1
        outer, self.loops = self.loops, []
        self.returns.append([])
        if body.marks:
            node = self.node("code", f"definition of {body.label}", "", body.marks)
            self.join(sources, node)
            sources = [(node, "")]
        ends = self.items(body.items, sources)
        returned = self.returns.pop()
        self.loops = outer
        self.depth -= 1
        return ends + (returned or [])

    def branch(self, element: Branch, sources: Open) -> Open:
        node = self.node("branch", element.test, "", element.marks)
        self.join(sources, node)
        found: Open = []
        for column in element.columns:
            found += self.items(column.items, [(node, column.label)])
        return found

    def loop(self, element: Loop, sources: Open) -> Open:
        around = self.open("loop", "loop")
        head = self.node("loop", element.head, "", element.marks)
        self.join(sources, head)
        self.loops.append(_Loop(head))
        ends = self.items(element.items, [(head, "")])
        self.join(ends, head, "again")
        left = self.loops.pop().breaks
        self.region = around
        return left if element.endless else [(head, "done"), *left]

    def attempt(self, element: Attempt, sources: Open) -> Open:
        around = self.open("try", "try")
        start = self.node("try", "try", "", element.marks)
        self.join(sources, start)
        found = self.items(element.columns[0].items, [(start, "")])
        for clause in element.columns[1:]:
            node = self.node("try", clause.label, "", clause.marks)
            self.join([(start, "on an error")], node, "error")
            found += self.items(clause.items, [(node, "")])
        if element.final:
            node = self.node("try", "finally", "")
            self.join(found or [(start, "")], node)
            found = self.items(element.final, [(node, "")]) if found else []
        self.region = around
        return found

    def helper(self, element: Helper, sources: Open) -> Open:
        title = f"{element.name} {element.place.path}:{element.place.line}"
        if not element.items or self.is_deep:
            node = self.node("call", element.name, self.folded(element, element.folded), self.all_marks(element))
            self.join(sources, node)
            return [(node, "")]
        around = self.open("helper", title)
        if element.marks:
            node = self.node("call", element.name, "", element.marks)
            self.join(sources, node)
            sources = [(node, "")]
        ends = self.function(Column(element.name, element.items), sources)
        self.region = around
        return ends

    def jump(self, element: Jump, sources: Open) -> Open:
        """The node of a jump; one that nothing leads to is left out."""
        if not sources:
            return []
        if element.kind == "continue" and self.loops:
            self.join(sources, self.loops[-1].head, "again")
            return []
        if element.kind == "break" and self.loops:
            self.loops[-1].breaks += sources
            return []
        node = self.node("jump", element.text, "", element.marks)
        self.join(sources, node)
        if element.kind == "return" and self.returns[-1] is not None:
            self.returns[-1].append((node, ""))
        return []
