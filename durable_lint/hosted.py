"""Judges one file after the other for a tool that hands over one at a time, each within its whole project.

What a helper does wrong shows only where a handler calls it: so the project is read and linked once in each process,
and then asked about one file. The text that the tool hands over wins over the file on the disk.
"""

from __future__ import annotations

import io
import os
import re
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from durable_lint import observed
from durable_lint.config import ConfigError, Overrides, SettingsFinder
from durable_lint.config_file import FILE_NAMES
from durable_lint.console import bug
from durable_lint.discovery import SUFFIXES, discover
from durable_lint.engine import Run, profiles, rules
from durable_lint.model import Diagnostic, Problem
from durable_lint.paths import display
from durable_lint.records import dataclass
from durable_lint.report import visible
from durable_lint.source import SourceError, decode, read_bytes
from durable_lint.workspace import collector_off

TROUBLE = "DUR000"
"""The code of what is no finding: why a file can't be judged, or not fully."""

TROUBLE_NAME = "not-judged"

MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini")
"""Files that stand in the folder of a project."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What to say of a line: line and column from 1, the column in code points; the message is one line of text."""

    line: int
    column: int
    code: str
    name: str
    message: str


class Host:
    """Answers for the files of one run of another tool; ``named`` are codes of rules that the tool asks for.

    Of those, the ones that are off by default are turned on. Without ``noqa`` such comments are left to the other tool.
    """

    def __init__(self, named: Sequence[str] = (), *, noqa: bool = False) -> None:
        off = {rule.code for rule in rules() if rule.default is None}
        self._overrides = Overrides(extend_select=tuple(sorted(off.intersection(named))))
        self._noqa = noqa
        self._projects: dict[Path, _Project] = {}

    def remarks(self, filename: str, text: str) -> list[Remark]:
        """What is found in a text that stands for a file, which need not exist; never raises."""
        try:
            return sorted(self._remarks(filename, text), key=lambda one: (one.line, one.column, one.code, one.message))
        except Exception as error:
            return [_trouble(bug(error), 1, "")]

    def _remarks(self, filename: str, text: str) -> Iterator[Remark]:
        cwd = Path.cwd()
        file = Path(os.path.abspath(filename))  # noqa: PTH100 - resolve() would follow links
        finder = SettingsFinder(self._overrides, rules(), profiles(), cwd)
        try:
            root = _root(file.parent, cwd, finder)
        except ConfigError as error:
            yield _trouble(error.problem, 1, error.problem.path)
            return
        with collector_off():
            project = self._project(root)
            run, key = project.run, file.as_posix()
            try:
                run.profiles.of(run.finder.settings_for(file).profiles)
                unchanged = _is_on_disk(file, text)
            except ConfigError as error:
                yield _trouble(error.problem, 1, _shown(error.problem.path, root, cwd))
                return
            except SourceError as error:
                yield _trouble(error.problem, error.problem.line or 1, "")
                return
            if not unchanged or key not in run.linted:
                if _is_excluded(key, run):
                    return
                run = Run(self._overrides, root, noqa=self._noqa)
                run.read((), _encoded(text), display(file, root), context=[os.fspath(root)])
            own = run.linted[key].path if key in run.linted else ""
            for diagnostic in run.judge(key):
                yield _remark(diagnostic, root, cwd)
        for problem in run.files.problems:
            if problem.path == own:
                yield _trouble(problem, problem.line or 1, "")
            elif _concerns(problem, text):
                yield _trouble(problem, 1, _shown(problem.path, root, cwd))

    def _project(self, root: Path) -> _Project:
        project = self._projects.get(root)
        if project is None or not project.is_fresh():
            project = self._projects[root] = _Project(Run(self._overrides, root, noqa=self._noqa))
        return project


class _Project:
    """A project as it was when it was read; it is read again when one of its files has changed."""

    def __init__(self, run: Run) -> None:
        self.run = run
        run.read([os.fspath(run.cwd)])
        read = {*self.run.linted, *self.run.files.sources}
        folders = {folder for path in read for folder in PurePosixPath(path).parents}
        settings = {f"{folder}/{name}" for folder in folders for name in FILE_NAMES}
        self._stamps = {path: _stamp(path) for path in sorted(read | settings)}

    def is_fresh(self) -> bool:
        """Whether every file that was read, and every file of settings, is as it was."""
        return all(_stamp(path) == stamp for path, stamp in self._stamps.items())


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked for each file of a project each time
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _root(folder: Path, cwd: Path, finder: SettingsFinder) -> Path:
    """The folder of the project that an absolute folder belongs to; ConfigError when its settings can't be used.

    It is that of the nearest settings, else the root of the git repository, else the nearest with a project's file,
    else the working directory. The user's home, and what lies above it, is one only if it is the working directory
    and says so by such a file: all that a user has would be read.
    """
    settings = finder.settings_in(folder)
    if settings.path is not None:
        return settings.root
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - unlike Path.home it takes a user without one
    private = {home, *home.parents}
    above = [place for place in (folder, *folder.parents) if place not in private or place == cwd]
    for names in ((".git",), MARKERS):
        for place in above:
            if any(os.path.lexists(place / name) for name in names):
                return place
    return cwd if cwd in above and cwd not in private else folder


def _is_on_disk(file: Path, text: str) -> bool:
    """Whether a text is what a file holds, but for line ends. SourceError when it is, and can't be decoded."""
    try:
        data = read_bytes(file, file.name, limit=observed.LARGEST)
    except SourceError:
        return False
    try:
        return _lines(decode(data, file.name).text) == _lines(text)
    except SourceError:
        if _lines(data.decode("latin-1")) == _lines(text):  # as flake8 reads what can't be decoded
            raise
        return False


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _is_excluded(key: str, run: Run) -> bool:
    """Whether the project's settings or ignore files leave an existing Python file out."""
    if not key.endswith(SUFFIXES):
        return False
    found = discover([key], cwd=run.cwd, excludes=run.finder.excludes, force_exclude=True)
    return not found.files and not found.problems


def _encoded(text: str) -> bytes:
    """The bytes of a text in the encoding that it declares, or UTF-8."""
    data = text.encode("utf-8", "surrogatepass")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return text.encode(encoding)
    except (SyntaxError, UnicodeError):
        return data


def _concerns(problem: Problem, text: str) -> bool:
    """Whether a problem of another file leaves a text not fully judged: it isn't one of Python files, or names it."""
    path = PurePosixPath(problem.path)
    if problem.kind == "configuration":
        return False  # it concerns the files that it holds for, and is said there
    if path.suffix not in SUFFIXES:
        return True
    module = path.parent.name if path.stem == "__init__" else path.stem
    return re.search(rf"\b{re.escape(module)}\b", text) is not None


def _remark(found: Diagnostic, root: Path, cwd: Path) -> Remark:
    hops = "".join(
        f" -> {_shown(hop.location.path, root, cwd)}:{at.line}:{at.column} {hop.message}"
        for hop in found.related
        for at in [hop.location.start]
    )
    return Remark(found.line, found.column, found.code, found.name, visible(found.message + hops))


def _trouble(problem: Problem, line: int, path: str) -> Remark:
    """The remark for a problem; ``path`` is empty when the problem is one of the file itself."""
    place = f"{path}:{problem.line}: " if path and problem.line else f"{path}: " if path else ""
    message = visible(f"not judged, or not fully: {place}{problem.message} ({problem.kind})")
    return Remark(line, 1, TROUBLE, TROUBLE_NAME, message)


def _shown(path: str, root: Path, cwd: Path) -> str:
    """A path that is relative to the project as it is seen from the working directory."""
    return display(os.path.normpath(root / path), cwd) if path else ""
