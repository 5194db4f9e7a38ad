"""Which expression around an impure call a step can record: the smallest one whose value it gives back as it was."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from durable_lint.fixes.tree import Tree
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Expr
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.returns import CARRIED, REFUSED, UNKNOWN, load

_PLAIN = frozenset({"str", "int", "float", "bool", "bytes", "None", "datetime", "date", "Decimal", "UUID", "Any"})
_HOLDING = frozenset({"list", "List", "dict", "Dict", "tuple", "Tuple", "Optional", "Union", "Sequence", "Mapping"})
_FAMILY = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Carried:
    """An expression to move into a step, and what is known of its value: ``carried``, ``refused`` or ``unknown``."""

    node: cst.BaseExpression
    verdict: str


def smallest(tree: Tree, node: cst.BaseExpression, verdict: str, ev: Evaluator, fid: FunctionId) -> Carried | None:
    """The smallest expression around ``node``, whose own value has ``verdict``, that a step can record.

    Where none can, the node itself with its verdict. None when the node stands where nothing can be wrapped: as the
    object of a ``with``, or among the parts of a target.
    """
    found = Carried(node, verdict)
    best: Carried | None = None if verdict != CARRIED else found
    current: cst.CSTNode = node
    while True:
        parent = tree.parent(current)
        if isinstance(parent, cst.Arg | cst.Element | cst.DictElement | cst.ComparisonTarget | cst.SubscriptElement):
            current, parent = parent, tree.parent(parent)
        if isinstance(parent, cst.Index):
            current, parent = parent, tree.parent(tree.parent(parent) or parent)
        if parent is None or isinstance(parent, cst.BaseStatement | cst.BaseSmallStatement | cst.WithItem | cst.Lambda):
            break
        forced = False
        if isinstance(parent, cst.FormattedStringExpression):
            # A lambda can't stand in a replacement field: its colon would begin the format.
            whole = tree.parent(parent)
            while isinstance(tree.parent(whole or parent), cst.ConcatenatedString):
                whole = tree.parent(whole or parent)
            parent, forced = whole, True
        elif isinstance(parent, cst.CompFor | cst.CompIf):
            if isinstance(parent, cst.CompFor) and _is_first(tree, parent) and parent.iter is current:
                break  # the first iterable is evaluated once, outside the comprehension
            parent, forced = _comprehension(tree, parent), True
        elif isinstance(parent, _FAMILY):
            forced = True  # it would be a step for each element, all of the same name
        if not isinstance(parent, cst.BaseExpression):
            break
        if isinstance(parent, cst.Attribute) and _is_callee(tree, parent):
            current, parent = parent, tree.parent(parent)
            assert isinstance(parent, cst.Call)
        verdict = _around(parent, current, verdict, ev, fid)
        if forced:
            best = Carried(parent, verdict) if verdict == CARRIED else None
            found = Carried(parent, verdict)
        elif best is None and verdict == CARRIED:
            best = Carried(parent, verdict)
        current = parent
    if isinstance(parent, cst.WithItem) and best is None:
        return None
    return best or found


def _is_callee(tree: Tree, node: cst.CSTNode) -> bool:
    parent = tree.parent(node)
    return isinstance(parent, cst.Call) and parent.func is node


def _is_first(tree: Tree, comp: cst.CompFor) -> bool:
    return isinstance(tree.parent(comp), _FAMILY)


def _comprehension(tree: Tree, node: cst.CSTNode) -> cst.CSTNode | None:
    parent = tree.parent(node)
    while isinstance(parent, cst.CompFor | cst.CompIf):
        parent = tree.parent(parent)
    return parent


def _around(node: cst.BaseExpression, inner: cst.CSTNode, verdict: str, ev: Evaluator, fid: FunctionId) -> str:
    """What is known of an expression that is made from one of which ``verdict`` is known."""
    returns = load()
    if isinstance(node, cst.Attribute):
        return CARRIED if node.attr.value in returns.members else _less(verdict)
    if isinstance(node, cst.Call):
        if node.func is inner:
            if not isinstance(inner, cst.Attribute):
                return _less(verdict)
            asked = inner.attr.value == "get" and _is_environment(inner.value, ev, fid)
            return CARRIED if asked or inner.attr.value in returns.members else _less(verdict)
        things = ev.expr(_fact(node.func), fid)
        if things and all(thing[0] == t.EXT and thing[1] in returns.functions for thing in things):
            return CARRIED
        joined = isinstance(node.func, cst.Attribute) and node.func.attr.value in ("join", "format", "strftime")
        return CARRIED if joined else UNKNOWN
    if isinstance(node, cst.Subscript):
        return CARRIED if verdict == CARRIED or _is_environment(node.value, ev, fid) else _less(verdict)
    if isinstance(node, cst.FormattedString | cst.ConcatenatedString | cst.Comparison):
        return CARRIED
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        return CARRIED
    if isinstance(node, cst.ListComp | cst.DictComp):
        return verdict
    return UNKNOWN


def _less(verdict: str) -> str:
    """A part of something that is carried may be anything; a part of what is refused too."""
    return UNKNOWN if verdict in (CARRIED, REFUSED) else verdict


def _is_environment(node: cst.BaseExpression, ev: Evaluator, fid: FunctionId) -> bool:
    return (t.EXT, "os.environ") in ev.expr(_fact(node), fid)


def _fact(node: cst.CSTNode) -> Expr:
    if isinstance(node, cst.Name):
        return (f.NAME, node.value)
    if isinstance(node, cst.Attribute):
        return (f.ATTR, _fact(node.value), node.attr.value)
    return None


def of_function(ev: Evaluator, fid: FunctionId, depth: int = 3, awaited: bool = False) -> str:
    """What is known of the result of a function of the project, by its annotation, else by what it returns."""
    function = ev.function(fid)
    if function.is_generator:
        return REFUSED if function.is_async else "generator"
    if function.is_async and not awaited:
        return REFUSED
    if function.return_annotation is not None:
        return of_annotation(function.return_annotation)
    verdicts = {of_fact(ev, expr, fid, depth) for expr in function.returns}
    return verdicts.pop() if len(verdicts) == 1 else CARRIED if not verdicts else UNKNOWN


def of_annotation(annotation: Expr) -> str:
    """``carried`` for plain types and containers of them, ``set`` or ``timedelta`` for those, else ``unknown``."""
    if annotation is None:
        return UNKNOWN
    if annotation[0] == f.CONST:
        return CARRIED if annotation[1] is None else UNKNOWN
    if annotation[0] in (f.NAME, f.ATTR):
        name = annotation[-1]
        if name in ("set", "frozenset", "Set"):
            return "set"
        return "timedelta" if name == "timedelta" else CARRIED if name in _PLAIN | _HOLDING else UNKNOWN
    if annotation[0] == f.ITEM:
        base = of_annotation(annotation[1])
        if base == "set":
            return base
        keys = annotation[2]
        inner = keys[2] if keys is not None and keys[0] == f.SEQ else (keys,)
        plain = all(of_annotation(one) == CARRIED for one in inner if one is None or one[0] != f.CONST)
        return CARRIED if base == CARRIED and plain else UNKNOWN
    if annotation[0] in (f.JOIN, f.EITHER):
        return CARRIED if all(of_annotation(one) == CARRIED for one in annotation[1]) else UNKNOWN
    return UNKNOWN


def of_fact(ev: Evaluator, expr: Expr, fid: FunctionId, depth: int) -> str:
    """What is known of an expression's value from its fact."""
    if expr is None or depth == 0:
        return UNKNOWN
    if expr[0] == f.CONST:
        return CARRIED
    if expr[0] == f.SEQ and expr[1] in ("list", "tuple"):
        return CARRIED if all(of_fact(ev, one, fid, depth) == CARRIED for one in expr[2]) else UNKNOWN
    if expr[0] == f.SEQ and expr[1] == "set":
        return "set"
    if expr[0] == f.DICT:
        parts = [part for pair in expr[1] for part in pair]
        return CARRIED if all(of_fact(ev, one, fid, depth) == CARRIED for one in parts) else UNKNOWN
    if expr[0] == f.CALL:
        call = ev.function(fid).calls[expr[1]]
        return _of_call(ev, ev.expr(call.callee, fid), call.callee, fid, depth)
    return UNKNOWN


def _of_call(ev: Evaluator, things: t.Things, callee: Expr, fid: FunctionId, depth: int) -> str:
    returns = load()
    if callee is not None and callee[0] == f.ATTR and callee[2] in returns.members:
        return CARRIED
    verdicts = set()
    for thing in things:
        if thing[0] in (t.FN, t.METHOD):
            verdicts.add(of_function(ev, thing[1], depth - 1))
        elif thing[0] == t.EXT:
            verdicts.add(CARRIED if thing[1] in returns.functions else returns.of(thing[1]))
        else:
            verdicts.add(UNKNOWN)
    return verdicts.pop() if len(verdicts) == 1 else UNKNOWN
