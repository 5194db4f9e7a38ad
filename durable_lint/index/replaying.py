"""Whether a runner ever replays a handler: it does so only when something in the handler suspends."""

from __future__ import annotations

import re

from durable_lint.index import things as t
from durable_lint.index.facts import Call
from durable_lint.index.issuing import argument
from durable_lint.index.passing import concrete_contexts
from durable_lint.index.project import Project
from durable_lint.index.regions import Issued
from durable_lint.index.things import FunctionId, Things
from durable_lint.knowledge.testing import Testing

_RAISES = re.compile(r"\braise\b")
_LIMIT = 500


def never_suspends(project: Project, fid: FunctionId, testing: Testing) -> bool:
    """Whether a handler issues operations, and surely none that suspends: no wait, no callback, no retried step.

    What isn't known may suspend: a step with a configuration of its own, one whose code raises, and a context that
    goes to code outside the project.
    """
    waiting, seen = [fid], {fid}
    issues = False
    while waiting:
        here = waiting.pop()
        if len(seen) > _LIMIT or _may_fail(project, here):
            return False
        for call in project.ev.function(here).calls:
            called = project.ev.concrete(project.ev.expr(call.callee, here))
            issued = [one for one in map(project.issuing.issued, sorted(called, key=repr)) if one is not None]
            if any(one.operation.name in testing.suspending or _is_configured(one, call) for one in issued):
                return False
            issues = issues or bool(issued)
            arguments = project.ev.arguments(call, here)
            if not issued and _is_unknown(called) and concrete_contexts(project.ev, project.ev.union(arguments.all())):
                return False
            for target in _functions(project, project.ev.union([called, *arguments.all()])):
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
    return issues


def _may_fail(project: Project, fid: FunctionId) -> bool:
    """Whether the code of a step raises something: the step is then tried again, after a pause."""
    if not project.regions.modes(fid) & {"step", "from-step"}:
        return False
    function, text = project.ev.function(fid), project.text(fid[0])
    return text is None or _RAISES.search(text, function.start, function.end) is not None


def _is_configured(issued: Issued, call: Call) -> bool:
    """Whether a step is given a configuration, which may say how it is retried."""
    operation = issued.operation
    is_step = operation.body is not None and operation.body.region == "step"
    return is_step and operation.config is not None and argument(call, operation.config) is not False


def _is_unknown(called: Things) -> bool:
    return not called or any(thing[0] in (t.EXT, t.OBJ, t.SYMBOL) for thing in called)


def _functions(project: Project, found: Things, depth: int = 4) -> set[FunctionId]:
    """The functions that things are, hold or wrap."""
    targets: set[FunctionId] = set()
    for thing in found:
        if thing[0] in (t.FN, t.METHOD):
            targets.add(thing[1])
        elif thing[0] == t.CLASS:
            targets.update(project.ev.classes.methods(thing, "__init__"))
        elif thing[0] == t.INST:
            targets.update(project.ev.classes.methods(thing, "__call__"))
        elif depth and thing[0] in (t.THUNK, t.DECORATED, t.CARRIED):
            targets |= _functions(project, frozenset({thing[-1]}), depth - 1)
        elif depth and thing[0] == t.PARTIAL:
            targets |= _functions(project, frozenset({thing[1]}), depth - 1)
        elif depth and thing[0] == t.CONTAINER:
            targets |= _functions(project, thing[2], depth - 1)
        elif depth and thing[0] == t.KEYED:
            targets |= _functions(project, project.ev.union(value for _, value in thing[2]), depth - 1)
    return targets
