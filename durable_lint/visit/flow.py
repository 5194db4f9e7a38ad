"""The flow of values through expressions of a region: what they come from, and what they reach."""

from __future__ import annotations

from collections.abc import Callable

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call
from durable_lint.index.orders import is_set
from durable_lint.index.passing import concrete_contexts
from durable_lint.index.things import Thing, Things
from durable_lint.loading import cst
from durable_lint.visit import orders
from durable_lint.visit.absent import dead_arm
from durable_lint.visit.numbering import children
from durable_lint.visit.tracking import Tracking
from durable_lint.visit.values import CLEAN, Place, Value


class Flow(Tracking):
    """Evaluates libcst expressions of one region; statements are the walker's, operations ``operations``'."""

    # Expressions

    def value(self, node: cst.CSTNode | None) -> Value:
        """Evaluate an expression; its calls and reads are recorded on the way."""
        if node is None:
            return CLEAN
        handler = _HANDLERS.get(type(node))
        return handler(self, node) if handler is not None else self.parts(node)

    def parts(self, node: cst.CSTNode) -> Value:
        """A value made of its parts."""
        found = CLEAN
        for child in children(node):
            found |= self.value(child)
        return found.made()

    def _on_name(self, node: cst.Name) -> Value:
        number = self.numbered.number(node)
        if number < 0:
            return CLEAN
        return self.get(node.value, self.span(number)[0]) | self.read(number, (f.NAME, node.value))

    def read(self, number: int, expr: f.Expr) -> Value:
        """What reading a name or an attribute does by itself."""
        found = CLEAN
        if self.region.replayed and number >= 0:
            span = self.span(number)
            place = (self.fid[0], *span)
            used = number not in self.function.aliased
            entries = self.project.effects.of_read(self.fid, expr, place, used)
            for entry in sorted(entries, key=lambda entry: str(entry[0])):
                if isinstance(entry[0], str):
                    found |= self.effect(number, span, entry)
        return found

    def _on_attribute(self, node: cst.Attribute) -> Value:
        base = self.value(node.value)
        number = self.numbered.number(node)
        read = self._reads.get(number)
        if read is None:
            return base.made()
        found = base.made() | self.read(number, read.expr) | self.invocation(number, read.expr, False)
        return Value(found.sources, is_set(self.ev.expr(read.expr, self.fid)))

    def invocation(self, number: int, expr: f.Expr, called: bool) -> Value:
        """What an attribute of a context tells of the invocation: another value each time, or whether it replays."""
        if not self.region.replayed:
            return CLEAN
        for thing in sorted(concrete_contexts(self.ev, self.ev.expr(expr, self.fid)), key=repr):
            found = self.ev.context(thing)
            if found is None:
                continue
            path = thing[-1]
            text = ".".join(path)
            span = self.span(number)
            if ((*path, "()") if called else path) in found[1].unstable:
                return self.effect(number, span, ("invocation", 1, ((self.fid[0], *span, text),), text))
            if path == (found[1].replaying,):
                kind = "replaying" if called else "replaying-uncalled"
                if not called and number not in self.function.tested:
                    return CLEAN
                return self.effect(number, span, (kind, 1, ((self.fid[0], *span, text),), text))
        return CLEAN

    def _on_call(self, node: cst.Call) -> Value:
        number = self.numbered.number(node)
        index = self._calls.get(number)
        if index is None:
            return self.parts(node)
        call = self.function.calls[index]
        things = self.ev.expr(call.callee, self.fid)
        operation = self.operation(node, index, call, things)
        if operation is not None:
            return operation
        receiver = self.receiver(node.func)
        labels = self.label_arguments(node, call, things)
        arguments = [self.argument(node, argument, labels, call) for argument in node.args]
        found = receiver.made()
        for argument in arguments:
            found |= argument.made()
        for thing in things:
            self.passed_on(thing, arguments, call.start)
        self.changes(node, found)
        if self.region.replayed:
            for entry in self.project.effects_at(self.fid, index):
                found |= self.effect(number, (call.start, call.end), entry)
            found |= self.invocation(number, call.callee, True)
        return orders.of_call(self, node, call, things, receiver, arguments, found)

    def label_arguments(self, node: cst.Call, call: Call, things: Things) -> list[cst.BaseExpression]:
        """The arguments that a called function uses as names of operations; the walker knows."""
        raise AssertionError("the walker provides it")

    def argument(self, node: cst.Call, given: cst.Arg, labels: list[cst.BaseExpression], call: Call) -> Value:
        """The value of an argument; one that becomes a name is looked at like a name."""
        if given.value not in labels:
            return self.value(given.value)
        outer, self.in_name = self.in_name, True
        value = self.value(given.value)
        self.in_name = outer
        self.named(node, given.value, value, call)
        return value

    def named(self, node: cst.Call, label: cst.BaseExpression, value: Value, call: Call) -> None:
        """Record a name that a called function gives to an operation; the walker knows."""
        raise AssertionError("the walker provides it")

    def receiver(self, func: cst.BaseExpression) -> Value:
        """The callee: the object of a method, whose attribute is not a read of its own."""
        if isinstance(func, cst.Attribute):
            return self.value(func.value)
        if isinstance(func, cst.Name):
            return self.get(func.value)
        return self.value(func)

    def passed_on(self, thing: Thing, arguments: list[Value], at: int) -> None:
        """Values that reach a function which issues operations, the context's logger, or a body's maker."""
        if thing[0] in (t.FN, t.METHOD) and self.project.effects.has_context(thing[1]):
            for argument in arguments:
                self.reach(argument, "argument", f"an argument of {self.ev.function(thing[1]).name}()", at)
        elif thing[0] in (t.SYMBOL, t.CONTEXT) and thing[-1]:
            found = self.ev.context(thing)
            if found is not None and thing[-1][0] == found[1].logger:
                for argument in arguments:
                    self.reach(argument, "log", "the log line", at)

    def changes(self, node: cst.Call, value: Value) -> None:
        """A method or function that changes its object lets that object depend on the arguments."""
        target: cst.BaseExpression | None = None
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in orders.KEEPING:
            target = node.func.value
        if target is not None and value.sources:
            self.blend(target, value)

    def blend(self, target: cst.BaseExpression, value: Value) -> None:
        """Let the variable at the root of a target depend on one more value."""
        while isinstance(target, cst.Attribute | cst.Subscript):
            target = target.value
        if not isinstance(target, cst.Name):
            return
        if self.scope(target.value)[0] != self.fid or any(p.name == target.value for p in self.function.parameters):
            # It outlives the function: where it goes from there is not followed.
            self.reach(value, "kept", f"what {target.value} keeps")
        self.set(target.value, self.get(target.value) | value.made())

    def operation(self, node: cst.Call, index: int, call: Call, things: Things) -> Value | None:
        """The value of a durable operation, if the call is one; the walker knows."""
        raise AssertionError("the walker provides it")

    def nested(self, node: cst.Lambda | cst.FunctionDef) -> None:
        """Note a nested function; the walker visits it where it is used as a body."""
        raise AssertionError("the walker provides it")

    def _on_lambda(self, node: cst.Lambda) -> Value:
        found = self.defaults(node.params)
        self.nested(node)
        return found

    def defaults(self, parameters: cst.Parameters) -> Value:
        """Default values are evaluated where the function is defined."""
        found = CLEAN
        for parameter in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params):
            found |= self.value(parameter.default)
        return found.made()

    def _on_named(self, node: cst.NamedExpr) -> Value:
        value = self.value(node.value)
        if isinstance(node.target, cst.Name):
            overlays, self.overlays = self.overlays, []
            self.set(node.target.value, value)
            self.overlays = overlays
        return value

    def dead_arm(self, test: cst.BaseExpression) -> int:
        """The arm of a branch that runs only without a context: 0, 1, or -1 for none."""
        return dead_arm(self.ev, self.project.regions, self.fid, test)

    def _on_either(self, node: cst.IfExp) -> Value:
        test = self.value(node.test)
        dead = self.dead_arm(node.test)
        if dead >= 0:
            return self.value(node.orelse if dead == 0 else node.body) | test.made()
        before, outer = self.issued, self.place
        branch = id(node)
        self.place = Place(outer.loops, (*outer.path, (branch, 0)), outer.first_run)
        found = self.value(node.body)
        self.place = Place(outer.loops, (*outer.path, (branch, 1)), outer.first_run)
        found |= self.value(node.orelse)
        self.place = outer
        if self.issued > before:
            self.reach(test, "branch", "a branch that guards an operation", self.start_of(node.test))
        return found | test.made()

    def _on_boolean(self, node: cst.BooleanOperation) -> Value:
        left = self.value(node.left)
        before = self.issued
        right = self.value(node.right)
        if self.issued > before:
            self.reach(left, "branch", "a branch that guards an operation", self.start_of(node.left))
        return left | right

    def _on_binary(self, node: cst.BinaryOperation) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        algebra = isinstance(node.operator, cst.BitOr | cst.BitAnd | cst.BitXor | cst.Subtract)
        unordered = algebra and (left.unordered or right.unordered or orders.is_keys(node))
        return Value(left.sources | right.sources, unordered)

    def _on_set(self, node: cst.Set) -> Value:
        found = CLEAN
        for element in node.elements:
            found |= self.value(element.value).made()
        return Value(found.sources, orders.is_unstable_display(node))

    def _on_formatted(self, node: cst.FormattedStringExpression) -> Value:
        value = self.value(node.expression)
        if node.format_spec is not None:
            for part in node.format_spec:
                value |= self.value(part).made()
        return value.made() | (self.order_taken(node.expression) if value.unordered else CLEAN)

    def _on_starred(self, node: cst.StarredElement) -> Value:
        value = self.value(node.value)
        return value.made() | (self.order_taken(node.value) if value.unordered else CLEAN)

    def _on_subscript(self, node: cst.Subscript) -> Value:
        found = self.value(node.value).made()
        for element in node.slice:
            found |= self.value(element).made()
        return found

    # Comprehensions

    def _on_comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> Value:
        outer = self.place
        self.overlays.append({})
        ordered = not isinstance(node, cst.SetComp)
        iterated = self._generators(node.for_in, ordered)
        before = self.issued
        if isinstance(node, cst.DictComp):
            found = self.value(node.key).made() | self.value(node.value).made()
        else:
            found = self.value(node.elt).made()
        if self.issued > before:
            self.reach(iterated, "loop", "a loop that issues operations")
        self.overlays.pop()
        self.place = outer
        return Value(found.sources | iterated.sources, isinstance(node, cst.SetComp))

    def _generators(self, comp: cst.CompFor | None, ordered: bool) -> Value:
        found = CLEAN
        while comp is not None:
            value = self.iterated(comp.iter, ordered)
            self.bind_element(comp.target, comp.iter, value, overlay=True)
            self.place = Place((*self.place.loops, id(comp)), self.place.path, self.place.first_run)
            for condition in comp.ifs:
                found |= self.value(condition.test).made()
            found |= value
            comp = comp.inner_for_in
        return found

    def iterated(self, node: cst.BaseExpression, ordered: bool = True) -> Value:
        """What iterating an expression gives; taking the order of a set is a source of its own."""
        value = self.value(node)
        if value.unordered and ordered:
            return Value(value.sources) | self.order_taken(node)
        return value.made()

    def bind_element(
        self, target: cst.BaseExpression, iterated: cst.BaseExpression, value: Value, overlay: bool = False
    ) -> None:
        """Bind a loop's variable. What counts rounds is the same on replay, however many rounds there are."""
        counter = self.builtin_called(iterated)
        if counter == "range":
            value = CLEAN
        elif counter == "enumerate" and isinstance(target, cst.Tuple) and len(target.elements) == 2:
            self.bind(target.elements[0].value, CLEAN, overlay)
            target = target.elements[1].value
        self.bind(target, value, overlay)

    def builtin_called(self, node: cst.BaseExpression) -> str:
        """The name of the builtin that an expression calls, empty for anything else."""
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
            things = self.ev.name(self.fid, node.func.value)
            if things == frozenset({(t.EXT, f"builtins.{node.func.value}")}):
                return node.func.value
        return ""

    # Targets

    def bind(self, target: cst.CSTNode, value: Value, overlay: bool = False) -> None:
        """Assign a value to a target."""
        if isinstance(target, cst.Name):
            if overlay:
                self.overlays[-1][target.value] = value
            else:
                self.set(target.value, value)
        elif isinstance(target, cst.Tuple | cst.List):
            taken = value.made() | (self.order_taken(target) if value.unordered else CLEAN)
            for element in target.elements:
                self.bind(element.value, taken, overlay)
        elif isinstance(target, cst.Attribute):
            self.value(target.value)
            self.blend(target, value)
        elif isinstance(target, cst.Subscript):
            for part in target.slice:
                value |= self.value(part).made()
            self.value(target.value)
            self.blend(target, value)


_HANDLERS: dict[type[cst.CSTNode], Callable[..., Value]] = {
    cst.Name: Flow._on_name,
    cst.Attribute: Flow._on_attribute,
    cst.Call: Flow._on_call,
    cst.Lambda: Flow._on_lambda,
    cst.NamedExpr: Flow._on_named,
    cst.IfExp: Flow._on_either,
    cst.BooleanOperation: Flow._on_boolean,
    cst.BinaryOperation: Flow._on_binary,
    cst.Set: Flow._on_set,
    cst.FormattedStringExpression: Flow._on_formatted,
    cst.StarredElement: Flow._on_starred,
    cst.Subscript: Flow._on_subscript,
    cst.ListComp: Flow._on_comprehension,
    cst.SetComp: Flow._on_comprehension,
    cst.GeneratorExp: Flow._on_comprehension,
    cst.DictComp: Flow._on_comprehension,
}
