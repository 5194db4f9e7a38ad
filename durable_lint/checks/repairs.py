"""The fixes of findings, each built only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from durable_lint.model import Fix

if TYPE_CHECKING:
    from durable_lint.checks.base import Check
    from durable_lint.index.facts import Call
    from durable_lint.index.issuing import Site
    from durable_lint.index.things import FunctionId
    from durable_lint.visit.region import NameUse, Region
    from durable_lint.visit.values import EffectUse, OperationUse

Repair = Callable[[], Fix | None]


def in_step(ctx: Check, region: Region, use: EffectUse) -> Repair:
    """Wrap an effect in a step."""
    return lambda: ctx.wrapping.fix(ctx.tree(ctx.top(region.fid)), region, use)


def in_context_logger(ctx: Check, region: Region, use: EffectUse) -> Repair:
    """Log through the context's logger."""

    def repair() -> Fix | None:
        from durable_lint.fixes import logs

        build = logs.print_through_context if use.kind == "output" else logs.log_through_context
        return build(ctx.project, ctx.tree(ctx.top(region.fid)), region, use)

    return repair


def in_wait(ctx: Check, region: Region, use: EffectUse) -> Repair:
    """Wait through the context in place of a sleep."""

    def repair() -> Fix | None:
        from durable_lint.fixes.waits import wait_instead

        tree = ctx.tree(ctx.top(region.fid))
        return wait_instead(ctx.project, tree, region, use, ctx.imports, ctx.wrapping.names)

    return repair


def in_order(ctx: Check, region: Region, use: EffectUse) -> Repair:
    """Sort what has no order."""

    def repair() -> Fix | None:
        from durable_lint.fixes.order import sort

        return sort(ctx.project, ctx.tree(ctx.top(region.fid)), region, use)

    return repair


def with_stable_id(ctx: Check, region: Region, use: EffectUse) -> Repair:
    """Use the id of the execution."""

    def repair() -> Fix | None:
        from durable_lint.fixes.order import stable_id

        return stable_id(ctx.project, ctx.tree(ctx.top(region.fid)), region, use)

    return repair


def _site(ctx: Check, region: Region, number: int) -> Site | None:
    return next((site for site in ctx.sites() if site.fid == region.fid and site.call.number == number), None)


def with_name(ctx: Check, region: Region, use: OperationUse) -> Repair:
    """Give an operation a name."""

    def repair() -> Fix | None:
        from durable_lint.fixes.labels import add_name

        site = _site(ctx, region, use.number)
        if site is None:
            return None
        return add_name(ctx.tree(ctx.top(region.fid)), site, ctx.module.functions[region.fid[1]], ctx.wrapping.names)

    return repair


def with_branch_name(ctx: Check, call: Call, name: str, top: int) -> Repair:
    """Give a branch's decorator the name of its function."""

    def repair() -> Fix | None:
        from durable_lint.fixes.edits import add_argument, quoted
        from durable_lint.fixes.scope import kebab
        from durable_lint.model import Level

        text = quoted(kebab(name))
        edit = add_argument(ctx.tree(top), ctx.tree(top).call(call.number), f"name={text}")
        return Fix(f"name it {text}", Level.HISTORY, (edit,)) if kebab(name) else None

    return repair


def with_stable_name(ctx: Check, region: Region, use: OperationUse, causes: list[EffectUse]) -> Repair:
    """Leave out of a name what differs; None where a variable brings it: that one's own line has the fix."""

    def repair() -> Fix | None:
        from durable_lint.fixes.labels import add_name, stable_part
        from durable_lint.model import Level
        from durable_lint.visit.nodes import argument_node

        site = _site(ctx, region, use.number)
        if site is None or use.operation.label is None or not all(cause.in_name for cause in causes):
            return None
        tree = ctx.tree(ctx.top(region.fid))
        place = use.operation.label
        label = argument_node(tree.call(use.number), place)
        if label is None:
            return None
        text = stable_part(tree, label, [tree.node(cause.number) for cause in causes])
        if text is None:
            return add_name(tree, site, ctx.module.functions[region.fid[1]], ctx.wrapping.names)
        constant = text[1:-1] if text[0] in "\"'" else ""
        if constant and "\\" not in constant:
            text = f'"{ctx.wrapping.names.give(region.fid, use.number, constant)}"'
        return Fix(f"name it {text}", Level.HISTORY, (tree.replace(label, text),))

    return repair


def with_number(ctx: Check, region: Region, use: NameUse, alike: list[NameUse]) -> Repair:
    """Number a name that comes up again; ``alike`` are all its uses in the region. None where another function has one
    of them: it would come up again under any name."""

    def repair() -> Fix | None:
        from durable_lint.fixes.edits import quoted
        from durable_lint.fixes.labels import number
        from durable_lint.loading import cst
        from durable_lint.model import Level
        from durable_lint.visit.nodes import argument_node

        site = _site(ctx, region, use.number)
        if site is None or site.issued.operation.label is None:
            return None
        tree = ctx.tree(ctx.top(region.fid))
        place = site.issued.operation.label
        label = argument_node(site_call := tree.call(use.number), place)
        if label is None:
            return None
        if any(_site(ctx, region, one.number) is None for one in alike):
            return None
        if use.place.loops:
            return number(tree, site_call, label, ctx.module.functions[region.fid[1]])
        if not isinstance(label, cst.SimpleString):
            return None
        text = quoted(ctx.wrapping.names.give(region.fid, use.number, use.label))
        return Fix(f"name it {text}", Level.HISTORY, (tree.replace(label, text),))

    return repair


def on_own_context(ctx: Check, region: Region, number: int) -> Repair:
    """Use the body's own context."""

    def repair() -> Fix | None:
        from durable_lint.fixes.contexts import own_context

        call = next((c for c in ctx.module.functions[region.fid[1]].calls if c.number == number), None)
        return own_context(ctx.project, ctx.tree(ctx.top(region.fid)), region.fid, call) if call is not None else None

    return repair


def as_child(ctx: Check, region: Region) -> Repair:
    """Turn the step that holds an operation into a child context."""

    def repair() -> Fix | None:
        from durable_lint.fixes.contexts import child_instead

        site = _only_site(ctx, region.fid)
        return child_instead(ctx.project, ctx.tree(ctx.top(region.fid)), site, region.fid) if site is not None else None

    return repair


def written_outside(ctx: Check, body: FunctionId, at: int) -> Repair:
    """Return what a body writes at an offset, and write it where its operation stands."""

    def repair() -> Fix | None:
        from durable_lint.fixes.writes import return_instead

        site = _only_site(ctx, body)
        return return_instead(ctx.project, ctx.tree(ctx.top(body)), site, body, at) if site is not None else None

    return repair


def _only_site(ctx: Check, body: FunctionId) -> Site | None:
    """The operation that a body belongs to, where it is the only one and stands in the same top-level statement."""
    places = sorted(ctx.project.ev.solver.get(("site", body)), key=repr)
    if len(places) != 1:
        return None
    profile, operation, caller, index = places[0]
    site = next((one for one in ctx.sites() if (one.fid, one.index) == (caller, index)), None)
    if site is None or ctx.top(caller) != ctx.top(body):
        return None
    return site if (site.issued.profile.id, site.issued.operation.name) == (profile, operation) else None
