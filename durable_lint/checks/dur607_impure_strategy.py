"""DUR607: what the SDK calls back while it replays: strategies, namers, serializers."""

from collections.abc import Iterator

from durable_lint.checks.base import ERROR, WARNING, Check, Finding, Rule
from durable_lint.index import callbacks
from durable_lint.index import facts as f
from durable_lint.index.effects import IMPORT_TIME, MEMOISED, Entry, best
from durable_lint.index.facts import Function
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.callbacks import Callback
from durable_lint.visit.values import VALUE_KINDS

RULE = Rule(
    "DUR607", "impure-strategy", ERROR, "a strategy, a namer or a serializer that differs when it is called again"
)
_MILD = frozenset({"output", "logging"})


def check(ctx: Check) -> Iterator[Finding]:
    """Impure calls and reads in what the SDK calls back, and strategies that return a bool instead of a decision."""
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        found = callbacks.of(ctx.project.ev, fid)
        pure = next((one for one in found if not one.recorded), None)
        if pure is not None:
            yield from _effects(ctx, fid, function, pure)
        deciding = next((one for one in found if one.decision), None)
        if deciding is not None:
            yield from _decisions(ctx, fid, function, deciding)


# Effects


def _effects(ctx: Check, fid: FunctionId, function: Function, callback: Callback) -> Iterator[Finding]:
    for start, end, entries in _places(ctx, fid, function):
        kinds = [entry for entry in best(entries).values() if isinstance(entry[0], str)]
        for kind, _, hops, api in sorted(kinds, key=lambda entry: str(entry[0])):
            if kind in callback.allows:
                continue
            written = ctx.written(start, end, api if len(hops) < 2 else "")
            through = f" leads to {api}" if len(hops) > 1 else ""
            differs = kind in VALUE_KINDS or kind in (IMPORT_TIME, MEMOISED)
            what = "gets another answer" if differs else "does it again"
            text = f"{written}{through} in the {callback.title} {_name(function)}: a replay calls it again and {what}"
            yield Finding(RULE, start, end, text, hops, WARNING if kind in _MILD else ERROR)
            break


def _name(function: Function) -> str:
    return "lambda" if function.kind == "lambda" else f"{function.name}()"


def _places(ctx: Check, fid: FunctionId, function: Function) -> Iterator[tuple[int, int, list[Entry]]]:
    """The calls, reads and context managers of a function, each with its effects."""
    project = ctx.project
    for index, call in enumerate(function.calls):
        yield call.start, call.end, project.effects_at(fid, index)
    for read in function.reads:
        place = (fid[0], read.start, read.end)
        used = read.number not in function.aliased
        yield read.start, read.end, project.effects.of_read(fid, read.expr, place, used)
    for name, loads in function.loads.items():
        for number, start, end in loads:
            place, used = (fid[0], start, end), number not in function.aliased
            yield start, end, project.effects.of_read(fid, (f.NAME, name), place, used)
    for managed in function.withs:
        place = (fid[0], managed.start, managed.end)
        yield managed.start, managed.end, project.effects.of_with(fid, managed.expr, place)


# Decisions


def _decisions(ctx: Check, fid: FunctionId, function: Function, callback: Callback) -> Iterator[Finding]:
    """The places where a bool is returned: a ``return``, or the whole lambda."""
    from durable_lint.visit.bools import Bools  # it loads libcst, which most files don't need

    who = f"the {callback.title} {_name(function)}"
    text = f"{who} returns a bool where {callback.decision} is asked for: the operation fails"
    tree = ctx.tree(function.top)
    bools = Bools(ctx.project.ev, fid, tree.numbered)
    if function.kind == "lambda":
        if bools.is_body():
            yield Finding(RULE, function.start, function.end, text)
        return
    for leaving in bools.returns():
        span = tree.span(leaving)
        yield Finding(RULE, span.start, span.end, text)
