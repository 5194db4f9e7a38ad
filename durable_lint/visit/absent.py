"""Arms of branches that run only without a durable context, as in code that also works outside the SDK.

A replay always has a context, so what stands there is no workflow code.
"""

from __future__ import annotations

from durable_lint.index import facts as f
from durable_lint.index.binding import passed
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.passing import concrete_contexts
from durable_lint.index.regions import Regions
from durable_lint.index.things import FunctionId
from durable_lint.loading import cst


def dead_arm(ev: Evaluator, regions: Regions, fid: FunctionId, test: cst.BaseExpression) -> int:
    """The arm of a branch that no replay takes because its context is there: 0, 1, or -1 for none."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        inner = dead_arm(ev, regions, fid, test.expression)
        return inner if inner < 0 else 1 - inner
    if isinstance(test, cst.BooleanOperation):
        decisive = 0 if isinstance(test.operator, cst.And) else 1
        sides = [dead_arm(ev, regions, fid, side) for side in (test.left, test.right)]
        return decisive if decisive in sides else sides[0] if sides[0] == sides[1] else -1
    name, arm, method = _asked(test)
    return arm if name and _is_given(ev, regions, fid, name, method) else -1


def _asked(test: cst.BaseExpression) -> tuple[str, int, str]:
    """The variable that a test asks for, the arm that runs when it holds no context, and the method it asks for."""
    if isinstance(test, cst.Name):
        return test.value, 1, ""
    if isinstance(test, cst.Call) and isinstance(test.func, cst.Name) and test.func.value == "hasattr":
        given = [argument.value for argument in test.args]
        if len(given) == 2 and isinstance(given[0], cst.Name) and isinstance(given[1], cst.SimpleString):
            return given[0].value, 1, str(given[1].evaluated_value)
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1 and isinstance(test.left, cst.Name):
        target = test.comparisons[0]
        none = isinstance(target.comparator, cst.Name) and target.comparator.value == "None"
        if none and isinstance(target.operator, cst.Is | cst.Equal):
            return test.left.value, 0, ""
        if none and isinstance(target.operator, cst.IsNot | cst.NotEqual):
            return test.left.value, 1, ""
    return "", -1, ""


def _is_given(ev: Evaluator, regions: Regions, fid: FunctionId, name: str, method: str) -> bool:
    """Whether a variable is a parameter that holds a context, with this method, in every call of an execution."""
    scope = ev.scope_of(fid, name)
    if scope is None:
        return False
    home = ev.function(scope)
    if home.bindings.get(name) or all(parameter.name != name for parameter in home.parameters):
        return False
    things = concrete_contexts(ev, ev.expr((f.NAME, name), fid))
    found = [ev.context(thing) for thing in sorted(things, key=repr) if not thing[-1]]
    if not any(one is not None and (not method or method in one[0].methods) for one in found):
        return False
    for caller, index, skip in sorted(ev.solver.get(("caller", scope))):
        given = passed(home, name, ev.function(caller).calls[index], skip)
        if regions.modes(caller) and (isinstance(given, bool) or given is None or given == (f.CONST, None)):
            return False
    return True
