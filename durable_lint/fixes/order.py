"""Orders of sets that become fixed by sorting, and values of one invocation that become those of the execution."""

from __future__ import annotations

from durable_lint.fixes.scope import context_of
from durable_lint.fixes.tree import Tree
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.orders import is_set
from durable_lint.index.project import Project
from durable_lint.loading import cst
from durable_lint.model import Fix, Level
from durable_lint.visit.region import Region
from durable_lint.visit.values import EffectUse


def sort(project: Project, tree: Tree, region: Region, use: EffectUse) -> Fix | None:
    """Sort a set where its order is taken: safe when its elements are known to be of one kind that has an order."""
    node = tree.node(use.number)
    while isinstance(parent := tree.parent(node), cst.BinaryOperation) and parent.left is node:
        node = parent
    if use.api != "set" or not isinstance(node, cst.BaseExpression) or len(use.hops) > 1:
        return None
    around = tree.parent(node)
    if isinstance(around, cst.AssignTarget | cst.Attribute) or any(
        isinstance(one, cst.AssignTarget | cst.CompFor) and _targets(one, node, tree) for one in tree.ancestors(node)
    ):
        return None  # unpacked, or popped
    index = next((i for i, call in enumerate(project.ev.function(region.fid).calls) if call.number == use.number), -1)
    if isinstance(node, cst.Call) and not is_set(project.ev.solver.get(("call", region.fid, index))):
        return _sort_arguments(project, tree, region, node, index)
    text = tree.source(node)
    return Fix("sort it", _level(project, region, node), (tree.replace(node, f"sorted({text})"),))


def _sort_arguments(project: Project, tree: Tree, region: Region, node: cst.Call, index: int) -> Fix | None:
    """Sort the sets that a call takes the order of: ``list(x)`` becomes ``sorted(x)``."""
    if index < 0 or (isinstance(node.func, cst.Attribute) and node.func.attr.value in ("pop", "popitem")):
        return None
    call = project.ev.function(region.fid).calls[index]
    positional = [arg for arg in node.args if arg.keyword is None and not arg.star]
    sets = [
        arg.value
        for arg, fact in zip(positional, call.args, strict=False)
        if isinstance(arg.value, cst.BinaryOperation | cst.Set | cst.SetComp)
        or is_set(project.ev.concrete(project.ev.expr(fact, region.fid)))
    ]
    if not sets or len(positional) != len(node.args):
        return None
    level = Level.SAFE if all(_level(project, region, one) is Level.SAFE for one in sets) else Level.UNSAFE
    if project.ev.expr(call.callee, region.fid) == {(t.EXT, "builtins.list")}:
        return Fix("sort it", level, (tree.replace(node.func, "sorted"),))
    return Fix("sort it", level, tuple(tree.replace(one, f"sorted({tree.source(one)})") for one in sets))


def _targets(parent: cst.CSTNode, node: cst.CSTNode, tree: Tree) -> bool:
    """Whether a node stands among what a statement or a comprehension binds."""
    target = getattr(parent, "target", None)
    return target is not None and (target is node or any(one is target for one in tree.ancestors(node)))


def _level(project: Project, region: Region, node: cst.BaseExpression) -> Level:
    return Level.SAFE if _comparable(project, region, node) else Level.UNSAFE


def _comparable(project: Project, region: Region, node: cst.BaseExpression) -> bool:
    """Whether all elements of a set are texts, or all are numbers."""
    kinds = _elements(node)
    if isinstance(node, cst.Name) and not kinds:
        scope = project.ev.scope_of(region.fid, node.value)
        bound = project.ev.function(scope).bindings.get(node.value, []) if scope is not None else []
        for expr in bound:
            if expr is None or expr[0] != f.SEQ or expr[1] != "set":
                return False
            kinds |= {type(one[1]).__name__ if one is not None and one[0] == f.CONST else "?" for one in expr[2]}
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in ("set", "frozenset"):
        made = project.ev.name(region.fid, node.func.value)
        if made == {(t.EXT, f"builtins.{node.func.value}")} and len(node.args) == 1:
            kinds = _elements(node.args[0].value)
    return bool(kinds) and (kinds == {"str"} or kinds <= {"int", "float"})


def _elements(node: cst.BaseExpression) -> set[str]:
    """The types of the elements of a display; empty for anything else."""
    if not isinstance(node, cst.Set | cst.List | cst.Tuple):
        return set()
    names = {cst.SimpleString: "str", cst.FormattedString: "str", cst.Integer: "int", cst.Float: "float"}
    return {names.get(type(element.value), "?") for element in node.elements}


def stable_id(project: Project, tree: Tree, region: Region, use: EffectUse) -> Fix | None:
    """Use the id of the execution in place of the id of one invocation."""
    place = context_of(project, region.fid)
    node = tree.node(use.number)
    if place is None or not place[1].writing.stable_id or not use.api.endswith("request_id") or len(use.hops) > 1:
        return None
    text = place[1].writing.stable_id.format(context=place[0])
    return Fix(f"use {text}", Level.UNSAFE, (tree.replace(node, text),))
