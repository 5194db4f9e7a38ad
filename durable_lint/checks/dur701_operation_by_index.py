"""DUR701: an operation that a test finds by its place in a list."""

from collections.abc import Iterator
from functools import partial

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import histories, outcomes, tools
from durable_lint.index import things as t
from durable_lint.index.facts import Read
from durable_lint.index.things import FunctionId, Things
from durable_lint.model import Edit, Fix, Level, Span

RULE = Rule(
    "DUR701", "operation-by-index", WARNING, "a test that finds an operation by its place in a list", fix="safe"
)


def check(ctx: Check) -> Iterator[Finding]:
    """Items that are taken out of a result's lists of operations."""
    for function in ctx.module.functions if ctx.project.tests.kind(ctx.module.path) else ():
        fid = (ctx.module.path, function.index)
        for read in function.subscripts:
            assert read.expr is not None
            owner = outcomes.tool(ctx.project.ev, read.expr[1], fid)
            if owner is not None and owner.item:
                yield Finding(RULE, read.start, read.end, _message(ctx, read), fix=partial(_fix, ctx, read, fid))


def _message(ctx: Check, read: Read) -> str:
    text = " ".join(ctx.source.text[read.start : read.end].split())
    shown = text if len(text) <= 60 else "an item of the operations"
    return f"{shown} takes an operation by its place: with one more operation in the handler it is another one"


def _fix(ctx: Check, read: Read, fid: FunctionId) -> Fix | None:
    """Look the operation up by its name, where the handler or the test itself says the name."""
    from durable_lint.loading import cst

    assert read.expr is not None
    base, key = read.expr[1], read.expr[2]
    holder = base if base is None or base[0] != f.CALL else ctx.project.ev.function(fid).calls[base[1]].callee
    if holder is None or holder[0] != f.ATTR or key is None or key[0] != f.CONST or type(key[1]) is not int:
        return None
    things = outcomes.certain(ctx.project.ev, holder[1], fid)
    lookup = _lookup(ctx, things, key[1] if base is not None and base[0] == f.ATTR else -1, _said(ctx, read, fid))
    if not lookup:
        return None
    tree = ctx.tree_of(fid, read.start)
    node = tree.node(read.number)
    item = tree.parent(node)
    node = node.func if isinstance(node, cst.Call) else node
    if not isinstance(node, cst.Attribute) or not isinstance(item, cst.Subscript):
        return None
    span = Span(tree.span(node.attr).start, tree.span(item).end)
    if "#" in ctx.source.text[span.start : span.end]:
        return None  # a comment would be lost
    return Fix("look it up by name", Level.SAFE, (Edit(span, lookup),))


def _said(ctx: Check, read: Read, fid: FunctionId) -> str:
    """The name that the test compares with that of the operation; empty when it says none."""
    for one in ctx.project.ev.function(fid).comparisons:
        for (left, start, _), (right, _, _) in ((one.left, one.right), (one.right, one.left)):
            is_name = left == (f.ATTR, read.expr, "name") and start == read.start
            if one.how == "Eq" and is_name and right is not None and right[0] == f.CONST and isinstance(right[1], str):
                return right[1]
    return ""


def _lookup(ctx: Check, things: Things, position: int, said: str) -> str:
    """The call that finds the operation, without what it is called on; ``position`` -1: the order is unknown."""
    from durable_lint.fixes.edits import quoted

    owners = {thing[1:3] for thing in things}
    testing = ctx.project.ev.profiles[min(owners)[0]].testing if len(owners) == 1 else None
    if testing is None or not testing.classes[min(owners)[1]].plain:
        return ""  # the operations of an operation: what stands in them is not followed
    in_order = position >= 0
    plain = f"{testing.lookup}({quoted(said)})" if said and in_order else ""
    handler = tools.runs(ctx.project.ev, things)
    if handler is None or handler[0] != t.DECORATED or handler[3][0] != t.FN:
        return plain
    known = histories.beginning(ctx.project, handler[3][1])
    if not in_order:
        position = next((at for at, one in enumerate(known) if said and one.name == said), len(known))
    if position >= len(known) or not known[position].name:
        return plain
    one = known[position]
    if any(other.name in ("", one.name) for other in known[:position]) or (said and said != one.name):
        return ""
    return f"{testing.lookups.get(one.kind, testing.lookup)}({quoted(one.name)})"
