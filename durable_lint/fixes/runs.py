"""Runs of statements that can move together into the body of a step, and what the function then needs of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from durable_lint.fixes.scope import names_in
from durable_lint.fixes.statements import has_long_string
from durable_lint.fixes.tree import Tree
from durable_lint.fixes.values import Values
from durable_lint.fixes.variables import BOUND, READ, Use, binds, declared, first_use, leaves, suppresses, uses
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.changes import Origin
from durable_lint.index.project import Project
from durable_lint.knowledge.keeping import Serializer
from durable_lint.knowledge.returns import CARRIED, REFUSED, load
from durable_lint.loading import cst
from durable_lint.records import dataclass, field
from durable_lint.visit.nodes import parts
from durable_lint.visit.region import Region
from durable_lint.visit.values import EffectUse

_NEVER = (cst.Await, cst.Yield, cst.Global, cst.Nonlocal, cst.Match, cst.TryStar)
_MAGIC = frozenset({"super", "locals", "vars", "__class__", "eval", "exec"})
"""Names that mean something else in another function."""


@dataclass
class Run:
    """The statements from ``first`` to ``last`` of a block. ``results``: what is used of them afterwards, in order;
    ``returns``: they end the function; ``sure``: a step can record all that it gives."""

    block: Sequence[cst.CSTNode]
    first: int
    last: int
    results: list[str] = field(default_factory=list)
    returns: bool = False
    sure: bool = True

    @property
    def statements(self) -> Sequence[cst.CSTNode]:
        """The statements themselves."""
        return self.block[self.first : self.last + 1]


class Runs:
    """Finds the run of statements around an effect of one region."""

    def __init__(self, project: Project, tree: Tree, region: Region, context: str, serializer: Serializer) -> None:
        self.project = project
        self.tree = tree
        self.region = region
        self.context = context
        self.serializer = serializer
        self.function = project.ev.function(region.fid)
        self.parameters = {parameter.name for parameter in self.function.parameters}
        self.node = tree.node(self.function.number) if self.function.kind == "def" else None
        self.values = Values(project, tree, region.fid, serializer)
        body = self.node.body if isinstance(self.node, cst.FunctionDef) else None
        self._uses: list[Use] = list(uses(body)) if body is not None else []
        self._shared = declared(body) if body is not None else frozenset()

    def around(self, use: EffectUse) -> Run | None:
        """The shortest run that holds an effect and all that belongs to it; None when it can't move."""
        for block, index in self._levels(self.tree.node(use.number)):
            for with_objects in (True, False):
                run = self._grown(Run(block, index, index), with_objects)
                if run is not None:
                    return run
        return None

    def _levels(self, node: cst.CSTNode) -> Iterator[tuple[Sequence[cst.CSTNode], int]]:
        """The blocks around an effect and its place there, the innermost first."""
        child = node
        for parent in self.tree.ancestors(node):
            if isinstance(parent, cst.Lambda | cst.ClassDef) or (parent is self.node):
                return
            if isinstance(parent, cst.IndentedBlock):
                yield parent.body, next(i for i, one in enumerate(parent.body) if one is child)
            child = parent

    def _grown(self, run: Run, with_objects: bool) -> Run | None:
        """The run with all that must move with it."""
        if self._is_guarded(run):
            return None
        while True:
            before = (run.first, run.last)
            if not all(self._can_move(one) for one in run.statements):
                return None
            if not (self._unit(run, with_objects) and self._ends(run) and self._variables(run) and self._kept(run)):
                return None
            if (run.first, run.last) == before:
                return run

    # What may move at all

    def _is_guarded(self, run: Run) -> bool:
        """Whether a clause around the run waits for an error that a step wraps in its own, or ``finally`` would run at
        its retries."""
        child: cst.CSTNode = run.block[run.first]
        for parent in self.tree.ancestors(child):
            if parent is self.node:
                return False
            if isinstance(parent, cst.Try) and child is parent.body:
                caught = [one.type for one in parent.handlers]
                if parent.finalbody is not None or any(
                    names_in(one) - {"Exception", "BaseException"} for one in caught if one is not None
                ):
                    return True
            if isinstance(parent, cst.With) and suppresses(parent):
                return True
            child = parent
        return False

    def _can_move(self, statement: cst.CSTNode) -> bool:
        """Whether a statement can run in a function of its own, in a step."""
        span = self.tree.span(statement)
        held = [one.start for one in self.region.operations.values()]
        held += [one.start for one in self.region.leads.values()]
        if any(span.start <= at < span.end for at in held) or has_long_string(statement):
            return False
        stack: list[tuple[cst.CSTNode, bool, bool]] = [(statement, False, False)]
        while stack:
            node, inside, looped = stack.pop()
            if isinstance(node, _NEVER) and not inside:
                return False
            if isinstance(node, cst.Global | cst.Nonlocal | cst.Del) or getattr(node, "asynchronous", None) is not None:
                return False
            if isinstance(node, cst.Break | cst.Continue) and not looped and not inside:
                return False
            if isinstance(node, cst.Name) and (node.value in _MAGIC or node.value == self.context):
                return False
            if isinstance(node, cst.Attribute) and self.tree.source(node) == self.context:
                return False
            inside = inside or isinstance(node, cst.FunctionDef | cst.Lambda)
            looped = looped or isinstance(node, cst.For | cst.While)
            stack.extend((child, inside, looped) for child in parts(node))
        return True

    # Effects that belong together

    def _unit(self, run: Run, with_objects: bool) -> bool:
        """Take in what belongs to one transaction or connection; False where that can't be done."""
        start, end = self._extent(run)
        stateful = [use for use in self.region.ordered_effects() if load().keeps_state(use.api)]
        owners = {use.number: self._owners(use) for use in stateful}
        direct = {names[0] for names in owners.values() if names}
        own = [use for use in stateful if start <= use.start < end]
        shared = {name for use in own for name in owners[use.number] if name in direct}
        if shared & self.parameters or any(self._is_outer(name) for name in shared):
            return False
        if any(name in self._entered(run) for use in own for name in owners[use.number][:1]):
            return False
        for use in stateful:
            together = shared & set(owners[use.number]) or (len(use.hops) > 1 and own and use.kind == own[0].kind)
            if together and not self._take(run, use.start):
                return False
        opened = {name for use in own for name in owners[use.number]} if with_objects else set()
        for name in sorted(opened):
            for index in range(run.first):
                if binds(run.block[index], name):
                    run.first = index
                    break
        return self._is_whole(run)

    def _is_whole(self, run: Run) -> bool:
        """Whether no AWS call of the run is made on what a ``with`` around it binds."""
        start, end = self._extent(run)
        entered = self._entered(run)
        for use in self.region.effects.values():
            if start <= use.start < end and use.kind == "aws" and set(self._owners(use)[:1]) & entered:
                return False
        return True

    def _entered(self, run: Run) -> set[str]:
        """What the ``with`` statements around a run bind."""
        found = set()
        for parent in self.tree.ancestors(run.block[run.first]):
            if parent is self.node:
                break
            if isinstance(parent, cst.With):
                found |= {use.name for item in parent.items for use in uses(item) if use.binds}
        return found

    def _owners(self, use: EffectUse) -> list[str]:
        """The variables that an effect is made on: its own object first, then what that one was made of."""
        call = next((one for one in self.function.calls if one.number == use.number), None)
        name = self._root(call.callee if call is not None else None)
        found: list[str] = []
        while name and name not in found:
            things = self.project.ev.name(self.region.fid, name)
            if name not in self.parameters and not any(
                thing[0] in (t.OBJ, t.INST) or "()" in str(thing[1]) for thing in things
            ):
                break
            found.append(name)
            bound = self.function.bindings.get(name, [])
            name = self._root(bound[0]) if len(bound) == 1 else ""
        return found

    def _root(self, expr: f.Expr) -> str:
        """The variable that an expression starts from."""
        while expr is not None and expr[0] in (f.ATTR, f.CALL, f.ENTER, f.ITEM):
            expr = self.function.calls[expr[1]].callee if expr[0] == f.CALL else expr[1]
        return str(expr[1]) if expr is not None and expr[0] == f.NAME else ""

    def _is_outer(self, name: str) -> bool:
        """Whether a variable belongs to a function around this one."""
        scope = self.project.ev.scope_of(self.region.fid, name)
        return scope is not None and scope != self.region.fid and scope[1] != 0

    def _take(self, run: Run, offset: int) -> bool:
        """Lengthen the run by the statement at an offset; False where it stands in another block."""
        for index, statement in enumerate(run.block):
            span = self.tree.span(statement)
            if span.start <= offset < span.end:
                run.first, run.last = min(run.first, index), max(run.last, index)
                return True
        return False

    def _extent(self, run: Run) -> tuple[int, int]:
        return self.tree.span(run.block[run.first]).start, self.tree.span(run.block[run.last]).end

    # Where it ends

    def _ends(self, run: Run) -> bool:
        """Settle whether the run returns: then it must do so on every path."""
        run.returns = any(_returns(one) for one in run.statements)
        if not run.returns or leaves(run.block[run.last]):
            return True
        run.last = len(run.block) - 1
        return leaves(run.block[run.last])

    # Variables

    def _variables(self, run: Run) -> bool:
        """Settle what the run gives; lengthen it to where a variable begins that it needs, or where one ends that no
        step can record."""
        start, end = self._extent(run)
        bound = self._bound(run)
        if any(name in self.function.outer or name in self._shared for name in bound):
            return False
        run.results, run.sure = [], True
        for name in bound:
            others = (use for use in self._uses if use.binds and use.name == name)
            elsewhere = any(not start <= self.tree.span(use.node).start < end for use in others)
            early = (elsewhere or name in self.parameters) and first_use(run.statements, name) == READ
            if early and not self._from_binding(run, name):
                return False
            if run.returns or not self._is_used(run, name):
                continue
            if not any(binds(one, name) for one in run.statements) and not self._from_binding(run, name):
                return False
            verdict = self.values.of_name(name, run.statements)
            if verdict == REFUSED:
                return self._until_last(run, name)
            run.results.append(name)
            run.sure = run.sure and verdict == CARRIED
        return not run.returns or self._returned(run)

    def _bound(self, run: Run) -> list[str]:
        found = (use for one in run.statements for use in uses(one))
        return list(dict.fromkeys(use.name for use in found if use.binds and not use.nested))

    def _is_used(self, run: Run, name: str) -> bool:
        """Whether a variable is read after the run before it is bound again."""
        start, end = self._extent(run)
        found = (use for use in self._uses if use.name == name and not use.binds)
        reads = [(self.tree.span(use.node).start, use.nested) for use in found]
        if any(nested and at < start for at, nested in reads):
            return True
        again = next((one for one in self.tree.ancestors(run.block[0]) if isinstance(one, cst.For | cst.While)), None)
        if again is not None and again in self.tree.ancestors(self.node or again):
            again = None
        if again is not None and first_use(run.block[: run.first], name) != BOUND:
            begin = self.tree.span(again).start
            if any(begin <= at < start for at, _ in reads):
                return True
        rest = first_use(run.block[run.last + 1 :], name)
        return rest == READ or (rest != BOUND and any(at >= end for at, _ in reads))

    def _from_binding(self, run: Run, name: str) -> bool:
        """Lengthen the run to where a variable was bound before; False where that stands in another block."""
        found = [index for index in range(run.first) if binds(run.block[index], name)]
        if found:
            run.first = found[-1]
        return bool(found)

    def _until_last(self, run: Run, name: str) -> bool:
        """Lengthen the run to the last statement that reads a variable; False where that stands in another block."""
        found = []
        for index in range(run.last + 1, len(run.block)):
            use = first_use(run.block[index : index + 1], name)
            if use == BOUND:
                break
            found += [index] if use == READ else []
        else:
            begin, end = self.tree.span(run.block[0]).start, self.tree.span(run.block[-1]).end
            reads = (self.tree.span(use.node).start for use in self._uses if use.name == name and not use.binds)
            if any(not begin <= at < end for at in reads):
                return False
        run.last = found[-1] if found else run.last
        return bool(found)

    def _returned(self, run: Run) -> bool:
        """Whether a step can record what the run returns."""
        start, end = self._extent(run)
        for position, (number, at, _) in enumerate(self.function.exits):
            if start <= at < end:
                verdict = self.values.of_exit(position, number)
                if verdict == REFUSED:
                    return False
                run.sure = run.sure and verdict == CARRIED
        return True

    # Writes

    def _kept(self, run: Run) -> bool:
        """Whether all that the run writes to is its own; lengthen it to where such a thing is made."""
        start, end = self._extent(run)
        changes, fid = self.project.changes, self.region.fid
        origins: set[Origin] = set()
        for write in changes.writes(fid):
            if start <= write.start < end and changes.is_change(fid, self.function, write):
                root = self._root(write.target)
                origins |= changes.changed(fid, write) or ({("var", fid, root)} if root else set())
        for index, call in enumerate(self.function.calls):
            if start <= call.start < end:
                origins |= {change[0] for change in changes.reached(fid, index)}
        for origin in sorted(origins, key=repr):
            if origin[:2] != ("var", fid):
                return False
            if origin[2] not in self._bound(run) and not self._from_binding(run, origin[2]):
                return False
        return True


def _returns(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.FunctionDef | cst.Lambda):
        return False
    return isinstance(node, cst.Return) or any(_returns(child) for child in parts(node))
