"""Which builtin errors the plain code around operations can raise; operations raise their SDK's own only."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Set

from durable_lint.checks.base import Check
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.loading import cst
from durable_lint.visit.clauses import fact_of
from durable_lint.visit.numbering import children

_NUMBERS = frozenset({"TypeError", "ArithmeticError"})
_RAISES: dict[type[cst.CSTNode], frozenset[str]] = {
    cst.Subscript: frozenset({"LookupError", "TypeError"}),
    cst.Attribute: frozenset({"AttributeError"}),
    cst.Comparison: frozenset({"TypeError"}),
    cst.UnaryOperation: frozenset({"TypeError"}),
    cst.BinaryOperation: _NUMBERS,
    cst.AugAssign: _NUMBERS,
    cst.FormattedString: frozenset({"TypeError", "ValueError"}),
    cst.Assert: frozenset({"AssertionError"}),
    cst.Del: frozenset({"LookupError", "AttributeError", "TypeError"}),
    cst.StarredElement: frozenset({"TypeError"}),
    cst.Match: frozenset({"TypeError"}),
}
_UNKNOWN = (cst.With, cst.Yield, cst.Import, cst.ImportFrom, cst.ClassDef, cst.GeneratorExp)
"""What runs code of which nothing is known."""

_BUILTINS = {name: frozenset({"TypeError", "AttributeError", "ValueError"}) for name in (
    "len", "str", "bool", "list", "dict", "tuple", "set", "isinstance", "range", "enumerate", "print", "repr", "zip",
    "sorted", "min", "max", "sum", "round", "abs", "any", "all", "type", "getattr", "hasattr",
)}  # fmt: skip
_BUILTINS |= {name: frozenset({"TypeError", "ValueError", "OverflowError"}) for name in ("int", "float")}
_DATA_METHODS = frozenset({"get", "items", "keys", "values", "append", "extend", "add", "setdefault", "copy",
                           "lower", "upper", "strip", "split", "startswith", "endswith", "update"})  # fmt: skip
_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical"})


class Raising:
    """Judges blocks of one function; ``operations`` are the calls that issue operations, by function and number.

    Functions of the same module that it calls are read too, ``depth`` calls deep.
    """

    def __init__(self, ctx: Check, fid: FunctionId, operations: Set[tuple[FunctionId, int]], depth: int) -> None:
        self.ctx = ctx
        self.depth = depth
        self.ev = ctx.project.ev
        self.fid = fid
        self.operations = operations
        self.tree = ctx.tree(ctx.top(fid))
        self.calls = {call.number: call for call in self.ev.function(fid).calls}

    def of(self, block: cst.CSTNode | None) -> frozenset[str] | None:
        """The builtin classes of what a block may raise by itself; None when it may raise anything."""
        found: set[str] = set()
        stack = [block] if block is not None else []
        while stack:
            node = stack.pop()
            if isinstance(node, cst.FunctionDef | cst.Lambda):
                stack += [decorator.decorator for decorator in getattr(node, "decorators", ())]
                stack.append(node.params)
                continue
            raised = self._one(node)
            if raised is None:
                return None
            found |= raised
            stack += self._inside(node)
        return frozenset(found)

    def _inside(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes that run with one; the attribute that a call goes through is judged with the call."""
        for child in children(node):
            if isinstance(node, cst.Call) and child is node.func and isinstance(child, cst.Attribute):
                yield child.value
            else:
                yield child

    def _one(self, node: cst.CSTNode) -> frozenset[str] | None:
        if isinstance(node, _UNKNOWN):
            return None
        if isinstance(node, cst.Call):
            return self._call(node)
        if isinstance(node, cst.Raise):
            return self._raise(node)
        if isinstance(node, cst.Assign):
            unpacks = any(isinstance(target.target, cst.Tuple | cst.List) for target in node.targets)
            return frozenset({"TypeError", "ValueError"}) if unpacks else frozenset()
        if isinstance(node, cst.For | cst.CompFor):
            return frozenset({"TypeError", "ValueError"}) if self._is_data(node.iter) else None
        return _RAISES.get(type(node), frozenset())

    def _raise(self, node: cst.Raise) -> frozenset[str] | None:
        """The builtin class that is raised."""
        raised = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
        things = self.ev.expr(fact_of(raised), self.fid) if raised is not None else t.NOTHING
        names = {thing[1].rpartition(".") for thing in things if thing[0] == t.EXT}
        known = {name for module, _, name in names if module == "builtins" and hasattr(builtins, name)}
        return frozenset(known) if known and len(known) == len(things) else None

    def _is_data(self, node: cst.BaseExpression) -> bool:
        """Whether iterating an expression runs no code of which nothing is known; calls are judged for themselves."""
        if isinstance(node, cst.Call | cst.List | cst.Tuple | cst.Dict | cst.ListComp):
            return True
        while isinstance(node, cst.Subscript):
            node = node.value
        return self._plain(self.ev.expr(fact_of(node), self.fid))

    def _plain(self, things: Things) -> bool:
        """Whether things are data: results of operations, containers, and what a handler is invoked with."""
        kinds = (t.RESULT, t.KEYED, t.CONST, t.MEMBER)
        for thing in self.ev.concrete(things):
            is_event = thing[0] == t.SYMBOL and "handler" in self.ctx.project.regions.modes(thing[1])
            if not (is_event or thing[0] in kinds or (thing[0] == t.CONTAINER and thing[1] != "gen")):
                return False
        return True

    def _call(self, node: cst.Call) -> frozenset[str] | None:
        number = self.tree.numbered.number(node)
        call = self.calls.get(number)
        if (self.fid, number) in self.operations:
            return frozenset()
        if call is None:
            return None
        if call.callee is not None and call.callee[0] == f.ATTR:
            name, base = call.callee[2], self.ev.expr(call.callee[1], self.fid)
            if name in _LOGGING:
                return frozenset()
            if name in _DATA_METHODS and self._plain(base) and (base or name == "append"):
                return frozenset({"TypeError", "ValueError", "AttributeError"})
        found: set[str] = set()
        things = self.ev.concrete(self.ev.expr(call.callee, self.fid))
        for thing in things:
            raised = self._thing(thing)
            if raised is None:
                return None
            found |= raised
        return frozenset(found) if things else None

    def _thing(self, thing: Thing) -> frozenset[str] | None:
        """What calling a thing raises itself."""
        if thing[0] in (t.FN, t.METHOD):
            return self._function(thing[1])
        if thing[0] == t.DECORATED:
            return frozenset({"TypeError"})  # it only makes a body
        if thing[0] == t.EXT:
            module, _, name = thing[1].rpartition(".")
            if self.ev.symbol(thing[1]) is not None or any(p.symbol(thing[1]) for p in self.ev.profiles.values()):
                return frozenset({"TypeError"})
            return _BUILTINS.get(name) if module == "builtins" else None
        if thing[0] == t.CLASS:
            made = [self.ev.classes.methods(thing, name) for name in ("__init__", "__post_init__", "__new__")]
            return None if any(made) else frozenset({"TypeError", "ValueError"})
        if thing[0] == t.RESULT and len(thing[3]) == 1:
            batch = self.ev.profiles[thing[1]].batch
            known = thing[2] in batch.operations and thing[3][0] in (batch.results, *batch.looks)
            return frozenset() if known else None
        return None

    def _function(self, fid: FunctionId) -> frozenset[str] | None:
        """What a plain function of the module raises."""
        function = self.ev.function(fid)
        plain = function.kind == "def" and not (function.is_async or function.is_generator or function.decorators)
        if not plain or fid[0] != self.ctx.module.path or not self.depth:
            return None
        node = self.ctx.tree(self.ctx.top(fid)).node(function.number)
        block = node.body if isinstance(node, cst.FunctionDef) else None
        return Raising(self.ctx, fid, self.operations, self.depth - 1).of(block)
