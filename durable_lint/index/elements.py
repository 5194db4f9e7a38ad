"""Containers: what displays make, and what subscripts give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index import tools
from durable_lint.index.facts import Expr
from durable_lint.index.things import FunctionId, Things

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator

_MAX_ITEMS = 40
"""Displays with more items are containers whose positions are not told apart."""


def display(ev: Evaluator, expr: tuple[object, ...], fid: FunctionId) -> Things:
    """What a display makes: a container, with its keys or positions where they are told apart."""
    if expr[0] == f.DICT:
        pairs: Sequence[tuple[Expr, Expr]] = expr[1]  # type: ignore[assignment]
        if len(pairs) <= _MAX_ITEMS and all(key is not None and key[0] == f.CONST for key, _ in pairs):
            return frozenset({t.keyed("dict", tuple((k[1], ev.expr(v, fid)) for k, v in pairs if k))})
        return frozenset({t.container("dict", ev.union(ev.expr(value, fid) for _, value in pairs))})
    items: Sequence[Expr] = expr[2]  # type: ignore[assignment]
    plain = not any(item is not None and item[0] == f.STAR for item in items)
    if expr[1] in ("tuple", "list") and plain and len(items) <= _MAX_ITEMS:
        keyed = tuple((position, ev.expr(item, fid)) for position, item in enumerate(items))
        return frozenset({t.keyed(expr[1], keyed)})
    inner = [
        t.gather(ev.expr(item, fid), ev.each) if item is not None and item[0] == f.STAR else ev.expr(item, fid)
        for item in items
    ]
    return frozenset({t.container(str(expr[1]), ev.union(inner))})


def item(ev: Evaluator, bases: Things, keys: Things) -> Things:
    """What subscripts with these keys give."""
    wanted = {key[1] for key in keys if key[0] == t.CONST}
    found: list[Things] = []
    for base in bases:
        if base[0] == t.KEYED:
            exact = [value for key, value in base[2] if key in wanted] if len(wanted) == len(keys) else []
            found += exact or [value for _, value in base[2]]
        elif base[0] == t.CONTAINER:
            found.append(base[2])
        elif base[0] in (t.SYMBOL, t.RESULT):
            found.append(t.path_of(base, "[]"))
        elif base[0] == t.OBJ:
            if ev.member(base, "__getitem__") == "gives":
                found.append(frozenset({(t.OBJ, base[1], ())}))
        elif base[0] in (t.CLASS, t.TOOL):
            found.append(frozenset({base}) if base[0] == t.CLASS else tools.item(ev, base))
        elif base[0] == t.EXT and "[]" not in base[1] and "()" not in base[1]:
            found.append(frozenset({(t.EXT, f"{base[1]}[]")}))
    return ev.union(found)
