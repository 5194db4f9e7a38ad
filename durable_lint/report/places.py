"""The paths of a result as another folder sees them: services that show findings want those of the repository."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from durable_lint.model import Diagnostic, Edit, Fix, Hop, Location, Problem, RunResult
from durable_lint.records import replace

_ABSOLUTE = re.compile(r"/|[A-Za-z]:[/\\]")


def repository(directory: Path) -> Path:
    """The nearest folder at or above an absolute directory that holds ``.git``, or else the directory itself."""
    return next((folder for folder in (directory, *directory.parents) if (folder / ".git").exists()), directory)


def is_absolute(path: str) -> bool:
    """Whether a path of a result is absolute, on any system."""
    return _ABSOLUTE.match(path) is not None


def seen_from(result: RunResult, directory: Path, root: Path) -> RunResult:
    """The result of a run in ``directory`` with all paths below ``root`` relative to that; both are absolute."""
    if directory == root:
        return result
    move = _Move(directory.as_posix(), root.as_posix())
    return replace(
        result,
        diagnostics=tuple(map(move.diagnostic, result.diagnostics)),
        problems=tuple(map(move.problem, result.problems)),
        lines={(move.path(path), line): text for (path, line), text in result.lines.items()},
    )


class _Move:
    def __init__(self, directory: str, root: str) -> None:
        self.directory = directory
        self.root = root.rstrip("/") + "/"

    def path(self, path: str) -> str:
        whole = posixpath.normpath(path if is_absolute(path) else posixpath.join(self.directory, path))
        return whole.removeprefix(self.root)

    def location(self, place: Location) -> Location:
        return replace(place, path=self.path(place.path))

    def diagnostic(self, found: Diagnostic) -> Diagnostic:
        related = tuple(map(self.hop, found.related))
        return replace(found, location=self.location(found.location), related=related, fix=self.fix(found.fix))

    def hop(self, hop: Hop) -> Hop:
        return replace(hop, location=self.location(hop.location))

    def fix(self, fix: Fix | None) -> Fix | None:
        return replace(fix, edits=tuple(map(self.edit, fix.edits))) if fix is not None else None

    def edit(self, edit: Edit) -> Edit:
        return replace(edit, location=self.location(edit.location)) if edit.location is not None else edit

    def problem(self, problem: Problem) -> Problem:
        return replace(problem, path=self.path(problem.path)) if problem.path else problem
