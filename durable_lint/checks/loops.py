"""The loops of a module that issue operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from durable_lint.checks.base import Check
from durable_lint.index import things as t
from durable_lint.index.effects import Entry
from durable_lint.index.facts import Call
from durable_lint.index.project import STEP
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Operation
from durable_lint.records import dataclass

if TYPE_CHECKING:
    from durable_lint.fixes.tree import Tree
    from durable_lint.loading import cst
    from durable_lint.visit.loops import Loop


@dataclass(slots=True)
class Issue:
    """A call in a loop, and the operations that it issues."""

    call: Call
    node: cst.Call
    operations: list[Operation]


@dataclass(slots=True)
class Issuer:
    """A loop with the calls in it that issue operations."""

    fid: FunctionId
    loop: Loop
    tree: Tree
    issues: list[Issue]

    @property
    def span(self) -> tuple[int, int]:
        """The head of the loop."""
        from durable_lint.loading import cst

        end = self.loop.test if isinstance(self.loop, cst.While) else self.loop.iter
        return self.tree.span(self.loop).start, self.tree.span(end).end


def issuers(ctx: Check) -> Iterator[Issuer]:
    """The loops of workflow code with operations in them, in the order of the functions and calls."""
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        if ctx.project.kinds(fid) in ([], [STEP]) or not any(call.repeated for call in function.calls):
            continue
        found: dict[int, Issuer] = {}
        for index, call in enumerate(function.calls):
            entries = ctx.project.issuing.at(fid, index) if call.repeated else []
            if entries:
                tree = ctx.tree(function.top)
                issue = Issue(call, tree.call(call.number), _operations(ctx, entries))
                for loop in _around(tree, issue.node):
                    found.setdefault(id(loop), Issuer(fid, loop, tree, [])).issues.append(issue)
        yield from found.values()


def _operations(ctx: Check, entries: list[Entry]) -> list[Operation]:
    """The operations of a call, by the contexts that they are issued on; what their profile doesn't know is bare."""
    found: dict[str, Operation] = {}
    for receiver, name, _ in sorted((entry[0] for entry in entries), key=repr):
        context = ctx.project.ev.context(receiver)
        operation = context[0].operation(name) if context is not None else None
        found[name] = operation or Operation(name, None)
    return [found[name] for name in sorted(found)]


def _around(tree: Tree, node: cst.CSTNode) -> Iterator[Loop]:
    """The loops that run a node again, the innermost first."""
    from durable_lint.loading import cst

    child = node
    for parent in tree.ancestors(node):
        if isinstance(parent, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            return
        runs = isinstance(parent, cst.While) and child is not parent.orelse
        if runs or (isinstance(parent, cst.For) and child is parent.body):
            yield parent  # type: ignore[misc]
        child = parent


def called(ctx: Check, fid: FunctionId, tree: Tree, node: cst.CSTNode) -> set[str]:
    """The names outside the project that a call calls."""
    number = tree.numbered.number(node)
    call = next((one for one in ctx.project.ev.function(fid).calls if one.number == number), None)
    things = ctx.project.ev.expr(call.callee, fid) if call is not None else ()
    return {thing[1] for thing in things if thing[0] == t.EXT}
