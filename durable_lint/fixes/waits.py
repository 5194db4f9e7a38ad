"""Sleeps that become waits of the context."""

from __future__ import annotations

import math

from durable_lint.fixes.edits import label
from durable_lint.fixes.imports import Imports
from durable_lint.fixes.naming import Names
from durable_lint.fixes.scope import context_of, kebab
from durable_lint.fixes.tree import Tree
from durable_lint.index import facts as f
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Place
from durable_lint.loading import cst
from durable_lint.model import Fix, Level
from durable_lint.visit.nodes import argument_node
from durable_lint.visit.region import Region
from durable_lint.visit.values import EffectUse

_SLEEP = "time.sleep"


def wait_instead(
    project: Project, tree: Tree, region: Region, use: EffectUse, imports: Imports, names: Names
) -> Fix | None:
    """Turn ``time.sleep(n)`` into a wait of n seconds, rounded up; None unless n is known and at least 1."""
    place = context_of(project, region.fid)
    node = tree.node(use.number)
    if place is None or use.api != _SLEEP or len(use.hops) > 1 or not isinstance(tree.parent(node), cst.Expr):
        return None
    writing = place[1].writing
    assert isinstance(node, cst.Call)
    given = argument_node(node, Place(0, "seconds"))
    if given is None or not writing.wait or project.ev.function(region.fid).is_async:
        return None
    seconds, text = _seconds(project, region.fid, given)
    if seconds < 1:
        return None
    brought = imports.bring(*writing.duration_class)
    if brought is None:
        return None
    wanted = kebab("wait", text) if not text.isdigit() else f"wait-{text}-seconds"
    name = names.apart(tree, region.fid, tree.span(node), wanted)
    if not name:
        return None
    duration = writing.duration.replace("{class}", brought[0]).replace("{seconds}", text)
    wait = writing.wait.format(context=place[0], duration=duration, name=label(name))
    return Fix(f"wait instead, {text} seconds", Level.HISTORY, (tree.replace(node, wait), *brought[1]))


def _seconds(project: Project, fid: FunctionId, node: cst.BaseExpression) -> tuple[float, str]:
    """A known number of seconds and how to write it; 0 for any other."""
    if isinstance(node, cst.Integer | cst.Float):
        value = float(node.evaluated_value)
        return value, str(math.ceil(value))
    if isinstance(node, cst.Name):
        scope = project.ev.scope_of(fid, node.value)
        bound = project.ev.function(scope).bindings.get(node.value, []) if scope is not None else []
        if len(bound) == 1 and bound[0] is not None and bound[0][0] == f.CONST and type(bound[0][1]) is int:
            return float(bound[0][1]), node.value
    return 0, ""
