"""From the syntax tree of one module to its facts, in one walk.

The order in which names, attributes, calls and definitions are numbered is the contract with ``visit.numbering``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from durable_lint.index import blocks
from durable_lint.index import facts as f
from durable_lint.index.expressions import ExpressionReader
from durable_lint.index.facts import Clause, Expr, Module, Parameter, Read
from durable_lint.index.scope import Scope, Shared
from durable_lint.index.syntax import exports
from durable_lint.source import SourceFile


def collect(source: SourceFile, tree: ast.Module, path: str, shared: Shared | None = None) -> Module:
    """The facts of a parsed module, known to the project as ``path`` (absolute, with ``/``).

    ``shared`` is that of all modules whose facts are kept together.
    """
    return _Collector(source.text, shared or Shared()).run(tree, path)


class _Collector(ExpressionReader):
    """Walks statements; expressions are the base class's."""

    def run(self, tree: ast.Module, path: str) -> Module:
        end = len(self.text)
        module = Scope(0, "module", "<module>", "<module>", -1, -1, -1, 0, end)
        self.functions.append(module)
        self.current = module
        tops = []
        for index, statement in enumerate(tree.body):
            self.top, self.counter = index, 0
            decorators = getattr(statement, "decorator_list", ())
            # The position of a decorated definition is its ``def``; its decorators begin whole lines.
            start = (
                self.lines.start(decorators[0].lineno)
                if decorators
                else self.offset(statement.lineno, statement.col_offset)
            )
            end_line, end_column = statement.end_lineno or 0, statement.end_col_offset or 0
            tops.append((start, self.offset(end_line, end_column)))
            self.statement(statement)
        for function in self.functions:
            self.settle(function)
        functions = tuple(function.done() for function in self.functions)
        return Module(path, functions, tuple(tops), exports(tree), tuple(self.stars))

    def settle(self, function: Scope) -> None:
        """Give bindings that belong to an outer scope to that scope, once all scopes are known."""
        for name, kind in function.outer.items():
            values = function.bindings.pop(name, [])
            owner = self.functions[0] if kind == "global" else self.scope_of(function, name)
            owner.bindings.setdefault(name, []).extend((f.FROM, function.index, value) for value in values)
        for name, added in function.grown:
            owner = self.scope_of(function, name)
            if owner.index or name in owner.bindings:
                owner.bindings.setdefault(name, []).append((f.GROW, function.index, added))

    def scope_of(self, function: Scope, name: str) -> Scope:
        """The scope that a name of this function belongs to; the module when no function binds it."""
        scope = function
        while scope.index:
            declared = scope.outer.get(name)
            if declared == "global":
                return self.functions[0]
            own = name in scope.bindings or any(parameter.name == name for parameter in scope.parameters)
            if own and not declared and (scope.kind != "class" or scope is function):
                return scope
            scope = self.functions[scope.parent]
        return scope

    # Statements

    def body(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        _STATEMENTS.get(type(node), _Collector._on_nothing)(self, node)

    def _on_nothing(self, node: ast.stmt) -> None:
        """What binds and reads nothing."""

    def _on_expr(self, node: ast.Expr) -> None:
        self.expr(node.value)

    def _on_assign(self, node: ast.Assign) -> None:
        # The value is read once; its fact is needed before the targets, its numbers come after theirs.
        pending = [self.target(target) for target in node.targets]
        value = self.alias(node.value)
        for bind in pending:
            bind(value)

    def _on_ann_assign(self, node: ast.AnnAssign) -> None:
        bind = self.target(node.target)
        annotation = self.annotation(node.annotation)
        if isinstance(node.target, ast.Name):
            self.current.annotations[node.target.id] = annotation
        elif isinstance(node.target, ast.Attribute):
            self.annotate_attribute(node.target, annotation)
        if node.value is not None:
            bind(self.alias(node.value))

    def alias(self, node: ast.expr) -> Expr:
        """Read the right side of an assignment: a plain name or attribute there is not used yet."""
        if type(node) in _ALIASES:
            self.current.aliased.append(self.counter)
        return self.expr(node)

    def _on_aug_assign(self, node: ast.AugAssign) -> None:
        bind = self.target(node.target, augmented=True)
        bind((f.JOIN, (self.last_target, self.expr(node.value)), type(node.op).__name__))

    def round(self, statements: Sequence[ast.stmt]) -> None:
        """Read what each round of a loop runs; the loop was opened before its target was bound."""
        self.loops += 1
        self.body(statements)
        self.loops -= 1
        self.end_round(*blocks.block(self.offset, statements))

    def _on_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.begin_round()
        bind = self.target(node.target)
        bind((f.EACH, self.expr(node.iter)))
        self.round(node.body)
        self.body(node.orelse)

    def _on_while(self, node: ast.While) -> None:
        self.begin_round()
        self.loops += 1
        self.guards.append(self.test(node.test))
        self.loops -= 1
        self.round(node.body)
        self.body(node.orelse)
        self.guards.pop()

    def _on_if(self, node: ast.If) -> None:
        self.guards.append(self.test(node.test))
        self.body(node.body)
        self.body(node.orelse)
        self.guards.pop()

    def _on_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            number = self.counter
            value = self.expr(item.context_expr)
            span = self.span(item.context_expr)
            self.current.withs.append(Read(number, value, *span, blocks.block(self.offset, node.body)[1]))
            if item.optional_vars is not None:
                self.target(item.optional_vars)((f.ENTER, value))
        self.body(node.body)

    def _on_try(self, node: ast.Try) -> None:
        self.body(node.body)
        clauses = []
        for handler in node.handlers:
            number, start = self.next(), self.offset(handler.lineno, handler.col_offset)
            end = self.span(handler.type)[1] if handler.type is not None else start + len("except")
            self.current.marks[number] = (start, end)
            clauses.append(Clause(number, self.expr(handler.type) if handler.type is not None else None, start, end))
            self.current.handlers.append(clauses[-1].caught)
            if handler.name:
                self.bind_name(handler.name, (f.CAUGHT, None))
            self.body(handler.body)
        self.body(node.orelse)
        self.finals += 1
        self.body(node.finalbody)
        self.finals -= 1
        self.current.tries.append(blocks.attempt(self.offset, node, tuple(clauses)))

    def _on_leave(self, node: ast.Return | ast.Break | ast.Continue) -> None:
        number = self.next()
        place = self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno or 0, node.end_col_offset or 0)
        if self.finals:
            self.current.leaves_finally = True
            self.current.marks[number] = place
        if isinstance(node, ast.Return) and node.value is not None:
            self.current.exits.append((number, *place))
            self.current.returns.append(self.expr(node.value))

    def _on_children(self, node: ast.stmt) -> None:
        """Raise, assert: expressions in field order."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expr(child)

    def _on_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.delete(target)

    def delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for item in target.elts:
                self.delete(item)
        elif isinstance(target, ast.Subscript):
            number = self.counter
            base = self.expr(target.value)
            self.expr(target.slice)
            self.write(number, "del", base, None, target)
        elif isinstance(target, ast.Attribute):
            number = self.next()
            self.write(number, "del", self.expr(target.value), None, target, target.attr)
        else:
            self.target(target)(None)

    def _on_scope(self, node: ast.Global | ast.Nonlocal) -> None:
        kind = "global" if isinstance(node, ast.Global) else "nonlocal"
        for name in node.names:
            self.current.outer[name] = kind

    def _on_import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname:
                self.bind_name(alias.asname, (f.IMPORT, 0, alias.name, ""))
            else:
                self.bind_name(alias.name.partition(".")[0], (f.IMPORT, 0, alias.name.partition(".")[0], ""))
                if "." in alias.name:
                    self.current.bindings.setdefault("", []).append((f.IMPORT, 0, alias.name, ""))

    def _on_import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.stars.append((f.IMPORT, node.level, node.module or "", "*"))
            else:
                self.bind_name(alias.asname or alias.name, (f.IMPORT, node.level, node.module or "", alias.name))

    def _on_match(self, node: ast.Match) -> None:
        subject = self.expr(node.subject)
        self.current.matched.append(subject)
        for case in node.cases:
            self.pattern(case.pattern, subject)
            if case.guard is not None:
                self.test(case.guard)
            self.body(case.body)

    def pattern(self, node: ast.pattern, subject: Expr) -> None:
        """Bind what a pattern captures: the subject itself, or something in it."""
        if isinstance(node, ast.MatchValue):
            self.expr(node.value)
        elif isinstance(node, ast.MatchClass):
            self.expr(node.cls)
        elif isinstance(node, ast.MatchMapping):
            # Keys and values alternate in the source, so that both trees number them alike.
            for key, value in zip(node.keys, node.patterns, strict=True):
                self.expr(key)
                self.pattern(value, (f.ITEM, subject, None))
            if node.rest:
                self.bind_name(node.rest, subject)
            return
        inner = subject if isinstance(node, ast.MatchAs | ast.MatchOr) else (f.ITEM, subject, None)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.pattern):
                self.pattern(child, inner)
        name = getattr(node, "name", None)
        if name:
            self.bind_name(name, subject)

    # Definitions

    def _on_def(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        number = self.next()
        decorators = [self.expr(decorator) for decorator in node.decorator_list]
        parameters = self.parameters(node.args)
        returns = self.annotation(node.returns) if node.returns is not None else None
        function = self.enter("def", node.name, node, number)
        function.decorators, function.parameters, function.return_annotation = decorators, parameters, returns
        function.is_async = isinstance(node, ast.AsyncFunctionDef)
        self.body(node.body)
        self.leave()
        self.bind_name(node.name, (f.FUNC, function.index))

    def _on_class(self, node: ast.ClassDef) -> None:
        number = self.next()
        decorators = [self.expr(decorator) for decorator in node.decorator_list]
        bases = [self.expr(base) for base in node.bases]
        for keyword in node.keywords:
            self.expr(keyword.value)
        function = self.enter("class", node.name, node, number)
        function.decorators, function.bases = decorators, bases
        self.body(node.body)
        self.leave()
        self.bind_name(node.name, (f.FUNC, function.index))

    def parameters(self, args: ast.arguments) -> list[Parameter]:
        """Read parameters in source order; annotations and defaults belong to the enclosing scope."""
        plain = [*args.posonlyargs, *args.args]
        defaults: list[ast.expr | None] = [*([None] * (len(plain) - len(args.defaults))), *args.defaults]
        found = [self.parameter(arg, "pos", default) for arg, default in zip(plain, defaults, strict=True)]
        if args.vararg:
            found.append(self.parameter(args.vararg, "*", None))
        found += [self.parameter(a, "key", d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
        if args.kwarg:
            found.append(self.parameter(args.kwarg, "**", None))
        return found

    def parameter(self, arg: ast.arg, kind: str, default: ast.expr | None) -> Parameter:
        annotation = self.annotation(arg.annotation) if arg.annotation is not None else None
        # A default of which nothing is known is still one: None says that there is none.
        return Parameter(arg.arg, kind, annotation, (self.expr(default) or (f.JOIN, ())) if default else None)

    # Targets

    def target(self, node: ast.expr, augmented: bool = False) -> Callable[[Expr], None]:
        """Read a target now (for its numbers) and give back what binds it to a value."""
        number = self.counter
        if isinstance(node, ast.Name):
            self.next()
            self.last_target = self.names[self.renamed(node.id)]
            return lambda value: self.bind_target_name(number, node, value, augmented)
        if isinstance(node, ast.Attribute):
            self.next()
            base = self.expr(node.value)
            self.last_target = self.attribute(base, node.attr)
            return lambda value: self.bind_attribute(number, node, base, value)
        if isinstance(node, ast.Subscript):
            base = self.expr(node.value)
            key = self.expr(node.slice)
            self.last_target = (f.ITEM, base, key)
            return lambda value: self.bind_item(number, node, base, key, value)
        if isinstance(node, ast.Starred):
            inner = self.target(node.value)
            return lambda value: inner((f.SEQ, "list", ((f.EACH, value),)))
        if isinstance(node, ast.Tuple | ast.List):
            parts = [self.target(item) for item in node.elts]

            def bind_all(value: Expr) -> None:
                for position, bind in enumerate(parts):
                    bind((f.PART, value, position))

            return bind_all
        self.expr(node)
        return lambda value: None

    def bind_target_name(self, number: int, node: ast.Name, value: Expr, augmented: bool) -> None:
        name = self.renamed(node.id)
        if name in self.current.outer:
            self.write(number, "name", self.names[name], value, node)
        elif augmented:
            self.write(number, "augmented", self.names[name], value, node)
        self.bind_name(name, value)

    def bind_attribute(self, number: int, node: ast.Attribute, base: Expr, value: Expr) -> None:
        self.write(number, "attr", base, value, node, node.attr)
        self.set_attribute(base, node.attr, value)

    def bind_item(self, number: int, node: ast.Subscript, base: Expr, key: Expr, value: Expr) -> None:
        # An item counted from the end may be any of them.
        plain = key is not None and key[0] == f.CONST and not (isinstance(key[1], int | float) and key[1] < 0)
        self.write(number, "item", base, value, node, key[1] if key is not None and plain else None)
        if isinstance(node.slice, ast.Slice):
            self.grow(base, (f.SEQ, "list", ((f.EACH, value),)))
        else:
            self.grow(base, (f.DICT, ((key, value),)))

    def write(self, number: int, how: str, target: Expr, value: Expr, node: ast.expr, key: object = None) -> None:
        self.record_write(number, how, target, value, self.span(node), key)


_ALIASES = (ast.Name, ast.Attribute)

_STATEMENTS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.Expr: _Collector._on_expr,
    ast.Assign: _Collector._on_assign,
    ast.AnnAssign: _Collector._on_ann_assign,
    ast.AugAssign: _Collector._on_aug_assign,
    ast.For: _Collector._on_for,
    ast.AsyncFor: _Collector._on_for,
    ast.While: _Collector._on_while,
    ast.If: _Collector._on_if,
    ast.With: _Collector._on_with,
    ast.AsyncWith: _Collector._on_with,
    ast.Try: _Collector._on_try,
    ast.TryStar: _Collector._on_try,
    ast.Return: _Collector._on_leave,
    ast.Break: _Collector._on_leave,
    ast.Continue: _Collector._on_leave,
    ast.Raise: _Collector._on_children,
    ast.Assert: _Collector._on_children,
    ast.Delete: _Collector._on_delete,
    ast.Global: _Collector._on_scope,
    ast.Nonlocal: _Collector._on_scope,
    ast.Import: _Collector._on_import,
    ast.ImportFrom: _Collector._on_import_from,
    ast.Match: _Collector._on_match,
    ast.FunctionDef: _Collector._on_def,
    ast.AsyncFunctionDef: _Collector._on_def,
    ast.ClassDef: _Collector._on_class,
}
