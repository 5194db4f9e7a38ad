"""SDK profiles: how entry points, contexts, bodies and operations of one SDK are recognised.

A profile is data (``rules/profiles/*.toml``); nothing in the analysis names an SDK.
"""

from __future__ import annotations

from collections.abc import Mapping

from durable_lint.knowledge.callbacks import Callback
from durable_lint.knowledge.failing import Batch, Failures
from durable_lint.knowledge.keeping import Keeping
from durable_lint.knowledge.removals import Removal
from durable_lint.knowledge.signatures import Taken, Values
from durable_lint.knowledge.testing import Testing
from durable_lint.knowledge.writing import Writing
from durable_lint.model import SdkVersion
from durable_lint.records import dataclass, field

AMBIENT = "ambient"
"""The context of operations that are given none: the execution that they are called in."""


BY_KEYWORD = 255
"""The position of an argument that is only given by its keyword: behind all that a call can have."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an argument stands: position from 0 (``BY_KEYWORD``: none) and keyword, both without the receiver."""

    arg: int
    keyword: str


@dataclass(frozen=True, slots=True)
class Body:
    """The callable that an operation or a carrier takes.

    ``region`` is ``step`` or ``child``; ``context`` the position of the parameter that receives a context (-1: none)
    and ``context_class`` its class; ``state`` the parameter that the body may change because it returns it;
    ``many``: the argument is a list of bodies. ``items``: where the list stands of which the body gets an item in the
    parameter behind its context. ``passes_rest``: the operation's arguments behind the body are handed to the body.
    ``is_async``: the body may be a coroutine function. ``passes``: what the operation calls the body with, all by
    position, as names for the parameters that take it; None when that isn't known.
    """

    place: Place
    region: str = ""
    context: int = -1
    context_class: str = "durable"
    state: int | None = None
    many: bool = False
    items: Place | None = None
    passes_rest: bool = False
    is_async: bool = False
    passes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A durable operation.

    ``on`` is ``context`` for a method of a context and ``function`` for a free one, whose context is the argument at
    ``receiver`` or, without one, the execution that it is called in. ``awaited``: it does nothing until it is awaited.
    ``parameters`` are empty where they are not known, and ``is_open`` where there are more of them; ``deadline``:
    somebody else must answer, until a deadline of the configuration, and needs the attribute ``result_id`` of the
    result for it; ``target`` is the function it starts.
    ``suspends``: it ends the invocation until something has come about, even when nothing fails.
    """

    name: str
    label: Place | None
    body: Body | None = None
    config: Place | None = None
    receiver: Place | None = None
    names_itself: bool = False
    repeats_body: bool = False
    transparent_keyword: str = ""
    result_operations: tuple[str, ...] = ()
    on: str = "context"
    awaited: bool = False

    parameters: tuple[Taken, ...] = ()
    is_open: bool = False
    deadline: bool = False
    target: Place | None = None
    result_id: str = ""
    suspends: bool = False

    @property
    def is_ambient(self) -> bool:
        """Whether it is a free function that is given no context."""
        return self.on == "function" and self.receiver is None

    @property
    def own_keywords(self) -> frozenset[str]:
        """The keywords that are the operation's, not its body's."""
        places = (self.label, self.body.place if self.body is not None else None, self.config, self.receiver)
        return frozenset(place.keyword for place in places if place is not None)


@dataclass(frozen=True, slots=True)
class Decorator:
    """A decorator that makes a handler or a body; ``form`` is ``handler`` or ``thunk``.

    ``context`` is the position of the parameter that receives a context of ``context_class`` (-1: none), ``parameters``
    those of others. ``is_async``: the function may be a coroutine function.
    ``passes``: what a handler is called with and, before its own arguments, the function behind a thunk; names for the
    parameters that take it. A thunk takes just these.
    """

    name: str
    form: str
    region: str
    context: int
    context_class: str = "durable"
    factory: str = "never"
    names_operation: bool = False
    parameters: tuple[tuple[int, str], ...] = ()
    is_async: bool = False
    passes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """A class of contexts. ``region`` is ``workflow`` where it has the operations, ``step`` in a step body, and
    ``invocation`` for an object that only tells of the invocation."""

    id: str
    names: tuple[str, ...]
    region: str
    logger: str = ""
    set_logger: str = ""
    replaying: str = ""
    unstable: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Profile:
    """Everything that is known of one SDK. ``distribution`` is its name on the package index, in lower case and with
    ``-`` (empty: none is known); ``versions`` are its known releases, the oldest first; ``methods`` are the operations
    on contexts, ``functions`` the free ones."""

    id: str
    title: str
    roots: tuple[str, ...]
    distribution: str
    versions: tuple[SdkVersion, ...]
    suspension_base: str
    suspension_exceptions: tuple[str, ...]
    contexts: Mapping[str, Context]
    decorators: Mapping[str, Decorator]
    carriers: Mapping[str, Body]
    methods: Mapping[str, Operation]
    functions: Mapping[str, Operation]
    context_names: Mapping[str, Context] = field(default_factory=dict)
    writing: Writing = field(default_factory=Writing)
    values: Values = field(default_factory=Values)
    removed: tuple[Removal, ...] = ()
    testing: Testing | None = None
    failures: Failures = field(default_factory=Failures)
    batch: Batch = field(default_factory=Batch)
    keeping: Keeping = field(default_factory=Keeping)
    callbacks: tuple[Callback, ...] = ()
    checked_since: tuple[int, ...] = ()
    converted_since: tuple[int, ...] = ()

    def symbol(self, dotted: str) -> str:
        """The SDK's own name behind a dotted path, such as ``durable_step``; empty when it is none of its names."""
        head, _, last = dotted.rpartition(".")
        return last if head and any(head == root or head.startswith(root + ".") for root in self.roots) else ""

    def operation(self, name: str) -> Operation | None:
        """An operation by its name."""
        return self.methods.get(name) or self.functions.get(name)

    @property
    def handler(self) -> Decorator | None:
        """The decorator that makes handlers."""
        return next((one for one in self.decorators.values() if one.form == "handler"), None)

    def suspends_by(self, dotted: str) -> bool:
        """Whether catching an exception class catches what operations raise to suspend."""
        base = self.suspension_base
        same = dotted in (base, f"builtins.{base}")
        # Catching the base of a base catches it too.
        above = base == "Exception" and dotted == "builtins.BaseException"
        return same or above or self.symbol(dotted) in self.suspension_exceptions

    @property
    def is_async(self) -> bool:
        """Whether workflows may be coroutine functions."""
        return any(decorator.is_async for decorator in self.decorators.values())

    @property
    def logger(self) -> str:
        """The replay-aware logger as an attribute of the workflow's context; empty where there is none."""
        return next((one.logger for one in self.contexts.values() if one.region == "workflow" and one.logger), "")

    def has(self, name: str) -> bool:
        """Whether the profile knows one of the SDK's own names."""
        tables = (self.decorators, self.carriers, self.functions, self.context_names)
        known = any(name in table for table in tables) or name in self.values.configs
        return known or name in self.suspension_exceptions
