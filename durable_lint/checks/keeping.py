"""Whether something that is made in a round of a loop is kept beyond the round."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from durable_lint.fixes.tree import Tree
from durable_lint.loading import cst
from durable_lint.records import dataclass
from durable_lint.visit.numbering import children

_ADDING = frozenset({"append", "appendleft", "add", "insert", "extend", "update", "setdefault", "put", "put_nowait"})
_DISPLAYS = (cst.List, cst.Tuple, cst.Set, cst.Dict, cst.Element, cst.StarredElement, cst.DictElement, cst.NamedExpr)
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_MAX_NAMES = 3


@dataclass(frozen=True, slots=True)
class Keeping:
    """Follows an expression upwards.

    ``loop`` is the span of a round or of a ``comprehension``; ``passes_on`` says of a call's number whether its result
    keeps the arguments; ``thunk``: a call of the function itself gives a body that is not run yet.
    """

    tree: Tree
    loop: tuple[int, int]
    comprehension: bool
    passes_on: Callable[[int], bool]
    thunk: bool

    def keeps(self, node: cst.CSTNode, depth: int = _MAX_NAMES) -> bool:
        """Whether a function, or what holds it, outlives the round."""
        if isinstance(node, cst.FunctionDef):
            return self._named(node.name.value, node, depth)
        child = node
        for parent in self.tree.ancestors(node):
            if isinstance(parent, _COMPREHENSIONS):
                if child in (getattr(parent, "elt", None), getattr(parent, "value", None)):
                    if self._is_loop(parent):
                        return not isinstance(parent, cst.GeneratorExp) or self._is_gathered(parent)
                else:
                    return False
            elif isinstance(parent, cst.Call):
                if not self._goes_on(parent, child):
                    return self._adds(parent, child)
            elif isinstance(parent, cst.Assign | cst.AnnAssign):
                return child is parent.value and self._assigned(parent, depth)
            elif isinstance(parent, cst.AugAssign):
                return child is parent.value and self._is_outside(parent.target)
            elif isinstance(parent, cst.IfExp):
                if child is parent.test:
                    return False
            elif not isinstance(parent, (*_DISPLAYS, cst.Arg)):
                return False
            child = parent
        return False

    def _goes_on(self, call: cst.Call, child: cst.CSTNode) -> bool:
        """Whether what a call gives keeps the function that is followed."""
        if child is call.func:
            return self.thunk
        return self.passes_on(self.tree.numbered.number(call))

    def _adds(self, call: cst.Call, child: cst.CSTNode) -> bool:
        """Whether a call puts its argument into a container that was there before the round."""
        added = isinstance(call.func, cst.Attribute) and call.func.attr.value in _ADDING and child is not call.func
        return added and isinstance(call.func, cst.Attribute) and self._is_outside(call.func.value)

    def _is_gathered(self, node: cst.GeneratorExp) -> bool:
        """Whether a generator is used up before what it gives is run."""
        parent = self.tree.parent(node)
        call = self.tree.parent(parent) if isinstance(parent, cst.Arg) else None
        if isinstance(parent, cst.StarredElement):
            return True
        if not isinstance(call, cst.Call) or not isinstance(parent, cst.Arg):
            return False
        gathers = isinstance(call.func, cst.Attribute) and call.func.attr.value == "extend"
        plain = isinstance(call.func, cst.Name) and call.func.value in ("list", "tuple", "dict", "set", "sorted")
        return gathers or plain or bool(parent.star)

    def _assigned(self, node: cst.Assign | cst.AnnAssign, depth: int) -> bool:
        targets = [one.target for one in node.targets] if isinstance(node, cst.Assign) else [node.target]
        for target in targets:
            if isinstance(target, cst.Subscript) and self._is_outside(target.value):
                return True
            if isinstance(target, cst.Name) and depth and self._named(target.value, node, depth):
                return True
        return False

    def _named(self, name: str, definition: cst.CSTNode, depth: int) -> bool:
        """Whether a name that the round binds is itself kept, anywhere behind its definition in the round."""
        at = self.tree.span(definition).end
        same = (node for node in self._round() if isinstance(node, cst.Name) and node.value == name)
        return any(self.tree.span(node).start >= at and self.keeps(node, depth - 1) for node in same)

    def _is_outside(self, node: cst.BaseExpression) -> bool:
        """Whether a container is not made anew in each round."""
        while isinstance(node, cst.Attribute | cst.Subscript):
            node = node.value
        if not isinstance(node, cst.Name):
            return False
        for inner in self._round():
            targets: list[cst.BaseExpression] = []
            if isinstance(inner, cst.Assign):
                targets = [one.target for one in inner.targets]
            elif isinstance(inner, cst.AnnAssign):
                targets = [inner.target]
            if any(isinstance(target, cst.Name) and target.value == node.value for target in targets):
                return False
        return True

    def _is_loop(self, node: cst.CSTNode) -> bool:
        """Whether a comprehension is the loop itself: the outermost one in its span, which brackets may widen."""
        around = (one for one in self.tree.ancestors(node) if isinstance(one, _COMPREHENSIONS))
        return self.comprehension and self._holds(node) and not any(map(self._holds, around))

    def _holds(self, node: cst.CSTNode) -> bool:
        span = self.tree.span(node)
        return self.loop[0] <= span.start and span.end <= self.loop[1]

    def _round(self) -> Iterator[cst.CSTNode]:
        """The nodes of a round, without those of the functions in it."""
        stack: list[cst.CSTNode] = list(reversed(self.tree.numbered.module.body))
        while stack:
            node = stack.pop()
            if self._holds(node):
                yield node
                if isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
                    continue
            stack.extend(reversed(children(node)))
