"""The small edits that fixes are made of."""

from __future__ import annotations

from durable_lint.fixes.tree import Tree
from durable_lint.loading import cst
from durable_lint.model import Edit, Span


def add_argument(tree: Tree, call: cst.Call, text: str) -> Edit:
    """Add an argument at the end of a call, in the call's own style: on a line of its own where the others have one."""
    close = tree.span(call).end - 1
    if not call.args:
        return tree.insert(close, text)
    last = call.args[-1]
    end = _argument_end(tree, last)
    comma = last.comma
    if isinstance(comma, cst.Comma):  # a comma behind the last argument: one argument a line, or the style of a tuple
        at = tree.span(comma).start + 1
        return tree.insert(at, _gap(tree, call) + text + ",")
    return tree.insert(end, "," + _gap(tree, call) + text)


def without_argument(tree: Tree, call: cst.Call, arg: cst.Arg) -> Edit:
    """Take an argument out of a call, with the comma before it, or behind the first."""
    index = call.args.index(arg)
    end = tree.outer_span(arg.value).end
    if index:
        return Edit(Span(tree.outer_span(call.args[index - 1].value).end, end), "")
    following = call.args[1:]
    return Edit(Span(tree.span(arg).start, tree.span(following[0]).start if following else end), "")


def _argument_end(tree: Tree, argument: cst.Arg) -> int:
    return tree.outer_span(argument.value).end


def _gap(tree: Tree, call: cst.Call) -> str:
    """What stands between two arguments: a blank, or a line break and the indentation of the last argument's line."""
    start = tree.span(call.args[-1]).start - tree.start
    begin = max(tree.text.rfind("\n", 0, start), tree.text.rfind("\r", 0, start)) + 1
    before = tree.text[begin:start]
    if begin and not before.strip():
        newline = "\r\n" if tree.text[:begin].endswith("\r\n") else tree.text[begin - 1]
        return newline + before
    return " "


def as_argument(node: cst.BaseExpression, text: str) -> str:
    """A text of an expression that stands alone, fit to be an argument or the body of a lambda.

    A generator expression, a walrus and a ``yield`` need parentheses of their own there.
    """
    if isinstance(node, cst.GeneratorExp | cst.NamedExpr | cst.Yield) and not text.startswith("("):
        return f"({text})"
    return text


def quoted(text: str) -> str:
    """A string literal in double quotes, as formatters write it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def label(name: str) -> str:
    """A name as a literal; one with replacement fields is an f-string."""
    return f"f{quoted(name)}" if "{" in name else quoted(name)
