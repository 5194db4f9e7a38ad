"""The files of a run, read and linked: what there is to be judged."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from durable_lint import progress
from durable_lint.baseline import Baselines
from durable_lint.config import ConfigError, Overrides, Settings, SettingsFinder
from durable_lint.dependencies import Dependencies
from durable_lint.discovery import Discovery, Found, discover
from durable_lint.model import RuleInfo
from durable_lint.paths import in_text
from durable_lint.source import SourceError
from durable_lint.workspace import LOST, SEED, Workspace

if TYPE_CHECKING:
    from durable_lint.index.project import Project
    from durable_lint.index.taught import Taught
    from durable_lint.knowledge.profiles import Profile


@cache
def rules() -> tuple[RuleInfo, ...]:
    """Every rule, sorted by code."""
    from durable_lint.checks import all_checks

    return tuple(rule for rule, _ in all_checks())


@cache
def profiles() -> tuple[str, ...]:
    """The ids of the built-in SDK profiles, sorted."""
    from durable_lint.knowledge import profile_tables as known

    return tuple(profile.id for profile in known.load())


class Reading:
    """Reads files and links them, by ``workers`` processes where that pays; what goes wrong is said in ``files``."""

    workers = 1

    def __init__(
        self,
        overrides: Overrides,
        cwd: Path,
        counting: bool = False,
        unsaved: Mapping[str, bytes] | None = None,
        *,
        noqa: bool = True,
    ) -> None:
        """``unsaved``: what stands for the content of files, by absolute path with ``/``.

        ``noqa``: whether ``# noqa`` comments hold; without, they are another tool's business.
        """
        from durable_lint.knowledge import catalogue
        from durable_lint.knowledge.profile_file import TeamProfiles

        self.cwd = cwd
        self.counting = counting
        self.finder = SettingsFinder(overrides, rules(), profiles(), cwd, kinds=catalogue.kinds())
        self.profiles = TeamProfiles(cwd)
        self.baselines = Baselines(cwd, on=overrides.use_baseline)
        self.catalogue = catalogue.load()
        self.dependencies = Dependencies(isolated=overrides.isolated)
        self.files = Workspace(cwd, unsaved, noqa=noqa, limit=self.finder.size_limit)
        self.linted: dict[str, Found] = {}
        self.context: set[str] = set()
        self.settings: dict[str, Settings] = {}
        self.project: Project | None = None
        self.providers: list[str] = []
        """The modules that apply an SDK's decorators to what they are given, once all is linked."""
        self._files = 0
        self._notes: tuple[str, ...] = ()

    def read(
        self,
        paths: Sequence[str],
        stdin: bytes | None = None,
        stdin_filename: str = "<stdin>",
        context: Sequence[str] = (),
        force_exclude: bool = False,
    ) -> None:
        """Read and link the files; once, before anything is judged."""
        found = self._discover(paths, force_exclude)
        self._notes = found.notes
        explicit = {str(self.cwd / path) for path in paths}
        self.baselines.given = [Path(os.path.normpath(self.cwd / path)).as_posix() for path in paths]
        reading = progress.over("reading", found.files, lambda one: one.path)
        kinds = {one: self._take(one, None, str(one.file) in explicit) for one in reading}
        if stdin is not None:
            one = Found(Path(self.cwd / stdin_filename), stdin_filename)
            kinds[one] = self._take(one, stdin, True)
        self._files = len(kinds)
        given = {os.path.realpath(one.file) for one in kinds} if context else set()
        for one in self._discover(context).files:
            if os.path.realpath(one.file) not in given:
                kinds[one] = self._take(one, None, False)
                self.context.add(one.file.as_posix())
        self.link(kinds)

    def pause(self) -> None:
        """Called now and then while running: whoever wants to stop the run raises here what isn't an Exception."""

    def link(self, kinds: Mapping[Found, str]) -> None:
        """Link files that were taken, given with what they are to the run."""
        taken = [one.file.as_posix() for one, kind in kinds.items() if kind != LOST]
        speaking = [key for key in taken if key in self.files.sources]
        progress.phase(f"parsing {len(speaking)} files")
        self.files.index(speaking, self.workers)
        kinds = {one: LOST if self.files.is_lost(one.file.as_posix()) else kind for one, kind in kinds.items()}
        entries = bool(self._taught().entry_points)
        seeds = [one.file.as_posix() for one, kind in kinds.items() if kind == SEED or (entries and kind != LOST)]
        others = [one for one, kind in kinds.items() if kind not in (SEED, LOST)]
        self.project = self._link(seeds, others) if seeds else None

    def _discover(self, paths: Sequence[str], force_exclude: bool = False) -> Discovery:
        if not paths:
            return Discovery((), (), ())
        progress.phase("looking for files")
        found = discover(paths, cwd=self.cwd, excludes=self.finder.excludes, force_exclude=force_exclude)
        for problem in found.problems:
            self.files.say(problem)
        return found

    def _take(self, one: Found, data: bytes | None, explicit: bool) -> str:
        roots = self._admit(one)
        return LOST if roots is None else self.files.take(one, data, explicit, roots)

    def _admit(self, one: Found) -> tuple[bytes, ...] | None:
        """Let a file belong to the run; gives the packages of its SDKs, or None where its settings can't be used."""
        key = one.file.as_posix()
        try:
            settings = self.finder.settings_for(one.file)
            self.baselines.load(settings.baseline)
            roots = tuple(root.encode() for profile in self.profiles.of(settings.profiles) for root in profile.roots)
        except ConfigError as error:
            self.files.say(error.problem)
            return None
        self.settings[key] = settings
        self.linted[key] = one
        return roots

    def _project(self, seeds: Sequence[str]) -> Project:
        """The project of these modules, not linked yet."""
        from durable_lint.index.modules import Modules
        from durable_lint.index.project import Project

        sources = [str(folder) for key in sorted(seeds) for folder in self.settings[key].src]
        roots = [root.replace("\\", "/") for root in dict.fromkeys([*sources, str(self.cwd), str(self.cwd / "src")])]
        modules = Modules(self.files.module, roots, [*seeds, *self.files.unsaved])
        project = Project(modules, self._used_profiles(), self.catalogue, self._taught(), self.files.text)
        project.ev.solver.pause = self.pause
        return project

    def _link(self, seeds: Sequence[str], others: Sequence[Found]) -> Project:
        project = self._project(seeds)
        progress.phase(f"linking {len(seeds)} modules")
        project.link(seeds)
        rest = {one.file.as_posix(): one for one in others}
        while True:
            # A project's own decorator may apply the SDK's: then files that only speak of that one matter too.
            self.providers = project.providers()
            names = [Path(path).parent.name if path.endswith("/__init__.py") else Path(path).stem
                     for path in self.providers]  # fmt: skip
            handlers = project.handler_modules() if not self.files.tests.isdisjoint(rest) else []
            fresh = [key for key in sorted(rest) if self._matters(rest[key], names, handlers, project)]
            if not fresh:
                project.ev.finish()
                return project
            for key in fresh:
                del rest[key]
            project.link(fresh)

    def _used_profiles(self) -> tuple[Profile, ...]:
        return self.profiles.of([name for settings in self.settings.values() for name in settings.profiles])

    def _taught(self) -> Taught:
        """What the settings of the linted files teach, put together."""
        from durable_lint.index.taught import Taught

        return Taught.by([settings for _, settings in sorted(self.settings.items())])

    def _matters(self, one: Found, names: Sequence[str], handlers: Sequence[str], project: Project) -> bool:
        """Whether a file that speaks of no SDK uses what the project makes of one: decorators, handlers or fixtures."""
        key = one.file.as_posix()
        is_test = key in self.files.tests
        if not names and not is_test:
            return False
        try:
            source = self.files.sources.get(key)
            data = source.data if source is not None else self.files.bytes(key, one.path)
        except SourceError as error:
            self.files.say(error.problem)
            return False
        return any(in_text(name) in data for name in names) or (is_test and project.tests.speaks(key, data, handlers))
