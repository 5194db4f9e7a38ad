"""DUR313: a handler or a body that is a coroutine function or a generator."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index.things import FunctionId

RULE = Rule("DUR313", "async-durable-function", ERROR, "a handler or a body that is async or a generator")


def check(ctx: Check) -> Iterator[Finding]:
    """Functions that an SDK calls as a handler or a body, and whose call only makes a coroutine or a generator."""
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        if not (function.is_async or function.is_generator) or function.kind not in ("def", "lambda"):
            continue
        role = _role(ctx, fid)
        if role:
            kind = "async" if function.is_async else "a generator"
            made = "coroutine" if function.is_async and not function.is_generator else "generator"
            name = function.name if function.kind == "def" else "the lambda"
            message = f"{name} is {kind} and {role}: the SDK gets a {made}, and the body never runs"
            bracket = ctx.source.text.find("(", function.start, function.end)
            end = bracket if function.kind == "def" and bracket > 0 else function.end
            yield Finding(RULE, function.start, end, message)


def _role(ctx: Check, fid: FunctionId) -> str:
    """As what an SDK that can't await calls a function; empty when none does, or something else stands between."""
    project = ctx.project
    for profile_id, name in sorted(project.ev.solver.get(("decorated", fid))):
        decorator = project.ev.profiles[profile_id].decorators[name]
        if not decorator.is_async and project.handing.bodies.is_plain(fid, decorator):
            return "a handler" if decorator.form == "handler" else f"the function of {name}"
    for profile_id, name, _, _ in sorted(project.ev.solver.get(("site", fid)), key=repr):
        operation = project.ev.profiles[profile_id].operation(name)
        body = operation.body if operation is not None else None
        if body is not None and not body.is_async and project.handing.bodies.is_plain(fid):
            return f"the body of {name}"
    return ""
