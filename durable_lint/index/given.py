"""The arguments of a call as the catalogue's conditions look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call, Expr
from durable_lint.index.things import FunctionId
from durable_lint.knowledge import conditions

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator


def given(ev: Evaluator, call: Call, fid: FunctionId) -> conditions.Arguments:
    """The arguments of a call as the catalogue's conditions look at them."""

    def known(expr: Expr) -> object:
        if expr is not None and expr[0] == f.CONST:
            return conditions.Literal(expr[1])
        found = ev.expr(expr, fid)
        for thing in found if len(found) == 1 else ():
            if thing[0] in (t.EXT, t.OBJ) and thing[-1] in ((), thing[1]):
                made = thing[1].removesuffix("()")
                is_result = thing[0] == t.OBJ or made != thing[1]
                return conditions.Result(made) if is_result else conditions.Named(made)
        return conditions.UNKNOWN

    stars = [i for i, arg in enumerate(call.args) if arg is not None and arg[0] == f.STAR]
    plain = call.args[: stars[0]] if stars else call.args
    keywords = {name: known(value) for name, value in call.keywords if name}
    hidden = bool(stars) or any(not name for name, _ in call.keywords)
    return conditions.Arguments(tuple(known(arg) for arg in plain), keywords, hidden)
