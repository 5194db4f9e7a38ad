"""Which file an import means: Python's rules, without importing anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from durable_lint import observed
from durable_lint.index.facts import Module

_INSTALLED = ("site-packages", "dist-packages")

Loader = Callable[[str], Module | None]


class Modules:
    """The modules of the project, loaded when something asks for them.

    Paths are absolute, with ``/``; ``load`` reads and indexes one file, or gives None when it can't be read.
    ``roots`` are the directories that imports are looked up in after those of the importing file; folders above a file
    count as far up as the first of them that holds it.
    """

    def __init__(self, load: Loader, roots: Iterable[str], known: Iterable[str] = ()) -> None:
        self._load = load
        self._roots = tuple(roots)
        self._modules: dict[str, Module | None] = {}
        self._known = frozenset(known)
        self._found: dict[tuple[str, int, str], str | None] = {}
        self._is_file = lru_cache(maxsize=None)(observed.is_file)
        self._is_dir = lru_cache(maxsize=None)(observed.is_folder)
        self._bases = lru_cache(maxsize=None)(self._lookup_bases)

    def get(self, path: str) -> Module | None:
        """The facts of a module; None when it can't be read."""
        if path not in self._modules:
            self._modules[path] = None
            self._modules[path] = self._load(path)
        return self._modules[path]

    def loaded(self) -> list[Module]:
        """Every module that was asked for, sorted by path."""
        return [module for _, module in sorted(self._modules.items()) if module is not None]

    def missing(self) -> list[str]:
        """The modules that were asked for and couldn't be read, sorted."""
        return sorted(path for path, module in self._modules.items() if module is None)

    def find(self, importer: str, level: int, name: str) -> str | None:
        """The file or package folder that ``import name`` or ``from ..name`` means in a file, if it is a project's."""
        key = (importer.rpartition("/")[0] or "/", level, name)
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def _find(self, folder: str, level: int, name: str) -> str | None:
        parts = name.split(".") if name else []
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._below(folder, parts)
        if not parts or parts[0] in sys.stdlib_module_names:
            return None
        for base in self._bases(folder):
            found = self._below(base, parts)
            if found is not None and not self._is_installed(found, folder, parts[0]):
                return found
        return None

    @staticmethod
    def _is_installed(found: str, folder: str, name: str) -> bool:
        """Whether a module is an installed package other than the importer's own: that is outside the project."""
        return any(f"/{kind}/" in found and f"/{kind}/{name}/" not in f"{folder}/" for kind in _INSTALLED)

    def beside(self, path: str, name: str) -> list[str]:
        """The files of a name in the folder of a file and in those above it, up to the first root, nearest first."""
        folders = [str(folder) for folder in PurePosixPath(path).parents]
        top = next((at for at, folder in enumerate(folders) if folder in self._roots), 0)
        places = [f"{folder}/{name}" for folder in folders[: top + 1]]
        return [place for place in places if place != path and (place in self._known or self._is_file(place))]

    def submodule(self, path: str, name: str) -> str | None:
        """The module ``name`` inside a package, given as its ``__init__`` file or its folder."""
        if path.endswith(".py"):
            if os.path.basename(path) != "__init__.py":
                return None
            path = os.path.dirname(path)
        return self._below(path, [name])

    def _below(self, folder: str, parts: list[str]) -> str | None:
        place = os.path.join(folder, *parts) if parts else folder
        place = place.replace(os.sep, "/")
        for candidate in ([f"{place}.py"] if parts else []) + [f"{place}/__init__.py" if place else "__init__.py"]:
            if candidate in self._known or self._is_file(candidate):
                return candidate
        return place if self._is_dir(place or ".") and self._has_python(place) else None

    def _has_python(self, folder: str, depth: int = 4) -> bool:
        """Whether a folder without ``__init__.py`` can be a namespace package: modules lie in it or below."""
        try:
            names = [entry.name for entry in observed.list_folder(folder)]
        except OSError:
            return False
        if any(name.endswith(".py") for name in names):
            return True
        inner = [f"{folder}/{name}" for name in sorted(names) if name.isidentifier()] if depth else []
        return any(self._is_dir(place) and self._has_python(place, depth - 1) for place in inner)

    def _lookup_bases(self, folder: str) -> tuple[str, ...]:
        """Where absolute imports of files in a folder start: above its package, at the roots, in the folders above."""
        top = folder
        while self._is_file(os.path.join(top, "__init__.py")) and os.path.dirname(top) != top:
            top = os.path.dirname(top)
        above = [str(parent) for parent in PurePosixPath(top).parents]
        inside = [base for base in above if any(base == root or base.startswith(f"{root}/") for root in self._roots)]
        return tuple(dict.fromkeys([top, *self._roots, *inside]))
