"""The nodes below a libcst node, read from its fields: libcst's own ``children`` makes a copy of the node to find them,
which takes fifteen times as long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType

from durable_lint.knowledge.profiles import Place
from durable_lint.loading import cst

Reading = Callable[[cst.CSTNode], list[cst.CSTNode]]

_SPACE = ("whitespace", "leading", "lines_after_decorators", "header", "footer", "trailing", "indent", "newline")
_MARKS = ("lbracket", "rbracket", "lbrace", "rbrace", "semicolon", "equal", "colon", "first_colon", "second_colon",
          "dot", "operator", "asynchronous", "relative", "separator", "posonly_ind", "start", "end")  # fmt: skip
_VALUES = frozenset({NoneType, bool, str, cst.MaybeSentinel})
"""What a field can hold besides nodes and tuples of nodes."""

_LEXICAL: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.FunctionDef: ("decorators", "name", "type_parameters", "params", "returns", "body"),
    cst.ClassDef: ("decorators", "name", "type_parameters", "bases", "keywords", "body"),
    cst.Parameters: ("posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg"),
    cst.Arg: ("keyword", "value", "comma"),
    cst.IfExp: ("body", "test", "orelse", "lpar", "rpar"),
    cst.ExceptHandler: ("type", "name", "body"),
    cst.ExceptStarHandler: ("type", "name", "body"),
    cst.MatchCase: ("pattern", "guard", "body"),
}
"""The fields of the classes that don't list them in the order of the text."""


def reading(left_out: tuple[str, ...], fields: Mapping[type[cst.CSTNode], tuple[str, ...]]) -> Reading:
    """A function that gives the child nodes of a node: those in the ``fields`` of its class, and where no fields are
    given for that, in all whose names don't begin with what is ``left_out``."""
    known = dict(fields)

    def fields_of(kind: type[cst.CSTNode]) -> tuple[str, ...]:
        known[kind] = tuple(name for name in kind.__dataclass_fields__ if not name.startswith((*left_out, "_")))
        return known[kind]

    def read(node: cst.CSTNode) -> list[cst.CSTNode]:
        names = known.get(type(node))
        if names is None:
            names = fields_of(type(node))
        found: list[cst.CSTNode] = []
        for name in names:
            value = getattr(node, name)
            kind = type(value)
            if kind is tuple:
                found += value
            elif kind not in _VALUES:
                found.append(value)
        return found

    return read


parts = reading((*_SPACE, *_MARKS), _LEXICAL)
"""The child nodes in the order of the text, without white space; of marks only commas and parentheses, anywhere."""


def argument_node(call: cst.Call, place: Place) -> cst.BaseExpression | None:
    """The argument at a place; None when it isn't given, or hidden behind a star. ``index.issuing.argument`` gives its
    fact."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == place.keyword:
            return arg.value
    positional = [arg for arg in call.args if arg.keyword is None]
    if len(positional) > place.arg and not any(arg.star for arg in positional[: place.arg + 1]):
        return positional[place.arg].value
    return None
