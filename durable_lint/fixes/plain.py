"""The fix that turns a value into one that can be kept: ``sorted(...)``, ``list(...)`` or ``asdict(...)`` around it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from durable_lint.fixes.readers import TreeOf, is_only_passed_on, operation_of
from durable_lint.fixes.tree import Tree
from durable_lint.fixes.variables import leaves
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.answers import place
from durable_lint.index.results import Results, Value
from durable_lint.index.shapes import Fault, Shape, Shapes, faults, holding
from durable_lint.index.things import FunctionId
from durable_lint.loading import cst
from durable_lint.model import Edit, Fix, Level, Span

if TYPE_CHECKING:
    from durable_lint.fixes.imports import Imports
    from durable_lint.index.project import Project

_SETS = frozenset({"set", "frozenset"})
_ITERABLES = frozenset(
    {"generator", "iterator", "range", "collections.deque", "dict_keys", "dict_values", "dict_items"}
)
_ORDERED = frozenset({"str", "int", "float", "bytes", "datetime.datetime", "datetime.date", "decimal.Decimal"})
_TITLES = {"sorted": "return a sorted list", "list": "return a list", "asdict": "return a dict made by asdict()"}


def make_plain(results: Results, tree: Tree, imports: Imports, value: Value, found: Iterable[Fault]) -> Fix | None:
    """The fix of a returned value's faults, or None where one of them has none."""
    node = _returned(tree, value)
    edits: dict[Edit, None] = {}
    converters = []
    for path in dict.fromkeys(fault.path for fault in found):
        inner = _at(node, path)
        converter = _converter(results, value, _shapes_at(value.shapes, path))
        if inner is None or not converter:
            return None
        written = converter
        if converter == "asdict":
            brought = imports.bring("dataclasses", "asdict")
            if brought is None:
                return None
            written, more = brought
            edits.update(dict.fromkeys(more))
        elif results.ev.scope_of(value.fid, converter) is not None:
            return None
        converters.append(converter)
        edits.update(dict.fromkeys(_around(tree, inner, written)))
    return Fix(_TITLES[converters[0]], Level.UNSAFE, tuple(edits)) if converters else None


def take_part(results: Results, project: Project, tree_of: TreeOf, value: Value, found: Iterable[Fault]) -> Fix | None:
    """The fix that returns what an enum's member, a duration or a path stands for, where all faults are such values.

    Where someone asks more of the result than to be passed on, it is made of that again outside the operation.
    """
    operation, tree = operation_of(project, tree_of, value.fid), tree_of(value.fid)
    if operation is None:
        return None
    node = _returned(tree, value)
    edits: dict[Edit, None] = {}
    titles = []
    for path in dict.fromkeys(fault.path for fault in found):
        inner = _at(node, path)
        known = {_part(results, shape) for shape in _shapes_at(value.shapes, path)}
        part = known.pop() if len(known) == 1 else ""
        if inner is None or not part:
            return None
        titles.append(part)
        if part == "str":
            if results.ev.scope_of(value.fid, part) is not None:
                return None
            edits.update(dict.fromkeys(_around(tree, inner, part)))
        elif inner.lpar or not isinstance(inner, cst.Name | cst.Attribute | cst.Call | cst.Subscript):
            span = tree.outer_span(inner)
            opening, closing = ("", "") if inner.lpar else ("(", ")")
            edits.update({tree.insert(span.start, opening): None} if opening else {})
            edits[tree.insert(span.end, closing + part)] = None
        else:
            edits[tree.insert(tree.span(inner).end, part)] = None
    stated = _restated(results, tree, value, titles)
    if not titles or stated is None:
        return None
    edits.update(dict.fromkeys(stated))
    if not is_only_passed_on(project, *operation):
        outside, call, caller = operation
        maker = _maker(results, value, caller) if len(value.shapes) == 1 else ""
        if not maker or any(fault.path for fault in found) or not _is_always(results, tree, value):
            return None
        span = outside.span(call)
        edits.update({outside.insert(span.start, maker): None, outside.insert(span.end, ")"): None})
    return Fix(f"return its {titles[0].strip('.()')}", Level.UNSAFE, tuple(edits))


def _is_always(results: Results, tree: Tree, value: Value) -> bool:
    """Whether a body gives a value of this type on every path."""
    function = results.ev.function(value.fid)
    node = tree.node(function.number)
    exits = enumerate(function.exits)
    alike = all(results.types.exit(value.fid, at, place(value.fid, end)) == value.shapes for at, (_, _, end) in exits)
    return alike and (not isinstance(node, cst.FunctionDef) or leaves(node.body))


def _restated(results: Results, tree: Tree, value: Value, parts: list[str]) -> list[Edit] | None:
    """The edits that make the annotation of the body say what it returns now; None where that can't be said."""
    node = tree.node(results.ev.function(value.fid).number)
    returns = node.returns if isinstance(node, cst.FunctionDef) else None
    if returns is None:
        return []
    shape = next(iter(value.shapes))
    name = "float" if parts == [".total_seconds()"] else "str"
    if parts == [".value"] and shape.cid is not None:
        bound = results.ev.function(shape.cid).bindings
        types = {type(value[1]).__name__ for values in bound.values() for value in values if value is not None}
        name = types.pop() if len(types) == 1 else ""
    plain = len(value.shapes) == 1 and isinstance(returns.annotation, cst.Name | cst.Attribute)
    if len(parts) != 1 or not name or not plain or shape.name in ("dict", "list", "tuple"):
        return None
    return [tree.replace(returns.annotation, name)]


def _maker(results: Results, value: Value, caller: FunctionId) -> str:
    """The beginning of the call that makes a value again of what it stands for, as a function can write it."""
    shape = next(iter(value.shapes))
    ev = results.ev
    if shape.cid is not None:
        name = ev.function(shape.cid).name
        made = (t.CLASS, shape.cid) in {thing[:2] for thing in ev.name(caller, name)}
        return f"{name}(" if made else ""
    wanted, start = (
        ("datetime.timedelta", "timedelta(seconds=") if "timedelta" in shape.name else ("pathlib.Path", "Path(")
    )
    return start if (t.EXT, wanted) in ev.name(caller, start.partition("(")[0]) else ""


def _part(results: Results, shape: Shape) -> str:
    """What is written behind a value of a type, or around it, to have the plain value that it stands for."""
    lineage = shape.lineage(results.known)
    if "enum.Enum" in lineage and shape.cid is not None and _has_plain_members(results, shape.cid):
        return ".value"
    return {"datetime.timedelta": ".total_seconds()", "pathlib.Path": "str"}.get(shape.name, "")


def _has_plain_members(results: Results, cid: FunctionId) -> bool:
    """Whether all members of an enum have constants as their values."""
    bound = results.ev.function(cid).bindings
    values = [value for values in bound.values() for value in values]
    return bool(values) and all(value is not None and value[0] == f.CONST for value in values)


def _returned(tree: Tree, value: Value) -> cst.BaseExpression | None:
    node = tree.node(value.number)
    if isinstance(node, cst.Lambda):
        return node.body
    return node.value if isinstance(node, cst.Return) else None


def _at(node: cst.BaseExpression | None, path: tuple[object, ...]) -> cst.BaseExpression | None:
    """The part of a display or a comprehension that makes what stands at a path; None when it isn't written there."""
    for part in path:
        if isinstance(node, cst.Dict):
            node = _value_of(node, part)
        elif isinstance(node, cst.Tuple | cst.List) and isinstance(part, int) and part < len(node.elements):
            node = node.elements[part].value
        elif isinstance(node, cst.List) and part is None and len(node.elements) == 1:
            node = node.elements[0].value if isinstance(node.elements[0], cst.Element) else None
        elif isinstance(node, cst.ListComp) and part is None:
            node = node.elt
        else:
            return None
    return node


def _value_of(node: cst.Dict, key: object) -> cst.BaseExpression | None:
    found = [
        element.value
        for element in node.elements
        if isinstance(element, cst.DictElement)
        and isinstance(element.key, cst.SimpleString)
        and element.key.evaluated_value == key
    ]
    return found[0] if len(found) == 1 else None


def _shapes_at(shapes: Shapes, path: tuple[object, ...]) -> Shapes:
    for part in path:
        shapes = frozenset().union(*(shape.part(part) for shape in shapes))
    return shapes


def _converter(results: Results, value: Value, shapes: Shapes) -> str:
    """What makes all these shapes plain; empty when nothing does."""
    if len({shape.name for shape in shapes}) != 1:
        return ""
    shape = next(iter(shapes))
    if shape.cid is not None:
        return (
            "asdict"
            if results.types.classes.is_dataclass(shape.cid) and _is_plain_inside(results, value, shape)
            else ""
        )
    elements = frozenset[Shape]().union(*(one.elements() for one in shapes))
    if any(faults(value.serializer, results.known, frozenset({holding("list", elements)}))):
        return ""
    if shape.name in _SETS:
        alike = len({one.name for one in elements}) < 2 and all(one.name in _ORDERED for one in elements)
        return "sorted" if alike else "list"
    return "list" if shape.name in _ITERABLES else ""


def _is_plain_inside(results: Results, value: Value, shape: Shape, depth: int = 4) -> bool:
    """Whether the fields of a dataclass can be kept once ``asdict`` has turned it into a dict."""
    assert shape.cid is not None
    if not depth:
        return False
    classes = results.types.classes
    for cid in [one[1] for one in results.ev.classes.lineage(shape.cid) if one[0] == "class"]:
        for annotation in results.ev.function(cid).annotations.values():
            stated = classes.annotated(annotation, cid)
            for fault in faults(value.serializer, results.known, stated):
                inner = fault.shape
                nested = inner.cid is not None and classes.is_dataclass(inner.cid) and inner.cid != shape.cid
                if not fault.lost and not (nested and _is_plain_inside(results, value, inner, depth - 1)):
                    return False
    return True


def _around(tree: Tree, node: cst.BaseExpression, function: str) -> list[Edit]:
    """The edits that put a call around an expression; brackets that only held it together become the call's own."""
    inner, outer = tree.span(node), tree.outer_span(node)
    opening = tree.text[outer.start - tree.start : inner.start - tree.start]
    closing = tree.text[inner.end - tree.start : outer.end - tree.start]
    if (opening, closing) == ("(", ")"):
        return [Edit(Span(outer.start, inner.start), f"{function}("), Edit(Span(inner.end, outer.end), ")")]
    if isinstance(node, cst.GeneratorExp | cst.NamedExpr | cst.Yield | cst.Tuple):
        inner = outer
    return [tree.insert(inner.start, f"{function}("), tree.insert(inner.end, ")")]
