"""DUR610: a loop of a step and a wait that polls by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from durable_lint.checks.base import Check, Finding, Rule
from durable_lint.checks.loops import Issue, Issuer, called, issuers
from durable_lint.knowledge.profiles import Operation

RULE = Rule("DUR610", "hand-made-polling", None, "a loop of a step and a wait that asks until something is done")
_COUNTING = frozenset({"builtins.range", "itertools.count"})


def check(ctx: Check) -> Iterator[Finding]:
    """Loops that hold one step and a wait, and that go on until the step's result says otherwise."""
    better = [o.name for p in ctx.project.profiles for o in p.methods.values() if o.body and o.body.state is not None]
    for issuer in issuers(ctx) if better else ():
        steps = [issue for issue in issuer.issues if _all(issue, _is_step)]
        waits = [issue for issue in issuer.issues if _all(issue, _is_wait)]
        others = len(steps) + len(waits) < len(issuer.issues)
        if len(steps) != 1 or not waits or others or not _is_polling(ctx, issuer, steps[0], waits):
            continue
        message = f"this loop polls by hand: {better[0]} does it in one operation, whose history does not grow"
        yield Finding(RULE, *issuer.span, message)


def _all(issue: Issue, is_one: Callable[[Operation], bool]) -> bool:
    return bool(issue.operations) and all(is_one(operation) for operation in issue.operations)


def _is_step(operation: Operation) -> bool:
    body = operation.body
    return body is not None and body.region == "step" and body.state is None and not operation.deadline


def _is_wait(operation: Operation) -> bool:
    return any(taken.takes == "duration" for taken in operation.parameters)


def _is_polling(ctx: Check, issuer: Issuer, step: Issue, waits: list[Issue]) -> bool:
    """Whether the loop goes on until the step's result says otherwise, and each round asks the same again."""
    from durable_lint.loading import cst
    from durable_lint.visit import loops

    loop, tree = issuer.loop, issuer.tree
    if isinstance(loop, cst.For) and not called(ctx, issuer.fid, tree, loop.iter) & _COUNTING:
        return False
    for wait in waits:
        around = [node for node in tree.ancestors(wait.node) if loops.holds(loop, node)]
        if any(isinstance(node, cst.ExceptHandler | cst.For | cst.While) for node in around if node is not loop):
            return False  # a pause before another try, or another loop's
    results = loops.depends(loop, step.node)
    tests = loops.exit_tests(loop)
    if not any(loops.holds(test, step.node) or loops.names(test) & results for test in tests):
        return False
    # A step that goes on from the last one's result fetches page by page; one whose results are kept does work.
    asked = set[str]().union(*(loops.names(arg.value) for arg in step.node.args if not _is_label(arg)))
    return not asked & results and not _keeps(loop, results, step.node)


def _is_label(arg: object) -> bool:
    keyword = getattr(arg, "keyword", None)
    return keyword is not None and keyword.value == "name"


def _keeps(loop: object, results: set[str], step: object) -> bool:
    """Whether the results of all rounds are collected."""
    from durable_lint.loading import cst
    from durable_lint.visit import loops

    for node in loops.inside(loop):  # type: ignore[arg-type]
        if isinstance(node, cst.AugAssign) and loops.names(node.value) & results:
            return True
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            collected = node.func.attr.value in ("append", "extend", "add", "update", "insert")
            if collected and any(
                loops.names(arg.value) & results or loops.holds(arg.value, step)  # type: ignore[arg-type]
                for arg in node.args
            ):
                return True
    return False
