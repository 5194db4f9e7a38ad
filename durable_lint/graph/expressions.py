"""The part of a picture that expressions make: operations, calls of helpers, and what runs only sometimes."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from durable_lint.graph.frames import Frame, Target, source_text, written
from durable_lint.graph.model import Branch, Code, Column, Element, Helper, Loop, Mark, Operation, Place
from durable_lint.graph.trees import Tree
from durable_lint.index import things as t
from durable_lint.index.externals import CALLING
from durable_lint.index.issuing import Site
from durable_lint.index.project import STEP
from durable_lint.knowledge.profiles import Place as ArgumentPlace

if TYPE_CHECKING:
    from durable_lint.graph.builder import Builder

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


class Expressions:
    """Draws expressions in the order in which Python evaluates them."""

    def __init__(self, builder: Builder, frame: Frame, tree: Tree) -> None:
        self.builder = builder
        self.frame = frame
        self.tree = tree
        self.path = frame.fid[0]
        self.function = builder.project.ev.function(frame.fid)
        self.pending = builder.marks_in(frame.fid)
        self._sites = {(site.fid, site.index): site for site in builder.project.sites(self.path)}

    def at(self, node: ast.AST) -> Place:
        """Where a node stands."""
        return Place(self.tree.source.path, node.lineno)  # type: ignore[attr-defined]

    def simple(self, node: ast.AST, parts: Sequence[ast.expr], shown: ast.AST | None = None) -> list[Element]:
        """The elements of expressions, and of the findings beside them."""
        found: list[Element] = []
        for part in parts:
            found += self.expr(part)
        places = [self.tree.span(part) for part in parts] if shown is None else [self.tree.span(shown)]
        left = [one for start, end in places for one in self.pending.take(start, end)]
        if left:
            found.insert(0, Code(source_text(shown or parts[0]), self.at(node), left))
        return found

    def header(self, parts: Sequence[ast.expr]) -> tuple[list[Element], list[Mark]]:
        """The elements of the expressions in a condition or a loop's head, and the findings beside them."""
        found = [element for part in parts for element in self.expr(part)]
        spans = [self.tree.span(part) for part in parts]
        return found, [one for start, end in spans for one in self.pending.take(start, end)]

    def issues(self, node: ast.expr) -> bool:
        """Whether evaluating an expression issues an operation."""
        for inner in ast.walk(node):
            found = self.builder.trees.call(inner, self.path) if isinstance(inner, ast.Call) else None
            if found is not None and self.builder.project.issuing.at(found[0], found[1]):
                return True
        return False

    def expr(self, node: ast.AST) -> list[Element]:
        """The elements of one expression."""
        match node:
            case ast.Lambda():
                return []
            case ast.Call():
                return self._call(node)
            case ast.IfExp():
                test = self.expr(node.test)
                ways = [Column("yes", self.expr(node.body)), Column("no", self.expr(node.orelse))]
                return [*test, *self._either(ways, node, f"if {source_text(node.test)}")]
            case ast.BoolOp():
                return self._bool(node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
        return [element for child in ast.iter_child_nodes(node) for element in self.expr(child)]

    def _either(self, ways: list[Column], node: ast.AST, test: str) -> list[Element]:
        return [Branch(test, ways, self.at(node))] if any(way.items for way in ways) else []

    def _bool(self, node: ast.BoolOp) -> list[Element]:
        """The first operand always runs; the others when those before them don't decide."""
        found = self.expr(node.values[0])
        later = [element for value in node.values[1:] for element in self.expr(value)]
        word = "and" if isinstance(node.op, ast.And) else "or"
        first = source_text(node.values[0])
        ways = [Column("yes" if word == "and" else "no", later), Column("no" if word == "and" else "yes", [])]
        return [*found, *self._either(ways, node, f"if {first}")]

    def _comprehension(self, node: _COMPREHENSIONS) -> list[Element]:
        before = self.expr(node.generators[0].iter)
        inner: list[Element] = []
        for position, generator in enumerate(node.generators):
            inner += self.expr(generator.iter) if position else []
            inner += [element for condition in generator.ifs for element in self.expr(condition)]
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inner += [element for part in parts for element in self.expr(part)]
        return [*before, Loop(each(node), inner, self.at(node))] if inner else before

    # Calls

    def _call(self, node: ast.Call) -> list[Element]:
        found = self.expr(node.func)
        for part in [*node.args, *(keyword.value for keyword in node.keywords)]:
            found += self.expr(part)
        fact = self.builder.trees.call(node, self.path)
        if fact is None:
            return found
        fid, index, call = fact
        site = self._sites.get((fid, index))
        if site is not None:
            return [*found, self._operation(node, site)]
        targets = [one for one in self.builder.frames.called(call, node, self.frame) if self._is_drawn(one)]
        if targets:
            return [*found, *self._helpers(node, targets)]
        return found + self._called_back(node)

    def _is_drawn(self, target: Target) -> bool:
        return self.builder.is_worth(target.fid)

    def _helpers(self, node: ast.Call, targets: Sequence[Target]) -> list[Element]:
        drawn = [self.builder.helper(target, self.frame) for target in targets]
        self.builder.count += len(drawn)
        marks = self.pending.take(*self.tree.span(node))
        if len(drawn) == 1:
            drawn[0].marks = list(dict.fromkeys([*marks, *drawn[0].marks]))
            return [drawn[0]]
        ways = [Column(one.name, [one]) for one in drawn]
        return [Branch(f"one of: {source_text(node.func)}", ways, self.at(node), marks)]

    def _called_back(self, node: ast.Call) -> list[Element]:
        """What functions outside the project call back at once, such as ``map(ship, lines)``."""
        fact = self.builder.trees.call(node, self.path)
        if fact is None:
            return []
        ev = self.builder.project.ev
        names = {thing[1] for thing in ev.expr(fact[2].callee, fact[0]) if thing[0] == t.EXT}
        if not names & CALLING:
            return []
        inner: list[Element] = []
        for arg in fact[2].args:
            for thing in sorted(ev.concrete(ev.expr(arg, fact[0])), key=repr):
                if thing[0] in (t.FN, t.METHOD) and self.builder.is_worth(thing[1]):
                    inner.append(self.builder.helper(Target(thing[1], int(thing[0] == t.METHOD)), self.frame))
        return [Loop(source_text(node), inner, self.at(node))] if inner else []

    # Operations

    def _operation(self, node: ast.Call, site: Site) -> Operation:
        self.builder.count += 1
        operation = site.issued.operation
        drawn = Operation(operation.name, "", "", self.at(node), operation.suspends)
        targets = self.builder.frames.bodies(site, self.frame)
        drawn.name = self._name(node, site, targets)
        drawn.detail = self._detail(node, site)
        for target in targets:
            self._body(drawn, target)
        if operation.body is not None and drawn.bodies:
            drawn.repeats = self._repeats(node, site)
        drawn.marks = list(dict.fromkeys([*self.pending.take(*self.tree.span(node)), *drawn.marks]))
        return drawn

    def _name(self, node: ast.Call, site: Site, targets: Sequence[Target]) -> str:
        """The name in the history: what is given, or the name of a decorated body."""
        operation = site.issued.operation
        given = written(node, operation.label) if operation.label is not None else None
        text = self.builder.frames.text(given, self.frame) if given is not None else ""
        if not text and operation.names_itself and len(targets) == 1 and targets[0].call is not None:
            return self.builder.project.ev.function(targets[0].fid).name
        if not text and operation.label is None and isinstance(node.func, ast.Attribute):
            return source_text(node.func.value)
        return text

    def _detail(self, node: ast.Call, site: Site) -> str:
        """What it starts, or how long it waits."""
        operation = site.issued.operation
        if operation.target is not None:
            target = written(node, operation.target)
            return self.builder.frames.text(target, self.frame) if target is not None else ""
        for position, taken in enumerate(operation.parameters):
            if taken.takes == "duration":
                value = written(node, ArgumentPlace(position, taken.name))
                return source_text(value, 40) if value is not None else ""
        return ""

    def _repeats(self, node: ast.Call, site: Site) -> str:
        body = site.issued.operation.body
        assert body is not None
        given = written(node, body.place)
        if body.many and isinstance(given, _COMPREHENSIONS):
            return f"one {each(given)}"
        if body.many:
            return "side by side"
        items = written(node, body.items) if body.items is not None else None
        return f"for each of {source_text(items, 40)}" if items is not None else ""

    def _body(self, drawn: Operation, target: Target) -> None:
        """Draw a body that has operations of its own; of any other show the findings in it."""
        builder = self.builder
        tree = builder.trees.get(target.fid[0])
        if tree is None:
            return
        function = builder.project.ev.function(target.fid)
        inside = self.function.start <= function.start < self.function.end and target.fid[0] == self.path
        name = builder.name(target.fid)
        if target.region == STEP:
            drawn.marks += builder.marks_in(target.fid).take(function.start, function.end)
        elif folded := builder.closed(target.fid, self.frame):
            drawn.bodies.append(Column(name, [Helper(name, [], builder.place(target.fid), folded)]))
        else:
            body = builder.body(target.frame(self.frame))
            drawn.bodies.append(Column(name, body.items, body.rest()))
        if inside:
            self.pending.drop(function.start, function.end)


def each(node: _COMPREHENSIONS) -> str:
    """The head of a comprehension."""
    heads = [
        f"for {source_text(one.target, 30)} in {source_text(one.iter)}"
        + "".join(f" if {source_text(condition, 30)}" for condition in one.ifs)
        for one in node.generators
    ]
    return " ".join(heads)
