"""Statements that become the body of a step: a function of their own, called where they stood."""

from __future__ import annotations

from collections.abc import Collection

from durable_lint.fixes.edits import label
from durable_lint.fixes.scope import free
from durable_lint.fixes.tree import Tree
from durable_lint.knowledge.profiles import Profile
from durable_lint.loading import cst
from durable_lint.model import Edit, Span
from durable_lint.visit.nodes import parts


def as_function(
    tree: Tree, statement: cst.BaseSmallStatement, name: str, context: str, profile: Profile, taken: Collection[str]
) -> tuple[Edit, ...] | None:
    """The edits that move a statement into a function which becomes a step; its value, if any, is dropped.

    None where the statement shares its line with others, or holds a text of several lines that an indentation would
    change.
    """
    line = tree.parent(statement)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1:
        return None
    span = tree.span(statement)
    text = tree.source(statement)
    if has_long_string(statement):
        return None
    newline, indent = surroundings(tree, span.start)
    if indent is None:
        return None
    step = tree.numbered.module.default_indent
    function = free(name.partition("-{")[0].replace("-", "_"), taken)
    body = text.replace(newline, newline + step)
    end = line_end(tree, span.end)
    comment = tree.text[span.end - tree.start : end - tree.start]
    call = profile.writing.step.format(context=context, body=function, name=label(name))
    lines = [f"def {function}({profile.writing.parameter}):", f"{indent}{step}{body}{comment}", "", f"{indent}{call}"]
    return (Edit(Span(span.start, end), newline.join(lines)),)


def has_long_string(node: cst.CSTNode) -> bool:
    """Whether a string of several lines stands in a node: an indentation would change it."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.SimpleString) and "\n" in current.value:
            return True
        if isinstance(current, cst.FormattedString) and len(current.start) > 3:
            return True
        stack.extend(parts(current))
    return False


def surroundings(tree: Tree, offset: int) -> tuple[str, str | None]:
    """The line end of the text, and what stands before an offset on its line: None unless it is an indentation."""
    text = tree.text
    at = offset - tree.start
    newline = "\r\n" if "\r\n" in text else "\n" if "\n" in text else "\r"
    begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    indent = text[begin:at]
    return newline, indent if not indent.strip() else None


def line_end(tree: Tree, offset: int) -> int:
    """Where the line of an offset ends, before its line end."""
    at = offset - tree.start
    while at < len(tree.text) and tree.text[at] not in "\r\n":
        at += 1
    return tree.start + at
