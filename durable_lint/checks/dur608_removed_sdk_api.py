"""DUR608: names that the SDK's version no longer has, and spellings that it keeps for old code only."""

import ast
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Expr
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Profile
from durable_lint.knowledge.removals import Removal
from durable_lint.model import Edit, Fix, Level, Span
from durable_lint.source import parse

RULE = Rule("DUR608", "removed-sdk-api", WARNING, "a name that the targeted SDK version no longer has", fix="safe")
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException", "AttributeError"})

Removals = Mapping[tuple[str, str], Removal]


def check(ctx: Check) -> Iterator[Finding]:
    """Imports of such names, their use as attributes of the SDK's modules, and keyword arguments that are gone."""
    for profile in ctx.project.profiles:
        removed = {(one.owner, one.name): one for one in profile.removed if one.since <= ctx.sdk_version}
        if not removed or profile.distribution == "":
            continue
        owned = {keyword for owner, keyword in removed if owner}
        names = {name for owner, name in removed if not owner}
        yield from _imports(ctx, profile, removed)
        for function in ctx.module.functions:
            fid = (ctx.module.path, function.index)
            for start, end, expr in _attributes(ctx, fid):
                if expr is None or expr[0] != f.ATTR or expr[2] not in names:
                    continue
                found = _named(ctx, fid, expr, profile, removed)
                if found is not None:
                    fix = partial(_respelt, ctx, start, end, found)
                    yield Finding(RULE, start, end, _message(ctx, found, "using it"), fix=fix)
            yield from _keywords(ctx, fid, profile, removed, owned)


def _message(ctx: Check, removal: Removal, what: str) -> str:
    name = f"{removal.name}= of {removal.owner}" if removal.owner else removal.name
    if removal.still_works:
        return f"{name} is the old spelling, which SDK {ctx.sdk_version} keeps for old code: write {removal.instead}"
    advice = "; ".join(part for part in (removal.instead and f"write {removal.instead}", removal.why) if part)
    return f"{name} is gone since SDK {removal.since}, so that {what} fails with {ctx.sdk_version}: {advice}"


# Imports


def _imports(ctx: Check, profile: Profile, removed: Removals) -> Iterator[Finding]:
    if not any(
        value is not None and value[0] == f.IMPORT and ("", value[3]) in removed
        for function in ctx.module.functions
        for values in function.bindings.values()
        for value in values
    ):
        return
    for node in _unguarded(parse(ctx.source)):
        for alias in node.names if isinstance(node, ast.ImportFrom) and not node.level else ():
            removal = removed.get(("", alias.name))
            if removal is None or profile.symbol(f"{node.module}.{alias.name}") != alias.name:
                continue
            span = _span(ctx, alias)
            yield Finding(
                RULE,
                span.start,
                span.end,
                _message(ctx, removal, "this import"),
                fix=lambda alias=alias, removal=removal: _renamed(ctx, alias, removal),  # type: ignore[misc]
            )


def _unguarded(tree: ast.AST) -> Iterator[ast.ImportFrom]:
    """The imports that run whatever the version is: not those in a ``try`` for old versions or under a condition."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.ImportFrom):
            yield child
        elif isinstance(child, ast.Try) and any(map(_expects_absence, child.handlers)):
            continue
        elif not isinstance(child, ast.If) or "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _unguarded(child)


def _expects_absence(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(one).rpartition(".")[2] in _IMPORT_ERRORS for one in caught)


def _span(ctx: Check, node: ast.alias | ast.expr) -> Span:
    lines = ctx.source.lines
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return Span(lines.offset(node.lineno, node.col_offset), lines.offset(end_line, end_column))


def _renamed(ctx: Check, alias: ast.alias, removal: Removal) -> Fix | None:
    """The new name in the import and wherever the old one is used; None where that may mean something else."""
    if not removal.instead:
        return None
    title = f"write {removal.instead} for {removal.name}"
    start = _span(ctx, alias).start
    imported = Edit(Span(start, start + len(alias.name)), removal.instead)
    if alias.asname is not None:
        return Fix(title, Level.SAFE, (imported,))
    uses: list[Span] = []
    tree = parse(ctx.source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings among them
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == removal.name:
            if not isinstance(node.ctx, ast.Load):
                return None
            uses.append(_span(ctx, node))
        elif isinstance(node, ast.Constant) and id(node) not in alone and removal.name in str(node.value):
            return None  # ``__all__`` or an annotation in quotes
    bound = [name for function in ctx.module.functions for name in (*function.bindings, *_parameters(function))]
    if removal.instead in bound or bound.count(removal.name) != 1:
        return None
    return Fix(title, Level.SAFE, (imported, *(Edit(span, removal.instead) for span in uses)))


def _parameters(function: f.Function) -> list[str]:
    return [parameter.name for parameter in function.parameters]


# Uses


def _attributes(ctx: Check, fid: FunctionId) -> Iterator[tuple[int, int, Expr]]:
    """Every attribute that a function reads or calls, with its place."""
    function = ctx.project.ev.function(fid)
    for read in function.reads:
        yield read.start, read.end, read.expr
    for call in function.calls:
        yield call.start, call.end, call.callee


def _named(ctx: Check, fid: FunctionId, expr: tuple[Any, ...], profile: Profile, removed: Removals) -> Removal | None:
    """The removal of an attribute of one of the SDK's modules, such as ``config.ItemBatcher``."""
    removal = removed.get(("", expr[2]))
    if removal is None:
        return None
    things = ctx.project.ev.expr(expr, fid)
    return removal if any(thing[0] == t.EXT and profile.symbol(thing[1]) == removal.name for thing in things) else None


def _respelt(ctx: Check, start: int, end: int, removal: Removal) -> Fix | None:
    """The new name of an attribute."""
    text = ctx.source.text[start:end]
    at = text.find(f".{removal.name}")
    if not removal.instead or text.count(removal.name) != 1 or at < 0:
        return None
    place = start + at + 1
    edit = Edit(Span(place, place + len(removal.name)), removal.instead)
    return Fix(f"write {removal.instead} for {removal.name}", Level.SAFE, (edit,))


def _keywords(
    ctx: Check, fid: FunctionId, profile: Profile, removed: Removals, owned: Collection[str]
) -> Iterator[Finding]:
    for call in ctx.project.ev.function(fid).calls:
        for keyword in sorted({name for name, _ in call.keywords if name in owned}):
            for thing in sorted(ctx.project.ev.expr(call.callee, fid), key=repr):
                owner = profile.symbol(thing[1]) if thing[0] == t.EXT else ""
                removal = removed.get((owner, keyword)) if owner else None
                if removal is None:
                    continue
                span = _keyword(ctx, call, keyword)
                fix = partial(_left_out, ctx, call, keyword)
                yield Finding(RULE, span.start, span.end, _message(ctx, removal, "this call"), fix=fix)
                break


def _left_out(ctx: Check, call: f.Call, keyword: str) -> Fix | None:
    """Leave out an argument that was None: it asked for nothing."""
    if (f.CONST, None) not in [value for name, value in call.keywords if name == keyword]:
        return None
    from durable_lint.fixes.edits import without_argument

    tree = ctx.tree_at(call.start)
    node = tree.call(call.number)
    arg = next(arg for arg in node.args if arg.keyword is not None and arg.keyword.value == keyword)
    edit = without_argument(tree, node, arg)
    if "#" in ctx.source.text[edit.span.start : edit.span.end]:
        return None  # a comment between the arguments
    return Fix(f"leave out {keyword}=None", Level.SAFE, (edit,))


def _keyword(ctx: Check, call: f.Call, keyword: str) -> Span:
    """Where a keyword argument of a call stands, which the facts don't say."""
    tree = ctx.tree(next(top for top, (start, end) in enumerate(ctx.module.tops) if start <= call.start < end))
    arg = next(arg for arg in tree.call(call.number).args if arg.keyword is not None and arg.keyword.value == keyword)
    return Span(tree.span(arg).start, tree.span(arg.value).end)
