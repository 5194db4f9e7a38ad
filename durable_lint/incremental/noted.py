"""What is kept of a run beside its result, so that a later run with a few changed files need not look at all others.

A module's findings depend on its own facts and those of everything that it *leads to*: what it imports, and the
modules that stand in what others pushed into its keys, as far as anybody asked for those keys.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from durable_lint.engine import Run
from durable_lint.index import facts as f
from durable_lint.index.notes import Given, Notes, home, mentioned

if TYPE_CHECKING:
    from durable_lint.discovery import Found
    from durable_lint.index.facts import Module
    from durable_lint.index.project import Project
    from durable_lint.index.solver import Key

_WORD = re.compile(r"\w+")

Pairs = frozenset[tuple[Any, ...]]


@dataclass(slots=True)
class Record:
    """The record of a run; modules and files are named by their absolute paths with ``/``.

    What the whole project is asked for is None where nobody asked.
    """

    linted: dict[str, str]
    """The files to lint, with their paths as they are shown."""
    kinds: dict[str, str]
    """What each of them is to the run, see ``workspace``."""
    parsed: frozenset[str]
    tests: frozenset[str]
    """The files that hold tests and speak of no SDK."""
    seeds: tuple[str, ...]
    mattered: frozenset[str]
    """The files that speak of no SDK and were linked all the same."""
    loaded: frozenset[str]
    """The modules that were linked."""
    missing: frozenset[str]
    """The modules that were asked for and can't be parsed."""
    providers: tuple[str, ...]
    handlers: tuple[str, ...] | None
    fixtures: dict[str, tuple[str, ...]]
    """What each ``conftest.py`` offers to tests."""
    imports: dict[str, frozenset[str]]
    """The modules that evaluating anything in each module can lead to straight."""
    holds_packages: bool
    """Whether any module holds a package as a whole."""
    given: dict[str, Given]
    """What each module pushed into keys of others."""
    read: frozenset[Key]
    """Those of these keys that anybody asked for."""
    managed: Pairs | None
    """The modules of context managers, with those of the blocks that can suspend in them."""
    changing: Pairs | None
    """The state that is changed, with the modules that change it from outside."""
    loggers: Pairs | None
    """The loggers that are given to contexts, with the modules that do it."""
    reads: dict[str, frozenset[str]] | None
    """The names of the attributes that each module reads."""
    attributes: frozenset[str]
    """The names of attributes of which anybody asked who reads them."""
    importers: frozenset[str]
    """The modules of which anybody asked who imports them."""

    def plain(self) -> tuple[Any, ...]:
        """The record as plain values."""
        return tuple(getattr(self, one.name) for one in fields(self))

    def edges(self) -> dict[str, set[str]]:
        """The modules that each module's findings depend on, straight."""
        found: dict[str, set[str]] = {path: set(self.imports[path]) for path in sorted(self.loaded)}
        known = dict.fromkeys(self.loaded)
        for given in self.given.values():
            for key, items in given.items():
                if key in self.read and home(key) in found:
                    found[home(key)] |= mentioned(items, known)
        for path, other in self.managed or ():
            found[path].add(other)
        return found


@dataclass(slots=True)
class Asked:
    """What judging asked for, by one or several processes; the fields are those of ``Record``."""

    read: frozenset[Key]
    managed: Pairs | None
    changing: Pairs | None
    loggers: Pairs | None
    attributes: frozenset[str]
    importers: frozenset[str]
    is_plain: bool
    """Whether no module was loaded while judging, and all else is as records can tell it."""

    @classmethod
    def of(cls, run: Run, notes: Notes, loaded: frozenset[str]) -> Asked:
        """What was asked for in this process."""
        project = run.project
        assert project is not None
        simple = not notes.is_late and not project.ev.homes
        return cls(
            frozenset(notes.asked),
            frozenset(notes.managed) if project.cleanups.has_looked else None,
            frozenset(notes.changing) if project.has_looked_for_changes else None,
            frozenset(notes.registering) if notes.asked_loggers else None,
            frozenset(notes.attributes),
            frozenset(notes.importers),
            simple and paths_of(project) == loaded,
        )

    def with_(self, other: Asked | None) -> Asked:
        """What was asked for in this process or in another one."""
        if other is None:
            return self
        return Asked(
            self.read | other.read,
            _either(self.managed, other.managed),
            _either(self.changing, other.changing),
            _either(self.loggers, other.loggers),
            self.attributes | other.attributes,
            self.importers | other.importers,
            self.is_plain and other.is_plain,
        )


def _either(one: Pairs | None, other: Pairs | None) -> Pairs | None:
    return one | other if one is not None and other is not None else one if other is None else other


class Noted(Run):
    """A run of which notes are taken."""

    notes: Notes
    asked: Asked | None = None
    mattered: frozenset[str] = frozenset()
    seeds: tuple[str, ...] = ()
    loaded: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = {}

    def link(self, kinds: Mapping[Found, str]) -> None:
        """Link files, and note which they are."""
        self.kinds = {one.file.as_posix(): kind for one, kind in kinds.items()}
        super().link(kinds)
        if self.project is not None:
            self.loaded = paths_of(self.project)
            self.notes.linked()

    def noted(self) -> Asked | None:
        """What judging asked for in this process."""
        return Asked.of(self, self.notes, self.loaded) if self.project is not None else None

    def hear(self, noted: Asked | None) -> None:
        """Take what judging asked for in a process."""
        self.asked = noted.with_(self.asked) if noted is not None else self.asked

    def _project(self, seeds: Sequence[str]) -> Project:
        project = super()._project(seeds)
        self.seeds = tuple(seeds)
        self.notes = project.ev.solver.notes = Notes()
        return project

    def _matters(self, one: Found, names: Sequence[str], handlers: Sequence[str], project: Project) -> bool:
        matters = super()._matters(one, names, handlers, project)
        if matters:
            self.mattered |= {one.file.as_posix()}
        return matters

    def record(self) -> Record | None:
        """What is to be kept of the run when it is over; None where that wouldn't say enough."""
        project, asked = self.project, self.asked
        if project is None or asked is None or not asked.is_plain or self.counting or self.context:
            return None
        if any(settings.baseline is not None for settings in self.settings.values()):
            return None
        imported = {module.path: imports(project, module) for module in project.modules.loaded()}
        holds = any(one[1] for one in imported.values())
        return Record(
            {key: one.path for key, one in self.linted.items()},
            dict(self.kinds),
            self.parsed,
            frozenset(self.files.tests),
            self.seeds,
            self.mattered,
            self.loaded,
            frozenset(project.modules.missing()),
            tuple(self.providers),
            tuple(project.handler_modules()) if self.files.tests else None,
            {path: project.tests.offers(path) for path in sorted(self.loaded) if is_conftest(path)},
            {path: one[0] | (spoken(self, path, self.loaded) if holds else set()) for path, one in imported.items()},
            holds,
            self.notes.given(),
            asked.read,
            asked.managed,
            asked.changing,
            asked.loggers,
            {module.path: reads(module) for module in project.modules.loaded()} if asked.attributes else None,
            asked.attributes,
            asked.importers,
        )


def paths_of(project: Project) -> frozenset[str]:
    """The modules that are loaded."""
    return frozenset(module.path for module in project.modules.loaded())


def reads(module: Module) -> frozenset[str]:
    """The names of the attributes that a module reads."""
    exprs = (read.expr for function in module.functions for read in function.reads)
    return frozenset(str(expr[2]) for expr in exprs if expr is not None and expr[0] == f.ATTR)


def imports(project: Project, module: Module) -> tuple[frozenset[str], bool]:
    """The modules that a module imports, with the packages above them, and the ``conftest.py`` beside tests; and
    whether it holds a package as a whole, whose submodules then stand behind attributes."""
    modules = project.modules
    found: set[str] = set()
    holds = bool(module.stars)
    bound = [value for function in module.functions for many in function.bindings.values() for value in many]
    for value in (*module.stars, *bound):
        if value is None or value[0] not in (f.IMPORT, f.FROM):
            continue  # most of them
        while value is not None and value[0] == f.FROM:
            value = value[2]
        if value is None or value[0] != f.IMPORT:
            continue
        _, level, dotted, name = value
        parts = dotted.split(".") if dotted else []
        prefixes = [".".join(parts[:end]) for end in range(1 if parts else 0, len(parts) + 1)]
        places = [place for place in (modules.find(module.path, level, prefix) for prefix in prefixes) if place]
        inner = modules.submodule(places[-1], name) if places and name not in ("", "*") else None
        found.update(place for place in (*places, inner) if place is not None)
        held = inner if name else places[0] if places else None
        holds = holds or (held is not None and not _is_plain(held))
    if project.tests.kind(module.path):
        found.update(modules.beside(module.path, "conftest.py"))
    return frozenset(place for place in found - {module.path} if place.endswith(".py")), holds


def spoken(run: Run, path: str, loaded: Iterable[str]) -> set[str]:
    """The modules whose names stand anywhere in a module, which may get them as attributes of a package."""
    words = set(_WORD.findall(run.files.sources[path].text))
    # Names beyond ASCII may be written in several ways.
    return {one for one in loaded if one != path and ((name := name_of(one)) in words or not name.isascii())}


def name_of(path: str) -> str:
    """The name under which a module is imported, without its packages."""
    place = PurePosixPath(path)
    return place.parent.name if place.stem == "__init__" else place.stem


def is_conftest(path: str) -> bool:
    """Whether a file holds fixtures for the tests beside it."""
    return PurePosixPath(path).name == "conftest.py"


def _is_plain(path: str) -> bool:
    """Whether a path is that of a module which is no package."""
    return path.endswith(".py") and not path.endswith("/__init__.py")


def reached(edges: Mapping[str, Iterable[str]], starts: Iterable[str]) -> set[str]:
    """Everything that edges lead to, the starts included."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += edges.get(one, ())
    return found


def turned(edges: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """The same edges the other way round."""
    found: dict[str, set[str]] = defaultdict(set)
    for one, others in edges.items():
        for other in others:
            found[other].add(one)
    return found
