"""Which variables statements read and bind, in the order of the text, and which are bound for sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from durable_lint.loading import cst
from durable_lint.records import dataclass
from durable_lint.visit.nodes import parts
from durable_lint.visit.numbering import children

_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_LEAVING = (cst.Return, cst.Raise)

READ, BOUND = "read", "bound"


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a variable by name; ``nested``: in a function or a lambda inside, which may run later."""

    name: str
    binds: bool
    node: cst.CSTNode
    nested: bool = False


def uses(node: cst.CSTNode, hidden: frozenset[str] = frozenset(), nested: bool = False) -> Iterator[Use]:
    """The uses of variables of the scope that a node stands in, or of scopes around it."""
    if isinstance(node, cst.Name):
        if node.value not in hidden:
            yield Use(node.value, False, node, nested)
    elif isinstance(node, cst.Lambda):
        yield from _each(_defaults(node.params), hidden, nested)
        yield from uses(node.body, hidden | _parameters(node.params), True)
    elif isinstance(node, cst.FunctionDef):
        outside = [*node.decorators, *_defaults(node.params)]
        yield from _each(outside, hidden, nested)
        yield Use(node.name.value, True, node, nested)
        own = frozenset(use.name for use in uses(node.body) if use.binds) | _parameters(node.params)
        yield from uses(node.body, hidden | (own - declared(node.body)), True)
    elif isinstance(node, cst.Import | cst.ImportFrom):
        yield from (Use(name, True, node, nested) for name in _imported(node))
    elif isinstance(node, _COMPREHENSIONS):
        own = frozenset(use.name for one in _clauses(node.for_in) for use in _bound(one.target))
        yield from _each(children(node), hidden | own, nested)
    elif isinstance(node, cst.AnnAssign | cst.AugAssign):
        if node.value is not None:
            yield from uses(node.value, hidden, nested)
        yield from _target(node.target, hidden, nested, isinstance(node, cst.AugAssign))
    elif isinstance(node, cst.Assign):
        yield from uses(node.value, hidden, nested)
        for target in node.targets:
            yield from _target(target.target, hidden, nested)
    elif isinstance(node, cst.NamedExpr):
        yield from uses(node.value, hidden, nested)
        yield from _target(node.target, hidden, nested)
    elif isinstance(node, cst.For):
        yield from uses(node.iter, hidden, nested)
        yield from _target(node.target, hidden, nested)
        yield from _each([node.body, *([node.orelse] if node.orelse else [])], hidden, nested)
    elif isinstance(node, cst.WithItem):
        yield from uses(node.item, hidden, nested)
        if node.asname is not None:
            yield from _target(node.asname.name, hidden, nested)
    else:
        if isinstance(node, cst.ClassDef):
            yield Use(node.name.value, True, node, nested)
        if isinstance(node, cst.ExceptHandler) and node.name is not None:
            yield from _target(node.name.name, hidden, nested)
        yield from _each(children(node), hidden, nested)


def _each(nodes: Iterable[cst.CSTNode], hidden: frozenset[str], nested: bool) -> Iterator[Use]:
    for node in nodes:
        yield from uses(node, hidden, nested)


def _target(node: cst.CSTNode, hidden: frozenset[str], nested: bool, reads: bool = False) -> Iterator[Use]:
    """What a target binds, and what its attributes and items are read of."""
    if isinstance(node, cst.Name):
        if reads and node.value not in hidden:
            yield Use(node.value, False, node, nested)
        if node.value not in hidden:
            yield Use(node.value, True, node, nested)
    elif isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            yield from _target(element.value, hidden, nested)
    else:
        yield from uses(node, hidden, nested)


def _bound(node: cst.CSTNode) -> Iterator[Use]:
    return (use for use in _target(node, frozenset(), False) if use.binds)


def _clauses(clause: cst.CompFor) -> Iterator[cst.CompFor]:
    current: cst.CompFor | None = clause
    while current is not None:
        yield current
        current = current.inner_for_in


def _all_parameters(params: cst.Parameters) -> list[cst.Param]:
    stars = [one for one in (params.star_arg, params.star_kwarg) if isinstance(one, cst.Param)]
    return [*params.posonly_params, *params.params, *params.kwonly_params, *stars]


def _parameters(params: cst.Parameters) -> frozenset[str]:
    return frozenset(one.name.value for one in _all_parameters(params))


def _defaults(params: cst.Parameters) -> list[cst.CSTNode]:
    return [one.default for one in _all_parameters(params) if one.default is not None]


def declared(node: cst.CSTNode) -> frozenset[str]:
    """The names that functions in a node say are not their own."""
    found: set[str] = set()
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Global | cst.Nonlocal):
            found |= {item.name.value for item in current.names}
        stack.extend(parts(current))
    return frozenset(found)


def _imported(node: cst.Import | cst.ImportFrom) -> list[str]:
    names = node.names if not isinstance(node.names, cst.ImportStar) else ()
    found = []
    for alias in names:
        shown: cst.CSTNode = alias.asname.name if alias.asname is not None else alias.name
        while isinstance(shown, cst.Attribute):
            shown = shown.value
        found += [shown.value] if isinstance(shown, cst.Name) else []
    return found


def is_read(node: cst.CSTNode, name: str) -> bool:
    """Whether a statement reads a variable."""
    return any(use.name == name and not use.binds for use in uses(node))


def binds(node: cst.CSTNode, name: str) -> bool:
    """Whether a statement has bound a variable wherever it comes to its end."""
    if isinstance(node, cst.SimpleStatementLine):
        return any(use.name == name and use.binds and not use.nested for use in uses(node) if not _is_lazy(use, node))
    if isinstance(node, cst.With):
        entered = any(use.name == name and use.binds for item in node.items for use in uses(item))
        return entered or (not suppresses(node) and _some(node.body, name))
    if isinstance(node, cst.If):
        if node.orelse is None:
            return False
        return all(_some(one, name) or leaves(one) for one in (node.body, _otherwise(node.orelse)))
    if isinstance(node, cst.Try):
        if node.finalbody is not None and _some(node.finalbody.body, name):
            return True
        tried = _some(node.body, name) or (node.orelse is not None and _some(node.orelse.body, name))
        return tried and all(_some(one.body, name) or leaves(one.body) for one in node.handlers)
    return isinstance(node, cst.FunctionDef | cst.ClassDef) and node.name.value == name


def _is_lazy(use: Use, line: cst.CSTNode) -> bool:
    """A walrus may stand where it is not evaluated."""
    return any(isinstance(node, cst.NamedExpr) and node.target is use.node for node in _walk(line))


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in parts(node):
        yield from _walk(child)


def _otherwise(node: cst.If | cst.Else) -> cst.CSTNode:
    return node.body if isinstance(node, cst.Else) else node


def _some(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.IndentedBlock):
        return any(binds(one, name) for one in node.body)
    return binds(node, name)


def leaves(node: cst.CSTNode) -> bool:
    """Whether every path through a statement or a block ends with ``return`` or ``raise``."""
    if isinstance(node, cst.IndentedBlock):
        return bool(node.body) and leaves(node.body[-1])
    if isinstance(node, cst.SimpleStatementLine):
        return isinstance(node.body[-1], _LEAVING)
    if isinstance(node, cst.With):
        return not suppresses(node) and leaves(node.body)
    if isinstance(node, cst.If):
        return node.orelse is not None and leaves(node.body) and leaves(_otherwise(node.orelse))
    if isinstance(node, cst.Try):
        ends = node.body if node.orelse is None else node.orelse.body
        final = node.finalbody is not None and leaves(node.finalbody.body)
        return final or (leaves(ends) and all(leaves(one.body) for one in node.handlers))
    return False


def suppresses(node: cst.With) -> bool:
    """Whether a ``with`` may go on behind its block after an error in it."""
    for item in node.items:
        called = item.item.func if isinstance(item.item, cst.Call) else item.item
        last = called.attr if isinstance(called, cst.Attribute) else called
        if isinstance(last, cst.Name) and last.value in ("suppress", "raises"):
            return True
    return False


def first_use(statements: Iterable[cst.CSTNode], name: str) -> str:
    """Whether statements read a variable before they bind it (``read``), bind it first (``bound``), or neither."""
    for statement in statements:
        if isinstance(statement, cst.SimpleStatementLine):
            found = next((use for use in uses(statement) if use.name == name), None)
            if found is not None:
                return BOUND if found.binds else READ
        elif isinstance(statement, cst.With):
            found = next((use for item in statement.items for use in uses(item) if use.name == name), None)
            inner = (BOUND if found.binds else READ) if found is not None else ""
            inner = inner or (first_use(statement.body.body, name) if not suppresses(statement) else "")
            if inner:
                return inner
        elif isinstance(statement, cst.For) and name in {use.name for use in _bound(statement.target)}:
            if is_read(statement.iter, name):
                return READ
        elif is_read(statement, name):
            return READ
        elif binds(statement, name):
            return BOUND
    return ""
