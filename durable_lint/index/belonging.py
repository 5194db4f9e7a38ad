"""Which SDK the code of a function speaks to."""

from __future__ import annotations

from durable_lint.index import things as t
from durable_lint.index.issuing import Issuing
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Profile

_MAX_CALLERS = 5
"""How many calls up a plain helper is followed."""


def profile_of(issuing: Issuing, fid: FunctionId, depth: int = _MAX_CALLERS) -> Profile | None:
    """The profile of the SDK that a function belongs to: by its decorator, its contexts, the operation that it is a
    body of, the operations that it issues, and else as the functions around it and its callers do; None for none."""
    ev = issuing.ev
    solver = ev.solver
    ids = {found[0] for found in solver.get(("decorated", fid))}
    for parameter in ev.function(fid).parameters:
        ids |= {role[1] for role in solver.get(("role", fid, parameter.name))}
    ids |= {site[0] for site in solver.get(("site", fid))}
    if not ids:
        receivers = [entry[0][0] for index in range(len(ev.function(fid).calls)) for entry in issuing.at(fid, index)]
        contexts = [ev.context(one) for one in receivers if one[0] in (t.SYMBOL, t.CONTEXT)]
        ids = {context[0].id for context in contexts if context is not None}
    if ids:
        return ev.profiles[min(ids)]
    if ev.function(fid).parent > 0:
        return profile_of(issuing, ev.parent(fid), depth)
    for caller, _, _ in sorted(solver.get(("caller", fid))) if depth else ():
        found = profile_of(issuing, caller, depth - 1)
        if found is not None:
            return found
    return None
