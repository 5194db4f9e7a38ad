"""The values that settings consist of, and which rules they turn on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from durable_lint import observed
from durable_lint.model import Problem, RuleInfo, SdkVersion, Severity
from durable_lint.paths import Patterns
from durable_lint.records import dataclass, field

FAIL_ON = ("error", "warning", "never")
"""From which severity on findings make the exit status 1."""

LEVELS = ("safe", "history", "unsafe")
"""What fixes can change, from nothing to perhaps the meaning."""


class ConfigError(Exception):
    """Settings that can't be used; ``problem`` says what, where and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True)
class Overrides:
    """What the command line says: it wins over every configuration file.

    Without ``use_baseline`` the findings of no baseline are left out, whoever names one.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fail_on: str | None = None
    fix_level: str | None = None
    config: Path | None = None
    isolated: bool = False
    baseline: Path | None = None
    use_baseline: bool = True


PRESETS = ("recommended", "strict")
"""Choices of rules that have a name: those that are on by default, and those for who wants to hear everything."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A choice of rules: all whose code begins with ``prefix`` (empty for ``ALL`` and presets), as far as ``preset``
    holds them; ``text`` is as written."""

    text: str
    prefix: str
    origin: str
    preset: str = ""

    def __str__(self) -> str:
        option, _, place = self.origin.partition(" ")
        return f"{option} {self.text} {place}".rstrip()

    def matches(self, rule: RuleInfo) -> bool:
        """Whether a rule is among them."""
        if self.preset:
            return rule.default is not None if self.preset == "recommended" else rule.strict
        return rule.code.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class Stage:
    """What one source of settings turns on and off; ``select`` None leaves the others on and off as they were."""

    origin: str
    select: tuple[Selector, ...] | None = None
    extend_select: tuple[Selector, ...] = ()
    ignore: tuple[Selector, ...] = ()

    def decide(self, rule: RuleInfo) -> tuple[bool, str] | None:
        """Whether the rule is on, and why; None if this source says nothing of it; the longest prefix wins."""
        chosen = longest(rule, (*(self.select or ()), *self.extend_select))
        ignored = longest(rule, self.ignore)
        if ignored is not None and (chosen is None or len(ignored.prefix) >= len(chosen.prefix)):
            return False, f"ignored by {ignored}"
        if chosen is not None:
            return True, f"selected by {chosen}"
        return None if self.select is None else (False, f"not selected by {self.origin}")


def longest(rule: RuleInfo, selectors: Iterable[Selector]) -> Selector | None:
    """The most specific selector that has the rule, the first of equals, or None."""
    return max((one for one in selectors if one.matches(rule)), key=lambda one: len(one.prefix), default=None)


@dataclass(frozen=True, slots=True)
class PerFileIgnore:
    """Rules that are off in the files which a gitignore-style pattern matches; ``!`` in front turns it round."""

    pattern: str
    patterns: Patterns
    selectors: tuple[Selector, ...]

    def holds_for(self, file: str) -> bool:
        """Whether an absolute path of a file is meant."""
        return (self.patterns.check(file, directory=False) is True) != self.pattern.startswith("!")


@dataclass(frozen=True)
class Settings:
    """Everything that holds for a file: ``path`` is the configuration file, if any, ``root`` its directory, or the cwd.

    ``src`` are the directories in which top-level modules lie, ``profiles`` the names of the SDK profiles in use;
    ``sdk_version`` is the SDK's version that the code is meant for, None to read it from the project's dependencies;
    ``baseline`` is the absolute path of the file with the findings that may stay; ``max_file_size`` is the size in
    bytes up to which a Python file is read.
    """

    root: Path
    path: Path | None = None
    origin: str = ""
    stages: tuple[Stage, ...] = ()
    per_file_ignores: tuple[PerFileIgnore, ...] = ()
    severity: Mapping[Selector, Severity] = field(default_factory=dict, hash=False)
    exclude: tuple[str, ...] = ()
    src: tuple[Path, ...] = ()
    fail_on: str = "warning"
    sdk_version: SdkVersion | None = None
    fix_level: str = "history"
    profiles: tuple[str, ...] = ()
    deterministic: Mapping[str, str] = field(default_factory=dict, hash=False)
    nondeterministic: Mapping[str, str] = field(default_factory=dict, hash=False)
    entry_points: tuple[str, ...] = ()
    step_wrappers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    baseline: Path | None = None
    max_file_size: int = observed.SIZE_LIMIT

    @property
    def strict(self) -> bool:
        """Whether the preset ``strict`` is chosen: rules that have a strict form use it."""
        on = False
        for stage in self.stages:
            chosen = any(one.preset == "strict" for one in (*(stage.select or ()), *stage.extend_select))
            on = chosen or (on and stage.select is None)
        return on

    def rule_state(self, rule: RuleInfo, path: Path) -> tuple[Severity | None, str]:
        """The severity of a rule in a file (None: it is off), and the reason; a relative path is one below the root."""
        on, reason = rule.default is not None, "on by default" if rule.default is not None else "off by default"
        for stage in self.stages:
            on, reason = stage.decide(rule) or (on, reason)
        if not on:
            return None, reason
        for one in self.per_file_ignores:
            if longest(rule, one.selectors) is not None and one.holds_for(os.fspath(self.root / path)):
                return None, f'ignored by per-file-ignores "{one.pattern}" in {self.origin}'
        chosen = longest(rule, self.severity)
        if chosen is not None:
            return self.severity[chosen], f'{reason}; severity set by "{chosen.text}" in {self.origin}'
        return rule.default or Severity.WARNING, reason


def resolve_code(text: str, known: Mapping[str, str]) -> str | None:
    """The code, or prefix of codes, that a code, a prefix from ``DUR`` on or a rule name stands for, or None.

    ``known`` gives the code of every code and of every rule name.
    """
    upper = text.upper()
    if upper.startswith("DUR") and any(code.startswith(upper) for code in known.values()):
        return upper
    return known.get(text.lower())


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A suggestion to append to a message, such as ``; did you mean "select"?``, or nothing if none is near."""
    import difflib

    by_lower = {candidate.lower(): candidate for candidate in sorted(candidates)}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return f'; did you mean "{by_lower[near[0]]}"?' if near else ""
