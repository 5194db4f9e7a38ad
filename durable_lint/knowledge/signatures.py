"""What a profile says of arguments: the parameters of operations, durations, configuration classes, invoked targets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from durable_lint.records import dataclass, field

KINDS = frozenset({"anything", "callable", "callables", "context", "duration", "items", "text"})
"""What a parameter can take besides an object of a configuration class, which stands under its own name."""

KEYS = {
    "duration": {"name", "module", "parameter", "factory-parameter", "factories", "minimum"},
    "config": {"name", "positional", "durations", "deadlines", "base"},
    "at-most-once": {"config", "parameter", "value", "retries", "defaults", "module", "never"},
    "client-invoke": {"clients", "method", "target", "qualifier", "marks"},
}
"""The tables of a profile that are read here, and their keys."""

OPEN = ", ..."
"""The end of a signature that has more parameters than the profile knows."""

_PARAMETER = re.compile(r"(\w+): ([\w-]+)(\?)?$")


@dataclass(frozen=True, slots=True)
class Taken:
    """A parameter of an operation: ``takes`` is one of ``KINDS`` or a configuration class."""

    name: str
    takes: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Durations:
    """The class of durations: ``parameter`` of its constructor takes units of 1 second, that of its factories
    ``factory_parameter``; ``factories`` give the seconds of their unit. ``minimum`` is the shortest wait in seconds."""

    name: str
    module: str
    parameter: str
    factory_parameter: str
    factories: Mapping[str, int]
    minimum: int


@dataclass(frozen=True, slots=True)
class ConfigClass:
    """A configuration class: its positional parameters in order, those that take a duration, and the ones that end a
    wait. ``base``: it is accepted wherever that class is."""

    name: str
    positional: tuple[str, ...] = ()
    durations: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()
    base: str = ""


@dataclass(frozen=True, slots=True)
class AtMostOnce:
    """The setting that runs a step at most once for each retry: ``value`` of ``parameter`` in ``config``; the parameter
    ``retries`` sets how often it is retried, ``defaults`` are calls that give the default, ``module`` and ``never`` the
    call that switches retries off."""

    config: str
    parameter: str
    value: str
    retries: str
    defaults: tuple[str, ...]
    module: str
    never: str


@dataclass(frozen=True, slots=True)
class ClientInvoke:
    """A method of clients that starts a function: a durable one when the keyword ``marks`` is given. ``target`` and
    ``qualifier`` are the keywords for the function and its version."""

    clients: tuple[str, ...]
    method: str
    target: str
    qualifier: str
    marks: str


@dataclass(frozen=True, slots=True)
class Values:
    """What one SDK's values are."""

    durations: Durations | None = None
    configs: Mapping[str, ConfigClass] = field(default_factory=dict)
    at_most_once: AtMostOnce | None = None
    client_invokes: tuple[ClientInvoke, ...] = ()

    def accepts(self, wanted: str, given: str) -> bool:
        """Whether an object of one configuration class can stand for another's."""
        return given == wanted or (given in self.configs and self.configs[given].base == wanted)


def signature(text: str) -> tuple[Taken, ...]:
    """The parameters in a text such as ``func: callable, name: text?``; raises ValueError when it has another form.

    ``...`` at the end, for parameters that the profile doesn't know, is left out; see ``is_open``.
    """
    found = []
    for part in text.removesuffix(OPEN).split(", "):
        match = _PARAMETER.match(part)
        if match is None or not (match[2] in KINDS or match[2][0].isupper()):
            raise ValueError(f"{part!r} is no parameter such as 'name: text?'")
        found.append(Taken(match[1], match[2], bool(match[3])))
    return tuple(found)


def values(data: Mapping[str, Any], check: Callable[[Mapping[str, Any], str], None]) -> Values:
    """Durations, configuration classes and what else a profile says of values; none of it must be there.

    ``check`` refuses tables with unknown keys; raises TypeError when a key is missing.
    """

    def table(kind: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        check(given, kind)
        plain = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
        return {key.replace("-", "_"): value for key, value in plain.items()}

    configs = [ConfigClass(**table("config", one)) for one in data.get("config", ())]
    return Values(
        Durations(**table("duration", data["duration"])) if "duration" in data else None,
        {config.name: config for config in configs},
        AtMostOnce(**table("at-most-once", data["at-most-once"])) if "at-most-once" in data else None,
        tuple(ClientInvoke(**table("client-invoke", one)) for one in data.get("client-invoke", ())),
    )
