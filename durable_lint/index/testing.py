"""Tests: which modules hold them, which fixtures their parameters get, and what they hand to their helpers.

Only objects of a testing library and mocks are followed here, so that what a test passes to production code never
counts as something that production code does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.binding import Arguments, bind
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Expr, Function
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.paths import in_text

_FIXTURES = ("pytest.fixture", "pytest_asyncio.fixture")
_MOCKS = r"(unittest\.mock|mock)\.(\w*Mock|create_autospec|patch(\.\w+)?|mock_open)\(\)|types\.SimpleNamespace\(\)"
_MOCKING = ("unittest.mock.", "mock.", "types.SimpleNamespace")
_PATCHES = tuple(f"unittest.mock.patch{kind}" for kind in ("", ".object", ".dict", ".multiple"))
MOCK: Thing = (t.EXT, "unittest.mock.MagicMock()")


def is_mock(thing: Thing) -> bool:
    """Whether a thing is a stand-in: a mock, what hangs on one, or a bare namespace."""
    return bool(thing[0] == t.EXT and thing[1].startswith(_MOCKING) and re.match(_MOCKS, thing[1]))


def is_test(function: Function, parent: Function) -> bool:
    """Whether a test runner takes a function for a test."""
    return function.kind == "def" and function.name.startswith("test") and parent.kind in ("module", "class")


class Tests:
    """Walks tests and fixtures; what it learns lives in the evaluator's fixpoint."""

    __test__ = False

    def __init__(self, evaluator: Evaluator) -> None:
        self.ev = evaluator
        self._solver = evaluator.solver
        self._tables: dict[str, dict[str, list[FunctionId]]] = {}
        self._kinds: dict[str, str] = {}
        evaluator.register("tested", self._tested)

    # Which modules

    def kind(self, path: str) -> str:
        """``library``: the module imports a testing library; ``tests``: it only holds tests; empty for all else."""
        if path not in self._kinds:
            module = self.ev.modules.get(path)
            functions = module.functions if module is not None else []
            roots = tuple(root for one in self.ev.profiles.values() if one.testing for root in one.testing.roots)
            if any(self._imports(function, roots) for function in functions):
                self._kinds[path] = "library"
            elif any(is_test(one, functions[one.parent]) or self._is_case(one) for one in functions[1:]):
                self._kinds[path] = "tests"
            else:
                self._kinds[path] = ""
        return self._kinds[path]

    @staticmethod
    def _imports(function: Function, roots: tuple[str, ...]) -> bool:
        return any(
            value[2].partition(".")[0] in roots
            for values in function.bindings.values()
            for value in values
            if value is not None and value[0] == f.IMPORT and not value[1]
        )

    @staticmethod
    def _is_case(function: Function) -> bool:
        """Whether a class is a ``TestCase`` of unittest, as its bases are written."""
        return any(base is not None and base[-1] == "TestCase" for base in function.bases)

    def speaks(self, path: str, data: bytes, handlers: Iterable[str]) -> bool:
        """Whether a file that holds tests may call a handler of these modules or get a fixture of a testing library."""
        homes = [PurePosixPath(home) for home in handlers]
        places = {home.stem for home in homes if home.stem != "__init__"} | {home.parent.name for home in homes} - {""}
        imported = b" ".join(re.findall(rb"^\s*(?:from|import)\s.*$", data, re.MULTILINE))
        if any(re.search(rb"\b%s\b" % re.escape(in_text(word)), imported) for word in sorted(places)):
            return True
        near = [one for one in self.ev.modules.beside(path, "conftest.py") if self.kind(one) == "library"]
        return any(in_text(name) in data for one in near for name in self._table(one))

    # Fixtures

    def offers(self, path: str) -> tuple[str, ...]:
        """What a module offers to the tests beside it: of which kind it is, and the names of its fixtures."""
        return (self.kind(path), *sorted(self._table(path)))

    def _table(self, path: str) -> dict[str, list[FunctionId]]:
        """The fixtures that a module defines, by name."""
        if path not in self._tables:
            table: dict[str, list[FunctionId]] = {}
            self._tables[path] = table
            module = self.ev.modules.get(path)
            for function in module.functions if module is not None else ():
                fid = (path, function.index)
                if function.kind == "def" and function.decorators and self.is_fixture(fid):
                    table.setdefault(self._fixture_name(function, fid), []).append(fid)
        return self._tables[path]

    def is_fixture(self, fid: FunctionId) -> bool:
        """Whether a function is a fixture of pytest."""
        return any(self.ev.is_decorated(fid, name) for name in _FIXTURES)

    def asks(self, fid: FunctionId) -> bool:
        """Whether a test runner fills the parameters of a function: a test or a fixture, which no replay runs."""
        function = self.ev.function(fid)
        if function.kind != "def" or not self.kind(fid[0]):
            return False
        in_place = is_test(function, self.ev.function(self.ev.parent(fid)))
        return in_place or (bool(function.decorators) and self.is_fixture(fid))

    def _fixture_name(self, function: Function, fid: FunctionId) -> str:
        for decorator in function.decorators:
            if decorator is not None and decorator[0] == f.CALL:
                call = self.ev.function(self.ev.parent(fid)).calls[decorator[1]]
                given = dict(call.keywords).get("name")
                if given is not None and given[0] == f.CONST:
                    return str(given[1])
        return function.name

    def fixtures(self, fid: FunctionId, name: str) -> list[FunctionId]:
        """The fixtures that a parameter of a test or a fixture gets: those of the class, the module, then conftest."""
        path, owner = fid[0], self.ev.enclosing_class(fid)
        own = [one for one in self._table(path).get(name, ()) if one != fid]
        in_class = [one for one in own if owner is not None and self.ev.parent(one) == owner]
        plain = [one for one in own if self.ev.function(one).parent == 0]
        for found in (in_class, plain, self._imported(path, name)):
            if found:
                return found
        for place in self.ev.modules.beside(path, "conftest.py"):
            found = [one for one in self._table(place).get(name, ()) if one != fid] or self._imported(place, name)
            if found:
                return found
        return []

    def _imported(self, path: str, name: str) -> list[FunctionId]:
        """The fixtures that a module has under a name from another one."""
        module = self.ev.modules.get(path)
        if module is None or name not in module.functions[0].bindings:
            return []
        things = self.ev.name((path, 0), name)
        return sorted(thing[1] for thing in things if thing[0] == t.FN and self.is_fixture(thing[1]))

    def value(self, fid: FunctionId) -> Things:
        """What a fixture gives to those that ask for it."""
        given = self._solver.get(("ret", fid))
        if self.ev.function(fid).is_generator:
            given = self.ev.union(self.ev.each(thing) for thing in given)
        return given

    # The walk

    def enter(self, fid: FunctionId) -> None:
        """Give a test or a fixture what its parameters ask for, and walk the functions of test modules."""
        if not self.kind(fid[0]):
            return
        self._solver.want(("tested", fid))
        if self.asks(fid):
            function = self.ev.function(fid)
            patched = any(self.ev.is_decorated(fid, name) for name in _PATCHES)
            for parameter in function.parameters:
                self._ask(fid, parameter.name, patched)

    def _ask(self, fid: FunctionId, name: str, patched: bool) -> None:
        found = self.fixtures(fid, name)
        for fixture in found:
            self._solver.note(("requester", fixture), (fid, name))
            self._push(fid, name, self.value(fixture))
        if not found and name == "mocker":
            self._solver.add(("par", fid, name), frozenset({(t.EXT, "unittest.mock")}))
        elif not found and patched and name not in ("self", "cls"):
            self._solver.add(("par", fid, name), frozenset({MOCK}))

    def _push(self, fid: FunctionId, name: str, found: Things, in_tests: bool = True) -> bool:
        kept = frozenset(thing for thing in self.ev.concrete(found) if self._is_followed(thing, in_tests))
        if kept:
            self._solver.add(("par", fid, name), kept)
        return bool(kept)

    def _is_followed(self, thing: Thing, in_tests: bool) -> bool:
        if thing[0] == t.DECORATED:
            return in_tests
        if thing[0] in (t.FN, t.METHOD):  # a fixture may give a function that makes things
            return in_tests and bool(self.kind(thing[1][0]))
        if thing[0] == t.INST:
            return bool(self.kind(thing[1][0]))
        return bool(thing[0] == t.TOOL or is_mock(thing))

    def _tested(self, fid: FunctionId) -> Things:
        """Push what the calls of a function pass. Gives nothing itself."""
        for index, call in enumerate(self.ev.function(fid).calls):
            arguments = self.ev.arguments(call, fid)
            for thing in self.ev.concrete(self.ev.expr(call.callee, fid)):
                self._reach(thing, arguments, fid, index)
        return t.NOTHING

    def _reach(self, thing: Thing, arguments: Arguments, fid: FunctionId, index: int) -> None:
        if thing[0] in (t.FN, t.METHOD):
            self._give(thing[1], arguments, int(thing[0] == t.METHOD), fid, index)
        elif thing[0] == t.CLASS:
            for target in self.ev.classes.methods(thing, "__init__"):
                self._give(target, arguments, 1, fid, index)
        elif thing[0] == t.INST:
            for target in self.ev.classes.methods(thing, "__call__"):
                self._give(target, arguments, 1, fid, index)
        elif thing[0] == t.PARTIAL:
            self._reach(thing[1], arguments.after(thing[2], dict(thing[3])), fid, index)

    def _give(self, target: FunctionId, arguments: Arguments, skip: int, fid: FunctionId, index: int) -> None:
        self._solver.note(("tester", target), (fid, index, skip))
        bound = bind(self.ev.function(target), arguments, skip)
        in_tests = bool(self.kind(target[0]))
        pushed = [self._push(target, name, given, in_tests) for name, given in bound.items() if given]
        if any(pushed) or in_tests:
            self._solver.want(("tested", target))

    # What checks ask

    def parameters(self, fid: FunctionId, name: str) -> list[Expr] | None:
        """The values of a parameter that ``parametrize`` fills; None when it doesn't, or when they can't be told."""
        function, scope = self.ev.function(fid), self.ev.parent(fid)
        for decorator in function.decorators:
            if decorator is None or decorator[0] != f.CALL:
                continue
            call = self.ev.function(scope).calls[decorator[1]]
            named = call.args[0] if call.args else None
            rows = call.args[1] if len(call.args) > 1 else dict(call.keywords).get("argvalues")
            if named is None or rows is None or rows[0] != f.SEQ or rows[1] not in ("list", "tuple"):
                continue
            names = _names(named)
            if name in names and self._is_parametrize(call.callee, scope):
                cells = [self._cell(row, names.index(name), len(names), scope) for row in rows[2]]
                return cells if all(cell is not None for cell in cells) else None
        return None

    def _is_parametrize(self, callee: Expr, scope: FunctionId) -> bool:
        return (t.EXT, "pytest.mark.parametrize") in self.ev.expr(callee, scope)

    def _cell(self, row: Expr, position: int, width: int, scope: FunctionId) -> Expr:
        if row is not None and row[0] == f.CALL:
            call = self.ev.function(scope).calls[row[1]]
            if (t.EXT, "pytest.param") in self.ev.expr(call.callee, scope):
                return call.args[position] if position < len(call.args) else None
        if width == 1:
            return row
        return row[2][position] if row is not None and row[0] == f.SEQ and len(row[2]) == width else None


def _names(expr: tuple[object, ...]) -> list[str]:
    """The parameters that ``parametrize`` names: in one text, or in a list of texts."""
    if expr[0] == f.CONST and isinstance(expr[1], str):
        return [name.strip() for name in expr[1].split(",")]
    items = expr[2] if expr[0] == f.SEQ and isinstance(expr[2], tuple) else ()
    return [item[1] if item is not None and item[0] == f.CONST else "" for item in items]
