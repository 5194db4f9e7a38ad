"""Log lines and prints that go through the context's logger, which knows what is replayed."""

from __future__ import annotations

import libcst as cst

from durable_lint.fixes.scope import context_of
from durable_lint.fixes.tree import Tree
from durable_lint.index.project import Project
from durable_lint.knowledge.profiles import Profile
from durable_lint.model import Edit, Fix, Level
from durable_lint.visit.region import Region
from durable_lint.visit.values import EffectUse

_FORMATTING = ("logging.",)
"""Loggers that format their arguments with ``%``, as the context's does."""


def log_through_context(project: Project, tree: Tree, region: Region, use: EffectUse) -> Fix | None:
    """Replace the logger of a log line; None where its method or its arguments don't carry over."""
    place = context_of(project, region.fid)
    node = tree.node(use.number)
    if place is None or len(use.hops) > 1 or not isinstance(node, cst.Call):
        return None
    logger = _logger(*place)
    method = node.func.attr.value if isinstance(node.func, cst.Attribute) else use.api.rpartition(".")[2]
    plain = use.api.startswith(_FORMATTING)
    chosen = _method(method, node, place[1])
    if not logger or not chosen or not _arguments_fit(node, plain):
        return None
    edits = [tree.replace(node.func, f"{logger}.{chosen}")]
    edits += [
        _without(tree, node, arg) for arg in node.args if arg.keyword is not None and arg.keyword.value == "exc_info"
    ]
    return Fix(f"use {logger}.{chosen}", Level.SAFE, tuple(edits))


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


def _without(tree: Tree, call: cst.Call, arg: cst.Arg) -> Edit:
    """Take an argument out of a call, with the comma before it."""
    index = call.args.index(arg)
    end = tree.outer_span(arg.value).end
    if index:
        before = call.args[index - 1]
        start = tree.outer_span(before.value).end
        return Edit(type(tree.span(call))(start, end), "")
    start = tree.span(arg).start
    following = call.args[1:]
    return Edit(type(tree.span(call))(start, tree.span(following[0]).start if following else end), "")


def print_through_context(project: Project, tree: Tree, region: Region, use: EffectUse) -> Fix | None:
    """Replace a ``print`` by an ``info`` of the context's logger; None for prints to a file or with a layout."""
    place = context_of(project, region.fid)
    node = tree.node(use.number)
    if place is None or len(use.hops) > 1 or not isinstance(node, cst.Call) or not node.args:
        return None
    logger = _logger(*place)
    keywords = {arg.keyword.value for arg in node.args if arg.keyword is not None}
    values = [arg for arg in node.args if arg.keyword is None]
    if not logger or not keywords <= {"flush"} or any(arg.star for arg in node.args):
        return None
    if use.api.rpartition(".")[2] not in ("print", "pprint", "pp") or not isinstance(tree.parent(node), cst.Expr):
        return None
    if use.api.rpartition(".")[2] != "print" and len(values) > 1:
        return None
    edits = [tree.replace(node.func, f"{logger}.info")]
    edits += [_without(tree, node, arg) for arg in node.args if arg.keyword is not None]
    if len(values) > 1:
        edits.append(_message(tree, values))
    return Fix(f"use {logger}.info", Level.UNSAFE, tuple(edits))


def _message(tree: Tree, values: list[cst.Arg]) -> Edit:
    """The first argument as a message with a place for each of the others, as print sets them: with blanks."""
    first = values[0].value
    places = " ".join(["%s"] * (len(values) - 1))
    if isinstance(first, cst.SimpleString) and first.raw_value.isprintable() and first.quote in ('"', "'"):
        text = first.raw_value.replace("%", "%%")
        return tree.replace(first, f"{first.prefix}{first.quote}{text} {places}{first.quote}")
    return tree.insert(tree.span(values[0]).start, f'"%s {places}", ')
