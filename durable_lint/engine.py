"""The pipeline: from paths to a sorted result. A fault in one file or rule stays there and is said."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from durable_lint import progress
from durable_lint.baseline import Baselines
from durable_lint.config import ConfigError, Overrides, Settings, SettingsFinder
from durable_lint.dependencies import Dependencies
from durable_lint.discovery import Discovery, Found, discover
from durable_lint.model import (
    Diagnostic,
    Edit,
    Fix,
    Hop,
    Location,
    Problem,
    RuleInfo,
    RunResult,
    SdkVersion,
    Severity,
    Span,
)
from durable_lint.settings import longest
from durable_lint.source import SourceError
from durable_lint.workspace import LOST, SEED, Workspace, collector_off

if TYPE_CHECKING:
    from durable_lint.checks.base import Check, Finding
    from durable_lint.index.project import Project
    from durable_lint.index.taught import Taught
    from durable_lint.knowledge.profiles import Profile

_NOTHING_GIVEN = Overrides()


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


def target_version(settings: Settings, directory: Path, dependencies: Dependencies) -> tuple[SdkVersion, str]:
    """The version of the SDK that the files of an absolute directory are meant for, and what says so."""
    from durable_lint.knowledge import profile_tables as known

    if settings.sdk_version is not None:
        return settings.sdk_version, "sdk-version"
    released = [one for one in known.load() if one.versions]
    profile = next((one for one in released if one.id in settings.profiles), released[0])
    return dependencies.version(directory, profile.distribution, profile.versions)


def lint_paths(
    paths: Sequence[str],
    overrides: Overrides = _NOTHING_GIVEN,
    *,
    stdin: bytes | None = None,
    stdin_filename: str = "<stdin>",
    cwd: Path | None = None,
    statistics: bool = False,
    context: Sequence[str] = (),
    force_exclude: bool = False,
) -> RunResult:
    """Lint files and directories; ``-`` stands for ``stdin``, shown and configured as ``stdin_filename``.

    With ``statistics`` the result counts what the run saw, the calls that couldn't be resolved among them.
    ``context`` are files and directories of the same project that are read too; a finding in them counts only when
    its path leads through a linted file. With ``force_exclude`` a file that is excluded is not linted though given.
    Raises ConfigError when the settings given in ``overrides`` can't be used; all else is a problem of the result.
    """
    given = [path for path in paths if path != "-"]
    with collector_off():
        run = Run(overrides, (cwd or Path.cwd()).absolute(), statistics)
        run.read(given, stdin if "-" in paths else None, stdin_filename, context, force_exclude)
        return run.result()


class Run:
    """One run: reads, links, judges and collects what was said."""

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
        self.files = Workspace(cwd, unsaved, noqa=noqa)
        self.linted: dict[str, Found] = {}
        self.context: set[str] = set()
        self.settings: dict[str, Settings] = {}
        self.project: Project | None = None
        self._files = 0
        self._notes: tuple[str, ...] = ()

    def lint(self, paths: Sequence[str], stdin: bytes | None, stdin_filename: str) -> RunResult:
        """The result for files, directories and, if given, standard input."""
        self.read(paths, stdin, stdin_filename)
        return self.result()

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
        given = {os.path.realpath(one.file) for one in kinds}
        for one in self._discover(context).files:
            if os.path.realpath(one.file) not in given:
                kinds[one] = self._take(one, None, False)
                self.context.add(one.file.as_posix())
        self.link(kinds)

    def pause(self) -> None:
        """Called now and then while running: whoever wants to stop the run raises here what isn't an Exception."""

    def link(self, kinds: Mapping[Found, str]) -> None:
        """Link files that were taken, given with what they are to the run."""
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
        key = one.file.as_posix()
        try:
            settings = self.finder.settings_for(one.file)
            self.baselines.load(settings.baseline)
            roots = tuple(root.encode() for profile in self.profiles.of(settings.profiles) for root in profile.roots)
        except ConfigError as error:
            self.files.say(error.problem)
            return LOST
        self.settings[key] = settings
        self.linted[key] = one
        return self.files.take(one, data, explicit, roots)

    # Linking

    def _link(self, seeds: Sequence[str], others: Sequence[Found]) -> Project:
        from durable_lint.index.modules import Modules
        from durable_lint.index.project import Project

        sources = [str(folder) for key in sorted(seeds) for folder in self.settings[key].src]
        roots = [root.replace("\\", "/") for root in dict.fromkeys([*sources, str(self.cwd), str(self.cwd / "src")])]
        modules = Modules(self.files.module, roots, [*seeds, *self.files.unsaved])
        project = Project(modules, self._used_profiles(), self.catalogue, self._taught(), self.files.text)
        project.ev.solver.pause = self.pause
        progress.phase(f"linking {len(seeds)} modules")
        project.link(seeds)
        rest = {one.file.as_posix(): one for one in others}
        while True:
            # A project's own decorator may apply the SDK's: then files that only speak of that one matter too.
            names = [Path(path).parent.name if path.endswith("/__init__.py") else Path(path).stem
                     for path in project.providers()]  # fmt: skip
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
        return any(name.encode() in data for name in names) or (is_test and project.tests.speaks(key, data, handlers))

    # Judging

    def judge(self, key: str) -> list[Diagnostic]:
        """What is found in one of the files that were read, given by its absolute path with ``/``."""
        module = self.files.module(key) if key in self.files.sources else None
        if module is None:
            return []
        findings = self._findings(self.project, key) if self.project is not None else []
        found = self._suppress(key, [self._diagnostic(finding, key, self.linted[key]) for finding in findings])
        return self.baselines.new(self.settings[key].baseline, key, found, self._lines(one.location for one in found))

    def _of_context(self, key: str) -> list[Diagnostic]:
        """What is found in a file that was read for its context, as far as a linted file is to blame."""
        linted = {one.path for other, one in self.linted.items() if other not in self.context}
        return [one for one in self.judge(key) if any(hop.location.path in linted for hop in one.related)]

    def _findings(self, project: Project, key: str) -> list[Finding]:
        """What the checks say of one file; what fails is a problem, and the rest goes on."""
        from durable_lint.checks import all_checks

        on = {rule.code for rule in rules() if self._severity(rule, key) is not None}
        ctx = self._view(project, key)
        if ctx is None:
            return []
        found: list[Finding] = []
        for rule, check in all_checks():
            if check is None or rule.code not in on:
                continue
            self.pause()
            try:
                found += check(ctx)
            except Exception as error:
                self._crashed(key, f"rule {rule.code} crashed", error)
        seen: set[tuple[str, int]] = set()
        unique: list[Finding] = []
        for finding in sorted(found, key=lambda one: (one.rule.code, one.start, one.end, one.message)):
            if (finding.rule.code, finding.start) not in seen:
                seen.add((finding.rule.code, finding.start))
                unique.append(finding)
        return unique

    def _view(self, project: Project, key: str) -> Check | None:
        """The file as the checks see it, or None when nothing in it can be wrong."""
        from durable_lint.checks.base import Check
        from durable_lint.index.screen import suspects

        module = self.files.module(key)
        if module is None:
            return None
        try:
            tops = suspects(project, module)
            regions = []
            if tops:
                from durable_lint.visit.module import visit_module

                regions = visit_module(project, module, self.files.sources[key].text, tops)
            version = self._sdk_version(key)
            return Check(project, module, self.files.sources[key], regions, version, strict=self.settings[key].strict)
        except Exception as error:
            self._crashed(key, "the analysis crashed", error)
            return None

    def _sdk_version(self, key: str) -> SdkVersion:
        """The version of the SDK that a file is meant for."""
        return target_version(self.settings[key], Path(key).parent, self.dependencies)[0]

    def _crashed(self, key: str, what: str, error: Exception) -> None:
        if os.environ.get("DURABLE_LINT_DEBUG"):
            raise error
        text = " ".join(str(error).split())[:200]
        path = self.linted[key].path if key else ""
        if type(error).__module__.partition(".")[0] == "libcst":
            self.files.say(Problem("syntax", path, f"libcst can't read this file: {text}"))
            return
        message = f"{what} here ({type(error).__name__}: {text}): this is a bug of durable-lint, please report it"
        self.files.say(Problem("internal", path, message))

    def _severity(self, rule: RuleInfo, key: str) -> Severity | None:
        return self.settings[key].rule_state(rule, Path(key))[0]

    def _set_severity(self, rule: RuleInfo, key: str) -> Severity | None:
        """The severity that the settings give to a rule, if they do."""
        settings = self.settings[key]
        chosen = longest(rule, settings.severity)
        return settings.severity[chosen] if chosen is not None else None

    def _diagnostic(self, finding: Finding, key: str, one: Found) -> Diagnostic:
        source = self.files.sources[key]
        hops = []
        for before, hop in zip(finding.hops, finding.hops[1:], strict=False):
            place = self.files.sources[hop[0]].location(Span(hop[1], hop[2]))
            hops.append(Hop(place, f"{before[3]}: {hop[3]}"))
        if finding.reach is not None and finding.reach[1] >= 0:
            place = source.location(Span(finding.reach[1], finding.reach[1]))
            hops.append(Hop(place, f"reaches {finding.reach[0]}", forward=True))
        rule = finding.rule
        severity = self._set_severity(rule, key) or finding.severity or rule.default or Severity.WARNING
        location = source.location(Span(finding.start, finding.end))
        fix = self._fix(finding, key)
        return Diagnostic(rule.code, rule.name, severity, finding.message, location, tuple(hops), fix)

    def _fix(self, finding: Finding, key: str) -> Fix | None:
        """The fix of a finding; one that can't be built is a problem, and the finding stays."""
        try:
            fix = finding.fix() if finding.fix is not None else None
        except Exception as error:
            self._crashed(key, f"the fix of rule {finding.rule.code} crashed", error)
            return None
        if fix is None:
            return None
        source = self.files.sources[key]
        edits = sorted(fix.edits, key=lambda edit: (edit.span, edit.text))
        return Fix(fix.title, fix.level, tuple(Edit(e.span, e.text, source.location(e.span)) for e in edits))

    def _suppress(self, key: str, found: list[Diagnostic]) -> list[Diagnostic]:
        comments = self.files.suppressions.get(key)
        if not comments:
            return found
        from durable_lint.records import replace
        from durable_lint.suppressions import apply

        known = {name: rule.code for rule in rules() for name in (rule.code, rule.name)}
        severities = {rule.code: self._severity(rule, key) for rule in rules()}
        active = {code for code, severity in severities.items() if severity is not None}
        kept, extra = apply(found, comments, known=known, active=active, source=self.files.sources[key])
        graded = [replace(one, severity=severity) for one in extra if (severity := severities[one.code]) is not None]
        return [*kept, *graded]

    def has_judged(self, key: str, code: str) -> bool:
        """Whether nothing more can be found of a code in a file: it was looked for, or the file is excluded."""
        on = (rule.code != code or self._severity(rule, key) is not None for rule in rules())
        return self.baselines.covers(key) and (key not in self.linted or all(on))

    # The result

    def result(self) -> RunResult:
        """What is found in all files, and what went wrong."""
        found: list[Diagnostic] = []
        for key in progress.over("checking", sorted(self.linted), lambda key: self.linted[key].path):
            found += self._of_context(key) if key in self.context else self.judge(key)
        diagnostics = tuple(sorted(found, key=lambda one: one.sort_key))
        places = [one.location for one in diagnostics] + [hop.location for one in diagnostics for hop in one.related]
        statistics = {"files parsed": self.files.parsed}
        if self.project is not None and self.counting:
            try:
                statistics |= self.project.statistics()
            except Exception as error:
                self._crashed("", "counting crashed", error)
        left_out = [] if self.files.problems else self.baselines.notes(self.has_judged)
        problems = tuple(sorted(self.files.problems, key=lambda problem: problem.sort_key))
        return RunResult(diagnostics, problems, self._files, statistics, self._lines(places), (*self._notes, *left_out))

    def _lines(self, places: Iterable[Location]) -> dict[tuple[str, int], str]:
        by_path = {source.path: source for source in self.files.sources.values()}
        return {
            (place.path, place.start.line): by_path[place.path].lines.line_text(place.start.line) for place in places
        }
