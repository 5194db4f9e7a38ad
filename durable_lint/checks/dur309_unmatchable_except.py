"""DUR309: a clause for an error that the operations in its block never raise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from durable_lint.checks.base import ERROR, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Clause, Expr, Try
from durable_lint.index.issuing import Site
from durable_lint.index.project import CHILD, WORKFLOW
from durable_lint.index.things import FunctionId, Thing
from durable_lint.model import Fix

if TYPE_CHECKING:
    from durable_lint.knowledge.profiles import Profile

RULE = Rule("DUR309", "unmatchable-except", ERROR, "a clause for an error that operations never raise", "unsafe")
_DEPTH = 3
_PASSING = frozenset(
    {"BaseException", "Exception", "BaseExceptionGroup", "ExceptionGroup", "KeyboardInterrupt", "SystemExit",
     "GeneratorExit", "MemoryError", "RecursionError", "NameError", "UnboundLocalError"}
)  # fmt: skip
"""Builtin classes that a block may raise whatever is in it, or that say nothing of operations."""


def check(ctx: Check) -> Iterator[Finding]:
    """Clauses of blocks in workflow code that hold operations and nothing else that could raise what they catch."""
    if not any(function.tries for function in ctx.module.functions):
        return
    sites = {(site.fid, site.index): site for site in ctx.sites()}
    for function in ctx.module.functions:
        fid = (ctx.module.path, function.index)
        if not function.tries or not {WORKFLOW, CHILD} & set(ctx.project.kinds(fid)):
            continue
        for attempt in function.tries:
            inside = _inside(ctx, fid, attempt.body, sites, _DEPTH)
            if inside and all(map(_is_known, inside)) and len({site.issued.profile.id for site in inside}) == 1:
                yield from _clauses(ctx, fid, attempt, inside)


def _inside(
    ctx: Check, fid: FunctionId, span: tuple[int, int], sites: Mapping[tuple[FunctionId, int], Site], depth: int
) -> list[Site]:
    """The operations of a part of a function and of the functions of the module that it calls."""
    found = []
    for index, call in enumerate(ctx.project.ev.function(fid).calls):
        if not span[0] <= call.start < span[1]:
            continue
        if (fid, index) in sites:
            found.append(sites[fid, index])
        elif depth and ctx.project.issuing.at(fid, index):
            for thing in sorted(ctx.project.ev.concrete(ctx.project.ev.expr(call.callee, fid)), key=repr):
                if thing[0] in (t.FN, t.METHOD) and thing[1][0] == fid[0]:
                    function = ctx.project.ev.function(thing[1])
                    found += _inside(ctx, thing[1], (function.start, function.end), sites, depth - 1)
    return found


def _is_known(site: Site) -> bool:
    """Whether the profile says what an operation raises; a wrapper that is taught as one may raise anything."""
    profile, operation = site.issued.profile, site.issued.operation
    results = {name for method in profile.methods.values() for name in method.result_operations}
    own = profile.methods.get(operation.name) is operation or operation.name in results
    return own and operation.name in profile.failures.raised_by


def _clauses(ctx: Check, fid: FunctionId, attempt: Try, inside: Sequence[Site]) -> Iterator[Finding]:
    known = [_Caught(ctx, fid, clause, inside) for clause in attempt.clauses]
    doubtful = [caught for caught in known if caught.is_foreign()]
    if not doubtful:
        return
    from durable_lint.checks.raising import Raising

    tree = ctx.tree(ctx.top(fid))
    body = getattr(tree.parent(tree.node(doubtful[0].clause.number)), "body", None)
    operations = {(site.fid, site.call.number) for site in inside}
    raising = Raising(ctx, fid, operations, _DEPTH).of(body)
    for caught in doubtful:
        if raising is not None and not caught.is_raised(raising):
            yield _finding(ctx, fid, caught, caught is doubtful[0])


class _Caught:
    """What a clause catches: its classes as things, one for each expression; None where they are not understood."""

    def __init__(self, ctx: Check, fid: FunctionId, clause: Clause, inside: Sequence[Site]) -> None:
        self.clause = clause
        self.profile: Profile = inside[0].issued.profile
        self.operations = sorted({site.issued.operation.name for site in inside})
        self.typed = ctx.sdk_version >= self.profile.failures.typed_since
        parts: Sequence[Expr] = (clause.caught,)
        if clause.caught is not None and clause.caught[0] == f.SEQ:
            parts = clause.caught[2]
        self.ctx = ctx
        self.classes = [self._class(ctx.project.ev.expr(part, fid)) for part in parts]

    @staticmethod
    def _class(things: t.Things) -> Thing | None:
        found = sorted(things, key=repr)
        return found[0] if len(found) == 1 and found[0][0] in (t.EXT, t.CLASS) else None

    def is_foreign(self) -> bool:
        """Whether no operation of the block can raise what the clause catches."""
        return bool(self.classes) and all(one is not None and self._never(one) for one in self.classes)

    def _never(self, thing: Thing) -> bool:
        if thing[0] == t.CLASS:
            return not any(self._is_own(base) for base in self.ctx.project.ev.classes.lineage(thing[1]))
        name = self.profile.symbol(thing[1])
        if name:
            known = self.typed and name in self.profile.failures.bases
            return known and not any(self.profile.failures.can_catch(name, one) for one in self.operations)
        module, _, builtin = thing[1].rpartition(".")
        return not (module == "builtins" and builtin in _PASSING) and "()" not in thing[1]

    def _is_own(self, base: Thing) -> bool:
        """Whether a class of a lineage is one of the SDK's, or not known."""
        return base[0] not in (t.CLASS, t.EXT) or (base[0] == t.EXT and bool(self.profile.symbol(base[1])))

    def is_raised(self, raising: frozenset[str]) -> bool:
        """Whether plain code raises something that the clause catches, by the names of builtin classes."""
        import builtins

        for thing in self.classes:
            module, _, name = thing[1].rpartition(".") if thing is not None and thing[0] == t.EXT else ("", "", "")
            caught = getattr(builtins, name, None) if module == "builtins" else None
            for raised in (getattr(builtins, one) for one in sorted(raising)):
                if isinstance(caught, type) and (issubclass(raised, caught) or issubclass(caught, raised)):
                    return True
        return False


def _finding(ctx: Check, fid: FunctionId, caught: _Caught, first: bool) -> Finding:
    """The finding of a clause; only the ``first`` of a block can become the one for the SDK's class."""
    clause = caught.clause
    written = " ".join(ctx.source.text[clause.start : clause.end].split())
    failures = caught.profile.failures
    raised = {name for one in caught.operations for name in failures.raised_by[one]}
    names = sorted(raised) if len(raised) == 1 else [failures.base]
    if len(caught.operations) == 1 and caught.typed:
        names = list(failures.raised_by[caught.operations[0]])
    instead = f", a failure arrives as {' or '.join(names)}" if caught.typed and names else ""
    what = ", ".join(f"{name}()" for name in caught.operations)
    message = f"{written} never matches: {what} can't raise it{instead}"
    fix = (lambda: _fix(ctx, fid, caught, names)) if first else None
    return Finding(RULE, clause.start, clause.end, message, fix=fix)


def _fix(ctx: Check, fid: FunctionId, caught: _Caught, names: list[str]) -> Fix | None:
    """Catch the SDK's class instead, unless another clause of the block does."""
    from durable_lint.fixes.clauses import catch_instead

    name = names[0] if len(names) == 1 else caught.profile.failures.base
    if not caught.typed or not names or not name:
        return None

    def is_wide(expr: Expr) -> bool:
        parts = expr[2] if expr is not None and expr[0] == f.SEQ else (expr,)
        found = [thing for part in parts for thing in ctx.project.ev.expr(part, fid)]
        lineage = {*caught.profile.failures.lineage(name), *caught.profile.failures.bases}
        return any(thing[0] == t.EXT and thing[1].rpartition(".")[2] in {"Exception", *lineage} for thing in found)

    attempt = next(one for one in ctx.project.ev.function(fid).tries if caught.clause in one.clauses)
    if any(is_wide(other.caught) for other in attempt.clauses if other is not caught.clause):
        return None
    brought = ctx.imports.bring(caught.profile.failures.module, name)
    return catch_instead(ctx.tree(ctx.top(fid)), caught.clause.number, brought) if brought is not None else None
