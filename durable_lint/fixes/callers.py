"""Which functions of a module call which: they may use one context, and so need names of their own."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from durable_lint.fixes.tree import Tree
from durable_lint.index import things as t
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.loading import cst
from durable_lint.visit.nodes import argument_node


class Callers:
    """The calls between the functions of one module."""

    def __init__(self, project: Project, path: str) -> None:
        self.project = project
        self.path = path

    @cached_property
    def _calls(self) -> dict[FunctionId, Counter[FunctionId]]:
        """How often each function calls each; a call in a loop counts twice."""
        found: dict[FunctionId, Counter[FunctionId]] = {}
        module = self.project.ev.modules.get(self.path)
        for function in module.functions if module is not None else ():
            fid = (self.path, function.index)
            for call in function.calls:
                for thing in self.project.ev.expr(call.callee, fid):
                    if thing[0] in (t.FN, t.METHOD) and thing[1][0] == self.path:
                        found.setdefault(fid, Counter())[thing[1]] += 2 if call.repeated else 1
        return found

    def related(self, fid: FunctionId) -> set[FunctionId]:
        """The functions that a function is called by and those that it calls, through others too."""
        callers: dict[FunctionId, set[FunctionId]] = {}
        for caller, called in self._calls.items():
            for one in called:
                callers.setdefault(one, set()).add(caller)
        return _reach(fid, callers) | _reach(fid, {one: set(called) for one, called in self._calls.items()})

    def is_repeated(self, fid: FunctionId) -> bool:
        """Whether one function calls this one more than once."""
        return any(called[fid] > 1 for called in self._calls.values())

    def distinction(self, tree: Tree, fid: FunctionId) -> str:
        """What tells the calls of a function apart in the names of its operations, as replacement fields of an
        f-string: those that a name in it has already, else its only ``str`` or ``int``; empty when there is none."""
        function = self.project.ev.function(fid)
        own = {one.name for one in function.parameters if one.kind in ("pos", "key")}
        for site in self.project.sites(self.path):
            label = site.issued.operation.label
            if site.fid != fid or label is None:
                continue
            given = argument_node(tree.call(site.call.number), label)
            fields = _fields(given) if isinstance(given, cst.FormattedString) else []
            if fields and set(fields) <= own:
                return "-".join(f"{{{field}}}" for field in fields)
        plain = [
            one.name
            for one in function.parameters
            if one.annotation is not None and one.annotation[-1] in ("str", "int")
        ]
        return f"{{{plain[0]}}}" if len(plain) == 1 and not function.bindings.get(plain[0]) else ""


def _fields(node: cst.FormattedString) -> list[str]:
    """The variables in the fields of an f-string; none when one holds anything else."""
    parts = [part for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
    names = [part.expression.value for part in parts if isinstance(part.expression, cst.Name) and not part.format_spec]
    return names if len(names) == len(parts) else []


def _reach(start: FunctionId, edges: dict[FunctionId, set[FunctionId]]) -> set[FunctionId]:
    found: set[FunctionId] = set()
    stack = [start]
    while stack:
        for one in edges.get(stack.pop(), ()):
            if one not in found:
                found.add(one)
                stack.append(one)
    return found
