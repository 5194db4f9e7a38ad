"""DUR306: a body that can't be called as its operation calls it."""

from collections.abc import Iterator
from functools import partial

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index.bodies import Handed
from durable_lint.index.facts import Function
from durable_lint.index.signatures import Mismatch, is_context_name
from durable_lint.index.things import FunctionId
from durable_lint.model import Edit, Fix, Level, Span

RULE = Rule(
    "DUR306",
    "wrong-body-signature",
    ERROR,
    "a body whose parameters can't take what the operation passes",
    fix="unsafe",
)


def check(ctx: Check) -> Iterator[Finding]:
    """Handlers and decorated functions without their parameters, and bodies that don't fit their operation."""
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        wrong = ctx.project.handing.signatures.lacks_context(fid) if function.kind == "def" else None
        if wrong is not None:
            message = f"{function.name} {wrong.why}: the SDK passes {_passed(ctx, fid)}, and the call fails"
            start = function.start
            opening = ctx.source.text.index("(", start)
            yield Finding(RULE, start, opening, message, fix=partial(_with_context, ctx, fid, opening + 1))
    for handed in ctx.project.handing.handed(ctx.module.path):
        misfit = ctx.project.handing.signatures.misfit(handed)
        if misfit is None:
            continue
        operation, passes = handed.site.issued.operation, handed.body.passes or ()
        place = "every item fails, and the operation succeeds" if _hides(handed) else "the body fails every time"
        message = f"{_name(ctx, handed, misfit)} {misfit.why}, and {operation.name} passes {_listed(passes)}: {place}"
        yield Finding(RULE, handed.start, handed.end, message, handed.hops, fix=partial(_fix, ctx, handed, misfit))


def _passed(ctx: Check, fid: FunctionId) -> str:
    """What a decorated function is called with, in words."""
    decorated = sorted(ctx.project.ev.solver.get(("decorated", fid)))
    decorators = [ctx.project.ev.profiles[profile].decorators[name] for profile, name in decorated]
    handed = next((one.passes for one in decorators if one.form == "handler" and one.passes), None)
    return _listed(handed) if handed is not None else "the context first"


def _with_context(ctx: Check, fid: FunctionId, at: int) -> Fix | None:
    """Add the context that a decorated function is passed, where none of its parameters is one; ``at`` is the place of
    the first."""
    function = ctx.project.ev.function(fid)
    decorated = sorted(ctx.project.ev.solver.get(("decorated", fid)))
    makers = [ctx.project.ev.profiles[profile].decorators[name] for profile, name in decorated]
    own = [one.name for one in function.parameters]
    if len(makers) != 1 or makers[0].form not in ("thunk", "handler") or makers[0].context > min(len(own), 1):
        return None
    name = f"{makers[0].region}_context" if makers[0].form == "thunk" else "context"
    plain = all(one.kind == "pos" and one.default is None for one in function.parameters)
    text = ctx.source.text
    if not plain or any(map(is_context_name, own)) or name in {*own, *function.loads, *function.bindings}:
        return None
    if makers[0].context == 0:
        added = Edit(Span(at, at), f"{name}, " if own else name)
    else:
        close = text.find(")", at)
        if len(own) != 1 or "(" in text[at:close] or text[at:close].rstrip().endswith(","):
            return None
        added = Edit(Span(close, close), f", {name}")
    return Fix(f"add the parameter {name}", Level.UNSAFE, (added,))


def _hides(handed: Handed) -> bool:
    """Whether the operation runs several bodies, and succeeds when they fail."""
    return handed.body.many or handed.body.items is not None


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0] if names else "nothing"


def _name(ctx: Check, handed: Handed, misfit: Mismatch) -> str:
    function = ctx.project.ev.function(misfit.fid) if misfit.fid is not None else None
    if function is not None and function.kind == "lambda":
        return "the lambda"
    return function.name if function is not None else "what was made by the call"


def _fix(ctx: Check, handed: Handed, misfit: Mismatch) -> Fix | None:
    """Add the parameters that a lambda lacks; those that it has keep their order."""
    if not misfit.missing or misfit.fid is None:
        return None
    function = ctx.project.ev.function(misfit.fid)
    if handed.expr != (f.FUNC, misfit.fid[1]):
        return _called(ctx, handed, function) if handed.expr[0] == f.NAME else None
    if misfit.fid[0] != ctx.module.path or any(p.kind != "pos" or p.default for p in function.parameters):
        return None
    names = _places([parameter.name for parameter in function.parameters], handed, set(function.loads))
    colon = ctx.source.text.find(":", function.start, function.end)
    head = ctx.source.text[function.start : colon]
    plain = head.replace("lambda", "", 1).replace(",", " ").split() == [p.name for p in function.parameters]
    if names is None or not head.startswith("lambda") or not plain:
        return None
    edit = Edit(Span(function.start, colon), f"lambda {', '.join(names)}")
    return Fix("add the missing parameters" if len(names) > 1 else "add the missing parameter", Level.UNSAFE, (edit,))


def _called(ctx: Check, handed: Handed, function: Function) -> Fix | None:
    """Put a lambda around a function that has no place for some of what is passed: it gets what it has a place for.

    Only for one without parameters, and for one that takes the very thing that the operation is about.
    """
    name = ctx.source.text[handed.start : handed.end]
    plain = all(one.kind == "pos" and one.default is None for one in function.parameters)
    if function.kind != "def" or not plain or not name.isidentifier() or not handed.whole or handed.hops:
        return None
    own = [one.name for one in function.parameters]
    passes = handed.body.passes or ()
    if len(own) > 1 or (own and is_context_name(own[0])):
        return None
    names = _places(list(own), handed, {name, *function.loads})
    if names is None or name in names or len(names) != len(passes):
        return None
    text = f"lambda {', '.join(names)}: {name}({', '.join(own)})"
    return Fix("call it in a lambda", Level.UNSAFE, (Edit(Span(handed.start, handed.end), text),))


def _places(own: list[str], handed: Handed, used: set[str]) -> list[str] | None:
    """The parameters in the order of what is passed: the context by its name, the others in their order; None when they
    don't fit in it."""
    passes, context = handed.body.passes or (), handed.body.context
    if len(passes) == 1 and not own:
        return ["_"] if "_" not in used else ["_context"]
    found: list[str] = []
    for place, name in enumerate(passes):
        takes = bool(own) and (is_context_name(own[0]) == (place == context))
        found.append(own.pop(0) if takes else f"_{name}")
    return found if not own and len(set(found)) == len(found) and not used & {n for n in found if n[0] == "_"} else None
