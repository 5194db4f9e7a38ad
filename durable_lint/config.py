"""The settings of each file: find the nearest configuration, merge it with what the command line says."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from durable_lint import observed
from durable_lint.config_file import FILE_NAMES, Vocabulary, command_line_stage, default_settings, read_settings
from durable_lint.model import Problem, RuleInfo
from durable_lint.paths import Patterns, display
from durable_lint.records import replace
from durable_lint.settings import FAIL_ON, ConfigError, Overrides, Settings, did_you_mean, resolve_code

__all__ = ["FAIL_ON", "ConfigError", "Overrides", "Settings", "SettingsFinder", "did_you_mean", "resolve_code"]


class SettingsFinder:
    """Finds the settings of each file: those of the nearest configuration file above it, and the command line's."""

    def __init__(
        self,
        overrides: Overrides,
        rules: Sequence[RuleInfo],
        profiles: Collection[str],
        cwd: Path,
        *,
        kinds: Collection[str] = (),
    ) -> None:
        """``cwd`` is absolute; ``kinds`` are those that ``nondeterministic`` may name, or none to take any.

        ConfigError if the command line's own values, or the file that it names, can't be used.
        """
        self._overrides = overrides
        self._vocabulary = Vocabulary(rules, profiles, kinds, cwd)
        self._cwd = cwd
        self._stage = command_line_stage(overrides, self._vocabulary)
        self._found: dict[str, Settings | Problem] = {}
        self._fixed = self._without_search()

    def settings_for(self, file: Path) -> Settings:
        """The settings of a file, read once per directory; ConfigError if its configuration can't be used."""
        return self._in(os.path.dirname(os.path.normpath(os.path.join(self._cwd, file))))

    def settings_in(self, directory: Path) -> Settings:
        """The settings of the files in an absolute directory; ConfigError if their configuration can't be used."""
        return self._in(os.fspath(directory))

    def _in(self, directory: str) -> Settings:
        if self._fixed is not None:
            return self._fixed
        found = self._found.get(directory) or self._search(Path(directory))
        if isinstance(found, Problem):
            raise ConfigError(found)
        return found

    def excludes(self, directory: Path) -> tuple[Patterns, ...]:
        """The exclude patterns that hold in an absolute directory.

        Those of a configuration that can't be used are left out: asking for its files' settings says why.
        """
        given = Patterns(os.fspath(self._cwd), self._overrides.exclude)
        try:
            settings = self.settings_in(directory)
        except ConfigError:
            return (given,)
        return (Patterns(os.fspath(settings.root), settings.exclude), given)

    def size_limit(self, file: str) -> int:
        """The size in bytes up to which a Python file (absolute) is read."""
        try:
            return self._in(os.path.dirname(file)).max_file_size
        except ConfigError:
            return observed.SIZE_LIMIT

    def _without_search(self) -> Settings | None:
        if self._overrides.isolated:
            return self._merged(default_settings(self._vocabulary))
        if self._overrides.config is None:
            return None
        path = self._path(self._overrides.config)
        settings = read_settings(path, self._vocabulary)
        if settings is None:
            missing = "has no [tool.durable-lint] table" if path.is_file() else "no such file"
            raise ConfigError(Problem("configuration", display(path, self._cwd), f"{missing}: correct --config"))
        return self._merged(settings)

    def _search(self, directory: Path) -> Settings | Problem:
        passed: list[str] = []
        found: Settings | Problem | None = None
        for place in (directory, *directory.parents):
            found = self._found.get(os.fspath(place))
            if found is not None:
                break
            passed.append(os.fspath(place))
            found = self._configured_in(place)
            if found is not None:
                break
        result = self._merged(default_settings(self._vocabulary)) if found is None else found
        self._found.update(dict.fromkeys(passed, result))
        return result

    def _configured_in(self, directory: Path) -> Settings | Problem | None:
        try:
            for name in FILE_NAMES:
                settings = read_settings(directory / name, self._vocabulary)
                if settings is not None:
                    return self._merged(settings)
        except ConfigError as error:
            return error.problem
        return None

    def _path(self, given: Path) -> Path:
        return Path(os.path.normpath(self._cwd / given))

    def _merged(self, settings: Settings) -> Settings:
        stages = settings.stages if self._stage is None else (*settings.stages, self._stage)
        given = self._overrides
        return replace(
            settings,
            stages=stages,
            fail_on=given.fail_on or settings.fail_on,
            fix_level=given.fix_level or settings.fix_level,
            baseline=self._path(given.baseline) if given.baseline is not None else settings.baseline,
        )
