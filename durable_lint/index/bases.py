"""How the uses of a variable go on: by an attribute, or as a whole."""

from __future__ import annotations

from durable_lint.index import facts as f
from durable_lint.index.facts import Function


def attribute_bases(function: Function, name: str) -> dict[int, str]:
    """The attribute that is asked of a variable where a function reads it, by the number of the name.

    A name is numbered right behind its attribute, and the attribute of a callee right behind the call.
    """
    wanted = (f.NAME, name)
    found = {}
    for read in function.reads:
        if read.expr is not None and read.expr[0] == f.ATTR and read.expr[1] == wanted:
            found[read.number + 1] = str(read.expr[2])
    for call in function.calls:
        if call.callee is not None and call.callee[0] == f.ATTR and call.callee[1] == wanted:
            found[call.number + 2] = str(call.callee[2])
    return found
