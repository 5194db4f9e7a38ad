"""The visitor: walks the statements of a region, keeps its loops, branches and guards, and visits its bodies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from durable_lint.index import things as t
from durable_lint.index.binding import Arguments
from durable_lint.index.facts import Call
from durable_lint.index.project import Project
from durable_lint.index.regions import Issued
from durable_lint.index.things import FunctionId, Things
from durable_lint.loading import cst
from durable_lint.visit import operations, orders
from durable_lint.visit.clauses import fact_of, leaves_loop, leaving, swallowing
from durable_lint.visit.flow import Flow
from durable_lint.visit.nodes import parts
from durable_lint.visit.numbering import Numbered
from durable_lint.visit.region import Region, TryUse, WithUse
from durable_lint.visit.tracking import Scope
from durable_lint.visit.values import CLEAN, Place, Source, Value

_MAX_VISITS = 3
"""A body that several operations share is visited for this many of them."""


class Visit:
    """What the walkers of one top-level statement share: the tree, the regions and the sources."""

    def __init__(self, project: Project, path: str, numbered: Numbered) -> None:
        self.project = project
        self.path = path
        self.numbered = numbered
        self.sources: list[Source] = []
        self.regions: dict[tuple[FunctionId, str], Region] = {}
        self.visits: dict[tuple[FunctionId, str], int] = {}

    def region(self, fid: FunctionId, kind: str) -> Region:
        """The region of a function in one role, made when it is first visited."""
        key = (fid, kind)
        if key not in self.regions:
            function = self.project.ev.function(fid)
            self.regions[key] = Region(kind, fid, function.name, self.numbered)
        return self.regions[key]

    def function(self, fid: FunctionId, kind: str, environment: dict[Scope, Value] | None = None) -> None:
        """Visit a function that is defined in this top-level statement."""
        key = (fid, kind)
        if self.visits.get(key, 0) >= _MAX_VISITS:
            return
        self.visits[key] = self.visits.get(key, 0) + 1
        node = self.numbered.nodes[self.project.ev.function(fid).number]
        assert isinstance(node, cst.FunctionDef | cst.Lambda)
        walker = Walker(self, fid, self.region(fid, kind), environment)
        walker.run(node)


class Walker(Flow):
    """Walks one function in one role."""

    def __init__(
        self, visit: Visit, fid: FunctionId, region: Region, environment: dict[Scope, Value] | None = None
    ) -> None:
        super().__init__(visit.project, fid, visit.numbered, region)
        self.visit = visit
        if environment is not None:
            self.environment = environment
        self.inner: list[int] = []
        self.retries = 0

    @property
    def all_sources(self) -> list[Source]:
        """Every source of the visit, by key."""
        return self.visit.sources

    def run(self, node: cst.FunctionDef | cst.Lambda) -> None:
        """Walk the function's body, then the inner regions that no operation led to."""
        if isinstance(node, cst.Lambda):
            self.reach(self.value(node.body), "result", "the result")
        else:
            self.block(node.body.body)
        for number in self.inner:
            fid = self.inner_function(number)
            for kind in self.project.kinds(fid) if fid is not None else ():
                if fid is not None and (fid, kind) not in self.visit.visits:
                    self.visit.function(fid, kind, self.environment)

    def inner_function(self, number: int) -> FunctionId | None:
        """The nested function that a node defines."""
        for index in self.function.children:
            fid = (self.fid[0], index)
            if self.ev.function(fid).number == number:
                return fid
        return None

    def nested(self, node: cst.Lambda | cst.FunctionDef) -> None:
        """Note a nested function for later."""
        number = self.numbered.number(node)
        if number not in self.inner:
            self.inner.append(number)

    def operation(self, node: cst.Call, index: int, call: Call, things: Things) -> Value | None:
        """Record an operation and visit its bodies; None when the call is none."""
        return operations.record(self, node, index, call, things)

    def label_arguments(self, node: cst.Call, call: Call, things: Things) -> list[cst.BaseExpression]:
        """The arguments that a called function uses as names of operations."""
        return operations.label_arguments(self, node, things) if self.region.replayed else []

    def named(self, node: cst.Call, label: cst.BaseExpression, value: Value, call: Call) -> None:
        """Record a name that a called function gives to an operation."""
        operations.record_name(self, label, value, call)

    def regions_of(self, issued: Issued, arguments: Arguments) -> Things:
        """The contexts that an operation is issued on."""
        return self.project.regions.receivers(issued, arguments)

    def captured(self) -> dict[Scope, Value]:
        """What the variables of comprehensions hold, as the functions that are nested in them see it."""
        return {(self.fid, name): value for overlay in self.overlays for name, value in overlay.items()}

    # Blocks

    def block(self, statements: Sequence[cst.CSTNode]) -> bool:
        """Walk statements in turn; gives whether the end can't be reached."""
        outer = self.place
        left = False
        known = set(self.region.names)
        for statement in statements:
            left = self.statement(statement) or left
            if left and isinstance(statement, cst.If) and self.dead_arm(statement.test) >= 0:
                break  # what follows is for calls without a context
        self.place = outer
        if outer.loops and not self.retries and leaves_loop(statements):
            for key in self.region.names.keys() - known:
                use = self.region.names[key]
                if use.place.loops == outer.loops:
                    use.place = Place(outer.loops[:-1], use.place.path, use.place.first_run)
        return left

    def suite(self, node: cst.BaseSuite | cst.Else | cst.Finally | None) -> bool:
        """Walk the block of a compound statement."""
        if node is None:
            return False
        if isinstance(node, cst.Else | cst.Finally):
            return self.suite(node.body)
        return self.block(node.body)

    def statement(self, node: cst.CSTNode) -> bool:
        """Walk one statement; gives whether what follows it in the block can't be reached."""
        if isinstance(node, cst.SimpleStatementLine):
            return max([self.statement(small) for small in node.body], default=False)
        handler = _STATEMENTS.get(type(node))
        if handler is not None:
            return bool(handler(self, node))
        self.value(node)
        return isinstance(node, cst.Raise | cst.Break | cst.Continue)

    def _on_assign(self, node: cst.Assign) -> None:
        value = self.value(node.value)
        if value.unordered and any(isinstance(target.target, cst.Tuple | cst.List) for target in node.targets):
            value = value.made() | self.order_taken(node.value)
        for target in node.targets:
            self.bind(target.target, value)

    def _on_ann_assign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value))

    def _on_aug_assign(self, node: cst.AugAssign) -> None:
        value = self.value(node.value)
        old = self.value(node.target)
        unordered = old.unordered
        if value.unordered and isinstance(node.operator, orders.GROWING):
            unordered = True  # only a set takes a set so, and stays one
        elif value.unordered and not unordered:
            value = value.made() | self.order_taken(node.value)
        self.bind(node.target, Value(old.sources | value.sources, unordered))

    def _on_return(self, node: cst.Return) -> bool:
        value = self.value(node.value)
        self.reach(value, "result", "the result")
        return True

    def _on_function(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            self.value(decorator.decorator)
        self.set(node.name.value, self.defaults(node.params))
        self.nested(node)

    def _on_class(self, node: cst.ClassDef) -> None:
        self.set(node.name.value, CLEAN)

    # Branches

    def arm(self, branch: int, arm: int, walk: Callable[[], bool], first_run: bool = False) -> bool:
        """Walk one arm of a branch."""
        outer = self.place
        self.place = Place(outer.loops, (*outer.path, (branch, arm)), outer.first_run or first_run)
        left = walk()
        self.place = outer
        return left

    def arms(
        self, node: cst.CSTNode, test: Value, walks: Sequence[Callable[[], bool]], guard: int = -1, at: int = -1
    ) -> bool:
        """Walk exclusive arms from the same state, and join what they bind. ``guard``: the arm of the first run."""
        before, start = self.issued, dict(self.environment)
        joined: dict[Scope, Value] = {}
        leaves = []
        for number, walk in enumerate(walks):
            self.environment.clear()
            self.environment.update(start)
            leaves.append(self.arm(id(node), number, walk, number == guard))
            if not leaves[-1]:
                for scope, value in self.environment.items():
                    joined[scope] = joined[scope] | value if scope in joined else value
        self.environment.clear()
        self.environment.update(joined or start)
        stay = [number for number, left in enumerate(leaves) if not left]
        if self.issued > before or (any(leaves) and stay):
            self.reach(test, "branch", "a branch that decides which operations run", at)
        if len(stay) == 1 and len(walks) > 1:
            self.place = Place(self.place.loops, (*self.place.path, (id(node), stay[0])), self.place.first_run)
        return not stay

    def _on_if(self, node: cst.If) -> bool:
        test = self.value(node.test)
        guard = self.guarded_arm(node.test, test)

        def otherwise() -> bool:
            orelse = node.orelse
            return self._on_if(orelse) if isinstance(orelse, cst.If) else self.suite(orelse)

        dead = self.dead_arm(node.test)
        if dead >= 0:
            return otherwise() if dead == 0 else self.suite(node.body)
        return self.arms(node, test, [lambda: self.suite(node.body), otherwise], guard, self.start_of(node.test))

    def guarded_arm(self, node: cst.BaseExpression, test: Value) -> int:
        """The arm of an ``if`` that runs only when nothing is replayed: 0, 1, or -1 for none."""
        if not any(self.all_sources[key].kind in ("replaying", "replaying-uncalled") for key in test.sources):
            return -1
        negated = False
        while isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
            negated, node = not negated, node.expression
        if isinstance(node, cst.BooleanOperation):
            inner = [self.guarded_arm(part, self.value(part)) for part in (node.left, node.right)]
            return 0 if isinstance(node.operator, cst.And) and not negated and 0 in inner else -1
        return 0 if negated else 1

    def _on_match(self, node: cst.Match) -> bool:
        subject = self.value(node.subject).made()
        walks: list[Callable[[], bool]] = []
        for case in node.cases:

            def walk(case: cst.MatchCase = case) -> bool:
                self.capture(case.pattern, subject)
                self.value(case.guard)
                return self.suite(case.body)

            walks.append(walk)
        last = node.cases[-1]
        if not (isinstance(last.pattern, cst.MatchAs) and last.pattern.pattern is None and last.guard is None):
            walks.append(lambda: False)
        return self.arms(node, subject, walks, at=self.start_of(node.subject))

    def capture(self, pattern: cst.CSTNode, subject: Value) -> None:
        """Bind the names of a pattern."""
        name = getattr(pattern, "name", None)
        if isinstance(pattern, cst.MatchAs | cst.MatchStar) and isinstance(name, cst.Name):
            self.set(name.value, subject)
        for child in parts(pattern):
            if isinstance(child, cst.MatchPattern | cst.MatchSequenceElement | cst.MatchOrElement):
                self.capture(child, subject)
            elif isinstance(child, cst.MatchMappingElement | cst.MatchKeywordElement):
                self.capture(child.pattern, subject)

    # Loops

    def loop(self, node: cst.CSTNode, walk: Callable[[], bool]) -> None:
        """Walk a loop's body twice, so that what one round leaves is seen by the next."""
        outer, retries = self.place, self.retries
        self.place, self.retries = Place((*outer.loops, id(node)), outer.path, outer.first_run), 0
        for _ in range(2):
            start = dict(self.environment)
            walk()
            for scope, value in start.items():
                self.environment[scope] = self.environment.get(scope, value) | value
        self.place, self.retries = outer, retries

    def _on_for(self, node: cst.For) -> None:
        iterated = self.iterated(node.iter)
        before = self.issued

        def walk() -> bool:
            self.bind_element(node.target, node.iter, iterated)
            return self.suite(node.body)

        self.loop(node, walk)
        if self.issued > before:
            self.reach(iterated, "loop", "a loop that issues operations", self.start_of(node.iter))
        self.suite(node.orelse)

    def _on_while(self, node: cst.While) -> None:
        before = self.issued
        test = CLEAN

        def walk() -> bool:
            nonlocal test
            test |= self.value(node.test)
            return self.suite(node.body)

        self.loop(node, walk)
        if self.issued > before:
            self.reach(test, "loop", "a loop that issues operations", self.start_of(node.test))
        self.suite(node.orelse)

    # Exceptions and context managers

    def _on_try(self, node: cst.Try | cst.TryStar) -> bool:
        before, start = self.issued, dict(self.environment)
        self.retries += bool(node.handlers)
        left = self.suite(node.body)
        self.retries -= bool(node.handlers)
        issues, issuers = self.issued > before, self.issuers[before:]
        for scope, value in start.items():
            self.environment[scope] = self.environment.get(scope, value) | value
        walks: list[Callable[[], bool]] = [lambda: left or self.suite(node.orelse)]
        walks += [lambda handler=handler: self._on_handler(handler) for handler in node.handlers]  # type: ignore[misc]
        left = self.arms(node, CLEAN, walks)
        issues_anywhere = self.issued > before
        final = self.suite(node.finalbody)
        kept = swallowing(
            iter(node.handlers), lambda caught: self.is_suspension(caught, issuers), self.project.profiles
        )
        self.region.tries[id(node)] = TryUse(
            issues,
            issues_anywhere,
            self.numbered.number(kept) if kept is not None else -1,
            tuple(self.numbered.number(one) for one in (leaving(node.finalbody.body) if node.finalbody else ())),
        )
        return left or final

    def _on_handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
        self.value(node.type)
        if node.name is not None and isinstance(node.name.name, cst.Name):
            self.set(node.name.name.value, CLEAN)
        return self.suite(node.body)

    def is_suspension(self, node: cst.BaseExpression, issuers: Sequence[str]) -> bool:
        """Whether an exception class catches what operations of these profiles raise to suspend."""
        return self.project.catches_suspension(fact_of(node), self.fid, issuers)

    def suppresses(self, node: cst.BaseExpression, issuers: Sequence[str]) -> bool:
        """Whether a ``with`` item is ``suppress`` of what operations of these profiles raise to suspend."""
        if not isinstance(node, cst.Call):
            return False
        is_suppress = (t.EXT, "contextlib.suppress") in self.ev.expr(fact_of(node.func), self.fid)
        return is_suppress and any(self.is_suspension(argument.value, issuers) for argument in node.args)

    def _on_with(self, node: cst.With) -> bool:
        for item in node.items:
            value = self.value(item.item)
            number = self.first_number(item.item)
            for managed in self.function.withs:
                if managed.number == number and self.region.replayed:
                    place = (self.fid[0], managed.start, managed.end)
                    for entry in self.project.effects.of_with(self.fid, managed.expr, place):
                        if isinstance(entry[0], str):
                            value |= self.effect(number, (managed.start, managed.end), entry)
            if item.asname is not None:
                self.bind(item.asname.name, value)
        before = self.issued
        left = self.suite(node.body)
        for item in node.items:
            number = self.first_number(item.item)
            suppresses = self.suppresses(item.item, self.issuers[before:])
            self.region.withs[number] = WithUse(number, self.issued > before, suppresses)
        return left


_STATEMENTS: dict[type[cst.CSTNode], Callable[..., object]] = {
    cst.Assign: Walker._on_assign,
    cst.AnnAssign: Walker._on_ann_assign,
    cst.AugAssign: Walker._on_aug_assign,
    cst.Return: Walker._on_return,
    cst.FunctionDef: Walker._on_function,
    cst.ClassDef: Walker._on_class,
    cst.If: Walker._on_if,
    cst.Match: Walker._on_match,
    cst.For: Walker._on_for,
    cst.While: Walker._on_while,
    cst.Try: Walker._on_try,
    cst.TryStar: Walker._on_try,
    cst.With: Walker._on_with,
}
