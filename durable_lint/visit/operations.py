"""Durable operations as the visitor meets them: their names, what reaches them, their bodies and their context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.ambient import is_ambient
from durable_lint.index.binding import Arguments
from durable_lint.index.effects import Entry
from durable_lint.index.facts import Call, Expr
from durable_lint.index.issuing import argument
from durable_lint.index.regions import Issued
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.knowledge.profiles import Place as ArgumentPlace
from durable_lint.loading import cst
from durable_lint.visit.nodes import argument_node
from durable_lint.visit.region import LeadUse, NameUse, PassedName
from durable_lint.visit.values import CLEAN, OperationUse, Value

if TYPE_CHECKING:
    from durable_lint.visit.walker import Walker


def record(walker: Walker, node: cst.Call, index: int, call: Call, things: Things) -> Value | None:
    """Record the operation that a call issues, or what a called function issues; None when the call is no operation."""
    for thing in sorted(things, key=repr):
        issued = walker.project.issuing.issued(thing)
        if issued is not None:
            return _operation(walker, node, index, call, issued)
    entries = walker.project.issuing.at(walker.fid, index)
    if entries:
        walker.issuers += [_profile(walker, entry[0][0]) for entry in entries]
        _lead(walker, call, things, entries)
    return None


def _profile(walker: Walker, receiver: Thing) -> str:
    """The id of the profile whose context a thing is; empty when it isn't known."""
    found = walker.ev.context(receiver) if receiver[0] in (t.SYMBOL, t.CONTEXT) else None
    return found[0].id if found is not None else ""


def _operation(walker: Walker, node: cst.Call, index: int, call: Call, issued: Issued) -> Value:
    operation = issued.operation
    number = call.number
    walker.issuers.append(issued.profile.id)
    arguments = walker.ev.arguments(call, walker.fid)
    use = OperationUse(
        number,
        call.start,
        call.end,
        issued.profile,
        operation,
        _is_outer(walker, issued, call, arguments),
        walker.place,
    )
    use = walker.region.operations.setdefault(number, use)
    _label(walker, node, call, use)
    walker.receiver(node.func)
    label_node = argument_node(node, operation.label) if operation.label is not None else None
    for arg in node.args:
        if arg.value is not label_node:
            walker.reach(walker.value(arg.value), "argument", f"an argument of {described(use)}", call.start)
    use.names_itself = use.names_itself or (operation.names_itself and _names_itself(walker, issued, arguments))
    for receiver in sorted(walker.regions_of(issued, arguments), key=repr):
        if use.label == "constant":
            key = (number, use.text)
            scope = (*receiver,)
            walker.region.names.setdefault(key, NameUse(number, call.start, call.end, scope, use.text, walker.place))
    _bodies(walker, issued, arguments)
    return CLEAN


def described(use: OperationUse) -> str:
    """An operation as messages call it: its kind, and its name where that is a constant."""
    return f'{use.operation.name} "{use.text}"' if use.text else use.operation.name


def _label(walker: Walker, node: cst.Call, call: Call, use: OperationUse) -> None:
    """What is given as the name, and what it depends on."""
    if use.operation.label is None:
        use.label = "needless"
        return
    expr = argument(call, use.operation.label)
    expression = argument_node(node, use.operation.label)
    if expr is False or expression is None:
        hidden = any(a is not None and a[0] == f.STAR for a in call.args) or any(not name for name, _ in call.keywords)
        use.label = "given" if hidden else "missing"
        return
    outer, walker.in_name = walker.in_name, True
    value = walker.value(expression)
    if value.unordered:
        value = value.made() | walker.order_taken(expression)
    walker.in_name = outer
    walker.reach(value, "name", f"the name of {use.operation.name}", use.start)
    use.label_sources |= value.sources
    number = walker.first_number(expression)
    use.label_span = walker.span(number) if number >= 0 else (use.start, use.end)
    if isinstance(expr, tuple) and expr[0] == f.CONST:
        use.label, use.text = ("none", "") if expr[1] is None or expr[1] == "" else ("constant", str(expr[1]))
    else:
        text = walker.project.issuing.constant(expr if isinstance(expr, tuple) else None, walker.fid)
        use.label, use.text = ("constant", text) if text and isinstance(text, str) else ("given", "")


def _is_outer(walker: Walker, issued: Issued, call: Call, arguments: Arguments) -> bool:
    """Whether the operation's context is not the region's own."""
    receivers = walker.regions_of(issued, arguments)
    return any(is_outer(walker, receiver, call.callee) for receiver in receivers)


def is_outer(walker: Walker, receiver: Thing, expr: Expr) -> bool:
    """Whether a context belongs to a function around the innermost body that the code stands in."""
    body = enclosing_body(walker)
    if body is None or receiver[0] != t.SYMBOL:
        return False
    owner: FunctionId = receiver[1]
    if owner == body:
        own = walker.ev.solver.get(("receives", body))
        return bool(own) and receiver[2] not in own
    if is_inside(walker, owner, body):
        return False
    if is_inside(walker, body, owner):
        return True
    root = expr
    while root is not None and root[0] in (f.ATTR, f.ITEM, f.CALL):
        root = root[1] if root[0] != f.CALL else walker.ev.function(walker.fid).calls[root[1]].callee
    if root is None or root[0] != f.NAME:
        return False
    scope = walker.ev.scope_of(walker.fid, root[1])
    if scope == body:
        # ``self`` of a method that is a body: what hangs on it was there before the body began.
        parameters = walker.ev.function(body).parameters
        in_class = walker.ev.function(walker.ev.parent(body)).kind == "class"
        return in_class and bool(parameters) and parameters[0].name == root[1]
    return scope is not None and not is_inside(walker, scope, body)


def label_arguments(walker: Walker, node: cst.Call, things: Things) -> list[cst.BaseExpression]:
    """The arguments that a called function of the project uses as names of operations."""
    found = []
    for thing in sorted(things, key=repr):
        if thing[0] not in (t.FN, t.METHOD):
            continue
        names = walker.project.issuing.label_parameters(thing[1])
        parameters = [p.name for p in walker.ev.function(thing[1]).parameters if p.kind == "pos"]
        for name in sorted(names):
            position = parameters.index(name) - (thing[0] == t.METHOD) if name in parameters else 99
            label = argument_node(node, ArgumentPlace(position, name))
            if label is not None:
                found.append(label)
    return found


def record_name(walker: Walker, label: cst.BaseExpression, value: Value, call: Call) -> None:
    """Record a name that a wrapper of the project gives to its operation."""
    walker.reach(value, "name", "the name of an operation", call.start)
    number = walker.first_number(label)
    span = walker.span(number) if number >= 0 else (call.start, call.end)
    key = (call.number, *span)
    walker.region.passed_names[key] = PassedName(*span, value.sources)


def enclosing_body(walker: Walker) -> FunctionId | None:
    """The innermost child body that holds the function, itself included."""
    fid = walker.fid
    while fid[1] > 0:
        if "child" in walker.project.regions.modes(fid):
            return fid
        fid = walker.ev.parent(fid)
    return None


def is_inside(walker: Walker, inner: FunctionId, outer: FunctionId) -> bool:
    """Whether a function is nested in another one."""
    while inner[1] > 0 and inner[0] == outer[0]:
        inner = walker.ev.parent(inner)
        if inner == outer:
            return inner[1] > 0
    return False


def _names_itself(walker: Walker, issued: Issued, arguments: Arguments) -> bool:
    """Whether every body is a called decorated function that gives the operation its name."""
    body = issued.operation.body
    if body is None:
        return False
    bodies = walker.project.regions.bodies(body, arguments)
    return bool(bodies) and all(
        thing[0] == t.THUNK and walker.ev.profiles[thing[1]].decorators[thing[2]].names_operation for thing in bodies
    )


def _lead(walker: Walker, call: Call, things: Things, entries: list[Entry]) -> None:
    """A call that leads to operations: on an outer context, or under constant names on a context of this function."""
    inside = enclosing_body(walker)
    bound = any(thing[0] == t.METHOD for thing in things)
    own = any(thing[0] in (t.FN, t.METHOD) and inside and is_inside(walker, thing[1], inside) for thing in things)
    for key, _, hops, _ in sorted(entries, key=lambda entry: (entry[1], entry[2])):
        receiver, _, label = key
        outer = not own and is_outer(walker, receiver, call.callee if bound else None)
        lead = walker.region.leads.setdefault(call.number, LeadUse(call.number, call.start, call.end, hops, outer))
        if outer and not lead.outer:
            lead.outer, lead.hops = True, hops
        if label and isinstance(label, str) and (receiver[0] == t.SYMBOL or is_ambient(receiver)):
            use = NameUse(call.number, call.start, call.end, (*receiver,), label, walker.place)
            walker.region.names.setdefault((call.number, label), use)


def _bodies(walker: Walker, issued: Issued, arguments: Arguments) -> None:
    """Visit the bodies that are defined inside the code that is being visited, with what its variables hold now."""
    body = issued.operation.body
    if body is None:
        return
    for thing in sorted(walker.project.regions.bodies(body, arguments), key=repr):
        while thing[0] == t.PARTIAL:
            inner = sorted(thing[1:2], key=repr)
            thing = inner[0]
        if thing[0] in (t.FN, t.METHOD) and is_inside(walker, thing[1], walker.fid):
            kinds = walker.project.kinds(thing[1])
            kind = body.region if body.region in kinds else (kinds[0] if kinds else "")
            if kind:
                walker.visit.function(thing[1], kind, dict(walker.environment) | walker.captured())
