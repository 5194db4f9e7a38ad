"""Clauses and ``suppress`` that are to catch ``Exception`` instead of everything."""

from __future__ import annotations

from collections.abc import Callable

from durable_lint.fixes.tree import Tree
from durable_lint.loading import cst
from durable_lint.model import Edit, Fix, Level

Named = Callable[[cst.BaseExpression], str]
"""The builtin class that an expression names, such as ``BaseException``; empty for anything else that is known, and
``?`` for what is not."""

_WIDE = ("BaseException", "Exception", "?")


def narrow_clause(tree: Tree, number: int, named: Named) -> Fix | None:
    """Let a bare clause, or one for ``BaseException``, catch ``Exception``; None where another clause would change."""
    handler = tree.node(number)
    around = tree.parent(handler)
    if not isinstance(handler, cst.ExceptHandler) or not isinstance(around, cst.Try):
        return None
    others = [one for one in around.handlers if one is not handler]
    if any(named(caught) in _WIDE for one in others for caught in types(one.type)):
        return None
    if handler.type is None:
        at = tree.span(handler).start + len("except")
        return Fix("catch Exception", Level.SAFE, (tree.insert(at, " Exception"),))
    return _fix(_narrowed(tree, types(handler.type), named))


def narrow_suppress(tree: Tree, number: int, named: Named) -> Fix | None:
    """Let ``suppress(BaseException)`` suppress ``Exception``."""
    call = tree.node(number)
    if not isinstance(call, cst.Call) or any(arg.star or arg.keyword is not None for arg in call.args):
        return None
    return _fix(_narrowed(tree, [arg.value for arg in call.args], named))


def types(node: cst.BaseExpression | None) -> list[cst.BaseExpression]:
    """The classes that a clause catches; a bare one catches none that is named."""
    if isinstance(node, cst.Tuple):
        return [element.value for element in node.elements]
    return [] if node is None else [node]


def _narrowed(tree: Tree, caught: list[cst.BaseExpression], named: Named) -> list[Edit]:
    kinds = [named(one) for one in caught]
    if kinds.count("BaseException") != 1 or "Exception" in kinds or "?" in kinds:
        return []
    return [tree.replace(caught[kinds.index("BaseException")], "Exception")]


def _fix(edits: list[Edit]) -> Fix | None:
    return Fix("catch Exception", Level.SAFE, tuple(edits)) if edits else None


def catch_instead(tree: Tree, number: int, brought: tuple[str, tuple[Edit, ...]]) -> Fix | None:
    """Let a clause catch another class; ``brought`` is how it is written, with the edits that import it."""
    handler = tree.node(number)
    if not isinstance(handler, cst.ExceptHandler) or handler.type is None:
        return None
    written, edits = brought
    return Fix(f"catch {written}", Level.UNSAFE, (*edits, Edit(tree.outer_span(handler.type), written)))
