"""Names of operations: given where there is none, freed of what differs, numbered where they come up again."""

from __future__ import annotations

import re

from durable_lint.fixes.edits import add_argument, quoted
from durable_lint.fixes.naming import VAGUE, Names, assigned, called_parts
from durable_lint.fixes.scope import free, kebab, names_in, words
from durable_lint.fixes.tree import Tree
from durable_lint.index.facts import Function
from durable_lint.index.issuing import Site
from durable_lint.knowledge.profiles import Operation, Place
from durable_lint.loading import cst
from durable_lint.model import Edit, Fix, Level, Span
from durable_lint.visit.nodes import argument_node


def add_name(tree: Tree, site: Site, function: Function, names: Names) -> Fix | None:
    """Name an operation after its body, what it invokes, or what its result is bound to."""
    operation = site.issued.operation
    call = tree.call(site.call.number)
    if operation.label is None or any(arg.star for arg in call.args):
        return None
    name = names.give(site.fid, site.call.number, *_wanted(tree, call, operation, function))
    given = argument_node(call, operation.label)
    text = quoted(name)
    edit = tree.replace(given, text) if given is not None else _add(tree, call, operation.label, text)
    return Fix(f"name it {text}", Level.HISTORY, (edit,))


def _add(tree: Tree, call: cst.Call, place: Place, text: str) -> Edit:
    return add_argument(tree, call, f"{place.keyword}={text}")


def _wanted(tree: Tree, call: cst.Call, operation: Operation, function: Function) -> tuple[str, ...]:
    """Names for an operation, the best first."""
    target = assigned(tree, call)
    kind = kebab(operation.name)
    fallback = kebab(kind, target) if target else kebab(function.name, kind) if words(function.name) else kind
    body = None
    if operation.body is not None:
        body = argument_node(call, operation.body.place)
    good = ""
    if body is not None and operation.body is not None and not operation.body.many:
        good = _of_body(body)
    elif call.args and operation.body is None:
        first = call.args[0].value
        good = _of_duration(first) if isinstance(first, cst.Call) else _of_target(first, kind)
    if good in VAGUE:
        good = kebab(good, target) if target else f"{good}-{kind}"
    if not good and target:
        good = kebab(target)
    return (good, fallback) if good else (fallback,)


def _of_body(node: cst.BaseExpression) -> str:
    """After the function that a body is or calls."""
    if isinstance(node, cst.Lambda):
        inner = node.body
        return _of_body(inner) if isinstance(inner, cst.Call) else ""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "partial" and node.args:
        return _of_body(node.args[0].value)
    parts = called_parts(node)
    return kebab(parts[-1]) if parts and parts[-1] != "call" else ""


def _of_duration(node: cst.Call) -> str:
    """``wait-10-minutes`` for a duration of a known length; ``wait-minutes-…`` is no name."""
    unit = node.func.attr.value.removeprefix("from_") if isinstance(node.func, cst.Attribute) else ""
    amount = node.args[0].value if len(node.args) == 1 else None
    if unit in ("seconds", "minutes", "hours", "days") and isinstance(amount, cst.Integer):
        return f"wait-{amount.value}-{unit if amount.value != '1' else unit[:-1]}"
    if unit in ("seconds", "minutes", "hours", "days") and isinstance(amount, cst.Name):
        return kebab("wait", amount.value)
    return ""


def _of_target(node: cst.BaseExpression, kind: str) -> str:
    """After the function that is invoked: the name in its ARN, without its version."""
    if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
        text = node.evaluated_value
        match = re.search(r":function:([^:]+)", text)
        name = match[1] if match else text.partition(":")[0]
        return kebab(kind, name) if words(name) else ""
    return ""


def stable_part(tree: Tree, label: cst.BaseExpression, unstable: list[cst.CSTNode]) -> str | None:
    """The text of a name without the parts that hold unstable expressions; None when it can't be taken apart."""
    if isinstance(label, cst.FormattedString):
        parts, text = [], ""
        for part in label.parts:
            if isinstance(part, cst.FormattedStringText):
                parts.append(part.value)
            elif not any(_holds(tree, part, one) for one in unstable):
                parts.append(tree.source(part))
        kept = "".join(parts)
        text = re.sub(r"[-_:/. ]{2,}", lambda match: match[0][0], kept).strip("-_:/. ")
        if not text:
            return None
        return f"{label.start}{text}{label.end}" if "{" in text else quoted(text)
    if isinstance(label, cst.BinaryOperation) and isinstance(label.operator, cst.Add):
        left, right = (any(_holds(tree, side, one) for one in unstable) for side in (label.left, label.right))
        if left != right:
            kept_side = label.right if left else label.left
            if isinstance(kept_side, cst.SimpleString) and isinstance(kept_side.evaluated_value, str):
                text = kept_side.evaluated_value.strip("-_:/. ")
                return quoted(text) if text else None
            return tree.source(kept_side)
    return None


def _holds(tree: Tree, outer: cst.CSTNode, inner: cst.CSTNode) -> bool:
    return outer is inner or any(parent is outer for parent in tree.ancestors(inner))


def number(tree: Tree, call: cst.Call, label: cst.BaseExpression, function: Function) -> Fix | None:
    """Number a name by the index of every loop around its operation; None in a ``while``."""
    edits: list[Edit] = []
    indexes: list[str] = []
    taken = names_in(tree.numbered.module) | {parameter.name for parameter in function.parameters}
    previous: cst.CSTNode = call
    for parent in tree.ancestors(call):
        if isinstance(parent, cst.FunctionDef | cst.Lambda):
            break
        if isinstance(parent, cst.While):
            return None
        if isinstance(parent, cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp):
            loops = _generators(parent)
            if previous in loops:
                return None
        elif isinstance(parent, cst.For) and previous is parent.body:
            loops = [parent]
        else:
            loops = []
        for loop in reversed(loops):
            index, edit = _index(tree, loop, taken)
            if not index:
                return None
            taken.add(index)
            indexes.insert(0, index)
            edits += edit
        previous = parent
    if not indexes:
        return None
    numbers = "".join(f"-{{{index}}}" for index in indexes)
    if isinstance(label, cst.SimpleString) and label.quote in ('"', "'") and not label.prefix:
        body = label.raw_value.replace("{", "{{").replace("}", "}}")
        text = f"f{label.quote}{body}{numbers}{label.quote}"
    elif isinstance(label, cst.Name):
        text = f'f"{{{label.value}}}{numbers}"'
    else:
        return None
    return Fix("number the name by the loop", Level.HISTORY, (tree.replace(label, text), *edits))


def _generators(node: cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp) -> list[cst.For | cst.CompFor]:
    found: list[cst.For | cst.CompFor] = []
    inner: cst.CompFor | None = node.for_in
    while inner is not None:
        found.append(inner)
        inner = inner.inner_for_in
    return found


def _index(tree: Tree, loop: cst.For | cst.CompFor, taken: set[str]) -> tuple[str, list[Edit]]:
    """The variable that counts the rounds of a loop, and the edits that make it count if it doesn't yet."""
    if loop.asynchronous is not None:
        return "", []
    iterated = loop.iter
    called = iterated.func.value if isinstance(iterated, cst.Call) and isinstance(iterated.func, cst.Name) else ""
    if called == "range" and isinstance(loop.target, cst.Name):
        if loop.target.value != "_":
            return loop.target.value, []
        index = free("index", taken)
        return index, [tree.replace(loop.target, index)] if "_" not in _read(tree, loop) else []
    if called == "enumerate" and isinstance(loop.target, cst.Tuple) and len(loop.target.elements) == 2:
        first = loop.target.elements[0].value
        if isinstance(first, cst.Name) and first.value != "_":
            return first.value, []
        index = free("index", taken)
        return index, [tree.replace(first, index)]
    index = free("index", taken)
    target = tree.source(loop.target)
    bare = isinstance(loop.target, cst.Tuple) and not loop.target.lpar
    brackets = f"({target})" if bare else target
    edits = [tree.replace(loop.target, f"{index}, {brackets}")]
    if isinstance(loop.target, cst.Tuple) and loop.target.lpar:
        span = tree.outer_span(loop.target)
        edits = [Edit(Span(span.start, span.start), f"{index}, ")]
    edits.append(tree.replace(iterated, f"enumerate({_alone(tree, iterated)})"))
    return index, edits


def _alone(tree: Tree, node: cst.BaseExpression) -> str:
    text = tree.source(node)
    return f"({text})" if isinstance(node, cst.Tuple) and not text.startswith("(") else text


def _read(tree: Tree, loop: cst.For | cst.CompFor) -> set[str]:
    body = loop.body if isinstance(loop, cst.For) else tree.parent(loop)
    return names_in(body) if body is not None else set()
