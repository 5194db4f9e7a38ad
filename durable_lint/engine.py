"""The pipeline: from paths to a sorted result. A fault in one file or rule stays there and is said."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from durable_lint import crew, observed, progress
from durable_lint.config import Overrides, Settings
from durable_lint.dependencies import Dependencies
from durable_lint.discovery import Found
from durable_lint.fingerprints import numbered
from durable_lint.model import (
    Diagnostic,
    Edit,
    Fix,
    Hop,
    Problem,
    RuleInfo,
    RunResult,
    SdkVersion,
    Severity,
    Span,
)
from durable_lint.reading import Reading, profiles, rules
from durable_lint.records import dataclass, replace
from durable_lint.settings import longest
from durable_lint.workspace import collector_off

if TYPE_CHECKING:
    from durable_lint.checks.base import Check, Finding
    from durable_lint.index.project import Project

__all__ = ["Run", "lint_paths", "profiles", "rules", "target_version"]

_NOTHING_GIVEN = Overrides()


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
    workers: int = 1,
    start: Callable[..., Run] | None = None,
) -> RunResult:
    """Lint files and directories; ``-`` stands for ``stdin``, shown and configured as ``stdin_filename``.

    With ``statistics`` the result counts what the run saw, the calls that couldn't be resolved among them.
    ``context`` are files and directories of the same project that are read too; a finding in them counts only when
    its path leads through a linted file. With ``force_exclude`` a file that is excluded is not linted though given.
    ``workers`` is how many processes may judge files at once: others than this one are forked.
    ``start`` makes the run, if it is not a plain one.
    Raises ConfigError when the settings given in ``overrides`` can't be used; all else is a problem of the result.
    """
    given = [path for path in paths if path != "-"]
    with collector_off():
        run = (start or Run)(overrides, (cwd or Path.cwd()).absolute(), statistics)
        run.workers = workers
        run.read(given, stdin if "-" in paths else None, stdin_filename, context, force_exclude)
        return run.result()


@dataclass(frozen=True, slots=True)
class Judged:
    """What is found in files by key, baselines aside, with the text of the lines that it stands on, as in RunResult;
    what went wrong, which files are parsed by now, what was asked of the file system meanwhile, and ``noted``."""

    found: dict[str, list[Diagnostic]]
    lines: dict[tuple[str, int], str]
    problems: list[Problem]
    parsed: frozenset[str]
    asked: observed.Observations
    noted: object = None


class Run(Reading):
    """One run: reads, links, judges and collects what was said; by ``workers`` processes where that pays."""

    parsed: frozenset[str] = frozenset()
    """The files that were parsed, in all processes."""

    @cached_property
    def _lines_found(self) -> dict[tuple[str, int], str]:
        """The text of the lines that findings stand on, from all processes."""
        return {}

    @cached_property
    def _graded(self) -> dict[int, Mapping[str, Severity | None]]:
        """The severities of all rules by the id of the settings that say so."""
        return {}

    def lint(self, paths: Sequence[str], stdin: bytes | None, stdin_filename: str) -> RunResult:
        """The result for files, directories and, if given, standard input."""
        self.read(paths, stdin, stdin_filename)
        return self.result()

    def judge(self, key: str) -> list[Diagnostic]:
        """What is found in one of the files that were read, given by its absolute path with ``/``."""
        module = self.files.module(key) if key in self.files.sources else None
        if module is None:
            return []
        findings = self._findings(self.project, key) if self.project is not None else []
        found = [self._diagnostic(finding, key, self.linted[key]) for finding in findings]
        kept = self._with_fixes(key, self._suppress(key, found), dict(zip(map(id, found), findings, strict=True)))
        if self.project is not None:
            self.project.forget(key)
        source = self.files.sources[key]
        if not kept:
            source.forget_lines()
        return numbered(kept, source.lines.line_text) if kept else kept

    def _with_fixes(self, key: str, found: list[Diagnostic], behind: Mapping[int, Finding]) -> list[Diagnostic]:
        """What is found in a file, with the fixes that somebody will see; ``behind`` gives the finding by the id of its
        diagnostic."""
        new = {id(one) for one in self._new(key, found, self._lines(found) if self.settings[key].baseline else {})}
        fixes = {id(one): self._fix(behind[id(one)], key) for one in found if id(one) in new & behind.keys()}
        return [replace(one, fix=fixes.get(id(one), one.fix)) for one in found]

    def _judge(self, keys: Sequence[str]) -> Judged:
        said = len(self.files.problems)
        with observed.recording() as asked:
            found = {key: self.judge(key) for key in progress.over("checking", keys, lambda key: self.linted[key].path)}
        lines = self._lines(one for own in found.values() for one in own)
        return Judged(found, lines, self.files.problems[said:], self.files.parsed, asked, self.noted())

    def noted(self) -> object:
        """What a process tells the first one beside what it has found."""
        return None

    def hear(self, noted: Any) -> None:
        """Take what a process tells beside what it has found."""

    def _judge_all(self) -> dict[str, list[Diagnostic]]:
        """What is found in each file, by key."""
        keys, sources = sorted(self.linted), self.files.sources
        size = {key: len(sources[key].data) if key in sources else 0 for key in keys}
        found: dict[str, list[Diagnostic]] = {}
        for judged in crew.work(crew.deal(keys, size.__getitem__, self.workers), self._judge):
            found |= judged.found
            self._lines_found |= judged.lines
            self.parsed |= judged.parsed
            for problem in judged.problems:
                self.files.say(problem)
            observed.note_all(judged.asked)
            self.hear(judged.noted)
        return found

    def _new(self, key: str, found: list[Diagnostic], lines: Mapping[tuple[str, int], str]) -> list[Diagnostic]:
        """Those of all findings of a file that no baseline holds."""
        return self.baselines.new(self.settings[key].baseline, key, found, lines)

    def _wanted(self, key: str, found: list[Diagnostic]) -> list[Diagnostic]:
        """Those of all findings of a file that count: no baseline holds them, and a linted file is to blame."""
        new = self._new(key, found, self._lines_found)
        if key not in self.context:
            return new
        linted = {one.path for other, one in self.linted.items() if other not in self.context}
        return [one for one in new if any(hop.location.path in linted for hop in one.related)]

    def _findings(self, project: Project, key: str) -> list[Finding]:
        """What the checks say of one file; what fails is a problem, and the rest goes on."""
        from durable_lint.checks import all_checks

        severities = self._severities(key)
        ctx = self._view(project, key)
        if ctx is None:
            return []
        found: list[Finding] = []
        for rule, check in all_checks():
            if check is None or severities[rule.code] is None:
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
        if isinstance(error, MemoryError | ImportError) or os.environ.get("DURABLE_LINT_DEBUG"):
            raise error  # the machine's doing, and the same for every file
        text = " ".join(str(error).split())[:200]
        path = self.linted[key].path if key else ""
        if type(error).__module__.partition(".")[0] == "libcst":
            self.files.say(Problem("syntax", path, f"libcst can't read this file: {text}"))
            return
        message = f"{what} here ({type(error).__name__}: {text}): this is a bug of durable-lint, please report it"
        self.files.say(Problem("internal", path, message))

    def _severities(self, key: str) -> Mapping[str, Severity | None]:
        """The severity of each rule in a file by code, None where it is off."""
        settings = self.settings[key]
        known = self._graded.get(id(settings))
        if known is None:
            path = Path(key)
            known = {rule.code: settings.rule_state(rule, path)[0] for rule in rules()}
            if not settings.per_file_ignores:
                self._graded[id(settings)] = known
        return known

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
        return Diagnostic(rule.code, rule.name, severity, finding.message, location, tuple(hops))

    def _fix(self, finding: Finding, key: str) -> Fix | None:
        """The fix of a finding; one that can't be built is a problem, and the finding stays."""
        try:
            fix = finding.fix() if finding.fix is not None else None
        except Exception as error:
            self._crashed(key, f"the fix of rule {finding.rule.code} crashed", error)
            return None
        if fix is None:
            return None
        from durable_lint.fixes.fstrings import can_hold

        source = self.files.sources[key]
        if not can_hold(source, fix.edits):
            return None
        edits = sorted(fix.edits, key=lambda edit: (edit.span, edit.text))
        return Fix(fix.title, fix.level, tuple(Edit(e.span, e.text, source.location(e.span)) for e in edits))

    def _suppress(self, key: str, found: list[Diagnostic]) -> list[Diagnostic]:
        comments = self.files.suppressions.get(key)
        if not comments:
            return found
        from durable_lint.suppressions import apply

        known = {name: rule.code for rule in rules() for name in (rule.code, rule.name)}
        severities = self._severities(key)
        active = {code for code, severity in severities.items() if severity is not None}
        kept, extra = apply(found, comments, known=known, active=active, source=self.files.sources[key])
        graded = [replace(one, severity=severity) for one in extra if (severity := severities[one.code]) is not None]
        return [*kept, *graded]

    def has_judged(self, key: str, code: str) -> bool:
        """Whether nothing more can be found of a code in a file: it was looked for, or the file is excluded."""
        on = (rule.code != code or self._severities(key)[rule.code] is not None for rule in rules())
        return self.baselines.covers(key) and (key not in self.linted or all(on))

    # The result

    def result(self) -> RunResult:
        """What is found in all files, and what went wrong."""
        judged = self._judge_all()
        found = [one for key in sorted(judged) for one in self._wanted(key, judged[key])]
        diagnostics = tuple(sorted(found, key=lambda one: one.sort_key))
        lines = {place: self._lines_found[place] for place in _places(diagnostics)}
        statistics = {"files parsed": len(self.parsed)}
        if self.project is not None and self.counting:
            try:
                statistics |= self.project.statistics()
            except Exception as error:
                self._crashed("", "counting crashed", error)
        left_out = [] if self.files.problems else self.baselines.notes(self.has_judged)
        problems = tuple(sorted(self.files.problems, key=lambda problem: problem.sort_key))
        return RunResult(diagnostics, problems, self._files, statistics, lines, (*self._notes, *left_out))

    def _lines(self, found: Iterable[Diagnostic]) -> dict[tuple[str, int], str]:
        return {place: self.files.shown(place[0]).lines.line_text(place[1]) for place in _places(found)}


def _places(found: Iterable[Diagnostic]) -> Iterator[tuple[str, int]]:
    """The lines that findings and their hops stand on: path and line from 1."""
    for one in found:
        yield (one.path, one.line)
        yield from ((hop.location.path, hop.location.start.line) for hop in one.related)
