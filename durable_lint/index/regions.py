"""Which functions are workflow code and which are step code: from the entry points along calls and operations."""

from __future__ import annotations

from durable_lint.index import callbacks
from durable_lint.index import things as t
from durable_lint.index.ambient import ambient
from durable_lint.index.binding import NONE_GIVEN, Arguments, bind, rest
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.externals import CALLING
from durable_lint.index.facts import Module, Parameter
from durable_lint.index.modes import Modes
from durable_lint.index.passing import passable
from durable_lint.index.taught import Taught
from durable_lint.index.testing import Tests
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.knowledge.profiles import Body, Decorator, Operation, Profile
from durable_lint.records import dataclass


@dataclass(frozen=True, slots=True)
class Issued:
    """An operation that a call issues: ``receiver`` is the context's thing."""

    profile: Profile
    operation: Operation
    receiver: Thing


class Regions:
    """Walks from entry points; what it learns lives in the evaluator's fixpoint."""

    def __init__(self, evaluator: Evaluator, taught: Taught) -> None:
        self.ev = evaluator
        self.taught = taught
        self._solver = evaluator.solver
        evaluator.register("run", self._run)
        evaluator.register("enter", self._enter)
        self.tests = Tests(evaluator)
        self._seen: set[str] = set()
        self._modes = Modes(evaluator.solver)
        self._kept: dict[Things, Things] = {}
        """What parameters keep of arguments, for the function that is walked: many callees get the same."""

    # What the analysis asks afterwards

    def modes(self, fid: FunctionId) -> frozenset[str]:
        """How a function is reached."""
        return self._modes.of(fid)

    def mark(self, fid: FunctionId, mode: str) -> None:
        """Let a function be reached, and what it runs in turn."""
        self._modes.mark(fid, mode)

    def issued(self, thing: Thing) -> Issued | None:
        """The operation that calling a thing issues, if it is one."""
        wrapped = self.taught.wrapper(self.ev, thing) if self.taught.step_wrappers else None
        if wrapped is not None:
            return Issued(next(iter(self.ev.profiles.values())), wrapped, thing)
        if thing[0] == t.EXT:
            symbol = self.ev.symbol(thing[1])
            operation = symbol[0].functions.get(symbol[1]) if symbol else None
            if symbol is None or operation is None:
                return None
            return Issued(symbol[0], operation, ambient(symbol[0]) if operation.is_ambient else thing)
        if thing[0] == t.RESULT and len(thing[3]) == 1:
            profile = self.ev.profiles[thing[1]]
            made = profile.methods.get(thing[2])
            if made is not None and thing[3][0] in made.result_operations:
                return Issued(profile, Operation(thing[3][0], None, suspends=True), thing)
            return None
        if thing[0] in (t.SYMBOL, t.CONTEXT) and thing[-1]:
            found = self.ev.context(thing)
            if found is None or found[1].region != "workflow":
                return None
            profile = found[0]
            operation = profile.methods.get(thing[-1][0])
            if operation is None:
                return None
            if len(thing[-1]) == 1:
                return Issued(profile, operation, (*thing[:-1], ()))
            if len(thing[-1]) == 3 and thing[-1][1] == "()" and thing[-1][2] in operation.result_operations:
                return Issued(profile, Operation(thing[-1][2], None, suspends=True), (*thing[:-1], ()))
        return None

    def receivers(self, issued: Issued, arguments: Arguments) -> Things:
        """The contexts that an operation is issued on."""
        place = issued.operation.receiver
        return frozenset({issued.receiver}) if place is None else arguments.at(place.arg, place.keyword)

    # The walk

    def enter(self, module: Module) -> None:
        """Look for entry points in a module and start from them; once for each module."""
        if module.path in self._seen:
            return
        self._seen.add(module.path)
        for function in module.functions:
            self._solver.want(("enter", (module.path, function.index)))

    def _enter(self, fid: FunctionId) -> Things:
        """Look whether a function is an entry point. Gives nothing itself."""
        self._kept.clear()
        function = self.ev.function(fid)
        self.tests.enter(fid)
        if function.kind in ("module", "class"):
            self._modes.mark(fid, "import")
            self._keepers(fid)
        elif function.decorators:
            self._decorate(fid)
            for thing in self._solver.get(("def", fid)):
                if thing[0] == t.DECORATED:
                    self._entry(self.ev.profiles[thing[1]], thing[2], thing[3])
        if function.kind == "def" and self.taught.is_entry(self.ev, fid):
            self._modes.mark(fid, "handler")
            profile = next(iter(self.ev.profiles.values()))
            if profile.handler is not None:
                self._give_contexts(fid, (t.FN, fid), profile, profile.handler)
        for parameter in function.parameters:
            self._receive(fid, parameter, self.ev.declared(fid, parameter))
        return t.NOTHING

    def _receive(self, fid: FunctionId, parameter: Parameter, given: Things) -> None:
        """A function that takes a context by annotation is workflow code, even if nobody calls it."""
        if parameter.annotation is None or self.ev.function(fid).kind != "def":
            return
        key = ("par", fid, parameter.name)
        if self._solver.notes is not None:
            self._solver.notes.ask(key)
        contexts = [self.ev.context(thing) for thing in given if thing[0] == t.CONTEXT and not thing[3]]
        if any(found is not None and found[1].region == "workflow" for found in contexts) and not self.tests.asks(fid):
            self._modes.mark(fid, "annotated", key)  # whoever passes the context, it is the parameter's doing

    def _keepers(self, cid: FunctionId) -> None:
        """The methods of a class that keeps an annotated context are workflow code even if nobody calls them."""
        function = self.ev.function(cid)
        things = [self._solver.get(("attr", cid, name, False)) for name in function.attributes]
        contexts = [self.ev.context(thing) for found in things for thing in found if thing[0] in (t.SYMBOL, t.CONTEXT)]
        if any(found is not None and found[1].region == "workflow" for found in contexts):
            children = [(cid[0], child) for child in function.children]
            for child in children if not any(map(self.tests.asks, children)) else ():
                self._modes.mark(child, "annotated")

    def _decorate(self, fid: FunctionId) -> None:
        """The project's own decorators are called at import, with the function."""
        parent = self.ev.parent(fid)
        called: set[FunctionId] = set()
        for decorator in self.ev.function(fid).decorators:
            for thing in self.ev.expr(decorator, parent):
                if thing[0] in (t.FN, t.METHOD, t.INST):
                    self._edge(thing, Arguments((frozenset({(t.FN, fid)}),)), parent, None, called)
        for target in sorted(called):
            self._modes.mark(target, "import")

    def solve(self) -> None:
        """Follow everything to the end, modules that are reached on the way included."""
        while True:
            self._solver.solve()
            fresh = [module for module in self.ev.modules.loaded() if module.path not in self._seen]
            if not fresh:
                return
            for module in fresh:
                self.enter(module)

    def _entry(self, profile: Profile, name: str, inner: Thing) -> None:
        """A function that a decorator of the SDK makes a handler or a body."""
        decorator = profile.decorators[name]
        for thing in self.ev.concrete(frozenset({inner})):
            if thing[0] in (t.FN, t.METHOD):
                fid = thing[1]
                self._modes.mark(fid, {"workflow": "handler"}.get(decorator.region, decorator.region))
                self._solver.note(("decorated", fid), (profile.id, name))
                self._give_contexts(fid, thing, profile, decorator)

    def _give_contexts(self, fid: FunctionId, thing: Thing, profile: Profile, decorator: Decorator) -> None:
        skip = self._skip(thing)
        for position, context in ((decorator.context, decorator.context_class), *decorator.parameters):
            if position >= 0:
                self._give_context(fid, position + skip, profile, context)

    def _skip(self, thing: Thing) -> int:
        """How many leading parameters belong to the receiver: a plain function in a class body has ``self`` too."""
        fid = thing[1]
        if thing[0] == t.METHOD:
            return 1
        in_class = self.ev.function(self.ev.parent(fid)).kind == "class" and self.ev.function(fid).kind == "def"
        return 1 if in_class and not self.ev.is_decorated(fid, "builtins.staticmethod") else 0

    def _give_context(self, fid: FunctionId, position: int, profile: Profile, context: str) -> None:
        parameters = [parameter for parameter in self.ev.function(fid).parameters if parameter.kind == "pos"]
        if 0 <= position < len(parameters):
            self._solver.note(("receives", fid), parameters[position].name)
            self._push(fid, parameters[position].name, frozenset({(t.CONTEXT, profile.id, context, ())}))

    def _push(self, fid: FunctionId, name: str, found: Things) -> None:
        given = self._kept.get(found)
        if given is None:
            given = self._kept[found] = passable(self.ev, found)
        self.hand(fid, name, given)

    def hand(self, fid: FunctionId, name: str, given: Things) -> None:
        """Let a parameter get what it can keep."""
        if self._solver.add(("par", fid, name), given):
            for parameter in self.ev.function(fid).parameters:
                if parameter.name == name:
                    self._receive(fid, parameter, given)

    def _run(self, fid: FunctionId) -> Things:
        """Push what a function's calls pass, and reach what it runs. Gives nothing itself."""
        self._modes.run(fid, self._called(fid))
        return t.NOTHING

    def _called(self, fid: FunctionId) -> set[FunctionId]:
        """Push what a function's calls pass; gives the functions that they run.

        The modules whose names it reads are loaded, whether or not somebody looks at what they stand for.
        """
        self._kept.clear()
        function = self.ev.function(fid)
        called: set[FunctionId] = set()
        for name in self.ev.project_names(fid[0]).intersection(function.loads):
            self.ev.name(fid, name)
        for index, call in enumerate(function.calls):
            things = self.ev.concrete(self.ev.expr(call.callee, fid))
            arguments = self.ev.arguments(call, fid) if things else NONE_GIVEN
            for thing in things:
                self._edge(thing, arguments, fid, index, called)
        for read in function.reads:
            assert read.expr is not None
            bases = self.ev.concrete(self.ev.expr(read.expr[1], fid))
            for base in bases:
                if base[0] == t.MODULE:
                    self.ev.attribute(base, read.expr[2])
            if bases:
                called.update(self.ev.classes.properties(bases, read.expr[2]))
        for managed in function.withs:
            for thing in self.ev.concrete(self.ev.expr(managed.expr, fid)):
                for name in ("__enter__", "__exit__", "__aenter__", "__aexit__"):
                    called.update(self.ev.classes.methods(thing, name))
        return called

    def _edge(
        self, thing: Thing, arguments: Arguments, fid: FunctionId, index: int | None, called: set[FunctionId]
    ) -> None:
        issued = self.issued(thing)
        if issued is not None:
            self._operation(issued, arguments, fid, index)
        elif thing[0] in (t.FN, t.METHOD):
            if thing[0] == t.METHOD and thing[2][0] == t.CLASS:
                self._note_subclass(thing[2][1])  # what its class methods build is of this class
            skip = 1 if thing[0] == t.METHOD else 0
            self._pass(thing[1], arguments, skip)
            called.add(thing[1])
            if index is not None and self.ev.function(fid).kind in ("def", "lambda"):
                self._solver.note(("caller", thing[1]), (fid, index, skip))
                self._solver.note(("callees", fid[0]), thing[1][0])
        elif thing[0] == t.CLASS:
            self._construct(thing, arguments, called)
        elif thing[0] == t.INST:
            for method in self.ev.attribute(thing, "__call__"):
                self._edge(method, arguments, fid, None, called)
        elif thing[0] == t.PARTIAL:
            self._edge(thing[1], arguments.after(thing[2], dict(thing[3])), fid, None, called)
        elif thing[0] == t.DECORATED:
            self._thunk(thing, arguments, fid, index)
        elif thing[0] == t.FACTORY:
            for inner in arguments.positional[0] if arguments.positional else t.NOTHING:
                self._entry(self.ev.profiles[thing[1]], thing[2], inner)
        elif thing[0] == t.EXT:
            self._external(thing, arguments, fid, index, called)
        elif thing[0] == t.CONTEXT or thing[0] == t.SYMBOL:
            self._register_logger(thing, fid, index)

    def _external(
        self, thing: Thing, arguments: Arguments, fid: FunctionId, index: int | None, called: set[FunctionId]
    ) -> None:
        symbol = self.ev.symbol(thing[1])
        if symbol is not None:
            callbacks.register(self.ev, *symbol, arguments)
        if symbol is not None and symbol[1] in symbol[0].decorators and arguments.positional:
            for inner in arguments.positional[0]:
                self._entry(symbol[0], symbol[1], inner)
        if thing[1] in CALLING:
            for passed in arguments.all():
                for inner in self.ev.concrete(passed):
                    if inner[0] in (t.FN, t.METHOD):
                        called.add(inner[1])
        elif thing[1] == "functools.partial" and arguments.positional and index is not None:
            # The first argument is the function itself, so that the others stand one place further.
            for inner in self.ev.concrete(arguments.positional[0]):
                if inner[0] in (t.FN, t.METHOD):
                    skip = 0 if inner[0] == t.METHOD else -1
                    self._solver.note(("given", inner[1]), (fid, index, skip))

    def _register_logger(self, thing: Thing, fid: FunctionId, index: int | None) -> None:
        """Remember calls that give a logger to the context: its SDK then logs through it."""
        found = self.ev.context(thing)
        if found is not None and index is not None and thing[-1] == (found[1].set_logger,):
            self._solver.note(("registered",), (fid, index))

    def _pass(self, target: FunctionId, arguments: Arguments, skip: int) -> None:
        function = self.ev.function(target)

        def default(index: int) -> Things:
            return self.ev.expr(function.parameters[index].default, self.ev.parent(target))

        for name, given in bind(function, arguments, skip, default).items():
            if given:
                self._push(target, name, given)

    def _note_subclass(self, cid: FunctionId) -> None:
        """Remember a class that is built, with its bases."""
        for base in self.ev.classes.lineage(cid)[1:]:
            if base[0] == t.CLASS:
                self._solver.add(("subclasses", base[1]), frozenset({cid}))

    def _construct(self, thing: Thing, arguments: Arguments, called: set[FunctionId]) -> None:
        self._note_subclass(thing[1])
        initialisers = self.ev.classes.methods(thing, "__init__")
        for target in initialisers:
            self._pass(target, arguments, 1)
        called.update(initialisers)
        called.update(self.ev.classes.methods(thing, "__post_init__"))
        if not initialisers:
            for position, name in enumerate(self.ev.classes.fields(thing[1])):
                given = arguments.at(position, name)
                if given:
                    self._solver.add(("field", thing[1], name), passable(self.ev, given))

    def _thunk(self, thing: Thing, arguments: Arguments, fid: FunctionId, index: int | None) -> None:
        """A call of a decorated function: its arguments arrive behind the context parameter."""
        decorator: Decorator = self.ev.profiles[thing[1]].decorators[thing[2]]
        for inner in self.ev.concrete(frozenset({thing[3]})):
            if inner[0] in (t.FN, t.METHOD):
                skip = decorator.context + 1 + (1 if inner[0] == t.METHOD else 0)
                self._pass(inner[1], arguments, skip)
                if index is not None:
                    self._solver.note(("given", inner[1]), (fid, index, skip))

    # Operations

    def _operation(self, issued: Issued, arguments: Arguments, fid: FunctionId, index: int | None) -> None:
        body = issued.operation.body
        if body is None:
            return
        handed = rest(arguments, body.place, issued.operation.own_keywords) if body.passes_rest else None
        for thing in self.bodies(body, arguments):
            self._body(thing, issued, body, (), handed, fid, index)

    def bodies(self, body: Body, arguments: Arguments) -> Things:
        """The callables that an operation gets, out of lists and carriers."""
        given = self.ev.concrete(arguments.at(body.place.arg, body.place.keyword))
        if body.many:
            given = self.ev.concrete(self.ev.union(self.ev.each(thing) for thing in given))
        return frozenset(thing[1] if thing[0] == t.CARRIED else thing for thing in given)

    def _body(
        self,
        thing: Thing,
        issued: Issued,
        body: Body,
        bound: tuple[Things, ...],
        handed: Arguments | None,
        fid: FunctionId,
        index: int | None,
    ) -> None:
        if thing[0] in (t.FN, t.METHOD):
            target = thing[1]
            skip = 1 if thing[0] == t.METHOD else 0
            self._modes.mark(target, body.region)
            if body.items is not None and index is not None and fid[0]:
                self._solver.note(("item", target), (fid, index, body.context + skip + len(bound) + 1))
            self._solver.note(("site", target), (issued.profile.id, issued.operation.name, fid, index))
            if bound:
                self._pass(target, Arguments(bound), skip)
            before = skip + len(bound)
            if handed is not None:
                own = before + (body.context >= 0)
                self._pass(target, handed, own)
                if index is not None:
                    self._solver.note(("given", target), (fid, index, own - body.place.arg - 1))
            if body.context >= 0:
                self._give_context(target, body.context + before, issued.profile, body.context_class)
        elif thing[0] == t.PARTIAL:
            for inner in self.ev.concrete(frozenset({thing[1]})):
                self._body(inner, issued, body, (*thing[2], *bound), handed, fid, index)
                if inner[0] in (t.FN, t.METHOD) and thing[3]:
                    self._pass(inner[1], Arguments(bound, dict(thing[3])), 1 if inner[0] == t.METHOD else 0)
        elif thing[0] == t.INST:
            for method in self.ev.attribute(thing, "__call__"):
                self._body(method, issued, body, bound, handed, fid, index)
        elif thing[0] == t.CARRIED:
            for inner in self.ev.concrete(frozenset({thing[1]})):
                self._body(inner, issued, body, bound, handed, fid, index)
        elif thing[0] == t.THUNK:
            for inner in self.ev.concrete(frozenset({thing[3]})):
                if inner[0] in (t.FN, t.METHOD):
                    site = (issued.profile.id, issued.operation.name, fid, index)
                    self._solver.note(("site", inner[1]), site)
