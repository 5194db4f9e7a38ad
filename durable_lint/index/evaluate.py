"""What expressions stand for: names, attributes, elements and the results of calls, over the whole project.

Flow within a function is not followed here: a name stands for everything that is ever bound to it. The visitor follows
the flow of values where it matters.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from types import GeneratorType
from typing import Any

from durable_lint.index import externals, tools
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.annotations import annotated
from durable_lint.index.binding import NONE_GIVEN, Arguments, Written, bind
from durable_lint.index.classes import Classes
from durable_lint.index.decorators import hands_on
from durable_lint.index.elements import display, item
from durable_lint.index.facts import Call, Expr, Parameter
from durable_lint.index.imports import imported
from durable_lint.index.modules import Modules
from durable_lint.index.names import BUILTINS, Names
from durable_lint.index.passing import entered, substitute
from durable_lint.index.solver import Solver
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.index.walking import bare, passed, stepped, walk
from durable_lint.knowledge.apis import Catalogue
from durable_lint.knowledge.profiles import Context, Profile

_METHODS = frozenset().union(*map(dir, (dict, list, tuple, set, deque, GeneratorType)))
"""What containers can be asked for; code that asks anything of anything would make things without number."""

_WALKED = frozenset({"enter", "run", "tested"})
"""The kinds of keys that are computed for what they push."""


class Evaluator(Names):
    """Answers what an expression of a function stands for. Everything is computed on demand and once."""

    def __init__(self, modules: Modules, profiles: Sequence[Profile], catalogue: Catalogue) -> None:
        super().__init__(modules, profiles, catalogue)
        self.classes = Classes(self)
        self.instances: dict[Thing, Things] = {}
        """What classes stand for in annotations."""
        self.homes: dict[str, str] = {}
        self._known: defaultdict[FunctionId, dict[object, Any]] = defaultdict(dict)
        """Of each scope the variables that are settled; later all names, and expressions by identity."""
        self._is_finished = False
        self._computers: dict[Hashable, Callable[..., frozenset[Any]]] = {
            "var": self._variable,
            "def": self._definition,
            "ret": self._returned,
            "call": self._called,
            "attr": self.classes.attribute,
            "mro": self.classes.order,
            "role": self._role,
            "walked": partial(walk, self),
            "bare": partial(bare, self),
        }
        self.solver = Solver(self._computers, t.join)

    def register(self, kind: str, computer: Callable[..., frozenset[Any]]) -> None:
        """Let a later stage compute keys of its own kind in the same fixpoint."""
        self._computers[kind] = computer

    def name(self, fid: FunctionId, name: str) -> Things:
        """What a name stands for in a function."""
        known = self._known[fid]
        found: Things | None = known.get(name)
        if found is None:
            scope = self.scope_of(fid, name)
            found = self.variable(scope, name) if scope is not None else self._from_outside(fid[0], name)
            if self._is_finished and not self.solver.asking:
                known[name] = found
        return found

    def variable(self, scope: FunctionId, name: str) -> Things:
        """What a variable or a parameter of a scope stands for."""
        known = self._known[scope]
        found: Things | None = known.get(name)
        if found is None:
            key = ("var", scope, name)
            found = self.solver.get(key)
            if self.solver.release(key):
                known[name] = found
        return found

    def _from_outside(self, path: str, name: str) -> Things:
        """What a name stands for that no scope of a module binds."""
        found = self._from_stars(path, name)
        return found if found or name not in BUILTINS else self.external(f"builtins.{name}")

    def _any(self, values: Sequence[Expr], fid: FunctionId) -> Things:
        """What one of several expressions stands for."""
        return self.expr(values[0], fid) if len(values) == 1 else self.union([self.expr(one, fid) for one in values])

    def _variable(self, fid: FunctionId, name: str) -> Things:
        function = self.function(fid)
        found = self._any(function.bindings.get(name, ()), fid)
        for index, parameter in enumerate(function.parameters):
            if parameter.name == name:
                found |= self._parameter(fid, index, parameter)
        if name in function.annotations:
            found |= annotated(self, function.annotations[name], fid)
        return found

    def _parameter(self, fid: FunctionId, index: int, parameter: Parameter) -> Things:
        function = self.function(fid)
        if index == 0 and parameter.kind == "pos" and function.parent > 0:
            owner = self.parent(fid)
            if self.function(owner).kind == "class" and not self.is_decorated(fid, "builtins.staticmethod"):
                by_class = self.is_decorated(fid, "builtins.classmethod") or function.name == "__new__"
                return frozenset({(t.CLASS if by_class else t.INST, owner, "self")})
        symbol = frozenset({(t.SYMBOL, fid, parameter.name, ())})
        typed = [thing for thing in self.declared(fid, parameter) if thing[0] != t.CONTEXT]
        return symbol.union(typed) if typed else symbol

    def is_decorated(self, fid: FunctionId, dotted: str) -> bool:
        """Whether one of a function's decorators is (a call of) something outside the project."""
        decorators = self.function(fid).decorators
        wanted = {(t.EXT, dotted), (t.EXT, f"{dotted}()")}
        return any(not wanted.isdisjoint(self.expr(decorator, self.parent(fid))) for decorator in decorators)

    def _role(self, fid: FunctionId, name: str) -> Things:
        """The contexts that a parameter may be, by its annotation and by what is passed."""
        found = [self.declared(fid, one) for one in self.function(fid).parameters if one.name == name]
        found.append(self.solver.get(("par", fid, name)))
        return frozenset([thing for one in found for thing in one if thing[0] == t.CONTEXT and not thing[-1]])

    def declared(self, fid: FunctionId, parameter: Parameter) -> Things:
        """What a parameter of a function is by its annotation."""
        return annotated(self, parameter.annotation, self.parent(fid)) if parameter.annotation else t.NOTHING

    def context(self, thing: Thing) -> tuple[Profile, Context] | None:
        """The profile and the class of the context that a thing is or starts from."""
        if thing[0] == t.CONTEXT:
            profile = self.profiles[thing[1]]
            return profile, profile.contexts[thing[2]]
        if thing[0] == t.SYMBOL:
            for role in sorted(self.solver.get(("role", thing[1], thing[2]))):
                profile = self.profiles[role[1]]
                return profile, profile.contexts[role[2]]
        return None

    # Definitions

    def _definition(self, fid: FunctionId) -> Things:
        """A def or class with its decorators applied."""
        function = self.function(fid)
        if function.kind == "class":
            return frozenset({(t.CLASS, fid)})
        found: Things = frozenset({(t.FN, fid)})
        for decorator in reversed(function.decorators):
            found = self._decorate(self.expr(decorator, self.parent(fid)), found, fid)
        return found

    def _decorate(self, decorators: Things, found: Things, fid: FunctionId) -> Things:
        applied: Things = t.NOTHING
        stands_alone = bool(decorators)
        for decorator in decorators:
            stands_alone = stands_alone and hands_on(self, decorator)
            if decorator[0] == t.EXT and self.symbol(decorator[1]) is None:
                continue
            if decorator[0] == t.FN:
                self.solver.add(("decorators",), frozenset({decorator[1]}))
            applied |= self.call(decorator, Arguments((found,)), fid, None)
        made = frozenset(thing for thing in applied if thing[0] == t.DECORATED)
        callables = frozenset(thing for thing in applied if thing[0] in (t.FN, t.METHOD, t.INST, t.PARTIAL))
        return made or (callables if callables and stands_alone else found | callables)

    def _returned(self, fid: FunctionId) -> Things:
        function = self.function(fid)
        found = self._any(function.returns, fid)
        if function.is_generator:
            return frozenset({t.container("gen", self._any(function.yields, fid))})
        if function.return_annotation is not None:
            typed = annotated(self, function.return_annotation, self.parent(fid))
            found |= frozenset(thing for thing in typed if thing[0] in (t.OBJ, t.INST))
        return found

    # Expressions

    def expr(self, expr: Expr, fid: FunctionId) -> Things:
        """What an expression of a function stands for."""
        if expr is None:
            return t.NOTHING
        kind = expr[0]
        if kind == f.NAME:
            return self.name(fid, expr[1])
        if kind == f.CALL:
            return self.solver.get(("call", fid, expr[1]))
        if kind == f.CONST:
            return frozenset({(t.CONST, expr[1])}) if type(expr[1]) in (str, int) else t.NOTHING
        if not self._is_finished or self.solver.asking:
            return self._evaluate(expr, fid)
        known = self._known[fid]
        # The expression is kept with its answer, so that its identity can't become another's.
        kept = known.get(id(expr))
        if kept is None:
            kept = known[id(expr)] = (expr, self._evaluate(expr, fid))
        return kept[1]

    def finish(self) -> None:
        """Say that nothing will be pushed any more: answers from outside the fixpoint are remembered from now on."""
        self.solver.finish(_WALKED)
        self._is_finished = True

    def forget(self, path: str) -> None:
        """Give up what was computed of a module since all was linked; it is computed again where it is asked for."""
        module = self.modules.get(path)
        for index in range(len(module.functions) if module is not None else 0):
            self._known.pop((path, index), None)
        self.solver.forget(path)

    def _evaluate(self, expr: tuple[Any, ...], fid: FunctionId) -> Things:
        kind = expr[0]
        if kind == f.ATTR:
            return t.gather(self.expr(expr[1], fid), lambda thing: self.attribute(thing, expr[2]))
        if kind == f.FUNC:
            return self.solver.get(("def", (fid[0], expr[1])))
        if kind == f.FROM:
            return self.expr(expr[2], (fid[0], expr[1]))
        if kind == f.GROW:
            inside = display(self, expr[2], (fid[0], expr[1]))
            return frozenset({t.container("grown", item(self, inside, t.NOTHING))})
        if kind == f.IMPORT:
            return imported(self, fid[0], expr[1], expr[2], expr[3])
        if kind in (f.SEQ, f.DICT):
            return display(self, expr, fid)
        if kind == f.ITEM:
            return item(self, self.expr(expr[1], fid), self.expr(expr[2], fid))
        if kind == f.EACH:
            return t.gather(self.expr(expr[1], fid), self.each)
        if kind == f.PART:
            return item(self, self.expr(expr[1], fid), frozenset({(t.CONST, expr[2])}))
        if kind == f.ENTER:
            return t.gather(self.expr(expr[1], fid), lambda thing: entered(self, thing, fid))
        if kind == f.JOIN:
            kept = [thing for thing in self._any(expr[1], fid) if thing[0] in (t.CONTAINER, t.KEYED, t.OBJ)]
            return frozenset(kept) if kept else t.NOTHING
        if kind == f.EITHER:
            return self._any(expr[1], fid)
        return self.expr(expr[1], fid)

    def each(self, thing: Thing) -> Things:
        """What iterating a thing gives."""
        if thing[0] == t.CONTAINER:
            return thing[2] if thing[1] != "dict" else t.NOTHING
        if thing[0] == t.KEYED:
            if thing[1] == "dict":
                return frozenset((t.CONST, key) for key in t.keys(thing))
            return self.union(value for _, value in thing[2])
        if thing[0] == t.TOOL:
            return tools.item(self, thing)
        return t.path_of(thing, "[]") if thing[0] in (t.SYMBOL, t.RESULT) else t.NOTHING

    def attribute(self, thing: Thing, name: str) -> Things:
        """What an attribute of a thing stands for; a property stands for what it returns."""
        kind = thing[0]
        if kind == t.EXT:
            rule = self.catalogue.object(thing[1])
            if rule is not None and rule.on_class:
                return frozenset({(t.OBJ, thing[1], (name,))})
            if thing[1] in self.homes and not self.is_api(f"{thing[1]}.{name}"):
                return self.member_of(self.homes[thing[1]], name)
            inner = t.external(thing[1], name)
            return self.external(inner[1]) if inner is not None else t.NOTHING
        if kind == t.MODULE:
            return self.member_of(thing[1], name)
        if kind in (t.INST, t.CLASS, t.SUPER):
            return self.classes.of(thing, name)
        if kind in (t.SYMBOL, t.CONTEXT, t.RESULT, t.OBJ):
            return t.path_of(thing, name)
        if kind == t.TOOL:
            return tools.member(self, thing, name)
        if kind in (t.CONTAINER, t.KEYED):
            return frozenset({(t.MEMBER, thing, name)}) if name in _METHODS else t.NOTHING
        if kind == t.PARTIAL and name == "func":
            return frozenset({thing[1]})
        return t.NOTHING

    def member_of(self, path: str, name: str) -> Things:
        """A name of a project module, or the submodule of that name."""
        module = self.modules.get(path) if path.endswith(".py") else None
        if module is not None:
            if name in module.functions[0].bindings:
                return self.variable((path, 0), name)
            found = self._from_stars(path, name)
            if found:
                return found
        return self.submodule(path, name)

    def submodule(self, path: str, name: str) -> Things:
        """The module ``name`` in a package of the project."""
        inner = self.modules.submodule(path, name)
        return frozenset({(t.MODULE, inner)}) if inner is not None else t.NOTHING

    def _from_stars(self, path: str, name: str) -> Things:
        """What ``from module import *`` gives under a name; of modules outside the project only what is known."""
        home, is_outside = self.star_home(path, name)
        if is_outside:
            return self.external(f"{home}.{name}")
        return self.member_of(home, name) if home else t.NOTHING

    # Calls

    def arguments(self, call: Call, fid: FunctionId) -> Arguments:
        """The arguments of a call as things."""
        return Written(lambda: self._arguments(call, fid)) if call.args or call.keywords else NONE_GIVEN

    def _arguments(self, call: Call, fid: FunctionId) -> Arguments:
        positional: list[Things] = []
        star: Things | None = None
        for arg in call.args:
            if arg is not None and arg[0] == f.STAR:
                star = (star or t.NOTHING) | t.gather(self.expr(arg[1], fid), self.each)
            elif star is None:
                positional.append(self.expr(arg, fid))
            else:
                star |= self.expr(arg, fid)
        keywords = {name: self.expr(value, fid) for name, value in call.keywords if name}
        double = [item(self, self.expr(value, fid), t.NOTHING) for name, value in call.keywords if not name]
        return Arguments(tuple(positional), keywords, star, self.union(double) if double else None)

    def _called(self, fid: FunctionId, index: int) -> Things:
        call = self.function(fid).calls[index]
        arguments = self.arguments(call, fid)
        return t.gather(self.expr(call.callee, fid), lambda thing: self.call(thing, arguments, fid, index))

    def call(self, thing: Thing, arguments: Arguments, fid: FunctionId, index: int | None) -> Things:
        """What calling a thing in function ``fid`` gives; ``index`` is the call's own, when it is written out."""
        kind = thing[0]
        if kind in (t.FN, t.METHOD):
            return self._call_function(thing, arguments)
        if kind == t.CLASS:
            return frozenset({(t.INST, *thing[1:])})
        if kind == t.INST:
            return t.gather(self.attribute(thing, "__call__"), lambda m: self.call(m, arguments, fid, None))
        if kind == t.PARTIAL:
            return self.call(thing[1], arguments.after(thing[2], dict(thing[3])), fid, index)
        if kind in (t.SYMBOL, t.RESULT):
            return t.path_of(thing, "()")
        if kind == t.CONTEXT:
            issues = len(thing[3]) == 1 and thing[3][0] in self.profiles[thing[1]].methods
            return frozenset({(t.RESULT, thing[1], thing[3][0], ())}) if issues else t.path_of(thing, "()")
        if kind == t.DECORATED:
            is_thunk = self.profiles[thing[1]].decorators[thing[2]].form == "thunk"
            return frozenset({(t.THUNK, *thing[1:])}) if is_thunk else t.NOTHING
        if kind == t.FACTORY:
            given = arguments.positional[0] if arguments.positional else t.NOTHING
            return frozenset((t.DECORATED, thing[1], thing[2], inner) for inner in t.wrappable(given))
        if kind == t.OBJ:
            rule = self.rule(thing[1])
            also = rule is not None and bool(rule.also_gives.intersection(thing[2][-1:]))
            gives = also or self.member(thing, "__call__") == "gives"
            return frozenset({(t.OBJ, thing[1], ())}) if gives else t.NOTHING
        if kind in (t.EXT, t.MEMBER, t.TOOL):
            return externals.call(self, thing, arguments, fid, index)
        return t.NOTHING

    def _call_function(self, thing: Thing, arguments: Arguments) -> Things:
        target: FunctionId = thing[1]
        returned = self.solver.get(("ret", target))
        function = self.function(target)
        if function.is_generator or not returned:
            return returned
        skip = int(thing[0] == t.METHOD)
        bound = bind(
            function, arguments, skip, lambda i: self.expr(function.parameters[i].default, self.parent(target))
        )
        return substitute(self, returned, target, bound)

    def follow(self, found: Things, path: tuple[str, ...]) -> Things:
        """Walk a path of attributes, calls and items from each thing."""
        for step in path:
            found = t.gather(found, lambda thing, step=step: stepped(self, thing, step))  # type: ignore[misc]
        return found

    def concrete(self, found: Things) -> Things:
        """Replace parameters by what is passed to them anywhere; those of which nothing is known stay."""
        for thing in found:
            if thing[0] == t.SYMBOL:
                return t.gather(found, partial(passed, self))
        return found
