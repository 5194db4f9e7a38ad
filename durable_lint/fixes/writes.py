"""Writes that a body loses: the value is returned, and written where the operation stands."""

from __future__ import annotations

from durable_lint.fixes.edits import as_argument
from durable_lint.fixes.scope import names_in
from durable_lint.fixes.tree import Tree
from durable_lint.index.issuing import Site
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.loading import cst
from durable_lint.model import Edit, Fix, Level, Span
from durable_lint.records import dataclass
from durable_lint.visit.nodes import parts

_KEEPING = frozenset({"append", "add", "extend", "update", "appendleft", "discard", "remove"})


def return_instead(project: Project, tree: Tree, site: Site, body: FunctionId, at: int) -> Fix | None:
    """Return what the body's last statement writes, at an offset of the file, and write it outside.

    None unless that is all the body writes, on a target that is known outside too, and nobody uses the operation's
    result yet.
    """
    call = tree.call(site.call.number)
    function = project.ev.function(body)
    node = tree.node(function.number)
    operation = site.issued.operation
    statement = tree.parent(call)
    plain = operation.body is not None and not operation.body.many and operation.body.items is None
    gives_result = plain and operation.body is not None and operation.body.context == 0 and operation.body.state is None
    if not gives_result or not isinstance(statement, cst.Expr) or function.decorators or function.is_async:
        return None
    own = {parameter.name for parameter in function.parameters} | {
        name for name in function.bindings if function.outer.get(name) is None
    }
    if isinstance(node, cst.Lambda):
        found = _kept(node.body, own)
        removed: list[Edit] = (
            [tree.replace(node.body, as_argument(found.value, tree.source(found.value)))] if found else []
        )
    elif isinstance(node, cst.FunctionDef):
        found, removed = _last(tree, node, own)
    else:
        return None
    if found is None or not tree.span(found.target).start <= at <= tree.span(found.value).end:
        return None
    scope = project.ev.scope_of(site.fid, _root(found.target))
    if scope is not None and (scope[1] == 0 or (isinstance(found.target, cst.Name) and scope != site.fid)):
        return None  # state of the module outlives the execution; a name of another scope would become a local one
    span = tree.span(call)
    edits = [Edit(Span(span.start, span.start), tree.source(found.target) + found.before), *removed]
    if found.after:
        edits.append(Edit(Span(span.end, span.end), found.after))
    return Fix("return it, and write it outside", Level.SAFE, tuple(edits))


@dataclass(frozen=True, slots=True)
class _Written:
    """A write: its target, the value, and what stands between them and behind them."""

    target: cst.CSTNode
    before: str
    value: cst.BaseExpression
    after: str


def _kept(node: cst.BaseExpression, own: set[str]) -> _Written | None:
    """A call of a method that keeps its only argument in an outer object."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or len(node.args) != 1:
        return None
    argument = node.args[0]
    if node.func.attr.value not in _KEEPING or argument.keyword is not None or argument.star:
        return None
    if names_in(node.func.value) & own:
        return None
    return _Written(node.func, "(", argument.value, ")")


def _last(tree: Tree, node: cst.FunctionDef, own: set[str]) -> tuple[_Written | None, list[Edit]]:
    """What the last statement of a function writes, and the edits that return it instead.

    A ``return`` behind it may give anything that needs no call: nobody reads it.
    """
    block = list(node.body.body)
    edits: list[Edit] = []
    if len(block) > 1 and _is_idle_return(block[-1]):
        gone = block.pop()
        assert isinstance(gone, cst.SimpleStatementLine)
        if gone.leading_lines and any(line.comment is not None for line in gone.leading_lines):
            return None, []
        edits.append(_without_line(tree, gone))
    last = block[-1] if block else None
    if not isinstance(last, cst.SimpleStatementLine) or len(last.body) != 1 or any(map(_returns, block)):
        return None, []
    small = last.body[0]
    found = _written(small, own)
    if found is None:
        return None, []
    edits += [tree.replace(small, f"return {tree.source(found.value)}"), *_annotation(tree, node)]
    for line in block:
        if isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Nonlocal | cst.Global):
            names = [item.name.value for item in line.body[0].names]
            if len(line.body) > 1 or len(names) > 1 or line is block[-1]:
                return None, []
            edits.append(_without_line(tree, line))
    return found, edits


def _root(node: cst.CSTNode) -> str:
    while isinstance(node, cst.Attribute | cst.Subscript):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def _annotation(tree: Tree, node: cst.FunctionDef) -> list[Edit]:
    """Take away what the function said to return."""
    if node.returns is None:
        return []
    end = tree.span(node.returns.annotation).end
    start = tree.text.rfind(")", 0, tree.span(node.returns).start - tree.start) + 1
    return [Edit(Span(tree.start + start, end), "")] if start else []


def _is_idle_return(line: cst.CSTNode) -> bool:
    """A ``return`` of something that is only read, without a comment of its own."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return False
    small = line.body[0]
    if not isinstance(small, cst.Return) or line.trailing_whitespace.comment is not None:
        return False
    stack: list[cst.CSTNode] = [small]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Call | cst.Await | cst.Yield | cst.NamedExpr):
            return False
        stack.extend(parts(current))
    return True


def _written(small: cst.BaseSmallStatement, own: set[str]) -> _Written | None:
    if isinstance(small, cst.Expr):
        return _kept(small.value, own)
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        target = small.targets[0].target
        behind = " = "
    elif isinstance(small, cst.AugAssign):
        target = small.target
        behind = " " + cst.Module([]).code_for_node(small.operator).strip() + " "
    else:
        return None
    if not isinstance(target, cst.Name | cst.Subscript | cst.Attribute) or names_in(target) & own:
        return None
    return _Written(target, behind, small.value, "")


def _returns(node: cst.CSTNode) -> bool:
    """Whether a body returns or yields by itself, nested functions left out."""
    stack: list[cst.CSTNode] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Return | cst.Yield):
            return True
        if not isinstance(current, cst.FunctionDef | cst.Lambda):
            stack.extend(parts(current))
    return False


def _without_line(tree: Tree, line: cst.SimpleStatementLine) -> Edit:
    """Take a statement's whole line out, with its indentation and its line end; comments above it stay."""
    span = tree.span(line)
    start, end = span.start - tree.start, span.end - tree.start
    begin = max(tree.text.rfind("\n", 0, start), tree.text.rfind("\r", 0, start)) + 1
    while end < len(tree.text) and tree.text[end] not in "\r\n":
        end += 1
    end += 2 if tree.text[end : end + 2] == "\r\n" else 1
    return Edit(Span(tree.start + begin, tree.start + end), "")
