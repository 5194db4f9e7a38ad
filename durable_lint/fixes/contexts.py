"""Operations on the wrong context, and steps that hold operations."""

from __future__ import annotations

from durable_lint.fixes.scope import context_of, dotted, free, names_in
from durable_lint.fixes.tree import Tree
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call, Expr
from durable_lint.index.issuing import Site
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.loading import cst
from durable_lint.model import Edit, Fix, Level
from durable_lint.visit.nodes import argument_node, parts


def own_context(project: Project, tree: Tree, fid: FunctionId, call: Call) -> Fix | None:
    """Use the body's own context for an operation, or for a call that hands the outer one on."""
    place = context_of(project, fid)
    if place is None:
        return None
    own = place[0]
    node = tree.call(call.number)
    edits: list[Edit] = []
    if isinstance(node.func, cst.Attribute) and _is_outer(project, fid, _base(call.callee), own):
        edits.append(tree.replace(node.func.value, own))
    else:
        given = [(arg, fact) for arg, fact in zip([a for a in node.args if a.keyword is None], call.args, strict=False)]
        given += [(arg, dict(call.keywords).get(arg.keyword.value)) for arg in node.args if arg.keyword is not None]
        edits += [tree.replace(arg.value, own) for arg, fact in given if _is_outer(project, fid, fact, own)]
    return Fix(f"use the body's own context, {own}", Level.HISTORY, tuple(edits)) if edits else None


def _base(callee: Expr) -> Expr:
    return callee[1] if callee is not None and callee[0] == f.ATTR else None


def _is_outer(project: Project, fid: FunctionId, expr: Expr, own: str) -> bool:
    """Whether an expression is a durable context other than the own one."""
    if not dotted(expr) or dotted(expr) == own:
        return False
    things = project.ev.expr(expr, fid)
    found = [project.ev.context(thing) for thing in things if thing[0] in (t.SYMBOL, t.CONTEXT) and not thing[-1]]
    return bool(found) and all(one is not None and one[1].region == "workflow" for one in found)


def child_instead(project: Project, tree: Tree, outer: Site, body: FunctionId) -> Fix | None:
    """Turn a step into a child context: its operations go on the context that the body receives then.

    None where the body is used elsewhere, is decorated, or uses what only a step's context has.
    """
    writing = outer.issued.profile.writing
    call = tree.call(outer.call.number)
    operation = outer.issued.operation
    function = project.ev.function(body)
    node = tree.node(function.number)
    positional = [parameter for parameter in function.parameters if parameter.kind == "pos"]
    if not writing.child or not isinstance(call.func, cst.Attribute) or operation.body is None or function.decorators:
        return None
    if not isinstance(node, cst.FunctionDef | cst.Lambda) or len(positional) != 1 or function.is_async:
        return None
    if operation.body.context != 0 or len(project.ev.solver.get(("site", body))) != 1:
        return None
    if operation.config is not None and argument_node(call, operation.config) is not None:
        return None
    names = names_in(node)
    if "attempt" in names:
        return None
    parameter = positional[0].name
    own = parameter if parameter not in ("_", "__") else free("child", names)
    edits = [tree.replace(call.func.attr, writing.child)]
    edits += _inner(project, tree, body, own)
    if len(edits) < 2:
        return None
    if own != parameter:
        edits += [tree.replace(one, own) for one in _parameters(node, parameter)]
    if function.kind == "def":
        edits += _annotation(tree, node)
    return Fix(f"run it in a child context: {own} takes its operations", Level.UNSAFE, tuple(edits))


def _inner(project: Project, tree: Tree, body: FunctionId, own: str) -> list[Edit]:
    """The edits that let the operations in a body, and the calls that lead to some, use its own context."""
    edits = []
    for call in project.ev.function(body).calls:
        node = tree.node(call.number)
        if not isinstance(node, cst.Call):
            continue
        if isinstance(node.func, cst.Attribute) and _is_outer(project, body, _base(call.callee), own):
            edits.append(tree.replace(node.func.value, own))
        positional = [arg for arg in node.args if arg.keyword is None]
        for arg, fact in zip(positional, call.args, strict=False):
            if _is_outer(project, body, fact, own):
                edits.append(tree.replace(arg.value, own))
    return edits


def _parameters(node: cst.FunctionDef | cst.Lambda, name: str) -> list[cst.Name]:
    """A function's parameter of a name, and where its body reads it."""
    found = [one.name for one in (*node.params.posonly_params, *node.params.params) if one.name.value == name]
    stack: list[cst.CSTNode] = [node.body]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Name) and current.value == name:
            found.append(current)
        if isinstance(current, cst.Lambda | cst.FunctionDef) and _binds(current, name):
            continue
        stack.extend(parts(current))
    return found


def _binds(node: cst.FunctionDef | cst.Lambda, name: str) -> bool:
    every = (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)
    return any(one.name.value == name for one in every)


def _annotation(tree: Tree, node: cst.CSTNode) -> list[Edit]:
    """Take away the annotation of a body's first parameter: it named a step's context."""
    assert isinstance(node, cst.FunctionDef)
    first = (*node.params.posonly_params, *node.params.params)[0]
    if first.annotation is None:
        return []
    span = tree.span(first.name)
    end = tree.span(first.annotation.annotation).end
    return [Edit(type(span)(span.end, end), "")]
