"""Brings baselines up to date with what is found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from durable_lint import atomic
from durable_lint.baseline import DEFAULT, Baseline, Entry, entries_of, is_stale, read, written
from durable_lint.config import Overrides
from durable_lint.engine import Run
from durable_lint.model import Problem, RunResult
from durable_lint.paths import display
from durable_lint.records import dataclass, replace
from durable_lint.settings import ConfigError
from durable_lint.workspace import collector_off


@dataclass(frozen=True)
class Update:
    """What became of one baseline: how many entries it has, how many of them are new, and how many it lost.

    ``named``: whether the settings or the command line name it, so that runs find it.
    """

    shown: str
    entries: int
    added: int
    dropped: int
    named: bool


def update(
    paths: Sequence[str], overrides: Overrides, *, prune: bool = False, cwd: Path | None = None
) -> tuple[list[Update], list[Problem]]:
    """Write what is found in files and directories to the baselines that hold for them.

    With ``prune`` nothing is added. Entries of files that were not given, and of rules that are off, stay. Where the
    run has problems nothing is written. Raises ConfigError.
    """
    cwd = (cwd or Path.cwd()).absolute()
    with collector_off():
        run = Run(replace(overrides, use_baseline=False), cwd)
        result = run.lint(paths, None, "")
    if result.problems:
        return [], [*result.problems, Problem("usage", "", "no baseline was written: not everything could be checked")]
    named = {one.baseline for one in run.settings.values() if one.baseline is not None}
    unnamed = any(one.baseline is None for one in run.settings.values())
    updates: list[Update] = []
    problems: list[Problem] = []
    for file in sorted([*named, cwd / DEFAULT] if unnamed and cwd / DEFAULT not in named else named):
        try:
            before = _known(file, cwd)
            entries = _entries(run, result, before, prune=prune)
            _write(before, written(entries))
        except ConfigError as error:
            problems.append(error.problem)
            continue
        now = {entry.fingerprint for entry in entries}
        added, dropped = len(now - before.entries.keys()), len(before.entries.keys() - now)
        updates.append(Update(before.shown, len(now), added, dropped, file in named))
    return updates, problems


def _known(file: Path, cwd: Path) -> Baseline:
    """The baseline as it is, empty where there is none; raises ConfigError for one that can't be read."""
    try:
        return read(file, cwd)
    except ConfigError:
        if file.exists():
            raise
        return Baseline(file, display(file, cwd), {})


def _entries(run: Run, result: RunResult, before: Baseline, *, prune: bool) -> list[Entry]:
    keys = {found.path: key for key, found in run.linted.items()}
    default = run.cwd / DEFAULT
    own = [one for one in result.diagnostics if (run.settings[keys[one.path]].baseline or default) == before.file]
    found = entries_of(before.file, own, result.lines, keys.__getitem__)
    if prune:
        found = [entry for entry in found if entry.fingerprint in before.entries]
    marks = {entry.fingerprint for entry in found}
    left = [entry for mark, entry in before.entries.items() if mark not in marks]
    return [*found, *(entry for entry in left if not is_stale(before, entry, run.has_judged))]


def _write(before: Baseline, after: bytes) -> None:
    try:
        if before.data is None:
            atomic.write(str(before.file), after)
        elif before.data != after:
            atomic.replace(str(before.file), before.data, after)
    except atomic.Refused as refused:
        raise ConfigError(Problem("unwritable", before.shown, f"the baseline was not written: {refused}")) from refused
