"""Which external APIs differ on replay or touch the world: ``rules/catalogue/*.toml``, read and checked strictly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from durable_lint.knowledge import compiled, rules_dir, toml_files
from durable_lint.knowledge.apis import ApiRule, Catalogue
from durable_lint.knowledge.conditions import UNKNOWN, Arguments, Condition, Literal, Named, Result

__all__ = [
    "UNKNOWN",
    "ApiRule",
    "Arguments",
    "Catalogue",
    "CatalogueError",
    "Condition",
    "Literal",
    "Named",
    "Result",
    "kinds",
    "load",
]

_KINDS = (
    "clock",
    "random",
    "identity",
    "environment",
    "order",
    "process",
    "network",
    "aws",
    "database",
    "filesystem",
    "subprocess",
    "output",
    "logging",
    "blocking",
    "thread",
)
_COMMON = {"names": list, "kind": str, "why": str}
_KEYS: Mapping[str, Mapping[str, type]] = {
    "call": {**_COMMON, "only": dict, "unless": dict},
    "read": _COMMON,
    "object": {
        **_COMMON,
        "types": list,
        "instances": list,
        "methods": list,
        "gives": list,
        "also-gives": list,
        "free": dict,
        "only": dict,
        "unless": dict,
        "class-calls": list,
        "when-called": bool,
        "subscript": bool,
        "on-class": bool,
    },
    "pure": {"names": list, "why": str},
}
_CONDITION_KEYS: Mapping[str, type] = {
    "max-args": int,
    "min-args": int,
    "arg": int,
    "keyword": str,
    "values": list,
    "types": list,
    "not-names": list,
    "made-by": list,
    "given": bool,
}
_LITERAL_TYPES = ("bool", "bytes", "float", "int", "str")
_NAMES = frozenset({"names", "types", "instances", "class-calls"})
"""The keys of an entry that say what it is about; the others say what holds for it."""
_TOML_NAMES = {list: "an array", dict: "a table", str: "a string", bool: "true or false", int: "a whole number"}


def kinds() -> tuple[str, ...]:
    """Every kind of effect that an entry can have."""
    return _KINDS


class CatalogueError(ValueError):
    """A catalogue file can't be used; the message says which file, which entry, and what is allowed."""


def load(directory: Path | None = None) -> Catalogue:
    """Read every ``*.toml`` of ``directory``, by default the catalogue that comes with durable-lint; cached.

    Raises CatalogueError for a file that can't be read or says something that isn't allowed.
    """
    return _load(directory if directory is not None else rules_dir() / "catalogue")


@cache
def _load(directory: Path) -> Catalogue:
    made_of = sources(directory)
    entries, *tables = compiled.plain("catalogue", made_of, lambda: read(made_of))
    return Catalogue(_Rules(entries), *tables)


def sources(directory: Path | None = None) -> Sequence[Path]:
    """The files that say what a catalogue holds, and this one, which says how they are taken."""
    folder = directory or rules_dir() / "catalogue"
    return (*toml_files(folder), Path(__file__))


class _Rules(dict[int, ApiRule]):
    """The entries by number, made when they are first asked for: a run needs few of them."""

    def __init__(self, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        super().__init__()
        self._entries = entries

    def __missing__(self, number: int) -> ApiRule:
        form, entry = self._entries[number]
        self[number] = rule = _rule(form, entry)
        return rule


def read(made_of: Sequence[Path]) -> tuple[Any, ...]:
    """The checked entries, and the tables of ``Catalogue``. Raises CatalogueError as ``load`` does."""
    tables = _Tables()
    *files, _ = made_of
    if not files:
        raise CatalogueError("the catalogue's folder holds no *.toml files")
    for file in files:
        for form, entries in _read_file(file).items():
            for number, entry in enumerate(entries, start=1):
                try:
                    tables.add(form, entry)
                except CatalogueError as error:
                    raise CatalogueError(f"{_label(file.name, form, number, entry)}: {error}") from None
    return tables.plain()


def _read_file(file: Path) -> dict[str, list[Any]]:
    import tomli

    try:
        content = tomli.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}") from error
    for form, entries in content.items():
        if form not in _KEYS:
            raise CatalogueError(f"{file.name}: unknown table {form!r}; allowed are {', '.join(_KEYS)}")
        if not isinstance(entries, list):
            raise CatalogueError(f"{file.name}: write [[{form}]], with two brackets")
    return content


def _label(file: str, form: str, number: int, entry: Any) -> str:
    names = entry.get("names") if isinstance(entry, dict) else None
    first = f" ({names[0]})" if isinstance(names, list) and names else ""
    return f"{file}, [[{form}]] number {number}{first}"


class _Tables:
    """Collects checked entries; a name may stand once per form."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, Mapping[str, Any]]] = []
        self.calls: dict[str, int] = {}
        self.reads: dict[str, int] = {}
        self.objects: dict[str, int] = {}
        self.types: dict[str, int] = {}
        self.instances: dict[str, int] = {}
        self.patterns: dict[str, int] = {}
        self.pure: dict[str, str] = {}

    def add(self, form: str, entry: Any) -> None:
        """Check one entry and take it in; raises CatalogueError."""
        _check_keys(entry, _KEYS[form])
        names = _strings(entry, "names")
        if not names and not (form == "object" and (entry.get("types") or entry.get("instances"))):
            raise CatalogueError("'names' is missing or empty")
        if not entry.get("why", "").strip():
            raise CatalogueError("'why' is missing: say in one line why this entry is right")
        for name in names:
            _check_name(name, wildcard=form != "object")
        if form == "pure":
            for name in names:
                _put(self.pure, name, entry["why"])
            return
        _rule(form, entry)
        rule = len(self.entries)
        self.entries.append((form, {key: value for key, value in entry.items() if key not in _NAMES}))
        for name in names:
            _put({"call": self.calls, "read": self.reads, "object": self.objects}[form], name, rule)
        if form == "object":
            self._add_object(names, entry, rule)

    def _add_object(self, names: tuple[str, ...], entry: Mapping[str, Any], rule: int) -> None:
        for name in names:
            _put(self.types, name, rule)
            for method in _strings(entry, "class-calls"):
                _put(self.objects, f"{name}.{method}", rule)
        for name in _strings(entry, "types"):
            _check_name(name.replace("*", "x"), wildcard=False)
            _put(self.patterns if "*" in name else self.types, name, rule)
        for name in _strings(entry, "instances"):
            _check_name(name, wildcard=False)
            _put(self.instances, name, rule)

    def plain(self) -> tuple[Any, ...]:
        """What ``read`` gives; raises CatalogueError where two forms contradict each other."""
        for name in self.pure:
            if name in self.calls or name in self.reads:
                raise CatalogueError(f"{name!r} is [[pure]] in one entry and an effect in another: keep one of them")
        tables = (self.calls, self.reads, self.objects, self.types, self.instances)
        roots = frozenset(name.partition(".")[0] for table in tables for name in table)
        return (self.entries, *tables, tuple(self.patterns.items()), self.pure, roots)


def _put(table: dict[str, Any], name: str, value: object) -> None:
    if name in table:
        raise CatalogueError(f"{name!r} is already in another entry: keep one of them")
    table[name] = value


def _check_keys(entry: Any, allowed: Mapping[str, type]) -> None:
    if not isinstance(entry, dict):
        raise CatalogueError("is no table")
    for key, value in entry.items():
        if key not in allowed:
            raise CatalogueError(f"unknown key {key!r}; allowed are {', '.join(sorted(allowed))}")
        if type(value) is not allowed[key]:
            raise CatalogueError(f"{key!r} must be {_TOML_NAMES[allowed[key]]}, not {value!r}")


def _check_name(name: str, *, wildcard: bool) -> None:
    segments = name.split(".")
    if wildcard and len(segments) > 1 and segments[-1] == "*":
        segments.pop()
    if not all(segment.isidentifier() for segment in segments):
        also = " (a last segment '*' is allowed)" if wildcard else ""
        raise CatalogueError(f"{name!r} is no dotted name{also}")


def _strings(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    for value in values:
        if not isinstance(value, str) or not value:
            raise CatalogueError(f"{key!r} must hold strings only, not {value!r}")
    if len(set(values)) != len(values):
        twice = next(value for value in values if values.count(value) > 1)
        raise CatalogueError(f"{key!r} holds {twice!r} twice")
    return tuple(values)


def _rule(form: str, entry: Mapping[str, Any]) -> ApiRule:
    kind = entry.get("kind")
    if kind not in _KINDS:
        raise CatalogueError(f"unknown kind {kind!r}; allowed are {', '.join(_KINDS)}")
    free = entry.get("free", {})
    for name, why in free.items():
        if not isinstance(why, str) or not why.strip():
            raise CatalogueError(f"'free' must give a why for {name!r}")
    return ApiRule(
        kind=kind,
        why=entry["why"],
        form=form,
        only=_condition(entry, "only"),
        unless=_condition(entry, "unless"),
        methods=frozenset(_strings(entry, "methods")),
        gives=frozenset(_strings(entry, "gives")),
        free=free,
        when_called=entry.get("when-called", False),
        subscript=entry.get("subscript", False),
        on_class=entry.get("on-class", False),
        also_gives=frozenset(_strings(entry, "also-gives")),
    )


def _condition(entry: Mapping[str, Any], key: str) -> Condition | None:
    table = entry.get(key)
    if table is None:
        return None
    try:
        _check_keys(table, _CONDITION_KEYS)
        types, not_names, made_by = (_strings(table, name) for name in ("types", "not-names", "made-by"))
        _check_condition(table, types)
    except CatalogueError as error:
        raise CatalogueError(f"{key!r}: {error}") from None
    return Condition(
        max_args=table.get("max-args"),
        min_args=table.get("min-args"),
        arg=table.get("arg"),
        keyword=table.get("keyword"),
        values=tuple(table.get("values", ())),
        types=types,
        not_names=not_names,
        made_by=made_by,
        given=table.get("given", True),
    )


def _check_condition(table: Mapping[str, Any], types: tuple[str, ...]) -> None:
    if not table:
        raise CatalogueError(f"is empty; allowed are {', '.join(sorted(_CONDITION_KEYS))}")
    for key in ("max-args", "min-args", "arg"):
        if table.get(key, 0) < 0:
            raise CatalogueError(f"{key!r} can't be negative")
    tests = [key for key in ("values", "types", "not-names", "made-by", "given") if key in table]
    if tests and "arg" not in table and "keyword" not in table:
        raise CatalogueError(f"{tests[0]!r} needs 'arg' or 'keyword', to say which argument is meant")
    if len(tests) > 1:
        raise CatalogueError(f"only one of {' and '.join(map(repr, tests))} can be asked of an argument")
    for name in types:
        if name not in _LITERAL_TYPES:
            raise CatalogueError(f"unknown literal type {name!r}; allowed are {', '.join(_LITERAL_TYPES)}")
