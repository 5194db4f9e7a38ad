"""Statements that put something into a collection, or take it out, without looking at what it holds."""

from __future__ import annotations

from durable_lint.index import facts as f
from durable_lint.index.facts import Call, Function

_ANSWERLESS = frozenset(["append", "extend", "insert", "appendleft", "extendleft", "add", "discard", "remove", "update",
                         "clear", "reverse", "sort"])  # fmt: skip
"""Methods that change a collection and give nothing back: calling one does not read it."""


def filled(function: Function, name: str) -> set[int]:
    """Where a function's text uses a variable only to change the collection in it: the offsets of the variable."""
    items = {write.start for write in function.writes if write.how == "item"}
    return items | {call.start for call in function.calls if _changes(call, name)}


def _changes(call: Call, name: str) -> bool:
    """Whether a call only changes the collection in a variable."""
    callee = call.callee
    return callee is not None and callee[0] == f.ATTR and callee[1] == (f.NAME, name) and callee[2] in _ANSWERLESS
