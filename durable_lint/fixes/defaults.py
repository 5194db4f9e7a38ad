"""Defaults that bind the variables of a loop at once."""

from __future__ import annotations

from durable_lint.fixes.tree import Tree
from durable_lint.index.facts import Function
from durable_lint.loading import cst
from durable_lint.model import Edit, Fix, Level


def bind_defaults(tree: Tree, function: Function, names: list[str], by_keyword: bool) -> Fix | None:
    """Give a function a parameter ``x=x`` for each name; ``by_keyword``: out of the way of positional arguments."""
    node = tree.node(function.number)
    if not isinstance(node, cst.FunctionDef | cst.Lambda):
        return None
    plain = [name.partition("@")[0] for name in names]
    taken = {parameter.name for parameter in function.parameters}
    if taken & set(plain) or not all(_is_bound_before(tree, node, name) for name in plain):
        return None
    text = ", ".join(f"{name}={name}" for name in plain)
    edit = _insertion(tree, node, text, by_keyword)
    return None if edit is None else Fix(f"add the default {text}", Level.SAFE, (edit,))


def _is_bound_before(tree: Tree, node: cst.FunctionDef | cst.Lambda, name: str) -> bool:
    """Whether a name has a value where a function is made: it is written above it, or bound by a comprehension."""
    at = tree.span(node).start
    for parent in tree.ancestors(node):
        if isinstance(parent, cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp):
            return True
        if isinstance(parent, cst.FunctionDef):
            names = (one for one in tree.numbered.nodes if isinstance(one, cst.Name) and one.value == name)
            parameters = (*parent.params.posonly_params, *parent.params.params, *parent.params.kwonly_params)
            above = any(tree.span(parent).start < tree.span(one).start < at for one in names)
            return above or any(parameter.name.value == name for parameter in parameters)
    return False


def _insertion(tree: Tree, node: cst.FunctionDef | cst.Lambda, text: str, by_keyword: bool) -> Edit | None:
    params = node.params
    positional = [*params.posonly_params, *params.params]
    star = params.star_arg
    if params.kwonly_params or isinstance(star, cst.Param):
        last = params.kwonly_params[-1] if params.kwonly_params else star
        return tree.insert(_end(tree, last), f", {text}") if isinstance(last, cst.Param) else None
    text = f"*, {text}" if by_keyword else text
    if positional:
        after = _end(tree, positional[-1])
        if positional[-1] in params.posonly_params:  # behind the ``/`` there may be nothing but a comma
            return None
        return tree.insert(after, f", {text}")
    if params.star_kwarg is not None:
        return tree.insert(tree.span(params.star_kwarg).start, f"{text}, ")
    if isinstance(node, cst.Lambda):
        return tree.insert(tree.span(node).start + len("lambda"), f" {text}")
    at = tree.span(node.name).end - tree.start
    return tree.insert(tree.start + at + 1, text) if tree.text[at : at + 2] == "()" else None


def _end(tree: Tree, param: cst.Param) -> int:
    """Where a parameter ends, without its comma."""
    if param.default is not None:
        return tree.outer_span(param.default).end
    if param.annotation is not None:
        return tree.outer_span(param.annotation.annotation).end
    return tree.span(param.name).end
