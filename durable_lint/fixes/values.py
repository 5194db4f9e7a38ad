"""What is known of the values that statements make: whether a step can record them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from durable_lint.fixes.carrying import of_shapes
from durable_lint.fixes.tree import Tree
from durable_lint.fixes.variables import uses
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.project import Project
from durable_lint.index.shapes import Shapes
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.keeping import Serializer
from durable_lint.knowledge.returns import CARRIED, REFUSED, UNKNOWN, load
from durable_lint.loading import cst

_PLAIN = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString, cst.Integer, cst.Float, cst.Comparison)


class Values:
    """Verdicts on the values of one function: ``carried``, ``refused`` or ``unknown``."""

    def __init__(self, project: Project, tree: Tree, fid: FunctionId, serializer: Serializer) -> None:
        self.project = project
        self.tree = tree
        self.fid = fid
        self.serializer = serializer
        self.function = project.ev.function(fid)
        self._calls = {call.number: index for index, call in enumerate(self.function.calls)}

    def of_name(self, name: str, statements: Sequence[cst.CSTNode]) -> str:
        """What a variable holds that some statements bind."""
        known = self._typed(self.project.results.types.of((f.NAME, name), self.fid))
        if known:
            return known
        found = {self._bound(use.node) for one in statements for use in uses(one) if use.name == name and use.binds}
        verdict = _worst(found - {""})
        return REFUSED if verdict == UNKNOWN and self._is_live(name) else verdict

    def of_exit(self, position: int, number: int) -> str:
        """What the ``return`` at a position of the function gives; ``number`` is its node's."""
        known = self._typed(self.project.results.types.exit(self.fid, position))
        node = self.tree.node(number)
        if known or not isinstance(node, cst.Return):
            return known or UNKNOWN
        return self.of_node(node.value) if node.value is not None else CARRIED

    def _typed(self, shapes: Shapes) -> str:
        verdict = of_shapes(shapes, self.serializer, self.project.results.known)
        return verdict if verdict in (CARRIED, REFUSED, UNKNOWN, "") else REFUSED

    def _is_live(self, name: str) -> bool:
        """Whether a variable holds a connection, a client or the like."""
        things = self.project.ev.name(self.fid, name)
        if any(thing[0] in (t.MODULE, t.FN, t.CLASS) for thing in things):
            return True
        return any(thing[0] == t.OBJ and not thing[2] for thing in things)

    def _bound(self, node: cst.CSTNode) -> str:
        """What a target is given; empty for what is added to it in place."""
        parent = self.tree.parent(node)
        if isinstance(parent, cst.AssignTarget):
            parent = self.tree.parent(parent)
        if isinstance(parent, cst.Assign | cst.AnnAssign | cst.NamedExpr) and parent.value is not None:
            return self.of_node(parent.value)
        if isinstance(parent, cst.AugAssign):
            return ""
        return REFUSED if isinstance(parent, cst.AsName | cst.ImportAlias | cst.Import | cst.ImportFrom) else UNKNOWN

    def of_node(self, node: cst.BaseExpression) -> str:
        """What an expression gives, as far as its form tells."""
        returns = load()
        if isinstance(node, _PLAIN):
            return CARRIED
        if isinstance(node, cst.Name):
            return CARRIED if node.value in ("None", "True", "False") else UNKNOWN
        if isinstance(node, cst.Attribute):
            return CARRIED if node.attr.value in returns.members else UNKNOWN
        if isinstance(node, cst.Subscript):
            return CARRIED if self.of_node(node.value) == CARRIED else UNKNOWN
        if isinstance(node, cst.List | cst.Tuple):
            return _worst({self.of_node(one.value) for one in node.elements} | {CARRIED})
        if isinstance(node, cst.Dict):
            parts = [one for one in node.elements if isinstance(one, cst.DictElement)]
            known = {self.of_node(part) for one in parts for part in (one.key, one.value)} | {CARRIED}
            return _worst(known) if len(parts) == len(node.elements) else UNKNOWN
        if isinstance(node, cst.ListComp):
            return self.of_node(node.elt)
        if isinstance(node, cst.GeneratorExp):
            return REFUSED
        return self._called(node) if isinstance(node, cst.Call) else UNKNOWN

    def _called(self, node: cst.Call) -> str:
        returns = load()
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in returns.members:
            return CARRIED
        index = self._calls.get(self.tree.numbered.number(node))
        if index is None:
            return UNKNOWN
        things = self.project.ev.expr(self.function.calls[index].callee, self.fid)
        if things and all(thing[0] == t.EXT and thing[1] in returns.functions for thing in things):
            return CARRIED
        entries = self.project.effects_at(self.fid, index)
        return returns.of(entries[0][3]) if len(entries) == 1 and len(entries[0][2]) == 1 else UNKNOWN


def _worst(verdicts: Iterable[str]) -> str:
    found = set(verdicts)
    return REFUSED if REFUSED in found else CARRIED if found == {CARRIED} else UNKNOWN
