"""What an ``except`` clause or a ``finally`` does to a suspension that passes through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set

from durable_lint.index import facts as f
from durable_lint.index.facts import Expr
from durable_lint.knowledge.profiles import Profile
from durable_lint.loading import cst
from durable_lint.visit.nodes import parts

Handler = cst.ExceptHandler | cst.ExceptStarHandler


def fact_of(node: cst.CSTNode) -> Expr:
    """The fact of a name or a dotted name; None for anything else."""
    if isinstance(node, cst.Name):
        return (f.NAME, node.value)
    if isinstance(node, cst.Attribute):
        return (f.ATTR, fact_of(node.value), node.attr.value)
    return None


def swallowing(
    handlers: Iterator[Handler], is_suspension: Callable[[cst.BaseExpression], bool], profiles: tuple[Profile, ...]
) -> Handler | None:
    """The clause that catches suspensions and does not raise them again, if there is one."""
    for handler in handlers:
        types: list[cst.BaseExpression] = []
        if isinstance(handler.type, cst.Tuple):
            types = [element.value for element in handler.type.elements]
        elif handler.type is not None:
            types = [handler.type]
        if handler.type is None or any(is_suspension(one) for one in types):
            # What this clause catches reaches no later one.
            return None if _raises_suspension(handler, profiles) else handler
    return None


def _raises_suspension(handler: Handler, profiles: tuple[Profile, ...]) -> bool:
    """Whether a clause raises a suspension again, whatever way it takes."""
    names = {name for profile in profiles for name in profile.suspension_exceptions}
    bound = _bound(handler)
    return raises_again(handler.body, lambda raised: _is_same(raised, bound), names)


def _bound(handler: Handler) -> str:
    name = handler.name.name if handler.name is not None else None
    return name.value if isinstance(name, cst.Name) else ""


def _is_same(raised: cst.Raise, name: str) -> bool:
    """Whether a ``raise`` raises what its clause has caught under a name."""
    return raised.exc is None or (isinstance(raised.exc, cst.Name) and raised.exc.value == name != "")


def raises_again(block: cst.BaseSuite, again: Callable[[cst.Raise], bool], names: Set[str]) -> bool:
    """Whether every way through a clause ends in a ``raise`` that counts; asking for one of the exceptions of these
    names first, and raising then, counts too."""
    for statement in block.body:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                if isinstance(small, cst.Raise):
                    return again(small)
                if isinstance(small, cst.Return | cst.Break | cst.Continue):
                    return False
        elif isinstance(small_if := statement, cst.If):
            if _asks_for(small_if.test, names) and raises_again(small_if.body, again, names):
                return True
            if _both_raise(small_if, again, names):
                return True
            if _can_leave(small_if, again, names):
                return False
        elif isinstance(statement, cst.Try) and statement.finalbody is not None:
            if raises_again(statement.body, again, names):
                return True
        elif isinstance(statement, cst.With) and raises_again(statement.body, again, names):
            return True
    return False


def _asks_for(test: cst.BaseExpression, names: Set[str]) -> bool:
    """``isinstance(error, SuspendExecution)``."""
    if not isinstance(test, cst.Call) or not isinstance(test.func, cst.Name) or test.func.value != "isinstance":
        return False
    nodes = [test.args[-1].value]
    nodes += [e.value for n in nodes if isinstance(n, cst.Tuple) for e in n.elements]
    last = [
        n.value if isinstance(n, cst.Name) else n.attr.value for n in nodes if isinstance(n, cst.Name | cst.Attribute)
    ]
    return any(name in names for name in last)


def _both_raise(node: cst.If, again: Callable[[cst.Raise], bool], names: Set[str]) -> bool:
    orelse = node.orelse
    if orelse is None or not raises_again(node.body, again, names):
        return False
    if isinstance(orelse, cst.If):
        return _both_raise(orelse, again, names)
    return raises_again(orelse.body, again, names)


def _can_leave(node: cst.If, again: Callable[[cst.Raise], bool], names: Set[str]) -> bool:
    """Whether an ``if`` holds a way out of the clause other than raising again."""
    arms = [node.body]
    orelse = node.orelse
    while isinstance(orelse, cst.If):
        arms.append(orelse.body)
        orelse = orelse.orelse
    if orelse is not None:
        arms.append(orelse.body)
    return any(_leaves(arm) and not raises_again(arm, again, names) for arm in arms)


def _leaves(block: cst.BaseSuite) -> bool:
    for statement in block.body:
        small = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
        if any(isinstance(one, cst.Return | cst.Raise | cst.Break | cst.Continue) for one in small):
            return True
    return False


def leaving(block: cst.BaseSuite, in_loop: bool = False) -> Iterator[cst.CSTNode]:
    """The statements by which a block is left: return, and break or continue of an outer loop."""
    for statement in block.body:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                if isinstance(small, cst.Return) or (isinstance(small, cst.Break | cst.Continue) and not in_loop):
                    yield small
        elif isinstance(statement, cst.For | cst.While):
            yield from leaving(statement.body, True)
        elif not isinstance(statement, cst.FunctionDef | cst.ClassDef):
            for child in _blocks(statement):
                yield from leaving(child, in_loop)


def _blocks(node: cst.CSTNode) -> Iterator[cst.BaseSuite]:
    for child in parts(node):
        if isinstance(child, cst.BaseSuite):
            yield child
        elif isinstance(
            child, cst.If | cst.Else | cst.ExceptHandler | cst.ExceptStarHandler | cst.Finally | cst.MatchCase
        ):
            yield from _blocks(child)


def leaves_loop(statements: Sequence[cst.CSTNode]) -> bool:
    """Whether a block ends by leaving the loop around it."""
    last = statements[-1] if statements else None
    small = last.body[-1] if isinstance(last, cst.SimpleStatementLine) and last.body else None
    return isinstance(small, cst.Break | cst.Return | cst.Raise)
