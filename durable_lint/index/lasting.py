"""State that outlives an execution: a warm sandbox keeps it for the next one, a new sandbox has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index.binding import passed
from durable_lint.index.changes import Origin
from durable_lint.index.things import FunctionId

if TYPE_CHECKING:
    from durable_lint.index.project import Project


def lasting(project: Project, fid: FunctionId, origin: Origin) -> str:
    """What messages call the state of an origin (see ``changes``) that a function gets at; empty when it doesn't last:
    of the module, of a class, or a default value."""
    kind, scope, name = origin[:3]
    if kind == "var" and scope[1] == 0:
        return f"the module's {name}"
    if kind == "attr" and project.changes.is_class_state(scope, name):
        return f"the class's {name}"
    if kind == "default":
        return f"the default value of {name}"
    if kind == "param" and scope == fid and project.changes.mutable_default(fid, name):
        function = project.ev.function(fid)
        callers = sorted(project.ev.solver.get(("caller", fid)))
        given = [passed(function, name, project.ev.function(c).calls[i], skip) for c, i, skip in callers]
        if not given or any(one is False for one in given):
            return f"the default value of {name}"
    return ""
