"""What is being collected of one function, and what equal facts share while a project is collected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from durable_lint.index import facts as f
from durable_lint.index.facts import (
    Call,
    Comparison,
    Expr,
    Function,
    Loads,
    Loop,
    Parameter,
    Read,
    Try,
    Write,
)

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_NOTHING: Mapping[object, object] = {}
_FEW = 12
"""Up to so many numbers a tuple is searched as fast as a set, which takes five times the memory."""


class Scope:
    """A function while its facts are collected: see ``Function`` for what they are."""

    __slots__ = (
        "aliased", "annotations", "attributes", "awaited", "bases", "bindings", "calls", "children", "comparisons",
        "decorators", "end", "exits", "grown", "handlers", "has_sets", "index", "is_async", "is_generator", "keys",
        "kind", "leaves_finally", "loads", "loops", "marks", "matched", "name", "number", "outer", "parameters",
        "parent", "pauses", "qualname", "reads", "return_annotation", "returns", "start", "subscripts", "tested",
        "top", "tries", "withs", "writes", "yields",
    )  # fmt: skip

    def __init__(
        self, index: int, kind: str, name: str, qualname: str, parent: int, top: int, number: int, start: int, end: int
    ) -> None:
        self.index, self.kind, self.name, self.qualname = index, kind, name, qualname
        self.parent, self.top, self.number, self.start, self.end = parent, top, number, start, end
        self.parameters: Sequence[Parameter] = ()
        self.decorators: Sequence[Expr] = ()
        self.bases: Sequence[Expr] = ()
        self.returns: list[Expr] = []
        self.exits: list[tuple[int, int, int]] = []
        self.matched: list[Expr] = []
        self.yields: list[Expr] = []
        self.return_annotation: Expr = None
        self.bindings: dict[str, list[Expr]] = {}
        self.annotations: dict[str, Expr] = {}
        self.attributes: dict[str, list[Expr]] = {}
        self.outer: dict[str, str] = {}
        self.loads: defaultdict[str, list[int]] = defaultdict(list)
        self.calls: list[Call] = []
        self.reads: list[Read] = []
        self.writes: list[Write] = []
        self.withs: list[Read] = []
        self.tries: list[Try] = []
        self.loops: list[Loop] = []
        self.pauses: list[int] = []
        self.subscripts: list[Read] = []
        self.comparisons: list[Comparison] = []
        self.awaited: list[Expr] = []
        self.grown: list[tuple[str, Expr]] = []
        """What collections get that a name of this or an outer function holds."""
        self.keys: dict[int, object] = {}
        self.handlers: list[Expr] = []
        self.leaves_finally = self.has_sets = self.is_async = self.is_generator = False
        self.aliased: list[int] = []
        self.tested: list[int] = []
        self.marks: dict[int, tuple[int, int]] = {}
        self.children: list[int] = []

    def done(self) -> Function:
        """The facts, once nothing is added any more: what is empty takes no memory."""
        return Function(
            self.index, self.kind, self.name, self.qualname, self.parent, self.top, self.number, self.start, self.end,
            tuple(self.parameters), tuple(self.decorators), tuple(self.bases), tuple(self.returns), tuple(self.exits),
            tuple(self.matched), tuple(self.yields), self.return_annotation, _lists(self.bindings),
            _kept(self.annotations), _lists(self.attributes), _kept(self.outer),
            Loads.of(self.loads) if self.loads else _NO_LOADS, tuple(self.calls), tuple(self.reads), tuple(self.writes),
            tuple(self.withs), tuple(self.tries), tuple(self.loops), tuple(self.pauses), tuple(self.subscripts),
            tuple(self.comparisons), tuple(self.awaited), _kept(self.keys), tuple(self.handlers), self.leaves_finally,
            self.has_sets, _numbers(self.aliased), _numbers(self.tested), _kept(self.marks), tuple(self.children),
            self.is_async, self.is_generator,
        )  # fmt: skip


_NO_LOADS = Loads.of({})


def _kept(found: dict[_Key, _Value]) -> Mapping[_Key, _Value]:
    return found or _NOTHING  # type: ignore[return-value]


def _lists(found: dict[str, list[Expr]]) -> Mapping[str, Sequence[Expr]]:
    return _kept({name: tuple(values) for name, values in found.items()})


def _numbers(found: list[int]) -> Collection[int]:
    return tuple(found) if len(found) <= _FEW else frozenset(found)


class Shared:
    """Expressions that occur everywhere, each made once: what a project is collected with holds them."""

    def __init__(self) -> None:
        self.names = _Names()
        self.calls = _Calls()
        self._offsets: Sequence[int] = range(0)

    def offsets(self, end: int) -> Sequence[int]:
        """The offsets from 0 to ``end``, at their own positions: the same objects for all files that aren't huge."""
        if end >= _LONG:
            return range(end + 1)
        if end >= len(self._offsets):
            self._offsets = [*self._offsets, *range(len(self._offsets), end + 1)]
        return self._offsets


_LONG = 1 << 16


class _Names(dict[str, Expr]):
    """The facts of names by name."""

    def __missing__(self, name: str) -> Expr:
        made = self[name] = (f.NAME, name)
        return made


class _Calls(dict[int, Expr]):
    """The facts of calls by index."""

    def __missing__(self, index: int) -> Expr:
        made = self[index] = (f.CALL, index)
        return made


class Attributes(dict[tuple[str, str], Expr]):
    """The facts of attributes of names, by both names."""

    def __init__(self, names: Mapping[str, Expr]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, both: tuple[str, str]) -> Expr:
        made = self[both] = (f.ATTR, self._names[both[0]], both[1])
        return made


class Constants(dict[tuple[type, object], Expr]):
    """The facts of constants, by type and value: 1 and True are equal."""

    def __missing__(self, both: tuple[type, object]) -> Expr:
        made = self[both] = (f.CONST, both[1])
        return made
