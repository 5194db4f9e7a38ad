"""Numbers on a libcst tree: the same as ``index.collect`` gives to the ``ast`` tree of the same text.

Names, attributes, calls, sets, lambdas and definitions in expression position, ``except`` clauses and the statements
that leave a block are numbered before their children, in the order of ``_ORDER``; what binds or names without being an
expression (imports, keywords, parameter names) is not.
"""

from __future__ import annotations

from durable_lint.loading import cst
from durable_lint.visit.nodes import reading

_ORDER: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.FunctionDef: ("decorators", "params", "returns", "body"),
    cst.ClassDef: ("decorators", "bases", "keywords", "body"),
    cst.Parameters: ("posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg"),
    cst.Param: ("annotation", "default"),
    cst.ParamStar: (),
    cst.Lambda: ("params", "body"),
    cst.Attribute: ("value",),
    cst.Arg: ("value",),
    cst.IfExp: ("body", "test", "orelse"),
    cst.Import: (),
    cst.ImportFrom: (),
    cst.Global: (),
    cst.Nonlocal: (),
    cst.TypeAlias: (),
    cst.ExceptHandler: ("type", "body"),
    cst.ExceptStarHandler: ("type", "body"),
    cst.MatchAs: ("pattern",),
    cst.MatchStar: (),
    cst.MatchMapping: ("elements",),
    cst.MatchKeywordElement: ("pattern",),
    cst.MatchSingleton: (),
    cst.MatchCase: ("pattern", "guard", "body"),
    cst.With: ("items", "body"),
    cst.Name: (),
    cst.SimpleString: (),
    cst.Integer: (),
    cst.Float: (),
}
_OTHER = ("whitespace", "lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace", "comma", "semicolon", "equal",
          "colon", "dot", "leading_lines", "lines_after_decorators", "header", "footer", "trailing", "operator",
          "asynchronous", "star", "indent", "type_parameters", "type_comment", "newline", "start", "end",
          "conversion", "posonly_ind", "keyword", "separator")  # fmt: skip
_NUMBERED = frozenset({cst.Attribute, cst.Call, cst.Lambda, cst.FunctionDef, cst.ClassDef, cst.ExceptHandler,
                       cst.ExceptStarHandler, cst.Return, cst.Break, cst.Continue, cst.Set, cst.SetComp})  # fmt: skip
_CONSTANTS = frozenset({"None", "True", "False"})

children = reading(_OTHER, _ORDER)
"""The child nodes that can hold expressions, in the order of the numbers."""


def is_numbered(node: cst.CSTNode) -> bool:
    """Whether a node in expression position has a number."""
    kind = type(node)
    return kind in _NUMBERED or (kind is cst.Name and node.value not in _CONSTANTS)  # type: ignore[attr-defined]


class Numbered:
    """A parsed top-level statement whose nodes are found by number and numbers by node.

    ``text`` is the statement's own; raises libcst.ParserSyntaxError when libcst can't read what ``ast`` could.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.module = cst.parse_module(text)
        self.nodes: list[cst.CSTNode] = []
        self._numbers: dict[int, int] = {}
        stack: list[cst.CSTNode] = list(reversed(self.module.body))
        while stack:
            node = stack.pop()
            if is_numbered(node):
                self._numbers[id(node)] = len(self.nodes)
                self.nodes.append(node)
            stack.extend(reversed(children(node)))

    def number(self, node: cst.CSTNode) -> int:
        """The number of a node, -1 when it has none."""
        return self._numbers.get(id(node), -1)
