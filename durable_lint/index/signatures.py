"""Whether a callable can take what it is called with."""

from __future__ import annotations

from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.annotations import annotated
from durable_lint.index.bodies import Bodies, Handed, Leaf
from durable_lint.index.facts import Call, Function, Parameter
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.profiles import Decorator
from durable_lint.records import dataclass

_PLAIN = frozenset({"str", "int", "float", "bool", "dict", "list", "tuple", "set", "bytes", "Dict", "List", "Mapping",
                    "Sequence", "Decimal", "datetime", "date"})  # fmt: skip
"""Annotations of data, which no context is."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a call must fail: a phrase for a message; ``function`` is the lambda or def, None for a thunk."""

    why: str
    fid: FunctionId | None = None
    missing: bool = False
    """Whether there are too few parameters for what is passed by position."""


class Signatures:
    """Compares parameters and arguments; silent wherever one of them isn't known."""

    def __init__(self, bodies: Bodies) -> None:
        self.bodies = bodies
        self.ev = bodies.ev

    def misfit(self, handed: Handed) -> Mismatch | None:
        """Why a body can't be called as its operation calls it; None when it can, or when that isn't known."""
        passes = handed.body.passes
        leaves = self.bodies.leaves(handed.expr, handed.fid) if passes is not None else None
        if passes is None or not leaves:
            return None
        found = [self._of_leaf(leaf, passes, handed.body.context) for leaf in leaves]
        return found[0] if all(found) else None

    def _of_leaf(self, leaf: Leaf, passes: tuple[str, ...], context: int) -> Mismatch | None:
        expr, fid = leaf
        things = sorted(self.bodies.things(leaf), key=repr)
        if expr[0] == f.CALL:
            call = self.ev.function(fid).calls[expr[1]]
            if self.ev.expr(call.callee, fid) == {(t.EXT, "functools.partial")}:
                return self._of_partial(call, fid, passes, context)
            if len(things) == 1 and things[0][0] == t.THUNK:
                return self._of_thunk(things[0], call, passes) or self._of_call(things[0], call, fid)
        found = [self._of_thing(thing, passes, context) for thing in things]
        return found[0] if found and all(found) else None

    def _of_thing(self, thing: Thing, passes: tuple[str, ...], context: int) -> Mismatch | None:
        if thing[0] in (t.FN, t.METHOD):
            fid = thing[1]
            if not self.bodies.is_plain(fid):
                return None
            return self.fits(fid, int(thing[0] == t.METHOD), passes, context)
        if thing[0] == t.INST:
            methods = sorted(self.ev.attribute(thing, "__call__"), key=repr)
            found = [self._of_thing(method, passes, context) for method in methods]
            return found[0] if found and all(found) else None
        return self._of_thunk(thing, None, passes) if thing[0] == t.THUNK else None

    def fits(
        self,
        fid: FunctionId,
        skip: int,
        passes: tuple[str, ...],
        context: int,
        keywords: frozenset[str] = frozenset(),
        bound: int = 0,
    ) -> Mismatch | None:
        """Why a function can't be called with ``passes`` by position behind ``skip`` receivers and ``bound`` others."""
        positional = [p for p in self.ev.function(fid).parameters if p.kind == "pos"][skip + bound :]
        count = self._count(fid, positional, len(passes), keywords)
        return count or self._of_places(fid, positional[: len(passes)], passes, context)

    def _count(
        self, fid: FunctionId, positional: list[Parameter], count: int, keywords: frozenset[str]
    ) -> Mismatch | None:
        """Why ``count`` arguments are too many or too few for these parameters and those that only take keywords."""
        function = self.ev.function(fid)
        star = any(p.kind == "*" for p in function.parameters)
        takes = f"takes {_counted(len(positional), 'argument')}" if positional else "takes no argument"
        if count > len(positional) and not star:
            return Mismatch(takes, fid, True)
        twice = next((p.name for p in positional[:count] if p.name in keywords), "")
        if twice:
            return Mismatch(f"gets {twice} twice", fid)
        wanted = [*positional[count:], *(p for p in function.parameters if p.kind == "key")]
        lacking = next((p.name for p in wanted if p.default is None and p.name not in keywords), "")
        return Mismatch(f"needs {lacking} too", fid) if lacking else None

    def _of_places(
        self, fid: FunctionId, taking: list[Parameter], passes: tuple[str, ...], context: int
    ) -> Mismatch | None:
        """Why parameters stand in the wrong places: by their annotations, or by defaults that bind a variable."""
        for place, parameter in enumerate(taking):
            is_context = self._is_context(parameter, fid)
            if is_context and place != context and context >= 0:
                return Mismatch(f"takes the context as {parameter.name}, where {passes[place]} is passed", fid)
            if place == context and self.is_data(parameter):
                return Mismatch(f"gets the context as {parameter.name}", fid)
            if not is_context and self._captures(parameter, fid):
                return Mismatch(f"gets {passes[place]} as {parameter.name}, instead of its default", fid)
        return None

    def _is_context(self, parameter: Parameter, fid: FunctionId) -> bool:
        found = annotated(self.ev, parameter.annotation, self.ev.parent(fid)) if parameter.annotation else ()
        return any(thing[0] == t.CONTEXT for thing in found)

    @staticmethod
    def is_data(parameter: Parameter) -> bool:
        """Whether a parameter is annotated as data, which a context is not."""
        annotation = parameter.annotation
        if annotation is not None and annotation[0] == f.ITEM:
            annotation = annotation[1]
        return annotation is not None and annotation[0] == f.NAME and str(annotation[1]) in _PLAIN

    def _captures(self, parameter: Parameter, fid: FunctionId) -> bool:
        """Whether a default is there to bind a variable early (``x=x``), not to be used when nothing is passed."""
        default = parameter.default
        if default is None or default[0] not in (f.NAME, f.ATTR, f.ITEM) or is_context_name(parameter.name):
            return False
        found = self.ev.concrete(self.ev.expr(default, self.ev.parent(fid)))
        if any(self.ev.context(thing) is not None for thing in found if thing[0] in (t.SYMBOL, t.CONTEXT)):
            return False
        return default[0] != f.NAME or str(default[1]).partition("@")[0] == parameter.name

    def _of_partial(self, call: Call, fid: FunctionId, passes: tuple[str, ...], context: int) -> Mismatch | None:
        """Why a partial can't be called; only what is given to it directly counts."""
        if not call.args or _hides(call):
            return None
        leaves = self.bodies.leaves(call.args[0], fid)
        things = {thing for leaf in leaves or () for thing in self.bodies.things(leaf)}
        if len(things) != 1:
            return None
        thing = things.pop()
        if thing[0] not in (t.FN, t.METHOD) or not self.bodies.is_plain(thing[1]):
            return None
        keywords = frozenset(name for name, _ in call.keywords)
        return self.fits(thing[1], int(thing[0] == t.METHOD), passes, context, keywords, len(call.args) - 1)

    # Thunks

    def _of_thunk(self, thing: Thing, call: Call | None, passes: tuple[str, ...]) -> Mismatch | None:
        """Why a called decorated function doesn't suit an operation that passes something else."""
        own = self.bodies.decorator(thing).passes
        if own is None or len(own) == len(passes):
            return None
        return Mismatch(f"takes {_counted(len(own), 'argument')}")

    def _of_call(self, thing: Thing, call: Call, fid: FunctionId) -> Mismatch | None:
        """Why the arguments that a decorated function was called with can't be right."""
        decorator, inner = self.bodies.decorator(thing), thing[3]
        if any(one[0] != t.DECORATED for one in self.ev.expr(call.callee, fid)):
            return None  # such as a list's pop(): what it gives was called elsewhere
        if inner[0] != t.FN or decorator.passes is None or not self._is_simple(inner[1], decorator):
            return None
        return None if self.lacks_context(inner[1]) else self.arguments(inner[1], len(decorator.passes), call)

    def _is_simple(self, fid: FunctionId, decorator: Decorator) -> bool:
        """Whether a decorated function is no method and has no other decorator."""
        in_class = self.ev.function(self.ev.parent(fid)).kind == "class"
        return not in_class and self.bodies.is_plain(fid, decorator) and self.bodies.is_outermost(fid, decorator)

    def arguments(self, fid: FunctionId, skip: int, call: Call) -> Mismatch | None:
        """Why the arguments of a call don't suit a function whose first ``skip`` parameters others fill."""
        function = self.ev.function(fid)
        if _hides(call):
            return None
        positional = [p for p in function.parameters if p.kind == "pos"]
        taken, free = positional[:skip], positional[skip:]
        star, double = (any(p.kind == kind for p in function.parameters) for kind in ("*", "**"))
        keywords = {name for name, _ in call.keywords}
        if len(call.args) > len(free) and not star:
            by_hand = any(self._is_a_context(arg, call, fid) for arg in call.args)
            more = f"gets {_counted(len(call.args), 'argument')} behind its context and takes {len(free) or 'none'}"
            return Mismatch(more + (": the context is passed by the operation" if by_hand else ""), fid)
        twice = sorted(keywords & {p.name for p in (*taken, *free[: len(call.args)])})
        if twice and not double:
            return Mismatch(f"gets {twice[0]} twice", fid)
        named = {p.name for p in function.parameters}
        unknown = sorted(keywords - named)
        if unknown and not double:
            return Mismatch(f"has no parameter {unknown[0]}", fid)
        wanted = [*free[len(call.args) :], *(p for p in function.parameters if p.kind == "key")]
        lacking = next((p.name for p in wanted if p.default is None and p.name not in keywords), "")
        return Mismatch(f"needs {lacking} too", fid) if lacking else None

    def _is_a_context(self, arg: Any, call: Call, fid: FunctionId) -> bool:
        return arg is not None and arg[0] == f.NAME and is_context_name(arg[1])

    # Definitions

    def lacks_context(self, fid: FunctionId) -> Mismatch | None:
        """Why a function that one of the SDK's decorators makes a handler or a body can't be called as such."""
        for profile, name in sorted(self.ev.solver.get(("decorated", fid))):
            decorator = self.ev.profiles[profile].decorators[name]
            function = self.ev.function(fid)
            in_class = self.ev.function(self.ev.parent(fid)).kind == "class"
            if decorator.passes is None or in_class or not self.bodies.is_plain(fid, decorator):
                continue
            found = self._of_definition(fid, function, decorator, decorator.passes)
            if found is not None:
                return found
        return None

    def _of_definition(
        self, fid: FunctionId, function: Function, decorator: Decorator, passes: tuple[str, ...]
    ) -> Mismatch | None:
        positional = [p for p in function.parameters if p.kind == "pos"]
        if decorator.form == "handler":
            return self._count(fid, positional, len(passes), frozenset())
        if len(positional) < len(passes) and not any(p.kind == "*" for p in function.parameters):
            count = _counted(len(positional), "argument") if positional else "no argument"
            return Mismatch(f"takes {count}", fid, True)
        for place, parameter in enumerate(positional):
            if place == decorator.context and self.is_data(parameter):
                return Mismatch(f"gets the context as {parameter.name}", fid)
            if place != decorator.context and place < len(passes) and self._is_context(parameter, fid):
                return Mismatch(f"takes the context as {parameter.name}, where {passes[place]} is passed", fid)
        if decorator.context < len(positional) and self._is_context_forgotten(fid, positional, decorator):
            return Mismatch(f"gets the context as {positional[decorator.context].name}", fid)
        return None

    def _is_context_forgotten(self, fid: FunctionId, positional: list[Parameter], decorator: Decorator) -> bool:
        """Whether every call gives one argument more than there is room for behind a context, which none has a name."""
        first = positional[decorator.context]
        if first.annotation is not None or is_context_name(first.name) or decorator.passes is None:
            return False
        given = sorted(self.ev.solver.get(("given", fid)))
        calls = [self.ev.function(caller).calls[index] for caller, index, _ in given]
        room = len(positional) - len(decorator.passes)
        has_star = any(p.kind == "*" for p in self.ev.function(fid).parameters)
        return bool(calls) and not has_star and all(
            not _hides(call) and not call.keywords and len(call.args) == room + 1
            and not any(self._is_a_context(arg, call, fid) for arg in call.args)
            for call in calls
        )  # fmt: skip


def is_context_name(name: str) -> bool:
    """Whether a parameter is called as contexts are."""
    low = name.lower()
    return "ctx" in low or "context" in low or low[:1] == "_"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _hides(call: Call) -> bool:
    """Whether stars hide how many arguments a call gives."""
    return any(arg is not None and arg[0] == f.STAR for arg in call.args) or any(not name for name, _ in call.keywords)
