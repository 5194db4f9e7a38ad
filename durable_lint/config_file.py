"""Reads one configuration file strictly: an unknown key, a wrong type or an unknown name is an error."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from durable_lint import observed
from durable_lint.model import Problem, RuleInfo, SdkVersion, Severity
from durable_lint.paths import Patterns, display, pattern_error
from durable_lint.records import dataclass
from durable_lint.settings import (
    FAIL_ON,
    LEVELS,
    PRESETS,
    ConfigError,
    Overrides,
    PerFileIgnore,
    Selector,
    Settings,
    Stage,
    did_you_mean,
    resolve_code,
)

FILE_NAMES = ("durable-lint.toml", "pyproject.toml")
"""The files that can hold settings, the first that does wins."""

_KEYS = (
    "select",
    "extend-select",
    "ignore",
    "per-file-ignores",
    "severity",
    "exclude",
    "src",
    "fail-on",
    "sdk-version",
    "fix-level",
    "profiles",
    "deterministic",
    "nondeterministic",
    "entry-points",
    "step-wrappers",
    "baseline",
    "max-file-size",
)
LARGEST = 10_000_000
"""The size in bytes up to which a file of settings is read."""

WRAPPER_ROLES = ("context", "name", "body", "_")
"""What an argument of a step wrapper can be; ``_`` is anything else."""

_UNITS = {"kB": 1000, "MB": 1_000_000}
_SEVERITIES = tuple(severity.value for severity in Severity)


class Vocabulary:
    """The names that settings may use, and the directory (absolute) from which paths are shown."""

    def __init__(self, rules: Sequence[RuleInfo], profiles: Collection[str], kinds: Collection[str], cwd: Path) -> None:
        self.codes = {rule.code: rule.code for rule in rules} | {rule.name: rule.code for rule in rules}
        self.profiles = tuple(sorted(profiles))
        self.kinds = tuple(sorted(kinds))
        self.cwd = cwd

    def selector(self, text: str, origin: str) -> Selector:
        """The rules that a code, prefix, rule name, preset or ``ALL`` stands for; ValueError if there are none."""
        if text.lower() in PRESETS:
            return Selector(text, "", origin, text.lower())
        prefix = "" if text.upper() == "ALL" else resolve_code(text, self.codes)
        if prefix is None:
            raise ValueError(f'no rule has the code or name "{text}"{did_you_mean(text, (*self.codes, *PRESETS))}')
        return Selector(text, prefix, origin)


def default_settings(vocabulary: Vocabulary) -> Settings:
    """What holds where there is no configuration file."""
    cwd = vocabulary.cwd
    return Settings(root=cwd, src=(cwd, cwd / "src"), profiles=vocabulary.profiles)


def command_line_stage(overrides: Overrides, vocabulary: Vocabulary) -> Stage | None:
    """What the command line turns on and off, or None; ConfigError (kind ``usage``) for a value that can't be used."""
    try:
        _check_options(overrides)
        selected = None
        if overrides.select is not None:
            selected = tuple(vocabulary.selector(text, "--select") for text in overrides.select)
        extended = tuple(vocabulary.selector(text, "--extend-select") for text in overrides.extend_select)
        ignored = tuple(vocabulary.selector(text, "--ignore") for text in overrides.ignore)
    except ValueError as error:
        raise ConfigError(Problem("usage", "", str(error))) from error
    return Stage("--select", selected, extended, ignored) if selected is not None or extended or ignored else None


def _check_options(overrides: Overrides) -> None:
    if overrides.isolated and overrides.config is not None:
        raise ValueError("--isolated and --config contradict each other: leave one out")
    if overrides.fail_on is not None and overrides.fail_on not in FAIL_ON:
        raise ValueError(f'--fail-on must be {_either(FAIL_ON)}, not "{overrides.fail_on}"')
    if overrides.fix_level is not None and overrides.fix_level not in LEVELS:
        raise ValueError(f'--fix-level must be {_either(LEVELS)}, not "{overrides.fix_level}"')
    for pattern in overrides.exclude:
        if reason := pattern_error(pattern):
            raise ValueError(f'--exclude "{pattern}" is no pattern: {reason}')


def read_settings(file: Path, vocabulary: Vocabulary) -> Settings | None:
    """The settings in a file (absolute), or None if it is missing or is a ``pyproject.toml`` without our table.

    ConfigError if they can't be used. A file of any name but ``pyproject.toml`` has its keys at the top.
    """
    shown = display(file, vocabulary.cwd)
    try:
        if not observed.kind(file):
            return None
        text = observed.read_bytes(file, LARGEST).decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(Problem("configuration", shown, f"can't be read: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            Problem("configuration", shown, f"is not UTF-8 (byte {error.start}): save it as such")
        ) from error
    in_pyproject = file.name == "pyproject.toml"
    if in_pyproject and "durable-lint" not in text and "durable_lint" not in text:
        return None  # spares most projects the TOML parser
    document = _parse(text, shown)
    table = _our_table(document, text, shown) if in_pyproject else document
    return None if table is None else _Reader(file, shown, text, table, vocabulary).settings()


def _parse(text: str, shown: str) -> dict[str, object]:
    import tomli

    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else 0
        raise ConfigError(Problem("configuration", shown, f"is not valid TOML: {error}", line)) from error
    except RecursionError as error:
        raise ConfigError(Problem("configuration", shown, "is nested too deep")) from error


def _our_table(document: dict[str, object], text: str, shown: str) -> dict[str, object] | None:
    tools = document.get("tool")
    if not isinstance(tools, dict):
        return None
    if "durable_lint" in tools:
        message = "[tool.durable_lint] is not read: write [tool.durable-lint]"
        raise ConfigError(Problem("configuration", shown, message, _line_of(text, "durable_lint")))
    table = tools.get("durable-lint")
    if table is None or isinstance(table, dict):
        return table
    message = f"tool.durable-lint must be a table, not {_described(table)}"
    raise ConfigError(Problem("configuration", shown, message, _line_of(text, "durable-lint")))


def _line_of(text: str, key: str) -> int:
    """The line (from 1) on which a key or a table of that name seems to be set, or 0."""
    name = rf"""["']?{re.escape(key)}["']?\s*"""
    begin = re.search(r"^\s*\[tool\.[\"']?durable-lint\b", text, re.MULTILINE)
    found = re.compile(rf"^\s*(?:{name}[=.]|\[.*\b{name}\])", re.MULTILINE).search(text, begin.start() if begin else 0)
    if found is None:
        found = re.compile(name + "=").search(text, begin.start() if begin else 0)
    return 0 if found is None else len(re.findall(r"\n", text[: found.end()])) + 1


def _either(choices: Sequence[str]) -> str:
    quoted = [f'"{choice}"' for choice in choices]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _described(value: object) -> str:
    match value:
        case str():
            return f'the string "{value}"'
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


@dataclass(frozen=True)
class _Reader:
    """Turns the table of one file into settings."""

    file: Path
    shown: str
    text: str
    table: dict[str, object]
    vocabulary: Vocabulary

    def settings(self) -> Settings:
        for key in self.table:
            if key not in _KEYS:
                self.refuse(key, f'there is no setting "{key}"{did_you_mean(key, _KEYS)}')
        origin = f"select in {self.shown}"
        selected = self.selectors("select", self.strings("select")) if "select" in self.table else None
        extended = self.selectors("extend-select", self.strings("extend-select"))
        ignored = self.selectors("ignore", self.strings("ignore"))
        root = self.file.parent
        return Settings(
            root=root,
            path=self.file,
            origin=self.shown,
            stages=(Stage(origin, selected, extended, ignored),),
            per_file_ignores=self.per_file_ignores(),
            severity=self.severity(),
            exclude=self.patterns(),
            src=self.source_directories(),
            fail_on=self.choice("fail-on", FAIL_ON, "warning"),
            sdk_version=self.sdk_version(),
            fix_level=self.choice("fix-level", LEVELS, "history"),
            profiles=self.profiles(),
            deterministic=self.words("deterministic"),
            nondeterministic=self.nondeterministic(),
            entry_points=self.strings("entry-points"),
            step_wrappers=self.step_wrappers(),
            baseline=self.baseline(),
            max_file_size=self.size("max-file-size", observed.SIZE_LIMIT),
        )

    def refuse(self, key: str, message: str) -> NoReturn:
        raise ConfigError(Problem("configuration", self.shown, message, _line_of(self.text, key)))

    def selectors(self, key: str, texts: Sequence[str]) -> tuple[Selector, ...]:
        try:
            return tuple(self.vocabulary.selector(text, f"{key} in {self.shown}") for text in texts)
        except ValueError as error:
            self.refuse(key, f"{key}: {error}")

    def strings(self, key: str) -> tuple[str, ...]:
        return self.as_strings(key, key, self.table.get(key, []))

    def as_strings(self, key: str, name: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            self.refuse(key, f"{name} must be a list of strings, not {_described(value)}")
        for item in value:
            if not isinstance(item, str):
                self.refuse(key, f"{name} must hold strings, not {_described(item)}")
            if not item.strip():
                self.refuse(key, f"{name} must not hold an empty string")
        return tuple(value)

    def words(self, key: str) -> dict[str, str]:
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, f"{key} must be a table of strings, not {_described(value)}")
        for name, word in value.items():
            if isinstance(word, dict):
                self.refuse(
                    key,
                    f'{key}: the name "{name}" is cut at its dot: write it in quotes, "{name}.{next(iter(word), "")}"',
                )
            if not isinstance(word, str):
                self.refuse(key, f'{key}: the value of "{name}" must be a string, not {_described(word)}')
            if not word.strip():
                self.refuse(key, f'{key}: the value of "{name}" must not be empty')
        return dict(value)

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        value = self.table.get(key, default)
        if not isinstance(value, str) or value not in choices:
            self.refuse(key, f"{key} must be {_either(choices)}, not {_described(value)}")
        return value

    def size(self, key: str, default: int) -> int:
        """A number of bytes, which files give with a unit."""
        if key not in self.table:
            return default
        value = self.table[key]
        match = re.fullmatch(rf"(\d{{1,9}}) ?({'|'.join(_UNITS)})", value) if isinstance(value, str) else None
        if match is None:
            self.refuse(key, f'{key} must be a size in quotes, such as "5 MB" or "800 kB", not {_described(value)}')
        size = int(match[1]) * _UNITS[match[2]]
        if not 0 < size <= observed.LARGEST:
            self.refuse(key, f"{key} must be above 0 and at most {observed.size_text(observed.LARGEST)}")
        return size

    def severity(self) -> Mapping[Selector, Severity]:
        chosen: dict[Selector, Severity] = {}
        for name, word in self.words("severity").items():
            if word not in _SEVERITIES:
                self.refuse("severity", f'severity: "{name}" must be {_either(_SEVERITIES)}, not {_described(word)}')
            (selector,) = self.selectors("severity", (name,))
            chosen[selector] = Severity(word)
        return chosen

    def per_file_ignores(self) -> tuple[PerFileIgnore, ...]:
        key = "per-file-ignores"
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, f"{key} must be a table of pattern to list of codes, not {_described(value)}")
        found: list[PerFileIgnore] = []
        for pattern, codes in value.items():
            self.check_pattern(key, pattern.removeprefix("!"))
            selectors = self.selectors(key, self.as_strings(key, f'{key} "{pattern}"', codes))
            patterns = Patterns(str(self.file.parent), (pattern.removeprefix("!"),))
            found.append(PerFileIgnore(pattern, patterns, selectors))
        return tuple(found)

    def patterns(self) -> tuple[str, ...]:
        patterns = self.strings("exclude")
        for pattern in patterns:
            self.check_pattern("exclude", pattern)
        return patterns

    def check_pattern(self, key: str, pattern: str) -> None:
        if reason := pattern_error(pattern):
            self.refuse(key, f'{key}: "{pattern}" is no pattern: {reason}')

    def source_directories(self) -> tuple[Path, ...]:
        root = self.file.parent
        if "src" not in self.table:
            return (root, root / "src")
        for name in self.strings("src"):
            if not observed.is_folder(root / name):
                self.refuse("src", f'src: there is no directory "{name}" in {display(root, self.vocabulary.cwd)}')
        return tuple(root / name for name in self.strings("src"))

    def sdk_version(self) -> SdkVersion | None:
        key = "sdk-version"
        if key not in self.table:
            return None
        value = self.table[key]
        # Only whole releases: a range would leave open what the messages are about.
        if not isinstance(value, str) or not re.fullmatch(r"\d+(\.\d+){0,2}", value):
            self.refuse(key, f'{key} must be a version in quotes, such as "2.1", not {_described(value)}')
        return SdkVersion(*map(int, value.split(".")))

    def profiles(self) -> tuple[str, ...]:
        if "profiles" not in self.table:
            return self.vocabulary.profiles
        names = self.strings("profiles")
        return tuple(self.profile(name) for name in names)

    def profile(self, name: str) -> str:
        """The id of a built-in profile, or the absolute path of a team's own."""
        if name.endswith(".toml"):
            if not observed.is_file(self.file.parent / name):
                folder = display(self.file.parent, self.vocabulary.cwd)
                self.refuse("profiles", f'profiles: there is no file "{name}" in {folder}')
            return Path(os.path.normpath(self.file.parent / name)).as_posix()
        if name not in self.vocabulary.profiles:
            near = did_you_mean(name, self.vocabulary.profiles)
            allowed = f"; allowed are {_either(self.vocabulary.profiles)} and paths of .toml files"
            self.refuse("profiles", f'there is no profile "{name}"{near or allowed}')
        return name

    def baseline(self) -> Path | None:
        """The absolute path of a file that need not exist yet: ``durable-lint baseline`` writes it."""
        value = self.table.get("baseline")
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.refuse("baseline", f"baseline must be the path of a file, not {_described(value)}")
        return Path(os.path.normpath(self.file.parent / value))

    def nondeterministic(self) -> dict[str, str]:
        key, kinds = "nondeterministic", self.vocabulary.kinds
        named = self.words(key)
        for name, kind in named.items():
            if kinds and kind not in kinds:
                self.refuse(key, f'{key}: "{name}" has no kind of effect, "{kind}"{did_you_mean(kind, kinds)}')
        return named

    def step_wrappers(self) -> dict[str, tuple[str, ...]]:
        key = "step-wrappers"
        found: dict[str, tuple[str, ...]] = {}
        for name, text in self.words(key).items():
            roles = tuple(role.strip() for role in text.split(","))
            for role in roles:
                if role not in WRAPPER_ROLES:
                    self.refuse(key, f'{key}: "{role}" of "{name}" must be {_either(WRAPPER_ROLES)}')
            if roles.count("body") != 1 or roles.count("context") > 1 or roles.count("name") > 1:
                self.refuse(key, f'{key}: "{name}" needs one "body", and at most one "context" and one "name"')
            found[name] = roles
        return found
