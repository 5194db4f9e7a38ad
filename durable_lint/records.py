"""``dataclass``, ``field`` and ``replace`` as in ``dataclasses``, for a program that starts often.

The standard ones take 0.3 ms a class, for methods that most runs never call: a hundred classes cost more than judging
a handler. Here a method is written when it is first called, ``__init__`` when more than a few objects are made. Classes
behave as the standard ones do, and ``dataclasses.replace``, ``fields`` and ``asdict`` take them; what they can't do is
inherit fields.
"""

from __future__ import annotations

from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from dataclasses import Field, dataclass, field, replace
    from typing import Any, NoReturn
else:

    def dataclass(cls=None, **how):
        """Make a class of its annotations: see ``dataclasses.dataclass``."""
        return _made(cls, **how) if cls is not None else lambda cls: _made(cls, **how)

    def field(**how):
        """A field that is more than its default: see ``dataclasses.field``."""
        return _Field(**how)

    def replace(record, /, **changes):
        """The same record with other values in some of its fields."""
        kept = {one.name: getattr(record, one.name) for one in record.__record__ if one.init}
        return record.__class__(**{**kept, **changes})


__all__ = ["dataclass", "field", "replace"]

_MISSING = object()
_ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


class _Field:
    """How the value of a field is found when none is given, and what the field counts for."""

    __slots__ = ("compare", "default", "default_factory", "hash", "init", "name")

    def __init__(
        self,
        default: object = _MISSING,
        default_factory: object = _MISSING,
        init: bool = True,
        compare: bool = True,
        hash: bool | None = None,
    ) -> None:
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.compare = compare
        self.hash = compare if hash is None else hash


def _made(cls: type[Any], frozen: bool = False, slots: bool = False, order: bool = False, eq: bool = True) -> type[Any]:
    body = dict(cls.__dict__)
    fields = tuple(_field(name, body.get(name, _MISSING)) for name in body.get("__annotations__", ()))
    if slots:
        cls = _with_slots(cls, body, fields)
    else:
        for one in fields:
            if one.default is not _MISSING:
                setattr(cls, one.name, one.default)
            elif one.name in body:
                delattr(cls, one.name)
    added: dict[str, Any] = {
        "__record__": fields,
        "__dataclass_fields__": _StandardFields(),
        "__match_args__": tuple(one.name for one in fields if one.init),
        "__init__": _plainly(cls, fields, partial(_init, cls, fields, frozen, slots)),
        "__repr__": _repr,
    }
    if eq:
        added["__eq__"] = _later(cls, "__eq__", partial(_comparing, "__eq__", "==", fields))
        added["__hash__"] = _later(cls, "__hash__", partial(_hash, fields)) if frozen else None
    if order:
        for name, sign in _ORDER.items():
            added[name] = _later(cls, name, partial(_comparing, name, sign, fields))
    if frozen:
        added |= {"__setattr__": _refuse, "__delattr__": _refuse}
        if slots:
            added |= {"__getstate__": _state, "__setstate__": _restore}
    for name, value in added.items():
        if name not in body:
            setattr(cls, name, value)
    return cls


def _field(name: str, given: object) -> _Field:
    one = given if isinstance(given, _Field) else _Field(given)
    one.name = name
    return one


def _with_slots(cls: type[Any], body: dict[str, Any], fields: Sequence[_Field]) -> type[Any]:
    left_out = {"__dict__", "__weakref__", *(one.name for one in fields)}
    kept = {name: value for name, value in body.items() if name not in left_out}
    names = tuple(one.name for one in fields)
    body = {**kept, "__slots__": names, "__qualname__": cls.__qualname__}
    made: type[Any] = type(cls).__new__(type(cls), cls.__name__, cls.__bases__, body)
    return made


def _later(cls: type[Any], name: str, write: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """A method that is written when it is first called."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        written = write()
        setattr(cls, name, written)
        return written(self, *args, **kwargs)

    return method


_FEW = 8
"""For so many objects of a class no ``__init__`` is written: writing takes as long as making twenty without."""


def _plainly(cls: type[Any], fields: Sequence[_Field], write: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """An ``__init__`` that sets field by field, and is replaced by a written one when there are more than a few
    objects, or to say what is wrong with the arguments."""
    names = [one.name for one in fields if one.init]
    known = frozenset(names)
    left = _FEW

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        fits = left >= 0 and len(given) == len(args) + len(kwargs) and given.keys() <= known
        values = {one.name: given[one.name] if one.name in given else _default(one) for one in fields} if fits else {}
        if not fits or _MISSING in values.values():
            written = write()
            setattr(cls, "__init__", written)  # noqa: B010
            return written(self, *args, **kwargs)
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if hasattr(cls, "__post_init__"):
            self.__post_init__()
        return None

    return method


def _default(one: _Field) -> Any:
    """What a field gets that is not given; _MISSING when it must be."""
    return one.default_factory() if callable(one.default_factory) else one.default


def _init(cls: type[Any], fields: Sequence[_Field], frozen: bool, slots: bool) -> Callable[..., Any]:
    known: dict[str, object] = {"_missing": _MISSING, "_set": object.__setattr__}
    parameters, lines = ["self"], []
    for one in fields:
        name = value = one.name
        if one.default_factory is not _MISSING:
            known[f"_make_{name}"] = one.default_factory
            value = f"_make_{name}() if {name} is _missing else {name}" if one.init else f"_make_{name}()"
            parameters.append(f"{name}=_missing" if one.init else "")
        elif one.default is not _MISSING:
            known[f"_default_{name}"] = one.default
            parameters.append(f"{name}=_default_{name}")
        elif one.init:
            parameters.append(name)
        else:
            continue
        if frozen and slots:
            known[f"_set_{name}"] = cls.__dict__[name].__set__
            lines.append(f"_set_{name}(self, {value})")
        else:
            lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    return _written("__init__", ", ".join(filter(None, parameters)), lines or ["pass"], known)


def _comparing(name: str, sign: str, fields: Sequence[_Field]) -> Callable[..., Any]:
    mine, others = (_tuple(of, [one.name for one in fields if one.compare]) for of in ("self", "other"))
    lines = [f"if other.__class__ is self.__class__: return {mine} {sign} {others}", "return NotImplemented"]
    return _written(name, "self, other", lines, {})


def _hash(fields: Sequence[_Field]) -> Callable[..., Any]:
    counting = _tuple("self", [one.name for one in fields if one.hash])
    return _written("__hash__", "self", [f"return hash({counting})"], {})


def _tuple(of: str, names: Sequence[str]) -> str:
    return f"({''.join(f'{of}.{name}, ' for name in names)})"


def _written(name: str, parameters: str, lines: Sequence[str], known: dict[str, object]) -> Callable[..., Any]:
    text = f"def {name}({parameters}):\n " + "\n ".join(lines)
    exec(compile(text, f"<{name} of a record>", "exec"), known)
    method: Callable[..., Any] = known[name]  # type: ignore[assignment]
    return method


def _repr(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in self.__record__)
    return f"{self.__class__.__qualname__}({shown})"


def _refuse(self: Any, name: str, value: object = None) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, one.name) for one in self.__record__]


def _restore(self: Any, state: Sequence[object]) -> None:
    for one, value in zip(self.__record__, state, strict=True):
        object.__setattr__(self, one.name, value)


class _StandardFields:
    """The fields as ``dataclasses`` knows them, made when one of its functions asks."""

    def __get__(self, record: object, cls: type[Any]) -> dict[str, Field[Any]]:
        import dataclasses

        standard: list[tuple[str, Any, Any]] = []
        for one in cls.__record__:
            given = {name: getattr(one, name) for name in ("default", "default_factory")}
            how = {name: value for name, value in given.items() if value is not _MISSING}
            made = dataclasses.field(**how, init=one.init, compare=one.compare, hash=one.hash)
            standard.append((one.name, cls.__annotations__[one.name], made))
        twin: Any = dataclasses.make_dataclass(cls.__name__, standard)
        known: dict[str, Field[Any]] = twin.__dataclass_fields__
        setattr(cls, "__dataclass_fields__", known)  # noqa: B010
        return known
