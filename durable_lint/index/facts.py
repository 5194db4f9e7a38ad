"""What the index keeps of a module: plain tuples and small objects, without syntax nodes. Nothing in it changes.

An *expression fact* is a tuple whose first item says what it is (the constants below). ``None`` stands for an
expression of which nothing is known. Facts name places in the text by *numbers*: every name, attribute, call, set,
lambda and definition in expression position, each ``except`` clause, ``return``, ``break`` and ``continue`` is numbered
from 0 within its top-level statement, in an order that ``visit.numbering`` repeats on the libcst tree; so a fact and a
node can find each other without positions.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate, chain, islice
from typing import Any, TypeAlias

from durable_lint.records import dataclass

Expr: TypeAlias = tuple[Any, ...] | None

NAME = "name"  # (NAME, identifier)
ATTR = "attr"  # (ATTR, base, attribute)
CALL = "call"  # (CALL, index into Function.calls of the function that holds the expression)
CONST = "const"  # (CONST, value) of str, bytes, int, float, bool or None
FUNC = "func"  # (FUNC, index into Module.functions): a lambda, a def or a class
SEQ = "seq"  # (SEQ, "list" | "tuple" | "set" | "gen", items)
DICT = "dict"  # (DICT, ((key, value), ...)), the key None for ``**``
EITHER = "either"  # (EITHER, expressions): one of them
ITEM = "item"  # (ITEM, base, key)
EACH = "each"  # (EACH, base): what iterating the base gives
PART = "part"  # (PART, base, position): what unpacking gives at a position
ENTER = "enter"  # (ENTER, base): what ``with base as x`` binds
STAR = "star"  # (STAR, base): ``*base`` in a call or a display
JOIN = "join"  # (JOIN, expressions, operator): made of them by an operator or a format; its ast class's name
AWAIT = "await"  # (AWAIT, base)
IMPORT = "import"  # (IMPORT, level, module, attribute or ""): level 0 is absolute
GROW = "grow"  # (GROW, function index, expression): an element or more that a container gets
CAUGHT = "caught"  # (CAUGHT, None): what an ``except`` clause binds
FROM = "from"  # (FROM, function index, expression): bound elsewhere, by ``global``, ``nonlocal`` or on ``self``


@dataclass(slots=True)
class Parameter:
    """A parameter; ``kind`` is one of ``pos`` (also positional-only), ``*``, ``key`` and ``**``."""

    name: str
    kind: str
    annotation: Expr
    default: Expr


@dataclass(slots=True)
class Call:
    """A call: ``start`` and ``end`` are offsets in the text; a keyword without a name is ``**``.

    ``repeated``: it stands in a loop or a comprehension.
    """

    number: int
    callee: Expr
    args: tuple[Expr, ...]
    keywords: tuple[tuple[str, Expr], ...]
    start: int
    end: int
    repeated: bool = False


@dataclass(slots=True)
class Read:
    """An attribute that is read as a value, not as the callee of a call; or the object of a ``with``.

    ``until`` is where the block of the ``with`` ends.
    """

    number: int
    expr: Expr
    start: int
    end: int
    until: int = 0


@dataclass(slots=True)
class Loop:
    """What each round of a loop or a comprehension runs, and the names that it binds in the function."""

    start: int
    end: int
    names: Sequence[str]


@dataclass(slots=True)
class Clause:
    """An ``except`` clause; ``caught`` is None when it is bare."""

    number: int
    caught: Expr
    start: int
    end: int


@dataclass(slots=True)
class Try:
    """A ``try`` statement: the spans of its body, of the whole before its ``finally``, and of that (or None)."""

    body: tuple[int, int]
    before: tuple[int, int]
    final: tuple[int, int] | None
    clauses: tuple[Clause, ...]


@dataclass(slots=True)
class Comparison:
    """Two neighbours in a comparison, ``how`` the operator's name in ``ast``; each is an expression with its span."""

    how: str
    left: tuple[Expr, int, int]
    right: tuple[Expr, int, int]


@dataclass(slots=True)
class Write:
    """A change of something.

    ``how`` is ``name`` (a declared global or nonlocal), ``augmented`` (``x += y`` on a plain name), ``attr``, ``item``,
    ``method`` (of the mutating kind), ``function`` (such as ``heappush``; the linker makes it) or ``del``; ``target``
    is the changed object, ``value`` what was written, if known; ``key`` the attribute or constant item; ``guarded``:
    under a branch that asks for the same variable.
    """

    number: int
    how: str
    target: Expr
    value: Expr
    start: int
    end: int
    key: object = None
    guarded: bool = False


class Loads:
    """Where a function reads each name: (number, start, end) for each place, names in the order of their first places.

    There are more of these than of anything else: they are kept in one array, first the ends of the names' parts of
    it, then three numbers a place.
    """

    __slots__ = ("_names", "_packed")

    def __init__(self, names: tuple[str, ...], packed: array[int]) -> None:
        self._names = names
        self._packed = packed

    @classmethod
    def of(cls, found: Mapping[str, Sequence[int]]) -> Loads:
        """``found``: for each name the numbers of its places one after the other."""
        ends = accumulate(map(len, found.values()), initial=len(found))
        packed = [*islice(ends, 1, None), *chain.from_iterable(found.values())]
        try:
            return cls(tuple(found), array("H", packed))
        except OverflowError:  # a long file
            return cls(tuple(found), array("I", packed))

    @classmethod
    def unpacked(cls, names: tuple[str, ...], code: str, packed: bytes) -> Loads:
        """What was packed."""
        return cls(names, array(code, packed))

    def packed(self) -> tuple[tuple[str, ...], str, bytes]:
        """The same as plain values."""
        return self._names, self._packed.typecode, self._packed.tobytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> list[tuple[int, int, int]]:
        return self._places(self._names.index(name))

    def get(self, name: str, default: Sequence[tuple[int, int, int]] = ()) -> Sequence[tuple[int, int, int]]:
        """The places of a name, in the order of the text."""
        return self[name] if name in self._names else default

    def items(self) -> Iterator[tuple[str, list[tuple[int, int, int]]]]:
        """Each name with its places."""
        return zip(self._names, self.values(), strict=True)

    def values(self) -> Iterator[list[tuple[int, int, int]]]:
        """The places of each name."""
        return map(self._places, range(len(self._names)))

    def _places(self, index: int) -> list[tuple[int, int, int]]:
        packed = self._packed
        start, end = packed[index - 1] if index else len(self._names), packed[index]
        return list(zip(packed[start:end:3], packed[start + 1 : end : 3], packed[start + 2 : end : 3], strict=True))


@dataclass(slots=True)
class Function:
    """A module, a def, a lambda or a class body: everything that has a scope of its own.

    ``parent`` is the index of the enclosing scope (-1 for the module, which is index 0); ``top`` the index of the
    top-level statement that holds it and ``number`` its own number there; ``start`` and ``end`` span the text.
    ``bindings`` says what each local name is bound to, ``attributes`` (of a class) what its methods set on ``self``,
    ``loads`` where each name is read, as (number, start, end), ``keys`` which item or attribute of it only, ``tested``
    those in conditions, ``aliased`` those (and attributes) that are only bound to another name; ``marks`` where
    ``except`` clauses, displays of sets and the statements that leave a ``finally`` stand; ``handlers`` what the
    clauses catch (None: everything); ``pauses`` where its ``yield`` stand; ``subscripts`` are the items that are read
    (with the number of the first node in each), slices left out;
    ``exits`` where each of ``returns`` stands, as (number, start, end);
    ``awaited`` is what it awaits.
    """

    index: int
    kind: str
    name: str
    qualname: str
    parent: int
    top: int
    number: int
    start: int
    end: int
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expr, ...]
    bases: tuple[Expr, ...]
    returns: tuple[Expr, ...]
    exits: tuple[tuple[int, int, int], ...]
    matched: tuple[Expr, ...]
    yields: tuple[Expr, ...]
    return_annotation: Expr
    bindings: Mapping[str, Sequence[Expr]]
    annotations: Mapping[str, Expr]
    attributes: Mapping[str, Sequence[Expr]]
    outer: Mapping[str, str]
    loads: Loads
    calls: tuple[Call, ...]
    reads: tuple[Read, ...]
    writes: tuple[Write, ...]
    withs: tuple[Read, ...]
    tries: tuple[Try, ...]
    loops: tuple[Loop, ...]
    pauses: tuple[int, ...]
    subscripts: tuple[Read, ...]
    comparisons: tuple[Comparison, ...]
    awaited: tuple[Expr, ...]
    keys: Mapping[int, object]
    handlers: tuple[Expr, ...]
    leaves_finally: bool
    has_sets: bool
    aliased: Collection[int]
    tested: Collection[int]
    marks: Mapping[int, tuple[int, int]]
    children: tuple[int, ...]
    is_async: bool
    is_generator: bool


@dataclass(slots=True)
class Module:
    """The facts of one file. ``tops`` are the spans of its top-level statements, decorators included."""

    path: str
    functions: tuple[Function, ...]
    tops: tuple[tuple[int, int], ...]
    exports: tuple[str, ...] | None
    stars: tuple[Expr, ...]
