"""Statements that become one step because they share what no step can record: a response, a file, a transaction."""

from __future__ import annotations

from collections.abc import Collection

from durable_lint.fixes.edits import label
from durable_lint.fixes.naming import VAGUE, called_parts, for_effect
from durable_lint.fixes.runs import Run
from durable_lint.fixes.scope import free, kebab, names_in, words
from durable_lint.fixes.statements import line_end, surroundings
from durable_lint.fixes.tree import Tree
from durable_lint.knowledge.profiles import Profile
from durable_lint.loading import cst
from durable_lint.model import Edit, Span
from durable_lint.source import LINE_END
from durable_lint.visit.nodes import parts

_QUERYING = frozenset({"execute", "executemany", "scalar", "scalars", "fetchone", "fetchall", "fetchval", "query",
                       "cursor", "connect", "get", "begin", "add", "commit", "flush", "merge"})  # fmt: skip
_FETCHING = frozenset({"get", "request", "urlopen", "head", "open"})


def named(tree: Tree, run: Run, node: cst.BaseExpression, kind: str) -> tuple[str, ...]:
    """Names for the step that a run becomes: after its first effect and what it gives."""
    verb = words(called_parts(node)[-1]) or ["run"]
    given = run.results[-1] if run.results else ""
    if kind == "filesystem" and len(run.statements) == 1 and isinstance(run.statements[0], cst.SimpleStatementLine):
        return for_effect(tree, node, node, kind)
    if kind == "filesystem":
        return (kebab("read", given or "file") if given or run.returns else "use-file",)
    if kind == "subprocess" and verb[0] == "popen":
        return ("run-process",)
    if kind == "database" and verb[0] in _QUERYING:
        return (kebab("query", given) if given else "run-statements",)
    if verb[0] in _FETCHING and kind == "network":
        verb = ["fetch"]
    if len(verb) == 1 and (verb[0] in VAGUE or verb[0] == "fetch"):
        if given:
            return (kebab("-".join(verb), given),)
        if verb[0] == "fetch":
            return ("fetch-answer",)
    return for_effect(tree, node, node, kind)


def alone(run: Run) -> cst.BaseExpression | None:
    """The value of a run that only assigns it to one variable, or returns it."""
    line = run.statements[0]
    if len(run.statements) > 1 or not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1:
        return None
    small = line.body[0]
    if isinstance(small, cst.Assign) and len(small.targets) == 1 and isinstance(small.targets[0].target, cst.Name):
        return small.value if run.results else None
    return small.value if isinstance(small, cst.Return) else None


def as_step(tree: Tree, run: Run, name: str, context: str, profile: Profile, taken: Collection[str]) -> Edit | None:
    """The edit that moves a run into a function, which a step runs where the run stood."""
    first = _first(run.block[run.first])
    start = tree.span(first).start
    newline, indent = surroundings(tree, start)
    if indent is None:
        return None
    end = _end(tree, run.block[run.last], len(indent))
    inner = indent + tree.numbered.module.default_indent
    lines = LINE_END.split(tree.text[start - tree.start : end - tree.start])
    shift = tree.numbered.module.default_indent
    body = [inner + lines[0], *(shift + line if line.strip() else line for line in lines[1:])]
    used = set().union(*(names_in(one) for one in run.statements))
    parameter = profile.writing.parameter
    while parameter and parameter in used:
        parameter = "_step" if parameter == "_" else f"{parameter}_"
    function = free(name.partition("-{")[0].replace("-", "_"), {*taken, *used})
    call = profile.writing.step.format(context=context, body=function, name=label(name))
    given = ", ".join(run.results)
    if run.results:
        body.append(f"{inner}return {given}")
        call = f"{given} = {call}"
    text = [f"def {function}({parameter}):", *body, "", f"{indent}{'return ' if run.returns else ''}{call}"]
    return Edit(Span(start, end), newline.join(text))


def _first(statement: cst.CSTNode) -> cst.CSTNode:
    return statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement


def _end(tree: Tree, statement: cst.CSTNode, indent: int) -> int:
    """Where the last line of a statement ends, with comments that stand deeper than the statement behind it."""
    end = line_end(tree, _last(tree, statement))
    if isinstance(statement, cst.SimpleStatementLine):
        return end
    at, found = end - tree.start, end
    while at < len(tree.text):
        begin = at + (2 if tree.text.startswith("\r\n", at) else 1)
        following = line_end(tree, tree.start + min(begin, len(tree.text))) - tree.start
        line = tree.text[begin:following]
        if line.strip() and not (line.lstrip().startswith("#") and len(line) - len(line.lstrip()) > indent):
            break
        found = tree.start + following if line.strip() else found
        at = max(following, begin)
    return found


def _last(tree: Tree, node: cst.CSTNode) -> int:
    """Where the last simple statement in a statement ends."""
    if isinstance(node, cst.SimpleStatementLine | cst.SimpleStatementSuite):
        return tree.span(node.body[-1]).end
    if isinstance(node, cst.IndentedBlock):
        return _last(tree, node.body[-1])
    blocks = (cst.BaseSuite, cst.Else, cst.Finally, cst.If, cst.ExceptHandler)
    inner = [child for child in parts(node) if isinstance(child, blocks)]
    return max(_last(tree, one) for one in inner)
