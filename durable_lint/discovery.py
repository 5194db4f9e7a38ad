"""From the paths that were given to the Python files below them, in one order whatever the file system says."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from durable_lint import observed
from durable_lint.model import Problem
from durable_lint.paths import Patterns, display, relative
from durable_lint.records import dataclass, replace

SUFFIXES = (".py", ".pyw")
"""How the name of a Python file ends."""

SKIPPED_DIRECTORIES = frozenset(
    (
        ".eggs",
        ".git",
        ".hg",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".tox",
        ".venv",
        "__pycache__",
        "node_modules",
        "site-packages",
        "venv",
    )
)
"""Directories that are never walked into unless they are given themselves, as is any that holds a ``pyvenv.cfg``."""


@dataclass(frozen=True, slots=True)
class Found:
    """A Python file: where it is (absolute), and how it is shown."""

    file: Path
    path: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files, each once and sorted by ``path``; what went wrong; and what may be worth saying."""

    files: tuple[Found, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def mentions(data: bytes, roots: Iterable[bytes]) -> bool:
    """Whether any of the names of packages occurs in the bytes of a file."""
    return any(root in data for root in roots)


def discover(
    paths: Sequence[str],
    *,
    cwd: Path,
    excludes: Callable[[Path], Sequence[Patterns]] = lambda directory: (),
    force_exclude: bool = False,
) -> Discovery:
    """The Python files that are given or lie below the given directories; never raises for what the file system holds.

    ``cwd`` is absolute; ``excludes`` gives the patterns that hold for the entries of an absolute directory. A path
    that is given is taken though it is excluded, unless ``force_exclude``. The ``.gitignore`` files below a given
    directory count, and in a git repository those above it and ``.git/info/exclude``. Directories are walked once.
    """
    walk = _Walk(cwd, excludes, force_exclude)
    for path in paths:
        walk.take(path)
    walk.follow_links()
    found = walk.found()
    problems = sorted(set(walk.problems), key=lambda problem: problem.sort_key)
    notes = [*walk.notes, *(f"no Python files under {walk.shown(start)}" for start in walk.empty)]
    return Discovery(tuple(found), tuple(problems), tuple(dict.fromkeys(notes)))


@dataclass(frozen=True, slots=True)
class _Directory:
    """A directory to walk: as it was reached (``path``, absolute), as it is (``real``), and the ignore files for it.

    ``start`` is the given directory below which it lies; patterns that match it are void, or it would be empty.
    """

    path: str
    real: str
    start: str
    ignores: tuple[Patterns, ...]


class _Walk:
    """One discovery. Links wait until all else is walked, so that a file is shown where it really is if it can be."""

    def __init__(self, cwd: Path, excludes: Callable[[Path], Sequence[Patterns]], force_exclude: bool) -> None:
        self.files: dict[str, Found] = {}  # by real path
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.empty: dict[str, None] = {}  # given directories in which nothing was found yet, in order
        self._cwd = os.fspath(cwd)
        self._excludes = excludes
        self._force_exclude = force_exclude
        self._visited: set[str] = set()
        self._links: list[tuple[_Directory, str]] = []
        self._ignore_files: dict[str, Patterns | None] = {}
        self._narrowed: dict[tuple[Patterns, str], Patterns] = {}

    def shown(self, path: str) -> str:
        return display(path, self._cwd)

    def take(self, given: str) -> None:
        """Add what one argument stands for."""
        try:
            path = self._absolute(given)
            is_directory = stat.S_ISDIR(Path(path).stat().st_mode)
            observed.kind(path)
        except FileNotFoundError:
            self._report("missing", given, f'there is no file or folder "{display(given, self._cwd)}"')
        except (OSError, ValueError) as error:
            self._report("unreadable", given, f"can't be read: {_reason(error)}")
        else:
            if self._force_exclude and self._is_excluded(path, is_directory):
                self.notes.append(f"{self.shown(path)} is excluded")
            elif is_directory:
                self.empty[path] = None
                ignores = tuple(one.without(path) for one in self._ignores_above(path))
                self._walk(_Directory(path, observed.real_path(path), path, ignores))
            elif path.endswith(SUFFIXES):
                self._add(path, observed.real_path(path), None)
            else:
                self._report("usage", path, f"not a Python file: its name must end in {' or '.join(SUFFIXES)}")

    def follow_links(self) -> None:
        """Add what the links stand for that were met on the way, and those behind them."""
        while self._links:
            waiting, self._links = self._links, []
            for parent, path in waiting:
                real = observed.real_path(path)
                if not Path(real).is_dir():
                    self._add(path, real, parent.start)
                elif relative(parent.real, real) is None:  # else it leads back to where we come from
                    self._walk(_Directory(path, real, parent.start, parent.ignores))

    def found(self) -> list[Found]:
        """The files in their order; of two that are shown alike, as ``a\\xff.py`` may be, findings can't tell which."""
        told: list[Found] = []
        for one in sorted(self.files.values(), key=lambda one: (one.path, str(one.file))):
            if told and told[-1].path == one.path:
                self._report("unreadable", str(one.file), "another file is shown by the same name: rename one of them")
            else:
                told.append(one)
        return told

    def _absolute(self, given: str) -> str:
        if not given:
            raise ValueError("the path is empty")
        path = Path(self._cwd, given)
        return observed.real_path(path) if ".." in path.parts else os.path.normpath(path)

    def _report(self, kind: str, path: str, message: str) -> None:
        self.problems.append(Problem(kind, self.shown(path), message))

    def _add(self, path: str, real: str, start: str | None) -> None:
        self.files.setdefault(real, Found(Path(path), self.shown(path)))
        if start is not None:
            self.empty.pop(start, None)

    def _walk(self, top: _Directory) -> None:
        waiting = [top]
        while waiting:
            directory = waiting.pop()
            if directory.real in self._visited:
                self.empty.pop(directory.start, None)  # it was counted for another argument
                continue
            self._visited.add(directory.real)
            waiting += reversed(self._enter(directory))

    def _enter(self, directory: _Directory) -> list[_Directory]:
        """Add the files of a directory, put its links off, and give the directories in it that are to be walked."""
        try:
            listed = observed.list_folder(directory.path)
        except OSError as error:
            self._report("unreadable", directory.path, f"can't be read: {_reason(error)}")
            return []
        names = {entry.name for entry in listed}
        if "pyvenv.cfg" in names and directory.path != directory.start:
            return []
        own = self._ignore_file(Path(directory.path), ".gitignore") if ".gitignore" in names else None
        here = directory if own is None else replace(directory, ignores=(*directory.ignores, own))
        excludes = [self._narrow(one, here.start) for one in self._excludes(Path(here.path))]
        inner: list[_Directory] = []
        for entry in listed:
            is_directory = self._is_directory(entry)
            if is_directory is None or _matches(entry.path, is_directory, excludes, here.ignores):
                continue
            real = os.path.join(here.real, entry.name)
            if entry.is_symlink():
                self._links.append((here, entry.path))
            elif is_directory:
                inner.append(_Directory(entry.path, real, here.start, here.ignores))
            else:
                self._add(entry.path, real, here.start)
        return inner

    def _is_directory(self, entry: os.DirEntry[str]) -> bool | None:
        """Whether an entry is a directory to walk (True) or a Python file (False); None for all else."""
        is_python = entry.name.endswith(SUFFIXES)
        try:
            mode = entry.stat().st_mode if entry.is_symlink() else _type_of(entry)
        except OSError as error:
            if is_python:
                self.notes.append(f"{self.shown(entry.path)} is a link that can't be followed: {_reason(error)}")
            return None
        if stat.S_ISDIR(mode):
            return None if entry.name in SKIPPED_DIRECTORIES else True
        if is_python and not stat.S_ISREG(mode):
            self.notes.append(f"{self.shown(entry.path)} is not a regular file and was not opened")
            return None
        return False if is_python else None

    def _narrow(self, patterns: Patterns, start: str) -> Patterns:
        key = (patterns, start)
        if key not in self._narrowed:
            self._narrowed[key] = patterns.without(start)
        return self._narrowed[key]

    def _is_excluded(self, path: str, is_directory: bool) -> bool:
        below = relative(path, self._cwd)
        parts = Path(below or path).parts
        if not SKIPPED_DIRECTORIES.isdisjoint(parts if is_directory else parts[:-1]):
            return True
        return _matches(path, is_directory, self._excludes(Path(path).parent), self._ignores_above(path))

    def _ignores_above(self, path: str) -> tuple[Patterns, ...]:
        """The ignore files above a path up to its repository's root, those that win last; none outside of one."""
        above = Path(path).parents
        repository = next((place for place in (Path(path), *above) if observed.kind(place / ".git")), None)
        if repository is None:
            return ()
        places = [place for place in reversed(above) if relative(os.fspath(place), os.fspath(repository)) is not None]
        found = [self._ignore_file(repository, ".git/info/exclude")]
        found += [self._ignore_file(place, ".gitignore") for place in places]
        return tuple(one for one in found if one is not None)

    def _ignore_file(self, directory: Path, name: str) -> Patterns | None:
        """The patterns in a file that hold from ``directory`` on, or None; one that can't be read is reported."""
        file = os.fspath(directory / name)
        if file not in self._ignore_files:
            self._ignore_files[file] = None
            try:
                text = observed.read_bytes(file).decode("utf-8-sig", "surrogateescape")
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError as error:
                self._report("unreadable", file, f"can't be read: {_reason(error)}")
            else:
                lines = tuple(line.removesuffix("\r") for line in text.split("\n"))
                self._ignore_files[file] = Patterns(os.fspath(directory), lines)
        return self._ignore_files[file]


def _type_of(entry: os.DirEntry[str]) -> int:
    """What an entry that is no link is, as the bits of a mode; the listing tells it without a question."""
    if entry.is_dir(follow_symlinks=False):
        return stat.S_IFDIR
    return stat.S_IFREG if entry.is_file(follow_symlinks=False) else 0


def _matches(path: str, is_directory: bool, excludes: Iterable[Patterns], ignores: Sequence[Patterns]) -> bool:
    if any(one.check(path, directory=is_directory) for one in excludes):
        return True
    verdicts = (one.check(path, directory=is_directory) for one in reversed(ignores))
    return next((verdict for verdict in verdicts if verdict is not None), False)


def _reason(error: OSError | ValueError) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
