"""DUR603: a duration that is negative or shorter than a second."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index.deadlines import Deadlines
from durable_lint.index.forms import Form, Frame

RULE = Rule("DUR603", "invalid-duration", ERROR, "a wait or a timeout below one second, or a negative duration")


def check(ctx: Check) -> Iterator[Finding]:
    """Durations that can't be built, waits that are too short, and timeouts so short that they are none."""
    deadlines = Deadlines(ctx.project.values, ctx.module.path)
    for site in ctx.sites():
        for start, end, hops in deadlines.waits(site):
            message = f"{ctx.written(start, end, '')} is less than a second: the wait fails with ValidationError"
            yield Finding(RULE, start, end, message, hops)
    for made in ctx.project.values.made(ctx.module.path):
        call, config, frame = made.call, made.config, Frame(made.fid)
        for name in config.durations if config is not None else ():
            given = ctx.project.values.setting(call, frame, name)
            if isinstance(given, bool):
                continue
            # None at all is what leaving it out means; as the first limit it says that there is one.
            zero = config is not None and name == config.durations[0]
            for start, end, hops in deadlines.short(given, made.fid, call, 1, zero):
                text = f"{ctx.written(start, end, '')} is less than a second: as {name} it means none"
                yield Finding(RULE, start, end, text, hops)
        if ctx.project.regions.modes(made.fid) and _is_negative(ctx, Form((f.CALL, made.index), frame)):
            called = ctx.written(call.start, call.end, "")
            yield Finding(RULE, call.start, call.end, f"{called} of a negative number fails with ValidationError")


def _is_negative(ctx: Check, form: Form) -> bool:
    seconds = ctx.project.values.seconds(form)
    return seconds is not None and all(int(one) < 0 for one in seconds)
