"""How an SDK keeps values: its serializers, and which results and payloads each of them gets. A part of a profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from durable_lint.records import dataclass, field

KEYS = {
    "serializer": {"id", "error", "unchanged", "becomes", "keys", "keys-as-text", "subclasses"},
    "kept": {"of", "serializer", "unless", "payload", "each", "submits"},
}
"""The keys of each table."""


@dataclass(frozen=True, slots=True)
class Serializer:
    """How values are kept, by the names of ``rules/types.toml``.

    A type that is ``unchanged`` comes back as it was, an instance of its subclass as that type: ``subclasses`` says
    that this is meant. ``becomes`` are other types that come back as another one. ``keys`` are those that dicts may
    have; ``keys_as_text`` come back as text. Anything else raises ``error``.
    """

    id: str
    error: str
    unchanged: frozenset[str]
    becomes: Mapping[str, str] = field(hash=False)
    keys: frozenset[str]
    keys_as_text: frozenset[str]
    subclasses: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that a serializer keeps.

    ``unless`` are keywords of the operation's configuration that give it another serializer. ``each``: the operation
    gives many results; ``submits``: what it gives is not its body's result.
    """

    serializer: Serializer
    unless: frozenset[str] = frozenset()
    each: bool = False
    submits: bool = False


@dataclass(frozen=True)
class Keeping:
    """What is kept: the results of the bodies of operations and of decorated functions, and arguments of operations,
    each with its position and keyword."""

    results: Mapping[str, Kept] = field(default_factory=dict)
    payloads: Mapping[str, tuple[int, str, Kept]] = field(default_factory=dict)


def read(data: Mapping[str, Any], check: Callable[[Mapping[str, Any], str], None]) -> Keeping:
    """What a parsed profile says; ``check`` raises for a key that a table can't have, a missing one is a KeyError."""
    serializers = {}
    for table in data.get("serializer", ()):
        check(table, "serializer")
        serializers[str(table["id"])] = Serializer(
            str(table["id"]),
            str(table["error"]),
            frozenset(table["unchanged"]),
            dict(table.get("becomes", {})),
            frozenset(table["keys"]),
            frozenset(table.get("keys-as-text", ())),
            bool(table.get("subclasses", False)),
        )
    results: dict[str, Kept] = {}
    payloads: dict[str, tuple[int, str, Kept]] = {}
    for table in data.get("kept", ()):
        check(table, "kept")
        kept = Kept(
            serializers[table["serializer"]],
            frozenset(table.get("unless", ())),
            bool(table.get("each", False)),
            bool(table.get("submits", False)),
        )
        for name in table["of"]:
            if "payload" in table:
                payloads[str(name)] = (int(table["payload"]["arg"]), str(table["payload"]["keyword"]), kept)
            else:
                results[str(name)] = kept
    return Keeping(results, payloads)
