"""The facts of modules as plain values and back: for other processes and for files, in the format of ``marshal``.

``marshal`` writes and reads ten times as fast as ``pickle``, but no objects of ours: those go as the tuples of their
fields. Values that are the same object stay so within what is written at once.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from itertools import starmap
from operator import attrgetter
from typing import Any

from durable_lint.index.facts import (
    Call,
    Clause,
    Comparison,
    Function,
    Loads,
    Loop,
    Module,
    Parameter,
    Read,
    Try,
    Write,
)

Plain = tuple[Any, ...]


def pack(modules: Sequence[Module]) -> bytes:
    """The facts of modules, to be unpacked by the same version of this program."""
    return marshal.dumps([_plain_module(module) for module in modules])


def unpack(data: bytes) -> list[Module]:
    """What was packed."""
    return [_module(*plain) for plain in marshal.loads(data)]


def _fields(record: type) -> Callable[[Any], Plain]:
    """What gives the values of all fields of a record."""
    return attrgetter(*record.__slots__)  # type: ignore[attr-defined]


_RECORDS: dict[str, type] = {
    "parameters": Parameter, "calls": Call, "reads": Read, "writes": Write, "withs": Read, "tries": Try, "loops": Loop,
    "subscripts": Read, "comparisons": Comparison,
}  # fmt: skip
"""The fields of functions that hold records."""

_function_fields, _clause_fields, _module_fields = _fields(Function), _fields(Clause), _fields(Module)
_NAMES: tuple[str, ...] = Function.__slots__
_HOLDING = [(_NAMES.index(name), record, _fields(record)) for name, record in _RECORDS.items()]
_LOADS, _TRIES = _NAMES.index("loads"), _NAMES.index("tries")
_CLAUSES: int = Try.__slots__.index("clauses")


def _plain_module(module: Module) -> Plain:
    path, functions, *rest = _module_fields(module)
    return (path, [_plain_function(function) for function in functions], *rest)


def _plain_function(function: Function) -> list[Any]:
    plain = list(_function_fields(function))
    for at, _, fields in _HOLDING:
        if plain[at]:
            plain[at] = [fields(one) for one in plain[at]]
    plain[_LOADS] = function.loads.packed()
    if plain[_TRIES]:
        plain[_TRIES] = [(*one[:_CLAUSES], [_clause_fields(c) for c in one[_CLAUSES]]) for one in plain[_TRIES]]
    return plain


def _module(path: str, functions: list[list[Any]], *rest: Any) -> Module:
    return Module(path, tuple(map(_function, functions)), *rest)


def _function(plain: list[Any]) -> Function:
    if plain[_TRIES]:
        plain[_TRIES] = [(*one[:_CLAUSES], tuple(starmap(Clause, one[_CLAUSES]))) for one in plain[_TRIES]]
    for at, record, _ in _HOLDING:
        if plain[at]:
            plain[at] = tuple(starmap(record, plain[at]))
    plain[_LOADS] = Loads.unpacked(*plain[_LOADS])
    return Function(*plain)
