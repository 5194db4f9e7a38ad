"""The types of values outside the project (``rules/types.toml``): what the rules on results judge by."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from durable_lint.knowledge import compiled, rules_dir
from durable_lint.records import dataclass


class TypesError(Exception):
    """The file is wrong; the text says where."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A type as the file writes it; ``parts`` are the constant keys and, under None, any element."""

    name: str
    parts: tuple[tuple[str | None, Spec], ...] = ()
    large: bool = False


@dataclass(frozen=True)
class Types:
    """Everything that is known, asked for by dotted names; those of the builtins stand alone."""

    bases: Mapping[str, str]
    aliases: Mapping[str, str]
    members: frozenset[str]
    calls: Mapping[str, Spec]
    methods: Mapping[str, Mapping[str, Spec]]
    attributes: Mapping[str, Mapping[str, Spec]]

    def name(self, dotted: str) -> str:
        """The name by which a type is known here; empty for one that is not known."""
        dotted = self.aliases.get(dotted, dotted)
        short = dotted.removeprefix("builtins.")
        if short in self.bases:
            return short
        if short != dotted or "." not in dotted:
            found = getattr(builtins, short, None)
            if isinstance(found, type) and issubclass(found, BaseException):
                return "exception"
        return ""

    def lineage(self, name: str) -> tuple[str, ...]:
        """A type and the types that an instance of it also is, the nearest first."""
        found = [name]
        while self.bases.get(found[-1]):
            found.append(self.bases[found[-1]])
        return tuple(found)

    def call(self, dotted: str) -> Spec | None:
        """What calling a function or a type gives; None when it isn't known."""
        short = dotted.removeprefix("builtins.")
        if short in self.calls:
            return self.calls[short]
        name = self.name(dotted)
        return Spec(name) if name else None

    def member(self, table: Mapping[str, Mapping[str, Spec]], lineage: tuple[str, ...], name: str) -> Spec | None:
        """What a method or an attribute gives on a type or the types that it also is."""
        for one in lineage:
            for known in self.lineage(one):
                if name in table.get(known, {}):
                    return table[known][name]
        return None


_TOKEN = re.compile(r"\s*([\w.?()]+|[*\[\]{}=,])")


def parse(text: str) -> Spec:
    """Read a type: ``list[str]``, ``dict{Body = x}``, ``*str``. Raises TypesError when it is none."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != "".join(text.split()):
        raise TypesError(f"types.toml: {text!r} is no type")
    spec, rest = _spec(tokens, text)
    if rest:
        raise TypesError(f"types.toml: {text!r} is no type")
    return spec


def _spec(tokens: list[str], text: str) -> tuple[Spec, list[str]]:
    large = tokens[:1] == ["*"]
    tokens = tokens[large:]
    if not tokens or tokens[0] in "[]{}=,":
        raise TypesError(f"types.toml: {text!r} is no type")
    name, tokens = tokens[0], tokens[1:]
    parts: list[tuple[str | None, Spec]] = []
    if tokens[:1] == ["["]:
        inner, tokens = _spec(tokens[1:], text)
        parts.append((None, inner))
        tokens = _close(tokens, "]", text)
    elif tokens[:1] == ["{"]:
        while tokens[0] in ("{", ","):
            if tokens[2:3] != ["="]:
                raise TypesError(f"types.toml: {text!r} is no type")
            inner, rest = _spec(tokens[3:], text)
            parts.append((tokens[1], inner))
            tokens = rest or [""]
        tokens = _close(tokens, "}", text)
    return Spec(name, tuple(parts), large), tokens


def _close(tokens: list[str], bracket: str, text: str) -> list[str]:
    if tokens[:1] != [bracket]:
        raise TypesError(f"types.toml: {text!r} is no type")
    return tokens[1:]


def _specs(table: Mapping[str, str]) -> dict[str, Spec]:
    return {name: parse(text) for name, text in table.items()}


_KEYS = {"bases", "aliases", "members", "calls", "family", "methods", "attributes"}


def build(data: Mapping[str, Any]) -> Types:
    """Make the knowledge from the parsed file. Raises TypesError for unknown tables and for types that are none."""
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise TypesError(f"types.toml: unknown table {unknown[0]!r}; allowed are {', '.join(sorted(_KEYS))}")
    calls = _specs(data["calls"])
    for family in data["family"]:
        gives = parse(family["gives"])
        calls |= {f"{owner}.{name}": gives for owner in family["owners"] for name in family["names"]}
    methods = {owner: _specs(table) for owner, table in data["methods"].items()}
    attributes = {owner: _specs(table) for owner, table in data["attributes"].items()}
    types = Types(data["bases"], data["aliases"], frozenset(data["members"]["of"]), calls, methods, attributes)
    named = [*types.bases.values(), *types.aliases.values(), *types.methods, *types.attributes, *types.members]
    specs = [*calls.values(), *(spec for table in (*methods.values(), *attributes.values()) for spec in table.values())]
    while specs:
        spec = specs.pop()
        named.append(spec.name)
        specs += [inner for _, inner in spec.parts]
    for name in named:
        if name and name not in types.bases and name not in ("?", "self", "item"):
            raise TypesError(f"types.toml: {name!r} is not in [bases]")
    return types


@cache
def load(directory: Path | None = None) -> Types:
    """The file's knowledge, read once. Raises TypesError when it is wrong."""
    files = sources(directory)
    return build(compiled.tables("types", files)[files[0].name])


def sources(directory: Path | None = None) -> Sequence[Path]:
    """The file with the types."""
    return [(directory or rules_dir()) / "types.toml"]
