"""What operators, iteration and growing do to the types of values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from durable_lint.index.shapes import LAZY, MAPPINGS, SEQUENCES, UNKNOWN, Shape, Shapes, agreed, holding, plain
from durable_lint.records import replace

_SETS = frozenset({"set", "frozenset", "dict_keys", "dict_items"})
_NUMBERS = frozenset({"bool", "int", "float"})
_DATES = frozenset({"datetime.datetime", "datetime.date"})
_DELTA = "datetime.timedelta"
_DECIMAL = "decimal.Decimal"
_PATHS = frozenset({"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath"})
_ARITHMETIC = frozenset({"Add", "Sub", "Mult", "Div", "FloorDiv", "Mod", "Pow"})


def any_part(shape: Shape) -> Shapes:
    """An item under a key that isn't known: only when everything it holds has one type."""
    return agreed([value for _, value in shape.parts]) if shape.parts else UNKNOWN


def each(shapes: Shapes) -> Shapes:
    """What iterating a value gives."""
    found: list[Shapes] = []
    for shape in shapes:
        if shape.name in SEQUENCES or shape.name in LAZY or shape.name in ("dict_values", "dict_items", "dict_keys"):
            found.append(shape.elements())
        elif shape.name in MAPPINGS:
            found.append(frozenset(Shape(key) for key in shape.keys))
        elif shape.name in ("str", "range", "file"):
            found.append(plain("int" if shape.name == "range" else "str"))
        elif shape.cid is not None and any(
            base in ("enum.Enum", "enum.IntEnum", "enum.StrEnum") for base in shape.bases
        ):
            found.append(UNKNOWN)
    return frozenset().union(*found)


Item = tuple[frozenset[str], object, Shapes]
"""An item of a mapping: the types of its key, the key where it is a constant (else None), and the value's types."""


def with_items(shapes: Shapes, items: Iterable[Item]) -> Shapes:
    """A mapping with more items; a constant key replaces the item that it had."""
    given = list(items)
    keys = frozenset[str]().union(*[names for names, _, _ in given])
    return frozenset(replace(shape, parts=_parts(shape, given), keys=shape.keys | keys) for shape in shapes)


def _parts(shape: Shape, items: Iterable[Item]) -> tuple[tuple[object, Shapes], ...]:
    parts = dict(shape.parts)
    for _, constant, value in items:
        if constant is not None:
            parts[constant] = value
        elif value:
            parts[None] = parts.get(None, UNKNOWN) | value
    return tuple((key, inner) for key, inner in parts.items() if inner or key is not None)


def merged(shapes: Shapes, other: Shapes) -> Shapes:
    """A mapping with the items of another one (``**other``); what isn't known may replace anything."""
    if not other or any(shape.name not in MAPPINGS for shape in other):
        return opened(shapes)
    for shape in sorted(other, key=repr):
        shapes = with_items(
            shapes, [(shape.keys, None, UNKNOWN), *((shape.keys, key, value) for key, value in shape.parts)]
        )
    return shapes


def opened(shapes: Shapes) -> Shapes:
    """The same containers, of whose contents nothing is known any more."""
    return frozenset(
        replace(one, parts=(), keys=frozenset()) if one.name in MAPPINGS | SEQUENCES else one for one in shapes
    )


def grown(shapes: Shapes, added: Sequence[Shapes]) -> Shapes:
    """A container after elements or items were put in, at whatever time.

    A list has what it had and what it gets; an item of a mapping has a type only where all that it gets agrees.
    """
    for more in added:
        for one in sorted(more, key=repr):
            shapes = frozenset(_grown(shape, one) for shape in shapes)
    return shapes


def _grown(shape: Shape, more: Shape) -> Shape:
    parts = dict(shape.parts)
    if shape.name in MAPPINGS and more.name == "dict":
        for key, value in more.parts or ((None, UNKNOWN),):
            if key is None and any(known is not None for known in parts):
                parts = {known: inner for known, inner in parts.items() if agreed([inner, value])}
            known = parts.get(key)
            parts[key] = value if key not in parts or known is None else agreed([known, value])
        return replace(
            shape, parts=tuple((k, v) for k, v in parts.items() if v or k is not None), keys=shape.keys | more.keys
        )
    if shape.name in SEQUENCES and more.name == "list":
        return holding(shape.name, shape.elements() | more.elements()) if shape.parts or more.parts else shape
    if shape.name in SEQUENCES and more.name == "dict":
        value = more.elements()
        return holding(shape.name, agreed([shape.elements(), value])) if shape.parts else shape
    return shape


def augmented(shapes: Shapes, other: Shapes, operator: str) -> Shapes:
    """What a variable holds that starts as one value and is changed by ``+=`` or the like, perhaps many times."""
    if shapes and all(shape.name in SEQUENCES or shape.name in MAPPINGS for shape in shapes):
        if operator == "Add":
            return frozenset(holding(one.name, one.elements() | each(other)) for one in shapes)
        return opened(shapes) if any(one.name in MAPPINGS for one in shapes) else shapes
    return joined([shapes, other], operator)


def joined(parts: Sequence[Shapes], operator: str) -> Shapes:
    """What an operator makes of its operands; unknown where that depends on one that is unknown."""
    if operator in ("Compare", "Not"):
        return plain("bool")
    if operator in ("JoinedStr", "FormattedValue", "TemplateStr"):
        return plain("str")
    if len(parts) == 1 and operator in ("USub", "UAdd", "Invert"):
        return parts[0]
    if len(parts) != 2 or any(len(part) > 1 for part in parts):
        return UNKNOWN
    left, right = (next(iter(part), None) for part in parts)
    names = (left.name if left is not None else "", right.name if right is not None else "")
    if operator in ("BitOr", "BitAnd", "BitXor", "Sub") and names[0] in _SETS:
        return frozenset(
            {holding("set" if names[0].startswith("dict") else names[0], left.elements() if left else UNKNOWN)}
        )
    if operator == "BitOr" and names[0] in MAPPINGS and left is not None:
        return merged(frozenset({left}), parts[1])
    if operator == "Div" and names[0] in _PATHS:
        return plain(names[0])
    if operator == "Mod" and names[0] == "str":
        return plain("str")
    return _arithmetic(names, parts, operator) if operator in _ARITHMETIC else UNKNOWN


def _arithmetic(names: tuple[str, str], parts: Sequence[Shapes], operator: str) -> Shapes:
    left, right = names
    if _DECIMAL in names:
        return plain(_DECIMAL)
    if left in _DATES and operator in ("Add", "Sub") and right in (_DATES | {_DELTA}):
        return plain(left if right == _DELTA else _DELTA)
    if left == _DELTA and right in _DATES and operator == "Add":
        return plain(right)
    if left == right == _DELTA:
        return plain({"Div": "float", "FloorDiv": "int"}.get(operator, _DELTA))
    if _DELTA in names and (left in _NUMBERS or right in _NUMBERS) and operator in ("Mult", "Div", "FloorDiv"):
        return plain(_DELTA)
    if left in _NUMBERS and right in _NUMBERS:
        return plain("float" if "float" in names or operator == "Div" else "int")
    if left == right == "collections.Counter" and operator in ("Add", "Sub"):
        return frozenset(replace(one, parts=()) for one in parts[0])
    if left in SEQUENCES and left == right and operator == "Add":
        return frozenset({holding(left, each(parts[0]) | each(parts[1]))})
    if operator == "Mult" and left in ("list", "tuple", "str") and right in _NUMBERS:
        return frozenset(holding(left, one.elements()) for one in parts[0])
    return plain("str") if left == right == "str" and operator == "Add" else UNKNOWN
