"""What is known of a value's type: the *shape* of what an expression gives, and what keeping it does to it.

``Shapes`` are the shapes that a value can have; an empty set stands for a value of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypeAlias

from durable_lint.index.things import FunctionId
from durable_lint.knowledge.keeping import Serializer
from durable_lint.knowledge.types import Spec, Types
from durable_lint.records import dataclass, replace

Shapes: TypeAlias = "frozenset[Shape]"
UNKNOWN: Shapes = frozenset()
ANY = "?"
"""The name of a value of which only the size is known."""

MAPPINGS = frozenset({"dict", "collections.OrderedDict", "collections.defaultdict", "collections.Counter"})
SEQUENCES = frozenset({"list", "tuple", "set", "frozenset", "collections.deque", "namedtuple"})
LAZY = frozenset({"generator", "iterator"})


@dataclass(frozen=True, slots=True)
class Shape:
    """One type. ``name`` is one of ``rules/types.toml``, or a text of its own for a class of the project, whose ``cid``
    it then has and whose known ``bases`` say what an instance also is.

    ``parts`` are what it holds: under a constant key or position, or under None for any element; ``keys`` are the types
    of a mapping's keys. ``label`` is how a message says it; ``large`` what it holds the whole of.
    """

    name: str
    parts: tuple[tuple[object, Shapes], ...] = ()
    keys: frozenset[str] = frozenset()
    bases: tuple[str, ...] = ()
    label: str = ""
    cid: FunctionId | None = None
    large: str = ""

    def part(self, key: object) -> Shapes:
        """What it holds under a key, or as any element."""
        found = [value for known, value in self.parts if known == key and type(known) is type(key)]
        return found[0] if found else next((value for known, value in self.parts if known is None), UNKNOWN)

    def elements(self) -> Shapes:
        """What iterating it gives, but for the keys of a mapping."""
        return frozenset().union(*(value for _, value in self.parts))

    def lineage(self, types: Types) -> tuple[str, ...]:
        """The types of the file that an instance of it is, the nearest first."""
        if self.cid is None:
            return types.lineage(self.name)
        return tuple(dict.fromkeys(name for base in self.bases for name in types.lineage(base)))


@cache
def plain(name: str) -> Shapes:
    """The shapes of a value that holds nothing."""
    return frozenset({Shape(name)})


def constant(value: object) -> Shapes:
    """The shapes of a constant."""
    return plain("None" if value is None else type(value).__name__)


def holding(name: str, elements: Shapes) -> Shape:
    """A container of these elements."""
    return Shape(name, ((None, elements),) if elements else ())


def of_spec(spec: Spec, receiver: Shape | None = None, source: str = "") -> Shapes:
    """The shapes of a type as the file writes it; ``source`` is what a large value is the whole of."""
    if spec.name == "self":
        return frozenset({receiver}) if receiver is not None else UNKNOWN
    if spec.name == "item":
        return receiver.elements() if receiver is not None else UNKNOWN
    large = source if spec.large else ""
    if spec.name == ANY:
        return frozenset({Shape(ANY, large=large)}) if large else UNKNOWN
    parts = tuple((key, of_spec(inner, receiver, source)) for key, inner in spec.parts)
    keys = frozenset({"str"}) if any(key is not None for key, _ in parts) else frozenset[str]()
    return frozenset({Shape(spec.name, parts, keys, large=large)})


def agreed(many: Iterable[Shapes]) -> Shapes:
    """What a variable holds that has these values at different times: only where their types agree.

    Containers of one type keep what they hold only when they hold the same.
    """
    known = list(dict.fromkeys(many))
    if not known or not all(known):
        return UNKNOWN
    if len(known) == 1:
        return known[0]
    names = {frozenset(shape.name for shape in shapes if shape.name != "None") for shapes in known} - {frozenset()}
    if len(names) > 1:
        return UNKNOWN
    bare = (replace(one, parts=(), large="") if one.parts or one.large else one for shapes in known for one in shapes)
    return frozenset(bare)


def refined(shapes: Shapes, stated: Shapes) -> Shapes:
    """Shapes with what an annotation adds: all of it where nothing is known, else the elements and keys that lack."""
    if not shapes:
        return stated if len(stated) == 1 else UNKNOWN
    if len(stated) != 1:
        return shapes
    (other,) = stated
    return frozenset(_filled(shape, other) if shape.name == other.name else shape for shape in shapes)


def _filled(shape: Shape, other: Shape) -> Shape:
    """A shape with the elements and keys that it lacks."""
    lacks = (other.parts and not shape.parts) or (other.keys and not shape.keys)
    return replace(shape, parts=shape.parts or other.parts, keys=shape.keys or other.keys) if lacks else shape


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeping a value does wrong: ``lost`` when it comes back as another type, else it raises.

    ``path`` leads to the faulty part, ``what`` says it, ``becomes`` is what comes back.
    """

    lost: bool
    path: tuple[object, ...]
    what: str
    shape: Shape
    becomes: str = ""


def article(text: str) -> str:
    """A text with ``a`` or ``an``."""
    return f"{'an' if text[:1].lower() in 'aeiou' else 'a'} {text}"


_LABELS = {
    "None": "None", "bytes": "bytes", "exception": "an exception", "class": "a class itself", "function": "a function",
    "boto3.client": "a boto3 client", "boto3.resource": "a boto3 resource", "file": "an open file",
    "hashlib.hash": "a hash object", "requests.Response": "an HTTP response (requests.Response)",
    "httpx.Response": "an HTTP response (httpx.Response)", "http.client.HTTPResponse": "an open HTTP response",
    "urllib3.response.HTTPResponse": "an HTTP response (urllib3)", "dict_keys": "a view of a dict's keys",
    "dict_values": "a view of a dict's values", "dict_items": "a view of a dict's items", "instance": "an object",
    "botocore.response.StreamingBody": "an open StreamingBody",
    "pydantic.BaseModel": "a pydantic model", "uuid.UUID": "a UUID",
}  # fmt: skip


def said(shape: Shape) -> str:
    """A shape in a message."""
    return shape.label or _LABELS.get(shape.name) or article(shape.name.rpartition(".")[2])


def is_harmless(serializer: Serializer, shapes: Shapes) -> bool:
    """Whether nothing goes wrong when a value is kept and nothing in it is large: a first look that most pass."""
    for shape in shapes:
        if shape.name not in serializer.unchanged or shape.name in serializer.becomes or shape.large:
            return False
        if not shape.keys <= serializer.keys or not all(is_harmless(serializer, inner) for _, inner in shape.parts):
            return False
    return True


def large(shapes: Shapes, depth: int = 4) -> str:
    """What a value is the whole of, or holds the whole of; empty when nothing says so."""
    found = sorted(shape.large for shape in shapes if shape.large)
    if found or not depth:
        return found[0] if found else ""
    inside = (large(inner, depth - 1) for shape in sorted(shapes, key=repr) for _, inner in shape.parts)
    return next((source for source in inside if source), "")


def faults(serializer: Serializer, types: Types, shapes: Shapes) -> Iterator[Fault]:
    """What goes wrong when a value of these shapes is kept, the worst first and then by place."""
    found = [fault for shape in shapes for fault in _of_shape(serializer, types, shape, (), 6)]
    yield from sorted(found, key=lambda fault: (fault.lost, len(fault.path), repr(fault.path), fault.what))


def _of_shape(
    serializer: Serializer, types: Types, shape: Shape, path: tuple[object, ...], depth: int
) -> Iterator[Fault]:
    if shape.name == ANY or not depth:
        return
    kept = next((name for name in shape.lineage(types) if name in serializer.unchanged), "")
    becomes = serializer.becomes.get(shape.name, kept if kept != shape.name and not serializer.subclasses else "")
    if not kept and not becomes:
        yield Fault(False, path, said(shape), shape)
        return
    if becomes:
        yield Fault(True, path, said(shape), shape, becomes)
    for key in sorted(shape.keys) if kept == "dict" else ():
        if key in serializer.keys_as_text:
            yield Fault(True, path, f"a dict with {key} keys", shape, "a dict with str keys")
        elif key not in serializer.keys and not _is_key(serializer, types, key):
            yield Fault(False, path, f"a dict with {key.rpartition('.')[2]} keys", shape)
    for part, inner in shape.parts:
        for one in inner:
            yield from _of_shape(serializer, types, one, (*path, part), depth - 1)


def _is_key(serializer: Serializer, types: Types, name: str) -> bool:
    """Whether a type derives from one that keys may have."""
    return any(base in serializer.keys or base in serializer.keys_as_text for base in types.lineage(name))


def restored(serializer: Serializer, types: Types, shapes: Shapes, depth: int = 6) -> Shapes:
    """What comes back of a value that was kept; nothing where keeping it fails."""
    found = set()
    for shape in shapes:
        kept = next((name for name in shape.lineage(types) if name in serializer.unchanged), "")
        name = serializer.becomes.get(shape.name, kept)
        if name and depth:
            parts = tuple((key, restored(serializer, types, inner, depth - 1)) for key, inner in shape.parts)
            keys = frozenset("str" if key in serializer.keys_as_text else key for key in shape.keys)
            found.add(Shape(name, tuple(part for part in parts if part[1]), keys, large=shape.large))
    return frozenset(found)
