"""What runs inside what: a stack of calls, and what the arguments on it say of names and bodies."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from durable_lint.graph.model import short
from durable_lint.graph.trees import Trees
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.binding import passed
from durable_lint.index.facts import Call, Expr
from durable_lint.index.issuing import Site, argument
from durable_lint.index.things import FunctionId, Thing
from durable_lint.knowledge.profiles import Place
from durable_lint.records import dataclass

_DEPTH = 8
"""So many wrappers and bindings are followed from one to the next."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A function that runs, and the call that makes it run: ``skip`` parameters of it are bound by others."""

    fid: FunctionId
    caller: Frame | None = None
    call: Call | None = None
    node: ast.Call | None = None
    skip: int = 0

    @property
    def depth(self) -> int:
        """How many calls lead to it."""
        return 0 if self.caller is None else self.caller.depth + 1

    def runs(self, fid: FunctionId) -> bool:
        """Whether a function is on the stack."""
        frame: Frame | None = self
        while frame is not None:
            if frame.fid == fid:
                return True
            frame = frame.caller
        return False


@dataclass(frozen=True, slots=True)
class Target:
    """A function that a call or an operation runs, and the call that gives its arguments."""

    fid: FunctionId
    skip: int
    region: str = ""
    call: Call | None = None
    node: ast.Call | None = None
    caller: Frame | None = None

    def frame(self, here: Frame) -> Frame:
        """The function as it runs in a frame."""
        return Frame(self.fid, self.caller or here, self.call, self.node, self.skip)


def written(node: ast.Call, place: Place) -> ast.expr | None:
    """The argument at a place as it is written; None where it isn't given or can't be told."""
    for keyword in node.keywords:
        if keyword.arg == place.keyword:
            return keyword.value
    if len(node.args) > place.arg and not any(isinstance(one, ast.Starred) for one in node.args[: place.arg + 1]):
        return node.args[place.arg]
    return None


def source_text(node: ast.AST, longest: int = 60) -> str:
    """The code of a node on one line; an f-string without its quotes."""
    text = ast.unparse(node)
    if isinstance(node, ast.JoinedStr) and text[:2] in ("f'", 'f"') and text[2:3] != text[1]:
        text = text[2:-1]
    return short(text, longest)


class Frames:
    """Follows parameters to the calls on the stack. To be asked when the project is linked."""

    def __init__(self, trees: Trees) -> None:
        self.trees = trees
        self.project = trees.project
        self.ev = trees.project.ev

    def given(self, expr: Expr, frame: Frame) -> tuple[Expr, Frame]:
        """An expression, or what the stack passes for it where it is a parameter; and where that is read."""
        for _ in range(_DEPTH):
            holder = self._holder(expr[1], frame) if expr is not None and expr[0] == f.NAME else None
            if holder is None or holder.call is None or holder.caller is None or expr is None:
                break
            value = passed(self.ev.function(holder.fid), expr[1], holder.call, holder.skip)
            if isinstance(value, bool):
                break
            expr, frame = value, holder.caller
        return expr, frame

    def text(self, node: ast.expr, frame: Frame) -> str:
        """What an expression stands for, for people: the text of a constant, else the code that is written for it."""
        for _ in range(_DEPTH):
            if not isinstance(node, ast.Name):
                break
            constant = self.project.issuing.constant((f.NAME, node.id), frame.fid)
            if constant and isinstance(constant, str):
                return short(constant)
            holder = self._holder(node.id, frame)
            if holder is None or holder.node is None or holder.caller is None:
                break
            passed_node = self._passed(holder, node.id)
            if passed_node is None:
                break
            node, frame = passed_node, holder.caller
        if isinstance(node, ast.Constant):
            return short(str(node.value)) if node.value is not None else ""
        return source_text(node)

    def _passed(self, holder: Frame, name: str) -> ast.expr | None:
        names = [one.name for one in self.ev.function(holder.fid).parameters if one.kind == "pos"]
        position = names.index(name) - holder.skip if name in names else len(names)
        return written(holder.node, Place(position, name)) if holder.node is not None and position >= 0 else None

    def _holder(self, name: str, frame: Frame) -> Frame | None:
        """The frame on the stack whose parameter a name is, if nothing else is ever bound to it."""
        scope = self.ev.scope_of(frame.fid, name)
        if scope is None or name in self.ev.function(scope).bindings:
            return None
        holder: Frame | None = frame
        while holder is not None and holder.fid != scope:
            holder = holder.caller
        return holder

    # What runs

    def called(self, call: Call, node: ast.Call, frame: Frame) -> list[Target]:
        """The functions of the project that a call runs itself."""
        expr, home = self.given(call.callee, frame)
        found: dict[FunctionId, Target] = {}
        for thing in self._sorted(self.ev.concrete(self.ev.expr(expr, home.fid))):
            whole = thing[0] != t.PARTIAL  # what was bound before stands before the arguments of this call
            for fid, skip in self._functions(thing):
                found.setdefault(fid, Target(fid, skip, "", call if whole else None, node if whole else None))
        return [found[fid] for fid in sorted(found)]

    def bodies(self, site: Site, frame: Frame) -> list[Target]:
        """What an operation runs, in the order in which it is written."""
        body = site.issued.operation.body
        expr = argument(site.call, body.place) if body is not None else False
        if body is None or isinstance(expr, bool):
            return []
        found: list[Target] = []
        for part, home, many in self._parts(expr, frame, body.many, 0):
            things = self.ev.concrete(self.ev.expr(part, home.fid))
            if many:
                things = self.ev.concrete(self.ev.union(self.ev.each(thing) for thing in things))
            for thing in self._sorted(things):
                found += self._run(thing, body.region, part, home)
        if body.many:
            return found
        once: dict[FunctionId, Target] = {}
        for target in found:
            once.setdefault(target.fid, target)
        return list(once.values())

    def _parts(self, expr: Expr, frame: Frame, many: bool, depth: int) -> Iterator[tuple[Expr, Frame, bool]]:
        """The expressions that a body, or a list of bodies, is made of; the last says whether it is still a list."""
        expr, frame = self.given(expr, frame)
        if expr is None or depth > _DEPTH:
            return
        if expr[0] == f.EITHER or (many and expr[0] == f.JOIN):
            for part in expr[1]:
                yield from self._parts(part, frame, many, depth + 1)
        elif many and expr[0] == f.SEQ:
            for item in expr[2]:
                star = item is not None and item[0] == f.STAR
                yield from self._parts(item[1] if star and item is not None else item, frame, star, depth + 1)
        elif many and expr[0] == f.NAME and (bound := self._bound(expr[1], frame)):
            for value, home in bound:
                yield from self._parts(value, home, True, depth + 1)
        else:
            yield expr, frame, many

    def _bound(self, name: str, frame: Frame) -> list[tuple[Expr, Frame]]:
        """The lists that a variable of this function is bound to, and what is added to them."""
        if self.ev.scope_of(frame.fid, name) != frame.fid:
            return []
        found: list[tuple[Expr, Frame]] = []
        for value in self.ev.function(frame.fid).bindings.get(name, ()):
            if value is not None and value[0] == f.GROW and value[1] == frame.fid[1]:
                value = value[2]
            if value is None or value[0] not in (f.SEQ, f.JOIN):
                return []
            found.append((value, frame))
        return found

    def _run(self, thing: Thing, region: str, expr: Expr, frame: Frame) -> Iterator[Target]:
        """The functions that an operation runs when it gets a thing as its body."""
        if thing[0] == t.CARRIED:
            for inner in self._sorted(self.ev.concrete(frozenset({thing[1]}))):
                yield from self._run(inner, region, None, frame)
        elif thing[0] == t.THUNK:
            decorator = self.ev.profiles[thing[1]].decorators[thing[2]]
            call, node = self._thunk(expr, frame)
            for inner in self._sorted(self.ev.concrete(frozenset({thing[3]}))):
                for fid, skip in self._functions(inner):
                    yield Target(fid, skip + decorator.context + 1, decorator.region, call, node, frame)
        else:
            for fid, skip in self._functions(thing):
                yield Target(fid, skip, region)

    def _thunk(self, expr: Expr, frame: Frame) -> tuple[Call | None, ast.Call | None]:
        """The call that gives a decorated function its arguments, where it is written as the body."""
        tree = self.trees.get(frame.fid[0])
        if expr is None or expr[0] != f.CALL or tree is None:
            return None, None
        return self.ev.function(frame.fid).calls[expr[1]], tree.nodes.get((frame.fid, expr[1]))

    def _functions(self, thing: Thing) -> list[tuple[FunctionId, int]]:
        """The functions behind something that is called, each with how many parameters its receiver takes."""
        if thing[0] in (t.FN, t.METHOD):
            return [(thing[1], 1 if thing[0] == t.METHOD else 0)]
        if thing[0] == t.PARTIAL:
            return self._functions(thing[1])
        if thing[0] == t.INST:
            return [(target, 1) for target in self.ev.classes.methods(thing, "__call__")]
        if thing[0] == t.CLASS:
            return [(target, 1) for target in self.ev.classes.methods(thing, "__init__")]
        return []

    def _sorted(self, things: Any) -> list[Thing]:
        return sorted(things, key=repr)
