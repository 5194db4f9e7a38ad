"""DUR501: an operation without a name."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.checks.repairs import with_branch_name, with_name
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Expr
from durable_lint.index.issuing import Site, argument
from durable_lint.index.things import FunctionId

RULE = Rule("DUR501", "unnamed-operation", WARNING, "an operation without a name", "history")


def check(ctx: Check) -> Iterator[Finding]:
    """Operations to which neither the code nor a decorated body gives a name, and branch factories without one."""
    misfits = ctx.project.misfits(ctx.module.path)
    for region in ctx.regions:
        for use in region.ordered_operations():
            if use.names_itself or use.label not in ("missing", "none"):
                continue
            if any(one.fid == region.fid and use.start <= one.call.start < use.end for one in misfits):
                continue  # its arguments are wrong, which is DUR312's
            message = f"{use.operation.name} has no name: {_consequence(ctx)}"
            yield Finding(RULE, use.start, use.end, message, fix=with_name(ctx, region, use))
    yield from _branches(ctx)
    if ctx.strict:
        yield from _bare_callables(ctx)


def _consequence(ctx: Check) -> str:
    if not ctx.unchecked_until:
        return "a replay can't tell it from another one in its place"
    return f"nothing finds it in the history, and from SDK {ctx.unchecked_until} on a replay compares names"


def _branches(ctx: Check) -> Iterator[Finding]:
    """Decorators that must be called and that give the branch its name."""
    ev = ctx.project.ev
    for function in ctx.module.functions:
        for decorator in function.decorators:
            if decorator is None or decorator[0] != f.CALL:
                continue
            scope = (ctx.module.path, function.parent)
            call = ev.function(scope).calls[decorator[1]]
            unnamed = not call.args and not call.keywords
            if unnamed and any(
                thing[0] == t.FACTORY and ev.profiles[thing[1]].decorators[thing[2]].factory == "must"
                for thing in ev.expr(decorator, scope)
            ):
                text = "the branch has no name: results are told apart by position"
                fix = with_branch_name(ctx, call, function.name, function.top)
                yield Finding(RULE, call.start, call.end, text, fix=fix)


_NAMELESS = frozenset({t.FN, t.METHOD, t.PARTIAL})
"""What a callable can be that gives a branch no name."""


def _bare_callables(ctx: Check) -> Iterator[Finding]:
    """Branches that are callables without a name, each where it stands in the list, else at the operation."""
    for site in ctx.sites():
        body = site.issued.operation.body
        given = argument(site.call, body.place) if body is not None and body.many else False
        if isinstance(given, bool):
            continue
        bare = [position for position, item in enumerate(_items(given)) if _is_bare(ctx, item, site.fid)]
        if bare:
            message = f"a branch of {site.issued.operation.name} has no name: results are told apart by position"
            yield from (Finding(RULE, start, end, message) for start, end in _places(ctx, site, bare))
        elif given is None or given[0] not in (f.SEQ,):
            inside = ctx.project.ev.union(ctx.project.ev.each(one) for one in ctx.project.ev.expr(given, site.fid))
            if inside and all(thing[0] in _NAMELESS for thing in inside):
                message = (
                    f"the branches of {site.issued.operation.name} have no names: results are told apart by position"
                )
                yield Finding(RULE, site.call.start, site.call.end, message)


def _items(given: Expr) -> tuple[Expr, ...]:
    return given[2] if given is not None and given[0] == f.SEQ else ()


def _is_bare(ctx: Check, item: Expr, fid: FunctionId) -> bool:
    things = ctx.project.ev.concrete(ctx.project.ev.expr(item, fid))
    return bool(things) and all(thing[0] in _NAMELESS for thing in things)


def _places(ctx: Check, site: Site, bare: list[int]) -> Iterator[tuple[int, int]]:
    """The spans of items of the list that an operation gets."""
    from durable_lint.loading import cst
    from durable_lint.visit.nodes import argument_node

    tree = ctx.tree_of(site.fid, site.call.start)
    body = site.issued.operation.body
    node = argument_node(tree.call(site.call.number), body.place) if body is not None else None
    if isinstance(node, cst.List | cst.Tuple):
        found = [element.value for element in node.elements]
    elif isinstance(node, cst.ListComp | cst.GeneratorExp):
        found = [node.elt]
    else:
        found = []
    for position in bare if found else ():
        span = tree.span(found[position])
        yield span.start, span.end
    if not found:
        yield site.call.start, site.call.end
