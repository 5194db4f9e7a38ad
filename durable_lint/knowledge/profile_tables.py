"""Reads SDK profiles from their TOML tables, strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from durable_lint.knowledge import (
    callbacks,
    compiled,
    failing,
    keeping,
    removals,
    rules_dir,
    testing,
    toml_files,
    writing,
)
from durable_lint.knowledge.profiles import AMBIENT, BY_KEYWORD, Body, Context, Decorator, Operation, Place, Profile
from durable_lint.knowledge.signatures import KEYS, OPEN, Taken, signature, values
from durable_lint.model import SdkVersion


class ProfileError(Exception):
    """A profile file is wrong; the text says file, entry and what is allowed."""


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
        "result-operations", "awaited", "result-id", "signature", "deadline", "target", "suspends",
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
        bool(table.get("suspends", False)),
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
    found = [build(data, name) for name, data in compiled.tables("profiles", sources(directory)).items()]
    return tuple(sorted(found, key=lambda profile: profile.id))


def sources(directory: Path | None = None) -> Sequence[Path]:
    """The files with the profiles."""
    return toml_files(directory or rules_dir() / "profiles")
