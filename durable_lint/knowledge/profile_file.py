"""A team's own profile: read strictly, so that each mistake is said with its entry, its line and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from durable_lint import observed
from durable_lint.knowledge import profile_tables
from durable_lint.knowledge.profile_tables import ProfileError
from durable_lint.knowledge.profiles import Profile
from durable_lint.model import Problem
from durable_lint.paths import display
from durable_lint.records import dataclass
from durable_lint.settings import ConfigError, did_you_mean

REGIONS = ("workflow", "child", "step")
TYPES: dict[str, dict[str, str]] = {
    "": {
        "profile": "table profile", "suspension": "table suspension", "context": "tables context",
        "decorator": "tables decorator", "carrier": "tables carrier", "operation": "tables operation",
        "fixes": "table fixes",
    },
    "profile": {
        "id": "string", "title": "string", "import-roots": "strings", "distribution": "string", "versions": "strings",
        "verified-with": "string", "checked-since": "string", "converted-since": "string",
    },
    "suspension": {"base": "string", "exceptions": "strings"},
    "context": {
        "id": "string", "names": "strings", "region": "one of workflow step invocation", "logger": "string",
        "set-logger": "string", "replaying": "string", "unstable": "strings",
    },
    "decorator": {
        "name": "string", "form": "one of handler thunk", "region": f"one of {' '.join(REGIONS)}",
        "context": "position", "context-class": "string", "factory": "one of never may must",
        "names-operation": "boolean", "parameters": "tables parameter", "async": "boolean",
        "passes": "strings",
    },
    "carrier": {"name": "string", "body": "table body"},
    "operation": {
        "name": "string", "on": "one of context function", "receiver": "table place", "body": "table body",
        "label": "table place", "config": "table place", "names-itself": "boolean", "repeats-body": "boolean",
        "transparent-when": "table", "result-operations": "strings", "awaited": "boolean",
        "result-id": "string", "signature": "string", "deadline": "boolean", "target": "table place",
        "suspends": "boolean",
    },
    "body": {
        "arg": "position", "keyword": "string", "region": f"one of {' '.join(REGIONS)}", "context": "position",
        "context-class": "string", "state": "position", "many": "boolean", "items": "table place",
        "passes-rest": "boolean", "async": "boolean", "passes": "strings",
    },
    "parameter": {"arg": "position", "context-class": "string"},
    "place": {"arg": "position", "keyword": "string"},
    "fixes": {
        "step": "string", "parameter": "string", "wait": "string", "duration": "string", "duration-class": "string",
        "child": "string", "logger-methods": "strings", "stable-id": "string",
    },
}  # fmt: skip
"""What the value of each key must be, by the kind of its table. Tables and keys that are not here are read by others;
what these refuse is said without a line."""

REQUIRED = {
    "": ("profile", "suspension", "decorator", "operation"),
    "profile": ("id", "title", "import-roots"),
    "suspension": ("base", "exceptions"),
    "context": ("id", "names", "region"),
    "decorator": ("name", "form", "region"),
    "carrier": ("name", "body"),
    "operation": ("name",),
    "body": ("arg", "keyword"),
    "parameter": ("arg", "context-class"),
    "place": ("keyword",),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A table: ``header`` as the file writes it, ``index`` among those of that header, ``name`` if it has one."""

    header: str
    index: int = 0
    name: str = ""

    def __str__(self) -> str:
        return f'{self.header} "{self.name}"' if self.name else self.header


_TOP = _Entry("")


class TeamProfiles:
    """The profiles that settings name: built-in ones by their id, a team's own by the absolute path of their file."""

    def __init__(self, cwd: Path) -> None:
        """``cwd`` is absolute: paths in messages are shown from there."""
        self._cwd = cwd
        self._known: dict[str, Profile] = {profile.id: profile for profile in profile_tables.load()}
        self._paths: dict[str, str] = {}

    def of(self, names: Sequence[str]) -> tuple[Profile, ...]:
        """The profiles with these names, the built-in ones first. Raises ConfigError when a file can't be used."""
        return tuple(self._get(name) for name in sorted(set(names), key=lambda name: (_is_path(name), name)))

    def _get(self, name: str) -> Profile:
        if name not in self._known:
            shown = display(name, self._cwd)
            profile = read(Path(name), shown)
            taken = next((path for path, one in self._known.items() if one.id == profile.id), None)
            if taken is not None:
                whose = display(taken, self._cwd) if _is_path(taken) else "a built-in profile"
                raise _refusal(shown, f'[profile]: the id "{profile.id}" is that of {whose}: choose another one')
            self._known[name] = profile
        return self._known[name]


def _is_path(name: str) -> bool:
    return name.endswith(".toml")


def read(file: Path, shown: str) -> Profile:
    """The profile in a file. Raises ConfigError when it can't be used."""
    import tomli

    try:
        text = observed.read_bytes(file).decode("utf-8-sig")
        data = tomli.loads(text)
    except OSError as error:
        raise _refusal(shown, f"can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _refusal(shown, f"is not UTF-8 (byte {error.start}): save it as such") from error
    except tomli.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        raise _refusal(shown, f"is not valid TOML: {error}", int(place[1]) if place else 0) from error
    except RecursionError as error:
        raise _refusal(shown, "is nested too deep") from error
    for entry, key, fault in _faults(data):
        raise _refusal(shown, f"{entry}: {fault}" if entry.header else fault, _line(text, entry, key))
    try:
        return profile_tables.build(data, shown)
    except ProfileError as error:
        raise _refusal(shown, str(error).removeprefix(f"{shown}: ")) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise _refusal(shown, f"can't be used: {error}") from error


def _refusal(shown: str, message: str, line: int = 0) -> ConfigError:
    return ConfigError(Problem("configuration", shown, message, line))


def _faults(data: Mapping[str, Any]) -> Iterator[tuple[_Entry, str, str]]:
    """What is wrong: the entry, the key, and what to do."""
    yield from _of_table(data, "", _TOP)
    for name in data["profile"]["import-roots"]:
        if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name):
            yield _Entry("[profile]"), "import-roots", f'import-roots: "{name}" is not the name of a package'
    if not data["profile"]["import-roots"]:
        yield _Entry("[profile]"), "import-roots", "import-roots must name the package that users import"
    for index, table in enumerate(data["operation"]):
        entry = _Entry("[[operation]]", index, table["name"])
        if "region" not in table.get("body", {"region": ""}):
            yield entry, "body", 'body: the key "region" is missing'
        if "receiver" in table and table.get("on") != "function":
            yield entry, "receiver", 'receiver is for free functions: add on = "function"'
    ids = [context["id"] for context in data.get("context", ())]
    for entry, table in _with_contexts(data):
        wanted = table.get("context-class", "durable")
        if wanted not in ids:
            allowed = ", ".join(f'"{one}"' for one in ids) or "none: add a [[context]]"
            yield entry, "context-class", f'context-class: there is no context "{wanted}"; allowed are {allowed}'


def _with_contexts(data: Mapping[str, Any]) -> Iterator[tuple[_Entry, Mapping[str, Any]]]:
    """The tables that name a context, each with its entry."""
    for kind in ("decorator", "operation"):
        for index, table in enumerate(data[kind]):
            entry = _Entry(f"[[{kind}]]", index, table["name"])
            for one in (table, table.get("body", {}), *table.get("parameters", ())):
                if "context-class" in one or "context" in one:
                    yield entry, one


def _of_table(table: Mapping[str, Any], kind: str, entry: _Entry) -> Iterator[tuple[_Entry, str, str]]:
    allowed = sorted(profile_tables.keys_of(kind))
    for key in table:
        if key not in allowed:
            near = did_you_mean(key, allowed)
            yield entry, key, f'there is no key "{key}"{near or "; allowed are " + ", ".join(allowed)}'
    for key in REQUIRED.get(kind, ()):
        if key not in table:
            yield entry, "", f'the key "{key}" is missing'
    for key, value in table.items():
        wanted, _, rest = TYPES.get(kind, {}).get(key, "anything").partition(" ")
        fault = _wrong(value, wanted, rest)
        if fault:
            yield entry, key, f"{key} {fault}"
        elif wanted == "table" and rest:
            yield from _of_table(value, rest, entry if entry.header else _Entry(f"[{key}]"))
        elif wanted == "tables":
            for index, one in enumerate(value):
                inner = entry if entry.header else _Entry(f"[[{key}]]", index, str(one.get("name", one.get("id", ""))))
                yield from _of_table(one, rest, inner)


def _wrong(value: object, wanted: str, rest: str) -> str:
    """What is wrong with the type of a value, as the end of a sentence; empty when nothing is."""
    if wanted == "string" and not (isinstance(value, str) and value):
        return "must be a string that is not empty"
    if wanted == "one" and value not in (choices := rest.split()[1:]):
        return f"must be {', '.join(choices[:-1])} or {choices[-1]}"
    if wanted == "strings" and not (isinstance(value, list) and all(isinstance(one, str) and one for one in value)):
        return "must be a list of strings"
    if wanted == "boolean" and not isinstance(value, bool):
        return "must be true or false"
    if wanted == "position" and not (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return "must be a position, counted from 0"
    if wanted == "table" and not isinstance(value, dict):
        return "must be a table"
    if wanted == "tables" and not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
        return "must be a list of tables"
    return ""


def _line(text: str, entry: _Entry, key: str) -> int:
    """The line (from 1) of a key in an entry, else of the entry, else 0."""
    lines = text.splitlines()
    start = 0
    if entry.header:
        heads = [number for number, line in enumerate(lines) if line.strip().partition("#")[0].strip() == entry.header]
        if entry.index >= len(heads):
            return 0
        start = heads[entry.index]
    if key:
        name = re.compile(rf"""(^\s*|[{{,]\s*|^\s*\[+)["']?{re.escape(key)}["']?\s*[=.\]]""")
        for number in range(start, len(lines)):
            if number > start and entry.header and lines[number].lstrip().startswith("["):
                break
            if name.search(lines[number]):
                return number + 1
    return start + 1 if entry.header else 0
