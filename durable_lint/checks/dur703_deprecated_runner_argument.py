"""DUR703: an argument of a test runner that has another name now."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import outcomes
from durable_lint.index import things as t
from durable_lint.index.facts import Call
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.testing import RenamedArgument
from durable_lint.model import Edit, Fix, Level, Span

RULE = Rule("DUR703", "deprecated-runner-argument", WARNING, "a deprecated argument of a test runner", fix="safe")


def check(ctx: Check) -> Iterator[Finding]:
    """Calls of a runner's methods that pass an argument by its old name, or at its place."""
    ev = ctx.project.ev
    for function in ctx.module.functions if ctx.project.tests.kind(ctx.module.path) else ():
        fid = (ctx.module.path, function.index)
        for call in function.calls:
            found = outcomes.method(ev, call.callee, fid)
            for renamed in found[0].renamed if found is not None else ():
                if found is not None and renamed.method == found[1] and _is_given(ctx, call, renamed, fid):
                    yield _finding(ctx, call, renamed, fid)


def _is_given(ctx: Check, call: Call, renamed: RenamedArgument, fid: FunctionId) -> bool:
    """Whether a call passes the argument: by keyword, by position, or in a mapping that is written out."""
    nothing = (f.CONST, None)
    for name, value in call.keywords:
        if name == renamed.old:
            return value != nothing
        if not name:
            things = ctx.project.ev.concrete(ctx.project.ev.expr(value, fid))
            if any(thing[0] == t.KEYED and renamed.old in t.keys(thing) for thing in things):
                return True
    starred = any(arg is not None and arg[0] == f.STAR for arg in call.args[: renamed.arg + 1])
    return not starred and len(call.args) > renamed.arg and call.args[renamed.arg] != nothing


def _finding(ctx: Check, call: Call, renamed: RenamedArgument, fid: FunctionId) -> Finding:
    from durable_lint.loading import cst

    tree = ctx.tree_of(fid, call.start)
    node = tree.call(call.number)
    named = next((arg for arg in node.args if arg.keyword is not None and arg.keyword.value == renamed.old), None)
    api = ctx.written(call.start, call.end, "")
    message = f"{renamed.old} of {api} is deprecated: every run warns, and fails where warnings are errors"
    if named is None:
        return Finding(RULE, call.start, call.end, message)
    place = tree.span(named)

    def fix() -> Fix | None:
        if any(name in ("", renamed.new) for name, _ in call.keywords) or len(call.args) >= renamed.arg:
            return None
        assert isinstance(named.keyword, cst.Name)
        span = tree.span(named.keyword)
        return Fix(f"write {renamed.new}=", Level.SAFE, (Edit(Span(span.start, span.end), renamed.new),))

    return Finding(RULE, place.start, place.end, message, fix=fix)
