"""DUR307: a clause or a ``finally`` that swallows the suspension of an operation."""

from collections.abc import Iterator

import libcst as cst

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import things as t
from durable_lint.knowledge.profiles import Profile
from durable_lint.visit.region import Region, TryUse

RULE = Rule("DUR307", "swallowed-suspension", ERROR, "a clause that swallows the suspension of an operation")
_CLAUSE = "an operation suspends by raising; this clause swallows that, and the wait or the retry is skipped"
_FINALLY = "an operation suspends by raising; leaving the finally block here discards that"
_SUPPRESS = "an operation suspends by raising; suppress() swallows that, and the wait or the retry is skipped"


def check(ctx: Check) -> Iterator[Finding]:
    """Broad clauses around operations that don't raise again, statements that leave a finally, and suppress()."""
    for region in ctx.replayed():
        marks = ctx.project.ev.function(region.fid).marks
        for use in region.tries.values():
            yield from _clauses(ctx, region, use, marks)
            if use.issues and use.node.finalbody is not None:
                for number in _leaving(region, use.node.finalbody.body):
                    yield Finding(RULE, *marks[number], _FINALLY)
        yield from _suppressed(ctx, region)


def _clauses(ctx: Check, region: Region, use: TryUse, marks: dict[int, tuple[int, int]]) -> Iterator[Finding]:
    if not use.body_issues:
        return
    for handler in use.node.handlers:
        broad = _is_broad(ctx, region, handler)
        if not broad:
            continue
        if not _raises_again(handler.body, _bound(handler), ctx.project.profiles):
            yield Finding(RULE, *marks[region.number_of(handler)], _CLAUSE)
        return  # what this clause catches reaches no later one


def _is_broad(ctx: Check, region: Region, handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    """Whether a clause catches suspensions."""
    if handler.type is None:
        return True
    types = [e.value for e in handler.type.elements] if isinstance(handler.type, cst.Tuple) else [handler.type]
    return any(_is_suspension(ctx, region, one) for one in types)


def _is_suspension(ctx: Check, region: Region, node: cst.BaseExpression) -> bool:
    things = ctx.project.ev.expr(region.fact_of(node), region.fid)
    return any(thing[0] == t.EXT and ctx.project.is_suspension(thing[1]) for thing in things)


def _bound(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> str:
    name = handler.name.name if handler.name is not None else None
    return name.value if isinstance(name, cst.Name) else ""


def _raises_again(block: cst.BaseSuite, name: str, profiles: tuple[Profile, ...]) -> bool:
    """Whether every way through a clause ends in raising what was caught; checks for a suspension first count too."""
    for statement in block.body:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                if isinstance(small, cst.Raise):
                    return small.exc is None or (isinstance(small.exc, cst.Name) and small.exc.value == name != "")
                if isinstance(small, cst.Return | cst.Break | cst.Continue):
                    return False
        elif isinstance(small_if := statement, cst.If):
            if _asks_for_suspension(small_if.test, profiles) and _raises_again(small_if.body, name, profiles):
                return True
            if _both_raise(small_if, name, profiles):
                return True
            if _can_leave(small_if, name, profiles):
                return False
        elif isinstance(statement, cst.Try) and statement.finalbody is not None:
            if _raises_again(statement.body, name, profiles):
                return True
        elif isinstance(statement, cst.With) and _raises_again(statement.body, name, profiles):
            return True
    return False


def _asks_for_suspension(test: cst.BaseExpression, profiles: tuple[Profile, ...]) -> bool:
    """``isinstance(error, SuspendExecution)``."""
    if not isinstance(test, cst.Call) or not isinstance(test.func, cst.Name) or test.func.value != "isinstance":
        return False
    names = {name for profile in profiles for name in profile.suspension_exceptions}
    nodes = [test.args[-1].value]
    nodes += [e.value for n in nodes if isinstance(n, cst.Tuple) for e in n.elements]
    last = [
        n.value if isinstance(n, cst.Name) else n.attr.value for n in nodes if isinstance(n, cst.Name | cst.Attribute)
    ]
    return any(name in names for name in last)


def _both_raise(node: cst.If, name: str, profiles: tuple[Profile, ...]) -> bool:
    orelse = node.orelse
    if orelse is None or not _raises_again(node.body, name, profiles):
        return False
    if isinstance(orelse, cst.If):
        return _both_raise(orelse, name, profiles)
    return _raises_again(orelse.body, name, profiles)


def _can_leave(node: cst.If, name: str, profiles: tuple[Profile, ...]) -> bool:
    """Whether an ``if`` holds a way out of the clause other than raising again."""
    arms = [node.body]
    orelse = node.orelse
    while isinstance(orelse, cst.If):
        arms.append(orelse.body)
        orelse = orelse.orelse
    if orelse is not None:
        arms.append(orelse.body)
    return any(_leaves(arm) and not _raises_again(arm, name, profiles) for arm in arms)


def _leaves(block: cst.BaseSuite) -> bool:
    for statement in block.body:
        small = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
        if any(isinstance(one, cst.Return | cst.Raise | cst.Break | cst.Continue) for one in small):
            return True
    return False


def _leaving(region: Region, block: cst.BaseSuite, in_loop: bool = False) -> Iterator[int]:
    """The numbers of the statements by which a block is left: return, and break or continue of an outer loop."""
    for statement in block.body:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                if isinstance(small, cst.Return) or (isinstance(small, cst.Break | cst.Continue) and not in_loop):
                    yield region.number_of(small)
        elif isinstance(statement, cst.For | cst.While):
            yield from _leaving(region, statement.body, True)
        elif not isinstance(statement, cst.FunctionDef | cst.ClassDef):
            for child in _blocks(statement):
                yield from _leaving(region, child, in_loop)


def _blocks(node: cst.CSTNode) -> Iterator[cst.BaseSuite]:
    for child in node.children:
        if isinstance(child, cst.BaseSuite):
            yield child
        elif isinstance(
            child, cst.If | cst.Else | cst.ExceptHandler | cst.ExceptStarHandler | cst.Finally | cst.MatchCase
        ):
            yield from _blocks(child)


def _suppressed(ctx: Check, region: Region) -> Iterator[Finding]:
    ev = ctx.project.ev
    function = ev.function(region.fid)
    for use in sorted(region.withs.values(), key=lambda use: use.number):
        if not use.issues or not isinstance(use.node, cst.Call):
            continue
        callee = region.fact_of(use.node.func)
        if (t.EXT, "contextlib.suppress") not in ev.expr(callee, region.fid):
            continue
        if any(_is_suspension(ctx, region, arg.value) for arg in use.node.args):
            place = next(read for read in function.withs if read.number == use.number)
            yield Finding(RULE, place.start, place.end, _SUPPRESS)
