"""From paths to pictures: lint, choose the workflows that are meant, draw them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from durable_lint.config import Overrides
from durable_lint.engine import Run
from durable_lint.graph.builder import Builder
from durable_lint.graph.findings import by_file
from durable_lint.graph.model import Picture
from durable_lint.graph.trees import Trees
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.model import Problem, RunResult
from durable_lint.paths import display
from durable_lint.records import dataclass
from durable_lint.workspace import collector_off

_NAMED = re.compile(r"(?P<path>.+):(?P<name>[^\W\d]\w*(?:\.\w+)*)")


class UnknownWorkflow(Exception):
    """No workflow of the name that was given; the text lists those that there are."""


@dataclass(frozen=True)
class Drawn:
    """The pictures, and why they can't be fully trusted."""

    pictures: tuple[Picture, ...]
    problems: tuple[Problem, ...]


def split(target: str, cwd: Path) -> tuple[str, str]:
    """``PATH[:handler]`` as path and name; a path that exists as it stands has no name in it."""
    named = _NAMED.fullmatch(target)
    if named is None or (cwd / target).exists():
        return target, ""
    return named["path"], named["name"]


def draw(target: str, overrides: Overrides, cwd: Path) -> Drawn:
    """The pictures of the workflows that are meant. Raises UnknownWorkflow, and ConfigError for unusable settings."""
    path, name = split(target, cwd)
    with collector_off():
        drawing = _Drawing([path], overrides, cwd)
        given = set(drawing.run.linted)
        pictures = drawing.pictures(given, name)
        # Findings are reported for the files that are given only: give those that the pictures lead to as well.
        further = sorted(set(drawing.trees.paths()) - given) if drawing.trees is not None else []
        if further:
            drawing = _Drawing([path, *further], overrides, cwd)
            pictures = drawing.pictures(given, name)
    return Drawn(tuple(pictures), drawing.result.problems)


class _Drawing:
    """One run, and what can be drawn of it."""

    def __init__(self, paths: Sequence[str], overrides: Overrides, cwd: Path) -> None:
        self.cwd = cwd
        self.run = Run(overrides, cwd)
        self.result: RunResult = self.run.lint(paths, None, "<stdin>")
        self.project = self.run.project
        self.trees = Trees(self.project, self.run.files.sources.get) if self.project is not None else None

    def pictures(self, keys: set[str], name: str) -> list[Picture]:
        """The pictures of the workflows in these files, by file and place; with a name only those that have it."""
        if self.project is None or self.trees is None:
            return []
        chosen = self._chosen(self.project, keys, name)
        files = {display(key, self.cwd): key for key in sorted(self.run.files.sources)}
        builder = Builder(self.project, self.trees, by_file(self.result.diagnostics, files))
        return [builder.picture(fid) for fid in chosen]

    def _chosen(self, project: Project, keys: set[str], name: str) -> list[FunctionId]:
        handlers = [fid for fid in _functions(project, keys) if "handler" in project.regions.modes(fid)]
        if not name:
            return handlers
        every = handlers + [fid for fid in _functions(project, keys) if project.kinds(fid) and fid not in handlers]
        found = [fid for fid in every if name in (project.ev.function(fid).qualname, project.ev.function(fid).name)]
        if not found:
            names = [project.ev.function(fid).qualname for fid in handlers]
            there = f"there {'are' if len(names) > 1 else 'is'} {', '.join(names)}" if names else "there is none at all"
            raise UnknownWorkflow(f'there is no handler "{name}"; {there}')
        return found


def _functions(project: Project, keys: set[str]) -> list[FunctionId]:
    """The functions of the files, by file and place."""
    modules = [module for module in project.modules.loaded() if module.path in keys]
    return [
        (module.path, function.index) for module in modules for function in module.functions if function.kind == "def"
    ]
