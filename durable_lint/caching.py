"""One run of ``check`` and the cache: what is remembered of it, and what is kept for the next one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from durable_lint import cache, observed
from durable_lint.cache import Cache, CacheError, Printed, Verdict
from durable_lint.knowledge import rules_dir
from durable_lint.records import replace

if TYPE_CHECKING:
    from durable_lint.incremental.noted import Record
    from durable_lint.jobs import Job
    from durable_lint.model import RunResult


class Memory:
    """Without a ``folder`` nothing is remembered. What is wrong with the cache is told to ``warn``, once."""

    def __init__(self, folder: str | None, job: Job, warn: Callable[[str], None]) -> None:
        self._cache = Cache(folder) if folder and job.stdin is None and job.diff_from is None else None
        self._warn = warn
        self._job = job
        self._name = cache.key_of("verdict", repr(replace(job, progress=True, workers=1)))
        self._record_name = self._name.replace(".verdict", ".record")
        self._verdict: Verdict | None = None
        self._stale: Verdict | None = None
        self._record: Record | None = None
        self._told = False
        self._is_new = False

    def result(self, run: Callable[..., RunResult]) -> RunResult:
        """The result of the last run if nothing has changed, else that of ``run``, which is given how to start.

        Where only some files have changed, the last run is renewed: that gives the same result.
        """
        try:
            if self._cache is not None:
                self._cache.check()
        except CacheError as error:
            self._tell(f"{error}: going on without a cache")
            self._cache = None
        if self._cache is None:
            return run()
        known = self._known(self._cache)
        if known is None and self._stale is not None:
            known = self._renewed(self._cache, self._stale)
        if known is not None:
            return known
        return self._whole(run)

    def _whole(self, run: Callable[..., RunResult]) -> RunResult:
        from durable_lint.incremental.noted import Noted
        from durable_lint.workspace import collector_off

        made: list[Noted] = []

        def start(*given: Any) -> Noted:
            made.append(Noted(*given))
            return made[0]

        with observed.recording() as seen:
            result = run(start)
            self._note(seen, result)
            if self._verdict is not None and made:
                try:
                    with collector_off():
                        self._record = made[0].record()
                except Exception as error:
                    self._fault("what the next run could go by can't be kept", error)
        return result

    def _renewed(self, files: Cache, stale: Verdict) -> RunResult | None:
        """The result by what is left of the last run; None when everything must be looked at."""
        changed = stale.changed_files()
        if not changed or any(cache.is_own(path, os.fspath(rules_dir())) for path in changed):
            return None
        from durable_lint import verdicts
        from durable_lint.incremental.noted import Record
        from durable_lint.incremental.renewal import renew

        values: Any = self._load(files, self._record_name)
        try:
            if values is None or values[0] != stale.seen.state():
                return None
            record, old = Record(*values[1]), verdicts.restored(stale.result)
            with observed.recording() as seen:
                renewed = renew(self._job, record, old, {Path(path).as_posix() for path in changed})
        except Exception as error:  # a whole run finds what there is to find
            self._fault("what is kept of the last run can't be used", error)
            return None
        if renewed is None:
            return None
        result, self._record = renewed
        both = stale.seen.renewed(seen, changed)
        if both is not None and verdicts.is_lasting(result):
            self._verdict, self._is_new = Verdict(both, verdicts.plain(result), {}), True
        return result

    def keep(self, words: Sequence[str], look: tuple[str, str, bool], printed: Printed | None) -> None:
        """Keep the result, and what was printed of it in a look: format, choice of colour and whether quiet.

        ``words`` are the command line as it was given; ``printed`` is None where printing isn't all that it asks for.
        """
        if self._cache is None or self._verdict is None:
            return
        try:
            if printed is None:
                if self._is_new:
                    self._save(self._cache, self._verdict)
                return
            shown = self._verdict.shown
            seen_as = cache.look(*look)
            if shown.get(seen_as) != printed:
                shown.pop(seen_as, None)
                shown[seen_as] = printed
                self._save(self._cache, self._verdict)
            name, meaning = cache.key_of("args", tuple(words)), (self._name, *look)
            if self._load(self._cache, name) != meaning:
                self._cache.save(name, meaning)
        except CacheError as error:
            self._tell(f"{error}: going on without a cache")
            self._cache = None

    def _save(self, files: Cache, verdict: Verdict) -> None:
        if self._is_new and self._record is not None:
            with suppress(ValueError):  # what marshal doesn't know is no reason to keep nothing
                files.save(self._record_name, (verdict.seen.state(), self._record.plain()))
        files.save_verdict(self._name, verdict)

    def _load(self, files: Cache, name: str) -> object:
        try:
            return files.load(name)
        except CacheError as error:
            self._tell(f"{error}: this run makes it anew")
            return None

    def _known(self, files: Cache) -> RunResult | None:
        try:
            verdict = files.verdict(self._name)
            if verdict is None or not verdict.is_fresh()[0]:
                self._stale = verdict
                return None
            from durable_lint import verdicts

            result = verdicts.restored(verdict.result)
        except CacheError as error:
            self._tell(f"{error}: this run makes it anew")
            return None
        except (ValueError, TypeError, AttributeError, LookupError):
            return None
        self._verdict = verdict
        return result

    def _note(self, seen: observed.Observations, result: RunResult) -> None:
        """Make the verdict of a run that can be trusted later."""
        from durable_lint import verdicts

        if not seen.files or seen.spoiled or not verdicts.is_lasting(result):
            return
        try:
            cache.note_tool(os.fspath(rules_dir()))
            here = Path.cwd()
            for folder in (here, *here.parents):
                observed.kind(folder / ".git")  # some reports give paths from the root of the repository
        except OSError:
            return
        if seen.spoiled:
            return
        seen.files = {path: (seen.settled(sign), content) for path, (sign, content) in seen.files.items()}
        seen.folders = {
            path: (seen.settled(sign) if sign is not None else None, listings)
            for path, (sign, listings) in seen.folders.items()
        }
        self._verdict, self._is_new = Verdict(seen, verdicts.plain(result), {}), True

    def _fault(self, what: str, error: Exception) -> None:
        """Say that everything is looked at because of a fault, of the cache or of the program."""
        self._tell(f"{what} ({type(error).__name__}: {' '.join(str(error).split())[:200]}): everything is checked anew")

    def _tell(self, text: str) -> None:
        if not self._told:
            self._told = True
            self._warn(text)
