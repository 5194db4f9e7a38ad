"""Operations that are given no context: they belong to the execution that they are called in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.profiles import AMBIENT, Profile

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator


def ambient(profile: Profile) -> Thing:
    """The context of a profile's operations that are given none."""
    return (t.CONTEXT, profile.id, AMBIENT, ())


def is_ambient(receiver: Thing) -> bool:
    """Whether the context of an operation is that of the execution."""
    return bool(receiver[0] == t.CONTEXT and receiver[2] == AMBIENT)


def is_operation(ev: Evaluator, dotted: str) -> bool:
    """Whether a name outside the project is such an operation."""
    symbol = ev.symbol(dotted)
    operation = symbol[0].functions.get(symbol[1]) if symbol is not None else None
    return operation is not None and operation.is_ambient


def issues(ev: Evaluator, fid: FunctionId) -> bool:
    """Whether calling a function of the project issues such operations."""
    return any(is_ambient(entry[0][0]) for entry in ev.solver.get(("ops", fid)))
