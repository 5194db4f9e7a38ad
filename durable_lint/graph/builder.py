"""From a workflow's code to its picture: statements in their order, operations with their bodies, helpers followed."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from durable_lint.graph.expressions import Expressions
from durable_lint.graph.findings import Pending
from durable_lint.graph.frames import Frame, Frames, Target, source_text
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
    Picture,
    Place,
    acts,
    columns,
    matters,
)
from durable_lint.graph.trees import Definition, Tree, Trees
from durable_lint.index.project import CHILD, WORKFLOW, Project
from durable_lint.index.things import FunctionId
from durable_lint.model import Diagnostic

MOST = 1500
"""Elements of one picture; helpers that are called behind that are drawn closed."""


DEEPEST = 20
"""Calls that lead to one another; a helper that is called further down is drawn closed."""


class Builder:
    """Draws workflows of a linked project; ``findings`` are those of each module by its absolute path."""

    def __init__(self, project: Project, trees: Trees, findings: Mapping[str, Sequence[Diagnostic]]) -> None:
        self.project = project
        self.trees = trees
        self.frames = Frames(trees)
        self.findings = findings
        self.count = 0
        self._worth: dict[FunctionId, bool] = {}

    def picture(self, fid: FunctionId) -> Picture:
        """The picture of one workflow."""
        self.count = 0
        function = self.project.ev.function(fid)
        body = self.body(Frame(fid))
        place = self.place(fid)
        marks = body.rest()
        return Picture(function.qualname, place, body.items, marks)

    def closed(self, fid: FunctionId, here: Frame) -> str:
        """Why a function that runs in a frame is not opened; empty where it is."""
        if here.runs(fid):
            return "calls itself again"
        return "not drawn: the picture is too large" if self.count > MOST or here.depth >= DEEPEST else ""

    def body(self, frame: Frame) -> Body:
        """What a function does, as it runs in a frame."""
        tree, node = self.trees.get(frame.fid[0]), self.trees.definition(frame.fid)
        assert tree is not None
        return Body(self, frame, tree, node)

    def place(self, fid: FunctionId) -> Place:
        """Where a function is defined."""
        tree, function = self.trees.get(fid[0]), self.project.ev.function(fid)
        assert tree is not None
        return Place(tree.source.path, tree.source.lines.position(function.start).line)

    def name(self, fid: FunctionId) -> str:
        """What a function is called in a picture: methods with their class."""
        function = self.project.ev.function(fid)
        if function.kind == "lambda":
            return "lambda"
        parent = self.project.ev.function(self.project.ev.parent(fid))
        if function.name == "__init__":
            return parent.name
        return f"{parent.name}.{function.name}" if parent.kind == "class" else function.name

    def marks_in(self, fid: FunctionId) -> Pending:
        """The findings in a function, its decorators left out."""
        function = self.project.ev.function(fid)
        return Pending(self.findings.get(fid[0], ()), function.start, function.end)

    def is_worth(self, fid: FunctionId) -> bool:
        """Whether calling a function does anything that a picture shows: it issues operations, or is workflow code
        with findings."""
        if fid not in self._worth:
            self._worth[fid] = False  # for functions that call each other
            if self.trees.definition(fid) is not None:
                self._worth[fid] = bool(self.project.issuing.summary(fid)) or self._is_found_in(fid)
        return self._worth[fid]

    def _is_found_in(self, fid: FunctionId) -> bool:
        kinds = self.project.kinds(fid)
        if WORKFLOW not in kinds and CHILD not in kinds:
            return False
        function = self.project.ev.function(fid)
        if self.marks_in(fid).take(function.start, function.end):
            return True
        frame = Frame(fid)
        tree = self.trees.get(fid[0])
        for index, call in enumerate(function.calls):
            node = tree.nodes.get((fid, index)) if tree is not None else None
            if node is not None and any(self.is_worth(one.fid) for one in self.frames.called(call, node, frame)):
                return True
        return False

    def helper(self, target: Target, here: Frame) -> Helper:
        """A call of a function that issues operations."""
        fid = target.fid
        helper = Helper(f"{self.name(fid)}()", [], self.place(fid), self.closed(fid, here))
        if not helper.folded:
            body = self.body(target.frame(here))
            helper.items, helper.marks = body.items, body.rest()
        return helper


class Body(Expressions):
    """The code of one function in one frame."""

    def __init__(self, builder: Builder, frame: Frame, tree: Tree, node: Definition | None) -> None:
        super().__init__(builder, frame, tree)
        if node is None:
            self.items: list[Element] = []
        elif isinstance(node, ast.Lambda):
            self.items = self.simple(node, [node.body])
        else:
            self.items = _without_last_return(self.block(node.body))

    def rest(self) -> list[Mark]:
        """The findings that no element of the function has: those of its signature and of nested definitions."""
        start, end = self.function.start, self.function.end
        return self.pending.take(start, end)

    def block(self, statements: Sequence[ast.stmt]) -> list[Element]:
        """The elements of statements that run one after the other."""
        found: list[Element] = []
        for statement in statements:
            found += self.statement(statement)
        return found

    def statement(self, node: ast.stmt) -> list[Element]:
        """The elements of one statement."""
        match node:
            case ast.If():
                return self._if(node)
            case ast.For() | ast.AsyncFor():
                return self._for(node)
            case ast.While():
                return self._while(node)
            case ast.With() | ast.AsyncWith():
                return [*self.simple(node, [item.context_expr for item in node.items]), *self.block(node.body)]
            case ast.Try() | ast.TryStar():
                return self._try(node)
            case ast.Match():
                return self._match(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return []
            case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
                return self._jump(node)
            case ast.Assign() | ast.AugAssign():
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                return self.simple(node, [node.value, *targets], node)
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        return self.simple(node, parts, node)

    def _jump(self, node: ast.Return | ast.Raise | ast.Break | ast.Continue) -> list[Element]:
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        before = self.simple(node, parts, node)
        plain = isinstance(node, ast.Raise | ast.Break | ast.Continue) or not any(
            not isinstance(element, Code) for element in before
        )
        text = source_text(node, 40) if plain else "return"
        return [*before, Jump(type(node).__name__.lower(), text, self.at(node))]

    def _if(self, node: ast.If) -> list[Element]:
        before, marks = self.header([node.test])
        arms = [Column(f"if {source_text(node.test)}", self.block(node.body))]
        rest = node.orelse
        while len(rest) == 1 and isinstance(rest[0], ast.If) and not self.issues(rest[0].test):
            inner = rest[0]
            marks += self.header([inner.test])[1]
            arms.append(Column(f"elif {source_text(inner.test)}", self.block(inner.body)))
            rest = inner.orelse
        if len(arms) == 1:
            arms[0].label = "yes"
        arms.append(Column("no" if len(arms) == 1 else "else", self.block(rest)))
        test = f"if {source_text(node.test)}" if len(arms) == 2 else "if / elif"
        return [*before, *self._branch(test, arms, node, marks)]

    def _branch(self, test: str, arms: list[Column], node: ast.stmt, marks: list[Mark]) -> list[Element]:
        """A branch with its arms; nothing where no arm does anything, and no finding stands on its condition."""
        if any(arm.items for arm in arms):
            return [Branch(test, arms, self.at(node), marks)]
        return [Code(test, self.at(node), marks)] if marks else []

    def _match(self, node: ast.Match) -> list[Element]:
        before, marks = self.header([node.subject])
        arms: list[Column] = []
        complete = False
        for case in node.cases:
            label = source_text(case.pattern)
            if case.guard is not None:
                label = f"{label} if {source_text(case.guard)}"
                marks += self.header([case.guard])[1]
            arms.append(Column(f"case {label}", self.block(case.body)))
            complete = complete or _takes_all(case)
        if not complete:
            arms.append(Column("no case", []))
        return [*before, *self._branch(f"match {source_text(node.subject)}", arms, node, marks)]

    def _for(self, node: ast.For | ast.AsyncFor) -> list[Element]:
        before, marks = self.header([node.iter])
        head = f"for {source_text(node.target, 30)} in {source_text(node.iter)}"
        return [*before, *self._loop(Loop(head, self.block(node.body), self.at(node), False, marks), node.orelse)]

    def _while(self, node: ast.While) -> list[Element]:
        before, marks = self.header([node.test])
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        items = [*before, *self.block(node.body)]
        return self._loop(Loop(f"while {source_text(node.test)}", items, self.at(node), endless, marks), node.orelse)

    def _loop(self, loop: Loop, orelse: Sequence[ast.stmt]) -> list[Element]:
        after = self.block(orelse)
        if matters(loop.items):
            return [loop, *after]
        return [Code(loop.head, loop.place, loop.marks), *after] if loop.marks else after

    def _try(self, node: ast.Try | ast.TryStar) -> list[Element]:
        tried = [*self.block(node.body), *self.block(node.orelse)]
        parts = [Column("try", tried)]
        for handler in node.handlers:
            start = self.tree.span(handler)[0]
            marks = self.pending.take(start, self.tree.span(handler.body[0])[0])
            label = f"except {source_text(handler.type)}" if handler.type is not None else "except"
            parts.append(Column(label, self.block(handler.body), marks))
        final = self.block(node.finalbody)
        shown = any(part.marks or matters(part.items) for part in parts) or matters(final)
        attempt = Attempt(parts, final, self.at(node))
        if not any(part.marks for part in parts) and not any(acts(column.items) for column in columns(attempt)):
            return _as_branch(attempt) if shown else []
        return [attempt]


def _as_branch(attempt: Attempt) -> list[Element]:
    """A ``try`` without operations is a branch: its clauses are ways on."""
    ways = [Column("no error", attempt.columns[0].items), *attempt.columns[1:]]
    return [Branch("try", ways, attempt.place), *attempt.final]


def _takes_all(case: ast.match_case) -> bool:
    """Whether a case is taken whatever the subject is."""
    pattern = case.pattern
    return case.guard is None and isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def _without_last_return(items: list[Element], outermost: bool = True) -> list[Element]:
    """The elements without a ``return`` that the end of the function would do as well; inside branches and ``try``
    those with a value of their own stay."""
    last = items[-1] if items else None
    if isinstance(last, Jump) and last.kind == "return" and (outermost or last.text == "return"):
        return items[:-1]
    if isinstance(last, Branch) or (isinstance(last, Attempt) and not last.final):
        for column in last.columns:
            column.items = _without_last_return(column.items, False)
    return items
