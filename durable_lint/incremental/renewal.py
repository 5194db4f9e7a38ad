"""A run over the part of a project that changed files have a say in; what is known of the rest stays.

The part is linked twice over. First alone: what follows then follows in any case. Then with all that the rest pushes
into it, as recorded. When the part pushes into the rest what it pushed before, and did so already on its own, nothing
has changed for the rest: its findings, and all that it pushes, are those of a run over everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from durable_lint.discovery import Found
from durable_lint.incremental.noted import (
    Asked,
    Noted,
    Pairs,
    Record,
    imports,
    is_conftest,
    name_of,
    paths_of,
    reached,
    reads,
    spoken,
    turned,
)
from durable_lint.index import things as t
from durable_lint.index.notes import COMMON, WANTED, Beyond, Given, Notes, home
from durable_lint.model import Diagnostic, RunResult
from durable_lint.paths import display
from durable_lint.source import SourceError, decode
from durable_lint.verdicts import is_lasting
from durable_lint.workspace import LOST, OTHER, Workspace, collector_off

if TYPE_CHECKING:
    from durable_lint.config import Overrides
    from durable_lint.index.facts import Module
    from durable_lint.index.project import Project
    from durable_lint.index.solver import Key
    from durable_lint.jobs import Job

LARGEST = 0.5
"""The largest part of all modules, as a fraction, for which renewing is worth the try."""

_REGISTERED = ("registered",)

_ROUNDS = 3
"""How often a part may grow before everything is linked."""


class _Wider(Exception):
    """These modules have changed too: for them others push something else."""

    def __init__(self, paths: set[str]) -> None:
        super().__init__()
        self.paths = paths


class _Files(Workspace):
    """The files of a part of a project."""

    allowed: frozenset[str] = frozenset()
    """The modules of the part; no other one may be looked at."""

    def module(self, key: str) -> Module | None:
        """The facts of a file, see ``Workspace``; raises Beyond for one that is not in the part."""
        if key not in self.allowed:
            raise Beyond
        return super().module(key)

    def index(self, keys: Sequence[str], workers: int) -> None:
        """Read and index files, by so many processes where that pays; what can't be read is said where it is asked
        for."""
        fresh = [key for key in keys if key not in self._modules]
        for key in fresh:
            path = display(key, self.cwd)
            with suppress(SourceError):
                self.sources[key] = self.sources.get(key) or decode(self.bytes(key, path), path)
        super().index([key for key in fresh if key in self.sources], workers)

    def text(self, key: str) -> str | None:
        """The text of a file; raises Beyond for one that is not in the part."""
        if key not in self.allowed:
            raise Beyond
        return super().text(key)


class Part(Noted):
    """A run over the part of a project that changed modules have a say in."""

    files: _Files

    def __init__(self, overrides: Overrides, cwd: Path, record: Record) -> None:
        super().__init__(overrides, cwd)
        self.files = _Files(cwd)
        self.old = record
        self.affected: frozenset[str] = frozenset()
        """The modules whose findings may be others than before."""
        self._new_imports: dict[str, frozenset[str]] = {}

    def over(self, paths: Sequence[str], files: set[str], touched: set[str]) -> tuple[RunResult, Record]:
        """The findings of what these changed files, and the modules ``touched`` beside them, have a say in, and the
        record of the whole.

        Raises Beyond when everything must be linked, and _Wider when more modules are touched.
        """
        explicit = {str(self.cwd / path) for path in paths}
        for key, shown in self.old.linted.items():
            self._admit(Found(Path(key), shown))
        changed = {key for key in sorted(files) if self._matters_at_all(key, explicit)} | touched
        part, notes = self._extent(changed, files)
        project = self.project = self._project(self.old.seeds)
        self.notes = project.ev.solver.notes = notes
        self._link_part(project, part, sorted(files))
        result = self.result()
        return result, self.renewed(self._compare_what_is_asked(project))

    def judge(self, key: str) -> list[Diagnostic]:
        """What is found in an affected file."""
        return super().judge(key) if key in self.affected else []

    def noted(self) -> Asked | None:
        """What judging asked for in this process; raises Beyond when it asked what others push into the rest."""
        if not all(key[0] in COMMON or home(key) in self.loaded for key in self.notes.asked):
            raise Beyond
        return super().noted()

    # Which part

    def _matters_at_all(self, key: str, explicit: set[str]) -> bool:
        """Whether a changed file belongs to the project; raises Beyond when it has become something else."""
        old = self.old
        if key in old.missing or (key not in old.loaded and is_conftest(key)):
            raise Beyond
        self.files.allowed |= {key}
        if key in old.linted:
            one = Found(Path(key), old.linted[key])
            kind = self._take(one, None, str(one.file) in explicit)
            if kind != old.kinds[key] or kind == LOST or (key in self.files.tests) != (key in old.tests):
                raise Beyond
        elif key not in old.loaded:
            raise Beyond
        if key in old.loaded:
            return True
        if key in old.parsed or key in self.files.sources:
            raise Beyond
        return False

    def _extent(self, changed: set[str], files: set[str]) -> tuple[frozenset[str], Notes]:
        """Find out which modules are affected; gives those that they lead to, before or now, and new notes."""
        old = self.old
        edges = old.edges()
        self.affected = frozenset(reached(turned(edges), changed))
        if len(self.affected) > LARGEST * len(old.loaded):
            raise Beyond
        project = self._project(self.old.seeds)  # nothing may be loaded in the one that is linked
        for key in sorted(files & changed):
            module = self.files.module(key)
            if module is None:
                raise Beyond
            found, holds = imports(project, module)
            if holds and not old.holds_packages:
                raise Beyond
            if old.holds_packages:
                found |= spoken(self, key, old.loaded)
            self._new_imports[key] = found
            edges[key] |= found
        self._compare_questions(sorted(files & changed))
        part = frozenset(reached(edges, self.affected)) & old.loaded
        rest = old.loaded - part
        self.files.allowed = part
        return part, Notes(
            None if old.reads is None else [name for path in sorted(rest) for name in old.reads[path]],
            [other for path in sorted(rest) for other in old.imports[path]],
            None if old.changing is None else [origin for origin, path in old.changing if path in rest],
            None if old.loggers is None else [logger for logger, path in old.loggers if path in rest],
        )

    def _compare_questions(self, changed: Sequence[str]) -> None:
        """Raise Beyond when the changed files may give another answer to what others asked of the whole project."""
        old = self.old
        names = {name for path in self.affected for name in (old.reads or {}).get(path, ())}
        for key in changed:
            module = self.files.module(key)
            names |= reads(module) if module is not None and old.attributes else set()
            others = (old.imports[key] | self._new_imports[key]) - self.affected
            if others & old.importers:
                raise Beyond
        if names & old.attributes:
            raise Beyond

    # Linking

    def _link_part(self, project: Project, part: frozenset[str], files: Sequence[str]) -> None:
        old = self.old
        self.files.index(sorted(part), self.workers)
        project.link([key for key in old.seeds if key in part])
        self._compare_lists(project)
        names = [name_of(path) for path in old.providers]
        for key in files:
            if (
                old.kinds.get(key) == OTHER
                and key not in old.seeds
                and self._matters(self.linted[key], names, old.handlers or (), project) != (key in old.mattered)
            ):
                raise Beyond
        project.link(sorted(old.mattered & part))
        self._compare_given(project)
        self._replay(project, part)
        project.regions.solve()
        self._compare_lists(project)
        self._compare_given(project)
        if paths_of(project) != part:
            raise Beyond
        project.ev.finish()
        self.loaded, self.notes.is_linked = part, True

    def _replay(self, project: Project, part: frozenset[str]) -> None:
        """Push into the part what the rest of the project does; whatever that pushes into is loaded, now as then."""
        for path in sorted(self.old.loaded - part):
            for key, items in self.old.given.get(path, {}).items():
                if key == _REGISTERED or (home(key) not in part and key[0] not in COMMON):
                    continue
                if key[0] not in COMMON and project.modules.get(home(key)) is None:
                    raise Beyond
                fid: Any = key[1:2]
                if key[0] == "mode":
                    for mode in sorted(items):
                        project.regions.mark(fid[0], mode)
                elif key[0] == "par":
                    project.regions.hand(fid[0], str(key[2]), items)
                elif key[0] == WANTED:
                    project.ev.solver.want(key[1:])
                else:
                    project.ev.solver.add(key, items)

    def _compare_lists(self, project: Project) -> None:
        """Raise Beyond when other files may matter than before."""
        old = self.old
        pairs = [(project.providers(), old.providers)]
        if old.handlers is not None:
            pairs.append((project.handler_modules(), old.handlers))
        for now, before in pairs:
            if self.affected.intersection(now) != self.affected.intersection(before):
                raise Beyond
        for path in sorted(self.affected):
            if path in old.fixtures and project.tests.offers(path) != old.fixtures[path]:
                raise Beyond

    def _compare_given(self, project: Project) -> None:
        """Raise _Wider when the affected modules push something else into the others than they did."""
        before, now = (self._given_abroad(given) for given in (self.old.given, self.notes.given()))
        known = {key for given in self.old.given.values() for key in given}
        differing = {
            key
            for key in {*before, *now}
            if before.get(key) != now.get(key)
            and key != _REGISTERED
            and (key in self.old.read or key not in known or key[0] in ("mode", WANTED) or key[0] in COMMON)
        }
        if any(key[0] in COMMON for key in differing):
            raise Beyond
        if differing:
            raise _Wider({home(key) for key in differing})

    def _given_abroad(self, every: dict[str, Given]) -> dict[Key, frozenset[Any]]:
        """What all affected modules together push into keys of the others."""
        found: dict[Key, frozenset[Any]] = {}
        for path in sorted(self.affected):
            for key, items in every.get(path, {}).items():
                if key[0] in COMMON:
                    items = frozenset(item for item in items if item[0] not in self.affected)
                if home(key) not in self.affected and (items or key[0] not in COMMON):
                    found[key] = t.join(found.get(key, frozenset()), items)
        return found

    # After judging

    def _compare_what_is_asked(self, project: Project) -> Asked:
        """Have computed what is asked of the whole project, and compare what the affected modules say to that."""
        old = self.old
        if old.managed is not None:
            project.cleanups.look()
        if old.changing is not None:
            project.is_changed(("var", ("", 0), ""))
        if old.loggers is not None:
            project.registered_loggers()
        self.hear(self.noted())
        asked = self.asked
        if asked is None or not asked.is_plain:
            raise Beyond
        if (asked.managed is None) != (old.managed is None):
            raise Beyond
        more = {path for path, other in asked.managed or () if other in self.affected and path not in self.affected}
        if more:
            raise _Wider(more)
        if old.changing is not None and self._changes(old.changing) != self._changes(asked.changing or frozenset()):
            raise Beyond
        if old.loggers is not None and self._own(old.loggers) != self._own(asked.loggers or frozenset()):
            raise Beyond
        return asked

    def _changes(self, pairs: Pairs) -> Pairs:
        """What affected modules change in others."""
        return frozenset(pair for pair in self._own(pairs) if pair[0][1][0] not in self.affected)

    def _own(self, pairs: Pairs) -> Pairs:
        """Those of some pairs that affected modules are behind."""
        return frozenset(pair for pair in pairs if pair[1] in self.affected)

    def renewed(self, asked: Asked) -> Record:
        """The record of the whole project, brought up to date."""
        old, mine = self.old, self.affected
        given = {path: one for path, one in old.given.items() if path not in mine}
        given |= {path: one for path, one in self.notes.given().items() if path in mine}
        known = {key for many in given.values() for key in many}
        kept = None
        if old.reads is not None:
            new = (self.files.module(key) for key in self._new_imports)
            kept = {**old.reads, **{module.path: reads(module) for module in new if module is not None}}
        return replace(
            old,
            imports={**old.imports, **self._new_imports},
            given=given,
            read=frozenset(key for key in known if key in old.read or key in asked.read or key in self.notes.asked),
            managed=self._merged(old.managed, asked.managed),
            changing=self._merged(old.changing, asked.changing),
            loggers=self._merged(old.loggers, asked.loggers),
            reads=kept,
            attributes=old.attributes | asked.attributes,
            importers=old.importers | asked.importers,
        )

    def _merged(self, before: Pairs | None, now: Pairs | None) -> Pairs | None:
        if before is None or now is None:
            return before
        kept = {pair for pair in before if pair[1] not in self.affected}
        return frozenset(kept | {pair for pair in now if pair[1] in self.affected})


def renew(job: Job, record: Record, result: RunResult, files: set[str]) -> tuple[RunResult, Record] | None:
    """What a run over everything would find now that these files have changed, and its record; None when only that
    run can tell."""
    touched: set[str] = set()
    with collector_off():
        for _ in range(_ROUNDS):
            part = Part(job.overrides, Path.cwd().absolute(), record)
            part.workers = job.workers
            try:
                new, renewed = part.over(job.paths, files, touched)
                return (_together(part, result, new), renewed) if is_lasting(new) else None
            except _Wider as more:
                touched |= more.paths
            except Beyond:
                return None
    return None


def _together(part: Part, old: RunResult, new: RunResult) -> RunResult:
    """The result of the whole: of affected files what is found now, of all others what was found."""
    shown = {part.old.linted[key] for key in part.affected if key in part.old.linted}
    kept = [one for one in old.diagnostics if one.path not in shown]
    found = tuple(sorted([*kept, *new.diagnostics], key=lambda one: one.sort_key))
    problems = [one for one in old.problems if one.path not in shown]
    said = tuple(sorted({*problems, *new.problems}, key=lambda one: one.sort_key))
    places = [one.location for one in found] + [hop.location for one in found for hop in one.related]
    lines = {**old.lines, **new.lines}
    needed = {(place.path, place.start.line): lines[place.path, place.start.line] for place in places}
    return replace(old, diagnostics=found, problems=said, lines=needed)
