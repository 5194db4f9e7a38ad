"""Whether what a call makes is closed: by ``with``, by a method that closes it, or by somebody that it is handed to.

The answer is ``CLOSED`` also where it can't be told: an object that goes into a container or to unknown code may be
closed there. ``HANDED_OUT``: the function returns it, and its callers must close it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index import tools
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call, Expr, Function
from durable_lint.index.testing import Tests
from durable_lint.index.things import FunctionId, Thing
from durable_lint.records import dataclass

OPEN, CLOSED, HANDED_OUT = "open", "closed", "handed out"


@dataclass(frozen=True, slots=True)
class Holder:
    """What holds the object: ``is_it`` tells an expression of a function, ``functions`` are those to look at."""

    is_it: Callable[[Expr, FunctionId], bool]
    functions: list[FunctionId]


class Closing:
    """Follows objects of a testing library from the calls that make them."""

    def __init__(self, evaluator: Evaluator, tests: Tests) -> None:
        self.ev = evaluator
        self.tests = tests
        self._verdicts: dict[object, str] = {}
        self._asking: set[FunctionId] = set()
        self._barren: set[FunctionId] = set()
        """Functions from which no such object can come."""
        self._called: dict[tuple[FunctionId, int], tuple[bool, list[FunctionId]]] = {}
        libraries = [one.testing for one in evaluator.profiles.values() if one.testing is not None]
        kinds = [kind for library in libraries for kind in library.classes.values()]
        self._ends = frozenset({"__exit__", *(name for kind in kinds for name in kind.closed_by)})
        self._readers: dict[str, list[FunctionId]] | None = None
        self._owners: dict[str, list[tuple[FunctionId, frozenset[FunctionId], FunctionId]]] = {}

    def made_by(self, fid: FunctionId, index: int) -> bool:
        """Whether a call makes, or gets from a function that makes it, an object that must be closed."""
        makes, targets = self._callees(fid, index)
        return makes or any(map(self._hands_out, targets))

    def _callees(self, fid: FunctionId, index: int) -> tuple[bool, list[FunctionId]]:
        """Whether a call builds an object that must be closed, and the functions that it calls; asked often."""
        known = self._called.get((fid, index))
        if known is None:
            things = self.ev.concrete(self.ev.expr(self.ev.function(fid).calls[index].callee, fid))
            targets = sorted({thing[1] for thing in things if thing[0] in (t.FN, t.METHOD)})
            known = self._called[fid, index] = any(map(self._closers, things)), targets
        return known

    def _closers(self, thing: Thing) -> tuple[str, ...]:
        """The methods that close what calling a class makes; nothing for any other thing."""
        if thing[0] == t.CLASS:
            for base in self.ev.classes.lineage(thing[1]):
                if base[0] == t.EXT and self._closers(base):
                    return self._closers(base)
        built = self.ev.tool(thing[1]) if thing[0] == t.EXT else None
        owner = tools.known(self.ev, built) if built is not None else None
        return owner.closed_by if owner is not None else ()

    def _hands_out(self, target: FunctionId) -> bool:
        if target in self._asking or not self._reaches_a_maker(target):
            return False
        if self.tests.is_fixture(target) or self.ev.function(target).is_generator:
            return False
        self._asking.add(target)  # a function that calls itself hands out what its other calls make
        calls = range(len(self.ev.function(target).calls))
        found = any(self.made_by(target, index) and self.verdict(target, index) == HANDED_OUT for index in calls)
        self._asking.discard(target)
        return found

    def _reaches_a_maker(self, target: FunctionId) -> bool:
        """Whether any call that a function leads to builds such an object: nearly none does, and then all is said."""
        seen, rest = {target}, [target]
        while rest:
            one = rest.pop()
            if one in self._barren:
                continue
            for index in range(len(self.ev.function(one).calls)):
                makes, targets = self._callees(one, index)
                if makes:
                    return True
                rest += [other for other in targets if other not in seen]
                seen.update(targets)
        self._barren |= seen
        return False

    def verdict(self, fid: FunctionId, index: int) -> str:
        """What becomes of the object that a call makes."""
        same = {index}
        function = self.ev.function(fid)
        for other, call in enumerate(function.calls):  # methods that give the object itself, for chaining
            if call.callee is not None and call.callee[0] == f.ATTR and call.callee[1] in [(f.CALL, i) for i in same]:
                kinds = {thing[2] for thing in self.ev.expr((f.CALL, index), fid) if thing[0] == t.TOOL}
                given = {thing[2] for thing in self.ev.expr((f.CALL, other), fid) if thing[0] == t.TOOL}
                same |= {other} if kinds and given == kinds else set()
        holder = Holder(lambda e, g: g == fid and e is not None and e[0] == f.CALL and e[1] in same, [fid])
        return self._memo(("call", fid, index), lambda: self._judge(holder))

    def _memo(self, key: object, compute: Callable[[], str]) -> str:
        if key not in self._verdicts:
            self._verdicts[key] = CLOSED  # what leads back to itself can't be told
            self._verdicts[key] = compute()
        return self._verdicts[key]

    # What a holder goes through

    def _judge(self, holder: Holder) -> str:
        verdicts = {verdict for fid in holder.functions for verdict in self._uses(holder, fid)}
        return CLOSED if CLOSED in verdicts else HANDED_OUT if HANDED_OUT in verdicts else OPEN

    def _uses(self, holder: Holder, fid: FunctionId) -> Iterator[str]:
        """The verdicts that follow from what one function does with the object."""
        function = self.ev.function(fid)
        if any(self._contains(holder, managed.expr, fid, into_calls=True) for managed in function.withs):
            yield CLOSED
        if any(self._closes(holder, read.expr, fid) for read in function.reads):
            yield CLOSED
        for call in function.calls:
            if self._closes(holder, call.callee, fid):
                yield CLOSED
            yield from self._passed(holder, call, fid)
        for value in (*function.returns, *function.yields):
            if holder.is_it(value, fid):
                yield self._left(fid, function)
            elif self._contains(holder, value, fid):
                yield CLOSED
        for write in function.writes:
            kept = write.how in ("attr", "item") and self._contains(holder, write.value, fid)
            if kept and (write.how == "item" or not self._own(write.target, fid)):
                yield CLOSED
        yield from self._bound(holder, fid, function)

    def _closes(self, holder: Holder, expr: Expr, fid: FunctionId) -> bool:
        """Whether an expression is a method that closes the object, called or handed over."""
        if expr is None or expr[0] != f.ATTR or not holder.is_it(expr[1], fid):
            return False
        return expr[2] in self._ends

    def _contains(self, holder: Holder, expr: Expr, fid: FunctionId, into_calls: bool = False) -> bool:
        """Whether the object is an expression or part of a display in it."""
        if expr is None or holder.is_it(expr, fid):
            return expr is not None
        if expr[0] == f.CALL and into_calls:
            call = self.ev.function(fid).calls[expr[1]]
            given = [*call.args, *(value for _, value in call.keywords)]
            return any(self._contains(holder, value, fid, into_calls) for value in given)
        if expr[0] == f.SEQ:
            return any(self._contains(holder, item, fid, into_calls) for item in expr[2])
        if expr[0] == f.DICT:
            return any(self._contains(holder, value, fid, into_calls) for _, value in expr[1])
        if expr[0] in (f.EITHER, f.JOIN):
            return any(self._contains(holder, part, fid, into_calls) for part in expr[1])
        return expr[0] in (f.STAR, f.EACH, f.ENTER) and self._contains(holder, expr[1], fid, into_calls)

    def _passed(self, holder: Holder, call: Call, fid: FunctionId) -> Iterator[str]:
        """What becomes of an object that a call gets."""
        for position, value in enumerate(call.args):
            if holder.is_it(value, fid):
                yield self._received(call, fid, position, "")
            elif self._contains(holder, value, fid):
                yield CLOSED
        for name, value in call.keywords:
            if holder.is_it(value, fid):
                yield self._received(call, fid, -1, name)
            elif self._contains(holder, value, fid):
                yield CLOSED

    def _received(self, call: Call, fid: FunctionId, position: int, keyword: str) -> str:
        things = self.ev.concrete(self.ev.expr(call.callee, fid))
        if things and all(thing[0] == t.EXT and thing[1].startswith("builtins.") for thing in things):
            return OPEN
        verdicts = set()
        for thing in things:
            if thing[0] not in (t.FN, t.METHOD):
                return CLOSED
            parameters = self.ev.function(thing[1]).parameters
            plain = [one.name for one in parameters if one.kind == "pos"][int(thing[0] == t.METHOD) :]
            name = keyword or (plain[position] if position < len(plain) else "")
            if name not in [one.name for one in parameters if one.kind in ("pos", "key")]:
                return CLOSED
            verdicts.add(self._named(thing[1], name))
        return OPEN if verdicts == {OPEN} else CLOSED

    def _left(self, fid: FunctionId, function: Function) -> str:
        """What becomes of an object that a function returns or yields."""
        if self.tests.is_fixture(fid):
            askers = sorted(self.ev.solver.get(("requester", fid)))
            verdicts = {self._named(asker, name) for asker, name in askers}
            return OPEN if verdicts == {OPEN} else CLOSED
        if function.is_generator:
            managed = self.ev.is_decorated(fid, "contextlib.contextmanager")
            return OPEN if managed else CLOSED
        return HANDED_OUT

    def _bound(self, holder: Holder, fid: FunctionId, function: Function) -> Iterator[str]:
        """What becomes of the names and attributes that the object is bound to."""
        module = self.ev.modules.get(fid[0])
        for scope in module.functions if module is not None else ():
            home = (fid[0], scope.index)
            for name, values in scope.bindings.items():
                for value in values:
                    verdict = self._value(holder, value, fid, home)
                    if verdict == HANDED_OUT:
                        yield self._attribute(home, name) if scope.kind == "class" else self._named(home, name)
                    elif verdict == CLOSED:
                        yield CLOSED
            for name, values in scope.attributes.items() if scope.kind == "class" else ():
                if any(self._value(holder, value, fid, home) == HANDED_OUT for value in values):
                    yield self._attribute(home, name)

    def _value(self, holder: Holder, value: Expr, fid: FunctionId, home: FunctionId) -> str:
        """How a bound value holds the object: itself (``HANDED_OUT``), inside of something, or not at all."""
        while value is not None and value[0] in (f.FROM, f.GROW):
            value, home = value[2], (home[0], value[1])
        if home != fid:
            return OPEN
        if holder.is_it(value, fid) or (
            value is not None and value[0] == f.EITHER and self._contains(holder, value, fid)
        ):
            return HANDED_OUT
        managed = value is not None and value[0] == f.ENTER
        return CLOSED if not managed and self._contains(holder, value, fid) else OPEN

    # Names and attributes

    def _named(self, scope: FunctionId, name: str) -> str:
        """What becomes of the object that a variable holds, in all functions that see it and modules that import it."""
        return self._memo(("name", scope, name), lambda: self._judge_name(scope, name))

    def _judge_name(self, scope: FunctionId, name: str) -> str:
        module = self.ev.modules.get(scope[0])
        inside = [(scope[0], one.index) for one in module.functions] if module is not None else []
        seen = [fid for fid in inside if self.ev.scope_of(fid, name) == scope]

        def is_it(expr: Expr, fid: FunctionId) -> bool:
            return expr is not None and expr[0] == f.NAME and expr[1] == name and fid in seen

        verdict = self._judge(Holder(is_it, seen))
        if scope[1] == 0 and verdict == OPEN:
            verdict = next((CLOSED for home, alias in self._imports(scope[0], name)
                            if self._named(home, alias) == CLOSED), verdict)  # fmt: skip
        return verdict

    def _imports(self, path: str, name: str) -> Iterator[tuple[FunctionId, str]]:
        """The variables of other modules that hold what a module's variable does."""
        if self.ev.solver.notes is not None:
            self.ev.solver.notes.ask_importers(path)
        for module in self.ev.modules.loaded():
            for function in module.functions if module.path != path else ():
                for alias, values in function.bindings.items():
                    for value in values:
                        imported = value is not None and value[0] == f.IMPORT and value[3] == name
                        if imported and value is not None and self.ev.modules.find(module.path, *value[1:3]) == path:
                            yield (module.path, function.index), alias

    def _attribute(self, cid: FunctionId, name: str) -> str:
        """What becomes of the object that an attribute of a class's instances holds."""
        return self._memo(("attribute", cid, name), lambda: self._judge_attribute(cid, name))

    def _judge_attribute(self, cid: FunctionId, name: str) -> str:
        bases = self._line(cid)
        family, readers = set(bases), set()
        for owner, line, fid in self._owners_of(name):
            if owner in bases or cid in line:
                family.add(owner)
                readers.add(fid)

        def is_it(expr: Expr, fid: FunctionId) -> bool:
            if expr is None or expr[0] != f.ATTR or expr[2] != name:
                return False
            owners = self.ev.concrete(self.ev.expr(expr[1], fid))
            return any(thing[0] in (t.INST, t.CLASS) and thing[1] in family for thing in owners)

        return self._judge(Holder(is_it, sorted(readers)))

    def _owners_of(self, name: str) -> list[tuple[FunctionId, frozenset[FunctionId], FunctionId]]:
        """Of each function that reads an attribute of some name: the class it is read on, its lineage, the function."""
        if name not in self._owners:
            found: dict[tuple[FunctionId, FunctionId], None] = {}
            for fid in self._readers_of(name):
                for read in self.ev.function(fid).reads:
                    if read.expr is not None and read.expr[0] == f.ATTR and read.expr[2] == name:
                        things = self.ev.concrete(self.ev.expr(read.expr[1], fid))
                        owners = sorted(thing[1] for thing in things if thing[0] in (t.INST, t.CLASS))
                        found.update(dict.fromkeys((owner, fid) for owner in owners))
            self._owners[name] = [(owner, self._line(owner), fid) for owner, fid in found]
        return self._owners[name]

    def _line(self, cid: FunctionId) -> frozenset[FunctionId]:
        return frozenset(base[1] for base in self.ev.classes.lineage(cid) if base[0] == t.CLASS)

    def _readers_of(self, name: str) -> list[FunctionId]:
        """The functions that read an attribute of some name."""
        if self.ev.solver.notes is not None:
            self.ev.solver.notes.ask_readers(name)
        if self._readers is None:
            self._readers = {}
            for module in self.ev.modules.loaded():
                for function in module.functions:
                    names = {
                        read.expr[2] for read in function.reads if read.expr is not None and read.expr[0] == f.ATTR
                    }
                    for one in sorted(names):
                        self._readers.setdefault(one, []).append((module.path, function.index))
        return self._readers.get(name, [])

    def _own(self, target: Expr, fid: FunctionId) -> bool:
        """Whether the object of an attribute is ``self`` or a class of the project: its attributes are followed."""
        return any(thing[0] in (t.INST, t.CLASS) for thing in self.ev.concrete(self.ev.expr(target, fid)))
