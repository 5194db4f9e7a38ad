"""The scopes of a module while it is collected: which one is read, and what its names, classes and containers get."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from durable_lint.index import facts as f
from durable_lint.index.facts import Expr, Loop
from durable_lint.index.placing import Placing
from durable_lint.index.scope import Scope


class Scoping(Placing):
    """Keeps the scopes of a module; ``top`` is the index of the top-level statement that is read."""

    def __init__(self, text: str, offsets: Sequence[int]) -> None:
        super().__init__(text, offsets)
        self.functions: list[Scope] = []
        self.stack: list[Scope] = []
        self.current: Scope
        self.top = 0
        self.renames: dict[str, str] = {}
        self.loops = 0
        self.rounds: list[list[str]] = []
        """The names that each of the loops around binds, so far."""
        self.saved_loops: list[tuple[int, list[list[str]]]] = []

    def enter(self, kind: str, name: str, node: ast.AST, number: int) -> Scope:
        """Open a scope and make it the current one."""
        parent = self.current
        qualname = name if parent.kind == "module" else f"{parent.qualname}.{name}"
        start = self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        end = self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        if self.fstring is not None:
            start, end = self.fstring
        self.saved_loops.append((self.loops, self.rounds))
        self.loops, self.rounds = 0, []
        function = Scope(len(self.functions), kind, name, qualname, parent.index, self.top, number, start, end)
        parent.children.append(function.index)
        self.functions.append(function)
        self.stack.append(parent)
        self.current = function
        return function

    def leave(self) -> None:
        """Close the current scope."""
        self.current = self.stack.pop()
        self.loops, self.rounds = self.saved_loops.pop()

    def renamed(self, name: str) -> str:
        """The name by which facts know a variable: those of comprehensions get one of their own."""
        return self.renames.get(name, name)

    def bind_name(self, name: str, value: Expr) -> None:
        """Record that a name of the current scope is bound to a value."""
        self.current.bindings.setdefault(name, []).append(value)
        for names in self.rounds[-1:] if "@" in name else self.rounds:
            names.append(name)

    def begin_round(self) -> None:
        """Enter what each round of a loop runs."""
        self.rounds.append([])

    def end_round(self, start: int, end: int) -> None:
        """Leave it, known by where it stands."""
        self.current.loops.append(Loop(start, end, tuple(self.rounds.pop())))

    def owner_of(self, base: Expr) -> Scope | None:
        """The class whose ``self`` or ``cls`` an expression is, or which it names from inside."""
        if base is None or base[0] != f.NAME:
            return None
        function = self.current
        while function.index:
            if any(parameter.name == base[1] for parameter in function.parameters):
                parent = self.functions[function.parent]
                return parent if parent.kind == "class" and function.parameters[0].name == base[1] else None
            if function.kind == "class" and function.name == base[1]:
                return function
            function = self.functions[function.parent]
        return None

    def set_attribute(self, base: Expr, name: str, value: Expr, kind: str = f.FROM) -> None:
        """Record what a method sets on ``self`` or on its class."""
        owner = self.owner_of(base)
        if owner is not None:
            by_class = (f.NAME, "classmethod") in self.current.decorators or base == (f.NAME, owner.name)
            known = owner.bindings if by_class else owner.attributes
            known.setdefault(name, []).append((kind, self.current.index, value))

    def annotate_attribute(self, target: ast.Attribute, annotation: Expr) -> None:
        """Record the annotation of ``self.x: T``."""
        base = (f.NAME, target.value.id) if isinstance(target.value, ast.Name) else None
        owner = self.owner_of(base)
        if owner is not None:
            owner.annotations[target.attr] = annotation

    def grow(self, base: Expr, added: Expr) -> None:
        """Record that a container gets an element: it counts as one more value of the variable that holds it."""
        if base is None:
            return
        if base[0] == f.NAME:
            self.current.grown.append((base[1], added))
        elif base[0] == f.ATTR:
            self.set_attribute(base[1], base[2], added, f.GROW)
        elif base[0] == f.ITEM:  # groups[key].append(one)
            self.grow(base[1], (f.DICT, ((base[2], added),)))
        elif base[0] == f.CALL:  # groups.setdefault(key, []).append(one)
            made = self.current.calls[base[1]]
            if made.callee is not None and made.callee[0] == f.ATTR and made.callee[2] == "setdefault" and made.args:
                self.grow(made.callee[1], (f.DICT, ((made.args[0], added),)))
