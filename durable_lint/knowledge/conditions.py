"""When a catalogue entry holds: what is known of a call's arguments, and the conditions on them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from durable_lint.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Literal:
    """An argument written as a constant: None, bool, int, float, str or bytes."""

    value: object


@dataclass(frozen=True, slots=True)
class Named:
    """An argument that is a resolved dotted name, such as ``sys.stderr``."""

    name: str


@dataclass(frozen=True, slots=True)
class Result:
    """An argument that is the result of calling a resolved dotted name, such as ``io.BytesIO``."""

    name: str


class _State(Enum):
    UNKNOWN = "unknown"
    ABSENT = "absent"
    HIDDEN = "hidden"


UNKNOWN = _State.UNKNOWN
"""An argument that is given, but of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call: each a Literal, a Named, a Result or UNKNOWN.

    ``positional`` holds those before the first ``*args``; ``star`` says that ``*args`` or ``**kwargs`` occur.
    """

    positional: tuple[object, ...] = ()
    keywords: Mapping[str, object] = field(default_factory=dict)
    star: bool = False

    @property
    def count(self) -> int:
        """How many arguments are seen to be given; a literal None counts as not given."""
        return sum(not _is_none(value) for value in (*self.positional, *self.keywords.values()))

    def get(self, index: int | None, keyword: str | None) -> object:
        """The argument at ``index`` (from 0) or called ``keyword``, ABSENT, or HIDDEN where a star may give it.

        A parameter that is known by keyword only is never taken to hide in a star: ``print(*parts)`` still prints.
        """
        if index is not None and index < len(self.positional):
            return self.positional[index]
        if keyword is not None and keyword in self.keywords:
            return self.keywords[keyword]
        return _State.HIDDEN if self.star and index is not None else _State.ABSENT


def _is_none(value: object) -> bool:
    return isinstance(value, Literal) and value.value is None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the arguments of a call; the parts that are set must all hold.

    ``arg`` is a position from 0. With neither ``values``, ``types``, ``not_names`` nor ``made_by``, the condition on
    an argument is that it is given (or, with ``given`` false, that it isn't).
    """

    max_args: int | None = None
    min_args: int | None = None
    arg: int | None = None
    keyword: str | None = None
    values: tuple[object, ...] = ()
    types: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()
    made_by: tuple[str, ...] = ()
    given: bool = True

    def holds(self, args: Arguments, *, hidden: bool = False) -> bool:
        """Whether the condition holds; ``hidden`` is the answer where ``*args`` or ``**kwargs`` hide what decides."""
        if self.max_args is not None:
            if args.count > self.max_args:
                return False
            if args.star:
                return hidden
        if self.min_args is not None and args.count < self.min_args:
            return args.star and hidden
        if self.arg is None and self.keyword is None:
            return True
        value = args.get(self.arg, self.keyword)
        return hidden if value is _State.HIDDEN else self._argument_holds(value)

    def _argument_holds(self, value: object) -> bool:
        given = value is not _State.ABSENT and not _is_none(value)
        if not given or not self.given:
            return given is self.given
        if self.values:
            return isinstance(value, Literal) and any(
                type(value.value) is type(one) and value.value == one for one in self.values
            )
        if self.types:
            return isinstance(value, Literal) and type(value.value).__name__ in self.types
        if self.made_by:
            return isinstance(value, Result) and value.name in self.made_by
        return not (isinstance(value, Named) and value.name in self.not_names)
