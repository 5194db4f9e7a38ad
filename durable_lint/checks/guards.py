"""Whether cleanup code asks how its block ended, so that it does not run when the block is only suspended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from durable_lint.fixes.tree import Tree
from durable_lint.loading import cst
from durable_lint.records import dataclass
from durable_lint.visit.nodes import parts

_NONE, _FALSE, _TRUE, _RAISED = "none", "false", "true", "raised"
_CONSTANTS = {"None": _NONE, "False": _FALSE, "True": _TRUE}


@dataclass(frozen=True, slots=True)
class Guards:
    """Judges conditions of cleanup code at the moment of a suspension.

    ``last`` is the offset of the last place in the block that can suspend; ``catches`` says of the type of a clause
    whether it catches suspensions.
    """

    tree: Tree
    last: int
    catches: Callable[[cst.BaseExpression], bool]

    def hold(self, node: cst.CSTNode) -> bool:
        """Whether conditions around a node, or statements before it, keep it from running at a suspension."""
        child = node
        for parent in self.tree.ancestors(node):
            if isinstance(parent, cst.IndentedBlock) and any(map(self._leaves, _before(parent.body, child))):
                return True
            if isinstance(parent, cst.If | cst.IfExp) and child is not parent.test:
                wanted: bool | None = child is parent.body
                held = self._truth(parent.test)
            elif isinstance(parent, cst.BooleanOperation) and child is parent.right:
                wanted, held = isinstance(parent.operator, cst.And), self._truth(parent.left)
            else:
                wanted = held = None
            if held is not wanted and held is not None:
                return True
            if isinstance(parent, cst.Finally | cst.FunctionDef):
                return False
            child = parent
        return False

    def _leaves(self, statement: cst.CSTNode) -> bool:
        """Whether a statement leaves the function when its block was suspended."""
        if not isinstance(statement, cst.If):
            return False
        truth = self._truth(statement.test)
        arm = statement.body if truth else statement.orelse.body if isinstance(statement.orelse, cst.Else) else None
        last = arm.body[-1] if truth is not None and arm is not None else None
        return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Return | cst.Raise)

    def _truth(self, test: cst.BaseExpression) -> bool | None:
        """A condition at a suspension; None when it can't be known."""
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            inner = self._truth(test.expression)
            return None if inner is None else not inner
        if isinstance(test, cst.BooleanOperation):
            sides = (self._truth(test.left), self._truth(test.right))
            decisive = isinstance(test.operator, cst.Or)
            return decisive if decisive in sides else None if None in sides else not decisive
        if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
            return self._compared(test.left, test.comparisons[0])
        if isinstance(test, cst.Call) and isinstance(test.func, cst.Name) and len(test.args) == 2:
            asks = test.func.value in ("isinstance", "issubclass")
            return self._any_catches(test.args[1].value) if asks and self._raised(test.args[0].value) else None
        value = self._value(test)
        return None if value is None else value in (_TRUE, _RAISED)

    def _raised(self, node: cst.BaseExpression) -> bool:
        return self._value(node) == _RAISED

    def _compared(self, left: cst.BaseExpression, target: cst.ComparisonTarget) -> bool | None:
        value, other = self._value(left), self._value(target.comparator)
        if value is None or other not in (_NONE, _FALSE, _TRUE) or (value == _RAISED and other != _NONE):
            return None
        if isinstance(target.operator, cst.Is | cst.Equal):
            return value == other
        return value != other if isinstance(target.operator, cst.IsNot | cst.NotEqual) else None

    def _any_catches(self, node: cst.BaseExpression) -> bool:
        types = [element.value for element in node.elements] if isinstance(node, cst.Tuple) else [node]
        return any(self.catches(one) for one in types)

    def _value(self, node: cst.BaseExpression) -> str | None:
        if isinstance(node, cst.Name):
            return _CONSTANTS.get(node.value) or self._variable(node)
        if isinstance(node, cst.Subscript):
            node = node.value
            if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
                return _RAISED if node.func.attr.value == "exc_info" else None
            return self._variable(node, star=True) if isinstance(node, cst.Name) else None
        return None

    def _variable(self, node: cst.Name, star: bool = False) -> str | None:
        """What a variable holds at a suspension: an argument of ``__exit__``, or a flag of the ``try`` statement."""
        for parent in self.tree.ancestors(node):
            if isinstance(parent, cst.Try) and parent.finalbody is not None:
                inside = [one for one in self.tree.ancestors(node) if one is parent.finalbody]
                if inside:
                    return self._flag(parent, node.value)
            if isinstance(parent, cst.FunctionDef):
                return _RAISED if node.value in _exit_parameters(parent, star) else None
        return None

    def _flag(self, node: cst.Try, name: str) -> str | None:
        for handler in node.handlers:
            suspends = handler.type is None or self._any_catches(handler.type)
            for assigned in _assigned(handler.body, name) if suspends else ():
                value = _constant(assigned.value)
                caught = handler.name.name if handler.name is not None else None
                is_error = isinstance(caught, cst.Name) and isinstance(assigned.value, cst.Name)
                return value or (_RAISED if is_error else None)
        for block in (node.body, node.orelse.body if node.orelse is not None else None):
            for assigned in _assigned(block, name) if block is not None else ():
                if self.tree.span(assigned).end < self.last:
                    return None
        child: cst.CSTNode = node
        for parent in self.tree.ancestors(node):
            body: Sequence[cst.CSTNode] = parent.body if isinstance(parent, cst.IndentedBlock) else ()
            for statement in reversed(list(_before(body, child))):
                found = list(_assigned(statement, name))
                if found:
                    return _constant(found[-1].value) if isinstance(statement, cst.SimpleStatementLine) else None
            if isinstance(parent, cst.FunctionDef):
                break
            child = parent
        return None


def _before(body: Sequence[cst.CSTNode], child: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The statements of a block before one of them."""
    for statement in body:
        if statement is child:
            return
        yield statement


def _assigned(root: cst.CSTNode, name: str) -> Iterator[cst.Assign | cst.AnnAssign | cst.AugAssign]:
    """The assignments to a plain name below a node."""
    stack = [root]
    while stack:
        node = stack.pop()
        targets: list[cst.BaseExpression] = []
        if isinstance(node, cst.Assign):
            targets = [target.target for target in node.targets]
        elif isinstance(node, cst.AnnAssign | cst.AugAssign):
            targets = [node.target]
        if any(isinstance(target, cst.Name) and target.value == name for target in targets):
            assert isinstance(node, cst.Assign | cst.AnnAssign | cst.AugAssign)
            yield node
        elif not isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            stack.extend(reversed(parts(node)))


def _constant(node: cst.BaseExpression | None) -> str | None:
    return _CONSTANTS.get(node.value) if isinstance(node, cst.Name) else None


def _exit_parameters(node: cst.FunctionDef, star: bool) -> list[str]:
    """The parameters of ``__exit__`` that hold the exception; of ``*args`` an item does."""
    if node.name.value not in ("__exit__", "__aexit__"):
        return []
    if star:
        return [node.params.star_arg.name.value] if isinstance(node.params.star_arg, cst.Param) else []
    return [param.name.value for param in (*node.params.posonly_params, *node.params.params)[1:4]]
