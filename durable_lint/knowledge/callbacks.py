"""What an SDK calls back while it replays, such as the function that names the items of a map: a profile's say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from durable_lint.records import dataclass

KEYS = {"callback": {"title", "of", "parameters", "methods", "recorded", "allows", "decision"}}
"""The table of a profile that is read here, and its keys."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A callable that a configuration class takes, or an object with ``methods`` that are called.

    ``recorded``: what it says is checkpointed, so that it may be impure. ``allows`` are kinds of effects that do no
    harm in it. ``decision`` is the class that it must return, where a bool is a likely mistake.
    """

    title: str
    owners: tuple[str, ...]
    parameters: tuple[str, ...]
    methods: tuple[str, ...] = ()
    recorded: bool = False
    allows: tuple[str, ...] = ()
    decision: str = ""


def read(data: Mapping[str, Any], check: Callable[[Mapping[str, Any], str], None]) -> tuple[Callback, ...]:
    """What a profile says is called back. ``check`` refuses tables with unknown keys.

    Raises KeyError for a key that is missing.
    """
    found = []
    for table in data.get("callback", ()):
        check(table, "callback")
        found.append(_callback(table))
    return tuple(found)


def _callback(table: Mapping[str, Any]) -> Callback:
    return Callback(
        str(table["title"]),
        tuple(table["of"]),
        tuple(table["parameters"]),
        tuple(table.get("methods", ())),
        bool(table.get("recorded", False)),
        tuple(table.get("allows", ())),
        str(table.get("decision", "")),
    )
