"""SDK profiles: how entry points, contexts, bodies and operations of one SDK are recognised.

A profile is data (``rules/profiles/*.toml``); nothing in the analysis names an SDK.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from durable_lint.knowledge import callbacks, failing, keeping, removals, rules_dir, testing, writing
from durable_lint.knowledge.callbacks import Callback
from durable_lint.knowledge.failing import Batch, Failures
from durable_lint.knowledge.keeping import Keeping
from durable_lint.knowledge.removals import Removal
from durable_lint.knowledge.signatures import KEYS, OPEN, Taken, Values, signature, values
from durable_lint.knowledge.testing import Testing
from durable_lint.knowledge.writing import Writing
from durable_lint.model import SdkVersion

AMBIENT = "ambient"
"""The context of operations that are given none: the execution that they are called in."""


BY_KEYWORD = 255
"""The position of an argument that is only given by its keyword: behind all that a call can have."""


class ProfileError(Exception):
    """A profile file is wrong; the text says file, entry and what is allowed."""


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


_KEYS: dict[str, set[str]] = {
    "profile": {"id", "title", "import-roots", "distribution", "versions", "verified-with", "checked-since",
                "converted-since"},
    "": {
        "profile", "suspension", "context", "decorator", "carrier", "operation", "testing", *KEYS, *writing.KEYS,
        *failing.KEYS, *keeping.KEYS, *removals.KEYS, *callbacks.KEYS,
    },
    "suspension": {"base", "exceptions"},
    "context": {"id", "names", "region", "logger", "set-logger", "replaying", "unstable"},
    "decorator": {"name", "form", "region", "context", "context-class", "factory", "names-operation",
                  "parameters", "async", "passes"},
    "carrier": {"name", "body"},
    "operation": {
        "name", "on", "receiver", "body", "label", "config", "names-itself", "repeats-body", "transparent-when",
        "result-operations", "awaited", "result-id", "signature", "deadline", "target",
    },
    "body": {"arg", "keyword", "region", "context", "context-class", "state", "many", "items", "passes-rest", "async",
             "passes"},
    "parameter": {"arg", "context-class"},
    "place": {"arg", "keyword"},
    **KEYS, **keeping.KEYS,
    **removals.KEYS,
    **testing.KEYS,
    **failing.KEYS, **writing.KEYS,
    **callbacks.KEYS,
}  # fmt: skip


def keys_of(kind: str) -> frozenset[str]:
    """The keys that a table of a profile may have."""
    return frozenset(_KEYS[kind])


def _check(table: Mapping[str, Any], kind: str, where: str) -> None:
    unknown = sorted(set(table) - _KEYS[kind])
    if unknown:
        allowed = ", ".join(sorted(_KEYS[kind]))
        raise ProfileError(f"{where}: unknown key {unknown[0]!r}; allowed are {allowed}")


def _place(table: Mapping[str, Any], where: str) -> Place:
    _check(table, "place", where)
    return Place(int(table.get("arg", BY_KEYWORD)), str(table["keyword"]))


def _passes(table: Mapping[str, Any]) -> tuple[str, ...] | None:
    return tuple(map(str, table["passes"])) if "passes" in table else None


def _body(table: Mapping[str, Any], where: str) -> Body:
    _check(table, "body", where)
    return Body(
        Place(int(table["arg"]), str(table["keyword"])),
        str(table.get("region", "")),
        int(table.get("context", -1)),
        str(table.get("context-class", "durable")),
        table.get("state"),
        bool(table.get("many", False)),
        _place(table["items"], where) if "items" in table else None,
        bool(table.get("passes-rest", False)),
        bool(table.get("async", False)),
        _passes(table),
    )


def _operation(table: Mapping[str, Any], where: str) -> Operation:
    _check(table, "operation", where)
    where = f"{where} {table['name']}"
    return Operation(
        str(table["name"]),
        _place(table["label"], where) if "label" in table else None,
        _body(table["body"], where) if "body" in table else None,
        _place(table["config"], where) if "config" in table else None,
        _place(table["receiver"], where) if "receiver" in table else None,
        bool(table.get("names-itself", False)),
        bool(table.get("repeats-body", False)),
        str(table.get("transparent-when", {}).get("keyword", "")),
        tuple(table.get("result-operations", ())),
        str(table.get("on", "context")),
        bool(table.get("awaited", False)),
        _signature(str(table["signature"]), where) if "signature" in table else (),
        str(table.get("signature", "")).endswith(OPEN),
        bool(table.get("deadline", False)),
        _place(table["target"], where) if "target" in table else None,
        str(table.get("result-id", "")),
    )


def _signature(text: str, where: str) -> tuple[Taken, ...]:
    try:
        return signature(text)
    except ValueError as error:
        raise ProfileError(f"{where}: {error}") from None


def _context(table: Mapping[str, Any], where: str) -> Context:
    _check(table, "context", where)
    return Context(
        str(table["id"]),
        tuple(table["names"]),
        str(table["region"]),
        str(table.get("logger", "")),
        str(table.get("set-logger", "")),
        str(table.get("replaying", "")),
        tuple(tuple(path.replace("()", ".()").split(".")) for path in table.get("unstable", ())),
    )


def _parameter(table: Mapping[str, Any], where: str) -> tuple[int, str]:
    _check(table, "parameter", where)
    return int(table["arg"]), str(table["context-class"])


def _decorator(table: Mapping[str, Any], where: str) -> Decorator:
    _check(table, "decorator", where)
    return Decorator(
        str(table["name"]),
        str(table["form"]),
        str(table["region"]),
        int(table.get("context", -1)),
        str(table.get("context-class", "durable")),
        str(table.get("factory", "never")),
        bool(table.get("names-operation", False)),
        tuple(_parameter(parameter, where) for parameter in table.get("parameters", ())),
        bool(table.get("async", False)),
        _passes(table),
    )


def _versions(texts: Sequence[str], where: str) -> tuple[SdkVersion, ...]:
    if not texts or not all(re.fullmatch(r"\d+\.\d+\.\d+", text) for text in texts):
        raise ProfileError(f'{where}: [profile]: versions must be releases such as "1.0.0"')
    return tuple(sorted(SdkVersion(*map(int, text.split("."))) for text in texts))


def _since(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def build(data: Mapping[str, Any], where: str) -> Profile:
    """Make a profile from its parsed TOML. Raises ProfileError for unknown keys and for keys that are missing."""
    try:
        _check(data, "", where)
        _check(data["profile"], "profile", f"{where}: [profile]")
        _check(data["suspension"], "suspension", f"{where}: [suspension]")
        contexts = [_context(table, f"{where}: [[context]]") for table in data.get("context", ())]
        operations = [_operation(table, f"{where}: [[operation]]") for table in data["operation"]]
        if any(operation.is_ambient for operation in operations):
            contexts.append(Context(AMBIENT, (), "workflow"))
        for kind in (*failing.KEYS, *writing.KEYS):
            _check(data.get(kind, {}), kind, f"{where}: [{kind}]")
        for table in data.get("carrier", ()):
            _check(table, "carrier", f"{where}: [[carrier]]")
        return Profile(
            str(data["profile"]["id"]),
            str(data["profile"]["title"]),
            tuple(data["profile"]["import-roots"]),
            str(data["profile"].get("distribution", "")),
            _versions(data["profile"]["versions"], where) if "versions" in data["profile"] else (),
            str(data["suspension"]["base"]),
            tuple(data["suspension"]["exceptions"]),
            {context.id: context for context in contexts},
            {d.name: d for d in (_decorator(t, f"{where}: [[decorator]]") for t in data["decorator"])},
            {str(t["name"]): _body(t["body"], f"{where}: [[carrier]]") for t in data.get("carrier", ())},
            {operation.name: operation for operation in operations if operation.on == "context"},
            {operation.name: operation for operation in operations if operation.on == "function"},
            {name: context for context in contexts for name in context.names},
            writing.read(data.get("fixes", {})),
            values(data, lambda table, kind: _check(table, kind, f"{where}: {kind}")),
            removals.read(data, lambda table, kind: _check(table, kind, f"{where}: {kind}")),
            testing.read(data, lambda table, kind: _check(table, kind, f"{where}: {kind}")),
            failing.failures(data.get("failures", {})),
            failing.batch(data.get("batch", {})),
            keeping.read(data, lambda table, kind: _check(table, kind, f"{where}: [[{kind}]]")),
            callbacks.read(data, lambda table, kind: _check(table, kind, f"{where}: {kind}")),
            *(_since(data["profile"].get(key, "0")) for key in ("checked-since", "converted-since")),
        )
    except (TypeError, ValueError) as error:
        raise ProfileError(f"{where}: {error}") from None
    except KeyError as error:
        raise ProfileError(f"{where}: key {error} is missing") from None


@cache
def load(directory: Path | None = None) -> tuple[Profile, ...]:
    """All profiles, sorted by id. Raises ProfileError when a file is wrong."""
    import tomli

    folder = directory or rules_dir() / "profiles"
    found = [build(tomli.loads(path.read_text("utf-8")), path.name) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(found, key=lambda profile: profile.id))
