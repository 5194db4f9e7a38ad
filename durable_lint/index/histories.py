"""The operations that every run of a handler starts with, in their order, as far as its code says so for sure."""

from __future__ import annotations

import ast

from durable_lint.index import things as t
from durable_lint.index.issuing import argument
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.records import dataclass
from durable_lint.source import LineIndex


@dataclass(frozen=True, slots=True)
class Recorded:
    """An operation in the history of a handler; ``name`` is empty when it is not constant."""

    kind: str
    name: str


def beginning(project: Project, fid: FunctionId) -> list[Recorded]:
    """The operations that a handler issues itself, up to the first that may be skipped or is issued elsewhere."""
    straight = _straight_calls(project, fid)
    found: list[Recorded] = []
    function = project.ev.function(fid)
    for index, call in enumerate(function.calls):
        entries = project.issuing.at(fid, index)
        if not entries:
            continue
        things = sorted(project.ev.expr(call.callee, fid), key=repr)
        issued = next((one for one in map(project.issuing.issued, things) if one is not None), None)
        if issued is None or call.start not in straight or issued.operation.receiver is not None:
            break
        if issued.operation.name in issued.profile.methods:
            found.append(Recorded(issued.operation.name, _name(project, fid, index)))
    return found


def _name(project: Project, fid: FunctionId, index: int) -> str:
    """The constant name of an operation: written, or that of the decorated function that is its body."""
    call = project.ev.function(fid).calls[index]
    things = sorted(project.ev.expr(call.callee, fid), key=repr)
    issued = next(one for one in map(project.issuing.issued, things) if one is not None)
    place, body = issued.operation.label, issued.operation.body
    label = project.issuing.label(issued, fid, index)
    if isinstance(label, str) and label:
        return label
    if place is None or argument(call, place) is not False or body is None or not issued.operation.names_itself:
        return ""
    given = argument(call, body.place)
    names = set()
    for thing in project.ev.expr(given if not isinstance(given, bool) else None, fid):
        names_itself = thing[0] == t.THUNK and project.ev.profiles[thing[1]].decorators[thing[2]].names_operation
        names.add(project.ev.function(thing[3][1]).name if names_itself and thing[3][0] == t.FN else "")
    return names.pop() if len(names) == 1 else ""


def _straight_calls(project: Project, fid: FunctionId) -> set[int]:
    """The offsets of the calls of a function that every run reaches, unless it ends before."""
    module, text = project.modules.get(fid[0]), project.text(fid[0])
    function = project.ev.function(fid)
    if module is None or text is None or function.top < 0:
        return set()
    start, end = module.tops[function.top]
    lines = LineIndex(text[start:end])
    for node in ast.walk(ast.parse(text[start:end])):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if start + lines.offset(node.lineno, node.col_offset) == function.start:
            calls = [call for statement in node.body for call in _straight(statement)]
            return {start + lines.offset(call.lineno, call.col_offset) for call in calls}
    return set()


def _straight(node: ast.AST) -> list[ast.Call]:
    """The calls in a statement or an expression that are reached whenever it is."""
    inner: list[ast.AST]
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        inner = [node.test] if not isinstance(node, ast.While) else []
    elif isinstance(node, ast.For | ast.AsyncFor):
        inner = [node.iter]
    elif isinstance(node, ast.BoolOp):
        inner = [node.values[0]]
    elif isinstance(node, ast.With | ast.AsyncWith):
        inner = [*(item.context_expr for item in node.items), *node.body]
    elif isinstance(node, ast.Match):
        inner = [node.subject]
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        inner = [node.generators[0].iter]
    elif isinstance(node, ast.Try | ast.TryStar | ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        inner = []
    else:
        inner = list(ast.iter_child_nodes(node))
    found = [call for one in inner for call in _straight(one)]
    return [*found, node] if isinstance(node, ast.Call) else found
