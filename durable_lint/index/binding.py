"""Which argument reaches which parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from durable_lint.index.facts import STAR, Call, Expr, Function
from durable_lint.index.things import NOTHING, Things, container
from durable_lint.knowledge.profiles import Place
from durable_lint.records import dataclass, field


@dataclass(slots=True)
class Arguments:
    """The arguments of a call, as things. ``star`` and ``double`` are what ``*`` and ``**`` may add, if they occur."""

    positional: tuple[Things, ...] = ()
    keywords: Mapping[str, Things] = field(default_factory=dict)
    star: Things | None = None
    double: Things | None = None

    def after(self, positional: tuple[Things, ...], keywords: Mapping[str, Things]) -> Arguments:
        """The same call with arguments that were bound before."""
        return Arguments((*positional, *self.positional), {**keywords, **self.keywords}, self.star, self.double)

    def all(self) -> list[Things]:
        """Every argument, in order."""
        rest = [things for things in (self.star, self.double) if things]
        return [*self.positional, *self.keywords.values(), *rest]

    def at(self, position: int, keyword: str) -> Things:
        """The argument at a position from 0 or of a keyword; nothing when it isn't given."""
        if keyword in self.keywords:
            return self.keywords[keyword]
        return self.positional[position] if position < len(self.positional) else NOTHING


class Written(Arguments):
    """The arguments of a call as it is written, evaluated when somebody looks at them: most callees don't care."""

    __slots__ = ("_evaluate",)

    _evaluate: Callable[[], Arguments]

    def __init__(self, evaluate: Callable[[], Arguments]) -> None:
        self._evaluate = evaluate

    def __getattr__(self, name: str) -> Any:
        """Fill the fields; Python asks only while they are empty."""
        found = self._evaluate()
        self.positional, self.keywords, self.star, self.double = (
            found.positional,
            found.keywords,
            found.star,
            found.double,
        )
        return getattr(found, name)


NONE_GIVEN = Arguments()


def bind(
    function: Function, arguments: Arguments, skip: int = 0, default: Callable[[int], Things] | None = None
) -> dict[str, Things]:
    """What each parameter gets. ``skip`` leading parameters (``self``, a context) are bound by others.

    ``default`` gives the things of a parameter's default value by its index in ``function.parameters``.
    """
    bound: dict[str, Things] = {}
    positional = list(arguments.positional)
    for index, parameter in enumerate(function.parameters):
        name = parameter.name
        if parameter.kind == "pos":
            if skip:
                skip -= 1
            elif positional:
                bound[name] = positional.pop(0)
            elif name in arguments.keywords:
                bound[name] = arguments.keywords[name]
            elif arguments.star:
                bound[name] = arguments.star
            elif arguments.double:
                bound[name] = arguments.double
            elif default is not None:
                bound[name] = default(index)
        elif parameter.kind == "*":
            rest = frozenset().union(*positional, arguments.star or NOTHING)
            bound[name] = frozenset({container("tuple", rest)})
        elif parameter.kind == "key":
            if name in arguments.keywords:
                bound[name] = arguments.keywords[name]
            elif arguments.double:
                bound[name] = arguments.double
            elif default is not None:
                bound[name] = default(index)
        else:
            names = {other.name for other in function.parameters}
            rest = frozenset().union(*(t for k, t in sorted(arguments.keywords.items()) if k not in names))
            bound[name] = frozenset({container("dict", rest | (arguments.double or NOTHING))})
    return bound


def rest(arguments: Arguments, place: Place, taken: frozenset[str]) -> Arguments:
    """The arguments of a call behind a place, without the keywords that are taken."""
    keywords = {name: value for name, value in arguments.keywords.items() if name not in taken}
    return Arguments(arguments.positional[place.arg + 1 :], keywords, arguments.star, arguments.double)


def passed(function: Function, name: str, call: Call, skip: int) -> Expr | bool:
    """The argument expression that a call gives to a parameter: False when none, True when it can't be told."""
    position = 0
    for parameter in function.parameters:
        if parameter.name == name:
            break
        position += parameter.kind == "pos"
    for keyword, value in call.keywords:
        if keyword == name:
            return value
        if not keyword:
            return True
    if any(arg is not None and arg[0] == STAR for arg in call.args):
        return True
    return call.args[position - skip] if skip <= position < len(call.args) + skip else False
