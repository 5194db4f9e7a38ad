"""DUR609: a loop around operations that nothing ends."""

from collections.abc import Iterator

from durable_lint.checks.base import Check, Finding, Rule
from durable_lint.checks.loops import Issuer, called, issuers
from durable_lint.index import facts as f
from durable_lint.index.forms import Frame

RULE = Rule("DUR609", "unbounded-loop", None, "a loop around operations that nothing ends")
_ENDLESS = frozenset({"itertools.count", "itertools.cycle"})


def check(ctx: Check) -> Iterator[Finding]:
    """Loops with operations whose test is always true and whose body doesn't leave them."""
    for issuer in issuers(ctx):
        from durable_lint.visit.loops import is_left

        if not is_left(issuer.loop) and _is_endless(ctx, issuer):
            message = "this loop issues operations and never ends: the history grows until the execution fails"
            yield Finding(RULE, *issuer.span, message)


def _is_endless(ctx: Check, issuer: Issuer) -> bool:
    """Whether a loop's head lets it run for ever."""
    from durable_lint.loading import cst

    loop = issuer.loop
    if isinstance(loop, cst.For):
        return bool(called(ctx, issuer.fid, issuer.tree, loop.iter) & _ENDLESS)
    test: cst.BaseExpression = loop.test
    if isinstance(test, cst.Integer):
        return test.evaluated_value != 0
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        inner = test.expression
        return isinstance(inner, cst.Name) and inner.value in ("False", "None")
    if not isinstance(test, cst.Name):
        return False
    if test.value == "True":
        return True
    forms = ctx.project.values.forms.of((f.NAME, test.value), Frame(issuer.fid))
    return bool(forms) and all(form.kind == f.CONST and bool(form.expr[1]) for form in forms or ())
