"""DUR605: a key that is made inside the step that sends it, so that each retry sends another."""

from collections.abc import Iterator

from durable_lint.checks.base import WARNING, Check, Finding, Rule

RULE = Rule("DUR605", "unstable-idempotency-key", WARNING, "a key that is made inside the step that sends it")


def check(ctx: Check) -> Iterator[Finding]:
    """Keys that a step body, a submitter or a function with a step's context makes and sends, itself or by helpers."""
    keys = ctx.project.request_keys
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        for one in keys.made(fid) if keys.is_step_function(fid) else ():
            _, start, end, _ = one.hops[0]
            api = ctx.written(start, end, one.api if len(one.hops) < 2 else "")
            through = f" leads to {one.api}()" if len(one.hops) > 1 else ""
            text = (
                f"{api}{through} makes {one.name} inside the step that sends it: each retry sends another, and the "
                "receiver takes it for a new request"
            )
            yield Finding(RULE, start, end, text, one.hops)
