"""Log lines and prints that go through the context's logger, which knows what is replayed."""

from __future__ import annotations

from durable_lint.fixes.edits import without_argument
from durable_lint.fixes.scope import context_of
from durable_lint.fixes.tree import Tree
from durable_lint.index.project import Project
from durable_lint.knowledge.profiles import Profile
from durable_lint.loading import cst
from durable_lint.model import Edit, Fix, Level, Span
from durable_lint.visit.region import Region
from durable_lint.visit.values import EffectUse

_FORMATTING = ("logging.", "aws_lambda_powertools.")
"""Loggers that format their arguments with ``%``, as the context's does."""

_STREAMS = frozenset({"sys.stdout.write", "sys.stderr.write"})


def log_through_context(project: Project, tree: Tree, region: Region, use: EffectUse) -> Fix | None:
    """Replace the logger of a log line; None where its method or its arguments don't carry over."""
    place = context_of(project, region.fid)
    node = tree.node(use.number)
    if place is None or len(use.hops) > 1 or not isinstance(node, cst.Call):
        return None
    logger = _logger(*place)
    method = node.func.attr.value if isinstance(node.func, cst.Attribute) else use.api.rpartition(".")[2]
    if method == "log":
        return _of_level(tree, node, place, use)
    plain = use.api.startswith(_FORMATTING)
    chosen = _method(method, node, place[1])
    message = _percent(tree, node) if use.api.startswith("loguru.") else None
    if not logger or not chosen or not _arguments_fit(node, plain or message is not None):
        return None
    edits = [tree.replace(node.func, f"{logger}.{chosen}"), *([message] if message is not None else [])]
    edits += [
        without_argument(tree, node, arg)
        for arg in node.args
        if arg.keyword is not None and arg.keyword.value == "exc_info"
    ]
    return Fix(f"use {logger}.{chosen}", Level.SAFE, tuple(edits))


def _of_level(tree: Tree, call: cst.Call, place: tuple[str, Profile], use: EffectUse) -> Fix | None:
    """Replace ``log(LEVEL, message)`` by the method of a constant level."""
    logger = _logger(*place)
    first = call.args[0] if call.args else None
    if first is None or first.keyword is not None or first.star or len(call.args) < 2:
        return None
    name = first.value.attr if isinstance(first.value, cst.Attribute) else first.value
    level = name.value.lower() if isinstance(name, cst.Name) and name.value.isupper() else ""
    rest = call.with_changes(args=call.args[1:])
    chosen = _method(level, rest, place[1])
    if not logger or not chosen or _keyword(call, "exc_info") or not _arguments_fit(rest, True):
        return None
    if not use.api.startswith(_FORMATTING):
        return None
    gone = Edit(Span(tree.span(first).start, tree.span(call.args[1]).start), "")
    return Fix(f"use {logger}.{chosen}", Level.SAFE, (tree.replace(call.func, f"{logger}.{chosen}"), gone))


def _percent(tree: Tree, call: cst.Call) -> Edit | None:
    """The edit that writes ``{}`` in a message as ``%s``, where each stands for one argument."""
    values = [arg for arg in call.args if arg.keyword is None]
    first = values[0].value if values else None
    if not isinstance(first, cst.SimpleString) or any(arg.star for arg in call.args) or len(values) < 2:
        return None
    text = first.raw_value
    if text.count("{}") != len(values) - 1 or "{" in text.replace("{}", "") or "}" in text.replace("{}", ""):
        return None
    body = text.replace("%", "%%").replace("{}", "%s")
    return tree.replace(first, f"{first.prefix}{first.quote}{body}{first.quote}")


def _logger(context: str, profile: Profile) -> str:
    names = [one.logger for one in profile.contexts.values() if one.region == "workflow" and one.logger]
    return f"{context}.{names[0]}" if names and profile.writing.logger_methods else ""


def _method(method: str, call: cst.Call, profile: Profile) -> str:
    """The method of the context's logger that does the same; empty when there is none."""
    method = {"warn": "warning"}.get(method, method)
    traceback = _keyword(call, "exc_info")
    if traceback is not None:
        asks = isinstance(traceback, cst.Name) and traceback.value == "True"
        method = "exception" if asks and method in ("error", "exception") else ""
    return method if method in profile.writing.logger_methods else ""


def _keyword(call: cst.Call, name: str) -> cst.BaseExpression | None:
    return next((arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == name), None)


def _arguments_fit(call: cst.Call, plain: bool) -> bool:
    """A message, arguments for its ``%`` and ``extra``; a logger that formats in its own way takes a message only."""
    positional = [arg for arg in call.args if arg.keyword is None and not arg.star]
    keywords = {arg.keyword.value for arg in call.args if arg.keyword is not None}
    if any(arg.star for arg in call.args) or not positional:
        return False
    return keywords <= {"extra", "exc_info"} and (plain or len(positional) == 1)


def print_through_context(project: Project, tree: Tree, region: Region, use: EffectUse) -> Fix | None:
    """Replace a ``print`` by an ``info`` of the context's logger; None for prints to a file or with a layout."""
    place = context_of(project, region.fid)
    node = tree.node(use.number)
    if place is None or len(use.hops) > 1 or not isinstance(node, cst.Call):
        return None
    logger = _logger(*place)
    if logger and use.api in _STREAMS:
        return _written_line(tree, node, f"{logger}.info")
    if logger and use.api.startswith("traceback."):
        return _with_traceback(tree, node, logger, place[1])
    if not node.args:
        return None
    keywords = {arg.keyword.value for arg in node.args if arg.keyword is not None}
    values = [arg for arg in node.args if arg.keyword is None]
    if not logger or not keywords <= {"flush", "file"} or any(arg.star for arg in node.args):
        return None
    if use.api.rpartition(".")[2] not in ("print", "pprint", "pp") or not isinstance(tree.parent(node), cst.Expr):
        return None
    if use.api.rpartition(".")[2] != "print" and len(values) > 1:
        return None
    edits = [tree.replace(node.func, f"{logger}.info")]
    edits += [without_argument(tree, node, arg) for arg in node.args if arg.keyword is not None]
    if len(values) > 1:
        edits.append(_message(tree, values))
    return Fix(f"use {logger}.info", Level.UNSAFE, tuple(edits))


def _written_line(tree: Tree, call: cst.Call, method: str) -> Fix | None:
    """Replace the writing of one constant line, its end included, to a standard stream."""
    value = call.args[0].value if len(call.args) == 1 and not call.args[0].star else None
    if not isinstance(value, cst.SimpleString | cst.FormattedString) or not isinstance(tree.parent(call), cst.Expr):
        return None
    text = tree.source(value)
    end = len(value.quote) if isinstance(value, cst.SimpleString) else len(value.end)
    if end != 1 or "b" in value.prefix.lower() or "r" in value.prefix.lower() or not text[:-1].endswith("\\n"):
        return None
    line = text[:-3]
    if line.endswith("\\") or "\\n" in line or "\n" in text:
        return None
    return Fix(f"use {method}", Level.UNSAFE, (tree.replace(call.func, method), tree.replace(value, line + text[-1])))


def _with_traceback(tree: Tree, call: cst.Call, logger: str, profile: Profile) -> Fix | None:
    """Replace the printing of the traceback in an ``except`` clause, to which the logger adds it itself."""
    clause = next((one for one in tree.ancestors(call) if isinstance(one, cst.ExceptHandler | cst.FunctionDef)), None)
    caught = clause.name.name if isinstance(clause, cst.ExceptHandler) and clause.name is not None else None
    given = [arg.value for arg in call.args]
    own = all(isinstance(one, cst.Name) and isinstance(caught, cst.Name) and one.value == caught.value for one in given)
    if not isinstance(clause, cst.ExceptHandler) or not own or not isinstance(tree.parent(call), cst.Expr):
        return None
    if "exception" not in profile.writing.logger_methods:
        return None
    text = f'"%s", {caught.value}' if isinstance(caught, cst.Name) else '"failed"'
    return Fix(f"use {logger}.exception", Level.UNSAFE, (tree.replace(call, f"{logger}.exception({text})"),))


def _message(tree: Tree, values: list[cst.Arg]) -> Edit:
    """The first argument as a message with a place for each of the others, as print sets them: with blanks."""
    first = values[0].value
    places = " ".join(["%s"] * (len(values) - 1))
    if isinstance(first, cst.SimpleString) and first.raw_value.isprintable() and first.quote in ('"', "'"):
        text = first.raw_value.replace("%", "%%")
        return tree.replace(first, f"{first.prefix}{first.quote}{text} {places}{first.quote}")
    return tree.insert(tree.span(values[0]).start, f'"%s {places}", ')
