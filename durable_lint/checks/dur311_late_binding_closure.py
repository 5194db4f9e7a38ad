"""DUR311: a closure made in a loop that reads the loop's variables when they hold their last value."""

from __future__ import annotations

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Expr, Function, Loop
from durable_lint.index.project import CHILD, WORKFLOW
from durable_lint.index.things import FunctionId
from durable_lint.model import Fix

RULE = Rule(
    "DUR311", "late-binding-closure", ERROR, "a closure made in a loop and run later sees the last round", "safe"
)
_SIMPLE = (f.CONST, f.IMPORT)


def check(ctx: Check) -> Iterator[Finding]:
    """Lambdas and functions that are kept beyond the round of the loop that makes them."""
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        if function.kind not in ("def", "lambda") or function.parent < 1:
            continue
        parent = ctx.module.functions[function.parent]
        if parent.loops and _concerns_workflow(ctx, fid):
            names: list[str] = []
            for loop in parent.loops:
                if loop.start <= function.start < loop.end:
                    late = _late(ctx, function, parent, loop)
                    if late and not _runs_at_once(ctx, fid) and _is_kept(ctx, function, parent, loop):
                        names += late
            if names:
                yield _finding(ctx, function, list(dict.fromkeys(names)))


def _concerns_workflow(ctx: Check, fid: FunctionId) -> bool:
    """Whether a function is a body or is made in workflow code; inside steps the loop is nobody's but Python's."""
    if {"child", "step"} & ctx.project.regions.modes(fid):
        return True
    return bool({WORKFLOW, CHILD} & set(ctx.project.kinds(ctx.project.ev.parent(fid))))


def _late(ctx: Check, function: Function, parent: Function, loop: Loop, asked: set[int] | None = None) -> list[str]:
    """The names that a closure reads and that each round of a loop binds anew, in the order of their binding.

    ``asked`` are the functions that the question went through, for those that call each other: they add nothing.
    """
    home = (ctx.module.path, parent.index)
    free = _loads(ctx, function)
    return [
        name
        for name in dict.fromkeys(loop.names)
        if name in free
        and ctx.project.ev.scope_of((ctx.module.path, function.index), name) == home
        and not all(
            _is_same_each_round(ctx, value, parent, {function.index} if asked is None else asked)
            for value in parent.bindings.get(name, ())
        )
    ]


def _loads(ctx: Check, function: Function) -> set[str]:
    """The names that a function and those inside it read, but for what the inner ones bind themselves."""
    found = set(function.loads)
    for index in function.children:
        inner = ctx.module.functions[index]
        own = {parameter.name for parameter in inner.parameters}
        found |= {
            name
            for name in _loads(ctx, inner) - own
            if inner.kind == "class" or name not in inner.bindings or name in inner.outer
        }
    return found


def _is_same_each_round(ctx: Check, value: Expr, parent: Function, asked: set[int]) -> bool:
    """Whether a binding gives the same value in every round: constants, imports, functions that read no loop name."""
    if value is None:
        return False
    if value[0] == f.FUNC and value[1] > 0:
        inner = ctx.module.functions[value[1]]
        if inner.index in asked:
            return True
        asked.add(inner.index)
        around = (loop for loop in parent.loops if loop.start <= inner.start < loop.end)
        return not any(_late(ctx, inner, parent, loop, asked) for loop in around)
    return value[0] in _SIMPLE


def _runs_at_once(ctx: Check, fid: FunctionId) -> bool:
    """Whether a closure is handed to its operation where it is written, so that it runs in the same round."""
    sites = ctx.project.ev.solver.get(("site", fid))
    for _, _, caller, index in sites:
        if index is None or caller != ctx.project.ev.parent(fid):
            return False
        call = ctx.project.ev.function(caller).calls[index]
        if (f.FUNC, fid[1]) not in (*call.args, *(value for _, value in call.keywords)):
            return False
    return bool(sites)


def _is_kept(ctx: Check, function: Function, parent: Function, loop: Loop) -> bool:
    """Whether a closure outlives the round that makes it."""
    from durable_lint.checks.keeping import Keeping

    calls = {call.number: call.callee for call in parent.calls}
    home = (ctx.module.path, parent.index)

    def passes_on(number: int) -> bool:
        """Whether a call gives what keeps its argument: a branch object, a partial, a container, an instance."""
        for thing in ctx.project.ev.expr(calls.get(number), home):
            if thing[0] == t.CLASS:
                return True
            if thing[0] == t.EXT:
                symbol = ctx.project.ev.symbol(thing[1])
                if thing[1] in _WRAPPERS or (symbol is not None and symbol[1] in symbol[0].carriers):
                    return True
        return False

    thunk = any(thing[0] == t.DECORATED for thing in ctx.project.ev.solver.get(("def", (home[0], function.index))))
    comprehension = any("@" in name for name in loop.names)
    keeping = Keeping(ctx.tree(function.top), (loop.start, loop.end), comprehension, passes_on, thunk)
    return keeping.keeps(ctx.tree(function.top).node(function.number))


_WRAPPERS = frozenset(
    {f"builtins.{name}" for name in ("list", "tuple", "dict", "set", "zip", "enumerate")} | {"functools.partial"}
)


def _finding(ctx: Check, function: Function, names: list[str]) -> Finding:
    shown = [name.partition("@")[0] for name in names]
    what = "this lambda" if function.kind == "lambda" else f"{function.name}()"
    end = function.end if function.kind == "lambda" else function.start + len("def ") + len(function.name)
    message = (
        f"{what} reads {', '.join(shown)} when it runs, after the loop has ended: every one of them sees the last value"
    )
    return Finding(RULE, function.start, end, message, fix=lambda: _fix(ctx, function, names))


def _fix(ctx: Check, function: Function, names: list[str]) -> Fix | None:
    """Bind the names at once, as defaults of parameters."""
    from durable_lint.fixes.defaults import bind_defaults

    fid = (ctx.module.path, function.index)
    parent = ctx.module.functions[function.parent]
    rebound = [name for name in names if name in function.bindings or _is_function(parent, name)]
    return None if rebound else bind_defaults(ctx.tree(function.top), function, names, not _takes_one(ctx, fid))


def _is_function(parent: Function, name: str) -> bool:
    return any(value is not None and value[0] == f.FUNC for value in parent.bindings.get(name, ()))


def _takes_one(ctx: Check, fid: FunctionId) -> bool:
    """Whether whatever runs a body passes one argument by position, and the body has a parameter for it."""
    ev = ctx.project.ev
    function = ev.function(fid)
    positional = [parameter for parameter in function.parameters if parameter.kind == "pos"]
    sites = ev.solver.get(("site", fid))
    if not sites:
        return not function.parameters
    for profile_id, name, _, _ in sites:
        operation = ev.profiles[profile_id].methods.get(name)
        body = operation.body if operation is not None else None
        if body is None or body.context or body.items is not None:
            return False
    return len(positional) == 1 and not function.decorators
