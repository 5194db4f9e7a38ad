"""The half of the collector that reads expressions; see ``collect`` for statements."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from durable_lint.index import facts as f
from durable_lint.index import syntax
from durable_lint.index.facts import Call, Expr, Read, Write
from durable_lint.index.placing import FSTRINGS_MISPLACE
from durable_lint.index.scope import Attributes, Constants, Shared
from durable_lint.index.scoping import Scoping
from durable_lint.index.syntax import CONTAINER_METHODS, EXTENDING, GROWING, MUTATING_METHODS, number, plain_annotation


class ExpressionReader(Scoping):
    """Numbers expressions and turns them into facts of the current function."""

    def __init__(self, text: str, shared: Shared) -> None:
        super().__init__(text, shared.offsets(len(text)))
        self.shared = shared
        self.names = shared.names
        self.attributes = Attributes(shared.names)
        self.constants = Constants()
        self.annotating = False
        self.counter = 0
        self.stars: list[Expr] = []
        self.last_target: Expr = None
        self.unique = 0
        self.finals = 0
        self.tests: set[str] | None = None
        self.guards: list[set[str]] = []

    # Numbers

    def next(self) -> int:
        """The number of the node that is met now."""
        self.counter += 1
        return self.counter - 1

    # Expressions

    def expr(self, node: ast.expr) -> Expr:
        """The fact of an expression; records its calls, reads and inner functions on the way."""
        return _EXPRESSIONS[type(node)](self, node)

    def annotation(self, node: ast.expr) -> Expr:
        """The fact of an annotation; one that is written as text is read like code, but not numbered."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                inner = ast.parse(node.value.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
            return plain_annotation(inner)
        outer, self.annotating = self.annotating, True
        expr = self.expr(node)
        self.annotating = outer
        return expr

    def _on_other(self, node: ast.expr) -> Expr:
        """Operators and the like: their operands in field order; what is made of numbers alone is a number."""
        value = number(node) if isinstance(node, ast.UnaryOp | ast.BinOp) else None
        if value is not None:
            return (f.CONST, value)
        if isinstance(node, ast.BinOp) and syntax.joins_views(node):
            self.current.has_sets = True
        parts = [self.expr(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if isinstance(node, ast.Compare):
            self.current.comparisons += syntax.compared(node, parts, self.span)
        return (f.JOIN, tuple(parts), type(getattr(node, "op", node)).__name__)

    def _on_name(self, node: ast.Name) -> Expr:
        number = self.counter
        self.counter = number + 1
        name = node.id
        if self.renames:
            name = self.renames.get(name, name)
        current = self.current
        if self.tests is not None:
            self.tests.add(name)
            current.tested.append(number)
        places = current.loads[name]
        places += (number, *self.span_of_name(node))
        return self.names[name]

    def _on_constant(self, node: ast.Constant) -> Expr:
        value = node.value
        return None if value is Ellipsis or isinstance(value, complex) else self.constants[type(value), value]

    def attribute(self, base: Expr, name: str) -> Expr:
        """The fact of an attribute."""
        if base is not None and base[0] == f.NAME:
            return self.attributes[base[1], name]
        return (f.ATTR, base, name)

    def _on_attribute(self, node: ast.Attribute) -> Expr:
        number = self.counter
        self.counter = number + 1
        if type(node.value) is ast.Name:
            self.current.keys[number + 1] = node.attr
        expr = self.attribute(self.expr(node.value), node.attr)
        if self.tests is not None:
            self.current.tested.append(number)
        self.current.reads.append(Read(number, expr, *self.span(node)))
        return expr

    def _on_call(self, node: ast.Call) -> Expr:
        number = self.counter
        self.counter = number + 1
        callee = self.callee(node.func)
        if node.keywords and node.args and type(node.args[-1]) is ast.Starred:
            args, keywords = self.mixed_arguments(node)
        else:
            args = [self.expr(argument) for argument in node.args]
            keywords = [(keyword.arg or "", self.expr(keyword.value)) for keyword in node.keywords]
        current = self.current
        call = Call(number, callee, tuple(args), tuple(keywords), *self.span(node), self.loops > 0)
        if self.tests is not None:
            current.tested.append(number)
        fact = self.shared.calls[len(current.calls)]
        current.calls.append(call)
        if callee is not None and callee[0] == f.ATTR and callee[2] in MUTATING_METHODS:
            self.note_change(call, callee)
        return fact

    def mixed_arguments(self, node: ast.Call) -> tuple[list[Expr], list[tuple[str, Expr]]]:
        """Read arguments in the order of the text: starred ones may stand behind keywords."""
        args: list[Expr] = []
        keywords: list[tuple[str, Expr]] = []
        arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        for argument in sorted(arguments, key=lambda one: (one.lineno, one.col_offset)):
            if isinstance(argument, ast.keyword):
                keywords.append((argument.arg or "", self.expr(argument.value)))
            else:
                args.append(self.expr(argument))
        return args, keywords

    def callee(self, node: ast.expr) -> Expr:
        """The called expression: its own attribute is no read, those below it are."""
        if not isinstance(node, ast.Attribute):
            return self.expr(node)
        self.counter += 1
        if type(node.value) is ast.Name and node.attr not in CONTAINER_METHODS:
            self.current.keys[self.counter] = node.attr
        return self.attribute(self.expr(node.value), node.attr)

    def note_change(self, call: Call, callee: tuple[Any, ...]) -> None:
        """Record the change that a mutating method makes."""
        name, value = callee[2], call.args[-1] if call.args else None
        self.record_write(call.number, "method", callee[1], value, (call.start, call.end))
        if name in GROWING and len(call.args) > GROWING[name]:
            self.grow(callee[1], (f.SEQ, "set" if name == "add" else "list", (call.args[GROWING[name]],)))
        elif name in EXTENDING and call.args:
            self.grow(callee[1], (f.SEQ, "list", ((f.EACH, call.args[0]),)))

    def record_write(
        self, number: int, how: str, target: Expr, value: Expr, span: tuple[int, int], key: object = None
    ) -> None:
        """Record a change; it is guarded when a branch around it asks for the same variable."""
        root = target
        while root is not None and root[0] in (f.ATTR, f.ITEM):
            root = root[1]
        guarded = root is not None and root[0] == f.NAME and any(root[1] in names for names in self.guards)
        self.current.writes.append(Write(number, how, target, value, *span, key, guarded))

    def _on_lambda(self, node: ast.Lambda) -> Expr:
        number = self.next()
        parameters = self.parameters(node.args)
        function = self.enter("lambda", "<lambda>", node, number)
        function.parameters = parameters
        outer = self.renames
        names = {parameter.name for parameter in parameters}
        self.renames = {old: new for old, new in outer.items() if old not in names}
        function.exits.append((number, *self.span(node.body)))
        function.returns.append(self.expr(node.body))
        self.renames = outer
        self.leave()
        return (f.FUNC, function.index)

    def parameters(self, args: ast.arguments) -> list[f.Parameter]:
        """Read parameters; the statement half does it."""
        raise AssertionError("the collector provides it")

    def target(self, node: ast.expr, augmented: bool = False) -> Callable[[Expr], None]:
        """Read a target; the statement half does it."""
        raise AssertionError("the collector provides it")

    def _on_tuple(self, node: ast.Tuple | ast.List | ast.Set) -> Expr:
        kind = {ast.Tuple: "tuple", ast.List: "list", ast.Set: "set"}[type(node)]
        if kind == "set":
            self.current.marks[self.next()] = self.span(node)
            self.current.has_sets = True
        return (f.SEQ, kind, tuple(self.expr(item) for item in node.elts))

    def _on_dict(self, node: ast.Dict) -> Expr:
        pairs = []
        for key, value in zip(node.keys, node.values, strict=True):
            name = self.expr(key) if key is not None else None
            pairs.append((name, self.expr(value)))
        return (f.DICT, tuple(pairs))

    def _on_if_exp(self, node: ast.IfExp) -> Expr:
        body = self.expr(node.body)
        self.test(node.test)
        return (f.EITHER, (body, self.expr(node.orelse)))

    def test(self, node: ast.expr) -> set[str]:
        """Read the condition of a branch; gives the names in it."""
        outer, self.tests = self.tests, set()
        self.expr(node)
        names, self.tests = self.tests, outer
        return names

    def _on_bool_op(self, node: ast.BoolOp) -> Expr:
        return (f.EITHER, tuple(self.expr(value) for value in node.values))

    def _on_named(self, node: ast.NamedExpr) -> Expr:
        number = self.next()
        value = self.expr(node.value)
        self.bind_target_walrus(number, node, value)
        return value

    def bind_target_walrus(self, number: int, node: ast.NamedExpr, value: Expr) -> None:
        """``name := value`` binds in the function, also from inside a comprehension."""
        name = node.target.id
        if name in self.current.outer:
            self.record_write(number, "name", self.names[name], value, self.span(node))
        self.bind_name(name, value)

    def _on_subscript(self, node: ast.Subscript) -> Expr:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(key, (str, int)) and type(node.value) is ast.Name:
            self.current.keys[self.counter] = key
        first, expr = self.counter, (f.ITEM, self.expr(node.value), self.expr(node.slice))
        if not isinstance(node.slice, ast.Slice) and not self.annotating:
            self.current.subscripts.append(Read(first, expr, *self.span(node)))
        return expr

    def _on_starred(self, node: ast.Starred) -> Expr:
        return (f.STAR, self.expr(node.value))

    def _on_await(self, node: ast.Await) -> Expr:
        value = self.expr(node.value)
        self.current.awaited.append(value)
        return (f.AWAIT, value)

    def _on_yield(self, node: ast.Yield | ast.YieldFrom) -> Expr:
        self.current.is_generator = True
        self.current.pauses.append(self.span(node)[0])
        if node.value is not None:
            value = self.expr(node.value)
            self.current.yields.append((f.EACH, value) if isinstance(node, ast.YieldFrom) else value)
        return None

    def _on_fstring(self, node: ast.JoinedStr) -> Expr:
        outer = self.fstring
        if FSTRINGS_MISPLACE and outer is None:
            self.fstring = self.span(node)
        parts = [self.expr(value) for value in node.values]
        self.fstring = outer
        return (f.JOIN, (*parts, (f.CONST, "")), "JoinedStr")

    def _on_comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Expr:
        if isinstance(node, ast.SetComp):
            self.current.marks[self.next()] = self.span(node)
            self.current.has_sets = True
        outer = self.renames
        names = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        self.unique += 1
        self.renames = {**outer, **{name: f"{name}@{self.unique}" for name in names}}
        self.loops += 1
        self.begin_round()
        if isinstance(node, ast.DictComp):
            key = self.expr(node.key)
            result: Expr = (f.DICT, ((key, self.expr(node.value)),))
        else:
            kind = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "gen"}[type(node)]
            result = (f.SEQ, kind, (self.expr(node.elt),))
        for generator in node.generators:
            bind = self.target(generator.target)
            bind((f.EACH, self.expr(generator.iter)))
            for condition in generator.ifs:
                self.expr(condition)
        self.renames = outer
        self.loops -= 1
        self.end_round(*self.span(node))
        return result


class _Readers(dict[type[ast.expr], Callable[..., Expr]]):
    """What reads each kind of expression."""

    def __missing__(self, kind: type[ast.expr]) -> Callable[..., Expr]:
        self[kind] = ExpressionReader._on_other
        return ExpressionReader._on_other


_EXPRESSIONS = _Readers(
    {
        ast.Name: ExpressionReader._on_name,
        ast.Constant: ExpressionReader._on_constant,
        ast.Attribute: ExpressionReader._on_attribute,
        ast.Call: ExpressionReader._on_call,
        ast.Lambda: ExpressionReader._on_lambda,
        ast.Tuple: ExpressionReader._on_tuple,
        ast.List: ExpressionReader._on_tuple,
        ast.Set: ExpressionReader._on_tuple,
        ast.Dict: ExpressionReader._on_dict,
        ast.IfExp: ExpressionReader._on_if_exp,
        ast.BoolOp: ExpressionReader._on_bool_op,
        ast.NamedExpr: ExpressionReader._on_named,
        ast.Subscript: ExpressionReader._on_subscript,
        ast.Starred: ExpressionReader._on_starred,
        ast.Await: ExpressionReader._on_await,
        ast.Yield: ExpressionReader._on_yield,
        ast.YieldFrom: ExpressionReader._on_yield,
        ast.JoinedStr: ExpressionReader._on_fstring,
        ast.ListComp: ExpressionReader._on_comprehension,
        ast.SetComp: ExpressionReader._on_comprehension,
        ast.GeneratorExp: ExpressionReader._on_comprehension,
        ast.DictComp: ExpressionReader._on_comprehension,
    }
)
