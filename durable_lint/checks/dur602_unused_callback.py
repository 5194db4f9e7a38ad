"""DUR602: a callback that nobody can answer, or whose answer nobody reads."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index.issuing import Site
from durable_lint.index.project import STEP
from durable_lint.index.things import FunctionId

RULE = Rule("DUR602", "unused-callback", WARNING, "a callback whose id never leaves or whose result is never read")
_UNSENT = "its id never leaves the workflow, so that nobody can answer it"
_UNREAD = "its result is never read, so that nothing waits for the answer"


def check(ctx: Check) -> Iterator[Finding]:
    """Callbacks that are dropped, and those in a variable of which only the id or only the result is used."""
    for site in ctx.sites():
        operation = site.issued.operation
        if not operation.result_id or not operation.result_operations:
            continue
        if ctx.project.kinds(site.fid) == [STEP]:
            continue  # no operation belongs there: DUR301
        used = _used(ctx, site)
        if used is None:
            continue
        handed_out = ctx.project.tests.kind(ctx.module.path) == "library"  # a runner of tests gives the id to the test
        faults = [] if operation.result_id in used or handed_out else [_UNSENT]
        faults += [] if used & set(operation.result_operations) else [_UNREAD]
        if faults:
            called = ctx.written(site.call.start, site.call.end, "")
            message = f"{called} makes a callback that is not used: {' and '.join(faults)}"
            yield Finding(RULE, site.call.start, site.call.end, message)


def _used(ctx: Check, site: Site) -> set[object] | None:
    """The attributes of a callback that are used; None when it is handed on, and anything can be."""
    from durable_lint.loading import cst

    tree = ctx.tree_of(site.fid, site.call.start)
    node = tree.call(site.call.number)
    parent = tree.parent(node)
    if isinstance(parent, cst.Expr):
        return set()
    if isinstance(parent, cst.Attribute):
        return {parent.attr.value}
    target = None
    if isinstance(parent, cst.Assign) and len(parent.targets) == 1:
        target = parent.targets[0].target
    elif isinstance(parent, cst.AnnAssign):
        target = parent.target
    if not isinstance(target, cst.Name) or not site.fid[1]:
        return None
    return _of_name(ctx, site, target.value)


def _of_name(ctx: Check, site: Site, name: str) -> set[object] | None:
    """The attributes of a local variable that are used, in nested functions too."""
    if ctx.project.ev.scope_of(site.fid, name) != site.fid:
        return None
    result_id = site.issued.operation.result_id
    used: list[object] = []
    for fid in _inside(ctx, site.fid):
        function = ctx.project.ev.function(fid)
        if ctx.project.ev.scope_of(fid, name) == site.fid:
            keys = [function.keys.get(number) for number, _, _ in function.loads.get(name, ())]
            if not all(isinstance(key, str) for key in keys):
                return None
            copies = _dead_copies(ctx, fid, (f.ATTR, (f.NAME, name), result_id))
            used += [key for key in keys if key != result_id]
            used += [result_id] * (keys.count(result_id) - copies)
    return set(used)


def _dead_copies(ctx: Check, fid: FunctionId, value: tuple[object, ...]) -> int:
    """How many variables of a function only get a value and are never read."""
    bindings = ctx.project.ev.function(fid).bindings
    return sum(values.count(value) for name, values in bindings.items() if not _is_read(ctx, fid, name))


def _is_read(ctx: Check, fid: FunctionId, name: str) -> bool:
    return any(ctx.project.ev.function(one).loads.get(name) for one in _inside(ctx, fid))


def _inside(ctx: Check, fid: FunctionId) -> Iterator[FunctionId]:
    """A function and those that are nested in it."""
    yield fid
    for child in ctx.project.ev.function(fid).children:
        yield from _inside(ctx, (fid[0], child))
